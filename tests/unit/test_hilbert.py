"""Principal values from a fit: closed forms, any distance from any edge, what has none."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expi

from wignerness.linalg.hilbert import PrincipalValue
from wignerness.spectra import Lorentzian, Ohmic

PLACES = np.concatenate([np.linspace(-3, 20, 116) + 0.0371, [1e-9, 1e-4, 1e3]])


@pytest.mark.parametrize(
    "spectrum",
    [Ohmic(2.0), Ohmic(2.0, exponent=0.5), Ohmic(2.0, exponent=1.7), Ohmic(2.0, sharp=True), Lorentzian(1.0, 0.05)],
    ids=repr,
)
def test_closed_forms(spectrum):
    found = PrincipalValue(spectrum, *spectrum.support, spectrum.breakpoints)(PLACES) / (2 * np.pi)
    exact = spectrum.lamb_shift(PLACES)
    assert np.abs(found - exact).max() < 1e-13 * np.abs(exact).max()


@pytest.mark.parametrize("scale", [1e-6, 1e-2, 1.0, 1e4, 1e8])
def test_features_of_another_scale_than_the_breakpoints(scale):
    """P int t e^-t/(x - t) dt = x e^-x Ei(x) - 1."""
    x = np.array([0.1, 0.5, 1.0, 3.0, 20.0])
    found = PrincipalValue(lambda t: t * np.exp(-t), 0.0, np.inf, [scale])(x)
    assert found == pytest.approx(x * np.exp(-x) * expi(x) - 1, abs=1e-12)


def test_on_and_beside_the_edges_of_panels():
    """At breakpoints the logarithms of two panels cancel."""
    parabola = PrincipalValue(lambda t: 1 - t**2, -1.0, 1.0, [0.25, 0.5])

    def exact(x):
        return (1 - x**2) * np.log(np.abs((1 + x) / (1 - x))) + 2 * x

    for place in (0.25, 0.5, -0.5, 0.0):
        for x in (place, np.nextafter(place, 1), place + 1e-12, place - 1e-9):
            assert parabola(np.array([x]))[0] == pytest.approx(exact(x), abs=1e-12)
    assert parabola(np.array([[2.0], [-3.0]])) == pytest.approx(exact(np.array([[2.0], [-3.0]])), rel=1e-13)


def test_integrable_singularities():
    """P int_0^1 t^-1/2/(x - t) dt = ln[(1 + sqrt x)/(1 - sqrt x)]/sqrt x, and a half circle."""
    x = np.array([0.01, 0.3, 0.9])
    found = PrincipalValue(lambda t: 1 / np.sqrt(t), 0.0, 1.0, [])(x)
    assert found == pytest.approx(np.log((1 + np.sqrt(x)) / (1 - np.sqrt(x))) / np.sqrt(x), abs=1e-11)
    circle = PrincipalValue(lambda t: np.sqrt(1 - t**2), -1.0, 1.0, [])(x)
    assert circle == pytest.approx(np.pi * x, abs=1e-11)


@pytest.mark.parametrize("function", [np.ones_like, lambda t: 1 / t, lambda t: np.full_like(t, np.nan)])
def test_what_has_no_principal_value_is_refused(function):
    with pytest.raises(ValueError, match="The function"):
        PrincipalValue(function, 0.0, np.inf, [1.0])
