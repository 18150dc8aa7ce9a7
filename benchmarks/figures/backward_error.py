"""Figure 1: backward errors of steady states over many networks."""

from __future__ import annotations

from collections import Counter

import hard_cases
import numpy as np

import wignerness as wn
from wignerness.errors import ConvergenceError, NoUniqueSteadyStateError
from wignerness.linalg.compensated import Pair, add, product

EPS = float(np.finfo(np.float64).eps)

# Sizes are drawn from these ranges with these weights: many small networks, some of every size up to 400.
SIZES = (((2, 12), 0.700), ((13, 40), 0.200), ((41, 120), 0.080), ((121, 240), 0.017), ((241, 400), 0.003))

FAMILIES = (
    hard_cases.ordinary,
    hard_cases.rates_over_many_decades,
    hard_cases.rates_over_sixteen_decades,
    hard_cases.weak_links,
    hard_cases.near_equilibrium,
    hard_cases.common_frequency,
    hard_cases.huge_occupations,
    hard_cases.disconnected,
    hard_cases.partial_probes,
    hard_cases.exceptional_points,
    hard_cases.cascades,
)


def chains(rng, largest):
    """The paper's chain with probes, parameters over four decades."""
    hopping, rate, probe_rate = 10.0 ** rng.uniform(-2, 2, 3)
    return wn.models.chain(largest, hopping=hopping, rate=rate, occupations=(1, 2), probe_rate=probe_rate)


def lattices(rng, largest):
    """A square lattice with a bath on every node of its boundary columns."""
    side = max(2, int(np.sqrt(largest)))
    left, right = (
        [wn.ThermalBath(side * k + column, rng.uniform(0.1, 1), n) for k in range(side)]
        for column, n in ((0, 1.0), (side - 1, 3.0))
    )
    return wn.models.lattice((side, side), hopping=rng.uniform(0.1, 2), disorder=1.0, rng=rng, baths=[*left, *right])


ALL_FAMILIES = (*FAMILIES, chains, lattices)
PART = 130  # networks


def parts(count: int, seed: int) -> list[tuple]:
    """Arguments of the parts; each has all families in equal shares."""
    return [(min(PART, count - done), [seed, 1, done]) for done in range(0, count, PART)]


def part(count: int, seed: list[int]) -> dict:
    """Backward errors in units of the machine precision 2^-52, recomputed from the delivered C."""
    rng = np.random.default_rng(seed)
    errors, stated, sizes, declined = [], [], Counter(), Counter()
    worst = ("", 0, 0.0)
    for index in range(count):
        (low, high), _ = SIZES[rng.choice(len(SIZES), p=[p for _, p in SIZES])]
        family = ALL_FAMILIES[index % len(ALL_FAMILIES)]
        network = family(rng, int(rng.integers(low, high + 1)))
        try:
            ness = wn.steady_state(network)
        except (ConvergenceError, NoUniqueSteadyStateError) as error:
            declined[f"{family.__name__}: {type(error).__name__}"] += 1
            continue
        found = backward_error(ness.network, ness.state.normal) / EPS
        errors.append(found)
        stated.append(ness.residual / EPS)
        sizes[_size_class(network.n_modes)] += 1
        if found > worst[2]:
            worst = (family.__name__, network.n_modes, found)
    return {"errors": errors, "stated": stated, "sizes": sizes, "declined": declined, "worst": worst}


def whole(found: list[dict]) -> dict:
    """The figure from its parts."""
    errors, stated = ([value for one in found for value in one[name]] for name in ("errors", "stated"))
    sizes, declined = (sum((Counter(one[name]) for one in found), Counter()) for name in ("sizes", "declined"))
    family, modes, _ = max((one["worst"] for one in found), key=lambda worst: worst[2])
    return {
        "networks": len(errors),
        "families": [family.__name__ for family in ALL_FAMILIES],
        "sizes": {name: sizes[name] for name in (_size_class(high) for (_, high), _ in SIZES)},
        "worst_eps": max(errors),
        "worst_case": {"family": family, "modes": modes},
        "median_eps": float(np.median(errors)),
        "stated_worst_eps": max(stated),
        "declined": dict(declined),
    }


def backward_error(network, c):
    """|A C + C A^+ + f| / (2 |A| |C| + |f|) in Frobenius norms, a common frequency taken off, residual in twice the precision."""
    frequency = np.median(np.diag(network.hamiltonian).real)
    a = np.array(network.drift)
    a[np.diag_indices_from(a)] += 1j * frequency
    f = np.asarray(network.diffusion, dtype=complex)
    unit = 2.0 ** -np.round(np.log2(np.abs(a).max()))
    half = product(Pair.exactly(a * unit), Pair.exactly(c))
    left = add(add(half, half.adjoint), Pair.exactly(f * unit)).hi / unit
    norm = np.linalg.norm
    size = 2 * norm(a) * norm(c) + norm(f)
    return float(norm(left) / size) if size else 0.0


def _size_class(modes: int) -> str:
    low, high = next(bounds for bounds, _ in SIZES if modes <= bounds[1])
    return f"{low}-{high}" if low > 2 else f"1-{high}"
