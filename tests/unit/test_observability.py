"""Observability decided exactly, against ranks over the integers."""

from __future__ import annotations

import flint
import numpy as np
import pytest

import wignerness as wn
from wignerness.errors import ConvergenceError, NoUniqueSteadyStateError
from wignerness.linalg import observability
from wignerness.linalg.observability import is_observable


def rank_over_the_integers(matrix, outputs):
    """Of B, B A, ..., B A^(n-1), by flint."""
    step, block, rows = flint.fmpz_mat(matrix.tolist()), flint.fmpz_mat(outputs.tolist()), []
    for _ in range(len(matrix)):
        rows += block.tolist()
        block = block * step
    return flint.fmpz_mat(rows).rank()


def test_integer_graphs_of_every_rank(rng):
    found = []
    for _ in range(200):
        size = int(rng.integers(1, 9))
        links = np.triu(rng.integers(0, 2, (size, size)), 1)
        matrix = links + links.T
        outputs = np.eye(size, dtype=int)[rng.choice(size, int(rng.integers(1, size + 1)), replace=False)]
        full = rank_over_the_integers(matrix, outputs) == size
        assert is_observable(matrix.astype(complex), outputs) == full
        found.append(full)
    assert 20 < sum(found) < 180


def test_doubles_become_what_they_are_modulo_the_prime(rng):
    """Integers over powers of two, complex ones with a root of -1: by Python's integers."""
    prime, unit = observability._PRIME, observability._IMAGINARY_UNIT
    assert unit**2 % prime == prime - 1
    assert all(prime % divisor for divisor in range(2, int(prime**0.5) + 1))
    numbers = rng.normal(size=(7, 5, 2)) @ [1, 1j] * 10.0 ** rng.integers(-290, 290, (7, 5))
    numbers[0] = [0.0, 1.0, -1.0, 2.0**-1074, 1j]

    def residue(number):
        above, below = float(number).as_integer_ratio()
        return above * pow(below, -1, prime) % prime

    expected = [[(residue(z.real) + unit * residue(z.imag)) % prime for z in row] for row in numbers]
    assert observability._residues(numbers).tolist() == expected


def test_phases_are_complex_numbers():
    """Two ways around a square meet with opposite signs at its far corner, or not quite."""
    half = np.zeros((4, 4), dtype=complex)
    half[0, 1], half[1, 3], half[0, 2], half[2, 3] = 0.3, 0.5j, 0.5, -0.3j
    first = np.eye(4)[:1]
    assert not is_observable(half + half.conj().T, first)
    half[2, 3] *= 1 + 2.0**-52
    half[1, 1] = 2.0**-1074
    assert is_observable(half + half.conj().T, first)


def test_numbers_of_any_size_are_exact():
    ends = [2.0**-1074, 1.7e308, 1e-300, 1.0]
    chain = np.diag(ends, 1) + np.diag(ends, -1)
    assert is_observable(chain, np.eye(5)[:1])
    assert not is_observable(np.diag([1.0, 1.0 + 2.0**-52, 1.0]), np.ones((1, 3)))
    assert is_observable(np.diag([1.0, 1.0 + 2.0**-52, 1.0 - 2.0**-53]), np.ones((1, 3)))


def test_two_thousand_are_proved_and_more_are_not():
    """Sums of residues stay within 64 bits up to there: rows and products modulo the prime, one at a time."""
    row = np.full(2000, observability._PRIME - 1)
    assert row @ row == 2000 * (observability._PRIME - 1) ** 2 < 2**63


def test_without_outputs_and_beyond_the_size_nothing_is_proved():
    assert not is_observable(np.eye(2), np.zeros((0, 2)))
    assert not is_observable(np.diag(np.arange(2001.0)), np.ones((1, 2001)))


def star(weak_rate, detuning, hot, *more):
    """Two leaves of which one combination is damped by the weak bath or the detuning only."""
    matrix = np.array([[0, 0.5, 0.5], [0.5, 1.0, 0], [0.5, 0, 1.0 + detuning]])
    weak = [wn.ThermalBath(1, weak_rate, hot)] if weak_rate else []
    return wn.Network(matrix, [wn.ThermalBath(0, 1.0, 1.25), *weak, *more])


NEARLY_DARK = [(1e-16, 0.0), (1e-20, 0.0), (1e-300, 0.0), (0.0, 1e-8), (0.0, 1e-12), (1e-30, 1e-10)]


@pytest.mark.parametrize(("weak_rate", "detuning"), NEARLY_DARK)
def test_an_equilibrium_is_returned_however_weak_the_damping(weak_rate, detuning):
    """All baths at 5/4: so is every node, exactly, and a proof takes the place of the separation."""
    ness = wn.steady_state(star(weak_rate, detuning, 1.25))
    assert np.array_equal(ness.state.normal, 1.25 * np.eye(3))
    assert (ness.entropy_production == 0).all()
    assert ness.separation is None
    assert ness.error_bound < 1e-15
    assert ness.converged


def test_beside_a_probe_too():
    ness = wn.steady_state(star(1e-20, 0.0, 1.25, wn.Probe(0, 0.3)))
    assert np.array_equal(ness.state.normal, 1.25 * np.eye(3))


@pytest.mark.parametrize("weak_rate", [1e-16, 1e-20, 1e-300])
def test_out_of_equilibrium_the_weak_bath_is_still_refused(weak_rate):
    with pytest.raises(ConvergenceError, match="not determined in double precision"):
        wn.steady_state(star(weak_rate, 0.0, 1.5))


def test_a_dark_mode_is_dark_at_equal_occupations_too():
    with pytest.raises(NoUniqueSteadyStateError):
        wn.steady_state(star(0.0, 0.0, 1.25))
