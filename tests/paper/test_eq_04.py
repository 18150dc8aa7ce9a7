"""Eq. (4): one dissipator."""

from __future__ import annotations

import pytest

import wignerness as wn
from wignerness import thermodynamics
from wignerness.paper.equations import EQUATIONS


def test_equation_04():
    record = EQUATIONS["4"]()
    assert record.number == "4"
    assert record.passed, record


def test_a_bath_keeps_its_thermal_state_and_excites_the_vacuum():
    network = wn.Network([[1.0]], [wn.ThermalBath(0, 0.7, 0.4)])
    currents = thermodynamics.bath_currents
    assert currents(network, wn.GaussianState.thermal([0.4]))[0] == 0
    assert currents(network, wn.GaussianState.vacuum(1))[0] == pytest.approx(-0.7 * 0.4)
    assert wn.steady_state(network).occupations[0] == pytest.approx(0.4, rel=1e-15)
