"""Sylvester and Lyapunov equations with triangular matrices, by recursive blocking.

Nearly all of the work becomes matrix products (Jonsson and Kagstrom, ACM TOMS 28, 392 (2002)). Real matrices may have
blocks of two on their diagonal, as in a real Schur form. Single and double precision, real and complex.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.linalg import lapack

from .._typing import Array

BLOCK = 64  # diagonal blocks that may be diagonal throughout; LAPACK's unblocked solver is used up to half of it
_SOLVERS = {"f": lapack.strsyl, "d": lapack.dtrsyl, "F": lapack.ctrsyl, "D": lapack.ztrsyl}


def triangular_sylvester(t1: Array, t2: Array, f: Array, *, adjoint: bool = False, split: bool = False) -> Array:
    """Y with T1 Y + Y T2^H = F (or T1^H Y + Y T2 = F), for upper triangular T1 and T2.

    Parameters
    ----------
    t1, t2, f : (m, m), (n, n) and (m, n) arrays of one type
    adjoint : bool
    split : bool
        Whether the blocks of 64 on the diagonals of T1 and T2 are diagonal.
    """
    y = np.array(f, order="F")
    _sylvester(t1, t2, y, adjoint, split)
    return y


def triangular_lyapunov(t: Array, f: Array, *, split: bool = False) -> Array:
    """Hermitian Y with T Y + Y T^H = F, of which only the upper triangle is looked at: half the work."""
    y = np.array(f, order="F")
    _lyapunov(t, y, split)
    return y


def _sylvester(t1: Array, t2: Array, y: Array, adjoint: bool, split: bool) -> None:
    rows, columns = y.shape
    leaf, largest = _leaf_size(split)
    if max(rows, columns) <= largest:
        _leaf(t1, t2, y, adjoint, split)
    elif rows >= columns:
        h = _cut(t1, leaf)
        top, bottom, corner = t1[:h, :h], t1[h:, h:], t1[:h, h:]
        if adjoint:
            _sylvester(top, t2, y[:h], adjoint, split)
            y[h:] -= corner.conj().T @ y[:h]
            _sylvester(bottom, t2, y[h:], adjoint, split)
        else:
            _sylvester(bottom, t2, y[h:], adjoint, split)
            y[:h] -= corner @ y[h:]
            _sylvester(top, t2, y[:h], adjoint, split)
    else:
        h = _cut(t2, leaf)
        left, right, corner = t2[:h, :h], t2[h:, h:], t2[:h, h:]
        if adjoint:
            _sylvester(t1, left, y[:, :h], adjoint, split)
            y[:, h:] -= y[:, :h] @ corner
            _sylvester(t1, right, y[:, h:], adjoint, split)
        else:
            _sylvester(t1, right, y[:, h:], adjoint, split)
            y[:, :h] -= y[:, h:] @ corner.conj().T
            _sylvester(t1, left, y[:, :h], adjoint, split)


def _lyapunov(t: Array, y: Array, split: bool) -> None:
    leaf, largest = _leaf_size(split)
    n = len(t)
    if n <= largest:
        y[np.tril_indices(n, -1)] = y.T[np.tril_indices(n, -1)].conj()
        _leaf(t, t, y, False, split)
        return
    h = _cut(t, leaf)
    top, bottom, corner = t[:h, :h], t[h:, h:], t[:h, h:]
    _lyapunov(bottom, y[h:, h:], split)
    y[:h, h:] -= corner @ y[h:, h:]
    _sylvester(top, bottom, y[:h, h:], False, split)
    y[h:, :h] = y[:h, h:].conj().T
    half = corner @ y[h:, :h]
    y[:h, :h] -= half
    y[:h, :h] -= half.conj().T
    _lyapunov(top, y[:h, :h], split)


def _leaf_size(split: bool) -> tuple[int, int]:
    """Unit of the recursion, and the largest size that is not split further: a block of two may reach over its end."""
    return (BLOCK, BLOCK) if split else (BLOCK // 2, BLOCK // 2 + 1)


def _cut(t: Array, leaf: int) -> int:
    """Where to halve: at a whole number of leaves, and not within a block of two."""
    h = (-(-len(t) // leaf) // 2) * leaf
    return h + int(not np.iscomplexobj(t) and t[h, h - 1] != 0)


def _leaf(t1: Array, t2: Array, y: Array, adjoint: bool, split: bool) -> None:
    if split:
        one, other = t1.diagonal(), t2.diagonal()
        y /= one.conj()[:, None] + other if adjoint else one[:, None] + other.conj()
        return
    trans = ("C", "N") if adjoint else ("N", "C")
    solved, scale, _ = _SOLVERS[y.dtype.char](t1, t2, y, trana=trans[0], tranb=trans[1])
    y[...] = solved if scale == 1 else solved / scale  # LAPACK solves for scale * F to stay clear of overflow


def diagonal_blocks(n: int) -> Iterator[slice]:
    """The blocks that recursion never splits."""
    return (slice(start, min(n, start + BLOCK)) for start in range(0, n, BLOCK))
