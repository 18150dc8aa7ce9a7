"""Eq. (A5): the Wigner function of a Gaussian state."""

from __future__ import annotations

import numpy as np
import pytest

from wignerness.paper.equations import EQUATIONS
from wignerness.paper.phase_space import lattice
from wignerness.paper.systems import pair


def test_equation_a5():
    record = EQUATIONS["A5"]()
    assert record.number == "A5"
    assert record.passed, record


def test_maximum_at_the_mean_and_unit_integral():
    state = pair().state
    points, weights = lattice(state)
    w = state.wigner(points)
    top = state.wigner(state.mean)
    assert weights @ w == pytest.approx(1, rel=1e-9)
    assert (w <= top).all()
    assert top == pytest.approx(1 / (np.pi**2 * np.sqrt(np.linalg.det(state.covariance("ladder")).real)), rel=1e-13)
