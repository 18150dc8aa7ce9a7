"""The routes to the moments: when each is taken, and that they agree."""

from __future__ import annotations

import numpy as np
import pytest
from moving_oracle import state_of_any_kind
from scipy import linalg, sparse
from scipy.integrate import solve_ivp

import wignerness as wn
from wignerness.dynamics import routes
from wignerness.dynamics.following import Dephased, Following
from wignerness.dynamics.propagation import Departing, turning_frame
from wignerness.dynamics.routes import motion
from wignerness.errors import (
    ConvergenceError,
    InvalidNetworkError,
    InvalidStateError,
    MemoryLimitError,
    NoUniqueSteadyStateError,
    UndefinedQuantityError,
)
from wignerness.linalg.symplectic import ladder

CHAIN = np.diag([0.4, 0.4], 1) + np.diag([0.4, 0.4], -1)
PROBED = wn.Network(CHAIN, [wn.ThermalBath(0, 1.0, 1.0), wn.ThermalBath(2, 1.0, 2.0), wn.Probe(1, 0.5)])


def assert_same(one, other, tolerance=1e-13):
    unit = max(1.0, np.abs(one.normal).max())
    for name in ("mean", "normal", "anomalous"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), atol=tolerance * unit)


def by_scipy(network, start, time):
    """The same moments from SciPy's exponential of (Theta, mu, 1), without any of the library's routes."""
    size = 2 * network.n_modes
    w, f = (m.toarray() if sparse.issparse(m) else m for m in (network.drift, network.diffusion))
    if network.is_passive:
        big = np.zeros((size, size), dtype=complex)
        big[::2, ::2], big[1::2, 1::2] = w, w.conj()
        total = np.zeros((size, size), dtype=complex)
        total[::2, ::2] = f - (w + w.conj().T) / 2
        total[1::2, 1::2] = total[::2, ::2].conj()
        w, f = big, total
    force = np.ravel(np.column_stack([-1j * network.drive, 1j * network.drive.conj()]))
    mean = np.ravel(np.column_stack([start.mean, start.mean.conj()]))
    n2 = size**2
    whole = np.zeros((n2 + size + 1, n2 + size + 1), dtype=complex)
    whole[:n2, :n2] = np.kron(w, np.eye(size)) + np.kron(np.eye(size), w.conj())
    whole[:n2, -1] = f.ravel()
    whole[n2:-1, n2:-1], whole[n2:-1, -1] = w, force
    end = linalg.expm(whole * time) @ np.concatenate([start.covariance().ravel(), mean, [1.0]])
    theta = end[:n2].reshape(size, size)
    normal = theta[::2, ::2] - np.eye(network.n_modes) / 2
    return wn.GaussianState(end[n2:-1:2], normal, theta[::2, 1::2], trusted=True)


