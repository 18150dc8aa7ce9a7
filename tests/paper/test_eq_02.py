"""Eq. (2): one GKLS term a bath."""

from __future__ import annotations

import numpy as np
import pytest

import wignerness as wn
from wignerness.paper.equations import EQUATIONS


def test_equation_02():
    record = EQUATIONS["2"]()
    assert record.number == "2"
    assert record.passed, record


def test_baths_of_one_node_add_up_in_the_state_but_not_in_the_production():
    both = wn.Network([[1.0]], [wn.ThermalBath(0, 1.0, 0.0), wn.ThermalBath(0, 3.0, 2.0)])
    merged = both.replace(baths=[wn.ThermalBath(0, 4.0, 1.5)])
    np.testing.assert_allclose(both.drift, merged.drift)
    np.testing.assert_allclose(both.diffusion, merged.diffusion)
    assert wn.steady_state(merged).entropy_production.sum() == pytest.approx(0, abs=1e-15)
    closed = wn.exact.single_mode(rates=[1.0, 3.0], occupations=[0.0, 2.0])
    np.testing.assert_allclose(wn.steady_state(both).entropy_production, closed.entropy_production, rtol=1e-13)
