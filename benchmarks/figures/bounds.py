"""Figure 2: does the returned error bound cover the truth?"""

from __future__ import annotations

import hard_cases
import numpy as np
import oracle

import wignerness as wn
from wignerness.errors import ConvergenceError, NoUniqueSteadyStateError

LARGEST = 6


PART = 525  # networks


def parts(count: int, seed: int) -> list[tuple]:
    """Arguments of the parts; each has all families in equal shares."""
    return [(min(PART, count - done), [seed, 2, done]) for done in range(0, count, PART)]


def part(count: int, seed: list[int]) -> dict:
    """Against ball arithmetic: share of networks whose bound covers the error, how far above it is, digits of Phi and Pi."""
    rng = np.random.default_rng(seed)
    ratios, covered, declined, uncertified = [], 0, 0, 0
    worst = {"C_relative": 0.0, "flux_relative": 0.0, "production_relative": 0.0}
    uncovered = []
    for index in range(count):
        family, network = hard_cases.draw(rng, index, LARGEST)
        try:
            true = oracle.truth(network)
        except oracle.Uncertified:
            uncertified += 1
            continue
        try:
            ness = wn.steady_state(network)
        except (ConvergenceError, NoUniqueSteadyStateError):
            declined += 1
            continue
        error, largest = moment_error(ness.state, true)
        covered += error <= ness.error_bound
        if error > ness.error_bound:
            uncovered.append(family)
        # Where the delivered doubles are exact there is nothing to be above.
        if error > 1e-25 * largest:
            ratios.append(ness.error_bound / error)
        worst["C_relative"] = max(worst["C_relative"], error / largest if largest else 0.0)
        for index_of_bath, bath in enumerate(network.baths):
            pairs = (
                ("flux_relative", ness.entropy_flux[index_of_bath], true.flux[index_of_bath]),
                ("production_relative", ness.entropy_production[index_of_bath], true.production[index_of_bath]),
            )
            for name, value, exact in pairs:
                # A probe's zero is one up to the rounding of the occupation it is given.
                if oracle.is_zero(exact) and abs(value) < 1e-29 * bath.rate:
                    continue
                worst[name] = max(worst[name], oracle.relative_error(value, exact))
    return {
        "networks": count - declined - uncertified,
        "covered": covered,
        "uncovered": uncovered,
        "ratios": ratios,
        "declined": declined,
        "uncertified": uncertified,
        "worst": worst,
    }


def whole(found: list[dict]) -> dict:
    """The figure from its parts."""
    ratios = [ratio for one in found for ratio in one["ratios"]]
    return {
        **{name: sum(one[name] for one in found) for name in ("networks", "covered", "declined", "uncertified")},
        "uncovered_families": [family for one in found for family in one["uncovered"]],
        "median_bound_over_error": float(np.median(ratios)),
        "largest_bound_over_error": float(np.max(ratios)),
        **{f"worst_{name}": max(one["worst"][name] for one in found) for name in found[0]["worst"]},
    }


def moment_error(state, true):
    """Largest error of C and S, and the largest element."""
    size = state.n_modes
    pairs = [(state.normal, true.normal), (state.anomalous, true.anomalous)]
    found = max(oracle.complex_error(a[i, j], b[i, j]) for a, b in pairs for i in range(size) for j in range(size))
    return found, max(float(abs(value).abs_upper()) for value in true.normal.entries())
