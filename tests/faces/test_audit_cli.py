"""The command audit through its public entry: verdicts, exit codes, the report."""

from __future__ import annotations

import contextlib
import io
import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from wignerness.cli.app import app

SPECS = Path(__file__).parents[2] / "examples" / "specs"


@dataclass
class Ran:
    code: int
    out: str
    err: str


def run(*arguments: str | Path) -> Ran:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), pytest.raises(SystemExit) as ended:
        app(["audit", *map(str, arguments)], prog_name="wignerness")
    return Ran(int(ended.value.code or 0), out.getvalue(), err.getvalue())


def test_a_sound_network_ends_with_zero() -> None:
    ran = run(SPECS / "cold_hot_cold.toml")
    assert (ran.code, ran.err) == (0, "")
    assert "Trust the local master equation here." in ran.out


def test_a_breach_of_the_second_law_ends_with_one_and_says_what_to_use() -> None:
    ran = run(SPECS / "detuned_pair.toml")
    assert ran.code == 1
    assert "Do not trust the local master equation here." in ran.out
    assert "break the second law" in ran.out
    assert "Use Global()" in ran.out


@pytest.mark.parametrize("name", ["squeezed_network", "quasiperiodic", "optomechanics"])
def test_what_cannot_be_decided_ends_with_one_and_says_why(name: str) -> None:
    ran = run(SPECS / f"{name}.toml")
    assert ran.code == 1
    assert "Undecided." in ran.out


def test_a_frame_and_a_tolerance_are_taken(tmp_path: Path) -> None:
    spec = tmp_path / "chain.toml"
    spec.write_text(
        '[network]\nmodel = "chain"\nlength = 4\nhopping = 0.01\nrate = 0.02\noccupations = [1, 2]\nprobe_rate = 0.002\n'
    )
    assert run(spec).code == 1
    assert run(spec, "--frame", "1.0").code == 0
    assert run(spec, "--frame", "1.0", "--tolerance", "1e-9").code == 1


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--tolerance", "-1", "`tolerance` must be positive, but is -1.0"),
        ("--tolerance", "nan", "`tolerance` must be finite"),
        ("--frame", "inf", "`frame` must be finite"),
        ("--html", "absent/audit.html", "cannot be written"),
    ],
)
def test_wrong_use_ends_with_two(option: str, value: str, words: str) -> None:
    ran = run(SPECS / "cold_hot_cold.toml", option, value)
    assert (ran.code, words in ran.err) == (2, True)


@pytest.mark.parametrize(
    ("kind", "code", "words"),
    [
        ("local", 1, "Do not trust the local master equation here."),
        ("global", 0, "Used is another theory. Trust Global() here."),
        ("redfield", 0, "Used is another theory. Trust Redfield() here."),
        ("mesoscopic_leads", 1, "Used is another theory. Do not trust MesoscopicLeads(40) here."),
        ("exact", 0, "Used is another theory. Trust Exact() here."),
    ],
)
def test_the_theory_that_a_spec_uses_is_judged(tmp_path: Path, kind: str, code: int, words: str) -> None:
    spec = tmp_path / "pair.toml"
    spec.write_text((SPECS / "detuned_pair.toml").read_text() + f'\n[theory]\nkind = "{kind}"\n')
    ran = run(spec)
    assert (ran.code, ran.err) == (code, "")
    assert words in " ".join(ran.out.split())
    assert "Use Global()" in ran.out  # of the local equation, whatever is used
    used = json.loads(run(spec, "--json").out)["used"]
    assert used["trust"] is (code == 0)
    page = tmp_path / "audit.html"
    run(spec, "--html", page)
    assert ("Used is another theory." in page.read_text(encoding="utf-8")) is (kind != "local")


def test_json_is_one_document_with_the_verdict() -> None:
    ran = run(SPECS / "detuned_pair.toml", "--json")
    document = json.loads(ran.out)
    assert (ran.code, document["trust"], document["recommended"]) == (1, False, "Global()")


def test_the_report_is_written_and_nothing_is_overwritten(tmp_path: Path) -> None:
    page = tmp_path / "audit.html"
    ran = run(SPECS / "detuned_pair.toml", "--html", page)
    assert f"Written: {page}" in ran.out
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    page.write_text("mine")
    ran = run(SPECS / "detuned_pair.toml", "--html", page)
    assert (ran.code, "--force" in ran.err, page.read_text()) == (2, True, "mine")
    assert run(SPECS / "cold_hot_cold.toml", "--html", page, "--force").code == 0
    assert "Trust" in page.read_text(encoding="utf-8")
    assert [path.name for path in tmp_path.iterdir()] == ["audit.html"]


def test_the_report_does_not_replace_the_spec(tmp_path: Path) -> None:
    spec = tmp_path / "pair.toml"
    spec.write_text((SPECS / "detuned_pair.toml").read_text())
    ran = run(spec, "--html", spec, "--force")
    assert (ran.code, "[[network.nodes]]" in spec.read_text()) == (2, True)


def test_a_wrong_spec_ends_with_two(tmp_path: Path) -> None:
    spec = tmp_path / "wrong.toml"
    spec.write_text('[network]\nmodel = "chain"\nlength = 0\n')
    ran = run(spec)
    assert (ran.code, ran.out) == (2, "")
    assert "network.length" in ran.err
    assert run(tmp_path / "missing.toml").code == 2


def test_a_network_without_a_steady_state_ends_with_one_and_the_reason(tmp_path: Path) -> None:
    spec = tmp_path / "dark.toml"
    spec.write_text('[[network.nodes]]\nlabel = "a"\nfrequency = 1.0\n')
    ran = run(spec)
    assert (ran.code, "Error: " in ran.err) == (1, True)
