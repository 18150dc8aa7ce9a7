"""Eq. (21): the relative entropy."""

from __future__ import annotations

import numpy as np
import pytest

import wignerness as wn
from wignerness import thermodynamics
from wignerness.paper.equations import EQUATIONS


def test_equation_21():
    record = EQUATIONS["21"]()
    assert record.number == "21"
    assert record.passed, record


def test_relative_entropy_of_thermal_modes():
    """ratio - 1 - ln(ratio), ratio = (N + 1/2)/(n + 1/2)."""
    network = wn.Network(np.zeros((2, 2)), [wn.ThermalBath(0, 1.0, 0.5), wn.ThermalBath(1, 1.0, 2.0)])
    ratio = np.array([2.0 + 0.5, 0.3 + 0.5]) / [1.0, 2.5]
    found = thermodynamics.relative_entropy(network, wn.GaussianState.thermal([2.0, 0.3]))
    assert found == pytest.approx(np.sum(ratio - 1 - np.log(ratio)), rel=1e-14)


def test_relative_entropy_needs_one_bath_a_node():
    network = wn.Network(np.zeros((2, 2)), [wn.ThermalBath(0, 1.0, 0.5)])
    with pytest.raises(wn.errors.UndefinedQuantityError):
        thermodynamics.relative_entropy(network, wn.GaussianState.vacuum(2))
