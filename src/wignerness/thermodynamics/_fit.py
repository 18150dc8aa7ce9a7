"""What every function of (network, state) needs first: that the two fit, and one bath a node where a law asks for it."""

from __future__ import annotations

import numpy as np

from .._typing import ComplexArray, RealArray
from ..bath import Probe
from ..errors import InvalidStateError, UndefinedQuantityError
from ..network import Network
from ..state import GaussianState


def check_fit(network: Network, state: GaussianState) -> None:
    """Raise InvalidStateError unless the state has as many modes as the network."""
    if state.n_modes != network.n_modes:
        raise InvalidStateError(
            f"Argument `state` must have {network.n_modes} modes, like the network, but has {state.n_modes}."
        )


def dense_hamiltonian(network: Network) -> ComplexArray:
    """The Hamiltonian matrix as a dense array."""
    return network.hamiltonian.toarray() if network.is_sparse else network.hamiltonian  # type: ignore[no-any-return]


def coupled_baths(network: Network, *, real_only: bool = False) -> list[list[int]]:
    """For every node the indices of its baths of non-zero rate (without probes, if asked)."""
    found: list[list[int]] = [[] for _ in range(network.n_modes)]
    for index, bath in enumerate(network.baths):
        if bath.rate > 0 and not (real_only and isinstance(bath, Probe)):
            found[bath.mode].append(index)
    return found


def sole_bath_occupations(network: Network, quantity: str) -> RealArray:
    """Occupation of the one bath of every node, shape (L,); undefined where a node has none or several."""
    baths = coupled_baths(network)
    for node, indices in enumerate(baths):
        if len(indices) != 1:
            have = "no bath of non-zero rate" if not indices else f"{len(indices)} baths"
            raise UndefinedQuantityError(
                f"The {quantity} needs exactly one bath of non-zero rate on every node (there is no unique reference "
                f"state, Eq. 9, otherwise), but node {network.labels[node]!r} has {have}."
            )
    return network.bath_occupations[[indices[0] for indices in baths]] if baths else np.zeros(0)
