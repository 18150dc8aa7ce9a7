"""Banded against Dense where both can, and against the closed form where only the closed form can."""

from __future__ import annotations

import numpy as np
import pytest

import wignerness as wn
from wignerness.errors import ConvergenceError, InvalidNetworkError, NoUniqueSteadyStateError, UndefinedQuantityError
from wignerness.solvers import Banded, Dense


def disordered(length, **changes):
    given = {"hopping": 1.0, "rate": 1.0, "occupations": (1, 2), "probe_rate": 1.0, "disorder": 1.0, "rng": 0}
    return wn.models.chain(length, **(given | changes))


def probes_everywhere(size, rate=1.0, ends=(1.0, 2.0)):
    ends = [wn.ThermalBath(0, 1.0, ends[0]), wn.ThermalBath(size - 1, 1.0, ends[1])]
    return ends + [wn.Probe(k, rate) for k in range(size)]


def hermitian_band(rng, size, width, *, real=False):
    h = np.diag(rng.uniform(-0.5, 0.5, size)).astype(complex)
    for d in range(1, width + 1):
        links = rng.uniform(0.3, 0.8, size - d) * np.exp(0 if real else 2j * np.pi * rng.random(size - d))
        h += np.diag(links, d) + np.diag(links.conj(), -d)
    return h


def ladder(rungs, legs, seed):
    size = rungs * legs
    return wn.models.lattice((rungs, legs), hopping=1.0, disorder=1.0, rng=seed, baths=probes_everywhere(size))


def bulk_baths(seed, size=120, width=2):
    """Real baths and probes of different strengths, one a node, some nodes with both."""
    rng = np.random.default_rng(seed)
    baths = [
        wn.ThermalBath(k, rng.uniform(0.5, 2), rng.uniform(0, 3)) if k % 7 == 0 else wn.Probe(k, rng.uniform(0.5, 2))
        for k in range(size)
    ]
    baths += [wn.Probe(14, 0.3), wn.ThermalBath(15, 0.2, 4.0), wn.Probe(30, 0.4, occupation=2.5)]
    return wn.Network(hermitian_band(rng, size, width), baths)


def real_baths_only(seed):
    rng = np.random.default_rng(seed)
    baths = [wn.ThermalBath(k, rng.uniform(0.5, 2), rng.uniform(0, 3)) for k in range(90)]
    return wn.Network(hermitian_band(rng, 90, 1), baths)


NETWORKS = {
    "one node": lambda: disordered(1, disorder=None),
    "two nodes": lambda: disordered(2),
    "clean chain": lambda: disordered(150, disorder=None),
    "chain of the paper": lambda: wn.models.chain(
        100, hopping=3e-7, rate=1e-6, occupations=(1, 2), probe_rate=1e-7, frequency=1.0
    ),
    "disordered chain": lambda: disordered(200),
    "disordered chain, weak probes": lambda: disordered(200, probe_rate=1 / 3),
    "unequal probes": lambda: disordered(120, probe_rate=np.random.default_rng(1).uniform(0.3, 2, 120)),
    "next-nearest links": lambda: wn.Network(hermitian_band(np.random.default_rng(2), 101, 2), probes_everywhere(101)),
    "next-nearest links, real": lambda: wn.Network(
        hermitian_band(np.random.default_rng(2), 101, 2, real=True), probes_everywhere(101)
    ),
    "ladder": lambda: ladder(60, 2, 3),
    "strip": lambda: ladder(30, 4, 4),
    "baths in the bulk": lambda: bulk_baths(5),
    "a real bath in place of some probes": lambda: bulk_baths(6, width=1),
    "real baths only": lambda: real_baths_only(7),
    "cut in two": lambda: wn.Network(
        np.kron(np.eye(2), hermitian_band(np.random.default_rng(8), 30, 1)),
        probes_everywhere(60, ends=(1.0, 1.5)),
    ),
}


@pytest.fixture(params=NETWORKS)
def pair(request):
    network = NETWORKS[request.param]()
    dense = wn.steady_state(network, solver=Dense(extended=True, estimate=False))
    return wn.steady_state(network, solver=Banded()), dense


def test_stated_bound_holds(pair):
    banded, dense = pair
    error = np.abs(banded.state.normal.toarray() - dense.state.normal).max()
    assert error <= banded.error_bound
    assert banded.error_bound <= 1e-10 * banded.occupations.max()
    assert banded.converged
    assert banded.residual < 1e-10


