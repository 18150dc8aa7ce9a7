"""Quantities of partial states: sparse in, sparse out, never an L x L array."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

from .._typing import ComplexArray, RealArray
from ..errors import UndefinedQuantityError
from ..linalg.banded import inverse_forms, log_determinant
from ..network import Network
from ..state import GaussianState
from .channels import departures


def link_currents(network: Network, state: GaussianState) -> Any:
    """2 Im(H_kl <a_k^+ a_l>) on the links, as an antisymmetric csr_array."""
    h = sparse.csr_array(network.hamiltonian).tocoo()
    row, column = (np.asarray(index, dtype=np.intp) for index in h.coords)
    values = 2.0 * (h.data * state.correlations_at(column, row)).imag
    currents = sparse.csr_array((values, (row, column)), shape=h.shape)
    return sparse.csr_array((currents - currents.T) / 2)


def link_energy_currents(network: Network, state: GaussianState) -> Any:
    """Energy currents between nodes one and two links apart, as an antisymmetric csr_array."""
    h: Any = sparse.csr_array(network.hamiltonian)
    near = sparse.csr_array(abs(h) + abs(h) @ abs(h) + sparse.eye_array(network.n_modes)).tocoo()
    row, column = (np.asarray(index, dtype=np.intp) for index in near.coords)
    correlations = sparse.csr_array((state.correlations_at(row, column), (row, column)), shape=h.shape)
    anticommutator = h @ correlations + correlations @ h
    overlap = h * anticommutator.T + (h @ h) * correlations.T
    currents = -0.5 * overlap.T.imag
    return sparse.csr_array((currents - currents.T) / 2)


def link_energies(network: Network, state: GaussianState) -> RealArray:
    """Sum over l != k of Re(H_kl <a_k^+ a_l>), shape (L,)."""
    h = sparse.csr_array(network.hamiltonian).tocoo()
    row, column = (np.asarray(index, dtype=np.intp) for index in h.coords)
    values = (h.data * state.correlations_at(column, row)).real * (row != column)
    return np.bincount(row, weights=values, minlength=network.n_modes).astype(np.float64)


def banded_production(network: Network, state: GaussianState) -> RealArray:
    """Production of each local bath where C is banded or completed by its solver; see :func:`~wignerness.thermodynamics.entropy_production`."""
    active = network.bath_rates > 0  # a node with no other bath may be none that the solver knows anything of
    modes, distance = network.bath_modes[active], np.zeros(len(active))
    if state.completion is not None:
        distance[active] = state.completion.distances(modes, network.bath_occupations[active])
    else:
        distance[active] = inverse_forms(_band(state), 0.5, modes, departures(network, state)[active])
    distance[active] += np.abs(state.mean[modes]) ** 2
    return np.asarray(network.bath_rates * distance / (network.bath_occupations + 0.5))


def banded_log_determinant(state: GaussianState) -> float:
    """ln det (C + 1/2)."""
    return log_determinant(_band(state), 0.5)


def _band(state: GaussianState) -> ComplexArray:
    if not isinstance(state.normal, sparse.dia_array):
        raise UndefinedQuantityError(
            "This needs all elements of C that are not negligible, but the state holds some of them only."
        )
    return np.asarray(state.normal.data)
