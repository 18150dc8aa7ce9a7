"""Currents between nodes and into baths, and the currents of quasi-probability."""

from __future__ import annotations

import numpy as np
import pytest
import qutip
from hypothesis import given
from hypothesis import strategies as st
from strategies import covered, pumped, states

import wignerness as wn
from wignerness import thermodynamics as thermo
from wignerness.errors import InvalidStateError

EPS = np.finfo(float).eps


def test_sign_and_size():
    """The chain of two: a quarter of an excitation per time from the warm node 1 into node 0, against n = 1, 2."""
    ness = wn.steady_state(wn.models.chain(2, hopping=0.5, rate=1.0, occupations=(1, 2)))
    assert ness.currents[0, 1] == pytest.approx(0.25, rel=1e-14)
    assert ness.bath_currents == pytest.approx([0.25, -0.25], rel=1e-14)


@given(st.data())
def test_node_balance(data):
    """dN_k/dt = sum_l j_kl + gain_k - sum of the baths' J, in any state: Eq. (25a) against the moment equation."""
    network = data.draw(st.one_of(covered(3), pumped(3)))
    state = data.draw(states(network.n_modes))
    drift = -1j * network.hamiltonian - np.diag(network.mode_rates / 2)
    moved = drift @ state.normal - 1j * network.pairing @ state.anomalous.conj()
    mean = drift @ state.mean - 1j * network.pairing @ state.mean.conj() - 1j * network.drive
    levels = np.array([bath.occupation for bath in network.baths])
    expected = 2 * np.diag(moved).real + network.bath_rates * levels + 2 * (state.mean.conj() * mean).real
    found = thermo.excitation_currents(network, state).sum(axis=1) + thermo.excitation_gain(network, state)
    found = found - thermo.bath_currents(network, state)
    size = np.abs(network.drift).max() * (np.abs(state.covariance()).max() + np.abs(state.mean).max() ** 2)
    slack = (
        100 * EPS * network.n_modes * (size + np.abs(network.bath_rates * levels).max() + np.abs(network.drive).max())
    )
    assert np.abs(found - expected).max() <= slack


def operators(size, cutoff):
    one = qutip.destroy(cutoff)
    return [qutip.tensor([one if m == k else qutip.qeye(cutoff) for m in range(size)]) for k in range(size)]


@pytest.fixture(scope="module")
def fock():
    """Two coupled modes as density matrices: the operators, the energy of each node and the steady state."""
    network = wn.Network(
        [[1.0, 0.3 + 0.2j], [0.3 - 0.2j, 1.4]], [wn.ThermalBath(0, 0.5, 0.02), wn.ThermalBath(1, 0.8, 0.1)]
    )
    a, h = operators(2, 7), network.hamiltonian
    link = h[0, 1] * a[0].dag() * a[1]
    link = (link + link.dag()) / 2
    nodes = [h[k, k] * a[k].dag() * a[k] + link for k in range(2)]
    jumps = [
        [np.sqrt(b.rate * (b.occupation + 1)) * a[b.mode], np.sqrt(b.rate * b.occupation) * a[b.mode].dag()]
        for b in network.baths
    ]
    rho = qutip.steadystate(nodes[0] + nodes[1], [jump for pair in jumps for jump in pair])
    return network, nodes, jumps, rho


def test_energy_currents_against_density_matrices(fock):
    """j^E_kl = i <[h_l, h_k]>."""
    network, nodes, _, rho = fock
    expected = qutip.expect(1j * (nodes[1] * nodes[0] - nodes[0] * nodes[1]), rho)
    found = wn.steady_state(network).energy_currents
    assert found[0, 1] == pytest.approx(expected.real, abs=1e-6)
    assert np.array_equal(found, -found.T)


def test_heat_currents_against_density_matrices(fock):
    """- Tr[H D_b(rho)] for each bath: the energy of the damped links is in it."""
    network, nodes, jumps, rho = fock
    hamiltonian = nodes[0] + nodes[1]
    found = wn.steady_state(network).heat_currents
    for bath, pair in enumerate(jumps):
        lost = -sum(qutip.lindblad_dissipator(jump, jump) for jump in pair)
        flow = (qutip.vector_to_operator(lost * qutip.operator_to_vector(rho)) * hamiltonian).tr()
        assert found[bath] == pytest.approx(flow.real, abs=1e-6)


def test_energy_currents_reach_next_nearest_neighbors():
    """In a chain of three the links carry energy, so the ends exchange some, though no excitations."""
    network = wn.models.chain(3, hopping=0.5, rate=1.0, occupations=(1, 2), frequency=[1.0, 2.0, 1.5])
    ness = wn.steady_state(network)
    assert ness.currents[0, 2] == 0
    assert abs(ness.energy_currents[0, 2]) > 1e-3


