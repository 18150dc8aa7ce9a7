"""Measurements in processes of their own, their table, their growth with the length, and a picture of it.

Used by the scripts here; it measures nothing by itself. A script has a function ``measure(*arguments)`` that returns a
row, and prints it as JSON when it is called with ``--measure``.
"""

from __future__ import annotations

import csv
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

for _variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")

Row = dict[str, Any]


def apart(script: str, *arguments: object) -> Row:
    """What ``measure`` of a script returns, called in a process of its own, so that its peak memory is its own."""
    command = [sys.executable, script, "--measure", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stderr}")
    row: Row = json.loads(done.stdout)
    return row


def every(script: str, cases: Sequence[tuple[object, ...]], measure: Callable[..., Row], *, quick: bool) -> list[Row]:
    """The rows of all cases, each measured apart; only the first one if it is enough to see that all of it runs."""
    return [
        apart(script, *case) if not (quick and index) else measure(*map(str, case)) for index, case in enumerate(cases)
    ]


def clocked(work: Callable[[], Any]) -> tuple[Any, float]:
    """Result and processor seconds."""
    start = time.process_time()
    result = work()
    return result, time.process_time() - start


def peak() -> float:
    """Largest memory of this process so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def lengths(first: float, last: float, per_decade: int = 5) -> list[int]:
    """Evenly spaced in the logarithm, as many a decade as a fit of the growth needs."""
    import numpy as np

    count = round(per_decade * np.log10(last / first)) + 1
    return [round(x) for x in np.geomspace(first, last, count)]


def growth(rows: Sequence[Row], key: str, decades: float = 1.0) -> str:
    """Exponent of a quantity in the length over the last decade, by the library's own fit; why not, where it cannot."""
    import wignerness as wn

    known = sorted((row["length"], row[key]) for row in rows if row.get(key))
    if not known:
        return "not measured"
    x, y = zip(*known, strict=True)
    try:
        law = wn.fit_power_law(x, y, fit_range=(max(x[0], x[-1] / 10**decades) * 0.999, x[-1] * 1.001))
    except wn.errors.WignernessError as error:
        return f"no exponent: {str(error).split('.')[0]}"
    return f"L^{law.exponent:.2f} +- {law.uncertainty:.2f} over {law.fit_range[0]:g} to {law.fit_range[1]:g}"


def table(rows: Sequence[Row], columns: dict[str, str]) -> str:
    """Markdown; ``columns`` gives each key its format."""
    lines = ["| " + " | ".join(columns) + " |", "| " + " | ".join("---" for _ in columns) + " |"]
    for row in rows:
        cells = ["-" if row.get(key) is None else format(row[key], form) for key, form in columns.items()]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def write_csv(rows: Sequence[Row], columns: Sequence[str], file: Path) -> None:
    """The table as numbers."""
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, columns, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows({key: _short(row.get(key)) for key in columns} for row in rows)


def _short(value: object) -> object:
    return f"{value:.4g}" if isinstance(value, float) else value


def plot(rows: Sequence[Row], series: str, keys: dict[str, str], file: Path) -> None:
    """One panel a key against the length, one line for each value of ``series``."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, len(keys), figsize=(4.6 * len(keys), 3.8), layout="constrained", squeeze=False)
    for axis, (key, label) in zip(axes[0], keys.items(), strict=True):
        for name in dict.fromkeys(row[series] for row in rows):
            own = [(row["length"], row[key]) for row in rows if row[series] == name and row.get(key)]
            if own:
                axis.loglog(*zip(*own, strict=True), "o-", markersize=3.5, linewidth=1.2, label=name)
        axis.set(xlabel="nodes", ylabel=label)
        axis.grid(alpha=0.3)
    axes[0][0].legend(frameon=False, fontsize="small")
    figure.savefig(file, dpi=110)
    pyplot.close(figure)
