"""Families of networks: what they build, element by element, and what they refuse."""

from __future__ import annotations

import networkx
import numpy as np
import pytest
from scipy import sparse

import wignerness as wn
from wignerness import models
from wignerness.errors import InvalidNetworkError


def refusal(call):
    with pytest.raises(InvalidNetworkError) as caught:
        call()
    return str(caught.value)


# -- chains --------------------------------------------------------------------------------------------------


def test_chain_is_eq_27():
    network = models.chain(4, hopping=0.3, rate=1.0, occupations=(1, 2), probe_rate=0.1, frequency=5.0)
    expected = 5.0 * np.eye(4) + 0.3j * (np.diag(np.ones(3), 1) - np.diag(np.ones(3), -1))
    assert np.array_equal(network.hamiltonian, expected)
    real = (wn.ThermalBath(0, 1.0, 1.0, name="left"), wn.ThermalBath(3, 1.0, 2.0, name="right"))
    assert network.baths == (*real, *(wn.Probe(k, 0.1) for k in range(4)))


def test_chain_of_one_has_both_baths_on_it():
    ness = wn.steady_state(models.chain(1, hopping=0.3, rate=1.0, occupations=(1, 2)))
    assert ness.occupations == pytest.approx([1.5])


def test_chain_parameters_by_node_and_link():
    network = models.chain(
        3,
        hopping=[0.1, 0.2j],
        rate=1.0,
        occupations=(1, 2),
        probe_rate=[0, 0.5, 0],
        frequency=[1, 2, 3],
        disorder=[0.1, 0, 0],
    )
    assert network.hamiltonian[0, 1] == 0.1j
    assert network.hamiltonian[1, 2] == -0.2
    assert network.hamiltonian[2, 1] == -0.2
    assert np.array_equal(np.diag(network.hamiltonian), [1.1, 2, 3])
    assert [b.mode for b in network.baths[2:]] == [1]


def test_disorder_is_reproducible_and_centered():
    one, other = (models.chain(500, hopping=1, rate=1, occupations=(1, 2), disorder=2.0, rng=7) for _ in range(2))
    frequencies = np.diag(one.hamiltonian).real
    assert np.array_equal(frequencies, np.diag(other.hamiltonian).real)
    assert np.abs(frequencies).max() <= 1.0
    assert abs(frequencies.mean()) < 0.1
    shared = np.random.default_rng(1)
    first = models.chain(5, hopping=1, rate=1, occupations=(1, 2), disorder=2.0, rng=shared)
    second = models.chain(5, hopping=1, rate=1, occupations=(1, 2), disorder=2.0, rng=shared)
    assert not np.array_equal(first.hamiltonian, second.hamiltonian)


def test_long_chains_are_sparse():
    assert sparse.issparse(models.chain(1025, hopping=1, rate=1, occupations=(1, 2)).hamiltonian)
    assert not sparse.issparse(models.chain(1024, hopping=1, rate=1, occupations=(1, 2)).hamiltonian)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"length": 0}, "`length` must be at least 1"),
        ({"length": 2.0}, "`length` must be an integer"),
        ({"hopping": [0.1]}, "`hopping` must have shape (2,)"),
        ({"hopping": np.nan}, "`hopping[0]` must be finite"),
        ({"rate": -1}, "`rate` must be non-negative"),
        ({"occupations": (1,)}, "`occupations` must have shape (2,)"),
        ({"occupations": (1, -2)}, "`occupations[1]` must be non-negative"),
        ({"probe_rate": -0.1}, "`probe_rate[0]` must be non-negative"),
        ({"probe_rate": [0.1, 0.1]}, "`probe_rate` must have shape (3,)"),
        ({"frequency": 1j}, "`frequency` must hold real numbers"),
        ({"disorder": 1.0}, "`rng` must be given"),
        ({"disorder": -1.0, "rng": 1}, "`disorder` must be non-negative"),
        ({"disorder": [1.0]}, "`disorder` must have shape (3,)"),
    ],
)
def test_chain_refusals(change, message):
    good = {"length": 3, "hopping": 0.1, "rate": 1.0, "occupations": (1, 2)}
    arguments = good | change
    assert message in refusal(lambda: models.chain(arguments.pop("length"), **arguments))


# -- rings ------------------------------------------------------------------------------------------------


def test_ring_carries_its_flux_around():
    network = models.ring(5, hopping=0.4, flux=1.3)
    around = np.prod([network.hamiltonian[k, (k + 1) % 5] for k in range(5)])
    assert around == pytest.approx(0.4**5 * np.exp(1.3j), rel=1e-14)
    assert np.count_nonzero(network.hamiltonian) == 10


