"""Wigner entropy, its production and flux bath by bath, and relative entropy."""

from __future__ import annotations

import numpy as np
from scipy import linalg

from .._typing import RealArray
from ..network import Network
from ..state import GaussianState
from ._fit import check_fit, check_gaussian, covariance_of, is_small, sole_bath_occupations
from ._partial import banded_log_determinant, banded_production
from .channels import JumpChannel, local_flux, local_production

# Below this x, ln(1 + x) of the rounded x has fewer digits than the determinant.
_MUCH_COLDER = -0.9


def entropy_flux(network: Network, state: GaussianState) -> RealArray:
    r"""Wigner entropy flux into each bath, :math:`\Phi_b = \gamma_b (\langle a^\dagger a \rangle - n_b)/(n_b + 1/2)`.

    Eq. (20), one value a bath, also where several baths share a node. For squeezed baths and jump operators the
    general formula of a Gaussian channel takes its place; pure dephasing has no flux.

    Parameters
    ----------
    network : Network
        With all probe occupations known.
    state : GaussianState

    Returns
    -------
    (K,) array
        Positive from the network into the bath (nats per time).

    Examples
    --------
    >>> import wignerness as wn
    >>> one = wn.Network([[1.0]], [wn.ThermalBath(0, 1.0, 0.5)])
    >>> wn.thermodynamics.entropy_flux(one, wn.GaussianState.thermal([1.5]))
    array([1.])
    """
    check_fit(network, state)
    flux = np.zeros(network.n_baths)
    flux[list(network.local_baths)] = local_flux(network, state)
    for index in network.jump_baths:
        flux[index] = JumpChannel(network.baths[index], state).flux()  # type: ignore[arg-type]
    return flux


def entropy_production(network: Network, state: GaussianState) -> RealArray:
    r"""Wigner entropy production of each bath, Eq. (17), without cancellation.

    Eq. (C2), :math:`\Pi_b = \Phi_b - \gamma_b + \gamma_b d_b [\Theta^{-1}]_{kk}` with :math:`d_b = n_b + 1/2`, is a
    small difference of large numbers. Used is its equal,
    :math:`\Pi_b = (\gamma_b / d_b) ( r^\dagger \Theta^{-1} r + |\mu_k|^2 )` with r the column of
    :math:`\Theta - d_b 1` that belongs to :math:`a_k`, where nothing cancels. Squeezed baths and jump operators follow
    the same pattern; for groups of jumps that are not of gradient type the full current counts.

    Parameters
    ----------
    network : Network
        With all probe occupations known.
    state : GaussianState

    Returns
    -------
    (K,) array
        Non-negative (nats per time).

    Raises
    ------
    UndefinedQuantityError
        If a bath is pure dephasing: the state is not Gaussian then.

    Examples
    --------
    >>> import wignerness as wn
    >>> ness = wn.steady_state(wn.models.chain(3, hopping=0.2, rate=0.1, occupations=(1, 2)))
    >>> bool((ness.entropy_production > 0).all())
    True
    """
    check_fit(network, state)
    check_gaussian(network, "entropy production")
    if state.is_partial:
        return banded_production(network, state)
    covariance = covariance_of(state, small=is_small(network, state) and not network.jump_baths)
    factor = linalg.cholesky(covariance, lower=True)
    production = np.zeros(network.n_baths)
    production[list(network.local_baths)] = local_production(network, state, factor, covariance)
    for index in network.jump_baths:
        production[index] = JumpChannel(network.baths[index], state).production(factor)  # type: ignore[arg-type]
    return production


def wigner_entropy(network: Network, state: GaussianState) -> float:
    r"""Wigner entropy :math:`S = -\int d\alpha\,W \ln W = \frac12 \ln \det \Theta + L (1 + \ln \pi)`, Eq. (12).

    With the measure d^2 alpha = dRe dIm for each mode; in nats.

    Examples
    --------
    >>> import math, wignerness as wn
    >>> one = wn.Network([[1.0]], [])
    >>> wn.thermodynamics.wigner_entropy(one, wn.GaussianState.vacuum(1)) == 1 + math.log(math.pi / 2)
    True
    """
    check_fit(network, state)
    check_gaussian(network, "Wigner entropy")
    if state.is_partial:
        return banded_log_determinant(state) + network.n_modes * (1.0 + float(np.log(np.pi)))
    factor = linalg.cholesky(covariance_of(state, small=state.is_phase_insensitive), lower=True)
    logarithm = float(np.log(np.diag(factor).real).sum())
    if state.is_phase_insensitive:
        logarithm *= 2  # det Theta = (det V)^2
    return logarithm + network.n_modes * (1.0 + float(np.log(np.pi)))


def relative_entropy(network: Network, state: GaussianState) -> float:
    r"""Wigner relative entropy :math:`S(W \| W_\mathrm{eq})`, Eq. (21), to the product of the local equilibria, Eq. (9).

    Accurate to nearly all digits however close the state is to equilibrium.

    Returns
    -------
    float
        Non-negative, in nats.

    Raises
    ------
    UndefinedQuantityError
        Unless every node has exactly one bath of non-zero rate.

    Examples
    --------
    >>> import wignerness as wn
    >>> one = wn.Network([[1.0]], [wn.ThermalBath(0, 1.0, 0.5)])
    >>> wn.thermodynamics.relative_entropy(one, wn.GaussianState.thermal([0.5]))
    0.0
    """
    check_fit(network, state)
    occupations = sole_bath_occupations(network, "relative entropy")
    widths = occupations + 0.5
    covariance = covariance_of(state, small=state.is_phase_insensitive)
    step = len(covariance) // network.n_modes
    difference = covariance
    np.fill_diagonal(difference, np.repeat(state.excess_over(occupations), step))
    root = np.repeat(np.sqrt(widths), step)
    scaled = difference / root[:, None] / root[None, :]
    eigenvalues = np.asarray(linalg.eigvalsh(scaled), dtype=np.float64)
    coherent = float(np.sum(np.abs(state.mean / np.sqrt(widths)) ** 2))
    if eigenvalues[0] < _MUCH_COLDER:
        # 1 + x is known to the digits of its determinant, not to those of x, and nothing cancels: the sum is not small.
        np.fill_diagonal(scaled, np.repeat((state.normal.diagonal().real + 0.5) / widths, step))
        logarithm = 2 * float(np.log(np.diag(linalg.cholesky(scaled, lower=True)).real).sum())
        return (float(eigenvalues.sum()) - logarithm) / step + coherent
    return float(_minus_log1p(eigenvalues).sum()) / step + coherent


def _minus_log1p(x: RealArray) -> RealArray:
    """The difference x - ln(1 + x), by its series where the difference would cancel."""
    small = np.abs(x) < 0.03
    y = np.where(small, x, 0.0)
    series = np.zeros_like(y)
    for power in range(12, 1, -1):
        series = series * y + (-1) ** power / power
    return np.where(small, series * y * y, x - np.log1p(np.where(small, 0.0, x)))
