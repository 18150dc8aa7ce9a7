"""Spectra over many orders of magnitude against many-digit arithmetic."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest

from wignerness.linalg.graded import positive_eigenvalues, spectral_weights


def graded(rng, size, decades, scale=1.0):
    raw = rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size))
    d = 10.0 ** rng.permutation(np.linspace(-decades, 0, size))
    matrix = (raw @ raw.conj().T / size + np.eye(size)) * np.outer(d, d) * scale
    return (matrix + matrix.conj().T) / 2


def exact_spectrum(matrix):
    with mp.workdps(80):
        values, vectors = mp.eighe(mp.matrix(matrix.tolist()))
        return [float(v) for v in values], np.array(
            [[complex(vectors[i, j]) for j in range(len(matrix))] for i in range(len(matrix))]
        )


@pytest.mark.parametrize("decades", [1, 5, 12, 20])
@pytest.mark.parametrize("scale", [1.0, 1e-180, 1e180])
def test_every_eigenvalue_to_its_own_digits(decades, scale, rng):
    matrix = graded(rng, 5, decades, scale)
    assert positive_eigenvalues(matrix) == pytest.approx(exact_spectrum(matrix)[0], rel=1e-12, abs=0)


@pytest.mark.parametrize("decades", [0.5, 6])
def test_weights_along_eigenvectors(decades, rng):
    matrix, columns = graded(rng, 4, decades), rng.normal(size=(4, 2)) + 1j * rng.normal(size=(4, 2))
    exact, vectors = exact_spectrum(matrix)
    expected = np.abs(vectors.conj().T @ columns) ** 2
    values, weights = spectral_weights(matrix, columns)
    for k, value in enumerate(exact):
        near = np.isclose(values, value, rtol=1e-9, atol=0)
        assert weights[near].sum(axis=0) == pytest.approx(expected[k], rel=1e-9)
    assert weights.sum(axis=0) == pytest.approx(np.linalg.norm(columns, axis=0) ** 2, rel=1e-13)


def test_zeros_are_zero():
    vector = np.array([1.0, 2.0j, -1.0])
    matrix = np.outer(vector, vector.conj())
    assert positive_eigenvalues(matrix).tolist()[:2] == [0.0, 0.0]
    values, weights = spectral_weights(matrix, vector[:, None])
    assert values.tolist()[:2] == [0.0, 0.0]
    assert weights[:2].tolist() == [[0.0], [0.0]]
    assert positive_eigenvalues(np.zeros((2, 2), dtype=complex)).tolist() == [0.0, 0.0]
    assert positive_eigenvalues(np.diag([0.0, 1e-30, 1.0]).astype(complex)).tolist() == [0, 1e-30, 1]


def test_weights_on_empty_modes_are_those_of_the_columns():
    """Modes with nothing on their diagonal come first, with the squared size of each column's own entry."""
    matrix = np.diag([0.0, 2.0, 0.0, 3.0]).astype(complex)
    columns = np.array([[0.5j, 0.0], [1.0, 2.0], [-3.0, 0.0], [0.0, 1e-9]], dtype=complex)
    values, weights = spectral_weights(matrix, columns)
    assert values.tolist() == [0.0, 0.0, 2.0, 3.0]
    np.testing.assert_allclose(weights, [[0.25, 0.0], [9.0, 0.0], [1.0, 4.0], [0.0, 1e-18]], rtol=1e-14)


def test_what_is_left_along_an_empty_direction_is_rounding_or_not(rng):
    """Rank one less than the size: a column of the matrix has nothing along the missing direction, others have."""
    for size in (2, 3, 5):
        factor = rng.normal(size=(size, size - 1, 2)) @ [1, 1j]
        missing = np.linalg.svd(factor)[0][:, -1]
        matrix = factor @ factor.conj().T
        columns = np.stack([matrix[:, 0], matrix[:, 0] + 1e-9 * missing, 1e6 * missing], axis=1)
        values, weights = spectral_weights((matrix + matrix.conj().T) / 2, columns)
        zero = values == 0
        assert zero.sum() == 1
        assert weights[zero, 0] == 0
        assert weights[zero, 1] == pytest.approx([1e-18], rel=1e-4)
        assert weights[zero, 2] == pytest.approx([1e12], rel=1e-12)
        np.testing.assert_allclose(weights.sum(axis=0), np.sum(np.abs(columns) ** 2, axis=0), rtol=1e-12)


@pytest.mark.parametrize("unit", [1e-250, 1.0, 1e250])
def test_any_unit(unit, rng):
    """Graded over twenty decades: the smallest eigenvalue keeps its digits in any unit."""
    scale = 10.0 ** np.linspace(0, -10, 6)
    base = np.eye(6) + 0.1 * np.ones((6, 6))
    matrix = (scale[:, None] * base * scale).astype(complex)
    np.testing.assert_allclose(positive_eigenvalues(unit * matrix), unit * positive_eigenvalues(matrix), rtol=1e-13)


def test_an_iteration_without_end_is_told(monkeypatch):
    """LAPACK's Jacobi method says so with a positive info."""
    monkeypatch.setattr("wignerness.linalg.graded.lapack.dgejsv", lambda *_, **__: (None, None, None, None, None, 1))
    with pytest.raises(np.linalg.LinAlgError, match="Jacobi method did not converge"):
        positive_eigenvalues(np.diag([1e-9, 1.0]).astype(complex))
