"""The laws of the entropy balance: signs, sums, equilibrium, and the rate of change of any Gaussian state."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from strategies import covered, networks, occupations, pumped, solved, states

import wignerness as wn
from wignerness import thermodynamics as thermo

EPS = np.finfo(float).eps


def condition(state):
    """Condition number of the covariance: what an inverse can lose."""
    return float(np.linalg.cond(state.covariance()))


@given(networks())
def test_production_of_every_bath_is_non_negative(network):
    # It is computed as a sum of squares: not even rounding makes it negative.
    assert (solved(network).entropy_production >= 0).all()


@given(networks())
def test_flux_balances_production(network):
    ness = solved(network)
    # Each flux is right to a few eps by itself, so their sum is right to a few eps of the largest.
    allowed = 100 * EPS * np.abs(ness.entropy_flux).sum()
    # A probe produces what the rounding of its occupation leaves, a square of it.
    allowed += sum(bath.rate for bath in network.baths) * EPS**2
    assert abs(ness.entropy_flux.sum() - ness.entropy_production.sum()) <= allowed


@given(pumped())
def test_flux_balances_production_with_drive_and_pairing(network):
    ness = solved(network)
    # The means are rounded doubles, so a flux is right to eps of its coherent part.
    coherent = sum(bath.rate * abs(ness.state.mean[bath.mode]) ** 2 / (bath.occupation + 0.5) for bath in network.baths)
    turnover = np.abs(ness.entropy_flux).sum() + coherent + network.mode_rates.sum()
    assert abs(ness.entropy_flux.sum() - ness.entropy_production.sum()) <= 1e-12 * condition(ness.state) * turnover


@given(networks())
def test_steady_state_has_steady_entropy(network):
    ness = solved(network)
    # Tr[V^-1 (A V + V A^+ + F)] sums terms of this size, each rounded.
    size = np.abs(network.drift).max() * network.n_modes**2 * condition(ness.state)
    assert abs(thermo.entropy_rate(ness.network, ness.state)) <= 100 * EPS * size


@given(st.data())
def test_entropy_changes_by_production_less_flux(data):
    """dS/dt = Pi - Phi in any state, with drive and pairing: two routes that share no formula."""
    network = data.draw(st.one_of(covered(3), pumped(3)))
    state = data.draw(states(network.n_modes))
    rate = thermo.entropy_rate(network, state)
    production, flux = thermo.entropy_production(network, state), thermo.entropy_flux(network, state)
    size = network.n_modes**2 * condition(state) * (np.abs(network.drift).max() + np.abs(production).sum())
    assert abs(rate - (production.sum() - flux.sum())) <= 100 * EPS * size
    assert (production >= 0).all()


@given(networks(levels=st.shared(occupations, key="level")))
def test_equal_occupations_produce_exactly_nothing(network):
    ness = solved(network)
    level = network.baths[0].occupation
    assert (ness.entropy_production == 0).all()
    assert (ness.entropy_flux == 0).all()
    assert (ness.currents == 0).all()
    assert np.array_equal(ness.state.normal, level * np.eye(network.n_modes))


@given(networks())
def test_occupations_lie_between_those_of_the_baths(network):
    ness = solved(network)
    levels = [bath.occupation for bath in network.baths if isinstance(bath, wn.ThermalBath)]
    slack = ness.error_bound
    assert ness.occupations.min() >= min(levels) - slack
    assert ness.occupations.max() <= max(levels) + slack
    for index in network.free_probes:
        assert min(levels) - slack <= ness.network.baths[index].occupation <= max(levels) + slack


@given(networks())
def test_probes_exchange_nothing(network):
    ness = solved(network)
    probes = list(network.free_probes)
    assert (ness.bath_currents[probes] == 0).all()
    assert (ness.entropy_flux[probes] == 0).all()
    # Not only by decree: the raw current is what rounding the occupation leaves.
    raw = thermo.bath_currents(ness.network, ness.state)[probes]
    rates = np.array([network.baths[index].rate for index in probes])
    assert (np.abs(raw) <= EPS * rates * ness.occupations.max(initial=0.0)).all()


@given(networks())
def test_excitations_are_conserved_on_every_node(network):
    """What the links bring to a node its baths take."""
    ness = solved(network)
    taken = np.zeros(network.n_modes)
    np.add.at(taken, network.bath_modes, ness.bath_currents)
    # The coherences are rounded doubles: a current is right to eps of H times the largest of them.
    slack = np.abs(network.hamiltonian).max() * np.abs(ness.state.normal).max() + np.abs(ness.bath_currents).sum()
    assert np.abs(ness.currents.sum(axis=1) - taken).max() <= 100 * EPS * slack * network.n_modes
    assert np.array_equal(ness.currents, -ness.currents.T)


@given(networks())
def test_energy_is_conserved(network):
    ness = solved(network)
    size = np.abs(network.hamiltonian).max() * np.abs(ness.state.normal).max() * network.mode_rates.sum()
    assert abs(ness.heat_currents.sum()) <= 100 * EPS * size * network.n_modes


@given(covered())
def test_unitary_term_sustains_the_production(network):
    """Eq. (23): in the steady state the unitary term is the production, and the relative entropy stands still."""
    ness = solved(network)
    total = ness.entropy_production.sum()
    # The unitary term is a sum of currents, each right to eps of H times the coherences.
    slack = np.abs(network.hamiltonian).max() * np.abs(ness.state.normal).max() * network.n_modes**2
    affinity = np.abs(thermo.affinities(network)).max()
    assert abs(thermo.unitary_production(network, ness.state) - total) <= 100 * EPS * slack * affinity + 1e-13 * total
    assert abs(thermo.relative_entropy_rate(network, ness.state)) <= 100 * EPS * slack * affinity + 1e-13 * total


@given(networks())
def test_bilinear_form_is_the_production(network):
    """Eq. (26), and its generalization: real baths alone carry the sum, probes and bare nodes pass on."""
    real = [bath.mode for bath in network.baths if isinstance(bath, wn.ThermalBath)]
    if len(set(real)) < len(real):
        return  # one occupation a node is what the form needs; refusing others is tested elsewhere
    ness = solved(network)
    slack = np.abs(network.hamiltonian).max() * np.abs(ness.state.normal).max() * network.n_modes**2
    total = ness.entropy_production.sum()
    assert abs(thermo.onsager_production(ness.network, ness.state) - total) <= 1000 * EPS * slack + 1e-12 * total


@given(st.data())
def test_relative_entropy_falls_by_production_less_unitary_term(data):
    """Eq. (22): U - Pi is the derivative of Eq. (21), sum (dN_k/dt)/d_k - dS/dt, along the moment equations."""
    network = data.draw(st.one_of(covered(3), pumped(3)))
    state = data.draw(states(network.n_modes))
    drift = -1j * network.hamiltonian - np.diag(network.mode_rates / 2)
    moved = drift @ state.normal - 1j * network.pairing @ state.anomalous.conj()
    mean = drift @ state.mean - 1j * network.pairing @ state.mean.conj() - 1j * network.drive
    levels = np.array([bath.occupation for bath in network.baths])
    filling = 2 * np.diag(moved).real + network.bath_rates * levels + 2 * (state.mean.conj() * mean).real
    expected = (filling / (levels + 0.5)).sum() - thermo.entropy_rate(network, state)
    size = network.n_modes**2 * condition(state) * (np.abs(network.drift).max() + np.abs(filling).sum())
    production = thermo.entropy_production(network, state).sum()
    assert abs(thermo.relative_entropy_rate(network, state) - expected) <= 100 * EPS * (size + production)
    assert thermo.relative_entropy(network, state) >= 0
