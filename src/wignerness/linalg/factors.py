"""Schur forms, real or complex, in single or double precision, to solve A X + X A^H + D = 0 for many D.

A factored form is good to rounding at exceptional points too. Where blocks of its diagonal have well-conditioned
eigenvectors they are diagonalized, which spares LAPACK's unblocked solver.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np
from scipy import linalg

from .._typing import Array
from .triangular import BLOCK, diagonal_blocks, triangular_lyapunov, triangular_sylvester

_SPLIT_FROM = 33  # rows; below, one call of LAPACK's solver does
_TRUSTED = 300.0  # condition number of the eigenvectors of a diagonal block
_EQUAL = 32.0  # units of the last place by which rates may differ and are one
_STRIP = 128
_STEPS = 24  # of the power method


class Factors:
    """A = U T V with V = U^-1 and upper (quasi-)triangular T.

    Parameters
    ----------
    a : (n, n) array
        Of any of the four floating-point types, which everything is computed in.

    Attributes
    ----------
    t, u, v : (n, n) arrays
    """

    def __init__(self, a: Array) -> None:
        self.dtype = a.dtype
        self.t, self.u, self.v = self._diagonalized(a) or self._schur(a)

    @property
    def is_complex(self) -> bool:
        """Whether they are."""
        return bool(np.issubdtype(self.dtype, np.complexfloating))

    @property
    def unit(self) -> float:
        """Rounding unit of the arithmetic."""
        return float(np.finfo(self.dtype).eps) / 2

    def _diagonalized(self, a: Array) -> tuple[Array, Array, Array] | None:
        """By the eigenvectors of a Hermitian matrix, where A is that matrix times -i, less a multiple of 1."""
        rates = -2 * a.diagonal().real
        rate = rates.mean()
        hermitian = a + a.conj().T
        hermitian[np.diag_indices_from(a)] += rate
        if not np.iscomplexobj(a) or np.abs(hermitian).max() > _EQUAL * self.unit * np.abs(rate):
            return None
        energies, vectors = linalg.eigh(1j * (a - a.conj().T) / 2, check_finite=False, driver="evd")
        self._split, self._whole = True, True
        return np.asfortranarray(np.diag(-1j * energies - rate / 2).astype(a.dtype)), vectors, vectors.conj().T.copy()

    def _schur(self, a: Array) -> tuple[Array, Array, Array]:
        # Rows that fall in size let the QR iteration keep the digits of small eigenvalues beside large ones.
        order = np.argsort(-np.abs(a).max(axis=1), kind="stable")
        # Its output is complex for complex input, whatever is asked for.
        t, vectors = linalg.schur(a[np.ix_(order, order)], output="real", check_finite=False)
        t, u = np.asfortranarray(t), np.empty_like(vectors, order="C")
        u[order] = vectors
        v = np.ascontiguousarray(u.conj().T)
        self._whole = False
        self._split = self.is_complex and len(a) >= _SPLIT_FROM and _diagonalize_blocks(t, u, v)
        return t, u, v

    @cached_property
    def eigenvalues(self) -> Array:
        """Eigenvalues of A, shape (n,)."""
        values = self.t.diagonal().astype(np.complex128)
        if not np.iscomplexobj(self.t):
            # A block [[a, b], [c, a]] of a real Schur form has b c < 0 and the eigenvalues a +- sqrt(b c).
            first = np.flatnonzero(self.t.diagonal(-1))
            swing = 1j * np.sqrt(np.abs(self.t[first, first + 1] * self.t[first + 1, first]).astype(np.float64))
            values[first] += swing
            values[first + 1] -= swing
        return values

    def solve(self, d: Array, *, adjoint: bool = False) -> Array:
        """X with A X + X A^H + D = 0 (or A^H X + X A + D = 0) for any D of the type of A."""
        left, right = (self.u.conj().T, self.v.conj().T) if adjoint else (self.v, self.u)
        f = -(left @ d @ left.conj().T)
        if self._whole:
            one, other = self.t.diagonal(), self.t.diagonal().conj()
            y = f / (other[:, None] + one if adjoint else one[:, None] + other)
        else:
            y = triangular_sylvester(self.t, self.t, f, adjoint=adjoint, split=self._split)
        return np.asarray(right @ y @ right.conj().T)

    def turned(self, d: Array) -> Array:
        """V D V^H for Hermitian D, or for the diagonal of one: what :meth:`inner` takes."""
        if d.ndim == 2:
            return hermitian_product(self.v @ d, self.v)
        some = np.flatnonzero(d)
        part = self.v[:, some]
        return hermitian_product(part * d[some], part)

    def inner(self, f: Array) -> Array:
        """Y with T Y + Y T^H + F = 0 for Hermitian F; the solution is X = U Y U^H."""
        if self._whole:
            values = self.t.diagonal()
            return np.asarray(-f / (values[:, None] + values.conj()))
        return triangular_lyapunov(self.t, -f, split=self._split)

    def outer(self, y: Array) -> Array:
        """X = U Y U^H for Hermitian Y."""
        return hermitian_product(self.u @ y, self.u)

    def diagonal(self, y: Array) -> Array:
        """The (real) diagonal of U Y U^H for Hermitian Y."""
        return np.asarray(np.sum((self.u @ y) * self.u.conj(), axis=1).real)

    def largest_response(self) -> float:
        """Largest eigenvalue of the X for D = 1; infinite where that X is not positive."""
        y = self.inner(hermitian_product(self.v, self.v))
        if not (np.isfinite(y).all() and (y.diagonal().real > 0).all()):
            return float(np.inf)
        turn, back = self.u, self.u.conj().T
        return largest_eigenvalue(lambda vector: back @ (turn @ (y @ vector)), np.ones(len(y), dtype=self.dtype))


def hermitian_product(a: Array, b: Array) -> Array:
    """``a @ b^H`` for a product that is Hermitian: half of it is computed."""
    n = len(a)
    adjoint = b.conj().T
    out = np.empty((n, n), dtype=a.dtype)
    for start in range(0, n, _STRIP):
        stop = min(n, start + _STRIP)
        strip = a[:stop] @ adjoint[:, start:stop]
        out[:stop, start:stop] = strip
        out[start:stop, :start] = strip[:start].conj().T
        square = out[start:stop, start:stop]
        out[start:stop, start:stop] = (square + square.conj().T) / 2
    return out


def largest_eigenvalue(apply: Callable[[Array], Array], like: Array) -> float:
    """Bound on the largest eigenvalue of a matrix that is similar to a positive one, at most half above it."""
    vector = np.random.default_rng(0).normal(size=like.shape).astype(like.dtype)
    norm = float(np.linalg.norm(vector))
    for _ in range(_STEPS):
        vector = apply(vector / like.dtype.type(norm))
        norm = float(np.linalg.norm(vector))
        if not 0.0 < norm < np.inf:
            return norm
    # A vector at random seldom misses it by more.
    return 1.5 * norm


def _diagonalize_blocks(t: Array, u: Array, v: Array) -> bool:
    """Turn to the eigenvectors of every diagonal block of T, in place; False, and nothing done, where one is bad."""
    blocks = list(diagonal_blocks(len(t)))
    stack = np.zeros((len(blocks), BLOCK, BLOCK), dtype=t.dtype)
    stack[:, np.arange(BLOCK), np.arange(BLOCK)] = 1.0 + np.arange(BLOCK)  # beyond the end: distinct, and apart
    for inner, block in zip(stack, blocks, strict=True):
        size = block.stop - block.start
        inner[:size, :size] = t[block, block]
    vectors = _triangular_eigenvectors(stack)
    if not np.isfinite(vectors).all():
        return False
    inverses = np.linalg.inv(vectors)
    if not (np.linalg.norm(vectors, 2, axis=(1, 2)) * np.linalg.norm(inverses, 2, axis=(1, 2)) < _TRUSTED).all():
        return False
    for block, one, other in zip(blocks, vectors, inverses, strict=True):
        size = block.stop - block.start
        turn, back = one[:size, :size], other[:size, :size]
        values = t[block, block].diagonal().copy()
        t[block] = back @ t[block]
        t[:, block] = t[:, block] @ turn
        t[block, block] = np.diag(values)
        u[:, block] = u[:, block] @ turn
        v[block] = back @ v[block]
    return True


def _triangular_eigenvectors(stack: Array) -> Array:
    """Unit upper triangular eigenvectors R of upper triangular matrices, T R = R diag(T), all at once."""
    size = stack.shape[-1]
    values = np.diagonal(stack, axis1=1, axis2=2)
    vectors = np.zeros_like(stack)
    vectors[:, np.arange(size), np.arange(size)] = 1.0
    with np.errstate(all="ignore"):  # equal eigenvalues give infinities, which the caller refuses
        for i in range(size - 2, -1, -1):
            coupled = (stack[:, i : i + 1, i + 1 :] @ vectors[:, i + 1 :, i + 1 :])[:, 0]
            vectors[:, i, i + 1 :] = coupled / (values[:, i + 1 :] - values[:, i : i + 1])
    return vectors
