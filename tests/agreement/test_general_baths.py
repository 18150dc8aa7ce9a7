"""Squeezed, collective and dephasing baths against density matrices in a truncated Fock space."""

from __future__ import annotations

import numpy as np
import pytest
import qutip

import wignerness as wn
from wignerness.io import to_qutip

HAMILTONIAN = [[1.0, 0.3 + 0.2j], [0.3 - 0.2j, 1.4]]
COLD = (wn.ThermalBath(0, 0.5, 0.02), wn.ThermalBath(1, 0.8, 0.05))


def density_matrix(network, cutoff):
    hamiltonian, c_ops = to_qutip(network, cutoff)
    rho = qutip.steadystate(hamiltonian, c_ops)
    a = [
        qutip.tensor(qutip.destroy(cutoff), qutip.qeye(cutoff)),
        qutip.tensor(qutip.qeye(cutoff), qutip.destroy(cutoff)),
    ]
    return rho, a


def moments(rho, a):
    """Means, <a_j^+ a_i> and <a_i a_j> less the means."""
    mean = np.array([qutip.expect(op, rho) for op in a])
    normal = np.array([[qutip.expect(a[j].dag() * a[i], rho) for j in range(2)] for i in range(2)])
    anomalous = np.array([[qutip.expect(a[i] * a[j], rho) for j in range(2)] for i in range(2)])
    return mean, normal - np.outer(mean, mean.conj()), anomalous - np.outer(mean, mean)


SQUEEZED = wn.SqueezedBath.from_squeezing(0, 0.6, 0.02, 0.2, angle=0.7)
COLLECTIVE = wn.JumpBath([([0.5, 0.4j], [0.0, 0.0]), ([0.0, 0.0], [0.1, -0.1j])])
MIXED = wn.JumpBath([([0.6, 0.2], [0.05j, 0.1])])
NETWORKS = {
    "squeezed": wn.Network(HAMILTONIAN, [SQUEEZED, COLD[1]]),
    "squeezed, driven": wn.Network(HAMILTONIAN, [SQUEEZED, *COLD], drive=[0.05, 0.03j]),
    "collective": wn.Network(HAMILTONIAN, [COLLECTIVE, COLD[1]]),
    "mixed jumps, paired": wn.Network(HAMILTONIAN, [MIXED, *COLD], pairing=[[0.03, 0.05j], [0.05j, 0.0]]),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_gaussian_baths(name):
    """Moments, entropy, purity, and the excitations that each bath takes up."""
    network, cutoff = NETWORKS[name], 9
    ness = wn.steady_state(network)
    rho, a = density_matrix(network, cutoff)
    mean, normal, anomalous = moments(rho, a)
    assert ness.state.mean == pytest.approx(mean, abs=2e-6)
    assert ness.state.normal == pytest.approx(normal, abs=2e-6)
    assert ness.state.anomalous == pytest.approx(anomalous, abs=2e-6)
    entropy = wn.thermodynamics.von_neumann_entropy(network, ness.state)
    assert entropy == pytest.approx(qutip.entropy_vn(rho), abs=2e-5)
    assert wn.thermodynamics.purity(ness.state) == pytest.approx((rho * rho).tr().real, abs=2e-6)
    number = a[0].dag() * a[0] + a[1].dag() * a[1]
    hamiltonian, _ = to_qutip(network, cutoff)
    for index, bath in enumerate(network.baths):
        _, jumps = to_qutip(network.replace(baths=[bath]), cutoff)
        change = sum(qutip.lindblad_dissipator(jump)(rho) for jump in jumps)
        assert ness.bath_currents[index] == pytest.approx(-(number * change).tr().real, abs=2e-5)
        assert ness.heat_currents[index] == pytest.approx(-(hamiltonian * change).tr().real, abs=2e-5)


@pytest.mark.parametrize("drive", [None, [0.1, 0.05j]], ids=["still", "driven"])
def test_dephasing(drive):
    """First and second moments of a state that is not Gaussian."""
    baths = [wn.ThermalBath(0, 0.5, 0.02), wn.ThermalBath(1, 0.8, 0.2), wn.Dephasing(0, 0.4), wn.Dephasing(1, 0.1)]
    network = wn.Network(HAMILTONIAN, baths, drive=drive)
    ness = wn.steady_state(network)
    rho, a = density_matrix(network, 9)
    mean, normal, _ = moments(rho, a)
    assert ness.state.mean == pytest.approx(mean, abs=2e-6)
    assert ness.state.normal == pytest.approx(normal, abs=5e-6)
    current = 2 * (network.hamiltonian[0, 1] * qutip.expect(a[0].dag() * a[1], rho)).imag
    assert ness.currents[0, 1] == pytest.approx(current, abs=5e-6)


def test_negativity_of_the_density_matrix():
    """The logarithmic negativity of a two-mode squeezed steady state by partial transposition of rho."""
    network = wn.Network(
        [[0.2, 0.0], [0.0, 0.1]],
        [wn.ThermalBath(0, 1.0, 0.01), wn.ThermalBath(1, 0.8, 0.0)],
        pairing=[[0, 0.15], [0.15, 0]],
    )
    ness = wn.steady_state(network)
    rho, _ = density_matrix(network, 10)
    transposed = qutip.partial_transpose(rho, [0, 1])
    expected = np.log(np.abs(transposed.eigenenergies()).sum())
    assert wn.thermodynamics.logarithmic_negativity(ness.state, [0], [1]) == pytest.approx(expected, abs=1e-5)
