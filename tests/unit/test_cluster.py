"""Sweeps on a Dask cluster whose scheduler and workers are processes of their own, and are really killed."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
import sweep_tasks

import wignerness as wn
from wignerness.analysis import Dask
from wignerness.analysis.cluster import _wait_for_workers
from wignerness.errors import SweepError

distributed = pytest.importorskip("distributed")

GRID = {"hopping": [0.0, 0.2, 0.5], "length": [2, 3, 5, 8]}


PATHS = os.pathsep.join([str(Path(wn.__file__).parents[1]), str(Path(sweep_tasks.__file__).parent)])
ENVIRONMENT = os.environ | {"PYTHONPATH": PATHS}


class Cluster:
    """A scheduler and workers on this machine."""

    def __init__(self, folder, workers=2, port=0, **settings):
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self._environment = ENVIRONMENT | settings
        file = folder / "scheduler.json"
        self.scheduler = self._start("dask_scheduler", "--host", "127.0.0.1", "--port", port, "--scheduler-file", file)
        deadline = time.monotonic() + 60
        while not file.exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        self.address = json.loads(file.read_text())["address"]
        self.workers = []
        for _ in range(workers):
            self.start_worker()
        if workers:
            with distributed.Client(self.address, set_as_default=False) as client:
                client.wait_for_workers(workers, timeout=60)

    def start_worker(self):
        self.workers.append(self._start("dask_worker", self.address, "--nthreads", "1"))

    def _start(self, what, *arguments):
        command = [sys.executable, "-m", f"distributed.cli.{what}", *map(str, arguments)]
        options = (
            ["--no-dashboard"] if what == "dask_scheduler" else ["--no-dashboard", "--local-directory", self.folder]
        )
        return subprocess.Popen([*command, *map(str, options)], env=self._environment, stderr=subprocess.DEVNULL)

    def kill_one_worker(self):
        """Kill -9 the process that works, not the nanny that looks after it."""
        children = [child for worker in self.workers for child in psutil.Process(worker.pid).children()]
        # Where setproctitle is installed, a worker that is up calls itself "dask worker [tcp://...]".
        names = ("spawn_main", "dask worker")
        working = [child for child in children if any(name in " ".join(child.cmdline()) for name in names)]
        if working:
            working[0].kill()
        return bool(working)

    def kill_scheduler(self):
        self.scheduler.kill()
        self.scheduler.wait(30)

    def stop(self):
        """End all processes, also those of nannies that do not want to: they may be about to start a worker anew."""
        ours = [psutil.Process(process.pid) for process in (*self.workers, self.scheduler) if process.poll() is None]
        everything = [*ours, *(child for process in ours for child in process.children(recursive=True))]
        for process in (*self.workers, self.scheduler):
            process.terminate()
        _, left = psutil.wait_procs(everything, timeout=3)
        for process in left:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        for process in (*self.workers, self.scheduler):
            process.wait(30)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    running = Cluster(tmp_path_factory.mktemp("cluster"))
    yield running
    running.stop()


@pytest.mark.slow
def test_the_same_bits_from_a_cluster(cluster):
    expected = wn.sweep(sweep_tasks.chain, GRID).drop_attrs()
    assert expected.identical(wn.sweep(sweep_tasks.chain, GRID, executor=Dask(cluster.address)).drop_attrs())
    with distributed.Client(cluster.address, set_as_default=False) as client:
        data = wn.sweep(sweep_tasks.chain, GRID, executor=Dask(client, chunk=5))
        assert client.status == "running"
    assert expected.identical(data.drop_attrs())


@pytest.mark.slow
def test_workers_of_a_cluster_may_be_killed(cluster):
    grid = {"x": range(600)}
    killed = []

    def kill():
        deadline = time.monotonic() + 60
        while sum(killed) < 2 and time.monotonic() < deadline:
            time.sleep(1.0)
            killed.append(cluster.kill_one_worker())

    killer = threading.Thread(target=kill)
    killer.start()
    data = wn.sweep(sweep_tasks.slow, grid, ["occupations"], executor=Dask(cluster.address, chunk=10))
    killer.join()
    assert any(killed)
    assert data.drop_attrs().identical(wn.sweep(sweep_tasks.slow, grid, ["occupations"]).drop_attrs())


@pytest.mark.slow
def test_poison_points_are_found_on_a_cluster_and_nothing_else_is_blamed(tmp_path):
    """Dask blames all that a dead worker was given: with one death to forgive none, it blames at once."""
    cluster = Cluster(tmp_path / "cluster", DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="0")
    try:
        build = functools.partial(sweep_tasks.poisonous, deadly=(5,))
        data = wn.sweep(build, {"x": range(24)}, ["occupations"], executor=Dask(cluster.address, chunk=2))
    finally:
        cluster.stop()
    assert np.flatnonzero(data.message.values != "").tolist() == [5]
    assert "workers on the cluster died" in data.message.values[5]
    innocent = [x for x in range(24) if x != 5]
    alone = wn.sweep(functools.partial(sweep_tasks.poisonous, deadly=()), {"x": innocent}, ["occupations"])
    assert (data.occupations.sel(x=innocent).values == alone.occupations.values).all()


SCRIPT = """
import functools, sys
import wignerness as wn
from wignerness.analysis import Dask
from sweep_tasks import logged
if __name__ == "__main__":
    build = functools.partial(logged, log=sys.argv[3])
    wn.sweep(build, {"x": range(200)}, ["occupations"], executor=Dask(sys.argv[1], chunk=5), store=sys.argv[2])
