"""Sweeps: the dataset, its labels and its failures; the same bits from every executor, chunk and restart."""

from __future__ import annotations

import functools
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import sweep_tasks
from numpy.testing import assert_allclose
from sweep_tasks import chain, disordered

import wignerness as wn
from wignerness._progress import progress_to
from wignerness.analysis import Axis, InProcess, Points, Processes, Product, Zipped, sweeps
from wignerness.analysis.journal import Journal
from wignerness.analysis.outcome import Findings, Outcome, encode_alike
from wignerness.dynamics.quantities import QUANTITIES, Quantity
from wignerness.errors import FileFormatError, SweepError
from wignerness.io import load_result, write_netcdf

GRID = {"hopping": [0.2, 0.5], "length": [2, 3, 5]}


def bare(data):
    return data.drop_attrs()


@pytest.mark.parametrize("solver", [wn.solvers.Dense(), wn.solvers.Batch(), wn.solvers.Auto()], ids=repr)
def test_every_point_is_what_its_steady_state_says(solver):
    data = wn.sweep(chain, GRID, list(QUANTITIES)[:8], solver=solver)
    own = wn.solvers.Batch() if isinstance(solver, wn.solvers.Auto) else solver
    assert data.occupations.dims == ("hopping", "length", "node")
    for hopping in GRID["hopping"]:
        for length in GRID["length"]:
            ness = wn.steady_state(chain(hopping, length), solver=own)
            point = data.sel(hopping=hopping, length=length)
            labels, baths = list(ness.network.labels), list(ness.network.bath_labels)
            assert (point.occupations.sel(node=labels) == ness.occupations).all()
            # Where the balance is computed for a stack, its last bit is its own.
            assert_allclose(point.entropy_production.sel(bath=baths), ness.entropy_production, rtol=1e-14)
            assert_allclose(point.currents.sel(node=labels, node_from=labels), ness.currents, rtol=1e-14)
            assert_allclose(point.wigner_entropy, ness.wigner_entropy, rtol=1e-15)
            assert (point.residual, point.error_bound) == (ness.residual, ness.error_bound)
            assert point.solver == repr(ness.solver)
            assert point.occupations.isnull().sum() == 5 - length
    assert (data.attrs["points"], data.attrs["failed"]) == (6, 0)
    assert data.currents.units == "rate"
    assert "Eq. (25b)" in data.currents.long_name


def test_zipped_axes_points_and_texts_label_the_dataset():
    grid = Product(Zipped({"hopping": Axis([0.1, 0.2], "MHz", "the hopping"), "probe_rate": [0.3, 0.4]}))
    data = wn.sweep(chain, grid, ["bath_currents"], unit="MHz")
    assert dict(data.sizes)["hopping"] == 2
    assert data.probe_rate.dims == ("hopping",)
    assert (data.hopping.units, data.hopping.long_name, data.bath_currents.units) == ("MHz", "the hopping", "MHz")
    points = wn.sweep(chain, Points([{"hopping": 0.1, "length": 2}, {"hopping": 0.3, "length": 4}]), ["occupations"])
    assert points.occupations.dims == ("point", "node")
    assert points.length.values.tolist() == [2, 4]

    def ends(occupations):
        return wn.models.chain(2, hopping=0.5, rate=1.0, occupations=occupations)

    pairs = wn.sweep(ends, {"occupations": [(1, 2), (2, 3)]}, ["bath_currents"])
    assert pairs.occupations.values.tolist() == ["(1, 2)", "(2, 3)"]
    assert float(pairs.bath_currents.sel(bath="left")[0]) == 0.25


def test_failed_points_hold_nan_and_their_reason():
    def fickle(x):
        if x == 1:
            raise RuntimeError("no such device")
        return chain(0.0 if x == 2 else 0.5)

    data = wn.sweep(fickle, {"x": range(4)})
    assert data.attrs["failed"] == 2
    assert data.message.values.tolist()[0] == data.message.values.tolist()[3] == ""
    assert data.message.values[1] == "RuntimeError: no such device"
    assert data.message.values[2].startswith("NoUniqueSteadyStateError: ")
    assert np.isnan(data.occupations.values[1:3]).all()
    assert np.isfinite(data.occupations.values[[0, 3]]).all()


