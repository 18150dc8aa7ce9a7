"""Eq. (D1): the damping of the chain."""

from __future__ import annotations

import numpy as np

import wignerness as wn
from wignerness.paper.equations import EQUATIONS


def test_equation_d1():
    record = EQUATIONS["D1"]()
    assert record.number == "D1"
    assert record.passed, record


def test_ends_are_damped_twice():
    network = wn.models.chain(4, hopping=0.3, rate=1.0, occupations=(1, 2), probe_rate=0.25)
    np.testing.assert_allclose(network.mode_rates, [1.25, 0.25, 0.25, 1.25])
