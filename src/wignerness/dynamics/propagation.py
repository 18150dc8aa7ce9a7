"""Exact moments at any time, of a network with frozen probes and Gaussian baths: propagators, and integrals over them.

The departure from a reference is propagated. Where there is a steady state it is the reference, and what is left of the
departure keeps its digits however late. Where there is none (undamped or growing modes) it is the equilibrium with one
bath of each connected part, and what feeds the departure is integrated.
"""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple, Protocol, cast

import numpy as np
from scipy import sparse

from .._checks import fail, representable
from .._memory import refuse_beyond
from .._typing import ComplexArray, RealArray
from ..bath import JumpBath
from ..linalg.compensated import Pair, two_sum
from ..linalg.propagator import Block, Propagator
from ..linalg.symplectic import ladder
from ..network import Network
from ..solvers.equation import connected_parts
from ..state import GaussianState

_BYTES = 1000  # peak per element of the drift
# A reference with moments larger than this many times those of the start is approached from the start, until the
# moments have grown to this part of it.
_FAR = 10.0
_NEAR = 1e-3


class Change(NamedTuple):
    """Rates of change of C, S and the occupations, means included.

    Those of C and S are in the frame that turns with the middle frequency of each connected part: entropies do not see
    it.
    """

    normal: ComplexArray
    anomalous: ComplexArray
    occupations: RealArray


class Motion(Protocol):
    """Moments as a function of time."""

    network: Network

    def state(self, time: float) -> GaussianState:
        """The state at ``time`` after the start."""
        ...

    def change(self, time: float) -> Change:
        """How fast the moments change at that time."""
        ...

    def average(self, start: float, stop: float) -> GaussianState:
        """The state whose raw moments are those of the motion, averaged over an interval.

        Whatever is linear in <a_j^+ a_i>, <a_i a_j> and <a_i> has its mean over the interval in this state. S is left
        out where the network is passive: nothing that is linear depends on it then.
        """
        ...

    def network_at(self, state: GaussianState) -> Network:
        """The network with the probe occupations that hold in ``state``."""
        ...


def _largest_moment(state: GaussianState) -> float:
    """The largest second moment."""
    return float(max(np.abs(state.normal).max(), np.abs(state.anomalous).max()))


def is_far(fixed: GaussianState, start: GaussianState) -> bool:
    """Whether a reference is so much larger than the start that the difference would hide the start."""
    return _largest_moment(fixed) > _FAR * max(1.0, _largest_moment(start))


class Approaching:
    """The way to a steady state whose moments are far larger than those of the start.

    Early on the difference from it would cancel; what has come in since the start does not. Later that has grown as
    large as the steady state itself, and the difference from it keeps the digits.

    Parameters
    ----------
    early, late : Departing
        From the vacuum, and from the steady state.
    """

    def __init__(self, early: Departing, late: Departing) -> None:
        self.network, self._early, self._late = late.network, early, late
        self._arrived = _NEAR * _largest_moment(late.fixed)

    def _at(self, time: float) -> Departing:
        return self._early if _largest_moment(self._late.state(time)) < self._arrived else self._late

    def state(self, time: float) -> GaussianState:
        """The state at ``time``."""
        return self._at(time).state(time)

    def change(self, time: float) -> Change:
        """How fast the moments change at that time."""
        return self._at(time).change(time)

    def average(self, start: float, stop: float) -> GaussianState:
        """The state whose raw moments are the averages over an interval."""
        return self._at(stop).average(start, stop)

    def network_at(self, state: GaussianState) -> Network:
        """The network with its probes as they are in the steady state."""
        return self._late.network_at(state)


