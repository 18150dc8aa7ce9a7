"""solvers.ADI against the dense solver, the closed form, and the laws that hold for any network."""

from __future__ import annotations

import contextlib
from fractions import Fraction
from itertools import pairwise

import hard_cases
import numpy as np
import oracle
import pytest
from scipy import sparse

import wignerness as wn
from wignerness.errors import ConvergenceError, NoUniqueSteadyStateError, UndefinedQuantityError
from wignerness.solvers import ADI, Dense

T = wn.ThermalBath


def random_chain(size, rng):
    """Complex hoppings of any phase and of sizes from 0.2 to 2, weakly disordered, its nodes numbered at random."""
    matrix = np.diag(rng.uniform(-0.3, 0.3, size)).astype(complex)
    order = rng.permutation(size)
    for a, b in pairwise(order):
        matrix[a, b] = rng.uniform(0.5, 1.5) * np.exp(2j * np.pi * rng.random())
        matrix[b, a] = matrix[a, b].conjugate()
    return matrix, order


def networks():
    rng = np.random.default_rng(7)
    ends = {"occupations": (0, 2), "hopping": 1.0}
    for disorder in (0.0, 0.1, 1.0):
        for rate in (1e-3, 1.0, 1e3):
            yield f"chain {disorder} {rate}", wn.models.chain(50, rate=rate, disorder=disorder, rng=3, **ends)
    yield "one node", wn.models.chain(1, rate=0.5, **ends)
    yield "two nodes", wn.models.chain(2, rate=0.5, **ends)
    matrix, order = random_chain(40, rng)
    baths = [T(order[0], 1e-3, 1.0), T(order[-1], 1e3, 4.0), T(order[17], 0.3, 0.0), T(order[17], 0.1, 2.0)]
    yield (
        "baths in the bulk",
        wn.Network(matrix, [*baths, wn.Probe(order[5], 0.2, occupation=1.5), T(order[3], 0.0, 9.0)]),
    )
    yield "sparse input", wn.Network(sparse.csr_array(matrix), baths[:3])
    tree = [T(0, 1, 1), T(30, 0.5, 3), T(20, 0.5, 2)]
    yield "tree", wn.models.tree(2, 4, hopping=0.7, disorder=1.0, rng=1, baths=tree)
    lattice = [T(0, 1e-3, 1), T(30, 1e3, 3), T(41, 1, 0)]
    yield "lattice", wn.models.lattice((6, 7), hopping=1.0, disorder=0.5, rng=3, baths=lattice)
    yield (
        "ring with a flux",
        wn.models.ring(20, hopping=1.0, flux=0.7, disorder=0.1, rng=1, baths=[T(0, 1, 1), T(7, 0.5, 3)]),
    )
    clean = [T(0, 1, 1), T(7, 0.5, 3)]
    yield "clean ring with a flux", wn.models.ring(20, hopping=1.0, flux=0.7, baths=clean)
    yield "exceptional point", wn.Network([[0, 0.5], [0.5, 0]], [T(0, 1, 1), T(1, 3, 2)])
    parts = np.zeros((5, 5))
    parts[0, 1] = parts[1, 0] = 1.0
    parts[2, 3] = parts[3, 2] = 2.0
    yield "three parts", wn.Network(parts, [T(0, 1, 1), T(1, 1, 2), T(3, 1, 4), T(2, 1e-9, 3), T(4, 2, 1)])
    driven = wn.models.chain(12, rate=0.5, **ends)
    yield "driven", driven.replace(drive=np.linspace(0, 1j, 12))


