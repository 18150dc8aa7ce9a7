"""The laws along a run, on random networks and states: balances, monotony, frames, composition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import covered, networks, pumped, solved, states

import wignerness as wn
from wignerness import thermodynamics as thermo
from wignerness.errors import NoUniqueSteadyStateError

EPS = np.finfo(float).eps
TIMES = [0.0, 0.01, 0.3, 2.0, 40.0]


def turnover(run):
    """What the balances are sums of, for every time."""
    return np.abs(run.entropy_flux).sum(axis=1) + run.entropy_production.sum(axis=1)


def condition(run):
    """How much an inverse covariance can lose, for every time."""
    return np.array([np.linalg.cond(state.covariance()) for state in run.states])


def started(data, network, times=TIMES):
    return wn.evolve(network, data.draw(states(network.n_modes)), times)


def is_damped(network, least=1e-3):
    """Whether every mode is damped at a rate that shows at the times above."""
    return wn.relaxation(network).gap > least


@given(st.data())
def test_entropy_changes_by_production_less_flux(data):
    """Eq. (1) along a run: by the moment equations, and bath by bath."""
    run = started(data, data.draw(networks(4, probes=False)))
    balance = run.entropy_production.sum(axis=1) - run.entropy_flux.sum(axis=1)
    allowed = 1e-13 * condition(run) * (turnover(run) + sum(bath.rate for bath in run.network.baths))
    assert (np.abs(run.entropy_rate - balance) <= allowed).all()
    # ... and to 1e-10 of what turns over, in every state that is not squeezed beyond reason
    assert (np.abs(run.entropy_rate - balance)[condition(run) < 1e2] <= 1e-10 * (1 + turnover(run).max())).all()


@given(st.data())
def test_relative_entropy_changes_by_the_unitary_term_less_production(data):
    """Eq. (22), by the moment equations on one side."""
    run = started(data, data.draw(st.one_of(covered(4), pumped(2))), TIMES[:-1])
    assume(not run.network.pairing.any() or is_damped(run.network))
    balance = run.unitary_production - run.entropy_production.sum(axis=1)
    largest = np.abs(run.network.drift).max() + np.abs(run.network.drive).max()
    scale = turnover(run) + np.abs(run.unitary_production) + largest * (1 + run.occupations.max(axis=1))
    assert (np.abs(run.relative_entropy_rate - balance) <= 1e-13 * condition(run) * scale).all()


@given(st.data())
def test_rates_are_slopes(data):
    """The entropy and the relative entropy by differences of fourth order."""
    network = data.draw(covered(3))
    start = data.draw(states(network.n_modes))
    sharpest = np.linalg.cond(start.covariance())
    assume(sharpest < 1e3)
    # The narrowest direction of a squeezed state widens faster than any rate, by the ratio of the widths.
    contrast = sharpest * (1 + max(bath.occupation for bath in network.baths))
    fastest = np.abs(network.drift).sum(axis=1).max() * contrast
    step = 1e-3 / fastest
    run = wn.evolve(network, start, [(10 + k) * step for k in (-2, -1, 0, 1, 2)])
    for values, rate in (
        (run.wigner_entropy, run.entropy_rate),
        (run.relative_entropy, run.relative_entropy_rate),
    ):
        slope = (values[0] - 8 * values[1] + 8 * values[3] - values[4]) / (12 * step)
        noise = 20 * EPS * (np.abs(values).max() + contrast) / step
        assert abs(slope - rate[2]) <= 1e-7 * turnover(run)[2] + noise + 1e-9 * fastest


@given(st.data())
def test_production_is_never_negative(data):
    network = data.draw(networks(4, probes=False))
    assert (started(data, network).entropy_production >= 0).all()


@given(st.data())
def test_states_stay_physical(data):
    network = data.draw(st.one_of(networks(4, probes=False), pumped(2)))
    assume(network.is_passive or is_damped(network))
    assert all(state.is_physical(1e-11) for state in started(data, network).states)


@given(st.data())
def test_two_steps_are_one(data):
    network = data.draw(st.one_of(networks(4, probes=False), pumped(2)))
    assume(network.is_passive or is_damped(network))
    start = data.draw(states(network.n_modes))
    first, second = data.draw(st.sampled_from([0.01, 0.3, 2.0])), data.draw(st.sampled_from([0.02, 1.0]))
    half = wn.evolve(network, start, first).states[0]
    whole = wn.evolve(network, start, first + second).states[0]
    steps = wn.evolve(network, half, second).states[0]
    unit = max(1.0, np.abs(half.normal).max(), np.abs(half.mean).max() ** 2)
    assert np.abs(steps.normal - whole.normal).max() <= 1e-11 * unit
    assert np.abs(steps.anomalous - whole.anomalous).max() <= 1e-11 * unit
    assert np.abs(steps.mean - whole.mean).max() <= 1e-11 * unit


@given(st.data())
def test_a_common_frequency_turns_means_and_nothing_else(data):
    network = data.draw(networks(4, probes=False))
    start, common, time = data.draw(states(network.n_modes)), 2.0**20, 0.75
    faster = network.replace(hamiltonian=network.hamiltonian + common * np.eye(network.n_modes))
    slow, fast = (wn.evolve(each, start, [time]) for each in (network, faster))
    phase = np.exp(-1j * common * time)
    unit = max(1.0, np.abs(slow.states[0].normal).max())
    assert np.abs(fast.states[0].normal - slow.states[0].normal).max() <= 1e-11 * unit
    assert np.abs(fast.states[0].mean - phase * slow.states[0].mean).max() <= 1e-11 * unit
    assert np.abs(fast.states[0].anomalous - phase**2 * slow.states[0].anomalous).max() <= 1e-11 * unit
    np.testing.assert_allclose(fast.entropy_production, slow.entropy_production, rtol=1e-7, atol=1e-12)


@given(st.data())
def test_late_is_steady(data):
    network = data.draw(networks(4))
    ness = solved(network)
    run = wn.evolve(network, data.draw(states(network.n_modes)), [1e12])
    assume(wn.relaxation(ness.network).gap > 1e-9)
    assert np.abs(run.states[0].normal - ness.state.normal).max() <= 1e-10 * ness.occupations.max()
    np.testing.assert_allclose(run.entropy_production[0], ness.entropy_production, rtol=1e-10)


@given(st.data())
def test_towards_equal_baths_the_distance_only_shrinks(data):
    """With all baths at one occupation U = 0: the relative entropy is a Lyapunov function."""
    network = data.draw(covered(4, levels=st.just(0.75)))
    times = np.linspace(0, 3, 7)
    run = started(data, network, times)
    noise = 10 * EPS * (1 + run.relative_entropy[0])
    assert (np.diff(run.relative_entropy) <= noise).all()
    assert np.abs(run.unitary_production).max() <= 1e-12 * (1 + turnover(run).max())


@given(st.data())
def test_excitations_are_counted(data):
    """What the network holds more is what the baths did not take."""
    network = data.draw(networks(4, probes=False))
    run = started(data, network, [0.2, 1.7])
    exchanged = run.integrated_exchange(0.2, 1.7)
    change = run.occupations[1].sum() - run.occupations[0].sum()
    scale = np.abs(exchanged).sum() + run.occupations.sum()
    assert abs(change + exchanged.sum()) <= 1e-12 * scale


@given(st.data())
def test_integrated_production_is_entropy_gained_and_handed_on(data):
    """The closed form near equilibrium against the plain sum of changes."""
    network = data.draw(st.one_of(networks(3, probes=False), pumped(2)))
    assume(network.is_passive or is_damped(network))
    run = started(data, network, [0.2, 1.7])
    assume(condition(run).max() < 1e6)
    gained = run.wigner_entropy[1] - run.wigner_entropy[0]
    flux = run.integrated_flux(0.2, 1.7)
    scale = 1 + np.abs(run.wigner_entropy).sum() + np.abs(flux).sum() + run.occupations.max()
    production = run.integrated_production(0.2, 1.7)
    assert abs(production - gained - flux.sum()) <= 1e-11 * scale
    assert production >= -1e-12 * scale


@given(st.data())
def test_probes_that_follow_lose_nothing_and_end_where_frozen_ones_do(data):
    network = data.draw(networks(3))
    assume(network.free_probes)
    ness = solved(network)
    assume(wn.relaxation(ness.network).gap > 1e-6)
    levels = [data.draw(st.sampled_from([0.0, 0.5, 3.0])) for _ in range(network.n_modes)]
    start = wn.GaussianState.thermal(levels)
    follow = wn.evolve(network, start, [0.0, 0.3, 2.0, 1e14], follow=True)
    assert not follow.bath_currents[:, list(network.free_probes)].any()
    balance = follow.entropy_production.sum(axis=1) - follow.entropy_flux.sum(axis=1)
    assert (np.abs(follow.entropy_rate - balance) <= 1e-11 * (1 + turnover(follow)) * condition(follow)).all()
    # Nothing is colder than the coldest, nothing hotter than the hottest of what there was.
    given_levels = levels + [bath.occupation for bath in network.baths if bath.occupation is not None and bath.rate > 0]
    assert (follow.occupations >= min(given_levels) - 1e-12 * max(given_levels)).all()
    assert (follow.occupations <= (1 + 1e-12) * max(given_levels)).all()
    assert np.abs(follow.occupations[-1] - ness.occupations).max() <= 1e-9 * (1 + ness.occupations.max())


@given(st.data())
def test_each_state_has_the_production_of_a_state(data):
    """A run adds nothing to what the functions of (network, state) say."""
    network = data.draw(networks(3, probes=False))
    run = started(data, network, [0.5])
    state = run.states[0]
    np.testing.assert_array_equal(run.entropy_production[0], thermo.entropy_production(network, state))
    np.testing.assert_array_equal(run.heat_currents[0], thermo.heat_currents(network, state))
    scale = turnover(run)[0] + sum(bath.rate for bath in network.baths)
    assert abs(run.entropy_rate[0] - thermo.entropy_rate(network, state)) <= 1e-11 * scale * condition(run)[0]


def test_frozen_probes_without_a_real_bath_are_refused():
    network = wn.Network([[0.0, 0.3], [0.3, 0.0]], [wn.Probe(0, 1.0), wn.Probe(1, 1.0)])
    with pytest.raises(NoUniqueSteadyStateError):
        wn.evolve(network, wn.GaussianState.vacuum(2), [1.0])
