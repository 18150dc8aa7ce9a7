"""Block structure of moment matrices, and symplectic eigenvalues."""

from __future__ import annotations

import numpy as np
from scipy import linalg

from .._typing import ComplexArray, RealArray


def ladder(upper: ComplexArray, cross: ComplexArray) -> ComplexArray:
    """The (2L, 2L) matrix X (x) s+s- + X* (x) s-s+ + Y (x) s+ + Y* (x) s- in the order (a_1, a_1^+, a_2, ...)."""
    size = len(upper)
    out = np.empty((2 * size, 2 * size), dtype=np.complex128)
    out[::2, ::2], out[1::2, 1::2] = upper, upper.conj()
    out[::2, 1::2], out[1::2, ::2] = cross, cross.conj()
    return out


def symplectic_eigenvalues(covariance: RealArray) -> RealArray:
    """Symplectic eigenvalues of a real symmetric positive definite (2L, 2L) matrix in xxpp order.

    Returns
    -------
    (L,) array
        In ascending order.

    Raises
    ------
    numpy.linalg.LinAlgError
        If the matrix is not positive definite.
    """
    lower = linalg.cholesky(covariance, lower=True)
    size = len(covariance) // 2
    # L^T Omega L is antisymmetric: its singular values are the symplectic eigenvalues, each twice.
    rotated = lower[:size].T @ lower[size:] - lower[size:].T @ lower[:size]
    return np.sort(linalg.svdvals(rotated))[::2]
