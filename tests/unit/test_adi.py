"""Low-rank ADI and resonances against dense linear algebra."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from wignerness.linalg.adi import (
    Absorber,
    Elements,
    Iteration,
    Shifts,
    SparseFactorization,
    TridiagonalFactorization,
    plan_shifts,
    residual_shifts,
)
from wignerness.linalg.compensated import Pair
from wignerness.linalg.levels import dense_levels, tridiagonal_levels
from wignerness.linalg.lyapunov import LyapunovEquation
from wignerness.linalg.resonances import resonance_shifts


def chain(size, disorder, seed=0):
    rng = np.random.default_rng(seed)
    return rng.uniform(-disorder, disorder, size), np.ones(size - 1)


def dense(diagonal, off):
    return np.diag(diagonal) + np.diag(off, 1) + np.diag(off, -1)


def effective(diagonal, off, sites, rates):
    loss = np.zeros(len(diagonal))
    loss[sites] = rates
    return dense(diagonal, off) - 0.5j * np.diag(loss)


def sparse_chain(diagonal, off):
    return sparse.diags_array([off, diagonal, off], offsets=[-1, 0, 1]).tocsr()


def responses(diagonal, off, sites, rates, *, tridiagonal=True):
    levels = tridiagonal_levels(diagonal, off, sites)
    eigenvalues = levels.energies + resonance_shifts(levels, rates)
    shifts = plan_shifts(eigenvalues, levels.gaps, levels.peaks, 2.0 + np.abs(diagonal).max())
    absorber = Absorber(sparse_chain(diagonal, off), sites, rates)
    factorization = (
        TridiagonalFactorization(diagonal, off, sites, rates) if tridiagonal else SparseFactorization(absorber)
    )
    k = np.arange(len(diagonal) - 1)
    elements = Elements(len(diagonal), len(sites), k, k + 1, (1,))
    iteration = Iteration(absorber, factorization, shifts)
    for weight, block in iteration:
        elements.add(weight, block)
    return elements, iteration


@pytest.mark.parametrize("rate", [1e-6, 0.1, 2.0, 4.0, 100.0, 1e6])
@pytest.mark.parametrize("size", [2, 5, 60, 400])
def test_resonances_are_the_eigenvalues(rate, size):
    diagonal, off = chain(size, 0.05, seed=1)
    sites, rates = np.array([0, size - 1]), rate * np.array([1.0, 1.5])
    levels = tridiagonal_levels(diagonal, off, sites)
    found = levels.energies + resonance_shifts(levels, rates)
    exact = np.linalg.eigvals(effective(diagonal, off, sites, rates))
    distance = np.abs(exact[:, None] - found)
    rounding = 1e-13 * max(rate, 1.0)
    assert (distance.min(axis=1) < 1e-2 * np.abs(exact.imag) + rounding).all()
    assert (distance.min(axis=0) < 1e-2 * np.abs(found.imag) + rounding).all()


def test_two_levels_on_a_mirror_line_part():
    """Hopping far below the difference of the rates: both eigenvalues are imaginary."""
    levels, _ = dense_levels(np.array([[0.0, 0.1], [0.1, 0.0]], dtype=complex), np.array([0, 1]))
    rates = np.array([1.0, 3.0])
    found = np.sort_complex(levels.energies + resonance_shifts(levels, rates))
    exact = np.sort_complex(np.linalg.eigvals(np.array([[-0.5j, 0.1], [0.1, -1.5j]])))
    np.testing.assert_allclose(np.sort(found.imag), np.sort(exact.imag), rtol=1e-3)


@pytest.mark.parametrize("tridiagonal", [True, False])
@pytest.mark.parametrize(
    ("size", "disorder", "rate"), [(1, 1, 1), (2, 0.1, 1), (30, 0, 1), (60, 0.3, 1e-3), (60, 0.3, 1e3)]
)
def test_responses_solve_the_lyapunov_equation(size, disorder, rate, tridiagonal):
    diagonal, off = chain(size, disorder)
    sites = np.unique([0, size - 1])
    rates = rate * np.array([1.0, 2.0])[: len(sites)]
    elements, iteration = responses(diagonal, off, sites, rates, tridiagonal=tridiagonal)
    a = -1j * effective(diagonal, off, sites, rates)
    for column, (site, r) in enumerate(zip(sites, rates, strict=True)):
        source = np.zeros((size, size))
        source[site, site] = r
        equation = LyapunovEquation(Pair.exactly(a), np.zeros(size))
        exact = equation.solve_refined(Pair.exactly(source), extended=True).x.hi
        np.testing.assert_allclose(elements.diagonal[:, column], np.diag(exact).real, rtol=1e-11, atol=1e-14)
        np.testing.assert_allclose(elements.others[:, column], np.diag(exact, 1), atol=1e-13)
    assert np.abs(1 - elements.diagonal.sum(axis=1)).max() < 1e-12
    assert np.linalg.norm(iteration.residual) < 1e-6 * np.sqrt(rate)


def test_narrow_levels_stay_exact():
    """Widths down to 1e-30: what the responses miss of one is still rounding."""
    diagonal, off = chain(300, 0.5, seed=2)
    sites, rates = np.array([0, 299]), np.array([1.0, 2.0])
    levels = tridiagonal_levels(diagonal, off, sites)
    widths = -2 * resonance_shifts(levels, rates).imag
    assert widths.min() < 1e-20
    elements, _ = responses(diagonal, off, sites, rates)
    assert np.abs(1 - elements.diagonal.sum(axis=1)).max() < 1e-11


def test_the_residual_only_falls():
    diagonal, off = chain(40, 0.3)
    sites, rates = np.array([0, 39]), np.array([1.0, 2.0])
    absorber = Absorber(sparse_chain(diagonal, off), sites, rates)
    values = -0.1 + 1j * np.linspace(-2, 2, 17)
    iteration = Iteration(absorber, TridiagonalFactorization(diagonal, off, sites, rates), Shifts.plain(values))
    sizes = [np.linalg.norm(iteration.residual, 2) for _ in iteration]
    assert (np.diff(sizes) <= 1e-14).all()


def test_what_is_left_tells_the_shift_that_was_missed():
    diagonal, off = chain(30, 0.3)
    sites, rates = np.array([0]), np.array([40.0])  # one broad resonance, by far
    levels = tridiagonal_levels(diagonal, off, sites)
    eigenvalues = levels.energies + resonance_shifts(levels, rates)
    broad = int(np.argmin(eigenvalues.imag))
    rest = np.delete(np.arange(30), broad)
    plan = plan_shifts(eigenvalues[rest], levels.gaps[rest], levels.peaks[rest], 2.3)
    absorber = Absorber(sparse_chain(diagonal, off), sites, rates)
    iteration = Iteration(absorber, TridiagonalFactorization(diagonal, off, sites, rates), plan)
    for _ in iteration:
        pass
    found = residual_shifts(absorber, iteration.residual)
    assert np.abs(found - (1j * eigenvalues[broad].conj())).min() < 1e-6
    for _ in iteration.run(Shifts.plain(found)):
        pass
    assert np.linalg.norm(iteration.residual) < 1e-6


def test_a_flux_lattice_takes_left_eigenvectors():
    """Complex hopping that no gauge makes real, with levels narrow enough to be corrected."""
    rng = np.random.default_rng(5)
    size = 16
    matrix = np.diag(rng.uniform(-60, 60, size)).astype(complex)
    for k in range(size):
        matrix[k, (k + 1) % size] = np.exp(0.4j)
        matrix[(k + 1) % size, k] = np.exp(-0.4j)
    sites, rates = np.array([0, 9]), np.array([1.0, 2.0])
    levels, _ = dense_levels(matrix, sites)
    eigenvalues = levels.energies + resonance_shifts(levels, rates)
    plan = plan_shifts(eigenvalues, levels.gaps, levels.peaks, 60.0)
    assert (plan.sweeps > 0).any()
    absorber = Absorber(sparse.csr_array(matrix), sites, rates)
    factorization = SparseFactorization(absorber)
    assert not factorization.symmetric
    elements = Elements(size, 2, np.zeros(0, dtype=int), np.zeros(0, dtype=int))
    for weight, block in Iteration(absorber, factorization, plan):
        elements.add(weight, block)
    assert np.abs(1 - elements.diagonal.sum(axis=1)).max() < 1e-12