def test_where_all_points_fail_there_are_only_reasons():
    data = wn.sweep(chain, {"hopping": [0.0]})
    assert data.attrs["failed"] == 1
    assert set(data.data_vars) == {"residual", "error_bound", "solver", "message", "sweep"}


def test_what_is_undefined_is_left_out_unless_it_was_asked_for():
    def noisy(rate):
        return wn.Network([[0, 0.5], [0.5, 0]], [wn.ThermalBath(0, 1.0, 1.0), wn.Dephasing(1, rate)])

    data = wn.sweep(noisy, {"rate": [0.1]})
    assert "occupations" in data
    assert "entropy_production" not in data
    assert "entropy_production: " in data.attrs["omitted"]
    assert wn.sweep(noisy, {"rate": [0.1]}, ["entropy_production"]).attrs["failed"] == 1


def test_own_observables():
    largest = Quantity((), 0, "largest occupation", lambda ness: ness.occupations.max())
    data = wn.sweep(chain, {"hopping": [0.5]}, {"largest": largest})
    assert float(data.largest[0]) == wn.steady_state(chain(0.5)).occupations.max()
    assert data.largest.long_name == "largest occupation"
    wrong = Quantity((), 0, "complex", lambda ness: 1j)
    assert "must be real" in wn.sweep(chain, {"hopping": [0.5]}, {"wrong": wrong}).message.item()


def test_a_function_that_returns_no_network_is_told_so():
    assert "must return a Network" in wn.sweep(lambda x: x, {"x": [1]}).message.item()


@pytest.mark.parametrize("observables", ["occupations", ["occupation"], []])
def test_unknown_observables_are_refused(observables):
    with pytest.raises(SweepError, match="observables"):
        wn.sweep(chain, {"hopping": [0.1]}, observables)


def test_samples_depend_on_seed_and_point_alone():
    grid = {"width": [0.5, 1.0], "sample": range(3)}
    data = wn.sweep(disordered, grid, ["bath_currents"], seed=5)
    assert len(np.unique(data.bath_currents.sel(bath="left"))) == 6
    again = wn.sweep(disordered, grid, ["bath_currents"], seed=5, executor=Processes(2, chunk=1))
    assert bare(data).drop_vars("sweep").identical(bare(again).drop_vars("sweep"))
    assert not data.bath_currents.equals(wn.sweep(disordered, grid, ["bath_currents"], seed=6).bath_currents)
    with pytest.raises(SweepError, match="seed"):
        wn.sweep(disordered, grid, seed=-1)


@pytest.mark.parametrize("executor", [InProcess(chunk=4), Processes(1), Processes(3, chunk=2)], ids=repr)
def test_the_same_bits_from_every_executor_and_chunking(executor):
    grid = {"hopping": [0.0, 0.2, 0.5], "length": [2, 3, 5, 8]}
    assert bare(wn.sweep(chain, grid)).identical(bare(wn.sweep(chain, grid, executor=executor)))


def test_a_point_that_kills_its_worker_is_recorded():
    grid = {"x": range(6)}
    build = functools.partial(sweep_tasks.poisonous, deadly=(3,))
    data = wn.sweep(build, grid, ["occupations"], executor=Processes(2, chunk=3))
    assert data.attrs["failed"] == 1
    assert "signal 9" in data.message.values[3]
    assert np.isfinite(data.occupations.sel(x=[0, 1, 2, 4, 5])).all()


# --- the store -----------------------------------------------------------------------------------------


class Counted:
    """Counts how often a network is built."""

    identity = {"build": "counted"}  # noqa: RUF012

    def __init__(self, stop_at=None, fail=()):
        self.count, self.stop_at, self.fail = 0, stop_at, fail

    def __call__(self, hopping, length):
        if self.count == self.stop_at:
            raise KeyboardInterrupt
        self.count += 1
        if length in self.fail:
            raise OSError("the license server is away")
        return chain(hopping, length)


