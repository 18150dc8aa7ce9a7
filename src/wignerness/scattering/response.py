r"""How a network answers its baths at each frequency: the Green function :math:`G(\omega) = [\omega - H - \Sigma(\omega)]^{-1}`.

The self-energy :math:`\Sigma(\omega) = \Delta(\omega) - i J(\omega)/2` is that of the baths. With pairing, or with baths
that are coupled to positions, a and a^+ answer together, and H is the matrix of 2L rows whose upper ones are H, Delta
and whose lower ones are -Delta^*, -H^*.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from .._typing import ComplexArray, IntArray, RealArray
from ..linalg.shifted import ShiftedColumns
from ..linalg.symplectic import ladder
from ..network import Network
from .chains import Chain, EndedChain, ended_chain
from .environment import Environment


class Response:
    """The columns of the Green function that begin at the baths.

    Parameters
    ----------
    network : Network
    environment : Environment

    Attributes
    ----------
    is_small : bool
        Whether the annihilation operators answer by themselves.
    nodes : (m,) array of int
        Nodes that are damped.
    place : (K,) array of int
        Which of these each bath acts on, or -1 for a bath of no rate.
    matrix : (n, n) array
        H - i J(omega_0)/2 with the damping at the reference frequency of each bath; n is L or 2L.
    ports : (n, p) array
        Unit vectors of the damped nodes; pairs (a, a^+) unless small.
    chain : Chain or None
        The network as a chain, if it is one and small.
    ended : EndedChain or None
        The same, where it has one bath at each of its ends and no other.
    """

    def __init__(self, network: Network, environment: Environment) -> None:
        self.environment = environment
        self.is_small = network.is_passive and not environment.counter_rotating
        rates = np.zeros(network.n_modes)
        np.add.at(rates, environment.modes, environment.rates)
        self.nodes: IntArray = np.flatnonzero(rates)
        self.place = np.where(environment.rates > 0.0, np.searchsorted(self.nodes, environment.modes), -1)
        self._reference_rates = rates[self.nodes]
        h = network.hamiltonian.toarray() if network.is_sparse else network.hamiltonian
        drift = -1j * h - np.diag(rates / 2)
        self.matrix: ComplexArray = 1j * (drift if self.is_small else ladder(drift, -1j * network.pairing))
        places = self.nodes if self.is_small else (2 * self.nodes[:, None] + np.arange(2)).ravel()
        self.ports = np.eye(len(self.matrix), dtype=np.complex128)[:, places]
        self.chain: Chain | None = Chain.of(network, self.nodes) if self.is_small else None
        self.ended: EndedChain | None = None if self.chain is None else ended_chain(self.chain, environment)

    @cached_property
    def _solver(self) -> ShiftedColumns:
        return ShiftedColumns(self.matrix, self.ports)

    @cached_property
    def _exits(self) -> ComplexArray:
        return np.asarray(self.ports.conj().T @ self._solver.basis)

    @property
    def creates_pairs(self) -> bool:
        """Whether pairs of excitations are sent into the baths: pairing in the rotating-wave form."""
        return not self.is_small and not self.environment.counter_rotating

    @property
    def resonances(self) -> ComplexArray:
        """Eigenvalues of ``matrix``: where the response is large, and how broadly."""
        return self._solver.eigenvalues

    @property
    def basis(self) -> ComplexArray:
        """The unitary matrix whose columns are the basis that :meth:`columns` uses."""
        return self._solver.basis

    def columns(self, origin: RealArray, offset: RealArray) -> ComplexArray:
        """U^H G times the ports at the frequencies origin_i + offset_ij, shape (n, P, q, p)."""
        bare = self._solver.at(origin, offset)
        if self.environment.is_flat:
            return bare
        # G = G_0 + G_0 dS G with what the self-energy differs from the damping within the matrix.
        change = self._self_energy(origin[:, None] + offset)
        dressing = np.linalg.inv(np.eye(len(self._exits)) - change @ self.between_ports(bare))
        return np.moveaxis(np.moveaxis(bare, 0, 2) @ dressing, 2, 0)

    def between_ports(self, columns: ComplexArray) -> ComplexArray:
        """G between the ports, shape (P, q, p, p), from the columns."""
        return np.moveaxis(np.tensordot(self._exits, columns, axes=1), 0, 2)

    def static(self, force: ComplexArray) -> ComplexArray:
        """G(0) times a vector."""
        zero = np.zeros((1, 1))
        matrix = self.matrix
        if not self.environment.is_flat:
            matrix = matrix + self.ports @ self._self_energy(zero)[0, 0] @ self.ports.T
        return np.asarray(np.linalg.solve(-matrix, force))

    def _self_energy(self, omega: RealArray) -> ComplexArray:
        """The self-energy less that within the matrix, shape (P, q, p, p)."""
        if self.environment.counter_rotating:
            return self._position_energy(omega)
        upper = self.self_energies(omega)
        if self.is_small:
            return _diagonal(upper + 0.5j * self._reference_rates)
        lower = -self.self_energies(-omega).conj()
        both = np.stack([upper, lower], axis=-1) + 0.5j * self._reference_rates[:, None]
        return _diagonal(both.reshape(*omega.shape, -1))

    def self_energies(self, omega: RealArray) -> ComplexArray:
        """Delta - i J/2 of all baths of each node, shape (P, q, m)."""
        total = np.zeros((*omega.shape, len(self.nodes)), dtype=np.complex128)
        damping = self.environment.damping(omega)
        if self.environment.counter_rotating:
            damping = damping * np.sign(omega)
        for index, place in enumerate(self.place):
            if place >= 0:
                total[..., place] += self.environment.shift(index, omega) - 0.5j * damping[index]
        return total

    def _position_energy(self, omega: RealArray) -> ComplexArray:
        """The bath acts on a + a^+: the same in all four elements of a node, with opposite signs of the rows."""
        sigma = self.self_energies(omega)
        size = len(self.nodes)
        found = np.zeros((*omega.shape, size, 2, size, 2), dtype=np.complex128)
        every = np.arange(size)
        for row, sign in ((0, 1.0), (1, -1.0)):
            for column in (0, 1):
                value = sign * sigma + (0.5j * self._reference_rates if row == column else 0.0)
                found[..., every, row, every, column] = value
        return found.reshape(*omega.shape, 2 * size, 2 * size)


def _diagonal(values: ComplexArray) -> ComplexArray:
    found = np.zeros((*values.shape, values.shape[-1]), dtype=np.complex128)
    every = np.arange(values.shape[-1])
    found[..., every, every] = values
    return found
