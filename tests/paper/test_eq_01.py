"""Eq. (1): the balance dS/dt = Pi - Phi."""

from __future__ import annotations

import pytest

import wignerness as wn
from wignerness import thermodynamics
from wignerness.paper.equations import EQUATIONS


def test_equation_01():
    record = EQUATIONS["1"]()
    assert record.number == "1"
    assert record.passed, record


def test_balance_of_one_relaxing_mode():
    """S = 1 + ln pi + ln(N + 1/2), so dS/dt = gamma (n - N)/(N + 1/2)."""
    rate, n, filling = 0.7, 0.5, 2.0
    network, state = wn.Network([[1.0]], [wn.ThermalBath(0, rate, n)]), wn.GaussianState.thermal([filling])
    balance = thermodynamics.entropy_production(network, state) - thermodynamics.entropy_flux(network, state)
    assert balance[0] == pytest.approx(rate * (n - filling) / (filling + 0.5), rel=1e-14)
