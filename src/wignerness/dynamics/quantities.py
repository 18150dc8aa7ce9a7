"""What a result holds: every quantity with its shape, its unit and where it comes from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from .. import thermodynamics
from ..errors import UndefinedQuantityError
from ..theories import TheoryAccount

if TYPE_CHECKING:
    from .evolution import Evolution
    from .steady import SteadyState


@dataclass(frozen=True)
class Quantity:
    """A quantity of a steady state, or of a run in time.

    Attributes
    ----------
    dims : tuple of str
        "time" (of a run), "node", "node_from" (the second node of a matrix), "bath"; empty for a number.
    power : int
        Power of the unit of rates: 0 for numbers and entropies, 1 for rates, 2 for energy per time.
    description : str
        What it is, with its equation.
    compute : callable
        Takes a steady state, or a run; one that other processes can be given, in a sweep that has any.
    """

    dims: tuple[str, ...]
    power: int
    description: str
    compute: Callable[[Any], Any]


def _of_state(function: Callable[..., Any], result: SteadyState | TheoryAccount) -> Any:
    if isinstance(result, TheoryAccount) and not result.state.is_physical():
        raise UndefinedQuantityError(f"It needs a state, but {result.theory!r} gives moments that are none.")
    return function(result.network, result.state)


def _of_local_baths(function: Callable[..., Any], result: SteadyState | TheoryAccount) -> Any:
    if isinstance(result, TheoryAccount):
        raise UndefinedQuantityError(f"It is a quantity of the local master equation, not of {result.theory!r}.")
    return function(result.network, result.state)


def _part_of_production(part: int, result: SteadyState | TheoryAccount) -> float:
    return _of_local_baths(thermodynamics.production_split, result)[part]  # type: ignore[no-any-return]


_NODE, _BATH, _PAIR, _NUMBER = ("node",), ("bath",), ("node", "node_from"), ()

QUANTITIES: dict[str, Quantity] = {
    "occupations": Quantity(_NODE, 0, "mean excitation number <a_k^+ a_k>", attrgetter("occupations")),
    "entropy_flux": Quantity(_BATH, 1, "Wigner entropy flux into the bath, Eq. (20)", attrgetter("entropy_flux")),
    "entropy_production": Quantity(
        _BATH, 1, "Wigner entropy production of the bath, Eq. (17)", attrgetter("entropy_production")
    ),
    "bath_currents": Quantity(_BATH, 1, "excitations per time into the bath", attrgetter("bath_currents")),
    "heat_currents": Quantity(_BATH, 2, "energy per time into the bath", attrgetter("heat_currents")),
    "currents": Quantity(_PAIR, 1, "excitations per time into node from node_from, Eq. (25b)", attrgetter("currents")),
    "energy_currents": Quantity(_PAIR, 2, "energy per time into node from node_from", attrgetter("energy_currents")),
    "wigner_entropy": Quantity(_NUMBER, 0, "Wigner entropy in nats, Eq. (12)", attrgetter("wigner_entropy")),
    "von_neumann_entropy": Quantity(
        _NUMBER, 0, "von Neumann entropy in nats", partial(_of_state, thermodynamics.von_neumann_entropy)
    ),
    "relative_entropy": Quantity(
        _NUMBER,
        0,
        "Wigner relative entropy to the local equilibria, Eq. (21)",
        partial(_of_local_baths, thermodynamics.relative_entropy),
    ),
    "unitary_production": Quantity(
        _NUMBER,
        1,
        "unitary term that sustains the steady state, Eqs. (23)-(24)",
        partial(_of_local_baths, thermodynamics.unitary_production),
    ),
    "onsager_production": Quantity(
        _NUMBER,
        1,
        "production as currents times affinities, Eq. (26)",
        partial(_of_local_baths, thermodynamics.onsager_production),
    ),
    "production_of_real_baths": Quantity(
        _NUMBER,
        1,
        "entropy production of all real baths, Eq. (32)",
        partial(_part_of_production, 0),
    ),
    "production_of_probes": Quantity(
        _NUMBER,
        1,
        "entropy production of all probes, Eq. (33)",
        partial(_part_of_production, 1),
    ),
}


def _over_the_run(method: str, run: Evolution) -> Any:
    return getattr(run, method)(float(run.times.min()), float(run.times.max()))


_TIMES, _NODES, _BATHS = ("time",), ("time", "node"), ("time", "bath")

QUANTITIES_IN_TIME: dict[str, Quantity] = {
    "occupations": Quantity(_NODES, 0, "mean excitation number <a_k^+ a_k>", attrgetter("occupations")),
    "bath_currents": Quantity(_BATHS, 1, "excitations per time into the bath", attrgetter("bath_currents")),
    "heat_currents": Quantity(_BATHS, 2, "energy per time into the bath", attrgetter("heat_currents")),
    "entropy_flux": Quantity(_BATHS, 1, "Wigner entropy flux into the bath, Eq. (20)", attrgetter("entropy_flux")),
    "entropy_production": Quantity(
        _BATHS, 1, "Wigner entropy production of the bath, Eq. (17)", attrgetter("entropy_production")
    ),
    "wigner_entropy": Quantity(_TIMES, 0, "Wigner entropy in nats, Eq. (12)", attrgetter("wigner_entropy")),
    "entropy_rate": Quantity(_TIMES, 1, "rate of change of the Wigner entropy, Eq. (13)", attrgetter("entropy_rate")),
    "relative_entropy": Quantity(
        _TIMES, 0, "Wigner relative entropy to the local equilibria, Eq. (21)", attrgetter("relative_entropy")
    ),
    "unitary_production": Quantity(
        _TIMES, 1, "unitary term of the relative entropy's rate, Eqs. (22)-(24)", attrgetter("unitary_production")
    ),
    "integrated_production": Quantity(
        _NUMBER, 0, "entropy production over the run, nats", partial(_over_the_run, "integrated_production")
    ),
    "integrated_flux": Quantity(
        _BATH, 0, "entropy handed to the bath over the run, nats", partial(_over_the_run, "integrated_flux")
    ),
    "integrated_exchange": Quantity(
        _BATH, 0, "excitations handed to the bath over the run", partial(_over_the_run, "integrated_exchange")
    ),
}


def evaluate(
    result: SteadyState | TheoryAccount, names: Sequence[str] | None = None
) -> tuple[dict[str, Any], dict[str, str]]:
    """Compute quantities of a steady state.

    Parameters
    ----------
    result : SteadyState or TheoryAccount
    names : sequence of str, optional
        Keys of `QUANTITIES`. By default all of them, and those that are undefined for this network
        are left out.

    Returns
    -------
    values : dict of str to float or array
    omitted : dict of str to str
        Why a quantity is left out.

    Raises
    ------
    UndefinedQuantityError
        If a quantity that is named is undefined for this network.
    """
    values: dict[str, Any] = {}
    omitted: dict[str, str] = {}
    for name in QUANTITIES if names is None else names:
        try:
            values[name] = QUANTITIES[name].compute(result)
        except UndefinedQuantityError as error:
            if names is not None:
                raise
            omitted[name] = str(error)
    return values, omitted


def unit_text(power: int, unit: str) -> str:
    """Write a power of a unit; "1" is the unit of plain numbers.

    Examples
    --------
    >>> unit_text(0, "MHz"), unit_text(1, "MHz"), unit_text(2, "MHz"), unit_text(2, "1/s")
    ('1', 'MHz', 'MHz^2', '(1/s)^2')
    >>> unit_text(-1, "MHz"), unit_text(-1, "1/s"), unit_text(-1, "2 pi kHz")
    ('1/MHz', 's', '1/(2 pi kHz)')
    """
    if power == 0:
        return "1"
    if power == 1:
        return unit
    if power == -1 and unit.startswith("1/") and unit[2:].isalpha():
        return unit[2:]
    whole = unit if unit.isalpha() else f"({unit})"
    return f"1/{whole}" if power == -1 else f"{whole}^{power}"