def random_band(rng):
    """Links up to three places apart, some missing or weak; probes, several baths a node, hot and cold ones."""
    size, width = int(rng.choice([1, 2, 3, 12, 40])), int(rng.integers(1, 4))
    h = np.diag(rng.choice([0.0, 1.0, 5.0]) * rng.standard_normal(size)).astype(complex)
    for d in range(1, min(width, size - 1) + 1):
        links = 10.0 ** rng.uniform(-2, 0, size - d) * np.exp(2j * np.pi * rng.random(size - d))
        links *= rng.random(size - d) < 0.9
        h += np.diag(links, d) + np.diag(links.conj(), -d)
    baths = [wn.ThermalBath(0, 1.0, 1.0), wn.ThermalBath(size - 1, 0.7, 2.0)]
    for k in range(size):
        rate = 10.0 ** rng.uniform(-0.5, 1)
        hot = wn.ThermalBath(k, rate, float(rng.choice([0.0, 1e-6, rng.uniform(0, 5), 1e3])))
        baths.append(wn.Probe(k, rate) if rng.random() < 0.7 else hot)
        if rng.random() < 0.1:
            baths.append(wn.Dephasing(k, rate / 3))
    return wn.Network(h, baths)


def test_random_bands_keep_to_the_bound(seed):
    rng, answered = np.random.default_rng(seed), 0
    while answered < 8:
        network = random_band(rng)
        try:
            dense = wn.steady_state(network, solver=Dense(extended=True))
        except NoUniqueSteadyStateError:
            with pytest.raises(NoUniqueSteadyStateError, match="no real bath is linked"):
                wn.steady_state(network, solver=Banded())
            continue
        banded = wn.steady_state(network, solver=Banded())
        error = np.abs(banded.state.normal.toarray() - dense.state.normal).max()
        assert error <= banded.error_bound + dense.error_bound
        scale = network.mode_rates.max() * dense.occupations.max()
        np.testing.assert_allclose(banded.bath_currents, dense.bath_currents, atol=1e-9 * scale)
        if not network.dephasings:
            np.testing.assert_allclose(
                banded.entropy_production, dense.entropy_production, rtol=1e-6, atol=1e-18 * scale
            )
        answered += 1


@pytest.mark.parametrize("name", ["one node", "clean chain", "disordered chain", "ladder", "baths in the bulk"])
def test_separation_is_that_of_dense(name):
    """Both estimate it, the one for positive sources, the other for any."""
    network = NETWORKS[name]()
    banded = wn.steady_state(network, solver=Banded())
    dense = wn.steady_state(network, solver=Dense(extended=True, estimate=True))
    assert dense.separation <= banded.separation * (1 + 1e-9)
    assert banded.separation < 4 * dense.separation


def test_quantities_agree_with_dense(pair):
    banded, dense = pair
    assert banded.state.is_partial
    rate = dense.network.mode_rates.max()
    scale = rate * dense.occupations.max()
    energy = scale * max(1.0, np.abs(dense.network.hamiltonian).max())
    np.testing.assert_allclose(banded.occupations, dense.occupations, rtol=1e-10)
    np.testing.assert_allclose(banded.currents.toarray(), dense.currents, atol=1e-10 * scale)
    np.testing.assert_allclose(banded.energy_currents.toarray(), dense.energy_currents, atol=1e-10 * energy)
    np.testing.assert_allclose(banded.bath_currents, dense.bath_currents, atol=1e-10 * scale)
    np.testing.assert_allclose(banded.heat_currents, dense.heat_currents, atol=1e-10 * energy)
    np.testing.assert_allclose(banded.entropy_flux, dense.entropy_flux, atol=1e-10 * scale)
    np.testing.assert_allclose(banded.entropy_production, dense.entropy_production, rtol=1e-8, atol=1e-20 * scale)
    assert banded.wigner_entropy == pytest.approx(dense.wigner_entropy, rel=1e-10)
    assert "Banded" in str(banded)


@pytest.mark.parametrize("tolerance", [1e-4, 1e-6, 1e-8, 1e-12])
@pytest.mark.parametrize("length", [2, 40, 150])
def test_tolerance_is_honored(tolerance, length):
    network = disordered(length, probe_rate=0.7)
    exact = wn.steady_state(network, solver=Dense(extended=True, estimate=False))
    ness = wn.steady_state(network, solver=Banded(tolerance=tolerance))
    error = np.abs(ness.state.normal.toarray() - exact.state.normal).max()
    assert error <= ness.error_bound <= tolerance * exact.occupations.max()


