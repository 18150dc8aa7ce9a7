"""Eq. (A3a): the normal moments."""

from __future__ import annotations

import numpy as np
import qutip

import wignerness as wn
from wignerness.paper.equations import EQUATIONS
from wignerness.paper.fock import TwoModeSpace


def test_equation_a3a():
    record = EQUATIONS["A3a"]()
    assert record.number == "A3a"
    assert record.passed, record


def test_order_of_the_indices_against_another_library():
    """C_12 = <a_2^+ a_1>: a single excitation in (|10> + i |01>)/sqrt 2, mixed with vacuum, has <a_2^+ a_1> = -i/2."""
    a = [qutip.tensor(qutip.destroy(3), qutip.qeye(3)), qutip.tensor(qutip.qeye(3), qutip.destroy(3))]
    vacuum = qutip.basis([3, 3], [0, 0])
    state = (a[0].dag() + 1j * a[1].dag()) * vacuum / 2**0.5
    by_space = [[qutip.expect(a[j].dag() * a[i], state) for j in range(2)] for i in range(2)]
    np.testing.assert_allclose(by_space, [[0.5, -0.5j], [0.5j, 0.5]], atol=1e-15)
    space = TwoModeSpace(3)
    np.testing.assert_allclose(space.normal(state.proj().full()), by_space, atol=1e-15)


def test_means_are_taken_off():
    state = wn.GaussianState.coherent([1.0, 2j])
    assert not state.normal.any()
    np.testing.assert_allclose(state.occupations, [1, 4])
