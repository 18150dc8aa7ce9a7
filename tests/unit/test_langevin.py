"""One step of the Langevin equation, by its own moments: no randomness here."""

from __future__ import annotations

import numpy as np
import pytest
from moving_oracle import state_of_any_kind

import wignerness as wn
from wignerness.dynamics.langevin import SMALL_STEP, Langevin

NETWORKS = {
    "pair": wn.models.chain(2, hopping=0.5, rate=1.0, occupations=(1, 3)),
    "ring with a flux": wn.models.ring(
        3, hopping=1.0, flux=1.0, baths=[wn.ThermalBath(k, 0.3, n) for k, n in enumerate((1, 1, 3))]
    ),
    "two baths on a node": wn.Network(
        [[1.0, 0.4j], [-0.4j, 1.3]],
        [wn.ThermalBath(0, 1.0, 1.0), wn.ThermalBath(0, 0.5, 4.0), wn.ThermalBath(1, 0.2, 0.0)],
    ),
    "pairing and drive": wn.Network(
        [[1.0, 0.5], [0.5, 1.3]], [wn.ThermalBath(0, 1.0, 0.5)], pairing=[[0.1, 0.2j], [0.2j, 0]], drive=[0.3, 0.1j]
    ),
    "squeezed baths": wn.Network(
        [[1.0, 0.5], [0.5, 1.3]],
        [wn.SqueezedBath.from_squeezing(0, 1.0, 0.3, 0.5, angle=0.7), wn.SqueezedBath.from_squeezing(1, 0.4, 1.0, -0.3)],
        drive=[0.3, 0.1j],
    ),
    "squeezing jumps and gain": wn.Network(
        [[1.0, 0.4j], [-0.4j, 1.3]],
        [wn.JumpBath([([1.0, 0], [0.2j, 0])]), wn.JumpBath([([0, 0.5], [0, 0]), ([0, 0], [0, 0.6])]), wn.ThermalBath(0, 0.3, 2.0)],
    ),
    "a bath that is switched off": wn.Network([[1.0]], [wn.ThermalBath(0, 0.0, 1.0)]),
    "no bath": wn.Network([[1.0, 0.3], [0.3, 0.0]], []),
}  # fmt: skip


def given(langevin, step, state):
    """Mean and second moments of what a step is a linear map of: (Re alpha, Im alpha, noise, 1)."""
    size, n = step.matrix.shape[1], 2 * len(langevin.turning)
    mean = np.zeros(size)
    mean[:n], mean[-1] = np.concatenate([state.mean.real, state.mean.imag]), 1.0
    covariance = np.eye(size)
    covariance[:n, :n], covariance[-1, -1] = state.covariance("xxpp") / 2, 0.0
    return mean, covariance


def quadratic_forms(langevin, step):
    """The symmetric matrices of the work on pulled nodes and of int |alpha|^2 on shared ones."""
    inner, parts = step.matrix[2 * len(langevin.turning) :], 2 * step.n_points
    rows = parts * len(langevin.pulled)
    path, force, shared = (
        block.reshape(parts, -1, step.matrix.shape[1])
        for block in (inner[:rows], inner[rows : 2 * rows], inner[2 * rows :])
    )
    works = [sum(np.outer(path[r, j], force[r, j]) for r in range(parts)) for j in range(len(langevin.pulled))]
    squares = [sum(np.outer(shared[r, j], shared[r, j]) for r in range(parts)) for j in range(len(langevin.shared))]
    return [(w + w.T) / 2 for w in works], squares


def of_the_frame(network, state, time):
    """A state in the frame that turns with the network."""
    phase = np.exp(1j * Langevin(network).turning * time)
    return wn.GaussianState(
        phase * state.mean,
        phase[:, None] * state.normal * phase.conj(),
        phase[:, None] * state.anomalous * phase,
        trusted=True,
    )


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("span", [1e-3, 0.2, 1.0])
def test_the_amplitudes_have_their_exact_distribution(name, span, rng):
    network = NETWORKS[name]
    start = state_of_any_kind(rng, network.n_modes)
    langevin = Langevin(network)
    step = langevin.step(span)
    mean, covariance = given(langevin, step, start)
    ends = step.matrix[: 2 * network.n_modes]
    expected = of_the_frame(network, wn.evolve(network, start, [span]).states[0], span)
    np.testing.assert_allclose(ends @ mean, np.concatenate([expected.mean.real, expected.mean.imag]), atol=1e-14)
    np.testing.assert_allclose(ends @ covariance @ ends.T, expected.covariance("xxpp") / 2, atol=1e-14)


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("span", [1e-3, 0.2, 1.0])
def test_what_the_baths_take_up_is_right_on_average_at_any_step(name, span, rng):
    network = NETWORKS[name]
    start = state_of_any_kind(rng, network.n_modes)
    langevin = Langevin(network)
    step = langevin.step(span)
    mean, covariance = given(langevin, step, start)
    second = covariance + np.outer(mean, mean)
    works, squares = quadratic_forms(langevin, step)
    run = wn.evolve(network, start, [0.0, span])
    taken = (run.occupations[0] - run.occupations[1])[langevin.damped]
    for place, form, offset in zip(langevin.pulled, works, step.offset, strict=True):
        taken[place] += np.trace(form @ second) + offset
    if langevin.channels.is_isotropic and not network.jump_baths:
        exchanged = run.integrated_exchange(0.0, span)
        by_node = [exchanged[network.bath_modes == node].sum() for node in langevin.damped]
        np.testing.assert_allclose(taken, by_node, atol=1e-7)
    occupied = run.integrated_occupations(0.0, span) + span / 2
    for place, form, offset in zip(langevin.shared, squares, step.spread[:2].sum(axis=0), strict=True):
        assert np.trace(form @ second) + offset == pytest.approx(occupied[langevin.damped[place]], abs=1e-7)


