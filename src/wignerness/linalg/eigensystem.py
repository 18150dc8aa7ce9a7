"""Eigenvalues and eigenvectors, the eigenvalues to more digits than the matrix has.

An eigenvalue from LAPACK is off by about eps |A|. Where rates differ by many decades that is many times the
slowest of them, and after a long time t the error of exp(lambda t) is eps |A| t in any case. Newton's iteration on
A X = X diag(lambda), with the residual in twice the working precision, removes both.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import linalg
from scipy.sparse.csgraph import connected_components

from .._typing import Array, ComplexArray, IntArray
from .compensated import Pair, add, product, times

# With this condition number of the eigenvectors, X f(lambda) X^-1 is still good to about 1e-12.
_TRUSTED = 1e3
_STEPS = 4
_ENOUGH = 2.0**-90  # correction of an eigenvalue, relative to |A|
_APART = 2.0**10  # distance of two eigenvalues over their coupling that a Newton step may divide by


class Eigensystem(NamedTuple):
    """A = vectors diag(values) inverse.

    Attributes
    ----------
    values : Pair of (n,) arrays
    vectors, inverse : (n, n) arrays
    """

    values: Pair
    vectors: ComplexArray
    inverse: ComplexArray


def eigensystem(a: Pair, *, refined: bool = True) -> Eigensystem | None:
    """The eigensystem of A; None where its eigenvectors are ill-conditioned, as at an exceptional point.

    Parameters
    ----------
    a : Pair of (n, n) arrays
    refined : bool
        Whether to refine the eigenvalues beyond double precision; costs about ten times as much.
    """
    values, vectors = linalg.eig(a.hi)
    if not np.linalg.cond(vectors) < _TRUSTED:
        return None
    if not refined:
        return Eigensystem(Pair.exactly(values), vectors, linalg.inv(vectors))
    return _refined(a, values, vectors)


def _refined(a: Pair, values: ComplexArray, vectors: ComplexArray) -> Eigensystem | None:
    x, lam = Pair.exactly(vectors), Pair.exactly(values)
    norm = float(np.abs(a.hi).max(initial=0.0))
    for step in range(_STEPS):
        left = add(product(a, x), _columns(x, lam, -1.0)).hi  # A X - X diag(lambda)
        coupling: ComplexArray = np.asarray(linalg.solve(x.hi, left), dtype=np.complex128)
        if np.abs(coupling).max(initial=0.0) <= _ENOUGH * norm:
            break
        turn = np.zeros_like(coupling)
        shift = np.diag(coupling).copy()
        for cluster in _clusters(lam.hi, coupling) if step < 2 else ():
            inner = _within(lam, coupling, cluster)
            if inner is None:
                return None
            shift[cluster] = inner[0]
            turn[np.ix_(cluster, cluster)] = inner[1] - np.eye(len(cluster))
            coupling[np.ix_(cluster, cluster)] = 0.0
        gap = lam.hi[None, :] - lam.hi[:, None]
        safe = np.abs(gap) > _APART * np.maximum(np.abs(coupling), np.abs(coupling.T))
        turn += np.divide(coupling, gap, out=np.zeros_like(coupling), where=safe)
        x = add(x, Pair.exactly(x.hi @ turn))
        lam = add(lam, Pair.exactly(shift))
    if not np.linalg.cond(x.hi) < _TRUSTED:
        return None
    return Eigensystem(lam, x.hi, np.asarray(linalg.inv(x.hi)))


def _columns(x: Pair, factors: Pair, sign: float) -> Pair:
    """``sign`` times X diag(factors), complex."""
    parts = []
    for part, weight in ((factors.hi.real, 1.0), (factors.hi.imag, 1j)):
        scaled = times(np.broadcast_to(sign * part, x.hi.shape), x)
        parts.append(Pair(weight * scaled.hi, weight * scaled.lo))
    small = Pair.exactly(sign * x.hi * factors.lo)
    return add(add(parts[0], parts[1]), small)


def _clusters(values: Array, coupling: ComplexArray) -> list[IntArray]:
    """Groups of eigenvalues that are closer to each other than their coupling lets a Newton step divide."""
    size = np.abs(coupling)
    close = np.abs(values[None, :] - values[:, None]) <= _APART * np.maximum(size, size.T)
    np.fill_diagonal(close, False)
    count, label = connected_components(close & (size + size.T > 0), directed=False)
    groups = [np.flatnonzero(label == k) for k in range(count)]
    return [group for group in groups if len(group) > 1]


def _within(lam: Pair, coupling: ComplexArray, cluster: IntArray) -> tuple[ComplexArray, ComplexArray] | None:
    """Diagonalize a cluster: corrections of its eigenvalues, and the matrix that turns its vectors."""
    center = lam.hi[cluster[0]]
    offset = (lam.hi[cluster] - center) + lam.lo[cluster]
    values, vectors = linalg.eig(np.diag(offset) + coupling[np.ix_(cluster, cluster)])
    if not np.linalg.cond(vectors) < _TRUSTED:
        return None
    return values - offset, vectors


def exponentials(values: Pair, time: float) -> ComplexArray:
    """exp(values time) without the rounding of the product, shape (n,)."""
    exponent = times(np.full(len(values.hi), time), values)
    return np.asarray(np.exp(exponent.hi) * np.exp(exponent.lo))


def ramps(values: Pair, time: float, order: int) -> ComplexArray:
    """int_0^t exp(values s) ds for order 1, the integral of that once more for order 2."""
    exponent = times(np.full(values.hi.shape, time), values)
    z = exponent.hi
    grown = np.expm1(z) + np.exp(z) * np.expm1(exponent.lo)
    safe = np.where(z == 0, 1.0, z)
    if order == 1:
        return np.asarray(time * np.where(z == 0, 1.0, grown / safe))
    small = np.abs(z) < 0.25
    series = np.zeros_like(z)
    for power in range(14, 1, -1):
        series = series * np.where(small, z, 0.0) / (power + 1) + 1.0
    second = np.where(small, series / 2, (grown - z) / safe**2)
    return np.asarray(time**2 * second)
