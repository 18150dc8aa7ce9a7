"""Networks from graphs, and random networks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import _checks
from .._memory import refuse_beyond
from ..bath import Bath, Probe, ThermalBath
from ..errors import InvalidNetworkError
from ..network import Network
from ._build import hamiltonian

if TYPE_CHECKING:
    import networkx


def from_graph(
    graph: networkx.Graph,
    baths: Sequence[Bath] = (),
    *,
    frequency: str = "frequency",
    hopping: str = "hopping",
) -> Network:
    r"""A network from a networkx graph.

    Nodes become modes in the order of ``graph.nodes`` and lend their names as labels. An edge (u, v), u before v in
    that order for an undirected graph, sets :math:`H_{uv} = \text{hopping} \cdot e^{i\,\text{phase}}`.

    Parameters
    ----------
    graph : networkx.Graph or networkx.DiGraph
        Node attributes: the frequency (0 where missing); ``rate`` and ``occupation`` put a thermal bath on the
        node, ``probe_rate`` a probe. Edge attributes: the hopping (required; real or complex) and ``phase``
        (radian, 0 where missing). In a directed graph an edge u -> v sets H[u, v]; the reverse edge, if it is there,
        must be its conjugate.
    baths : sequence of baths
        Further baths, after those of the node attributes; ``mode`` counts nodes in the order of ``graph.nodes``.
    frequency, hopping : str
        Names of the attributes.

    Raises
    ------
    InvalidNetworkError
        If an attribute is missing or wrong; the message names the node or the edge.

    Examples
    --------
    >>> import networkx, wignerness as wn
    >>> graph = networkx.Graph()
    >>> graph.add_node("a", frequency=1.0, rate=0.1, occupation=2.0)
    >>> graph.add_edge("a", "b", hopping=0.3)
    >>> wn.models.from_graph(graph)
    Network(2 modes, 1 bath: 1 thermal)
    """
    if not all(hasattr(graph, name) for name in ("nodes", "edges", "is_directed")):
        _checks.fail("graph", "be a networkx graph", repr(graph))
    nodes = list(graph.nodes)
    place = {node: k for k, node in enumerate(nodes)}
    frequencies = np.array(
        [_checks.real(f"{frequency} of node {n!r}", graph.nodes[n].get(frequency, 0.0)) for n in nodes]
    )
    links: dict[tuple[int, int], complex] = {}
    for u, v, attributes in graph.edges(data=True):
        value = _hopping(u, v, attributes, hopping)
        k, m = place[u], place[v]
        if k > m:
            k, m = m, k
            value = value.conjugate() if graph.is_directed() else value
        if links.setdefault((k, m), value) != value:
            raise InvalidNetworkError(f"The edges between {u!r} and {v!r} contradict each other: H must be Hermitian.")
    ends = np.array(list(links), dtype=np.intp).reshape(-1, 2)
    values = np.array(list(links.values()), dtype=np.complex128)
    own = [bath for k, node in enumerate(nodes) for bath in _node_baths(k, node, graph.nodes[node])]
    matrix = hamiltonian(frequencies, ends[:, 0], ends[:, 1], values)
    return Network(matrix, [*own, *baths], labels=[str(node) for node in nodes])


def _hopping(u: object, v: object, attributes: dict[str, Any], name: str) -> complex:
    if u == v:
        raise InvalidNetworkError(f"Node {u!r} has an edge to itself; give it a frequency instead.")
    if name not in attributes:
        raise InvalidNetworkError(f"Edge ({u!r}, {v!r}) has no attribute {name!r}; it must hold the hopping.")
    value = _checks.complex_array(f"{name} of edge ({u!r}, {v!r})", attributes[name], ())
    phase = _checks.real(f"phase of edge ({u!r}, {v!r})", attributes.get("phase", 0.0))
    return complex(value) * (complex(np.exp(1j * phase)) if phase else 1.0)


def _node_baths(index: int, node: object, attributes: dict[str, Any]) -> list[Bath]:
    baths: list[Bath] = []
    given = [key for key in ("rate", "occupation") if key in attributes]
    if len(given) == 1:
        missing = "occupation" if given == ["rate"] else "rate"
        raise InvalidNetworkError(
            f"Node {node!r} has the attribute {given[0]!r} but no {missing!r}; a bath needs both."
        )
    if given:
        baths.append(ThermalBath(index, attributes["rate"], attributes["occupation"]))
    if "probe_rate" in attributes:
        baths.append(Probe(index, attributes["probe_rate"]))
    return baths


def random_network(
    n_modes: int,
    *,
    rng: int | np.random.Generator,
    connectivity: float = 0.3,
    hopping: float = 1.0,
    frequency_spread: float = 1.0,
    rates: Sequence[float] = (0.1, 1.0),
    occupations: Sequence[float] = (0.0, 3.0),
    bath_density: float = 1.0,
    probe_density: float = 0.0,
) -> Network:
    """A connected random network with complex hoppings.

    A random spanning tree is completed with every other link with probability ``connectivity``; hoppings are
    complex normal, frequencies uniform, rates log-uniform and occupations uniform.

    Parameters
    ----------
    n_modes : int
        Number of nodes, >= 1.
    rng : int or numpy Generator
        Seed or generator.
    connectivity : float
        Probability of a link beyond the spanning tree, 0 to 1.
    hopping : float
        Root mean square of the hoppings.
    frequency_spread : float
        Width of the window of frequencies.
    rates, occupations : (float, float)
        Lowest and highest value.
    bath_density, probe_density : float
        Probability of a thermal bath and of a probe on each node, 0 to 1. Node 0 always has a thermal bath.

    Raises
    ------
    InvalidNetworkError
        If a parameter is out of range.

    Examples
    --------
    >>> import wignerness as wn
    >>> wn.models.random_network(5, rng=1)
    Network(5 modes, 5 baths: 5 thermal)
    """
    size = _checks.integer("n_modes", n_modes, minimum=1)
    refuse_beyond(40 * size**2, f"A random network of {size:.3g} modes", "Use fewer modes.")
    density = {"connectivity": connectivity, "bath_density": bath_density, "probe_density": probe_density}
    for name, value in density.items():
        if _checks.real(name, value, minimum=0.0) > 1.0:
            _checks.fail(name, "be at most 1", value)
    low, high = _range("rates", rates, positive=True)
    cold, hot = _range("occupations", occupations, positive=False)
    generator = _checks.generator("rng", rng)
    upper = np.triu(generator.random((size, size)) < connectivity, k=1)
    order = generator.permutation(size)
    for k in range(1, size):
        pair = sorted((int(order[k]), int(order[generator.integers(k)])))
        upper[pair[0], pair[1]] = True
    rows, columns = np.nonzero(upper)
    normal = generator.normal(size=(2, len(rows)))
    hoppings = _checks.real("hopping", hopping) * (normal[0] + 1j * normal[1]) / np.sqrt(2)
    frequencies = _checks.real("frequency_spread", frequency_spread, minimum=0.0) * generator.random(size)

    def draw_rate() -> float:
        return float(low * (high / low) ** generator.random())

    coupled = generator.random(size) < bath_density
    coupled[0] = True
    baths: list[Bath] = [
        ThermalBath(int(k), draw_rate(), float(cold + (hot - cold) * generator.random()))
        for k in np.flatnonzero(coupled)
    ]
    baths += [Probe(int(k), draw_rate()) for k in np.flatnonzero(generator.random(size) < probe_density)]
    return Network(hamiltonian(frequencies, rows, columns, hoppings), baths)


def _range(name: str, value: Sequence[float], *, positive: bool) -> tuple[float, float]:
    low, high = _checks.real_array(name, value, (2,), minimum=0.0)
    if high < low or (positive and low == 0.0):
        _checks.fail(name, f"be a lowest and a highest value{', both positive' if positive else ''}", tuple(value))
    return float(low), float(high)
