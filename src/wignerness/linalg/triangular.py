"""Sylvester and Lyapunov equations with triangular matrices, by recursive blocking.

Nearly all of the work becomes matrix products (Jonsson and Kagstrom, ACM TOMS 28, 392 (2002)). Real matrices may have
blocks of two on their diagonal, as in a real Schur form. Single and double precision, real and complex.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import lapack

from .._typing import Array
from .leaves import BLOCK, Leaf

_SOLVERS = {"f": lapack.strsyl, "d": lapack.dtrsyl, "F": lapack.ctrsyl, "D": lapack.ztrsyl}


@dataclass(frozen=True)
class Triangular:
    """An upper (quasi-)triangular matrix and how it is divided.

    Attributes
    ----------
    t : (n, n) array
    bounds : list of int
        Where diagonal blocks end that are not divided further, from 0 to n.
    leaves : list of Leaf, optional
        These blocks diagonalized; LAPACK's unblocked solver is used without.
    """

    t: Array
    bounds: list[int]
    leaves: list[Leaf] | None = None

    @classmethod
    def plain(cls, t: Array) -> Triangular:
        """With blocks of a size that suits LAPACK's solver."""
        return cls(t, block_bounds(t, BLOCK // 2))

    @property
    def halves(self) -> tuple[Triangular, Triangular, Array]:
        """Leading and trailing block, and what couples them."""
        middle = len(self.bounds) // 2
        h = self.bounds[middle]
        one, other = (None, None) if self.leaves is None else (self.leaves[:middle], self.leaves[middle:])
        top = Triangular(self.t[:h, :h], self.bounds[: middle + 1], one)
        return top, Triangular(self.t[h:, h:], [b - h for b in self.bounds[middle:]], other), self.t[:h, h:]

    @property
    def is_leaf(self) -> bool:
        """Whether it is not divided further."""
        return len(self.bounds) <= 2


def block_bounds(t: Array, size: int) -> list[int]:
    """Multiples of a size, shifted by one where that would split a block of two."""
    bounds = list(range(0, len(t), size))
    if not np.iscomplexobj(t):
        bounds = [b + int(b > 0 and t[b, b - 1] != 0) for b in bounds]
    return [*bounds, len(t)] if bounds[-1:] != [len(t)] else bounds


def triangular_sylvester(t1: Array, t2: Array, f: Array, *, adjoint: bool = False) -> Array:
    """Y with T1 Y + Y T2^H = F (or T1^H Y + Y T2 = F), for upper triangular T1 and T2.

    Parameters
    ----------
    t1, t2, f : (m, m), (n, n) and (m, n) arrays of one type
    adjoint : bool
    """
    return sylvester(Triangular.plain(t1), Triangular.plain(t2), f, adjoint=adjoint)


def sylvester(t1: Triangular, t2: Triangular, f: Array, *, adjoint: bool = False) -> Array:
    """The same for divided matrices; both with leaves, or none."""
    y = np.array(f, order="F")
    _sylvester(t1, t2, y, adjoint)
    return y


def lyapunov(t: Triangular, f: Array) -> Array:
    """Hermitian Y with T Y + Y T^H = F, of which only the upper triangle is looked at: half the work."""
    y = np.array(f, order="F")
    _lyapunov(t, y)
    return y


def _sylvester(t1: Triangular, t2: Triangular, y: Array, adjoint: bool) -> None:
    if t1.is_leaf and t2.is_leaf:
        _solve_leaf(t1, t2, y, adjoint)
    elif t2.is_leaf or (not t1.is_leaf and len(t1.t) >= len(t2.t)):
        top, bottom, corner = t1.halves
        h = len(top.t)
        if adjoint:
            _sylvester(top, t2, y[:h], adjoint)
            y[h:] -= corner.conj().T @ y[:h]
            _sylvester(bottom, t2, y[h:], adjoint)
        else:
            _sylvester(bottom, t2, y[h:], adjoint)
            y[:h] -= corner @ y[h:]
            _sylvester(top, t2, y[:h], adjoint)
    else:
        left, right, corner = t2.halves
        h = len(left.t)
        if adjoint:
            _sylvester(t1, left, y[:, :h], adjoint)
            y[:, h:] -= y[:, :h] @ corner
            _sylvester(t1, right, y[:, h:], adjoint)
        else:
            _sylvester(t1, right, y[:, h:], adjoint)
            y[:, :h] -= y[:, h:] @ corner.conj().T
            _sylvester(t1, left, y[:, :h], adjoint)


def _lyapunov(t: Triangular, y: Array) -> None:
    if t.is_leaf:
        below = np.tril_indices(len(y), -1)
        y[below] = y.T[below].conj()
        _solve_leaf(t, t, y, adjoint=False)
        return
    top, bottom, corner = t.halves
    h = len(top.t)
    _lyapunov(bottom, y[h:, h:])
    y[:h, h:] -= corner @ y[h:, h:]
    _sylvester(top, bottom, y[:h, h:], adjoint=False)
    y[h:, :h] = y[:h, h:].conj().T
    half = corner @ y[h:, :h]
    y[:h, :h] -= half
    y[:h, :h] -= half.conj().T
    _lyapunov(top, y[:h, :h])


def _solve_leaf(t1: Triangular, t2: Triangular, y: Array, adjoint: bool) -> None:
    if t1.leaves is not None and t2.leaves is not None:
        t1.leaves[0].solve(t2.leaves[0], y, adjoint=adjoint)
        return
    trans = ("C", "N") if adjoint else ("N", "C")
    solved, scale, _ = _SOLVERS[y.dtype.char](t1.t, t2.t, y, trana=trans[0], tranb=trans[1])
    y[...] = solved if scale == 1 else solved / scale  # LAPACK solves for scale * F to stay clear of overflow
