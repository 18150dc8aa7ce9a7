"""Baths and probes of one node."""

from __future__ import annotations

import dataclasses
import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wignerness import Probe, ThermalBath
from wignerness.bath import bose_einstein
from wignerness.errors import InvalidNetworkError


def test_fields_are_plain_numbers():
    bath = ThermalBath(np.int64(1), Fraction(1, 2), np.float32(2))
    assert (type(bath.mode), type(bath.rate), type(bath.occupation)) == (int, float, float)
    assert bath == ThermalBath(1, 0.5, 2.0)
    assert hash(bath) == hash(ThermalBath(1, 0.5, 2.0))


def test_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        ThermalBath(0, 1.0, 1.0).rate = 2.0
    with pytest.raises(dataclasses.FrozenInstanceError):
        Probe(0, 1.0).occupation = 2.0


@pytest.mark.parametrize("kind", [ThermalBath, Probe])
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"mode": -1}, "`mode` must be at least 0, but is -1"),
        ({"mode": 1.0}, "`mode` must be an integer, but is 1.0"),
        ({"mode": True}, "`mode` must be an integer"),
        ({"rate": -0.5}, "`rate` must be non-negative, but is -0.5"),
        ({"rate": math.nan}, "`rate` must be finite"),
        ({"rate": math.inf}, "`rate` must be finite"),
        ({"rate": "1"}, "`rate` must be a real number"),
        ({"rate": None}, "`rate` must be a real number"),
        ({"occupation": -1e-9}, "`occupation` must be non-negative"),
        ({"occupation": math.inf}, "`occupation` must be finite"),
        ({"occupation": 1j}, "`occupation` must be a real number"),
        ({"name": ""}, "`name` must be a non-empty string or None"),
        ({"name": 3}, "`name` must be a non-empty string or None"),
    ],
)
def test_refusals(kind, change, message):
    with pytest.raises(InvalidNetworkError) as caught:
        kind(**({"mode": 0, "rate": 1.0, "occupation": 1.0} | change))
    assert message in str(caught.value)


def test_a_thermal_bath_needs_an_occupation():
    with pytest.raises(InvalidNetworkError, match="occupation"):
        ThermalBath(0, 1.0, None)


def test_printing():
    assert repr(ThermalBath(0, 0.1, 1.5)) == "ThermalBath(mode=0, rate=0.1, occupation=1.5)"
    assert repr(ThermalBath(0, 0.1, 1.5, name="hot")) == "ThermalBath(mode=0, rate=0.1, occupation=1.5, name='hot')"
    assert repr(Probe(2, 0.1)) == "Probe(mode=2, rate=0.1)"
    assert repr(Probe(2, 0.1, occupation=0.0, name="p")) == "Probe(mode=2, rate=0.1, occupation=0.0, name='p')"
    for bath in (ThermalBath(0, 0.1, 1.5, name="hot"), Probe(2, 0.1), Probe(2, 0.1, occupation=3.0)):
        assert eval(repr(bath), {"ThermalBath": ThermalBath, "Probe": Probe}) == bath


def test_probes_are_free_until_fixed():
    assert Probe(0, 1.0).is_free
    assert not Probe(0, 1.0, occupation=0.0).is_free


@given(st.floats(1e-6, 1e6), st.floats(1e-6, 1e6))
def test_bose_einstein_to_all_digits(temperature, frequency):
    found = bose_einstein(temperature, frequency)
    true = 1 / mpmath.expm1(mpmath.mpf(frequency) / mpmath.mpf(temperature))
    # The ratio is rounded once, which moves exp(-ratio) by ratio * eps.
    assert abs(found - true) <= true * (1 + frequency / temperature) * 4e-16 + 5e-324


def test_temperature_and_back():
    assert ThermalBath.at_temperature(0, 1.0, 0.0, 1.0).occupation == 0.0
    assert ThermalBath(0, 1.0, 0.0).temperature(3.0) == 0.0
    for temperature in (1e-2, 1.0, 1e8):
        bath = ThermalBath.at_temperature(1, 0.1, temperature, 2.0, name="warm")
        assert (bath.mode, bath.rate, bath.name) == (1, 0.1, "warm")
        assert bath.temperature(2.0) == pytest.approx(temperature, rel=1e-15)


def test_extreme_temperatures():
    assert bose_einstein(1.0, 800.0) == 0.0 or bose_einstein(1.0, 800.0) == pytest.approx(math.exp(-800.0))
    assert ThermalBath.at_temperature(0, 1.0, 1e-300, 1.0).occupation == 0.0
    hot = ThermalBath.at_temperature(0, 1.0, 1e300, 1.0).occupation
    assert hot == pytest.approx(1e300, rel=1e-15)
    with pytest.raises(InvalidNetworkError, match="`occupation` must be finite"):
        ThermalBath.at_temperature(0, 1.0, 1e300, 1e-300)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ThermalBath.at_temperature(0, 1.0, -1.0, 1.0), "`temperature` must be non-negative"),
        (lambda: ThermalBath.at_temperature(0, 1.0, 1.0, 0.0), "`frequency` must be positive"),
        (lambda: ThermalBath.at_temperature(0, 1.0, 1.0, -2.0), "`frequency` must be positive"),
        (lambda: ThermalBath(0, 1.0, 1.0).temperature(0.0), "`frequency` must be positive"),
    ],
)
def test_temperature_refusals(call, message):
    with pytest.raises(InvalidNetworkError) as caught:
        call()
    assert message in str(caught.value)