def test_a_sweep_that_was_stopped_goes_on_where_it_was(tmp_path):
    whole = wn.sweep(Counted(), GRID)
    with pytest.raises(KeyboardInterrupt) as stopped:
        wn.sweep(Counted(stop_at=4), GRID, store=tmp_path / "a.nc", executor=InProcess(chunk=1))
    assert stopped.value.__notes__[0].startswith("4 of 6 points are stored beside ")
    (tmp_path / ".a.nc.0123abcd.part").touch()  # left by one that was killed while it wrote the file
    rest = Counted()
    data = wn.sweep(rest, GRID, store=tmp_path / "a.nc")
    assert rest.count == 2
    assert bare(data).identical(bare(whole))
    finished = Counted()
    assert bare(wn.sweep(finished, GRID, store=tmp_path / "a.nc")).identical(bare(whole))
    assert finished.count == 0
    assert [path.name for path in tmp_path.iterdir()] == ["a.nc"]
    anew = Counted()
    wn.sweep(anew, GRID, store=tmp_path / "a.nc", force=True)
    assert anew.count == 6


def test_failed_points_are_kept_and_tried_again_on_request(tmp_path):
    first = wn.sweep(Counted(fail=(3,)), GRID, store=tmp_path / "a.nc")
    assert first.attrs["failed"] == 2
    kept, tried = Counted(), Counted()
    assert bare(wn.sweep(kept, GRID, store=tmp_path / "a.nc")).identical(bare(first))
    assert kept.count == 0
    data = wn.sweep(tried, GRID, store=tmp_path / "a.nc", retry=True)
    assert (tried.count, data.attrs["failed"]) == (2, 0)
    assert bare(data).identical(bare(wn.sweep(Counted(), GRID)))


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"grid": {"hopping": [0.2, 0.6], "length": [2, 3, 5]}}, "axis hopping"),
        ({"observables": ["occupations"]}, "observables"),
        ({"solver": wn.solvers.Dense(estimate=False)}, "solver: stored Auto"),
        ({"seed": 1}, "seed: stored None, now 1"),
        ({"unit": "MHz"}, "unit: stored rate, now MHz"),
        ({"build": chain}, "build: stored counted, now sweep_tasks.chain"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_the_store_of_another_sweep_is_refused(tmp_path, changed, words):
    wn.sweep(Counted(), GRID, store=tmp_path / "a.nc")
    arguments = {"build": Counted(), "grid": GRID, "store": tmp_path / "a.nc"} | changed
    with pytest.raises(SweepError, match=words):
        wn.sweep(**arguments)


def test_the_store_of_another_version_is_refused(tmp_path, monkeypatch):
    wn.sweep(Counted(), GRID, store=tmp_path / "a.nc")
    monkeypatch.setattr(wn, "__version__", "99")
    with pytest.raises(SweepError, match=r"wignerness: stored .*, now 99"):
        wn.sweep(Counted(), GRID, store=tmp_path / "a.nc")


def test_damaged_stores_are_refused(tmp_path, monkeypatch):
    (tmp_path / "a.nc").write_bytes(b"nothing")
    with pytest.raises(FileFormatError, match="damaged"):
        wn.sweep(Counted(), GRID, store=tmp_path / "a.nc")
    os.mkfifo(tmp_path / "pipe.nc")
    with pytest.raises(FileFormatError, match="is no file, and is left as it is"):
        wn.sweep(Counted(), GRID, store=tmp_path / "pipe.nc", force=True)
    write_netcdf(wn.to_dataset(wn.steady_state(chain(0.5))), tmp_path / "one.nc")
    with pytest.raises(FileFormatError, match="not the file of a sweep"):
        wn.sweep(Counted(), GRID, store=tmp_path / "one.nc")
    data = wn.sweep(Counted(), GRID, store=tmp_path / "good.nc")
    content = bytearray((tmp_path / "good.nc").read_bytes())
    content[content.index(data.occupations.values[0, 0].tobytes()[:8])] ^= 1
    (tmp_path / "good.nc").write_bytes(content)
    with pytest.raises(FileFormatError, match="does not fit its checksum"):
        wn.sweep(Counted(), GRID, store=tmp_path / "good.nc")
    with pytest.raises(FileFormatError, match="no folder"):
        wn.sweep(Counted(), GRID, store=tmp_path / "nowhere" / "a.nc")
    with pytest.raises(KeyboardInterrupt):
        wn.sweep(Counted(stop_at=0), GRID, store=tmp_path / "b.nc")
    monkeypatch.setattr(Journal, "read", lambda self: {0: b"[]"})
    with pytest.raises(SweepError, match="is damaged"):
        wn.sweep(Counted(), GRID, store=tmp_path / "b.nc")


def test_a_file_that_is_in_the_way_stays(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        wn.sweep(Counted(stop_at=3), GRID, store=tmp_path / "a.nc", executor=InProcess(chunk=1))
    one = wn.to_dataset(wn.steady_state(chain(0.5)))
    for write in (lambda path: path.write_text("a diary"), lambda path: write_netcdf(one, path, force=True)):
        write(tmp_path / "a.nc")
        before = (tmp_path / "a.nc").read_bytes()
        with pytest.raises(FileFormatError, match="is not the file of a sweep, and is left as it is"):
            wn.sweep(Counted(), GRID, store=tmp_path / "a.nc")
        assert (tmp_path / "a.nc").read_bytes() == before
    (tmp_path / "a.nc").unlink()
    rest = Counted()
    wn.sweep(rest, GRID, store=tmp_path / "a.nc")
    assert rest.count == 3


def test_what_cannot_be_tried_again_is_told(tmp_path):
    first = wn.sweep(Counted(fail=(3,)), GRID, store=tmp_path / "a.nc")
    (tmp_path / "a.nc.journal").unlink()
    assert wn.sweep(Counted(), GRID, store=tmp_path / "a.nc").identical(first)
    with pytest.raises(SweepError, match="its 2 failed points cannot be tried again"):
        wn.sweep(Counted(), GRID, store=tmp_path / "a.nc", retry=True)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), FileFormatError("the disk is full")], ids=repr)
