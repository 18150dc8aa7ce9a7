"""The Lyapunov equation with diagonal feedback, on plain matrices: cascades, Jordan blocks, near overflow, near nothing."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from scipy import linalg

from wignerness.linalg.compensated import Pair
from wignerness.linalg.factors import largest_eigenvalue
from wignerness.linalg.lyapunov import LyapunovEquation
from wignerness.linalg.triangular import triangular_sylvester

EPS = np.finfo(float).eps


def stable(rng, n, rate=1.0):
    """A random matrix whose numerical range lies in the left half plane."""
    a = rng.normal(size=(n, n)) + 1j * rng.normal(size=(n, n))
    return (a - a.conj().T) / 2 - rate * np.diag(rng.uniform(0.5, 1.5, n))


def upper(rng, n):
    t = np.triu(rng.normal(size=(n, n)) + 1j * rng.normal(size=(n, n))) / np.sqrt(n)
    return np.asfortranarray(t - np.diag(np.diag(t)) - np.diag(rng.uniform(0.5, 2, n) + 1j * rng.normal(size=n)))


def hermitian(rng, n):
    d = rng.normal(size=(n, n)) + 1j * rng.normal(size=(n, n))
    return d + d.conj().T


def with_many_digits(a, d, digits=60):
    """A X + X A^H + D = 0 element by element with mpmath."""
    context = mpmath.MPContext()
    context.dps = digits
    n = len(a)
    system, right = context.zeros(n * n, n * n), context.zeros(n * n, 1)
    for i in range(n):
        for j in range(n):
            for m in range(n):
                system[n * i + j, n * m + j] += context.mpc(complex(a[i, m]))
                system[n * i + j, n * i + m] += context.mpc(complex(a[j, m].conjugate()))
            right[n * i + j] = -context.mpc(complex(d[i, j]))
    return context, context.lu_solve(system, right)


def largest_error(x, context, true):
    n = len(x.hi)
    return max(
        float(abs(context.mpc(complex(x.hi[i, j])) + context.mpc(complex(x.lo[i, j])) - true[n * i + j]))
        for i in range(n)
        for j in range(n)
    )


# -- the triangular kernel ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (5, 5), (64, 64), (65, 64), (64, 130), (130, 20), (200, 200)])
@pytest.mark.parametrize("adjoint", [False, True])
def test_triangular_sylvester_beyond_its_blocks(rng, rows, columns, adjoint):
    t1, t2 = upper(rng, rows), upper(rng, columns)
    f = rng.normal(size=(rows, columns)) + 1j * rng.normal(size=(rows, columns))
    y = triangular_sylvester(t1, t2, f, adjoint=adjoint)
    left = t1.conj().T @ y + y @ t2 - f if adjoint else t1 @ y + y @ t2.conj().T - f
    terms = (np.abs(t1).sum(axis=1).max() + np.abs(t2).sum(axis=1).max()) * np.abs(y).max()
    assert np.abs(left).max() <= 10 * EPS * (terms + np.abs(f).max())


def test_near_overflow_the_scale_is_divided_out(rng):
    """LAPACK solves for scale * F to stay finite; multiplying by the scale, or forgetting it, is wrong by 1e6."""
    n = 12
    t = upper(rng, n)
    f = (rng.normal(size=(n, n)) + 0j) * 1e305
    small = triangular_sylvester(t, t, f * 2.0**-1000)
    big = triangular_sylvester(t, t, f)
    finite = np.isfinite(big)
    assert finite.any()
    assert np.allclose(big[finite], (small * 2.0**500 * 2.0**500)[finite], rtol=1e-10)


# -- solutions -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 7, 70, 150])
@pytest.mark.parametrize("adjoint", [False, True])
@pytest.mark.parametrize("fed", [False, True])
def test_solve_leaves_no_residual(rng, n, adjoint, fed):
    a = stable(rng, n)
    feedback = rng.uniform(0, 0.5, n) * (rng.random(n) < 0.5) if fed else np.zeros(n)
    equation = LyapunovEquation(Pair.exactly(a), feedback)
    d = rng.normal(size=(n, n)) + 1j * rng.normal(size=(n, n))  # any D, Hermitian or not
    x = equation.solve(d, adjoint=adjoint)
    a = a.conj().T if adjoint else a
    left = a @ x + x @ a.conj().T + np.diag(feedback * np.diag(x)) + d
    assert np.abs(left).max() <= 100 * EPS * n * (np.abs(x).max() + np.abs(d).max())


def test_feedback_and_its_adjoint_are_adjoint(rng):
    """<Y, L^-1 D> = <L^-H Y, D>: what the norm estimator stands on."""
    n = 9
    equation = LyapunovEquation(Pair.exactly(stable(rng, n)), rng.uniform(0, 0.5, n))
    d, y = hermitian(rng, n) + 1j * rng.normal(size=(n, n)), rng.normal(size=(n, n)) + 0j
    one = np.vdot(y, equation.solve(d))
    other = np.vdot(equation.solve(y, adjoint=True), d)
    assert one == pytest.approx(other, rel=1e-12)


@pytest.mark.parametrize("n", [3, 6])
@pytest.mark.parametrize("spread", [0, 8])
def test_refined_solutions_have_more_digits_than_a_double(rng, n, spread):
    """Rates over ``spread`` decades: the pair is right to 2^-84 of its largest element all the same."""
    a = stable(rng, n) * 1.0
    a[np.diag_indices(n)] = a.diagonal() * 10.0 ** rng.uniform(-spread / 2, spread / 2, n)
    d = hermitian(rng, n)
    refined = LyapunovEquation(Pair.exactly(a)).solve_refined(Pair.exactly(d))
    context, true = with_many_digits(a, d)
    largest = np.abs(refined.x.hi).max()
    assert refined.converged
    assert largest_error(refined.x, context, true) <= 2.0**-80 * largest
    assert largest_error(refined.x, context, true) <= refined.remaining + 2.0**-84 * largest


def test_jordan_block():
    """An exceptional point of order n: eigenvectors coincide, the Schur form does not care."""
    n, rate, link = 5, 1.0, 0.75
    a = -rate * np.eye(n) + np.diag(np.full(n - 1, link), 1)
    d = np.eye(n)
    refined = LyapunovEquation(Pair.exactly(a)).solve_refined(Pair.exactly(d))
    # X_ij = sum over paths to the common end: binomials, here by recursion from the last row and column.
    true = np.zeros((n + 1, n + 1))
    for i in reversed(range(n)):
        for j in reversed(range(n)):
            true[i, j] = ((i == j) + link * (true[i + 1, j] + true[i, j + 1])) / (2 * rate)
    assert np.abs(refined.x.hi - true[:n, :n]).max() < 1e-15 * true.max()
    values, vectors = linalg.eig(a)
    assert np.linalg.cond(vectors) > 1e10  # the naive formula has nothing to stand on
    inverse = np.linalg.inv(vectors)
    naive = vectors @ (-(inverse @ d @ inverse.conj().T) / (values[:, None] + values.conj())) @ vectors.conj().T
    assert np.abs(naive - true[:n, :n]).max() > 1e-3 * true.max()


def test_cascade():
    """Strongly non-normal: every node drives the next ten times harder than it decays."""
    n = 6
    a = -np.eye(n) + 10 * np.diag(np.ones(n - 1), -1)
    d = np.zeros((n, n))
    d[0, 0] = 1.0
    refined = LyapunovEquation(Pair.exactly(a)).solve_refined(Pair.exactly(d))
    context, true = with_many_digits(a, d)
    assert np.abs(refined.x.hi).max() > 1e9
    assert largest_error(refined.x, context, true) <= 2.0**-80 * np.abs(refined.x.hi).max()


def test_in_double_precision_the_stated_residual_covers_its_rounding(rng):
    for n in (4, 30):
        a, d = stable(rng, n), hermitian(rng, n)
        equation = LyapunovEquation(Pair.exactly(a))
        refined = equation.solve_refined(Pair.exactly(d), extended=False)
        exact = equation.solve_refined(Pair.exactly(d))
        assert np.abs(refined.x.hi - exact.x.hi).max() <= equation.inverse_norm() * refined.residual


def test_nothing_in_nothing_out(rng):
    refined = LyapunovEquation(Pair.exactly(stable(rng, 4))).solve_refined(Pair.exactly(np.zeros((4, 4))))
    assert not refined.x.hi.any()
    assert (refined.residual, refined.remaining, refined.converged) == (0.0, 0.0, True)


def test_inputs_are_left_alone(rng):
    a, d = stable(rng, 6), hermitian(rng, 6)
    kept = a.copy(), d.copy()
    equation = LyapunovEquation(Pair.exactly(a), np.full(6, 0.1))
    equation.solve_refined(Pair.exactly(d))
    equation.inverse_norm()
    assert np.array_equal(a, kept[0])
    assert np.array_equal(d, kept[1])


# -- how well conditioned ----------------------------------------------------------------------------------------


def dense_inverse_norm(a, feedback):
    """Largest max |X| over max |D| <= 1: the infinity norm of the inverse of the n^2 x n^2 matrix."""
    n = len(a)
    one = np.eye(n)
    system = np.kron(a, one) + np.kron(one, a.conj())
    places = np.arange(n) * (n + 1)
    system[places, places] += feedback
    return np.abs(linalg.inv(system)).sum(axis=1).max()


@pytest.mark.parametrize("fed", [False, True])
def test_inverse_norm_is_a_close_lower_bound(rng, fed):
    ratios = []
    for _ in range(60):
        n = int(rng.integers(1, 9))
        a = stable(rng, n, rate=10 ** rng.uniform(-3, 1))
        feedback = -a.diagonal().real * rng.random(n) if fed else np.zeros(n)
        found = LyapunovEquation(Pair.exactly(a), feedback).inverse_norm()
        ratios.append(found / dense_inverse_norm(a, feedback))
    assert max(ratios) <= 1 + 1e-6
    assert min(ratios) >= 1 / 3  # the safety factor of the error bound


@pytest.mark.parametrize("detuning", [0.1, 0.03, 0.01])
def test_inverse_norm_sees_a_slow_mode_among_others(detuning):
    """Rings of six with one damped node: modes that nearly vanish there decay slowly, and sources see others first."""
    ring = np.roll(np.eye(6), 1, axis=0) + np.roll(np.eye(6), -1, axis=0)
    for seed in range(40):
        h = ring + detuning * np.diag(np.random.default_rng(seed).normal(size=6))
        a = -1j * h - 0.5 * np.diag(np.eye(6)[0])
        found, exact = LyapunovEquation(Pair.exactly(a)).inverse_norm(), dense_inverse_norm(a, np.zeros(6))
        assert exact / 3 <= found <= exact * (1 + 1e-6), seed


def test_inverse_norm_with_responses_below_all_normal_doubles():
    """A link of 1e-160 answers with 1e-320: its phase must not overflow."""
    a = np.array([[-1.0, 1e-160], [-1e-160, -1.0 + 1j]])
    assert LyapunovEquation(Pair.exactly(a)).inverse_norm() == pytest.approx(0.5, rel=1e-6)


@pytest.mark.parametrize("extended", [False, True])
def test_singular_equations_have_no_norm(extended):
    """An undamped mode, and feedback that sustains itself: infinite, not a large number made of rounding."""
    undamped = np.array([[-1.0, 0.0], [0.0, 1j]])
    assert LyapunovEquation(Pair.exactly(undamped)).inverse_norm(extended=extended) == np.inf
    isolated = np.diag([-0.5, -0.5]).astype(complex)
    equation = LyapunovEquation(Pair.exactly(isolated), np.array([0.0, 1.0]))
    assert equation.inverse_norm(extended=extended) == np.inf
    refined = equation.solve_refined(Pair.exactly(np.diag([1.0, 1.0])), extended=extended)
    assert not refined.converged
    assert refined.remaining == np.inf


@pytest.mark.parametrize("link", 10.0 ** -np.arange(4.0, 17.0))
def test_feedback_that_is_closed_by_rounding_alone_is_not_trusted(link):
    """A node that feeds itself but for a link of 1e-4 to 1e-16: right, or refused, never silently wrong."""
    a = -1j * np.array([[0, 0.5, 0], [0.5, 0, link], [0, link, 0]]) - np.eye(3) / 2
    d = np.diag([2.0, 0.5, 0.0])
    refined = LyapunovEquation(Pair.exactly(a), np.array([0.0, 0.0, 1.0])).solve_refined(Pair.exactly(d))
    if link >= 1e-7:
        # To order link^2 the two damped nodes know nothing of the third, which settles at their exchange with it.
        assert refined.converged
        assert refined.x.hi[2, 2].real == pytest.approx(1.0625, rel=1e-6)
    if not refined.converged:
        assert refined.remaining == np.inf


# -- the kernel of the feedback --------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [5, 60])
def test_kernel_is_the_response_of_the_diagonal(rng, n):
    """By Schur columns (n = 5) and by eigenvectors (n = 60): T_kj is X_kk for a unit source at j."""
    a = stable(rng, n)
    fed = np.arange(0, n, 2)
    feedback = np.zeros(n)
    feedback[fed] = 0.1
    kernel = LyapunovEquation(Pair.exactly(a), feedback)._kernel.among_fed
    plain = LyapunovEquation(Pair.exactly(a))
    for column, j in enumerate(fed[:4]):
        source = np.zeros((n, n), dtype=complex)
        source[j, j] = 1.0
        assert np.allclose(kernel[:, column], np.diag(plain.solve(source)).real[fed], rtol=1e-9, atol=1e-13)


def test_kernel_at_a_large_exceptional_point_avoids_eigenvectors():
    n = 60
    a = -np.eye(n) + 0.5 * np.diag(np.ones(n - 1), 1).astype(complex)
    equation = LyapunovEquation(Pair.exactly(a + 0j), np.full(n, 0.1))
    assert equation._kernel.responses_by_eigenvectors() is None
    d = np.eye(n)
    x = equation.solve(d + 0j)
    left = a @ x + x @ a.conj().T + np.diag(0.1 * np.diag(x)) + d
    assert np.abs(left).max() < 1e-13


@pytest.mark.parametrize("fed", [False, True])
@pytest.mark.parametrize("kind", ["evenly damped", "unevenly damped", "damped at one end", "damping that mixes"])
def test_response_bounds_every_solution_closely(rng, kind, fed):
    """X for D = 1 is the largest of all X for |D| <= 1; the bound is above its largest eigenvalue, and not far."""
    n = 7
    a = stable(rng, n)
    rates = {"unevenly damped": np.geomspace(1e-3, 1, n), "damped at one end": np.eye(n)[0] + 1e-9}.get(kind)
    if rates is not None:
        a = (a - a.conj().T) / 2 - np.diag(rates)
    if kind == "damping that mixes":
        loss = hermitian(rng, n)
        a = (a - a.conj().T) / 2 - loss @ loss / n - 0.01 * np.eye(n)
    feedback = 0.5 * -np.diag(a).real * fed if kind != "damping that mixes" else np.full(n, 0.005 * fed)
    unit = np.eye(n)
    generator = np.kron(a, unit) + np.kron(unit, a.conj())
    places = np.arange(n) * (n + 1)
    generator[places, places] += feedback
    largest = linalg.eigvalsh(np.linalg.solve(generator, -unit.ravel()).reshape(n, n))[-1]
    bound = LyapunovEquation(Pair.exactly(a), feedback).response
    assert largest * (1 - 1e-9) <= bound <= 4 * largest


def test_how_fast_everything_decays(rng):
    """By the damping, or by the eigenvalues where the damping mixes or is too uneven to tell."""
    for n in (5, 70):
        even = stable(rng, n)
        loss = hermitian(rng, n) / np.sqrt(n)
        mixed = (even - even.conj().T) / 2 - loss @ loss - 0.1 * np.eye(n)
        for a in (even, mixed, (even - even.conj().T) / 2 - np.diag(np.geomspace(1e-6, 1, n))):
            rate = -linalg.eigvals(a).real.max()
            equation = LyapunovEquation(Pair.exactly(a))
            assert equation.decays_faster_than(0.99 * rate)
            assert not equation.decays_faster_than(1.01 * rate)


def test_a_map_to_nothing_has_no_eigenvalue_but_zero():
    assert largest_eigenvalue(lambda vector: 0.0 * vector, np.ones(4)) == 0.0
    assert largest_eigenvalue(lambda vector: np.inf * vector, np.ones(4)) == np.inf
    assert 3.0 <= largest_eigenvalue(lambda vector: np.array([3.0, 1.0, 0.5]) * vector, np.ones(3)) <= 4.5
