"""Transients towards steady states whose moments are far larger than those of the start."""

from __future__ import annotations

import numpy as np
import pytest

import wignerness as wn


@pytest.mark.parametrize("distance", [1e-6, 1e-8, 1e-10])
@pytest.mark.parametrize("time", [0.1, 3.0, 100.0])
def test_near_threshold_from_the_vacuum(distance, time):
    """Variances of the amplified and the squeezed quadrature, by hand: dv/dt = -(gamma -+ 2 Delta) v + gamma/2."""
    pairing = 0.5 * (1 - distance)
    network = wn.Network([[0.0]], [wn.ThermalBath(0, 1.0, 0.0)], pairing=[[pairing]])
    state = wn.evolve(network, wn.GaussianState.vacuum(1), [time]).states[0]
    slow, fast = 1 - 2 * pairing, 1 + 2 * pairing
    wide, narrow = (0.5 * np.exp(-rate * time) - 0.5 * np.expm1(-rate * time) / rate for rate in (slow, fast))
    assert state.normal[0, 0].real == pytest.approx((wide + narrow) / 2 - 0.5, rel=1e-12)
    np.testing.assert_allclose(np.linalg.eigvalsh(state.covariance("xxpp")), [narrow, wide], rtol=1e-11)


def test_soft_mode():
    """A steady state of 1e12 excitations; at t = 10 there are about 100. Numbers by arithmetic with 50 digits."""
    network = wn.Network([[1.0]], [wn.ThermalBath(0, 1e-6, 1.0)], pairing=[[1.0]])
    run = wn.evolve(network, wn.GaussianState.vacuum(1), [10.0])
    assert run.wigner_entropy[0] == pytest.approx(1.45360, abs=1e-5)
    assert run.entropy_production[0, 0] == pytest.approx(6.656e-4, rel=1e-4)


def test_hot_bath_seen_early():
    """(1 - e^-gt) n to all digits while gt is 1e-9, not eps n."""
    network = wn.Network([[1.0]], [wn.ThermalBath(0, 1.0, 1e8)])
    run = wn.evolve(network, wn.GaussianState.vacuum(1), [1e-9, 1e-3, 1e3])
    expected = -1e8 * np.expm1(-run.times)
    np.testing.assert_allclose(run.occupations[:, 0], expected, rtol=1e-13)
    balance = run.entropy_production.sum(axis=1) - run.entropy_flux.sum(axis=1)
    np.testing.assert_allclose(run.entropy_rate, balance, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("follow", [False, True])
def test_hot_bath_seen_early_beside_a_probe(follow):
    """A probe on the only node gives back what it takes, from the start or from the steady state on."""
    network = wn.Network([[0.3]], [wn.ThermalBath(0, 1.0, 1e8), wn.Probe(0, 0.5)])
    times = np.array([1e-9, 1e-3, 1.0, 30.0])
    run = wn.evolve(network, wn.GaussianState.vacuum(1), times, follow=follow)
    if follow:
        np.testing.assert_allclose(run.occupations[:, 0], -1e8 * np.expm1(-times), rtol=3e-13)
        assert not run.bath_currents[:, 1].any()
    else:
        np.testing.assert_allclose(run.occupations[:, 0], -1e8 * np.expm1(-1.5 * times), rtol=3e-13)


def test_integrals_over_the_early_part():
    network = wn.Network([[1.0]], [wn.ThermalBath(0, 1.0, 1e8)])
    run = wn.evolve(network, wn.GaussianState.vacuum(1), [0.0])
    stop = 1e-6
    expected = 1e8 * (stop + np.expm1(-stop))  # the integral of n (1 - e^-t), which cancels here ...
    series = 1e8 * (stop**2 / 2 - stop**3 / 6)  # ... and its series, which does not
    assert expected == pytest.approx(series, rel=1e-4)
    assert run.integrated_occupations(0.0, stop)[0] == pytest.approx(series, rel=1e-9)
