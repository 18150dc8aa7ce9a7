"""Eq. (12): the Wigner entropy."""

from __future__ import annotations

import numpy as np
import pytest

import wignerness as wn
from wignerness import thermodynamics
from wignerness.paper.equations import EQUATIONS


def test_equation_12():
    record = EQUATIONS["12"]()
    assert record.number == "12"
    assert record.passed, record


def test_entropy_of_thermal_modes_and_the_renyi_entropy():
    """S = sum 1 + ln pi + ln(n + 1/2), which is the Renyi-2 entropy plus L (1 + ln(pi/2))."""
    n = np.array([0.0, 0.7, 3.0])
    network, state = wn.Network(np.zeros((3, 3)), []), wn.GaussianState.thermal(n)
    found = thermodynamics.wigner_entropy(network, state)
    renyi = np.sum(np.log(2 * n + 1))
    assert found == pytest.approx(np.sum(1 + np.log(np.pi) + np.log(n + 0.5)), rel=1e-14)
    assert found == pytest.approx(renyi + 3 * (1 + np.log(np.pi / 2)), rel=1e-14)


def test_pure_states_have_the_entropy_of_the_vacuum():
    network = wn.Network(np.zeros((2, 2)), [])
    pure = [wn.GaussianState.vacuum(2), wn.GaussianState.coherent([1, 2j]), wn.GaussianState.squeezed([0.8, -0.3], 0.4)]
    entropies = [thermodynamics.wigner_entropy(network, state) for state in pure]
    np.testing.assert_allclose(entropies, 2 * (1 + np.log(np.pi / 2)), rtol=1e-14)
