"""Rational rules, resolvents by recursion, balance equations and inverses of banded matrices."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import linalg

from wignerness.linalg.banded import Balance, inverse_forms, log_determinant
from wignerness.linalg.resolvent import Resolvent, inverse, rational_rule


def draw(rng, count, p):
    """Blocks of a random Hermitian matrix, damping rates, and the whole matrix."""
    diagonal = rng.normal(size=(count, p, p)) + 1j * rng.normal(size=(count, p, p))
    diagonal = (diagonal + diagonal.conj().transpose(0, 2, 1)) / 2
    upper = rng.normal(size=(count - 1, p, p)) + 1j * rng.normal(size=(count - 1, p, p))
    rates = 0.5 + rng.random((count, p))
    whole = np.zeros((count * p, count * p), dtype=complex)
    for k in range(count):
        here = slice(k * p, (k + 1) * p)
        whole[here, here] = diagonal[k]
        if k + 1 < count:
            there = slice((k + 1) * p, (k + 2) * p)
            whole[here, there], whole[there, here] = upper[k], upper[k].conj().T
    return diagonal, upper, rates, whole


def rule_for(whole, rates):
    levels = linalg.eigvalsh(whole)
    return rational_rule(levels[0], levels[-1], rates.min() / 2, rates.max() / 2, 1e-14)


def test_rule_is_exact_for_products_of_poles_in_the_rectangle():
    rng = np.random.default_rng(1)
    nodes, weights = rational_rule(-2.0, 3.0, 0.05, 0.4, 1e-14)
    assert (weights > 0).all()
    for _ in range(50):
        p, q = (complex(rng.uniform(-2, 3), -rng.uniform(0.05, 0.4)) for _ in range(2))
        # closing the contour in the lower half plane, where p is the only pole
        exact = -1j / (p - q.conjugate())
        found = weights @ (1 / ((nodes - p) * (nodes - q.conjugate())))
        assert abs(found - exact) < 1e-12 * abs(exact) + 1e-12


def test_rule_grows_with_the_ratio_of_range_to_width():
    sizes = [len(rational_rule(-1.0, 1.0, width, width, 1e-12)[0]) for width in (0.1, 0.05, 0.025)]
    assert sizes[0] < sizes[1] < sizes[2] < 5 * sizes[0]


@pytest.mark.parametrize(("count", "p"), [(17, 1), (9, 2), (7, 3), (1, 4), (2, 1)])
def test_resolvent_gives_lyapunov_solution_and_kernel(count, p):
    diagonal, upper, rates, whole = draw(np.random.default_rng(count), count, p)
    drift = -1j * whole - np.diag(rates.ravel()) / 2
    source = np.random.default_rng(5).random((count, p))
    exact = linalg.solve_continuous_lyapunov(drift, -np.diag(source.ravel()).astype(complex))
    resolvent = Resolvent(diagonal, upper, rates, *rule_for(whole, rates), stride=4)
    window = resolvent.window(0, count)
    assert np.abs(window.total(0) - 1).max() < 1e-13
    for m, first, blocks in window.moments(0, count, count, source):
        for i, block in enumerate(blocks):
            row, column = (first + i - m) * p, (first + i) * p
            assert np.abs(block - exact[row : row + p, column : column + p]).max() < 1e-13
    kernel = np.empty((count * p, count * p))
    for j in range(count * p):
        unit = np.zeros((count * p, count * p), dtype=complex)
        unit[j, j] = -1
        kernel[:, j] = np.diag(linalg.solve_continuous_lyapunov(drift, unit)).real
    for m, first, blocks in window.kernel(0, count):
        for i, block in enumerate(blocks):
            row, column = (first + i - m) * p, (first + i) * p
            assert np.abs(block - kernel[row : row + p, column : column + p]).max() < 1e-13


def test_windows_know_what_lies_outside():
    diagonal, upper, rates, whole = draw(np.random.default_rng(3), 20, 2)
    nodes, weights = rule_for(whole, rates)
    resolvent = Resolvent(diagonal, upper, rates, nodes, weights, stride=4)
    everything = resolvent.window(0, 20)
    for start, stop in ((0, 4), (4, 8), (8, 20), (16, 20)):
        part = resolvent.window(start, stop)
        np.testing.assert_allclose(part.whole, everything.whole[start:stop], rtol=0, atol=1e-13)


def test_inverse_of_small_blocks():
    rng = np.random.default_rng(2)
    for p in range(1, 7):
        m = rng.normal(size=(3, p, p, 4)) + 1j * (rng.normal(size=(3, p, p, 4)) + 4 * p * np.eye(p)[:, :, None])
        product = np.einsum("sijn,sjkn->sikn", m, inverse(m))
        np.testing.assert_allclose(product, np.broadcast_to(np.eye(p)[:, :, None], m.shape), atol=1e-12)


def test_balance_keeps_constants_and_slopes():
    """A million sites between two baths: the profile is linear, its steps 1e-6 and good to 12 digits."""
    size = 1_000_000
    upper = np.zeros((2, size))
    upper[1, 1:] = 1.0
    pull = np.zeros(size)
    pull[[0, -1]] = 1.0
    value = np.zeros(size)
    value[-1] = 1.0
    found = Balance(upper, None, pull).solve(value, np.zeros(size))
    assert found.converged
    steps = np.diff(found.hi) + np.diff(found.lo)
    np.testing.assert_allclose(steps, 1 / (size + 1), rtol=1e-12)
    level = Balance(upper, None, pull).solve(np.ones(size) * (pull > 0), np.zeros(size))
    np.testing.assert_allclose(level.hi, 1.0, rtol=1e-15)


@pytest.mark.parametrize("symmetric", [True, False])
def test_balance_against_dense(symmetric):
    rng = np.random.default_rng(4)
    size, reach = 40, 5
    upper, lower = rng.random((reach + 1, size)), rng.random((reach + 1, size))
    pull, value = rng.random(size), rng.normal(size=size)
    weights = np.zeros((size, size))
    for m in range(1, reach + 1):
        for j in range(m, size):
            weights[j - m, j] = upper[m, j]
            weights[j, j - m] = upper[m, j] if symmetric else lower[m, j - m]
    matrix = np.diag(pull + weights.sum(axis=1)) - weights
    found = Balance(upper, None if symmetric else lower, pull).solve(value, np.zeros(size))
    np.testing.assert_allclose(found.hi, np.linalg.solve(matrix, pull * value), rtol=1e-12, atol=1e-14)


def test_singular_balance_is_refused():
    with pytest.raises(np.linalg.LinAlgError):
        Balance(np.zeros((1, 3)), None, np.zeros(3))


@pytest.mark.parametrize("reach", [0, 1, 4, 29])
def test_inverse_forms_against_dense(reach):
    rng = np.random.default_rng(reach)
    size = 150
    band = np.zeros((2 * reach + 1, size), dtype=complex)
    dense = np.zeros((size, size), dtype=complex)
    for m in range(reach + 1):
        for j in range(m, size):
            entry = rng.uniform(0, 1) if m == 0 else 0.15 / m * complex(rng.normal(), rng.normal())
            band[reach + m, j], band[reach - m, j - m] = entry, np.conj(entry)
            dense[j - m, j], dense[j, j - m] = entry, np.conj(entry)
    shift = 0.5 + max(0.0, -linalg.eigvalsh(dense)[0])
    whole = dense + shift * np.eye(size)
    columns = np.array([3, 149, 0, 77, 3, 40])
    excess = rng.normal(size=6) * 1e-3
    expected = []
    for c, e in zip(columns, excess, strict=True):
        r = whole[:, c].copy()
        r[c] = e
        expected.append(np.vdot(r, np.linalg.solve(whole, r)).real)
    np.testing.assert_allclose(inverse_forms(band, shift, columns, excess), expected, rtol=1e-11)
    assert log_determinant(band, shift) == pytest.approx(np.linalg.slogdet(whole)[1], rel=1e-12)
