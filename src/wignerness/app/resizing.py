"""Networks of a model made larger or smaller: its baths keep their relative places."""

from __future__ import annotations

import copy
import math
import re
from collections.abc import Callable
from typing import Any, TypeAlias

from ..io.places import look_up, put

__all__ = ["SIZES", "announced_size", "resized", "size_places"]

_Table: TypeAlias = dict[str, Any]

_SIZE_KEYS = {
    "chain": ("network.length",),
    "ring": ("network.length",),
    "lattice": ("network.shape[0]", "network.shape[1]", "network.shape[2]"),
    "tree": ("network.branching", "network.depth"),
    "random_network": ("network.n_modes",),
}
SIZES = frozenset(place for places in _SIZE_KEYS.values() for place in places)
_LARGEST = 10**6  # beyond, baths stay where they are: the model will say what is wrong
_DEEPEST = 20
_COORDINATES = re.compile(r"\d{1,7}(,\d{1,7})+")


def size_places(document: _Table) -> tuple[str, ...]:
    """Return the places that say how large the network is."""
    places = _SIZE_KEYS.get(str(look_up(document, "network.model")), ())
    return tuple(place for place in places if look_up(document, place) is not None)


def announced_size(document: _Table) -> int:
    """Return how many nodes a model will have at least, by its sizes alone; 0 if they do not say.

    Examples
    --------
    >>> announced_size({"network": {"model": "lattice", "shape": [4, 7]}})
    28
    """
    values = [look_up(document, place) for place in size_places(document)]
    if not values or not all(isinstance(value, int) and value >= 1 for value in values):
        return 0
    if look_up(document, "network.model") == "tree":
        branching, depth = [*values, 1][:2]
        return int(branching ** min(depth, _DEEPEST))
    return math.prod(values)


def resized(document: _Table, place: str, size: Any) -> _Table:
    """Return the document with another size; nodes of baths move along, from end to end.

    Whether the size makes sense is left to the model.

    Examples
    --------
    >>> spec = {"network": {"model": "ring", "length": 8}, "baths": [{"node": 0}, {"node": 4}]}
    >>> [bath["node"] for bath in resized(spec, "network.length", 20)["baths"]]
    [0, 10]
    """
    changed = copy.deepcopy(document)
    put(changed, place, size)
    move = _MOVES.get(str(look_up(document, "network.model")), _along)
    baths = changed.get("baths")
    for bath in baths if isinstance(baths, list) else ():
        if isinstance(bath.get("nodes"), list):
            bath["nodes"] = move(bath["nodes"], document["network"], changed["network"])
        elif "node" in bath:
            bath["node"] = move([bath["node"]], document["network"], changed["network"])[0]
    return changed


def _sizes(*values: Any) -> list[int] | None:
    """The values if all are sizes."""
    are = all(isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= _LARGEST for value in values)
    return list(values) if are else None


def _scaled(index: int, before: int, after: int) -> int:
    return round(index * (after - 1) / max(before - 1, 1))


def _each(nodes: list[Any], move: Callable[[int], int], count: int) -> list[Any]:
    """Move the indices that exist, and leave the rest to the reader of specs."""
    moved = [move(node) if isinstance(node, int) and 0 <= node < count else node for node in nodes]
    return list(dict.fromkeys(moved))


def _along(nodes: list[Any], before: _Table, after: _Table) -> list[Any]:
    """In a row of nodes."""
    sizes = _sizes(*(network.get("length", network.get("n_modes")) for network in (before, after)))
    return nodes if sizes is None else _each(nodes, lambda node: _scaled(node, *sizes), sizes[0])


def _around(nodes: list[Any], before: _Table, after: _Table) -> list[Any]:
    """In a ring."""
    sizes = _sizes(before.get("length"), after.get("length"))
    if sizes is None:
        return nodes
    old, new = sizes
    return _each(nodes, lambda node: round(node * new / old) % new, old)


def _in_generations(nodes: list[Any], before: _Table, after: _Table) -> list[Any]:
    """In a tree: from a generation to the one as deep, and within it from end to end."""
    sizes = _sizes(*(network.get(key) for network in (before, after) for key in ("branching", "depth")))
    if sizes is None or max(sizes[1], sizes[3]) > _DEEPEST:
        return nodes
    children, depth, more, deeper = sizes
    starts = _starts(children, depth)

    def move(node: int) -> int:
        old = next(g for g in range(depth + 1) if node < starts[g + 1])
        new = _scaled(old, depth + 1, deeper + 1)
        return _starts(more, new)[new] + _scaled(node - starts[old], children**old, more**new)

    return _each(nodes, move, starts[-1])


def _starts(children: int, depth: int) -> list[int]:
    """The first node of every generation, and the number of all nodes."""
    return [sum(children**level for level in range(generation)) for generation in range(depth + 2)]


def _on_lattice(nodes: list[Any], before: _Table, after: _Table) -> list[Any]:
    """On a lattice, by labels; a whole edge stays a whole edge."""
    old, new = before.get("shape"), after.get("shape")
    if not isinstance(old, list) or not isinstance(new, list) or len(old) != len(new) or _sizes(*old, *new) is None:
        return nodes
    if not all(
        isinstance(node, str) and _COORDINATES.fullmatch(node) and node.count(",") == len(old) - 1 for node in nodes
    ):
        return nodes
    places = [tuple(map(int, node.split(","))) for node in nodes]
    for axis in range(len(old)) if len(old) == 2 else ():
        fixed = places[0][1 - axis]
        if len(nodes) > 1 and places == _edge(axis, fixed, old):
            return [_label(place) for place in _edge(axis, _scaled(fixed, old[1 - axis], new[1 - axis]), new)]
    moved = [_label(tuple(_scaled(k, *ends) for k, *ends in zip(place, old, new, strict=True))) for place in places]
    return list(dict.fromkeys(moved))


def _edge(axis: int, fixed: int, extents: list[int]) -> list[tuple[int, ...]]:
    """The places along one axis of a lattice, at a place on the other."""
    return [(fixed, k) if axis else (k, fixed) for k in range(extents[axis])]


def _label(place: tuple[int, ...]) -> str:
    return ",".join(map(str, place))


_MOVES: dict[str, Callable[[list[Any], _Table, _Table], list[Any]]] = {
    "ring": _around,
    "tree": _in_generations,
    "lattice": _on_lattice,
}