def test_what_ends_the_writing_of_the_file_is_told_how_to_go_on(tmp_path, monkeypatch, error):
    def fail(*arguments, **options):
        raise error

    monkeypatch.setattr(sweeps, "write_dataset", fail)
    with pytest.raises(type(error)) as stopped:
        wn.sweep(chain, GRID, store=tmp_path / "a.nc")
    assert stopped.value.__notes__[0].startswith("6 of 6 points are stored beside ")


def test_only_what_is_left_of_the_same_file_is_swept_up(tmp_path):
    others = {".a.nc.b.0123abcd.part", ".a.nc.mine.part"}
    for name in (*others, ".a.nc.0123abcd.part", ".a.nc.0123abcd.old"):
        (tmp_path / name).touch()
    wn.sweep(chain, GRID, store=tmp_path / "a.nc")
    assert {path.name for path in tmp_path.iterdir()} == {"a.nc", *others}


@pytest.mark.parametrize("name", ["a.nc", "a.zarr"])
def test_a_store_gives_the_sweep_again(tmp_path, name):
    grid = Product(
        Zipped({"hopping": [0.0, 0.2, 0.5], "length": Axis([3, 2, 5], "1", "how many")}), {"probe_rate": [0.1]}
    )
    data = wn.sweep(chain, grid, store=tmp_path / name, unit="MHz")
    assert data.attrs["failed"] == 1
    assert data.identical(load_result(tmp_path / name))
    again = wn.sweep(chain, grid, store=tmp_path / name, unit="MHz", retry=True)
    assert bare(again).identical(bare(data))
    (tmp_path / f".{name}.0123abcd.part").mkdir()  # left by one that was killed while it wrote
    anew = wn.sweep(chain, grid, ["occupations"], store=tmp_path / name, force=True)
    assert load_result(tmp_path / name).identical(anew)
    assert not list(tmp_path.glob(".*"))


