"""The journal of a sweep: finished points, safe the moment they are written, whatever is killed when."""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from ..errors import SweepError
from .identity import differences

__all__ = ["Journal"]

_FORMAT = "wignerness journal 2"
_TABLES = """
CREATE TABLE about (name TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE points (position INTEGER PRIMARY KEY, seal BLOB NOT NULL, outcome BLOB NOT NULL);
"""


class Journal:
    """Finished points of one sweep, in an SQLite file with a write-ahead log; to be used as a context.

    A point that was written is there after the process was killed, at whatever moment; one that was not is absent
    altogether. (After a loss of power the last few may be missing; the file is sound.) Every point is stored with a
    digest of its key and its outcome, so that one that the disk has changed since does not count.

    Parameters
    ----------
    path : path
        Made if it does not exist.
    identity : mapping of str to str
        What the sweep is.
    key : callable
        The key of a point, from its index.
    count : int
        Number of points; what else is stored does not count.

    Raises
    ------
    SweepError
        If it belongs to another sweep (the message shows the differences), is in use, damaged, or no journal.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> with Journal(Path(folder.name) / "a.journal", {"solver": "Auto()"}, str, 10) as journal:
    ...     journal.write([(3, b"result")])
    ...     journal.read()
    {3: b'result'}
    >>> folder.cleanup()
    """

    def __init__(self, path: Path, identity: Mapping[str, str], key: Callable[[int], str], count: int) -> None:
        self.path, self._key, self._count = path, key, count
        self.damaged = 0
        with self._explained():
            self._database = sqlite3.connect(path, timeout=1.0, isolation_level=None)
            try:
                self._open(identity)
            except BaseException:
                self._database.close()
                raise

    def _open(self, identity: Mapping[str, str]) -> None:
        for setting in (
            "trusted_schema = OFF",
            "locking_mode = EXCLUSIVE",
            "journal_mode = WAL",
            "synchronous = NORMAL",
        ):
            self._database.execute(f"PRAGMA {setting}").fetchall()
        with self._transaction():
            names = {name for (name,) in self._database.execute("SELECT name FROM sqlite_schema")}
            if not names:
                for statement in _TABLES.strip().split("\n"):
                    self._database.execute(statement)
                about = {"format": _FORMAT} | dict(identity)
                self._database.executemany("INSERT INTO about VALUES (?, ?)", about.items())
                return
        if "about" not in names:
            raise SweepError(f"{self.path} is not the journal of a sweep.")
        stored = dict(self._database.execute("SELECT name, text FROM about"))
        if stored.pop("format", None) != _FORMAT:
            raise SweepError(f"{self.path} is not a journal of the kind {_FORMAT!r}.")
        in_order = {name: stored[name] for name in identity if name in stored} | stored
        refuse_other(str(self.path), in_order, identity)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._database.close()

    def read(self) -> dict[int, bytes]:
        """Return the outcomes of all finished points by index; ``damaged`` counts those that are not what was written."""
        with self._explained():
            rows = self._database.execute("SELECT position, seal, outcome FROM points ORDER BY position").fetchall()
        found = {index: outcome for index, seal, outcome in rows if self._is_sound(index, seal, outcome)}
        self.damaged = len(rows) - len(found)
        return found

    def write(self, finished: Sequence[tuple[int, bytes]]) -> None:
        """Store finished points, all or none; one that was there (a failed one, tried again) is replaced."""
        rows = [(index, self._seal(index, outcome), outcome) for index, outcome in finished]
        with self._explained(), self._transaction():
            self._database.executemany("INSERT OR REPLACE INTO points VALUES (?, ?, ?)", rows)

    def _is_sound(self, index: int, seal: object, outcome: object) -> bool:
        return 0 <= index < self._count and isinstance(outcome, bytes) and seal == self._seal(index, outcome)

    def _seal(self, index: int, outcome: bytes) -> bytes:
        whole = hashlib.blake2b(self._key(index).encode(), digest_size=16)
        whole.update(outcome)
        return whole.digest()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            if _is_locked(error):
                raise _in_use(self.path) from error
            damaged = type(error) is sqlite3.DatabaseError  # not one of its kinds, such as a full disk
            remedy = " Use --force (force=True) to start anew." if damaged else ""
            raise SweepError(f"The journal {self.path} cannot be used: {error}.{remedy}") from error


def remove_journal(path: Path) -> None:
    """Remove a journal and the files that SQLite keeps beside it.

    Raises
    ------
    SweepError
        If they cannot be removed.
    """
    try:
        for ending in ("-wal", "-shm", ""):
            path.with_name(path.name + ending).unlink(missing_ok=True)
    except OSError as error:
        raise SweepError(f"The journal {path} cannot be removed: {error.strerror or error}.") from error


def refuse_in_use(path: Path) -> None:
    """Raise SweepError if a process is at work on the journal; not if it is damaged, or none."""
    if not path.is_file():
        return
    with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(path, timeout=1.0)) as database:
        try:
            database.execute("PRAGMA locking_mode = EXCLUSIVE").fetchall()
            database.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            if _is_locked(error):
                raise _in_use(path) from error


def _is_locked(error: sqlite3.Error) -> bool:
    return "locked" in str(error)


def _in_use(path: Path) -> SweepError:
    return SweepError(f"{path} is in use: another process runs this sweep.")


def refuse_other(where: str, stored: Mapping[str, str], present: Mapping[str, str]) -> None:
    """Raise SweepError if what is stored is of another sweep, with the differences."""
    lines = differences(stored, present)
    if lines:
        raise SweepError(
            f"{where} belongs to another sweep:\n  "
            + "\n  ".join(lines)
            + "\nUse another file, or --force (force=True) to start anew."
        )
