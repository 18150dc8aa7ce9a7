"""Points of a sweep on a Dask cluster, in chunks."""

from __future__ import annotations

import logging
import re
import time
import warnings
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from .._checks import fail, integer
from ..errors import MissingExtraError, SweepError
from .outcome import Outcome
from .runner import Backlog, Delivery, Task, check_portable

__all__ = ["Dask"]

# Chunks under way a thread: enough for no worker to wait, few enough to lose little.
_AHEAD = 2
_SECONDS_TO_CONNECT = 15
_ADDRESS = re.compile(r"[a-z]+://\S+:\d{1,5}/?")
_SECONDS_BEFORE_A_WORD = 10  # on workers that are waited for
_LOST = (CancelledError, OSError)  # what Dask raises when its scheduler is gone


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
    Dask moves the tasks of a worker that dies to others. Of a chunk that kills several workers (four, unless the scheduler
    is configured otherwise) each half is tried alone on the cluster, and so on, until the points that do so stand alone;
    those are recorded as failed. Where no worker is there yet, or none any more, the sweep waits for one. When the
    scheduler is lost the sweep ends with an error, and with a store it goes on where it was when it is started again. The
    machines need the same versions of wignerness, NumPy and SciPy, and the same kind of processor, for results that
    agree to the last bit.
    """

    scheduler: Any
    chunk: int | None = None

    def __post_init__(self) -> None:
        if self.chunk is not None:
            integer("chunk", self.chunk, minimum=1, error=SweepError)
        # Dask leaves half a client behind where it cannot read an address.
        if isinstance(self.scheduler, str) and not _ADDRESS.fullmatch(self.scheduler):
            fail("scheduler", "be an address such as tcp://host:8786", repr(self.scheduler), SweepError)

    def run(self, task: Task, indices: Sequence[int]) -> Generator[Delivery, None, None]:
        """See `Executor`."""
        check_portable(task)
        backlog = Backlog(indices, self.chunk)
        with self._connected() as client:
            flow = _Flow(client, task, backlog)
            try:
                _wait_for_workers(client)
                while flow.goes_on:
                    yield from flow.step()
            except _LOST as error:
                raise SweepError("The Dask scheduler was stopped, or cannot be reached any more.") from error
            finally:
                flow.cancel()

    @contextmanager
    def _connected(self) -> Iterator[Any]:
        distributed = _distributed()
        if isinstance(self.scheduler, distributed.Client):
            yield self.scheduler
            return
        with _quiet():
            try:
                client = distributed.Client(self.scheduler, timeout=_SECONDS_TO_CONNECT, set_as_default=False)
            except (OSError, ValueError) as error:
                raise SweepError(f"There is no Dask scheduler at {self.scheduler}: {error}") from error
            with client:
                yield client


class _Flow:
    """Keeps the cluster busy until nothing waits and nothing is under way."""

    def __init__(self, client: Any, task: Task, backlog: Backlog) -> None:
        self._client, self._task, self._backlog = client, task, backlog
        self._under_way: dict[Any, list[int]] = {}

    @property
    def goes_on(self) -> bool:
        return bool(self._backlog or self._under_way)

    def step(self) -> Iterator[Delivery]:
        """Hand out what there is room for, wait until something is done, and deliver it."""
        for _ in range(self._room()):
            if self._backlog:
                chunk = self._backlog.take()
                self._under_way[self._client.submit(_timed, _portion(self._task, chunk), chunk, pure=False)] = chunk
        with self._client.as_current():
            done = _distributed().wait(list(self._under_way), return_when="FIRST_COMPLETED").done
        for future in done:
            yield _collected(future, self._under_way.pop(future), self._backlog)

    def _room(self) -> int:
        """Chunks to hand out now; of those whose workers died one alone, as Dask blames all that a worker was given."""
        if self._backlog.suspects:
            return 0 if self._under_way else 1
        threads: int = sum(self._client.nthreads().values())
        return _AHEAD * max(1, threads) - len(self._under_way)

    def cancel(self) -> None:
        with suppress(*_LOST):
            self._client.cancel(list(self._under_way))


def _collected(future: Any, chunk: list[int], backlog: Backlog) -> Delivery:
    if future.status == "finished":
        seconds, results = future.result()
        backlog.done(len(chunk), seconds)
        return list(zip(chunk, results, strict=True))
    error = future.exception() if future.status == "error" else None
    if error is not None and not isinstance(error, _distributed().KilledWorker):
        raise SweepError(f"The cluster cannot do the work: {type(error).__name__}: {error}") from error
    if error is None:
        raise SweepError("The cluster has dropped work: its scheduler was stopped, or started anew.")
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


def _portion(task: Task, chunk: list[int]) -> Task:
    """The task without the parameters of all other points, where it can be had."""
    portion: Callable[[list[int]], Task] | None = getattr(task, "portion", None)
    return task if portion is None else portion(chunk)


def _timed(task: Task, chunk: Sequence[int]) -> tuple[float, list[bytes]]:
    start = time.monotonic()
    results = task(chunk)
    return time.monotonic() - start, results


def _wait_for_workers(client: Any) -> None:
    with suppress(TimeoutError):
        client.wait_for_workers(1, timeout=_SECONDS_BEFORE_A_WORD)
        return
    warnings.warn("The Dask cluster has no workers yet; the sweep waits for one.", RuntimeWarning, stacklevel=2)
    client.wait_for_workers(1)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Dask from logging at length what is told in an error of ours."""
    names = [name for name in logging.root.manager.loggerDict if name.partition(".")[0] in ("distributed", "tornado")]
    before = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)
