"""Eq. (25b): each current."""

from __future__ import annotations

import numpy as np
import pytest

import wignerness as wn
from wignerness.paper.equations import EQUATIONS
from wignerness.paper.systems import pair


def test_equation_25b():
    record = EQUATIONS["25b"]()
    assert record.number == "25b"
    assert record.passed, record


def test_printed_form_vanishes_for_the_chain_of_the_paper():
    ness = wn.steady_state(wn.models.chain(5, hopping=0.4, rate=1.0, occupations=(1, 2), probe_rate=0.3))
    h, moments = ness.network.hamiltonian, ness.state.normal.T  # <a_k^+ a_l> at [k, l]
    printed = -1j * h * (moments - moments.T)
    assert np.abs(printed).max() < 1e-15
    assert ness.currents[0, 1] > 0.05


def test_printed_form_is_right_for_real_hopping():
    network = wn.Network(
        np.diag([0.4], 1) + np.diag([0.4], -1), [wn.ThermalBath(0, 1.0, 1.0), wn.ThermalBath(1, 1.0, 2.0)]
    )
    ness = wn.steady_state(network)
    moments = ness.state.normal.T
    np.testing.assert_allclose(-1j * network.hamiltonian * (moments - moments.T), ness.currents, atol=1e-15)


def test_current_of_two_modes_in_closed_form():
    exact = wn.exact.two_modes(hopping=0.3 + 0.2j, rates=(0.7, 0.4), occupations=(0.1, 0.35), detuning=-0.4)
    assert wn.steady_state(pair().network).currents[0, 1] == pytest.approx(exact.current, rel=1e-12)
