"""Factored Lyapunov equations: single and double precision, real and complex, at and away from exceptional points."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import linalg

from wignerness.linalg.factors import Factors
from wignerness.linalg.triangular import Triangular, block_bounds, lyapunov, sylvester

TYPES = ("f", "d", "F", "D")


def stable(kind, rng, n, low=0.5):
    a = rng.normal(size=(n, n)) + 1j * rng.normal(size=(n, n))
    a = (a - a.conj().T) / 2 / np.sqrt(n)
    a = (a if kind in "FD" else a.real) - np.diag(rng.uniform(low, 1.5, n))
    return np.asarray(a.astype(kind))


def random(kind, rng, n):
    d = rng.normal(size=(n, n)) + 1j * rng.normal(size=(n, n))
    return np.asarray((d if kind in "FD" else d.real).astype(kind))


def solved(factors, d):
    return factors.outer(factors.inner(factors.turned(d)))


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("n", [1, 2, 3, 33, 64, 65, 66, 130, 200])
def test_every_kind_of_source_is_solved_to_rounding(kind, n, rng):
    a = stable(kind, rng, n)
    factors, d = Factors(a), random(kind, rng, n)
    hermitian = d + d.conj().T
    diagonal = hermitian.diagonal().real.astype(kind)
    diagonal[: n // 2] = 0  # few sources cost less, and must not be lost
    adjoint = a.conj().T
    for m, source, x in (
        (a, d, factors.solve(d)),
        (adjoint, d, factors.solve(d, adjoint=True)),
        (a, hermitian, solved(factors, hermitian)),
        (a, np.diag(diagonal), solved(factors, diagonal)),
    ):
        left = m @ x + x @ m.conj().T + source
        assert x.dtype == a.dtype
        assert np.abs(left).max() <= 60 * np.sqrt(n) * np.finfo(kind).eps * (np.abs(x).max() + np.abs(source).max())
    assert np.array_equal(solved(factors, hermitian), solved(factors, hermitian).conj().T)


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("n", [3, 100])
def test_eigenvalues_and_the_largest_response(kind, n, rng):
    a = stable(kind, rng, n, low=0.01)
    factors = Factors(a)
    exact = np.linalg.eigvals(a.astype(complex))
    np.testing.assert_allclose(
        np.sort(factors.eigenvalues.real), np.sort(exact.real), rtol=0, atol=200 * np.finfo(kind).eps
    )
    largest = np.linalg.norm(solved(factors, np.ones(n, dtype=kind)), 2)
    assert 0.999 * largest <= factors.largest_response() <= 1.51 * largest


@pytest.mark.parametrize("n", [40, 100])
@pytest.mark.parametrize("kind", ["d", "D"])
def test_where_eigenvectors_of_blocks_coincide_the_triangular_form_is_kept(n, kind):
    """A chain of exceptional points, of order n: blocks are not diagonalized, and nothing is lost."""
    a = (-np.eye(n) + 0.5 * np.diag(np.ones(n - 1), 1)).astype(kind)
    x = solved(Factors(a), np.ones(n, dtype=kind))
    assert np.abs(a @ x + x @ a.conj().T + np.eye(n)).max() < 1e-13


def test_close_eigenvalues_of_a_real_matrix_keep_their_digits():
    """Probes of a million times the hopping: pairs of eigenvalues 1e-7 apart, of which none is known for itself."""
    n = 50
    a = -0.5 * np.eye(n) + 1e-6 * (np.diag(np.ones(n - 1), 1) - np.diag(np.ones(n - 1), -1))
    d = np.diag(np.arange(n) / n)
    x = solved(Factors(a), d)
    assert np.abs(a @ x + x @ a.T + d).max() < 1e-14


@pytest.mark.parametrize("kind", ["F", "D"])
def test_equal_rates_need_only_hermitian_eigenvectors(kind, rng, monkeypatch):
    monkeypatch.setattr(linalg, "schur", None)
    n = 70
    a = stable(kind, rng, n)
    a[np.diag_indices(n)] = -0.25 + 1j * a.diagonal().imag
    d = random(kind, rng, n)
    d = d + d.conj().T
    x = solved(Factors(a), d)
    assert np.abs(a @ x + x @ a.conj().T + d).max() < 1e3 * np.finfo(kind).eps * np.abs(x).max()


def test_a_singular_form_has_an_infinite_response():
    with np.errstate(all="raise"):
        assert Factors(np.diag([-1.0, 0.0]) + 0j).largest_response() == np.inf
        assert Factors(np.diag([-1.0, 0.5])).largest_response() == np.inf


def test_graded_rows_keep_the_digits_of_slow_modes():
    """Rates over sixteen decades: ordered by size, the small eigenvalue is not lost beside the large one."""
    a = np.array([[-1e-16, 1e-8], [-1e-8, -1.0]])
    exact = np.roots([1.0, 1.0 + 1e-16, 1e-16 + 1e-16]).max()
    assert Factors(a).eigenvalues.real.max() == pytest.approx(exact, rel=1e-9)


@pytest.mark.parametrize("n", [33, 64, 65, 200])
def test_bounds_do_not_split_blocks_of_two(n, rng):
    t = np.triu(rng.normal(size=(n, n)))
    for k in range(1, n - 1, 2):
        t[k + 1, k] = -1.0
    for size in (16, 32, 64):
        bounds = block_bounds(t, size)
        assert bounds[0] == 0
        assert bounds[-1] == n
        assert all(t[b, b - 1] == 0 for b in bounds[1:-1])
        assert max(np.diff(bounds)) <= size + 1


def test_only_the_upper_half_of_a_source_is_looked_at(rng):
    n = 100
    t = np.asfortranarray(np.triu(random("D", rng, n)) / n - np.eye(n))
    f = random("D", rng, n)
    f = f + f.conj().T
    form = Triangular.plain(t)
    half = lyapunov(form, np.triu(f))
    np.testing.assert_allclose(half, sylvester(form, form, f), rtol=0, atol=1e-13)
