"""Twice the working precision: unevaluated sums of two doubles.

A :class:`Pair` ``(hi, lo)`` stands for ``hi + lo``, about 32 digits.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .._typing import Array, ComplexArray, RealArray
from .products import Multiplier


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
    return Pair(*Multiplier(a.hi, a.lo).times_exactly(x.hi, x.lo))
