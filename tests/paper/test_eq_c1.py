"""Eq. (C1): the production from the slope of ln W."""

from __future__ import annotations

import pytest

import wignerness as wn
from wignerness import thermodynamics
from wignerness.paper.equations import EQUATIONS


def test_equation_c1():
    record = EQUATIONS["C1"]()
    assert record.number == "C1"
    assert record.passed, record


def test_spread_of_the_slope_in_a_thermal_state():
    """The integral of W |d ln W|^2 is 1/(N + 1/2), so Pi = gamma (N - n)^2/(d (N + 1/2))."""
    network, state = wn.Network([[1.0]], [wn.ThermalBath(0, 0.7, 0.4)]), wn.GaussianState.thermal([1.3])
    flux, width = 0.7 * 0.9 / 0.9, 0.9
    by_equation = flux - 0.7 + 0.7 * width / 1.8
    found = thermodynamics.entropy_production(network, state)[0]
    assert found == pytest.approx(by_equation, rel=1e-14)
    assert found == pytest.approx(0.7 * 0.9**2 / (0.9 * 1.8), rel=1e-14)
