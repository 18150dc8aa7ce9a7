"""One bath as a Gaussian channel: the same flux and production however the channel is written down."""

from __future__ import annotations

import numpy as np
import pytest
from general_networks import exact_balance, general_network

import wignerness as wn
from wignerness import thermodynamics as th
from wignerness.io.operators import jumps_of


def displaced_state(rng, size):
    raw = rng.normal(size=(2 * size, 2 * size))
    return wn.io.from_thewalrus(rng.normal(size=2 * size), raw @ raw.T + 2 * np.eye(2 * size))


@pytest.mark.parametrize(
    "bath",
    [
        wn.ThermalBath(1, 0.7, 0.0),
        wn.ThermalBath(1, 0.7, 2.5),
        wn.SqueezedBath.from_squeezing(0, 0.4, 0.3, 0.8, angle=1.1),
        wn.SqueezedBath.from_squeezing(0, 0.4, 0.0, 1.5),
    ],
)
def test_local_baths_as_jump_operators(bath, rng):
    """The formulas for thermal and squeezed baths are the general one."""
    network = wn.Network(np.zeros((2, 2)), [bath])
    as_jumps = network.replace(baths=[wn.JumpBath(jumps_of(bath, 2))])
    state = displaced_state(rng, 2)
    for quantity in (th.entropy_flux, th.entropy_production, th.bath_currents, th.heat_currents):
        assert quantity(as_jumps, state) == pytest.approx(quantity(network, state), rel=1e-11)


def test_jumps_of_a_bath_may_be_mixed(rng):
    """A unitary mixture of the jump operators is the same bath."""
    jumps = rng.normal(size=(3, 2, 2)) + 1j * rng.normal(size=(3, 2, 2))
    u = np.linalg.qr(rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3)))[0]
    state = displaced_state(rng, 2)
    values = []
    for rows in (jumps, np.tensordot(u, jumps, 1)):
        network = wn.Network(np.zeros((2, 2)), [wn.JumpBath([(row[0], row[1]) for row in rows])])
        values.append([th.entropy_flux(network, state)[0], th.entropy_production(network, state)[0]])
    assert values[1] == pytest.approx(values[0], rel=1e-11)


def test_splitting_a_bath_makes_production_at_equilibrium():
    """Loss and gain together are a thermal bath; apart they work against each other for ever."""
    loss, gain = ([np.sqrt(1.5)], [0.0]), ([0.0], [np.sqrt(0.5)])
    together = wn.Network([[0.3]], [wn.JumpBath([loss, gain])])
    apart = wn.Network([[0.3]], [wn.JumpBath([loss]), wn.JumpBath([gain])])
    assert wn.steady_state(together).entropy_production == pytest.approx(0, abs=1e-30)
    assert wn.steady_state(apart).entropy_production.sum() > 1


def test_noiseless_directions():
    """One collective loss on two modes: the diffusion has rank two of four, and only the sum of the modes counts."""
    both = wn.JumpBath([([1.0, 1.0], [0.0, 0.0])])
    network = wn.Network(np.zeros((2, 2)), [both])
    even, odd = np.array([[1, 1], [1, 1]]) / 2, np.array([[1, -1], [-1, 1]]) / 2
    hot_odd = wn.GaussianState(np.zeros(2), 3.0 * odd)
    assert th.entropy_production(network, hot_odd)[0] == pytest.approx(0, abs=1e-28)
    assert th.entropy_flux(network, hot_odd)[0] == pytest.approx(0, abs=1e-14)
    hot_even = wn.GaussianState(np.zeros(2), 3.0 * even)  # rate 2, n = 0: Phi = 2 gamma N, Pi = gamma N^2/(2 d (N + d))
    assert th.entropy_flux(network, hot_even)[0] == pytest.approx(4 * 3.0, rel=1e-13)
    assert th.entropy_production(network, hot_even)[0] == pytest.approx(2 * 9.0 / (0.5 * 3.5), rel=1e-13)


@pytest.mark.parametrize("unit", [1e-9, 1.0, 1e9])
def test_where_a_direction_counts_as_noiseless(unit):
    """Losses of the sum and of the difference of two modes, of relative strength w: 1e-12 of the diffusion is the edge."""
    state = wn.GaussianState(np.zeros(2), 3.0 * np.array([[1, -1], [-1, 1]]) / 2)  # the difference alone is hot

    def production(weak):
        jumps = [(np.sqrt(unit) * np.array([1.0, 1.0]), [0, 0]), (np.sqrt(unit * weak) * np.array([1.0, -1.0]), [0, 0])]
        return th.entropy_production(wn.Network(np.zeros((2, 2)), [wn.JumpBath(jumps)]), state)[0]

    expected = 2 * 9.0 / (0.5 * 3.5)  # rate 2 w, n = 0
    assert production(1e-11) == pytest.approx(unit * 1e-11 * expected, rel=1e-9)
    assert production(1e-13) < unit * 1e-20


def test_net_gain_has_a_production():
    """More gain than loss, kept stable by another node: no fixed point of its own is needed."""
    gain = wn.JumpBath([([0.3, 0.0], [0.0, 0.0]), ([0.0, 0.0], [0.6, 0.0])])
    network = wn.Network([[0, 0.8], [0.8, 0]], [gain, wn.ThermalBath(1, 2.0, 0.2)])
    ness = wn.steady_state(network)
    flux, production = exact_balance(network)
    assert ness.entropy_flux == pytest.approx(flux, rel=1e-13)
    assert ness.entropy_production == pytest.approx(production, rel=1e-13)


