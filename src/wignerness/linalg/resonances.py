r"""Complex eigenvalues of a Hermitian matrix with a few absorbing sites, H - i diag(g)/2.

The levels E_j of H and the amplitudes h_j of its eigenvectors on the absorbing sites say all: the eigenvalues
z are the zeros of :math:`\det F(z),\; F(z) = 1 + i \sum_j h_j h_j^\dagger / (z - E_j)`, a matrix of the size of the
number of sites. Each is found as a complex shift delta_j off its level, to a relative and not only an absolute
accuracy: widths far below the rounding of the levels keep their digits.
"""

from __future__ import annotations

import numpy as np

from .._typing import ComplexArray, IntArray, RealArray
from .levels import Levels

_BLOCK = 256  # levels whose sums are taken together
_ROWS = 64
_NODES = 12  # Chebyshev nodes that carry the sum over distant levels
_FAINT = 100.0  # rounding errors of the levels in units of eps
_STEPS = 30
_TINY = 1e-300
_CLOSE = 1e-3  # part of its width that a resonance may be off by: convergence needs it near, not exact


def tridiagonal_vectors(diagonal: RealArray, off: RealArray, energies: RealArray) -> RealArray:
    """Normalized eigenvectors at some levels, one a column, shape (L, n)."""
    if not len(energies):
        return np.zeros((len(diagonal), 0))
    return TwistedVectors(diagonal, off, energies).elements()


class TwistedVectors:
    """Normalized eigenvectors of T at the energies, by their logarithms and signs."""

    def __init__(self, diagonal: RealArray, off: RealArray, energies: RealArray) -> None:
        self.down, self.up = _Elimination(diagonal, off, energies), _Elimination(diagonal[::-1], off[::-1], energies)
        self.last, columns = len(diagonal) - 1, np.arange(len(energies))
        self.place = self._meeting_points(diagonal, energies)
        self.down.accumulate()
        self.up.accumulate()
        self.there, self.mirrored = (self.place, columns), (self.last - self.place, columns)
        # Sum of squares over both sides, with the meeting point at one and counted once.
        self.log_norm = 0.5 * np.log(self.down.squares[self.there] + self.up.squares[self.mirrored] - 1.0)

    def _meeting_points(self, diagonal: RealArray, energies: RealArray) -> IntArray:
        """Where the eliminations from both sides fit best: there the vector is large."""
        size, columns = self.last + 1, np.arange(len(energies))
        best, place = np.full(len(energies), np.inf), np.zeros(len(energies), dtype=np.intp)
        for start in range(0, size, _ROWS):  # few rows at a time, which the cache holds
            stop = min(start + _ROWS, size)
            misfit = self.down.pivots[start:stop] + self.up.pivots[size - stop : size - start][::-1]
            misfit -= diagonal[start:stop, None] - energies
            np.abs(misfit, out=misfit)
            lowest = np.argmin(misfit, axis=0)
            value = misfit[lowest, columns]
            closer = value < best
            best[closer], place[closer] = value[closer], start + lowest[closer]
        return place

    def log(self, site: int) -> RealArray:
        """The logarithm of |v_site|, for every energy."""
        above = self.down.logs[self.there] - self.down.logs[site]
        below = self.up.logs[self.mirrored] - self.up.logs[self.last - site]
        return np.asarray(np.where(site <= self.place, above, below) - self.log_norm)

    def log_around(self, site: int) -> RealArray:
        """The largest logarithm of the site and its neighbors."""
        near = [k for k in (site - 1, site, site + 1) if 0 <= k <= self.last]
        return np.asarray(np.max([self.log(k) for k in near], axis=0))

    def sign(self, site: int) -> RealArray:
        """The sign of v_site, that of the meeting point being positive."""
        above = self.down.flips[self.there] ^ self.down.flips[site]
        below = self.up.flips[self.mirrored] ^ self.up.flips[self.last - site]
        return np.where(np.where(site <= self.place, above, below), -1.0, 1.0)

    def elements(self) -> RealArray:
        """The vectors, one a column, shape (L, m)."""
        columns = np.arange(len(self.place))
        log = self.down.logs[self.place, columns] - self.down.logs
        flip = self.down.flips[self.place, columns] ^ self.down.flips
        below = np.arange(self.last + 1)[:, None] > self.place
        np.copyto(log, (self.up.logs[self.mirrored] - self.up.logs)[::-1], where=below)
        np.copyto(flip, (self.up.flips[self.mirrored] ^ self.up.flips)[::-1], where=below)
        return np.asarray(np.where(flip, -1.0, 1.0) * np.exp(log - self.log_norm))


