"""Eq. (9): the local equilibrium."""

from __future__ import annotations

import numpy as np
import pytest

import wignerness as wn
from wignerness import thermodynamics
from wignerness.paper.equations import EQUATIONS
from wignerness.paper.systems import pair


def test_equation_09():
    record = EQUATIONS["9"]()
    assert record.number == "9"
    assert record.passed, record


@pytest.mark.parametrize("change", ["hotter", "displaced", "correlated"])
def test_currents_vanish_in_local_equilibrium_only(change):
    n = pair().network.bath_occupations
    states = {
        "hotter": wn.GaussianState.thermal(n + np.array([0.1, 0.0])),
        "displaced": wn.GaussianState([0.2, 0.0], np.diag(n)),
        "correlated": wn.GaussianState([0, 0], np.diag(n) + 0.05 * np.eye(2)[::-1]),
    }
    currents = thermodynamics.irreversible_currents(pair().network, states[change], pair().points)
    rest = thermodynamics.irreversible_currents(pair().network, wn.GaussianState.thermal(n), pair().points)
    assert np.abs(currents).max() > 1e-3
    assert np.abs(rest).max() < 1e-15
