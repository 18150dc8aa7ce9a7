"""Eq. (B1): the equation of motion of the covariance."""

from __future__ import annotations

import numpy as np

from wignerness.paper.equations import EQUATIONS
from wignerness.paper.systems import pair, propagate


def test_equation_b1():
    record = EQUATIONS["B1"]()
    assert record.number == "B1"
    assert record.passed, record


def test_covariance_relaxes_as_it_says():
    """Theta(t) by propagation, differentiated in time, against the right-hand side in the ladder order."""
    p, step = pair(), 1e-3
    later, earlier = (propagate(p.network, p.state, t).covariance("ladder") for t in (step, -step))
    h, rates = p.network.hamiltonian, np.repeat(p.network.mode_rates, 2)
    w = np.zeros((4, 4), dtype=complex)
    w[::2, ::2], w[1::2, 1::2] = -1j * h, 1j * h.conj()
    w -= np.diag(rates) / 2
    f = np.diag(rates * (np.repeat(p.network.bath_occupations, 2) + 0.5))
    theta = p.state.covariance("ladder")
    np.testing.assert_allclose((later - earlier) / (2 * step), w @ theta + theta @ w.conj().T + f, atol=1e-6)
