"""Ensembles of trajectories: the fluctuation theorem, averages, seeds, memory, refusals."""

from __future__ import annotations

import math

import numpy as np
import pytest

import wignerness as wn
from wignerness._progress import progress_to
from wignerness.dynamics import trajectories
from wignerness.dynamics.langevin import Langevin
from wignerness.errors import (
    AccuracyWarning,
    InvalidNetworkError,
    InvalidStateError,
    MemoryLimitError,
    UndefinedQuantityError,
)

PAIR = wn.models.chain(2, hopping=0.5, rate=1.0, occupations=(1, 3))
ONE = wn.Network([[1.0]], [wn.ThermalBath(0, 1.0, 1.0)])
SHARED = wn.Network([[1.0]], [wn.ThermalBath(0, 1.0, 1.0), wn.ThermalBath(0, 0.5, 4.0)])
HOT = wn.GaussianState.thermal([3.0])

# Network, start and time; for each the average of exp(-Sigma) is a healthy one.
CASES = {
    "relaxation of one mode": (ONE, HOT, 1.0),
    "steady current": (PAIR, wn.steady_state(PAIR).state, 1.0),
    "two baths on a node": (SHARED, wn.GaussianState.thermal([2.5]), 1.0),
    "two baths on one of two nodes": (
        wn.Network(
            [[1.0, 0.4j], [-0.4j, 1.3]],
            [wn.ThermalBath(0, 1.0, 1.0), wn.ThermalBath(0, 0.5, 2.0), wn.ThermalBath(1, 0.2, 0.5)],
        ),
        wn.GaussianState.thermal([1.0, 1.0]),
        1.5,
    ),
    "a ring with a flux and a bath too few": (
        wn.models.ring(3, hopping=0.7, flux=1.0, baths=[wn.ThermalBath(0, 0.6, 2.0), wn.ThermalBath(2, 0.6, 1.0)]),
        wn.GaussianState.thermal([1.5, 1.5, 1.5]),
        1.0,
    ),
    "displaced and driven": (
        PAIR.replace(drive=[0.3, 0.1j]),
        wn.GaussianState([0.2, 0.1j], np.diag([1.5, 2.0])),
        0.5,
    ),
    "squeezed, with pairing": (
        PAIR.replace(pairing=[[0.1, 0.2j], [0.2j, 0.0]]),
        wn.GaussianState(np.zeros(2), np.diag([1.5, 2.0]), [[0.3, 0.1j], [0.1j, 0.0]]),
        0.5,
    ),
    "a probe": (
        wn.Network([[0.0, 0.5], [0.5, 0.0]], [wn.ThermalBath(0, 1.0, 1.0), wn.Probe(1, 0.3), wn.ThermalBath(0, 0.2, 2.0)]),
        wn.GaussianState.thermal([1.0, 1.5]),
        1.0,
    ),
    "a squeezed bath on a detuned node": (
        wn.Network([[0.7]], [wn.SqueezedBath.from_squeezing(0, 1.0, 0.5, 0.5, angle=0.4)]),
        wn.GaussianState([0.3], [[1.5]]),
        0.5,
    ),
    "squeezed and thermal baths on a node": (
        wn.Network(
            [[0.3, 0.5], [0.5, -0.2]],
            [
                wn.SqueezedBath.from_squeezing(0, 1.0, 0.2, 0.4, angle=1.0),
                wn.ThermalBath(1, 0.7, 1.0),
                wn.SqueezedBath.from_squeezing(1, 0.3, 0.4, 0.3),
            ],
            drive=[0.2, 0.0],
        ),
        wn.GaussianState([0.2, 0.1], np.diag([1.0, 1.2]), np.diag([0.2, 0.1j])),
        0.5,
    ),
    "gain beside loss": (
        wn.Network(
            [[0.3, 0.5], [0.5, -0.2]],
            [wn.JumpBath([([1.0, 0], [0, 0]), ([0, 0], [0.5, 0])]), wn.ThermalBath(1, 0.7, 1.0)],
        ),
        wn.GaussianState.thermal([1.2, 1.2]),
        1.0,
    ),
    "more gain than loss": (
        wn.Network([[0.3]], [wn.JumpBath([([0.3], [0.0]), ([0.0], [0.4])])]),
        wn.GaussianState.thermal([1.5]),
        0.5,
    ),
    "squeezing jumps, and noise without damping": (
        wn.Network([[0.3]], [wn.JumpBath([([0.8], [0.2j])]), wn.JumpBath([([0.2], [0.2])])]),
        wn.GaussianState.thermal([0.5]),
        0.5,
    ),
}  # fmt: skip