@pytest.mark.parametrize(("name", "network"), list(networks()))
def test_agrees_with_dense_within_its_bound(name, network):
    found, exact = wn.steady_state(network, solver=ADI()), wn.steady_state(network, solver=Dense())
    assert found.state.is_partial
    assert found.converged
    stored = found.state.normal.tocoo()
    error = np.abs(stored.data - exact.state.normal[stored.coords]).max()
    assert error <= found.error_bound + exact.error_bound
    assert found.error_bound < 1e-11 * max(1.0, exact.occupations.max())
    largest = np.abs(exact.bath_currents).max()
    np.testing.assert_allclose(found.bath_currents, exact.bath_currents, rtol=1e-10, atol=1e-13 * largest)
    np.testing.assert_allclose(found.entropy_flux, exact.entropy_flux, rtol=1e-10, atol=1e-13 * largest)
    np.testing.assert_allclose(found.entropy_production, exact.entropy_production, rtol=1e-9, atol=1e-13 * largest)
    np.testing.assert_allclose(found.currents.toarray(), exact.currents, atol=1e-12)
    np.testing.assert_allclose(found.energy_currents.toarray(), exact.energy_currents, atol=1e-12)
    np.testing.assert_allclose(
        found.heat_currents, exact.heat_currents, atol=1e-12 * max(1.0, network.bath_rates.max())
    )


@pytest.mark.parametrize("length", [2, 3, 100, 1000, pytest.param(10_000, marks=pytest.mark.slow)])
def test_long_uniform_chain_is_the_closed_form(length):
    network = wn.models.chain(length, hopping=0.7, rate=1.3, occupations=(1, 2))
    found = wn.steady_state(network, solver=ADI())
    exact = wn.exact.chain(length, hopping=0.7, rate=1.3, occupations=(1, 2))
    np.testing.assert_allclose(found.occupations, exact.occupations, rtol=0, atol=1e-12)
    np.testing.assert_allclose(np.abs(found.bath_currents), abs(exact.current), rtol=1e-12)
    assert np.abs(found.occupations - exact.occupations).max() <= found.error_bound
    assert found.error_bound < 1e-10


def test_productions_of_a_chain_of_hundreds():
    """Sum of productions is the sum of fluxes; each is that of the closed form."""
    network = wn.models.chain(400, hopping=0.7, rate=1.3, occupations=(1, 2))
    found = wn.steady_state(network, solver=ADI())
    exact = wn.exact.chain(400, hopping=0.7, rate=1.3, occupations=(1, 2))
    assert found.entropy_production.sum() == pytest.approx(found.entropy_flux.sum(), rel=1e-11)
    assert found.entropy_production.sum() == pytest.approx(exact.entropy_production_real, rel=1e-11)


def test_hard_networks_keep_to_the_bound(seed):
    rng, solver = np.random.default_rng(seed), ADI()
    for index in range(3 * len(hard_cases.FAMILIES)):
        name, network = hard_cases.draw(rng, index, 8)
        if solver.refusal(network) is not None:
            continue
        try:
            found = wn.steady_state(network, solver=solver)
            exact = wn.steady_state(network, solver=Dense())
        except ConvergenceError:
            continue  # it says so itself
        stored = found.state.normal.tocoo()
        error = np.abs(stored.data - exact.state.normal[stored.coords]).max(initial=0.0)
        assert error <= found.error_bound + exact.error_bound, name


@pytest.mark.parametrize(
    ("seed", "index", "largest"),
    # Levels 2e-6 apart, one of them seen by the baths 1e4 times less than the next: its shares move by 1e-9.
    [(3114720674, 7, 8)],
)
def test_hardly_seen_modes_keep_to_the_bound(seed, index, largest):
    rng = np.random.default_rng(seed)
    for place in range(index + 1):
        name, network = hard_cases.draw(rng, place, largest)
    assert name == "nearly_dark_modes"
    found, exact = ADI().solve(network), Dense().solve(network)
    stored = found.state.normal.tocoo()
    error = np.abs(stored.data - exact.state.normal[stored.coords]).max()
    assert 1e-11 < error <= found.error_bound < 1e-5
    assert exact.error_bound < 1e-14


