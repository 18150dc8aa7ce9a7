"""Eq. (24): the unitary term in moments."""

from __future__ import annotations

import numpy as np
import pytest

import wignerness as wn
from wignerness.paper.equations import EQUATIONS
from wignerness.paper.systems import five_nodes


def test_equation_24():
    record = EQUATIONS["24"]()
    assert record.number == "24"
    assert record.passed, record


def test_a_common_frequency_does_not_matter_but_a_detuning_does():
    network = five_nodes().network
    total = five_nodes().entropy_production.sum()
    shifted = network.replace(hamiltonian=network.hamiltonian + 7 * np.eye(5))
    detuned = network.replace(hamiltonian=network.hamiltonian + np.diag([7.0, 0, 0, 0, 0]))
    assert wn.steady_state(shifted).entropy_production.sum() == pytest.approx(total, rel=1e-12)
    assert wn.steady_state(detuned).entropy_production.sum() != pytest.approx(total, rel=1e-2)
