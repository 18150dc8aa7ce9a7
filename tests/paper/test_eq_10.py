"""Eq. (10): the unitary part as a divergence."""

from __future__ import annotations

import numpy as np
import pytest

from wignerness import thermodynamics
from wignerness.paper.equations import EQUATIONS
from wignerness.paper.equations.entropy_balance import fields
from wignerness.paper.systems import pair


def test_equation_10():
    record = EQUATIONS["10"]()
    assert record.number == "10"
    assert record.passed, record


def test_unitary_part_moves_excitations_as_the_currents_say():
    p, f = pair(), fields()
    into = thermodynamics.excitation_currents(p.network, p.state).sum(axis=1)
    assert abs(f.integral(f.unitary)) < 1e-10
    for k in range(2):
        assert f.integral(f.unitary * np.abs(f.points[:, k]) ** 2) == pytest.approx(into[k], rel=1e-8)
