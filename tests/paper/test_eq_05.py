"""Eq. (5): the Wigner function by its definition."""

from __future__ import annotations

import numpy as np
import pytest
import qutip

import wignerness as wn
from wignerness.paper.equations import EQUATIONS


def test_equation_05():
    record = EQUATIONS["5"]()
    assert record.number == "5"
    assert record.passed, record


def test_wigner_function_of_another_library():
    """QuTiP's Wigner function of a squeezed, displaced thermal state (g = 2: alpha = x + iy)."""
    levels, r, alpha, n = 60, 0.3, 0.4 - 0.2j, 0.3
    squeeze, shift = qutip.squeeze(levels, r), qutip.displace(levels, alpha)
    rho = shift * squeeze * qutip.thermal_dm(levels, n, method="analytic") * squeeze.dag() * shift.dag()
    axis = np.linspace(-1.5, 1.5, 13)
    expected = qutip.wigner(rho, axis, axis, g=2)  # rows: y
    normal = (n + 0.5) * np.cosh(2 * r) - 0.5
    state = wn.GaussianState([alpha], [[normal]], [[-(n + 0.5) * np.sinh(2 * r)]])
    found = state.wigner((axis[None, :] + 1j * axis[:, None])[..., None])
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_value_of_the_vacuum_at_the_origin():
    assert wn.GaussianState.vacuum(3).wigner(np.zeros(3)) == pytest.approx((2 / np.pi) ** 3, rel=1e-14)
