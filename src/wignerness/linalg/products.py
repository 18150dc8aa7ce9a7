"""Products of one matrix with many others, in double precision and beyond.

Beyond double precision both factors are split into slices so short that the products of leading slices are exact in
double precision (Ozaki, Ogita, Oishi and Rump, Numer. Algorithms 59, 95 (2012)): all the arithmetic runs in BLAS, and
is the same on every machine. Products with what the slices leave are so small that they may be rounded.
"""

from __future__ import annotations

import itertools
from functools import cached_property
from typing import NamedTuple, TypeAlias

import numpy as np
from scipy import sparse

from .._typing import Array, IntArray, RealArray

Part: TypeAlias = "RealArray | sparse.csr_array"

MOST_SLICES = 3  # with n < 32768, more than 19 bits each: beyond the precision of a pair
_SPARSE_FROM = 64
_SPARSE_BELOW = 1 / 30  # share of non-zero elements below which sparse products are faster


class _Slices(NamedTuple):
    """``heads[0] + ... + heads[m - 1] + tails[m]`` is the matrix, up to rounding of the last bit of the tail."""

    heads: list[Part]
    tails: list[Part]


class Multiplier:
    """A matrix to multiply others with, from the left: ``hi + lo``, real or complex, dense or with few elements.

    Parameters
    ----------
    hi, lo : (m, n) arrays
    """

    def __init__(self, hi: Array, lo: Array) -> None:
        self.hi, self.lo = hi, lo
        self._sliced: dict[int, list[_Slices | None]] = {}

    @cached_property
    def _plain(self) -> Array | sparse.csr_array:
        return sparse.csr_array(self.hi) if _is_sparse(self.hi) else self.hi

    @cached_property
    def _imaginary_but_for_the_diagonal(self) -> tuple[RealArray, RealArray] | None:
        """The real diagonal and the imaginary part, where the matrix consists of them."""
        if sparse.issparse(self._plain) or not np.iscomplexobj(self.hi) or self.hi.shape[0] != self.hi.shape[1]:
            return None
        diagonal = self.hi.diagonal().real
        if np.count_nonzero(self.hi.real) != np.count_nonzero(diagonal):
            return None
        return diagonal.copy(), np.ascontiguousarray(self.hi.imag)

    def times(self, x: Array) -> Array:
        """``hi @ x`` in double precision."""
        if not np.iscomplexobj(x):
            return np.asarray(self._plain @ x)
        if not np.iscomplexobj(self.hi):
            return _by_real(self._plain, x)
        if self._imaginary_but_for_the_diagonal is None:
            return np.asarray(self._plain @ x)
        diagonal, imaginary = self._imaginary_but_for_the_diagonal
        turned = _by_real(imaginary, x)
        turned *= 1j
        turned += diagonal[:, None] * x
        return turned

    def adjoint_times(self, x: Array) -> Array:
        """``hi^H @ x`` in double precision, for an x of few columns."""
        return np.asarray((x.conj().T @ self._plain).conj().T)

    def times_exactly(self, hi: Array, lo: Array, slices: int = MOST_SLICES) -> tuple[Array, Array]:
        """``(self.hi + self.lo) @ (hi + lo)`` as a sum of two arrays.

        The error is about 2^-(53 + 21 slices) of (largest entry in a row of the first) x (largest entry in a column of
        the second) x n; with three slices it is that of a pair of doubles, 2^-104. Costs as many real products as
        1/2 (slices + 1) (slices + 2), for each pair of a real or imaginary part with another. Neither factor may come
        near overflow.
        """
        bits = bits_of_a_slice(len(hi))
        left = self._sliced.setdefault(slices, []) or self._slice(bits, slices)
        right = _slices([_Packing(part, rest) for part, rest in _parts(hi, lo)], 0, bits, slices)
        one, i = left
        other = right[1] if len(right) > 1 else None
        real = _summed([(1, one, right[0]), (-1, i, other)], slices)
        imaginary = _summed([(1, one, other), (1, i, right[0])], slices)
        shape = self.hi.shape[0], hi.shape[1]
        if not np.iscomplexobj(self.hi) and len(right) == 1:
            return real or (np.zeros(shape), np.zeros(shape))
        high, low = np.zeros(shape, dtype=np.complex128), np.zeros(shape, dtype=np.complex128)
        if real is not None:
            high.real, low.real = real
        if imaginary is not None:
            high.imag, low.imag = imaginary
        return high, low

    def _slice(self, bits: int, slices: int) -> list[_Slices | None]:
        """Slices of the real and of the imaginary part; None for one that is zero."""
        parts = _parts(self.hi, self.lo)
        present = [part.any() or rest.any() for part, rest in parts]
        packings = [_Packing(part, rest, few=_is_sparse(part)) for part, rest in itertools.compress(parts, present)]
        found = iter(_slices(packings, 1, bits, slices))
        self._sliced[slices] = [*(next(found) if there else None for there in present), None][:2]
        return self._sliced[slices]


