"""Levels of a Hermitian matrix and what their eigenvectors have on a few sites, to relative accuracy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import linalg

from .._progress import report
from .._typing import BoolArray, ComplexArray, IntArray, RealArray

_EPS = float(np.finfo(np.float64).eps)
_COLUMNS = 4096  # levels worked on at once: rows of them fit the cache
_ROWS = 32  # rows kept between two points from which the elimination can be taken up again
_FAINT = 100.0  # rounding errors of the levels in units of eps
_NUDGE = 1e-100  # moves a pivot of exactly zero, and no other
_DECADES = 250.0  # what a product of ratios over some rows may span
_TINY = 1e-300
_MIXED = 1e-6
_ROUNDS = 2
_STILL = 2.0  # rounding errors by which an eigenvalue may move without being followed


@dataclass(frozen=True)
class Levels:
    """Levels of a Hermitian matrix, ascending, and what its eigenvectors have on the absorbing sites.

    Attributes
    ----------
    energies : (L,) array
    amplitudes : (L, m) array
        Elements of the normalized eigenvectors on the sites (up to a phase for each vector).
    logs : (L, m) array
        Logarithms of their sizes, also where the amplitudes underflow.
    faint : (L, m) array
        Whether the vector vanishes on a site within rounding, in comparison with its surroundings.
    dips : (L, m) array
        Logarithms of how much the links bring from the neighbors of a site, in comparison with the norm of the matrix
        times what is on it, where that is more: what comes from both sides, or goes on, nearly cancels. Known for chains.
    gaps : (L,) array
        Distance from the nearest other level, infinite for a single one.
    peaks : (L,) array of int
        A site where the eigenvector is large.
    heights : (L,) array
        |v|^2 there.
    """

    energies: RealArray
    amplitudes: ComplexArray
    logs: RealArray
    faint: BoolArray
    dips: RealArray
    gaps: RealArray
    peaks: IntArray
    heights: RealArray


def level_gaps(energies: RealArray) -> RealArray:
    """Distance of each of the ascending levels from the nearest other one."""
    steps = np.diff(np.concatenate([[-np.inf], energies, [np.inf]]))
    return np.minimum(steps[1:], steps[:-1])


def dense_levels(matrix: ComplexArray, sites: IntArray) -> tuple[Levels, ComplexArray]:
    """Levels of a dense Hermitian matrix, and its eigenvectors, one a column."""
    energies, vectors = np.linalg.eigh(matrix)
    amplitudes = vectors[sites].T.astype(np.complex128)
    with np.errstate(divide="ignore"):
        logs = np.log(np.abs(amplitudes))
    faint = np.abs(amplitudes) < _FAINT * len(matrix) * _EPS
    peaks = np.argmax(np.abs(vectors), axis=0)
    heights = np.max(np.abs(vectors) ** 2, axis=0)
    dips = np.zeros_like(logs)
    return Levels(np.asarray(energies), amplitudes, logs, faint, dips, level_gaps(energies), peaks, heights), vectors


def tridiagonal_levels(diagonal: RealArray, off: RealArray, sites: IntArray) -> Levels:
    """Levels of a real symmetric tridiagonal matrix with positive off-diagonals, in O(L^2) time and O(L) memory.

    Elimination from both ends, which meets where the vector is large, gives the amplitudes, relatively accurate however
    small. The eigenvalues of the root-free QL iteration that it begins with are off by some power of L times rounding;
    the Rayleigh quotients that it gives are not, and with them it is done again.

    Parameters
    ----------
    diagonal, off : (L,) and (L - 1,) arrays
        ``off`` positive.
    sites : (m,) array of int
    """
    size = len(diagonal)
    first: RealArray = np.array(diagonal)
    if size > 1:
        first = np.asarray(linalg.eigvalsh_tridiagonal(diagonal, off, lapack_driver="sterf"), dtype=np.float64)
    near = np.unique(np.clip(np.add.outer(sites, [-1, 0, 1]), 0, size - 1))  # the sites and their neighbors
    rounding = _EPS * (float(np.abs(diagonal).max()) + 2 * float(np.abs(off).max(initial=0.0)))
    vectors = _Vectors(size, near)
    for _ in range(_ROUNDS):
        for start in range(0, size, _COLUMNS):
            report("levels", start, size)
            vectors.fill(diagonal, off, first[start : start + _COLUMNS], slice(start, start + _COLUMNS))
        report("levels", size, size)
        moved, first = np.abs(vectors.energies - first), vectors.energies.copy()
        if moved.max() <= _STILL * rounding:
            break
    energies, order = _ascending(vectors.energies)
    gaps = level_gaps(energies)
    own = np.searchsorted(near, sites)
    logs = vectors.logs[own][:, order].T
    around = np.max([vectors.logs[np.clip(own + d, 0, len(near) - 1)] for d in (-1, 0, 1)], axis=0)[:, order].T
    # Of levels that rounding mixes nothing is claimed but what is far below their surroundings.
    faint = logs < around + np.log(np.clip(_FAINT * rounding / gaps, _TINY, _MIXED))[:, None]
    amplitudes = (vectors.signs[own][:, order].T * np.exp(logs)).astype(np.complex128)
    brought = np.full(logs.shape, -np.inf)
    for side, link in ((-1, sites - 1), (1, sites)):
        there = (link >= 0) & (link < size - 1)
        brought[:, there] = np.maximum(
            brought[:, there], vectors.logs[own[there] + side][:, order].T + np.log(off[link[there]] * _EPS / rounding)
        )
    with np.errstate(invalid="ignore"):
        dips = np.maximum(np.nan_to_num(brought - logs, nan=0.0), 0.0)  # NaN: there is nothing on any of them
    return Levels(energies, amplitudes, logs, faint, dips, gaps, vectors.peaks[order], vectors.heights[order])


def _ascending(energies: RealArray) -> tuple[RealArray, IntArray]:
    """Sorted and distinct: levels that rounding makes one are set apart by as little."""
    order = np.argsort(energies, kind="stable")
    ranked = energies[order]
    step = np.spacing(np.abs(ranked).max(initial=0.0))
    places = np.arange(len(ranked)) * step
    return np.maximum.accumulate(ranked - places) + places if (np.diff(ranked) < step).any() else ranked, order


class _Vectors:
    """What is found of the eigenvectors, a block of levels at a time.

    ``logs`` and ``signs`` are those of the elements on the rows ``near``.
    """

    def __init__(self, size: int, near: IntArray) -> None:
        self.near = near
        self.energies, self.heights = np.empty((2, size))
        self.peaks = np.empty(size, dtype=np.intp)
        self.logs, self.signs = np.empty((2, len(near), size))

    def fill(self, diagonal: RealArray, off: RealArray, energies: RealArray, place: slice) -> None:
        meeting = _Meeting(diagonal, off, energies, self.near)
        self.energies[place] = energies - meeting.misfit / meeting.norm
        self.heights[place], self.peaks[place] = 1.0 / meeting.norm, meeting.peak
        for row, site in enumerate(self.near.tolist()):
            self.logs[row, place], self.signs[row, place] = meeting.element(site)


class _Scaled:
    """A product by its logarithm and sign."""

    def __init__(self, log: RealArray, sign: RealArray) -> None:
        self.log, self.sign = log, sign

    @classmethod
    def one(cls, count: int) -> _Scaled:
        return cls(np.zeros(count), np.ones(count))

    def times(self, factor: RealArray, at: IntArray | slice = slice(None)) -> _Scaled:
        return _Scaled(self.log[at] + np.log(np.abs(factor)), self.sign[at] * np.sign(factor))

    def put(self, at: IntArray, other: _Scaled) -> None:
        self.log[at], self.sign[at] = other.log, other.sign


class _Meeting:
    """Eliminations of (E - T) v = 0 from both ends, and where they meet: there G_kk = 1 / misfit_k is largest.

    With pivots b_k from above, b_k v_k = t_k v_k+1. Ratios of neighboring elements are products over the rows; sums of
    squares over the rows beside k, relative to v_k, follow along.
    """

    def __init__(self, diagonal: RealArray, off: RealArray, energies: RealArray, near: IntArray) -> None:
        self._h, self._t, self._energies, count = diagonal.tolist(), off.tolist(), energies, len(energies)
        self._near = set(near.tolist())
        self._starts = range(0, len(diagonal), _rows(diagonal, off))
        self.misfit, self.norm, self.peak = np.full(count, np.inf), np.ones(count), np.zeros(count, dtype=np.intp)
        self._above, self._below = _Scaled.one(count), _Scaled.one(count)  # v_0 / v_peak and v_L-1 / v_peak
        self._first: dict[int, tuple[_Scaled, _Scaled]] = {}  # the same for v_site
        self._marks = list(self._from_below())
        self._from_above()

    def element(self, site: int) -> tuple[RealArray, RealArray]:
        """Logarithm and sign of the element of the normalized vector, positive at the peak."""
        above, below = self._first[site]
        up = site <= self.peak
        log = np.where(up, self._above.log - above.log, self._below.log - below.log) - np.log(self.norm) / 2
        return log, np.where(up, self._above.sign * above.sign, self._below.sign * below.sign)

    def _from_below(self) -> Iterator[tuple[RealArray, RealArray, _Scaled]]:
        """Self-energy, sum of squares and product at the end of each stretch of rows, the last one first."""
        e, h, t = self._energies, self._h, self._t
        sigma, squares, ratio = np.zeros(len(e)), np.ones(len(e)), _Scaled.one(len(e))
        pivot, quotient, product = np.empty((3, len(e)))
        for start in reversed(self._starts):
            yield sigma.copy(), squares.copy(), ratio
            product[:] = 1.0
            for k in range(min(start + self._starts.step, len(h)) - 1, max(start, 1) - 1, -1):
                np.subtract(e, h[k], out=pivot)
                np.subtract(pivot, sigma, out=pivot)
                np.add(pivot, _NUDGE, out=pivot)
                np.divide(t[k - 1], pivot, out=quotient)
                np.multiply(t[k - 1], quotient, out=sigma)
                np.multiply(product, quotient, out=product)
                np.multiply(quotient, quotient, out=quotient)
                np.multiply(squares, quotient, out=squares)
                np.add(squares, 1.0, out=squares)
            ratio = ratio.times(product)

    def _rows_below(self, rows: slice, out: tuple[RealArray, RealArray, RealArray]) -> _Scaled:
        """Pivots from below, sums of squares and products on a stretch of rows; the product from its end on."""
        e, h, t = self._energies, self._h, self._t
        sigma, squares, ratio = self._marks.pop()
        pivots, sums, products = out
        last = rows.stop - rows.start - 1
        sums[last], products[last] = squares, 1.0
        quotient = np.empty(len(e))
        for i in range(last, -1, -1):
            k, pivot = rows.start + i, pivots[i]
            np.subtract(e, h[k], out=pivot)
            np.subtract(pivot, sigma, out=pivot)
            np.add(pivot, _NUDGE, out=pivot)
            if i:
                np.divide(t[k - 1], pivot, out=quotient)
                np.multiply(t[k - 1], quotient, out=sigma)
                np.multiply(products[i], quotient, out=products[i - 1])
                np.multiply(quotient, quotient, out=quotient)
                np.multiply(sums[i], quotient, out=sums[i - 1])
                np.add(sums[i - 1], 1.0, out=sums[i - 1])
        return ratio

    def _from_above(self) -> None:
        e, h, t, step = self._energies, self._h, self._t, self._starts.step
        below: tuple[RealArray, RealArray, RealArray] = tuple(np.empty((3, step, len(e))))  # type: ignore[assignment]
        sums, products = np.empty((2, step + 1, len(e)))
        sums[0], ratio, tau = 1.0, _Scaled.one(len(e)), np.zeros(len(e))
        pivot, quotient = np.empty((2, len(e)))
        for start in self._starts:
            rows = slice(start, min(start + step, len(h)))
            count = rows.stop - start
            rest, products[0] = self._rows_below(rows, below), 1.0
            for i in range(count):
                np.subtract(below[0][i], tau, out=below[0][i])  # now the misfit
                if start + i == len(t):
                    break
                np.subtract(e, h[start + i], out=pivot)
                np.subtract(pivot, tau, out=pivot)
                np.add(pivot, _NUDGE, out=pivot)
                np.divide(t[start + i], pivot, out=quotient)
                np.multiply(t[start + i], quotient, out=tau)
                np.multiply(products[i], quotient, out=products[i + 1])
                np.multiply(quotient, quotient, out=quotient)
                np.multiply(sums[i], quotient, out=sums[i + 1])
                np.add(sums[i + 1], 1.0, out=sums[i + 1])
            self._look(rows, below, (sums, products), (ratio, rest))
            ratio, sums[0] = ratio.times(products[count]) if rows.stop <= len(t) else ratio, sums[count]

    def _look(
        self,
        rows: slice,
        below: tuple[RealArray, RealArray, RealArray],
        above: tuple[RealArray, RealArray],
        ratios: tuple[_Scaled, _Scaled],
    ) -> None:
        """Keep the rows with the best fit, and what belongs to the sites."""
        count = rows.stop - rows.start
        sizes = np.abs(below[0][:count])
        better = np.flatnonzero(sizes.min(axis=0) < np.abs(self.misfit))
        if len(better):
            row = np.argmin(sizes[:, better], axis=0)
            here = (row, better)
            self.misfit[better], self.peak[better] = below[0][here], rows.start + row
            self.norm[better] = above[0][here] + below[1][here] - 1.0
            self._above.put(better, ratios[0].times(above[1][here], better))
            self._below.put(better, ratios[1].times(below[2][here], better))
        for site in self._near.intersection(range(rows.start, rows.stop)):
            i = site - rows.start
            self._first[site] = ratios[0].times(above[1][i]), ratios[1].times(below[2][i])


def _rows(diagonal: RealArray, off: RealArray) -> int:
    """How many rows make a stretch: a product of ratios over it must not underflow."""
    if not len(off):
        return 1
    largest = float(np.abs(diagonal).max() + 2 * np.abs(off).max())
    return max(1, min(_ROWS, int(_DECADES / np.log10(4 * largest / float(np.abs(off).min())))))
