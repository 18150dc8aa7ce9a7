"""Baths that hold their nodes far more tightly than the links pull, and probes that outweigh everything else."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

import wignerness as wn
from wignerness import exact


def _relative(found: float, right: Fraction) -> float:
    return float(abs((Fraction(float(found)) - right) / right))


@pytest.mark.parametrize(
    ("hopping", "rate"), [(1e-6, 1e6), (1e-7, 1e6), (1e-8, 1e6), (1e-16, 1.0), (1e-20, 1.0), (0.3, 0.2)]
)
def test_fluxes_through_a_weak_link(hopping, rate):
    """The departure of a node from its bath is below a pair of doubles here; what flows in is not."""
    pair = wn.Network([[0, hopping], [hopping, 0]], [wn.ThermalBath(0, rate, 1.0), wn.ThermalBath(1, rate, 2.0)])
    ness = wn.steady_state(pair)
    lam, gamma = Fraction(hopping), Fraction(rate)
    current = 2 * lam**2 * gamma / (4 * lam**2 + gamma**2)
    right = [current / Fraction(3, 2), -current / Fraction(5, 2)]
    for found, wanted in zip(ness.entropy_flux, right, strict=True):
        assert _relative(found, wanted) < 1e-11
    assert _relative(ness.entropy_production.sum(), sum(right)) < 1e-11
    assert ness.bath_currents.sum() == 0


def test_a_probe_far_stronger_than_its_links():
    h = 0.01
    network = wn.Network(
        [[0, h, 0], [h, 0, h], [0, h, 0]], [wn.ThermalBath(0, 1, 1.0), wn.ThermalBath(2, 1, 2.0), wn.Probe(1, 1e6)]
    )
    assert wn.steady_state(network).occupations[1] == pytest.approx(1.5, rel=1e-13)


@pytest.mark.parametrize(("hopping", "probe_rate"), [(1.0, 1e6), (1e-3, 1e4)])
def test_chain_of_probes_far_stronger_than_their_links(hopping, probe_rate):
    parameters = {"hopping": hopping, "rate": 1.0, "occupations": (1, 2), "probe_rate": probe_rate}
    ness = wn.steady_state(wn.models.chain(50, **parameters))
    np.testing.assert_allclose(ness.occupations, exact.chain(50, **parameters).occupations, rtol=1e-13)


def test_beyond_double_precision_is_refused():
    """An excitation is re-emitted 1e18 times before it moves on: no digit is left, and none is claimed."""
    with pytest.raises(wn.errors.ConvergenceError):
        wn.steady_state(wn.models.chain(50, hopping=1e-3, rate=1, occupations=(1, 2), probe_rate=1e6))


def test_many_probes_are_closed_by_iteration(monkeypatch):
    network = wn.models.random_network(60, rng=1, probe_density=1.0, bath_density=0.05)
    by_kernel = wn.steady_state(network)
    monkeypatch.setattr("wignerness.linalg.closure.KERNEL_UP_TO", 10)
    iterated = wn.steady_state(network)
    np.testing.assert_allclose(iterated.state.normal, by_kernel.state.normal, rtol=0, atol=1e-15)
    assert iterated.separation == pytest.approx(by_kernel.separation, rel=1e-6)
