"""Points of a sweep on a Dask cluster, in chunks."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from .._checks import integer
from ..errors import MissingExtraError, SweepError
from .outcome import Outcome
from .runner import Backlog, Delivery, Task, check_portable

__all__ = ["Dask"]

# Chunks under way a thread: enough for no worker to wait, few enough to lose little.
_AHEAD = 2
_SECONDS_TO_CONNECT = 15


@dataclass(frozen=True)
class Dask:
    """Work on a cluster that Dask distributed runs.

    Parameters
    ----------
    scheduler : str or distributed.Client
        Address of the scheduler (``tcp://host:8786``), or a client that is connected to it.
    chunk : int, optional
        Points a task. By default about a quarter of a second's worth. The results do not depend on it.

    Notes
    -----
    Dask moves the tasks of a worker that dies to others. A chunk that kills several workers is halved until the points
    that do so stand alone; those are recorded as failed. The machines need the same versions of wignerness, NumPy and
    SciPy, and the same kind of processor, for results that agree to the last bit.
    """

    scheduler: Any
    chunk: int | None = None

    def __post_init__(self) -> None:
        if self.chunk is not None:
            integer("chunk", self.chunk, minimum=1, error=SweepError)

    def run(self, task: Task, indices: Sequence[int]) -> Generator[Delivery, None, None]:
        """See `Executor`."""
        check_portable(task)
        backlog = Backlog(indices, self.chunk)
        with self._connected() as client:
            yield from _flow(client, task, backlog)

    @contextmanager
    def _connected(self) -> Iterator[Any]:
        distributed = _distributed()
        if isinstance(self.scheduler, distributed.Client):
            yield self.scheduler
            return
        try:
            client = distributed.Client(self.scheduler, timeout=_SECONDS_TO_CONNECT, set_as_default=False)
        except (OSError, ValueError) as error:
            raise SweepError(f"There is no Dask scheduler at {self.scheduler}: {error}") from error
        with client:
            yield client


def _flow(client: Any, task: Task, backlog: Backlog) -> Generator[Delivery, None, None]:
    """Keep the cluster busy until nothing waits and nothing is under way.

    Each chunk brings the task along: one that was scattered once would be gone with the last worker that held it.
    """
    wait = _distributed().wait
    under_way: dict[Any, list[int]] = {}
    try:
        while backlog or under_way:
            room = _AHEAD * max(1, sum(client.nthreads().values())) - len(under_way)
            for _ in range(room if backlog else 0):
                if backlog:
                    chunk = backlog.take()
                    under_way[client.submit(_timed, task, chunk, pure=False)] = chunk
            with client.as_current():
                done = wait(list(under_way), return_when="FIRST_COMPLETED").done
            for future in done:
                yield _collected(future, under_way.pop(future), backlog)
    finally:
        client.cancel(list(under_way))


def _collected(future: Any, chunk: list[int], backlog: Backlog) -> Delivery:
    if future.status == "finished":
        seconds, results = future.result()
        backlog.done(len(chunk), seconds)
        return list(zip(chunk, results, strict=True))
    error = future.exception() if future.status == "error" else None
    if error is not None and not isinstance(error, _distributed().KilledWorker):
        raise SweepError(f"The cluster cannot do the work: {type(error).__name__}: {error}") from error
    if error is None:
        raise SweepError("The cluster has dropped work: its scheduler was stopped or started anew.")
    return [
        (index, Outcome(message=f"Its workers on the cluster died of it: {error}").encode())
        for index in backlog.died(chunk)
    ]


def _distributed() -> Any:
    try:
        import distributed
    except ModuleNotFoundError as error:
        raise MissingExtraError("distributed", "cluster") from error
    return distributed


def _timed(task: Task, chunk: Sequence[int]) -> tuple[float, list[bytes]]:
    start = time.monotonic()
    results = task(chunk)
    return time.monotonic() - start, results