def overdamped_chain():
    """A site damped 170 times more than it is linked, levels in pairs."""
    off = [1.5108e-3, 1.2299e-3, 4.5733e-4, 1.3909e-3, 7.2476e-4, 3.4224e-4]
    off = np.array([*off, 3.0347e-7, *off[::-1]])
    energies = np.array([-9e-4, -1.6e-3, 9e-4, 2e-4, 2.3e-3, -1.9e-3, -2.3e-3])
    matrix = np.diag(np.concatenate([energies, energies[::-1]])) + np.diag(off, 1) + np.diag(off, -1)
    baths = [(1, 6.8731e-6, 2.3), (3, 5.9481e-8, 2.46), (10, 0.76942, 1.17), (13, 2.0534e-3, 2.24)]
    return wn.Network(matrix, [T(*bath) for bath in baths])


def chain_that_hides_a_level():
    """A level that is almost that of the end node, so that little of it is on the damped node beside it."""
    frequencies = 1e-5 * np.array([0.19, -2.9, -6.5, -6.8, -2.5, -0.9, 5.2, 8.3, -8.3, -5.6, 2.4, -2.9, -8.0])
    off = [0.4305, 0.8494, 0.1363, 0.2904, 0.1187, 0.2094, 0.1165, 0.3132, 0.6553, 0.5021, 0.2351, 0.2466]
    matrix = np.diag(frequencies) + np.diag(off, 1) + np.diag(off, -1)
    return wn.Network(matrix, [T(1, 0.0384, 1.8), T(7, 0.6514, 2.15)])


@pytest.mark.parametrize("build", [overdamped_chain, chain_that_hides_a_level])
def test_chains_with_weak_tails_keep_to_the_bound(build):
    network = build()
    found, exact = ADI().solve(network), Dense().solve(network)
    stored = found.state.normal.tocoo()
    error = np.abs(stored.data - exact.state.normal[stored.coords]).max()
    assert error <= found.error_bound + exact.error_bound
    assert found.error_bound < 1e-9


def test_shares_of_a_localized_level_keep_to_the_bound():
    """A level whose tails reach both baths alike, over links of 1e-4: the iteration loses digits of its shares."""
    frequencies = [-2.91829093, -1.37708445, -0.0162501983, -0.806500258, 2.89156348, -2.6072663]
    links = [2.11716918e-04, 3.28411146e-02, 4.24005785e-04, 2.57977125e-03, 3.28949822e-05]
    rng = np.random.default_rng(3)
    for _ in range(40):
        hopping = np.diag(links * np.exp(rng.uniform(-0.5, 0.5, 5)), 1)
        matrix = np.diag(frequencies + rng.uniform(-0.1, 0.1, 6)) + hopping + hopping.T
        network = wn.Network(matrix, [T(0, 1.9, 0.0887), T(5, 0.96, 0.0)])
        ness = wn.steady_state(network, solver=ADI())
        exact = oracle.truth(network).occupations
        error = max(oracle.error(n, true) for n, true in zip(ness.occupations, exact, strict=True))
        assert error <= ness.error_bound <= 1e-12


def test_a_level_that_rounding_leaves_undamped_is_declined():
    """A 3 x 3 lattice with one bath at a corner, detuned by 1e-9: some level sees it by less than rounding."""
    rng = np.random.default_rng(12)
    found = 0
    for scale in (1e-9, 1e-8):
        for _ in range(20):
            lattice = wn.models.lattice((3, 3), hopping=1.0, baths=[])
            shifts = np.diag(scale * rng.normal(size=9))
            network = wn.Network(lattice.hamiltonian + shifts, [T(2, 2.4, 0.07)])
            try:
                assert ADI().solve(network).separation > 0
            except (ConvergenceError, NoUniqueSteadyStateError):
                found += 1
    assert found