@pytest.fixture(params=CASES, scope="module")
def ensemble(request):
    network, start, time = CASES[request.param]
    sample = wn.sample_trajectories(network, start, [time / 3, time], 200_000, rng=20)
    return sample, wn.evolve(network, start, [time / 3, time])


def deviation(values, expected):
    """Distance of an average from what is expected, in standard errors."""
    return (values.mean(axis=0) - expected) / (values.std(axis=0, ddof=1) / math.sqrt(len(values)))


def test_integral_fluctuation_theorem(ensemble):
    average = ensemble[0].integral_fluctuation()
    assert average.standard_error < 0.01
    assert abs(average.mean - 1) < 3 * average.standard_error


def test_mean_of_sigma_is_the_integrated_production(ensemble):
    sample, run = ensemble
    expected = run.integrated_production(0.0, float(run.times[-1]))
    assert abs(deviation(sample.entropy_production, expected)) < 3


def test_every_bath_takes_up_what_the_moments_say(ensemble):
    sample, run = ensemble
    end = float(run.times[-1])
    flux = run.integrated_flux(0.0, end)
    told = np.ptp(sample.bath_entropy, axis=0) > 0
    assert (np.abs(deviation(sample.bath_entropy[:, told], flux[told])) < 3.5).all()
    assert np.abs(flux[~told]).max(initial=0.0) < 1e-14
    if all(isinstance(bath, (wn.ThermalBath, wn.Probe)) for bath in sample.network.baths):
        assert (np.abs(deviation(sample.exchanged, run.integrated_exchange(0.0, end))) < 3.5).all()
    else:
        with pytest.raises(UndefinedQuantityError, match="number of excitations handed over"):
            _ = sample.exchanged


def test_amplitudes_have_the_moments_of_the_run(ensemble):
    sample, run = ensemble
    alpha = np.concatenate([batch for _, batch in zip(range(20), sample.batches(), strict=False)])
    for index, state in enumerate(run.states):
        here = alpha[:, index] - state.mean
        assert np.abs(deviation(here.real, 0.0)).max() < 4
        assert np.abs(deviation(here.imag, 0.0)).max() < 4
        for i in range(state.n_modes):
            for j in range(state.n_modes):
                for product, expected in (
                    (here[:, i] * here[:, j].conj(), state.normal[i, j] + (i == j) / 2),
                    (here[:, i] * here[:, j], state.anomalous[i, j]),
                ):
                    assert abs(deviation(product.real, expected.real)) < 4.5
                    if np.ptp(product.imag) > 0:
                        assert abs(deviation(product.imag, expected.imag)) < 4.5


def test_forgetting_the_unitary_term_breaks_the_theorem():
    """Sigma without its integral over the currents between the nodes: the average would be 1.19, not 1."""
    start, time = wn.steady_state(PAIR).state, 1.0
    sample = wn.sample_trajectories(PAIR, start, [0.0, time], 200_000, rng=4)
    end = wn.evolve(PAIR, start, [time]).states[0]
    first, last = sample.alpha[:, 0], sample.alpha[:, 1]
    widths = PAIR.bath_occupations + 0.5
    lost = np.abs(first) ** 2 - np.abs(last) ** 2
    forgotten = np.log(start.wigner(first)) - np.log(end.wigner(last)) + (lost / widths).sum(axis=1)
    weights = np.exp(-forgotten)
    assert weights.mean() == pytest.approx(1.19, abs=0.02)
    assert (weights.mean() - 1) * math.sqrt(len(weights)) / weights.std() > 50
    average = sample.integral_fluctuation()
    assert abs(average.mean - 1) < 3 * average.standard_error
    # What one node gives the other gets: the forgotten integrals cancel in the sum over the baths.
    np.testing.assert_allclose((sample.exchanged - lost).sum(axis=1), 0.0, atol=1e-9)


