"""Eq. (8): the irreversible currents."""

from __future__ import annotations

import numpy as np

import wignerness as wn
from wignerness import thermodynamics
from wignerness.paper.equations import EQUATIONS


def test_equation_08():
    record = EQUATIONS["8"]()
    assert record.number == "8"
    assert record.passed, record


def test_current_in_a_thermal_state():
    """J = (gamma/2) alpha W [1 - (n + 1/2)/(N + 1/2)]."""
    network, state = wn.Network([[1.0]], [wn.ThermalBath(0, 0.7, 0.4)]), wn.GaussianState.thermal([1.3])
    points = np.array([[0.3 - 0.8j], [0j], [2.0]])
    found = thermodynamics.irreversible_currents(network, state, points)
    expected = 0.35 * points * state.wigner(points)[:, None] * (1 - 0.9 / 1.8)
    np.testing.assert_allclose(found, expected, rtol=1e-13)


def test_every_bath_of_a_node_has_its_own_current():
    baths = [wn.ThermalBath(0, 0.7, 0.4), wn.ThermalBath(0, 0.2, 1.3)]
    network, state = wn.Network([[1.0]], baths), wn.GaussianState.thermal([1.3])
    found = thermodynamics.irreversible_currents(network, state, [[0.5j]])
    assert found.shape == (1, 2)
    assert found[0, 0] != 0
    assert abs(found[0, 1]) < 1e-16
