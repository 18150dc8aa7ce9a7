"""A run and what it answers: rows, integrals over intervals, known numbers, refusals."""

from __future__ import annotations

import math

import numpy as np
import pytest
from moving_oracle import state_of_any_kind
from scipy.integrate import quad_vec, solve_ivp

import wignerness as wn
from wignerness._progress import progress_to
from wignerness.dynamics import evolution
from wignerness.errors import (
    AccuracyWarning,
    ConvergenceError,
    InvalidNetworkError,
    InvalidStateError,
    UndefinedQuantityError,
)

CHAIN = wn.models.chain(3, hopping=0.4, rate=1.0, occupations=(1, 2))
COVERED = wn.Network(
    [[1.0, 0.3 - 0.1j], [0.3 + 0.1j, 1.4]], [wn.ThermalBath(0, 0.5, 0.05), wn.ThermalBath(1, 0.8, 0.25)]
)
PROBED = wn.Network(CHAIN.hamiltonian, [*CHAIN.baths, wn.Probe(1, 0.5)])
ONE = wn.Network([[1.0]], [wn.ThermalBath(0, 1.0, 1.0)])


# -- known numbers -----------------------------------------------------------------------------------------------


def test_relaxation_of_one_mode():
    run = wn.evolve(ONE, wn.GaussianState.thermal([3.0]), [0.0, 1.0, 1e9])
    np.testing.assert_allclose(run.occupations[:, 0], [3.0, 1 + 2 * math.exp(-1), 1.0], rtol=1e-15)
    assert run.integrated_production(0.0, 1.0) == pytest.approx(0.3946451584, abs=1e-10)
    assert run.integrated_production(0.0, 1e9) == pytest.approx(4 / 3 - math.log(7 / 3), abs=1e-14)


def test_a_coherent_state_in_a_bath_at_zero_temperature():
    """Its entropy stays, and the displacement is lost at the rate at which entropy is produced and flows out."""
    network = wn.Network([[1.0]], [wn.ThermalBath(0, 0.7, 0.0)])
    times = np.array([0.0, 0.5, 3.0, 60.0])
    run = wn.evolve(network, wn.GaussianState.coherent([1.5 - 1j]), times)
    expected = 2 * 0.7 * 3.25 * np.exp(-0.7 * times)
    np.testing.assert_allclose(run.entropy_production[:, 0], expected, rtol=1e-13)
    np.testing.assert_allclose(run.entropy_flux[:, 0], expected, rtol=1e-13)
    assert not run.entropy_rate.any()
    assert (run.wigner_entropy == 1 + math.log(math.pi / 2)).all()


@pytest.mark.parametrize(
    ("start", "flux", "production"),
    [
        (wn.GaussianState.vacuum(1), -0.4856397884, 3.1436021161),
        (wn.GaussianState.thermal([1.0]), None, 4 * math.sinh(0.5) ** 2),
    ],
)
def test_states_put_into_a_squeezed_bath(start, flux, production):
    network = wn.Network([[0.0]], [wn.SqueezedBath.from_squeezing(0, 1.0, 1.0, 0.5)])
    run = wn.evolve(network, start, [0.0])
    assert run.entropy_production[0, 0] == pytest.approx(production, abs=1e-10)
    if flux is not None:
        assert run.entropy_flux[0, 0] == pytest.approx(flux, abs=1e-10)
        assert run.entropy_rate[0] == pytest.approx(3.6292419044, abs=1e-10)


def test_a_bathless_mode_turns():
    run = wn.evolve(wn.Network([[0.5]], []), wn.GaussianState.squeezed([0.4]), [math.pi, 2 * math.pi])
    start = run.initial.anomalous[0, 0]
    assert run.states[0].anomalous[0, 0] == pytest.approx(-start, abs=1e-15)
    assert run.states[1].anomalous[0, 0] == pytest.approx(start, abs=1e-15)
    assert run.entropy_production.shape == (2, 0)


def test_two_mode_squeezing_of_the_vacuum():
    """Above threshold and without baths: sinh(g t)^2 excitations in each mode."""
    network = wn.Network(np.zeros((2, 2)), [], pairing=[[0, 0.5], [0.5, 0]])
    times = np.array([1e-4, 1.0, 4.0])
    run = wn.evolve(network, wn.GaussianState.vacuum(2), times)
    np.testing.assert_allclose(run.occupations, np.sinh(0.5 * times)[:, None] ** 2 @ np.ones((1, 2)), rtol=1e-12)


