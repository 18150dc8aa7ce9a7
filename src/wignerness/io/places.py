"""Places in the document of a spec, such as ``network.length`` or ``baths[0].rate``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

__all__ = ["at", "look_up", "put", "steps"]

_STEP = re.compile(r"\.?([A-Za-z_]\w*)|\[(\d{1,9})\]")


def steps(place: str) -> list[str | int]:
    """Return the keys and indices that lead to a place; none if it is no place.

    Examples
    --------
    >>> steps("baths[0].rate"), steps("baths[")
    (['baths', 0, 'rate'], [])
    """
    found = list(_STEP.finditer(place))
    if "".join(step.group() for step in found) != place:
        return []
    return [step.group(1) or int(step.group(2)) for step in found]


def at(table: Any, step: str | int) -> Any:
    """Return what one key or index of a table or array leads to; None where there is nothing."""
    if isinstance(step, str):
        return table.get(step) if isinstance(table, dict) else None
    return table[step] if isinstance(table, list) and step < len(table) else None


def look_up(document: Mapping[str, Any], place: str) -> Any:
    """Return the value at a place; None where there is nothing.

    Examples
    --------
    >>> look_up({"baths": [{"rate": 0.5}]}, "baths[0].rate")
    0.5
    """
    value: Any = document
    for step in steps(place) or [""]:
        value = at(value, step)
    return value


def put(document: dict[str, Any], place: str, value: Any) -> None:
    """Put a value at a place whose table or array is there.

    Examples
    --------
    >>> spec = {"network": {"model": "chain"}}
    >>> put(spec, "network.length", 8)
    >>> spec
    {'network': {'model': 'chain', 'length': 8}}
    """
    way = steps(place)
    table: Any = document
    for step in way[:-1]:
        table = table[step]
    table[way[-1]] = value
