"""The command line: parse, call, print. It holds no formula."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from io import TextIOWrapper

__all__ = ["main"]


def main() -> None:
    """Run the command ``wignerness``."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # Greek letters must not end a run on a plain terminal
    try:
        from .app import app

        try:
            app()
        finally:
            sys.stdout.flush()  # a full disk shows here, and not when Python ends
    except KeyboardInterrupt:  # before a command had begun
        raise SystemExit(130) from None
    except OSError as error:
        _say_why(error)
        raise SystemExit(1) from None
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in ("typer", "rich", "pydantic"):
            raise
        from ..errors import MissingExtraError

        sys.stderr.write(f"Error: {MissingExtraError(missing, 'cli')}\n")
        raise SystemExit(1) from None


def _say_why(error: OSError) -> None:
    """Tell why something could not be written, and see to it that Python does not try again when it ends."""
    what = "the output cannot be written" if error.filename is None else f"{error.filename}"
    with contextlib.suppress(OSError):
        if error.errno != errno.EPIPE:  # who closes a pipe knows
            sys.stderr.write(f"Error: {what}: {error.strerror or error}.\n")
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
