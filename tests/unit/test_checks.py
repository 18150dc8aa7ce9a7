"""Argument checks and the one form of their messages."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from wignerness import _checks
from wignerness.errors import InvalidNetworkError, InvalidStateError


def message(function, *args, **kwargs):
    with pytest.raises(InvalidNetworkError) as caught:
        function(*args, **kwargs)
    return str(caught.value)


def test_message_names_argument_rule_and_value():
    assert (
        message(_checks.fail, "rate", "be non-negative", -0.5) == "Argument `rate` must be non-negative, but is -0.5."
    )


def test_errors_are_value_errors_of_the_library():
    with pytest.raises(ValueError, match="rate"):
        _checks.real("rate", -1, minimum=0.0)
    with pytest.raises(InvalidStateError):
        _checks.real("x", math.nan, error=InvalidStateError)


@pytest.mark.parametrize("value", [1, 1.5, np.float32(2), np.int64(3), Fraction(1, 2), np.array(4.0)])
def test_real_takes_every_kind_of_number(value):
    found = _checks.real("x", value)
    assert type(found) is float
    assert found == float(value)


@pytest.mark.parametrize(
    ("value", "limits", "rule"),
    [
        (-1e-300, {"minimum": 0.0}, "be non-negative, but is -1e-300"),
        (-2.0, {"minimum": -1.0}, "be at least -1, but is -2.0"),
        (0, {"above": 0.0}, "be positive, but is 0.0"),
        (1.0, {"above": 2.0}, "be above 2, but is 1.0"),
        (math.inf, {}, "be finite, but is inf"),
        (math.nan, {"minimum": 0.0}, "be finite, but is nan"),
        (10**400, {}, "be a real number"),
        ("3", {}, "be a real number, but is '3'"),
        (True, {}, "be a real number, but is True"),
        (1j, {}, "be a real number, but is 1j"),
        (None, {}, "be a real number, but is None"),
        ([1.0, 2.0], {}, "be a real number"),
    ],
)
def test_real_refuses(value, limits, rule):
    assert f"`x` must {rule}" in message(_checks.real, "x", value, **limits)


def test_negative_zero_is_zero():
    assert _checks.real("x", -0.0, minimum=0.0) == 0.0


def test_integer():
    assert _checks.integer("mode", np.int32(3)) == 3
    for value in (1.0, "1", None, True, np.True_, 1j):
        assert "`mode` must be an integer" in message(_checks.integer, "mode", value)
    assert "at least 0, but is -1" in message(_checks.integer, "mode", -1, minimum=0)


def test_arrays_are_fresh_and_typed():
    given = np.arange(4.0).reshape(2, 2)
    found = _checks.complex_array("a", given, (2, None))
    assert found.dtype == np.complex128
    found[0, 0] = 7
    assert given[0, 0] == 0
    assert _checks.real_array("a", [1, 2]).dtype == np.float64


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([[1, 2], [3]], "be a rectangular array of numbers, but is ragged"),
        ([["a"]], "hold real or complex numbers"),
        ([[None]], "hold real or complex numbers"),
        ([[True]], "hold real or complex numbers"),
        ([1, 2], r"have shape (2, any), but is (2,)"),
        ([[1, 2], [3, math.inf]], "`a[1][1]` must be finite, but is (inf+0j)"),
        ([[1, complex(0, math.nan)], [0, 0]], "`a[0][1]` must be finite"),
    ],
)
def test_complex_array_refuses(value, expected):
    assert expected in message(_checks.complex_array, "a", value, (2, None))


def test_real_array_refuses():
    assert "`a[1]` must be non-negative, but is -1.0" in message(_checks.real_array, "a", [0, -1], minimum=0.0)
    assert "`a[0]` must be at least 2, but is 1.0" in message(_checks.real_array, "a", [1, 2], minimum=2.0)
    assert "hold real numbers" in message(_checks.real_array, "a", [1j])


def test_read_only():
    array = _checks.read_only(np.zeros(2))
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 1
