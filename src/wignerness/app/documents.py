"""Specs as documents: read, changed at places, unfolded node by node, written. Everything here is pure and cached."""

from __future__ import annotations

import copy
import dataclasses
import json
import math
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

from ..errors import SpecError
from ..io.faults import Faults
from ..io.places import look_up, put, steps
from ..io.spec import RunSpec, parse_document, read_document
from ..io.toml_writer import write_document
from .resizing import SIZES, resized
from .view import View

__all__ = ["Document", "composed", "is_unfolded", "key_of", "normalized", "read", "unfolded"]

Document: TypeAlias = dict[str, Any]

_OWN = "~"


def composed(view: View) -> Document:
    """Return the document of a view: that of its text, with its settings.

    Raises
    ------
    SpecError
        If the text is no TOML, names files, or a setting has no place in it.
    """
    document = copy.deepcopy(_parsed(view.spec))
    own = {place: value for place, value in view.settings.items() if place.startswith(_OWN)}
    for place, value in view.settings.items():
        if place not in own:
            document = _set(document, place, value)
    if own and not is_unfolded(document):
        document = unfolded(document)
    for place, value in own.items():
        document = _set(document, place.removeprefix(_OWN), value)
    return document


def normalized(view: View, document: Document) -> View:
    """Return the view with the document for its text, and no settings left."""
    return dataclasses.replace(view, spec=write_document(document), settings={})


def key_of(document: Document) -> str:
    """Return a text that is the same for the same document."""
    return json.dumps(document, sort_keys=True, default=str)


def read(document: Document) -> RunSpec:
    """Return the network of a document and what to compute.

    Raises
    ------
    SpecError
        With all faults.
    """
    return read_document(copy.deepcopy(document), Path(), Faults("The spec"), write_document(document))


def is_unfolded(document: Document) -> bool:
    """Whether it says everything node by node, with plain indices and one node a bath, as `unfolded` writes it."""
    network, baths = document.get("network"), document.get("baths", [])
    if not isinstance(network, dict) or not isinstance(network.get("nodes"), list) or not isinstance(baths, list):
        return False
    ends = [edge.get("between") for edge in network.get("edges", []) if isinstance(edge, dict)]
    return all(isinstance(end, int) for pair in ends if isinstance(pair, list) for end in pair) and all(
        isinstance(bath, dict) and ("jumps" in bath or isinstance(bath.get("node"), int)) for bath in baths
    )


def unfolded(document: Document) -> Document:
    """Return the document node by node; a sweep, which speaks of the parameters of a model, is left out.

    Raises
    ------
    SpecError
        If it has faults.
    """
    return copy.deepcopy(_unfolded(key_of(document)))


@lru_cache(maxsize=32)
def _unfolded(key: str) -> Document:
    document = json.loads(key)
    run = read(document)
    plain = dataclasses.replace(run, sweep=None, in_time=None)
    kept = {name: document[name] for name in ("evolve", "trajectories") if name in document}
    return parse_document(plain.to_toml()) | kept


@lru_cache(maxsize=32)
def _parsed(text: str) -> Document:
    document = parse_document(text)
    network = document.get("network")
    for name in ("graph", "matrix"):
        if isinstance(network, dict) and name in network:
            remedy = "names a file, and a page reads no files: start it with `wignerness app SPEC.toml`"
            raise SpecError(f"network.{name} {remedy}.", faults=[(f"network.{name}", remedy)])
    return document


def _set(document: Document, place: str, value: Any) -> Document:
    if place in SIZES:
        return resized(document, place, value)
    if place == "theory.kind":  # options of another theory do not go with it
        return {name: table for name, table in document.items() if name != "theory"} | {"theory": {"kind": value}}
    try:
        _put(document, place, value)
    except (KeyError, IndexError, TypeError):
        raise SpecError(f"The spec has no place {place!r}.", faults=[(place, "leads nowhere")]) from None
    return document


def _put(document: Document, place: str, value: Any) -> None:
    way = steps(place)
    if len(way) == 4 and way[:2] == ["network", "edges"] and way[3] in ("hopping", "phase"):
        edge = look_up(document, place.rpartition(".")[0])
        edge["hopping"], edge["phase"] = polar(edge)
    put(document, place, value)


def polar(edge: dict[str, Any]) -> tuple[Any, float]:
    """Return the hopping of an edge as strength and phase; as it is where it is no number."""
    hopping, phase = edge.get("hopping", 0.0), edge.get("phase", 0.0)
    if not isinstance(hopping, list):
        return hopping, phase
    real, imaginary = hopping
    return math.hypot(real, imaginary), math.atan2(imaginary, real) + phase
