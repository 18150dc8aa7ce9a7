"""Regenerate the reliability ledger: ``python benchmarks/reliability.py [--full] [--out docs/reliability]``.

Small counts by default (a minute or two); ``--full`` takes the counts that a release publishes (under half an hour).
Writes ``ledger.json`` and ``ledger.md``: figures with method, machine and date, without names of hosts or paths.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import secrets
import sys
import time
from pathlib import Path

for _variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")

ROOT = Path(__file__).resolve().parents[1]
# The yardsticks, the oracle and the hard networks are those of the tests. Worker processes find them through the
# environment.
_PATHS = [str(ROOT / "tests"), str(ROOT / "benchmarks")]
sys.path[:0] = _PATHS
os.environ["PYTHONPATH"] = os.pathsep.join([*_PATHS, os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)

COUNTS = {
    # figure: (tiny, default, full)
    "backward_error": (26, 390, 10_010),
    "bounds": (21, 840, 10_500),
    "silent": (16, 208, 800),
    "laws": (60, 2_000, 110_000),
}
SCALES = ("tiny", "default", "full")


def main(arguments: list[str] | None = None) -> int:
    """Run, write, and say what was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    scale = parser.add_mutually_exclusive_group()
    scale.add_argument("--full", dest="scale", action="store_const", const="full", help="the counts of a release")
    scale.add_argument("--tiny", dest="scale", action="store_const", const="tiny", help="only to see that it runs")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "reliability", help="folder for the ledger")
    parser.add_argument("--seed", type=int, default=None, help="repeat a run")
    parser.add_argument("--jobs", type=int, default=1, help="processes for the laws")
    parser.add_argument("--against", type=Path, default=None, help="a ledger; fail where a figure is over twice as bad")
    options = parser.parse_args(arguments)
    seed = secrets.randbits(32) if options.seed is None else options.seed
    ledger = measure(options.scale or "default", seed, options.jobs)
    write(ledger, options.out)
    print(as_markdown(ledger))
    faults = shortcomings(ledger)
    if options.against is not None:
        faults += worsened(json.loads(options.against.read_text(encoding="utf-8")), ledger)
    for fault in faults:
        print(f"FAILED: {fault}", file=sys.stderr)
    return 1 if faults else 0


def measure(scale: str, seed: int, jobs: int) -> dict:
    """All figures at one scale."""
    from figures import agreement, backward_error, bounds, laws, paper_numbers, silent

    counts = {name: values[SCALES.index(scale)] for name, values in COUNTS.items()}
    print(f"seed {seed}", flush=True)
    runs = {
        "1_backward_error": lambda: backward_error.figure(counts["backward_error"], seed),
        "2_error_bound": lambda: bounds.figure(counts["bounds"], seed),
        "3_silent_errors": lambda: silent.figure(counts["silent"], seed),
        "4_laws": lambda: laws.figure(counts["laws"], seed, jobs),
        "5_independent_routes": agreement.figure,
        "6_paper_numbers": paper_numbers.figure,
    }
    figures = {}
    for name, run in runs.items():
        start = time.perf_counter()
        figures[name] = run()
        print(f"{name}: {time.perf_counter() - start:.0f} s", flush=True)
    return {"scale": scale, "seed": seed, "date": _today(), "machine": machine(), "figures": figures}


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
    text = json.dumps(ledger, indent=1, ensure_ascii=False, default=lambda scalar: scalar.item()) + "\n"
    (folder / "ledger.json").write_text(text, encoding="utf-8")
    (folder / "ledger.md").write_text(as_markdown(ledger), encoding="utf-8")


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


# -- the page ---------------------------------------------------------------------------------------------------


def as_markdown(ledger: dict) -> str:
    """The ledger as a part of a page."""
    m, f = ledger["machine"], ledger["figures"]
    option = {"full": " --full", "tiny": " --tiny"}.get(ledger["scale"], "")
    origin = (
        f"Generated on {ledger['date']} with the {ledger['scale']} counts (seed {ledger['seed']}) by\n\n"
        f"```\npython benchmarks/reliability.py{option}\n```\n\n"
        f"on {m['processor']}, {m['cores']} cores, one BLAS thread; wignerness {m['wignerness']}, Python {m['python']}, "
        f"NumPy {m['numpy']}, SciPy {m['scipy']}, {m['blas']}."
    )
    parts = [
        origin,
        _backward(f["1_backward_error"]),
        _bound(f["2_error_bound"]),
        _silent(f["3_silent_errors"]),
        _laws(f["4_laws"]),
        _routes(f["5_independent_routes"]),
        _paper(f["6_paper_numbers"]),
    ]
    return "\n\n".join(parts) + "\n"