def test_one_relaxing_mode_in_numbers():
    sample = wn.sample_trajectories(ONE, HOT, [1.0], 400_000, rng=1)
    assert abs(deviation(sample.entropy_production, 0.3946451584)) < 3
    late = wn.sample_trajectories(ONE, HOT, [40.0], 100_000, rng=2)
    assert abs(deviation(late.entropy_production, 4 / 3 - math.log(7 / 3))) < 3
    # Without other nodes Sigma needs no path: the displacement of the widths tells it.
    first = np.abs(wn.sample_trajectories(ONE, HOT, [0.0, 1.0], 100, rng=1).alpha[..., 0]) ** 2
    sigma = wn.sample_trajectories(ONE, HOT, [0.0, 1.0], 100, rng=1).entropy_production
    width = 1.5 + 2 * math.exp(-1)
    expected = math.log(width / 3.5) - first[:, 0] / 3.5 + first[:, 1] / width + (first[:, 0] - first[:, 1]) / 1.5
    np.testing.assert_allclose(sigma, expected, atol=1e-13)


def test_exchange_of_samples_against_exact_moments():
    start, time = wn.steady_state(PAIR).state, 3.0
    found = wn.sample_trajectories(PAIR, start, [time], 400_000, rng=9).exchange_statistics()
    exact = wn.exchange_statistics(PAIR, time)
    np.testing.assert_allclose(found.variance, exact.variance, rtol=0.02)
    np.testing.assert_allclose(found.mean, exact.mean, atol=4 * np.sqrt(exact.variance.max() / 400_000))
    np.testing.assert_allclose(found.fano, exact.fano, rtol=0.02)


def test_two_baths_on_a_node_against_exact_moments():
    start, time = wn.steady_state(SHARED).state, 3.0
    found = wn.sample_trajectories(SHARED, start, [time], 400_000, rng=9).exchange_statistics()
    exact = wn.exchange_statistics(SHARED, time)
    np.testing.assert_allclose(found.variance, exact.variance, rtol=0.02)


@pytest.mark.parametrize("substeps", [1, 40])
def test_averages_do_not_depend_on_the_step(substeps):
    network, start, time = CASES["two baths on one of two nodes"]
    sample = wn.sample_trajectories(network, start, [time], 200_000, rng=3, substeps=substeps)
    run = wn.evolve(network, start, [time])
    assert abs(deviation(sample.entropy_production, run.integrated_production(0.0, time))) < 3
    assert (np.abs(deviation(sample.exchanged, run.integrated_exchange(0.0, time))) < 3.5).all()


def test_a_high_frequency_costs_no_steps():
    fast = PAIR.replace(hamiltonian=PAIR.hamiltonian + 1e9 * np.eye(2))
    start = wn.GaussianState.coherent([1.0, 0.5])
    slow, turned = (wn.sample_trajectories(each, start, [0.5, 1.0], 500, rng=3) for each in (PAIR, fast))
    np.testing.assert_allclose(turned.entropy_production, slow.entropy_production, atol=1e-6)
    phase = np.exp(-1e9j * slow.times)[:, None]
    np.testing.assert_allclose(turned.alpha, phase * slow.alpha, atol=1e-6)


# -- the same numbers -------------------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_numbers():
    times, start = [0.5, 1.0], wn.GaussianState.thermal([2.0, 1.0])
    whole = wn.sample_trajectories(PAIR, start, times, 9000, rng=5)
    part = wn.sample_trajectories(PAIR, start, times, 5000, rng=5)
    np.testing.assert_array_equal(part.entropy_production, whole.entropy_production[:5000])
    np.testing.assert_array_equal(part.bath_entropy, whole.bath_entropy[:5000])
    np.testing.assert_array_equal(part.alpha, whole.alpha[:5000])
    np.testing.assert_array_equal(np.concatenate(list(part.batches())), part.alpha)
    other = wn.sample_trajectories(PAIR, start, times, 10, rng=6)
    assert (other.entropy_production != whole.entropy_production[:10]).all()


@pytest.mark.parametrize("cores", [1, 3])
def test_on_any_number_of_cores(cores, monkeypatch):
    expected = wn.sample_trajectories(PAIR, wn.GaussianState.vacuum(2), [1.0], 20_000, rng=5).entropy_production
    monkeypatch.setattr(trajectories, "_cores", lambda: cores)
    found = wn.sample_trajectories(PAIR, wn.GaussianState.vacuum(2), [1.0], 20_000, rng=5).entropy_production
    np.testing.assert_array_equal(found, expected)


