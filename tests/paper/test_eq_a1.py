"""Eq. (A1): the covariance matrix."""

from __future__ import annotations

import numpy as np

import wignerness as wn
from wignerness.paper.equations import EQUATIONS


def test_equation_a1():
    record = EQUATIONS["A1"]()
    assert record.number == "A1"
    assert record.passed, record


def test_vacuum_and_coherent_states_have_half_the_unit_matrix():
    for state in (wn.GaussianState.vacuum(3), wn.GaussianState.coherent([1, 2j, -0.3])):
        np.testing.assert_array_equal(state.covariance("ladder"), np.eye(6) / 2)
