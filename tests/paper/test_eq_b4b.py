"""Eq. (B4b): the equation of motion of S."""

from __future__ import annotations

import numpy as np
import pytest

import wignerness as wn
from wignerness.paper.equations import EQUATIONS
from wignerness.paper.systems import propagate


def test_equation_b4b():
    record = EQUATIONS["B4b"]()
    assert record.number == "B4b"
    assert record.passed, record


def test_squeezing_decays_and_turns_at_twice_the_frequency():
    network = wn.Network([[1.5]], [wn.ThermalBath(0, 0.6, 0.2)])
    start = wn.GaussianState.squeezed([0.5])
    later = propagate(network, start, 0.7)
    assert later.anomalous[0, 0] == pytest.approx(start.anomalous[0, 0] * np.exp((-3j - 0.6) * 0.7), rel=1e-13)
