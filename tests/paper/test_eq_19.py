"""Eq. (19): moments of W are symmetrized."""

from __future__ import annotations

import numpy as np
import pytest

import wignerness as wn
from wignerness.paper.equations import EQUATIONS
from wignerness.paper.phase_space import lattice


def test_equation_19():
    record = EQUATIONS["19"]()
    assert record.number == "19"
    assert record.passed, record


def test_the_vacuum_fills_half_a_quantum():
    state = wn.GaussianState.vacuum(1)
    points, weights = lattice(state)
    assert weights @ (np.abs(points[:, 0]) ** 2 * state.wigner(points)) == pytest.approx(0.5, rel=1e-9)


def test_lattice_sum_of_a_known_integral():
    """The yardstick itself: the fourth moment of a thermal state is 2 (n + 1/2)^2."""
    state = wn.GaussianState.thermal([0.8])
    points, weights = lattice(state)
    assert weights @ (np.abs(points[:, 0]) ** 4 * state.wigner(points)) == pytest.approx(2 * 1.3**2, rel=1e-7)