class _Elimination:
    """Elimination of T - E from the first site on, for every energy a column.

    Attributes
    ----------
    pivots : (L, m) array
    squares : (L, m) array
        Sum of v_j^2 for j <= k, where v solves the rows above k and v_k = 1.
    logs : (L, m) array
        Running sum of the logarithm of |v_{k-1} / v_k|.
    flips : (L, m) array of bool
        Whether v_0 and v_k differ in sign.
    """

    def __init__(self, diagonal: RealArray, off: RealArray, energies: RealArray) -> None:
        self.off = off
        self.pivots, self.squares = np.empty((2, len(diagonal), len(energies)))
        unit = np.spacing(np.abs(diagonal).max() + 2 * np.abs(off).max(initial=0.0))
        while not self._sweep(diagonal, energies):
            energies = energies + unit  # an exact zero was met

    def _sweep(self, diagonal: RealArray, energies: RealArray) -> bool:
        pivots, squares = self.pivots, self.squares
        quotient, product = np.empty((2, len(energies)))
        pivots[0], squares[0] = diagonal[0] - energies, 1.0
        rows = zip(pivots[:-1], pivots[1:], squares[:-1], squares[1:], strict=True)
        numbers = zip(self.off.tolist(), diagonal[1:].tolist(), strict=True)
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            for (coupling, frequency), (pivot, below, square, grown) in zip(numbers, rows, strict=True):
                np.divide(coupling, pivot, out=quotient)
                np.multiply(coupling, quotient, out=product)
                np.subtract(frequency, energies, out=below)
                np.subtract(below, product, out=below)
                np.multiply(quotient, quotient, out=quotient)
                np.multiply(quotient, square, out=grown)
                np.add(grown, 1.0, out=grown)
        return bool(np.isfinite(pivots[-1]).all() and (pivots[-1] != 0).all() and not np.isnan(squares[-1]).any())

    def accumulate(self) -> None:
        """Turn the pivots into logarithms and signs of the ratios (in place)."""
        ratios = self.pivots
        np.divide(-self.off[:, None], ratios[:-1], out=ratios[1:])
        self.flips = np.zeros(ratios.shape, dtype=np.bool_)
        np.less(ratios[1:], 0, out=self.flips[1:])
        np.log(np.abs(ratios[1:], out=ratios[1:]), out=ratios[1:])
        ratios[0] = 0.0
        # Row by row: accumulate would go down the columns.
        for above, row, flips_above, flips in zip(ratios, ratios[1:], self.flips, self.flips[1:], strict=False):
            np.add(row, above, out=row)
            np.logical_xor(flips, flips_above, out=flips)
        self.logs = ratios


