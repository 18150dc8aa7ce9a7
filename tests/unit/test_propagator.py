"""exp(At) and its integrals against ball arithmetic, by eigenvectors and by doubling."""

from __future__ import annotations

import numpy as np
import pytest
from flint import acb, acb_mat, arb
from oracle import precision

from wignerness.linalg.compensated import Pair
from wignerness.linalg.propagator import Block, Propagator, integrals

BITS = 600


def drift(hamiltonian, rates):
    return -1j * np.asarray(hamiltonian, dtype=complex) - np.diag(rates) / 2


def hermitian(rng, size):
    raw = rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size))
    return raw + raw.conj().T


EXCEPTIONAL = drift([[0, 0.25, 0], [0.25, 0, 0], [0, 0, 0.3]], [0, 1.0, 0.2])


def matrix_of(rng, name):
    return {
        "random": lambda: drift(hermitian(rng, 3), rng.uniform(0.1, 1, 3)),
        "twelve decades": lambda: drift(hermitian(rng, 3), 10.0 ** rng.uniform(-6, 6, 3)),
        "exceptional point": lambda: EXCEPTIONAL,
        "undamped": lambda: drift(hermitian(rng, 3), np.zeros(3)),
        "growing": lambda: drift(hermitian(rng, 3), [-0.1, 0.2, -0.05]),
        "zero": lambda: np.zeros((3, 3), dtype=complex),
    }[name]()


NAMES = ["random", "twelve decades", "exceptional point", "undamped", "growing", "zero"]
# Squaring and doubling lose about eps |A| t while anything is left.
LOSS = {"exceptional point": 1e-13}


def to_balls(matrix):
    return acb_mat([[acb(float(v.real), float(v.imag)) for v in row] for row in np.asarray(matrix, dtype=complex)])


def to_floats(matrix):
    rows, columns = matrix.nrows(), matrix.ncols()
    return np.array(
        [[complex(float(matrix[i, j].real.mid()), float(matrix[i, j].imag.mid())) for j in range(columns)] for i in range(rows)]
    )  # fmt: skip


def exact_exponential(matrix, time):
    with precision(BITS):
        return to_floats((to_balls(matrix) * arb(float(time))).exp())


def exact_integrals(a, d, time):
    """Q and int Q by the exponential of the map X -> A X + X A^H + D, with two further columns."""
    n = len(a)
    with precision(BITS):
        left, right, fed = to_balls(a), to_balls(a.conj()), to_balls(d)
        whole = acb_mat(n * n + 2, n * n + 2)
        for i in range(n):
            for j in range(n):
                for m in range(n):
                    whole[n * i + j, n * m + j] += left[i, m]
                    whole[n * i + j, n * i + m] += right[j, m]
                whole[n * i + j, n * n] = fed[i, j]
        whole[n * n, n * n + 1] = acb(1)
        end = (whole * arb(float(time))).exp()
        once = acb_mat(n, n, [end[k, n * n] for k in range(n * n)])
        twice = acb_mat(n, n, [end[k, n * n + 1] for k in range(n * n)])
        return to_floats(once), to_floats(twice)


def close(found, exact, tolerance):
    return np.abs(found - exact).max() <= tolerance * np.abs(exact).max()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("time", [0.0, 1e-9, 1.0, 50.0])
def test_exponential(name, time, rng):
    matrix = matrix_of(rng, name)
    found = Propagator.of(matrix).at(time)
    assert close(found, exact_exponential(matrix, time), LOSS.get(name, 3e-15))


@pytest.mark.parametrize("time", [1e9, 1e12])
def test_phases_after_a_very_long_time(time, rng):
    matrix = drift(hermitian(rng, 3), np.zeros(3))
    assert close(Propagator.of(matrix).at(time), exact_exponential(matrix, time), 3e-15)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("time", [1e-9, 1.0, 50.0, 1e3])
@pytest.mark.parametrize("order", [1, 2])
def test_fed(name, time, order, rng):
    matrix, d = matrix_of(rng, name), hermitian(rng, 3)
    if name == "growing":
        time = min(time, 50.0)
    found = Propagator.of(matrix).fed(d, time, order=order)
    assert close(found, exact_integrals(matrix, d, time)[order - 1], 1e-13)
    np.testing.assert_array_equal(found, found.conj().T)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "growing"])
