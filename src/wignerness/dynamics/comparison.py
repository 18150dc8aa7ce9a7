"""One network by several theories, side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import _checks
from .._text import aligned, shortened
from .._typing import RealArray
from ..errors import InvalidNetworkError, UndefinedQuantityError, WignernessError
from ..network import Network
from ..theories import Exact, Global, Local, Redfield, SteadyAccount, Theory
from .steady import steady_state

__all__ = ["Comparison", "compare"]

_THEORIES: tuple[Local | Theory, ...] = (Local(), Global(), Redfield(), Exact())
_FIRST, _WIDTH = 24, 14  # columns
_SECTIONS = {
    "occupations": "occupation of",
    "bath_currents": "excitations into",
    "heat_currents": "energy into",
    "entropy_production": "production by",
}
_TOTALS = {
    "entropy_flux": "flux = production, total",
    "clausius_production": "heat / temperature",
    "wigner_entropy": "Wigner entropy",
}


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """The steady states of one network by several theories; prints itself as a table.

    Attributes
    ----------
    network : Network
    accounts : tuple of SteadyAccount
        In the order of the theories; the last one is what the others are measured by.
    refusals : dict of str to str
        Theories that cannot treat the network, each with its reason.
    """

    network: Network
    accounts: tuple[SteadyAccount, ...]
    refusals: dict[str, str]

    def values(self, name: str) -> list[RealArray | None]:
        """A quantity of every account, such as "heat_currents"; None where it is undefined."""
        return [_value(account, name) for account in self.accounts]

    def differences(self, name: str) -> RealArray:
        """Largest difference of a quantity to that of the last account, relative to its largest element there.

        Returns
        -------
        (number of accounts,) array
            NaN where it is undefined, infinite where the last account has nothing but zeros.
        """
        *_, reference = values = self.values(name)
        return np.array([_difference(value, reference) for value in values])

    def __repr__(self) -> str:
        return f"Comparison({self.network!r}, {', '.join(repr(account.theory) for account in self.accounts)})"

    def __str__(self) -> str:
        names = [repr(account.theory) for account in self.accounts]
        widths = [max(_WIDTH, len(name)) for name in names]
        lines = [f"Steady state of {self.network!r} by {len(names)} theories"]
        for name, title in _SECTIONS.items():
            labels = self.network.labels if name == "occupations" else self.network.bath_labels
            lines += ["", *_section(title, labels, names, widths, self.values(name))]
        lines += ["", *self._totals(widths)]
        for account in self.accounts:
            lines += [f"  {account.theory!r}: {note}" for note in account.notes]
        return "\n".join([*lines, *(f"  {theory} is left out: {why}" for theory, why in self.refusals.items())])

    @property
    def _has_temperatures(self) -> bool:
        return self.values("clausius_production")[0] is not None

    def _totals(self, widths: Sequence[int]) -> list[str]:
        measured = "heat_currents" if self._has_temperatures else "bath_currents"
        titles = aligned(*_TOTALS.values(), f"{_SECTIONS[measured]}: off by", width=_FIRST)
        rows = [[None if value is None else float(np.sum(value)) for value in self.values(name)] for name in _TOTALS]
        rows.append([None if np.isnan(d) else float(d) for d in self.differences(measured)])
        return [f"  {title} {_cells(row, widths)}" for title, row in zip(titles, rows, strict=True)]


def compare(network: Network, *, theories: Iterable[Local | Theory] = _THEORIES) -> Comparison:
    """The steady states of one network by several theories.

    Theories that cannot treat it, or have no steady state of it, are left out, with their reason.

    Parameters
    ----------
    network : Network
    theories : sequence of theories, optional
        Objects of :mod:`wignerness.theories`, the last one being what the others are measured by. The default is
        ``Local()``, ``Global()``, ``Redfield()``, ``Exact()``.

    Returns
    -------
    Comparison

    Raises
    ------
    InvalidNetworkError
        If no theory can treat the network, or an argument is not what it must be.

    Examples
    --------
    Two detuned oscillators, the hot one of the higher frequency: local baths let heat flow from cold to hot.

    >>> import wignerness as wn
    >>> baths = [wn.ThermalBath.at_temperature(0, 0.02, 1.0, 1.0), wn.ThermalBath.at_temperature(1, 0.02, 0.6, 0.4)]
    >>> pair = wn.Network([[1.0, 0.01], [0.01, 0.4]], baths)
    >>> found = wn.compare(pair, theories=[wn.theories.Local(), wn.theories.Global()])
    >>> [heat.round(8) for heat in found.values("heat_currents")]
    [array([ 3.67e-06, -3.67e-06]), array([-4.11e-06,  4.11e-06])]
    """
    if not isinstance(network, Network):
        _checks.fail("network", "be a Network", repr(network))
    accounts: list[SteadyAccount] = []
    refusals: dict[str, str] = {}
    for theory in _checks.sequence("theories", theories, "theories"):
        try:
            accounts.append(steady_state(network, theory=theory))
        except WignernessError as error:
            if isinstance(theory, type) or not hasattr(theory, "refusal"):
                raise  # it is no theory
            refusals[repr(theory)] = str(error)
    if not accounts:
        reasons = "".join(f" {theory}: {why}" for theory, why in refusals.items())
        raise InvalidNetworkError(f"None of the theories has a steady state of this network.{reasons}")
    return Comparison(network, tuple(accounts), refusals)


def _value(account: SteadyAccount, name: str) -> Any:
    try:
        return np.asarray(getattr(account, name))
    except UndefinedQuantityError:
        return None


def _difference(value: RealArray | None, reference: RealArray | None) -> float:
    if value is None or reference is None:
        return float("nan")
    away, size = float(np.abs(value - reference).max(initial=0.0)), float(np.abs(reference).max(initial=0.0))
    if size == 0.0:
        return 0.0 if away == 0.0 else float("inf")
    return away / size


def _section(
    title: str,
    labels: Sequence[str],
    names: Sequence[str],
    widths: Sequence[int],
    columns: Sequence[RealArray | None],
) -> list[str]:
    head, *rows = aligned(title, *labels, width=_FIRST)
    cells: list[list[float | None]] = [
        [None if column is None else float(column[k]) for column in columns] for k in range(len(labels))
    ]
    heads = " ".join(f"{name:>{width}}" for name, width in zip(names, widths, strict=True))
    lines = [f"  {row} {_cells(row_cells, widths)}" for row, row_cells in zip(rows, cells, strict=True)]
    return [f"  {head} {heads}", *shortened(lines)]


def _cells(values: Sequence[float | None], widths: Sequence[int]) -> str:
    texts = ["-" if value is None else f"{value:.6g}" for value in values]
    return " ".join(f"{text:>{width}}" for text, width in zip(texts, widths, strict=True))
