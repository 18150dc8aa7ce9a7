"""Spectra of positive semidefinite matrices whose eigenvalues span many orders of magnitude.

LAPACK's eigenvalues are right to eps times the largest one. Where rows and columns are merely scaled apart,
A = D B D with a well-conditioned B, the one-sided Jacobi method on the Cholesky factor finds every eigenvalue to
nearly all of its own digits (Demmel and Veselic, SIAM J. Matrix Anal. Appl. 13, 1204 (1992)).
"""

from __future__ import annotations

import numpy as np
from scipy import linalg
from scipy.linalg import lapack

from .._typing import Array, ComplexArray, RealArray

_EPS = float(np.finfo(np.float64).eps)
# Eigenvalues closer together than this factor have enough digits from LAPACK's ordinary method.
_SPREAD = 1e3
# Below this part of its column a component along an eigenvector of eigenvalue zero is rounding.
_STRAY = 100.0


def positive_eigenvalues(matrix: ComplexArray) -> RealArray:
    """Eigenvalues of a Hermitian positive semidefinite matrix, ascending; zero where they are rounding.

    Examples
    --------
    >>> import numpy as np
    >>> values = positive_eigenvalues(np.array([[1e-20, 5e-11], [5e-11, 1.0]]))
    >>> f"{values[0]:.12e}"
    '7.500000000000e-21'
    """
    alive = np.diag(matrix).real > 0  # in a positive matrix the other rows are zero
    block = matrix[np.ix_(alive, alive)]
    values = np.asarray(linalg.eigvalsh(block), dtype=np.float64)
    factor = _factor(block, values)
    found = _without_rounding(values) if factor is None else np.sort(_jacobi(factor)[0])[::2]
    return np.append(np.zeros(len(matrix) - len(block)), found)


def spectral_weights(matrix: ComplexArray, columns: ComplexArray) -> tuple[RealArray, RealArray]:
    """Eigenvalues of a positive semidefinite matrix, and how much of each column lies along their eigenvectors.

    Parameters
    ----------
    matrix : (n, n) array
        Hermitian, positive semidefinite.
    columns : (n, k) array

    Returns
    -------
    values : (m,) array
        m >= n: some eigenvalues may come twice, each with its share.
    weights : (m, k) array
        Squared components; they add up to the squared norm of each column.
    """
    alive = np.diag(matrix).real > 0
    values, weights = _living_weights(matrix[np.ix_(alive, alive)], columns[alive])
    return np.append(np.zeros((~alive).sum()), values), np.vstack([np.abs(columns[~alive]) ** 2, weights])


def _living_weights(matrix: ComplexArray, columns: ComplexArray) -> tuple[RealArray, RealArray]:
    raw, vectors = linalg.eigh(matrix)
    values = np.asarray(raw, dtype=np.float64)
    factor = _factor(matrix, values)
    if factor is not None:
        doubled, basis = _jacobi(factor)
        return doubled, np.asarray((basis.T @ np.vstack([columns.real, columns.imag])) ** 2)
    levels = _without_rounding(values)
    amplitudes = np.abs(vectors.conj().T @ columns)
    stray = (levels[:, None] == 0) & (amplitudes <= _STRAY * _EPS * np.linalg.norm(columns, axis=0))
    return levels, np.where(stray, 0.0, amplitudes) ** 2


def _factor(matrix: Array, values: RealArray) -> ComplexArray | None:
    """The Cholesky factor, where the spread of the eigenvalues asks for it and there is one."""
    if len(values) == 0 or not values[-1] > _SPREAD * values[0]:
        return None
    # The smallest eigenvalue with all scales taken off: where it is what rounding makes of a zero, the factor exists or
    # not by chance.
    scale = 1.0 / np.sqrt(np.diag(matrix).real)
    smallest = linalg.eigvalsh(scale[:, None] * matrix * scale, subset_by_index=(0, 0))[0]
    if smallest <= 4 * len(values) * _EPS:
        return None
    return np.asarray(linalg.cholesky(matrix, lower=True), dtype=np.complex128)


def _jacobi(lower: ComplexArray) -> tuple[RealArray, RealArray]:
    """Eigenvalues, each twice, and real eigenvectors of L L^H written as a real matrix of twice the size."""
    doubled = np.block([[lower.real, -lower.imag], [lower.imag, lower.real]])
    singular, _, vectors, work, _, info = lapack.dgejsv(doubled.T, joba=0, jobu=3, jobv=0, jobr=0)
    if info:
        raise np.linalg.LinAlgError("The Jacobi method did not converge.")
    return np.asarray((singular * (work[0] / work[1])) ** 2), np.asarray(vectors)


def _without_rounding(values: RealArray) -> RealArray:
    return np.where(values > 4 * len(values) * _EPS * values.max(initial=0.0), values, 0.0)