def test_flux_drives_a_current_at_zero_affinity():
    """Two baths at one occupation, the third hotter: with a flux the equal ones exchange excitations all the same."""
    baths = [wn.ThermalBath(k, 0.4, n) for k, n in enumerate((1.0, 1.0, 3.0))]
    for flux, flows in ((0.0, False), (np.pi, False), (1.0, True)):
        ness = wn.steady_state(models.ring(3, hopping=0.5, flux=flux, baths=baths))
        assert bool(abs(ness.currents[0, 1]) > 1e-3) is flows


def test_ring_refusals():
    assert "`length` must be at least 3" in refusal(lambda: models.ring(2, hopping=1))
    assert "`hopping` must have shape (4,)" in refusal(lambda: models.ring(4, hopping=[1, 1, 1]))
    assert "`flux` must be finite" in refusal(lambda: models.ring(4, hopping=1, flux=np.inf))


# -- lattices and trees ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [5, (4,), (3, 4), (3, 3, 3), (1, 4)])
@pytest.mark.parametrize("periodic", [False, True])
def test_lattice_is_the_grid_graph(shape, periodic):
    extents = (shape,) if isinstance(shape, int) else shape
    if periodic and min(extents) < 3:
        assert "must be at least 3 along a periodic axis" in refusal(
            lambda: models.lattice(shape, hopping=1, periodic=True)
        )
        return
    network = models.lattice(shape, hopping=1.0, periodic=periodic)
    graph = networkx.grid_graph(extents[::-1], periodic=periodic)
    expected = networkx.to_numpy_array(graph, nodelist=sorted(graph.nodes))
    if len(extents) == 1:
        assert network.labels == tuple(str(k) for k in range(extents[0]))
    else:
        assert network.labels[-1] == ",".join(str(e - 1) for e in extents)
    assert np.array_equal(network.hamiltonian, expected)


def test_lattice_hops_along_its_axes():
    network = models.lattice((2, 3), hopping=[0.1j, 0.2], frequency=1.0)
    index = {label: k for k, label in enumerate(network.labels)}
    assert network.hamiltonian[index["0,1"], index["1,1"]] == 0.1j
    assert network.hamiltonian[index["1,1"], index["0,1"]] == -0.1j
    assert network.hamiltonian[index["0,1"], index["0,2"]] == 0.2
    half = models.lattice((3, 2), hopping=1.0, periodic=(True, False))
    assert half.hamiltonian[0, 4] == 1.0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: models.lattice((), hopping=1), "`shape` must name at least one axis"),
        (lambda: models.lattice((2, 0), hopping=1), "`shape[1]` must be at least 1"),
        (lambda: models.lattice((2, 2.5), hopping=1), "`shape[1]` must be an integer"),
        (lambda: models.lattice((3, 3), hopping=[1]), "`hopping` must have shape (2,)"),
        (lambda: models.lattice((3, 3), hopping=1, periodic=(True,)), "`periodic` must be True, False"),
        (lambda: models.lattice((3, 3), hopping=1, periodic="yes"), "`periodic` must be True, False"),
        (lambda: models.tree(0, 1, hopping=1), "`branching` must be at least 1"),
        (lambda: models.tree(2, -1, hopping=1), "`depth` must be at least 0"),
        (lambda: models.tree(2, 1, hopping=[1]), "`hopping` must have shape (2,)"),
    ],
)
def test_lattice_and_tree_refusals(call, message):
    assert message in refusal(call)


@pytest.mark.parametrize(("branching", "depth"), [(1, 4), (2, 3), (3, 2), (2, 0)])
def test_tree_is_the_balanced_tree(branching, depth):
    network = models.tree(branching, depth, hopping=1.0)
    expected = networkx.to_numpy_array(networkx.balanced_tree(branching, depth))
    assert np.array_equal(network.hamiltonian, expected)


def test_tree_hopping_is_from_the_parent():
    network = models.tree(2, 1, hopping=[0.1j, 0.2])
    assert network.hamiltonian[0, 1] == 0.1j
    assert network.hamiltonian[2, 0] == 0.2


# -- graphs ------------------------------------------------------------------------------------------------------


def test_from_graph_reads_nodes_and_edges():
    graph = networkx.Graph()
    graph.add_node("b", frequency=2.0, rate=0.1, occupation=1.0)
    graph.add_node("a", probe_rate=0.3)
    graph.add_edge("a", "b", hopping=0.5, phase=0.2)
    graph.add_edge("b", "c", hopping=1j)
    network = wn.Network.from_graph(graph, [wn.ThermalBath(2, 1.0, 3.0)])
    assert network.labels == ("b", "a", "c")
    # The node that comes first in the order of the nodes is the row, however the edge was written.
    assert network.hamiltonian[0, 1] == pytest.approx(0.5 * np.exp(0.2j))
    assert network.hamiltonian[0, 2] == 1j
    assert network.baths == (wn.ThermalBath(0, 0.1, 1.0), wn.Probe(1, 0.3), wn.ThermalBath(2, 1.0, 3.0))


