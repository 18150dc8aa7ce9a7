"""Entropy flux and production of one bath as a Gaussian channel: drift W_c and diffusion F_c of the moments.

For any such channel, with F_c^p the pseudo-inverse,

    Phi_c = Tr W_c + 2 Tr[ W_c^+ F_c^p W_c (Theta + mu mu^+) ]
    Pi_c  = Phi_c + Tr W_c + Tr[ F_c Theta^-1 ] / 2  >= 0,

and sum_c (Pi_c - Phi_c) = dS/dt. Here both are written without cancellation: with the departure G = F + 2 W Theta
from the channel's own fixed point, Pi_c = Tr[ G^+ F^p G Theta^-1 ] / 2 + 2 mu^+ W^+ F^p W mu.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from scipy import linalg

from .._typing import Array, ComplexArray, IntArray, RealArray
from ..bath import JumpBath, Probe
from ..linalg.symplectic import ladder
from ..network import Network
from ..state import GaussianState
from ._fit import ladder_mean

# Eigenvalues of the diffusion of a jump bath below this part of the largest count as zero. Where a direction loses
# its noise altogether, the production jumps: this is where.
RANK_TOLERANCE = 1e-12


def local_surplus(network: Network, state: GaussianState) -> tuple[RealArray, ComplexArray]:
    """What each local bath sees too much of: <a^+a> - n (means included) and <aa> - m, shape (K_local,) each."""
    modes, mean = network.bath_modes, state.mean[network.bath_modes]
    normal = departures(network, state) + np.abs(mean) ** 2
    anomalous = state.anomalous_excess_over(network.bath_anomalous, modes) + mean**2
    return normal, anomalous


def departures(network: Network, state: GaussianState) -> RealArray:
    """C_kk - n for each local bath.

    A probe has the occupation that its node has, of which its own is what a double holds: nothing is between them.
    """
    found = state.excess_over(network.bath_occupations, network.bath_modes)
    probes = [isinstance(network.baths[index], Probe) for index in network.local_baths]
    equal = state.normal.diagonal().real[network.bath_modes] == network.bath_occupations
    return np.where(np.array(probes, dtype=bool) & equal, 0.0, found)


def local_flux(network: Network, state: GaussianState) -> RealArray:
    """Flux of each local bath, (gamma/2) Tr[T^-1 (Theta_kk + mu mu^+ - T)] with T = [[n + 1/2, m], [m*, n + 1/2]]."""
    normal, anomalous = local_surplus(network, state)
    width, squeezing = network.bath_occupations + 0.5, network.bath_anomalous
    if not squeezing.any():
        return np.asarray(network.bath_rates * (normal / width))
    wide = width + np.abs(squeezing)  # a share of it stays in range where a product of two large numbers does not
    surplus = width / wide * normal - (squeezing.conj() / wide * anomalous).real
    return np.asarray(network.bath_rates / _narrow(network) * surplus)


def local_production(network: Network, state: GaussianState, factor: Array, covariance: Array) -> RealArray:
    """Production of each local bath; ``factor`` is the Cholesky factor of ``covariance`` (V or Theta)."""
    modes, width = network.bath_modes, network.bath_occupations + 0.5
    count, mean = len(modes), state.mean[network.bath_modes]
    if len(covariance) == network.n_modes:
        departure = covariance[:, modes]
        departure[modes, np.arange(count)] = departures(network, state)
        root = np.sqrt(width)
        whitened = linalg.solve_triangular(factor, departure / root, lower=True)
        return np.asarray(network.bath_rates * (np.sum(np.abs(whitened) ** 2, axis=0) + np.abs(mean / root) ** 2))
    departure = covariance[:, np.ravel(np.column_stack([2 * modes, 2 * modes + 1]))]
    normal = departures(network, state)
    anomalous = state.anomalous_excess_over(network.bath_anomalous, modes)
    place = np.arange(count)
    departure[2 * modes, 2 * place] = departure[2 * modes + 1, 2 * place + 1] = normal
    departure[2 * modes, 2 * place + 1], departure[2 * modes + 1, 2 * place] = anomalous, anomalous.conj()
    scaled = np.reshape(linalg.solve_triangular(factor, departure, lower=True), (len(covariance), count, 2))
    # Tr[T^-1 R^+ Theta^-1 R]: the eigenvectors of T are (1, +-e^{-i arg m})/sqrt 2, its eigenvalues n + 1/2 +- |m|.
    eigenvalues = {1: width + np.abs(network.bath_anomalous), -1: _narrow(network)}
    turn = np.exp(-1j * np.angle(network.bath_anomalous))
    total = np.zeros(count)
    for sign, eigenvalue in eigenvalues.items():
        root = np.sqrt(2 * eigenvalue)
        vector = (scaled[..., 0] + sign * turn * scaled[..., 1]) / root
        total += np.sum(np.abs(vector) ** 2, axis=0) + np.abs((mean + sign * (turn * mean).conj()) / root) ** 2
    return np.asarray(network.bath_rates / 2 * total)


def _narrow(network: Network) -> RealArray:
    """The smaller eigenvalue of T, n + 1/2 - |m|, from its determinant, which is computed exactly: it cancels."""
    pairs = zip(network.bath_occupations, network.bath_anomalous, strict=True)
    squares = [(Fraction(n) + Fraction(1, 2)) ** 2 - Fraction(m.real) ** 2 - Fraction(m.imag) ** 2 for n, m in pairs]
    wide = network.bath_occupations + 0.5 + np.abs(network.bath_anomalous)
    return np.array([float(square / Fraction(width)) for square, width in zip(squares, wide, strict=True)])


class JumpChannel:
    """Flux and production of a jump bath, on the nodes it acts on.

    With M the columns (u^*, -v^*) and (v, -u) of all jumps, and N^+ the rows -(u, v) and (v^*, u^*), the channel is
    F = M M^+ / 2 and W = M N^+ / 2. Then W^+ F^p W = N P N^+ / 2 with the projector P on the rows of M, and no
    diffusion, however close to losing a direction, is ever inverted.

    Parameters
    ----------
    bath : JumpBath
    state : GaussianState
    """

    def __init__(self, bath: JumpBath, state: GaussianState) -> None:
        nodes = np.array(bath.support, dtype=np.intp)
        drift, cross, spread, mixed = (block[np.ix_(nodes, nodes)] for block in bath.channel())
        self.places: IntArray = (2 * nodes[:, None] + np.arange(2)).ravel()
        self.drift, self.diffusion = ladder(drift, cross), ladder(spread, mixed)
        # What is fed to the vacuum, F + (W + W^+)/2: the halves of Theta = X + 1/2 are spent before they can cancel.
        self.fed = ladder(spread + drift, mixed)
        u, v = bath.absorbing[:, nodes], bath.emitting[:, nodes]
        self.spreading = np.vstack([_interleaved(u, -v), _interleaved(v.conj(), -u.conj())])  # M^+
        self.damping = np.vstack([-_interleaved(u, v), _interleaved(v.conj(), u.conj())])  # N^+
        rows, strengths, _ = linalg.svd(self.spreading, full_matrices=False)
        self.noisy = rows[:, strengths**2 > RANK_TOLERANCE * strengths.max(initial=0.0) ** 2].conj().T
        emitted = _interleaved(np.zeros_like(v), -v), _interleaved(v.conj(), np.zeros_like(v))
        self.emitting = np.vstack(emitted)  # (M^+ + N^+)/2
        self.mean = ladder_mean(state)[self.places]
        self.moments = ladder(state.normal, state.anomalous)[self.places]  # Theta - 1/2

    @property
    def raw(self) -> ComplexArray:
        """Theta - 1/2 + mu mu^+ on the nodes of the bath."""
        return np.asarray(self.moments[:, self.places] + np.outer(self.mean, self.mean.conj()))

    def change(self) -> ComplexArray:
        """What the channel alone does to the raw moments per time, W R + R W^+ + F on its nodes."""
        moved = self.drift @ self.raw
        return np.asarray(moved + moved.conj().T + self.fed)

    def flux(self) -> float:
        """Phi_c, nats per time: Tr W + |P N^+|^2 / 2 is twice the emission less what P leaves out of N^+."""
        dragged = self.noisy @ self.damping
        left_out = self.damping - self.noisy.conj().T @ dragged
        vacuum = np.sum(np.abs(self.emitting) ** 2) - np.sum(np.abs(left_out) ** 2) / 2
        return float((vacuum + np.sum((dragged @ self.raw) * dragged.conj())).real)

    def production(self, factor: Array) -> float:
        """Pi_c, nats per time, with the Cholesky factor of the whole Theta: a sum of squares."""
        departure = self.damping @ self.moments
        departure[:, self.places] += self.emitting
        whitened = linalg.solve_triangular(factor, (self.noisy @ departure).conj().T, lower=True)
        pull = self.noisy @ self.damping @ self.mean
        return float(np.sum(np.abs(whitened) ** 2) + np.sum(np.abs(pull) ** 2))


def _interleaved(first: ComplexArray, second: ComplexArray) -> ComplexArray:
    """Rows in ladder order: the entries of one array for a, of the other for a^+."""
    return np.asarray(np.stack([first, second], axis=-1).reshape(len(first), -1))
