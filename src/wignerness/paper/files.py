"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from ..errors import FileFormatError


def refuse_existing(paths: list[Path]) -> None:
    """Raise FileFormatError if any of the files exists, before the work is done."""
    present = [str(path) for path in paths if os.path.lexists(path)]
    if present:
        raise FileFormatError(
            f"{', '.join(present)} exist{'s' * (len(present) == 1)}; force=True (--force) replaces it."
        )


def appear(path: Path, write: Callable[[Path], None], *, force: bool) -> None:
    """Have `write` fill a temporary file beside `path`, then give it its name in one step.

    Raises
    ------
    FileFormatError
        The file cannot be written, or has come into being in the meantime and `force` is False.
    """
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        try:
            write(part)
            if not force:
                refuse_existing([path])
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise FileFormatError(f"{path} cannot be written: {error.strerror or error}") from error
