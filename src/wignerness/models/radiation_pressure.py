r"""A cavity whose light pushes a mechanical oscillator, linearized around the field of the laser.

In the frame of the laser, with a the fluctuation of the cavity field and b the mechanical mode,

.. math:: H = -\Delta\,a^\dagger a + \omega_m\,b^\dagger b + G\,(a + a^\dagger)(b + b^\dagger) .

Red detuning, Delta < 0, cools the mechanics; where the two-mode squeezing in the coupling wins, the network is unstable.
"""

from __future__ import annotations

import math

from .. import _checks
from ..bath import ThermalBath
from ..network import Network

# Exact values of the SI.
PLANCK = 6.62607015e-34  # J s
BOLTZMANN = 1.380649e-23  # J / K


def optomechanics(
    *,
    mechanical_frequency: float,
    mechanical_linewidth: float,
    temperature: float,
    cavity_frequency: float,
    cavity_linewidth: float,
    coupling: float,
    power: float,
    detuning: float,
    efficiency: float = 1.0,
) -> Network:
    r"""An optomechanical cavity from laboratory parameters in SI units.

    All frequencies are ordinary ones, :math:`f = \omega / 2\pi`, in Hz. The conversion is

    .. math::
        n_c = \frac{\eta \kappa\,P / (h f_L)}{\Delta^2 + \kappa^2/4}, \qquad G = g_0 \sqrt{n_c}, \qquad
        n_{th} = \frac{1}{e^{h f_m / k_B T} - 1},

    with :math:`\kappa, \Delta, g_0` the given values times :math:`2\pi` and :math:`f_L` that of the laser. All rates are
    then divided by :math:`\omega_m`: **the unit of the network is the angular frequency of the mechanics**, so a rate r of
    a result means r times 2 pi times ``mechanical_frequency`` per second.

    Parameters
    ----------
    mechanical_frequency : float
        f_m, Hz.
    mechanical_linewidth : float
        Energy decay rate of the mechanics over 2 pi, Hz: f_m over the quality factor.
    temperature : float
        T, K, of what surrounds the mechanics and the cavity.
    cavity_frequency : float
        Hz, optical or microwave; at light frequencies the cavity's own thermal occupation is nothing.
    cavity_linewidth : float
        Energy decay rate kappa of the cavity over 2 pi, Hz (full width at half maximum).
    coupling : float
        Single-photon coupling g_0 over 2 pi, Hz: shift of the cavity by one zero-point motion.
    power : float
        P of the laser before the cavity, W.
    detuning : float
        Delta over 2 pi, Hz: laser minus cavity, the static shift by the light's mean pressure included. Negative
        cools.
    efficiency : float
        eta = kappa_ex / kappa, 0 to 1: the part of the decay that goes through the input mirror.

    Returns
    -------
    Network
        Modes "cavity" and "mechanics" with a bath each, in this order; damping of the mechanics in the rotating-wave
        form, which damps position and momentum alike.

    Raises
    ------
    InvalidNetworkError
        If a frequency is not positive, or another parameter is out of range.

    Notes
    -----
    Quantum Brownian damping, of the momentum alone, is no Lindblad generator, and so no bath of a network. It matters
    little: in the example of :func:`linearized_optomechanics` it would leave 2.4620 phonons in place of 2.4583.

    Examples
    --------
    >>> import wignerness as wn
    >>> cavity = wn.models.optomechanics(
    ...     mechanical_frequency=1e6,
    ...     mechanical_linewidth=1.0,
    ...     temperature=0.01,
    ...     cavity_frequency=2.8e14,
    ...     cavity_linewidth=2e5,
    ...     coupling=50.0,
    ...     power=1e-6,
    ...     detuning=-1e6,
    ... )
    >>> phonons = wn.steady_state(cavity).occupations[1]
    >>> f"{cavity.baths[1].occupation:.1f} phonons of the surroundings, {phonons:.3f} left"
    '207.9 phonons of the surroundings, 0.028 left'
    """
    frequency = _checks.real("mechanical_frequency", mechanical_frequency, above=0.0)
    photons = intracavity_photons(
        power=power,
        cavity_frequency=cavity_frequency,
        cavity_linewidth=cavity_linewidth,
        detuning=detuning,
        efficiency=efficiency,
    )
    hertz = BOLTZMANN / PLANCK * _checks.real("temperature", temperature, minimum=0.0)  # k_B T / h
    warm = ThermalBath.at_temperature(0, 0.0, hertz, cavity_frequency).occupation
    return linearized_optomechanics(
        detuning=detuning / frequency,
        coupling=_checks.real("coupling", coupling) * math.sqrt(photons) / frequency,
        cavity_rate=cavity_linewidth / frequency,
        mechanical_rate=_checks.real("mechanical_linewidth", mechanical_linewidth, minimum=0.0) / frequency,
        occupation=ThermalBath.at_temperature(1, 0.0, hertz, frequency).occupation,
        cavity_occupation=warm,
    )


