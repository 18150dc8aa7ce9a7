"""Determinant ratios close to one, all splits at once, Schur complements, and the rule that integrates them."""

from __future__ import annotations

import numpy as np
import pytest

from wignerness.linalg.determinants import log_determinant_ratio, log_determinant_ratios, schur_complement
from wignerness.linalg.integration import logarithmic_rule


def coupled(rng, size, strength):
    raw = rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size))
    return np.diag(rng.uniform(1, 3, size)) + strength * (raw + raw.conj().T) / (2 * size)


@pytest.mark.parametrize("strength", [1.0, 1e-3, 1e-9, 1e-100])
def test_all_splits_at_once(strength, rng):
    matrix = coupled(rng, 9, strength)
    for step in (1, 3):
        single = [log_determinant_ratio(matrix, np.arange(k), np.arange(k, 9)) for k in range(step, 9, step)]
        assert log_determinant_ratios(matrix, step) == pytest.approx(single, rel=1e-12, abs=0)
    assert np.array_equal(log_determinant_ratios(matrix), log_determinant_ratios(matrix, 1))


def test_strong_coupling_against_determinants(rng):
    matrix = coupled(rng, 6, 2.0)
    logdet = [np.linalg.slogdet(block)[1] for block in (matrix[:2, :2], matrix[2:, 2:], matrix)]
    ratio = log_determinant_ratio(matrix, np.arange(2), np.arange(2, 6))
    assert ratio == pytest.approx(logdet[0] + logdet[1] - logdet[2], rel=1e-12)


def test_schur_complement_is_what_is_left(rng):
    matrix = coupled(rng, 5, 1.0)
    left = schur_complement(matrix, np.array([1, 3]), np.array([0, 2, 4]))
    inverse = np.linalg.inv(matrix)[np.ix_([0, 2, 4], [0, 2, 4])]
    assert left @ inverse == pytest.approx(np.eye(3), abs=1e-13)
    nothing = schur_complement(matrix, np.array([], dtype=int), np.array([0, 2]))
    assert np.array_equal(nothing, matrix[np.ix_([0, 2], [0, 2])])


def test_indefinite_matrices_are_refused():
    matrix = np.array([[1.0, 1.0], [1.0, 1.0]])
    with pytest.raises(np.linalg.LinAlgError):
        log_determinant_ratio(matrix, np.array([0]), np.array([1]))
    with pytest.raises(np.linalg.LinAlgError):
        log_determinant_ratios(-matrix)


@pytest.mark.parametrize("feature", [0.0, 1e-25, 1e-12, 1e-3, 10.0])
@pytest.mark.parametrize("length", [0.5, 1.0])
def test_rule_bears_features_of_any_scale(feature, length):
    """The integral of ln(x + c), c from zero on."""
    x, w = logarithmic_rule(length)
    antiderivative = [(y * np.log(y) if y else 0.0) - y for y in (length + feature, feature)]
    assert w @ np.log(x + feature) == pytest.approx(antiderivative[0] - antiderivative[1], rel=1e-13)
    assert w.sum() == pytest.approx(length, rel=1e-14)
