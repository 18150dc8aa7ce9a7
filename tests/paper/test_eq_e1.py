"""Eq. (E1): the real baths' production from the covariance."""

from __future__ import annotations

import numpy as np

import wignerness as wn
from wignerness.paper.equations import EQUATIONS


def test_equation_e1():
    record = EQUATIONS["E1"]()
    assert record.number == "E1"
    assert record.passed, record


def test_both_ends_at_a_thousand_nodes():
    """The printed sum cancels to 1e-6 of its terms here; the reference has 30 digits."""
    solution = wn.exact.chain(1000, hopping=3e-7, rate=1e-6, occupations=(1, 2), probe_rate=1e-7)
    np.testing.assert_allclose(
        solution.entropy_production_ends, [5.27471441227212e-12, 1.91667536731752e-12], rtol=1e-14
    )
