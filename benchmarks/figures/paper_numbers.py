"""Figure 6: the paper's numbers, by the closed form and by ``steady_state``, with deviations."""

from __future__ import annotations

import numpy as np

import wignerness as wn
from wignerness.analysis.scaling import local_exponents

FIGURE_3 = {"hopping": 3e-7, "rate": 1e-6, "occupations": (1.0, 2.0), "probe_rate": 1e-7}

# Productions of the real baths and of the probes along Fig. 3, computed with 90 digits.
PRODUCTIONS = {
    2: ("3.066375175634799e-8", "2.212960572419135e-9"),
    10: ("1.304612619927383e-8", "8.192811853823511e-9"),
    15: ("8.858073755305117e-9", "8.53323059252097e-9"),
    16: ("8.26791019796075e-9", "8.515306585256033e-9"),
    100: ("5.672858901393433e-10", "3.695591552134191e-9"),
    1000: ("7.191389779589641e-12", "4.66835866787663e-10"),
    10**4: ("7.377284224583007e-14", "4.786582326665695e-11"),
    10**6: ("7.398188376680309e-18", "4.799865538878272e-13"),
}
SOLVED_UP_TO = 100  # by steady_state too


def parts() -> list[tuple]:
    """One part."""
    return [()]


def whole(found: list[dict]) -> dict:
    """The figure from its part."""
    return found[0]


def part() -> dict:
    """Rows (quantity, by which route, value, expected, relative deviation)."""
    rows = [*_productions(), *_profiles(), *_crossing(), *_exponents()]
    return {"rows": rows, "worst_deviation": max(row["deviation"] for row in rows)}


def _row(quantity, route, value, expected):
    deviation = abs(value / float(expected) - 1)
    return {
        "quantity": quantity,
        "route": route,
        "value": float(value),
        "expected": str(expected),
        "deviation": float(deviation),
    }


def _productions():
    for length, (real, probes) in PRODUCTIONS.items():
        exact = wn.exact.chain(length, **FIGURE_3)
        yield _row(f"Fig. 3, L = {length}, Pi_r", "closed form", exact.entropy_production_real, real)
        yield _row(f"Fig. 3, L = {length}, Pi_sc", "closed form", exact.entropy_production_probes, probes)
        if length <= SOLVED_UP_TO:
            ness = wn.steady_state(wn.models.chain(length, **FIGURE_3))
            split = wn.thermodynamics.production_split(ness.network, ness.state)
            for name, value, expected in zip(("Pi_r", "Pi_sc"), split, (real, probes), strict=True):
                yield _row(f"Fig. 3, L = {length}, {name}", "steady_state", value, expected)


def _profiles():
    flat = wn.steady_state(wn.models.chain(10, hopping=1e-5, rate=1e-5, occupations=(1, 2))).occupations
    for node, expected in ((0, "1.4"), (5, "1.5"), (9, "1.6")):
        yield _row(f"Fig. 2, Gamma = 0, occupation of node {node + 1}", "steady_state", flat[node], expected)
    parameters = {"hopping": 1e-5, "rate": 1e-5, "occupations": (1, 2), "probe_rate": 1e-6}
    sloped = wn.steady_state(wn.models.chain(10, **parameters)).occupations
    # (29)-(31) with hopping = rate = 10 Gamma: N_k = 3/2 - (shape)/(2 (4 + 1 + 9/10)).
    shapes = [(9 - 2 * k) / 10 + (k == 0) - (k == 9) for k in range(10)]
    for node in (0, 1, 2, 9):
        expected = repr(1.5 - shapes[node] / (2 * 5.9))
        yield _row(f"Fig. 2, Gamma = 1e-6, occupation of node {node + 1}", "steady_state", sloped[node], expected)


def _crossing():
    lengths = np.arange(2, 41)
    curve = wn.exact.chain_scaling(lengths, **FIGURE_3)
    real, probes = curve.entropy_production_real, curve.entropy_production_probes
    yield _row("Fig. 3, length of the largest Pi_sc", "closed form", lengths[np.argmax(probes)], "15")
    yield _row("Fig. 3, first length with Pi_sc > Pi_r", "closed form", lengths[np.argmax(probes > real)], "16")


def _exponents():
    """-1 + 28.0/L and -2 + 28.6/L: the laws 1/L and 1/L^2 are true, and slowly reached."""
    lengths = np.unique(np.geomspace(80, 125000, 400).round().astype(int))
    curve = wn.exact.chain_scaling(lengths, **FIGURE_3)
    for name, values, expected in (
        ("Pi_sc", curve.entropy_production_probes, {100: "-0.755", 1000: "-0.972", 10**5: "-0.9997"}),
        ("Pi_r", curve.entropy_production_real, {100: "-1.753", 1000: "-1.972", 10**5: "-1.9997"}),
    ):
        exponents = local_exponents(lengths, values)
        for length, digits in expected.items():
            found = np.interp(length, lengths, exponents)
            # The expected value is rounded to these digits, and so is ours.
            places = len(digits.partition(".")[2])
            yield _row(f"local exponent of {name} at L = {length}", "closed form", round(found, places), digits)
