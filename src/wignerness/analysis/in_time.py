"""Sweeps over runs in time: from which start, to which times."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import _checks
from .._typing import RealArray
from ..dynamics.evolution import Evolution, evolve
from ..errors import SweepError
from ..network import Network
from ..state import GaussianState

__all__ = ["InTime"]


@dataclass(frozen=True, eq=False)
class InTime:
    """Runs in time, in place of steady states, at the points of a sweep.

    Parameters
    ----------
    times : (T,) array_like
        Times >= 0 after the start, the same for all points; unit: one over that of rates.
    start : GaussianState or callable, optional
        The start of all points, or a function that takes the network of a point and returns its start. By default the
        vacuum.
    follow : bool
        Whether free probes follow the instantaneous occupation; see :func:`~wignerness.evolve`.

    Raises
    ------
    SweepError
        If there is no time, one is negative or not finite or stands twice, or the start is of another kind.

    Examples
    --------
    >>> import wignerness as wn
    >>> from wignerness.analysis import InTime
    >>> def pair(hopping):
    ...     return wn.models.chain(2, hopping=hopping, rate=1.0, occupations=(1, 2))
    >>> data = wn.sweep(pair, {"hopping": [0.1, 0.5]}, ["occupations"], in_time=InTime([0.0, 1.0, 1e9]))
    >>> data.occupations.dims
    ('hopping', 'time', 'node')
    >>> data.occupations.sel(hopping=0.5, time=1e9).values
    array([1.25, 1.75])
    """

    times: RealArray
    start: GaussianState | Callable[[Network], GaussianState] | None = None
    follow: bool = False

    def __post_init__(self) -> None:
        times = _checks.real_array("times", self.times, (None,), minimum=0.0, error=SweepError)
        if len(times) == 0 or len(np.unique(times)) != len(times):
            _checks.fail("times", "hold distinct times, at least one", times.tolist(), SweepError)
        if self.start is not None and not isinstance(self.start, GaussianState) and not callable(self.start):
            _checks.fail("start", "be a GaussianState, or a function that returns one", repr(self.start), SweepError)
        object.__setattr__(self, "times", _checks.read_only(times))

    def __repr__(self) -> str:
        return f"InTime({len(self.times)} times, follow={self.follow})"

    def run(self, network: Network) -> Evolution:
        """The run of one network."""
        return evolve(network, self._start_of(network), self.times, follow=self.follow)

    def _start_of(self, network: Network) -> GaussianState:
        if self.start is None:
            return GaussianState.vacuum(network.n_modes)
        start = self.start if isinstance(self.start, GaussianState) else self.start(network)
        if not isinstance(start, GaussianState):
            raise SweepError(f"`start` must return a GaussianState, but returned a {type(start).__name__}.")
        return start

    def identity(self, name_of: Callable[[Any], str]) -> dict[str, str]:
        """What the runs depend on, in words; ``name_of`` says what a function is."""
        if isinstance(self.start, GaussianState):
            start = f"{self.start!r} ({_digest(*_arrays(self.start))})"
        else:
            start = "vacuum" if self.start is None else name_of(self.start)
        ends = f"{self.times.min():.17g} to {self.times.max():.17g}"
        times = f"{len(self.times)} times {ends} ({_digest(self.times)})"
        return {"times": times, "start": start, "follow": str(self.follow)}


def _arrays(state: GaussianState) -> tuple[np.ndarray, ...]:
    normal = state.normal.toarray() if state.is_partial else state.normal
    return (state.mean, normal, state.anomalous, state.normal_tail, state.anomalous_tail)


def _digest(*arrays: np.ndarray) -> str:
    total = hashlib.sha256()
    for array in arrays:
        total.update(np.ascontiguousarray(array).tobytes())
    return total.hexdigest()[:8]
