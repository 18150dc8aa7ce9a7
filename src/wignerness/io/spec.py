"""TOML specs: a text that describes a network and what to compute, and its way there and back."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..dynamics.quantities import QUANTITIES
from ..dynamics.steady import steady_state
from ..errors import MissingExtraError, SpecError
from ..network import Network
from ..solvers import ADI, Auto, Banded, Batch, Dense
from ..theories import Local, TheoryAccount
from . import assembly, bath_tables
from .faults import MAX_DEPTH, Faults, is_too_deep, line_numbers
from .sweep_plan import SweepPlan, named_files, read_plan
from .theory_tables import read_theory, theory_to_table
from .time_plan import TimePlan, read_time_plan
from .toml_writer import write_toml

if TYPE_CHECKING:
    from types import ModuleType

    from ..dynamics.steady import SteadyState

__all__ = ["RunSpec", "load_spec", "parse_spec", "spec_schema"]

LARGEST_SPEC = 2**20

SOLVERS: dict[str, Callable[..., Any]] = {"auto": Auto, "dense": Dense, "batch": Batch, "banded": Banded, "adi": ADI}


@dataclass(frozen=True, eq=False)
class RunSpec:
    """A network and what to compute about it.

    Parameters
    ----------
    network : Network
    title, description : str, optional
        For people.
    unit : str, optional
        Unit of rates, frequencies and hoppings; a label only, nothing is converted.
    solver : solver object, optional
    theory : theory object, optional
        The default is the local master equation.
    quantities : sequence of str, optional
        What to compute (keys of ``QUANTITIES``); by default all that are defined for the network.
    text : str, optional
        The TOML text that it was read from.
    sweep : SweepPlan, optional
        What the section ``[sweep]`` says: the values that parameters take in turn.
    in_time : TimePlan, optional
        What the sections ``[evolve]`` and ``[trajectories]`` say: a run in time.
    files : tuple of Path, optional
        The files that it was read from: the spec, and the graph and matrix files that it names.

    Examples
    --------
    >>> import wignerness as wn
    >>> chain = wn.models.chain(2, hopping=0.5, rate=1.0, occupations=(1, 2))
    >>> text = RunSpec(chain, title="two modes").to_toml()
    >>> parse_spec(text).solve().occupations
    array([1.25, 1.75])
    """

    network: Network
    _: KW_ONLY
    title: str | None = None
    description: str | None = None
    unit: str = "rate"
    solver: Any = field(default_factory=Auto)
    theory: Any = field(default_factory=Local)
    quantities: Sequence[str] | None = None
    text: str | None = None
    sweep: SweepPlan | None = None
    in_time: TimePlan | None = None
    files: tuple[Path, ...] = ()

    def solve(self) -> SteadyState | TheoryAccount:
        """Return the steady state of the network; a SteadyState by the local master equation."""
        found: SteadyState | TheoryAccount = steady_state(self.network, theory=self.theory, solver=self.solver)
        return found

    def to_toml(self) -> str:
        """Write a spec that holds the whole network, node by node, and needs no other file.

        Reading it gives the same network to the last bit.

        Raises
        ------
        SpecError
            If there is a sweep or a run in time: keep the text that it was read from.
        """
        if self.sweep is not None or self.in_time is not None:
            raise SpecError("A spec node by node says neither sweep nor run: keep the text that it was read from.")
        theory = {} if self.theory == Local() else {"theory": theory_to_table(self.theory)}
        return write_toml(
            self.network,
            {"title": self.title, "description": self.description, "unit": self.unit},
            {"solver": _solver_to_table(self.solver)} | theory | {"compute": {"quantities": self.quantities}},
        )


def load_spec(source: str | os.PathLike[str]) -> RunSpec:
    """Read a spec.

    Parameters
    ----------
    source : str or path
        Path of a TOML file. A string with a line break in it is taken for the TOML text itself.

    Returns
    -------
    RunSpec

    Raises
    ------
    SpecError
        With all faults, each with its path and line in the file. No other error is raised whatever the
        file holds, and nothing in it is ever executed. Its cause is a MemoryError if that is all that is wrong.
    MissingExtraError
        If pydantic is not installed.
    """
    if isinstance(source, str) and "\n" in source:
        return parse_spec(source)
    path = Path(source)
    faults = Faults(str(path))
    content = assembly.read_file(path, LARGEST_SPEC, lambda message: faults.add((), message))
    if content is None:
        raise faults.error()
    run = parse_spec(content, base=path.parent, name=str(path))
    return replace(run, files=(path, *run.files))


def parse_spec(text: str | bytes, *, base: str | os.PathLike[str] = ".", name: str = "The spec") -> RunSpec:
    """Read a spec from its TOML text.

    Parameters
    ----------
    text : str or bytes
        At most one megabyte.
    base : path, optional
        Folder in which the spec's graph and matrix files are looked up.
    name : str, optional
        What messages call the spec.

    Returns
    -------
    RunSpec

    Raises
    ------
    SpecError, MissingExtraError
        As in `load_spec`.

    Examples
    --------
    >>> spec = parse_spec('''
    ... [network]
    ... model = "chain"
    ... length = 3
    ... hopping = 0.5
    ... rate = 1.0
    ... occupations = [1, 2]
    ... ''')
    >>> spec.network
    Network(3 modes, 2 baths: 2 thermal)
    """
    faults = Faults(name)
    content, document = _parse_toml(text, faults)
    faults.lines = line_numbers(content)
    return read_document(document, Path(base), faults, content)


def parse_document(text: str | bytes, *, name: str = "The spec") -> dict[str, Any]:
    r"""Return the tables of a TOML text as they are; only that it is TOML, and not too large or too deep, is checked.

    Raises
    ------
    SpecError
        If it is not.

    Examples
    --------
    >>> parse_document('[network]\nmodel = "chain"')
    {'network': {'model': 'chain'}}
    """
    return _parse_toml(text, Faults(name))[1]


def read_document(document: dict[str, Any], folder: Path, faults: Faults, text: str | None = None) -> RunSpec:
    """Read a spec from what the TOML reader returned; ``faults`` carries its name and its lines.

    Raises
    ------
    SpecError, MissingExtraError
        As in `load_spec`.
    """
    tables = _tables()
    table = tables.validate(tables.SpecTable, document, faults)
    network, outline = assembly.read_network(tables, document.get("network"), folder, faults)
    if isinstance(baths := document.get("baths"), list):
        bath_tables.check_baths(tables, baths, outline, faults)
    _check_quantities(document.get("compute"), faults)
    if isinstance(document.get("theory"), dict):
        tables.validate(tables.theory_table(), document["theory"], faults, ("theory",))
    theory = read_theory(document, faults)
    swept = tables.accepted(tables.SweepTable, document.get("sweep"))
    plan = None if swept is None else read_plan(swept, document, folder, faults)
    if faults.found or network is None or table is None:
        raise faults.error()
    complete = bath_tables.with_baths(network, table.baths, faults)
    if complete is None:
        raise faults.error()
    in_time = None if table.evolve is None else read_time_plan(table.evolve, table.trajectories, complete, faults)
    if faults.found:
        raise faults.error()
    return RunSpec(
        complete,
        title=table.title,
        description=table.description,
        unit=table.unit,
        solver=SOLVERS[table.solver.kind](**table.solver.options()),
        theory=theory,
        quantities=None if table.compute.quantities is None else tuple(table.compute.quantities),
        text=text,
        sweep=None if plan is None else _tried(plan, faults),
        in_time=in_time,
        files=tuple(folder / name for name in named_files(document, plan)),
    )


def _solver_to_table(solver: Any) -> dict[str, Any]:
    kind = next((name for name, make in SOLVERS.items() if type(solver) is make), None)
    if kind is None:
        raise SpecError(f"A spec cannot say the solver {solver!r}.")
    usual = SOLVERS[kind]()
    said = {item.name: getattr(solver, item.name) for item in fields(solver)}
    return {"kind": kind} | {name: value for name, value in said.items() if value != getattr(usual, name)}


def _tried(plan: SweepPlan, faults: Faults) -> SweepPlan:
    """Return the plan if its first point is a network; a mistake in a name or a kind of value shows there."""
    try:
        plan(**{axis.name: axis.values[0] for axis in plan.axes})
    except SpecError as error:
        if isinstance(error.__cause__, MemoryError):
            return plan  # nothing is wrong with it: the point will fail, others need not
        for path, message in error.faults:
            faults.add(("sweep", "axes"), f"the first point is no valid spec: {path}: {message}")
        raise faults.error() from None
    return plan


def _check_quantities(compute: object, faults: Faults) -> None:
    names = compute.get("quantities") if isinstance(compute, dict) else None
    for k, name in enumerate(names if isinstance(names, list) else ()):
        if isinstance(name, str) and name not in QUANTITIES:
            faults.add_unknown(("compute", "quantities", k), "quantity", name, QUANTITIES)


def _parse_toml(text: str | bytes, faults: Faults) -> tuple[str, dict[str, Any]]:
    if len(text) > LARGEST_SPEC:
        faults.add((), f"it has more than the {LARGEST_SPEC} bytes that are read")
        raise faults.error()
    try:
        content = text if isinstance(text, str) else text.decode("utf-8-sig")
        if not is_too_deep(content):
            return content, tomllib.loads(content)
        faults.add((), f"a key has more than {MAX_DEPTH} parts: write fewer tables inside each other")
    except UnicodeDecodeError as error:
        faults.add((), f"it is not UTF-8 text: byte {error.start} is {error.object[error.start]:#04x}")
    except RecursionError:
        faults.add((), "its arrays or tables are nested too deeply")
    except ValueError as error:  # TOMLDecodeError among them, and integers of thousands of digits
        faults.add((), f"it is not TOML: {error}")
    raise faults.error()


def spec_schema() -> dict[str, Any]:
    """Return the JSON schema of a spec, for editors that check and complete TOML files.

    Raises
    ------
    MissingExtraError
        If pydantic is not installed.
    """
    tables = _tables()
    forms = [tables.ExplicitTable, tables.GraphTable, tables.MatrixTable]
    forms += [tables.parameter_table(name, function) for name, function in assembly.MODELS.items()]
    return tables.schema(forms, list(QUANTITIES))  # type: ignore[no-any-return]


def _tables() -> ModuleType:
    try:
        from . import tables
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "pydantic":
            raise
        raise MissingExtraError("pydantic", "spec") from error
    return tables
