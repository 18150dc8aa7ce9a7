"""Sweeps on a Dask cluster whose scheduler and workers are processes of their own, and are really killed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest
import sweep_tasks

import wignerness as wn
from wignerness.analysis import Dask
from wignerness.errors import SweepError

distributed = pytest.importorskip("distributed")

GRID = {"hopping": [0.0, 0.2, 0.5], "length": [2, 3, 5, 8]}


class Cluster:
    """A scheduler and two workers on this machine."""

    def __init__(self, folder):
        self.folder = folder
        paths = [str(Path(wn.__file__).parents[1]), str(Path(sweep_tasks.__file__).parent)]
        self._environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
        file = folder / "scheduler.json"
        self.scheduler = self._start("dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", file)
        deadline = time.monotonic() + 60
        while not file.exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        self.address = json.loads(file.read_text())["address"]
        self.workers = [self._start("dask_worker", self.address, "--nthreads", "1") for _ in range(2)]

    def _start(self, what, *arguments):
        command = [sys.executable, "-m", f"distributed.cli.{what}", *map(str, arguments)]
        options = (
            ["--no-dashboard"] if what == "dask_scheduler" else ["--no-dashboard", "--local-directory", self.folder]
        )
        return subprocess.Popen([*command, *map(str, options)], env=self._environment, stderr=subprocess.DEVNULL)

    def kill_one_worker(self):
        """Kill -9 the process that works, not the nanny that looks after it."""
        children = [child for worker in self.workers for child in psutil.Process(worker.pid).children()]
        working = [child for child in children if "spawn_main" in " ".join(child.cmdline())]
        if working:
            working[0].kill()
        return bool(working)

    def stop(self):
        for process in (*self.workers, self.scheduler):
            process.terminate()
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
    grid = {"x": range(300)}
    killed = []

    def kill():
        for _ in range(2):
            time.sleep(1.0)
            killed.append(cluster.kill_one_worker())

    killer = threading.Thread(target=kill)
    killer.start()
    data = wn.sweep(sweep_tasks.slow, grid, ["occupations"], executor=Dask(cluster.address, chunk=10))
    killer.join()
    assert any(killed)
    assert data.drop_attrs().identical(wn.sweep(sweep_tasks.slow, grid, ["occupations"]).drop_attrs())


@pytest.mark.slow
def test_an_address_without_a_scheduler_is_an_error(monkeypatch):
    monkeypatch.setattr("wignerness.analysis.cluster._SECONDS_TO_CONNECT", 0.5)
    with pytest.raises(SweepError, match="no Dask scheduler at"):
        wn.sweep(sweep_tasks.chain, GRID, executor=Dask("tcp://127.0.0.1:9"))


def test_chunks_are_positive():
    with pytest.raises(SweepError, match="chunk"):
        Dask("tcp://127.0.0.1:8786", chunk=0)
