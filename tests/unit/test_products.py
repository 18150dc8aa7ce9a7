"""Products with one matrix: exact to ever more slices, real, imaginary, sparse."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from wignerness.linalg.products import MOST_SLICES, Multiplier, bits_of_a_slice

KINDS = ("real", "complex", "imaginary but for the diagonal", "few elements")


def matrix(kind, rng, n):
    a = rng.normal(size=(n, n)) + 1j * rng.normal(size=(n, n))
    if kind == "real":
        return a.real.copy()
    if kind == "few elements":
        return np.diag(a.diagonal()) + np.diag(a.diagonal(1), 1)
    return a if kind == "complex" else np.diag(a.diagonal().real) + 1j * a.imag


def exactly(a, x, row, column):
    """Real and imaginary part of an element of the product of doubles."""

    def fractions(values):
        return [Fraction(float(v)) for v in values]

    (ar, ai), (xr, xi) = ([fractions(np.real(values)), fractions(np.imag(values))] for values in (a[row], x[:, column]))
    pairs = zip(ar, ai, xr, xi, strict=True)
    return [sum(parts) for parts in zip(*((p * r - q * s, p * s + q * r) for p, q, r, s in pairs), strict=True)]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("of_x", ["real", "complex"])
def test_products_in_double_precision(kind, of_x, rng):
    a, x = matrix(kind, rng, 70), matrix(of_x, rng, 70)
    left = Multiplier(a, np.zeros_like(a))
    np.testing.assert_allclose(left.times(x), a @ x, rtol=0, atol=1e-12)
    np.testing.assert_allclose(left.adjoint_times(x[:, :3]), a.conj().T @ x[:, :3], rtol=0, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("of_x", ["real", "complex"])
@pytest.mark.parametrize("slices", range(1, MOST_SLICES + 1))
def test_every_slice_adds_its_bits(kind, of_x, slices, rng):
    n = 70
    a, x = matrix(kind, rng, n), matrix(of_x, rng, n)
    high, low = Multiplier(a, np.zeros_like(a)).times_exactly(x, np.zeros_like(x), slices)
    bits = min(53 + slices * bits_of_a_slice(n), 104)
    worst = 0.0
    for row, column in rng.integers(n, size=(20, 2)):
        scale = np.abs(a[row]).max() * np.abs(x[:, column]).max()
        for part, true in zip((np.real, np.imag), exactly(a, x, row, column), strict=True):
            found = Fraction(float(part(high[row, column]))) + Fraction(float(part(low[row, column])))
            worst = max(worst, float(abs(found - true)) / scale)
    assert worst <= n * 2.0**-bits
    if slices < MOST_SLICES and kind != "few elements":
        assert worst >= 2.0 ** -(bits + 12)  # or a slice less would do


def test_tails_of_both_factors_count(rng):
    a, x = (rng.normal(size=(5, 5)) for _ in range(2))
    high, low = Multiplier(a, a * 2.0**-60).times_exactly(x, x * 2.0**-60)
    plain_high, plain_low = Multiplier(a, 0 * a).times_exactly(x, 0 * x)
    more = (high - plain_high) + (low - plain_low)
    np.testing.assert_allclose(more, 2.0**-59 * (a @ x), rtol=0, atol=1e-27)


def test_parts_of_very_different_size_in_a_row_stay_exact():
    """Slices of the real and the imaginary part are aligned with each other, or their sum would not be exact."""
    a = np.array([[2.325030774, 0.0]]) + 1j * np.array([[0.218791663e-5, 0.0]])
    x = np.array([[1.245910953 + 0.732267354e-7j], [0.0]])
    high, low = Multiplier(a, 0 * a).times_exactly(x, 0 * x)
    for part, true in zip((np.real, np.imag), exactly(a, x, 0, 0), strict=True):
        found = Fraction(float(part(high[0, 0]))) + Fraction(float(part(low[0, 0])))
        assert abs(found - true) < Fraction(2) ** -102
