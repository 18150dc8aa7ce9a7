"""Eq. (18): the flux as an integral."""

from __future__ import annotations

import numpy as np

import wignerness as wn
from wignerness import thermodynamics
from wignerness.paper.equations import EQUATIONS


def test_equation_18():
    record = EQUATIONS["18"]()
    assert record.number == "18"
    assert record.passed, record


def test_flux_leaves_hot_modes_and_enters_cold_ones():
    network = wn.Network(np.zeros((2, 2)), [wn.ThermalBath(0, 1.0, 1.0), wn.ThermalBath(1, 1.0, 1.0)])
    flux = thermodynamics.entropy_flux(network, wn.GaussianState.thermal([2.0, 0.0]))
    np.testing.assert_allclose(flux, [1 / 1.5, -1 / 1.5])
