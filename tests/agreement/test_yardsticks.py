"""The yardsticks themselves, against ball arithmetic."""

from __future__ import annotations

from fractions import Fraction

import flint
import oracle
import pytest
from systems import SYSTEMS


def ball(value: Fraction) -> flint.arb:
    return flint.arb(flint.fmpq(value.numerator, value.denominator))


# What is larger than this is a small yardstick, continued.
SMALL = [build for build in SYSTEMS if build().network.n_modes <= 8]


@pytest.mark.parametrize("build", SMALL, ids=lambda build: build.__name__)
def test_exact_answers_are_exact(build):
    system = build()
    true = oracle.truth(system.network)
    with oracle.precision(true.bits):
        found = {
            "occupations": true.occupations,
            "current": [true.currents[0][1]] if system.network.n_modes > 1 else [],
            "flux": true.flux,
            "production": true.production,
            "total": [sum(true.production, flint.arb(0))],
        }
        for name, exact in system.exact.items():
            claimed = exact if isinstance(exact, list) else [exact]
            assert len(claimed) == len(found[name])
            for one, other in zip(claimed, found[name], strict=True):
                assert abs(ball(one) - other) < flint.arb(2) ** -90, name
