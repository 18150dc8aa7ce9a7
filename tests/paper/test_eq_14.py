"""Eq. (14): production and flux as integrals."""

from __future__ import annotations

import pytest

import wignerness as wn
from wignerness import thermodynamics
from wignerness.paper.equations import EQUATIONS


def test_equation_14():
    record = EQUATIONS["14"]()
    assert record.number == "14"
    assert record.passed, record


def test_heating_draws_entropy_in_and_produces_some():
    network = wn.Network([[1.0]], [wn.ThermalBath(0, 1.0, 2.0)])
    vacuum = wn.GaussianState.vacuum(1)
    assert thermodynamics.entropy_flux(network, vacuum)[0] == pytest.approx(-2 / 2.5, rel=1e-15)
    assert thermodynamics.entropy_production(network, vacuum)[0] == pytest.approx(4 / (2.5 * 0.5), rel=1e-15)
