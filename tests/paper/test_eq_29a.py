"""Eq. (29a): the occupations of the chain."""

from __future__ import annotations

import numpy as np

import wignerness as wn
from wignerness.paper.equations import EQUATIONS


def test_equation_29a():
    record = EQUATIONS["29a"]()
    assert record.number == "29a"
    assert record.passed, record


def test_printed_numbers_of_figure_2():
    chain = wn.exact.chain(10, hopping=1e-5, rate=1e-5, occupations=(1, 2), probe_rate=1e-6)
    np.testing.assert_allclose(chain.occupations[[0, 1, 2, -1]], [1.338983, 1.440678, 1.457627, 1.661017], atol=5e-7)


def test_profile_is_flat_without_probes_and_straight_with_them():
    flat = wn.exact.chain(50, hopping=0.3, rate=1.0, occupations=(1, 2)).occupations
    straight = wn.exact.chain(50, hopping=0.3, rate=1.0, occupations=(1, 2), probe_rate=1.0).occupations
    assert np.ptp(flat[1:-1]) == 0
    slopes = np.diff(straight[1:-1])
    np.testing.assert_allclose(slopes, slopes[0], rtol=1e-12)
    assert slopes[0] > 0