def test_band_widens_with_the_tolerance():
    widths = [
        len(wn.steady_state(disordered(300), solver=Banded(tolerance=t)).state.normal.offsets) for t in (1e-6, 1e-12)
    ]
    assert widths[0] < widths[1] < 300


def test_equilibrium_is_exact():
    ness = wn.steady_state(disordered(500, occupations=(1.5, 1.5)), solver=Banded())
    assert (ness.occupations == 1.5).all()
    assert not ness.entropy_flux.any()
    assert not ness.entropy_production.any()
    assert ness.currents.nnz == 0 or not ness.currents.data.any()


@pytest.mark.parametrize("spread", [1e-5, 1e-9, 1e-12])
@pytest.mark.parametrize("width", [1, 2])
def test_near_equilibrium_all_digits_are_kept(spread, width):
    """The error aimed at is relative to the spread of the baths: that of the largest occupation would be all."""
    hamiltonian = hermitian_band(np.random.default_rng(3), 40, width)
    network = wn.Network(hamiltonian, probes_everywhere(40, ends=(1.0, 1.0 + spread)))
    banded, dense = wn.steady_state(network, solver=Banded()), wn.steady_state(network, solver=Dense())
    assert np.allclose(banded.bath_currents, dense.bath_currents, rtol=1e-9, atol=0)
    assert np.abs(banded.currents.toarray() - dense.currents).max() <= 1e-9 * np.abs(dense.currents).max()
    assert np.allclose(banded.entropy_production, dense.entropy_production, rtol=1e-8, atol=0)


def test_uniform_chain_near_equilibrium_is_the_closed_form():
    given = {"hopping": 1.0, "rate": 1.0, "occupations": (1.0, 1.0 + 1e-12), "probe_rate": 1.0}
    ness = wn.steady_state(wn.models.chain(300, **given), solver=Banded())
    exact = wn.exact.chain(300, **given)
    assert np.allclose(ness.entropy_production[:2].sum(), exact.entropy_production_real, rtol=1e-11, atol=0)
    assert np.allclose(ness.entropy_production[2:].sum(), exact.entropy_production_probes, rtol=1e-11, atol=0)


@pytest.mark.parametrize("scale", [1e-8, 1e5, 1e9])
def test_frequencies_of_other_parts_cost_no_digits(scale):
    """A common frequency of a part far above its own scale is that part's alone."""
    pair = np.array([[0.4, 1.0], [1.0, 0.2]])
    matrix = np.kron(np.diag([1.0, 0.0]), pair) + scale * np.kron(np.diag([0.0, 1.0]), pair + 7.3 * np.eye(2))
    units = (1.0, 1.0, scale, scale)
    baths = [
        wn.ThermalBath(k, unit * (0.3 + 0.2 * k), n) for k, unit, n in zip(range(4), units, (3, 1, 0, 2), strict=True)
    ]
    network = wn.Network(matrix, baths)
    banded, dense = wn.steady_state(network, solver=Banded()), wn.steady_state(network, solver=Dense())
    error = np.abs(banded.state.normal.toarray() - dense.state.normal).max()
    assert error <= banded.error_bound <= 1e-14
    assert np.allclose(banded.bath_currents, dense.bath_currents, rtol=1e-12, atol=0)


@pytest.mark.parametrize(("size", "ratio"), [(2, 1e4), (2, 1e10), (3, 1e3), (12, 1e2), (12, 1e3)])
def test_fluxes_of_nodes_held_tightly_keep_their_digits(size, ratio):
    """The bath's departure is far below rounding of the occupation; what flows in is not."""
    rng = np.random.default_rng(4)
    hamiltonian = hermitian_band(rng, size, 1)
    rates = np.where(np.arange(size) % 2, ratio, 1.0)
    network = wn.Network(
        hamiltonian, [wn.ThermalBath(k, rates[k], float(n)) for k, n in enumerate(rng.uniform(0, 3, size))]
    )
    banded, dense = wn.steady_state(network, solver=Banded()), wn.steady_state(network, solver=Dense())
    assert np.allclose(banded.bath_currents, dense.bath_currents, rtol=1e-9, atol=0)
    assert np.allclose(banded.entropy_flux, dense.entropy_flux, rtol=1e-9, atol=0)
    assert np.allclose(banded.entropy_production, dense.entropy_production, rtol=1e-9, atol=0)


