"""Eq. (B3): the diffusion."""

from __future__ import annotations

import numpy as np

import wignerness as wn
from wignerness.paper.equations import EQUATIONS


def test_equation_b3():
    record = EQUATIONS["B3"]()
    assert record.number == "B3"
    assert record.passed, record


def test_baths_of_a_node_add_up_and_bare_nodes_have_none():
    baths = [wn.ThermalBath(0, 0.5, 1.0), wn.ThermalBath(0, 2.0, 0.3), wn.ThermalBath(2, 1.0, 0.0)]
    network = wn.Network(np.zeros((3, 3)), baths)
    np.testing.assert_allclose(network.diffusion, np.diag([0.5 + 0.6, 0, 0]))
    np.testing.assert_allclose(network.mode_rates, [2.5, 0, 1.0])
