r"""The von Neumann counterpart of flux and production, for thermal baths and probes.

It agrees with the Wigner account at high temperature and diverges where a bath is at zero temperature.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from .._typing import ComplexArray, IntArray, RealArray
from ..errors import InvalidStateError
from ..linalg.graded import spectral_weights
from ..linalg.symplectic import normal_modes
from ..network import Network
from ..state import GaussianState
from ._fit import check_fit, check_gaussian, check_thermal, check_whole
from .currents import bath_currents
from .information import reduced_entropy, symplectic_occupations

_EPS = float(np.finfo(np.float64).eps)
_STRAY = 8.0  # how many times eps a number may be to count as a rounded zero


def von_neumann_entropy(network: Network, state: GaussianState) -> float:
    r"""Von Neumann entropy in nats, from the symplectic eigenvalues nu of the covariance.

    :math:`\sum (\nu + \frac12) \ln(\nu + \frac12) - (\nu - \frac12) \ln(\nu - \frac12)`.

    Examples
    --------
    >>> import math, wignerness as wn
    >>> one = wn.Network([[1.0]], [])
    >>> abs(wn.thermodynamics.von_neumann_entropy(one, wn.GaussianState.thermal([1.0])) - 2 * math.log(2)) < 1e-15
    True
    """
    check_fit(network, state)
    check_gaussian(network, "von Neumann entropy")
    return reduced_entropy(state)


def von_neumann_entropy_flux(network: Network, state: GaussianState) -> RealArray:
    r"""Entropy that each bath takes up per time, :math:`\Phi_b = J_b \ln \frac{n_b + 1}{n_b}` (heat over temperature).

    J_b is the excitation current into the bath.

    Parameters
    ----------
    network : Network
        With all probe occupations known.
    state : GaussianState

    Returns
    -------
    (K,) array
        Positive into the bath (nats per time); infinite for a current into a bath at zero temperature.

    Raises
    ------
    UndefinedQuantityError
        If a bath is neither thermal nor a probe.

    Examples
    --------
    >>> import wignerness as wn
    >>> one = wn.Network([[1.0]], [wn.ThermalBath(0, 1.0, 0.0)])
    >>> wn.thermodynamics.von_neumann_entropy_flux(one, wn.GaussianState.thermal([1.0]))
    array([inf])
    """
    check_fit(network, state)
    check_thermal(network, "von Neumann entropy flux")
    return _weighted(bath_currents(network, state), _log_ratio(network.bath_occupations))


def von_neumann_entropy_production(network: Network, state: GaussianState) -> RealArray:
    r"""Von Neumann entropy production of each bath, :math:`-\mathrm{Tr}[\mathcal{D}_b(\rho) \ln \rho] + \Phi_b`.

    Computed as a sum of positive terms. With the normal modes b_m of the state, of occupations c_m,
    :math:`a_k = \mu_k + \sum_m U_{km} b_m + V_{km} b_m^\dagger`, and f(x) = ln((x + 1)/x),

    .. math::
        \Pi_b / \gamma_b = |\mu_k|^2 f(n_b) + \sum_m |U_{km}|^2 (c_m - n_b) (f(n_b) - f(c_m))
        + |V_{km}|^2 (c_m + n_b + 1) (f(n_b) + f(c_m)) .

    Without anomalous moments V vanishes, and the second term is evaluated through the column of C - n_b that belongs
    to the node, which keeps all digits near equilibrium.

    Whether a production is infinite is a question of zeros, and is decided by a rule: modes that share no moment with
    each other are taken apart; within each part a normal mode counts as pure, c = 0, and an amplitude U or V as zero,
    where it is no larger than what rounding of the moments to doubles makes of a zero.

    Parameters
    ----------
    network : Network
        With all probe occupations known.
    state : GaussianState

    Returns
    -------
    (K,) array
        Non-negative (nats per time). Infinite for a bath at zero temperature unless its node is in the vacuum, and for
        a bath that heats a normal mode at zero temperature.

    Raises
    ------
    UndefinedQuantityError
        If a bath is neither thermal nor a probe.

    Notes
    -----
    At every steady state of a passive network it is at least the Wigner production in total.

    Examples
    --------
    >>> import wignerness as wn
    >>> hot = wn.Network([[1.0]], [wn.ThermalBath(0, 1.0, 1000.0)])
    >>> state = wn.GaussianState.thermal([2000.0])
    >>> quantum = wn.thermodynamics.von_neumann_entropy_production(hot, state)[0]
    >>> wigner = wn.thermodynamics.entropy_production(hot, state)[0]
    >>> bool(abs(quantum / wigner - 1) < 1e-6)
    True
    """
    check_fit(network, state)
    check_thermal(network, "von Neumann entropy production")
    check_whole(state, "The von Neumann entropy production")
    coherent = _weighted(np.abs(state.mean[network.bath_modes]) ** 2, _log_ratio(network.bath_occupations))
    incoherent = np.zeros(network.n_baths)
    for modes in _unrelated_parts(state):
        here = np.isin(network.bath_modes, modes)
        part, places = state.reduced(modes.tolist()), np.searchsorted(modes, network.bath_modes[here])
        exchange = _passive_exchange if part.is_phase_insensitive else _squeezed_exchange
        incoherent[here] = exchange(part, places, network.bath_occupations[here])
    return _weighted(network.bath_rates, coherent + incoherent)


def _unrelated_parts(state: GaussianState) -> list[IntArray]:
    """Modes that share no second moment with those of the other parts, ascending."""
    related = state.normal != 0
    if not state.is_phase_insensitive:
        related = related | (state.anomalous != 0)
    count, label = connected_components(sparse.csr_array(related), directed=False)
    return [np.flatnonzero(label == part) for part in range(count)]


def _passive_exchange(state: GaussianState, modes: IntArray, occupations: RealArray) -> RealArray:
    """Sum over m of |(U^+ r)_m|^2 g(c_m, n) with r the column k of C - n, for every bath."""
    columns = state.normal[:, modes]
    columns[modes, np.arange(len(modes))] = state.excess_over(occupations, modes)
    levels, weights = spectral_weights(state.normal, columns)
    return np.sum(_weighted(weights, _slope(levels[:, None], occupations[None, :])), axis=0)  # type: ignore[no-any-return]


def _squeezed_exchange(state: GaussianState, modes: IntArray, occupations: RealArray) -> RealArray:
    u, v = _normal_amplitudes(state)
    found = symplectic_occupations(state)
    levels, occupations = np.where(found > _unresolved(state, u, v), found, 0.0)[None, :], occupations[:, None]
    stray = _STRAY * state.n_modes * _EPS * float(np.abs(u).max())
    down, up = (np.where(np.abs(part[modes]) > stray, np.abs(part[modes]), 0.0) ** 2 for part in (u, v))
    lowered = _weighted(down * (levels - occupations) ** 2, _slope(levels, occupations))
    raised = _weighted(up * (levels + occupations + 1.0), _log_ratio(levels) + _log_ratio(occupations))
    return np.sum(lowered + raised, axis=1)  # type: ignore[no-any-return]


def _unresolved(state: GaussianState, u: ComplexArray, v: ComplexArray) -> RealArray:
    """Occupations of normal modes up to which they are rounding: that of the moments, and that of their computation."""
    normal, anomalous, u, v = (np.abs(matrix) for matrix in (state.normal, state.anomalous, u, v))
    rounded = np.sum(u * (normal @ u) + v * (normal @ v) + 2 * u * (anomalous @ v), axis=0)
    largest = max(float(normal.max()), float(anomalous.max()))
    computed = min(largest, float(normal.max()) + largest**2)
    return np.asarray(_STRAY * state.n_modes * _EPS * (rounded + computed))


def _normal_amplitudes(state: GaussianState) -> tuple[ComplexArray, ComplexArray]:
    try:
        return normal_modes(state.covariance())[1:]
    except np.linalg.LinAlgError:
        raise InvalidStateError("The covariance is not positive definite to working precision.") from None


def _log_ratio(occupations: RealArray) -> RealArray:
    """f(n) = ln((n + 1)/n); infinite at n = 0."""
    with np.errstate(divide="ignore"):
        return np.asarray(
            np.where(occupations < 1.0, np.log1p(occupations) - np.log(occupations), np.log1p(1 / occupations))
        )


def _slope(level: RealArray, occupation: RealArray) -> RealArray:
    """(f(n) - f(c))/(c - n) > 0, whose limit at c = n is 1/(n (n + 1)); infinite if either is zero."""
    low, high = np.minimum(level, occupation), np.maximum(level, occupation)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        gap = (high - low) / (low * (high + 1.0))
        slope = np.log1p(gap) / gap / (low * (high + 1.0))
        tiny = gap < 1e-8
        slope = np.where(tiny, (1.0 - gap / 2.0) / (low * (high + 1.0)), slope)
    return np.where(low > 0.0, slope, np.inf)


def _weighted(weights: RealArray, values: RealArray) -> RealArray:
    """Products in which nothing of infinity is nothing."""
    values = np.broadcast_to(values, weights.shape)
    return np.multiply(weights, values, out=np.zeros(weights.shape), where=weights != 0)
