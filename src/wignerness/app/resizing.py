"""Networks of a model made larger or smaller: its baths keep their relative places."""

from __future__ import annotations

import copy
import re
from typing import Any

from ..io.places import look_up, put

__all__ = ["SIZES", "resized", "size_places"]

_SIZE_KEYS = {
    "chain": ("network.length",),
    "ring": ("network.length",),
    "lattice": ("network.shape[0]", "network.shape[1]", "network.shape[2]"),
    "tree": ("network.branching", "network.depth"),
    "random_network": ("network.n_modes",),
}
SIZES = frozenset(place for places in _SIZE_KEYS.values() for place in places)
_COORDINATES = re.compile(r"\d+(,\d+)+")


def size_places(document: dict[str, Any]) -> tuple[str, ...]:
    """Return the places that say how large the network is."""
    places = _SIZE_KEYS.get(str(look_up(document, "network.model")), ())
    return tuple(place for place in places if look_up(document, place) is not None)


def resized(document: dict[str, Any], place: str, size: Any) -> dict[str, Any]:
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
    before, after = _extents(document), _extents(changed)
    if before is None or after is None:
        return changed
    periodic = look_up(document, "network.model") == "ring"
    for bath in changed.get("baths", []):
        if "node" in bath:
            bath["node"] = _moved(bath["node"], before, after, periodic=periodic)
        if isinstance(bath.get("nodes"), list):
            bath["nodes"] = _moved_all(bath["nodes"], before, after, periodic=periodic)
    return changed


def _extents(document: dict[str, Any]) -> list[int] | None:
    """Extents along the axes of a lattice; of anything else the number of nodes. None where they are none."""
    network = document["network"]
    if network.get("model") == "lattice":
        extents = network.get("shape")
        extents = [extents] if isinstance(extents, int) else extents
    elif network.get("model") == "tree":
        branching, depth = network.get("branching"), network.get("depth")
        if not _is_size(branching) or not _is_size(depth) or branching ** min(depth, 64) > 10**6:
            return None
        extents = [sum(branching**level for level in range(depth + 1))]
    else:
        extents = [network.get("length", network.get("n_modes"))]
    return extents if isinstance(extents, list) and extents and all(map(_is_size, extents)) else None


def _is_size(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _moved(node: Any, before: list[int], after: list[int], *, periodic: bool) -> Any:
    if isinstance(node, int) and len(before) == 1:
        return _scaled(node, before[0], after[0], periodic=periodic)
    if isinstance(node, str) and _COORDINATES.fullmatch(node) and node.count(",") == len(before) - 1 == len(after) - 1:
        places = zip(map(int, node.split(",")), before, after, strict=True)
        return ",".join(str(_scaled(*place, periodic=False)) for place in places)
    return node


def _scaled(index: int, before: int, after: int, *, periodic: bool) -> int:
    if periodic:
        return round(index * after / before) % after
    return round(index * (after - 1) / max(before - 1, 1))


def _moved_all(nodes: list[Any], before: list[int], after: list[int], *, periodic: bool) -> list[Any]:
    """Move several nodes; a whole edge of a lattice stays a whole edge."""
    if len(before) == len(after) == 2:
        for axis in (0, 1):
            for place in range(before[1 - axis]):
                if nodes == _edge(axis, place, before):
                    return _edge(axis, _scaled(place, before[1 - axis], after[1 - axis], periodic=False), after)
    return list(dict.fromkeys(_moved(node, before, after, periodic=periodic) for node in nodes))


def _edge(axis: int, place: int, extents: list[int]) -> list[str]:
    """The labels of a lattice's nodes along an axis, at a place on the other."""
    return [f"{place},{k}" if axis else f"{k},{place}" for k in range(extents[axis])]
