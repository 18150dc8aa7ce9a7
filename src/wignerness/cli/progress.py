"""Progress of long work as bars on the terminal; elsewhere as nothing, or as a line now and then."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from .._progress import progress_to

_SECONDS_BETWEEN_LINES = 10.0


@contextmanager
def bars() -> Iterator[None]:
    """Show what the work inside reports, one bar a label, on standard error."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield
        return
    with _shown(Progress(console=console, transient=True)):
        yield


@contextmanager
def followed() -> Iterator[None]:
    """Show counts, rate and remaining time of the work inside: bars on a terminal, lines in a log."""
    console = Console(stderr=True)
    if console.is_terminal:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn())
        with _shown(Progress(*columns, console=console, transient=True)):
            yield
        return
    with progress_to(_Lines(console)):
        yield


@contextmanager
def _shown(progress: Progress) -> Iterator[None]:
    tasks: dict[str, TaskID] = {}

    def show(label: str, done: int, total: int) -> None:
        if label in tasks:
            progress.update(tasks[label], completed=done, total=total)
        else:  # what was done before it began does not count for the rate
            tasks[label] = progress.add_task(label, completed=done, total=total)

    with progress, progress_to(show):
        yield


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:.3g}/s", style="progress.data.speed")


class _Lines:
    """Prints a line when something begins, ends, or some seconds have passed."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._first: dict[str, tuple[int, float]] = {}
        self._latest: dict[str, tuple[int, int]] = {}
        self._printed = 0.0

    def __call__(self, label: str, done: int, total: int) -> None:
        now = time.monotonic()
        begins = label not in self._first
        self._first.setdefault(label, (done, now))
        self._latest[label] = (done, total)
        if label == next(iter(self._first)) and (
            begins or done == total or now - self._printed > _SECONDS_BETWEEN_LINES
        ):
            self._printed = now
            self._console.print(self._line(label, now), highlight=False, soft_wrap=True, markup=False)

    def _line(self, label: str, now: float) -> str:
        done, total = self._latest[label]
        before, start = self._first[label]
        words = [f"{done} of {total} {label}"]
        if done > before and now > start:
            rate = (done - before) / (now - start)
            words += [f"{rate:.3g}/s"] + ([f"{(total - done) / rate:.0f} s left"] if done < total else [])
        words += [f"{count} {other}" for other, (count, _) in self._latest.items() if other != label]
        return ", ".join(words)