# -- the sequence of states -----------------------------------------------------------------------------------------


def test_states_are_a_sequence():
    run = wn.evolve(CHAIN, wn.GaussianState.vacuum(3), [0.0, 1.0, 2.0])
    assert len(run.states) == 3
    assert run.states[-1] is run.states[2]
    assert [state.n_modes for state in run.states] == [3, 3, 3]
    assert [state is run.states[i] for i, state in enumerate(run.states[1:], start=1)] == [True, True]
    with pytest.raises(IndexError):
        run.states[3]


def test_states_that_are_not_kept(monkeypatch):
    kept = wn.evolve(COVERED, wn.GaussianState.vacuum(2), [0.0, 1.0])
    monkeypatch.setattr(evolution, "_KEEP", 0)
    run = wn.evolve(COVERED, wn.GaussianState.vacuum(2), [0.0, 1.0])
    assert run.states[1] is not run.states[1]
    for name in ("occupations", "heat_currents", "entropy_production", "entropy_rate", "relative_entropy"):
        np.testing.assert_array_equal(getattr(run, name), getattr(kept, name))


def test_any_order_and_spacing_of_times(rng):
    start = state_of_any_kind(rng, 2)
    times = rng.permutation(np.concatenate([[0.0, 0.0], 10.0 ** rng.uniform(-6, 6, 10)]))
    run = wn.evolve(COVERED, start, times)
    for index, time in enumerate(times):
        single = wn.evolve(COVERED, start, time)
        np.testing.assert_array_equal(run.states[index].normal, single.states[0].normal)
        assert run.entropy_rate[index] == single.entropy_rate[0]


def test_thousands_of_times():
    times = np.linspace(0, 50, 3000)
    run = wn.evolve(CHAIN, wn.GaussianState.vacuum(3), times)
    assert run.occupations.shape == (3000, 3)
    assert run.entropy_production.shape == (3000, 2)
    balance = run.entropy_production.sum(axis=1) - run.entropy_flux.sum(axis=1)
    np.testing.assert_allclose(run.entropy_rate, balance, atol=1e-13)


def test_a_previous_result_goes_on(rng):
    start = state_of_any_kind(rng, 2)
    first = wn.evolve(COVERED, start, [0.8])
    second = wn.evolve(COVERED, first.states[0], [1.5])
    whole = wn.evolve(COVERED, start, [2.3])
    np.testing.assert_allclose(second.states[0].normal, whole.states[0].normal, atol=1e-14)
    np.testing.assert_allclose(second.states[0].anomalous, whole.states[0].anomalous, atol=1e-14)
    np.testing.assert_allclose(second.states[0].mean, whole.states[0].mean, atol=1e-14)


@pytest.mark.parametrize("network", [CHAIN, PROBED], ids=["chain", "with a probe"])
def test_the_steady_state_stays(network):
    ness = wn.steady_state(network)
    run = wn.evolve(network, ness.state, [0.0, 1.0, 1e9])
    for state in run.states:
        np.testing.assert_array_equal(state.normal, ness.state.normal)
    np.testing.assert_allclose(run.entropy_production, np.tile(ness.entropy_production, (3, 1)), rtol=1e-14)
    assert not run.entropy_rate.any()


@pytest.mark.parametrize("follow", [False, True])
def test_the_end_is_the_steady_state(follow):
    ness = wn.steady_state(PROBED)
    run = wn.evolve(PROBED, wn.GaussianState.thermal([5.0, 0.0, 0.0]), [1e9], follow=follow)
    np.testing.assert_array_equal(run.states[0].normal, ness.state.normal)
    np.testing.assert_allclose(run.entropy_production[0], ness.entropy_production, rtol=1e-14)
    np.testing.assert_allclose(run.entropy_flux[0], ness.entropy_flux, rtol=1e-14, atol=1e-15)


def test_two_hundred_modes_at_late_times():
    size = 200
    long = wn.models.chain(size, hopping=1.0, rate=1.0, occupations=(1, 2))
    run = wn.evolve(long, wn.GaussianState.vacuum(size), [0.0, 1.0, 1e9])
    ness = wn.steady_state(long)
    np.testing.assert_allclose(run.occupations[2], ness.occupations, atol=1e-10)
    assert (run.occupations[1, 10:-10] < 1e-9).all()