def _table(header, rows) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines)


def _backward(figure: dict) -> str:
    sizes = ", ".join(f"{count} of {name}" for name, count in figure["sizes"].items() if count)
    worst = figure["worst_case"]
    return (
        "### 1. Backward error\n\n"
        + _table(
            ("networks", "worst", "median", "declined"),
            [
                (
                    figure["networks"],
                    f"{figure['worst_eps']:.2f} eps",
                    f"{figure['median_eps']:.3f} eps",
                    sum(figure["declined"].values()),
                )
            ],
        )
        + f"\n\nThe worst was of the family `{worst['family']}` with {worst['modes']} modes. Numbers of modes: {sizes}. "
        "Families in equal parts: " + ", ".join(f"`{name}`" for name in figure["families"]) + ". "
        "The error is $|A C + C A^\\dagger + f| / (2 |A| |C| + |f|)$ in Frobenius norms, recomputed from the delivered $C$ "
        "with residuals of twice the precision; eps is $2^{-52}$. LAPACK's own tests accept 30. Declined are answers "
        "that the solver itself refuses to give."
    )


def _bound(figure: dict) -> str:
    return (
        "### 2. The error bound, against certified truth\n\n"
        + _table(
            ("networks", "covered", "median bound / error", "worst error of C", "worst flux", "worst production"),
            [
                (
                    figure["networks"],
                    f"{figure['covered']} ({100 * figure['covered'] / figure['networks']:.4g} %)",
                    f"{figure['median_bound_over_error']:.2g}",
                    f"{figure['worst_C_relative']:.1e}",
                    f"{figure['worst_flux_relative']:.1e}",
                    f"{figure['worst_production_relative']:.1e}",
                )
            ],
        )
        + f"\n\nTruth in ball arithmetic (python-flint), up to 6 modes, {figure['declined']} more declined. The error of $C$ is "
        "relative to its largest element; every flux and every production is relative to itself, however small."
    )


def _silent(figure: dict) -> str:
    kinds = ("right", "refused", "wrong state", "wrong production")
    rows = [(name, *(found.get(kind, 0) for kind in kinds)) for name, found in figure["outcomes"].items()]
    worst = figure["silently_wrong_by_family"]
    families = [
        (f"`{name}`", what.rstrip("."), *(worst[way].get(name, 0) for way in figure["outcomes"]))
        for name, what in figure["families"].items()
    ]
    return (
        "### 3. Silently wrong answers\n\n"
        + _table(("way", "right", "refused", "silently wrong: state", "silently wrong: a production alone"), rows)
        + f"\n\n{figure['inputs']} inputs made to mislead, {figure['without_steady_state']} of them without a unique steady state. "
        "An answer is wrong if it is given where there is none, or if an element of $C$ is off by more than $10^{-6}$ of the "
        "largest, or a production by more than $10^{-6}$ of itself. Refused is any exception, warning or number that is "
        "none. SciPy stands for `solve_continuous_lyapunov`, eigenvectors for diagonalizing the drift; both with probes "
        "closed by the kernel that they give, and productions by Eq. (C2).\n\n"
        + _table(("family", "input", *(f"wrong: {way}" for way in figure["outcomes"])), families)
    )


def _laws(figure: dict) -> str:
    return (
        "### 4. Laws\n\n"
        + _table(
            ("laws", "generated examples", "violations"),
            [(len(figure["laws"]), figure["examples"], figure["violations"])],
        )
        + "\n\nThe property tests of `tests/laws`: "
        + "; ".join(figure["laws"])
        + "."
    )


def _routes(figure: dict) -> str:
    rows = [
        (name, e["compared"], e["systems"], f"{e['largest_difference']:.1e}", f"{e['largest_over_allowed']:.2g}")
        for name, e in figure["routes"].items()
    ]
    return "### 5. Independent routes\n\n" + _table(
        ("route", "compared", "systems", "largest difference", "of what is allowed"), rows
    )


def _paper(figure: dict) -> str:
    rows = [
        (row["quantity"], row["route"], f"{row['value']:.10g}", row["expected"], f"{row['deviation']:.1e}")
        for row in figure["rows"]
    ]
    return (
        "### 6. The paper's numbers\n\n"
        f"Worst deviation: {figure['worst_deviation']:.1e}, relative. Fig. 2 with occupations 1 and 2, which its caption does "
        "not state.\n\n" + _table(("quantity", "route", "value", "expected", "deviation"), rows)
    )


if __name__ == "__main__":
    sys.exit(main())
