"""How a command ends when it cannot do what was asked: a message, an exit code, no traceback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from ..errors import SpecError, WignernessError

CANNOT, WRONG = 1, 2


@contextmanager
def reported(*, as_json: bool = False, wrong: tuple[type[WignernessError], ...] = (SpecError,)) -> Iterator[None]:
    """Turn errors of the library into a message on standard error and an exit code.

    With ``as_json`` a JSON document on standard output tells the same to machines. Errors in ``wrong`` end with 2, others
    with 1.
    """
    try:
        yield
    except (WignernessError, MemoryError) as failure:
        # A spec that only needs more memory than there is is not wrong.
        error = failure.__cause__ if isinstance(failure.__cause__, MemoryError) else failure
        if as_json:
            typer.echo(json.dumps({"error": _describe(error)}, indent=2))
        notes = "".join(f"\n{note}" for note in getattr(failure, "__notes__", ()))
        typer.echo(f"Error: {str(error) or 'there is not enough memory.'}{notes}", err=True)
        raise typer.Exit(WRONG if isinstance(error, wrong) else CANNOT) from None


def _describe(error: BaseException) -> dict[str, object]:
    faults = error.faults if isinstance(error, SpecError) else ()
    return {
        "type": type(error).__name__,
        "message": str(error),
        "faults": [{"path": path, "message": message} for path, message in faults],
    }
