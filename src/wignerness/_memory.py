"""How much memory there is, and the refusal to need more."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from .errors import MemoryLimitError

_MEMINFO = Path("/proc/meminfo")
_CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")
_CGROUP_USED = Path("/sys/fs/cgroup/memory.current")


def available_memory() -> int | None:
    """Bytes that can still be allocated without swapping; None where the system does not tell."""
    found = []
    try:
        lines = _MEMINFO.read_text().splitlines()
        found.append(next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable")))
    except (OSError, StopIteration, ValueError):
        with contextlib.suppress(AttributeError, ValueError, OSError):
            found.append(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    with contextlib.suppress(OSError, ValueError):
        found.append(int(_CGROUP_LIMIT.read_text()) - int(_CGROUP_USED.read_text()))
    return min(found, default=None)


def refuse_beyond(needed: int, what: str, remedy: str) -> None:
    """Raise MemoryLimitError if ``needed`` bytes are not to be had."""
    available = available_memory()
    if available is not None and needed > available:
        raise MemoryLimitError(
            f"{what} needs about {_gib(needed)}, but {_gib(available)} are available. {remedy}",
            needed=needed,
            available=available,
        )


def _gib(size: int) -> str:
    return f"{size / 2**30:.3g} GiB"
