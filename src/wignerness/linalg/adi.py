r"""Low-rank solution of A X + X A^H + B B^H = 0 for a large sparse A and few columns of B.

The alternating-direction-implicit iteration writes X as a sum of blocks, one for each shift p with Re p < 0:

.. math::
    V = (A + p)^{-1} W,\quad X \mathrel{+}= -2\,\mathrm{Re}(p)\, V V^\dagger,\quad
    W \mathrel{-}= 2\,\mathrm{Re}(p)\, V ,

from W = B. The residual is W W^H. For A + A^H <= 0 every step is a contraction; a shift whose conjugate is an
eigenvalue of A removes that eigenvector from W for good. Nothing of size L x L is formed.

With A = -iH - G/2 and B = G^(1/2), one column a site, the exact answer is X = 1. What is missing of the ones is the
error of truncation, element by element.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from scipy import linalg, sparse
from scipy.linalg import lapack
from scipy.sparse.linalg import splu

from .._typing import ComplexArray, IntArray, RealArray

_EPS = float(np.finfo(np.float64).eps)
_ROUNDING = 20.0  # errors of the levels, in units of eps times the norm
# Rounding moves eigenvalues by more than this part of their width: such steps are corrected, or repeated.
_EXACT = 1e-8
_APART = 1e-2  # widths below this part of the gap belong to one eigenvector, not to a mixture
_REPEATS = 12


@dataclass(frozen=True)
class Absorber:
    """A = -iH - diag(g)/2 with H Hermitian and sparse, and g non-zero on a few sites.

    Parameters
    ----------
    hamiltonian : (L, L) sparse array
    sites : (m,) array of int
    rates : (m,) array
        g > 0 on the sites.
    """

    hamiltonian: Any
    sites: IntArray
    rates: RealArray

    @property
    def size(self) -> int:
        """Number of sites L."""
        return int(self.hamiltonian.shape[0])

    @property
    def source(self) -> ComplexArray:
        """B = G^(1/2), shape (L, m)."""
        columns = np.zeros((self.size, len(self.sites)), dtype=np.complex128, order="F")
        columns[self.sites, np.arange(len(self.sites))] = np.sqrt(self.rates)
        return columns


class Factors(Protocol):
    """(A + p) factorized."""

    def solve(self, right: ComplexArray) -> ComplexArray:
        """Solve (A + p) x = right."""
        ...

    def solve_transposed(self, right: ComplexArray) -> ComplexArray:
        """Solve (A + p)^T x = right."""
        ...


class Factorization(Protocol):
    """Factorizes A + p for one p after the other."""

    symmetric: bool

    def at(self, shift: complex) -> Factors:
        """The factors of A + shift."""
        ...


class TridiagonalFactorization:
    """LU of A + p for a real symmetric tridiagonal H, O(L).

    Parameters
    ----------
    diagonal, off : (L,) and (L - 1,) arrays
        H.
    sites, rates : (m,) arrays
        Where A absorbs, and how much.
    """

    symmetric = True

    def __init__(self, diagonal: RealArray, off: RealArray, sites: IntArray, rates: RealArray) -> None:
        self._diagonal = np.asarray(-1j * diagonal, dtype=np.complex128)
        self._diagonal[sites] -= rates / 2
        self._off = np.asarray(-1j * off, dtype=np.complex128)
        self._scale = _row_scale(self._diagonal, np.abs(np.append(off, 0.0)) + np.abs(np.append(0.0, off)))

    def at(self, shift: complex) -> Factors:
        """The factors of A + shift."""
        return _TridiagonalFactors(np.asarray(self._diagonal + shift, dtype=np.complex128), self._off, self._scale)


class _TridiagonalFactors:
    def __init__(self, diagonal: ComplexArray, off: ComplexArray, scale: RealArray) -> None:
        self._scale = scale[:, None]
        if len(diagonal) > 2:
            *self._factors, _ = lapack.zgttrf(off * scale[1:], diagonal * scale, off * scale[:-1])
        else:  # LAPACK's interface asks for a second superdiagonal
            self._factors = []
            self._inverse = np.linalg.inv(np.diag(diagonal) + np.diag(off, 1) + np.diag(off, -1))

    def solve(self, right: ComplexArray) -> ComplexArray:
        if not self._factors:
            return np.asfortranarray(self._inverse @ right)
        return lapack.zgttrs(*self._factors, self._scale * right)[0]  # type: ignore[no-any-return]

    solve_transposed = solve  # the matrix is symmetric


class SparseFactorization:
    """Sparse LU of A + p."""

    def __init__(self, absorber: Absorber) -> None:
        loss = np.zeros(absorber.size)
        loss[absorber.sites] = absorber.rates / 2
        hamiltonian = sparse.csc_array(absorber.hamiltonian)
        self._matrix = (-1j * hamiltonian - sparse.diags_array(loss)).tocsc()
        self.symmetric = not hamiltonian.data.imag.any()
        diagonal = self._matrix.diagonal()
        links = np.asarray(abs(hamiltonian).sum(axis=1), dtype=np.float64) - np.abs(hamiltonian.diagonal())
        self._scale = _row_scale(diagonal, np.maximum(links, 0.0))
        self._scales = sparse.diags_array(self._scale.astype(np.complex128), format="csc")
        self._matrix = (self._scales @ self._matrix).tocsc()

    def at(self, shift: complex) -> Factors:
        """The factors of A + shift."""
        try:
            return _SparseFactors(splu(self._matrix + shift * self._scales), self._scale)
        except RuntimeError:  # exactly singular
            return _NoFactors()


class _SparseFactors:
    def __init__(self, factors: Any, scale: RealArray) -> None:
        self._factors, self._scale = factors, scale[:, None]

    def solve(self, right: ComplexArray) -> ComplexArray:
        return np.asfortranarray(self._factors.solve(self._scale * right))

    def solve_transposed(self, right: ComplexArray) -> ComplexArray:
        return np.asfortranarray(self._scale * self._factors.solve(right, trans="T"))


class _NoFactors:
    """Of a singular matrix: what a division by zero would give."""

    def solve(self, right: ComplexArray) -> ComplexArray:
        return np.full_like(right, np.nan, order="F")

    solve_transposed = solve


def _row_scale(diagonal: ComplexArray, links: RealArray) -> RealArray:
    """Powers of two that bring rows with a large diagonal down to the size of the links.

    Otherwise such a row may become the pivot of a neighbor's column, through a link that exceeds what is left of the
    neighbor near resonance; the neighbor's own link back is then known only to the rounding of the large diagonal.
    """
    largest = float(links.max(initial=0.0))
    ratio = np.divide(largest, np.abs(diagonal), out=np.ones_like(links), where=np.abs(diagonal) > largest)
    return np.asarray(np.exp2(np.floor(np.log2(np.where(ratio > 0, ratio, 1.0)))))


@dataclass(frozen=True)
class Shifts:
    """The plan of an iteration; plans add up.

    Attributes
    ----------
    values : (n,) array
        Conjugates of (approximate) eigenvalues of A, narrow ones first: a narrow eigenvector hears the rounding of
        every step before its own, a wide one does not.
    sweeps : (n,) array of int
        Where rounding of A moves the eigenvalue by a part of its width that matters, and no other is near: the number
        of inverse iterations that find the eigenvector, along which the step is then made exact. Zero elsewhere.
    peaks : (n,) array of int
        A site where the eigenvector is large.
    """

    values: ComplexArray
    sweeps: IntArray
    peaks: IntArray

    def __add__(self, other: Shifts) -> Shifts:
        """First these, then the others."""
        return Shifts(
            np.concatenate([self.values, other.values]),
            np.concatenate([self.sweeps, other.sweeps]),
            np.concatenate([self.peaks, other.peaks]),
        )

    @classmethod
    def plain(cls, values: ComplexArray) -> Shifts:
        """Shifts without corrections."""
        zeros = np.zeros(len(values), dtype=np.intp)
        return cls(values, zeros, zeros)


def plan_shifts(eigenvalues: ComplexArray, gaps: RealArray, peaks: IntArray, scale: float) -> Shifts:
    """The order and the treatment of the shifts.

    Parameters
    ----------
    eigenvalues : (n,) array
        E - i w/2 of H - iG/2.
    gaps : (n,) array
        Distance of each level of H from the others.
    peaks : (n,) array of int
    scale : float
        Norm of H, which sets the rounding.
    """
    widths = np.maximum(-2.0 * eigenvalues.imag, float(np.finfo(np.float64).tiny))  # a width may underflow
    order = np.argsort(widths, kind="stable")
    widths, gaps = widths[order], gaps[order]
    unsure = _ROUNDING * _EPS * scale / widths
    delicate = unsure > _EXACT
    ratio = np.minimum(widths / np.maximum(gaps, widths), 1.0)  # degenerate levels have no gap
    single = delicate & (ratio < _APART)
    sweeps = np.where(single, np.ceil(np.log(_EPS) / np.log(np.maximum(np.minimum(ratio, _APART), _EPS))) + 1, 0)
    # Each repetition leaves of the eigenvector the part that rounding hid from the one before.
    with np.errstate(divide="ignore"):
        needed = np.ceil(np.log(_EXACT) / np.minimum(np.log(unsure), -1e-3))
    repeats = np.where(delicate & ~single, np.clip(needed, 1, _REPEATS), 1).astype(np.intp)
    every = np.repeat(order, repeats)
    return Shifts((1j * eigenvalues.conj())[every], np.repeat(sweeps, repeats).astype(np.intp), peaks[every])


def residual_shifts(absorber: Absorber, residual: ComplexArray) -> ComplexArray:
    """Eigenvalues of A on the span of W and A W, conjugated: where near-eigenvalues were missed, what is left tells."""
    loss = np.zeros(absorber.size)
    loss[absorber.sites] = absorber.rates / 2
    moved = -1j * (absorber.hamiltonian @ residual) - loss[:, None] * residual
    scaled = [part / np.maximum(np.linalg.norm(part, axis=0), np.finfo(np.float64).tiny) for part in (residual, moved)]
    basis = linalg.orth(np.hstack(scaled), rcond=1e-8)
    image = -1j * (absorber.hamiltonian @ basis) - loss[:, None] * basis
    values = np.asarray(linalg.eigvals(basis.conj().T @ image), dtype=np.complex128)
    return values[values.real < 0].conj()


class Iteration:
    """One run of the iteration; iterate over it to get the blocks.

    Parameters
    ----------
    absorber : Absorber
    factorization : Factorization
    shifts : Shifts

    Attributes
    ----------
    residual : (L, m) array
        W, as far as the iteration has come.
    """

    def __init__(self, absorber: Absorber, factorization: Factorization, shifts: Shifts) -> None:
        self._absorber, self._factorization, self._shifts = absorber, factorization, shifts
        self.residual = absorber.source

    def __iter__(self) -> Iterator[tuple[float, ComplexArray]]:
        """Weights c > 0 and blocks V with X = sum of c V V^H."""
        return self.run(self._shifts)

    def run(self, plan: Shifts) -> Iterator[tuple[float, ComplexArray]]:
        """The blocks of (more) shifts, from where the iteration is."""
        w = self.residual
        steps = zip(plan.values.tolist(), plan.sweeps.tolist(), plan.peaks.tolist(), strict=True)
        for shift, sweeps, peak in steps:
            factors = self._factorization.at(shift)
            block = factors.solve(w)
            width = -2.0 * shift.real
            if sweeps:
                width = self._correct(factors, block, peak, sweeps)
            yield width, block
            w += width * block

    def _correct(self, factors: Factors, block: ComplexArray, peak: int, sweeps: int) -> float:
        """Make the block exact along the eigenvector u that the shift belongs to; returns its width, -2 Re lambda.

        Where (A + p) u = -width u, y^T V = -y^T W / width with the left eigenvector y. The width follows from u as the
        sum of g |u|^2 over |u|^2, without cancellation.
        """
        sites, rates = self._absorber.sites, self._absorber.rates
        u = np.zeros(len(block), dtype=np.complex128)
        u[peak] = 1.0
        y = u
        for _ in range(sweeps):
            u = _direction(factors.solve(u[:, None])[:, 0])
            y = u if self._factorization.symmetric else _direction(factors.solve_transposed(y[:, None])[:, 0])
        width = float(np.sum(rates * np.abs(u[sites]) ** 2) / np.vdot(u, u).real)
        along = -(y @ self.residual) / width - y @ block
        block += np.outer(u, along / (y @ u))
        return width


def _direction(vector: ComplexArray) -> ComplexArray:
    return np.asarray(vector / vector[int(np.argmax(np.abs(vector)))])


class Elements:
    """Diagonal and chosen other elements of X, one contribution for every column of B.

    Parameters
    ----------
    size, count : int
        L and the number of columns of B.
    rows, columns : (n,) arrays of int
        The elements besides the diagonal.
    offsets : tuple of int
        Given instead where these are whole off-diagonals (k, k + d), which is faster.

    Attributes
    ----------
    diagonal : (L, m) array
    others : (n, m) array
        In the order of the pairs.
    """

    def __init__(self, size: int, count: int, rows: IntArray, columns: IntArray, offsets: tuple[int, ...] = ()) -> None:
        self._rows, self._columns, self._offsets = rows, columns, offsets
        self.diagonal = np.zeros((size, count), order="F")
        self.others = np.zeros((len(rows), count), dtype=np.complex128, order="F")

    def add(self, weight: float, block: ComplexArray) -> None:
        """Add weight * v v^H for every column v of the block."""
        scaled = np.sqrt(weight) * block
        conjugate = scaled.conj()
        self.diagonal += scaled.real**2 + scaled.imag**2
        if not self._offsets:
            if len(self._rows):
                self.others += scaled[self._rows] * conjugate[self._columns]
            return
        start = 0
        for offset in self._offsets:
            count = len(block) - offset
            self.others[start : start + count] += scaled[:count] * conjugate[offset:]
            start += count
