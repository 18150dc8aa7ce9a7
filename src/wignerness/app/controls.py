"""What can be set: one field for every number of a spec that a person would drag, as a plain description for the page."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from ..bath import KINDS as BATH_KINDS
from ..bath import JumpBath
from ..io.places import look_up
from ..io.theory_tables import THEORIES
from ..network import Network
from .documents import Document, is_unfolded, polar, unfolded
from .editing import KINDS

__all__ = ["controls", "elements"]

Field: TypeAlias = dict[str, Any]
Group: TypeAlias = dict[str, Any]

_MOST_TABLES = 6
_DECADES = 2  # of a logarithmic slider, to either side
_TURN = {"scale": "linear", "min": -3.2, "max": 3.2, "step": 0.01, "unit": "rad"}


def _count(least: int, most: int) -> Field:
    return {"scale": "linear", "min": least, "max": most, "step": 1, "integer": True}


def _share() -> Field:
    return {"scale": "linear", "min": 0, "max": 1, "step": 0.01}


def _decades(value: Any, *, unit: str = "", middle: float = 1.0) -> Field:
    """A logarithmic slider about a value, with zero at its left end."""
    size = abs(value) if isinstance(value, (int, float)) and math.isfinite(value) and value else middle
    center = round(math.log10(size))
    return {"scale": "log", "min": 10.0 ** (center - _DECADES), "max": 10.0 ** (center + _DECADES), "unit": unit}


def _signed(value: Any, *, unit: str = "") -> Field:
    """A linear slider about zero."""
    size = abs(value) if isinstance(value, (int, float)) and math.isfinite(value) else 0.0
    reach = 10.0 ** math.ceil(math.log10(size)) if size else 1.0
    return {"scale": "linear", "min": -reach, "max": reach, "step": reach / 200, "unit": unit}


_Look: TypeAlias = Callable[[Any, str], Field]

# Parameters of models: their label, how they are set, and their value where the spec says nothing.
_PARAMETERS: dict[str, tuple[str, _Look, Any]] = {
    "length": ("nodes L", lambda _v, _u: _count(2, 60), None),
    "n_modes": ("nodes L", lambda _v, _u: _count(2, 60), None),
    "shape[0]": ("rows", lambda _v, _u: _count(1, 12), None),
    "shape[1]": ("columns", lambda _v, _u: _count(1, 12), None),
    "shape[2]": ("layers", lambda _v, _u: _count(1, 6), None),
    "branching": ("branches", lambda _v, _u: _count(1, 12), None),
    "depth": ("generations", lambda _v, _u: _count(0, 5), None),
    "hopping": ("hopping λ", lambda v, u: _decades(v, unit=u), None),
    "rate": ("bath rate γ", lambda v, u: _decades(v, unit=u), None),
    "occupations[0]": ("n of the first bath", lambda v, _u: _decades(v), None),
    "occupations[1]": ("n of the last bath", lambda v, _u: _decades(v), None),
    "probe_rate": ("probe rate Γ", lambda v, u: _decades(v, unit=u, middle=0.1), 0.0),
    "flux": ("flux φ", lambda _v, _u: _TURN, 0.0),
    "frequency": ("frequency ω", lambda v, u: _signed(v, unit=u), None),
    "connectivity": ("further links", lambda _v, _u: _share(), None),
    "frequency_spread": ("spread of frequencies", lambda v, u: _decades(v, unit=u), None),
    "bath_density": ("nodes with a bath", lambda _v, _u: _share(), None),
    "probe_density": ("nodes with a probe", lambda _v, _u: _share(), None),
    "disorder": ("disorder (width)", lambda v, u: _decades(v, unit=u), None),
    "rng": ("seed", lambda _v, _u: _count(0, 50), None),
}
_RANDOM = {"occupations[0]": "lowest n", "occupations[1]": "highest n"}
_THEORY_NAMES = {"local": "local", "global": "global (normal modes)", "redfield": "Redfield", "exact": "none: exact"}
_BATH_FIELDS: dict[str, tuple[str, _Look]] = {
    "rate": ("rate", lambda v, u: _decades(v, unit=u)),
    "occupation": ("occupation n", lambda v, _u: _decades(v)),
    "temperature": ("temperature T", lambda v, u: _decades(v, unit=u)),
    "thermal_occupation": ("n before squeezing", lambda v, _u: _decades(v)),
    "r": ("squeezing r", lambda _v, _u: {"scale": "linear", "min": -1.5, "max": 1.5, "step": 0.01}),
    "angle": ("squeezing angle", lambda _v, _u: _TURN),
    "anomalous": ("⟨aa⟩", lambda v, _u: _signed(v)),
    "anomalous[0]": ("⟨aa⟩, real part", lambda v, _u: _signed(v)),
    "anomalous[1]": ("⟨aa⟩, imaginary part", lambda v, _u: _signed(v)),
}


def controls(document: Document, network: Network, selected: str) -> list[Group]:
    """Return the groups of fields for a document: its model, its tables of baths, the element that is chosen.

    Returns
    -------
    list of dict
        ``title``, ``fields`` (each with ``place``, ``label``, ``value`` and how it is set), ``choices`` and
        ``buttons``, which ask for an edit.
    """
    unit = str(document.get("unit", "rate"))
    groups = [*_model(document, unit), *_bath_tables(document, unit), _theory(document)]
    chosen = _element(document, network, selected, unit)
    return [*chosen, *groups] if chosen else groups


def elements(network: Network) -> list[tuple[str, str]]:
    """Return name and description of everything that can be chosen, for those who do not use the drawing."""
    labels = network.labels
    found = [(f"n{k}", f"node {label}") for k, label in enumerate(labels)]
    found += [(f"e{e}", f"link {labels[k]} – {labels[m]}") for e, (k, m) in enumerate(_pairs(network))]
    return found + [(f"b{b}", f"bath: {label}") for b, label in enumerate(network.bath_labels)]


def _pairs(network: Network) -> list[tuple[int, int]]:
    rows, columns = network.hamiltonian.nonzero()
    return [(int(k), int(m)) for k, m in zip(rows, columns, strict=True) if k < m]


def _field(document: Document, place: str, label: str, look: Field, *, own: str = "", value: Any = None) -> Field:
    found = look_up(document, place)
    return {"place": own + place, "label": label, "value": value if found is None else found, **look}


def _model(document: Document, unit: str) -> Iterator[Group]:
    network = document.get("network")
    if not isinstance(network, dict) or "model" not in network:
        return
    is_random = network["model"] == "random_network"
    fields = []
    for key, (label, look, default) in _PARAMETERS.items():
        value = look_up(document, f"network.{key}")
        offered = {"flux": network["model"] == "ring", "probe_rate": network["model"] == "chain"}.get(key, False)
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not is_number and not (value is None and offered):
            continue
        name = _RANDOM.get(key, label) if is_random else label
        shown = default if value is None else value
        fields.append(_field(document, f"network.{key}", name, look(shown, unit), value=shown))
    yield {"title": "Model", "fields": fields}


def _theory(document: Document) -> Group:
    kinds = [(kind, name) for kind, name in _THEORY_NAMES.items() if kind in THEORIES]
    kinds += [(kind, kind) for kind in THEORIES if kind not in _THEORY_NAMES]
    value = look_up(document, "theory.kind") or "local"
    choice = {"label": "Theory", "place": "theory.kind", "options": kinds, "value": value}
    return {"title": "Master equation", "fields": [], "choices": [choice]}


def _bath_tables(document: Document, unit: str) -> Iterator[Group]:
    tables = list(enumerate(document.get("baths", [])))
    if len(tables) > _MOST_TABLES:  # probes, one by one on every node of an unfolded model, are left to be chosen
        tables = [(number, table) for number, table in tables if table.get("kind") != "probe"]
    for number, table in tables[:_MOST_TABLES]:
        kind = table.get("kind", "thermal")
        title = table.get("name") or {"probe": "Probes", "thermal": "Bath", "jump": "Jump operators"}.get(kind, kind)
        fields = list(_bath_fields(document, f"baths[{number}]", unit, ""))
        if fields:
            yield {"title": f"{title[0].upper()}{title[1:]}", "fields": fields, "where": _where(table)}


def _where(table: dict[str, Any]) -> str:
    if "jumps" in table:
        return ""
    nodes = table.get("nodes", table.get("node"))
    if nodes == "all":
        return "on every node"
    if isinstance(nodes, list):
        shown = ", ".join(map(str, nodes[:4]))
        return f"on nodes {shown}{', …' if len(nodes) > 4 else ''}"
    return f"on node {nodes}"


def _bath_fields(document: Document, place: str, unit: str, own: str) -> Iterator[Field]:
    for key, (label, look) in _BATH_FIELDS.items():
        value = look_up(document, f"{place}.{key}")
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            yield _field(document, f"{place}.{key}", label, look(value, unit), own=own)


def _element(document: Document, network: Network, selected: str, unit: str) -> list[Group]:
    kind, index = selected[:1], selected[1:].partition("-")[0]
    if kind not in ("n", "e", "b") or not index.isdigit():
        return []
    whole = document if is_unfolded(document) else unfolded(document)
    own = "" if is_unfolded(document) else "~"
    number = int(index)
    make, count = {
        "n": (_node_group, network.n_modes),
        "e": (_edge_group, len(whole["network"].get("edges", []))),
        "b": (_bath_group, network.n_baths),
    }[kind]
    return make(whole, network, number, unit, own) if number < count else []


def _node_group(whole: Document, network: Network, node: int, unit: str, own: str) -> list[Group]:
    place = f"network.nodes[{node}].frequency"
    value = look_up(whole, place) or 0.0
    fields = [_field(whole, place, "frequency ω", _signed(value, unit=unit), own=own, value=0.0)]
    group: Group = {"title": f"Node {network.labels[node]}", "fields": fields, "chosen": True}
    group["buttons"] = [
        {"label": "Add a linked node", "edit": {"action": "add node", "node": node}},
        {"label": "Remove the node", "edit": {"action": "remove node", "node": node}},
    ]
    others = [(str(k), label) for k, label in enumerate(network.labels) if k != node]
    group["choices"] = [
        {
            "label": "Add a bath", "name": "kind", "edit": {"action": "add bath", "node": node}, "prompt": "kind …",
            "options": [(kind, kind) for kind in KINDS],
        },
        {
            "label": "Link to", "name": "to", "edit": {"action": "add edge", "node": node}, "prompt": "node …",
            "options": others, "integer": True,
        },
    ]  # fmt: skip
    mine = [
        number
        for number, bath in enumerate(network.baths)
        if node in (bath.support if isinstance(bath, JumpBath) else (bath.mode,))
    ]
    return [group, *(part for number in mine for part in _bath_group(whole, network, number, unit, own))]


def _edge_group(whole: Document, network: Network, edge: int, unit: str, own: str) -> list[Group]:
    entry, place = whole["network"]["edges"][edge], f"network.edges[{edge}]"
    strength, phase = polar(entry)
    first, second = (network.labels[k] for k in entry["between"])
    fields = [
        {"place": f"{own}{place}.hopping", "label": "strength |H|", "value": strength, **_decades(strength, unit=unit)},
        {"place": f"{own}{place}.phase", "label": "phase", "value": phase, **_TURN},
    ]
    button = {"label": "Remove the link", "edit": {"action": "remove edge", "edge": edge}}
    return [{"title": f"Link {first} – {second}", "fields": fields, "buttons": [button], "chosen": True}]


def _bath_group(whole: Document, network: Network, bath: int, unit: str, own: str) -> list[Group]:
    kind = BATH_KINDS[type(network.baths[bath])]
    fields = list(_bath_fields(whole, f"baths[{bath}]", unit, own))
    group: Group = {"title": f"Bath: {network.bath_labels[bath]}", "fields": fields, "chosen": True}
    group["buttons"] = [{"label": "Remove the bath", "edit": {"action": "remove bath", "bath": bath}}]
    if kind != "jump":
        kinds = [(name, name) for name in KINDS]
        edit = {"action": "set kind", "bath": bath}
        group["choices"] = [{"label": "Kind", "name": "kind", "edit": edit, "options": kinds, "value": kind}]
    return [group]
