"""The reliability ledger can be regenerated, and keeps its promises even on a handful of inputs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LEDGER = ROOT / "docs" / "reliability" / "ledger.json"


@pytest.mark.slow
def test_tiny_run(tmp_path, seed):
    command = [
        sys.executable,
        "-W",
        "error",
        str(ROOT / "benchmarks" / "reliability.py"),
        "--tiny",
        "--seed",
        str(seed),
    ]
    run = subprocess.run(
        [*command, "--out", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env=os.environ | {"PYTHONWARNINGS": ""},
    )
    assert run.returncode == 0, run.stderr[-3000:]
    ledger = json.loads((tmp_path / "ledger.json").read_text())
    assert ledger["seed"] == seed
    assert len(ledger["figures"]) == 6
    text = (tmp_path / "ledger.md").read_text()
    for heading in ("Backward error", "error bound", "Silently wrong", "Laws", "Independent routes", "paper's numbers"):
        assert heading in text


def test_published_ledger_keeps_its_promises():
    """Backward error, coverage, silence, laws, routes: as published, not as claimed."""
    figures = json.loads(LEDGER.read_text())["figures"]
    assert figures["1_backward_error"]["worst_eps"] <= 10
    assert figures["2_error_bound"]["covered"] == figures["2_error_bound"]["networks"]
    assert figures["2_error_bound"]["median_bound_over_error"] <= 10
    assert figures["3_silent_errors"]["silently_wrong"]["wignerness"] == 0
    assert figures["4_laws"]["violations"] == 0
    assert figures["5_independent_routes"]["agree"]
    assert figures["6_paper_numbers"]["worst_deviation"] <= 1e-9


def test_published_ledger_names_no_place():
    text = LEDGER.read_text() + LEDGER.with_suffix(".md").read_text()
    assert not re.search(r"(?<![\w.])/(home|root|tmp|opt|usr|Users)/", text)
