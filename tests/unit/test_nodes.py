"""The exact rule for resolvents, sums over distances, columns and operators on levels, against dense algebra."""

from __future__ import annotations

import flint
import numpy as np
import pytest

from wignerness.linalg.cauchy import Points, cauchy_sums, levels_themselves
from wignerness.linalg.columns import Band, Sums, add_columns
from wignerness.linalg.level_space import LevelSpace, inverse_form
from wignerness.linalg.levels import tridiagonal_levels
from wignerness.linalg.nodes import exact_nodes, lone_resonances


def matrix(size, disorder, seed=0):
    rng = np.random.default_rng(seed)
    h = np.diag(disorder * rng.uniform(-0.5, 0.5, size))
    return h + np.diag(np.ones(size - 1), 1) + np.diag(np.ones(size - 1), -1)


def rule(h, sites, rates, detuning=0.0):
    """Levels of the detuned matrix, couplings and nodes."""
    levels = tridiagonal_levels(np.diag(detuned(h, sites, detuning)), np.diag(h, 1), sites)
    couplings = levels.amplitudes.real * np.sqrt(rates / 2)
    return levels, couplings, exact_nodes(levels.energies, couplings, 1j + detuning / (rates / 2))


def detuned(h, sites, detuning):
    return h + np.diag(np.bincount(sites, np.broadcast_to(detuning, len(sites)), minlength=len(h)))


def resolvents(h, sites, rates, places):
    loss = np.zeros(len(h))
    loss[sites] = rates
    return np.linalg.inv(places[:, None, None] * np.eye(len(h)) - h + 0.5j * np.diag(loss))


def responses(h, sites, rates):
    """Every element of X^b, b after b, from all eigenvectors with forty digits."""
    size, old, flint.ctx.dps = len(h), flint.ctx.dps, 40
    try:
        loss = np.zeros(size)
        loss[sites] = rates
        a = flint.acb_mat([[flint.acb(-loss[i] / 2 * (i == j), -h[i, j]) for j in range(size)] for i in range(size)])
        values, right = a.eig(right=True, algorithm="approx")
        left = right.inv()
        apart = [[-1 / (x + y.conjugate()) for y in values] for x in values]
        adjoint = flint.acb_mat([[right[j, i].conjugate() for j in range(size)] for i in range(size)])
        found = []
        for site, rate in zip(sites, rates, strict=True):
            seen = [left[i, int(site)] for i in range(size)]
            inner = [[seen[i] * seen[j].conjugate() * apart[i][j] * rate for j in range(size)] for i in range(size)]
            x = right * flint.acb_mat(inner) * adjoint
            found.append(np.array([[complex(x[i, j]) for j in range(size)] for i in range(size)]))
        return found
    finally:
        flint.ctx.dps = old


CASES = {
    "one bath": (matrix(12, 1.0), [0], [1.0]),
    "two nodes": (matrix(2, 0.0), [0, 1], [1.0, 1.0]),
    "clean": (matrix(40, 0.0), [0, 39], [1.0, 2.0]),
    "disordered": (matrix(60, 0.5), [0, 59], [1.0, 2.0]),
    "strong and weak baths": (matrix(40, 1.0), [0, 39], [1e4, 1e-6]),
    "overdamped ends": (matrix(40, 1.0), [0, 39], [1e6, 1e3]),
    "baths in the middle": (matrix(50, 1.0), [0, 20, 21, 49], [1.0, 1e3, 0.1, 2.0]),
    "one end free": (matrix(30, 0.3), [7, 18], [0.5, 2.0]),
}


@pytest.fixture(params=CASES, scope="module")
def system(request):
    """Matrix, sites and rates, and the exact responses."""
    h, sites, rates = CASES[request.param]
    sites, rates = np.array(sites), np.array(rates)
    return h, sites, rates, responses(h, sites, rates)


@pytest.fixture(params=[False, True], ids=["plain", "detuned"])
def case(request, system):
    h, sites, rates, exact = system
    return h, sites, rates, request.param * np.linspace(-1.0, 0.7, len(sites)) * np.minimum(rates / 2, 0.5), exact


def test_the_rule_is_exact(case):
    """Not a sum over many frequencies that converges: one node a level, and rounding is all that is missing."""
    h, sites, rates, detuning, exact_responses = case
    levels, _, nodes = rule(h, sites, rates, detuning)
    g = resolvents(h, sites, rates, nodes.points.places(levels.energies))
    for column, exact in zip(range(len(sites)), exact_responses, strict=True):
        y = g[:, :, sites[column]]
        size = nodes.weights * rates[column] * np.sum(np.abs(y) ** 2, axis=1)
        np.testing.assert_allclose(size, nodes.norms[:, column], rtol=1e-4)  # widths may be 1e-11
        y = y * np.sqrt(nodes.norms[:, column] / np.sum(np.abs(y) ** 2, axis=1))[:, None]
        np.testing.assert_allclose(y.T @ y.conj(), exact, atol=1e-11)


