"""What an audit found: its checks, the error of every theory, and a verdict in words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from .._text import aligned
from ..theories import Local, Theory

if TYPE_CHECKING:
    from ..dynamics.comparison import Comparison
    from ..network import Network
    from .used import Judgment

__all__ = ["Audit", "Check", "Errors"]

Verdict: TypeAlias = Literal["pass", "warn", "fail", "undecided"]

_NAME = 28  # columns
_INDENT = 6
_WIDTH = 112


@dataclass(frozen=True)
class Check:
    """One question to a network, and its answer.

    Attributes
    ----------
    name : str
    value : float or None
        What was found; None where nothing could be.
    threshold : float or None
        What the value is measured by.
    verdict : str
        "pass"; "warn" where an assumption is strained, and other checks decide whether that matters; "fail";
        "undecided".
    explanation : str
        One sentence.
    """

    name: str
    value: float | None
    threshold: float | None
    verdict: Verdict
    explanation: str


@dataclass(frozen=True)
class Errors:
    """How far the steady state of a theory is from that of the reference.

    Attributes
    ----------
    theory : theory
    occupations : float
        Largest difference of an occupation, relative to n + 1/2 of the node: that of the Wigner function's width.
    excitations : float
        Largest difference of an occupation, relative to the occupation itself.
    bath_currents, heat_currents : float
        Largest difference of a current, relative to the largest of its kind. Infinite where nothing flows.
    clausius : float or None
        Sum of the heat currents over the temperatures, nats per time; None where it is undefined.
    faults : tuple of str
        Laws that the theory breaks here, in words.
    refusal : str
        Why it has no result; empty if it has one.
    """

    theory: Local | Theory
    occupations: float = np.inf
    excitations: float = np.inf
    bath_currents: float = np.inf
    heat_currents: float = np.inf
    clausius: float | None = None
    faults: tuple[str, ...] = ()
    refusal: str = ""

    @property
    def largest(self) -> float:
        """The largest of the errors of occupations, number currents and heat currents."""
        return max(self.occupations, self.bath_currents, self.heat_currents)

    def is_within(self, tolerance: float) -> bool:
        """Whether no error exceeds the tolerance and no law is broken."""
        return not self.refusal and not self.faults and self.largest <= tolerance


@dataclass(frozen=True, eq=False, repr=False)
class Audit:
    """Whether the local master equation is right for a network; prints itself.

    Attributes
    ----------
    network : Network
        As it was audited: with the temperatures that were assumed.
    tolerance : float
        Largest error that was to be accepted.
    checks : tuple of Check
    errors : tuple of Errors
        One a theory, the local one first, then by rising cost; empty where nothing could be compared.
    reference : theory or None
        What errors are measured by; None where nothing could be compared.
    recommended : theory or None
        The cheapest theory whose errors are within the tolerance; None where that is not known.
    comparison : Comparison or None
        The steady states of all theories side by side; None where it is not known what to compare.
    assumptions : tuple of str
        What was read into the network, and what was left out.
    used : theory
        What is used for this network: the local equation, unless another was named.
    """

    network: Network
    tolerance: float
    checks: tuple[Check, ...]
    errors: tuple[Errors, ...]
    reference: Theory | None
    recommended: Local | Theory | None
    comparison: Comparison | None
    assumptions: tuple[str, ...]
    used: Local | Theory = field(default_factory=Local)

    @property
    def trust(self) -> bool:
        """Whether no check failed and none is undecided."""
        return not self._named("fail") and not self._named("undecided")

    @property
    def is_undecided(self) -> bool:
        """Whether no check failed, and one could not be answered."""
        return not self._named("fail") and bool(self._named("undecided"))

    @property
    def of_used(self) -> Judgment:
        """What to think of the theory that is used: ``.theory``, ``.trust`` (None: undecided), ``.words``.

        Examples
        --------
        >>> import wignerness as wn
        >>> baths = [wn.ThermalBath.at_temperature(0, 0.02, 1.0, 1.0), wn.ThermalBath.at_temperature(1, 0.02, 0.6, 0.4)]
        >>> pair = wn.Network([[1.0, 0.01], [0.01, 0.4]], baths)
        >>> found = wn.audit(pair, used=wn.theories.Redfield())
        >>> found.trust, found.of_used.trust
        (False, True)
        """
        from .used import judge

        return judge(self, self.used)

    @property
    def headline(self) -> str:
        """The verdict in one short sentence."""
        if self.trust:
            return "Trust the local master equation here."
        return "Undecided." if self.is_undecided else "Do not trust the local master equation here."

    @property
    def grounds(self) -> str:
        """Why, and what to use in place of the local equation."""
        if self.is_undecided:
            return " ".join(check.explanation for check in self._named("undecided"))
        if not self.trust:
            reasons = [check.explanation for check in self._named("fail")]
            return " ".join([*reasons, self._advice()]).strip()
        local = self.errors[0]
        words = f"Its largest error is {percent(local.largest)} by {self.reference!r}"
        return f"{words}, within the tolerance of {percent(self.tolerance)}.{self._caveat(local)}"

    @property
    def verdict(self) -> str:
        """What to think of the local result, in words: the headline and its grounds."""
        return f"{self.headline} {self.grounds}"

    def _caveat(self, local: Errors) -> str:
        words = ""
        if local.excitations > self.tolerance:
            words += f" But do not trust small occupations: one is off by {percent(local.excitations)} of itself."
        strained = [c.explanation for c in self._named("warn") if c.name == "counter-rotating terms"]
        return " ".join([words, *strained]) if strained else words

    def _named(self, verdict: Verdict) -> list[Check]:
        return [check for check in self.checks if check.verdict == verdict]

    def _advice(self) -> str:
        if self.recommended is None:
            return ""
        if self.recommended == self.reference:
            return f"Use {self.recommended!r}; no cheaper theory is within {percent(self.tolerance)} of it."
        error = next((e for e in self.errors if e.theory == self.recommended), None)
        if error is None:
            return f"Use {self.recommended!r}."
        return f"Use {self.recommended!r}: its largest error is {percent(error.largest)}."

    def to_document(self) -> dict[str, Any]:
        """Everything but the network as plain strings, numbers, lists and dictionaries; what is not finite is None.

        Examples
        --------
        >>> import wignerness as wn
        >>> chain = wn.models.chain(2, hopping=0.01, rate=0.02, occupations=(1, 2), frequency=1.0)
        >>> wn.audit(chain).to_document()["trust"]
        True
        """
        from .document import audit_document

        return audit_document(self)

    def to_html(self) -> str:
        """A report as one HTML page that needs nothing else: to be mailed, printed, put beside a paper.

        Raises
        ------
        MissingExtraError
            If Matplotlib is not installed.
        """
        from .report import html_report

        return html_report(self)

    def __repr__(self) -> str:
        word = "trust" if self.trust else "undecided" if self.is_undecided else "do not trust"
        return f"Audit({self.network!r}, {word})"

    def __str__(self) -> str:
        lines = [f"Audit of {self.network!r}", *_wrapped(self.verdict, 2), ""]
        if not isinstance(self.used, Local):
            lines[-1:-1] = _wrapped(f"Used is another theory. {self.of_used.words}", 2)
        lines += [f"  {'check':<{_NAME}} {'found':>11} {'limit':>11}  verdict"]
        for check in self.checks:
            numbers = f"{_number(check.value):>11} {_number(check.threshold):>11}"
            lines += [f"  {check.name:<{_NAME}} {numbers}  {check.verdict}", *_wrapped(check.explanation, _INDENT)]
        if self.errors:
            lines += ["", *self._error_table()]
        for assumption in self.assumptions:
            lines += _wrapped(f"Note: {assumption}", 2)
        return "\n".join(lines)

    def _error_table(self) -> list[str]:
        head, *names = aligned("largest error of", *(repr(errors.theory) for errors in self.errors), width=_NAME)
        lines = [f"  {head} {'occupations':>12} {'currents':>12} {'heat':>12}  against {self.reference!r}"]
        for name, errors in zip(names, self.errors, strict=True):
            if errors.refusal:
                lines += [f"  {name} not applicable", *_wrapped(errors.refusal, _INDENT)]
                continue
            found = (errors.occupations, errors.bath_currents, errors.heat_currents)
            cells = " ".join(f"{percent(value):>12}" for value in found)
            lines += [f"  {name} {cells}  {'; '.join(errors.faults)}".rstrip()]
        return lines


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"


def percent(value: float) -> str:
    """An error as a percentage with two digits.

    Examples
    --------
    >>> percent(0.0523), percent(3e-7), percent(1.714), percent(float("inf"))
    ('5.2 %', '3e-05 %', '171 %', 'infinite')
    """
    if np.isinf(value):
        return "infinite"
    return f"{100 * value:.0f} %" if 0.995 <= value < 1e4 else f"{100 * value:.2g} %"


def _wrapped(text: str, indent: int) -> list[str]:
    import textwrap

    space = " " * indent
    return textwrap.wrap(text, _WIDTH, initial_indent=space, subsequent_indent=space) or [space]
