"""``wignerness solve`` with the sections [evolve] and [trajectories]."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import wignerness as wn
from wignerness.cli.app import app
from wignerness.errors import SpecError
from wignerness.io.dataset import from_dataset, load_dataset
from wignerness.io.spec import load_spec, parse_spec

SPECS = Path(__file__).resolve().parents[2] / "examples" / "specs"
NETWORK = """
[network]
model = "chain"
length = 2
hopping = 0.5
rate = 1.0
occupations = [1, 2]
"""


def run(*arguments: object, code: int = 0) -> str:
    ran = CliRunner().invoke(app, ["solve", *map(str, arguments)])
    assert ran.exit_code == code, ran.output
    return ran.output


def test_document_agrees_with_the_library(tmp_path):
    document = json.loads(run(SPECS / "trajectories.toml", "--json"))
    spec = load_spec(SPECS / "trajectories.toml")
    start = wn.GaussianState.squeezed([0.3, 0.0])
    times = np.linspace(0, 1, 11)
    direct = wn.evolve(spec.network, start, times)
    assert document["evolution"]["occupations"] == direct.occupations.tolist()
    assert document["evolution"]["entropy_production"] == direct.entropy_production.tolist()
    assert document["evolution"]["integrated_production"] == direct.integrated_production(0.0, 1.0)
    sample = wn.sample_trajectories(spec.network, start, times[1:], 20000, rng=11)
    found = document["trajectories"]
    assert found["mean_production"] == float(sample.entropy_production.mean())
    assert abs(found["fluctuation_average"] - 1) < 4 * found["fluctuation_average_error"]
    assert abs(found["mean_production"] - found["integrated_production"]) < 4 * found["mean_production_error"]


def test_tables_and_files(tmp_path):
    target = tmp_path / "run.nc"
    text = run(SPECS / "relaxation.toml", "-o", target)
    assert "Run in time" in text
    assert "Integrated over the run" in text
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run.evolution.nc", "run.nc"]
    restored = from_dataset(load_dataset(tmp_path / "run.evolution.nc"))
    again = load_spec(SPECS / "relaxation.toml")
    assert (restored.occupations == again.in_time.evolve(again.network).occupations).all()
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    run(SPECS / "relaxation.toml", "-o", target, code=1)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_no_steady_state_is_no_failure_for_a_run(tmp_path):
    spec = tmp_path / "unitary.toml"
    spec.write_text(
        """
[network]
nodes = [{ label = "a", frequency = 1.0 }, { label = "b", frequency = 1.0 }]
edges = [{ between = ["a", "b"], hopping = 0.5 }]
[evolve]
start = { kind = "coherent", amplitudes = [1.0, [0.0, 0.5]] }
times = [3.0, 0.0, 1e3]
"""
    )
    document = json.loads(run(spec, "--json"))
    assert "undamped" in document["no_steady_state"] or "never damped" in document["no_steady_state"]
    excitations = np.sum(document["evolution"]["occupations"], axis=1)
    np.testing.assert_allclose(excitations, 1.25, rtol=1e-11)
    assert "No steady state" in run(spec)
    spec.write_text(spec.read_text().split("[evolve]")[0])
    run(spec, code=1)


@pytest.mark.parametrize(
    ("section", "place", "words"),
    [
        ('start = { kind = "thermal" }\nlast = 1.0\npoints = 3', "evolve.start", "must have `occupations`"),
        ('start = { kind = "vacuum", r = 1.0 }\nlast = 1.0\npoints = 3', "evolve.start", "must not have `r`"),
        ('start = { kind = "thermal", occupations = [1.0] }\nlast = 1.0\npoints = 3', "evolve.start", "1 modes"),
        ('start = { kind = "thermal", occupations = -1.0 }\nlast = 1.0\npoints = 3', "evolve.start", "non-negative"),
        ('start = { kind = "vacuum" }', "evolve", "either `times`, or"),
        ('start = { kind = "vacuum" }\ntimes = [-1.0]', "evolve.times[0]", "non-negative"),
        ('start = { kind = "vacuum" }\nlast = 1.0\npoints = 3\nspacing = "logarithmic"', "evolve", "positive `first`"),
        ('start = { kind = "vacuum" }\nfirst = 2.0\nlast = 1.0\npoints = 3', "evolve", "`first` before `last`"),
        (
            'start = { kind = "vacuum" }\ntimes = [2.0, 1.0]\n[trajectories]\nnumber = 9\nseed = 1',
            "evolve.times",
            "increase",
        ),
        (
            'start = { kind = "vacuum" }\ntimes = [1.0]\n[trajectories]\nnumber = 0\nseed = 1',
            "trajectories.number",
            "0",
        ),
    ],
)
def test_faults_are_named(section, place, words):
    with pytest.raises(SpecError) as caught:
        parse_spec(f"{NETWORK}[evolve]\n{section}\n")
    assert any(place in path and words in message for path, message in caught.value.faults), caught.value.faults


def test_trajectories_need_a_run():
    with pytest.raises(SpecError, match="evolve"):
        parse_spec(f"{NETWORK}[trajectories]\nnumber = 9\nseed = 1\n")


def test_following_probes_and_trajectories_in_one_spec(tmp_path):
    """The run has probes that follow, without closed integrals; the trajectories have frozen ones, and their integral."""
    spec = tmp_path / "both.toml"
    spec.write_text(
        f"{NETWORK}probe_rate = 0.3\n"
        '[evolve]\nstart = { kind = "vacuum" }\ntimes = [0.0, 1.0]\nfollow = true\n'
        "[trajectories]\nnumber = 2000\nseed = 1\n"
    )
    document = json.loads(run(spec, "--json"))
    assert document["evolution"]["integrated_production"] is None
    assert document["evolution"]["bath_currents"][1][2:] == [0.0, 0.0]
    found = document["trajectories"]
    assert abs(found["mean_production"] - found["integrated_production"]) < 4 * found["mean_production_error"]
