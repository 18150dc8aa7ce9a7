"""Transients against QuTiP's integration of the master equation in a truncated Fock space."""

from __future__ import annotations

import numpy as np
import pytest
import qutip

import wignerness as wn
from wignerness import thermodynamics as thermo

TIMES = [0.0, 0.4, 1.5, 6.0]
OPTIONS = {"atol": 1e-12, "rtol": 1e-10, "nsteps": 100_000, "progress_bar": ""}


def ladder_operators(size, levels):
    one = [qutip.qeye(levels)] * size
    return [qutip.tensor([*one[:k], qutip.destroy(levels), *one[k + 1 :]]) for k in range(size)]


def jumps(network, a):
    """The jump operators of Eq. (4), of squeezed baths, of jump baths and of dephasing."""
    found = []
    for bath in network.baths:
        if isinstance(bath, wn.JumpBath):
            terms = [[u[k] * a[k] + v[k] * a[k].dag() for k in bath.support] for u, v in bath.jumps]
            found += [sum(term[1:], term[0]) for term in terms]
            continue
        mode, rate = a[bath.mode], bath.rate
        if isinstance(bath, wn.Dephasing):
            found.append(np.sqrt(rate) * mode.dag() * mode)
        else:
            n = bath.occupation
            found += [np.sqrt(rate * (n + 1)) * mode, np.sqrt(rate * n) * mode.dag()]
    return found


def hamiltonian(network, a):
    size = range(network.n_modes)
    h = sum(complex(network.hamiltonian[i, j]) * a[i].dag() * a[j] for i in size for j in size)
    h += sum(complex(network.pairing[i, j]) / 2 * a[i].dag() * a[j].dag() for i in size for j in size)
    h += sum(complex(np.conj(network.pairing[i, j])) / 2 * a[j] * a[i] for i in size for j in size)
    h += sum(complex(network.drive[i]) * a[i].dag() + complex(np.conj(network.drive[i])) * a[i] for i in size)
    return h


def by_density_matrix(network, rho, levels):
    """Means, <a_j^+ a_i>, <a_i a_j> and the von Neumann entropy at TIMES."""
    a = ladder_operators(network.n_modes, levels)
    result = qutip.mesolve(hamiltonian(network, a), rho, TIMES, jumps(network, a), options=OPTIONS)
    size = range(network.n_modes)
    for state in result.states:
        mean = np.array([qutip.expect(a[i], state) for i in size])
        normal = np.array([[qutip.expect(a[j].dag() * a[i], state) for j in size] for i in size])
        pairs = np.array([[qutip.expect(a[i] * a[j], state) for j in size] for i in size])
        yield mean, normal, pairs, qutip.entropy_vn(state)


def compare(network, start, rho, levels, tolerance):
    run = wn.evolve(network, start, TIMES)
    for state, (mean, normal, pairs, entropy) in zip(run.states, by_density_matrix(network, rho, levels), strict=True):
        np.testing.assert_allclose(state.mean, mean, atol=tolerance)
        np.testing.assert_allclose(state.correlations, normal, atol=tolerance)
        found = state.anomalous + np.outer(state.mean, state.mean)
        np.testing.assert_allclose(found, pairs, atol=tolerance)
        if not network.dephasings:
            assert thermo.von_neumann_entropy(run.network, state) == pytest.approx(entropy, abs=30 * tolerance)


def test_one_mode_displaced_squeezed_and_driven():
    levels = 50
    network = wn.Network([[1.0]], [wn.ThermalBath(0, 0.5, 0.2)], pairing=[[0.1j]], drive=[0.2 - 0.1j])
    shift = qutip.displace(levels, 0.6 - 0.3j)
    squeeze = qutip.squeeze(levels, 0.3)
    rho = shift * squeeze * qutip.thermal_dm(levels, 0.1) * squeeze.dag() * shift.dag()
    n, r = 0.1, 0.3
    start = wn.GaussianState(
        [0.6 - 0.3j], [[(n + 0.5) * np.cosh(2 * r) - 0.5]], [[-(n + 0.5) * np.sinh(2 * r)]]
    )  # fmt: skip
    compare(network, start, rho, levels, 1e-8)


