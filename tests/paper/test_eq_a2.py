"""Eq. (A2): the covariance of two modes, element by element."""

from __future__ import annotations

import numpy as np

import wignerness as wn
from wignerness.paper.equations import EQUATIONS


def test_equation_a2():
    record = EQUATIONS["A2"]()
    assert record.number == "A2"
    assert record.passed, record


def test_places_of_the_moments():
    c12, s12 = 0.1 + 0.05j, 0.07 - 0.02j
    state = wn.GaussianState([0, 0], [[0.4, c12], [np.conj(c12), 0.3]], [[0.0, s12], [s12, 0.0]])
    theta = state.covariance("ladder")
    assert theta[0, 2] == c12  # <a_1 a_2^+> = <a_2^+ a_1>
    assert theta[2, 0] == np.conj(c12)  # <a_1^+ a_2>
    assert theta[0, 3] == s12  # <a_1 a_2>
    assert theta[1, 2] == np.conj(s12)  # <a_1^+ a_2^+>
    assert theta[3, 3] == 0.3 + 0.5
    np.testing.assert_array_equal(theta, theta.conj().T)
