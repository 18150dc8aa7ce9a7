"""The table of equations itself: complete, and able to fail."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from wignerness.paper.counterexamples import CLAIMS
from wignerness.paper.equations import EQUATIONS
from wignerness.paper.records import ClaimRecord, EquationRecord, deviation
from wignerness.paper.table import equations_as_csv, equations_as_markdown

NUMBERS = [
    *(str(n) for n in range(1, 25)), "25a", "25b", "26", "27", "28", "29a", "29b", "30", "31", "32", "33a", "33b",
    "A1", "A2", "A3a", "A3b", "A4", "A5", "A6", "B1", "B2", "B3", "B4a", "B4b", "B5", "C1", "C2", "D1", "D2", "D3",
    "D4", "E1", "E2",
]  # fmt: skip
CORRECTED = {"25b", "A6", "B2", "B4a", "B4b", "B5", "D1", "D3"}


def test_every_numbered_equation_has_a_check():
    assert list(EQUATIONS) == NUMBERS


@pytest.mark.parametrize("number", sorted(CORRECTED))
def test_printed_forms_that_are_wrong_are_shown_to_be(number):
    record = EQUATIONS[number]()
    assert record.correction
    assert record.printed_error > 0.1
    assert record.error < 1e-9


def test_a_record_fails_where_it_must():
    record = EquationRecord("0", "a with b", "route", 1e-3, 1e-6)
    assert not record.passed
    assert dataclasses.replace(record, error=1e-7).passed
    assert not dataclasses.replace(record, error=np.nan).passed
    harmless = dataclasses.replace(record, error=0.0, correction="sign", printed_error=1e-9)
    assert not harmless.passed


def test_deviation_is_relative_to_the_largest_value():
    assert deviation([1.0, 2.1], [1.0, 2.0]) == pytest.approx(0.05)
    assert deviation(0.0, 0.0) == 0
    assert deviation(1e-300, 0.0) == np.inf
    assert np.isnan(deviation(np.nan, 1.0))


def test_tables_hold_every_record():
    records = [
        EquationRecord("17", "a with |b|", "route", 1e-12, 1e-9),
        EquationRecord("D1", "c with d", "route", 1.0, 1e-9, "a sign", np.inf),
    ]
    claim = ClaimRecord("all swans are white", "Australia", {"black swans": 3.0}, True)
    text = equations_as_markdown(records, [claim])
    assert "1 of 2 hold" in text
    assert r"a with \|b\|" in text
    assert "FAIL" in text
    assert "its shapes do not fit" in text
    assert "black swans: 3" in text
    rows = equations_as_csv(records).splitlines()
    assert rows[0].startswith("number,passed,error")
    assert rows[2].startswith("D1,False,1.0,1e-09,inf")


@pytest.mark.parametrize("name", list(CLAIMS))
def test_claims_are_contradicted_by_numbers(name):
    record = CLAIMS[name]()
    assert record.shown
    assert len(record.values) >= 2
