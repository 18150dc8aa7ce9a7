"""Eq. (A3b): the anomalous moments."""

from __future__ import annotations

import numpy as np

import wignerness as wn
from wignerness.paper.equations import EQUATIONS


def test_equation_a3b():
    record = EQUATIONS["A3b"]()
    assert record.number == "A3b"
    assert record.passed, record


def test_sign_of_a_squeezed_vacuum():
    """Its x quadrature is the narrow one at angle 0, its p quadrature at angle pi."""
    narrow, wide = np.exp(-0.8) / 2, np.exp(0.8) / 2
    for angle, expected in ((0.0, [narrow, wide]), (np.pi, [wide, narrow])):
        state = wn.GaussianState.squeezed([0.4], angle)
        np.testing.assert_allclose(np.diag(state.covariance("xxpp")), expected, rtol=1e-14)
        assert np.sign(state.anomalous[0, 0].real) == -np.cos(angle)