"""


@pytest.mark.slow
def test_a_scheduler_may_be_killed_and_the_same_command_goes_on(tmp_path):
    """SIGKILL of the scheduler in the middle; then the same command against a new one."""
    (tmp_path / "script.py").write_text(SCRIPT)
    store, log = tmp_path / "a.nc", tmp_path / "log"
    first = Cluster(tmp_path / "first")
    command = [sys.executable, str(tmp_path / "script.py"), first.address, str(store), str(log)]
    try:
        running = subprocess.Popen(command, env=ENVIRONMENT, stderr=subprocess.PIPE, text=True)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and (not log.exists() or len(log.read_text().split()) < 60):
            time.sleep(0.05)
        first.kill_scheduler()
        _, said = running.communicate(timeout=60)
    finally:
        first.stop()
    assert running.returncode == 1
    assert "SweepError: The Dask scheduler was stopped, or cannot be reached any more." in said
    assert "of 200 points are stored beside" in said
    build = functools.partial(sweep_tasks.logged, log=str(log))
    with sqlite3.connect(f"{store}.journal") as journal:
        stored = {position for (position,) in journal.execute("SELECT position FROM points")}
    journal.close()
    assert 0 < len(stored) < 200
    before = len(log.read_text().split())
    second = Cluster(tmp_path / "second", workers=0, port=first.address.rpartition(":")[2])
    arriving = threading.Timer(1.0, second.start_worker)  # later than the sweep, which waits for it
    arriving.start()
    try:
        subprocess.run(command, env=ENVIRONMENT, check=True)
    finally:
        arriving.join()
        second.stop()
    again = {int(x) for x in log.read_text().split()[before:]}
    assert again == set(range(200)) - stored
    data = wn.sweep(build, {"x": range(200)}, ["occupations"], store=store)
    whole = wn.sweep(build, {"x": range(200)}, ["occupations"])
    assert data.drop_attrs().identical(whole.drop_attrs())


def test_a_cluster_without_workers_is_waited_for():
    class Empty:
        waited = []  # noqa: RUF012

        def wait_for_workers(self, count, timeout=None):
            self.waited.append(timeout)
            if timeout is not None:
                raise TimeoutError

    with pytest.warns(RuntimeWarning, match="no workers yet"):
        _wait_for_workers(Empty())
    assert Empty.waited[-1] is None


@pytest.mark.slow
def test_an_address_without_a_scheduler_is_an_error(monkeypatch):
    monkeypatch.setattr("wignerness.analysis.cluster._SECONDS_TO_CONNECT", 0.5)
    with pytest.raises(SweepError, match="no Dask scheduler at"):
        wn.sweep(sweep_tasks.chain, GRID, executor=Dask("tcp://127.0.0.1:9"))


@pytest.mark.parametrize("address", ["nonsense", "tcp://", "127.0.0.1:8786", "tcp://host"])
def test_what_is_no_address_is_told_at_once(address):
    with pytest.raises(SweepError, match="such as tcp://host:8786"):
        Dask(address)


def test_chunks_are_positive():
    with pytest.raises(SweepError, match="chunk"):
        Dask("tcp://127.0.0.1:8786", chunk=0)
