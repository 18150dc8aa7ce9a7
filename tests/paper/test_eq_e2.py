"""Eq. (E2): the probes' production from the covariance."""

from __future__ import annotations

import pytest

import wignerness as wn
from wignerness.paper.equations import EQUATIONS


def test_equation_e2():
    record = EQUATIONS["E2"]()
    assert record.number == "E2"
    assert record.passed, record


def test_a_million_nodes():
    solution = wn.exact.chain(10**6, hopping=3e-7, rate=1e-6, occupations=(1, 2), probe_rate=1e-7)
    assert solution.entropy_production_probes == pytest.approx(4.799865538878272e-13, rel=1e-14)
    assert (solution.entropy_production_each_probe > 0).all()
