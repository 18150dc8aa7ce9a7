"""One mode between several baths, and two coupled modes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .._checks import read_only, real, real_array
from .._typing import RealArray
from ..errors import NoUniqueSteadyStateError
from ._arguments import Pair, pair

__all__ = ["SingleMode", "TwoModes", "single_mode", "two_modes"]


@dataclass(frozen=True, eq=False)
class SingleMode:
    """Steady state of one mode between several thermal baths; see `single_mode`.

    Attributes
    ----------
    occupation : float
        <a^+ a>, the mean of the baths' occupations weighted with their rates.
    bath_currents : (K,) array
        Excitations per time into each bath; they sum to zero.
    entropy_flux, entropy_production : (K,) array
        Eqs. (20) and (17) of each bath.
    """

    occupation: float
    bath_currents: RealArray
    entropy_flux: RealArray
    entropy_production: RealArray


def single_mode(*, rates: ArrayLike, occupations: ArrayLike) -> SingleMode:
    r"""Steady state of one mode that several thermal baths share.

    .. math:: N = \sum_b \gamma_b n_b / \sum_b \gamma_b,\qquad
        \Pi_b = \frac{\gamma_b (N - n_b)^2}{(n_b + 1/2)(N + 1/2)} .

    Parameters
    ----------
    rates : (K,) array_like
        Damping rates, non-negative, at least one of them positive.
    occupations : (K,) array_like
        Occupations of the baths, non-negative.

    Returns
    -------
    SingleMode
        Rates in the unit of `rates`; a positive current or flux leaves the mode.

    Raises
    ------
    InvalidNetworkError
        A rate or an occupation is negative or not finite, or the shapes differ.
    NoUniqueSteadyStateError
        All rates are zero.

    Notes
    -----
    Each bath is a channel of its own. One bath of rate :math:`\sum_b \gamma_b` and occupation N would leave
    the same state, but produce no entropy.

    Examples
    --------
    >>> from wignerness import exact
    >>> mode = exact.single_mode(rates=[1.0, 3.0], occupations=[0.0, 2.0])
    >>> mode.occupation
    1.5
    >>> mode.entropy_production
    array([2.25, 0.15])
    """
    gamma = real_array("rates", rates, (None,), minimum=0.0)
    n = real_array("occupations", occupations, gamma.shape, minimum=0.0)
    if not gamma.any():
        raise NoUniqueSteadyStateError("The mode keeps its initial state: no bath has a positive rate.", nodes=(0,))
    weights = gamma / gamma.sum()
    excess = (n - n[:, None]) @ weights  # N - n_b, from differences alone
    occupation = float(weights @ n)
    flux = gamma * excess / (n + 0.5)
    production = flux * excess / (occupation + 0.5)
    return SingleMode(occupation, read_only(gamma * excess), read_only(flux), read_only(production))


@dataclass(frozen=True, eq=False)
class TwoModes:
    """Steady state of two coupled modes with one bath each; see `two_modes`.

    Attributes
    ----------
    occupations : (2,) array
        <a_k^+ a_k>.
    coherence : complex
        <a_1^+ a_2>.
    current : float
        Excitations per time into mode 1 from mode 2, Eq. (25b) corrected.
    entropy_flux, entropy_production : (2,) array
        Eqs. (20) and (17) of each bath.
    """

    occupations: RealArray
    coherence: complex
    current: float
    entropy_flux: RealArray
    entropy_production: RealArray


def two_modes(*, hopping: complex, rates: Pair, occupations: Pair, detuning: float = 0.0) -> TwoModes:
    r"""Steady state of two coupled modes with one thermal bath each.

    .. math:: j_{12} = \frac{\kappa \gamma_1 \gamma_2 (n_2 - n_1)}{\gamma_1 \gamma_2 + \kappa (\gamma_1 + \gamma_2)},
        \qquad \kappa = \frac{2 |H_{12}|^2 \bar\gamma}{\bar\gamma^2 + \delta^2},
        \quad \bar\gamma = \frac{\gamma_1 + \gamma_2}{2} .

    Parameters
    ----------
    hopping : complex
        H_12, of any phase.
    rates : pair of float
        Damping rates of the two modes, non-negative.
    occupations : pair of float
        Occupations of their baths, non-negative.
    detuning : float, optional
        :math:`\delta = H_{11} - H_{22}`.

    Returns
    -------
    TwoModes

    Raises
    ------
    InvalidNetworkError
        A rate or an occupation is negative, or a number is not finite.
    NoUniqueSteadyStateError
        A mode is neither damped nor coupled to one that is.

    Examples
    --------
    >>> from wignerness import exact
    >>> pair = exact.two_modes(hopping=0.5j, rates=(1.0, 1.0), occupations=(1.0, 2.0))
    >>> pair.current
    0.25
    >>> print(f"{pair.entropy_production.sum():.12f}")  # current times affinity, Eq. (26)
    0.066666666667
    """
    h = complex(real("hopping.real", np.real(hopping)), real("hopping.imag", np.imag(hopping)))
    gamma, n = pair("rates", rates), pair("occupations", occupations)
    delta = real("detuning", detuning)
    unit = max(abs(h), *gamma, abs(delta)) or 1.0
    if n[0] <= n[1]:
        return _two_modes_cold_first(h / unit, gamma / unit, n, delta / unit, unit)
    mirror = _two_modes_cold_first(h.conjugate() / unit, gamma[::-1] / unit, n[::-1], -delta / unit, unit)
    return TwoModes(
        mirror.occupations[::-1],
        mirror.coherence.conjugate(),
        -mirror.current,
        mirror.entropy_flux[::-1],
        mirror.entropy_production[::-1],
    )


def _two_modes_cold_first(h: complex, gamma: RealArray, n: RealArray, delta: float, unit: float) -> TwoModes:
    """`two_modes` for n_1 <= n_2 in units of `unit`; every sum below has non-negative terms."""
    gamma1, gamma2 = gamma
    d1, d2 = n + 0.5
    total = gamma1 + gamma2
    width = complex(total / 2, -delta)
    kappa = abs(h) ** 2 * total / abs(width) ** 2 if total > 0 else 0.0
    denominator = gamma1 * gamma2 + kappa * total
    if not denominator > 0:
        lost = tuple(int(k) for k in np.flatnonzero(gamma == 0))
        raise NoUniqueSteadyStateError("A mode is neither damped nor coupled to a damped one.", nodes=lost)
    t = (n[1] - n[0]) / denominator
    step, rise, fall = gamma1 * gamma2 * t, kappa * gamma2 * t, kappa * gamma1 * t  # N_2 - N_1, N_1 - n_1, n_2 - N_2
    current = kappa * step
    v1 = d1 + rise
    v2 = v1 + step
    coherence_squared = current * step / total
    mixed = rise * v1 + step * rise * gamma2 / total  # (N_1 - n_1) V_22 - |V_12|^2
    determinant = d1 * v2 + mixed
    cold = gamma1 / d1 * (coherence_squared / v2 + mixed / v2 * (mixed / determinant))
    off = coherence_squared / v1
    hot = gamma2 / d2 * (off + (fall + off) * ((fall + off) * v1 / determinant))
    return TwoModes(
        read_only(np.array([n[0] + rise, n[0] + rise + step])),
        1j * h.conjugate() * step / width,
        float(unit * current),
        read_only(unit * np.array([current / d1, -current / d2])),
        read_only(unit * np.array([cold, hot])),
    )
