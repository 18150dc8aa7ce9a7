"""Progress of long work: the one hook that it reports to, and how that looks in a terminal, a notebook, a log."""

from __future__ import annotations

import html
import importlib
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol, TextIO, TypeVar

T = TypeVar("T")
Hook = Callable[[str, int, int], None]

_hook: ContextVar[Hook | None] = ContextVar("wignerness_progress", default=None)
_SECONDS_BETWEEN_LINES = 10.0
_SECONDS_BETWEEN_PICTURES = 0.2
_BAR = 24


@contextmanager
def progress_to(hook: Hook) -> Iterator[None]:
    """Send progress of the work inside to ``hook(label, done, total)``."""
    token = _hook.set(hook)
    try:
        yield
    finally:
        _hook.reset(token)


def track(items: Sequence[T], label: str) -> Iterable[T]:
    """Iterate over ``items`` and report each finished one to the hook, if there is one."""
    hook = _hook.get()
    if hook is None:
        yield from items
        return
    total = len(items)
    hook(label, 0, total)
    for done, item in enumerate(items, start=1):
        yield item
        hook(label, done, total)


def report(label: str, done: int, total: int) -> None:
    """Tell the hook, if there is one, how far a piece of work is that is not one iteration."""
    hook = _hook.get()
    if hook is not None:
        hook(label, done, total)


@contextmanager
def progress(stream: TextIO | None = None) -> Iterator[None]:
    """Show how far the long work inside is (sweeps, trajectories): counts, rate, remaining time, failures.

    A bar in a notebook, a line that changes in a terminal; elsewhere, as in the log of a batch job, a line when work
    begins and ends and every ten seconds.

    Parameters
    ----------
    stream : file, optional
        Where to write; the default is standard error (in a notebook, the output of the cell).

    Examples
    --------
    >>> import sys
    >>> import wignerness as wn
    >>> def pair(hopping):
    ...     return wn.models.chain(2, hopping=hopping, rate=1.0, occupations=(1, 2))
    >>> with wn.progress(sys.stdout):
    ...     data = wn.sweep(pair, {"hopping": [0.5]})
    0 of 1 points
    1 of 1 points, ...
    """
    shown = _Course(_display(stream))
    with progress_to(shown):
        try:
            yield
        finally:
            shown.end()


def lines(stream: TextIO) -> Hook:
    """A hook that writes lines now and then."""
    return _Course(_Lines(stream))


class _Display(Protocol):
    """Shows words, and which part of the whole is done."""

    pause: float

    def show(self, words: str, part: float) -> None: ...

    def end(self) -> None: ...


class _Course:
    """What was told so far, passed on to a display when something begins, ends, or some time has passed."""

    def __init__(self, display: _Display) -> None:
        self._display = display
        self._first: dict[str, tuple[int, float]] = {}
        self._latest: dict[str, tuple[int, int]] = {}
        self._main = ""
        self._shown = -float("inf")

    def __call__(self, label: str, done: int, total: int) -> None:
        now = time.monotonic()
        if label == self._main and done < self._latest[label][0]:  # other work of the same name
            self._first, self._latest = {}, {}
        begins = not self._latest
        if begins:
            self._main = label
        self._first.setdefault(label, (done, now))
        self._latest[label] = (done, total)
        if label == self._main and (begins or done == total or now - self._shown >= self._display.pause):
            self._shown = now
            self._display.show(self._words(now), done / total if total else 1.0)

    def _words(self, now: float) -> str:
        done, total = self._latest[self._main]
        before, start = self._first[self._main]
        words = [f"{done} of {total} {self._main}"]
        if done > before and now > start:
            rate = (done - before) / (now - start)
            words.append(f"{rate:.3g}/s")
            words += [f"{_duration((total - done) / rate)} left"] if done < total else []
        words += [f"{count} {other}" for other, (count, _) in self._latest.items() if other != self._main]
        return ", ".join(words)

    def end(self) -> None:
        """Leave the display as it is."""
        if self._latest:
            done, total = self._latest[self._main]
            self._display.show(self._words(time.monotonic()), done / total if total else 1.0)
            self._display.end()


def _duration(seconds: float) -> str:
    """Seconds, minutes, hours or days, in the two largest of them.

    Examples
    --------
    >>> _duration(8.6), _duration(130), _duration(7300), _duration(4e5)
    ('9 s', '2 min 10 s', '2 h 1 min', '4 d 15 h')
    """
    left = round(seconds)
    for size, unit, part, smaller in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if left >= size:
            return f"{left // size} {unit} {left % size // part} {smaller}"
    return f"{left} s"


class _Lines:
    """For logs: one line after the other, each once."""

    pause = _SECONDS_BETWEEN_LINES

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._before = ""

    def show(self, words: str, part: float) -> None:  # noqa: ARG002 - as of every display
        if words.partition(",")[0] != self._before.partition(",")[0]:
            print(words, file=self._stream, flush=True)
        self._before = words

    def end(self) -> None:
        pass


class _Terminal:
    """A line that is written over and over."""

    pause = _SECONDS_BETWEEN_PICTURES

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def show(self, words: str, part: float) -> None:
        full = round(_BAR * part)
        print(f"\r\x1b[2K[{'#' * full}{'.' * (_BAR - full)}] {words}", end="", file=self._stream, flush=True)

    def end(self) -> None:
        print(file=self._stream, flush=True)


class _Notebook:
    """A bar of HTML that changes in the output of a cell."""

    pause = _SECONDS_BETWEEN_PICTURES

    def __init__(self) -> None:
        self._handle: Any = None

    def show(self, words: str, part: float) -> None:
        screen: Any = importlib.import_module("IPython.display")
        picture = screen.HTML(f'<progress value="{part:.4f}" max="1"></progress> {html.escape(words)}')
        if self._handle is None:
            self._handle = screen.display(picture, display_id=True)
        else:
            self._handle.update(picture)

    def end(self) -> None:
        self._handle = None


def _display(stream: TextIO | None) -> _Display:
    if stream is None and _in_notebook():
        return _Notebook()
    target = sys.stderr if stream is None else stream
    return _Terminal(target) if target.isatty() else _Lines(target)


def _in_notebook() -> bool:
    """Whether the code runs in the kernel of a notebook, which then has loaded IPython already."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return getattr(shell, "kernel", None) is not None
