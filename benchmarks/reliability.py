"""Regenerate the reliability ledger: ``python benchmarks/reliability.py [--full] [--out docs/reliability]``.

Small counts by default (half a minute); ``--full`` takes the counts that a release publishes (some 20 minutes of
processor time), in parts that a journal keeps. Writes ``ledger.json`` and ``ledger.md``: figures with method, machine and date, without names of hosts
or paths. Figures that are measured by other means, and less often, are taken over from ``benchmarks/results``.
"""

from __future__ import annotations

import argparse
import datetime
import importlib
import json
import os
import platform
import secrets
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

for _variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")

ROOT = Path(__file__).resolve().parents[1]
# The yardsticks, the oracle and the hard networks are those of the tests. Worker processes find them through the
# environment.
_PATHS = [str(ROOT / "tests"), str(ROOT / "benchmarks")]
sys.path[:0] = _PATHS
os.environ["PYTHONPATH"] = os.pathsep.join([*_PATHS, os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)

from figures.journal import Journal, fingerprint
from figures.page import as_markdown

FIGURES = ("backward_error", "bounds", "silent", "laws", "agreement", "paper_numbers")
TITLES = dict(
    zip(
        FIGURES,
        ("backward_error", "error_bound", "silent_errors", "laws", "independent_routes", "paper_numbers"),
        strict=True,
    )
)
COUNTS = {
    # figure: (tiny, default, full)
    "backward_error": (26, 390, 10_010),
    "bounds": (21, 840, 10_500),
    "silent": (16, 208, 800),
    "laws": (60, 2_000, 110_000),
}
SCALES = ("tiny", "default", "full")
RESULTS = ROOT / "benchmarks" / "results"


def main(arguments: list[str] | None = None) -> int:
    """Run, write, and say what was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    scale = parser.add_mutually_exclusive_group()
    scale.add_argument("--full", dest="scale", action="store_const", const="full", help="the counts of a release")
    scale.add_argument("--tiny", dest="scale", action="store_const", const="tiny", help="only to see that it runs")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "reliability", help="folder for the ledger")
    parser.add_argument("--seed", type=int, default=None, help="repeat a run")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument(
        "--journal", type=Path, default=None, help="file of finished parts, to go on with (needs --seed)"
    )
    parser.add_argument("--against", type=Path, default=None, help="a ledger; fail where a figure is over twice as bad")
    parser.add_argument(
        "--page",
        action="store_true",
        help="measure nothing: put what was measured apart beside the ledger that is there",
    )
    options = parser.parse_args(arguments)
    if options.page:
        ledger = json.loads((options.out / "ledger.json").read_text(encoding="utf-8"))
        write(ledger | {"measured_apart": measured_apart()}, options.out)
        return 0
    if options.journal is not None and options.seed is None:
        parser.error("--journal needs --seed: without it every run is another one")
    seed = secrets.randbits(32) if options.seed is None else options.seed
    ledger = measure(options.scale or "default", seed, options.jobs, options.journal)
    write(ledger, options.out)
    print(as_markdown(ledger))
    faults = shortcomings(ledger)
    if options.against is not None:
        faults += worsened(json.loads(options.against.read_text(encoding="utf-8")), ledger)
    for fault in faults:
        print(f"FAILED: {fault}", file=sys.stderr)
    return 1 if faults else 0


def measure(scale: str, seed: int, jobs: int = 1, journal: Path | None = None) -> dict:
    """All figures at one scale."""
    counts = {name: (values[SCALES.index(scale)], seed) for name, values in COUNTS.items()}
    print(f"seed {seed}", flush=True)
    sources = fingerprint(ROOT / "src", ROOT / "tests", ROOT / "benchmarks")
    kept = Journal(journal, {"scale": scale, "seed": seed, "sources": sources})
    plan = {
        f"{name} {i}": (name, given) for name in FIGURES for i, given in enumerate(_parts(name, counts.get(name, ())))
    }
    _run({part: task for part, task in plan.items() if part not in kept.done}, jobs, kept)
    figures = {}
    for number, name in enumerate(FIGURES, 1):
        found = [kept.done[part]["found"] for part, (of, _) in plan.items() if of == name]
        figures[f"{number}_{TITLES[name]}"] = _module(name).whole(found)
    about = {"scale": scale, "seed": seed, "date": _today(), "machine": machine()}
    about["processor_seconds"] = round(sum(kept.done[part]["processor_seconds"] for part in plan))
    return about | {"figures": figures, "measured_apart": measured_apart()}


def _run(tasks: dict[str, tuple], jobs: int, kept: Journal) -> None:
    if jobs == 1:
        for part, task in tasks.items():
            kept.keep(part, _one(*task))
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        running = {pool.submit(_one, *task): part for part, task in tasks.items()}
        for finished in as_completed(running):
            kept.keep(running[finished], finished.result())


def _one(name: str, given: tuple) -> dict:
    began = time.process_time()
    found = _module(name).part(*given)
    return {"found": found, "processor_seconds": time.process_time() - began}


def _parts(name: str, given: tuple) -> list[tuple]:
    return _module(name).parts(*given)


def _module(name: str):
    return importlib.import_module(f"figures.{name}")


def measured_apart() -> list[dict]:
    """Figures that other means measured: ``figure_*.json`` with number, title, date, method, header, rows and note."""
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(RESULTS.glob("figure_*.json"))]


def _today() -> str:
    return datetime.datetime.now(datetime.UTC).date().isoformat()


def machine() -> dict:
    """What computed it: no names of hosts, users or folders."""
    import flint
    import hypothesis
    import numpy
    import qutip
    import scipy

    import wignerness

    blas = numpy.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
        "wignerness": wignerness.__version__,
        "numpy": numpy.__version__,
        "scipy": scipy.__version__,
        "blas": f"{blas.get('name')} {blas.get('version')}",
        "python-flint": flint.__version__,
        "qutip": qutip.__version__,
        "hypothesis": hypothesis.__version__,
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.machine()


def write(ledger: dict, folder: Path) -> None:
    """ledger.json for machines, ledger.md for the page."""
    folder.mkdir(parents=True, exist_ok=True)
    # NumPy's scalars are not numbers to json.
    text = json.dumps(ledger, indent=1, ensure_ascii=False, default=lambda scalar: scalar.item()) + "\n"
    for name, content in (("ledger.json", text), ("ledger.md", as_markdown(ledger))):
        appear(folder / name, content)


def appear(path: Path, content: str) -> None:
    """A file that is there whole, or as it was."""
    new = path.with_name(f"{path.name}.new")
    new.write_text(content, encoding="utf-8")
    new.replace(path)


# -- judgement -------------------------------------------------------------------------------------------------


def shortcomings(ledger: dict) -> list[str]:
    """Where the figures miss what the project promises."""
    f = ledger["figures"]
    backward, bound, silent, laws = (f[k] for k in ("1_backward_error", "2_error_bound", "3_silent_errors", "4_laws"))
    promises = {
        "a backward error above 10 eps": backward["worst_eps"] <= 10,
        "an error bound that does not cover the error": bound["covered"] == bound["networks"],
        "error bounds typically more than 10 times the error": bound["median_bound_over_error"] <= 10,
        "a silently wrong answer": silent["silently_wrong"]["wignerness"] == 0,
        "a violated law": laws["violations"] == 0,
        "routes that disagree": f["5_independent_routes"]["agree"],
        "a number of the paper missed by more than 1e-9": f["6_paper_numbers"]["worst_deviation"] <= 1e-9,
    }
    return [fault for fault, kept in promises.items() if not kept]


def worsened(old: dict, new: dict) -> list[str]:
    """Figures more than twice as bad as in another ledger."""
    keys = (
        ("1_backward_error", "worst_eps"),
        ("1_backward_error", "median_eps"),
        ("2_error_bound", "median_bound_over_error"),
        ("2_error_bound", "worst_C_relative"),
        ("2_error_bound", "worst_production_relative"),
        ("6_paper_numbers", "worst_deviation"),
    )
    pairs = [(f"{a}.{b}", old["figures"][a][b], new["figures"][a][b]) for a, b in keys]
    return [f"{name} went from {one:.2g} to {other:.2g}" for name, one, other in pairs if other > 2 * one]


if __name__ == "__main__":
    sys.exit(main())
