"""Eq. (6): the Fokker-Planck equation."""

from __future__ import annotations

import numpy as np

import wignerness as wn
from wignerness import thermodynamics
from wignerness.paper.equations import EQUATIONS
from wignerness.paper.phase_space import divergence
from wignerness.paper.systems import pair


def test_equation_06():
    record = EQUATIONS["6"]()
    assert record.number == "6"
    assert record.passed, record


def test_all_currents_together_have_no_sources_in_the_steady_state():
    ness = wn.steady_state(pair().network)
    parts = [
        divergence(lambda z, k=k, f=f: f(ness.network, ness.state, z)[..., k], pair().points, k)
        for k in range(2)
        for f in (thermodynamics.irreversible_currents, thermodynamics.reversible_currents)
    ]
    assert np.abs(sum(parts)).max() < 1e-8 * max(np.abs(part).max() for part in parts)
