"""Currents of excitations and of energy, between nodes and into baths, and the currents of quasi-probability."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._typing import ComplexArray, RealArray
from ..linalg.symplectic import ladder
from ..network import Network
from ..state import GaussianState
from ._fit import check_fit, check_gaussian, check_thermal, dense_hamiltonian, ladder_mean
from ._partial import link_currents, link_energies, link_energy_currents
from .channels import JumpChannel, local_surplus


def excitation_currents(network: Network, state: GaussianState) -> Any:
    r"""Excitation currents between nodes, :math:`j_{kl} = 2\,\mathrm{Im}(H_{kl} \langle a_k^\dagger a_l \rangle)`.

    Eq. (25b), corrected: the printed form is an energy-like expression that vanishes for the imaginary
    hopping of Eq. (27).

    Parameters
    ----------
    network : Network
    state : GaussianState

    Returns
    -------
    (L, L) array
        Antisymmetric; element [k, l] is the current into k from l (excitations per time). A csr_array for a
        partial state.

    Examples
    --------
    >>> import wignerness as wn
    >>> ness = wn.steady_state(wn.models.chain(2, hopping=0.5, rate=1.0, occupations=(1, 2)))
    >>> float(wn.thermodynamics.excitation_currents(ness.network, ness.state)[0, 1].round(12))
    0.25
    """
    check_fit(network, state)
    if state.is_partial:
        return link_currents(network, state)
    hamiltonian = dense_hamiltonian(network)
    currents = 2.0 * (hamiltonian * state.correlations.T).imag
    return (currents - currents.T) / 2


def excitation_gain(network: Network, state: GaussianState) -> RealArray:
    r"""Excitations that drive and pairing create on each node, per time, shape (L,).

    :math:`2\,\mathrm{Im}(\epsilon_k \mu_k^*) + 2 \sum_l \mathrm{Im}(\Delta_{kl} \langle a_k a_l \rangle^*)`.
    """
    check_fit(network, state)
    from_drive = 2.0 * (network.drive * state.mean.conj()).imag
    if network.is_passive:
        return from_drive
    raw = state.anomalous + np.outer(state.mean, state.mean)
    return from_drive + 2.0 * (network.pairing * raw.conj()).imag.sum(axis=1)  # type: ignore[no-any-return]


def energy_currents(network: Network, state: GaussianState) -> Any:
    r"""Energy currents between nodes, shape (L, L), antisymmetric, into k from l (energy per time).

    The energy of node k is its own plus half of that of its links,
    :math:`h_k = H_{kk} a_k^\dagger a_k + \frac12 \sum_{l \ne k} (H_{kl} a_k^\dagger a_l + \mathrm{h.c.})`, and
    :math:`j^E_{kl} = i \langle [h_l, h_k] \rangle`. Nodes that are two links apart exchange energy too, because
    the links do. What a bath adds to :math:`h_k` comes on top (:func:`heat_currents` sums it over k).
    Energy of pairing and drive is not included.

    Examples
    --------
    >>> import wignerness as wn
    >>> chain = wn.models.chain(2, hopping=0.01, rate=1.0, occupations=(1, 2), frequency=5.0)
    >>> ness = wn.steady_state(chain)
    >>> bool(abs(ness.energy_currents[0, 1] - 5.0 * ness.currents[0, 1]) < 1e-12)
    True
    """
    check_fit(network, state)
    if state.is_partial:
        return link_energy_currents(network, state)
    h, correlations = dense_hamiltonian(network), state.correlations
    anticommutator = h @ correlations + correlations @ h
    overlap = h * anticommutator.T + (h @ h) * correlations.T  # elements [l, k] of 4 Tr(h_l h_k N), l != k
    currents = -0.5 * overlap.T.imag
    return (currents - currents.T) / 2


def bath_currents(network: Network, state: GaussianState) -> RealArray:
    r"""Excitations that each bath takes up per time, :math:`J_b = \gamma_b (\langle a^\dagger a \rangle - n_b)`.

    For jump operators what the whole bath takes from the sum of the occupations; nothing for pure dephasing.

    Returns
    -------
    (K,) array
        Positive into the bath.
    """
    check_fit(network, state)
    currents = np.zeros(network.n_baths)
    currents[list(network.local_baths)] = network.bath_rates * local_surplus(network, state)[0]
    for index in network.jump_baths:
        channel = JumpChannel(network.baths[index], state)  # type: ignore[arg-type]
        currents[index] = -float(np.trace(channel.change()).real) / 2
    return currents


def heat_currents(network: Network, state: GaussianState) -> RealArray:
    r"""Energy that each bath takes up per time, :math:`-\mathrm{Tr}[H\,\mathcal{D}_b(\rho)]`.

    For a thermal bath on node k of a passive network without drive it is
    :math:`H_{kk} J_b + \gamma_b \sum_{l \ne k} \mathrm{Re}(H_{kl} \langle a_l^\dagger a_k \rangle^*)`: the energy of the
    links that the bath damps is included, and so is that of pairing and drive.

    Returns
    -------
    (K,) array
        Positive into the bath (energy per time, hbar = 1).
    """
    check_fit(network, state)
    heat = np.zeros(network.n_baths)
    heat[list(network.local_baths)] = _local_heat(network, state)
    if state.is_partial and not network.jump_baths and not network.dephasings:
        return heat
    h, correlations = dense_hamiltonian(network), state.correlations
    energy = ladder(h, network.pairing)
    force = np.ravel(np.column_stack([network.drive, network.drive.conj()]))
    for index in network.jump_baths:
        channel = JumpChannel(network.baths[index], state)  # type: ignore[arg-type]
        raw = state.covariance()
        raw += np.outer(ladder_mean(state), ladder_mean(state).conj())
        drift, places = np.zeros_like(raw), np.ix_(channel.places, channel.places)
        drift[places] = channel.drift
        change = drift @ raw
        change += change.conj().T
        change[places] += channel.diffusion
        pushed = np.vdot(force, drift @ ladder_mean(state)).real
        heat[index] = -float(np.trace(energy @ change).real) / 2 - pushed
    for index in network.dephasings:
        node, rate = network.baths[index].mode, network.baths[index].rate  # type: ignore[union-attr]
        links = float((h[node] @ correlations[:, node]).real - h[node, node].real * correlations[node, node].real)
        heat[index] = rate * (links + float((network.drive[node].conj() * state.mean[node]).real))
    return heat


def _local_heat(network: Network, state: GaussianState) -> RealArray:
    modes, diagonal = network.bath_modes, network.hamiltonian.diagonal().real
    own = diagonal[modes] * local_surplus(network, state)[0]
    driven = (network.drive.conj() * state.mean).real
    if state.is_partial:
        return np.asarray(network.bath_rates * (own + (link_energies(network, state) + driven)[modes]))
    h, correlations = dense_hamiltonian(network), state.correlations
    paired = state.anomalous + np.outer(state.mean, state.mean)
    damped = np.sum(h * correlations.T, axis=1).real - diagonal * np.diag(correlations).real
    damped = damped + driven + np.sum(network.pairing.conj() * paired, axis=1).real
    fed = (np.diag(network.pairing)[modes].conj() * network.bath_anomalous).real
    return np.asarray(network.bath_rates * (own + damped[modes] - fed))


def irreversible_currents(network: Network, state: GaussianState, points: Any) -> ComplexArray:
    r"""Quasi-probability currents of the baths in phase space, Eq. (8).

    :math:`\mathcal{J}_b(W) = \frac{\gamma_b}{2} [\alpha_k W + (n_b + \tfrac12) \partial_k^* W]` for a bath on node k.

    Parameters
    ----------
    network : Network
    state : GaussianState
    points : (..., L) array_like
        Complex phase-space points.

    Returns
    -------
    (..., K) array
        One complex current a bath, at every point.

    Examples
    --------
    >>> import wignerness as wn
    >>> one = wn.Network([[1.0]], [wn.ThermalBath(0, 1.0, 0.5)])
    >>> bool(abs(wn.thermodynamics.irreversible_currents(one, wn.GaussianState.thermal([0.5]), [[0.3]])).max() == 0)
    True
    """
    check_fit(network, state)
    check_thermal(network, "quasi-probability current (8)")
    alpha = state.phase_space_points(points)
    inverse = np.linalg.inv(state.covariance())
    displaced = alpha - state.mean
    # d W / d alpha_k^* = -1/2 d/d alpha_k^* [v^+ Theta^-1 v] W, v = (alpha_1, alpha_1^*, ...)
    gradient = -(displaced @ inverse[::2, ::2].T + displaced.conj() @ inverse[::2, 1::2].T)
    modes = network.bath_modes
    widths = network.bath_occupations + 0.5
    velocity = network.bath_rates / 2 * (alpha[..., modes] + widths * gradient[..., modes])
    return velocity * state.wigner(alpha)[..., None]


def reversible_currents(network: Network, state: GaussianState, points: Any) -> ComplexArray:
    r"""Quasi-probability currents of the unitary dynamics in phase space, Eq. (11).

    :math:`\mathcal{A}_k(W) = i (\sum_l H_{kl} \alpha_l + \sum_l \Delta_{kl} \alpha_l^* + \epsilon_k) W`.

    Parameters
    ----------
    network : Network
    state : GaussianState
    points : (..., L) array_like
        Complex phase-space points.

    Returns
    -------
    (..., L) array
        One complex current a node, at every point.
    """
    check_fit(network, state)
    check_gaussian(network, "quasi-probability current (11)")
    alpha = state.phase_space_points(points)
    field = alpha @ dense_hamiltonian(network).T + alpha.conj() @ network.pairing.T + network.drive
    return 1j * field * state.wigner(alpha)[..., None]