def test_responses_between_the_sites_need_no_matrix(case):
    h, sites, rates, detuning, exact_responses = case
    _, _, nodes = rule(h, sites, rates, detuning)
    exact = np.array([x[sites, sites].real for x in exact_responses]).T
    np.testing.assert_allclose(nodes.site_responses(rates), exact, rtol=1e-10)
    np.testing.assert_allclose(rates @ nodes.site_responses(rates), rates, rtol=1e-11)


def test_columns_in_one_pass(case):
    h, sites, rates, detuning, exact_responses = case
    levels, _, nodes = rule(h, sites, rates, detuning)
    loss = np.zeros(len(h))
    loss[sites] = rates
    band, places = Band(np.diag(h), np.diag(h, 1), loss), nodes.points.places(levels.energies)
    for column, exact in zip(range(len(sites)), exact_responses, strict=True):
        sums = Sums.zero(len(h), 1)
        add_columns(sums, band, places, np.full(len(h), sites[column]), nodes.norms[:, column : column + 1])
        np.testing.assert_allclose(sums.diagonal[:, 0], np.diag(exact).real, atol=2e-13)
        np.testing.assert_allclose(sums.links[:, 0], np.diag(exact, 1), atol=2e-13)
        np.testing.assert_allclose(sums.next_links[:, 0], np.diag(exact, 2), atol=2e-13)


def test_columns_that_start_anywhere(monkeypatch):
    """Blocks and stretches shorter than the arrays, starts and weights of all kinds."""
    monkeypatch.setattr("wignerness.linalg.columns._COLUMNS", 7)
    monkeypatch.setattr("wignerness.linalg.columns._ROWS", 4)
    rng = np.random.default_rng(0)
    for size in (1, 2, 3, 5, 30):
        h = matrix(size, 2.0) * np.sqrt(np.outer(w := rng.uniform(0.5, 1.5, size), w))
        loss = np.where(rng.random(size) < 0.3, rng.random(size), 0.0)
        loss[rng.integers(size)] = 0.7
        energies, starts, weights = rng.standard_normal(20), rng.integers(0, size, 20), rng.random((20, 3))
        sums = Sums.zero(size, 3)
        add_columns(sums, Band(np.diag(h), np.diag(h, 1), loss), energies, starts, weights)
        g = np.linalg.inv(energies[:, None, None] * np.eye(size) - h + 0.5j * np.diag(loss))
        y = g[np.arange(20), :, starts]
        y /= np.linalg.norm(y, axis=1)[:, None]
        exact = np.einsum("ik,il,ic->klc", y, y.conj(), weights)
        np.testing.assert_allclose(sums.diagonal, np.einsum("kkc->kc", exact).real, atol=2e-13)
        for distance, found in ((1, sums.links), (2, sums.next_links)):
            want = np.array([exact[k, k + distance] for k in range(size - distance)]).reshape(found.shape)
            np.testing.assert_allclose(found, want, atol=2e-13)


def test_eigenvectors_are_columns_without_losses():
    h = matrix(80, 4.0)
    levels = tridiagonal_levels(np.diag(h), np.diag(h, 1), np.array([0, 79]))
    _, vectors = np.linalg.eigh(h)
    sums, weights = Sums.zero(80, 2), np.random.default_rng(1).random((80, 2))
    add_columns(sums, Band(np.diag(h), np.diag(h, 1), np.zeros(80)), levels.energies, levels.peaks, weights)
    np.testing.assert_allclose(sums.diagonal, vectors**2 @ weights, atol=1e-12)
    np.testing.assert_allclose(sums.links, (vectors[:-1] * vectors[1:]) @ weights, atol=1e-12)


@pytest.mark.parametrize("size", [3, 300, 1200])
def test_sums_over_distances_far_and_near(size):
    rng = np.random.default_rng(size)
    energies = np.sort(rng.standard_normal(size))
    gaps = np.diff(energies, append=energies[-1] + 1.0)
    points = Points(np.arange(size), gaps * rng.uniform(0, 1, size) * np.where(rng.random(size) < 0.3, 1e-14, 1.0))
    charges, squares = rng.random((size, 2)), rng.standard_normal((size, 3))
    for ends in ((points, levels_themselves(size)), (levels_themselves(size), points)):
        first, second = cauchy_sums(energies, *ends, charges, squares)
        distance = energies[:, None] - energies + ends[0].shift[:, None] - ends[1].shift
        np.fill_diagonal(distance, np.inf)
        np.testing.assert_allclose(first, (1 / distance) @ charges, rtol=1e-11, atol=1e-11 * np.abs(1 / distance).max())
        np.testing.assert_allclose(second, distance**-2.0 @ squares, atol=1e-12 * (distance**-2.0).max())