def test_currents_of_quasi_probability_vanish_at_local_equilibrium():
    network = wn.Network(np.diag([1.0, 2.0]), [wn.ThermalBath(0, 0.5, 1.0), wn.ThermalBath(1, 0.7, 3.0)])
    equilibrium = wn.GaussianState.thermal([1.0, 3.0])
    points = np.array([[0.3 + 0.1j, -1.0], [2.0, 1j]])
    assert np.abs(thermo.irreversible_currents(network, equilibrium, points)).max() < 1e-17


@given(st.data())
def test_fokker_planck_equation_balances(data):
    """Eqs. (6), (7), (10): the divergences of J and A are dW/dt, here against the moments' rates, by finite differences."""
    network = data.draw(pumped(2))
    state = data.draw(states(network.n_modes))
    if np.linalg.cond(state.covariance()) > 1e3:
        return
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    size = network.n_modes
    spread = np.sqrt(np.linalg.eigvalsh(state.covariance()).min())
    point = state.mean + 0.5 * spread * (rng.normal(size=size) + 1j * rng.normal(size=size))
    step = 1e-4 * spread

    def field(alpha):
        baths = thermo.irreversible_currents(network, state, alpha)
        return thermo.reversible_currents(network, state, alpha) + baths  # one bath on every node

    divergence = 0.0
    for k in range(size):
        unit = np.eye(size)[k] * step
        along_x = (field(point + unit) - field(point - unit))[k] / (2 * step)
        along_y = (field(point + 1j * unit) - field(point - 1j * unit))[k] / (2 * step)
        divergence += (along_x - 1j * along_y).real  # d/dalpha and its conjugate: 2 Re of half of this

    drift = -1j * network.hamiltonian - np.diag(network.mode_rates / 2)
    levels = np.array([bath.occupation for bath in network.baths])
    one = drift @ state.normal - 1j * network.pairing @ state.anomalous.conj()
    two = drift @ state.anomalous - 1j * network.pairing @ state.normal.conj()
    rates = (
        drift @ state.mean - 1j * network.pairing @ state.mean.conj() - 1j * network.drive,
        one + one.conj().T + np.diag(network.bath_rates * levels),
        two + two.T - 1j * network.pairing,
    )
    moments = (state.mean, state.normal, state.anomalous)
    scale = 1 + np.abs(network.drift).max() + np.abs(rates[1]).max() + np.abs(rates[0]).max()
    time = 1e-5 / scale * spread**2
    ahead, behind = (
        wn.GaussianState(*(m + sign * time * r for m, r in zip(moments, rates, strict=True)), trusted=True).wigner(
            point
        )
        for sign in (1, -1)
    )
    height = state.wigner(point) * scale * size / spread**2
    assert abs((ahead - behind) / (2 * time) - divergence) < 1e-3 * height


def test_shapes_of_the_fields():
    network = wn.models.chain(3, hopping=0.5, rate=1.0, occupations=(1, 2))
    state = wn.steady_state(network).state
    points = np.zeros((4, 5, 3))
    assert thermo.irreversible_currents(network, state, points).shape == (4, 5, 2)
    assert thermo.reversible_currents(network, state, points).shape == (4, 5, 3)
    with pytest.raises(InvalidStateError, match="points"):
        thermo.reversible_currents(network, state, np.zeros(2))


@pytest.mark.parametrize(
    "function",
    [
        thermo.excitation_currents,
        thermo.excitation_gain,
        thermo.energy_currents,
        thermo.bath_currents,
        thermo.heat_currents,
        thermo.entropy_flux,
        thermo.entropy_production,
        thermo.wigner_entropy,
        thermo.von_neumann_entropy,
        thermo.relative_entropy,
        thermo.entropy_rate,
        thermo.unitary_production,
        thermo.onsager_production,
        thermo.production_split,
        thermo.affinities,
    ],
)
def test_a_state_of_other_size_is_refused(function):
    network = wn.Network(np.eye(3), [wn.ThermalBath(k, 1.0, 1.0) for k in range(3)])
    with pytest.raises(InvalidStateError, match="must have 3 modes, like the network, but has 2"):
        function(network, wn.GaussianState.vacuum(2))


def test_states_and_networks_are_left_alone():
    network = wn.models.random_network(4, rng=2)
    state = wn.steady_state(network).state
    kept = state.normal.copy(), network.hamiltonian.copy()
    for function in (
        thermo.entropy_production,
        thermo.relative_entropy,
        thermo.excitation_currents,
        thermo.heat_currents,
    ):
        function(network, state)
    assert np.array_equal(state.normal, kept[0])
    assert np.array_equal(network.hamiltonian, kept[1])