class Departing:
    """C(t) = R + E (C_0 - R) E^H + Q, with a reference R: the steady state, or equilibria that feed Q.

    Parameters
    ----------
    network : Network
        With the occupations of all probes.
    start : GaussianState
    fixed : GaussianState or None
        The steady state, where there is one.
    cold : bool
        Without a steady state: depart from the vacuum in place of the equilibria.
    """

    def __init__(
        self, network: Network, start: GaussianState, fixed: GaussianState | None, *, cold: bool = False
    ) -> None:
        self.network, self.start = network, start
        refuse_beyond(_BYTES * self._size**2, "The propagator of all moments", "Use fewer modes.")
        self._source: ComplexArray | None = None
        self._force: ComplexArray | None = None
        if fixed is None:
            fixed, self._source = _equilibria(network, cold=cold)
            self._force = -1j * network.drive if network.drive.any() else None
        self.fixed = fixed
        self._blocks = blocks(network)
        self._conserving = network.is_passive and not network.jump_baths
        self._latest: tuple[float, tuple[ComplexArray, ComplexArray, ComplexArray]] | None = None

    @cached_property
    def _propagator(self) -> Propagator:
        return Propagator(self._blocks)

    @cached_property
    def _forced(self) -> Propagator | None:
        """Of the means with the force as a further column, where they have no steady value."""
        if self._force is None:
            return None
        return Propagator.of(bordered(dense(self.network.drift), self._of_means(self._force)))

    @cached_property
    def _drift(self) -> ComplexArray:
        """The drift without what every connected part turns with."""
        drift = np.zeros((self._size, self._size), dtype=np.complex128)
        for places, matrix, _ in self._blocks:
            drift[np.ix_(places, places)] = matrix.hi
        return drift

    @property
    def _size(self) -> int:
        return self.network.n_modes * (1 if self.network.is_passive else 2)

    def _of_means(self, values: ComplexArray) -> ComplexArray:
        """A vector in ladder order where the network is not passive."""
        if self.network.is_passive:
            return values
        return np.ravel(np.column_stack([values, values.conj()]))

    @cached_property
    def _departure(self) -> ComplexArray:
        """C_0 - R; in ladder order Theta_0 - Theta_R where the network is not passive."""
        departure: ComplexArray = self.start.normal - self.fixed.normal
        departure[np.diag_indices_from(departure)] += self.start.normal_tail - self.fixed.normal_tail
        if self.network.is_passive:
            return departure
        cross = self.start.anomalous - self.fixed.anomalous
        cross[np.diag_indices_from(cross)] += self.start.anomalous_tail - self.fixed.anomalous_tail
        return ladder(departure, cross)

    def _moments(self, time: float) -> tuple[ComplexArray, ComplexArray, ComplexArray]:
        """E, the departure of C (or Theta) and that of the means; those asked for last are kept."""
        if self._latest is None or self._latest[0] != time:
            self._latest = (time, self._propagated(time))
        return self._latest[1]

    def _propagated(self, time: float) -> tuple[ComplexArray, ComplexArray, ComplexArray]:
        mean = self._of_means(self.start.mean - self.fixed.mean)
        if time == 0:
            return np.eye(self._size, dtype=np.complex128), self._departure, mean
        e = self._propagator.at(time)
        departure = self._departed(e, time)
        if self._forced is not None:
            return e, departure, self._forced.carried(np.append(mean, 1.0), time)[:-1]
        return e, departure, e @ mean

    def _departed(self, e: ComplexArray, time: float) -> ComplexArray:
        """The departure of C (or Theta) at ``time``, given E."""
        departure = e @ self._departure @ e.conj().T
        if self._source is not None:
            departure = departure + self._propagator.fed(self._source, time, conserving=self._conserving)
        return departure

    def _rate(self, departure: ComplexArray) -> ComplexArray:
        """How fast a departure changes."""
        rate = self._drift @ departure
        rate = rate + rate.conj().T
        return rate if self._source is None else rate + self._source

    def network_at(self, state: GaussianState) -> Network:  # noqa: ARG002 - frozen probes
        """The network with its probes as they are in the steady state."""
        return self.network

    @representable("state at this time")
    def state(self, time: float) -> GaussianState:
        """The state at ``time``."""
        if time == 0:
            return self.start
        with np.errstate(over="ignore", invalid="ignore"):  # told below
            e, departure, mean = self._moments(time)
            anomalous = None
            if self.network.is_passive and not self.start.is_phase_insensitive:
                anomalous = e @ self.start.anomalous @ e.T
        check_finite(time, departure, mean)
        return self._sum(mean, departure, anomalous)

    def _sum(self, mean: ComplexArray, departure: ComplexArray, anomalous: ComplexArray | None) -> GaussianState:
        """The reference plus a departure from it, with what rounding drops of the diagonals."""
        step = 1 if self.network.is_passive else 2
        cross = anomalous if step == 1 else departure[::2, 1::2]
        departure, mean = departure[::step, ::step], self.fixed.mean + mean[::step]
        diagonal = two_sum(np.diag(self.fixed.normal).real, np.diag(departure).real)
        tail, cross_tail = diagonal.lo + self.fixed.normal_tail, None
        if cross is not None:
            pair = two_sum(np.diag(self.fixed.anomalous), np.diag(cross))
            cross_tail = pair.lo + self.fixed.anomalous_tail
            cross = self.fixed.anomalous + (cross + cross.T) / 2
        normal = self.fixed.normal + (departure + departure.conj().T) / 2
        return GaussianState(mean, normal, cross, normal_tail=tail, anomalous_tail=cross_tail, trusted=True)

    @representable("rate of change")
    def change(self, time: float) -> Change:
        """A X + X A^H of the departure and what feeds it: nothing cancels near the steady state."""
        e, departure, mean = self._moments(time)
        rate = self._rate(departure)
        step = 1 if self.network.is_passive else 2
        occupations = np.diag(rate).real[::step] + self._coherent_change(mean)[::step]
        if step == 2:
            return Change(rate[::2, ::2], rate[::2, 1::2], occupations)
        turned = self._drift @ (e @ self.start.anomalous @ e.T)
        return Change(rate, turned + turned.T, occupations)

    def _coherent_change(self, mean: ComplexArray) -> RealArray:
        """d|mu|^2/dt, from the departure of the mean; turning does not change it but where the reference stands still."""
        fixed = self._of_means(self.fixed.mean)
        pull = self._drift @ mean
        if self._force is not None:
            pull = pull + self._of_means(self._force)
        turning = np.zeros(self._size)
        for places, _, middle in self._blocks:
            turning[places] = middle
        return np.asarray(2 * ((fixed + mean).conj() * pull).real + 2 * turning * (fixed.conj() * mean).imag)

    @representable("integral over the interval")
    def average(self, start: float, stop: float) -> GaussianState:
        """The state whose raw moments are the averages over an interval."""
        span = stop - start
        with np.errstate(over="ignore", invalid="ignore"):
            _, departure, mean = self._moments(start)
            outer = np.outer(mean, mean.conj())
            if self._forced is None:
                total, means = self._propagator.fed(departure + outer, span), self._propagator.pushed(mean, span)
            else:
                whole = self._forced.fed(bordered(outer, mean, 1.0), span)
                total, means = self._propagator.fed(departure, span) + whole[:-1, :-1], whole[:-1, -1]
            if self._source is not None:
                total = total + self._propagator.fed(self._source, span, order=2, conserving=self._conserving)
        check_finite(stop, total, means)
        means = means / span
        return self._sum(means, total / span - np.outer(means, means.conj()), None)