def test_directed_edges_are_conjugates():
    graph = networkx.DiGraph()
    graph.add_edge(0, 1, hopping=0.5 + 0.1j)
    one = models.from_graph(graph)
    graph.add_edge(1, 0, hopping=0.5 - 0.1j)
    assert np.array_equal(models.from_graph(graph).hamiltonian, one.hamiltonian)
    graph[1][0]["hopping"] = 0.5
    assert "contradict each other" in refusal(lambda: models.from_graph(graph))


def test_attribute_names_can_be_chosen():
    graph = networkx.Graph()
    graph.add_node(0, omega=3.0)
    graph.add_edge(0, 1, weight=0.25)
    network = models.from_graph(graph, frequency="omega", hopping="weight")
    assert np.array_equal(network.hamiltonian, [[3, 0.25], [0.25, 0]])


@pytest.mark.parametrize(
    ("nodes", "edges", "message"),
    [
        ({}, [(0, 1, {})], "Edge (0, 1) has no attribute 'hopping'"),
        ({}, [(0, 0, {"hopping": 1})], "Node 0 has an edge to itself"),
        ({}, [(0, 1, {"hopping": np.nan})], "hopping of edge (0, 1)"),
        ({}, [(0, 1, {"hopping": "x"})], "hopping of edge (0, 1)"),
        ({}, [(0, 1, {"hopping": 1, "phase": np.inf})], "phase of edge (0, 1)"),
        ({0: {"frequency": "x"}}, [], "frequency of node 0"),
        ({0: {"rate": 1.0}}, [], "Node 0 has the attribute 'rate' but no 'occupation'"),
        ({0: {"occupation": 1.0}}, [], "Node 0 has the attribute 'occupation' but no 'rate'"),
        ({0: {"rate": -1.0, "occupation": 1.0}}, [], "`rate` must be non-negative"),
        ({0: {"probe_rate": -1.0}}, [], "`rate` must be non-negative"),
    ],
)
def test_graph_refusals(nodes, edges, message):
    graph = networkx.Graph()
    for node, attributes in nodes.items():
        graph.add_node(node, **attributes)
    graph.add_edges_from(edges)
    assert message in refusal(lambda: models.from_graph(graph))


def test_an_empty_graph_is_no_network():
    assert "at least one mode" in refusal(lambda: models.from_graph(networkx.Graph()))


# -- random networks -----------------------------------------------------------------------------------------


def test_random_networks_are_connected_and_in_range(rng):
    for _ in range(30):
        size = int(rng.integers(1, 20))
        network = models.random_network(
            size, rng=rng, connectivity=0.05, rates=(1e-3, 1e3), occupations=(1, 4), bath_density=0.3, probe_density=0.5
        )
        assert networkx.is_connected(networkx.from_numpy_array(np.abs(network.hamiltonian)))
        assert isinstance(network.baths[0], wn.ThermalBath)
        assert network.baths[0].mode == 0
        for bath in network.baths:
            assert 1e-3 <= bath.rate <= 1e3
            assert bath.occupation is None or 1 <= bath.occupation <= 4


def test_random_networks_repeat():
    one, other = (models.random_network(8, rng=5, probe_density=0.5) for _ in range(2))
    assert np.array_equal(one.hamiltonian, other.hamiltonian)
    assert one.baths == other.baths


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n_modes": 0}, "`n_modes` must be at least 1"),
        ({"connectivity": 1.5}, "`connectivity` must be at most 1"),
        ({"bath_density": -0.5}, "`bath_density` must be non-negative"),
        ({"probe_density": 2}, "`probe_density` must be at most 1"),
        ({"rates": (0, 1)}, "`rates`"),
        ({"rates": (2, 1)}, "`rates`"),
        ({"occupations": (3, 1)}, "`occupations`"),
        ({"occupations": (-1, 1)}, "`occupations[0]` must be non-negative"),
        ({"hopping": np.inf}, "`hopping` must be finite"),
        ({"frequency_spread": -1}, "`frequency_spread` must be non-negative"),
    ],
)
def test_random_network_refusals(change, message):
    arguments = {"n_modes": 4, "rng": 1} | change
    assert message in refusal(lambda: models.random_network(arguments.pop("n_modes"), **arguments))


def test_baths_of_a_model_must_fit_it():
    for build in (
        lambda: models.ring(3, hopping=1, baths=[wn.ThermalBath(3, 1, 1)]),
        lambda: models.lattice(3, hopping=1, baths=[wn.ThermalBath(3, 1, 1)]),
        lambda: models.tree(2, 1, hopping=1, baths=[wn.ThermalBath(3, 1, 1)]),
    ):
        assert "`baths[0].mode` must be a node of the network (0 to 2), but is 3" in refusal(build)
