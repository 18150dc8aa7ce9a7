"""What the theories give against what a reference gives: errors, directions of heat, the second law."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .._text import shorten
from .._typing import RealArray
from ..bath import ThermalBath
from ..dynamics.comparison import Comparison
from ..dynamics.steady import steady_state
from ..errors import UndefinedQuantityError, WignernessError
from ..network import Network
from ..theories import Local, Redfield, SteadyAccount, Theory
from .precision import Precision
from .record import Check, Errors, Verdict, percent

__all__ = ["agreement_checks", "compare_all", "errors_of", "is_state"]

# Rounding of an occupation, relative to the largest.
_ROUNDING = 1e-13
# A current below this part of the largest of its kind has no direction worth a verdict.
_DIRECTED = 1e-6
# Heat where none flows counts from this many times its error.
_SURELY = 10.0
# How far below zero the sum of heat over temperature may be, relative to the sum of sizes.
_CLAUSIUS = 1e-9


def compare_all(network: Network, theories: Sequence[Local | Theory]) -> Comparison:
    """The steady states by all theories; whatever a theory raises is its refusal, but for the local one."""
    accounts: list[SteadyAccount] = []
    refusals: dict[str, str] = {}
    for theory in theories:
        try:
            accounts.append(steady_state(network, theory=theory))
        except WignernessError as error:
            if isinstance(theory, Local):
                raise
            refusals[repr(theory)] = str(error)
    return Comparison(network, tuple(accounts), refusals)


@dataclass(frozen=True, eq=False)
class Yardstick:
    """A steady state that others are measured by, and how finely it can tell them apart.

    Attributes
    ----------
    account : SteadyAccount
    precision : Precision
        How finely the account knows its currents.
    temperatures : (K,) array
        NaN where a bath has none.
    held : tuple of int
        Baths whose heat has no direction to compare.
    """

    account: SteadyAccount
    precision: Precision
    temperatures: RealArray
    held: tuple[int, ...] = ()

    @classmethod
    def of(cls, account: SteadyAccount, held: tuple[int, ...] = ()) -> Yardstick:
        """What the account itself says of its accuracy, and rounding."""
        network = account.network
        given = [bath.bath_temperature if isinstance(bath, ThermalBath) else None for bath in network.baths]
        temperatures = np.array([math.nan if t is None else t for t in given])
        return cls(account, Precision.of(account, is_measure=True), temperatures, held)

    def errors(self, account: SteadyAccount) -> Errors:
        """How far another account is from this one."""
        n, exact = account.occupations, self.account.occupations
        away = np.abs(n - exact)
        small = _ROUNDING * float(np.max(exact, initial=0.0))
        heat = value_of(account, "heat_currents")
        return Errors(
            theory=account.theory,
            occupations=float(np.max(away / (exact + 0.5), initial=0.0)),
            excitations=_ratio(away, exact, small),
            bath_currents=self._current_error(account, "bath_currents"),
            heat_currents=self._current_error(account, "heat_currents"),
            clausius=None if heat is None else self.clausius(account, heat),
            faults=tuple(self._faults(account, heat)),
        )

    def _noise(self, account: SteadyAccount, name: str) -> RealArray:
        """Differences of currents below these are rounding, or errors of one of the accounts."""
        return np.asarray(getattr(self.precision + Precision.of(account), name))

    def _largest(self, name: str, exact: RealArray) -> float:
        """The largest of some currents of the account; zero where it is none for sure."""
        if not exact.size:
            return 0.0
        sizes = np.abs(exact)
        largest = int(np.argmax(sizes))
        return float(sizes[largest]) if sizes[largest] > getattr(self.precision, name)[largest] else 0.0

    def _current_error(self, account: SteadyAccount, name: str) -> float:
        value, exact = value_of(account, name), value_of(self.account, name)
        if value is None or exact is None:
            return math.inf
        away, size = np.abs(value - exact), self._largest(name, exact)
        error = float(np.max(away[away > self._noise(account, name)], initial=0.0))
        if error == 0.0:
            return 0.0
        return error / size if size > 0.0 else math.inf

    def blur(self, account: SteadyAccount, name: str) -> float:
        """How large an error of a current may be without being noticed, relative to the largest current."""
        value, exact = value_of(account, name), value_of(self.account, name)
        if value is None or exact is None or not (size := self._largest(name, exact)):
            return 0.0
        return float(np.max(self._noise(account, name), initial=0.0)) / size

    def clausius(self, account: SteadyAccount, heat: RealArray) -> float | None:
        """Sum of heat over temperature; infinite where heat flows into a bath of temperature zero, or out of it."""
        if np.isnan(self.temperatures).any():
            return None
        cold, noise = self.temperatures == 0.0, self._noise(account, "heat_currents")
        if (heat[cold] < -noise[cold]).any():
            return -math.inf
        if (heat[cold] > noise[cold]).any():
            return math.inf
        return float(np.sum(heat[~cold] / self.temperatures[~cold]))

    def reversed_baths(self, account: SteadyAccount) -> list[int]:
        """Baths whose heat current has the wrong sign, or flows although nothing does."""
        heat, exact = value_of(account, "heat_currents"), value_of(self.account, "heat_currents")
        if heat is None or exact is None:
            return []
        size, noise = self._largest("heat_currents", exact), self._noise(account, "heat_currents")
        if size == 0.0:
            return [int(b) for b in np.flatnonzero(np.abs(heat) > _SURELY * noise)]
        sure = np.minimum(np.abs(exact), np.abs(heat)) > np.maximum(_DIRECTED * size, noise)
        sure[list(self.held)] = False
        return [int(b) for b in np.flatnonzero(sure & (np.sign(heat) != np.sign(exact)))]

    def breaks_second_law(self, account: SteadyAccount, heat: RealArray) -> bool:
        """Whether the sum of heat over temperature is below zero by more than rounding."""
        total = self.clausius(account, heat)
        if total is None:
            return False
        warm = self.temperatures > 0.0
        sizes, noise = (
            np.sum(x[warm] / self.temperatures[warm]) for x in (abs(heat), self._noise(account, "heat_currents"))
        )
        return total < -max(_CLAUSIUS * float(sizes), float(noise))

    def _faults(self, account: SteadyAccount, heat: RealArray | None) -> list[str]:
        faults = []
        if heat is not None and self.breaks_second_law(account, heat):
            faults.append("breaks the second law")
        if self.reversed_baths(account):
            faults.append("heat flows the wrong way")
        if not is_state(account):
            faults.append("gives no state")
        return faults


def errors_of(
    comparison: Comparison, theories: Sequence[Local | Theory], held: tuple[int, ...] = ()
) -> tuple[Errors, ...]:
    """The errors of the theories; the last account is what they are measured by."""
    yardstick = Yardstick.of(comparison.accounts[-1], held)
    accounts = {repr(account.theory): account for account in comparison.accounts}
    return tuple(
        Errors(theory, refusal=comparison.refusals[repr(theory)])
        if repr(theory) in comparison.refusals
        else yardstick.errors(accounts[repr(theory)])
        for theory in theories
    )


def agreement_checks(
    comparison: Comparison, local: Errors, tolerance: float, held: tuple[int, ...] = ()
) -> list[Check]:
    """The local equation against the reference, quantity by quantity."""
    yardstick = Yardstick.of(comparison.accounts[-1], held)
    reference, account = repr(yardstick.account.theory), comparison.accounts[0]
    blurs = [yardstick.blur(account, kind) for kind in ("bath_currents", "heat_currents")]
    return [
        _positivity(comparison),
        _occupations(local, tolerance, reference),
        _currents("number currents", local.bath_currents, blurs[0], tolerance, reference),
        _currents("heat currents", local.heat_currents, blurs[1], tolerance, reference),
        _direction(yardstick, account, reference),
        _second_law(yardstick, account),
    ]


def value_of(account: SteadyAccount, name: str) -> Any:
    """A quantity of an account; None where it is undefined."""
    try:
        return np.asarray(getattr(account, name))
    except UndefinedQuantityError:
        return None


def _ratio(away: RealArray, exact: RealArray, small: float) -> float:
    """Largest difference relative to the exact values; what is within rounding counts as none."""
    sure = away > small
    with np.errstate(divide="ignore"):
        return float(np.max(away[sure] / np.maximum(exact[sure], 0.0), initial=0.0))


def is_state(account: SteadyAccount) -> bool:
    """Whether the moments obey the uncertainty relation, as far as they are known."""
    try:
        return account.state.is_physical()
    except UndefinedQuantityError:  # a state that is known in part only
        return True


def _verdict(value: float, tolerance: float) -> Verdict:
    return "pass" if value <= tolerance else "fail"


def _positivity(comparison: Comparison) -> Check:
    local = comparison.accounts[0]
    words = "The local steady state is a state" if is_state(local) else "The local steady state is no quantum state"
    others = [
        f"{account.theory!r}: {note}"
        for account in comparison.accounts[1:]
        if isinstance(account.theory, Redfield)
        for note in account.notes
    ]
    return Check("positivity", None, None, "pass" if is_state(local) else "fail", "; ".join([words, *others]) + ".")


def _occupations(local: Errors, tolerance: float, reference: str) -> Check:
    verdict = _verdict(local.occupations, tolerance)
    words = f"Occupations differ from those of {reference} by up to {percent(local.occupations)} of n + 1/2"
    if verdict == "pass" and local.excitations > tolerance:
        verdict = "warn"
    words += f"; one of them by {percent(local.excitations)} of itself."
    return Check("occupations", local.occupations, tolerance, verdict, words)


def _currents(name: str, error: float, blur: float, tolerance: float, reference: str) -> Check:
    if error <= tolerance < blur:
        words = (
            f"The {name} into the baths are so small that rounding hides errors of up to {percent(blur)} of the largest of "
            f"{reference}: the local solution does not resolve them. Theories that do are compared in `errors`."
        )
        return Check(name, error, tolerance, "undecided", words)
    if math.isinf(error):
        words = f"The local equation has {name} into the baths where {reference} has none."
    elif error == 0.0:
        words = f"The {name} into the baths are those of {reference}, but for rounding."
    else:
        words = f"The {name} into the baths differ by up to {percent(error)} of the largest of {reference}."
    return Check(name, error, tolerance, _verdict(error, tolerance), words)


def _direction(yardstick: Yardstick, local: SteadyAccount, reference: str) -> Check:
    wrong = yardstick.reversed_baths(local)
    if not wrong:
        words = f"Heat flows into and out of the same baths as by {reference}."
        return Check("direction of heat", 0.0, 0.0, "pass", words)
    labels = [repr(shorten(local.network.bath_labels[b])) for b in wrong]
    names = ", ".join(labels[:4]) + (", ..." if len(wrong) > 4 else "")
    found, exact = (float(account.heat_currents[wrong[0]]) for account in (local, yardstick.account))
    words = f"Heat flows the wrong way at {names}: {found:.4g} into {labels[0]}, and {exact:.4g} by {reference}."
    return Check("direction of heat", float(len(wrong)), 0.0, "fail", words)


def _second_law(yardstick: Yardstick, local: SteadyAccount) -> Check:
    name, heat = "second law", value_of(local, "heat_currents")
    total = None if heat is None else yardstick.clausius(local, heat)
    if heat is None or total is None:
        words = "The sum of heat over temperature is undefined, because a bath has no temperature."
        return Check(name, None, 0.0, "undecided", words)
    if yardstick.breaks_second_law(local, heat):
        words = f"The local heat currents break the second law: the sum of heat over temperature is {total:.4g}."
        return Check(name, total, 0.0, "fail", words)
    return Check(name, total, 0.0, "pass", f"The sum of heat over temperature is {total:.4g}, not negative.")
