"""Runs in time and relaxation spectra as datasets, and back."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from .._checks import read_only
from ..dynamics.evolution import Evolution
from ..dynamics.propagation import Change, Motion
from ..dynamics.quantities import QUANTITIES_IN_TIME, unit_text
from ..dynamics.routes import motion
from ..dynamics.spectrum import Relaxation
from ..errors import UndefinedQuantityError
from ..network import Network
from ..state import GaussianState
from .formats import xarray_module
from .variables import (
    PAIR,
    Variables,
    attributes,
    complex_array,
    complex_variables,
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

_NODE = ("time", "node")


# --- evolution ------------------------------------------------------------------------------------------------------


def from_evolution(result: Evolution, spec: RunSpec | None) -> xarray.Dataset:
    """A run with the states at all its times; quantities that are undefined for the network are left out."""
    unit = "rate" if spec is None else spec.unit
    variables = network_variables(result.network, unit) | state_variables(result.initial, prefix="initial_")
    variables |= _states(list(result.states)) | spec_variable(spec)
    for name, quantity in QUANTITIES_IN_TIME.items():
        if "time" not in quantity.dims:
            continue  # an integral can be had again at any time
        try:
            value = quantity.compute(result)
        except UndefinedQuantityError:
            continue
        about = {"units": unit_text(quantity.power, unit), "long_name": quantity.description}
        variables[name] = (quantity.dims, value, about)
    variables["time"] = ("time", result.times, {"units": unit_text(-1, unit), "long_name": "time after the start"})
    found = attributes("evolution", spec) | {"following_probes": int(bool(result.network.free_probes))}
    return xarray_module().Dataset(  # type: ignore[no-any-return]
        {name: value for name, value in variables.items() if name != "time"},
        coords=label_coordinates(result.network) | {"time": variables["time"]},
        attrs=found,
    )


def _states(states: list[GaussianState]) -> Variables:
    """States at several times, stacked."""
    stacks = {
        "mean": (("node",), "mean amplitude <a_k>"),
        "normal": (PAIR, "normal moments <a_l^+ a_k> - <a_l>^* <a_k>"),
    }
    if not all(state.is_phase_insensitive for state in states):
        stacks["anomalous"] = (PAIR, "anomalous moments <a_k a_l> - <a_k> <a_l>")
        stacks["anomalous_tail"] = (("node",), "what rounding dropped of anomalous[k, k]")
    variables: Variables = {}
    for name, (dims, description) in stacks.items():
        whole = np.array([getattr(state, name) for state in states])
        variables |= complex_variables(name, ("time", *dims), whole, "1", description)
    tails = np.array([state.normal_tail for state in states])
    about = {"units": "1", "long_name": "what rounding dropped of normal[k, k]"}
    return variables | {"normal_tail": (_NODE, tails, about)}


def to_evolution(dataset: xarray.Dataset) -> Evolution:
    """The run, its states as they were stored.

    What is computed from the states is the same to the last bit. Rates of change and integrals over an interval are
    computed anew from the network and the start, when asked for.
    """
    network, times = restore_network(dataset), stored(dataset, "time")
    initial = restore_state(dataset, prefix="initial_")
    return Evolution(_Recorded(network, initial, times, _restored_states(dataset)), initial, times)


def _restored_states(dataset: xarray.Dataset) -> list[GaussianState]:
    whole: dict[str, Any] = {
        name: complex_array(dataset, name, optional=name.startswith("anomalous"))
        for name in ("mean", "normal", "anomalous", "anomalous_tail")
    }
    whole["normal_tail"] = stored(dataset, "normal_tail")
    rows = range(dataset.sizes["time"])
    return [
        GaussianState(**{name: None if value is None else value[row] for name, value in whole.items()}, trusted=True)
        for row in rows
    ]


class _Recorded:
    """A motion that knows the states at some times, and finds out the rest."""

    def __init__(
        self, network: Network, initial: GaussianState, times: np.ndarray, states: list[GaussianState]
    ) -> None:
        self.network, self._initial = network, initial
        self._known = dict(zip(times.tolist(), states, strict=True))

    @cached_property
    def _course(self) -> Motion:
        return motion(self.network, self._initial, follow=bool(self.network.free_probes))

    def state(self, time: float) -> GaussianState:
        """The state at ``time``."""
        return self._known[time] if time in self._known else self._course.state(time)

    def change(self, time: float) -> Change:
        """How fast the moments change at that time."""
        return self._course.change(time)

    def average(self, start: float, stop: float) -> GaussianState:
        """The state of the moments averaged over an interval."""
        return self._course.average(start, stop)

    def network_at(self, state: GaussianState) -> Network:
        """The network with the probe occupations that hold in ``state``."""
        return self._course.network_at(state) if self.network.free_probes else self.network


# --- relaxation -----------------------------------------------------------------------------------------------------


def from_relaxation(result: Relaxation, spec: RunSpec | None) -> xarray.Dataset:
    """Decay rates, frequencies and normal modes."""
    unit = "rate" if spec is None else spec.unit
    variables: Variables = {
        "rates": ("mode", result.rates, {"units": unit, "long_name": "decay rate of the amplitude, slowest first"}),
        "frequencies": ("mode", result.frequencies, {"units": unit, "long_name": "frequency of the normal mode"}),
    }
    variables |= complex_variables("modes", ("mode", "component"), result.modes, "1", "normal mode, one a row")
    variables |= spec_variable(spec)
    return xarray_module().Dataset(variables, attrs=attributes("relaxation", spec))  # type: ignore[no-any-return]


def to_relaxation(dataset: xarray.Dataset) -> Relaxation:
    """The spectrum."""
    rates, frequencies = (read_only(stored(dataset, name)) for name in ("rates", "frequencies"))
    return Relaxation(rates, frequencies, read_only(complex_array(dataset, "modes")))
