"""Eq. (31): the production of the chain."""

from __future__ import annotations

import numpy as np
import pytest

import wignerness as wn
from wignerness.paper.equations import EQUATIONS


def test_equation_31():
    record = EQUATIONS["31"]()
    assert record.number == "31"
    assert record.passed, record


def test_production_is_current_times_affinity_of_the_ends():
    chain = wn.exact.chain(20, hopping=0.3, rate=0.8, occupations=(1, 4), probe_rate=0.4)
    assert chain.entropy_production == pytest.approx(chain.current * (1 / 1.5 - 1 / 4.5), rel=1e-14)
    parts = chain.entropy_production_real + chain.entropy_production_probes
    assert parts == pytest.approx(chain.entropy_production, rel=1e-14)


def test_production_vanishes_between_equal_baths_and_falls_with_probes():
    given = {"hopping": 0.3, "rate": 0.8}
    assert wn.exact.chain(20, **given, occupations=(2, 2), probe_rate=0.4).entropy_production == 0
    rates = [0.0, 1e-3, 0.1, 10.0]
    falling = wn.exact.chain_scaling(20, **given, occupations=(1, 2), probe_rate=rates).entropy_production
    assert (np.diff(falling) < 0).all()


def test_closed_form_is_refused_for_a_single_node():
    with pytest.raises(wn.errors.InvalidNetworkError, match="at least 2"):
        wn.exact.chain(1, hopping=0.3, rate=0.8, occupations=(1, 2))