def test_seeds_of_any_kind():
    def draw(rng):
        return wn.sample_trajectories(ONE, HOT, [1.0], 50, rng=rng).entropy_production

    np.testing.assert_array_equal(draw(7), draw(np.random.SeedSequence(7)))
    np.testing.assert_array_equal(draw(np.int64(7)), draw(7))
    first, second = np.random.default_rng(3), np.random.default_rng(3)
    np.testing.assert_array_equal(draw(first), draw(second))
    assert (draw(first) != draw(np.random.default_rng(3))).all()  # it moved on
    spawned = [draw(child) for child in np.random.SeedSequence(7).spawn(2)]
    assert (spawned[0] != spawned[1]).all()
    assert (spawned[0] != draw(7)).all()


def test_the_streams_do_not_meet_those_of_spawned_seeds():
    """A caller may spawn from the same seed: its first child is not our first block."""
    child = np.random.Generator(np.random.SFC64(np.random.SeedSequence(7).spawn(1)[0])).standard_normal(2)
    alpha = wn.sample_trajectories(ONE, wn.GaussianState.vacuum(1), [0.0], 1, rng=7).alpha[0, 0, 0]
    assert not np.isclose(alpha.real * 2, child).any()


@pytest.mark.parametrize(("rng", "match"), [(None, "rng"), (-1, "rng"), (1.5, "rng"), ("seed", "rng"), (True, "rng")])
def test_seeds_that_are_none(rng, match):
    with pytest.raises(InvalidNetworkError, match=match):
        wn.sample_trajectories(ONE, HOT, [1.0], 5, rng=rng)


# -- shapes, memory, warnings -------------------------------------------------------------------------------------------


def test_shapes():
    sample = wn.sample_trajectories(SHARED, HOT, [0.0, 0.1, 0.5], 7, rng=0)
    assert sample.alpha.shape == (7, 3, 1)
    assert sample.entropy_production.shape == (7,)
    assert sample.bath_entropy.shape == sample.exchanged.shape == (7, 2)
    assert repr(sample) == "Trajectories(7 of Network(1 mode, 2 baths: 2 thermal), 3 times)"
    assert sample.initial is HOT
    for array in (sample.alpha, sample.entropy_production, sample.times):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1.0


def test_sigma_is_boundary_term_plus_baths():
    sample = wn.sample_trajectories(PAIR, wn.GaussianState.thermal([2.0, 1.0]), [0.0, 0.7], 50, rng=0)
    end = wn.evolve(PAIR, sample.initial, [0.7]).states[0]
    boundary = np.log(sample.initial.wigner(sample.alpha[:, 0])) - np.log(end.wigner(sample.alpha[:, 1]))
    np.testing.assert_allclose(sample.entropy_production, boundary + sample.bath_entropy.sum(axis=1), atol=1e-12)


def test_nothing_happens_in_no_time():
    sample = wn.sample_trajectories(PAIR, wn.GaussianState.thermal([2.0, 1.0]), 0.0, 5, rng=0)
    assert not sample.entropy_production.any()
    assert sample.integral_fluctuation().mean == 1.0


def test_without_baths_nothing_is_produced():
    network = wn.Network([[1.0, 0.3], [0.3, 0.0]], [])
    sample = wn.sample_trajectories(network, wn.GaussianState.squeezed([0.5, 0.2]), [2.0], 100, rng=0)
    assert np.abs(sample.entropy_production).max() < 1e-12
    assert sample.bath_entropy.shape == (100, 0)


def test_baths_that_are_switched_off():
    network = wn.Network([[1.0]], [wn.ThermalBath(0, 0.0, 3.0), wn.ThermalBath(0, 1.0, 1.0)])
    sample = wn.sample_trajectories(network, HOT, [1.0], 100, rng=0)
    alone = wn.sample_trajectories(ONE, HOT, [1.0], 100, rng=0)
    assert not sample.bath_entropy[:, 0].any()
    np.testing.assert_array_equal(sample.entropy_production, alone.entropy_production)


def test_an_average_that_rests_on_few_is_told():
    sample = wn.sample_trajectories(PAIR, wn.GaussianState.coherent([3.0, 0.0]), [4.0], 2000, rng=0)
    with pytest.warns(AccuracyWarning, match="rests on about .* of 2000 trajectories"):
        average = sample.integral_fluctuation()
    assert average.effective_samples < 20


