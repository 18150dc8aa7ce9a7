"""The journal: what was written is there, nothing else is, and other sweeps are refused."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import wignerness
from wignerness.analysis.identity import differences
from wignerness.analysis.journal import Journal, refuse_in_use, remove_journal
from wignerness.errors import SweepError

ABOUT = {"wignerness": "1", "spec": "a\nb", "axis x": "3 values"}


def key(index):
    return f"key {index}"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run.nc.journal"


def test_what_was_written_is_read_by_the_next(path):
    with Journal(path, ABOUT, key, 10) as journal:
        assert journal.read() == {}
        journal.write([(3, b"three"), (1, b"\0one")])
    with Journal(path, ABOUT, key, 10) as journal:
        journal.write([(3, b"again")])
        assert journal.read() == {1: b"\0one", 3: b"again"}
    remove_journal(path)
    assert list(path.parent.iterdir()) == []


def test_a_point_under_another_key_does_not_count(path):
    with Journal(path, ABOUT, key, 10) as journal:
        journal.write([(1, b"one")])
    with Journal(path, ABOUT, lambda index: f"other {index}", 10) as journal:
        assert journal.read() == {}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"wignerness": "2"}, ["wignerness: stored 1, now 2"]),
        ({"spec": "a\nc"}, ["stored  b", "now     c"]),
        ({"axis y": "1 value"}, ["axis y: stored nothing, now 1 value"]),
    ],
)
def test_another_sweep_is_refused_with_the_difference(path, change, words):
    with Journal(path, ABOUT, key, 10) as journal:
        journal.write([(1, b"one")])
    with pytest.raises(SweepError) as caught:
        Journal(path, ABOUT | change, key, 10)
    assert all(word in str(caught.value) for word in words)
    assert "  a\n" not in str(caught.value)
    with Journal(path, ABOUT, key, 10) as journal:
        assert journal.read() == {1: b"one"}


def test_what_is_no_longer_there_is_a_difference():
    assert differences({"a": "1", "b": "2"}, {"a": "1"}) == ["b: stored 2, now nothing"]


def test_only_one_sweep_at_a_time(path):
    with Journal(path, ABOUT, key, 10), pytest.raises(SweepError, match="in use"):
        Journal(path, ABOUT, key, 10)


def test_foreign_and_damaged_files_are_refused(path):
    path.write_bytes(b"no database at all, but long enough to look at" * 50)
    with pytest.raises(SweepError, match=r"cannot be used: file is not a database. Use --force"):
        Journal(path, ABOUT, key, 10)
    path.unlink()
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE birds (name TEXT)")
    database.close()
    with pytest.raises(SweepError, match="not the journal of a sweep"):
        Journal(path, ABOUT, key, 10)


def test_a_point_that_the_disk_has_changed_does_not_count(path):
    with Journal(path, ABOUT, key, 10) as journal:
        journal.write([(1, b"one"), (2, b"two"), (3, b"three")])
    with sqlite3.connect(path) as database:
        database.execute("UPDATE points SET outcome = x'746f6f' WHERE position = 2")
        database.execute("UPDATE points SET position = 4 WHERE position = 3")
        database.execute("INSERT INTO points SELECT 10, seal, outcome FROM points WHERE position = 1")
    database.close()
    with Journal(path, ABOUT, key, 10) as journal:
        assert journal.read() == {1: b"one"}
        assert journal.damaged == 3


def test_no_flipped_byte_passes_for_a_result(path, rng):
    """A damaged journal is refused, or what it still holds is what was written."""
    written = {index: bytes(rng.integers(0, 256, 300, dtype=np.uint8)) for index in range(40)}
    with Journal(path, ABOUT, key, 40) as journal:
        journal.write(list(written.items()))
    whole = path.read_bytes()
    refused = kept = 0
    for place in rng.integers(0, len(whole), 300):
        flipped = bytearray(whole)
        flipped[place] ^= 1 << int(rng.integers(8))
        path.write_bytes(flipped)
        try:
            with Journal(path, ABOUT, key, 40) as journal:
                found = journal.read()
        except SweepError:
            refused += 1
        else:
            assert found.items() <= written.items()
            kept += len(found) == 40 - journal.damaged
        remove_journal(path)
    assert refused > 0
    assert kept > 0


def test_a_write_that_fails_leaves_nothing(path):
    with Journal(path, ABOUT, key, 10) as journal:
        with pytest.raises(SweepError, match="cannot be used"):
            journal.write([(1, b"one"), ("two", b"two")])
        assert journal.read() == {}


WRITER = """
import sys
from pathlib import Path
from wignerness.analysis.journal import Journal
with Journal(Path(sys.argv[1]), {"a": "b"}, str, 10**6) as journal:
    start = len(journal.read())
    for index in range(start, 10**6):
        journal.write([(index, str(index).encode() * 50)])
        print(index, flush=True)
"""


def test_everything_written_before_kill_9_is_there(path):
    environment = os.environ | {"PYTHONPATH": str(Path(wignerness.__file__).parents[1])}
    last = -1
    for _ in range(3):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True, env=environment
        )
        for _ in range(25):
            last = int(writer.stdout.readline())
        writer.send_signal(signal.SIGKILL)
        said = [int(line) for line in writer.stdout.read().split("\n")[:-1]]
        last = said[-1] if said else last
        writer.wait()
        writer.stdout.close()
    with Journal(path, {"a": "b"}, str, 10**6) as journal:
        found = journal.read()
    assert last < len(found) <= last + 2
    assert found == {index: str(index).encode() * 50 for index in range(len(found))}


def test_who_starts_anew_does_not_take_the_journal_of_another(path):
    with Journal(path, ABOUT, key, 10) as journal:
        journal.write([(1, b"one")])
        with pytest.raises(SweepError, match="in use"):
            refuse_in_use(path)
    refuse_in_use(path)
    with Journal(path, ABOUT, key, 10) as journal:
        assert journal.read() == {1: b"one"}
    path.write_bytes(b"no journal" * 1000)
    refuse_in_use(path)
    remove_journal(path)
    refuse_in_use(path)
    path.mkdir()
    refuse_in_use(path)
    with pytest.raises(SweepError, match="cannot be removed"):
        remove_journal(path)
