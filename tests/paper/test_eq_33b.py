"""Eq. (33b): the currents of the probes."""

from __future__ import annotations

import numpy as np

from wignerness import thermodynamics
from wignerness.paper.equations import EQUATIONS
from wignerness.paper.phase_space import lattice
from wignerness.paper.systems import short_chain


def test_equation_33b():
    record = EQUATIONS["33b"]()
    assert record.number == "33b"
    assert record.passed, record


def test_probes_have_currents_but_no_flux():
    ness = short_chain()
    points, weights = lattice(ness.state)
    currents = thermodynamics.irreversible_currents(ness.network, ness.state, points)[:, 2:]
    flux = weights @ (2 * (currents * points.conj()).real)
    assert np.abs(flux).max() < 1e-10
    assert (weights @ np.abs(currents) > 1e-3).all()
