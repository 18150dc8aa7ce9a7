"""Changes of the structure of a network, made on documents that say everything node by node."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..errors import SpecError
from .documents import Document, unfolded

__all__ = ["EDITS", "edited"]

_BATH = {"rate": 1.0, "occupation": 1.0}
KINDS = ("thermal", "squeezed", "probe", "dephasing")


def edited(document: Document, edit: Mapping[str, Any]) -> Document:
    """Return the document after one change.

    Parameters
    ----------
    document : dict
    edit : mapping
        ``action``, a key of `EDITS`, and what it needs: indices of nodes, edges and baths in the order of the network.

    Raises
    ------
    SpecError
        If there is no such change, or no such element.
    """
    action = EDITS.get(str(edit.get("action")))
    if action is None:
        raise SpecError(f"There is no change {edit.get('action')!r}.")
    changed = unfolded(document)
    given = {name: value for name, value in edit.items() if name != "action"}
    try:
        action(changed, **given)
    except (TypeError, IndexError, KeyError):
        raise SpecError("The element that should change is no longer there.") from None
    return changed


def _add_node(document: Document, *, node: int) -> None:
    """A node linked to the given one, of the same frequency, by as strong a hopping as that has elsewhere."""
    network = document["network"]
    origin = network["nodes"][node]
    taken = {entry["label"] for entry in network["nodes"]}
    label = next(str(k) for k in range(len(taken), 2 * len(taken) + 2) if str(k) not in taken)
    network["nodes"].append({"label": label, "frequency": origin.get("frequency", 0.0)})
    edges = network.setdefault("edges", [])
    hopping = next((edge["hopping"] for edge in edges if node in edge["between"]), 1.0)
    edges.append({"between": [node, len(network["nodes"]) - 1], "hopping": hopping})


def _remove_node(document: Document, *, node: int) -> None:
    """A node goes with its links and baths; later ones move up."""
    network = document["network"]
    label = network["nodes"].pop(node)["label"]
    if not network["nodes"]:
        raise SpecError("The last node must stay.")
    for name in ("edges", "pairing"):
        kept = [entry for entry in network.get(name, []) if node not in entry["between"]]
        for entry in kept:
            entry["between"] = [end - (end > node) for end in entry["between"]]
        network[name] = kept
    network["drive"] = _without(network.get("drive", []), node)
    document["baths"] = _without([_without_jumps(bath, label) for bath in document.get("baths", [])], node)


def _without(entries: list[Any], node: int) -> list[Any]:
    kept = [entry for entry in entries if entry is not None and entry.get("node") != node]
    for entry in kept:
        if "node" in entry:
            entry["node"] -= entry["node"] > node
    return kept


def _without_jumps(bath: dict[str, Any], label: str) -> dict[str, Any] | None:
    """A bath without what its jumps do to a node; None if nothing is left."""
    if "jumps" not in bath:
        return bath
    for jump in bath["jumps"]:
        for side in ("u", "v"):
            jump.get(side, {}).pop(label, None)
    bath["jumps"] = [jump for jump in bath["jumps"] if jump.get("u") or jump.get("v")]
    return bath if bath["jumps"] else None


def _add_edge(document: Document, *, node: int, to: int) -> None:
    edges = document["network"].setdefault("edges", [])
    count = len(document["network"]["nodes"])
    if node == to or not 0 <= to < count or not 0 <= node < count:
        raise SpecError("A link joins two different nodes.")
    if any({node, to} == set(edge["between"]) for edge in edges):
        raise SpecError("These nodes are linked already: choose the link to change it.")
    hopping = next((edge["hopping"] for edge in edges if node in edge["between"]), 1.0)
    edges.append({"between": sorted((node, to)), "hopping": hopping})


def _remove_edge(document: Document, *, edge: int) -> None:
    document["network"]["edges"].pop(edge)


def _add_bath(document: Document, *, node: int, kind: str) -> None:
    baths = document.setdefault("baths", [])
    _ = document["network"]["nodes"][node]
    rate = next((bath["rate"] for bath in baths if bath.get("kind", "thermal") == kind), _BATH["rate"])
    baths.append(_bath(kind, node, rate, _BATH["occupation"]))


def _bath(kind: str, node: int, rate: float, occupation: float) -> dict[str, Any]:
    if kind not in KINDS:
        raise SpecError(f"A bath that is added must be one of {', '.join(KINDS)}, but is {kind!r}.")
    place = {"node": node, "kind": kind, "rate": rate}
    if kind == "thermal":
        return place | {"occupation": occupation}
    return place | {"thermal_occupation": occupation, "r": 0.5, "angle": 0.0} if kind == "squeezed" else place


def _remove_bath(document: Document, *, bath: int) -> None:
    document["baths"].pop(bath)


def _set_kind(document: Document, *, bath: int, kind: str) -> None:
    """Another kind on the same node at the same rate; a name stays."""
    old = document["baths"][bath]
    level = old.get("occupation", old.get("thermal_occupation", _BATH["occupation"]))
    new = _bath(kind, old["node"], old["rate"], level)
    document["baths"][bath] = new | ({"name": old["name"]} if "name" in old else {})


EDITS: dict[str, Callable[..., None]] = {
    "add node": _add_node,
    "remove node": _remove_node,
    "add edge": _add_edge,
    "remove edge": _remove_edge,
    "add bath": _add_bath,
    "remove bath": _remove_bath,
    "set kind": _set_kind,
}