class _Sums:
    """Sums over all levels but one, at points near each: F without its own pole, its derivative, and of 1/(z - E).

    Distant levels act through a few Chebyshev nodes a block; blocks whose levels or points are near are summed as
    they are.
    """

    def __init__(self, levels: Levels, couplings: ComplexArray) -> None:
        self.energies = levels.energies
        self.m = couplings.shape[1]
        # The upper triangle is enough where F is symmetric, but with complex couplings it is not.
        self.charges = (couplings[:, :, None] * couplings[:, None, :].conj()).reshape(len(couplings), -1)

    def at(self, shifts: ComplexArray, wanted: IntArray) -> tuple[ComplexArray, ComplexArray, ComplexArray]:
        """R_i, R_i' and the sum of 1/(z_i - E_j) - 1/(z_i - z_j), j != i, for the levels ``wanted``."""
        size, m = len(self.energies), self.m
        r = np.zeros((size, m * m), dtype=np.complex128)
        slope, push = np.zeros_like(r), np.zeros(size, dtype=np.complex128)
        for start in range(0, size, _BLOCK):
            own = wanted[(wanted >= start) & (wanted < start + _BLOCK)]
            if len(own):
                self._block(start, own, shifts, r, slope, push)
        shape = (size, m, m)
        return np.eye(m) + 1j * r.reshape(shape)[wanted], -1j * slope.reshape(shape)[wanted], push[wanted]

    def _block(
        self, start: int, own: IntArray, shifts: ComplexArray, r: ComplexArray, slope: ComplexArray, push: ComplexArray
    ) -> None:
        energies, stop = self.energies, min(start + _BLOCK, len(self.energies))
        low, high = energies[start], energies[stop - 1]
        width = max(high - low, 1e-300)
        # Blocks as far off as they are wide are distant, for points that stay close to the line.
        first, last = np.searchsorted(energies, [low - width, high + width])
        calm = np.abs(shifts[own]) < 0.2 * width
        near = own[calm]
        far = np.r_[0:first, last : len(energies)]
        self._add(near, np.arange(first, last), shifts, r, slope, push)
        self._add(own[~calm], np.arange(len(energies)), shifts, r, slope, push)
        if len(far) and len(near):
            nodes = np.cos(np.pi * (np.arange(_NODES) + 0.5) / _NODES)
            points = (low + high) / 2 + width / 2 * nodes
            inverse = 1.0 / (points[:, None] - energies[far])
            values = np.hstack(
                [
                    inverse @ self.charges[far],
                    (inverse * inverse) @ self.charges[far],
                    (inverse - 1.0 / (points[:, None] - energies[far] - shifts[far])).sum(axis=1)[:, None],
                ]
            )
            places = ((energies[near] - low) + (energies[near] - high) + 2 * shifts[near]) / width
            found = _chebyshev(nodes, places) @ values
            m2 = self.m**2
            r[near] += found[:, :m2]
            slope[near] += found[:, m2 : 2 * m2]
            push[near] += found[:, -1]

    def _add(
        self,
        own: IntArray,
        others: IntArray,
        shifts: ComplexArray,
        r: ComplexArray,
        slope: ComplexArray,
        push: ComplexArray,
    ) -> None:
        for piece in np.array_split(own, 1 + len(own) * len(others) // 2**21):
            distance = (self.energies[piece, None] - self.energies[others]) + shifts[piece, None]
            itself = piece[:, None] == others
            distance[itself | (distance == 0)] = np.inf  # degenerate levels do not push each other
            inverse = 1.0 / distance
            r[piece] += inverse @ self.charges[others]
            slope[piece] += (inverse * inverse) @ self.charges[others]
            distance -= shifts[others]
            distance[distance == 0] = np.inf
            push[piece] += (inverse - 1.0 / distance).sum(axis=1)


def _chebyshev(nodes: RealArray, points: ComplexArray) -> ComplexArray:
    """Interpolation from Chebyshev nodes of the first kind to (complex) points, shape (points, nodes)."""
    count = len(nodes)
    low: ComplexArray = np.array([np.ones_like(points), points])
    basis = [low[0], low[1]]
    for _ in range(2, count):
        basis.append(2 * points * basis[-1] - basis[-2])
    angles = np.pi * (np.arange(count) + 0.5) / count
    transform = np.cos(np.outer(np.arange(count), angles)) * (2.0 / count)
    transform[0] /= 2
    return np.asarray(np.array(basis).T @ transform)


def resonance_shifts(levels: Levels, rates: RealArray) -> ComplexArray:
    """Complex shifts delta of the levels that make E + delta the eigenvalues of H - i diag(rates)/2.

    By simultaneous (Ehrlich-Aberth) iteration on the secular equation. A shift that does not settle, as may happen at
    exceptional points, is returned as it is: near enough for what they are used for.

    Parameters
    ----------
    levels : Levels
    rates : (m,) array

    Returns
    -------
    (L,) array
        Imaginary parts are negative.
    """
    couplings = levels.amplitudes * np.sqrt(rates / 2)
    strengths = np.sum(np.abs(couplings) ** 2, axis=1)
    sums = _Sums(levels, couplings)
    # A little off every symmetry: two levels that must part along their mirror line would never do so.
    turn = 0.1 * np.exp(1j * np.arange(len(strengths)) ** 2)
    shifts = _first_shifts(levels, couplings, sums) * (1.0 + turn)
    moving = np.flatnonzero(strengths > 0)
    for _ in range(_STEPS):
        r, slope, push = sums.at(shifts, moving)
        h = couplings[moving][:, :, None]
        solved = np.linalg.solve(r, np.concatenate([h, slope], axis=2))
        weight = 1j * np.sum(h[:, :, 0].conj() * solved[:, :, 0], axis=1)
        value = shifts[moving] + weight
        turn = np.einsum("jab,jb->ja", solved[:, :, 1:], solved[:, :, 0])
        growth = 1.0 - 1j * np.sum(h[:, :, 0].conj() * turn, axis=1)
        trace = np.trace(solved[:, :, 1:], axis1=1, axis2=2)
        step = -value / (growth + value * (trace + push))
        step = np.where(np.isfinite(step), step, 0.0)
        # A resonance is damped: a step across the real line is reflected to half the width.
        proposed = shifts[moving] + step
        proposed = np.where(proposed.imag < 0, proposed, proposed.real + 0.5j * shifts[moving].imag)
        shifts[moving] = proposed
        moving = moving[np.abs(step) > _CLOSE * np.abs(proposed.imag)]
        if not len(moving):
            break
    return np.asarray(shifts.real - 1j * np.abs(shifts.imag))  # one that has not settled may be anywhere


def _first_shifts(levels: Levels, couplings: ComplexArray, sums: _Sums) -> ComplexArray:
    """First-order shifts; where a site absorbs faster than it exchanges, one broad resonance of its own and narrow others."""
    weights = np.abs(levels.amplitudes) ** 2
    absorbed = np.sum(np.abs(couplings) ** 2, axis=0) / np.maximum(weights.sum(axis=0), 1e-300)  # rate / 2
    centers = levels.energies @ weights
    spreads = np.sqrt(np.sum((levels.energies[:, None] - centers) ** 2 * weights, axis=0))
    broad = np.flatnonzero(absorbed > spreads)
    shifts: ComplexArray = -1j * np.sum(np.abs(couplings) ** 2, axis=1)
    if not len(broad) or len(levels.energies) == 1:
        return np.asarray(shifts)
    everything = np.arange(len(shifts))
    r, _, _ = sums.at(np.zeros_like(shifts), everything)
    found = -1j * np.einsum("ja,ja->j", couplings.conj(), np.linalg.solve(r, couplings[:, :, None])[:, :, 0])
    shifts = np.where(found.imag < 0, found, shifts)
    free = np.ones(len(shifts), dtype=np.bool_)
    for rank, site in enumerate(broad):
        apart = 0.5 * spreads[site] * (rank + 1 - len(broad) / 2) / len(broad)  # alike sites must not start as one
        taken = int(np.argmax(np.where(free, weights[:, site], -1.0)))
        free[taken] = False
        shifts[taken] = centers[site] + apart - 1j * absorbed[site] - levels.energies[taken]
    return shifts
