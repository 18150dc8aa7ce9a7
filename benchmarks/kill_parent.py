"""Kill -9 of a sweep's process at random moments: is anything lost, computed twice, or changed by a bit?

    python benchmarks/kill_parent.py --kills 500

Sweeps of small points run in children that are forked from this warm process (so that the moments fall into the sweep
and not into imports), every tenth with two worker processes, and are killed after a random time. After each kill the
journal is read: what was stored before must be there, unchanged. The next child goes on. A sweep that comes to its end
is compared with one that nobody disturbed, bit by bit, and a new one begins. Workers end when they find their parent
gone, after the chunk that they are at: what these compute is counted apart.
"""

from __future__ import annotations

import argparse
import os
import signal
import sqlite3
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

import wignerness as wn
from wignerness.analysis import InProcess, Processes

POINTS = 80


def chain(x: int, log: str) -> wn.Network:
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(descriptor, f"{os.getsid(0)} {x}\n".encode())
    os.close(descriptor)
    time.sleep(0.002)  # so that about as many moments fall among the points as into the writing of the file
    return wn.models.chain(2, hopping=0.1 + 0.01 * x, rate=1.0, occupations=(1, 2))


@dataclass
class Tally:
    kills: int = 0
    in_export: int = 0
    finished: int = 0
    lost: int = 0
    doubled: int = 0
    orphaned: int = 0
    changed: int = 0
    stored: dict[int, bytes] = field(default_factory=dict)


def run(store: Path, log: Path, executor: InProcess | Processes):
    grid = {"x": range(POINTS), "log": [str(log)]}
    return wn.sweep(chain, grid, ["occupations", "entropy_production"], executor=executor, store=store)


def in_child(store: Path, log: Path, executor: InProcess | Processes) -> int:
    child = os.fork()
    if child == 0:
        try:
            os.setsid()  # its workers are of its session
            run(store, log, executor)
            os._exit(0)
        finally:
            os._exit(1)
    return child


def stored(journal: Path) -> dict[int, bytes]:
    if not journal.exists():
        return {}
    database = sqlite3.connect(journal)
    try:
        if not database.execute("SELECT 1 FROM sqlite_schema WHERE name = 'points'").fetchone():
            return {}
        return dict(database.execute("SELECT position, outcome FROM points"))
    finally:
        database.close()


def one(folder: Path, tally: Tally, executor: InProcess | Processes, delay: float, expected) -> None:
    store, log = folder / "a.nc", folder / "log"
    journal = folder / "a.nc.journal"
    log.write_text("")
    child = in_child(store, log, executor)
    time.sleep(delay)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    killed = os.WIFSIGNALED(status)
    if not killed and os.WEXITSTATUS(status):
        sys.exit("a sweep failed: its message is above")
    tally.kills += killed
    tally.in_export += killed and len(tally.stored) == POINTS
    lines = [line.split() for line in log.read_text().splitlines()]
    computed = [int(x) for session, x in lines if int(session) == child]
    tally.orphaned += len(lines) - len(computed)
    tally.doubled += len(set(computed) & set(tally.stored)) + len(computed) - len(set(computed))
    if store.exists():
        found = wn.sweep(
            chain, {"x": range(POINTS), "log": [str(log)]}, ["occupations", "entropy_production"], store=store
        )
        tally.finished += 1
        tally.changed += not found.drop_attrs().identical(expected.drop_attrs())
        for file in folder.glob("a.nc*"):
            file.unlink()
        tally.stored = {}
        return
    now = stored(journal)
    tally.lost += len(set(tally.stored) - set(now))
    tally.changed += sum(now[index] != content for index, content in tally.stored.items() if index in now)
    tally.stored = now


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    rng, tally, start = np.random.default_rng(arguments.seed), Tally(), time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        log = folder / "log"
        expected = wn.sweep(chain, {"x": range(POINTS), "log": [str(log)]}, ["occupations", "entropy_production"])
        (folder / "timed").mkdir()
        begun = time.monotonic()  # after all imports
        os.waitpid(in_child(folder / "timed" / "a.nc", log, InProcess(chunk=4)), 0)
        whole = time.monotonic() - begun
        while tally.kills < arguments.kills:
            spawned = tally.kills % 10 == 9
            executor = Processes(2, chunk=4) if spawned else InProcess(chunk=4)
            delay = rng.uniform(0, 3.0 if spawned else whole)
            one(folder, tally, executor, delay, expected)
            if sys.stderr.isatty():
                print(f"\r{tally.kills} kills", end="", file=sys.stderr)
    print(
        f"{tally.kills} kills in {time.monotonic() - start:.0f} s, {tally.in_export} of them with all points stored and the "
        f"file being written; {tally.finished} sweeps of {POINTS} points finished: "
        f"{tally.lost} points lost, {tally.doubled} computed twice, {tally.changed} changed; {tally.orphaned} computed by workers "
        "that ended their chunk after the kill, and stored by nobody"
    )
    sys.exit(bool(tally.lost or tally.doubled or tally.changed))


if __name__ == "__main__":
    main()
