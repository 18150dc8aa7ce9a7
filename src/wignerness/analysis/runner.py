"""Who works on the points of a sweep: this process, or processes that may die without taking the sweep along."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from typing import Any, Protocol, Self, TypeAlias

from .._checks import integer
from ..errors import SweepError
from .outcome import Outcome

__all__ = ["Backlog", "Executor", "InProcess", "Processes"]

Task: TypeAlias = Callable[[Sequence[int]], list[bytes]]
Delivery: TypeAlias = list[tuple[int, bytes]]

# A chunk should take about so long: what is lost when everything is killed, against the cost of a round trip.
_SECONDS_A_CHUNK = 0.25
_LARGEST_CHUNK = 2048
# A point that its worker dies of twice, alone, is given up.
_LAST_DEATH = 2
# Workers in a row that end before they are ready: by themselves, or because somebody kills them.
_LAST_FALSE_START = 3
_LAST_KILLED_AT_START = 20
_SECONDS_TO_END = 1.0
_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


class Executor(Protocol):
    """Has a task work on points, and delivers what they came to as it comes."""

    def run(self, task: Task, indices: Sequence[int]) -> Generator[Delivery, None, None]:
        """Yield pairs of an index and its encoded outcome, in any order, every index once."""
        ...


class Backlog:
    """Points that wait for a worker, in chunks; and whom to suspect when a worker dies.

    Parameters
    ----------
    indices : sequence of int
    chunk : int, optional
        Points a chunk. By default it grows until a chunk takes a quarter of a second.
    """

    def __init__(self, indices: Sequence[int], chunk: int | None = None) -> None:
        self._waiting = deque(indices)
        self._suspects: deque[list[int]] = deque()
        self._deaths: dict[int, int] = {}
        self._fixed = chunk is not None
        self._size = chunk or 1

    def __bool__(self) -> bool:
        """Whether anything waits."""
        return bool(self._waiting or self._suspects)

    @property
    def suspects(self) -> bool:
        """Whether the next chunk is one, or part of one, whose worker died."""
        return bool(self._suspects)

    def take(self) -> list[int]:
        """Return the next chunk."""
        if self._suspects:
            return self._suspects.popleft()
        return [self._waiting.popleft() for _ in range(min(self._size, len(self._waiting)))]

    def done(self, count: int, seconds: float) -> None:
        """Note how long a chunk took."""
        if not self._fixed and count == self._size:
            fitting = count * _SECONDS_A_CHUNK / max(seconds, 1e-9)
            self._size = max(1, min(2 * count, int(fitting), _LARGEST_CHUNK))

    def died(self, chunk: list[int]) -> list[int]:
        """Put back a chunk whose worker died, in halves; return the points that are given up."""
        if len(chunk) > 1:
            half = len(chunk) // 2
            self._suspects.extend((chunk[:half], chunk[half:]))
            return []
        self._deaths[chunk[0]] = self._deaths.get(chunk[0], 0) + 1
        if self._deaths[chunk[0]] >= _LAST_DEATH:
            return chunk
        self._suspects.append(chunk)
        return []


@dataclass(frozen=True)
class InProcess:
    """Work in this process, point by point.

    Examples
    --------
    >>> def square(indices):
    ...     return [str(index**2).encode() for index in indices]
    >>> list(InProcess().run(square, [2, 3]))
    [[(2, b'4')], [(3, b'9')]]
    """

    chunk: int | None = None

    def run(self, task: Task, indices: Sequence[int]) -> Generator[Delivery, None, None]:
        """See `Executor`."""
        backlog = Backlog(indices, self.chunk)
        while backlog:
            chunk, start = backlog.take(), time.monotonic()
            yield list(zip(chunk, task(chunk), strict=True))
            backlog.done(len(chunk), time.monotonic() - start)


@dataclass(frozen=True)
class Processes:
    """Work in processes of this machine, one BLAS thread each.

    A worker that is killed is replaced. Its points are halved until those that kill their workers stand alone; a point
    that does so twice is recorded as failed, and nothing else is lost.

    Parameters
    ----------
    workers : int, optional
        By default as many as there are cores for this process.
    chunk : int, optional
        Points that a worker is given at a time. By default about a quarter of a second's worth. The results do not
        depend on it.

    Notes
    -----
    Workers start anew (not as copies of this process) and import the function that builds the networks: it must
    stand in a module, and a script that starts a sweep must do so under ``if __name__ == "__main__":``.
    """

    workers: int | None = None
    chunk: int | None = None

    def __post_init__(self) -> None:
        for name in ("workers", "chunk"):
            if getattr(self, name) is not None:
                integer(name, getattr(self, name), minimum=1, error=SweepError)

    def run(self, task: Task, indices: Sequence[int]) -> Generator[Delivery, None, None]:
        """See `Executor`."""
        check_portable(task)
        backlog = Backlog(indices, self.chunk)
        most = min(self.workers or _cores(), max(1, len(indices)))
        with _Crew(task, most) as crew:
            while backlog or crew.busy:
                crew.hand_out(backlog)
                yield from crew.collect(backlog)


class _Crew:
    """Workers, their pipes, and what each is working on."""

    def __init__(self, task: Task, size: int) -> None:
        self._task, self._size = task, size
        self._context = multiprocessing.get_context("spawn")
        self._members: list[_Member] = []
        self._false_starts = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        for member in self._members:
            member.connection.close()
            member.process.kill()
        for member in self._members:
            member.process.join()
            member.process.close()

    @property
    def busy(self) -> bool:
        return any(member.chunk for member in self._members)

    def hand_out(self, backlog: Backlog) -> None:
        """Give every idle worker a chunk, after starting what is missing of the workers."""
        resource_tracker.ensure_running()  # which would end the next line's patience
        with _single_threaded(), _patient():
            while backlog and len(self._members) < self._size:
                self._members.append(_Member(self._context, self._task))
        for member in self._members:
            if backlog and member.ready and not member.chunk:
                member.begin(backlog.take())

    def collect(self, backlog: Backlog) -> Iterator[Delivery]:
        """Wait until something happens, and yield what was delivered or given up."""
        happened = wait([m.connection for m in self._members])
        for member in [m for m in self._members if m.connection in happened]:
            chunk, results = member.chunk, member.receive()
            if results is None:
                self._bury(member)
                given_up = backlog.died(chunk) if chunk else []
                yield [(index, _death(member.exitcode)) for index in given_up]
            elif chunk:
                backlog.done(len(chunk), time.monotonic() - member.began)
                if backlog:  # before the delivery is dealt with, so that the worker need not wait for that
                    member.begin(backlog.take())
                yield list(zip(chunk, results, strict=True))

    def _bury(self, member: _Member) -> None:
        self._members.remove(member)
        self._false_starts = 0 if member.ready else self._false_starts + 1
        member.bury()
        by_itself = (member.exitcode or 0) >= 0
        if self._false_starts >= (_LAST_FALSE_START if by_itself else _LAST_KILLED_AT_START):
            raise SweepError(
                f"Worker processes end before they are ready (exit code {member.exitcode}; what they say is on standard "
                'error). A script must start a sweep under `if __name__ == "__main__":`, and the function that builds '
                "the networks must stand in a module that can be imported; `InProcess()` needs neither."
            )


class _Member:
    """A worker process."""

    def __init__(self, context: Any, task: Task) -> None:
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs, task), daemon=True)
        self.process.start()
        theirs.close()
        self.ready = False
        self.chunk: list[int] = []
        self.began = 0.0
        self.exitcode: int | None = None

    def begin(self, chunk: list[int]) -> None:
        self.chunk, self.began = chunk, time.monotonic()
        with suppress(OSError):  # if it died meanwhile, its end of the pipe tells so again when it is read
            self.connection.send(chunk)

    def receive(self) -> list[bytes] | None:
        """Return what the worker sent; nothing but its being ready is an empty list, its death None."""
        try:
            results: list[bytes] = self.connection.recv()
        except (OSError, EOFError, pickle.UnpicklingError):
            return None
        self.ready = True
        self.chunk = []
        return results

    def bury(self) -> None:
        self.connection.close()
        self.process.join(_SECONDS_TO_END)  # its pipe ends before itself, which it may do with a word
        self.process.kill()
        self.process.join()
        self.exitcode = self.process.exitcode
        self.process.close()


def _serve(connection: Connection, task: Task) -> None:
    """Work until the pipe closes: that is, until the parent is done, or dead."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what Ctrl-C means
    try:
        connection.send([])
        while True:
            connection.send(task(connection.recv()))
    except (EOFError, OSError):
        return


def _cores() -> int:
    affinity = getattr(os, "sched_getaffinity", None)  # not on every system
    return len(affinity(0)) if affinity else os.cpu_count() or 1


@contextmanager
def _single_threaded() -> Iterator[None]:
    """Have processes that start inside read that BLAS is to use one thread: it looks once, when it is loaded."""
    before = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def _patient() -> Iterator[None]:
    """Have processes that start inside not hear Ctrl-C, and this one hear it afterwards."""
    if not hasattr(signal, "pthread_sigmask"):  # not on every system
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def check_portable(task: Task) -> None:
    """Raise SweepError unless other processes can be given the task."""
    try:
        pickle.dumps(task)
    except Exception as error:
        raise SweepError(
            f"The function that builds the networks, and everything in the grid, the solver and the observables, must "
            f"be fit for other processes, but is not: {error}. Define functions at the top of a module, or use "
            "`InProcess()`."
        ) from error


def _death(exitcode: int | None) -> bytes:
    how = f"signal {-exitcode}" if exitcode is not None and exitcode < 0 else f"exit code {exitcode}"
    return Outcome(message=f"Its worker process died of it {_LAST_DEATH} times ({how}).").encode()
