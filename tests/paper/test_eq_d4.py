"""Eq. (D4): the form of C."""

from __future__ import annotations

import numpy as np

import wignerness as wn
from wignerness.paper.equations import EQUATIONS


def test_equation_d4():
    record = EQUATIONS["D4"]()
    assert record.number == "D4"
    assert record.passed, record


def test_elements_far_from_the_diagonal_vanish():
    ness = wn.steady_state(wn.models.chain(30, hopping=0.3, rate=1.0, occupations=(1, 2), probe_rate=0.25))
    far = np.abs(np.subtract.outer(np.arange(30), np.arange(30))) > 1
    assert np.abs(ness.state.normal[far]).max() < 1e-15
    links = np.diag(ness.state.normal, 1)
    np.testing.assert_allclose(links, links[0].real, rtol=1e-11)
