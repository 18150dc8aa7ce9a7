"""Eq. (C2): the production from the inverse covariance."""

from __future__ import annotations

import mpmath
import numpy as np

import wignerness as wn
from wignerness.paper.equations import EQUATIONS


def test_equation_c2():
    record = EQUATIONS["C2"]()
    assert record.number == "C2"
    assert record.passed, record


def test_printed_formula_cancels_near_equilibrium_and_ours_does_not():
    """Three nodes 1e-7 from equilibrium, against 60 digits."""
    n = (1.0, 1.0 + 1e-7, 1.0 - 1e-7)
    h = np.diag([0.3, 0.3], 1) + np.diag([0.3, 0.3], -1)
    network = wn.Network(h, [wn.ThermalBath(k, 0.5, value) for k, value in enumerate(n)])
    ness = wn.steady_state(network)
    with mpmath.workdps(60):
        true = productions_at_many_digits(h, n)
    np.testing.assert_allclose(ness.entropy_production, [float(value) for value in true], rtol=1e-10)
    inverse = np.diag(np.linalg.inv(ness.state.normal + np.eye(3) / 2)).real
    printed = 0.5 * ((ness.occupations - n) / (np.array(n) + 0.5) - 1 + (np.array(n) + 0.5) * inverse)
    assert np.abs(printed / np.array(true, dtype=float) - 1).max() > 1e-3


def productions_at_many_digits(h, n):
    """Eq. (C2) as printed for three nodes of rate 1/2, the moments from nine linear equations."""
    size = len(n)
    drift = mpmath.matrix(size)
    for i in range(size):
        for j in range(size):
            drift[i, j] = mpmath.mpc(0, -h[i, j]) - (mpmath.mpf(1) / 4 if i == j else 0)
    system, source = mpmath.matrix(size**2), mpmath.matrix(size**2, 1)
    for i in range(size):
        source[i * size + i] = -mpmath.mpf(n[i]) / 2
        for j in range(size):
            for k in range(size):
                system[i * size + j, k * size + j] += drift[i, k]
                system[i * size + j, i * size + k] += mpmath.conj(drift[j, k])
    solution = mpmath.lu_solve(system, source)
    half = mpmath.mpf(1) / 2
    shifted = mpmath.matrix(size)
    for i in range(size):
        for j in range(size):
            shifted[i, j] = solution[i * size + j] + (half if i == j else 0)
    inverse = mpmath.inverse(shifted)
    widths = [mpmath.mpf(value) + half for value in n]
    return [half * ((shifted[k, k].real - d) / d - 1 + d * inverse[k, k].real) for k, d in enumerate(widths)]
