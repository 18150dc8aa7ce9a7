"""Libraries that only some functions need: loaded when they are, with a word on how to get them."""

from __future__ import annotations

import importlib
from typing import Any

from ..errors import MissingExtraError


def optional_module(name: str, extra: str) -> Any:
    """Return a module, or raise MissingExtraError with the extra that brings it."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != name:
            raise
        raise MissingExtraError(name, extra) from error