@pytest.mark.parametrize("time", [1e-9, 1.0, 50.0])
def test_doubling(name, time, rng):
    matrix, d = matrix_of(rng, name), hermitian(rng, 3)
    found = integrals(matrix, d, time)
    size = np.abs(matrix).sum(axis=1).max() * time
    tolerance = 1e-15 * max(10.0, size)
    once, twice = exact_integrals(matrix, d, time)
    assert close(found.once, once, tolerance)
    assert close(found.twice, twice, tolerance)
    if size < 1e6:
        assert np.abs(found.propagator - exact_exponential(matrix, time)).max() <= tolerance


def test_doubling_of_real_matrices_is_real(rng):
    found = integrals(rng.normal(size=(3, 3)), np.eye(3), 1.0)
    assert all(part.dtype == np.float64 for part in found)


@pytest.mark.parametrize("blocks", ["well conditioned", "exceptional"])
@pytest.mark.parametrize("time", [1e-3, 1.0, 40.0])
def test_blocks_are_the_whole(blocks, time, rng):
    """Two blocks, given without what each turns with, against the whole matrix in one."""
    small = EXCEPTIONAL[:2, :2] if blocks == "exceptional" else drift(hermitian(rng, 2), rng.uniform(0.1, 1, 2))
    whole = np.zeros((3, 3), dtype=complex)
    first, second = np.array([0, 2]), np.array([1])
    whole[np.ix_(first, first)] = small - 7.0j * np.eye(2)
    whole[1, 1] = -0.2 + 1.5j
    propagator = Propagator(
        [Block(first, Pair.exactly(small), 7.0), Block(second, Pair.exactly(np.array([[-0.2 + 0j]])), -1.5)]
    )
    d, vector = hermitian(rng, 3), rng.normal(size=3) + 1j * rng.normal(size=3)
    exponential = exact_exponential(whole, time)
    assert close(propagator.at(time), exponential, 1e-13)
    assert close(propagator.carried(vector, time), exponential @ vector, 1e-13)
    once, twice = exact_integrals(whole, d, time)
    assert close(propagator.fed(d, time), once, 1e-13)
    assert close(propagator.fed(d, time, order=2), twice, 1e-13)
    bordered = np.zeros((4, 4), dtype=complex)
    bordered[:3, :3], bordered[:3, 3] = whole, vector
    assert close(propagator.pushed(vector, time), exact_exponential(bordered, time)[:3, 3], 1e-13)


def test_blocks_that_do_not_meet_stay_apart(rng):
    blocks = [Block(np.array([k]), Pair.exactly(np.array([[-0.5 - 0.5j * k]])), 0.0) for k in range(3)]
    fed = Propagator(blocks).fed(np.diag([1.0, 0.0, 2.0]).astype(complex), 3.0)
    assert not (fed - np.diag(np.diag(fed))).any()
    assert fed[1, 1] == 0


def test_what_undamped_vectors_do_not_meet_does_not_feed_them():
    """The dark mode of a star, for a billion of its periods: rounding of D would grow to 1e-8."""
    star = drift([[1.0, 0.5, 0.5], [0.5, 2.0, 0.0], [0.5, 0.0, 2.0]], [1.0, 0.0, 0.0])
    d, dark = np.diag([1.0, 0.0, 0.0]).astype(complex), np.array([0.0, 1.0, -1.0]) / np.sqrt(2)
    fed = Propagator.of(star).fed(d, 1e9, conserving=True)
    assert abs(dark @ fed @ dark) < 1e-15
    assert close(fed, exact_integrals(star, d, 1e9)[0], 1e-15)


def test_eigenvalues(rng):
    matrix = drift(hermitian(rng, 4), rng.uniform(0, 1, 4))
    found = Propagator.of(matrix).eigenvalues
    np.testing.assert_allclose(np.sort_complex(found), np.sort_complex(np.linalg.eigvals(matrix)), atol=1e-13)
    assert Propagator.of(EXCEPTIONAL).eigenvalues is None
