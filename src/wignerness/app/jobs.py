"""Work that takes longer than a page should wait: done in another process, asked about now and then, and stopped."""

from __future__ import annotations

import contextlib
import itertools
import multiprocessing
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .._progress import progress_to

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

__all__ = ["Jobs"]

_MOST = 2
_FORGOTTEN_AFTER = 60.0  # seconds without a question
_BETWEEN_REPORTS = 0.1


@dataclass(eq=False)
class _Job:
    process: multiprocessing.process.BaseProcess
    pipe: Connection
    started: float
    asked: float
    expected: dict[str, Any] = field(default_factory=dict)
    report: dict[str, Any] = field(default_factory=dict)
    result: Any = None
    done: bool = False


class Jobs:
    """Runs functions in processes of their own, and keeps results for as long as there is room.

    Parameters
    ----------
    most : int
        How many are kept at once; an older one is stopped for a newer, finished ones first.
    """

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._jobs: dict[str, _Job] = {}
        self._names = map(str, itertools.count(1))
        self._lock = threading.Lock()

    def start(
        self, function: Callable[[Any], Any], argument: Any, *, beforehand: Callable[[Any], str] | None = None
    ) -> str:
        """Begin, and return the name under which to ask.

        What ``beforehand`` returns for the argument is told as ``expected`` before the function is called.
        """
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=_work, args=(function, argument, theirs, beforehand), daemon=True)
        process.start()
        theirs.close()
        now = time.monotonic()
        with self._lock:
            self._tidy(now)
            while len(self._jobs) >= self._most:
                self._end(self._dispensable())
            name = next(self._names)
            self._jobs[name] = _Job(process, ours, now, now)
        return name

    def finish(self, function: Callable[[Any], Any], argument: Any) -> dict[str, Any]:
        """Begin, wait for the end, and return what `ask` tells then."""
        name = self.start(function, argument)
        while not {"result", "failed"} & (told := self.ask(name)).keys():
            time.sleep(_BETWEEN_REPORTS)
        self.stop(name)
        return told

    def ask(self, name: str) -> dict[str, Any]:
        """Return how a job stands.

        Returns
        -------
        dict
            ``seconds`` since its start; ``expected``, what it told beforehand; ``label``, ``done``, ``total`` of what it
            last reported; ``result`` when there is one, or ``failed`` where the process died, or nothing is known under this name. A result is told again when it
            is asked for again: of two questions on their way, a browser may drop the answer to the first.
        """
        with self._lock:
            job = self._jobs.get(name)
            if job is None:
                return {"failed": "It was stopped, because newer work took its place."}
            job.asked = time.monotonic()
            is_alive = job.process.is_alive()  # before listening: its last words may come in between
            self._listen(job)
            told = {"seconds": job.asked - job.started, **job.expected, **job.report}
            if job.done:
                return told | {"result": job.result}
            if not is_alive:
                return told | {"failed": "The process that worked on it has ended: was there too little memory?"}
            return told

    def stop(self, name: str) -> None:
        """End a job, if it is still there."""
        with self._lock:
            self._end(name)

    def close(self) -> None:
        """End all."""
        with self._lock:
            for name in list(self._jobs):
                self._end(name)

    def _dispensable(self) -> str:
        """The oldest that is finished, or else the oldest."""
        return next((name for name, job in self._jobs.items() if job.done), next(iter(self._jobs)))

    def _listen(self, job: _Job) -> None:
        with contextlib.suppress(EOFError, OSError):
            while job.pipe.poll():
                kind, content = job.pipe.recv()
                if kind == "expected":
                    job.expected = {kind: content}
                elif kind == "report":
                    job.report = content
                else:
                    job.result, job.done = content, True

    def _tidy(self, now: float) -> None:
        for name in [name for name, job in self._jobs.items() if now - job.asked > _FORGOTTEN_AFTER]:
            self._end(name)

    def _end(self, name: str) -> None:
        job = self._jobs.pop(name, None)
        if job is not None:
            job.process.terminate()
            job.process.join(timeout=1.0)
            job.pipe.close()


def _work(
    function: Callable[[Mapping[str, Any]], Any],
    argument: Any,
    pipe: Connection,
    beforehand: Callable[[Mapping[str, Any]], str] | None,
) -> None:
    last = 0.0

    def report(label: str, done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last > _BETWEEN_REPORTS or done == total:
            last = time.monotonic()
            pipe.send(("report", {"label": label, "done": done, "total": total}))

    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
        if beforehand is not None:
            pipe.send(("expected", beforehand(argument)))
        with progress_to(report):
            result = function(argument)
        pipe.send(("result", result))
