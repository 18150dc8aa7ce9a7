"""Eq. (33a): the production of the probes."""

from __future__ import annotations

import pytest

import wignerness as wn
from wignerness import thermodynamics
from wignerness.paper.equations import EQUATIONS


def test_equation_33a():
    record = EQUATIONS["33a"]()
    assert record.number == "33a"
    assert record.passed, record


@pytest.mark.parametrize(
    ("length", "value"), [(2, 2.212960572419135e-9), (10, 8.192811853823511e-9), (100, 3.695591552134191e-9)]
)
def test_numbers_of_figure_3(length, value):
    given = {"hopping": 3e-7, "rate": 1e-6, "occupations": (1, 2), "probe_rate": 1e-7}
    ness = wn.steady_state(wn.models.chain(length, **given))
    _, probes = thermodynamics.production_split(ness.network, ness.state)
    assert probes == pytest.approx(value, rel=1e-11)
    assert wn.exact.chain(length, **given).entropy_production_probes == pytest.approx(value, rel=1e-14)
