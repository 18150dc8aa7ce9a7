"""Exponents, fits and crossings of curves whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest

import wignerness as wn
from wignerness import exact
from wignerness.analysis.scaling import crossover, fit_power_law, local_exponents
from wignerness.errors import InvalidNetworkError, UndefinedQuantityError


def test_power_laws_have_constant_exponents():
    x = np.geomspace(0.3, 4e5, 23)
    found = local_exponents(x, np.stack([2 * x**-1.5, 7 * x**3]))
    np.testing.assert_allclose(found, np.stack([np.full(23, -1.5), np.full(23, 3.0)]), atol=1e-12)


def test_uneven_spacing_keeps_second_order():
    coarse, fine = (np.geomspace(1, 10, n) ** 1.3 for n in (41, 81))
    curve = lambda x: x**-1.0 * np.exp(0.3 * x**0.5)
    errors = [np.abs(local_exponents(x, curve(x)) - (-1 + 0.15 * x**0.5)).max() for x in (coarse, fine)]
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.2)


def test_productions_of_the_chain_approach_their_power_laws():
    lengths = np.unique(np.geomspace(10, 1e5, 81).round().astype(int))
    curve = exact.chain_scaling(lengths, hopping=3e-7, rate=1e-6, occupations=(1, 2), probe_rate=1e-7)
    probes = local_exponents(lengths, curve.entropy_production_probes)
    real = local_exponents(lengths, curve.entropy_production_real)
    for length, probe, other in ((100, -0.755, -1.753), (1000, -0.972, -1.972), (100000, -0.9997, -1.9997)):
        at = int(np.argmin(np.abs(lengths - length)))
        assert probes[at] == pytest.approx(probe, abs=1.5e-3)
        assert real[at] == pytest.approx(other, abs=1.5e-3)


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        ([1, 2], [1, 2], "at least three"),
        ([1, 3, 2], [1, 2, 3], "increasing"),
        ([[1, 2, 3]], [1, 2, 3], "vector"),
        ([1, 2, 3], [1, 2], "`y` must have shape"),
        ([1, 2, 3], [1, -2, 3], r"`y\[1\]` must be positive"),
        ([0, 2, 3], [1, 2, 3], r"`x\[0\]` must be positive"),
    ],
)
def test_bad_curves_are_named(x, y, message):
    with pytest.raises(InvalidNetworkError, match=message):
        local_exponents(x, y)


# --- fits -----------------------------------------------------------------------------------------------------------


def figure_3(longest):
    lengths = np.unique(np.geomspace(2, longest, int(10 * np.log10(longest))).round().astype(int))
    return lengths, exact.chain_scaling(lengths, hopping=3e-7, rate=1e-6, occupations=(1, 2), probe_rate=1e-7)


def test_a_pure_power_law_is_found_exactly():
    x = np.geomspace(0.3, 4e5, 23)
    law = fit_power_law(x, 2.5 * x**-1.5)
    assert law.exponent == pytest.approx(-1.5, rel=1e-13)
    assert law.prefactor == pytest.approx(2.5, rel=1e-12)
    assert law.uncertainty < 1e-12
    np.testing.assert_allclose(law(x), 2.5 * x**-1.5, rtol=1e-11)


@pytest.mark.parametrize(("longest", "error"), [(10**4, 0.04), (10**5, 0.004), (10**6, 4e-4)])
def test_figure_3_reaches_its_exponents_within_their_uncertainty(longest, error):
    lengths, curve = figure_3(longest)
    for values, exponent in ((curve.entropy_production_probes, -1), (curve.entropy_production_real, -2)):
        law = wn.fit_power_law(lengths, values)
        assert abs(law.exponent - exponent) < law.uncertainty < error
        assert law.fit_range[1] == pytest.approx(longest)
        assert law.fit_range[0] <= longest / 10


@pytest.mark.parametrize("longest", [100, 1000])
def test_figure_3_is_refused_where_it_has_not_arrived(longest):
    lengths, curve = figure_3(longest)
    for values in (curve.entropy_production_probes, curve.entropy_production_real):
        with pytest.raises(UndefinedQuantityError, match=r"No power law is reached.*0\.05 is asked for"):
            fit_power_law(lengths, values)
    forced = fit_power_law(lengths, curve.entropy_production_probes, fit_range=(10, longest))
    assert abs(forced.exponent + 1) < forced.uncertainty
    assert forced.rule == "as given"


@pytest.mark.parametrize("power", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("size", [-20.0, -0.3, 0.3, 5.0])
def test_the_limit_lies_within_the_uncertainty_whatever_the_correction(power, size):
    for longest in (1e3, 1e5, 1e7):
        x = np.geomspace(1, longest, int(10 * np.log10(longest)))
        curve = x**0.75 * np.exp(size * x**-power)  # local exponent 0.75 - size power x^-power
        law = fit_power_law(x, curve, tolerance=100.0)
        assert abs(law.exponent - 0.75) < law.uncertainty


def test_noise_is_told_from_the_law(rng):
    x = np.geomspace(1, 1e4, 60)
    outside = 0
    for _ in range(200):
        law = fit_power_law(x, 3 * x**-1.0 * np.exp(0.05 * rng.standard_normal(60)), tolerance=1.0)
        outside += abs(law.exponent + 1) > law.uncertainty
        assert law.scatter == pytest.approx(0.05, rel=0.8)
    assert outside <= 10
    with pytest.raises(UndefinedQuantityError, match="No power law is reached"):
        fit_power_law(x, 3 * x**-1.0 * np.exp(2.0 * rng.standard_normal(60)))


def test_noise_makes_the_range_longer(rng):
    x = np.geomspace(1, 1e6, 100)
    clean = x**-2.0 * (1 + 30 / x)
    noisy = clean * np.exp(0.1 * rng.standard_normal(100))
    assert fit_power_law(x, noisy, tolerance=1.0).n_points > fit_power_law(x, clean).n_points


def test_a_law_says_everything_about_itself():
    lengths, curve = figure_3(10**5)
    text = str(fit_power_law(lengths, curve.entropy_production_probes))
    for word in ("p = -0.99", "standard error", "scatter", "drift", "range", "points", "of all tails over at least"):
        assert word in text


def test_many_points_take_no_longer():
    x = np.linspace(1, 1e4, 100_000)
    assert fit_power_law(x, 2 * x**-1.0).exponent == pytest.approx(-1, rel=1e-9)


@pytest.mark.parametrize(
    ("x", "y", "options", "error", "message"),
    [
        ([1, 2, 3, 4, 5, 6, 7], np.ones(7), {}, UndefinedQuantityError, "spans a factor of 10"),
        ([1, 10, 100], np.ones(3), {}, UndefinedQuantityError, "3 points from x = 1 to 100"),
        ([1, 2, 3], [1, 2], {}, InvalidNetworkError, "`y` must have shape"),
        ([1, 2, 3], [[1, 2, 3]], {}, InvalidNetworkError, "`y` must have shape"),
        ([1, 2, 3], [1, 2, -3], {}, InvalidNetworkError, r"`y\[2\]` must be positive"),
        ([1, 2, 3], [1, 2, 3], {"tolerance": 0.0}, InvalidNetworkError, "`tolerance` must be positive"),
        ([1, 2, 3], [1, 2, 3], {"fit_range": (1, 3)}, InvalidNetworkError, "two points in each third"),
        ([1, 2, 3], [1, 2, 3], {"fit_range": 3}, InvalidNetworkError, "`fit_range` must be a pair"),
        ([1, 2, 3], [1, 2, 3], {"fit_range": (5, 9)}, InvalidNetworkError, "holds 0 in all"),
    ],
)
def test_what_cannot_be_fitted_is_named(x, y, options, error, message):
    with pytest.raises(error, match=message):
        fit_power_law(x, y, **options)


# --- crossings ------------------------------------------------------------------------------------------------------


def test_power_laws_cross_where_they_must():
    x = np.geomspace(1, 1e4, 9)
    assert crossover(x, 5 * x**-1.0, 700 * x**-2.0) == pytest.approx(140, rel=1e-12)
    assert crossover(x, x**-1.0, 2 * x**-1.0).size == 0


def test_the_chain_of_figure_3_crosses_between_15_and_16():
    lengths = np.arange(2, 40)
    curve = exact.chain_scaling(lengths, hopping=3e-7, rate=1e-6, occupations=(1, 2), probe_rate=1e-7)
    (found,) = crossover(lengths, curve.entropy_production_probes, curve.entropy_production_real)
    assert 15 < found < 16


def test_every_crossing_is_found_once():
    x = np.geomspace(1, 16, 5)
    np.testing.assert_allclose(crossover(x, [1, 4, 1, 4, 1], np.full(5, 2.0)), np.sqrt([2, 8, 32, 128]), rtol=1e-12)
    np.testing.assert_allclose(crossover(x, [1, 2, 4, 4, 4], np.full(5, 2.0)), [2.0])
    np.testing.assert_allclose(crossover(x, [1, 2, 2, 2, 4], np.full(5, 2.0)), [4.0])
    assert crossover(x, [1, 2, 1, 1, 2], np.full(5, 2.0)).size == 0
    assert crossover(x, np.full(5, 2.0), np.full(5, 2.0)).size == 0
    with pytest.raises(InvalidNetworkError, match="`second` must have shape"):
        crossover(x, np.ones(5), np.ones(4))


def test_the_range_that_is_shown_is_that_of_the_data():
    lengths = np.arange(1, 200)
    law = fit_power_law(lengths, lengths**2.0)
    assert law.fit_range == (1.0, 199.0)
    assert fit_power_law(lengths, lengths**2.0, fit_range=(7, 77)).fit_range == (7.0, 77.0)
    inside = (lengths >= law.fit_range[0]) & (lengths <= law.fit_range[1])
    assert inside.sum() == law.n_points


def test_the_rule_says_how_many_tails_were_tried():
    lengths = np.arange(1, 6001)
    assert fit_power_law(lengths[:300], lengths[:300] ** 2.0).rule.startswith("of all tails over")
    assert fit_power_law(lengths, lengths**2.0).rule.startswith("of 400 tails over")
