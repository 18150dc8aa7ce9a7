"""Exact moments at any time, by one of three routes that :func:`motion` chooses.

- :class:`Relaxing`: where there is a steady state, the departure from it is propagated, so that what is left of
  it keeps its digits however late.
- :class:`Free`: where there is none (undamped or growing modes), by the doubling of :mod:`wignerness.linalg`.
- :class:`Following`: probes that follow the instantaneous occupation, and dephasing: the equation of C is linear
  still, but not a Lyapunov equation; it is exponentiated as the L^2 x L^2 map that it is.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import Protocol, cast

import numpy as np
from scipy import linalg, sparse
from scipy.sparse.linalg import LinearOperator, expm_multiply

from .._memory import refuse_beyond
from .._typing import ComplexArray
from ..bath import Dephasing, Probe, ThermalBath
from ..errors import ConvergenceError, NoUniqueSteadyStateError, UndefinedQuantityError
from ..linalg.compensated import two_sum
from ..linalg.propagator import Propagator, integrals
from ..linalg.symplectic import ladder
from ..network import Network
from ..state import GaussianState
from .steady import SteadyState, steady_state

_MAP_UP_TO = 24  # modes, for the dense exponential of the L^2 x L^2 map


class Motion(Protocol):
    """Moments as a function of time."""

    network: Network

    def state(self, time: float) -> GaussianState:
        """The state at ``time`` after the start."""
        ...

    def network_at(self, state: GaussianState) -> Network:
        """The network with the probe occupations that hold in ``state``."""
        ...


def motion(network: Network, start: GaussianState, *, follow: bool) -> Motion:
    """The route that fits the network."""
    if network.dephasings or (follow and network.free_probes):
        return Following(network, start)
    try:
        return Relaxing(steady_state(network), start)
    except (NoUniqueSteadyStateError, ConvergenceError):
        if network.free_probes:
            raise
        return Free(network, start)


class Relaxing:
    """C(t) = C_ss + E (C_0 - C_ss) E^H, with free probes frozen at their steady occupations."""

    def __init__(self, steady: SteadyState, start: GaussianState) -> None:
        self.network, self.fixed, self.start = steady.network, steady.state, start
        self._propagator = Propagator(dense(self.network.drift))

    @cached_property
    def _departure(self) -> ComplexArray:
        """C_0 - C_ss; in ladder order Theta_0 - Theta_ss where the network is not passive."""
        departure = self.start.normal - self.fixed.normal
        tail = self.start.normal_tail - self.fixed.normal_tail
        departure[np.diag_indices_from(departure)] += tail
        if self.network.is_passive:
            return departure
        cross = self.start.anomalous - self.fixed.anomalous
        cross[np.diag_indices_from(cross)] += self.start.anomalous_tail - self.fixed.anomalous_tail
        return ladder(departure, cross)

    def network_at(self, state: GaussianState) -> Network:  # noqa: ARG002 - frozen probes
        """The network with its probes as they are in the steady state."""
        return self.network

    def state(self, time: float) -> GaussianState:
        """The state at ``time``."""
        e = self._propagator.at(time)
        left = e @ self._departure @ e.conj().T
        mean = self.fixed.mean + _carried_mean(self.network, e, self.start.mean - self.fixed.mean)
        if self.network.is_passive:
            anomalous = None if self.start.is_phase_insensitive else e @ self.start.anomalous @ e.T
            return _sum(self.fixed, mean, left, anomalous)
        return _sum(self.fixed, mean, left[::2, ::2], left[::2, 1::2])


class Free:
    """C(t) = E C_0 E^H + Q, for networks without a steady state."""

    def __init__(self, network: Network, start: GaussianState) -> None:
        self.network, self.start = network, start
        self._drift, self._source = dense(network.drift), dense(network.diffusion)

    def network_at(self, state: GaussianState) -> Network:  # noqa: ARG002 - nothing to follow
        """The network itself."""
        return self.network

    def state(self, time: float) -> GaussianState:
        """The state at ``time``."""
        e, fed, _ = integrals(self._drift, self._source, time)
        mean = _driven_mean(self.network, self._drift, self.start.mean, time)
        if self.network.is_passive:
            anomalous = None if self.start.is_phase_insensitive else e @ self.start.anomalous @ e.T
            return GaussianState(mean, e @ self.start.normal @ e.conj().T + fed, anomalous, trusted=True)
        covariance = e @ self.start.covariance() @ e.conj().T + fed
        normal = covariance[::2, ::2] - np.eye(self.network.n_modes) / 2
        return GaussianState(mean, normal, covariance[::2, 1::2], trusted=True)


class Following:
    """dC/dt = A C + C A^H + f + diag(Gamma_k C_kk): probes that take on C_kk at every time, or dephasing."""

    def __init__(self, network: Network, start: GaussianState) -> None:
        if not network.is_passive or not start.is_phase_insensitive or start.mean.any() or network.drive.any():
            raise UndefinedQuantityError(
                "Probes that follow the instantaneous occupation, and dephasing, are propagated at zero mean and "
                "without anomalous moments; leave out drive, pairing, squeezing and displacement, or freeze the probes."
            )
        self.network, self.start = network, start
        self._feedback = np.zeros(network.n_modes)
        plain = []
        for bath in network.baths:
            if isinstance(bath, Dephasing) or (isinstance(bath, Probe) and bath.is_free):
                self._feedback[bath.mode] += bath.rate
                plain.append(ThermalBath(bath.mode, bath.rate, 0.0))
            else:
                plain.append(cast("ThermalBath", bath))
        damped = network.replace(baths=plain)
        self._drift, self._source = dense(damped.drift), dense(damped.diffusion)
        if network.n_modes <= _MAP_UP_TO:
            needed = 16 * 8 * (network.n_modes**2 + 1) ** 2
            refuse_beyond(needed, "The map of the second moments", "Use fewer modes.")

    def network_at(self, state: GaussianState) -> Network:
        """The network with every free probe at the occupation of its node."""
        baths = list(self.network.baths)
        for index in self.network.free_probes:
            probe = cast("Probe", baths[index])
            baths[index] = replace(probe, occupation=max(0.0, float(state.normal[probe.mode, probe.mode].real)))
        return self.network.replace(baths=baths)

    def state(self, time: float) -> GaussianState:
        """The state at ``time``."""
        size = self.network.n_modes
        vector = np.append(self.start.normal.ravel(), 1.0)
        if size <= _MAP_UP_TO:
            moved = linalg.expm(self._map * time) @ vector
        else:
            moved = expm_multiply(self._operator(time), vector, traceA=self._trace * time)
        return GaussianState(self.start.mean, moved[:-1].reshape(size, size), trusted=True)

    def _apply(self, moments: ComplexArray) -> ComplexArray:
        half = self._drift @ moments
        return np.asarray(half + self._drift_on_right(moments) + np.diag(self._feedback * np.diag(moments)))

    def _drift_on_right(self, moments: ComplexArray) -> ComplexArray:
        return np.asarray(moments @ self._drift.conj().T)

    @property
    def _trace(self) -> float:
        return float(2 * self.network.n_modes * np.trace(self._drift).real + self._feedback.sum())

    @cached_property
    def _map(self) -> ComplexArray:
        """The generator of (C, 1), C by rows."""
        size = self.network.n_modes
        unit = np.eye(size)
        generator = np.zeros((size**2 + 1, size**2 + 1), dtype=np.complex128)
        generator[:-1, :-1] = np.kron(self._drift, unit) + np.kron(unit, self._drift.conj())
        diagonal = np.arange(size) * (size + 1)
        generator[diagonal, diagonal] += self._feedback
        generator[:-1, -1] = self._source.ravel()
        return generator

    def _operator(self, time: float) -> LinearOperator:
        size, source = self.network.n_modes, self._source

        def forward(vector: ComplexArray) -> ComplexArray:
            moved = self._apply(vector[:-1].reshape(size, size)) + vector[-1] * source
            return np.append(moved.ravel() * time, 0.0)

        def backward(vector: ComplexArray) -> ComplexArray:
            given = vector[:-1].reshape(size, size)
            half = self._drift.conj().T @ given
            moved = half + given @ self._drift + np.diag(self._feedback * np.diag(given))
            return np.append(moved.ravel() * time, np.vdot(source, given) * time)

        shape = (size**2 + 1, size**2 + 1)
        return LinearOperator(shape, dtype=np.complex128, matvec=forward, rmatvec=backward)


def dense(matrix: object) -> ComplexArray:
    """A drift or diffusion as a dense complex array."""
    if isinstance(matrix, (sparse.csr_array, sparse.dia_array)):
        return np.asarray(matrix.toarray(), dtype=np.complex128)
    return np.asarray(matrix, dtype=np.complex128)


def _carried_mean(network: Network, e: ComplexArray, mean: ComplexArray) -> ComplexArray:
    if network.is_passive:
        return np.asarray(e @ mean)
    return np.asarray(e[::2, ::2] @ mean + e[::2, 1::2] @ mean.conj())


def _driven_mean(network: Network, drift: ComplexArray, mean: ComplexArray, time: float) -> ComplexArray:
    """The mean under a drive that stays on, by the exponential of the drift with the drive as a further column."""
    force = -1j * network.drive
    if not network.is_passive:
        force, mean = (np.ravel(np.column_stack([x, x.conj()])) for x in (force, mean))
    size = len(drift)
    generator = np.zeros((size + 1, size + 1), dtype=np.complex128)
    generator[:-1, :-1], generator[:-1, -1] = drift, force
    moved = linalg.expm(generator * time) @ np.append(mean, 1.0)
    return np.asarray(moved[:-1] if network.is_passive else moved[:-1:2])


def _sum(
    fixed: GaussianState, mean: ComplexArray, departure: ComplexArray, anomalous: ComplexArray | None
) -> GaussianState:
    """The fixed state plus a departure from it, with what rounding drops of the diagonals."""
    departure = (departure + departure.conj().T) / 2
    normal = fixed.normal + departure
    diagonal = two_sum(np.diag(fixed.normal).real, np.diag(departure).real)
    cross, cross_tail = None, None
    if anomalous is not None:
        cross = fixed.anomalous + anomalous
        pair = two_sum(np.diag(fixed.anomalous), np.diag(anomalous))
        cross_tail = pair.lo + fixed.anomalous_tail
    tail = diagonal.lo + fixed.normal_tail
    return GaussianState(mean, normal, cross, normal_tail=tail, anomalous_tail=cross_tail, trusted=True)
