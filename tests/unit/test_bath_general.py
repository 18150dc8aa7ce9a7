"""Squeezed baths, jump operators and dephasing: what they hold, what they refuse, what is undefined with them."""

from __future__ import annotations

import numpy as np
import pytest

import wignerness as wn
from wignerness import thermodynamics as th
from wignerness.errors import InvalidNetworkError, UndefinedQuantityError


def test_squeezing_of_a_thermal_bath():
    bath = wn.SqueezedBath.from_squeezing(2, 0.1, 0.7, 0.4, angle=0.9, name="squeezer")
    assert bath.occupation + 0.5 == pytest.approx(1.2 * np.cosh(0.8), rel=1e-15)
    assert bath.anomalous == pytest.approx(-1.2 * np.exp(0.9j) * np.sinh(0.8), rel=1e-15)
    assert (bath.mode, bath.rate, bath.name) == (2, 0.1, "squeezer")


def test_weak_squeezing_keeps_its_digits():
    assert wn.SqueezedBath.from_squeezing(0, 1.0, 0.0, 1e-9).occupation == pytest.approx(1e-18, rel=1e-12)


@pytest.mark.parametrize("r", [0.0, 1e-8, 0.5, 3.0, 8.0])
def test_pure_squeezing_is_allowed_to_the_last_digit(r):
    wn.SqueezedBath.from_squeezing(0, 1.0, 0.0, r, angle=2.0)


def test_angle_zero_squeezes_x():
    ness = wn.steady_state(wn.Network([[0.0]], [wn.SqueezedBath.from_squeezing(0, 1.0, 0.0, 0.5)]))
    assert np.diag(ness.state.covariance("xxpp")) == pytest.approx([np.exp(-1) / 2, np.exp(1) / 2], rel=1e-13)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: wn.SqueezedBath(0, 1.0, 0.2, 0.6), r"`anomalous` must obey \|m\| <= sqrt\(n \(n \+ 1\)\) = 0.489898"),
        (lambda: wn.SqueezedBath(0, 1.0, 0.0, 1e-3j), "use from_squeezing"),
        (lambda: wn.SqueezedBath(0, -1.0, 0.2, 0.1), "`rate` must be non-negative"),
        (lambda: wn.SqueezedBath(0, 1.0, 0.2, np.nan), "`anomalous` must be finite"),
        (lambda: wn.SqueezedBath(0, 1.0, 0.2, [0.1, 0.1]), "`anomalous`"),
        (lambda: wn.SqueezedBath(0.5, 1.0, 0.2, 0.1), "`mode` must be an integer"),
        (lambda: wn.SqueezedBath.from_squeezing(0, 1.0, -0.1, 0.1), "`thermal_occupation` must be non-negative"),
        (lambda: wn.SqueezedBath.from_squeezing(0, 1.0, 0.1, np.inf), "`r` must be finite"),
        (lambda: wn.SqueezedBath(0, 1.0, 0.2, 0.1, name=" "), "`name` must be a non-empty string"),
        (lambda: wn.JumpBath([]), "`jumps` must be a non-empty sequence"),
        (lambda: wn.JumpBath([([1.0], [0.0], [0.0])]), r"`jumps\[0\]` must be a pair \(u, v\), but is of length 3"),
        (lambda: wn.JumpBath([([1.0], [0.0]), ([1.0, 2.0], [0.0, 0.0])]), r"`jumps\[1\].u` must have shape \(1,\)"),
        (lambda: wn.JumpBath([([1.0, 0.0], [np.inf, 0.0])]), r"`jumps\[0\].v\[0\]` must be finite"),
        (lambda: wn.Dephasing(0, -0.1), "`rate` must be non-negative"),
        (lambda: wn.Dephasing(-1, 0.1), "`mode` must be at least 0"),
    ],
)
def test_refusals(make, message):
    with pytest.raises(InvalidNetworkError, match=message):
        make()


def test_jump_baths_must_fit_the_network():
    with pytest.raises(InvalidNetworkError, match=r"`baths\[0\].jumps` must give amplitudes for 2 modes, but is for 1"):
        wn.Network(np.zeros((2, 2)), [wn.JumpBath([([1.0], [0.0])])])


def test_jump_baths_copy_and_lock_their_amplitudes():
    u = np.array([1.0, 0.0])
    bath = wn.JumpBath([(u, [0, 0.5j])])
    u[0] = 7
    assert bath.absorbing.tolist() == [[1, 0]]
    assert bath.emitting.tolist() == [[0, 0.5j]]
    assert bath.support == (0, 1)
    with pytest.raises(ValueError, match="read-only"):
        bath.jumps[0][0][0] = 2.0


