"""Affinities and the bilinear form of the production."""

from __future__ import annotations

import hard_cases
import numpy as np
import pytest
from scipy import sparse

import wignerness as wn
from wignerness import thermodynamics as thermo
from wignerness.errors import UndefinedQuantityError, WignernessError


def test_affinities_by_hand():
    network = wn.Network(np.diag([1.0, 1.0, 1.0]), [wn.ThermalBath(k, 1.0, n) for k, n in enumerate((0.0, 0.5, 1.5))])
    expected = np.subtract.outer([2.0, 1.0, 0.5], [2.0, 1.0, 0.5])
    assert np.array_equal(thermo.affinities(network), expected)


def test_affinities_near_equilibrium_do_not_cancel():
    network = wn.Network(np.eye(2), [wn.ThermalBath(0, 1.0, 1.0), wn.ThermalBath(1, 1.0, 1.0 + 2.0**-50)])
    assert thermo.affinities(network)[0, 1] == pytest.approx(2.0**-50 / 2.25, rel=1e-14)


def test_affinities_are_antisymmetric_to_the_bit(rng):
    baths = [wn.ThermalBath(k, 1.0, n) for k, n in enumerate(10.0 ** rng.uniform(-3, 200, 12))]
    affinity = thermo.affinities(wn.Network(np.eye(12), baths))
    assert np.array_equal(affinity, -affinity.T)


def test_a_node_takes_its_real_bath_before_its_probe():
    ness = wn.steady_state(wn.models.chain(3, hopping=0.5, rate=1.0, occupations=(1, 2), probe_rate=0.1))
    affinity = thermo.affinities(ness.network)
    assert affinity[0, 2] == pytest.approx(1 / 1.5 - 1 / 2.5)
    assert affinity[0, 1] == pytest.approx(1 / 1.5 - 1 / (ness.occupations[1] + 0.5))


@pytest.mark.parametrize(
    ("baths", "reason"),
    [
        ([wn.ThermalBath(0, 1, 1)], "node '1' has no bath"),
        ([wn.ThermalBath(0, 1, 1), wn.ThermalBath(1, 0.0, 1)], "node '1' has no bath"),
        ([wn.ThermalBath(0, 1, 1), wn.ThermalBath(1, 1, 1), wn.ThermalBath(1, 1, 2)], "node '1' has 2 baths"),
    ],
)
def test_affinities_need_one_occupation_a_node(baths, reason):
    with pytest.raises(UndefinedQuantityError, match=reason):
        thermo.affinities(wn.Network(np.eye(2), baths))


def test_a_current_may_oppose_its_affinity():
    """n = (2, 5, 0), gamma = (1, 0.01, 1): j_12 = -0.478 against an affinity of +0.218."""
    matrix = np.diag([1.0, 1.0], 1) * 1.0
    for hopping in (0.5, 1.0, 2.0):
        levels, rates = (2.0, 5.0, 0.0), (1.0, 0.01, 1.0)
        baths = [wn.ThermalBath(k, g, n) for k, (g, n) in enumerate(zip(rates, levels, strict=True))]
        ness = wn.steady_state(wn.Network(hopping * (matrix + matrix.T), baths))
        affinity = thermo.affinities(ness.network)[0, 1]
        assert affinity == pytest.approx(0.218, abs=1e-3)
        assert ness.currents[0, 1] < 0
        assert thermo.onsager_production(ness.network, ness.state) == pytest.approx(ness.entropy_production.sum())


def test_probes_pass_on_what_they_receive():
    ness = wn.steady_state(wn.models.chain(6, hopping=0.5, rate=1.0, occupations=(0, 3), probe_rate=0.2))
    form = thermo.onsager_production(ness.network, ness.state)
    assert form == pytest.approx(ness.entropy_production.sum(), rel=1e-12)


def test_restricting_both_sums_to_real_nodes_would_be_wrong():
    ness = wn.steady_state(wn.models.chain(6, hopping=0.5, rate=1.0, occupations=(0, 3), probe_rate=0.2))
    real, j = [0, 5], ness.currents
    widths = np.array([0.5, 3.5])
    restricted = sum(j[np.ix_(real, real)].sum(axis=1) / widths)
    assert abs(restricted) < 1e-12  # the ends share no link


def test_crowded_nodes_and_open_probes_are_refused():
    crowded = wn.Network([[1.0]], [wn.ThermalBath(0, 1.0, 1.0), wn.ThermalBath(0, 1.0, 2.0)])
    with pytest.raises(UndefinedQuantityError, match="node '0' has 2 real baths"):
        thermo.onsager_production(crowded, wn.steady_state(crowded).state)
    network = wn.models.chain(3, hopping=0.5, rate=1.0, occupations=(1, 2))
    fixed = network.replace(baths=[*network.baths, wn.Probe(1, 0.5, occupation=7.0)])
    with pytest.raises(UndefinedQuantityError, match="exchanges"):
        thermo.onsager_production(fixed, wn.steady_state(fixed).state)


def test_without_real_baths_there_is_nothing_to_sum():
    network = wn.Network([[1.0]], [wn.Probe(0, 1.0, occupation=2.0)])
    assert thermo.onsager_production(network, wn.steady_state(network).state) == 0.0


