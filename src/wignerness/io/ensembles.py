"""Statistics of trajectories as datasets, and back."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NoReturn, cast

import numpy as np

from ..dynamics import ExchangeStatistics, Trajectories
from ..dynamics.quantities import unit_text
from ..errors import AccuracyWarning, UndefinedQuantityError
from ..network import Network
from ..state import GaussianState
from .formats import xarray_module
from .variables import (
    Variables,
    attributes,
    label_coordinates,
    network_variables,
    restore_network,
    restore_state,
    spec_variable,
    state_variables,
    stored,
)

if TYPE_CHECKING:
    import xarray

    from .spec import RunSpec

_PER_BATH = ("trajectory", "bath")


def from_trajectories(result: Trajectories, spec: RunSpec | None) -> xarray.Dataset:
    """Entropy production of every trajectory, its parts, and their averages; the amplitudes are not stored."""
    unit = "rate" if spec is None else spec.unit
    with warnings.catch_warnings():  # a reader of the file sees the number of effective samples
        warnings.simplefilter("ignore", AccuracyWarning)
        average = result.integral_fluctuation()
    columns: dict[str, tuple[tuple[str, ...], Any, str]] = {
        "entropy_production": (("trajectory",), result.entropy_production, "entropy production Sigma, nats"),
        "bath_entropy": (_PER_BATH, result.bath_entropy, "entropy handed to the bath, nats"),
        "fluctuation_mean": ((), average.mean, "average of exp(-Sigma)"),
        "fluctuation_error": ((), average.standard_error, "standard error of the average of exp(-Sigma)"),
        "effective_samples": ((), average.effective_samples, "trajectories that carry the average of exp(-Sigma)"),
    }
    with contextlib.suppress(UndefinedQuantityError):  # of other than thermal baths
        exchange = result.exchange_statistics()
        columns |= {
            "exchange_mean": (("bath",), exchange.mean, "mean number of excitations handed to the bath"),
            "exchange_variance": (("bath",), exchange.variance, "variance of the excitations handed to the bath"),
        }
    variables = network_variables(result.network, unit) | state_variables(result.initial, prefix="initial_")
    for name, (dims, value, description) in columns.items():
        variables[name] = (dims, value, {"units": "1", "long_name": description})
    time = ("time", result.times, {"units": unit_text(-1, unit), "long_name": "time after the start"})
    return xarray_module().Dataset(  # type: ignore[no-any-return]
        variables | spec_variable(spec),
        coords=label_coordinates(result.network) | {"time": time},
        attrs=attributes("trajectories", spec),
    )


def to_trajectories(dataset: xarray.Dataset) -> Trajectories:
    """The ensemble with all its statistics; its amplitudes were not stored."""
    sigma, parts = (stored(dataset, name) for name in ("entropy_production", "bath_entropy"))
    network, initial = restore_network(dataset), restore_state(dataset, prefix="initial_")
    if sigma.ndim != 1 or parts.shape != (len(sigma), network.n_baths) or not len(sigma):
        raise ValueError(f"entropy_production has shape {sigma.shape}, bath_entropy {parts.shape}")
    record = _Record(network, initial, stored(dataset, "time"))
    return Trajectories(cast("Any", record), len(sigma), sigma, parts)


class _Record:
    """In place of what draws trajectories: they were drawn elsewhere."""

    block = 1

    def __init__(self, network: Network, start: GaussianState, times: np.ndarray) -> None:
        self.network, self.start, self.times = network, start, times

    def blocks(self, n: int, *, keep: bool) -> Iterator[NoReturn]:  # noqa: ARG002 - as what it stands for
        """Refused."""
        raise UndefinedQuantityError(
            "The amplitudes of trajectories are not stored in files. `sample_trajectories` draws the same ones again "
            "from the same network, start, times and seed."
        )


# --- exchange -------------------------------------------------------------------------------------------------------


def from_exchange_statistics(result: ExchangeStatistics, spec: RunSpec | None) -> xarray.Dataset:
    """Mean, variance and Fano factor of the excitations that each bath takes up."""
    descriptions = {
        "mean": "mean number of excitations into the bath",
        "variance": "variance of the excitations into the bath",
        "fano": "Fano factor, variance / |mean|",
    }
    variables: Variables = {
        name: ("bath", getattr(result, name), {"units": "1", "long_name": words})
        for name, words in descriptions.items()
    }
    found = attributes("exchange statistics", spec)
    return xarray_module().Dataset(variables | spec_variable(spec), attrs=found)  # type: ignore[no-any-return]


def to_exchange_statistics(dataset: xarray.Dataset) -> ExchangeStatistics:
    """The statistics."""
    mean, variance = (stored(dataset, name) for name in ("mean", "variance"))
    return ExchangeStatistics(mean, variance)
