"""Quantities of many small steady states at once: thermal baths and probes on passive networks without drive.

The formulas are those of the functions of one network and one state. Sums run along rows of contiguous arrays, so that
the numbers of a network do not depend on the others in the stack, to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .._typing import BoolArray, ComplexArray, IntArray, RealArray
from ..linalg.stacks import guarded

__all__ = ["STACKED", "StackedBalance"]


@dataclass(frozen=True, eq=False)
class StackedBalance:
    """The entropy balance of a stack of networks with the same number of modes and their baths on the same nodes.

    Attributes
    ----------
    hamiltonian : (B, L, L) array
    normal : (B, L, L) array
        C.
    normal_tail : (B, L) array
        What rounding dropped of its diagonal.
    modes : (K,) array of int
    rates, bath_occupations : (B, K) arrays
        Of the baths; those of probes are known.
    probes : (K,) array of bool
        Which baths are probes.
    self_consistent : (K,) array of bool
        Which exchange nothing on average, because their occupation was found so.
    """

    hamiltonian: ComplexArray
    normal: ComplexArray
    normal_tail: RealArray
    modes: IntArray
    rates: RealArray
    bath_occupations: RealArray
    probes: BoolArray
    self_consistent: BoolArray

    @property
    def occupations(self) -> RealArray:
        """<a_k^+ a_k>, shape (B, L)."""
        return np.ascontiguousarray(_diagonals(self.normal).real)

    @cached_property
    def surplus(self) -> RealArray:
        """<a^+ a> - n at every bath, shape (B, K)."""
        own, tail = (np.take(part, self.modes, axis=1) for part in (self.occupations, self.normal_tail))
        return np.asarray((own - self.bath_occupations) + tail)

    @property
    def bath_currents(self) -> RealArray:
        """Excitations per time into every bath, shape (B, K)."""
        return self._without_probes(self.rates * self.surplus)

    @property
    def entropy_flux(self) -> RealArray:
        """Eq. (20), shape (B, K)."""
        return self._without_probes(self.rates * (self.surplus / (self.bath_occupations + 0.5)))

    @property
    def heat_currents(self) -> RealArray:
        """Energy per time into every bath, the energy of the links that it damps included, shape (B, K)."""
        frequencies = np.take(_diagonals(self.hamiltonian).real, self.modes, axis=1)
        links = _real_product(self.hamiltonian, _transposed(self.normal))
        _diagonals(links)[:] = 0.0
        damped = np.take(links.sum(axis=2), self.modes, axis=1)
        return np.asarray(self.rates * (frequencies * self.surplus + damped))

    @cached_property
    def entropy_production(self) -> RealArray:
        """Eq. (17) without cancellation, (gamma / d) r^+ V^-1 r with r the column of V - d of the bath, shape (B, K)."""
        factor = self._factor
        departure = np.take(self.normal, self.modes, axis=2)
        departure[:, self.modes, np.arange(len(self.modes))] = self.surplus
        whitened = _solved(factor, departure)
        distance = (whitened.real**2 + whitened.imag**2).sum(axis=1)
        return np.asarray(self.rates * distance / (self.bath_occupations + 0.5))

    @property
    def production_of_real_baths(self) -> RealArray:
        """Eq. (32), shape (B,)."""
        return self._total(~self.probes)

    @property
    def production_of_probes(self) -> RealArray:
        """Eq. (33), shape (B,)."""
        return self._total(self.probes)

    @property
    def wigner_entropy(self) -> RealArray:
        """Eq. (12), nats, shape (B,)."""
        diagonal = np.ascontiguousarray(_diagonals(self._factor).real)
        return np.asarray(2 * np.log(diagonal).sum(axis=1) + diagonal.shape[1] * (1.0 + float(np.log(np.pi))))

    @property
    def currents(self) -> RealArray:
        """Excitations per time into k from l, Eq. (25b), shape (B, L, L)."""
        currents = 2.0 * _imaginary_product(self.hamiltonian, _transposed(self.normal))
        return np.asarray((currents - currents.swapaxes(1, 2)) / 2)

    @property
    def energy_currents(self) -> RealArray:
        """Energy per time into k from l, shape (B, L, L)."""
        h, c = self.hamiltonian, self.normal
        anticommutator = h @ c + c @ h
        overlap = _imaginary_product(h, _transposed(anticommutator)) + _imaginary_product(h @ h, _transposed(c))
        currents = -0.5 * overlap.swapaxes(1, 2)
        return np.asarray((currents - currents.swapaxes(1, 2)) / 2)

    @cached_property
    def _factor(self) -> ComplexArray:
        covariance = self.normal.copy()
        _diagonals(covariance)[:] += 0.5
        return guarded(np.linalg.cholesky, covariance)[0]

    def _total(self, chosen: BoolArray) -> RealArray:
        return np.asarray(np.take(self.entropy_production, np.flatnonzero(chosen), axis=1).sum(axis=1))

    def _without_probes(self, values: RealArray) -> RealArray:
        """A probe found self-consistently exchanges nothing; its rounded occupation would leave a last digit."""
        return np.asarray(np.where(self.self_consistent, 0.0, values))


# By the names of the quantities of a steady state.
STACKED: dict[str, Callable[[StackedBalance], RealArray]] = {
    "occupations": lambda balance: balance.occupations,
    "entropy_flux": lambda balance: balance.entropy_flux,
    "entropy_production": lambda balance: balance.entropy_production,
    "bath_currents": lambda balance: balance.bath_currents,
    "heat_currents": lambda balance: balance.heat_currents,
    "currents": lambda balance: balance.currents,
    "energy_currents": lambda balance: balance.energy_currents,
    "wigner_entropy": lambda balance: balance.wigner_entropy,
    "production_of_real_baths": lambda balance: balance.production_of_real_baths,
    "production_of_probes": lambda balance: balance.production_of_probes,
}


def _solved(factor: ComplexArray, columns: ComplexArray) -> ComplexArray:
    """L^-1 times the columns by forward substitution, for lower triangular L."""
    found = columns
    for row in range(factor.shape[1]):
        if row:
            found[:, row] -= (factor[:, row : row + 1, :row] @ found[:, :row])[:, 0]
        found[:, row] /= factor[:, row, row].real[:, None]
    return found


def _diagonals(matrices: ComplexArray | RealArray) -> ComplexArray | RealArray:
    count, n, _ = matrices.shape
    return matrices.reshape(count, n * n)[:, :: n + 1]


def _transposed(matrices: ComplexArray) -> ComplexArray:
    return np.ascontiguousarray(matrices.swapaxes(1, 2))


def _real_product(one: ComplexArray, other: ComplexArray) -> RealArray:
    """Real part of the elementwise product: in real numbers, whose rounding no layout of the memory changes."""
    return np.asarray(one.real * other.real - one.imag * other.imag)


def _imaginary_product(one: ComplexArray, other: ComplexArray) -> RealArray:
    return np.asarray(one.real * other.imag + one.imag * other.real)
