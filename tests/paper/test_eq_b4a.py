"""Eq. (B4a): the equation of motion of C."""

from __future__ import annotations

import numpy as np
import pytest

import wignerness as wn
from wignerness.paper.equations import EQUATIONS
from wignerness.paper.systems import propagate


def test_equation_b4a():
    record = EQUATIONS["B4a"]()
    assert record.number == "B4a"
    assert record.passed, record


def test_correlations_decay_and_the_printed_sign_would_make_them_grow():
    """For equal rates and no Hamiltonian, dC_12/dt = -gamma C_12."""
    network = wn.Network(np.zeros((2, 2)), [wn.ThermalBath(k, 0.6, 1.0) for k in range(2)])
    start = wn.GaussianState([0, 0], [[1.0, 0.2], [0.2, 1.0]])
    later = propagate(network, start, 0.5)
    assert later.normal[0, 1].real == pytest.approx(0.2 * np.exp(-0.3), rel=1e-13)
    a, c = network.drift, start.normal
    change = (a @ c + c @ a.conj().T + network.diffusion)[0, 1].real
    printed = 2 * 0.6 * c[0, 1].real  # +{C, Gamma}
    assert change == pytest.approx(-0.6 * 0.2, rel=1e-14)
    assert printed > 0 > change