def test_an_average_that_rests_on_trajectories_never_drawn_is_told():
    """From the vacuum into a hot bath: starts far out, which the narrow Wigner function never gives, carry it."""
    hot = wn.Network([[1.0]], [wn.ThermalBath(0, 1.0, 10.0)])
    sample = wn.sample_trajectories(hot, wn.GaussianState.vacuum(1), [3.0], 2000, rng=0)
    with pytest.warns(AccuracyWarning, match="misses 1 by .* standard errors"):
        average = sample.integral_fluctuation()
    assert average.mean < 0.9
    assert average.effective_samples > 20


def test_weights_beyond_the_range_of_doubles():
    """Every exp(-Sigma) is zero, or nearly: still a number, with a warning."""
    sample = wn.sample_trajectories(ONE, wn.GaussianState.coherent([40.0]), [5.0], 100, rng=0)
    with pytest.warns(AccuracyWarning):
        average = sample.integral_fluctuation()
    assert sample.entropy_production.min() > 745
    assert average.mean == 0.0
    assert 1 <= average.effective_samples < 2


def test_one_trajectory_has_no_error_bar():
    sample = wn.sample_trajectories(ONE, HOT, [1.0], 1, rng=0)
    assert sample.integral_fluctuation().standard_error == math.inf
    assert np.isinf(sample.exchange_statistics().variance).all()


def test_arrays_that_would_not_fit(monkeypatch):
    sample = wn.sample_trajectories(ONE, HOT, [1.0, 2.0], 5000, rng=0)
    monkeypatch.setattr("wignerness._memory.available_memory", lambda: 100_000)
    with pytest.raises(MemoryLimitError, match=r"batches\(\)"):
        _ = sample.alpha
    with pytest.raises(MemoryLimitError, match="Sigma of all trajectories"):
        wn.sample_trajectories(ONE, HOT, [1.0], 10**6, rng=0)
    with pytest.raises(MemoryLimitError, match="Ask for fewer times"):
        next(sample.batches())


def test_blocks_shrink_for_many_times_and_many_modes():
    def block(size, times):
        network = wn.models.chain(size, hopping=0.1, rate=1.0, occupations=(1, 2))
        return wn.sample_trajectories(network, wn.GaussianState.vacuum(size), times, 1, rng=0)._sampler.block

    assert block(2, [0.1]) == 4096
    assert block(40, [0.1]) == 512
    assert block(2, np.linspace(0.01, 1, 10_000)) == 128


def test_progress_is_told():
    told = []
    with progress_to(lambda label, done, total: told.append((label, done, total))):
        wn.sample_trajectories(ONE, HOT, [1.0], 9000, rng=0)
    assert told == [("trajectories", done, 3) for done in range(4)]


# -- refusals ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("times", "match"),
    [([1.0, 1.0], "increasing"), ([2.0, 1.0], "increasing"), ([], "increasing"), ([-1.0], "non-negative"), ([np.nan], "finite")],
)  # fmt: skip
def test_times_that_are_none(times, match):
    with pytest.raises(InvalidNetworkError, match=match):
        wn.sample_trajectories(ONE, HOT, times, 5, rng=0)


@pytest.mark.parametrize("arguments", [{"n": 0}, {"n": 1.5}, {"n": 5, "substeps": 0}])
def test_counts_that_are_none(arguments):
    with pytest.raises(InvalidNetworkError):
        wn.sample_trajectories(ONE, HOT, [1.0], rng=0, **arguments)


def test_states_that_do_not_fit():
    with pytest.raises(InvalidStateError):
        wn.sample_trajectories(ONE, wn.GaussianState.vacuum(2), [1.0], 5, rng=0)


def test_the_same_loss_in_three_words():
    """A thermal bath, a squeezed one without squeezing, and its jump operators: the same numbers."""
    n, rate = 1.5, 0.7
    loss, gain = (rate * (n + 1)) ** 0.5, (rate * n) ** 0.5
    baths = [
        wn.ThermalBath(0, rate, n),
        wn.SqueezedBath(0, rate, n, 0.0),
        wn.JumpBath([([loss], [0.0]), ([0.0], [gain])]),
    ]
    start = wn.GaussianState.squeezed([0.4])
    samples = [wn.sample_trajectories(wn.Network([[0.5]], [bath]), start, [1.0], 50, rng=3) for bath in baths]
    for other in samples[1:]:
        np.testing.assert_allclose(other.entropy_production, samples[0].entropy_production, rtol=1e-9)


