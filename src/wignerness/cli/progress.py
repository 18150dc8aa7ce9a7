"""Progress of long work as bars on the terminal; elsewhere as nothing, or as a line now and then."""

from __future__ import annotations

import sys
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

from .._progress import lines, progress_to


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
    with progress_to(lines(sys.stderr)):
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
