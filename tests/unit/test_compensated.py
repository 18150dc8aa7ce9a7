"""Twice the working precision, against exact rational arithmetic."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wignerness.linalg.compensated import Pair, add, product, times, two_sum

finite = st.floats(-1e150, 1e150)


def exact(number):
    return Fraction(float(number))


def exactly(pair, index):
    """Real and imaginary part of an element of a pair, as fractions."""
    return tuple(
        exact(getattr(pair.hi[index], part)) + exact(getattr(pair.lo[index], part)) for part in ("real", "imag")
    )


@given(finite, finite)
def test_two_sum_is_exact(a, b):
    pair = two_sum(np.array([a]), np.array([b]))
    assert exact(pair.hi[0]) + exact(pair.lo[0]) == exact(a) + exact(b)
    assert pair.hi[0] == a + b


@given(st.lists(finite, min_size=4, max_size=4))
def test_add_is_accurate_relative_to_its_terms(values):
    a, b = (two_sum(np.array([values[k]]), np.array([values[k + 1] * 2.0**-60])) for k in (0, 2))
    true = sum(exact(part[0]) for pair in (a, b) for part in pair)
    found = add(a, b)
    size = sum(abs(exact(pair.hi[0])) for pair in (a, b))
    assert abs(exact(found.hi[0]) + exact(found.lo[0]) - true) <= size * Fraction(2) ** -100


@given(st.floats(0, 1e100), st.complex_numbers(max_magnitude=1e100), st.floats(-1, 1))
def test_times_is_accurate(weight, value, tail):
    pair = Pair(np.array([value]), np.array([value * tail * 2.0**-54]))
    found = times(np.array([weight]), pair)
    for part in ("real", "imag"):
        true = exact(weight) * (exact(getattr(pair.hi[0], part)) + exact(getattr(pair.lo[0], part)))
        got = exact(getattr(found.hi[0], part)) + exact(getattr(found.lo[0], part))
        assert abs(got - true) <= abs(true) * Fraction(2) ** -100 + Fraction(2) ** -1000


def random_pair(rng, shape, decades=0.0):
    size = 10.0 ** rng.uniform(-decades, decades, shape)
    high = size * (rng.normal(size=shape) + 1j * rng.normal(size=shape))
    low = high * 2.0**-54 * rng.uniform(-1, 1, shape)
    return Pair(high, low)


def exact_product(a, x):
    """The product of two pairs in fractions, as two object arrays."""

    def parts(pair):
        return [
            np.vectorize(exact, otypes=[object])(getattr(pair.hi, p))
            + np.vectorize(exact, otypes=[object])(getattr(pair.lo, p))
            for p in ("real", "imag")
        ]

    (ar, ai), (xr, xi) = parts(a), parts(x)
    return ar @ xr - ai @ xi, ar @ xi + ai @ xr


@pytest.mark.parametrize(("rows", "inner", "columns"), [(1, 1, 1), (3, 5, 2), (8, 8, 8), (2, 40, 3)])
@pytest.mark.parametrize("decades", [0, 6])
def test_product_against_fractions(rng, rows, inner, columns, decades):
    a, x = random_pair(rng, (rows, inner), decades), random_pair(rng, (inner, columns), decades)
    found = product(a, x)
    for part, true in zip(("real", "imag"), exact_product(a, x), strict=True):
        got = np.vectorize(exact, otypes=[object])(getattr(found.hi, part))
        got = got + np.vectorize(exact, otypes=[object])(getattr(found.lo, part))
        # The promise: 2^-104 of the largest entry of a row times the largest of a column, n times.
        largest = np.abs(a.hi).max(axis=1)[:, None] * np.abs(x.hi).max(axis=0)
        allowed = largest * inner * 2.0**-100
        assert (np.abs((got - true).astype(float)) <= allowed).all()


def test_a_product_of_doubles_that_cancels_is_exact():
    """1e16 + 1 - 1e16 in every element: what a plain product rounds away."""
    a = np.array([[1e16, 1.0, -1e16]])
    found = product(Pair.exactly(a), Pair.exactly(np.ones((3, 2))))
    assert (found.hi == 1).all()
    assert not found.lo.any()


def test_products_repeat_to_the_last_bit(rng):
    a, x = random_pair(rng, (30, 30), 3), random_pair(rng, (30, 30), 3)
    one, other = product(a, x), product(a, x)
    assert np.array_equal(one.hi, other.hi)
    assert np.array_equal(one.lo, other.lo)


def test_zeros_stay_zeros():
    zero = Pair.exactly(np.zeros((3, 3)))
    assert not product(zero, Pair.exactly(np.eye(3))).hi.any()
    assert not add(zero, zero).hi.any()


def test_adjoint_and_scaling(rng):
    pair = random_pair(rng, (3, 4))
    assert np.array_equal(pair.adjoint.hi, pair.hi.conj().T)
    assert np.array_equal(pair.adjoint.lo, pair.lo.conj().T)
    assert exactly(pair.scaled(2.0**-30), (1, 2)) == tuple(v / 2**30 for v in exactly(pair, (1, 2)))
