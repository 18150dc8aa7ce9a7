"""Determinants of a positive definite matrix against those of its diagonal blocks, to all digits where they are close.

The logarithm of det A det B / det [[A, E], [E^H, B]] is zero without the coupling E and of second order in it. As a
difference of logarithms it would lose all digits of a weak coupling; here it is a sum of positive terms.
"""

from __future__ import annotations

import numpy as np
from scipy import linalg

from .._typing import Array, IntArray, RealArray


def log_determinant_ratio(matrix: Array, first: IntArray, second: IntArray) -> float:
    """ln det A + ln det B - ln det of the two together, for the blocks A and B of a positive definite matrix.

    Parameters
    ----------
    matrix : (n, n) array
        Hermitian, positive definite.
    first, second : arrays of int
        Disjoint index sets of A and B.

    Returns
    -------
    float
        Non-negative: - sum ln(1 - s^2) with the singular values s of the coupling, both sides normalized.

    Raises
    ------
    numpy.linalg.LinAlgError
        If the matrix is not positive definite to working precision.

    Examples
    --------
    >>> import numpy as np
    >>> f"{log_determinant_ratio(np.array([[1.0, 1e-9], [1e-9, 1.0]]), np.array([0]), np.array([1])):.15g}"
    '1e-18'
    """
    left = linalg.cholesky(matrix[np.ix_(first, first)], lower=True)
    right = linalg.cholesky(matrix[np.ix_(second, second)], lower=True)
    half = linalg.solve_triangular(left, matrix[np.ix_(first, second)], lower=True)
    coupling = linalg.solve_triangular(right, half.conj().T, lower=True)
    strengths = np.asarray(linalg.svdvals(coupling), dtype=np.float64)
    if strengths.max(initial=0.0) >= 1.0:
        raise np.linalg.LinAlgError("The matrix is not positive definite.")
    return float(-np.log1p(-(strengths**2)).sum())


def schur_complement(matrix: Array, given: IntArray, rest: IntArray) -> Array:
    """The block ``rest`` of a positive definite matrix, less what the block ``given`` accounts for."""
    if len(given) == 0:
        return matrix[np.ix_(rest, rest)]
    lower = linalg.cholesky(matrix[np.ix_(given, given)], lower=True)
    explained = linalg.solve_triangular(lower, matrix[np.ix_(given, rest)], lower=True)
    return np.asarray(matrix[np.ix_(rest, rest)] - explained.conj().T @ explained)


def log_determinant_ratios(matrix: Array, step: int = 1) -> RealArray:
    """:func:`log_determinant_ratio` of the first j and the last n - j indices, for j = step, 2 step, ..., n - step.

    With the Cholesky factor of the whole matrix and its trailing block L_j, the ratio is ln det G_j with
    G_j = L_j^-1 B L_j^-H >= 1. Passing one index from B to A takes a row off G and adds a term of rank one: the factors
    G = U (1 + diag(e)) U^H are updated with n^2 operations, and e, a sum of positive terms, keeps its digits.

    Parameters
    ----------
    matrix : (n, n) array
        Hermitian, positive definite.
    step : int
        How many indices belong together; divides n.

    Returns
    -------
    (n / step - 1,) array
        Costs about n^3 operations in all.

    Raises
    ------
    numpy.linalg.LinAlgError
        If the matrix is not positive definite to working precision.
    """
    size = len(matrix)
    lower = linalg.cholesky(matrix, lower=True)
    inverse = linalg.solve_triangular(lower, np.eye(size), lower=True)
    excess, unit = np.zeros(size), np.eye(size, dtype=matrix.dtype)
    ratios = []
    for k in range(size - step):
        weight = 1.0 + excess[0]
        column = unit[1:, 0] - inverse[k + 1 :, k] * lower[k, k]
        excess, unit = _add_rank_one(excess[1:], unit[1:, 1:], column, weight)
        if (k + 1) % step == 0:
            ratios.append(np.log1p(excess).sum())
    return np.array(ratios)


def _add_rank_one(excess: RealArray, unit: Array, column: Array, weight: float) -> tuple[RealArray, Array]:
    """Factors of U (1 + diag(e)) U^H + weight z z^H (Gill, Golub, Murray and Saunders' method, by cumulative sums)."""
    parts = linalg.solve_triangular(unit, column, lower=True, unit_diagonal=True)
    squares = np.abs(parts) ** 2
    inverse_weight = 1.0 / weight + np.append(0.0, np.cumsum(squares / (1.0 + excess))[:-1])
    grown = excess + squares / inverse_weight
    later = np.zeros_like(unit)  # sum over the columns to the right
    later[:, :-1] = np.cumsum((unit * parts)[:, :0:-1], axis=1)[:, ::-1]
    return grown, unit + later * (parts.conj() / (inverse_weight * (1.0 + grown)))