@pytest.mark.parametrize("size_and_rates", [(4, (1.0, 1.0)), (12, (1e-3, 0.3)), (30, (2.0, 1e-6)), (7, (1e3, 1.0))])
def test_separation_is_near_that_of_dense_and_at_the_narrowest_resonance(size_and_rates):
    size, (first, last) = size_and_rates
    base = wn.models.chain(size, hopping=1.0, rate=1.0, occupations=(1, 2), disorder=0.5, rng=4)
    for hamiltonian in (
        base.hamiltonian,
        base.hamiltonian + np.diag([0.4] * (size - 2), 2) + np.diag([0.4] * (size - 2), -2),
    ):
        network = base.replace(hamiltonian=hamiltonian, baths=[T(0, first, 1.0), T(size - 1, last, 2.0)])
        found, dense = ADI().solve(network), Dense().solve(network)
        width = -2 * np.linalg.eigvals(network.drift).real.max()
        assert width / 2 < found.separation < 2 * width
        assert dense.separation / 4 < found.separation < 12 * dense.separation
        assert found.residual < 1e-11  # relative to what C is above that of one bath


@pytest.mark.parametrize(
    ("size", "hopping", "rate", "below"), [(16, 0.1, 0.5, 1e-13), (30, 0.05, 0.5, 1e-33), (30, 0.05, 20.0, 1e-33)]
)
def test_a_current_far_below_rounding_keeps_its_digits(size, hopping, rate, below):
    """Localized chains between baths that differ by one, against 150 digits."""
    flint = pytest.importorskip("flint")
    network = wn.models.chain(size, hopping=hopping, rate=rate, occupations=(1, 2), disorder=3.0, rng=11)
    found = wn.steady_state(network, solver=ADI())
    occupations, exact = _two_bath_chain(flint, network)
    assert exact < below
    assert np.abs(found.occupations - occupations).max() <= found.error_bound
    assert found.error_bound < 1e-11
    np.testing.assert_allclose(found.bath_currents, [exact, -exact], rtol=1e-9)
    links = found.currents.diagonal(1)
    np.testing.assert_allclose(links, exact, rtol=1e-9)


def _two_bath_chain(flint, network):
    """Occupations of a chain between n = 1 and n = 2, and the current into the first bath, from all eigenvectors."""
    size = network.n_modes
    old, flint.ctx.dps = flint.ctx.dps, 150
    try:
        a = [[flint.acb(0)] * size for _ in range(size)]
        for i in range(size):
            for j in range(size):
                h = complex(network.hamiltonian[i, j])
                a[i][j] = flint.acb(h.imag, -h.real) - (flint.acb(network.mode_rates[i]) / 2 if i == j else 0)
        values, right = flint.acb_mat(a).eig(right=True, algorithm="approx")
        left = right.inv()
        rate = flint.acb(network.mode_rates[0])
        # X_kk = sum_mn R_km (L b)_m conj(R_kn (L b)_n) / -(lambda_m + conj lambda_n), b on the last node
        weight = [
            [
                -left[m, size - 1] * left[n, size - 1].conjugate() / (values[m] + values[n].conjugate())
                for n in range(size)
            ]
            for m in range(size)
        ]
        response = []
        for k in range(size):
            total = flint.acb(0)
            for m in range(size):
                row = sum((weight[m][n] * right[k, n].conjugate() for n in range(size)), flint.acb(0))
                total += right[k, m] * row
            response.append(total * rate)
        return [1.0 + float(x.real.mid()) for x in response], float((rate * response[0]).real.mid())
    finally:
        flint.ctx.dps = old


def dimerized(size, inside, between):
    """Links of two kinds in turn, both ends on weak ones: an edge state at each end."""
    off = np.where(np.arange(size - 1) % 2, between, inside)
    return np.diag(off, 1) + np.diag(off, -1)


