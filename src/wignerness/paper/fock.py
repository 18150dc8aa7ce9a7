"""Density matrices of two modes in a truncated Fock space, in plain arrays: Eqs. (2)-(5) without phase space."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import linalg, special

from ..network import Network
from .records import Array


@dataclass(frozen=True, eq=False)
class TwoModeSpace:
    """Two modes with `levels` levels each.

    Parameters
    ----------
    levels : int
        Levels per mode; the top ones must stay empty.
    """

    levels: int

    @cached_property
    def lowering(self) -> tuple[Array, Array]:
        """The operators a_1 and a_2."""
        one = np.diag(np.sqrt(np.arange(1.0, self.levels)), 1).astype(np.complex128)
        unit = np.eye(self.levels)
        return np.kron(one, unit), np.kron(unit, one)

    def quadratic(self, matrix: Array) -> Array:
        """sum_kl matrix_kl a_k^+ a_l."""
        a = self.lowering
        terms = [matrix[k, j] * a[k].conj().T @ a[j] for k in range(2) for j in range(2)]
        return sum(terms[1:], start=terms[0])  # type: ignore[no-any-return]

    def gaussian(self, normal: Array, squeezing: Array, displacement: Array) -> Array:
        """The density matrix D S exp(-sum K a^+ a) S^+ D^+ / Z, with exp(K) = 1 + 1/normal.

        `squeezing` (2, 2) and `displacement` (2,) are the amplitudes of the two unitaries' generators; the moments
        of the result are to be taken by traces.
        """
        a = self.lowering
        exponent = linalg.logm(np.eye(2) + np.linalg.inv(normal))
        thermal = linalg.expm(-self.quadratic(exponent))
        pairs = sum(squeezing[k, j] * a[k].conj().T @ a[j].conj().T for k in range(2) for j in range(2)) / 2
        shift = sum(displacement[k] * a[k].conj().T for k in range(2))
        unitary = linalg.expm(shift - shift.conj().T) @ linalg.expm(pairs - pairs.conj().T)
        rho = unitary @ thermal @ unitary.conj().T
        return rho / np.trace(rho)  # type: ignore[no-any-return]

    def hamiltonian_part(self, network: Network, rho: Array) -> Array:
        """-i [H, rho], the first term of Eqs. (2)-(3)."""
        h = self.quadratic(network.hamiltonian)
        return -1j * (h @ rho - rho @ h)  # type: ignore[no-any-return]

    def dissipator(self, network: Network, bath: int, rho: Array) -> Array:
        """D_b(rho), Eq. (4), of one bath of the network."""
        a = self.lowering[network.bath_modes[bath]]
        n, rate = network.bath_occupations[bath], network.bath_rates[bath]
        return rate * ((n + 1) * _lindblad(a, rho) + n * _lindblad(a.conj().T, rho))  # type: ignore[no-any-return]

    def generator(self, network: Network, rho: Array) -> Array:
        """The right-hand side of Eq. (3)."""
        parts = [self.dissipator(network, bath, rho) for bath in range(network.n_baths)]
        return sum(parts, start=self.hamiltonian_part(network, rho))

    def dephasing(self, rho: Array) -> Array:
        """Sum over both modes of D[a^+ a](rho), dephasing at rate one."""
        first, second = (_lindblad(a.conj().T @ a, rho) for a in self.lowering)
        return first + second

    def mean(self, operator: Array) -> Array:
        """tr[operator a_k], shape (2,)."""
        return np.array([_trace(operator, a) for a in self.lowering])

    def normal(self, operator: Array) -> Array:
        """tr[operator a_j^+ a_i] at [i, j]."""
        a = self.lowering
        return np.array([[_trace(operator, a[j].conj().T @ a[i]) for j in range(2)] for i in range(2)])

    def anomalous(self, operator: Array) -> Array:
        """tr[operator a_i a_j] at [i, j]."""
        a = self.lowering
        return np.array([[_trace(operator, a[i] @ a[j]) for j in range(2)] for i in range(2)])

    def wigner(self, operator: Array, points: Array, *, reach: float = 6.5, step: float = 0.5) -> Array:
        """Eq. (5) of any Hermitian operator at (P, 2) points: the integral over beta as a sum over a grid.

        The displacement operator enters through its exact matrix elements, not through a truncated exponential.
        """
        axis = np.arange(-reach, reach + step / 2, step)
        beta = (axis[:, None] + 1j * axis).ravel()
        shift = _displacements(beta, self.levels)
        n = self.levels
        blocks = operator.reshape(n, n, n, n).transpose(0, 2, 1, 3).reshape(n * n, n * n)  # [(i, k), (j, l)]
        elements = shift.transpose(0, 2, 1).reshape(len(beta), n * n)  # D_ki at [beta, (i, k)]
        characteristic = elements @ blocks @ elements.T
        kernels = [np.exp(np.outer(points[:, k].conj(), -beta) + np.outer(points[:, k], beta.conj())) for k in (0, 1)]
        integral = np.einsum("pb,pb->p", kernels[0] @ characteristic, kernels[1])
        return (integral * (step / np.pi) ** 4).real  # type: ignore[no-any-return]


def _lindblad(jump: Array, rho: Array) -> Array:
    square = jump.conj().T @ jump
    return jump @ rho @ jump.conj().T - (square @ rho + rho @ square) / 2  # type: ignore[no-any-return]


def _trace(first: Array, second: Array) -> complex:
    return complex(np.sum(first * second.T))


def _displacements(beta: Array, levels: int) -> Array:
    """<m| D(beta) |n> for m, n < levels, shape (len(beta), levels, levels), by Laguerre polynomials."""
    square = np.abs(beta) ** 2
    out = np.empty((len(beta), levels, levels), dtype=np.complex128)
    for m in range(levels):
        for n in range(m + 1):
            size = np.exp(0.5 * (special.gammaln(n + 1) - special.gammaln(m + 1)) - square / 2)
            element = size * special.eval_genlaguerre(n, m - n, square)
            out[:, m, n] = element * beta ** (m - n)
            out[:, n, m] = element * (-beta.conj()) ** (m - n)
    return out
