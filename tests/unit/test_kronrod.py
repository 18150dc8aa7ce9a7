"""Adaptive integration over many narrow peaks: exact integrals, stated errors, ends."""

from __future__ import annotations

import numpy as np
import pytest

from wignerness.linalg.kronrod import Panels, integrate, joined, peak_panels, tail_panels


def summed(function):
    """An integrand of one function of the frequency."""

    def integrand(origin, offset, weights):
        values = np.atleast_3d(function(origin[:, None], offset))
        return np.einsum("wPq,Pqm->wPm", weights, values)

    return integrand


def test_the_rule_is_that_of_its_degrees():
    panel = Panels.between(np.zeros(1), -np.ones(1), np.ones(1))
    _, nodes, weights = panel.nodes()
    for power in range(0, 32, 2):
        assert weights[0, 0] @ nodes[0] ** power == pytest.approx(2 / (power + 1), rel=1e-14)
    for power in range(0, 20, 2):
        assert weights[1, 0] @ nodes[0] ** power == pytest.approx(2 / (power + 1), rel=1e-13)


@pytest.mark.parametrize("width", [1e-1, 1e-6, 1e-15, 1e-40])
def test_peaks_far_narrower_than_the_rounding_of_their_place(width):
    centers = np.array([0.1, 0.7, 0.7001])
    panels = peak_panels(centers, np.full(3, width), 0.0, 1.0)

    def lorentzians(origin, offset):
        return sum(width / np.pi / (((origin - c) + offset) ** 2 + width**2) for c in centers)

    found = integrate(summed(lorentzians), panels, [0], 1e-12)
    exact = sum((np.arctan2(1 - c, width) + np.arctan2(c, width)) / np.pi for c in centers)
    assert found.value[0] == pytest.approx(exact, rel=1e-13)
    assert found.error[0] < 1e-11


def test_peaks_beside_their_centers():
    panels = peak_panels(np.array([0.5]), np.array([1e-12]), 0.0, 1.0, shifts=np.array([1e-6]))

    def lorentzian(_, offset):
        return 1e-12 / np.pi / ((offset - 1e-6) ** 2 + 1e-24)

    found = integrate(summed(lorentzian), panels, [0], 1e-12)
    assert found.value[0] == pytest.approx(1.0 - 1e-12 / np.pi * (1 / 0.5 + 1 / 0.5), rel=1e-9)
    assert found.evaluations < 4000


def test_tails_of_both_signs_cancel():
    panels = joined([peak_panels(np.array([0.3]), np.array([0.1]), -4.0, 4.0), tail_panels(0.0, 4.0)])

    def slow(origin, offset):
        omega = origin + offset
        return np.stack([1 / (omega**2 + 1), (omega - 0.3) / ((omega - 0.3) ** 2 + 0.01)], axis=-1)

    found = integrate(summed(slow), panels, [0, 1], 1e-12)
    assert found.value[0] == pytest.approx(np.pi, rel=1e-12)
    assert abs(found.value[1]) < 1e-11  # the principal value at infinity of an odd function off its center


@pytest.mark.parametrize("tolerance", [1e-3, 1e-6, 1e-9])
def test_the_error_is_as_stated_and_as_asked_for(tolerance):
    panels = Panels.between(np.zeros(1), np.zeros(1), np.ones(1))
    found = integrate(summed(lambda _, x: np.sqrt(x) * np.cos(30 * x)), panels, [0], tolerance)
    better = integrate(summed(lambda _, x: np.sqrt(x) * np.cos(30 * x)), panels, [0], 1e-13)
    assert abs(found.value - better.value)[0] <= found.error[0] <= tolerance


def test_groups_are_judged_by_themselves():
    """A function a thousand orders of magnitude smaller is integrated as well as the large one."""
    panels = Panels.between(np.zeros(1), np.zeros(1), np.ones(1))

    def both(_, x):
        return np.stack([np.ones_like(x), 1e-200 * np.abs(x - 0.37)], axis=-1)

    found = integrate(summed(both), panels, [0, 1], 1e-10)
    assert found.value[1] == pytest.approx(1e-200 * (0.37**2 + 0.63**2) / 2, rel=1e-9)


def test_noise_ends_and_is_stated():
    rng = np.random.default_rng(0)
    panels = Panels.between(np.zeros(1), np.zeros(1), np.ones(1))
    found = integrate(summed(lambda _, x: 1.0 + 0.1 * rng.standard_normal(x.shape)), panels, [0], 1e-12)
    assert 1e-6 < found.error[0] < 0.2
    assert found.value[0] == pytest.approx(1.0, abs=0.01)


def test_what_is_not_finite_is_said():
    panels = Panels.between(np.zeros(1), np.zeros(1), np.ones(1))
    with pytest.raises(ArithmeticError, match="not finite"):
        integrate(summed(lambda _, x: np.full_like(x, np.nan)), panels, [0], 1e-9)