def bits_of_a_slice(n: int) -> int:
    """Bits that two factors may have each, so that a sum of 2 n products is exact."""
    return (53 - (2 * n - 1).bit_length()) // 2


def _is_sparse(matrix: Array) -> bool:
    """Whether products are faster with the matrix as a sparse one."""
    return min(matrix.shape) >= _SPARSE_FROM and bool(np.count_nonzero(matrix) < _SPARSE_BELOW * matrix.size)


def _parts(hi: Array, lo: Array) -> list[tuple[RealArray, RealArray]]:
    if not np.iscomplexobj(hi):
        return [(hi, lo)]
    return [(hi.real, lo.real), (hi.imag, lo.imag)]


def _by_real(matrix: Part, x: Array) -> Array:
    """Product with a real matrix, which takes real and imaginary parts of x side by side."""
    return np.asarray(matrix @ np.ascontiguousarray(x).view(np.float64)).view(np.complex128)


class _Packing:
    """The elements of a matrix that are not zero, to be sliced, and the way back."""

    def __init__(self, matrix: RealArray, rest: RealArray, *, few: bool = False) -> None:
        self.shape = matrix.shape
        self.rows: IntArray | None = None
        self.left, self.below = matrix, rest
        if few:
            self.rows, columns = np.nonzero((matrix != 0) | (rest != 0))
            self._pattern = sparse.csr_array((np.ones(len(columns)), (self.rows, columns)), shape=matrix.shape)
            self.left, self.below = matrix[self.rows, columns], rest[self.rows, columns]

    def largest(self, axis: int) -> RealArray:
        """Largest element of every row (axis 1) or column (axis 0)."""
        if self.rows is None:
            return np.asarray(np.abs(self.left).max(axis=axis, keepdims=True, initial=0.0))
        top = np.zeros(self.shape[0])
        np.maximum.at(top, self.rows, np.abs(self.left))
        return top[:, None]

    def matrix(self, values: RealArray) -> Part:
        """The matrix with other values."""
        if self.rows is None:
            return values
        return sparse.csr_array((values, self._pattern.indices, self._pattern.indptr), shape=self.shape)

    def take_head(self, anchor: RealArray) -> Part:
        """Round every element to a multiple of 2^-52 of its anchor, and keep what is left."""
        anchor = anchor if self.rows is None else anchor[self.rows, 0]
        head = (self.left + anchor) - anchor
        self.left = self.left - head
        return self.matrix(head)

    @property
    def tail(self) -> Part:
        """What has not been taken."""
        return self.matrix(self.left + self.below)


def _slices(parts: list[_Packing], axis: int, bits: int, count: int) -> list[_Slices]:
    """Split matrices into summands of ``bits`` bits, aligned along ``axis`` for all of them together."""
    found = [_Slices([], [part.tail]) for part in parts]
    for _ in range(count):
        top = np.maximum.reduce([part.largest(axis) for part in parts]) if parts else np.zeros(0)
        if not top.any():
            break
        anchor = np.ldexp(1.5, np.frexp(top)[1] + (52 - bits))
        for slices, part in zip(found, parts, strict=True):
            slices.heads.append(part.take_head(anchor))
            slices.tails.append(part.tail)
    return found


def _summed(terms: list[tuple[int, _Slices | None, _Slices | None]], slices: int) -> tuple[RealArray, RealArray] | None:
    """Sum of products with signs: first the exact ones, with the error of every addition kept."""
    present = [(sign, a, b) for sign, a, b in terms if a is not None and b is not None]
    if not present:
        return None
    shape = present[0][1].tails[0].shape[0], present[0][2].tails[0].shape[1]
    high, low = np.zeros(shape), np.zeros(shape)
    orders = [(i, order - i) for order in range(slices) for i in range(order + 1)]
    for i, j in orders:
        factors = [(sign, a.heads[i], b.heads[j]) for sign, a, b in present if i < len(a.heads) and j < len(b.heads)]
        if factors:
            exact = _signed_sum(factors)
            total = high + exact
            part = total - high
            low += (high - (total - part)) + (exact - part)
            high = total
    for sign, a, b in present:
        small = [(sign, head, b.tails[min(slices - i, len(b.heads))]) for i, head in enumerate(a.heads)]
        low += _signed_sum([*small, (sign, a.tails[-1], b.tails[0])])
    total = high + low
    return total, low - (total - high)


def _signed_sum(terms: list[tuple[int, Part, Part]]) -> RealArray:
    """Sum of products; exact, if all partial sums are multiples of one power of two and short enough."""
    total: RealArray | None = None
    for sign, left, right in terms:
        found = np.asarray(left @ right)
        if total is None:
            total = found if sign > 0 else -found
        elif sign > 0:
            total += found
        else:
            total -= found
    return np.zeros(0) if total is None else total
