"""Eq. (28): the baths of the chain."""

from __future__ import annotations

import numpy as np

import wignerness as wn
from wignerness.paper.equations import EQUATIONS


def test_equation_28():
    record = EQUATIONS["28"]()
    assert record.number == "28"
    assert record.passed, record


def test_two_real_baths_and_a_probe_on_every_node():
    network = wn.models.chain(6, hopping=0.3, rate=1.0, occupations=(1, 2), probe_rate=0.1)
    assert network.n_baths == 8
    assert network.bath_modes.tolist() == [0, 5, 0, 1, 2, 3, 4, 5]
    assert network.free_probes == tuple(range(2, 8))


def test_probes_take_the_occupations_of_their_nodes():
    ness = wn.steady_state(wn.models.chain(6, hopping=0.3, rate=1.0, occupations=(1, 2), probe_rate=0.1))
    np.testing.assert_allclose(ness.network.bath_occupations[2:], ness.occupations, rtol=1e-15)
    assert not ness.entropy_flux[2:].any()
