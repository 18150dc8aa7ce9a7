"""Eq. (32): the production of the real baths."""

from __future__ import annotations

import pytest

import wignerness as wn
from wignerness import thermodynamics
from wignerness.paper.equations import EQUATIONS


def test_equation_32():
    record = EQUATIONS["32"]()
    assert record.number == "32"
    assert record.passed, record


@pytest.mark.parametrize(
    ("length", "value"), [(2, 3.066375175634799e-8), (10, 1.304612619927383e-8), (100, 5.672858901393433e-10)]
)
def test_numbers_of_figure_3(length, value):
    given = {"hopping": 3e-7, "rate": 1e-6, "occupations": (1, 2), "probe_rate": 1e-7}
    ness = wn.steady_state(wn.models.chain(length, **given))
    real, _ = thermodynamics.production_split(ness.network, ness.state)
    assert real == pytest.approx(value, rel=1e-11)
    assert wn.exact.chain(length, **given).entropy_production_real == pytest.approx(value, rel=1e-14)
