"""The same steady states by other programs and other methods: density matrices, SLICOT, SciPy, evolution in time."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hard_cases import ordinary
from routes import by_density_matrix, by_evolution, by_scipy, by_slicot
from scipy import linalg
from systems import chain_with_probes, exceptional_point, three_oscillators, two_detuned_modes

import wignerness as wn
from wignerness import thermodynamics as thermo

MODERATE = (two_detuned_modes, exceptional_point, three_oscillators, chain_with_probes)


@pytest.fixture(params=MODERATE, ids=lambda build: build.__name__)
def ness(request):
    """A steady state, with the probes filled in, so that plain Lyapunov solvers can follow."""
    return wn.steady_state(request.param().network)


def test_four_levels_a_mode_are_far_too_few_for_the_task_of_the_documentation():
    """39 to 41 % below the exact occupations, as the page of comparisons says."""
    qutip = pytest.importorskip("qutip")
    modes = [qutip.tensor([qutip.destroy(4) if k == mode else qutip.qeye(4) for k in range(3)]) for mode in range(3)]
    energy = sum(a.dag() * a for a in modes)
    energy += 0.2 * sum(a.dag() * b + b.dag() * a for a, b in itertools.pairwise(modes))
    pairs = [(a, n) for a, n in zip(modes, (1.0, 1.5, 2.0), strict=True)]
    jumps = [op for a, n in pairs for op in (np.sqrt(0.1 * (n + 1)) * a, np.sqrt(0.1 * n) * a.dag())]
    rho = qutip.steadystate(energy, jumps)
    found = np.array([qutip.expect(a.dag() * a, rho) for a in modes])
    off = found / [13 / 9, 3 / 2, 14 / 9] - 1
    assert off == pytest.approx([-0.4118, -0.4022, -0.3912], abs=1e-4)


# -- density matrices in a truncated Fock space ----------------------------------------------------------------


def cold_pair(**extras):
    """Occupations so low that seven levels hold all but 1e-7 of the state; a complex hopping, to catch a transpose."""
    matrix = [[1.0, 0.3 + 0.2j], [0.3 - 0.2j, 1.4]]
    return wn.Network(matrix, [wn.ThermalBath(0, 0.5, 0.02), wn.ThermalBath(1, 0.8, 0.1)], **extras)


@pytest.mark.parametrize(
    "network",
    [
        cold_pair(),
        cold_pair(drive=[0.1, 0.05j]),
        cold_pair(pairing=[[0.05, 0.02j], [0.02j, 0.0]], drive=[0.05, 0.0]),
    ],
    ids=["passive", "drive", "pairing"],
)
def test_two_modes_in_fock_space(network):
    mean, normal, anomalous, entropy = by_density_matrix(network, 7)
    ness = wn.steady_state(network)
    # What the seventh level cuts off: (n/(n+1))^7 of an occupation, and a little more with drive and pairing.
    assert np.abs(ness.state.mean - mean).max() < 1e-6
    assert np.abs(ness.state.normal - normal).max() < 1e-6
    assert np.abs(ness.state.anomalous - anomalous).max() < 1e-6
    assert thermo.von_neumann_entropy(network, ness.state) == pytest.approx(entropy, abs=2e-6)


def test_three_modes_in_fock_space():
    matrix = np.array([[1.0, 0.2, 0.1j], [0.2, 0.8, 0.15 - 0.1j], [-0.1j, 0.15 + 0.1j, 1.1]])
    baths = [wn.ThermalBath(0, 0.5, 0.02), wn.ThermalBath(1, 0.7, 0.0), wn.ThermalBath(2, 0.6, 0.04)]
    network = wn.Network(matrix, baths)
    _, normal, _, _ = by_density_matrix(network, 4)
    # (0.04/1.04)^4 = 2e-6 is cut off.
    assert np.abs(wn.steady_state(network).state.normal - normal).max() < 1e-5


def test_a_probe_in_fock_space():
    """A probe is the thermal bath that exchanges nothing: found by us, confirmed by the density matrix."""
    network = cold_pair().replace(baths=[wn.ThermalBath(0, 0.5, 0.1), wn.Probe(1, 0.8), wn.ThermalBath(1, 0.1, 0.0)])
    ness = wn.steady_state(network)
    _, normal, _, _ = by_density_matrix(ness.network, 7)
    assert normal[1, 1].real == pytest.approx(ness.network.baths[1].occupation, abs=1e-6)


# -- other solvers of the moment equation ---------------------------------------------------------------------


@pytest.mark.parametrize("route", [by_scipy, by_slicot, by_evolution], ids=lambda route: route.__name__)
def test_other_routes_to_the_same_moments(ness, route):
    assert np.abs(ness.state.normal - route(ness.network)).max() < 1e-13 * ness.occupations.max()


def test_element_by_element(seed):
    """The L^2 linear equations of the moments, written out with Kronecker products."""
    network = ordinary(np.random.default_rng(seed), 6)
    drift, source = network.drift, network.diffusion
    one = np.eye(network.n_modes)
    system = np.kron(drift, one) + np.kron(one, drift.conj())
    other = linalg.solve(system, -source.ravel()).reshape(source.shape)
    state = wn.steady_state(network).state
    assert np.abs(state.normal - other).max() < 1e-12 * np.abs(other).max()


# -- the closed form of the chain ---------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [2, 3, 10, 120])
@pytest.mark.parametrize("probe_rate", [0.0, 1e-7, 1e-3])
def test_closed_form_of_the_chain(length, probe_rate):
    parameters = {"hopping": 3e-7, "rate": 1e-6, "occupations": (1.0, 2.0), "probe_rate": probe_rate}
    exact = wn.exact.chain(length, **parameters)
    ness = wn.steady_state(wn.models.chain(length, **parameters))
    assert np.allclose(ness.occupations, exact.occupations, rtol=1e-13, atol=0)
    assert np.allclose(np.diag(ness.currents, 1), exact.current, rtol=1e-11, atol=0)
    real, probes = thermo.production_split(ness.network, ness.state)
    assert real == pytest.approx(exact.entropy_production_real, rel=1e-11)
    # In a chain without probes the inner nodes are bare.
    assert probes == pytest.approx(exact.entropy_production_probes if probe_rate else 0.0, rel=1e-11)
