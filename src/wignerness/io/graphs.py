"""Graphs with frequencies and hoppings, as a file or a spec gives them, and their edge lists."""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from .._text import shorten
from ..bath import Bath
from ..models._build import hamiltonian
from ..network import Network
from .faults import show

Report: TypeAlias = Callable[[str], None]


@dataclass
class Graph:
    """Nodes with frequencies and edges with hoppings, in the order in which they were given.

    Attributes
    ----------
    labels, frequencies : list
        One entry a node.
    index : dict of str to int
        Position of every label.
    edges : dict of (int, int) to complex
        Element H_ab of the Hamiltonian for every edge from node a to node b; H_ba is its conjugate.
    baths : list of baths
        Those that a file puts on its nodes.
    """

    labels: list[str] = field(default_factory=list)
    frequencies: list[float] = field(default_factory=list)
    index: dict[str, int] = field(default_factory=dict)
    edges: dict[tuple[int, int], complex] = field(default_factory=dict)
    baths: list[Bath] = field(default_factory=list)

    def add_node(self, label: str, frequency: float, report: Report) -> None:
        """Add a node, or report what is wrong with its label."""
        if not label.strip() or not label.isprintable():
            report(f"the label of a node must be printable text, but is {show(label)}")
        elif label in self.index:
            report(f"the node `{shorten(label)}` is given twice")
        else:
            self.index[label] = len(self.labels)
            self.labels.append(label)
            self.frequencies.append(frequency)

    def add_edge(self, start: int, end: int, hopping: complex, report: Report) -> None:
        """Add an edge, or report that it is there already or joins a node with itself."""
        if start == end:
            report(f"an edge must join two different nodes, but both are `{shorten(self.labels[start])}`")
        elif (start, end) in self.edges or (end, start) in self.edges:
            one, other = shorten(self.labels[start]), shorten(self.labels[end])
            report(f"the edge between `{one}` and `{other}` is given twice")
        else:
            self.edges[start, end] = hopping

    def network(self) -> Network:
        """Return the network: Hermitian H, labels, and the baths of the nodes."""
        ends = np.array(list(self.edges), dtype=np.intp).reshape(-1, 2)
        values = np.array(list(self.edges.values()), dtype=np.complex128)
        matrix = hamiltonian(np.array(self.frequencies), ends[:, 0], ends[:, 1], values)
        return Network(matrix, self.baths, labels=self.labels)


def prefixed(report: Report, prefix: str) -> Report:
    """Return a reporter that puts ``prefix`` before every message."""
    return lambda message: report(prefix + message)


def polar(hopping: complex, phase: float) -> complex:
    """Return hopping exp(i phase), and the hopping itself to the last bit at phase zero."""
    return hopping * cmath.exp(1j * phase) if phase else complex(hopping)


def finite(word: str, name: str, report: Report, *, minimum: float = -math.inf) -> float | None:
    """Return the finite number that a word of a file means, or report what it must be."""
    try:
        number = float(word)
    except ValueError:
        number = math.nan
    if math.isfinite(number) and number >= minimum:
        return number
    rule = "a finite number" if minimum < 0 else "a finite number that is not negative"
    report(f"`{name}` must be {rule}, but is {show(word)}")
    return None


def edge_element(
    words: Mapping[str, str], default: complex | None, ends: tuple[str, str], report: Report
) -> complex | None:
    """Return H_ab of an edge from its words ``hopping`` and ``phase``, or report what is wrong with them."""
    if "hopping" not in words and default is None:
        edge = f"`{shorten(ends[0])}` and `{shorten(ends[1])}`"
        report(f"the edge between {edge} has no hopping; give it one there, or all of them one as `network.hopping`")
        return None
    numbers = {name: finite(words[name], name, report) for name in ("hopping", "phase") if name in words}
    if None in numbers.values():
        return None
    hopping = numbers.get("hopping")
    base = default if hopping is None else hopping
    return None if base is None else polar(base, numbers.get("phase") or 0.0)


def read_edge_list(text: str, *, frequency: float, hopping: complex | None, report: Report) -> Graph:
    r"""Read an edge list.

    One entry a line: ``a b hopping [phase]`` for an edge, H_ab = hopping exp(i phase) with the phase in radian;
    ``a a frequency`` for the frequency of a node; ``#`` starts a comment. Nodes are numbered as they appear.

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

    Examples
    --------
    >>> graph = read_edge_list("a b 0.2\nb b 1.5", frequency=1.0, hopping=None, report=print)
    >>> graph.labels, graph.frequencies, graph.edges
    (['a', 'b'], [1.0, 1.5], {(0, 1): (0.2+0j)})
    """
    graph = Graph()
    own: set[str] = set()
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.partition("#")[0].split()
        if words:
            _read_entry(graph, own, words, (frequency, hopping), prefixed(report, f"line {number}: "))
    return graph


def _read_entry(
    graph: Graph, own: set[str], words: list[str], defaults: tuple[float, complex | None], report: Report
) -> None:
    frequency, hopping = defaults
    if len(words) not in (2, 3, 4) or (len(words) != 3 and words[0] == words[1]):
        report("an entry must read `a b hopping [phase]` or `a a frequency`")
        return
    for label in words[:2]:
        if label not in graph.index:
            graph.add_node(label, frequency, report)
    start, end = (graph.index.get(label) for label in words[:2])
    if start is None or end is None:
        return
    if start == end:
        if words[0] in own:
            report(f"the frequency of `{shorten(words[0])}` is given twice")
        own.add(words[0])
        graph.frequencies[start] = finite(words[2], "frequency", report) or 0.0
        return
    numbers = dict(zip(("hopping", "phase"), words[2:], strict=False))
    value = edge_element(numbers, hopping, (words[0], words[1]), report)
    if value is not None:
        graph.add_edge(start, end, value, report)
