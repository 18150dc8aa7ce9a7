"""Eq. (17): the production of each bath."""

from __future__ import annotations

import pytest

import wignerness as wn
from wignerness import thermodynamics
from wignerness.paper.equations import EQUATIONS
from wignerness.paper.systems import pair


def test_equation_17():
    record = EQUATIONS["17"]()
    assert record.number == "17"
    assert record.passed, record


def test_a_coherent_state_in_a_cold_bath():
    """The entropy stays, but production and flux are 2 gamma |alpha|^2."""
    network = wn.Network([[1.0]], [wn.ThermalBath(0, 0.3, 0.0)])
    state = wn.GaussianState.coherent([1.5 - 2j])
    assert thermodynamics.entropy_production(network, state)[0] == pytest.approx(2 * 0.3 * 6.25, rel=1e-14)
    assert thermodynamics.entropy_flux(network, state)[0] == pytest.approx(2 * 0.3 * 6.25, rel=1e-14)


def test_production_is_positive_and_vanishes_in_equilibrium():
    p = pair()
    assert (thermodynamics.entropy_production(p.network, p.state) > 0).all()
    rest = wn.GaussianState.thermal(p.network.bath_occupations)
    assert not thermodynamics.entropy_production(p.network, rest).any()
