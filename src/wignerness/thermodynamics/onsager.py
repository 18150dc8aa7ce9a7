"""Affinities and the bilinear form of the production, Eq. (26), with its generalization to probes."""

from __future__ import annotations

import numpy as np

from .._checks import has_nonzero
from .._typing import RealArray
from ..bath import Probe
from ..errors import UndefinedQuantityError
from ..network import Network
from ..state import GaussianState
from ._fit import check_fit, check_thermal, coupled_baths
from .currents import bath_currents, excitation_currents

# A probe whose exchange exceeds this part of its turnover is not self-consistent with the state.
_PROBE_TOLERANCE = 1e-8


def affinities(network: Network, state: GaussianState | None = None) -> RealArray:
    r"""Affinities between nodes, :math:`1/(n_k + 1/2) - 1/(n_l + 1/2)` (Eq. 26).

    The occupation of a node is that of its real bath, or of its probe where it has no real bath.

    Parameters
    ----------
    network : Network
        With all probe occupations known.
    state : GaussianState, optional
        Only checked to fit; taken so that all functions of this folder are called alike.

    Returns
    -------
    (L, L) array
        Antisymmetric.

    Raises
    ------
    UndefinedQuantityError
        If a node has no bath, or more than one that could set its occupation.

    Examples
    --------
    >>> import wignerness as wn
    >>> pair = wn.Network([[1, 0.2], [0.2, 1]], [wn.ThermalBath(0, 0.1, 0.5), wn.ThermalBath(1, 0.1, 1.5)])
    >>> wn.thermodynamics.affinities(pair)
    array([[ 0. ,  0.5],
           [-0.5,  0. ]])
    """
    if state is not None:
        check_fit(network, state)
    check_thermal(network, "affinity")
    occupations = _node_occupations(network)
    widths = occupations + 0.5
    return (occupations[None, :] - occupations[:, None]) / np.outer(widths, widths)


def onsager_production(network: Network, state: GaussianState) -> float:
    r"""Steady-state production as a sum of currents times affinities, Eq. (26), generalized to probes.

    :math:`\Pi = \sum_k \frac{1}{n_k + 1/2} \sum_l j_{kl}`, where k runs over the nodes with a real bath and l over
    all nodes: nodes without a bath and nodes with a self-consistent probe pass on what they receive. With one
    real bath on every node this is Eq. (26) as printed. Restricting l to the real nodes too would be wrong.

    Parameters
    ----------
    network : Network
        With all probe occupations known.
    state : GaussianState
        A steady state of the network.

    Raises
    ------
    UndefinedQuantityError
        If the network has pairing or a drive, a node has two real baths, or a probe is not self-consistent with the
        state.

    Examples
    --------
    >>> import wignerness as wn
    >>> ness = wn.steady_state(wn.models.chain(3, hopping=0.2, rate=0.1, occupations=(1, 2)))
    >>> form = wn.thermodynamics.onsager_production(ness.network, ness.state)
    >>> bool(abs(form / ness.entropy_production.sum() - 1) < 1e-12)
    True
    """
    check_fit(network, state)
    check_thermal(network, "Onsager form (26)")
    if has_nonzero(network.pairing) or has_nonzero(network.drive):
        raise UndefinedQuantityError(
            "The Onsager form (26) counts exchanges between nodes, but pairing and drive create excitations on them. "
            "The production itself is defined: use entropy_production, or unitary_production, which has this gain."
        )
    real = coupled_baths(network, real_only=True)
    crowded = next((node for node, baths in enumerate(real) if len(baths) > 1), None)
    if crowded is not None:
        raise UndefinedQuantityError(
            f"The Onsager form (26) has one occupation a node, but node {network.labels[crowded]!r} has "
            f"{len(real[crowded])} real baths. The production itself is defined: use entropy_production."
        )
    _check_probes(network, state)
    nodes = [node for node, baths in enumerate(real) if baths]
    if not nodes:
        return 0.0
    occupations = network.bath_occupations[[real[node][0] for node in nodes]]
    inflow = excitation_currents(network, state)[nodes].sum(axis=1)
    # The inflows add up to zero, so a common part of 1/d may be taken off: it would only cancel.
    common = occupations[np.argmax(np.abs(inflow))]
    return float(np.sum(inflow * (common - occupations) / ((occupations + 0.5) * (common + 0.5))))


def _node_occupations(network: Network) -> RealArray:
    real, every = coupled_baths(network, real_only=True), coupled_baths(network)
    chosen = []
    for node, (first, others) in enumerate(zip(real, every, strict=True)):
        candidates = first or others
        if len(candidates) != 1:
            have = "no bath" if not candidates else f"{len(candidates)} baths that could set its occupation"
            raise UndefinedQuantityError(
                f"Affinities need one bath occupation a node, but node {network.labels[node]!r} has {have}."
            )
        chosen.append(candidates[0])
    return network.bath_occupations[chosen]


def _check_probes(network: Network, state: GaussianState) -> None:
    currents = bath_currents(network, state)
    for index in network.probes:
        probe = network.baths[index]
        assert isinstance(probe, Probe)  # noqa: S101 - for the type checker
        turnover = probe.rate * (state.occupations[probe.mode] + 0.5)
        if abs(currents[index]) > _PROBE_TOLERANCE * turnover:
            raise UndefinedQuantityError(
                f"The Onsager form (26) takes probes as self-consistent, but {network.bath_labels[index]!r} exchanges "
                f"{currents[index]:.3g} excitations per time: the state is not the steady state of its free probes."
            )
