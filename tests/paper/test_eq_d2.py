"""Eq. (D2): the source of the chain."""

from __future__ import annotations

import numpy as np
import pytest

import wignerness as wn
from wignerness.paper.equations import EQUATIONS


def test_equation_d2():
    record = EQUATIONS["D2"]()
    assert record.number == "D2"
    assert record.passed, record


def test_probes_feed_back_what_their_nodes_hold():
    chain = wn.models.chain(4, hopping=0.3, rate=1.0, occupations=(1, 2), probe_rate=0.25)
    with pytest.raises(wn.errors.UndefinedQuantityError):
        _ = chain.diffusion  # the probes' occupations are still to be found
    ness = wn.steady_state(chain)
    expected = np.array([1.0, 0, 0, 2.0]) + 0.25 * ness.occupations
    np.testing.assert_allclose(np.diag(ness.network.diffusion), expected, rtol=1e-14)
