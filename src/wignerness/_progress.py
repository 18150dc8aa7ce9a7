"""The one progress hook that long work calls; faces decide how it looks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

T = TypeVar("T")
Hook = Callable[[str, int, int], None]

_hook: ContextVar[Hook | None] = ContextVar("wignerness_progress", default=None)


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
