"""Eq. (20): the flux in closed form."""

from __future__ import annotations

import pytest

import wignerness as wn
from wignerness import thermodynamics
from wignerness.paper.equations import EQUATIONS


def test_equation_20():
    record = EQUATIONS["20"]()
    assert record.number == "20"
    assert record.passed, record


def test_flux_counts_the_whole_occupation():
    network = wn.Network([[1.0]], [wn.ThermalBath(0, 0.3, 0.5)])
    state = wn.GaussianState([2.0], [[0.5]])
    assert thermodynamics.entropy_flux(network, state)[0] == pytest.approx(0.3 * 4.0 / 1.0, rel=1e-14)
