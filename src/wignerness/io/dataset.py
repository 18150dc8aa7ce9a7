"""Results as labelled datasets (xarray), and back to the results."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from .. import solvers
from .._checks import fail, read_only
from ..dynamics import Evolution, ExchangeStatistics, Relaxation, SteadyState, Trajectories
from ..dynamics.quantities import QUANTITIES, evaluate, unit_text
from ..errors import FileFormatError
from ..theories import TheoryAccount
from . import accounts, ensembles, transients
from .formats import kind_of, xarray_module
from .storage import check_target, load_dataset, write_netcdf
from .variables import (
    attributes,
    label_coordinates,
    network_variables,
    real_variable,
    restore_network,
    restore_state,
    spec_variable,
    state_variables,
    stored,
)

if TYPE_CHECKING:
    import xarray

    from .spec import RunSpec

__all__ = ["check_target", "from_dataset", "load_dataset", "load_result", "to_dataset", "write_netcdf"]

Result: TypeAlias = SteadyState | TheoryAccount | Evolution | Relaxation | Trajectories | ExchangeStatistics

_SOLVERS = {
    name: getattr(solvers, name)
    for name in solvers.__all__
    if dataclasses.is_dataclass(getattr(solvers, name)) and hasattr(getattr(solvers, name), "solve")
}
# What a partial state cannot give again: kept as it was computed.
_KEPT = ("bath_currents", "heat_currents", "entropy_production", "entropy_flux", "wigner_entropy")


def to_dataset(result: Result, *, spec: RunSpec | None = None) -> xarray.Dataset:
    """Return a result as a labelled dataset.

    Parameters
    ----------
    result : SteadyState, TheoryAccount, Evolution, Relaxation, Trajectories or ExchangeStatistics
    spec : RunSpec, optional
        What it was computed from: gives the title, the unit, the choice of quantities of a steady state, and its own
        text.

    Returns
    -------
    xarray.Dataset
        Dimensions ``node``, ``node_from``, ``bath``, ``time``, ``trajectory`` with labels as coordinates; every
        variable has the attributes ``units`` and ``long_name``. Network and state are always stored where the result
        has them, so that `from_dataset` restores it.

    Raises
    ------
    InvalidNetworkError
        If it is no result.
    MissingExtraError
        If xarray is not installed.
    UndefinedQuantityError
        If the spec asks for a quantity that is undefined for this network.

    Examples
    --------
    >>> import wignerness as wn
    >>> ness = wn.steady_state(wn.models.chain(2, hopping=0.5, rate=1.0, occupations=(1, 2)))
    >>> dataset = wn.to_dataset(ness)
    >>> float(dataset.occupations.sel(node="0")), dataset.entropy_production.units
    (1.25, 'rate')
    """
    xarray_module()
    for kind, write in _WRITE.items():
        if isinstance(result, kind):
            return write(result, spec)
    return fail("result", "be a result, such as a SteadyState", repr(result))


def from_dataset(dataset: xarray.Dataset) -> Result | xarray.Dataset:
    """Restore a result from its dataset, to the last bit.

    Parameters
    ----------
    dataset : xarray.Dataset
        Of `to_dataset`; that of a sweep is itself the result.

    Returns
    -------
    SteadyState, TheoryAccount, Evolution, Relaxation, Trajectories, ExchangeStatistics or xarray.Dataset

    Raises
    ------
    FileFormatError
        If the dataset was not made by `to_dataset`, or parts of it are missing or impossible.

    Examples
    --------
    >>> import wignerness as wn
    >>> ness = wn.steady_state(wn.models.chain(2, hopping=0.5, rate=1.0, occupations=(1, 2)))
    >>> bool((from_dataset(wn.to_dataset(ness)).currents == ness.currents).all())
    True
    """
    kind = kind_of(dataset, "The dataset")
    if kind == "sweep":
        return dataset
    try:
        return _RESTORE[kind](dataset)
    # Whatever a damaged part breaks on its way into the result.
    except Exception as error:
        raise FileFormatError(f"The dataset of a result of the kind {kind!r} is damaged: {error}") from error


def load_result(path: str | os.PathLike[str]) -> Result | xarray.Dataset:
    """Read a result from a NetCDF file or a Zarr folder: `from_dataset` of `load_dataset`.

    Raises
    ------
    FileFormatError, MissingExtraError
        As these two.
    """
    return from_dataset(load_dataset(path))


# --- steady states --------------------------------------------------------------------------------------------------


def _from_steady_state(result: SteadyState, spec: RunSpec | None) -> xarray.Dataset:
    unit = "rate" if spec is None else spec.unit
    values, _ = evaluate(result, None if spec is None else spec.quantities)
    variables = network_variables(result.network, unit) | state_variables(result.state) | spec_variable(spec)
    for name, value in values.items():
        quantity = QUANTITIES[name]
        variables |= real_variable(name, quantity.dims, value, unit_text(quantity.power, unit), quantity.description)
    found = attributes("steady state", spec) | {
        "solver": type(result.solver).__name__,
        "solver_options": json.dumps(dataclasses.asdict(cast("Any", result.solver))),
        "reason": result.reason,
        "residual": result.residual,
        "error_bound": result.error_bound,
        "separation": result.separation,
        "converged": int(result.converged),
        "self_consistent": json.dumps(list(result.self_consistent)),
    }
    known = {name: value for name, value in found.items() if value is not None}
    coordinates = label_coordinates(result.network)
    return xarray_module().Dataset(variables, coords=coordinates, attrs=known)  # type: ignore[no-any-return]


def _to_steady_state(dataset: xarray.Dataset) -> SteadyState:
    said = dataset.attrs
    result = SteadyState(
        network=restore_network(dataset),
        state=restore_state(dataset),
        solver=_SOLVERS[said["solver"]](**json.loads(said["solver_options"])),
        reason=str(said["reason"]),
        residual=float(said["residual"]),
        error_bound=float(said["error_bound"]) if "error_bound" in said else None,
        separation=float(said["separation"]) if "separation" in said else None,
        converged=bool(said["converged"]),
        self_consistent=tuple(json.loads(said["self_consistent"])),
    )
    if result.state.is_partial:
        for name in _KEPT:
            if name in dataset:
                value = stored(dataset, name)
                vars(result)[name] = read_only(value) if value.ndim else float(value)
    return result


_WRITE: dict[type, Callable[[Any, RunSpec | None], xarray.Dataset]] = {
    SteadyState: _from_steady_state,
    TheoryAccount: accounts.from_account,
    Evolution: transients.from_evolution,
    Relaxation: transients.from_relaxation,
    Trajectories: ensembles.from_trajectories,
    ExchangeStatistics: ensembles.from_exchange_statistics,
}
_RESTORE: dict[str, Callable[[xarray.Dataset], Result]] = {
    "steady state": _to_steady_state,
    "account": accounts.to_account,
    "evolution": transients.to_evolution,
    "relaxation": transients.to_relaxation,
    "trajectories": ensembles.to_trajectories,
    "exchange statistics": ensembles.to_exchange_statistics,
}
