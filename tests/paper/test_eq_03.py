"""Eq. (3): the local master equation."""

from __future__ import annotations

import numpy as np
import qutip

from wignerness.paper.equations import EQUATIONS
from wignerness.paper.systems import pair


def test_equation_03():
    record = EQUATIONS["3"]()
    assert record.number == "3"
    assert record.passed, record


def test_generator_of_another_library():
    """Rates of change of <a_k> and <a_j^+ a_i> under QuTiP's generator, for a product of coherent states."""
    network, levels, alpha = pair().network, 14, (0.4 - 0.1j, 0.3j)
    a = [
        qutip.tensor(qutip.destroy(levels), qutip.qeye(levels)),
        qutip.tensor(qutip.qeye(levels), qutip.destroy(levels)),
    ]
    h = sum(complex(network.hamiltonian[i, j]) * a[i].dag() * a[j] for i in range(2) for j in range(2))
    rho = qutip.tensor(*(qutip.coherent_dm(levels, z, method="analytic") for z in alpha))
    change = -1j * (h * rho - rho * h)
    for mode, rate, n in zip(network.bath_modes, network.bath_rates, network.bath_occupations, strict=True):
        for strength, jump in ((rate * (n + 1), a[mode]), (rate * n, a[mode].dag())):
            change += strength * qutip.lindblad_dissipator(jump, jump)(rho)
    mean, normal = np.array(alpha), np.outer(alpha, np.conj(alpha))
    np.testing.assert_allclose([(change * x).tr() for x in a], network.drift @ mean, atol=1e-9)
    expected = network.drift @ normal + normal @ network.drift.conj().T + network.diffusion
    found = [[(change * a[j].dag() * a[i]).tr() for j in range(2)] for i in range(2)]
    np.testing.assert_allclose(found, expected, atol=1e-9)
