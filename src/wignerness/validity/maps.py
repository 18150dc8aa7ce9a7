"""Maps of validity: the error of every theory over parameters of a network."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from .. import _checks
from ..analysis.grids import Axis, Product, Zipped
from ..analysis.runner import Executor, InProcess
from ..analysis.sweeps import sweep
from ..dynamics.quantities import Quantity
from ..dynamics.steady import SteadyState
from ..errors import UndefinedQuantityError
from ..network import Network
from ..theories import Exact, Global, Local, Redfield, Theory
from .agreement import compare_all, errors_of
from .record import Errors

if TYPE_CHECKING:
    import xarray

__all__ = ["validity_map"]

_IN_PROCESS = InProcess()
_THEORIES: tuple[Local | Theory, ...] = (Local(), Global(), Redfield())
_EXACT = Exact()
_QUANTITIES = ("occupations", "bath_currents", "heat_currents")


def validity_map(
    build: Callable[..., Network],
    grid: Product | Zipped | Mapping[str, Axis | Iterable[Any]],
    *,
    theories: Sequence[Local | Theory] = _THEORIES,
    reference: Theory = _EXACT,
    executor: Executor = _IN_PROCESS,
    store: str | os.PathLike[str] | None = None,
) -> xarray.Dataset:
    """The error of every theory against the exact solution, over any parameters of a network.

    Parameters
    ----------
    build : callable
        Takes the parameters of a point by name and returns a Network whose baths have temperatures.
    grid : mapping of str to sequence, or Product, Zipped, Points
        Values of the parameters, as for :func:`~wignerness.analysis.sweep`.
    theories : sequence of theories, optional
    reference : Theory, optional
        What errors are measured by.
    executor, store
        As for :func:`~wignerness.analysis.sweep`: worker processes; a file from which a run that was stopped goes on.

    Returns
    -------
    xarray.Dataset
        Over the parameters: ``error`` along ``theory`` and ``quantity`` ("occupations" relative to n + 1/2,
        "bath_currents" and "heat_currents" relative to the largest of their kind); ``clausius`` (the sum of heat over
        temperature) and ``breaks_second_law`` (1 or 0) along ``theory``; ``message`` says why a point failed.

    Raises
    ------
    InvalidNetworkError, SweepError, MissingExtraError
        As :func:`~wignerness.analysis.sweep`.

    Notes
    -----
    A point fails, with its reason, where any of the theories cannot treat the network.

    Examples
    --------
    Two resonant oscillators: the local equation is right for weak hopping, the secular global one for strong hopping.

    >>> import wignerness as wn
    >>> from wignerness import theories, validity
    >>> def pair(hopping):
    ...     baths = [wn.ThermalBath.at_temperature(k, 0.02, T, frequency=1.0) for k, T in enumerate((0.5, 0.25))]
    ...     return wn.Network([[1.0, hopping], [hopping, 1.0]], baths)
    >>> both = [theories.Local(), theories.Global(secular_width=0.0)]
    >>> data = validity.validity_map(pair, {"hopping": [0.002, 0.5]}, theories=both)
    >>> data.error.sel(quantity="heat_currents").values.round(4).tolist()
    [[0.0, 24.9994], [0.039, 0.0027]]
    """
    given = _checks.sequence("theories", theories, "theories")
    for theory in (*given, reference):
        if isinstance(theory, type) or not hasattr(theory, "refusal"):
            _checks.fail("theories", "hold theory objects such as theories.Global()", repr(theory))
    observables = {
        f"{quantity} {theory!r}": Quantity(
            (), 0, f"{quantity} by {theory!r}", partial(_entry, given, reference, k, quantity)
        )
        for k, theory in enumerate(given)
        for quantity in (*_QUANTITIES, "clausius", "breaks_second_law")
    }
    flat = sweep(build, grid, observables, executor=executor, store=store)
    return _gathered(flat, [repr(theory) for theory in given], repr(reference))


def _entry(
    theories: tuple[Local | Theory, ...], reference: Theory, index: int, quantity: str, result: SteadyState
) -> float:
    """One number of a point; what all of its numbers need is computed once."""
    errors = _errors(theories, reference, result)[index]  # type: ignore[arg-type]
    if errors.refusal:
        raise UndefinedQuantityError(f"{errors.theory!r}: {errors.refusal}")
    if quantity == "breaks_second_law":
        return float("breaks the second law" in errors.faults)
    value = getattr(errors, quantity)
    return float("nan") if value is None else float(value)


@functools.lru_cache(maxsize=1)  # every quantity of a point asks for the same
def _errors(theories: tuple[Local | Theory, ...], reference: Theory, result: SteadyState) -> tuple[Errors, ...]:
    comparison = compare_all(result.network, [*theories, reference])
    if repr(reference) in comparison.refusals:
        raise UndefinedQuantityError(comparison.refusals[repr(reference)])
    return errors_of(comparison, theories)


def _gathered(flat: xarray.Dataset, theories: Sequence[str], reference: str) -> xarray.Dataset:
    """The many variables of the sweep as few, along theory and quantity."""
    import xarray

    def along_theory(quantity: str) -> xarray.DataArray:
        parts = [flat[f"{quantity} {theory}"] for theory in theories]
        return xarray.concat(parts, xarray.Variable("theory", list(theories)), coords="minimal", compat="override")

    quantities = xarray.Variable("quantity", list(_QUANTITIES))
    errors = xarray.concat([along_theory(q) for q in _QUANTITIES], quantities, coords="minimal", compat="override")
    parameters = list(flat["message"].dims)
    found = flat[["message", "sweep"]].assign(
        error=errors.transpose(*parameters, "theory", "quantity"),
        clausius=along_theory("clausius").transpose(*parameters, "theory"),
        breaks_second_law=along_theory("breaks_second_law").transpose(*parameters, "theory"),
    )
    about = {
        "error": f"relative error against {reference}",
        "clausius": "sum of heat over temperature",
        "breaks_second_law": "whether the sum of heat over temperature is negative",
    }
    for name, words in about.items():
        found[name].attrs = {"units": "rate" if name == "clausius" else "1", "long_name": words}
    return found.assign_attrs({**flat.attrs, "reference": reference})