@pytest.mark.parametrize("size", [40, 60, 200])
def test_edge_states_at_one_energy(size):
    """They are apart by 1e-10, 1e-16 and 1e-52; each is strongly damped by its own end."""
    network = wn.Network(dimerized(size, 0.3, 1.0), [T(0, 1.0, 1.0), T(size - 1, 1.0, 2.0)])
    found, exact = wn.steady_state(network, solver=ADI()), wn.steady_state(network, solver=Dense(extended=True))
    assert np.abs(found.occupations - exact.occupations).max() <= found.error_bound + exact.error_bound
    assert found.error_bound < 1e-12
    np.testing.assert_allclose(found.bath_currents, exact.bath_currents, rtol=1e-12)
    np.testing.assert_allclose(found.entropy_production, exact.entropy_production, rtol=1e-12)


@pytest.mark.parametrize("link", [1e-6, 1e-9, 1e-12, 1e-30])
def test_mirror_images_with_a_weak_link(link):
    """Every level of one half has its like in the other. The current falls with the square of the link."""
    currents = []
    for strength in (link, 2 * link):
        off = np.ones(39)
        off[19] = strength
        network = wn.Network(np.diag(off, 1) + np.diag(off, -1), [T(0, 1.0, 1.0), T(39, 1.0, 2.0)])
        found = wn.steady_state(network, solver=ADI())
        assert found.error_bound < 1e-12
        currents.append(found.bath_currents[0])
        # What the baths produce is what flows between them.
        flow = currents[-1] * (1 / 1.5 - 1 / 2.5)
        assert found.entropy_production.sum() == pytest.approx(flow, rel=1e-12)
    assert currents[1] / currents[0] == pytest.approx(4.0, rel=max(1e-12, 100 * link**2))


@pytest.mark.parametrize(("rate", "disorder"), [(1e-12, 0.5), (1e-25, 0.5), (1e9, 0.5), (1.0, 10.0)])
def test_what_dense_cannot_determine(rate, disorder):
    """Weak, overdamped and localized: all digits of the occupations and the current, against 150 digits."""
    flint = pytest.importorskip("flint")
    network = wn.models.chain(20, hopping=1.0, rate=rate, occupations=(1, 2), disorder=disorder, rng=1)
    found = wn.steady_state(network, solver=ADI())
    occupations, exact = _two_bath_chain(flint, network)
    assert np.abs(found.occupations - occupations).max() <= found.error_bound < 1e-12
    np.testing.assert_allclose(found.bath_currents, [exact, -exact], rtol=1e-11)


@pytest.mark.parametrize("disorder", [2.0, 6.0])
@pytest.mark.parametrize("size", [200, pytest.param(2000, marks=pytest.mark.slow)])
def test_localized_chains_by_two_methods(monkeypatch, size, disorder):
    """Widths that underflow: what is known of the tails still determines the answer, to the stated bound."""
    network = wn.models.chain(size, hopping=1.0, rate=1.0, occupations=(1, 2), disorder=disorder, rng=3)
    by_rule = wn.steady_state(network, solver=ADI())
    monkeypatch.setattr("wignerness.solvers.adi.by_nodes", lambda _: None)
    iterated = wn.steady_state(network, solver=ADI())
    allowed = by_rule.error_bound + iterated.error_bound
    assert by_rule.separation < 1e-30
    assert allowed < 2e-10
    difference = by_rule.state.normal - iterated.state.normal
    assert np.abs(difference.data).max() <= allowed
    np.testing.assert_allclose(by_rule.bath_currents, iterated.bath_currents, rtol=1e-8)
    # The productions come from conjugate gradients, their sum from the current: 1e-28 and less, to all digits.
    assert by_rule.entropy_production.sum() == pytest.approx(by_rule.entropy_flux.sum(), rel=1e-11)


