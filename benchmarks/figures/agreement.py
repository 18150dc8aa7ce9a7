"""Figure 5: independent routes to the same numbers."""

from __future__ import annotations

from itertools import count as counting

import numpy as np
import oracle
import routes
import systems

import wignerness as wn

# What a density matrix cut off at this level misses is of the order (n/(n+1))^level.
LEVELS = 8


def parts() -> list[tuple]:
    """One part."""
    return [()]


def whole(found: list[dict]) -> dict:
    """The figure from its part."""
    return found[0]


def part() -> dict:
    """Largest difference of C between ``steady_state`` and each route, absolute, with the system it was seen on."""
    chosen = [build() for build in systems.SYSTEMS]
    found = {
        "closed form": _against_exact(chosen),
        "ball arithmetic": _against_balls(chosen),
        "SLICOT": _against(routes.by_slicot, chosen),
        "SciPy": _against(routes.by_scipy, chosen),
        "evolution in time": _against(routes.by_evolution, chosen),
        "density matrix (QuTiP)": _against_density_matrix(),
    }
    return {"routes": found, "agree": all(entry["largest_over_allowed"] <= 1 for entry in found.values())}


def _entry(differences, what):
    """Differences as (system, found, allowed)."""
    name, largest, _ = max(differences, key=lambda d: d[1])
    return {
        "compared": what,
        "systems": len(differences),
        "largest_difference": float(largest),
        "on": name,
        "largest_over_allowed": float(max(found / allowed for _, found, allowed in differences)),
    }


def _against_exact(chosen):
    differences = []
    for system in chosen:
        ness = wn.steady_state(system.network)
        exact = np.array([float(n) for n in system.exact["occupations"]])
        differences.append(
            (system.name, np.abs(ness.occupations - exact).max(), ness.error_bound + 2e-16 * exact.max())
        )
    return _entry(differences, "occupations, within the stated bound")


def _against_balls(chosen):
    differences = []
    for system in chosen:
        size = system.network.n_modes
        if size > 8:
            continue
        ness, true = wn.steady_state(system.network), oracle.truth(system.network)
        found = max(
            oracle.complex_error(ness.state.normal[i, j], true.normal[i, j]) for i in range(size) for j in range(size)
        )
        differences.append((system.name, found, ness.error_bound or 1e-300))
    return _entry(differences, "C, within the stated bound")


def _against(route, chosen):
    """A solver in double precision is right to a few eps times the condition of the equation."""
    differences = []
    for system in chosen:
        ness = wn.steady_state(system.network)
        condition = np.abs(ness.network.drift).sum(axis=1).max() / ness.separation
        if condition > 1e8:
            continue
        other = route(ness.network)
        allowed = 20 * np.finfo(float).eps * condition * ness.occupations.max() * ness.network.n_modes
        differences.append((system.name, np.abs(ness.state.normal - other).max(), allowed))
    return _entry(differences, "C, within what the condition of the equation costs a double")


def _against_density_matrix():
    number = counting(1)
    differences = []
    for cold, hot, link in ((0.02, 0.1, 0.3 + 0.2j), (0.0, 0.05, 0.5), (0.1, 0.1, 0.2j)):
        baths = [wn.ThermalBath(0, 0.5, cold), wn.ThermalBath(1, 0.8, hot)]
        network = wn.Network([[1.0, link], [np.conj(link), 1.4]], baths)
        _, normal, _, _ = routes.by_density_matrix(network, LEVELS)
        ness = wn.steady_state(network)
        largest = ness.occupations.max()
        cut = 2 * LEVELS * (largest / (1 + largest)) ** LEVELS + 1e-9  # and what its linear solver leaves
        differences.append((f"cold pair {next(number)}", np.abs(ness.state.normal - normal).max(), cut))
    return _entry(differences, f"C of two modes, {LEVELS} levels each, within what the cut-off misses")
