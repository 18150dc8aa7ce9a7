"""Chains between two baths, no probes: time, memory and error against the length, side by side with SciPy.

``python benchmarks/few_baths.py [--tiny | --full] [--disorder W] [--json FILE] [--plot FILE]``

Every measurement runs in a process of its own, on one thread. "Error" is that of the occupations: against the closed
form where the chain is uniform, against ADI's own answer otherwise (for the rivals); "missing" is how far the responses
to the baths are from adding up to one, which they do exactly.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

for _variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")

LENGTHS = {
    "tiny": {"ADI": [20, 100], "Dense": [20, 100], "SciPy": [20, 100]},
    "default": {"ADI": [100, 300, 1000, 3000], "Dense": [100, 300], "SciPy": [100, 300]},
    "full": {"ADI": [100, 300, 1000, 3000, 10_000, 20_000], "Dense": [100, 300, 1000], "SciPy": [100, 300, 1000]},
}
RATE, HOPPING, LEVELS = 1.0, 1.0, (1.0, 2.0)


def build(length, disorder):
    import wignerness as wn

    return wn.models.chain(
        length, hopping=HOPPING, rate=RATE, occupations=LEVELS, disorder=disorder or None, rng=length
    )


def solve(method, network):
    """Occupations and what the method says of their accuracy."""
    import numpy as np
    from scipy import linalg

    import wignerness as wn

    if method == "SciPy":
        a = np.asarray(network.drift.toarray() if network.is_sparse else network.drift)
        source = np.asarray(network.diffusion.toarray() if network.is_sparse else network.diffusion)
        return np.diag(linalg.solve_continuous_lyapunov(a, -source)).real, {}
    solver = getattr(wn.solvers, method)()
    solution = solver.solve(network)
    return solution.state.occupations, {"bound": solution.error_bound, "residual": solution.residual}


def measure(method, length, disorder):
    """One run, in this process: seconds (wall and processor), MiB above the imports, error."""
    import numpy as np

    import wignerness as wn

    network = build(length, disorder)
    solve(method, build(8, disorder))  # imports and first calls
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    wall, processor = time.perf_counter(), time.process_time()
    occupations, known = solve(method, network)
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    if disorder:
        exact = occupations if method == "ADI" else solve("ADI", network)[0]
    else:
        exact = wn.exact.chain(length, hopping=HOPPING, rate=RATE, occupations=LEVELS).occupations
    error = None if disorder and method == "ADI" else float(np.abs(occupations - exact).max())
    row = {"method": method, "length": length, "disorder": disorder, "wall": wall, "processor": processor}
    return row | {"memory": memory, "error": error} | known


def apart(method, length, disorder):
    """`measure` in a process of its own."""
    command = [sys.executable, __file__, "--measure", method, str(length), str(disorder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def exponent(rows, key):
    """Slope of the last decade in a log-log plot; None with fewer than two points in it."""
    import numpy as np

    last = [row for row in rows if row["length"] >= rows[-1]["length"] / 10.1 and row[key] > 0]
    if len(last) < 2:
        return None
    return float(np.polyfit(np.log([r["length"] for r in last]), np.log([r[key] for r in last]), 1)[0])


def table(rows):
    """Markdown."""

    def number(value, form):
        return "-" if value is None else format(value, form)

    lines = [
        "| solver | L | processor s | wall s | MiB | error | stated bound |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for row in rows:
        columns = [
            row["method"],
            str(row["length"]),
            number(row["processor"], ".3g"),
            number(row["wall"], ".3g"),
            number(row["memory"], ".0f"),
            number(row["error"], ".1e"),
            number(row.get("bound"), ".1e"),
        ]
        lines.append("| " + " | ".join(columns) + " |")
    return "\n".join(lines)


def plot(rows, file):
    """Processor time against the length."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(5, 3.5), layout="constrained")
    for method in dict.fromkeys(row["method"] for row in rows):
        own = [row for row in rows if row["method"] == method]
        axes.loglog([r["length"] for r in own], [r["processor"] for r in own], "o-", label=method)
    axes.set(xlabel="length of the chain", ylabel="processor time (s)")
    axes.legend(frameon=False)
    figure.savefig(file)


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tiny", dest="scale", action="store_const", const="tiny", default="default")
    parser.add_argument("--full", dest="scale", action="store_const", const="full")
    parser.add_argument("--disorder", type=float, default=0.05, help="width of the disorder; 0 for the uniform chain")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--measure", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.measure:
        method, length, disorder = options.measure
        print(json.dumps(measure(method, int(length), float(disorder))))
        return 0
    rows = []
    for method, lengths in LENGTHS[options.scale].items():
        rows += [apart(method, length, options.disorder) for length in lengths]
    print(table(rows))
    for method in LENGTHS[options.scale]:
        own = [row for row in rows if row["method"] == method]
        print(f"{method}: time ~ L^{exponent(own, 'processor') or float('nan'):.2f} over the last decade")
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n")
    if options.plot:
        plot(rows, options.plot)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
