"""The example of the README prints what the README says it prints."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

README = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")


def _block(language: str) -> str:
    return re.search(rf"^```{language}\n(.*?)^```", README, re.M | re.S)[1]


def test_example_gives_its_printed_output():
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(_block("python"), "README.md", "exec"), {})
    shown = [line for line in _block("text").splitlines() if "accuracy" not in line]
    got = [line for line in printed.getvalue().splitlines() if "accuracy" not in line]
    assert got == shown  # the line left out holds rounding errors, which differ between machines


def test_example_is_ten_lines():
    assert len([line for line in _block("python").splitlines() if line.strip()]) <= 10
