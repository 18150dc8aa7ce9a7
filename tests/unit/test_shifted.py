"""Resolvents at many points and the response of chains, against inverted matrices."""

from __future__ import annotations

import numpy as np
import pytest

from wignerness.linalg.localized import EndToEnd, log_green
from wignerness.linalg.shifted import ShiftedColumns


@pytest.mark.parametrize("size", [1, 5, 16, 17, 50])
def test_columns_of_the_resolvent(size):
    rng = np.random.default_rng(size)
    matrix = rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size))
    right = rng.normal(size=(size, 2)).astype(complex)
    solver = ShiftedColumns(matrix, right)
    origin, offset = np.array([0.3, -2.0]), rng.normal(size=(2, 3))
    found = np.tensordot(solver.basis, solver.at(origin, offset), axes=1)
    for i in range(2):
        for j in range(3):
            exact = np.linalg.solve((origin[i] + offset[i, j]) * np.eye(size) - matrix, right)
            assert np.abs(found[:, i, j] - exact).max() < 1e-12 * np.abs(exact).max()


def test_columns_at_an_exceptional_point():
    """One eigenvector for two eigenvalues: nothing is expanded in eigenvectors."""
    matrix = np.array([[1.0 - 0.5j, 0.5], [0.5, 1.0 + 0.5j]])
    found = ShiftedColumns(matrix, np.eye(2, dtype=complex))
    value = np.tensordot(found.basis, found.at(np.array([1.5]), np.zeros((1, 1))), axes=1)[:, 0, 0]
    assert value == pytest.approx(np.linalg.inv(1.5 * np.eye(2) - matrix), abs=1e-14)


def test_elements_of_the_inverse_of_a_chain():
    rng = np.random.default_rng(1)
    diagonal = rng.normal(size=(9, 4)) + 1j * rng.normal(size=(9, 4))
    links, sites = rng.normal(size=8), np.array([7, 0, 3, 8])
    found = log_green(diagonal, links, sites)
    for k in range(4):
        inverse = np.linalg.inv(np.diag(diagonal[:, k]) - np.diag(links, 1) - np.diag(links, -1))
        assert np.exp(found[:, :, k]) == pytest.approx(np.abs(inverse[np.ix_(sites, sites)]), rel=1e-12)


def test_a_zero_pivot_is_passed():
    """The first site alone is in resonance; the inverse is finite."""
    matrix = np.array([[0.0, -1.0, 0.0], [-1.0, 0.0, -2.0], [0.0, -2.0, 1.0]])
    found = log_green(np.diag(matrix)[:, None].astype(complex), np.array([1.0, 2.0]), np.arange(3))[:, :, 0]
    exact = np.abs(np.linalg.inv(matrix))
    assert np.exp(found)[exact > 0] == pytest.approx(exact[exact > 0], rel=1e-12)


@pytest.mark.parametrize("spread", [0.5, 5.0, 500.0])
def test_the_response_between_the_ends_from_any_level(spread):
    rng = np.random.default_rng(int(spread))
    diagonal, links = spread * rng.normal(size=8), rng.uniform(0.5, 1.5, 7)
    chain = EndToEnd.of(diagonal, links)
    sigma = np.array([[0.3 - 0.7j, -0.1 - 0.2j]])
    damped = np.diag(diagonal).astype(complex) + np.diag(links, 1) + np.diag(links, -1)
    damped[0, 0] += sigma[0, 0]
    damped[-1, -1] += sigma[0, 1]
    for omega in chain.energies + 0.1:
        exact = 2 * np.log(np.abs(np.linalg.inv(omega * np.eye(8) - damped)[0, -1]))
        for level in (0, 3, int(chain.nearest(np.array([omega]))[0])):
            found = chain.log_response(np.array([level]), np.array([omega - chain.energies[level]]), sigma)
            assert found[0] == pytest.approx(exact, abs=1e-8)
