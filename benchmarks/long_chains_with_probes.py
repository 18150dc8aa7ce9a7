"""How long does a steady state take when every node has a probe, against the length of the chain?

``Banded`` on clean and disordered chains, ladders and next-nearest chains, beside ``Dense`` and SciPy's dense Lyapunov
solver (with probe occupations given, so that it has less to do) where those still can. Each case runs in a process of
its own, so that its peak memory is its own.

    python benchmarks/long_chains_with_probes.py                        # smallest sizes, seconds
    python benchmarks/long_chains_with_probes.py --lengths 1e3 1e4 1e5 1e6

Prints a table of processor and wall time, peak memory, the stated error bound and the true error where it is known;
``--csv FILE`` writes it. Set OPENBLAS_NUM_THREADS to fix the number of threads.
"""

from __future__ import annotations

import argparse
import csv
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

CASES = ("clean", "disordered", "weak probes", "next nearest", "ladder")
RIVALS = {"banded": np.inf, "dense": 1000, "scipy": 1000}  # up to which length
COLUMNS = (
    "case",
    "solver",
    "length",
    "build s",
    "cpu s",
    "wall s",
    "production s",
    "peak GB",
    "bound",
    "error",
    "band",
)


def network(case: str, length: int):
    from scipy import sparse

    import wignerness as wn

    common = {"hopping": 1.0, "rate": 1.0, "occupations": (1, 2)}
    if case in ("clean", "disordered", "weak probes"):
        disorder = None if case == "clean" else 1.0
        return wn.models.chain(
            length, **common, probe_rate=1 / 3 if case == "weak probes" else 1.0, disorder=disorder, rng=0
        )
    ends = [wn.ThermalBath(0, 1.0, 1.0), wn.ThermalBath(length - 1, 1.0, 2.0)]
    baths = ends + [wn.Probe(k, 1.0) for k in range(length)]
    if case == "ladder":
        return wn.models.lattice((length // 2, 2), hopping=1.0, disorder=1.0, rng=0, baths=baths)
    offsets = np.random.default_rng(0).random(length) - 0.5
    links = [np.full(length - d, 1.0 / d) for d in (1, 2)]
    matrix = sparse.diags_array([offsets, *links, *links], offsets=[0, 1, 2, -1, -2]).tocsr()
    return wn.Network(matrix, baths)


def measure(case: str, solver: str, length: int) -> dict[str, object]:
    import wignerness as wn
    from wignerness.solvers import Banded, Dense

    row: dict[str, object] = {"case": case, "solver": solver, "length": length}
    row["build s"], built = clocked(lambda: network(case, length))[::2]
    if solver == "scipy":
        from scipy import linalg

        filled = wn.steady_state(built, solver=Banded()).network
        dense = [np.asarray(m.toarray() if hasattr(m, "toarray") else m) for m in (filled.drift, filled.diffusion)]
        row["cpu s"], row["wall s"], _ = clocked(
            lambda: linalg.solve_continuous_lyapunov(dense[0], -dense[1].astype(complex))
        )
    else:
        method = Banded() if solver == "banded" else Dense()
        row["cpu s"], row["wall s"], ness = clocked(lambda: wn.steady_state(built, solver=method))
        row["peak GB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        row["production s"], _, _ = clocked(lambda: ness.entropy_production)
        row["bound"], row["error"] = ness.error_bound, error(case, length, ness)
        row["band"] = len(ness.state.normal.offsets) if solver == "banded" else length
    row.setdefault("peak GB", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20)
    return row


def error(case: str, length: int, ness) -> float | None:
    """Largest error of an occupation: against the closed form, or against Dense where that is quick."""
    import wignerness as wn

    if case == "clean":
        exact = wn.exact.chain(length, hopping=1.0, rate=1.0, occupations=(1, 2), probe_rate=1.0).occupations
    elif length <= 300 and not isinstance(ness.solver, wn.solvers.Dense):
        exact = wn.steady_state(network(case, length), solver=wn.solvers.Dense(extended=True)).occupations
    else:
        return None
    return float(np.abs(ness.occupations - exact).max())


def clocked(work):
    cpu, wall = time.process_time(), time.perf_counter()
    result = work()
    return time.process_time() - cpu, time.perf_counter() - wall, result


def separately(case: str, solver: str, length: int) -> dict[str, object]:
    command = [sys.executable, __file__, "--one", case, solver, str(length)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def shown(value: object) -> str:
    return "-" if value is None else f"{value:.2g}" if isinstance(value, float) else str(value)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lengths", nargs="*", type=lambda text: int(float(text)), default=[100, 300])
    parser.add_argument("--cases", nargs="*", choices=CASES, default=list(CASES))
    parser.add_argument("--csv", type=Path)
    parser.add_argument("--one", nargs=3, metavar=("CASE", "SOLVER", "LENGTH"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(measure(given.one[0], given.one[1], int(given.one[2]))))
        return
    print(" ".join(f"{name:>12}" for name in COLUMNS))
    rows = []
    for case in given.cases:
        for length in given.lengths:
            for solver in (name for name, most in RIVALS.items() if length <= most):
                rows.append(separately(case, solver, length))
                print(" ".join(f"{shown(rows[-1].get(name)):>12}" for name in COLUMNS), flush=True)
        ours = [row for row in rows if row["case"] == case and row["solver"] == "banded"]
        if len(ours) > 1 and ours[-1]["length"] >= 10_000:
            ratio = np.log(ours[-1]["cpu s"] / ours[-2]["cpu s"]) / np.log(ours[-1]["length"] / ours[-2]["length"])
            print(f"{case}: time grows as L^{ratio:.2f}")
    if given.csv:
        with given.csv.open("w", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows(rows)


if __name__ == "__main__":
    main()
