"""The optomechanical cavity: published numbers, the theory of sideband cooling, and the conversion from SI."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import constants, linalg

import wignerness as wn
from wignerness.errors import InvalidNetworkError, UnstableNetworkError

USUAL = {"detuning": -1.0, "coupling": 0.05, "cavity_rate": 0.2, "mechanical_rate": 1e-3, "occupation": 100.0}
LABORATORY = {
    "mechanical_frequency": 1.2e6,
    "mechanical_linewidth": 3.0,
    "temperature": 0.3,
    "cavity_frequency": 2.8e14,
    "cavity_linewidth": 2e5,
    "coupling": 120.0,
    "power": 2e-6,
    "detuning": -1.1e6,
    "efficiency": 0.8,
}


def test_numbers():
    ness = wn.steady_state(wn.models.linearized_optomechanics(**USUAL))
    assert ness.occupations[1] == pytest.approx(2.4583, abs=5e-5)
    assert ness.entropy_production.sum() == pytest.approx(0.196101, abs=5e-7)


def test_production_from_two_occupations():
    """Steady production by the occupations alone: with amplitude rates, 2 g_b [(n_b + 1/2)/(n_T + 1/2) - 1] + 4 k_a n_a."""
    for detuning in (-2.0, -1.0, -0.4):
        ness = wn.steady_state(wn.models.linearized_optomechanics(**USUAL | {"detuning": detuning}))
        photons, phonons = ness.occupations
        amplitude_cavity, amplitude_mechanics = 0.1, 5e-4
        expected = 2 * amplitude_mechanics * ((phonons + 0.5) / 100.5 - 1) + 4 * amplitude_cavity * photons
        assert ness.entropy_production.sum() == pytest.approx(expected, rel=1e-12)


def test_brownian_damping_makes_little_difference():
    """Damping of the momentum alone: 2.4620 phonons, and a flux that counts p^2 in place of (x^2 + p^2)/2."""
    delta, g, kappa, gamma, thermal = -1.0, 0.05, 0.2, 1e-3, 100.0
    form = np.diag([-delta, -delta, 1.0, 1.0])
    form[0, 2] = form[2, 0] = 2 * g
    drift = np.kron(np.eye(2), [[0, 1], [-1, 0]]) @ form - np.diag([kappa / 2, kappa / 2, 0, gamma])
    source = np.diag([kappa / 2, kappa / 2, 0, 2 * gamma * (thermal + 0.5)])
    covariance = linalg.solve_continuous_lyapunov(drift, -source)
    x2, p2 = covariance[2, 2], covariance[3, 3]
    assert (x2 + p2) / 2 - 0.5 == pytest.approx(2.4620, abs=5e-5)
    photons = (covariance[0, 0] + covariance[1, 1]) / 2 - 0.5
    flux = gamma * (2 * p2 / (2 * thermal + 1) - 1) + 2 * kappa * photons
    inverse = np.linalg.inv(covariance)
    production = flux - kappa + kappa / 4 * (inverse[0, 0] + inverse[1, 1])  # cavity
    production += -gamma + gamma * (thermal + 0.5) * inverse[3, 3]  # mechanics
    assert production == pytest.approx(flux, rel=1e-9)
    literature = gamma * ((x2 + p2) / (2 * thermal + 1) - 1) + 2 * kappa * photons
    assert literature == pytest.approx(flux, rel=1e-6)
    assert literature != pytest.approx(flux, rel=1e-8)


@pytest.mark.parametrize(("detuning", "kappa"), [(-1.0, 0.2), (-0.6, 0.5), (-1.5, 2.0), (-1.0, 5.0)])
def test_sideband_cooling_at_weak_coupling(detuning, kappa):
    """The steady state tends to detailed balance between the mechanical bath and the sidebands as G^2 vanishes."""
    g, gamma, thermal = 1e-5, 1e-11, 40.0
    cavity = wn.models.linearized_optomechanics(
        detuning=detuning, coupling=g, cavity_rate=kappa, mechanical_rate=gamma, occupation=thermal
    )
    damping = wn.models.optical_damping(detuning=detuning, coupling=g, cavity_rate=kappa)
    limit = wn.models.sideband_limit(detuning=detuning, cavity_rate=kappa)
    expected = (damping * limit + gamma * thermal) / (damping + gamma)
    assert wn.steady_state(cavity).occupations[1] == pytest.approx(expected, rel=1e-6)


def test_limit_of_a_narrow_cavity():
    assert wn.models.sideband_limit(detuning=-3.0, cavity_rate=0.3, mechanical_frequency=3.0) == pytest.approx(
        (0.3 / 12) ** 2, rel=1e-13
    )
    detunings = -np.linspace(0.5, 3, 2001)
    limits = [wn.models.sideband_limit(detuning=d, cavity_rate=1.4) for d in detunings]
    assert detunings[np.argmin(limits)] == pytest.approx(-np.sqrt(1 + 0.7**2), abs=2e-3)


def test_blue_detuning_amplifies_and_is_unstable():
    assert wn.models.optical_damping(detuning=1.0, coupling=0.05, cavity_rate=0.2) < 0
    with pytest.raises(UnstableNetworkError) as caught:
        wn.steady_state(wn.models.linearized_optomechanics(**USUAL | {"detuning": 1.0}))
    assert caught.value.growth_rate > 0


def test_conversion_from_si():
    network = wn.models.optomechanics(**LABORATORY)
    unit = 2 * np.pi * 1.2e6
    kappa, delta = 2 * np.pi * 2e5, -2 * np.pi * 1.1e6
    laser = 2 * np.pi * (2.8e14 - 1.1e6)
    photons = 0.8 * kappa * 2e-6 / (constants.hbar * laser) / (delta**2 + kappa**2 / 4)
    g = 2 * np.pi * 120.0 * np.sqrt(photons) / unit
    assert network.hamiltonian == pytest.approx(np.array([[-delta / unit, g], [g, 1.0]]), rel=1e-12)
    assert network.pairing == pytest.approx(np.array([[0, g], [g, 0]]), rel=1e-12)
    cavity, mechanics = network.baths
    assert cavity.rate == pytest.approx(kappa / unit, rel=1e-13)
    assert mechanics.rate == pytest.approx(3.0 / 1.2e6, rel=1e-13)
    thermal = 1 / np.expm1(constants.hbar * unit / (constants.k * 0.3))
    assert mechanics.occupation == pytest.approx(thermal, rel=1e-12)
    assert cavity.occupation < 1e-300
    assert network.labels == ("cavity", "mechanics")


def test_microwaves_have_a_warm_cavity():
    network = wn.models.optomechanics(**LABORATORY | {"cavity_frequency": 6e9})
    expected = 1 / np.expm1(constants.h * 6e9 / (constants.k * 0.3))
    assert network.baths[0].occupation == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"mechanical_frequency": 0.0}, "`mechanical_frequency` must be positive"),
        ({"cavity_linewidth": 0.0}, "`cavity_linewidth` must be positive"),
        ({"temperature": -1.0}, "`temperature` must be non-negative"),
        ({"power": -1e-6}, "`power` must be non-negative"),
        ({"efficiency": 1.2}, "`efficiency` must be at most 1, but is 1.2"),
        ({"detuning": -3e14}, "`detuning` must leave the laser a positive frequency"),
        ({"mechanical_linewidth": -3.0}, "`mechanical_linewidth` must be non-negative"),
        ({"coupling": "strong"}, "`coupling` must be a real number"),
    ],
)
def test_laboratory_parameters_are_checked(changed, message):
    with pytest.raises(InvalidNetworkError, match=message):
        wn.models.optomechanics(**LABORATORY | changed)


def test_limits_need_red_detuning():
    with pytest.raises(InvalidNetworkError, match="only red detuning cools"):
        wn.models.sideband_limit(detuning=0.5, cavity_rate=0.2)
    with pytest.raises(InvalidNetworkError, match="`cavity_rate` must be positive"):
        wn.models.optical_damping(detuning=-1.0, coupling=0.1, cavity_rate=0.0)
