"""Local exponents of curves whose exponents are known."""

from __future__ import annotations

import numpy as np
import pytest

from wignerness import exact
from wignerness.analysis.scaling import local_exponents
from wignerness.errors import InvalidNetworkError


def test_power_laws_have_constant_exponents():
    x = np.geomspace(0.3, 4e5, 23)
    found = local_exponents(x, np.stack([2 * x**-1.5, 7 * x**3]))
    np.testing.assert_allclose(found, np.stack([np.full(23, -1.5), np.full(23, 3.0)]), atol=1e-12)


def test_uneven_spacing_keeps_second_order():
    coarse, fine = (np.geomspace(1, 10, n) ** 1.3 for n in (41, 81))
    curve = lambda x: x**-1.0 * np.exp(0.3 * x**0.5)
    errors = [np.abs(local_exponents(x, curve(x)) - (-1 + 0.15 * x**0.5)).max() for x in (coarse, fine)]
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.2)


def test_productions_of_the_chain_approach_their_power_laws():
    lengths = np.unique(np.geomspace(10, 1e5, 81).round().astype(int))
    curve = exact.chain_scaling(lengths, hopping=3e-7, rate=1e-6, occupations=(1, 2), probe_rate=1e-7)
    probes = local_exponents(lengths, curve.entropy_production_probes)
    real = local_exponents(lengths, curve.entropy_production_real)
    for length, probe, other in ((100, -0.755, -1.753), (1000, -0.972, -1.972), (100000, -0.9997, -1.9997)):
        at = int(np.argmin(np.abs(lengths - length)))
        assert probes[at] == pytest.approx(probe, abs=1.5e-3)
        assert real[at] == pytest.approx(other, abs=1.5e-3)


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        ([1, 2], [1, 2], "at least three"),
        ([1, 3, 2], [1, 2, 3], "increasing"),
        ([[1, 2, 3]], [1, 2, 3], "vector"),
        ([1, 2, 3], [1, 2], "`y` must have shape"),
        ([1, 2, 3], [1, -2, 3], r"`y\[1\]` must be positive"),
        ([0, 2, 3], [1, 2, 3], r"`x\[0\]` must be positive"),
    ],
)
def test_bad_curves_are_named(x, y, message):
    with pytest.raises(InvalidNetworkError, match=message):
        local_exponents(x, y)
