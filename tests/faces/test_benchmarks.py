"""The benchmark scripts run, at their smallest sizes, so that they cannot rot."""

from __future__ import annotations

import csv
import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"

# Script, arguments for its smallest sizes, and words that its table must hold.
SMALLEST = [
    ("few_baths.py", ["--tiny"], ("| weak disorder | ADI | 100 |", "SciPy", "Kronecker", "QuTiP")),
    ("long_chains_with_probes.py", ["--tiny"], ("| strip | Banded | 60 |", "SciPy, iterated", "Kronecker")),
    ("sweeps.py", ["--points", "20", "--workers", "1"], ("SciPy",)),
    ("trajectories.py", ["--count", "5000", "--cores", "1"], ("5000 trajectories", "<exp(-Sigma)>")),
    ("kill_parent.py", ["--kills", "1"], ("0 points lost",)),
]


def run(script: str, *arguments: str) -> str:
    """What the script prints."""
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, str(BENCHMARKS / script), *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(("script", "arguments", "words"), SMALLEST, ids=[entry[0] for entry in SMALLEST])
def test_smallest_sizes(script, arguments, words):
    printed = run(script, *arguments)
    for word in words:
        assert word in printed


def test_numbers_are_written_to_a_table(tmp_path):
    run("dense.py", "--tiny", "--csv", str(tmp_path / "dense.csv"))
    with (tmp_path / "dense.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["case"] for row in rows} == {"generic", "gauged"}
    solved = [row for row in rows if row["method"] != "Schur form"]
    assert len(solved) >= 7
    assert all(float(row["residual"]) < 1e-14 for row in solved)


def test_growth_is_the_exponent_of_the_last_decade():
    sys.path.insert(0, str(BENCHMARKS))
    try:
        side_by_side = importlib.import_module("side_by_side")
    finally:
        sys.path.remove(str(BENCHMARKS))
    rows = [{"length": size, "cpu s": 1e-9 * size**2 + 1e-3} for size in side_by_side.lengths(100, 100_000)]
    assert side_by_side.growth(rows, "cpu s").startswith("L^2.0")
    assert side_by_side.growth(rows[:2], "cpu s").startswith("no exponent")
    assert side_by_side.growth(rows, "memory MiB") == "not measured"


def test_every_script_says_how_to_run_it():
    listed = (BENCHMARKS / "README.md").read_text(encoding="utf-8")
    for script in BENCHMARKS.glob("*.py"):
        assert f"`{script.name}`" in listed, f"{script.name} is missing from the README"