def test_more_modes_than_a_steady_state_is_solved_for():
    """Beyond 256 modes only the probes are closed, and the rest is counted up from equilibria."""
    size = 270
    long = wn.models.chain(size, hopping=1.0, rate=1.0, occupations=(1, 2), probe_rate=0.5)
    run = wn.evolve(long, wn.GaussianState.vacuum(size), [1e9])
    ness = wn.steady_state(long, solver=wn.solvers.Banded())
    np.testing.assert_allclose(run.occupations[0], ness.occupations, atol=1e-12)
    np.testing.assert_allclose(run.entropy_production[0], ness.entropy_production, rtol=1e-9)


# -- probes that follow -----------------------------------------------------------------------------------------------


def test_following_probes_against_a_direct_integration():
    """The equation as it stands, nonlinear in looks, by an adaptive integrator."""
    h, rates = PROBED.hamiltonian, np.array([1.0, 0.5, 1.0])
    start = wn.GaussianState.thermal([5.0, 0.0, 0.5])

    def slope(_, flat):
        c = flat[:9].reshape(3, 3) + 1j * flat[9:].reshape(3, 3)
        levels = np.array([1.0, c[1, 1].real, 2.0])
        change = 1j * (c @ h - h @ c) - (rates[:, None] + rates) / 2 * c + np.diag(rates * levels)
        return np.concatenate([change.real.ravel(), change.imag.ravel()])

    first = np.concatenate([start.normal.real.ravel(), start.normal.imag.ravel()])
    times = np.array([0.1, 1.0, 3.0, 8.0])
    answer = solve_ivp(slope, (0, 8), first, t_eval=times, rtol=1e-12, atol=1e-13, method="DOP853")
    run = wn.evolve(PROBED, start, times, follow=True)
    for state, flat in zip(run.states, answer.y.T, strict=True):
        expected = flat[:9].reshape(3, 3) + 1j * flat[9:].reshape(3, 3)
        np.testing.assert_allclose(state.normal, expected, atol=1e-10)


def test_following_probes_exchange_nothing_at_any_time_and_frozen_ones_do():
    times, start = np.linspace(0, 5, 7), wn.GaussianState.thermal([5.0, 0.0, 0.5])
    follow, frozen = (wn.evolve(PROBED, start, times, follow=follow) for follow in (True, False))
    assert not follow.bath_currents[:, 2].any()
    assert not follow.entropy_flux[:, 2].any()
    assert (follow.entropy_production[1:, 2] > 0).all()
    assert np.abs(frozen.bath_currents[:, 2]).max() > 0.1
    for index in range(len(times)):
        probe = follow.network_at(index).baths[2]
        assert probe.occupation == follow.states[index].normal[1, 1].real
        assert frozen.network_at(index) is frozen.network
    assert follow.network.free_probes == (2,)


def test_many_following_modes():
    """Beyond the size for which the map is written out, late times included."""
    size = 27
    long = wn.models.chain(size, hopping=1.0, rate=1.0, occupations=(1, 2), probe_rate=0.5)
    run = wn.evolve(long, wn.GaussianState.vacuum(size), [0.5, 1e9], follow=True)
    np.testing.assert_allclose(run.occupations[1], wn.steady_state(long).occupations, atol=1e-10)
    step = wn.evolve(long, run.states[0], [1e-4], follow=True).states[0].normal - run.states[0].normal
    rate = run._motion.change(0.5).normal
    np.testing.assert_allclose(step / 1e-4, rate, atol=1e-3)


# -- integrals over an interval -----------------------------------------------------------------------------------------

