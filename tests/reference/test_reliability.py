"""The reliability ledger can be regenerated, and keeps its promises even on a handful of inputs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "benchmarks"))
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


def test_a_ledger_with_numpy_scalars_is_written_whole(tmp_path):
    """Counts, extremes and verdicts come out of arrays; json knows none of their types."""
    import reliability

    ledger = json.loads(LEDGER.read_text())
    plain = json.loads(json.dumps(ledger))
    one, two = ledger["figures"]["1_backward_error"], ledger["figures"]["2_error_bound"]
    one["worst_eps"], one["networks"] = np.float64(one["worst_eps"]), np.int64(one["networks"])
    two["covered"] = np.int64(two["covered"])
    ledger["figures"]["5_independent_routes"]["agree"] = np.True_
    reliability.write(ledger, tmp_path)
    assert json.loads((tmp_path / "ledger.json").read_text()) == plain
    assert (tmp_path / "ledger.md").read_text() == reliability.as_markdown(plain)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ledger.json", "ledger.md"]


def test_a_worse_figure_is_told():
    import reliability

    old = json.loads(LEDGER.read_text())
    new = json.loads(json.dumps(old))
    assert reliability.worsened(old, new) == []
    assert reliability.shortcomings(new) == []
    figures = new["figures"]
    figures["2_error_bound"]["median_bound_over_error"] *= 2.5
    figures["2_error_bound"]["covered"] -= 1
    figures["3_silent_errors"]["silently_wrong"]["wignerness"] = 1
    assert len(reliability.worsened(old, new)) == 1
    assert len(reliability.shortcomings(new)) == 2


def test_the_published_page_is_that_of_the_published_numbers():
    import reliability

    ledger = json.loads(LEDGER.read_text())
    assert LEDGER.with_suffix(".md").read_text() == reliability.as_markdown(ledger)
    assert ledger["measured_apart"] == reliability.measured_apart()


def test_figures_measured_apart_join_a_ledger(tmp_path, monkeypatch):
    """Without measuring anything again."""
    import reliability

    (tmp_path / "results").mkdir()
    figure = {
        "number": 7,
        "title": "Kills",
        "date": "2026-11-22",
        "method": "By hand.",
        "header": ["lost"],
        "rows": [[0]],
    }
    (tmp_path / "results" / "figure_07.json").write_text(json.dumps(figure))
    monkeypatch.setattr(reliability, "RESULTS", tmp_path / "results")
    (tmp_path / "ledger.json").write_text(LEDGER.read_text())
    assert reliability.main(["--page", "--out", str(tmp_path)]) == 0
    page = (tmp_path / "ledger.md").read_text()
    assert page.endswith("### 7. Kills\n\n| lost |\n| --- |\n| 0 |\n\nMeasured on 2026-11-22. By hand.\n")
    assert json.loads((tmp_path / "ledger.json").read_text())["figures"] == json.loads(LEDGER.read_text())["figures"]


def test_a_law_that_fails_in_any_way_is_a_violation(tmp_path, monkeypatch):
    from figures import laws

    (tmp_path / "test_broken.py").write_text(
        "from hypothesis import given, strategies as st\n"
        "@given(st.integers())\ndef test_raises(x):\n    raise ValueError('oh')\n"
        "@given(st.integers())\ndef test_wrong(x):\n    assert x != x, 'never'\n"
        "@given(st.integers())\ndef test_right(x):\n    assert x == x\n"
    )
    monkeypatch.setattr(laws, "LAWS", tmp_path)
    monkeypatch.setattr(laws, "FILES", ("test_broken",))
    found = laws.whole([laws.part(*given) for given in laws.parts(30, 1)])
    assert found["violations"] == 2
    assert "ValueError: oh" in found["violated"]["test_broken.test_raises"]
    assert "AssertionError: never" in found["violated"]["test_broken.test_wrong"]
    assert found["examples"] == 10


def test_a_run_that_was_stopped_goes_on_where_it_was(tmp_path):
    """A line without an end does not count; NumPy's scalars do; another run's journal is refused."""
    from figures.journal import Journal

    path, run = tmp_path / "journal", {"seed": 1, "sources": "abc"}
    first = Journal(path, run)
    first.keep("laws 0", {"found": {"examples": np.int64(3), "worst": np.float64(0.1)}})
    first.keep("laws 1", {"found": {"examples": 4}})
    path.write_text(path.read_text() + '{"part": "laws 2", "fou')
    second = Journal(path, run)
    assert (
        second.done
        == first.done
        == {"laws 0": {"found": {"examples": 3, "worst": 0.1}}, "laws 1": {"found": {"examples": 4}}}
    )
    second.keep("laws 2", {"found": {}})
    assert list(Journal(path, run).done) == ["laws 0", "laws 1", "laws 2"]
    with pytest.raises(SystemExit, match="another run"):
        Journal(path, run | {"sources": "xyz"})


def test_parts_make_the_whole_whatever_their_number(monkeypatch):
    """Counts add up over parts; no part is drawn from the stream of another."""
    from figures import silent

    monkeypatch.setattr(silent, "PART", 16)
    parts = silent.parts(40, 7)
    assert [count for count, _ in parts] == [16, 16, 8]
    found = silent.whole([silent.part(*given) for given in parts])
    assert found["inputs"] == sum(found["outcomes"]["wignerness"].values()) == 40
    assert found["silently_wrong"]["wignerness"] == 0
    assert len({tuple(seed) for _, seed in parts}) == 3


def test_strength_of_tests_is_counted():
    """Branches by groups of files, mutants by modules; what was not taken or not noticed is named."""
    import strength_of_tests as strength

    def file(branches, covered, missing):
        return {
            "summary": {
                "num_branches": branches,
                "covered_branches": covered,
                "num_statements": 10,
                "covered_lines": 9,
            },
            "missing_branches": missing,
        }

    report = {
        "files": {
            "/x/src/wignerness/linalg/a.py": file(4, 4, []),
            "/x/src/wignerness/linalg/b.py": file(4, 3, [[1, 2]]),
            "/x/src/wignerness/io/spec.py": file(2, 1, [[5, 6]]),
            "/x/src/wignerness/io/storage.py": file(100, 0, [[1, 2]]),
        }
    }
    figure = strength.of_coverage(report)
    assert figure["rows"][0] == ["linalg", 2, "7 of 8", "87.5 %", "18 of 20", "90.0 %"]
    assert figure["rows"][2][2:4] == ["1 of 2", "50.0 %"]
    assert "`linalg/b.py` 1" in figure["note"]
    assert "storage" not in figure["note"]
    mutants = [(f"wignerness.linalg.a.x_f__mutmut_{k}", "killed" if k else "survived") for k in range(4)]
    figure = strength.of_mutants([*mutants, ("wignerness.io.spec.x_g__mutmut_1", "timeout")])
    assert figure["rows"] == [
        ["`io.spec`", 1, 1, "100.0 %"],
        ["`linalg.a`", 4, 3, "75.0 %"],
        ["all of these", 5, 4, "80.0 %"],
    ]
    assert "`linalg.a.f` 1" in figure["note"]


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


def test_every_wrong_result_names_a_test_that_exists():
    page = (LEDGER.parent / "wrong-results.md").read_text()
    rows = [line for line in page.splitlines() if line.startswith("| ") and not line.startswith(("| what", "| ---"))]
    assert len(rows) > 30
    for row in rows:
        named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", row)
        assert named, f"no test in: {row}"
        for file, name in named:
            assert f"def {name}(" in (ROOT / file).read_text(), f"{file}::{name} does not exist"


def test_published_ledger_names_no_place():
    text = LEDGER.read_text() + LEDGER.with_suffix(".md").read_text()
    assert not re.search(r"(?<![\w.])/(home|root|tmp|opt|usr|Users)/", text)
