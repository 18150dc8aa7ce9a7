"""Decay rates and modes."""

from __future__ import annotations

import numpy as np
import pytest

import wignerness as wn
from wignerness.errors import UndefinedQuantityError


def test_two_modes_with_one_bath():
    """Eigenvalues -gamma/4 +- sqrt(gamma^2/16 - lambda^2): overdamped, exceptional, oscillating."""
    for hopping, rate in ((0.1, 1.0), (0.25, 1.0), (1.0, 1.0)):
        found = wn.relaxation(wn.Network([[2.0, hopping], [hopping, 2.0]], [wn.ThermalBath(0, rate, 1.0)]))
        root = np.sqrt(complex(rate**2 / 16 - hopping**2))
        values = -rate / 4 + np.array([root, -root])
        tolerance = 1e-7 if root == 0 else 1e-14
        np.testing.assert_allclose(found.rates, np.sort(-values.real), atol=tolerance)
        np.testing.assert_allclose(np.sort(found.frequencies), np.sort(2.0 - values.imag), atol=tolerance)
        assert found.gap == found.rates[0]


def test_modes_are_eigenvectors(rng):
    raw = rng.normal(size=(4, 4)) + 1j * rng.normal(size=(4, 4))
    network = wn.Network(raw + raw.conj().T, [wn.ThermalBath(k, rng.uniform(0.1, 1), 0.0) for k in range(4)])
    found = wn.relaxation(network)
    assert (np.diff(found.rates) >= 0).all()
    for rate, frequency, mode in zip(found.rates, found.frequencies, found.modes, strict=True):
        np.testing.assert_allclose(network.drift @ mode, (-rate - 1j * frequency) * mode, atol=1e-13)
        assert np.linalg.norm(mode) == pytest.approx(1.0)


def test_the_gap_is_what_a_late_departure_decays_with(rng):
    network = wn.models.chain(4, hopping=0.7, rate=1.0, occupations=(1, 2))
    gap = wn.relaxation(network).gap
    ness = wn.steady_state(network)
    run = wn.evolve(network, wn.GaussianState.coherent([1.0, 0, 0, 0]), [200.0, 210.0])
    assert np.linalg.norm(run.states[1].mean) / np.linalg.norm(run.states[0].mean) == pytest.approx(
        np.exp(-10 * gap), rel=0.5
    )
    assert np.abs(run.states[1].normal - ness.state.normal).max() < np.exp(-2 * gap * 200) * 10


def test_rates_keep_their_digits_over_twelve_decades():
    network = wn.Network([[0.0, 1.0], [1.0, 0.0]], [wn.ThermalBath(0, 1e6, 0.0), wn.ThermalBath(1, 1e-6, 0.0)])
    # The slow root of x^2 + (a + b) x + a b + 1 with a = 5e5, b = 5e-7, to first order and the next.
    a, b = 5e5, 5e-7
    total, product = a + b, a * b + 1
    slow = 2 * product / (total + np.sqrt(total**2 - 4 * product))
    assert wn.relaxation(network).gap == pytest.approx(slow, rel=1e-15)


def test_undamped_modes_have_no_rate_at_all():
    star = wn.Network([[1.0, 0.5, 0.5], [0.5, 2.0, 0.0], [0.5, 0.0, 2.0]], [wn.ThermalBath(0, 1.0, 1.0)])
    found = wn.relaxation(star)
    assert found.gap == 0.0
    np.testing.assert_allclose(np.abs(found.modes[0]), [0.0, 0.5**0.5, 0.5**0.5], atol=1e-15)
    assert found.frequencies[0] == pytest.approx(2.0)


def test_growing_modes_have_a_negative_rate():
    found = wn.relaxation(wn.Network([[0.0]], [wn.ThermalBath(0, 0.5, 0.1)], pairing=[[0.6]]))
    np.testing.assert_allclose(found.rates, [-0.35, 0.85], atol=1e-15)
    assert found.modes.shape == (2, 2)


def test_separate_parts_have_separate_modes():
    found = wn.relaxation(wn.Network(np.diag([1.0, 1e9]), [wn.ThermalBath(0, 1.0, 0.0), wn.ThermalBath(1, 3.0, 0.0)]))
    np.testing.assert_array_equal(found.rates, [0.5, 1.5])
    np.testing.assert_array_equal(found.frequencies, [1.0, 1e9])
    np.testing.assert_array_equal(np.abs(found.modes), np.eye(2))


def test_dephasing_has_no_drift():
    with pytest.raises(UndefinedQuantityError, match="dephasing"):
        wn.relaxation(wn.Network([[1.0]], [wn.Dephasing(0, 0.1)]))
