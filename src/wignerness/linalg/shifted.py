r"""Columns of :math:`(x - A)^{-1}` at many points x, from one Schur form of A.

Back substitution is as stable as a solution at each point by itself, however far A is from normal, and takes n^2
operations a point and column in place of n^3.
"""

from __future__ import annotations

import numpy as np
from scipy import linalg

from .._typing import ComplexArray, RealArray

_BLOCK = 16


class ShiftedColumns:
    """Solves (x - A) X = B for many x.

    Parameters
    ----------
    matrix : (n, n) array
        A.
    right : (n, p) array
        B.

    Attributes
    ----------
    basis : (n, n) array
        The unitary U of A = U T U^H; solutions are given in this basis.
    eigenvalues : (n,) array
        Those of A.

    Examples
    --------
    >>> import numpy as np
    >>> solver = ShiftedColumns(np.array([[1.0, 0.3], [0.3, 2.0 - 0.1j]]), np.eye(2))
    >>> (solver.basis @ solver.at(np.array([1.0]), np.array([[0.5]]))[:, 0, 0]).round(6)  # at x = 1 + 0.5
    array([[ 1.481795-0.076207j, -0.863675-0.127011j],
           [-0.863675-0.127011j, -1.439458-0.211685j]])
    """

    def __init__(self, matrix: ComplexArray, right: ComplexArray) -> None:
        self._t, self.basis = linalg.schur(np.asarray(matrix, dtype=np.complex128), output="complex")
        self._start = self.basis.conj().T @ right
        self.eigenvalues: ComplexArray = np.diag(self._t)

    def at(self, origin: RealArray, offset: RealArray) -> ComplexArray:
        """U^H X at the points origin_i + offset_ij, shape (n, P, q, p)."""
        size, width = self._start.shape
        found = np.empty((size, *offset.shape, width), dtype=np.complex128)
        flat = found.reshape(size, -1)
        for stop in range(size, 0, -_BLOCK):
            first = max(0, stop - _BLOCK)
            right = np.broadcast_to(self._start[first:stop, None, None, :], found[first:stop].shape).copy()
            if stop < size:
                right.reshape(stop - first, -1)[:] += self._t[first:stop, stop:] @ flat[stop:]
            for row in range(stop - 1, first - 1, -1):
                # The difference to the origin first: exact near an eigenvalue that is the origin.
                distance = (origin - self._t[row, row])[:, None] + offset
                total = right[row - first]
                for other in range(row + 1, stop):
                    total += self._t[row, other] * found[other]
                np.divide(total, distance[..., None], out=found[row])
        return found
