"""The sections ``[evolve]`` and ``[trajectories]`` of a spec: from which state, to which times, how many trajectories."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .._typing import RealArray
from ..dynamics.evolution import Evolution, evolve
from ..dynamics.trajectories import Trajectories, sample_trajectories
from ..errors import WignernessError
from ..network import Network
from ..state import GaussianState
from .faults import Faults

if TYPE_CHECKING:
    from .tables import EvolveTable, StartTable, TrajectoriesTable

__all__ = ["TimePlan", "read_time_plan"]


@dataclass(frozen=True, eq=False)
class TimePlan:
    """A run in time.

    Parameters
    ----------
    start : GaussianState
    times : (T,) array
    follow : bool
        Whether free probes follow the instantaneous occupation.
    start_of : callable
        The start that the spec describes for another network, of another size perhaps; for sweeps.
    trajectories, seed : int or None
        How many trajectories are drawn, and from which seed; none are drawn where there is no number.

    Examples
    --------
    >>> from wignerness.io.spec import parse_spec
    >>> spec = parse_spec('''
    ... [network]
    ... model = "chain"
    ... length = 2
    ... hopping = 0.5
    ... rate = 1.0
    ... occupations = [1, 2]
    ... [evolve]
    ... times = [0.0, 1e9]
    ... start = { kind = "vacuum" }
    ... ''')
    >>> spec.in_time.evolve(spec.network).occupations[-1]
    array([1.25, 1.75])
    """

    start: GaussianState
    times: RealArray
    follow: bool
    trajectories: int | None
    seed: int | None
    start_of: Callable[[Network], GaussianState]

    def evolve(self, network: Network) -> Evolution:
        """The run."""
        return evolve(network, self.start, self.times, follow=self.follow)

    def sample(self, network: Network) -> Trajectories | None:
        """The trajectories, if any are asked for; they start at time zero."""
        if self.trajectories is None or self.seed is None:
            return None
        later = self.times[self.times > 0]
        return sample_trajectories(network, self.start, later, self.trajectories, rng=self.seed)


@dataclass(frozen=True)
class StartOf:
    """The start that a table describes, for any network."""

    table: StartTable

    def __call__(self, network: Network) -> GaussianState:
        """The start of a network."""
        return _state(self.table, network.n_modes)


def read_time_plan(
    table: EvolveTable, trajectories: TrajectoriesTable | None, network: Network, faults: Faults
) -> TimePlan | None:
    """The plan, or None with its faults noted."""
    times = np.array(table.times, dtype=np.float64) if table.times is not None else _spaced(table)
    try:
        start = _state(table.start, network.n_modes)
    except WignernessError as error:
        faults.add(("evolve", "start"), str(error))
        return None
    if start.n_modes != network.n_modes:
        faults.add(("evolve", "start"), f"has {start.n_modes} modes, but the network has {network.n_modes}")
        return None
    if trajectories is not None and (np.any(np.diff(times) <= 0) or times[-1] <= 0):
        faults.add(("evolve", "times"), "must increase to a time after the start, to draw trajectories")
        return None
    count, seed = (None, None) if trajectories is None else (trajectories.number, trajectories.seed)
    return TimePlan(start, times, table.follow, count, seed, StartOf(table.start))


def _spaced(table: EvolveTable) -> RealArray:
    first, last = float(table.first), float(table.last or 0.0)
    points = table.points or 2
    spaced = np.geomspace(first, last, points) if table.spacing == "logarithmic" else np.linspace(first, last, points)
    return np.asarray(spaced, dtype=np.float64)


def _state(table: StartTable, size: int) -> GaussianState:
    def each(value: Any) -> Any:
        return np.full(size, value) if np.ndim(value) == 0 else np.array(value)

    if table.kind == "thermal":
        return GaussianState.thermal(each(table.occupations))
    if table.kind == "coherent":
        return GaussianState.coherent(np.array(table.amplitudes))
    if table.kind == "squeezed":
        return GaussianState.squeezed(each(table.r), each(table.angle))
    return GaussianState.vacuum(size)
