"""Whether the theory that a spec uses, which need not be the local one, is right for its network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..theories import Exact, Local, Theory
from .agreement import Yardstick
from .record import percent

if TYPE_CHECKING:
    from .record import Audit, Errors

__all__ = ["Judgment", "judge"]

# Whose failure concerns every theory: the rotating-wave form of the Hamiltonian itself is in doubt.
_OF_ALL = ("positive frequencies", "hopping / frequency")
_OF_ROTATING_WAVE = "damping / frequency"
# What leaves every comparison open.
_OPEN = ("physical baths", "agreement", "second law")
_KINDS = ("bath_currents", "heat_currents")


@dataclass(frozen=True)
class Judgment:
    """What an audit says of a theory.

    Attributes
    ----------
    theory : theory
    trust : bool or None
        None where it cannot be decided.
    words : str
        One or two sentences, with the reason.
    """

    theory: Local | Theory
    trust: bool | None
    words: str


def judge(audit: Audit, theory: Local | Theory) -> Judgment:
    """Return what an audit says of a theory that it compared.

    Other theories than the local one are right where they are within the tolerance of the reference and break no law,
    unless what they all assume is in doubt.
    """
    if isinstance(theory, Local):
        return Judgment(theory, None if audit.is_undecided else audit.trust, audit.verdict)
    trust, why = _found(audit, theory)
    head = {True: f"Trust {theory!r} here.", False: f"Do not trust {theory!r} here.", None: f"{theory!r}: undecided."}
    return Judgment(theory, trust, f"{head[trust]} {why}")


def _found(audit: Audit, theory: Theory) -> tuple[bool | None, str]:
    verdicts = {check.name: check for check in audit.checks}
    failed = [name for name, check in verdicts.items() if check.verdict == "fail"]
    is_beyond = isinstance(theory, Exact) and theory.counter_rotating
    for name in (*_OF_ALL, *(() if is_beyond else (_OF_ROTATING_WAVE,))):
        if name in failed:
            return False, verdicts[name].explanation
    for name in _OPEN:
        if name in verdicts and verdicts[name].verdict == "undecided":
            return None, verdicts[name].explanation
    errors = next((e for e in audit.errors if e.theory == theory), None)
    if errors is not None and errors.refusal:
        return False, errors.refusal
    if theory == audit.reference or is_beyond:
        return True, "It is exact for the baths that it was given, and what others are measured by."
    if errors is None:
        return None, "It was not compared."
    return _measured(audit, errors)


def _measured(audit: Audit, errors: Errors) -> tuple[bool | None, str]:
    words = f"Its largest error is {percent(errors.largest)} by {audit.reference!r}"
    if not errors.is_within(audit.tolerance):
        return False, "; ".join([words, *(f"it {fault}" for fault in errors.faults)]) + "."
    blur = _blur(audit, errors)
    if blur > audit.tolerance:
        return None, f"Its currents are so small that rounding hides errors of up to {percent(blur)} of the largest."
    return True, f"{words}, within the tolerance of {percent(audit.tolerance)}."


def _blur(audit: Audit, errors: Errors) -> float:
    if audit.comparison is None:
        return 0.0
    account = next(a for a in audit.comparison.accounts if repr(a.theory) == repr(errors.theory))
    yardstick = Yardstick.of(audit.comparison.accounts[-1])
    return max(yardstick.blur(account, kind) for kind in _KINDS)
