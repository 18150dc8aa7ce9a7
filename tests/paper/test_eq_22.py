"""Eq. (22): the rate of change of the relative entropy."""

from __future__ import annotations

import numpy as np
import pytest

import wignerness as wn
from wignerness import thermodynamics
from wignerness.paper.equations import EQUATIONS


def test_equation_22():
    record = EQUATIONS["22"]()
    assert record.number == "22"
    assert record.passed, record


def test_without_links_only_production_changes_it():
    network = wn.Network(np.diag([1.0, 2.0]), [wn.ThermalBath(0, 1.0, 0.5), wn.ThermalBath(1, 0.4, 2.0)])
    state = wn.GaussianState([0.3, 1j], [[1.0, 0.2], [0.2, 0.6]])
    rate = thermodynamics.relative_entropy_rate(network, state)
    assert rate == pytest.approx(-thermodynamics.entropy_production(network, state).sum(), rel=1e-14)
