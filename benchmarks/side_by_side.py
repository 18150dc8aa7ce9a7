"""Measurements in processes of their own, their table, their growth with the length, and a picture of it.

Used by the scripts here; it measures nothing by itself. A script has a function ``measure(case, method, length)`` that
returns a row, and a `Study` that calls it.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

for _variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")

Row = dict[str, Any]
# Entries of a row and their formats.
COLUMNS = {
    "case": "",
    "method": "",
    "length": "d",
    "cpu s": ".3g",
    "productions s": ".3g",
    "memory MiB": ".0f",
    "error": ".1e",
    "bound": ".1e",
}


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

    figure, axes = pyplot.subplots(1, len(keys), figsize=(4.6 * len(keys), 4.2), layout="constrained", squeeze=False)
    for axis, (key, label) in zip(axes[0], keys.items(), strict=True):
        for name in dict.fromkeys(row[series] for row in rows):
            own = [(row["length"], row[key]) for row in rows if row[series] == name and row.get(key)]
            if own:
                axis.loglog(*zip(*own, strict=True), "o-", markersize=3.5, linewidth=1.2, label=name)
        axis.set(xlabel="nodes", ylabel=label)
        axis.grid(alpha=0.3)
    figure.legend(*axes[0][0].get_legend_handles_labels(), loc="outside lower center", ncols=4, fontsize="small")
    figure.savefig(file, dpi=110)
    pyplot.close(figure)


@dataclass(frozen=True)
class Study:
    """The command line of a script that measures methods side by side.

    Attributes
    ----------
    script : str
        Its file.
    about : str
        Its first line of help.
    measure : callable
        The row of a case, a method and a length (all given as words), under those names and others.
    methods : dict
        Those that are measured for each case, by its name.
    lengths : dict
        Of each method, by the scale ("tiny", "default" and others that become options).
    columns : dict
        Format of each entry of a row.
    shown : callable
        Whether a row is drawn.
    """

    script: str
    about: str
    measure: Callable[[str, str, str], Row]
    methods: dict[str, tuple[str, ...]]
    lengths: dict[str, dict[str, list[int]]]
    columns: dict[str, str]
    shown: Callable[[Row], bool]

    def main(self, arguments: list[str] | None = None) -> int:
        """Run and print."""
        options = self._parsed(arguments)
        if options.measure:
            print(json.dumps(self.measure(*options.measure)))
            return 0
        scale = self.lengths[options.scale]
        cases = [(case, method, n) for case in options.cases for method in self.methods[case] for n in scale[method]]
        rows = every(self.script, cases, self.measure, quick=options.scale == "tiny")
        print(table(rows, self.columns))
        for case, method in dict.fromkeys((case, method) for case, method, _ in cases):
            own = [row for row in rows if (row["case"], row["method"]) == (case, method)]
            for key in ("cpu s", "productions s", "memory MiB") if len(own) > 2 else ():
                if key in self.columns:
                    print(f"{case}, {method}: {key} ~ {growth(own, key)}")
        if options.csv:
            write_csv(rows, list(self.columns), options.csv)
        if options.plot:
            shown = [row | {"line": f"{row['method']}, {row['case']}"} for row in rows if self.shown(row)]
            keys = {"cpu s": "processor time (s)", "memory MiB": "memory above imports (MiB)"}
            plot(shown, "line", keys, options.plot)
        return 0

    def _parsed(self, arguments: list[str] | None) -> argparse.Namespace:
        parser = argparse.ArgumentParser(description=self.about)
        parser.set_defaults(scale="default")
        for name in self.lengths:
            if name != "default":
                parser.add_argument(f"--{name}", dest="scale", action="store_const", const=name)
        parser.add_argument("--cases", nargs="*", choices=list(self.methods), default=list(self.methods))
        parser.add_argument("--csv", type=Path)
        parser.add_argument("--plot", type=Path)
        parser.add_argument("--measure", nargs=3, help=argparse.SUPPRESS)
        return parser.parse_args(arguments)
