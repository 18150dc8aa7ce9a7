"""Eq. (7): dissipators as divergences."""

from __future__ import annotations

import numpy as np
import pytest

from wignerness import thermodynamics
from wignerness.paper.equations import EQUATIONS
from wignerness.paper.equations.entropy_balance import fields
from wignerness.paper.systems import pair


def test_equation_07():
    record = EQUATIONS["7"]()
    assert record.number == "7"
    assert record.passed, record


def test_a_dissipator_keeps_the_norm_and_changes_the_occupation():
    p, f = pair(), fields()
    for k, taken in enumerate(thermodynamics.bath_currents(p.network, p.state)):
        assert abs(f.integral(f.dissipated[k])) < 1e-10
        assert f.integral(f.dissipated[k] * np.abs(f.points[:, k]) ** 2) == pytest.approx(-taken, rel=1e-8)