@pytest.mark.parametrize("disorder", [1.0, 3.0, 6.0])
def test_localized_mirror_images_are_not_determined_and_it_is_said(disorder):
    """Levels at the same energy to all digits, far apart: each has its own bath, or both have both; rounding decides."""
    half = wn.models.chain(100, hopping=1.0, rate=1.0, occupations=(1, 2), disorder=disorder, rng=2)
    energies = np.diag(half.hamiltonian).real
    network = wn.models.chain(
        200, hopping=1.0, rate=1.0, occupations=(1, 2), disorder=np.concatenate([energies, energies[::-1]])
    )
    with pytest.raises(ConvergenceError, match="rounding decides"):
        wn.steady_state(network, solver=ADI())


def test_weak_links_do_not_spoil_the_coherences_unsaid(monkeypatch):
    """Columns lose digits of coherences across weak links beside narrow levels: the bound covers it."""
    rng = np.random.default_rng(3)
    off = 10.0 ** rng.uniform(-8, 0, 29)
    network = wn.Network(
        np.diag(rng.standard_normal(30)) + np.diag(off, 1) + np.diag(off, -1), [T(0, 1.0, 1.0), T(29, 1.0, 2.0)]
    )
    fine = wn.steady_state(network, solver=ADI())
    assert fine.error_bound < 1e-12
    monkeypatch.setattr("wignerness.solvers.adi._QUICK", 1)
    rough = wn.steady_state(network, solver=ADI(tolerance=1e-6))
    error = np.abs((rough.state.normal - fine.state.normal).data).max()
    assert 1e-13 < error <= rough.error_bound + fine.error_bound < 1e-6


def test_many_sites_on_a_long_chain_are_iterated(monkeypatch):
    network = wn.models.chain(40, hopping=1.0, rate=0.4, occupations=(1, 2), disorder=0.5, rng=0)
    by_rule = wn.steady_state(network, solver=ADI())
    monkeypatch.setattr("wignerness.solvers.long_chains._LARGEST", 10)
    iterated = wn.steady_state(network, solver=ADI())
    np.testing.assert_allclose(iterated.occupations, by_rule.occupations, atol=1e-13)
    np.testing.assert_allclose(iterated.entropy_production, by_rule.entropy_production, rtol=1e-11)
    monkeypatch.setattr("wignerness.solvers.iterated._KEPT", 0)
    again = wn.steady_state(network, solver=ADI())
    np.testing.assert_allclose(again.entropy_production, by_rule.entropy_production, rtol=1e-11)


def test_levels_that_see_no_bath_beyond_rounding_share_it_all_the_same():
    """Widths of 1e-40 and less: far from both ends, a node is at the bath that it leaks to first."""
    network = wn.models.chain(400, hopping=0.3, rate=1.0, occupations=(1, 2), disorder=4.0, rng=5)
    found = wn.steady_state(network, solver=ADI())
    np.testing.assert_allclose(found.occupations[:150], 1.0, atol=1e-9)
    np.testing.assert_allclose(found.occupations[-150:], 2.0, atol=1e-9)
    mirrored = network.replace(
        hamiltonian=network.hamiltonian[::-1, ::-1],
        baths=[T(0, 1.0, 2.0), T(399, 1.0, 1.0)],
    )
    np.testing.assert_allclose(wn.steady_state(mirrored, solver=ADI()).occupations[::-1], found.occupations, atol=1e-9)


def test_degenerate_levels_of_a_star():
    """Three equal leaves, each with a bath of its own: two levels at zero, exactly."""
    star = np.zeros((4, 4))
    star[0, 1:] = star[1:, 0] = 1.0
    network = wn.Network(star, [T(k, 10.0**-k, float(k)) for k in range(1, 4)])
    found, exact = wn.steady_state(network, solver=ADI()), wn.steady_state(network, solver=Dense())
    assert np.abs(found.occupations - exact.occupations).max() <= found.error_bound < 1e-12


