"""Branch coverage and mutation score of the core, as figures of the reliability ledger.

    python -m pytest --cov --cov-branch --cov-report=json:coverage.json tests/unit tests/laws tests/reference tests/fuzz
    python benchmarks/strength_of_tests.py coverage coverage.json
    mutmut run "wignerness.thermodynamics.entropy*"
    python benchmarks/strength_of_tests.py mutation .

What was measured is measured elsewhere; this counts it. The second form is given the folder that mutmut ran in.
"""

from __future__ import annotations

import argparse
import datetime
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results"
# What turns the text of a spec into networks and runs.
SPEC_LOADER = (
    "assembly", "bath_tables", "couplings", "faults", "graphml", "graphs", "matrices", "outline", "places", "spec",
    "spectrum_tables", "sweep_plan", "tables", "theory_tables", "time_plan", "toml_writer",
)  # fmt: skip
GROUPS = {
    "linalg": lambda path: path.startswith("linalg/"),
    "thermodynamics": lambda path: path.startswith("thermodynamics/"),
    "spec loader": lambda path: path in {f"io/{name}.py" for name in SPEC_LOADER},
}


def main(arguments: list[str] | None = None) -> int:
    """Write a figure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("coverage", "mutation"))
    parser.add_argument("source", type=Path, nargs="+", help="coverage.json, or folders that mutmut ran in")
    parser.add_argument("--tests", default="", help="which tests ran, in words")
    parser.add_argument("--commit", default="", help="which state of the sources")
    options = parser.parse_args(arguments)
    about = {"date": datetime.datetime.now(datetime.UTC).date().isoformat()}
    state = f" at commit {options.commit}" if options.commit else ""
    if options.what == "coverage":
        figure = of_coverage(json.loads(options.source[0].read_text(encoding="utf-8")))
        about["method"] = f"Branches that coverage.py saw taken{state}. {options.tests}".strip()
    else:
        figure = of_mutants([line for folder in options.source for line in verdicts(folder)])
        about["method"] = f"mutmut, functions without decorators{state}. {options.tests}".strip()
    path = RESULTS / f"figure_{figure['number']}.json"
    path.write_text(json.dumps(figure | about, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(path.read_text(encoding="utf-8"))
    return 0


def of_coverage(report: dict) -> dict:
    """Branches and lines of the groups, and where most is missing."""
    rows, missing = [], []
    files = {path.partition("wignerness/")[2]: found for path, found in report["files"].items()}
    for name, belongs in GROUPS.items():
        found = {path: file for path, file in files.items() if belongs(path)}
        total = Counter()
        for path, file in found.items():
            total.update({key: value for key, value in file["summary"].items() if isinstance(value, int)})
            missing += [(len(file["missing_branches"]), path)] if file["missing_branches"] else []
        branches = f"{total['covered_branches']} of {total['num_branches']}"
        lines = f"{total['covered_lines']} of {total['num_statements']}"
        rows.append([name, len(found), branches, _share(total, "branches"), lines, _share(total, "lines")])
    worst = ", ".join(f"`{path}` {count}" for count, path in sorted(missing, reverse=True))
    return {
        "number": 11,
        "title": "Branch coverage",
        "header": ["files of", "files", "branches", "share", "lines", "share"],
        "rows": rows,
        "note": f"The spec loader is {', '.join(f'`io/{name}.py`' for name in SPEC_LOADER)}. Branches not taken: "
        f"{worst or 'none'}.",
    }


def _share(total: Counter, what: str) -> str:
    have, of = {"branches": ("covered_branches", "num_branches"), "lines": ("covered_lines", "num_statements")}[what]
    return f"{100 * total[have] / max(1, total[of]):.1f} %"


def verdicts(folder: Path) -> list[tuple[str, str]]:
    """Every mutant and what became of it."""
    listed = subprocess.run(
        [sys.executable, "-m", "mutmut", "results", "--all", "true"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    pairs = (line.strip().split(": ") for line in listed.stdout.splitlines() if "__mutmut_" in line)
    return [(name, verdict) for name, verdict in pairs if verdict != "not checked"]


def of_mutants(found: list[tuple[str, str]]) -> dict:
    """Share of mutants that some test noticed, module by module; survivors by function."""
    noticed = {"killed", "timeout", "suspicious"}
    modules, survivors = {}, Counter()
    for name, verdict in found:
        path, _, function = name.partition("__mutmut_")[0].rpartition(".")
        counts = modules.setdefault(path.removeprefix("wignerness."), Counter())
        counts["noticed" if verdict in noticed else "survived"] += 1
        if verdict not in noticed:
            survivors[f"{path.removeprefix('wignerness.')}.{function.removeprefix('x_')}"] += 1
    total = sum(modules.values(), Counter())
    rows = [[f"`{module}`", *_row(counts)] for module, counts in sorted(modules.items())]
    listed = ", ".join(f"`{name}` {count}" for name, count in survivors.most_common())
    return {
        "number": 10,
        "title": "Mutation score",
        "header": ["module", "changes", "noticed", "share"],
        "rows": [*rows, ["all of these", *_row(total)]],
        "note": f"Changes that no test noticed, by function: {listed or 'none'}.",
    }


def _row(counts: Counter) -> list:
    return [counts.total(), counts["noticed"], f"{100 * counts['noticed'] / counts.total():.1f} %"]


if __name__ == "__main__":
    sys.exit(main())