@pytest.mark.parametrize("weak", [1e-2, 1e-4, 3e-6])
def test_diffusion_that_almost_loses_a_direction(weak):
    """A channel never inverts its diffusion: all digits next to the rank cut, at sqrt(1e-12)."""
    jumps = [([1.0, 0.5j], [0.2, 0.0]), ([1.0, 0.5j + weak], [0.2, weak]), ([0.0, weak], [0.0, 0.3 * weak])]
    baths = [wn.ThermalBath(0, 0.5, 1.0), wn.ThermalBath(1, 0.7, 0.3), wn.JumpBath(jumps)]
    network = wn.Network([[0.2, 0.3], [0.3, -0.1]], baths)
    ness = wn.steady_state(network)
    flux, production = exact_balance(network)
    assert ness.entropy_flux == pytest.approx(flux, rel=1e-14 / weak)
    assert ness.entropy_production == pytest.approx(production, rel=1e-14 / weak)


@pytest.mark.parametrize("closeness", [1e-2, 1e-6, 1e-10])
def test_driven_networks_near_threshold(closeness, seed):
    network = general_network(seed, 2, ["squeezed", "collective"], closeness=closeness)
    ness = wn.steady_state(network)
    flux, production = exact_balance(network)
    assert ness.entropy_flux == pytest.approx(flux, rel=1e-11)
    assert ness.entropy_production == pytest.approx(production, rel=1e-11)


def test_a_bath_without_strength_is_not_there():
    idle = wn.JumpBath([([0.0, 0.0], [0.0, 0.0])])
    network = wn.Network([[0, 0.3], [0.3, 0]], [wn.ThermalBath(0, 1.0, 1.0), idle, wn.ThermalBath(1, 1.0, 2.0)])
    ness = wn.steady_state(network)
    without = wn.steady_state(network.replace(baths=[network.baths[0], network.baths[2]]))
    assert ness.entropy_production[[0, 2]] == pytest.approx(without.entropy_production, rel=1e-13)
    assert ness.entropy_flux[1] == ness.entropy_production[1] == ness.bath_currents[1] == ness.heat_currents[1] == 0


@pytest.mark.parametrize(
    ("initial", "flux", "rate", "production"),
    [
        (wn.GaussianState.vacuum(1), -0.4856397884, 3.6292419044, 3.1436021161),
        (wn.GaussianState.thermal([1.0]), 1.0861612696, 0.0, 1.0861612696),
    ],
)
def test_put_into_a_squeezed_bath(initial, flux, rate, production):
    network = wn.Network([[0.0]], [wn.SqueezedBath.from_squeezing(0, 1.0, 1.0, 0.5)])
    assert th.entropy_production(network, initial)[0] == pytest.approx(production, abs=6e-11)
    assert th.entropy_production(network, initial)[0] - th.entropy_flux(network, initial)[0] == pytest.approx(
        th.entropy_rate(network, initial), abs=1e-13
    )
    if rate:
        assert th.entropy_flux(network, initial)[0] == pytest.approx(flux, abs=6e-11)
        assert th.entropy_rate(network, initial) == pytest.approx(rate, abs=6e-11)
    else:
        assert production == pytest.approx(4 * np.sinh(0.5) ** 2, abs=6e-11)


@pytest.mark.parametrize(("hopping", "rate", "r"), [(0.3, 1.0, 0.5), (1e-3, 0.7, 1.2), (5.0, 0.2, 1e-4)])
def test_equal_temperatures_one_bath_squeezed(hopping, rate, r):
    """Pi = 8 lam^2 gamma sinh(r)^2/(4 lam^2 + gamma^2), shared equally."""
    baths = [wn.SqueezedBath.from_squeezing(0, rate, 0.6, r), wn.ThermalBath(1, rate, 0.6)]
    ness = wn.steady_state(wn.Network([[0, hopping], [hopping, 0]], baths))
    half = 4 * hopping**2 * rate * np.sinh(r) ** 2 / (4 * hopping**2 + rate**2)
    assert ness.entropy_production == pytest.approx([half, half], rel=2e-8 if r < 1e-3 else 1e-12)


def test_coherent_state_in_a_cold_bath():
    network = wn.Network([[0.0]], [wn.ThermalBath(0, 0.6, 0.0)])
    state = wn.GaussianState.coherent([1.5 - 0.5j])
    assert th.entropy_rate(network, state) == pytest.approx(0, abs=1e-15)
    expected = 2 * 0.6 * abs(1.5 - 0.5j) ** 2
    assert th.entropy_production(network, state)[0] == pytest.approx(expected, rel=1e-14)
    assert th.entropy_flux(network, state)[0] == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("faint", [1e-3, 1e-6, 1e-9, 1e-12])
def test_pure_loss_beside_a_faint_bath_keeps_its_digits(faint):
    """As jumps and as a thermal bath at n = 0; the halves of the vacuum must not cancel numerically."""
    amplitude, zero = np.array([np.sqrt(0.5), 0.0]), np.zeros(2)
    rate = float(amplitude[0] ** 2)
    other = wn.ThermalBath(1, 0.4, faint)
    hamiltonian = [[1.0, 0.3], [0.3, 1.1]]
    jumps = wn.steady_state(wn.Network(hamiltonian, [wn.JumpBath([(amplitude, zero)]), other]))
    thermal = wn.steady_state(wn.Network(hamiltonian, [wn.ThermalBath(0, rate, 0.0), other]))
    for name in ("entropy_production", "entropy_flux", "bath_currents"):
        np.testing.assert_allclose(getattr(jumps, name), getattr(thermal, name), rtol=1e-13)
