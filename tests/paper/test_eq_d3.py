"""Eq. (D3): the steady state with probes."""

from __future__ import annotations

import numpy as np

from wignerness.paper.equations import EQUATIONS
from wignerness.paper.systems import five_nodes_with_probes, steady_normal


def test_equation_d3():
    record = EQUATIONS["D3"]()
    assert record.number == "D3"
    assert record.passed, record


def test_any_subset_of_nodes_may_have_probes():
    ness = five_nodes_with_probes()
    feedback = np.zeros(5)
    feedback[[1, 2, 3]] = [0.4, 1.1, 0.2]
    source = np.zeros((5, 5))
    for bath in ness.network.baths[:2]:
        source[bath.mode, bath.mode] = bath.rate * bath.occupation
    expected = steady_normal(ness.network.drift, source, feedback)
    np.testing.assert_allclose(ness.state.normal, expected, atol=1e-12)
    n = ness.network.bath_occupations
    assert n[:2].min() <= n[2:].min() <= n[2:].max() <= n[:2].max()
