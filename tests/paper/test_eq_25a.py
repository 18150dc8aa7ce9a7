"""Eq. (25a): currents make up the unitary change."""

from __future__ import annotations

import numpy as np

from wignerness import thermodynamics
from wignerness.paper.equations import EQUATIONS
from wignerness.paper.systems import five_nodes, pair


def test_equation_25a():
    record = EQUATIONS["25a"]()
    assert record.number == "25a"
    assert record.passed, record


def test_links_move_excitations_and_make_none():
    p = pair()
    currents = thermodynamics.excitation_currents(p.network, p.state)
    assert abs(currents.sum()) < 1e-16
    assert np.abs(currents).max() > 1e-3


def test_steady_inflow_goes_to_the_baths():
    ness = five_nodes()
    np.testing.assert_allclose(ness.currents.sum(axis=1), ness.bath_currents, atol=1e-13)
