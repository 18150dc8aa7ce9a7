"""Eq. (30): the current of the chain."""

from __future__ import annotations

import numpy as np
import pytest

import wignerness as wn
from wignerness.paper.equations import EQUATIONS


def test_equation_30():
    record = EQUATIONS["30"]()
    assert record.number == "30"
    assert record.passed, record


def test_ballistic_without_probes_and_diffusive_with_them():
    given = {"hopping": 0.3, "rate": 1.0, "occupations": (1, 2)}
    lengths = np.array([10, 100, 1000, 10_000])
    ballistic = wn.exact.chain_scaling(lengths, **given).current
    diffusive = wn.exact.chain_scaling(lengths, **given, probe_rate=0.5).current
    assert np.ptp(ballistic) == 0
    assert diffusive[-1] * lengths[-1] == pytest.approx(2 * 0.3**2 / 0.5, rel=1e-3)


def test_current_runs_from_hot_to_cold():
    ness = wn.steady_state(wn.models.chain(5, hopping=0.3, rate=1.0, occupations=(1, 2), probe_rate=0.5))
    assert (np.diag(ness.currents, 1) > 0).all()  # into k from k + 1, the hot side
