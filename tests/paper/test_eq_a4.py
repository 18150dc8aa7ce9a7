"""Eq. (A4): the covariance put together."""

from __future__ import annotations

import numpy as np

from wignerness.paper.equations import EQUATIONS
from wignerness.paper.systems import pair


def test_equation_a4():
    record = EQUATIONS["A4"]()
    assert record.number == "A4"
    assert record.passed, record


def test_orderings_hold_the_same_uncertainties():
    state = pair().state
    ladder = np.linalg.eigvalsh(state.covariance("ladder"))
    for ordering in ("xxpp", "xpxp"):
        np.testing.assert_allclose(np.linalg.eigvalsh(state.covariance(ordering)), ladder, rtol=1e-13)
