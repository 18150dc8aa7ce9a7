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
from .leaves import BLOCK, split_complex, split_real
from .triangular import Triangular, block_bounds, lyapunov, sylvester

_SPLIT_FROM = 33  # rows; below, one call of LAPACK's solver does
_EQUAL = 32.0  # units of the last place by which rates may differ and are one
_STRIP = 128
_STEPS = 24  # of the power method
# A singular equation has infinities in its solution, which callers look for.
_SILENT = np.errstate(all="ignore")


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
        self._form: Triangular | None = None  # none if T is diagonal
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
        if not self.is_complex:
            return None
        rate = -2 * float(a.diagonal().real.mean())
        hermitian = a + a.conj().T
        hermitian[np.diag_indices_from(a)] += rate
        if np.abs(hermitian).max() > _EQUAL * self.unit * np.abs(rate):
            return None
        energies, vectors = linalg.eigh(1j * (a - a.conj().T) / 2, check_finite=False, driver="evd")
        t = np.diag(-1j * energies - rate / 2).astype(a.dtype)
        return t, np.ascontiguousarray(vectors), np.ascontiguousarray(vectors.conj().T)

    def _schur(self, a: Array) -> tuple[Array, Array, Array]:
        # Rows that fall in size let the QR iteration keep the digits of small eigenvalues beside large ones.
        order = np.argsort(-np.abs(a).max(axis=1), kind="stable")
        # Its output is complex for complex input, whatever is asked for.
        t, vectors = linalg.schur(a[np.ix_(order, order)], output="real", check_finite=False)
        t, u = np.asfortranarray(t), np.empty_like(vectors, order="C")
        u[order] = vectors
        v = np.ascontiguousarray(u.conj().T)
        self._form = Triangular.plain(t)
        if len(a) >= _SPLIT_FROM:
            bounds = block_bounds(t, BLOCK)
            leaves = split_complex(t, bounds, u, v) if self.is_complex else split_real(t, bounds)
            if leaves is not None:
                self._form = Triangular(t, bounds, leaves)
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

    @_SILENT
    def solve(self, d: Array, *, adjoint: bool = False) -> Array:
        """X with A X + X A^H + D = 0 (or A^H X + X A + D = 0) for any D of the type of A."""
        left, right = (self.u.conj().T, self.v.conj().T) if adjoint else (self.v, self.u)
        f = -(left @ d @ left.conj().T)
        if self._form is None:
            one, other = self.t.diagonal(), self.t.diagonal().conj()
            y = f / (other[:, None] + one if adjoint else one[:, None] + other)
        else:
            y = sylvester(self._form, self._form, f, adjoint=adjoint)
        return np.asarray(right @ y @ right.conj().T)

    @_SILENT
    def turned(self, d: Array) -> Array:
        """V D V^H for Hermitian D, or for the diagonal of one: what :meth:`inner` takes."""
        if d.ndim == 2:
            return hermitian_product(self.v @ d, self.v)
        some = np.flatnonzero(d)
        part = self.v[:, some]
        return hermitian_product(part * d[some], part)

    @_SILENT
    def inner(self, f: Array) -> Array:
        """Y with T Y + Y T^H + F = 0 for Hermitian F; the solution is X = U Y U^H."""
        if self._form is None:
            values = self.t.diagonal()
            return np.asarray(-f / (values[:, None] + values.conj()))
        return lyapunov(self._form, -f)

    @_SILENT
    def outer(self, y: Array) -> Array:
        """X = U Y U^H for Hermitian Y."""
        return hermitian_product(self.u @ y, self.u)

    @_SILENT
    def diagonal(self, y: Array) -> Array:
        """The (real) diagonal of U Y U^H for Hermitian Y: half of the product is computed."""
        n = len(y)
        found = np.zeros(n, dtype=y.real.dtype)
        for start in range(0, n, _STRIP):
            stop = min(n, start + _STRIP)
            above = y[:stop, start:stop].copy()
            above[start:] /= 2
            found += np.sum((self.u[:, :stop] @ above) * self.u[:, start:stop].conj(), axis=1).real
        return 2 * found

    @_SILENT
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
