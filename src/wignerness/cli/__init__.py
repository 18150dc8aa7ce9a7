"""The command line: parse, call, print. It holds no formula."""

from __future__ import annotations

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

        app()
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in ("typer", "rich", "pydantic"):
            raise
        from ..errors import MissingExtraError

        sys.stderr.write(f"Error: {MissingExtraError(missing, 'cli')}\n")
        raise SystemExit(1) from None
