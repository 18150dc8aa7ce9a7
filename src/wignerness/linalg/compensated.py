"""Twice the working precision: unevaluated sums of two doubles, and exact matrix products.

A :class:`Pair` ``(hi, lo)`` stands for ``hi + lo``, about 32 digits. The matrix product splits its
factors into slices so short that every partial product is exact in double precision (Ozaki, Ogita,
Oishi and Rump, Numer. Algorithms 59, 95 (2012)), so that all the arithmetic runs in BLAS and is the
same on every machine.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .._typing import Array, ComplexArray, RealArray

# 4 slices of more than 19 bits (n < 32768) hold a double completely; the rest is range within a row.
_MAX_SLICES = 6
# Partial products this many bits below the leading one are beyond the precision of a pair.
_BITS_KEPT = 112


class Pair(NamedTuple):
    """The unevaluated sum ``hi + lo`` of two arrays of equal shape."""

    hi: Array
    lo: Array

    @classmethod
    def exactly(cls, array: ComplexArray | RealArray) -> Pair:
        """An array of doubles as a pair."""
        return cls(np.asarray(array, dtype=np.complex128), np.zeros(np.shape(array), dtype=np.complex128))

    def scaled(self, factor: float) -> Pair:
        """The pair times a power of two (exact)."""
        return Pair(self.hi * factor, self.lo * factor)

    @property
    def adjoint(self) -> Pair:
        """The conjugate transpose."""
        return Pair(self.hi.conj().T, self.lo.conj().T)


def two_sum(a: Array, b: Array) -> Pair:
    """``a + b`` exactly, as a rounded sum and its error (Knuth)."""
    total = a + b
    part = total - a
    return Pair(total, (a - (total - part)) + (b - part))


def add(p: Pair, q: Pair) -> Pair:
    """Sum of two pairs, with a relative error of a few 2^-104."""
    head = two_sum(p.hi, q.hi)
    tail = two_sum(p.lo, q.lo)
    head = two_sum(head.hi, head.lo + tail.hi)
    return two_sum(head.hi, head.lo + tail.lo)


def times(weights: RealArray, p: Pair) -> Pair:
    """Elementwise product of doubles and a pair; the leading product is exact (Dekker, Veltkamp)."""
    hi = weights * p.hi
    w_top = _upper_half(weights)
    w_rest = weights - w_top
    x_top = _upper_half(p.hi.real) + 1j * _upper_half(p.hi.imag)
    x_rest = p.hi - x_top
    error = ((w_top * x_top - hi) + w_top * x_rest + w_rest * x_top) + w_rest * x_rest
    return Pair(hi, error + weights * p.lo)


def _upper_half(x: RealArray) -> RealArray:
    shifted = x * 134217729.0  # 2^27 + 1
    return shifted - (shifted - x)


def product(a: Pair, x: Pair) -> Pair:
    """Matrix product of two pairs.

    The error is about 2^-104 of (largest entry in a row of ``a``) x (largest entry in a column of
    ``x``) x n. Neither factor may come near overflow.
    """
    leading = _exact_product(a.hi, x.hi)
    return add(leading, Pair.exactly(a.hi @ x.lo + a.lo @ x.hi))


def _exact_product(a: ComplexArray, x: ComplexArray) -> Pair:
    """``a @ x`` of complex doubles, as one real product of twice the size."""
    n = len(x)
    left = np.block([[a.real, -a.imag], [a.imag, a.real]])
    high, low = _sliced_product(left, np.vstack([x.real, x.imag]))
    rows = len(a)
    return Pair(high[:rows] + 1j * high[rows:], low[:rows] + 1j * low[rows:]) if n else Pair.exactly(a @ x)


def _sliced_product(left: RealArray, right: RealArray) -> tuple[RealArray, RealArray]:
    bits = (53 - (len(right) - 1).bit_length()) // 2
    lefts, rights = _slices(left, 1, bits), _slices(right, 0, bits)
    high = np.zeros((len(left), right.shape[1]))
    low = np.zeros_like(high)
    order = sorted((i + j, i, j) for i in range(len(lefts)) for j in range(len(rights)) if (i + j) * bits < _BITS_KEPT)
    for _, i, j in order:
        exact = lefts[i] @ rights[j]
        total = high + exact
        part = total - high
        low += (high - (total - part)) + (exact - part)
        high = total
    total = high + low
    return total, low - (total - high)


def _slices(matrix: RealArray, axis: int, bits: int) -> list[RealArray]:
    """Split a matrix into summands of ``bits`` bits, aligned along ``axis``."""
    slices = []
    rest = matrix
    for _ in range(_MAX_SLICES):
        top = np.abs(rest).max(axis=axis, keepdims=True)
        if not top.any():
            break
        # Adding and subtracting the anchor rounds every entry to a multiple of 2^(exponent - bits).
        anchor = np.ldexp(1.5, np.frexp(top)[1] + (52 - bits))
        head = (rest + anchor) - anchor
        slices.append(head)
        rest = rest - head
    return slices