def linearized_optomechanics(
    *,
    detuning: float,
    coupling: float,
    cavity_rate: float,
    mechanical_rate: float,
    occupation: float,
    cavity_occupation: float = 0.0,
    mechanical_frequency: float = 1.0,
) -> Network:
    r"""The same cavity in any unit of frequency: :math:`-\Delta a^+a + \omega_m b^+b + G (a + a^+)(b + b^+)`.

    Parameters
    ----------
    detuning : float
        Delta, laser minus cavity; negative cools.
    coupling : float
        G, enhanced by the field.
    cavity_rate, mechanical_rate : float
        Energy decay rates kappa and gamma_m.
    occupation, cavity_occupation : float
        Thermal occupations of the mechanical and of the cavity bath.
    mechanical_frequency : float
        omega_m > 0.

    Returns
    -------
    Network
        Modes "cavity" and "mechanics" with a bath each, in this order.

    Raises
    ------
    InvalidNetworkError
        If a parameter is out of range.

    Notes
    -----
    In the steady state the production of the two baths together is their flux,
    :math:`\Pi = \gamma_m [(N_b + \frac12)/(n_{th} + \frac12) - 1] + 2 \kappa N_a` for an empty cavity bath, with the
    occupations N of the modes.

    Examples
    --------
    >>> import wignerness as wn
    >>> cavity = wn.models.linearized_optomechanics(
    ...     detuning=-1.0, coupling=0.05, cavity_rate=0.2, mechanical_rate=1e-3, occupation=100.0
    ... )
    >>> ness = wn.steady_state(cavity)
    >>> f"{ness.occupations[1]:.4f} phonons, production {ness.entropy_production.sum():.6f}"
    '2.4583 phonons, production 0.196101'
    """
    delta, g = _checks.real("detuning", detuning), _checks.real("coupling", coupling)
    frequency = _checks.real("mechanical_frequency", mechanical_frequency, above=0.0)
    kappa = _checks.real("cavity_rate", cavity_rate, minimum=0.0)
    gamma = _checks.real("mechanical_rate", mechanical_rate, minimum=0.0)
    empty = _checks.real("cavity_occupation", cavity_occupation, minimum=0.0)
    warm = _checks.real("occupation", occupation, minimum=0.0)
    return Network(
        [[-delta, g], [g, frequency]],
        [ThermalBath(0, kappa, empty), ThermalBath(1, gamma, warm)],
        pairing=[[0.0, g], [g, 0.0]],
        labels=["cavity", "mechanics"],
    )


def intracavity_photons(
    *, power: float, cavity_frequency: float, cavity_linewidth: float, detuning: float, efficiency: float = 1.0
) -> float:
    r"""Mean number of photons in a driven cavity, :math:`n_c = \eta \kappa P / (h f_L) / (\Delta^2 + \kappa^2/4)`.

    Parameters
    ----------
    power, cavity_frequency, cavity_linewidth, detuning, efficiency
        As for :func:`optomechanics`, in W and Hz.

    Raises
    ------
    InvalidNetworkError
        If a frequency is not positive, or another parameter is out of range.

    Examples
    --------
    >>> import wignerness as wn
    >>> photons = wn.models.intracavity_photons(
    ...     power=1e-6, cavity_frequency=2.8e14, cavity_linewidth=2e5, detuning=-1e6
    ... )
    >>> f"{photons:.4g}"
    '1.699e+05'
    """
    light = _checks.real("cavity_frequency", cavity_frequency, above=0.0)
    kappa = 2 * math.pi * _checks.real("cavity_linewidth", cavity_linewidth, above=0.0)
    delta = 2 * math.pi * _checks.real("detuning", detuning)
    watts = _checks.real("power", power, minimum=0.0)
    through = _checks.real("efficiency", efficiency, minimum=0.0)
    if through > 1.0:
        _checks.fail("efficiency", "be at most 1", through)
    if not light + detuning > 0.0:
        _checks.fail("detuning", "leave the laser a positive frequency", detuning)
    return through * kappa * watts / (PLANCK * (light + detuning)) / (delta**2 + kappa**2 / 4)


