"""Block structure of moment matrices, symplectic eigenvalues, and the normal modes of a covariance."""

from __future__ import annotations

import numpy as np
from scipy import linalg

from .._typing import ComplexArray, RealArray

# Up to this size of nu^2 - 1/4 it is computed by itself; beyond, subtracting 1/2 from nu costs nothing.
_NEARLY_PURE = 1.0


def ladder(upper: ComplexArray, cross: ComplexArray) -> ComplexArray:
    """The (2L, 2L) matrix X (x) s+s- + X* (x) s-s+ + Y (x) s+ + Y* (x) s- in the order (a_1, a_1^+, a_2, ...)."""
    size = len(upper)
    out = np.empty((2 * size, 2 * size), dtype=np.complex128)
    out[::2, ::2], out[1::2, 1::2] = upper, upper.conj()
    out[::2, 1::2], out[1::2, ::2] = cross, cross.conj()
    return out


def signs(size: int) -> RealArray:
    """The diagonal of Z, (1, -1, 1, -1, ...), shape (2L,)."""
    return np.tile([1.0, -1.0], size)


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


def normal_modes(covariance: ComplexArray) -> tuple[RealArray, ComplexArray, ComplexArray]:
    """Williamson form of a positive definite covariance in ladder order: a = U b + V b^+ with uncorrelated modes b.

    Parameters
    ----------
    covariance : (2L, 2L) array
        Theta = 1/2 + ladder(C, S).

    Returns
    -------
    nu : (L,) array
        Symplectic eigenvalues, ascending: <b^+ b> = nu - 1/2.
    u, v : (L, L) arrays
        One mode b a column; U U^H - V V^H = 1.

    Raises
    ------
    numpy.linalg.LinAlgError
        If the matrix is not positive definite.
    """
    size = len(covariance) // 2
    root = linalg.cholesky(covariance, lower=True)
    values, vectors = linalg.eigh(root.conj().T @ (signs(size)[:, None] * root))
    columns = root @ vectors[:, size:] / np.sqrt(values[size:])
    return np.asarray(values[size:], dtype=np.float64), columns[::2], columns[1::2].conj()


def symplectic_excess(normal: ComplexArray, anomalous: ComplexArray) -> RealArray:
    """nu^2 - 1/4 for the symplectic eigenvalues nu of Theta = 1/2 + ladder(C, S), ascending, shape (L,).

    They are the eigenvalues, each twice, of (Theta Z)^2 - 1/4 = X Z X Z + (C (x) s+s- + C* (x) s-s+) with
    X = ladder(C, S). Nothing cancels in this where C and S are small. Where they are not, nu is computed first.

    Raises
    ------
    numpy.linalg.LinAlgError
        If Theta is not positive definite.
    """
    size = len(normal)
    moments = ladder(normal, anomalous)
    turned = moments * signs(size)
    excess = turned @ turned + ladder(normal, np.zeros_like(normal))
    covariance = moments + np.eye(2 * size) / 2
    root = linalg.cholesky(covariance, lower=True)
    if np.abs(excess).max() > _NEARLY_PURE:
        values = linalg.eigvalsh(root.conj().T @ (signs(size)[:, None] * root))[size:]
        return np.asarray((values - 0.5) * (values + 0.5))
    similar = linalg.solve_triangular(root, excess, lower=True) @ root  # Hermitian: root^H (...) root
    return np.asarray(linalg.eigvalsh((similar + similar.conj().T) / 2)[::2])
