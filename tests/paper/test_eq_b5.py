"""Eq. (B5): the equation of the steady state."""

from __future__ import annotations

import numpy as np
import pytest

import wignerness as wn
from wignerness.paper.equations import EQUATIONS
from wignerness.paper.systems import five_nodes, steady_normal


def test_equation_b5():
    record = EQUATIONS["B5"]()
    assert record.number == "B5"
    assert record.passed, record


def test_printed_sign_would_make_occupations_negative():
    """One mode: -gamma C + gamma n = 0 gives n; +2 gamma C + gamma n = 0 gives -n/2."""
    network = wn.Network([[1.0]], [wn.ThermalBath(0, 0.6, 0.8)])
    assert wn.steady_state(network).occupations[0] == pytest.approx(0.8, rel=1e-15)
    assert -0.6 * 0.8 / (2 * 0.6) < 0


def test_steady_state_solves_the_linear_system():
    ness = five_nodes()
    expected = steady_normal(ness.network.drift, ness.network.diffusion)
    np.testing.assert_allclose(ness.state.normal, expected, atol=1e-13)
