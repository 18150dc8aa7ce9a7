"""Eq. (27): the Hamiltonian of the chain."""

from __future__ import annotations

import numpy as np

import wignerness as wn
from wignerness.paper.equations import EQUATIONS


def test_equation_27():
    record = EQUATIONS["27"]()
    assert record.number == "27"
    assert record.passed, record


def test_the_phase_of_the_hopping_is_a_gauge():
    imaginary = wn.models.chain(6, hopping=0.3, rate=1.0, occupations=(1, 2), probe_rate=0.1)
    real = imaginary.replace(hamiltonian=np.abs(imaginary.hamiltonian))
    first, second = wn.steady_state(imaginary), wn.steady_state(real)
    np.testing.assert_allclose(first.occupations, second.occupations, rtol=1e-13)
    np.testing.assert_allclose(first.currents, second.currents, atol=1e-15)
    np.testing.assert_allclose(first.entropy_production, second.entropy_production, rtol=1e-12)
    assert np.abs(first.state.normal.imag).max() < 1e-15 < np.abs(second.state.normal.imag).max()
