"""Eq. (11): the reversible currents."""

from __future__ import annotations

import numpy as np

import wignerness as wn
from wignerness import thermodynamics
from wignerness.paper.equations import EQUATIONS


def test_equation_11():
    record = EQUATIONS["11"]()
    assert record.number == "11"
    assert record.passed, record


def test_an_uncoupled_mode_turns_around_the_origin():
    network, state = wn.Network(np.diag([2.0, 0.0]), []), wn.GaussianState.vacuum(2)
    points = np.array([[0.3 - 0.8j, 1.0]])
    found = thermodynamics.reversible_currents(network, state, points)
    np.testing.assert_allclose(found, 2j * points * [1, 0] * state.wigner(points)[:, None], rtol=1e-14)
