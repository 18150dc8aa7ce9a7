"""Eq. (B2): the drift."""

from __future__ import annotations

import numpy as np

import wignerness as wn
from wignerness.paper.equations import EQUATIONS


def test_equation_b2():
    record = EQUATIONS["B2"]()
    assert record.number == "B2"
    assert record.passed, record


def test_an_undamped_mode_turns_clockwise():
    """<a(t)> = exp(-i omega t) <a>; the printed matrix would leave it in place."""
    network = wn.Network([[2.0]], [wn.ThermalBath(0, 0.1, 1.0)])
    np.testing.assert_allclose(network.drift, [[-2j - 0.05]])
    sigma_plus = np.array([[0, 1], [0, 0]])
    assert not (sigma_plus @ sigma_plus).any()
