r"""Squared columns of resolvents, and squared eigenvectors, of a tridiagonal matrix, summed with weights.

A column starts on a site and runs outward from it on both sides. With the pivots u of the elimination that comes in
from an end, each element follows from the one before it, y_k+1 = y_k t_k / u_k+1: products, in which nothing cancels.
Many columns are worked on together, row by row.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from .._progress import report
from .._typing import ComplexArray, IntArray, RealArray

_COLUMNS = 8192  # worked on at once
_ROWS = 32  # between two points from which the elimination can be taken up again
_NUDGE = 1e-145  # moves a pivot of exactly zero, and no other


class Sums(NamedTuple):
    """Weighted sums over columns y: of |y_k|^2, and of y_k conj(y_k+1) and y_k conj(y_k+2).

    Attributes
    ----------
    diagonal : (L, c) array
    links, next_links : (L - 1, c) and (L - 2, c) arrays
    """

    diagonal: RealArray
    links: ComplexArray
    next_links: ComplexArray

    @classmethod
    def zero(cls, size: int, count: int) -> Sums:
        """Nothing summed yet."""
        shapes = [(max(size - d, 0), count) for d in (1, 2)]
        return cls(np.zeros((size, count)), np.zeros(shapes[0], np.complex128), np.zeros(shapes[1], np.complex128))

    @property
    def mirrored(self) -> Sums:
        """The same sums as seen from the other end (views)."""
        return Sums(self.diagonal[::-1], self.links[::-1], self.next_links[::-1])


class Band(NamedTuple):
    """A real symmetric tridiagonal matrix H with losses, H - i diag(losses)/2.

    Attributes
    ----------
    diagonal, off, losses : (L,), (L - 1,) and (L,) arrays
        ``off`` positive.
    """

    diagonal: RealArray
    off: RealArray
    losses: RealArray

    @property
    def mirrored(self) -> Band:
        """The same seen from the other end."""
        return Band(self.diagonal[::-1], self.off[::-1], self.losses[::-1])


def add_columns(sums: Sums, band: Band, energies: RealArray, starts: IntArray, weights: RealArray) -> None:
    """Add normalized columns of (E - H + i losses/2)^-1, each with its weights.

    Parameters
    ----------
    sums : Sums
        Added to.
    band : Band
    energies : (n,) array
    starts : (n,) array of int
        Site of each column. Without losses, and at a level of H, the column is the eigenvector whatever the site, and
        accurate if that is where the vector is large.
    weights : (n, c) array
    """
    order = np.argsort(starts, kind="stable")
    for start in range(0, len(order), _COLUMNS):
        report("nodes", start, len(order))
        part = order[start : start + _COLUMNS]
        _add_block(sums, band, energies[part], starts[part], weights[part])
    report("nodes", len(order), len(order))


def _add_block(sums: Sums, band: Band, energies: RealArray, starts: IntArray, weights: RealArray) -> None:
    size = len(band.diagonal)
    onward = _Ray(band, energies, starts)
    backward = _Ray(band.mirrored, energies[::-1].copy(), size - 1 - starts[::-1])
    square = 1.0 / (onward.squares + backward.squares[::-1] - 1.0)
    np.add.at(sums.diagonal, starts, square[:, None] * weights)
    onward.add(sums, square, weights)
    other = Sums.zero(size, weights.shape[1]).mirrored
    backward.add(other, square[::-1].copy(), weights[::-1].copy())
    for whole, part in zip(sums, other.mirrored, strict=True):
        np.add(whole, part.conj(), out=whole)  # seen from the other end, y_k+1 conj(y_k)
    inside = (starts > 0) & (starts < size - 1)
    across = square * (onward.first * backward.first[::-1].conj())  # t y_k-1/y_k conj(t y_k+1/y_k), k the start
    at = starts[inside]
    across[inside] /= band.off[at - 1] * band.off[at]
    np.add.at(sums.next_links, at - 1, across[inside, None] * weights[inside])


class _Ray:
    """The elements of columns beyond their starts, toward the last row.

    Attributes
    ----------
    squares : (n,) array
        Sum of |y_k|^2 from the start on, over that at the start.
    first : (n,) array
        conj(t y_k+1 / y_k) at the start k.
    """

    def __init__(self, band: Band, energies: RealArray, starts: IntArray) -> None:
        self._h, self._t, self._half = band.diagonal.tolist(), band.off.tolist(), (band.losses / 2).tolist()
        self._off, self._e, self._starts = band.off, energies, starts
        # A column takes part from its start on: the first ones, as they are in the order of their starts.
        self._active = np.searchsorted(starts, np.arange(len(self._h)), side="right").tolist()
        begin = int(starts[0]) if len(starts) else len(self._h)
        self._stretches = range(begin, len(self._h) - 1, _ROWS)
        real, imaginary, self.squares = np.zeros(len(energies)), np.zeros(len(energies)), np.ones(len(energies))
        self._marks = list(self._inward(real, imaginary))
        self.first = real + 1j * imaginary

    def _inward(self, real: RealArray, imaginary: RealArray) -> Iterator[tuple[RealArray, RealArray]]:
        """Self-energies at the end of each stretch, the last one first; follows them to the start of each column."""
        pivot, size, factor = np.empty((3, len(real)))
        for start in reversed(self._stretches):
            yield real.copy(), imaginary.copy()
            for k in range(min(start + _ROWS, len(self._h) - 1), start, -1):
                n = self._active[k - 1]
                a, r, i, d, f, s = pivot[:n], real[:n], imaginary[:n], size[:n], factor[:n], self.squares[:n]
                self._factor(k, (a, r, i, d, f))
                np.multiply(a, f, out=r)
                np.multiply(i, f, out=i)
                np.multiply(s, f, out=s)
                np.add(s, 1.0, out=s)

    def _factor(self, k: int, work: tuple[RealArray, RealArray, RealArray, RealArray, RealArray]) -> None:
        """F = |t/u|^2 from the self-energy r - i (i) of row k; leaves the real part of the pivot u in a."""
        a, r, i, d, f = work
        np.subtract(self._e[: len(a)], r, out=a)
        np.subtract(a, self._h[k], out=a)
        np.add(a, _NUDGE, out=a)
        if self._half[k]:
            np.add(i, self._half[k], out=i)
        np.multiply(a, a, out=d)
        np.multiply(i, i, out=f)
        np.add(d, f, out=d)
        np.divide(self._t[k - 1] ** 2, d, out=f)

    def add(self, sums: Sums, squares: RealArray, weights: RealArray) -> None:
        """Run outward: add |y|^2 and products of neighbors to the sums."""
        count = len(self._e)
        factor, real, imaginary, y, u, v = np.zeros((6, _ROWS + 1, count))
        work = np.empty((2, count))
        before = None
        for start in self._stretches:
            rows = min(_ROWS, len(self._h) - 1 - start)
            self._stretch(start, rows, (factor, real, imaginary), work)
            self._squares(start, rows, factor, (y, squares))
            sums.diagonal[start + 1 : start + rows + 1] += self._running(start, rows, y) @ weights
            np.multiply(y[:rows], real[1 : rows + 1], out=u[:rows])
            np.multiply(y[:rows], imaginary[1 : rows + 1], out=v[:rows])
            t = self._off[start : start + rows, None]
            sums.links[start : start + rows] += (u[:rows] @ weights + 1j * (v[:rows] @ weights)) / t
            if before is not None:
                pair = _products(*before, real[1], imaginary[1]) @ weights
                sums.next_links[start - 1] += pair / (self._off[start - 1] * self._off[start])
            if rows > 1:
                inner = slice(0, rows - 1)
                after = slice(2, rows + 1)
                pairs = _products(u[inner], v[inner], real[after], imaginary[after]) @ weights
                sums.next_links[start : start + rows - 1] += pairs / (t[:-1] * t[1:])
            before = u[rows - 1].copy(), v[rows - 1].copy()
            y[0] = y[rows]

    def _stretch(self, start: int, rows: int, out: tuple[RealArray, RealArray, RealArray], work: RealArray) -> None:
        """Factors and self-energies times t on the rows after ``start``, from the mark at their end."""
        factor, real, imaginary = out
        r, i = self._marks.pop()
        for row in range(rows, 0, -1):
            k = start + row
            n = self._active[k - 1]
            r, i = r[:n], i[:n]
            a, f = work[0, :n], factor[row, :n]
            self._factor(k, (a, r, i, work[1, :n], f))
            np.multiply(a, f, out=real[row, :n])
            np.multiply(i, f, out=imaginary[row, :n])
            r, i = real[row], imaginary[row].copy() if self._half[k - 1] else imaginary[row]

    def _squares(self, start: int, rows: int, factor: RealArray, out: tuple[RealArray, RealArray]) -> None:
        """|y|^2 on the rows; columns that start here begin with their own."""
        y, squares = out
        for row in range(rows + 1):
            k = start + row
            n = self._active[k - 1] if k else 0
            if row:
                np.multiply(y[row - 1, :n], factor[row, :n], out=y[row, :n])
            if row or start == self._stretches.start:
                y[row, n : self._active[k]] = squares[n : self._active[k]]
                y[row, self._active[k] :] = 0.0

    def _running(self, start: int, rows: int, y: RealArray) -> RealArray:
        """|y|^2 on the rows after ``start``, without the columns that begin on each."""
        if self._active[start] == len(self._e):
            return y[1 : rows + 1]
        out = y[1 : rows + 1].copy()
        for row in range(rows):
            out[row, self._active[start + row] :] = 0.0
        return out


def _products(u: RealArray, v: RealArray, real: RealArray, imaginary: RealArray) -> ComplexArray:
    """(u + iv) (real + i imaginary)."""
    out = np.empty(u.shape, dtype=np.complex128)
    np.subtract(u * real, v * imaginary, out=out.real)
    np.add(u * imaginary, v * real, out=out.imag)
    return out