def test_two_nodes_keep_to_the_bound(seed):
    """Nothing is cut off, so that rounding of the rates between them is all that there is."""
    rng = np.random.default_rng(seed)
    for _ in range(400):
        (link, weak, strong, probe), detuning = np.exp(rng.uniform(-0.3, 0.3, 4)), rng.uniform(0.2, 0.6)
        baths = [wn.ThermalBath(0, 0.005 * weak, 2e9), wn.ThermalBath(1, 7 * strong, 3.0), wn.Probe(1, 0.01 * probe)]
        network = wn.Network([[detuning, 0.4 * link], [0.4 * link, 0.0]], baths)
        banded, dense = wn.steady_state(network, solver=Banded()), wn.steady_state(network, solver=Dense())
        assert np.abs(banded.state.normal.toarray() - dense.state.normal).max() <= banded.error_bound


def test_driven_chain():
    network = disordered(60).replace(drive=np.linspace(0, 1, 60))
    banded = wn.steady_state(network, solver=Banded())
    dense = wn.steady_state(network, solver=Dense())
    np.testing.assert_allclose(banded.state.mean, dense.state.mean, rtol=1e-12)
    np.testing.assert_allclose(banded.entropy_production, dense.entropy_production, rtol=1e-9)
    np.testing.assert_allclose(banded.currents.toarray(), dense.currents, atol=1e-10)


def test_dephasing_is_a_probe():
    chain = disordered(80)
    baths = [wn.Dephasing(b.mode, b.rate) if isinstance(b, wn.Probe) else b for b in chain.baths]
    one, other = (wn.steady_state(net, solver=Banded()) for net in (chain, chain.replace(baths=baths)))
    np.testing.assert_array_equal(one.occupations, other.occupations)


def _against_closed_form(length, hopping, probe_rate):
    given = {"hopping": hopping, "rate": 1.0, "occupations": (1, 2), "probe_rate": probe_rate}
    ness = wn.steady_state(wn.models.chain(length, **given), solver=Banded())
    exact = wn.exact.chain(length, **given)
    assert np.abs(ness.occupations - exact.occupations).max() <= ness.error_bound + 1e-15
    np.testing.assert_allclose(ness.occupations, exact.occupations, rtol=1e-15)
    np.testing.assert_allclose(ness.currents.diagonal(1), exact.current, rtol=1e-12)
    np.testing.assert_allclose(ness.bath_currents[:2], [-exact.current, exact.current][::-1], rtol=1e-12)
    np.testing.assert_allclose(ness.entropy_flux[:2], exact.entropy_flux_ends, rtol=1e-12)
    np.testing.assert_allclose(ness.entropy_production[:2], exact.entropy_production_ends, rtol=1e-10)
    np.testing.assert_allclose(ness.entropy_production[2:], exact.entropy_production_each_probe, rtol=1e-10)


@pytest.mark.parametrize("length", [2, 3, 1000, 100_000])
@pytest.mark.parametrize(("hopping", "probe_rate"), [(1.0, 1.0), (0.3, 0.1), (5.0, 0.01)])
def test_clean_chain_is_the_closed_form(length, hopping, probe_rate):
    _against_closed_form(length, hopping, probe_rate)


@pytest.mark.slow
def test_clean_chain_of_a_million_nodes():
    _against_closed_form(1_000_000, 1.0, 1.0)


def test_general_route_on_the_clean_chain():
    """A gauge change hides the uniform chain from nothing; a detuning of 1e-9 sends it the general way."""
    given = {"hopping": 1.0, "rate": 1.0, "occupations": (1, 2), "probe_rate": 1.0}
    offsets = np.zeros(3000)
    offsets[1500] = 1e-9
    ness = wn.steady_state(wn.models.chain(3000, **given, disorder=offsets), solver=Banded())
    exact = wn.exact.chain(3000, **given)
    assert len(ness.state.normal.offsets) > 3
    assert np.abs(ness.occupations - exact.occupations).max() <= ness.error_bound + 1e-9 / 3000
    np.testing.assert_allclose(ness.currents.diagonal(1), exact.current, rtol=1e-8)


