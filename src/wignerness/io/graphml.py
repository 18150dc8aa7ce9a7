"""GraphML files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias
from xml.etree import ElementTree

from .._text import shorten
from ..bath import Probe, ThermalBath
from .graphs import Graph, Report, edge_element, finite, prefixed

Element: TypeAlias = ElementTree.Element
Words: TypeAlias = dict[str, str]

# The attributes that matter, and what has them; the same as `wignerness.models.from_graph` knows.
_OWNER = {
    "frequency": "node",
    "rate": "node",
    "occupation": "node",
    "probe_rate": "node",
    "hopping": "edge",
    "phase": "edge",
}


def read_graphml(text: str, *, frequency: float, hopping: complex | None, report: Report) -> Graph:
    """Read a GraphML file.

    Attributes of a node: ``frequency``; ``rate`` and ``occupation`` for a thermal bath on it; ``probe_rate`` for a
    probe. Attributes of an edge: ``hopping`` and ``phase`` (radian), H_source,target = hopping exp(i phase). Others
    are ignored. Undirected edges have no direction for a phase to refer to; they must run forward in the order
    of the nodes if they have one.

    Parameters
    ----------
    text : str
        The content of the file.
    frequency : float
        Frequency of the nodes that have none in the file.
    hopping : complex or None
        Hopping of the edges that have none in the file; None if each must have its own.
    report : callable
        Called with a message for every fault.

    Returns
    -------
    Graph
    """
    graph = Graph()
    root = _parse(text, report)
    if root is None:
        return graph
    keys, defaults = _keys(root)
    body = next(_children(root, "graph"))
    for node in _children(body, "node"):
        _add_node(graph, node, _attributes(node, keys, defaults), frequency, report)
    directed = body.get("edgedefault") == "directed"
    for edge in _children(body, "edge"):
        one_way = edge.get("directed", str(directed).lower()) == "true"
        _add_edge(graph, edge, _attributes(edge, keys, defaults), hopping, one_way, report)
    if next(_children(body, "hyperedge"), None) is not None:
        report("a hyperedge is no term of a quadratic Hamiltonian")
    return graph


def _parse(text: str, report: Report) -> Element | None:
    # Entities can make a small file fill the memory; GraphML has no use for them.
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        report("a GraphML file must not declare a document type or entities")
        return None
    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError) as error:
        report(f"is not XML: {shorten(str(error))}")
        return None
    graphs = list(_children(root, "graph"))
    if len(graphs) != 1:
        report(f"a GraphML file must hold one graph, but holds {len(graphs)}")
        return None
    return root


def _add_node(graph: Graph, node: Element, words: Words, frequency: float, report: Report) -> None:
    label = node.get("id", "")
    own = finite(words["frequency"], "frequency", report) if "frequency" in words else frequency
    size = len(graph.labels)
    graph.add_node(label, own or 0.0, report)
    if next(_children(node, "graph"), None) is not None:
        report(f"the node `{shorten(label)}` holds a graph of its own, which no network has")
    if len(graph.labels) > size:
        _add_baths(graph, size, words, prefixed(report, f"node `{shorten(label)}`: "))


def _add_baths(graph: Graph, index: int, words: Words, report: Report) -> None:
    names = ("rate", "occupation", "probe_rate")
    numbers = {name: finite(words[name], name, report, minimum=0.0) for name in names if name in words}
    if ("rate" in numbers) != ("occupation" in numbers):
        report("`rate` and `occupation` belong together: a bath needs both")
    rate, occupation, probe_rate = (numbers.get(name) for name in names)
    if rate is not None and occupation is not None:
        graph.baths.append(ThermalBath(index, rate, occupation))
    if probe_rate is not None:
        graph.baths.append(Probe(index, probe_rate))


def _add_edge(
    graph: Graph, edge: Element, words: Words, hopping: complex | None, one_way: bool, report: Report
) -> None:
    ends = (edge.get("source", ""), edge.get("target", ""))
    unknown = [end for end in ends if end not in graph.index]
    for label in unknown:
        report(f"an edge ends at the node `{shorten(label)}`, which does not exist")
    value = None if unknown else edge_element(words, hopping, ends, report)
    if value is None:
        return
    start, end = graph.index[ends[0]], graph.index[ends[1]]
    if one_way and graph.edges.get((end, start)) == value.conjugate():
        return  # both directions of one link, as a Hermitian matrix has them
    if not one_way and start > end and value.imag:
        report(
            f"the complex edge between `{shorten(ends[0])}` and `{shorten(ends[1])}` has no direction that tells H_ab "
            "from its conjugate; make the graph or the edge directed, or let it start at the earlier node"
        )
        return
    graph.add_edge(start, end, value, report)


def _keys(root: Element) -> tuple[Words, dict[str, Words]]:
    """Return the names of the keys that matter, by id, and the default values for nodes and for edges."""
    keys: Words = {}
    defaults: dict[str, Words] = {"node": {}, "edge": {}}
    for key in _children(root, "key"):
        name = key.get("attr.name", "")
        owner = _OWNER.get(name)
        if owner is not None and key.get("for", "all") in (owner, "all"):
            keys[key.get("id", "")] = name
            for default in _children(key, "default"):
                defaults[owner][name] = _word(default)
    return keys, defaults


def _attributes(element: Element, keys: Mapping[str, str], defaults: Mapping[str, Words]) -> Words:
    kind = _local(element)
    found = dict(defaults[kind])
    for entry in _children(element, "data"):
        name = keys.get(entry.get("key", ""))
        if name is not None and _OWNER[name] == kind:
            found[name] = _word(entry)
    return found


def _word(element: Element) -> str:
    return (element.text or "").strip()


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _children(element: Element, name: str) -> Iterator[Element]:
    return (child for child in element if _local(child) == name)
