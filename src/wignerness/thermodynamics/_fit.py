"""What every function of (network, state) needs first: that the two fit, and that the quantity is defined."""

from __future__ import annotations

import warnings

import numpy as np
from scipy import linalg

from .._typing import Array, ComplexArray, RealArray
from ..bath import Probe, ThermalBath
from ..errors import InvalidStateError, UndefinedQuantityError
from ..network import Network
from ..state import GaussianState


def check_fit(network: Network, state: GaussianState) -> None:
    """Raise InvalidStateError unless the state has as many modes as the network."""
    if state.n_modes != network.n_modes:
        raise InvalidStateError(
            f"Argument `state` must have {network.n_modes} modes, like the network, but has {state.n_modes}."
        )


def check_gaussian(network: Network, quantity: str) -> None:
    """Raise UndefinedQuantityError where dephasing makes the state non-Gaussian."""
    if network.dephasings:
        raise UndefinedQuantityError(
            f"The {quantity} needs the Wigner function, which second moments fix for Gaussian states only, but "
            f"{network.bath_labels[network.dephasings[0]]!r} makes the state non-Gaussian. Occupations, currents and "
            "the fluxes of thermal baths are defined; a Probe of the same rate gives the same second moments."
        )


def dense_hamiltonian(network: Network) -> ComplexArray:
    """The Hamiltonian matrix as a dense array."""
    return network.hamiltonian.toarray() if network.is_sparse else network.hamiltonian  # type: ignore[no-any-return]


def is_small(network: Network, state: GaussianState) -> bool:
    """Whether L x L moments say all: no anomalous moments in the state, none imposed by a bath."""
    return network.is_passive and state.is_phase_insensitive


def covariance_of(state: GaussianState, *, small: bool) -> Array:
    """V = C + 1/2 if small, the whole Theta otherwise; a fresh array."""
    if small and not state.is_partial:
        return np.asarray(state.normal + np.eye(state.n_modes) / 2)
    return state.covariance()  # refuses a partial state


def solved_trace(covariance: Array, change: Array) -> float:
    """Tr[covariance^-1 change]; LinAlgError where the covariance is singular to working precision."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", linalg.LinAlgWarning)
        try:
            relative = linalg.solve(covariance, change, assume_a="pos")
        except linalg.LinAlgWarning as doubt:
            raise np.linalg.LinAlgError(str(doubt)) from None
    return float(np.trace(relative).real)


def ladder_mean(state: GaussianState) -> ComplexArray:
    """The means in ladder order, (mu_1, mu_1^*, ...), shape (2L,)."""
    return np.ravel(np.column_stack([state.mean, state.mean.conj()]))


def coupled_baths(network: Network, *, real_only: bool = False) -> list[list[int]]:
    """For every node the indices of its thermal baths and probes of non-zero rate (without probes, if asked)."""
    found: list[list[int]] = [[] for _ in range(network.n_modes)]
    for index, bath in enumerate(network.baths):
        counts = isinstance(bath, ThermalBath) or (isinstance(bath, Probe) and not real_only)
        if counts and bath.rate > 0:  # type: ignore[union-attr]
            found[bath.mode].append(index)  # type: ignore[union-attr]
    return found


def check_thermal(network: Network, quantity: str) -> None:
    """Raise UndefinedQuantityError unless all baths are thermal baths or probes."""
    for index, bath in enumerate(network.baths):
        if not isinstance(bath, (ThermalBath, Probe)):
            raise UndefinedQuantityError(
                f"The {quantity} is defined for thermal baths and probes only, but {network.bath_labels[index]!r} is "
                f"a {type(bath).__name__}."
            )


def sole_bath_occupations(network: Network, quantity: str) -> RealArray:
    """Occupation of the one bath of every node, shape (L,); undefined where a node has none or several."""
    check_thermal(network, quantity)
    baths = coupled_baths(network)
    for node, indices in enumerate(baths):
        if len(indices) != 1:
            have = "no bath of non-zero rate" if not indices else f"{len(indices)} baths"
            raise UndefinedQuantityError(
                f"The {quantity} needs exactly one bath of non-zero rate on every node (there is no unique reference "
                f"state, Eq. 9, otherwise), but node {network.labels[node]!r} has {have}."
            )
    return network.bath_occupations[[indices[0] for indices in baths]]


def check_whole(state: GaussianState, what: str) -> None:
    """Refuse a partial state for what needs all of C."""
    if state.is_partial:
        raise UndefinedQuantityError(
            f"{what} needs all elements of C, but this state holds a part of them only. Use `reduced` for some of the "
            "modes, or `solver=Dense()`."
        )
