"""Changes of phases that make a matrix real."""

from __future__ import annotations

import numpy as np
import pytest

import wignerness as wn
from wignerness.linalg.gauge import real_phases, turned


def drift(matrix, rates):
    return -1j * np.asarray(matrix, dtype=complex) - np.diag(rates) / 2


def ring(size, phase=1.0):
    matrix = np.diag(np.ones(size - 1, dtype=complex), 1)
    matrix[0, -1] = phase
    return matrix + matrix.conj().T


@pytest.mark.parametrize(
    ("matrix", "possible"),
    [
        (ring(2), True),
        (ring(6), True),  # two colors do
        (ring(5), False),  # no two colors for an odd ring of real hoppings
        (ring(5, 1j), True),  # a quarter of a flux quantum makes up for it
        (ring(6, 1j), False),
        (ring(6, np.exp(0.3j)), False),
        (1j * np.array([[0, 1, 2], [-1, 0, 3], [-2, -3, 0]]), True),  # imaginary hoppings, any graph
        (np.eye(3), False),  # frequencies
        (np.zeros((4, 4)), True),
    ],
)
def test_which_hamiltonians_have_a_real_drift(matrix, possible, rng):
    a = drift(matrix, rng.uniform(0, 1, len(matrix)))
    phases = real_phases(a)
    assert (phases is not None) == possible
    if phases is not None:
        assert not turned(a, phases).imag.any()
        assert np.array_equal(turned(turned(a, phases), phases.conj()), a)  # exact, both ways


def test_models_that_have_one():
    for network in (
        wn.models.chain(7, hopping=0.3, rate=0.1, occupations=(1, 2)),
        wn.models.lattice((3, 4), hopping=0.3, baths=[wn.ThermalBath(0, 0.1, 1.0)]),
    ):
        assert real_phases(np.asarray(network.drift)) is not None


def test_parts_that_are_not_linked_choose_for_themselves():
    a = np.zeros((4, 4), dtype=complex)
    a[0, 1] = a[1, 0] = 1j
    a[2, 3], a[3, 2] = 1.0, -1.0
    phases = real_phases(a)
    assert phases is not None
    assert not turned(a, phases).imag.any()