GAUSSIAN = {
    "relaxing": COVERED,
    "with a probe": PROBED,
    "two baths on a node": wn.Network([[1.0]], [wn.ThermalBath(0, 1.0, 1.0), wn.ThermalBath(0, 0.2, 3.0)]),
    "driven": COVERED.replace(drive=[0.3, 0.1j]),
    "undamped": wn.Network(np.diag([1.0, 1.4]), [wn.ThermalBath(0, 1.0, 1.0)]),
    "undamped and driven": wn.Network([[1.0, 0.2], [0.2, 1.4]], [], drive=[0.2, 0.1]),
    "pairing and drive": COVERED.replace(pairing=[[0.1, 0.05], [0.05, 0.0]], drive=[0.3, 0.1j]),
    "growing": wn.Network([[0.1]], [wn.ThermalBath(0, 0.5, 0.1)], pairing=[[0.6]], drive=[0.2]),
    "squeezed bath": wn.Network([[1.0]], [wn.SqueezedBath.from_squeezing(0, 0.5, 0.1, 0.4, angle=0.2)]),
    "gain": wn.Network(
        [[1.0, 0.3], [0.3, 0.5]],
        [wn.JumpBath([([0.9, 0], [0, 0]), ([0, 0], [0.5, 0])]), wn.ThermalBath(1, 0.5, 0.2)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", GAUSSIAN)
@pytest.mark.parametrize("interval", [(0.0, 0.3), (0.4, 3.0)])
def test_integrals_against_quadrature(name, interval, rng):
    network = GAUSSIAN[name]
    run = wn.evolve(network, state_of_any_kind(rng, network.n_modes), [0.0])
    start = run.initial

    def rows(time):
        here = wn.evolve(network, start, [time])
        parts = (here.occupations, here.bath_currents, here.heat_currents, here.entropy_flux)
        return np.concatenate([part[0] for part in parts] + [[here.entropy_production.sum()]])

    expected, _ = quad_vec(rows, *interval, epsabs=1e-11, epsrel=1e-11)
    found = np.concatenate(
        [
            run.integrated_occupations(*interval),
            run.integrated_exchange(*interval),
            run.integrated_heat(*interval),
            run.integrated_flux(*interval),
            [run.integrated_production(*interval)],
        ]
    )
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-10)


def test_production_near_equilibrium_keeps_its_digits():
    """From t = 60 on the departure is 1e-26: neither the entropies nor the fluxes would show its production."""
    run = wn.evolve(ONE, wn.GaussianState.thermal([3.0]), [0.0])
    departure = 2 * math.exp(-60) / 1.5
    assert run.integrated_production(60.0, 1e9) == pytest.approx(departure**2 / 2, rel=1e-9)
    same = COVERED.replace(
        baths=[wn.ThermalBath(0, 0.5, 0.3), wn.ThermalBath(1, 0.8, 0.3), wn.ThermalBath(1, 0.2, 0.3)]
    )
    late = wn.evolve(same, wn.GaussianState.thermal([1.0, 0.0]), [50.0])
    rest = late.integrated_production(50.0, 1e6)
    slope = (late.integrated_production(50.0, 1e6) - late.integrated_production(50.01, 1e6)) / 0.01
    assert 0 < rest < 1e-20
    assert slope == pytest.approx(late.entropy_production.sum(), rel=0.02)


def test_integrals_add_up():
    run = wn.evolve(COVERED, wn.GaussianState.coherent([1.0, 0.5j]), [0.0])
    for name in ("occupations", "exchange", "heat", "flux", "production"):
        integral = getattr(run, f"integrated_{name}")
        np.testing.assert_allclose(integral(0.2, 0.9) + integral(0.9, 4.0), integral(0.2, 4.0), rtol=1e-13)
        assert not np.any(integral(0.9, 0.9))


def test_integrals_of_a_billion_relaxation_times():
    """The steady rates times the interval, and what the transient adds to it."""
    run, ness = wn.evolve(CHAIN, wn.GaussianState.vacuum(3), [0.0]), wn.steady_state(CHAIN)
    np.testing.assert_allclose(run.integrated_exchange(1e3, 1e9), ness.bath_currents * (1e9 - 1e3), rtol=1e-14)
    production = run.integrated_production(0.0, 1e9)
    assert production == pytest.approx(ness.entropy_production.sum() * 1e9 + run.integrated_production(0.0, 100.0)
                                       - 100 * ness.entropy_production.sum(), rel=1e-14)  # fmt: skip


def test_the_first_law_over_an_interval(rng):
    """What the baths took up is what the network lost: its Hamiltonian does not depend on time."""
    network = COVERED.replace(pairing=[[0.1, 0.05], [0.05, 0.0]], drive=[0.3, 0.1j])
    run = wn.evolve(network, state_of_any_kind(rng, 2), [0.3, 2.0])

    def energy(state):
        pairs = state.anomalous + np.outer(state.mean, state.mean)
        kept = np.trace(network.hamiltonian @ state.correlations).real
        return kept + np.sum(network.pairing.conj() * pairs).real + 2 * (network.drive.conj() @ state.mean).real

    lost = energy(run.states[0]) - energy(run.states[1])
    assert run.integrated_heat(0.3, 2.0).sum() == pytest.approx(lost, abs=1e-12)


@pytest.mark.parametrize(
    ("interval", "match"),
    [((-1.0, 1.0), "start.*non-negative"), ((2.0, 1.0), "not come before start = 2"), ((0.0, np.nan), "finite")],
)
def test_intervals_that_are_none(interval, match):
    run = wn.evolve(ONE, wn.GaussianState.vacuum(1), [0.0])
    with pytest.raises(InvalidNetworkError, match=match):
        run.integrated_production(*interval)


def test_integrals_are_refused_where_there_is_no_closed_form():
    run = wn.evolve(PROBED, wn.GaussianState.vacuum(3), [1.0], follow=True)
    with pytest.raises(UndefinedQuantityError, match="frozen probes"):
        run.integrated_flux(0.0, 1.0)


# -- refusals and how it looks ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("times", "match"),
    [
        ([-1.0], r"times\[0\].*non-negative"),
        ([1.0, np.inf], r"times\[1\].*finite"),
        ([], "at least one time"),
        ([[1.0]], "shape"),
        (["a"], "real numbers"),
        ([1j], "real numbers"),
    ],
)
def test_times_that_are_none(times, match):
    with pytest.raises(InvalidNetworkError, match=match):
        wn.evolve(ONE, wn.GaussianState.vacuum(1), times)


def test_states_that_do_not_fit():
    with pytest.raises(InvalidStateError):
        wn.evolve(ONE, wn.GaussianState.vacuum(2), [1.0])


def test_the_relative_entropy_needs_one_bath_on_every_node():
    run = wn.evolve(CHAIN, wn.GaussianState.vacuum(3), [1.0])
    for name in ("relative_entropy", "unitary_production", "relative_entropy_rate"):
        with pytest.raises(UndefinedQuantityError, match="exactly one bath"):
            getattr(run, name)


def test_dephasing_has_currents_and_no_entropies():
    network = CHAIN.replace(baths=[*CHAIN.baths, wn.Dephasing(1, 0.5)])
    run = wn.evolve(network, wn.GaussianState.vacuum(3), [0.0, 1.0])
    assert run.bath_currents.shape == run.entropy_flux.shape == (2, 3)
    for name in ("entropy_production", "wigner_entropy", "entropy_rate"):
        with pytest.raises(UndefinedQuantityError, match="non-Gaussian"):
            getattr(run, name)


def test_squeezing_beyond_double_precision():
    network = wn.Network([[0.0]], [], pairing=[[1.0]])
    run = wn.evolve(network, wn.GaussianState.thermal([1.0]), [1.0, 12.0])
    assert run.occupations[1, 0] > 1e9
    with pytest.raises(ConvergenceError, match="t = 12 the state is squeezed beyond") as caught:
        _ = run.wigner_entropy
    assert caught.value.last_iterate is run.states[1]
    with pytest.warns(AccuracyWarning, match="may be off by about .* nats"):
        entropy = wn.evolve(network, wn.GaussianState.thermal([1.0]), [0.0, 5.5]).wigner_entropy
    assert entropy[1] == pytest.approx(entropy[0], abs=1e-5)


def test_repr():
    run = wn.evolve(ONE, wn.GaussianState.vacuum(1), [3.0, 1.0])
    assert repr(run) == "Evolution(Network(1 mode, 1 bath: 1 thermal), 2 times, t = 1 to 3)"


def test_arrays_are_read_only():
    run = wn.evolve(COVERED, wn.GaussianState.vacuum(2), [0.0, 1.0])
    for name in ("times", "occupations", "entropy_production", "relative_entropy", "relative_entropy_rate"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(run, name)[0] = 1.0


def test_progress_is_told():
    told = []
    with progress_to(lambda label, done, total: told.append((label, done, total))):
        _ = wn.evolve(ONE, wn.GaussianState.vacuum(1), [0.0, 1.0]).occupations
    assert told == [("evolution", 0, 2), ("evolution", 1, 2), ("evolution", 2, 2)]
