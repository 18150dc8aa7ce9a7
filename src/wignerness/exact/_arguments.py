"""What the closed forms share in reading their arguments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from .._checks import real_array
from .._typing import RealArray

Pair: TypeAlias = tuple[float, float] | Sequence[float] | RealArray


def pair(name: str, value: Pair) -> RealArray:
    """Two non-negative numbers as an array."""
    return real_array(name, value, (2,), minimum=0.0)
