"""Steady states with their full balance per second, for chains of 8 modes with probes: sweeps beside a plain SciPy loop.

    python benchmarks/sweeps.py --points 2000

The balance is occupations, flux, production, currents and heat of every bath, and the Wigner entropy. The plain loop
solves the Lyapunov equation by `scipy.linalg.solve_continuous_lyapunov`, closes the probes by iteration, and computes
the production of Eq. (C2); it checks nothing and knows no errors. Each row names its worst disagreement with the
refined solution.
"""

from __future__ import annotations

import argparse
import os
import time

import numpy as np
from scipy import linalg

import wignerness as wn
from wignerness.analysis import InProcess, Processes
from wignerness.solvers import Batch

LENGTH, RATE, PROBE, ENDS = 8, 1.0, 0.1, (1.0, 2.0)


def chain(hopping: float) -> wn.Network:
    return wn.models.chain(LENGTH, hopping=hopping, rate=RATE, occupations=ENDS, probe_rate=PROBE)


def plain_loop(hoppings: np.ndarray) -> np.ndarray:
    """Productions of all baths, the real ones first, as a script would compute them."""
    productions = []
    for hopping in hoppings:
        a = np.diag([1j * hopping] * (LENGTH - 1), 1) + np.diag([-1j * hopping] * (LENGTH - 1), -1)
        rates = np.full(LENGTH, PROBE)
        rates[[0, -1]] += RATE
        drift = -1j * a - np.diag(rates) / 2
        fed, levels = np.zeros(LENGTH), np.full(LENGTH, 1.5)
        fed[[0, -1]] = RATE * np.array(ENDS)
        for _ in range(200):
            moments = linalg.solve_continuous_lyapunov(drift, -np.diag(fed + PROBE * levels).astype(complex))
            found = moments.diagonal().real
            if np.abs(found - levels).max() < 1e-13:
                break
            levels = found
        inverse = np.linalg.inv(moments + np.eye(LENGTH) / 2).diagonal().real
        baths = [(0, RATE, ENDS[0]), (LENGTH - 1, RATE, ENDS[1]), *((k, PROBE, found[k]) for k in range(LENGTH))]
        productions.append([g * (found[k] - n) / (n + 0.5) - g + g * (n + 0.5) * inverse[k] for k, g, n in baths])
    return np.array(productions)


def timed(name: str, points: int, compute, exact: np.ndarray | None = None) -> np.ndarray:
    wall, processor = time.perf_counter(), time.process_time()
    production = compute()
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    error = "" if exact is None else f"{np.abs(production / exact[: len(production)] - 1).max():.0e}"
    print(f"| {name} | {points} | {points / wall:.0f} | {1e6 * processor / points:.0f} | {error} |", flush=True)
    return production


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, default=2000)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    hoppings = np.linspace(0.1, 1.0, arguments.points)
    few = hoppings[: max(50, arguments.points // 20)]

    def swept(values, **options):
        return wn.sweep(chain, {"hopping": values}, **options).entropy_production.values

    swept(few[:2], solver=Batch())
    print(f"load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores\n")
    print("| what | points | points a second | processor us a point | worst relative error of a production |")
    print("| --- | --- | --- | --- | --- |")
    exact = swept(hoppings, executor=Processes(arguments.workers))
    timed("refined, in process", len(few), lambda: swept(few), exact)
    timed("in stacks, in process", len(hoppings), lambda: swept(hoppings, solver=Batch(), executor=InProcess()), exact)
    timed(
        f"in stacks, {arguments.workers} processes (starting them included)", len(hoppings),
        lambda: swept(hoppings, solver=Batch(), executor=Processes(arguments.workers)), exact,
    )  # fmt: skip
    timed("plain SciPy loop", len(few), lambda: plain_loop(few), exact)


if __name__ == "__main__":
    main()