@pytest.mark.parametrize("squeezing", [0.0, 0.5])
def test_halves_of_a_bath_differ_by_noise_that_adds_up_to_nothing(squeezing):
    whole = wn.SqueezedBath.from_squeezing(0, 1.0, 0.3, squeezing, angle=0.7)
    half = wn.SqueezedBath(0, 0.5, whole.occupation, whole.anomalous)
    node = trajectories._Split(Langevin(wn.Network([[0.4]], [half, half])))._shared[0]
    drawn = node.drawn(np.repeat([[1.3], [0.7], [0.4]], 1000, axis=1), np.random.default_rng(1))
    np.testing.assert_allclose(drawn.sum(axis=0), 0.0, atol=1e-13)
    assert drawn[0].std() > 0.1


@pytest.mark.parametrize("squeezing", [0.0, 0.4])
def test_how_a_node_splits_among_its_baths(squeezing):
    """Cov(c, c') = kappa kappa' Tr[(delta Q_c^-1 - Q^-1) M], and the mean, for a given M."""
    baths = [
        wn.SqueezedBath.from_squeezing(0, 1.0, 0.2, squeezing, angle=0.3),
        wn.ThermalBath(0, 0.5, 2.0),
        wn.JumpBath([([0.3], [0.3])] if squeezing else [([0.3], [0.0]), ([0.0], [0.3])]),
    ]
    langevin = Langevin(wn.Network([[0.4]], baths))
    node = trajectories._Split(langevin)._shared[0]
    m = np.array([[1.3, 0.4], [0.4, 0.7]])
    count = 200_000
    path = np.repeat([[m[0, 0]], [m[1, 1]], [m[0, 1]]], count, axis=1)
    drawn = node.drawn(path, np.random.default_rng(5))
    drags, noises = langevin.channels.drags, langevin.channels.noises
    own, common = [np.linalg.pinv(noise) for noise in noises], np.linalg.inv(noises.sum(axis=0))
    mean = [k / 2 * np.trace((k * inverse - drags.sum() * common) @ m) for k, inverse in zip(drags, own, strict=True)]
    covariance = [
        [
            drags[c] * drags[d] * np.trace(((own[c] if c == d else 0.0) - common) @ m)
            for d in range(3)
        ]
        for c in range(3)
    ]  # fmt: skip
    np.testing.assert_allclose(drawn.mean(axis=1), mean, atol=5 * np.sqrt(np.max(covariance) / count))
    np.testing.assert_allclose(np.cov(drawn), covariance, atol=0.01 * np.max(covariance))


def test_jumps_on_several_nodes_and_dephasing_are_refused():
    collective = wn.JumpBath([([1.0, 1.0], [0.0, 0.0])], name="collective loss")
    pair = wn.Network(np.zeros((2, 2)), [collective, wn.Probe(0, 0.1)])
    start = wn.GaussianState.thermal([1.0, 1.0])
    for network in (pair, pair.replace(baths=[collective])):
        with pytest.raises(UndefinedQuantityError, match=r"'collective loss'.*several nodes"):
            wn.sample_trajectories(network.replace(hamiltonian=[[0, 0.1], [0.1, 0.3]]), start, [1.0], 5, rng=0)
    with pytest.raises(UndefinedQuantityError, match="non-Gaussian"):
        wn.sample_trajectories(wn.Network([[1.0]], [wn.Dephasing(0, 0.1)]), HOT, [1.0], 5, rng=0)


def test_jumps_without_strength_do_nothing():
    idle = wn.JumpBath([([0.0, 0.0], [0.0, 0.0])])
    with_idle = PAIR.replace(baths=[*PAIR.baths, idle])
    start = wn.steady_state(PAIR).state
    one, other = (wn.sample_trajectories(network, start, [1.0], 20, rng=0) for network in (PAIR, with_idle))
    np.testing.assert_array_equal(one.entropy_production, other.entropy_production)
    assert not other.bath_entropy[:, 2].any()