def optical_damping(
    *, detuning: float, coupling: float, cavity_rate: float, mechanical_frequency: float = 1.0
) -> float:
    r"""Damping of the mechanics by the light for weak coupling, :math:`\Gamma = A_- - A_+`; negative if it amplifies.

    :math:`A_\mp = G^2 \kappa / [\kappa^2/4 + (\Delta \pm \omega_m)^2]` are the rates at which the light takes and
    gives phonons. Holds for G far below kappa and omega_m.

    Parameters
    ----------
    detuning, coupling, cavity_rate, mechanical_frequency
        As for :func:`linearized_optomechanics`.

    Raises
    ------
    InvalidNetworkError
        If a rate or frequency is not positive.

    References
    ----------
    F. Marquardt, J. P. Chen, A. A. Clerk and S. M. Girvin, Phys. Rev. Lett. 99, 093902 (2007).

    Examples
    --------
    >>> import wignerness as wn
    >>> damping = wn.models.optical_damping(detuning=-1.0, coupling=1e-3, cavity_rate=0.1)
    >>> f"{damping * 0.1 / 1e-3**2:.6f}"  # 4 in a narrow cavity
    '3.997502'
    """
    delta, kappa, frequency = _sideband_arguments(detuning, cavity_rate, mechanical_frequency)
    below, above = kappa**2 / 4 + (delta + frequency) ** 2, kappa**2 / 4 + (delta - frequency) ** 2
    # 1/below - 1/above without the subtraction
    return -4 * delta * frequency * kappa * _checks.real("coupling", coupling) ** 2 / (below * above)


def sideband_limit(*, detuning: float, cavity_rate: float, mechanical_frequency: float = 1.0) -> float:
    r"""Lowest phonon number that sideband cooling reaches, :math:`A_+/(A_- - A_+)`.

    :math:`n_{min} = [\kappa^2/4 + (\Delta + \omega_m)^2] / (-4 \Delta \omega_m)`; about :math:`(\kappa/4\omega_m)^2` on
    the red sideband of a narrow cavity. With the mechanical bath of rate gamma and occupation n, weakly coupled modes end
    at :math:`(\Gamma n_{min} + \gamma n)/(\Gamma + \gamma)`, Gamma from :func:`optical_damping`.

    Parameters
    ----------
    detuning, cavity_rate, mechanical_frequency
        As for :func:`linearized_optomechanics`; the detuning negative.

    Raises
    ------
    InvalidNetworkError
        If the detuning is not negative, or a rate or frequency not positive.

    References
    ----------
    F. Marquardt, J. P. Chen, A. A. Clerk and S. M. Girvin, Phys. Rev. Lett. 99, 093902 (2007).

    Examples
    --------
    >>> import wignerness as wn
    >>> wn.models.sideband_limit(detuning=-1.0, cavity_rate=0.2)
    0.0025000000000000005
    """
    delta, kappa, frequency = _sideband_arguments(detuning, cavity_rate, mechanical_frequency)
    if not delta < 0.0:
        _checks.fail("detuning", "be negative: only red detuning cools", delta)
    return (kappa**2 / 4 + (delta + frequency) ** 2) / (-4 * delta * frequency)


def _sideband_arguments(detuning: float, cavity_rate: float, mechanical_frequency: float) -> tuple[float, float, float]:
    return (
        _checks.real("detuning", detuning),
        _checks.real("cavity_rate", cavity_rate, above=0.0),
        _checks.real("mechanical_frequency", mechanical_frequency, above=0.0),
    )