def test_several_baths_on_a_node_keep_small_differences():
    """The strong bath is hardly moved; what it takes up is a difference of 1e-14, to all digits."""
    network = wn.Network([[0.0]], [T(0, 1.0, 2.0), T(0, 1e-14, 1000.0), T(0, 1e-3, 2.0)])
    found = wn.steady_state(network, solver=ADI())
    mean = Fraction(1e-14) * (1000 - 2) / (1 + Fraction(1e-14) + Fraction(1e-3))
    np.testing.assert_allclose(found.bath_currents[[0, 2]], [float(mean), float(mean) * 1e-3], rtol=1e-14)
    assert found.entropy_production.sum() == pytest.approx(found.entropy_flux.sum(), rel=1e-13)
    dense = wn.steady_state(network, solver=Dense())
    np.testing.assert_allclose(found.entropy_production, dense.entropy_production, rtol=1e-13)


def test_equilibrium_is_exact():
    network = wn.models.chain(200, hopping=1.0, rate=0.4, occupations=(1.25, 1.25), disorder=0.5, rng=0)
    found = wn.steady_state(network, solver=ADI())
    assert (found.occupations == 1.25).all()
    assert not found.bath_currents.any()
    assert not found.entropy_production.any()


@pytest.mark.parametrize("largest", [1e-150, 1e-220, 1e-300])
def test_occupations_whose_squares_underflow(largest):
    network = wn.models.chain(5, hopping=1.0, rate=0.5, occupations=(0, largest), disorder=0.3, rng=1)
    ness = wn.steady_state(network, solver=ADI())
    assert 0 < ness.residual < 1e-14
    dense = wn.steady_state(network, solver=Dense())
    assert np.allclose(ness.occupations, dense.occupations, rtol=1e-12, atol=0)


@pytest.mark.parametrize("node", [0, 2, 4])
@pytest.mark.parametrize("bath", [T, wn.Probe])
def test_baths_without_a_rate_take_no_part(node, bath):
    chain = wn.models.chain(5, hopping=1.0, rate=0.5, occupations=(1, 2), disorder=0.3, rng=1)
    network = chain.replace(baths=[bath(node, 0.0, occupation=7.0), *chain.baths])
    ness, without = wn.steady_state(network, solver=ADI()), wn.steady_state(chain, solver=ADI())
    assert ness.entropy_production[0] == ness.entropy_flux[0] == 0.0
    assert (ness.entropy_production[1:] == without.entropy_production).all()


def test_factors_that_are_exactly_singular_are_declined():
    """The shift of a mode that rounding leaves undamped, on a star: what it divides by is zero."""
    rng = np.random.default_rng(5)
    for _ in range(200):
        size, detuning = int(rng.integers(3, 7)), 10.0 ** rng.uniform(-14, -8)
        star = np.diag(np.append(0.0, detuning * rng.normal(size=size - 1)))
        star[0, 1:] = star[1:, 0] = 1.0
        network = wn.Network(star, [T(0, 10.0 ** rng.uniform(-3, 1), 1.0), T(1, 10.0 ** rng.uniform(-3, 0), 0.0)])
        with contextlib.suppress(ConvergenceError, NoUniqueSteadyStateError):
            assert wn.steady_state(network, solver=ADI()).converged


def test_units_change_nothing():
    base = wn.models.chain(60, hopping=1.0, rate=0.4, occupations=(1, 2), disorder=0.5, rng=0)
    scaled = wn.models.chain(
        60,
        hopping=2.0**-40,
        rate=0.4 * 2.0**-40,
        occupations=(1, 2),
        disorder=np.diag(base.hamiltonian).real * 2.0**-40,
    )
    one, other = (wn.steady_state(network, solver=ADI()) for network in (base, scaled))
    np.testing.assert_allclose(one.occupations, other.occupations, atol=1e-13)
    np.testing.assert_allclose(one.bath_currents * 2.0**-40, other.bath_currents, rtol=1e-12)