def check_finite(time: float, *arrays: ComplexArray) -> None:
    """Raise InvalidNetworkError where a growing mode has left the doubles."""
    if not all(np.isfinite(array).all() for array in arrays):
        fail("times", "be early enough that a growing mode stays finite", time)


def dense(matrix: object) -> ComplexArray:
    """A drift or diffusion as a dense complex array."""
    if isinstance(matrix, (sparse.csr_array, sparse.dia_array)):
        return np.asarray(matrix.toarray(), dtype=np.complex128)
    return np.asarray(matrix, dtype=np.complex128)


def _middle(frequencies: RealArray) -> float:
    """The middle of a range of frequencies."""
    return float(frequencies.max() / 2 + frequencies.min() / 2)


def blocks(network: Network) -> list[Block]:
    """The drift part by part; of a passive network each without its middle frequency."""
    drift, found = dense(network.drift), []
    for nodes in connected_parts(network):
        places = nodes if network.is_passive else (2 * nodes[:, None] + np.arange(2)).ravel()
        matrix, middle = drift[np.ix_(places, places)], 0.0
        tail = np.zeros_like(matrix)
        if network.is_passive:
            middle = _middle(-np.diag(matrix).imag)
            shifted = two_sum(np.diag(matrix).imag, np.full(len(nodes), middle))
            np.fill_diagonal(matrix, np.diag(matrix).real + 1j * shifted.hi)
            np.fill_diagonal(tail, 1j * shifted.lo)
        found.append(Block(places, Pair(matrix, tail), middle))
    return found


def turning_frame(network: Network) -> RealArray:
    """Frequency of every node to take off: the middle one of its connected part, if the network knows no phase."""
    turning = np.zeros(network.n_modes)
    if network.is_passive and not network.drive.any():
        for places, _, middle in blocks(network):
            turning[places] = middle
    return turning


def _equilibria(network: Network, *, cold: bool) -> tuple[GaussianState, ComplexArray | None]:
    """A reference where there is no steady state, and the source of the departure from it.

    Each connected part in equilibrium with its strongest bath: alone with that bath nothing feeds the departure. The
    vacuum where the network is not passive, or where it is asked for.
    """
    if not network.is_passive:
        drift = dense(network.drift)
        return GaussianState.vacuum(network.n_modes), dense(network.diffusion) + (drift + drift.conj().T) / 2
    occupations, source = np.zeros(network.n_modes), np.zeros((network.n_modes, network.n_modes), dtype=np.complex128)
    for nodes in connected_parts(network):
        inside = np.isin(network.bath_modes, nodes)
        if not cold and (network.bath_rates[inside] > 0).any():
            occupations[nodes] = network.bath_occupations[inside][np.argmax(network.bath_rates[inside])]
    surplus = network.bath_rates * (network.bath_occupations - occupations[network.bath_modes])
    np.add.at(source, (network.bath_modes, network.bath_modes), surplus)
    for index in network.jump_baths:
        own, _, spread, _ = cast("JumpBath", network.baths[index]).channel()
        source += spread + own + occupations * (own + own.conj().T)
    return GaussianState.thermal(occupations), source if source.any() else None


def bordered(inner: ComplexArray, edge: ComplexArray | None = None, corner: float | None = None) -> ComplexArray:
    """A matrix with one row and column more: [[inner, edge], [0, 0]], or [[inner, edge], [edge^+, corner]]."""
    size = len(inner)
    out = np.zeros((size + 1, size + 1), dtype=np.complex128)
    out[:-1, :-1] = inner
    if edge is not None:
        out[:-1, -1] = edge
        if corner is not None:
            out[-1, :-1], out[-1, -1] = edge.conj(), corner
    return out