NETWORKS = {
    "relaxing": wn.models.chain(3, hopping=0.4, rate=1.0, occupations=(1, 2)),
    "two baths on a node": wn.Network([[1.0]], [wn.ThermalBath(0, 1.0, 1.0), wn.ThermalBath(0, 0.2, 3.0)]),
    "driven": wn.Network(CHAIN, [wn.ThermalBath(0, 1.0, 1.0)], drive=[0.3, 0.1j, 0.0]),
    "dark mode, driven": wn.Network(
        [[1.0, 0.5, 0.5], [0.5, 2.0, 0.0], [0.5, 0.0, 2.0]], [wn.ThermalBath(0, 1.0, 1.0)], drive=[0.3, 0.1j, 0.2]
    ),
    "no bath": wn.Network(CHAIN, []),
    "no bath, driven at resonance": wn.Network(np.zeros((2, 2)), [], drive=[0.3, 0.1]),
    "two parts, one undamped": wn.Network(np.diag([1.0, 5.0]), [wn.ThermalBath(0, 1.0, 1.0)]),
    "growing": wn.Network([[0.1]], [wn.ThermalBath(0, 0.5, 0.1)], pairing=[[0.6]], drive=[0.2]),
    "stable with pairing": wn.Network([[1.0]], [wn.ThermalBath(0, 0.5, 0.1)], pairing=[[0.6]], drive=[0.2]),
    "squeezed bath": wn.Network([[1.0]], [wn.SqueezedBath.from_squeezing(0, 0.5, 0.1, 0.4, angle=0.2)]),
    "net gain": wn.Network([[0.3]], [wn.JumpBath([([0.3], [0.0]), ([0.0], [0.6])])]),
    "sparse": wn.models.chain(3, hopping=0.4, rate=1.0, occupations=(1, 2)).replace(
        hamiltonian=sparse.csr_array(CHAIN)
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("time", [1e-3, 0.7, 4.0])
def test_against_scipy(name, time, rng):
    network = NETWORKS[name]
    start = state_of_any_kind(rng, network.n_modes)
    state = motion(network, start, follow=False).state(time)
    expected = by_scipy(network, start, time)
    assert_same(state, expected, tolerance=1e-12)


@pytest.mark.parametrize("name", NETWORKS)
def test_change_is_the_slope(name, rng):
    network = NETWORKS[name]
    course = motion(network, state_of_any_kind(rng, network.n_modes), follow=False)
    step = 1e-4
    before, after = course.state(0.6 - step), course.state(0.6 + step)
    slope = (after.occupations - before.occupations) / (2 * step)
    change = course.change(0.6)
    np.testing.assert_allclose(change.occupations, slope, atol=1e-6)
    # Phases of C between parts that turn at different frequencies are left out; within a part all is there.
    np.testing.assert_allclose(np.diag(change.normal), np.diag(after.normal - before.normal) / (2 * step), atol=1e-6)


@pytest.mark.parametrize("name", NETWORKS)
def test_average_is_that_of_all_linear_quantities(name, rng):
    network = NETWORKS[name]
    course = motion(network, state_of_any_kind(rng, network.n_modes), follow=False)
    points, weights = np.polynomial.legendre.leggauss(40)
    times = 0.5 + 1.5 * (points + 1) / 2
    states = [course.state(float(time)) for time in times]
    average = course.average(0.5, 2.0)
    raw = sum(w * state.correlations for w, state in zip(weights / 2, states, strict=True))
    mean = sum(w * state.mean for w, state in zip(weights / 2, states, strict=True))
    np.testing.assert_allclose(average.correlations, raw, rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(average.mean, mean, rtol=1e-11, atol=1e-12)
    if not network.is_passive:
        pairs = sum(
            w * (state.anomalous + np.outer(state.mean, state.mean))
            for w, state in zip(weights / 2, states, strict=True)
        )
        found = average.anomalous + np.outer(average.mean, average.mean)
        np.testing.assert_allclose(found, pairs, rtol=1e-11, atol=1e-12)


def test_with_and_without_the_steady_state_as_a_reference(rng, monkeypatch):
    network, start = NETWORKS["driven"], state_of_any_kind(rng, 3)
    around = motion(network, start, follow=False)
    monkeypatch.setattr(routes, "_SOLVED_UP_TO", 0)
    fed = motion(network, start, follow=False)
    assert around._source is None
    assert fed._source is None  # in equilibrium with its only bath
    assert fed._force is not None
    for time in (0.3, 5.0, 1e9):
        assert_same(around.state(time), fed.state(time))


def test_many_modes_with_probes_only_solve_for_the_probes(monkeypatch, rng):
    expected = motion(PROBED, start := state_of_any_kind(rng, 3), follow=False).state(2.0)
    monkeypatch.setattr(routes, "_SOLVED_UP_TO", 0)
    course = motion(PROBED, start, follow=False)
    assert not course.network.free_probes
    assert_same(course.state(2.0), expected)


def test_a_network_too_close_to_dark_is_propagated_without_its_steady_state(monkeypatch):
    def declines(*_, **__):
        raise ConvergenceError("not determined")

    monkeypatch.setattr(routes, "steady_state", declines)
    network = NETWORKS["relaxing"]
    start = wn.GaussianState.thermal([0.0, 1.0, 2.0])
    assert_same(motion(network, start, follow=False).state(1.0), by_scipy(network, start, 1.0))
    with pytest.raises(ConvergenceError):
        motion(PROBED, start, follow=False)


def test_the_start_is_given_back_at_time_zero(rng):
    start = state_of_any_kind(rng, 3)
    assert motion(NETWORKS["relaxing"], start, follow=False).state(0.0) is start
    thermal = wn.GaussianState.thermal([1.0, 0.0, 2.0])
    assert motion(PROBED, thermal, follow=True).state(0.0) is thermal


def test_overflow_is_an_error():
    course = motion(NETWORKS["growing"], wn.GaussianState.vacuum(1), follow=False)
    with pytest.raises(InvalidNetworkError, match="growing mode stays finite, but is 5000"):
        course.state(5000.0)
    with pytest.raises(InvalidNetworkError, match="growing mode stays finite, but is 5000"):
        course.average(1.0, 5000.0)


def test_more_modes_than_fit_into_memory(monkeypatch):
    monkeypatch.setattr("wignerness._memory.available_memory", lambda: 5000)
    with pytest.raises(MemoryLimitError, match="propagator"):
        Departing(NETWORKS["relaxing"], wn.GaussianState.vacuum(3), None)


def test_states_that_do_not_fit():
    with pytest.raises(InvalidStateError, match="3 modes"):
        motion(PROBED, wn.GaussianState.vacuum(2), follow=False)


def test_partial_states_are_refused():
    partial = wn.GaussianState(np.zeros(3), sparse.dia_array(np.eye(3)))
    with pytest.raises(InvalidStateError, match="partial"):
        motion(PROBED, partial, follow=False)


# -- probes that follow, dephasing ----------------------------------------------------------------------------------


def test_which_route():
    start = wn.GaussianState.vacuum(3)
    assert isinstance(motion(PROBED, start, follow=False), Departing)
    assert isinstance(motion(PROBED, start, follow=True), Following)
    assert isinstance(motion(NETWORKS["relaxing"], start, follow=True), Departing)
    dephased = PROBED.replace(baths=[*PROBED.baths, wn.Dephasing(1, 0.3)])
    frozen = motion(dephased, start, follow=False)
    assert isinstance(frozen, Dephased)
    assert not frozen.network.free_probes


FOLLOWED = {
    "plain": PROBED,
    "driven": PROBED.replace(drive=[0.3, 0.1j, 0]),
    "paired": PROBED.replace(pairing=0.05 * (np.eye(3) + np.eye(3, k=1) + np.eye(3, k=-1)), drive=[0.0, 0.2, 0.1j]),
    "squeezed bath": PROBED.replace(baths=[*PROBED.baths, wn.SqueezedBath.from_squeezing(2, 0.2, 0.5, 0.4)]),
    "jumps": PROBED.replace(baths=[*PROBED.baths, wn.JumpBath([([0.3, 0.2, 0], [0.1, 0, 0])])]),
    "undamped": PROBED.replace(baths=[wn.Probe(0, 0.5), wn.Probe(2, 0.7)], drive=[0.1, 0, 0]),
    "growing": wn.Network(CHAIN, [wn.ThermalBath(0, 1.0, 1.0), wn.Probe(1, 0.3)], pairing=np.diag([0.0, 0.0, 0.4])),
}  # fmt: skip


def moments_by_integration(network, start, times):
    """Mean and Theta with the probes at C_kk at every time, by an adaptive integrator of the nonlinear equations."""
    size = network.n_modes

    def slope(_, flat):
        mean = flat[:size] + 1j * flat[size : 2 * size]
        theta = (flat[2 * size :: 2] + 1j * flat[2 * size + 1 :: 2]).reshape(2 * size, 2 * size)
        here = [
            wn.ThermalBath(b.mode, b.rate, max(0.0, theta[2 * b.mode, 2 * b.mode].real - 0.5))
            if isinstance(b, wn.Probe)
            else b
            for b in network.baths
        ]
        drift, source = ladder_form(network.replace(baths=here))
        push = np.ravel(np.column_stack([-1j * network.drive, 1j * network.drive.conj()]))
        moved = (drift @ np.ravel(np.column_stack([mean, mean.conj()])) + push)[::2]
        change = drift @ theta + theta @ drift.conj().T + source
        return np.concatenate(
            [moved.real, moved.imag, np.column_stack([change.real.ravel(), change.imag.ravel()]).ravel()]
        )

    first = start.covariance()
    flat = np.concatenate(
        [start.mean.real, start.mean.imag, np.column_stack([first.real.ravel(), first.imag.ravel()]).ravel()]
    )
    answer = solve_ivp(slope, (0, times[-1]), flat, t_eval=times, rtol=1e-11, atol=1e-12, method="DOP853")
    for column in answer.y.T:
        mean = column[:size] + 1j * column[size : 2 * size]
        yield mean, (column[2 * size :: 2] + 1j * column[2 * size + 1 :: 2]).reshape(2 * size, 2 * size)


def ladder_form(network):
    """Drift and diffusion of Theta in ladder order, for any network."""
    if not network.is_passive:
        return network.drift, network.diffusion
    zero = np.zeros_like(network.drift)
    half = (network.drift + network.drift.conj().T) / 2
    return ladder(network.drift, zero), ladder(network.diffusion - half, zero)


@pytest.mark.parametrize("name", FOLLOWED)
def test_following_probes_in_any_gaussian_network_and_state(name, rng):
    network, times = FOLLOWED[name], [0.3, 2.0]
    start = state_of_any_kind(rng, 3)
    course = motion(network, start, follow=True)
    assert isinstance(course, Following)
    for time, (mean, theta) in zip(times, moments_by_integration(network, start, times), strict=True):
        state = course.state(time)
        np.testing.assert_allclose(state.mean, mean, atol=1e-9)
        np.testing.assert_allclose(state.covariance(), theta, atol=2e-9 * np.abs(theta).max())
        for index in network.free_probes:
            probe = course.network_at(state).baths[index]
            assert probe.occupation == pytest.approx(theta[2 * probe.mode, 2 * probe.mode].real - 0.5, rel=1e-8)


@pytest.mark.parametrize("name", ["plain", "driven", "paired", "squeezed bath", "undamped"])
def test_rates_of_change_under_following_probes(name, rng):
    network, start, step = FOLLOWED[name], state_of_any_kind(rng, 3), 1e-5
    course = motion(network, start, follow=True)
    before, after = course.state(1.0 - step), course.state(1.0 + step)
    slope = (after.occupations - before.occupations) / (2 * step)
    np.testing.assert_allclose(course.change(1.0).occupations, slope, atol=1e-8)
    run = wn.evolve(network, start, [1.0 - step, 1.0, 1.0 + step], follow=True)
    entropy = run.wigner_entropy
    assert run.entropy_rate[1] == pytest.approx((entropy[2] - entropy[0]) / (2 * step), abs=1e-7)
    balance = run.entropy_production[1].sum() - run.entropy_flux[1].sum()
    assert run.entropy_rate[1] == pytest.approx(balance, abs=1e-10)


@pytest.mark.parametrize("name", ["driven", "paired", "squeezed bath", "jumps"])
def test_following_probes_end_where_frozen_ones_do(name, rng):
    ness = wn.steady_state(FOLLOWED[name])
    state = motion(FOLLOWED[name], state_of_any_kind(rng, 3), follow=True).state(1e6)
    np.testing.assert_allclose(state.mean, ness.state.mean, atol=1e-13)
    np.testing.assert_allclose(state.covariance(), ness.state.covariance(), atol=1e-13)


def test_a_following_probe_takes_what_it_damps_of_a_mean():
    """At C_kk it returns the incoherent part only: J = Gamma |mu|^2."""
    run = wn.evolve(PROBED, wn.GaussianState.coherent([0.0, 2.0, 0.0]), [0.0, 0.5], follow=True)
    rate = PROBED.baths[2].rate
    expected = [rate * abs(state.mean[1]) ** 2 for state in run.states]
    np.testing.assert_allclose(run.bath_currents[:, 2], expected, rtol=1e-12)


def test_dephasing_beside_following_probes_needs_zero_mean(rng):
    both = PROBED.replace(baths=[*PROBED.baths, wn.Dephasing(0, 0.2)])
    squeezed = motion(both, wn.GaussianState.squeezed([0.3, 0, 0.1]), follow=True)
    assert isinstance(squeezed, Dephased)
    np.testing.assert_allclose(squeezed.state(1e5).normal, wn.steady_state(both).state.normal, atol=1e-13)
    for network, start in (
        (both, wn.GaussianState.coherent([1.0, 0, 0])),
        (both.replace(drive=[0.1, 0, 0]), wn.GaussianState.vacuum(3)),
    ):
        with pytest.raises(UndefinedQuantityError, match="zero mean"):
            motion(network, start, follow=True)


def test_dephasing_is_refused_with_pairing():
    paired = wn.Network([[1.0]], [wn.ThermalBath(0, 1.0, 0.5), wn.Dephasing(0, 0.3)], pairing=[[0.1]])
    with pytest.raises(UndefinedQuantityError, match="pairing"):
        motion(paired, wn.GaussianState.vacuum(1), follow=False)


def test_dephasing_under_a_drive_ends_in_the_steady_state(rng):
    """From far away, with and without a steady state to depart from at the start; no rates of entropy, no averages."""
    network = wn.Network(
        CHAIN, [wn.ThermalBath(0, 1.0, 1.0), wn.Dephasing(1, 0.3), wn.Dephasing(2, 0.1)], drive=[0.3, 0, 0.1j]
    )
    ness = wn.steady_state(network)
    course = motion(network, state_of_any_kind(rng, 3), follow=False)
    late = course.state(1e6)
    np.testing.assert_allclose(late.mean, ness.state.mean, atol=1e-13)
    np.testing.assert_allclose(late.normal, ness.state.normal, atol=1e-13)
    np.testing.assert_allclose(late.anomalous, ness.state.anomalous, atol=1e-13)
    for refused in (lambda: course.change(1.0), lambda: course.average(0.0, 1.0)):
        with pytest.raises(UndefinedQuantityError):
            refused()


def test_frozen_probes_need_a_steady_state_and_following_ones_do_not():
    lonely = wn.Network(CHAIN, [wn.Probe(0, 0.3), wn.Probe(2, 0.1)])
    start = wn.GaussianState.thermal([1.0, 0.0, 0.0])
    with pytest.raises(NoUniqueSteadyStateError):
        motion(lonely, start, follow=False)
    course = motion(lonely, start, follow=True)
    for time in (0.5, 30.0):
        assert course.state(time).occupations.sum() == pytest.approx(1.0, abs=1e-13)
    np.testing.assert_allclose(course.state(1e4).occupations, 1 / 3, atol=1e-11)


def test_following_probes_are_dephasing_for_the_second_moments():
    """At zero mean they act on C alike."""
    dephased = PROBED.replace(baths=[*PROBED.baths[:2], wn.Dephasing(1, 0.5)])
    start = wn.GaussianState.thermal([3.0, 0.0, 1.0])
    one, other = motion(PROBED, start, follow=True), motion(dephased, start, follow=False)
    for time in (0.1, 1.0, 20.0):
        np.testing.assert_allclose(one.state(time).normal, other.state(time).normal, atol=1e-14)


def test_following_keeps_no_average():
    with pytest.raises(UndefinedQuantityError, match="frozen"):
        motion(PROBED, wn.GaussianState.vacuum(3), follow=True).average(0.0, 1.0)


# -- the frame that turns ----------------------------------------------------------------------------------------------


def test_turning_frame():
    network = NETWORKS["two parts, one undamped"]
    np.testing.assert_array_equal(turning_frame(network), [1.0, 5.0])
    np.testing.assert_array_equal(turning_frame(wn.Network(CHAIN + 3 * np.eye(3), [])), [3.0, 3.0, 3.0])
    np.testing.assert_array_equal(turning_frame(NETWORKS["driven"]), [0.0, 0.0, 0.0])
    np.testing.assert_array_equal(turning_frame(NETWORKS["growing"]), [0.0])
