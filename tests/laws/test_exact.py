"""Laws of the exact steady state on random networks: the second law, balances, positivity."""

from __future__ import annotations

import numpy as np
import pytest

import wignerness as wn
from wignerness.errors import UndefinedQuantityError
from wignerness.scattering import landauer_currents, transmission
from wignerness.spectra import Lorentzian, Ohmic
from wignerness.theories import Exact

thermal = wn.ThermalBath.at_temperature


def exact(network, **options):
    return wn.steady_state(network, theory=Exact(**options))


def _random_network(rng):
    size = int(rng.integers(2, 6))
    raw = rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size))
    h = np.diag(rng.uniform(0.8, 1.5, size)) + 0.15 * (raw + raw.conj().T) / np.sqrt(size)
    h += max(0.0, 0.2 - np.linalg.eigvalsh(h)[0]) * np.eye(size)
    shapes = (None, Ohmic(3.0), Ohmic(6.0, exponent=0.5), Lorentzian(1.0, 0.5))
    baths = [
        thermal(int(rng.integers(size)), rng.uniform(0.01, 0.4), rng.uniform(0.05, 2), 1.0, spectrum=shapes[k])
        for k in rng.integers(0, 4, size=3)
    ]
    baths += [thermal(k, 0.05, rng.uniform(0.05, 2), 1.0, spectrum=Ohmic(3.0)) for k in range(size)]
    return wn.Network(h, baths)


@pytest.mark.parametrize("seed", range(12))
def test_the_second_law_holds_and_heat_adds_up(seed):
    network = _random_network(np.random.default_rng(seed))
    ness = exact(network, tolerance=1e-9)
    for currents in (ness.bath_currents, ness.heat_currents):
        assert abs(currents.sum()) < 1e-9 * np.abs(currents).max()
    assert ness.clausius_production > 0
    assert ness.entropy_flux.sum() > 0
    assert ness.is_positive
    with pytest.raises(UndefinedQuantityError, match=r"entropy_flux\.sum"):
        _ = ness.entropy_production


@pytest.mark.parametrize("seed", range(4))
def test_the_second_law_holds_with_counter_rotating_terms(seed):
    network = _random_network(np.random.default_rng(seed))
    baths = [bath for bath in network.baths if isinstance(bath.spectrum, Ohmic)]
    network = network.replace(baths=baths, pairing=0.02 * np.eye(network.n_modes))
    ness = exact(network, counter_rotating=True, tolerance=1e-9)
    assert abs(ness.heat_currents.sum()) < 1e-9 * np.abs(ness.heat_currents).max()
    assert ness.clausius_production > 0
    assert ness.is_positive
    assert np.abs(ness.state.anomalous).max() > 1e-4


@pytest.mark.parametrize("seed", range(6))
def test_a_change_of_phases_changes_the_coherences_alone(seed):
    rng = np.random.default_rng(seed)
    network = _random_network(rng)
    phases = np.exp(2j * np.pi * rng.random(network.n_modes))
    turned = network.replace(hamiltonian=phases[:, None] * network.hamiltonian * phases.conj())
    one, other = exact(network), exact(turned)
    assert other.state.normal == pytest.approx(phases[:, None] * one.state.normal * phases.conj(), abs=1e-10)
    assert other.heat_currents == pytest.approx(one.heat_currents, rel=1e-8)


@pytest.mark.parametrize("seed", range(6))
def test_reversing_the_flux_exchanges_sender_and_receiver(seed):
    network = _random_network(np.random.default_rng(seed))
    omega = np.linspace(0.3, 2.0, 5)
    forward, backward = (
        transmission(n, omega) for n in (network, network.replace(hamiltonian=network.hamiltonian.conj()))
    )
    assert backward == pytest.approx(np.swapaxes(forward, -1, -2), abs=1e-12)
    assert forward.sum(axis=-1) == pytest.approx(np.ones(forward.shape[:-1]), abs=1e-12)


@pytest.mark.parametrize("seed", range(6))
def test_noise_is_that_of_conserved_excitations(seed):
    """Rows add up to zero, the matrix is symmetric and has no negative eigenvalue."""
    found = landauer_currents(_random_network(np.random.default_rng(seed)), tolerance=1e-9)
    largest = np.abs(found.noise).max()
    assert np.abs(found.noise.sum(axis=1)).max() < 1e-7 * largest
    assert np.abs(found.noise - found.noise.T).max() < 1e-7 * largest
    assert np.linalg.eigvalsh(found.noise + found.noise.T)[0] > -1e-7 * largest