def test_two_modes_with_a_complex_hopping():
    levels = 10
    network = wn.Network(
        [[1.0, 0.3 + 0.2j], [0.3 - 0.2j, 1.4]], [wn.ThermalBath(0, 0.5, 0.02), wn.ThermalBath(1, 0.8, 0.1)]
    )
    rho = qutip.tensor(qutip.coherent_dm(levels, 0.3), qutip.thermal_dm(levels, 0.05))
    start = wn.GaussianState([0.3, 0.0], np.diag([0.0, 0.05]))
    compare(network, start, rho, levels, 1e-7)


def test_a_network_that_never_settles():
    """One mode without a bath: no steady state, and the same transient."""
    levels = 10
    network = wn.Network(np.diag([1.0, 1.3]), [wn.ThermalBath(0, 0.5, 0.05)])
    rho = qutip.tensor(qutip.coherent_dm(levels, 0.3), qutip.coherent_dm(levels, 0.2j))
    compare(network, wn.GaussianState.coherent([0.3, 0.2j]), rho, levels, 1e-7)


def test_gain():
    levels = 40
    bath = wn.JumpBath([([0.7], [0.0]), ([0.0], [0.3])])
    rho = qutip.coherent_dm(levels, 0.4)
    compare(wn.Network([[0.5]], [bath]), wn.GaussianState.coherent([0.4]), rho, levels, 1e-8)


def test_dephasing():
    """Not Gaussian: first and second moments, of a squeezed and displaced start."""
    levels = 12
    network = wn.Network(
        [[1.0, 0.3], [0.3, 1.2]], [wn.ThermalBath(0, 0.5, 0.02), wn.Dephasing(1, 0.6), wn.Dephasing(0, 0.1)]
    )
    squeeze = qutip.squeeze(levels, 0.2)
    squeezed = squeeze * qutip.fock_dm(levels, 0) * squeeze.dag()
    rho = qutip.tensor(qutip.coherent_dm(levels, 0.3), squeezed)
    start = wn.GaussianState([0.3, 0.0], np.diag([0.0, np.sinh(0.2) ** 2]), np.diag([0.0, -np.sinh(0.4) / 2]))
    compare(network, start, rho, levels, 1e-7)


DRIVEN_AND_DEPHASED = wn.Network(
    [[0.4, 0.3], [0.3, -0.2]],
    [wn.ThermalBath(0, 0.5, 0.02), wn.Dephasing(1, 0.6), wn.Dephasing(0, 0.1)],
    drive=[0.1, 0.05j],
)


def test_dephasing_of_a_driven_network():
    levels = 12
    squeeze = qutip.squeeze(levels, 0.2)
    squeezed = squeeze * qutip.fock_dm(levels, 0) * squeeze.dag()
    rho = qutip.tensor(qutip.coherent_dm(levels, 0.3), squeezed)
    start = wn.GaussianState([0.3, 0.0], np.diag([0.0, np.sinh(0.2) ** 2]), np.diag([0.0, -np.sinh(0.4) / 2]))
    compare(DRIVEN_AND_DEPHASED, start, rho, levels, 1e-7)


def test_dephasing_of_a_driven_network_that_never_settles():
    levels = 12
    alone = wn.Network(np.diag([0.4, 0.0]), [wn.ThermalBath(0, 0.5, 0.02), wn.Dephasing(1, 0.6)], drive=[0.1, 0.02j])
    rho = qutip.tensor(qutip.coherent_dm(levels, 0.3), qutip.coherent_dm(levels, 0.2j))
    compare(alone, wn.GaussianState.coherent([0.3, 0.2j]), rho, levels, 1e-7)


def test_steady_state_of_a_driven_network_with_dephasing():
    """The phase diffuses: <a^2> is smaller than <a>^2, and S is what is missing."""
    network = wn.Network([[0.4]], [wn.ThermalBath(0, 0.5, 0.1), wn.Dephasing(0, 0.6)], drive=[0.2 + 0.1j])
    a = ladder_operators(1, 30)
    rho = qutip.steadystate(hamiltonian(network, a), jumps(network, a))
    state = wn.steady_state(network).state
    mean = np.array([qutip.expect(one, rho) for one in a])
    pairs = np.array([[qutip.expect(one * other, rho) for other in a] for one in a])
    np.testing.assert_allclose(state.mean, mean, atol=1e-8)
    np.testing.assert_allclose(state.anomalous, pairs - np.outer(mean, mean), atol=1e-8)
    assert np.abs(state.anomalous).max() > 1e-3
