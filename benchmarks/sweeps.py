"""Steady states with their full balance per second, for chains of 8 modes with probes: sweeps beside a plain SciPy loop.

    python benchmarks/sweeps.py --points 20000

The balance is occupations, flux, production, currents and heat of every bath, and the Wigner entropy. The plain loop
solves the Lyapunov equation by `scipy.linalg.solve_continuous_lyapunov`, closes the probes by their kernel (one solution
a probe), and computes the production of Eq. (C2); it checks nothing and knows no errors. Each row names its worst
disagreement with the dense solution, which is refined beyond double precision. Time of the processor includes
building the networks and, for a sweep, the workers and the labelled dataset; not the imports of the workers.
"""

from __future__ import annotations

import argparse
import os
import resource
import time

import numpy as np
from scipy import linalg

import wignerness as wn
from wignerness.analysis import InProcess, Processes
from wignerness.solvers import Dense

LENGTH, RATE, PROBE, ENDS = 8, 1.0, 0.1, (1.0, 2.0)


def chain(hopping: float, length: int = LENGTH) -> wn.Network:
    return wn.models.chain(length, hopping=hopping, rate=RATE, occupations=ENDS, probe_rate=PROBE)


def plain_loop(hoppings: np.ndarray) -> np.ndarray:
    """Productions of all baths, the real ones first, as a script would compute them with the rest of the balance."""
    balances = []
    for hopping in hoppings:
        h = np.diag([1j * hopping] * (LENGTH - 1), 1) + np.diag([-1j * hopping] * (LENGTH - 1), -1)
        rates = np.full(LENGTH, PROBE)
        rates[[0, -1]] += RATE
        drift = -1j * h - np.diag(rates) / 2
        fed = np.zeros(LENGTH)
        fed[[0, -1]] = RATE * np.array(ENDS)
        responses = [
            linalg.solve_continuous_lyapunov(drift, -np.diag(unit).astype(complex)).diagonal().real
            for unit in np.eye(LENGTH)
        ]
        kernel = np.array(responses).T
        levels = np.linalg.solve(np.eye(LENGTH) - kernel * PROBE, kernel @ fed)
        moments = linalg.solve_continuous_lyapunov(drift, -np.diag(fed + PROBE * levels).astype(complex))
        occupations, covariance = moments.diagonal().real, moments + np.eye(LENGTH) / 2
        inverse = np.linalg.inv(covariance).diagonal().real
        node = np.array([0, LENGTH - 1, *range(LENGTH)])
        gamma = np.array([RATE, RATE, *[PROBE] * LENGTH])
        n = np.array([*ENDS, *levels])
        currents = gamma * (occupations[node] - n)
        flux = currents / (n + 0.5)
        links = np.sum(h * moments.T, axis=1).real
        heat = h.diagonal().real[node] * currents + gamma * links[node]
        entropy = np.linalg.slogdet(covariance)[1] + LENGTH * (1 + np.log(np.pi))
        production = flux - gamma + gamma * (n + 0.5) * inverse[node]
        balances.append((occupations, flux, currents, heat, entropy, production))
    return np.array([balance[-1] for balance in balances])


def processor() -> float:
    """Seconds of the processor of this process and of those that it waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def timed(name: str, points: int, compute, exact: np.ndarray | None = None, idle: float = 0.0) -> None:
    wall, used = time.perf_counter(), processor()
    production = compute()
    wall, used = time.perf_counter() - wall, processor() - used - idle
    error = "" if exact is None else f"{np.abs(production / exact[: len(production)] - 1).max():.0e}"
    print(f"| {name} | {points} | {points / wall:.0f} | {1e6 * used / points:.0f} | {error} |", flush=True)


def swept(values: np.ndarray, **options) -> np.ndarray:
    return wn.sweep(chain, {"hopping": values}, **options).entropy_production.values


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, default=20000)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    hoppings = np.linspace(0.1, 1.0, arguments.points)
    few = hoppings[: max(50, arguments.points // 100)]
    workers = Processes(arguments.workers)
    swept(few[:2])
    before = processor()
    swept(few[: arguments.workers], executor=workers)
    idle = processor() - before  # what it takes to start workers that do next to nothing
    exact = swept(few, solver=Dense())
    print(f"load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores\n")
    print("| what | points | points a second | processor us a point | worst relative error of a production |")
    print("| --- | ---: | ---: | ---: | ---: |")
    timed("a sweep, in process", len(hoppings), lambda: swept(hoppings, executor=InProcess())[: len(few)], exact)
    timed(
        f"a sweep, {arguments.workers} processes, their start included", len(hoppings),
        lambda: swept(hoppings, executor=workers)[: len(few)], exact, idle,
    )  # fmt: skip
    timed("one by one (`Dense`), in process", len(few), lambda: swept(few, solver=Dense()), exact)
    timed("plain SciPy loop", len(few), lambda: plain_loop(few), exact)
    for length in (2, 16, 32):
        some = few[:100]
        timed(
            f"a sweep of {length} modes, in process", len(some),
            lambda size=length, values=some: wn.sweep(lambda hopping: chain(hopping, size), {"hopping": values}),
        )  # fmt: skip


if __name__ == "__main__":
    main()