def test_undefined_with_pairing_or_drive():
    """Excitations that are created on the nodes are no exchange between them; the unitary term has them."""
    baths = [wn.ThermalBath(0, 0.3, 0.5), wn.ThermalBath(1, 0.4, 1.5)]
    plain = wn.Network([[0, 0.2], [0.2, 0.3]], baths)
    for network in (plain.replace(drive=[0.1, 0]), plain.replace(pairing=[[0, 0.05], [0.05, 0]])):
        ness = wn.steady_state(network)
        with pytest.raises(UndefinedQuantityError, match="pairing and drive create excitations"):
            thermo.onsager_production(ness.network, ness.state)
        total = ness.entropy_production.sum()
        assert thermo.unitary_production(ness.network, ness.state) == pytest.approx(total, rel=1e-12)


BATHS = [wn.ThermalBath(0, 0.3, 0.5), wn.ThermalBath(1, 0.4, 1.5), wn.ThermalBath(2, 0.1, 0.0)]
LINE = wn.Network([[0, 0.2, 0], [0.2, 0.1, 0.3], [0, 0.3, 2.0]], BATHS)


@pytest.mark.parametrize(
    "moved",
    [
        lambda state: wn.GaussianState.thermal(state.occupations),
        lambda state: wn.GaussianState.vacuum(3),
        lambda state: wn.GaussianState(state.mean, state.normal * (1 + 1e-5)),
        lambda state: wn.GaussianState([0.1, 0, 0], state.normal),
        lambda state: wn.GaussianState(state.mean, state.normal, 0.01 * np.eye(3)),
    ],
    ids=["without coherences", "vacuum", "a little hotter", "displaced", "squeezed"],
)
def test_only_steady_states_have_the_form(moved):
    ness = wn.steady_state(LINE)
    assert thermo.onsager_production(LINE, ness.state) == pytest.approx(ness.entropy_production.sum(), rel=1e-13)
    with pytest.raises(UndefinedQuantityError, match=r"steady state.* change"):
        thermo.onsager_production(LINE, moved(ness.state))


def test_a_transient_has_the_form_once_it_is_over():
    run = wn.evolve(LINE, wn.GaussianState.vacuum(3), [1.0, 40.0, 400.0])
    for state in run.states[:2]:
        with pytest.raises(UndefinedQuantityError, match=r"steady state.* change"):
            thermo.onsager_production(LINE, state)
    assert thermo.onsager_production(LINE, run.states[2]) == pytest.approx(run.entropy_production[2].sum(), rel=1e-9)


def test_near_equilibrium_the_departure_decides_what_is_steady():
    """Occupations that differ by 1e-7: the change of the moments is small, and so are the currents."""
    near = LINE.replace(baths=[wn.ThermalBath(k, b.rate, 1.0 + k * 1e-7) for k, b in enumerate(BATHS)])
    ness = wn.steady_state(near)
    assert thermo.onsager_production(near, ness.state) == pytest.approx(ness.entropy_production.sum(), rel=1e-7)
    with pytest.raises(UndefinedQuantityError, match=r"steady state.* change"):
        thermo.onsager_production(near, wn.GaussianState.thermal(ness.occupations))


def test_partial_states_are_judged_by_their_occupations():
    chain = wn.models.chain(30, hopping=0.5, rate=1.0, occupations=(1, 2))
    ness = wn.steady_state(chain, solver=wn.solvers.ADI())
    assert ness.state.is_partial
    assert thermo.onsager_production(chain, ness.state) == pytest.approx(1 / 4 * (1 / 1.5 - 1 / 2.5), rel=1e-7)
    hotter = wn.GaussianState(ness.state.mean, ness.state.normal * 1.01)
    with pytest.raises(UndefinedQuantityError, match=r"steady state.* change"):
        thermo.onsager_production(chain, hotter)


def test_hard_steady_states_are_steady(rng):
    for index in range(3 * len(hard_cases.FAMILIES)):
        name, network = hard_cases.draw(rng, index, 8)
        if name in ("paired", "driven", "many_baths_a_node"):
            continue
        try:
            ness = wn.steady_state(network)
        except WignernessError:
            continue
        form = thermo.onsager_production(ness.network, ness.state)
        assert form == pytest.approx(ness.entropy_production.sum(), rel=1e-5, abs=1e-12 * network.mode_rates.max()), (
            name
        )


@pytest.mark.parametrize("as_array", [np.asarray, sparse.csr_array])
def test_a_common_frequency_hides_no_change(as_array):
    """At 1e9 every node turns; that is no reason to take a state for steady whose coherences are a part in 1e4 off."""
    fast = LINE.replace(hamiltonian=as_array(LINE.hamiltonian + 1e9 * np.eye(3)))
    ness = wn.steady_state(fast)
    assert thermo.onsager_production(fast, ness.state) == pytest.approx(ness.entropy_production.sum(), rel=1e-12)
    moved = np.array(ness.state.normal)
    moved[0, 2] *= 1.0001
    moved[2, 0] = moved[0, 2].conjugate()
    with pytest.raises(UndefinedQuantityError, match=r"steady state.* change"):
        thermo.onsager_production(fast, wn.GaussianState(np.zeros(3), moved))


def test_in_any_unit():
    for unit in (1e-290, 1e290):
        scaled = wn.Network(
            unit * LINE.hamiltonian, [wn.ThermalBath(b.mode, unit * b.rate, b.occupation) for b in BATHS]
        )
        ness = wn.steady_state(scaled)
        form = thermo.onsager_production(scaled, ness.state)
        assert form == pytest.approx(ness.entropy_production.sum(), rel=1e-12)
        with pytest.raises(UndefinedQuantityError, match=r"steady state.* change"):
            thermo.onsager_production(scaled, wn.GaussianState.thermal(ness.occupations))