def test_points_that_the_disk_has_changed_are_computed_anew(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        wn.sweep(Counted(stop_at=4), GRID, store=tmp_path / "a.nc", executor=InProcess(chunk=1))
    with sqlite3.connect(tmp_path / "a.nc.journal") as journal:
        (outcome,) = journal.execute("SELECT outcome FROM points WHERE position = 1").fetchone()
        changed = outcome[:-1] + bytes([outcome[-1] ^ 1])
        journal.execute("UPDATE points SET outcome = ? WHERE position = 1", (changed,))
    journal.close()
    rest = Counted()
    with pytest.warns(RuntimeWarning, match="1 point in the journal .* will be computed anew"):
        data = wn.sweep(rest, GRID, store=tmp_path / "a.nc")
    assert rest.count == 3
    assert bare(data).identical(bare(wn.sweep(Counted(), GRID)))


def test_names_and_values_in_any_script(tmp_path):
    def build(λ, Größe, name):
        return wn.models.chain(Größe, hopping=λ, rate=1.0, occupations=(1, 2))

    grid = {"λ": [0.1, 0.2], "Größe": [2], "name": ["süß", "苦い", "a,b;c"]}
    data = wn.sweep(build, grid, ["bath_currents"], store=tmp_path / "µ.nc")
    assert data.attrs["failed"] == 0
    assert load_result(tmp_path / "µ.nc").identical(data)
    assert data.bath_currents.sel(λ=0.2, name="苦い", bath="left").item() > 0

    def micro(µ):
        return chain(µ)

    assert wn.sweep(micro, {"\N{MICRO SIGN}": [0.1]}, ["occupations"]).attrs["failed"] == 0


def test_progress_counts_points_and_failures(tmp_path):
    told = []
    with progress_to(lambda *news: told.append(news)):
        wn.sweep(Counted(fail=(3,)), GRID, executor=InProcess(chunk=1))
    assert told[0] == ("points", 0, 6)
    assert told[-1] == ("points", 6, 6)
    assert ("failed points", 2, 6) in told


def test_outcomes_are_the_same_after_their_bytes():
    outcome = Outcome(
        {"a": np.array([0.1, np.nan, -0.0]), "b": np.array(np.pi)},
        ("x",),
        ("y", "z"),
        {"c": "why"},
        "Dense()",
        1e-17,
        2.0,
    )
    findings = Findings({7: outcome.encode(), 3: Outcome(message="away").encode(), 5: outcome.encode()})
    failed, form = findings.forms
    points, rows = findings.rows(form)
    found = form.arrays(rows)
    assert (len(findings), findings.failed, points.tolist()) == (3, 1, [5, 7])
    assert (form.nodes, form.baths, form.omitted, form.solver) == (("x",), ("y", "z"), {"c": "why"}, "Dense()")
    assert rows[0, :2].tolist() == [1e-17, 2.0]
    assert found["a"][0].tobytes() == outcome.values["a"].tobytes()
    assert found["b"].tolist() == [np.pi] * 2
    assert (failed.message, failed.shapes) == ("away", {})
    findings.discard_failed()
    assert (3 in findings, 5 in findings, findings.forms) == (False, True, [form])
    shaped = outcome.encode().replace(b'["a",[3]]', b'["a",[-3]]')
    for bad in (b"", b"16", b"{}\n", outcome.encode()[:-1], shaped):
        with pytest.raises(ValueError, match="no outcome"):
            Findings({0: bad})


def test_outcomes_of_a_stack_have_the_bytes_of_single_ones():
    values = {"a": np.arange(6.0).reshape(2, 3), "b": np.array([np.pi, -0.0])}
    accuracy = np.array([[1e-17, 2e-17], [3e-17, 4e-17]])
    for k, content in enumerate(encode_alike(Outcome(nodes=("x",), solver="Batch()"), accuracy, values)):
        own = {name: array[k] for name, array in values.items()}
        alone = Outcome(own, ("x",), solver="Batch()", residual=accuracy[k, 0], error_bound=accuracy[k, 1])
        assert content == alone.encode()


SCRIPT = """
import sys, wignerness as wn
from wignerness.analysis import Processes
from sweep_tasks import slow
if __name__ == "__main__":
    wn.sweep(slow, {"x": range(120)}, ["occupations"], executor=Processes(2, chunk=3), store=sys.argv[1])
"""


@pytest.mark.slow
def test_kill_9_of_the_parent_loses_nothing(tmp_path, rng):
    (tmp_path / "script.py").write_text(SCRIPT)
    paths = os.pathsep.join([str(Path(wn.__file__).parents[1]), str(Path(sweep_tasks.__file__).parent)])
    environment = os.environ | {"PYTHONPATH": paths}
    command = [sys.executable, str(tmp_path / "script.py"), str(tmp_path / "a.nc")]
    for _ in range(5):
        running = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
        try:
            running.wait(rng.uniform(2.0, 4.0))
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()
    subprocess.run(command, env=environment, check=True)
    grid = {"x": range(120)}
    stored = wn.sweep(sweep_tasks.slow, grid, ["occupations"], store=tmp_path / "a.nc")
    assert bare(stored).identical(bare(wn.sweep(sweep_tasks.slow, grid, ["occupations"])))
