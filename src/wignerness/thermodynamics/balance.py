"""The entropy balance: rates of change, the unitary term, and the share of the probes."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from ..linalg.symplectic import ladder
from ..network import Network
from ..state import GaussianState
from ._fit import check_fit, check_gaussian, covariance_of, is_small, sole_bath_occupations, solved_trace
from .currents import excitation_currents, excitation_gain
from .entropy import entropy_production


def entropy_rate(network: Network, state: GaussianState) -> float:
    r"""Rate of change of the Wigner entropy, Eq. (13): :math:`dS/dt = \frac12 \mathrm{Tr}[\Theta^{-1} \dot\Theta]`.

    Equal to sum(Pi) - sum(Phi), Eq. (1), by another route: the moment equations (B1), (B4).

    Examples
    --------
    >>> import wignerness as wn
    >>> one = wn.Network([[1.0]], [wn.ThermalBath(0, 1.0, 0.5)])
    >>> round(wn.thermodynamics.entropy_rate(one, wn.GaussianState.vacuum(1)), 12)
    1.0
    """
    check_fit(network, state)
    check_gaussian(network, "entropy rate")
    small = is_small(network, state)
    covariance, drift, source = covariance_of(state, small=small), network.drift, network.diffusion
    drift, source = (matrix.toarray() if hasattr(matrix, "toarray") else matrix for matrix in (drift, source))
    if network.is_passive:
        source = source - (drift + drift.conj().T) / 2  # f of C to F of Theta
        if not small:
            drift, source = (ladder(matrix, np.zeros_like(matrix)) for matrix in (drift, source))
    change = drift @ covariance
    change = change + change.conj().T + source
    return (1.0 if small else 0.5) * solved_trace(covariance, change)


def unitary_production(network: Network, state: GaussianState) -> float:
    r"""The unitary term :math:`U = -\int d\alpha\,\mathcal{U}(W) \ln W_\mathrm{eq}`, Eqs. (23)-(25).

    :math:`U = \sum_k \frac{1}{n_k + 1/2} (\sum_l j_{kl} + g_k)`, with the gain g of drive and pairing. In the steady
    state it equals the total entropy production.

    Raises
    ------
    UndefinedQuantityError
        Unless every node has exactly one bath of non-zero rate.
    """
    occupations = sole_bath_occupations(network, "unitary term")
    widths = occupations + 0.5
    links = sparse.coo_array(excitation_currents(network, state))
    k, l = links.coords
    # 1/d_k - 1/d_l = (n_l - n_k)/(d_k d_l): antisymmetry spends the common part of 1/d before it can cancel.
    exchange = 0.5 * np.sum(links.data / widths[k] * ((occupations[l] - occupations[k]) / widths[l]))
    return float(exchange + np.sum(excitation_gain(network, state) / widths))


def relative_entropy_rate(network: Network, state: GaussianState) -> float:
    """d/dt S(W||W_eq) = U - Pi, Eq. (22).

    Raises
    ------
    UndefinedQuantityError
        Unless every node has exactly one bath of non-zero rate.
    """
    return unitary_production(network, state) - float(entropy_production(network, state).sum())


def production_split(network: Network, state: GaussianState) -> tuple[float, float]:
    """Entropy production of the real baths and of the probes, (Pi_r, Pi_sc) of Eqs. (32)-(33).

    Examples
    --------
    >>> import wignerness as wn
    >>> fig3 = wn.models.chain(15, hopping=3e-7, rate=1e-6, occupations=(1, 2), probe_rate=1e-7)
    >>> ness = wn.steady_state(fig3)
    >>> real, probes = wn.thermodynamics.production_split(ness.network, ness.state)
    >>> f"{real:.6e} {probes:.6e}"
    '8.858074e-09 8.533231e-09'
    """
    production = entropy_production(network, state)
    is_probe = np.zeros(network.n_baths, dtype=bool)
    is_probe[list(network.probes)] = True
    return float(production[~is_probe].sum()), float(production[is_probe].sum())
