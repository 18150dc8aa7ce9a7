"""Block structure and symplectic eigenvalues."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import states

import wignerness as wn
from wignerness.linalg.symplectic import ladder, symplectic_eigenvalues


def test_ladder_order(rng):
    c, s = (rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3)) for _ in range(2))
    theta = ladder(c, s)
    for i in range(3):
        for j in range(3):
            block = theta[2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
            assert np.array_equal(block, [[c[i, j], s[i, j]], [s[i, j].conj(), c[i, j].conj()]])


@given(st.data())
def test_invariant_under_gaussian_unitaries(data):
    """The strategy hides thermal modes behind beam splitters and squeezers; the eigenvalues give them back."""
    size = data.draw(st.integers(1, 4))
    state = data.draw(states(size))
    found = symplectic_eigenvalues(state.covariance("xxpp"))
    omega = np.kron(np.array([[0, 1], [-1, 0]]), np.eye(size))
    plain = np.sort(np.abs(np.linalg.eigvals(1j * omega @ state.covariance("xxpp"))))[::2]
    scale = np.abs(state.covariance()).max()
    assert np.allclose(found, plain, rtol=1e-9, atol=1e-9 * scale)
    assert found.min() >= 0.5 - 1e-12 * scale


def test_thermal_and_squeezed():
    assert symplectic_eigenvalues(wn.GaussianState.thermal([3.0, 1.0]).covariance("xxpp")) == pytest.approx([1.5, 3.5])
    pure = wn.GaussianState.squeezed([1.0, 0.2], [0.3, 2.0])
    assert symplectic_eigenvalues(pure.covariance("xxpp")) == pytest.approx([0.5, 0.5])


def test_refuses_what_is_not_positive():
    with pytest.raises(np.linalg.LinAlgError):
        symplectic_eigenvalues(np.diag([1.0, -1.0]))


def test_three_oscillators():
    """Known: 11/6, 2, 13/6 for three resonant oscillators with baths at 1, 3/2, 2."""
    matrix = np.diag([0.2, 0.2], 1)
    baths = [wn.ThermalBath(k, 0.1, n) for k, n in enumerate((1.0, 1.5, 2.0))]
    state = wn.steady_state(wn.Network(matrix + matrix.T, baths)).state
    assert symplectic_eigenvalues(state.covariance("xxpp")) == pytest.approx([11 / 6, 2, 13 / 6], rel=1e-14)
