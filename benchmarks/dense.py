"""How long does a dense steady state take, beside SciPy's solver of the same Lyapunov equation (and slycot's)?

    python benchmarks/dense.py [--tiny | --full] [--csv FILE]

Two kinds of network, a thermal bath on every node: ``generic``, whose drift is complex and full, and ``gauged``, a
chain at equal frequencies, whose drift is real; the rivals are given it as a real matrix. "Dense" refines beyond double
precision (the default up to 512 modes); "double" is ``Dense(extended=False)`` and stops at working precision, as the
rivals do. Every measurement runs in a process of its own, on one thread; its peak memory is counted above that of the
imports. The residual is ||A C + C A^+ + D|| / (2 ||A|| ||C|| + ||D||), computed here from the moments, for all alike.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

for _variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")

import numpy as np

KINDS = ("generic", "gauged")
METHODS = ("Dense", "double", "SciPy", "slycot")
LENGTHS = {"tiny": [20], "default": [100, 200, 400], "full": [100, 200, 400, 1000]}
COLUMNS = ("kind", "method", "length", "cpu s", "wall s", "memory MiB", "residual", "bound")


def build(kind: str, length: int):
    """The network; the same numbers for the same length."""
    import wignerness as wn

    rng = np.random.default_rng(length)
    baths = [wn.ThermalBath(k, *rng.uniform((0.5, 0.0), (1.5, 2.0))) for k in range(length)]
    if kind == "gauged":
        return wn.models.chain(length, hopping=1.0, rate=1.0, occupations=(1, 2)).replace(baths=baths)
    matrix = rng.normal(size=(2, length, length))
    matrix = (matrix[0] + 1j * matrix[1]) / np.sqrt(2 * length)
    return wn.Network(matrix + matrix.conj().T, baths)


def moments(method: str, network):
    """C, and the error bound where the method states one."""
    import wignerness as wn

    if method in ("Dense", "double"):
        solution = wn.solvers.Dense(extended=method == "Dense").solve(network)
        return solution.state.normal, solution.error_bound
    drift, source = np.asarray(network.drift), np.asarray(network.diffusion)
    if not drift.imag.any() and not source.imag.any():
        drift, source = drift.real.copy(), source.real.copy()  # the rivals need not find the gauge
    if method == "SciPy":
        from scipy import linalg

        return linalg.solve_continuous_lyapunov(drift, -source), None
    return by_slycot(drift, source), None


def by_slycot(drift, source):
    """SB03MD takes real matrices; a complex drift becomes a real one of twice the size."""
    import slycot

    size = len(drift)
    if not np.iscomplexobj(drift):
        return _real_slycot(slycot, drift, source)
    doubled = np.block([[drift.real, -drift.imag], [drift.imag, drift.real]])
    found = _real_slycot(slycot, doubled, np.kron(np.eye(2), source.real))
    return found[:size, :size] + 1j * found[size:, :size]


def _real_slycot(slycot, drift, source):
    _, _, found, scale, *_ = slycot.sb03md57(drift.T.copy(), C=-source, dico="C")
    return found / scale


def measure(kind: str, method: str, length: int) -> dict[str, object]:
    """One run, in this process."""
    network = build(kind, length)
    moments(method, build(kind, 4))  # imports and first calls
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    wall, cpu = time.perf_counter(), time.process_time()
    normal, bound = moments(method, network)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    half = np.asarray(network.drift) @ normal
    left = half + half.conj().T + network.diffusion
    terms = 2 * np.linalg.norm(network.drift) * np.linalg.norm(normal) + np.linalg.norm(network.diffusion)
    numbers = (cpu, wall, memory, float(np.linalg.norm(left) / terms), bound)
    return dict(zip(COLUMNS, (kind, method, length, *numbers), strict=True))


def apart(kind: str, method: str, length: int) -> dict[str, object]:
    """`measure` in a process of its own."""
    command = [sys.executable, __file__, "--measure", kind, method, str(length)]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def table(rows: list[dict[str, object]]) -> str:
    """Markdown."""
    forms = ("", "", "d", ".3g", ".3g", ".0f", ".1e", ".1e")
    lines = ["| " + " | ".join(COLUMNS) + " |", "| --- | --- |" + " ---: |" * (len(COLUMNS) - 2)]
    for row in rows:
        cells = ["-" if row[n] is None else format(row[n], form) for n, form in zip(COLUMNS, forms, strict=True)]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def exponent(rows: list[dict[str, object]], kind: str, method: str) -> str:
    """Growth of the processor time over the two longest."""
    own = [row for row in rows if (row["kind"], row["method"]) == (kind, method)][-2:]
    if len(own) < 2:
        return ""
    slope = np.log(own[1]["cpu s"] / own[0]["cpu s"]) / np.log(own[1]["length"] / own[0]["length"])
    return f"{kind}, {method}: time ~ L^{slope:.2f} at the end"


def main(arguments: list[str] | None = None) -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tiny", dest="scale", action="store_const", const="tiny", default="default")
    parser.add_argument("--full", dest="scale", action="store_const", const="full")
    parser.add_argument("--csv", type=Path)
    parser.add_argument("--measure", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.measure:
        kind, method, length = options.measure
        print(json.dumps(measure(kind, method, int(length))))
        return 0
    methods = [m for m in METHODS if m != "slycot" or importlib.util.find_spec("slycot")]
    rows = [apart(k, m, length) for k in KINDS for length in LENGTHS[options.scale] for m in methods]
    print(table(rows))
    print(*filter(None, (exponent(rows, kind, method) for kind in KINDS for method in methods)), sep="\n")
    if options.csv:
        with options.csv.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows(rows)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
