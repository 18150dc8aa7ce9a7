"""Levels of a tridiagonal matrix and their amplitudes on a few sites, against dense algebra and eighty digits."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

from wignerness.linalg.levels import dense_levels, tridiagonal_levels
from wignerness.linalg.mixing import chain_mixing, mixing
from wignerness.linalg.resonances import resonance_shifts, tridiagonal_vectors


def chain(size, disorder, seed=0):
    rng = np.random.default_rng(seed)
    return rng.uniform(-disorder, disorder, size), np.ones(size - 1)


def dense(diagonal, off):
    return np.diag(diagonal) + np.diag(off, 1) + np.diag(off, -1)


@pytest.mark.parametrize("size", [1, 2, 3, 40, 700])
def test_levels_of_a_chain_are_those_of_the_matrix(size):
    diagonal, off = chain(size, 0.2, seed=size)
    sites = np.unique([0, size // 3, size - 1])
    levels = tridiagonal_levels(diagonal, off, sites)
    energies, vectors = np.linalg.eigh(dense(diagonal, off))
    assert np.abs(levels.energies - energies).max() < 1e-13
    products = np.einsum("ja,jb->jab", vectors[sites].T, vectors[sites].T)
    assert np.abs(np.einsum("ja,jb->jab", levels.amplitudes, levels.amplitudes) - products).max() < 1e-9
    found = tridiagonal_vectors(diagonal, off, levels.energies)
    assert np.abs(np.abs(found) - np.abs(vectors)).max() < 1e-9
    np.testing.assert_allclose(levels.heights, np.abs(found[levels.peaks, np.arange(size)]) ** 2, rtol=1e-10)


def test_tails_keep_their_digits_however_small():
    """A level of a strongly disordered chain against eighty digits."""
    diagonal, off = chain(30, 40.0, seed=3)
    levels = tridiagonal_levels(diagonal, off, np.array([0, 29]))
    with mpmath.workdps(80):
        matrix = mpmath.matrix(dense(diagonal, off).tolist())
        _, vectors = mpmath.eigsy(matrix)
        for place in (0, 9, 18, 29):
            for column, site in enumerate((0, 29)):
                exact = float(mpmath.log(abs(vectors[site, place])))
                assert abs(levels.logs[place, column] - exact) < 1e-11 * abs(exact) + 1e-11
    assert levels.logs.min() < -60


def test_an_exact_zero_pivot_is_stepped_over():
    levels = tridiagonal_levels(np.zeros(5), np.ones(4), np.array([0, 4]))
    exact = np.sqrt(2 / 6) * np.abs(np.sin(np.pi * np.arange(1, 6) / 6))
    np.testing.assert_allclose(np.abs(levels.amplitudes[:, 0]), np.sort(exact)[[0, 2, 4, 3, 1]], rtol=1e-12)


def test_levels_that_vanish_on_the_sites_are_faint():
    levels = tridiagonal_levels(np.zeros(7), np.ones(6), np.array([3]))
    assert levels.faint[:, 0].tolist() == [False, True, False, True, False, True, False]


def test_sensitivity_is_that_of_a_small_change():
    """Twice as close levels that share differently make twice the error; a single level none."""
    energies = np.array([[0.0, 1e-3], [0.0, 2e-3]])
    found = []
    for pair in energies:
        levels, _ = dense_levels(np.array([[pair[0], 1e-9], [1e-9, pair[1]]], dtype=complex), np.array([0, 1]))
        found.append(chain_mixing(levels, levels.energies - 0.5e-6j, np.array([1e-6, 1e-6]), 1e-12))
    assert found[0] / found[1] == pytest.approx(4.0, rel=1e-2)  # the share itself falls with the gap squared
    one, _ = dense_levels(np.array([[0.3 + 0j]]), np.array([0]))
    assert chain_mixing(one, one.energies.astype(complex), np.array([1.0]), 1e-12) == 0.0


def test_levels_that_rounding_can_bring_together_are_undecided():
    """Two levels at one energy, hardly linked: each belongs to its own site, or both to both."""
    for shift, certain in ((0.0, False), (1e-6, True)):
        levels, _ = dense_levels(np.array([[0.3, 1e-40], [1e-40, 0.3 + shift]]), np.array([0, 1]))
        error = chain_mixing(levels, levels.energies - 1e-30j, np.ones(2), 1e-14)
        assert (error < 1e-8) if certain else (error > 0.5)


def test_mixing_is_the_change_that_a_change_makes():
    """A star with a bath on its hub and one on a leaf, against the shares after changes of H of that norm."""
    rng = np.random.default_rng(5)
    star = np.zeros((6, 6))
    star[0, 1:] = star[1:, 0] = rng.uniform(0.3, 1, 5)
    star += np.diag([1.0, *(2.0 + 1e-2 * rng.random(5))])
    sites, rates = np.array([0, 1]), np.array([1.0, 1e-5])
    pairs = np.array([1, 2]), np.array([2, 4])
    response, changed = _two_responses(star, rates), 0.0
    for _ in range(20):
        change = rng.normal(size=(6, 6))
        change = 1e-8 * (change + change.T) / np.linalg.norm(change + change.T, 2)
        changed = max(changed, np.abs(_two_responses(star + change, rates) - response).max())
    levels, vectors = dense_levels(star, sites)
    eigenvalues = levels.energies + resonance_shifts(levels, rates)
    bound = mixing(levels, vectors, eigenvalues, rates, pairs, 1e-8)
    assert changed > 1e-5  # far above the change over the distance of the levels
    assert changed / 3 < bound < 30 * changed
    assert mixing(levels, vectors, eigenvalues, rates, pairs, 2e-8) == pytest.approx(2 * bound, rel=1e-2)
    assert mixing(levels, vectors, eigenvalues, rates, pairs, 1.0) == 1.0
    one, vector = dense_levels(np.array([[0.3 + 0j]]), np.array([0]))
    assert mixing(one, vector, one.energies - 0.5j, np.array([1.0]), (pairs[0][:0], pairs[0][:0]), 1e-12) == 0.0


def _two_responses(matrix, rates):
    """What the first site puts on each place: sums over the modes of narrow resonances."""
    drift = -1j * matrix - np.diag([rates[0], rates[1], 0, 0, 0, 0]) / 2
    values, right = np.linalg.eig(drift)
    left = np.linalg.inv(right)[:, 0]
    weights = np.outer(left, left.conj()) / -(values[:, None] + values.conj())
    return rates[0] * np.einsum("km,mn,kn->k", right, weights, right.conj()).real


def test_levels_are_better_than_those_they_begin_with():
    """Rayleigh quotients take the errors of the QL iteration off: forty digits say what is left."""
    diagonal, off = chain(40, 0.5, seed=1)
    levels = tridiagonal_levels(diagonal, off, np.array([0, 39]))
    with mpmath.workdps(40):
        exact = mpmath.eigsy(mpmath.matrix(dense(diagonal, off).tolist()), eigvals_only=True)
        assert max(abs(float(e - x)) for e, x in zip(exact, levels.energies, strict=True)) < 1e-15


@pytest.mark.parametrize("hopping", [1e-9, 1e-60])
def test_weak_hopping_does_not_underflow_on_the_way(hopping):
    """Products of ratios over a stretch of rows would; amplitudes of first order in every hopping are known."""
    diagonal, off = np.linspace(0, 1, 40), np.full(39, hopping)
    levels = tridiagonal_levels(diagonal, off, np.array([0, 39]))
    steps = [np.sum(np.log(hopping / (diagonal[k] - diagonal[:k]))) for k in range(40)]
    np.testing.assert_allclose(levels.logs[:, 0], steps, rtol=1e-9, atol=1e-12)


def test_levels_that_rounding_makes_one_are_kept_apart():
    """The two edges of a chain of weak and strong links, each with a level at zero."""
    off = np.where(np.arange(199) % 2, 1.0, 0.1)
    levels = tridiagonal_levels(np.zeros(200), off, np.array([0, 199]))
    assert (np.diff(levels.energies) > 0).all()
