"""Eigenvalues beyond double precision, and functions of them."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

from wignerness.linalg.compensated import Pair
from wignerness.linalg.eigensystem import eigensystem, exponentials, ramps


def drift(hamiltonian, rates):
    return -1j * np.asarray(hamiltonian, dtype=complex) - np.diag(rates) / 2


def ring(size):
    hopping = np.diag(np.ones(size - 1), 1)
    hopping[0, -1] = 1.0
    return hopping + hopping.T


def exact_eigenvalues(matrix, digits=60):
    with mpmath.workdps(digits):
        values = mpmath.eig(mpmath.matrix(matrix.tolist()), left=False, right=False)
        return list(values)


def random_drift(rng, size=6):
    raw = rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size))
    return drift(raw + raw.conj().T, rng.uniform(0, 1, size))


def error(found, matrix):
    """Largest distance of a refined eigenvalue from the nearest exact one."""
    exact = exact_eigenvalues(matrix)
    with mpmath.workdps(60):
        pairs = zip(found.hi.tolist(), found.lo.tolist(), strict=True)
        return max(float(min(abs(mpmath.mpc(hi) + mpmath.mpc(lo) - value) for value in exact)) for hi, lo in pairs)


def test_random_matrix(rng):
    matrix = random_drift(rng)
    found = eigensystem(Pair.exactly(matrix))
    assert error(found.values, matrix) < 1e-26
    np.testing.assert_allclose((found.vectors * found.values.hi) @ found.inverse, matrix, atol=1e-13)


def test_a_slow_rate_beside_a_fast_one():
    """Twelve decades apart: LAPACK alone may lose eight digits of the slow one."""
    matrix = drift([[0.0, 1.0, 0.2], [1.0, 0.0, 1.0], [0.2, 1.0, 0.0]], [1e6, 1e-6, 1e-6])
    found = eigensystem(Pair.exactly(matrix))
    slowest = np.abs(found.values.hi.real).min()
    exact = min(abs(float(value.real)) for value in exact_eigenvalues(matrix))
    assert slowest == pytest.approx(exact, rel=1e-15)


@pytest.mark.parametrize("rates", [[0.3] * 4, [0.3, 0, 0, 0], [0.3, 0.1, 0.3, 0.1]])
def test_degenerate_levels_of_a_ring(rates):
    matrix = drift(ring(4), rates)
    found = eigensystem(Pair.exactly(matrix))
    assert error(found.values, matrix) < 1e-28
    np.testing.assert_allclose((found.vectors * found.values.hi) @ found.inverse, matrix, atol=1e-15)


@pytest.mark.parametrize("matrix", [np.zeros((3, 3)), np.eye(2), drift(np.eye(5), np.ones(5))])
def test_multiples_of_one(matrix):
    found = eigensystem(Pair.exactly(matrix))
    np.testing.assert_array_equal((found.vectors * found.values.hi) @ found.inverse, matrix)


def test_an_undamped_level_is_undamped_to_all_digits():
    star = drift([[1.0, 0.5, 0.5], [0.5, 2.0, 0.0], [0.5, 0.0, 2.0]], [1.0, 0.0, 0.0])
    values = eigensystem(Pair.exactly(star)).values
    dark = np.argmin(np.abs(values.hi.real))
    assert abs(values.hi[dark].real) < 1e-28
    assert values.hi[dark].imag == -2.0


@pytest.mark.parametrize("size", [2, 5])
def test_none_at_an_exceptional_point(size):
    assert eigensystem(Pair.exactly(np.diag(np.ones(size - 1), 1))) is None
    assert eigensystem(Pair.exactly(drift([[0.0, 0.25], [0.25, 0.0]], [0.0, 1.0]))) is None


def test_without_refinement(rng):
    matrix = random_drift(rng)
    plain = eigensystem(Pair.exactly(matrix), refined=False)
    assert not plain.values.lo.any()
    np.testing.assert_allclose(np.sort_complex(plain.values.hi), np.sort_complex(np.linalg.eigvals(matrix)), atol=1e-13)


@pytest.mark.parametrize("value", [-0.3 + 1.7j, 1e-9j, 0.0, -2.0])
@pytest.mark.parametrize("time", [0.0, 1e-6, 1.0, 1e9])
def test_exponentials_do_not_round_the_product(value, time):
    with mpmath.workdps(50):
        exact = complex(mpmath.exp(mpmath.mpc(value) * mpmath.mpf(time)))
    found = exponentials(Pair.exactly(np.array([value])), time)[0]
    assert abs(found - exact) <= 4e-16 * abs(exact)


@pytest.mark.parametrize("value", [-0.3 + 1.7j, 1e-9j, 0.0, -2.0, 1e-12, -0.2, 0.3j])
@pytest.mark.parametrize("time", [1e-6, 1.0, 1e3, 1e9])
@pytest.mark.parametrize("order", [1, 2])
def test_ramps(value, time, order):
    """(e^z - 1)/z and (e^z - 1 - z)/z^2, without their cancellation at small z."""
    with mpmath.workdps(80):
        z = mpmath.mpc(value) * mpmath.mpf(time)
        terms = mpmath.expm1(z) - (z if order == 2 else 0)
        exact = complex(mpmath.mpf(time) ** order * (terms / z**order if z else mpmath.mpf(1) / order))
    found = ramps(Pair.exactly(np.array([value])), time, order)[0]
    assert abs(found - exact) <= 3e-15 * abs(exact)
