"""Theories as tables of plain values, for specs and files: their kinds and their options."""

from __future__ import annotations

import dataclasses
import re
import typing
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .. import theories
from ..errors import FileFormatError, WignernessError

if TYPE_CHECKING:
    from .faults import Faults

__all__ = ["THEORIES", "read_theory", "theory_from_table", "theory_to_table"]

THEORIES: dict[str, Any] = {
    re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower(): getattr(theories, name)
    for name in theories.__all__
    if dataclasses.is_dataclass(getattr(theories, name)) and hasattr(getattr(theories, name), "refusal")
}

# What stands for a theory in time, where something does.
_IN_TIME = {
    "global": "; in Python, theories.Global().equivalent(network) runs in time",
    "mesoscopic_leads": "; in Python, theories.MesoscopicLeads().network_of(network) runs in time",
}


def options_of(kind: str) -> dict[str, Any]:
    """The options of a kind of theory that a file can say, each with its type: bool, int, float or str.

    Examples
    --------
    >>> options_of("global"), options_of("local")
    ({'secular_width': <class 'float'>}, {})
    """
    found = {}
    hints = typing.get_type_hints(THEORIES[kind])
    for field in dataclasses.fields(THEORIES[kind]):
        parts = set(typing.get_args(hints[field.name]) or (hints[field.name],)) - {type(None)}
        if len(parts) == 1 and (plain := parts.pop()) in (bool, int, float, str):
            found[field.name] = plain
    return found


def theory_to_table(theory: Any) -> dict[str, Any]:
    """Return the kind of a theory and those of its options that are not the default.

    Raises
    ------
    FileFormatError
        If it is none of this library, or has an option that a file cannot hold.

    Examples
    --------
    >>> theory_to_table(theories.Global(secular_width=0.5))
    {'kind': 'global', 'secular_width': 0.5}
    """
    kind = next((word for word, form in THEORIES.items() if type(theory) is form), None)
    if kind is None:
        raise FileFormatError(f"a file cannot hold the theory {theory!r}: only {', '.join(THEORIES)}")
    default = THEORIES[kind]()
    fields = [field.name for field in dataclasses.fields(theory)]
    said = {name: getattr(theory, name) for name in fields if getattr(theory, name) != getattr(default, name)}
    if strange := said.keys() - options_of(kind).keys():
        raise FileFormatError(f"a file cannot hold `{min(strange)}` of the theory {theory!r}")
    return {"kind": kind} | said


def theory_from_table(table: Mapping[str, Any]) -> Any:
    """Return the theory that `theory_to_table` wrote down.

    Raises
    ------
    FileFormatError
        If it is of no kind that there is, or has other options.

    Examples
    --------
    >>> theory_from_table({"kind": "redfield", "lamb_shift": True})
    Redfield(lamb_shift=True)
    """
    options = {name: value for name, value in table.items() if name != "kind"}
    form = THEORIES.get(table.get("kind", ""))
    if form is None or not options.keys() <= options_of(table["kind"]).keys():
        raise FileFormatError(f"there is no theory of the form {dict(table)!r}")
    return form(**options)


def read_theory(document: Mapping[str, Any], faults: Faults) -> Any:
    """Return the theory that a spec asks for, the local one by default; None after noting its faults."""
    table = document.get("theory")
    if not isinstance(table, dict):
        return theories.Local()
    kind = table.get("kind")
    if not isinstance(kind, str) or kind not in THEORIES:
        return None  # noted with the whole document
    for key in sorted(table.keys() & _every_option().keys() - options_of(kind).keys()):
        faults.add(("theory", key), f"does not belong to a theory of the kind `{kind}`")
    if kind != "local":
        _check_beside(document, faults)
    if faults.has("theory"):
        return None
    try:
        return THEORIES[kind](**{name: value for name, value in table.items() if name != "kind"})
    except (WignernessError, TypeError) as error:
        faults.add(("theory",), str(error))
        return None


def _check_beside(document: Mapping[str, Any], faults: Faults) -> None:
    """Other sections know the local master equation only."""
    kind, solver = document["theory"]["kind"], document.get("solver")
    beside = f"but `theory.kind` is `{kind}`: leave one of the two out"
    if isinstance(solver, dict) and solver.get("kind", "auto") != "auto":
        faults.add(("solver", "kind"), f"belongs to the local master equation, {beside}")
    if "evolve" in document:
        faults.add(("evolve",), f"is a run by the local master equation, {beside}{_IN_TIME.get(kind, '')}")


def _every_option() -> dict[str, Any]:
    return {name: plain for kind in THEORIES for name, plain in options_of(kind).items()}
