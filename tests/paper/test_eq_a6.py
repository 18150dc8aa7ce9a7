"""Eq. (A6): the inverse of the covariance."""

from __future__ import annotations

import numpy as np

from wignerness.paper.equations import EQUATIONS
from wignerness.paper.systems import five_nodes


def test_equation_a6():
    record = EQUATIONS["A6"]()
    assert record.number == "A6"
    assert record.passed, record


def test_without_squeezing_the_block_is_the_inverse_of_c_plus_half():
    ness = five_nodes()
    c = ness.state.normal
    true = np.linalg.inv(ness.state.covariance("ladder"))[::2, ::2]
    np.testing.assert_allclose(np.linalg.inv(c + np.eye(5) / 2), true, atol=1e-14)
    printed = np.linalg.inv(c) + np.eye(5) / 2
    assert np.abs(printed - true).max() > 0.1 * np.abs(true).max()
