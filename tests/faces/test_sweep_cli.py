"""The commands sweep, plot and show through their public entry; sweeps that are really killed."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import xarray

import wignerness as wn
from wignerness.cli.app import app

ROOT = Path(__file__).parents[2]
SWEEPS = ROOT / "examples" / "sweeps"

SPEC = """
title = "a small sweep"
[network]
model = "chain"
length = 3
hopping = 0.5
rate = 1.0
occupations = [1, 2]
probe_rate = 0.1
[compute]
quantities = ["bath_currents", "entropy_production"]
[[sweep.axes]]
parameter = "network.hopping"
start = 0.0
stop = 1.0
points = {points}
[[sweep.axes]]
parameter = "network.length"
values = [2, 4]
"""


MAIN = "import sys; from wignerness.cli import main; sys.argv[0] = 'wignerness'; main()"


@dataclass
class Ran:
    code: int
    out: str
    err: str


def run(*arguments: str | Path) -> Ran:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), pytest.raises(SystemExit) as ended:
        app([str(argument) for argument in arguments], prog_name="wignerness")
    return Ran(int(ended.value.code or 0), out.getvalue(), err.getvalue())


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    (tmp_path / "spec.toml").write_text(SPEC.format(points=3))
    return tmp_path / "spec.toml"


def begin(*arguments: str | Path) -> subprocess.Popen[str]:
    environment = os.environ | {"PYTHONPATH": str(Path(wn.__file__).parents[1])}
    return subprocess.Popen(
        [sys.executable, "-c", MAIN, *map(str, arguments)],
        env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def numbers(path: Path) -> xarray.Dataset:
    return xarray.load_dataset(path).drop_attrs()


def test_sweep_writes_counts_failures_and_says_how_to_retry(spec: Path) -> None:
    out = spec.with_name("out.nc")
    ran = run("sweep", spec, "-o", out)
    assert ran.code == 0
    assert "6 points, 1 of them failed" in ran.out  # four nodes without a link: probes that nothing reaches
    assert "NoUniqueSteadyStateError" in ran.out
    assert "--resume" in ran.out
    assert "6 of 6 points" in ran.err
    assert "1 failed points" in ran.err
    again = run("sweep", spec, "-o", out)
    assert (again.code, "--resume" in again.err) == (1, True)
    first = numbers(out)
    assert run("sweep", spec, "-o", out, "--resume").code == 0
    assert first.identical(numbers(out))
    assert run("sweep", spec, "-o", out, "--force", "--workers", "2").code == 0
    assert first.identical(numbers(out))


def test_a_changed_spec_is_refused_with_the_difference(spec: Path) -> None:
    out = spec.with_name("out.nc")
    assert run("sweep", spec, "-o", out).code == 0
    spec.write_text(SPEC.format(points=3).replace("rate = 1.0", "rate = 2.0"))
    ran = run("sweep", spec, "-o", out, "--resume")
    assert ran.code == 1
    assert '"rate": 1.0' in ran.err
    assert '"rate": 2.0' in ran.err
    assert "hopping" not in ran.err


def test_workers_and_a_scheduler_exclude_each_other(spec: Path) -> None:
    ran = run("sweep", spec, "-o", spec.with_name("x.nc"), "--workers", "2", "--scheduler", "tcp://127.0.0.1:8786")
    assert (ran.code, "exclude each other" in ran.err) == (2, True)


def test_what_is_no_scheduler_is_a_wrong_command(spec: Path) -> None:
    ran = run("sweep", spec, "-o", spec.with_name("x.nc"), "--scheduler", "nonsense")
    assert (ran.code, "nonsense" in ran.err) == (2, True)


def test_only_from_an_output_one_can_go_on(spec: Path) -> None:
    ran = run("sweep", spec, "-o", spec.parent)
    assert (ran.code, "is a folder" in ran.err, "--resume" in ran.err) == (1, True, False)


def test_a_spec_without_a_sweep_is_wrong(tmp_path: Path) -> None:
    ran = run("sweep", ROOT / "examples" / "specs" / "cold_hot_cold.toml", "-o", tmp_path / "x.nc")
    assert (ran.code, "[sweep]" in ran.err) == (2, True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("path", sorted(SWEEPS.glob("*.toml")), ids=lambda path: path.stem)
def test_shipped_sweeps_load_and_their_spec_can_be_solved(path: Path) -> None:
    run_spec = wn.load_spec(path)
    assert run_spec.sweep is not None
    assert path.read_text().startswith("# ")
    assert run("solve", path).code == 0
    assert run_spec.sweep(**{axis.name: axis.values[-1] for axis in run_spec.sweep.axes}).n_modes > 2


def test_sweeps_with_a_run_are_in_time(spec: Path) -> None:
    text = SPEC.format(points=3) + '[evolve]\ntimes = [0.0, 0.5, 5.0]\nstart = { kind = "vacuum" }\n'
    spec.write_text(text)
    out = spec.with_name("out.nc")
    ran = run("sweep", spec, "-o", out)
    assert (ran.code, "6 points, 1 of them failed" in ran.out) == (0, True)
    assert "evolution" not in ran.err  # the progress of a point
    assert xarray.load_dataset(out, decode_times=False).entropy_production.dims == ("hopping", "length", "time", "bath")
    assert "time (3): 0, 0.5, 5 1/rate" in run("show", out).out
    assert run("plot", out).code == 0
    spec.write_text(text + "[trajectories]\nnumber = 10\nseed = 1\n")
    ran = run("sweep", spec, "-o", spec.with_name("other.nc"))
    assert (ran.code, "[trajectories]" in ran.err) == (2, True)


def test_a_sweep_may_be_a_zarr_folder(spec: Path) -> None:
    out = spec.with_name("out.zarr")
    assert run("sweep", spec, "-o", out).code == 0
    assert "6 points, 1 of them failed" in run("show", out).out
    assert (run("sweep", spec, "-o", out).code, run("sweep", spec, "-o", out, "--resume").code) == (1, 0)
    assert run("plot", out).code == 0
    netcdf = spec.with_name("out.nc")
    run("sweep", spec, "-o", netcdf)
    assert numbers(netcdf).identical(wn.io.load_dataset(out).drop_attrs())


def test_show_says_what_is_in_a_file(spec: Path) -> None:
    out = spec.with_name("out.nc")
    run("sweep", spec, "-o", out)
    ran = run("show", out)
    assert ran.code == 0
    for words in ("A sweep", "6 points, 1 of them failed", "hopping (3)", " rate: Wigner entropy production"):
        assert words in ran.out
    run("solve", ROOT / "examples" / "specs" / "cold_hot_cold.toml", "-o", spec.with_name("one.nc"))
    assert "A steady state" in run("show", spec.with_name("one.nc")).out
    assert run("show", spec).code == 1


def test_show_says_how_a_sweep_was_made_and_bears_with_one_that_lacks_parts(spec: Path) -> None:
    out = spec.with_name("out.nc")
    run("sweep", spec, "-o", out)
    said = run("show", out).out
    assert "solver: Auto()" in said
    assert 'spec: { "network": {' in said
    poor = xarray.Dataset({"a": 1.0}, attrs={"format": "wignerness sweep 1", "failed": 1})
    poor.to_netcdf(spec.with_name("poor.nc"), engine="h5netcdf")
    ran = run("show", spec.with_name("poor.nc"))
    assert (ran.code, "? points, 1 of them failed" in ran.out) == (0, True)


def test_plot_draws_sweeps_and_steady_states(spec: Path) -> None:
    out, one = spec.with_name("out.nc"), spec.with_name("one.nc")
    run("sweep", spec, "-o", out)
    run("solve", ROOT / "examples" / "specs" / "cold_hot_cold.toml", "-o", one)
    assert run("plot", out).code == 0
    assert out.with_suffix(".png").read_bytes().startswith(b"\x89PNG")
    assert run("plot", out).code == 1  # it exists
    more = ("--x", "hopping", "--y", "bath_currents[left]", "--hue", "length", "--logx", "--logy")
    assert run("plot", out, *more, "-o", spec.with_name("a.pdf")).code == 0
    assert run("plot", one, "--y", "occupations").code == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--y", "nothing"], "there are bath_currents"),
        (["--x", "nothing"], "there are hopping, length"),
        (["--y", "bath_currents[middle]"], "left, right"),
        (["--y", "bath_currents[probe 3]", "--logy"], "no positive value"),
        (["--x", "bath", "--logx"], "no positive number"),
    ],
)
def test_plot_names_what_there_is(spec: Path, arguments: list[str], words: str) -> None:
    out = spec.with_name("out.nc")
    run("sweep", spec, "-o", out)
    ran = run("plot", out, *arguments)
    assert ran.code == 1
    assert words in ran.err


def test_plot_takes_two_endings(spec: Path) -> None:
    ran = run("plot", spec.with_name("out.nc"), "-o", "figure.svg")
    assert (ran.code, ".png or .pdf" in ran.err) == (2, True)


def test_a_figure_needs_a_name() -> None:
    ran = run("plot", ".")
    assert (ran.code, "has no name" in ran.err) == (2, True)


def test_ctrl_c_leaves_a_store_and_says_how_to_go_on(spec: Path) -> None:
    spec.write_text(SPEC.format(points=2000))
    out = spec.with_name("out.nc")
    running = begin("sweep", spec, "-o", out, "--workers", "2")
    journal = spec.with_name("out.nc.journal-wal")
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not (journal.exists() and journal.stat().st_size > 60_000):
        time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=30)
    assert running.returncode == 130, err
    assert "The same sweep, started again, goes on there." in err
    assert "Traceback" not in err


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["1", "2"])
def test_killed_at_any_moment_it_loses_nothing(spec: Path, workers: str, rng) -> None:
    spec.write_text(SPEC.format(points=60))
    whole, out = spec.with_name("whole.nc"), spec.with_name("out.nc")
    assert run("sweep", spec, "-o", whole).code == 0
    for _ in range(6):
        running = begin("sweep", spec, "-o", out, "--workers", workers, "--resume")
        time.sleep(rng.uniform(1.5, 4.0))
        running.kill()
        running.communicate()
    assert run("sweep", spec, "-o", out, "--resume").code == 0
    assert numbers(whole).identical(numbers(out))


CHAIN = wn.models.chain(3, hopping=0.5, rate=1.0, occupations=(1, 2), probe_rate=0.3, frequency=1.0)
NOISY = wn.Network([[0, 0.5], [0.5, 0]], [wn.ThermalBath(0, 1.0, 1.0), wn.Dephasing(1, 0.2)])
VACUUM = wn.GaussianState.vacuum(3)
WARM, COLD = (wn.ThermalBath.at_temperature(k, 0.01, T, frequency=1.0) for k, T in ((0, 1.0), (2, 0.5)))


def sample() -> Any:
    return wn.sample_trajectories(CHAIN, wn.GaussianState.thermal([2.0] * 3), [0.1, 0.2], 200, rng=1)


@pytest.mark.parametrize(
    ("make", "title", "words"),
    [
        (lambda: wn.steady_state(CHAIN), "A steady state, made", ["occupations (node) from 1.", "wigner_entropy = "]),
        (
            lambda: wn.steady_state(wn.models.chain(1100, hopping=0.5, rate=1.0, occupations=(1, 2), probe_rate=1.0)),
            "A steady state, made",
            ["node (1100): 0, 1, 2, ..., 1099", "To restore it: hamiltonian_row"],
        ),
        (lambda: wn.steady_state(NOISY), "A steady state, made", ["heat_currents (bath) = 0 rate^2"]),
        (
            lambda: wn.steady_state(CHAIN.replace(baths=[WARM, COLD]), theory=wn.theories.Global()),
            "A steady state by another theory",
            ["heat_currents (bath) from"],
        ),
        (lambda: wn.evolve(CHAIN, VACUUM, [0.0, 1.0]), "A run in time, made", ["time (2): 0, 1 1/rate"]),
        (
            lambda: wn.evolve(NOISY, wn.GaussianState.vacuum(2), [0.0, 1.0]),
            "A run in time",
            ["bath_currents (time, bath)"],
        ),
        (sample, "Statistics of trajectories, made", ["trajectory (200)", "fluctuation_mean = "]),
        (lambda: sample().exchange_statistics(), "Statistics of what baths exchange", ["bath (5)", "fano (bath) from"]),
        (lambda: wn.relaxation(CHAIN), "A spectrum of relaxation", ["mode (3)", "rates (mode) from"]),
    ],
    ids=["steady", "partial", "dephased", "theory", "run", "dephased run", "trajectories", "exchange", "relaxation"],
)
def test_every_kind_of_file_is_shown_and_drawn(tmp_path: Path, make: Any, title: str, words: list[str]) -> None:
    file = tmp_path / "result.nc"
    wn.io.write_dataset(wn.to_dataset(make()), file)
    ran = run("show", file)
    assert ran.code == 0
    assert ran.out.startswith(title)
    for word in words:
        assert word in ran.out
    assert run("plot", file).code == 0
    assert file.with_suffix(".png").stat().st_size > 5000


def test_a_sweep_without_any_result_fails(tmp_path: Path) -> None:
    spec, out = tmp_path / "spec.toml", tmp_path / "out.nc"
    unlinked = SPEC.replace("start = 0.0\nstop = 1.0\npoints = {points}", "values = [0.0]").replace("[2, 4]", "[4, 5]")
    spec.write_text(unlinked)
    ran = run("sweep", spec, "-o", out)
    assert (ran.code, "no point has a result" in ran.err) == (1, True)
    assert "2 points, 2 of them failed" in ran.out  # written all the same
    assert int(numbers(out).message.astype(bool).sum()) == 2
