"""Eq. (16): currents as slopes of ln(W/W_eq)."""

from __future__ import annotations

import numpy as np

import wignerness as wn
from wignerness import thermodynamics
from wignerness.paper.equations import EQUATIONS


def test_equation_16():
    record = EQUATIONS["16"]()
    assert record.number == "16"
    assert record.passed, record


def test_current_follows_the_slope_in_a_thermal_state():
    """ln(W/W_eq) = alpha alpha^* [1/d - 1/(N + 1/2)] + const."""
    network, state = wn.Network([[1.0]], [wn.ThermalBath(0, 0.7, 0.4)]), wn.GaussianState.thermal([1.3])
    points = np.array([[0.3 - 0.8j], [2.0]])
    slope = points * (1 / 0.9 - 1 / 1.8)
    found = thermodynamics.irreversible_currents(network, state, points)
    np.testing.assert_allclose(found, 0.35 * 0.9 * state.wigner(points)[:, None] * slope, rtol=1e-13)