def test_a_point_far_outside_does_not_feel_its_own_level():
    """As the node of an overdamped bath: its level is among the others, it is not."""
    energies = np.linspace(-1, 1, 5)
    points = Points(np.array([2]), np.array([1e4]))
    first, _ = cauchy_sums(energies, points, levels_themselves(5), np.ones((5, 1)))
    others = energies[[0, 1, 3, 4]]
    np.testing.assert_allclose(first[0, 0], np.sum(1 / (1e4 - others)), rtol=1e-14)
    back, _ = cauchy_sums(energies, levels_themselves(5), points, np.ones((1, 1)))
    np.testing.assert_allclose(back[:, 0], np.where(np.arange(5) == 2, 0.0, 1 / (energies - 1e4)), rtol=1e-14)


def test_widths_far_below_rounding_keep_their_digits():
    """Localized levels with widths down to 1e-200: the responses on the levels still add up to one."""
    h = matrix(600, 2.0, seed=3)
    levels, couplings, nodes = rule(h, np.array([0, 599]), np.array([1.0, 2.0]))
    held = np.flatnonzero((couplings**2).sum(axis=1) > 1e-250)
    assert (couplings[held] ** 2).sum(axis=1).min() < 1e-100
    nodes = exact_nodes(levels.energies[held], couplings[held], np.full(2, 1j))
    space = LevelSpace(levels.energies[held], couplings[held], nodes)
    np.testing.assert_allclose(space.diagonal(np.ones(2)), 1.0, atol=1e-10)
    x = np.random.default_rng(0).standard_normal(len(held)) + 0j
    np.testing.assert_allclose(space.applied(np.ones(2), x), x, atol=1e-10)


def test_operators_on_levels_are_those_of_the_matrix(case):
    h, sites, rates, detuning, exact_responses = case
    levels, couplings, nodes = rule(h, sites, rates, detuning)
    _, vectors = np.linalg.eigh(detuned(h, sites, detuning))
    signs = np.sign(vectors[levels.peaks, np.arange(len(h))])
    vectors = vectors * signs
    exact = [vectors.T @ x @ vectors for x in exact_responses]
    space = LevelSpace(levels.energies, couplings, nodes)
    weights = np.arange(1.0, len(sites) + 1)
    total = sum(w * x for w, x in zip(weights, exact, strict=True))
    x = np.random.default_rng(0).standard_normal((len(h), 2)) @ [1, 1j]
    np.testing.assert_allclose(space.applied(weights, x), total @ x, atol=1e-10)
    np.testing.assert_allclose(space.diagonal(weights), np.diag(total).real, atol=1e-11)
    for index, site in enumerate(sites):
        np.testing.assert_allclose(space.site_column(index, rates[index], weights), total @ vectors[site], atol=1e-11)
        form = inverse_form(space, 0.5, weights, total @ vectors[site], 300)
        direct = np.vdot(total @ vectors[site], np.linalg.solve(total + np.eye(len(h)) / 2, total @ vectors[site]))
        assert form == pytest.approx(direct.real, rel=1e-10)


def test_too_few_steps_are_said():
    h = matrix(40, 0.0)
    levels, couplings, nodes = rule(h, np.array([0, 39]), np.array([1.0, 1.0]))
    space = LevelSpace(levels.energies, couplings, nodes)
    weights = np.array([0.0, 1e6])
    assert inverse_form(space, 0.5, weights, space.site_column(0, 1.0, weights), 1) is None


def test_coinciding_levels_are_parted_by_detuning():
    """The edge states of a dimerized chain, 1e-20 apart: as bad coordinates as any, unless the edges are told apart."""
    off = np.where(np.arange(79) % 2, 1.0, 0.3)
    h, sites, rates = np.diag(off, 1) + np.diag(off, -1), np.array([0, 79]), np.array([1.0, 1.0])
    exact = np.array([x[sites, sites].real for x in responses(h, sites, rates)]).T
    _, _, nodes = rule(h, sites, rates, np.array([-0.5, 0.5]))
    np.testing.assert_allclose(nodes.site_responses(rates), exact, rtol=1e-12)


def test_lone_resonances_are_the_eigenvalues_of_narrow_levels():
    h, rates = matrix(40, 1.0), np.array([1e-6, 2e-6])
    levels = tridiagonal_levels(np.diag(h), np.diag(h, 1), np.array([0, 39]))
    found, shares, squares = lone_resonances(levels, rates, np.full(2, 1j))
    loss = np.zeros(40)
    loss[[0, 39]] = rates
    values, right = np.linalg.eig(h - 0.5j * np.diag(loss))
    order = np.argsort(values.real)
    np.testing.assert_allclose(found, values[order], atol=1e-12)
    ends = np.abs(right[[0, 39]][:, order].T) ** 2
    np.testing.assert_allclose(shares, ends * rates / (ends @ rates)[:, None], rtol=1e-4)
    np.testing.assert_allclose(squares, ends, rtol=1e-4, atol=1e-12)
