"""Eq. (13): the rate of change of the entropy."""

from __future__ import annotations

import pytest

import wignerness as wn
from wignerness import thermodynamics
from wignerness.paper.equations import EQUATIONS
from wignerness.paper.systems import pair


def test_equation_13():
    record = EQUATIONS["13"]()
    assert record.number == "13"
    assert record.passed, record


def test_closed_networks_keep_their_entropy():
    p = pair()
    closed = p.network.replace(baths=[])
    assert abs(thermodynamics.entropy_rate(closed, p.state)) < 1e-14


def test_rate_of_one_mode():
    network = wn.Network([[1.0]], [wn.ThermalBath(0, 0.7, 0.5)])
    assert thermodynamics.entropy_rate(network, wn.GaussianState.vacuum(1)) == pytest.approx(0.7 * 0.5 / 0.5, rel=1e-14)