def test_blocks_of_a_channel():
    """W and F as in the notation, for one jump with both parts."""
    u, v = np.array([1.0, 2.0j]), np.array([0.5, 0.1 - 0.3j])
    w, cross, f, mixed = wn.JumpBath([(u, v)]).channel()
    assert w == pytest.approx((np.outer(v, v.conj()) - np.outer(u.conj(), u)) / 2)
    assert cross == pytest.approx((np.outer(v, u.conj()) - np.outer(u.conj(), v)) / 2)
    assert f == pytest.approx((np.outer(v, v.conj()) + np.outer(u.conj(), u)) / 2)
    assert mixed == pytest.approx(-(np.outer(v, u.conj()) + np.outer(u.conj(), v)) / 2)


def test_what_makes_a_network_passive():
    def passive(bath, **extras):
        return wn.Network(np.zeros((2, 2)), [bath], **extras).is_passive

    assert passive(wn.SqueezedBath(0, 1.0, 0.5, 0.0))
    assert not passive(wn.SqueezedBath(0, 1.0, 0.5, 0.1))
    assert passive(wn.JumpBath([([1, 1], [0, 0]), ([0, 0], [0.5, 0])]))
    assert not passive(wn.JumpBath([([1, 0], [0.5, 0])]))
    assert passive(wn.Dephasing(0, 0.1))
    assert not passive(wn.ThermalBath(0, 1.0, 1.0), pairing=[[0, 0.1], [0.1, 0]])


@pytest.mark.parametrize(
    "quantity",
    [
        th.entropy_production,
        th.wigner_entropy,
        th.von_neumann_entropy,
        th.entropy_rate,
        th.relative_entropy,
        th.unitary_production,
        th.von_neumann_entropy_production,
        th.von_neumann_entropy_flux,
        th.affinities,
        th.onsager_production,
    ],
)
def test_dephasing_leaves_entropies_undefined(quantity):
    baths = [wn.ThermalBath(0, 1.0, 1.0), wn.ThermalBath(1, 1.0, 2.0), wn.Dephasing(0, 0.3)]
    ness = wn.steady_state(wn.Network([[0, 0.4], [0.4, 0]], baths))
    with pytest.raises(UndefinedQuantityError, match=r"dephasing|Dephasing"):
        quantity(ness.network, ness.state)


def test_dephasing_keeps_occupations_currents_and_fluxes():
    baths = [wn.ThermalBath(0, 1.0, 1.0), wn.ThermalBath(1, 1.0, 2.0), wn.Dephasing(0, 0.3)]
    ness = wn.steady_state(wn.Network([[0, 0.4], [0.4, 0]], baths))
    assert ness.bath_currents[2] == ness.entropy_flux[2] == 0
    assert ness.bath_currents.sum() == pytest.approx(0, abs=1e-15)
    assert ness.currents[0, 1] == pytest.approx(ness.bath_currents[0], rel=1e-13)
    assert "productions are undefined" in str(ness)


def test_dephasing_is_a_free_probe_of_the_same_rate():
    """For the normal moments at zero mean."""
    chain = wn.models.chain(5, hopping=0.4, rate=1.0, occupations=(1, 2))
    dephased = wn.steady_state(chain.replace(baths=[*chain.baths, *(wn.Dephasing(k, 0.3) for k in range(5))]))
    probed = wn.steady_state(chain.replace(baths=[*chain.baths, *(wn.Probe(k, 0.3) for k in range(5))]))
    assert dephased.state.normal == pytest.approx(probed.state.normal, abs=1e-15)


@pytest.mark.parametrize(
    "extra",
    [
        {"pairing": [[0.1, 0], [0, 0]]},
        {"baths": [wn.Dephasing(0, 0.3), wn.SqueezedBath(0, 1.0, 1.0, 0.5), wn.ThermalBath(1, 1.0, 1.0)]},
    ],
)
def test_dephasing_with_squeezing_is_not_supported(extra):
    baths = [wn.ThermalBath(0, 1.0, 1.0), wn.ThermalBath(1, 1.0, 2.0), wn.Dephasing(0, 0.3)]
    network = wn.Network([[0, 0.4], [0.4, 0]], baths).replace(**extra)
    with pytest.raises(UndefinedQuantityError, match="Dephasing together with"):
        wn.steady_state(network)


def test_gain_alone_is_unstable():
    network = wn.Network([[0.3]], [wn.JumpBath([([0.5], [0.0]), ([0.0], [0.8])])])
    with pytest.raises(wn.errors.UnstableNetworkError) as caught:
        wn.steady_state(network)
    assert caught.value.growth_rate == pytest.approx((0.64 - 0.25) / 2)


@pytest.mark.parametrize("g", [1e-3, 1e-9, 1e-150])
def test_weak_pairing_of_empty_modes(g):
    """C is of second order in the pairing and S of first; both keep their digits."""
    baths = [wn.ThermalBath(k, 1.0, 0.0) for k in range(2)]
    ness = wn.steady_state(wn.Network(np.zeros((2, 2)), baths, pairing=[[0, g], [g, 0]]))
    assert ness.occupations == pytest.approx(np.full(2, 2 * g**2 / (1 - 4 * g**2)), rel=1e-13, abs=0)
    assert ness.state.anomalous[0, 1] == pytest.approx(-1j * g / (1 - 4 * g**2), rel=1e-13, abs=0)
