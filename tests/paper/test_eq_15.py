"""Eq. (15): the production after integration by parts."""

from __future__ import annotations

import numpy as np

from wignerness import thermodynamics
from wignerness.paper.equations import EQUATIONS
from wignerness.paper.equations.entropy_balance import fields
from wignerness.paper.systems import pair


def test_equation_15():
    record = EQUATIONS["15"]()
    assert record.number == "15"
    assert record.passed, record


def test_each_bath_has_its_own_share():
    p, f = pair(), fields()
    shares = [f.integral(2 * (f.currents[:, k] * f.slopes[k].conj()).real) for k in range(2)]
    np.testing.assert_allclose(shares, thermodynamics.entropy_production(p.network, p.state), rtol=1e-8)
    assert min(shares) > 0
