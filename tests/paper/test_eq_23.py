"""Eq. (23): the unitary part sustains the production."""

from __future__ import annotations

import numpy as np

import wignerness as wn
from wignerness.paper.equations import EQUATIONS
from wignerness.paper.systems import pair


def test_equation_23():
    record = EQUATIONS["23"]()
    assert record.number == "23"
    assert record.passed, record


def test_no_production_without_links():
    network = pair().network
    apart = network.replace(hamiltonian=np.diag(np.diag(network.hamiltonian)))
    assert wn.steady_state(apart).entropy_production.sum() == 0
    assert wn.steady_state(network).entropy_production.sum() > 1e-3
