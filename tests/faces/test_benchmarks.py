"""The benchmark scripts run, at their smallest sizes, so that they cannot rot."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"

# Script, arguments for its smallest sizes, and words that its table must hold.
SMALLEST = [
    ("few_baths.py", ["--tiny"], ("ADI", "SciPy", "time ~ L^")),
    (
        "long_chains_with_probes.py",
        ["--lengths", "20", "--cases", "clean", "disordered", "next nearest"],
        ("banded", "scipy", "next nearest"),
    ),
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
    assert {row["kind"] for row in rows} == {"generic", "gauged"}
    assert all(float(row["residual"]) < 1e-14 for row in rows)


def test_every_script_says_how_to_run_it():
    listed = (BENCHMARKS / "README.md").read_text(encoding="utf-8")
    for script in BENCHMARKS.glob("*.py"):
        assert f"`{script.name}`" in listed, f"{script.name} is missing from the README"