@pytest.mark.parametrize(
    ("network", "count"),
    [
        (wn.Network(np.eye(3), []), 1),
        (wn.models.chain(7, hopping=1.0, rate=1, occupations=(1, 2)).replace(baths=[T(3, 1, 1)]), 3),
        (wn.models.chain(901, hopping=1.0, rate=1, occupations=(1, 2)).replace(baths=[T(450, 1, 1)]), 16),
        (wn.models.chain(9, hopping=1.0, rate=1, occupations=(1, 2)).replace(baths=[]), 1),
        (wn.Network([[0, 1, 1, 1], [1, 0, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0]], [T(0, 1, 1), T(1, 1, 2)]), 1),
    ],
    ids=["no bath", "middle", "long middle", "chain without baths", "star"],
)
def test_dark_modes_are_found(network, count):
    with pytest.raises(NoUniqueSteadyStateError) as caught:
        wn.steady_state(network, solver=ADI())
    modes = caught.value.modes
    assert len(modes) == count
    assert np.abs(modes[:, network.bath_modes]).max(initial=0.0) < 1e-9
    for mode in modes:
        energy = np.vdot(mode, network.hamiltonian @ mode)
        assert np.linalg.norm(network.hamiltonian @ mode - energy * mode) < 1e-9


def test_off_center_bath_reaches_all_levels():
    network = wn.models.chain(900, hopping=1.0, rate=1, occupations=(1, 2)).replace(baths=[T(450, 1, 1)])
    np.testing.assert_array_equal(wn.steady_state(network, solver=ADI()).occupations, 1.0)


@pytest.mark.parametrize(
    ("network", "words"),
    [
        (wn.models.chain(4, hopping=1.0, rate=1, occupations=(1, 2), probe_rate=0.1), "free probe"),
        (wn.Network(np.eye(2), [T(0, 1, 1)], pairing=np.eye(2)), "passive"),
        (wn.Network(np.eye(2), [T(0, 1, 1), wn.Dephasing(1, 0.1)]), "passive"),
        (wn.Network(np.eye(40), [T(k, 1, 1) for k in range(40)]), "40 nodes"),
    ],
)
def test_refusals_say_why(network, words):
    assert words in ADI().refusal(network)
    with pytest.raises(ConvergenceError, match=words):
        ADI().solve(network)


def test_large_networks_of_other_shapes_are_refused():
    size = 3000
    star = sparse.coo_array(
        (np.ones(size - 1), (np.zeros(size - 1, dtype=int), np.arange(1, size))), shape=(size, size)
    )
    network = wn.Network(star + star.T, [T(0, 1, 1)])
    assert "not a chain" in ADI().refusal(network)


def test_partial_state_says_what_it_does_not_hold():
    network = wn.models.chain(8, hopping=1.0, rate=1, occupations=(1, 2))
    state = wn.steady_state(network, solver=ADI()).state
    with pytest.raises(UndefinedQuantityError):
        state.covariance()
    with pytest.raises(UndefinedQuantityError):
        wn.thermodynamics.wigner_entropy(network, state)


def test_a_tolerance_that_is_not_met_is_said():
    network = wn.models.chain(30, hopping=1.0, rate=1, occupations=(1, 2))
    solution = ADI(tolerance=1e-20).solve(network)
    assert not solution.converged
    assert ADI().solve(network).converged
    assert solution.residual < 1e-15


def test_separation_is_the_narrowest_width():
    """In units of the network; with uniform damping it is the rate, as near as levels stand for resonances."""
    network = wn.Network(np.diag([1e9, 1e9], 1) + np.diag([1e9, 1e9], -1), [T(k, 3e8, k) for k in range(3)])
    assert ADI().solve(network).separation == pytest.approx(3e8, rel=0.02)


@pytest.mark.parametrize("tolerance", [0.0, -1.0, np.nan, "1e-8"])
def test_tolerances_are_checked(tolerance):
    with pytest.raises((ValueError, TypeError), match="`tolerance`"):
        ADI(tolerance=tolerance)