@pytest.mark.parametrize("name", ["pair", "ring with a flux"])
def test_what_a_step_misses_of_the_fluctuations_is_small(name):
    """The variance of what each bath takes up in the steady state, against its exact value: lower, by the third power."""
    network = NETWORKS[name]
    ness = wn.steady_state(network)
    langevin = Langevin(network)
    half = network.n_modes
    missing = []
    for strength in (0.25, 0.5):
        span = strength / langevin.strength
        step = langevin.step(span)
        _, covariance = given(langevin, step, ness.state)
        works, _ = quadratic_forms(langevin, step)
        exact = wn.exchange_statistics(network, span).variance
        for node, form, variance in zip(langevin.damped[langevin.pulled], works, exact, strict=True):
            ends = step.matrix[[node, node + half]]
            whole = form - ends.T @ ends
            whole[[node, node + half], [node, node + half]] += 1.0
            product = whole @ covariance
            missing.append(1 - 2 * np.trace(product @ product) / variance)
    early, late = np.reshape(missing, (2, -1))
    assert (early > 0).all()
    assert (early < 5e-5).all()
    assert (late > 6 * early).all()


@pytest.mark.parametrize("name", ["pair", "pairing and drive", "squeezed baths"])
@pytest.mark.parametrize("span", [1e-3, 0.2, 1.0])
def test_what_is_handed_over_is_the_flux_on_average_at_any_step(name, span, rng):
    """-kappa int alpha . Q^-1 o dY of nodes with one bath, in the quadratic forms that belong to their noise."""
    network = NETWORKS[name]
    start, half = state_of_any_kind(rng, network.n_modes), network.n_modes
    langevin = Langevin(network)
    step = langevin.step(span)
    mean, covariance = given(langevin, step, start)
    second = covariance + np.outer(mean, mean)
    works, _ = quadratic_forms(langevin, step)
    run = wn.evolve(network, start, [0.0, span])
    lost = []
    for node, weight in zip(langevin.damped, langevin.weights, strict=True):
        rows = [node, node + half]
        before, after = (
            state.covariance("xxpp")[np.ix_(rows, rows)] / 2
            + np.outer(*2 * [[state.mean[node].real, state.mean[node].imag]])
            for state in run.states
        )
        lost.append(np.trace(weight @ (before - after)))
    for place, form, offset in zip(langevin.pulled, works, step.offset, strict=True):
        lost[place] += np.trace(form @ second) + offset
    share = [
        langevin.channels.drags[c] / 4 * np.trace(np.linalg.inv(langevin.noises[k]))
        for k, c in enumerate(int(np.flatnonzero(langevin.channels.nodes == node)[0]) for node in langevin.damped)
    ]
    flux = run.integrated_flux(0.0, span)
    expected = [flux[langevin.channels.nodes == node].sum() for node in langevin.damped]
    np.testing.assert_allclose(np.array(share) * lost, expected, atol=1e-7)


def test_long_runs_miss_next_to_nothing_of_the_fluctuations():
    """Residues of different steps are independent: they add up, and stay below 1e-4 of the variance at the default step."""
    for network in (NETWORKS["pair"], wn.models.chain(2, hopping=5.0, rate=1.0, occupations=(1, 2))):
        ness, langevin = wn.steady_state(network), Langevin(network)
        span = SMALL_STEP / langevin.strength
        step = langevin.step(span)
        _, covariance = given(langevin, step, ness.state)
        works, _ = quadratic_forms(langevin, step)
        short, long = (wn.exchange_statistics(network, time).variance for time in (span, 1000.0))
        for node, form, variance, whole_run in zip(langevin.damped, works, short, long, strict=True):
            rows = [node, node + network.n_modes]
            whole = form - step.matrix[rows].T @ step.matrix[rows]
            whole[rows, rows] += 1.0
            product = whole @ covariance
            missed = variance - 2 * np.trace(product @ product)
            assert 0 < missed * (1000.0 / span) / whole_run < 1e-4


def test_nodes():
    langevin = Langevin(NETWORKS["two baths on a node"])
    np.testing.assert_array_equal(langevin.damped, [0, 1])
    np.testing.assert_array_equal(langevin.pulled, [0, 1])
    np.testing.assert_array_equal(langevin.shared, [0])
    alone = Langevin(wn.Network(np.diag([5.0, 7.0]), [wn.ThermalBath(1, 1.0, 0.0)]))
    np.testing.assert_array_equal(alone.damped, [1])
    assert len(alone.pulled) == 0
    np.testing.assert_array_equal(alone.turning, [5.0, 7.0])
    assert alone.strength == 0.5


def test_a_common_frequency_does_not_shorten_the_step():
    slow, fast = (Langevin(wn.Network([[w, 0.5], [0.5, w]], [wn.ThermalBath(0, 1.0, 0.0)])) for w in (0.0, 1e15))
    assert slow.strength == fast.strength == 1.0


def test_the_frame_at_rest():
    langevin = Langevin(NETWORKS["pair"].replace(hamiltonian=[[2.0, 0.5], [0.5, 2.0]]))
    rows = np.array([[1.0], [0.0], [0.5], [-1.0]])
    np.testing.assert_allclose(langevin.amplitudes(rows, 0.7), np.exp(-1.4j) * np.array([[1 + 0.5j], [-1j]]))