def test_current_is_conserved_along_a_long_disordered_chain():
    ness = wn.steady_state(disordered(5000), solver=Banded())
    current = ness.currents.diagonal(1)
    np.testing.assert_allclose(current, ness.bath_currents[1] * -1, rtol=1e-8)
    assert ness.entropy_production.sum() == pytest.approx(ness.entropy_flux.sum(), rel=1e-8)


@pytest.mark.parametrize(
    ("network", "word"),
    [
        (wn.models.chain(5, hopping=1.0, rate=1.0, occupations=(1, 2)), "no bath of its own"),
        (wn.models.chain(5, hopping=1.0, rate=1.0, occupations=(1, 2), probe_rate=[1, 1, 0, 1, 1]), "'2'"),
        (wn.models.ring(60, hopping=1.0, baths=probes_everywhere(60)), "places apart"),
        (wn.Network([[1.0]], [wn.SqueezedBath(0, 1.0, 1.0, 0.5)]), "passive"),
        (wn.Network([[1.0]], [wn.JumpBath([([1.0], [0.0])])]), "passive"),
        (
            wn.Network([[1.0]], [wn.Dephasing(0, 1.0), wn.ThermalBath(0, 1.0, 1.0)], drive=[1.0]),
            "together with a drive",
        ),
    ],
)
def test_refusals(network, word):
    reason = Banded().refusal(network)
    assert word in reason
    with pytest.raises(ConvergenceError, match=word):
        Banded().solve(network)


def test_what_it_takes_is_not_refused():
    assert Banded().refusal(disordered(5)) is None


def test_probes_without_a_real_bath():
    free = wn.Network(hermitian_band(np.random.default_rng(0), 6, 1), [wn.Probe(k, 1.0) for k in range(6)])
    with pytest.raises(NoUniqueSteadyStateError, match="no real bath") as caught:
        wn.steady_state(free, solver=Banded())
    assert caught.value.nodes == tuple(range(6))


def test_unreachable_tolerance_is_not_claimed():
    solution = Banded(tolerance=1e-17).solve(disordered(50))
    assert not solution.converged
    assert solution.error_bound < 1e-12


def test_bad_tolerance():
    with pytest.raises(InvalidNetworkError, match="tolerance"):
        Banded(tolerance=0.0)


def test_partial_state_refuses_what_it_cannot_know():
    state = wn.steady_state(disordered(40), solver=Banded()).state
    for quantity in (state.covariance, state.check, state.is_physical, lambda: state.correlations):
        with pytest.raises(UndefinedQuantityError, match="holds"):
            quantity()
    dense = wn.steady_state(disordered(40), solver=Dense()).state
    part = state.reduced([5, 6, 20])
    np.testing.assert_allclose(part.normal, dense.reduced([5, 6, 20]).normal, atol=1e-10)
    assert not part.is_partial


def test_second_law_in_three_forms():
    """Sum of the productions, the unitary term (24) and the currents times affinities (26), on a sparse state."""
    rng = np.random.default_rng(3)
    baths = [wn.ThermalBath(k, rng.uniform(0.5, 2), rng.uniform(0, 3)) for k in range(400)]
    network = wn.models.chain(400, hopping=1.0, rate=1.0, occupations=(1, 2), disorder=1.0, rng=1).replace(baths=baths)
    ness = wn.steady_state(network, solver=Banded())
    total = ness.entropy_production.sum()
    assert wn.thermodynamics.unitary_production(ness.network, ness.state) == pytest.approx(total, rel=1e-9)
    assert wn.thermodynamics.onsager_production(ness.network, ness.state) == pytest.approx(total, rel=1e-9)
    with pytest.raises(UndefinedQuantityError, match="holds"):
        wn.thermodynamics.relative_entropy(ness.network, ness.state)


def test_small_networks_with_narrow_resonances_are_left_to_others_at_once():
    """Rates from 1e-6 to 1 beside levels 1e6 apart: a rule with a million nodes is not begun for six modes."""
    network = wn.Network(
        np.diag(1e6 * np.arange(6.0)) + np.diag(np.ones(5), 1) + np.diag(np.ones(5), -1),
        [wn.ThermalBath(k, 10.0 ** (-k), 1.0 + k) for k in range(6)],
    )
    assert Banded().refusal(network) is None
    with pytest.raises(ConvergenceError, match="too weak against the range of the levels"):
        Banded().solve(network)
