"""Affinities and the bilinear form of the production, Eq. (26), with its generalization to probes."""

from __future__ import annotations

import numpy as np

from .._checks import has_nonzero
from .._typing import Array, RealArray
from ..bath import Probe
from ..errors import UndefinedQuantityError
from ..network import Network
from ..state import GaussianState
from ._fit import check_fit, check_thermal, coupled_baths
from .currents import bath_currents, excitation_currents

# A probe whose exchange exceeds this part of its turnover is not self-consistent with the state.
_PROBE_TOLERANCE = 1e-8
# A state whose moments change by more than this part of the terms that change them is not steady; rounding of the
# moments is no change.
_STEADY, _ROUNDING = 1e-6, 1e-12


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
    # Divided one after the other, and in an order that keeps the antisymmetry: the product of the widths may overflow.
    wide, narrow = np.maximum.outer(widths, widths), np.minimum.outer(widths, widths)
    return (occupations[None, :] - occupations[:, None]) / wide / narrow


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
        If the network has pairing or a drive, a node has two real baths, a probe is not self-consistent with the state,
        or the state is not steady: its moments change by more than 1e-6 of the terms of their equation of motion. In a
        transient, currents times affinities are not the production.

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
    _check_steady(network, state)
    nodes = [node for node, baths in enumerate(real) if baths]
    if not nodes:
        return 0.0
    occupations = network.bath_occupations[[real[node][0] for node in nodes]]
    inflow = excitation_currents(network, state)[nodes].sum(axis=1)
    # The inflows add up to zero, so a common part of 1/d may be taken off: it would only cancel.
    common = occupations[np.argmax(np.abs(inflow))]
    return float(np.sum(inflow / (occupations + 0.5) * ((common - occupations) / (common + 0.5))))


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


def _check_steady(network: Network, state: GaussianState) -> None:
    changes = [*_changes_of_occupations(network, state), *([] if state.is_partial else _changes(network, state))]
    for change, allowed in changes:
        if change > allowed:
            raise UndefinedQuantityError(
                "The Onsager form (26) is the production of a steady state, but the moments of this one change (by "
                f"{change:.3g} per time, where {allowed:.3g} would pass). In a transient use entropy_production."
            )


def _changes_of_occupations(network: Network, state: GaussianState) -> list[tuple[float, float]]:
    """The rate of change of every occupation, and what passes for none."""
    links = excitation_currents(network, state)
    currents = bath_currents(network, state)
    taken, exchanged = (
        np.bincount(network.bath_modes, c, minlength=network.n_modes) for c in (currents, np.abs(currents))
    )
    strongest = max(float(abs(network.hamiltonian).max()), float(network.mode_rates.max()))
    rounding = _ROUNDING * strongest * float(state.occupations.max())
    allowed = _STEADY * (np.asarray(abs(links).sum(axis=1)) + exchanged) + rounding
    return list(zip(np.abs(links.sum(axis=1) - taken).tolist(), allowed.tolist(), strict=True))


def _changes(network: Network, state: GaussianState) -> list[tuple[float, float]]:
    """Rates of change of C, S and the means with what passes for none of it, by their largest elements."""
    drift = np.array(network.drift.toarray() if network.is_sparse else network.drift)
    drift -= 1j * np.median(np.diag(drift).imag) * np.eye(network.n_modes)  # a common frequency moves nothing
    unit = float(np.abs(drift).max()) or 1.0
    drift = drift / unit
    size = 2 * float(np.abs(drift).sum(axis=1).max())
    strongest = int(np.argmax(network.bath_rates)) if network.n_baths else 0
    level = float(network.bath_occupations[strongest]) if network.n_baths else 0.0
    departure = np.array(state.normal)
    np.fill_diagonal(departure, state.excess_over(np.full(network.n_modes, level)))
    fed = network.bath_rates / unit * (network.bath_occupations - level)
    source = np.bincount(network.bath_modes, fed, minlength=network.n_modes)
    half = drift @ departure
    change = half + half.conj().T + np.diag(source)
    allowed = _STEADY * (size * _largest(departure) + _largest(source)) + _ROUNDING * size * _largest(state.normal)
    found = [(unit * _largest(change), unit * allowed)]
    outer = np.outer(state.mean, state.mean.conj())
    for moments, partner in ((outer, drift.conj().T), (state.anomalous, drift.T)):
        rate = drift @ moments + moments @ partner
        found.append((unit * _largest(rate), unit * _STEADY * size * _largest(moments)))
    return found


def _largest(array: Array) -> float:
    return float(np.abs(array).max())


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
