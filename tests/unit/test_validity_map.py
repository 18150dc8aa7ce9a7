"""Maps of validity: errors over parameters, the crossover of two oscillators, and the figures."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

import wignerness as wn
from wignerness import plotting, validity
from wignerness.analysis import Processes, crossover
from wignerness.theories import Global, Local, Redfield

RATE = 0.02
SECULAR = Global(secular_width=0.0)


def pair(hopping, detuning=0.0, hot=0.5, cold=0.25, rate=RATE):
    frequencies = (1.0, 1.0 - detuning)
    baths = [
        wn.ThermalBath.at_temperature(k, rate, t, frequency=w)
        for k, (t, w) in enumerate(zip((hot, cold), frequencies, strict=True))
    ]
    return wn.Network([[frequencies[0], hopping], [hopping, frequencies[1]]], baths)


def flow(omega, power, hot=0.5, cold=0.25):
    """omega^power times the difference of the occupations."""
    return omega**power * (1 / np.expm1(omega / hot) - 1 / np.expm1(omega / cold))


def bend(power, step=1e-3):
    """f'' / 2 f at the frequency 1."""
    low, at, high = (flow(1 + k * step, power) for k in (-1, 0, 1))
    return (low - 2 * at + high) / step**2 / at / 2


def test_errors_are_those_of_the_known_currents():
    data = validity.validity_map(pair, {"hopping": [0.002, 0.1]}, theories=[Local(), SECULAR])
    known = {0.002: (5.30232e-5, 1.37860e-3, 5.30244e-5), 0.1: (1.3649533e-3, 1.3817330e-3, 1.3679511e-3)}
    for hopping, (local, secular, exact) in known.items():
        found = data.error.sel(hopping=hopping, quantity="heat_currents").values
        resolution = 1e-5 if hopping == 0.002 else 1e-7
        assert found == pytest.approx([abs(local / exact - 1), abs(secular / exact - 1)], rel=1e-4, abs=resolution / 5)


@pytest.mark.parametrize(("power", "quantity"), [(0, "bath_currents"), (1, "heat_currents")])
def test_the_local_error_on_resonance_is_the_bend_of_the_baths_over_the_width_of_the_transmission(power, quantity):
    for scale in (0.02, 0.005):
        network = pair(hopping=scale, rate=2 * scale)
        ness = wn.steady_state(network)
        exact = wn.steady_state(network, theory=wn.theories.Exact(infrared=0.1))
        off = 1 - getattr(ness, quantity)[1] / getattr(exact, quantity)[1]
        assert off == pytest.approx(bend(power) * (scale**2 + scale**2), rel=20 * scale)


def test_errors_of_local_and_secular_equations_cross_where_two_formulas_do():
    hoppings = np.geomspace(0.03, 0.3, 12)
    data = validity.validity_map(pair, {"hopping": hoppings}, theories=[Local(), SECULAR])
    for power, quantity in ((0, "bath_currents"), (1, "heat_currents")):
        local, secular = data.error.sel(quantity=quantity).values.T
        (place,) = crossover(hoppings, local, secular)
        assert place == pytest.approx((RATE**2 / 4 / abs(bend(power))) ** 0.25, rel=0.05)
    # the secular equation itself fails where the hopping is the damping, whatever the crossing of the errors
    at_damping = validity.validity_map(pair, {"hopping": [RATE]}, theories=[SECULAR])
    assert at_damping.error.sel(quantity="heat_currents").item() == pytest.approx(0.25, rel=0.01)


def test_the_second_law_is_broken_locally_where_levy_and_kosloff_say_and_nowhere_globally():
    detunings = np.linspace(0.05, 0.65, 13)
    warm = partial(pair, hot=1.0, cold=0.6)
    data = validity.validity_map(
        warm, {"hopping": [1e-3, 0.01], "detuning": detunings}, theories=[Local(), Global(), Redfield()]
    )
    expected = detunings > 0.4  # the colder node has the smaller ratio of frequency and temperature
    assert (data.breaks_second_law.sel(theory="Local()").values == expected).all()
    assert not data.breaks_second_law.sel(theory=["Global()", "Redfield()"]).any()
    assert ((data.clausius.sel(theory="Local()") < 0).values == expected).all()


def test_a_map_is_the_same_from_workers_and_goes_on_from_its_file(tmp_path):
    grid = {"hopping": [0.01, 0.1], "detuning": [0.0, 0.3]}
    here = validity.validity_map(pair, grid)
    store = tmp_path / "map.nc"
    there = validity.validity_map(pair, grid, executor=Processes(2), store=store)
    again = validity.validity_map(pair, grid, store=store)
    assert here.error.dims == ("hopping", "detuning", "theory", "quantity")
    assert here.error.equals(there.error)
    assert here.drop_attrs().identical(again.drop_attrs())
    assert here.attrs["reference"] == "Exact()"


def test_a_point_that_a_theory_refuses_fails_with_the_reason():
    def paired(pairing):
        return pair(0.1).replace(pairing=[[0.0, pairing], [pairing, 0.0]])

    data = validity.validity_map(paired, {"pairing": [0.0, 0.01]}, theories=[Local(), Global()])
    assert data.message.values[0] == ""
    assert "pairing" in data.message.values[1]
    assert np.isfinite(data.error.values[0]).all()
    assert np.isnan(data.error.values[1]).all()


def test_things_that_are_no_theories_are_refused():
    with pytest.raises(wn.errors.InvalidNetworkError, match="`theories`"):
        validity.validity_map(pair, {"hopping": [0.1]}, theories=[Global])
    with pytest.raises(wn.errors.InvalidNetworkError, match="`theories`"):
        validity.validity_map(pair, {"hopping": [0.1]}, reference="exact")


# --- figures ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def plane():
    grid = {"hopping": [0.01, 0.1], "detuning": [0.0, 0.3, 0.6]}
    return validity.validity_map(partial(pair, hot=1.0, cold=0.6), grid, theories=[Local(), SECULAR])


def test_the_map_is_drawn_with_its_border_and_the_breach_of_the_second_law(plane):
    with plotting.screen():
        axes = plotting.new_figure(4, 3).subplots()
        mesh = plotting.plot_validity_map(axes, plane, "Local()")
        lawful = plotting.new_figure(4, 3).subplots()
        plotting.plot_validity_map(lawful, plane, repr(SECULAR))
    expected = np.log10(plane.error.sel(theory="Local()", quantity="heat_currents").transpose("detuning", "hopping"))
    np.testing.assert_allclose(np.asarray(mesh.get_array()).reshape(expected.shape), expected.values)
    hatches = [artist.hatches for artist in axes.collections if getattr(artist, "hatches", [None])[0]]
    assert hatches == [["////"]]
    assert not [artist for artist in lawful.collections if getattr(artist, "hatches", [None])[0]]


def test_a_map_that_cannot_be_drawn_says_what_there_is(plane):
    axes = plotting.new_figure(4, 3).subplots()
    with pytest.raises(wn.errors.UndefinedQuantityError, match=r"no theory 'Redfield\(\)'; it has Local\(\)"):
        plotting.plot_validity_map(axes, plane, "Redfield()")
    with pytest.raises(wn.errors.UndefinedQuantityError, match="no quantity 'heat'"):
        plotting.plot_validity_map(axes, plane, "Local()", quantity="heat")
    with pytest.raises(wn.errors.UndefinedQuantityError, match="two parameters"):
        plotting.plot_validity_map(axes, plane.isel(hopping=0), "Local()")


def test_infinite_errors_reach_the_end_of_the_axis():
    with plotting.screen():
        axes = plotting.new_figure(4, 3).subplots()
        plotting.plot_theory_errors(axes, {"Local()": {"heat": np.inf}, "Global()": {"heat": 0.0}}, 0.05)
    ends = [bar.get_x() + bar.get_width() for bar in axes.patches]
    assert ends[0] == pytest.approx(axes.get_xlim()[1])
    assert ends[1] < 2e-6


def test_currents_of_many_baths_are_drawn_as_points():
    with plotting.screen():
        few, many = plotting.new_figure(8, 3).subplots(1, 2)
        for axes, count in ((few, 3), (many, 30)):
            currents = {"Local()": np.arange(float(count)), "Exact()": np.arange(float(count))}
            plotting.plot_theory_currents(axes, [str(k) for k in range(count)], currents)
    assert (len(few.patches), len(many.patches)) == (6, 0)
    assert len(many.lines) == 3
