"""Specs: every way to describe a network, every fault at its place, and nothing but SpecError for any bytes."""

from __future__ import annotations

import contextlib
import dataclasses
import inspect
import itertools
import math
import os
import pickle
import re
import sys
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

import wignerness as wn
from wignerness.dynamics.quantities import QUANTITIES
from wignerness.errors import MissingExtraError, SpecError
from wignerness.io import RunSpec, load_spec, parse_spec, spec_schema
from wignerness.io.assembly import MODELS
from wignerness.io.bath_json import bath_to_json
from wignerness.io.faults import is_too_deep, line_numbers, nearest, path_text, show

SPECS = Path(__file__).parents[2] / "examples" / "specs"

CHAIN = """
[network]
model = "chain"
length = 3
hopping = 0.5
rate = 1.0
occupations = [1, 2]
"""


def faults_of(text: str | bytes, base: Path | str = ".") -> dict[str, str]:
    with pytest.raises(SpecError) as caught:
        parse_spec(text, base=base)
    assert caught.value.faults
    messages: dict[str, str] = {}
    for path, message in caught.value.faults:
        messages[path] = f"{messages[path]}; {message}" if path in messages else message
    return messages


def dense(network: wn.Network) -> np.ndarray:
    matrix = network.hamiltonian
    return matrix.toarray() if sparse.issparse(matrix) else matrix


def with_graph(folder: Path, content: str, name: str = "graph.edges", rest: str = "") -> str:
    (folder / name).write_text(content)
    return f'[network]\ngraph = "{name}"\n{rest}'


# --- the network, in every form -----------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(SPECS.glob("*.toml")), ids=lambda path: path.stem)
def test_shipped_specs_load_solve_and_survive_a_round_trip(path: Path) -> None:
    run = load_spec(path)
    ness = run.solve()
    assert (ness.entropy_production >= 0).all()
    assert math.isclose(ness.entropy_production.sum(), ness.entropy_flux.sum(), rel_tol=1e-10)
    again = parse_spec(dataclasses.replace(run, in_time=None).to_toml())
    assert (dense(again.network) == dense(run.network)).all()
    assert list(map(bath_to_json, again.network.baths)) == list(map(bath_to_json, run.network.baths))
    assert again.network.labels == run.network.labels
    assert (again.title, again.unit, again.quantities) == (run.title, run.unit, run.quantities)


def test_specs_are_shipped_with_their_physics() -> None:
    texts = {path.stem: path.read_text() for path in SPECS.glob("*.toml")}
    assert len(texts) >= 5
    assert all(text.startswith("# ") for text in texts.values())
    forms = {
        key
        for text in texts.values()
        for key in re.findall(r"^(model|graph|matrix|nodes)\b|\[\[network\.(nodes)", text, re.MULTILINE)
    }
    assert {"".join(form) for form in forms} == {"model", "nodes", "graph", "matrix"}


def test_the_numbers_that_the_shipped_specs_promise() -> None:
    chain = load_spec(SPECS / "diffusive_chain.toml").solve()
    real, probes = wn.thermodynamics.production_split(chain.network, chain.state)
    assert 3 < probes / real < 3.5
    ring = load_spec(SPECS / "flux_ring.toml").solve()
    assert abs(wn.thermodynamics.affinities(ring.network)[0, 1]) == 0
    assert ring.currents[0, 1] > 0.01
    quasiperiodic = load_spec(SPECS / "quasiperiodic.toml").solve()
    assert quasiperiodic.bath_currents[0] == pytest.approx(8.34e-3, rel=1e-3)
    cold = load_spec(SPECS / "cold_hot_cold.toml").solve()
    assert cold.bath_currents[0] > cold.bath_currents[2] > 0 > cold.bath_currents[1]


@pytest.mark.parametrize(
    ("table", "network"),
    [
        ('model = "chain"\nlength = 3\nhopping = [0.5, 0.25]\nrate = 1\noccupations = [1, 2]\nprobe_rate = [0, 0.1, 0]',
         wn.models.chain(3, hopping=[0.5, 0.25], rate=1.0, occupations=(1, 2), probe_rate=[0, 0.1, 0])),
        ('model = "ring"\nlength = 4\nhopping = 0.5\nflux = 0.3\nfrequency = [1, 2, 3, 4]',
         wn.models.ring(4, hopping=0.5, flux=0.3, frequency=[1, 2, 3, 4])),
        ('model = "lattice"\nshape = [3, 2]\nhopping = [1, [0.0, 0.5]]\nperiodic = [true, false]\ndisorder = 0.5\nrng = 7',
         wn.models.lattice((3, 2), hopping=[1, 0.5j], periodic=[True, False], disorder=0.5, rng=7)),
        ('model = "lattice"\nshape = 3\nhopping = 1.0\nperiodic = true', wn.models.lattice(3, hopping=1.0, periodic=True)),
        ('model = "tree"\nbranching = 2\ndepth = 2\nhopping = 0.1', wn.models.tree(2, 2, hopping=0.1)),
        ('model = "random_network"\nn_modes = 5\nrng = 3\nrates = [0.1, 2.0]', wn.models.random_network(5, rng=3, rates=(0.1, 2.0))),
    ],
)  # fmt: skip
def test_a_model_is_the_function_of_that_name(table: str, network: wn.Network) -> None:
    found = parse_spec(f"[network]\n{table}\n").network
    assert (dense(found) == dense(network)).all()
    assert found.baths == network.baths
    assert found.labels == network.labels


@pytest.mark.parametrize("name", MODELS)
def test_the_keys_of_a_model_are_the_parameters_of_its_function(name: str) -> None:
    schema = spec_schema()["$defs"][name.title().replace("_", "") + "Table"]
    parameters = inspect.signature(getattr(wn.models, name)).parameters
    assert set(schema["properties"]) == {"model", "pairing", "drive"} | set(parameters) - {"baths"}
    required = {key for key, parameter in parameters.items() if parameter.default is inspect.Parameter.empty}
    assert set(schema["required"]) == {"model"} | required


def test_an_edge_sets_one_element_and_its_conjugate() -> None:
    run = parse_spec("""
    [network]
    nodes = [{label = "a", frequency = 1.5}, {label = "b"}, {label = "c"}]
    edges = [
      {between = ["b", "a"], hopping = [0.1, 0.2]},
      {between = [1, 2], hopping = 0.5, phase = 1.5707963267948966},
    ]
    """)
    expected = np.zeros((3, 3), dtype=complex)
    expected[0, 0] = 1.5
    expected[1, 0], expected[0, 1] = 0.1 + 0.2j, 0.1 - 0.2j
    expected[1, 2], expected[2, 1] = 0.5j, -0.5j
    assert np.allclose(dense(run.network), expected, rtol=0, atol=1e-16)
    assert run.network.labels == ("a", "b", "c")


def test_edge_list(tmp_path: Path) -> None:
    text = "# a triangle\na b 0.5\nb c 0.25 1.0  # with a phase\na a 3.0\n\nc a\n"
    run = parse_spec(with_graph(tmp_path, text, rest="frequency = 1.0\nhopping = [0.0, 2.0]"), base=tmp_path)
    expected = np.diag([3.0, 1.0, 1.0]).astype(complex)
    expected[0, 1], expected[1, 2], expected[2, 0] = 0.5, 0.25 * np.exp(1j), 2j
    expected[1, 0], expected[2, 1], expected[0, 2] = 0.5, 0.25 * np.exp(-1j), -2j
    assert (dense(run.network) == expected).all()


@given(st.integers(0, 2**32 - 1), st.booleans(), st.booleans())
def test_graphml_means_what_from_graph_means(
    tmp_path_factory: pytest.TempPathFactory, seed: int, directed: bool, baths: bool
) -> None:
    rng = np.random.default_rng(seed)
    graph = (nx.DiGraph if directed else nx.Graph)()
    size = int(rng.integers(1, 7))
    for k in range(size):
        own = {"frequency": float(rng.normal())} if rng.random() < 0.7 else {}
        if baths and rng.random() < 0.5:
            own |= {"rate": float(rng.random()), "occupation": float(rng.random())}
        if baths and rng.random() < 0.3:
            own |= {"probe_rate": float(rng.random())}
        graph.add_node(f"node {k}", color="red", **own)
    for k, m in itertools.combinations(range(size), 2):
        if rng.random() < 0.6:
            ends = (m, k) if directed and rng.random() < 0.5 else (k, m)
            phase = {"phase": float(rng.normal())} if rng.random() < 0.5 else {}
            graph.add_edge(*(f"node {e}" for e in ends), hopping=float(rng.normal()), weight=2.0, **phase)
    folder = tmp_path_factory.mktemp("graph")
    nx.write_graphml(graph, folder / "g.graphml")
    expected = wn.models.from_graph(nx.read_graphml(folder / "g.graphml"))
    found = parse_spec('[network]\ngraph = "g.graphml"\n', base=folder).network
    assert found.labels == expected.labels
    assert found.baths == expected.baths
    assert np.allclose(dense(found), dense(expected), rtol=1e-15, atol=0)


GRAPHML = """<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key id="f" for="node" attr.name="frequency" attr.type="double"><default>2.5</default></key>
<key id="h" for="all" attr.name="hopping" attr.type="double"/>
<key id="p" for="edge" attr.name="phase" attr.type="double"/>
<key id="r" for="node" attr.name="rate" attr.type="double"/>
<graph edgedefault="undirected">
<node id="a"/><node id="b"><data key="f">1.0</data></node><node id="c"/>
<edge source="a" target="b"><data key="h">0.5</data></edge>
EDGE
</graph></graphml>"""


def graphml(folder: Path, edge: str = "") -> str:
    return with_graph(folder, GRAPHML.replace("EDGE", edge), "graph.graphml")


def test_graphml_defaults_and_the_direction_of_an_edge(tmp_path: Path) -> None:
    edge = '<edge source="c" target="a" directed="true"><data key="h">1</data><data key="p">1.0</data></edge>'
    matrix = dense(parse_spec(graphml(tmp_path, edge), base=tmp_path).network)
    assert (np.diag(matrix) == [2.5, 1.0, 2.5]).all()
    assert matrix[2, 0] == np.exp(1j)


@pytest.mark.parametrize(
    ("edge", "message"),
    [
        ('<edge source="c" target="a"><data key="h">1</data><data key="p">1</data></edge>', "make the graph or the edge directed"),
        ('<edge source="c" target="x"><data key="h">1</data></edge>', "ends at the node `x`, which does not exist"),
        ('<edge source="c" target="c"><data key="h">1</data></edge>', "must join two different nodes, but both are `c`"),
        ('<edge source="b" target="a"><data key="h">1</data></edge>', "the edge between `b` and `a` is given twice"),
        ('<edge source="b" target="c"/>', "the edge between `b` and `c` has no hopping"),
        ('<edge source="b" target="c"><data key="h">nan</data></edge>', '`hopping` must be a finite number, but is "nan"'),
        ('<node id="a"/>', "the node `a` is given twice"),
        ('<node id=" "/>', "must be printable text"),
        ('<node id="n"><graph/></node>', "holds a graph of its own"),
        ('<node id="n"><data key="r">1</data></node>', "`rate` and `occupation` belong together"),
        ('<node id="n"><data key="r">-1</data></node>', "that is not negative"),
        ("<hyperedge/>", "a hyperedge is no term"),
        ("<edge", "is not XML"),
    ],
)  # fmt: skip
def test_faults_of_graphml(tmp_path: Path, edge: str, message: str) -> None:
    assert message in faults_of(graphml(tmp_path, edge), tmp_path)["network.graph"]


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE g [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><graphml>&b;</graphml>',
        "<graphml/>",
        "",
        "not xml",
        "<graphml><graph/><graph/></graphml>",
        "<graphml><graph/></graphml>",
    ],
)
def test_xml_that_is_no_graph_is_refused(tmp_path: Path, text: str) -> None:
    assert faults_of(with_graph(tmp_path, text, "graph.graphml"), tmp_path).keys() == {"network.graph"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a b", "line 1: the edge between `a` and `b` has no hopping"),
        ("a b 1\nb a 2", "line 2: the edge between `b` and `a` is given twice"),
        ("a b x", 'line 1: `hopping` must be a finite number, but is "x"'),
        ("a b 1 inf", 'line 1: `phase` must be a finite number, but is "inf"'),
        ("a", "an entry must read"),
        ("a b 1 2 3", "an entry must read"),
        ("a a", "an entry must read"),
        ("a a 1\na a 2", "line 2: the frequency of `a` is given twice"),
        ("\x07 b 1", "must be printable text"),
        ("# nothing", "holds no node"),
    ],
)
def test_faults_of_edge_lists(tmp_path: Path, text: str, message: str) -> None:
    assert message in faults_of(with_graph(tmp_path, text), tmp_path)["network.graph"]


@pytest.mark.parametrize("form", ["npy", "csr", "csc", "coo"])
def test_matrix(tmp_path: Path, rng: np.random.Generator, form: str) -> None:
    raw = rng.normal(size=(4, 4)) + 1j * rng.normal(size=(4, 4))
    matrix = raw + raw.conj().T
    name = "h.npy" if form == "npy" else "h.npz"
    if form == "npy":
        np.save(tmp_path / name, matrix)
    else:
        sparse.save_npz(tmp_path / name, sparse.csr_array(matrix).asformat(form))
    run = parse_spec(f'[network]\nmatrix = "{name}"\nlabels = ["a", "b", "c", "d"]\n', base=tmp_path)
    assert (dense(run.network) == matrix).all()
    assert run.network.labels == ("a", "b", "c", "d")


def test_a_matrix_file_is_never_unpickled(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, (str(tmp_path / "sprung"),)

    np.save(tmp_path / "h.npy", np.array([[Trap()]], dtype=object), allow_pickle=True)
    np.savez(tmp_path / "h.npz", format=np.array([Trap()], dtype=object))
    (tmp_path / "raw.npy").write_bytes(pickle.dumps(Trap()))
    for name in ("h.npy", "h.npz", "raw.npy"):
        assert faults_of(f'[network]\nmatrix = "{name}"\n', tmp_path).keys() == {"network.matrix"}
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        (np.zeros((2, 3)), "must hold a square matrix, but holds an array of shape (2, 3)"),
        (np.zeros(4), "must hold a square matrix"),
        (np.array([["a"]]), "must hold numbers"),
        (np.array([[1, 2], [3, 1]]), "must be Hermitian"),
        (np.array([[np.nan]]), "must be finite"),
    ],
)
def test_faults_of_matrices(tmp_path: Path, matrix: np.ndarray, message: str) -> None:
    np.save(tmp_path / "h.npy", matrix)
    assert message in faults_of('[network]\nmatrix = "h.npy"\n', tmp_path)["network.matrix"]


def test_a_matrix_file_that_claims_more_than_it_holds(tmp_path: Path) -> None:
    np.save(tmp_path / "h.npy", np.eye(3))
    content = (tmp_path / "h.npy").read_bytes()
    (tmp_path / "h.npy").write_bytes(content.replace(b"(3, 3)", b"(30000000, 30000000)").replace(b" " * 14, b"", 1))
    assert "network.matrix" in faults_of('[network]\nmatrix = "h.npy"\n', tmp_path)


def test_sparse_indices_out_of_range_are_refused(tmp_path: Path) -> None:
    parts = {"data": np.ones(1), "indices": np.array([10**6]), "indptr": np.array([0, 1, 1]), "shape": np.array([2, 2])}
    np.savez(tmp_path / "h.npz", format=b"csr", **parts)
    assert "network.matrix" in faults_of('[network]\nmatrix = "h.npz"\n', tmp_path)
    sparse.save_npz(tmp_path / "h.npz", sparse.dia_array(np.eye(2)))
    assert "csr, csc or coo" in faults_of('[network]\nmatrix = "h.npz"\n', tmp_path)["network.matrix"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("absent.npy", 'there is no file "absent.npy" beside the spec'),
        ("h.mat", "must be a file name that ends in .npy or .npz"),
        ("folder.npy", "there is no file"),
        ("nul\\u0000.npy", "must be one line of printable text"),
        ("x" * 5000 + ".npy", "there is no file"),
    ],
)
def test_files_that_are_not_there(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "folder.npy").mkdir()
    assert message in faults_of(f'[network]\nmatrix = "{name}"\n', tmp_path)["network.matrix"]


def test_graph_files_that_are_no_text_or_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = with_graph(tmp_path, "a b 1\n")
    (tmp_path / "graph.edges").write_bytes(b"a b \xff")
    assert "is not UTF-8 text: byte 4 is 0xff" in faults_of(text, tmp_path)["network.graph"]
    monkeypatch.setattr("wignerness.io.assembly._LARGEST_GRAPH", 4)
    assert "it has more than the 4 bytes" in faults_of(text, tmp_path)["network.graph"]


# --- all faults at once -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "places"),
    [
        # a missing and a faulty parameter, one of the wrong length, a node beyond the end
        ('[network]\nmodel = "chain"\nlength = 3\nrate = "x"\noccupations = [1]\n[[baths]]\nnode = 7\nrate = 1\noccupation = 1',
         {"network.hopping", "network.rate", "network.occupations", "baths[0].node"}),
        # several arrays of the wrong length
        (('[network]\nmodel = "lattice"\nshape = [2, 2]\nperiodic = [true]\nhopping = [1, 2, 3]\nfrequency = [1]\ndisorder = 1\n'
         'drive = [{node = "2,2", amplitude = 1}]\npairing = [{between = ["0,0", 9], value = 1}]'),
         {"network.periodic", "network.hopping", "network.frequency", "network.rng", "network.drive[0].node",
          "network.pairing[0].between[1]"}),
        # pairs are checked whatever the size, other arrays are not
        ('[network]\nmodel = "chain"\nlength = 0\nrate = -1\nhopping = [1, 2]\noccupations = [1]\n[[baths]]\nnode = 9\nrate = 1',
         {"network.length", "network.rate", "network.occupations", "baths[0]"}),
        ('[network]\nmodel = "random_network"\nn_modes = 2\nrates = [1]\noccupations = [2, 1]\nconnectivity = 2.0',
         {"network.rng", "network.rates", "network.occupations", "network.connectivity"}),
        ('[network]\nmodel = "optomechanics"\nefficiency = 2.0\ntemperature = -1.0\n[[baths]]\nnode = "sink"\nrate = 1\noccupation = 1',
         {"network.efficiency", "network.temperature", "baths[0].node", "network.power", "network.detuning",
          *(f"network.{kind}_{word}" for kind in ("mechanical", "cavity") for word in ("frequency", "linewidth")), "network.coupling"}),
        # a faulty node table, a bath on a node that is not there, a pairing with one
        (('[network]\nnodes = [{label = "a", foo = 2}, {label = "b"}]\npairing = [{between = ["a", "c"], value = 1}]\n'
         '[[baths]]\nnode = "zz"\nrate = 1\noccupation = 1\n[[baths]]\nkind = "jump"\njumps = [{u = {d = 1}}]'),
         {"network.nodes[0].foo", "network.pairing[0].between[1]", "baths[0].node", "baths[1].jumps[0].u.d"}),
        # two forms at once: what is wrong in each, a key of neither, a node that neither has
        (('[network]\nmodel = "chain"\nlength = 3\nhopping = 1\nrate = "x"\noccupations = [1, 2]\nlenght = 3\n'
         'nodes = [{label = "a", foo = 2}]\n'
         '[[baths]]\nnodes = ["a", 2, "zz"]\nrate = 1\noccupation = 1'),
         {"network", "network.rate", "network.lenght", "network.nodes[0].foo", "baths[0].nodes[2]"}),
        ('[network]\nmodel = "chian"\nmatrix = "absent.npy"\nlength = 3\n',
         {"network", "network.model", "network.matrix"}),
        # numbers of a bath that do not go together, and a sweep that leads nowhere, beside a faulty network
        (CHAIN.replace("0.5", "'x'") + '[[baths]]\nkind = "squeezed"\nnode = 0\nrate = 1\noccupation = 0\nanomalous = 3\n'
         '[sweep]\naxes = [{parameter = "foo.bar", values = [1]}]\n',
         {"network.hopping", "baths[0]", "sweep.axes[0].parameter"}),
    ],
)  # fmt: skip
def test_all_faults_are_told_at_once(text: str, places: set[str]) -> None:
    assert set(faults_of(text)) == places


def test_all_faults_of_a_spec_with_a_file_are_told_at_once(tmp_path: Path) -> None:
    bath = '[[baths]]\nnode = "{}"\nrate = 1\noccupation = 1\n'
    text = with_graph(tmp_path, "a b 0.5\na b 0.6\nb c\n", rest='hopping = "x"\n' + bath.format("zz"))
    assert set(faults_of(text, tmp_path)) == {"network.graph", "network.hopping", "baths[0].node"}
    assert "line 2: the edge between `a` and `b` is given twice" in faults_of(text, tmp_path)["network.graph"]
    assert "line 3" not in faults_of(text, tmp_path)["network.graph"]
    np.save(tmp_path / "h.npy", np.array([[0.0, 1.0], [2.0, 0.0]]))
    text = '[network]\nmatrix = "h.npy"\nlable = 1\n' + bath.format("zz")
    assert set(faults_of(text, tmp_path)) == {"network.lable", "baths[0].node"}
    assert set(faults_of(text.replace("lable = 1\n", ""), tmp_path)) == {"network.matrix", "baths[0].node"}
    text = text.replace("lable = 1", 'labels = [1, "b"]')  # what is not known is not held against the baths
    assert set(faults_of(text, tmp_path)) == {"network.labels[0]"}


def test_too_little_memory_is_the_cause_of_the_error_if_it_is_all_that_is_wrong() -> None:
    large = CHAIN.replace("3", str(10**12))
    with pytest.raises(SpecError) as caught:
        parse_spec(large)
    assert isinstance(caught.value.__cause__, wn.errors.MemoryLimitError)
    with pytest.raises(SpecError) as caught:
        parse_spec("foo = 1\n" + large)
    assert caught.value.__cause__ is None
    assert {path for path, _ in caught.value.faults} == {"foo", "network.model"}


def test_a_sweep_may_begin_with_a_network_too_large_for_memory() -> None:
    axis = f'[[sweep.axes]]\nparameter = "network.length"\nvalues = [{10**12}, 3]\n'
    run = parse_spec(CHAIN + axis)
    assert run.sweep is not None
    assert run.sweep(length=3).n_modes == 3


def test_matrix_files_that_are_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    np.save(tmp_path / "h.npy", np.eye(9))
    sparse.save_npz(tmp_path / "h.npz", sparse.csr_array(np.eye(9)))
    monkeypatch.setattr("wignerness.io.matrices.LARGEST_MATRIX", 100)
    for name in ("h.npy", "h.npz"):
        assert "more than 100" in faults_of(f'[network]\nmatrix = "{name}"\n', tmp_path)["network.matrix"]


def test_a_model_that_runs_out_of_memory_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(length: int) -> wn.Network:
        raise MemoryError

    monkeypatch.setitem(MODELS, "chain", fail)
    assert faults_of('[network]\nmodel = "chain"\nlength = 3\n') == {
        "network.model": "needs more memory than there is (line 2)"
    }


def test_paths_are_relative_to_the_spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "specs").mkdir()
    np.save(tmp_path / "h.npy", np.eye(2))
    (tmp_path / "specs" / "s.toml").write_text('[network]\nmatrix = "../h.npy"\n')
    monkeypatch.chdir(tmp_path)
    assert load_spec("specs/s.toml").network.n_modes == 2


# --- baths, solver, quantities ---------------------------------------------------------------------------


def test_baths_follow_those_of_the_model() -> None:
    run = parse_spec(
        CHAIN
        + """
    [[baths]]
    node = "1"
    rate = 0.5
    occupation = 3
    name = "drain"
    [[baths]]
    nodes = "all"
    kind = "probe"
    rate = 0.1
    [[baths]]
    nodes = [2, "0"]
    rate = 0.2
    occupation = 0
    name = "cold"
    [[baths]]
    node = 0
    kind = "probe"
    rate = 1
    occupation = 1.5
    """
    )
    model = wn.models.chain(3, hopping=0.5, rate=1.0, occupations=(1, 2))
    assert run.network.baths == (
        *model.baths,
        wn.ThermalBath(1, 0.5, 3.0, name="drain"),
        *(wn.Probe(k, 0.1) for k in range(3)),
        wn.ThermalBath(2, 0.2, 0.0, name="cold 2"),
        wn.ThermalBath(0, 0.2, 0.0, name="cold 0"),
        wn.Probe(0, 1.0, occupation=1.5),
    )


def test_temperatures_are_taken_at_the_frequency_of_the_node_unless_told() -> None:
    run = parse_spec("""
    [network]
    nodes = [{label = "a", frequency = 2.0}]
    [[baths]]
    node = "a"
    rate = 1
    temperature = 4.0
    [[baths]]
    node = "a"
    rate = 1
    temperature = 4.0
    frequency = 3.0
    [[baths]]
    node = "a"
    rate = 1
    temperature = 0
    """)
    found = [bath.occupation for bath in run.network.baths]
    assert found == pytest.approx([1 / math.expm1(0.5), 1 / math.expm1(0.75), 0.0], rel=1e-14)


@pytest.mark.parametrize(
    "solver",
    [
        wn.solvers.Auto(),
        wn.solvers.Dense(extended=False, estimate=True),
        wn.solvers.Batch(largest=4),
        wn.solvers.Banded(),
        wn.solvers.Banded(tolerance=1e-6),
        wn.solvers.ADI(tolerance=1e-9),
    ],
    ids=str,
)
def test_solvers_with_their_options(solver) -> None:
    network = wn.Network([[1.0]], [wn.ThermalBath(0, 0.1, 1.0)])
    run = parse_spec(RunSpec(network, solver=solver).to_toml())
    assert run.solver == solver
    assert run.solve().occupations[0] == pytest.approx(1.0)


def test_solver_unit_title_and_quantities() -> None:
    run = parse_spec(
        'title = "t"\ndescription = "two\\nlines"\nunit = "MHz"\n'
        + CHAIN
        + '[solver]\nkind = "dense"\n[compute]\nquantities = ["occupations", "currents"]\n'
    )
    assert run.solver == wn.solvers.Dense()
    assert (run.title, run.description, run.unit) == ("t", "two\nlines", "MHz")
    assert run.quantities == ("occupations", "currents")
    assert "length = 3" in str(run.text)


def test_defaults() -> None:
    run = parse_spec(CHAIN)
    assert run.solver == wn.solvers.Auto()
    assert (run.title, run.description, run.unit, run.quantities) == (None, None, "rate", None)


def test_a_text_with_a_line_break_is_the_spec_itself() -> None:
    assert load_spec(CHAIN).network.n_modes == 3


# --- round trip ------------------------------------------------------------------------------------------


@given(
    size=st.integers(1, 6),
    seed=st.integers(0, 2**32 - 1),
    labels=st.lists(st.text(min_size=1).filter(lambda s: s.isprintable() and s.strip()), min_size=6, max_size=6, unique=True),
    scale=st.sampled_from([1e-300, 1e-9, 1.0, 1e12]),
)  # fmt: skip
def test_written_and_read_again_a_network_is_the_same_to_the_last_bit(
    size: int, seed: int, labels: list[str], scale: float
) -> None:
    network = wn.models.random_network(size, rng=seed, probe_density=0.5)
    network = network.replace(
        hamiltonian=network.hamiltonian * scale,
        labels=labels[:size],
        baths=[*network.baths, wn.ThermalBath(0, 0.1, 1e-17, name=labels[5]), wn.Probe(size - 1, 3.0, occupation=0.25)],
    )
    again = parse_spec(RunSpec(network, title="x", solver=wn.solvers.Dense()).to_toml())
    assert (dense(again.network) == dense(network)).all()
    assert again.network.baths == network.baths
    assert again.network.labels == network.labels
    assert again.solver == wn.solvers.Dense()


def test_what_a_spec_cannot_say_is_not_written() -> None:
    one = wn.Network([[1.0]], [wn.ThermalBath(0, 1.0, 0.5)])
    with pytest.raises(SpecError, match="solver"):
        RunSpec(one, solver=object()).to_toml()


# --- faults ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "path", "message"),
    [
        ("", "network", "is missing"),
        ("network = 3", "network", "must be a table, but is 3"),
        ("[network]", "network", "must have exactly one of `model`"),
        ('[network]\nmodl = "chain"', "network.modl", "unknown key `modl`, the nearest valid one is `model`"),
        ('[network]\nmodel = "chain"\nmatrix = "h.npy"', "network", "but has `model` and `matrix`"),
        ('[network]\nmodel = "chian"', "network.model", "unknown model `chian`, the nearest valid one is `chain`"),
        ("[network]\nmodel = [1]", "network.model", "unknown model `an array of 1`"),
        ('[network]\nmodel = "chain"', "network.length", "is missing"),
        (CHAIN.replace("length", "lenght"), "network.lenght", "the nearest valid one is `length` (line 4)"),
        (CHAIN.replace("3", "3.0"), "network.length", "must be an integer, but is 3.0 (line 4)"),
        (CHAIN.replace("3", "true"), "network.length", "must be an integer, but is true"),
        (CHAIN.replace("3", '"3"'), "network.length", 'must be an integer, but is "3"'),
        (CHAIN.replace("= 3", "= -3"), "network.length", "must be at least 1, but is -3"),
        (CHAIN.replace("1.0", "-1.0"), "network.rate", "must be non-negative, but is -1.0 (line 6)"),
        (CHAIN.replace("1.0", "nan"), "network.rate", "but is nan"),
        (CHAIN.replace("1.0", "1e999"), "network.rate", "must be finite, but is inf"),
        (CHAIN.replace("0.5", "inf"), "network.hopping", "must be a finite number"),
        (CHAIN.replace("0.5", "true"), "network.hopping", "must be a finite number"),
        (CHAIN.replace("0.5", "[1, 2, 3]"), "network.hopping", "must have shape (2,)"),
        (CHAIN.replace("[1, 2]", "[1, -2]"), "network.occupations", "element 1 must be non-negative, but is -2"),
        (CHAIN.replace("[1, 2]", "[1, [2, 0]]"), "network.occupations", "element 1 must be non-negative"),
        (CHAIN.replace("[1, 2]", "[1]"), "network.occupations", "must have shape (2,)"),
        (CHAIN.replace("3", "1_000_000_000_000"), "network.model", "needs about"),
        (CHAIN.replace("3", "9" * 300), "network.model", "needs about"),
        ('[network]\nmodel = "tree"\nbranching = 2\ndepth = 1_000_000_000\nhopping = 1', "network.model", "needs about"),
        ('[network]\nmodel = "lattice"\nshape = [1000000, 1000000]\nhopping = 1', "network.model", "needs about"),
        ('[network]\nmodel = "lattice"\nshape = [3, 0.5]\nhopping = 1', "network.shape", "must be an integer or an array"),
        ('[network]\nmodel = "lattice"\nshape = [3, -1]\nhopping = 1', "network.shape[1]", "must be at least 1, but is -1"),
        ('[network]\nmodel = "lattice"\nshape = 3\nhopping = 1\ndisorder = 1', "network.rng", "must be given"),
        ('[network]\nmodel = "random_network"\nn_modes = 10000000\nrng = 1', "network.model", "needs about"),
        ('[network]\nmodel = "random_network"\nn_modes = 2\nrng = -1', "network.rng", "must be non-negative"),
        ("[network]\nnodes = []", "network.nodes", "must have at least 1 elements"),
        ("[network]\nnodes = [{}]", "network.nodes[0].label", "is missing"),
        ("[network]\nnodes = [3]", "network.nodes[0]", "must be a table, but is 3"),
        ('[network]\nnodes = [{label = ""}]', "network.nodes[0].label", "printable text"),
        ('[network]\nnodes = [{label = "a", frequenzy = 1}]', "network.nodes[0].frequenzy", "nearest valid one is `frequency`"),
        ('[network]\nnodes = [{label = "a"}, {label = "a"}]', "network.nodes[1].label", "the node `a` is given twice"),
        (CHAIN + "[solver]\nkind = 'dens'", "solver.kind", "the nearest valid one is `dense`"),
        (CHAIN + "[solver]\nkind = 'dense'\ntolerance = 1e-6", "solver", "`tolerance` is an option of `banded` or `adi`"),
        (CHAIN + "[solver]\nkind = 'adi'\ntolerance = 0.0", "solver.tolerance", "0"),
        (CHAIN + "[solver]\nlargest = 3", "solver", "`largest` is an option of `batch`, but the kind is `auto`"),
        (CHAIN + "[compute]\nquantities = ['occupation']", "compute.quantities[0]", "nearest valid one is `occupations`"),
        (CHAIN + "[compute]\nquantities = []", "compute.quantities", "must have at least 1"),
        (CHAIN + "[compute]\nquantities = [1979-05-27]", "compute.quantities[0]", "the date or time 1979-05-27"),
        ('titl = "x"' + CHAIN, "titl", "unknown key `titl`, the nearest valid one is `title` (line 1)"),
        ('title = "a\\u001b[31m"' + CHAIN, "title", "must be one line of printable text"),
        ('"a\\u001b" = 1' + CHAIN, "a\\x1b", "unknown key `a\\x1b`"),
        (CHAIN + "[evolv]\ntimes = [1]", "evolv", "unknown key `evolv`, the nearest valid one is `evolve`"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_place(text: str, path: str, message: str) -> None:
    faults = faults_of(text)
    assert path in faults
    assert message in faults[path]


EDGES = '[network]\nnodes = [{label = "a"}, {label = "b"}]\nedges = [{between = ["a", "b"], hopping = 1}, %s]'


@pytest.mark.parametrize(
    ("edge", "path", "message"),
    [
        ('{between = ["a", "c"], hopping = 1}', "between[1]", "unknown node `c`, valid are `a`, `b`"),
        ('{between = ["a", 2], hopping = 1}', "between[1]", "must be a label or an index from 0 to 1, but is 2"),
        ('{between = ["a", -1], hopping = 1}', "between[1]", "must be a label or an index from 0 to 1, but is -1"),
        ('{between = ["a", true], hopping = 1}', "between[1]", "must be the label or the index of a node, but is true"),
        ('{between = ["a"], hopping = 1}', "between", "must have at least 2 elements, but has 1"),
        ('{between = ["a", "b", "a"], hopping = 1}', "between", "must have at most 2 elements, but has 3"),
        ('{between = ["b", "a"], hopping = 1}', "between", "the edge between `b` and `a` is given twice"),
        ('{between = ["b", 1], hopping = 1}', "between", "must join two different nodes, but both are `b`"),
        ('{between = ["a", "b"]}', "hopping", "is missing"),
        ('{between = ["a", "b"], hopping = [1, 2, 3]}', "hopping", "must be a finite number or [real part, imaginary part]"),
        ('{between = ["a", "b"], hopping = [1, nan]}', "hopping", "must be a finite number or"),
        ('{between = ["a", "b"], hopping = 1, phaze = 2}', "phaze", "the nearest valid one is `phase`"),
    ],
)  # fmt: skip
def test_faults_of_edges(edge: str, path: str, message: str) -> None:
    assert message in faults_of(EDGES % edge)[f"network.edges[1].{path}"]


@pytest.mark.parametrize(
    ("bath", "path", "message"),
    [
        ("node = 0\noccupation = 1", ".rate", "is missing (line 8)"),
        ("node = 0\nrate = -1\noccupation = 1", ".rate", "must be non-negative, but is -1 (line 10)"),
        ("node = 0\nrate = 1", "", "must have exactly one of `occupation` and `temperature`"),
        ("node = 0\nrate = 1\noccupation = 1\ntemperature = 1", "", "must have exactly one of `occupation` and"),
        ("node = 0\nrate = 1\noccupation = 1\nfrequency = 1", ".frequency", "belongs to a `temperature`"),
        ("node = 0\nrate = 1\ntemperature = 1", ".temperature", "needs a positive frequency, but that of the node is 0"),
        ('nodes = "all"\nrate = 1\ntemperature = 1', ".temperature", "needs a positive frequency"),
        ("node = 0\nrate = 1\ntemperature = 1e300\nfrequency = 1e-300", "", "must be finite"),
        ("node = 0\nrate = 1\ntemperature = 1\nfrequency = 0", ".frequency", "must be positive, but is 0"),
        ("node = 3\nrate = 1\noccupation = 1", ".node", "must be a label or an index from 0 to 2, but is 3"),
        ('node = "x"\nrate = 1\noccupation = 1', ".node", "unknown node `x`, valid are `0`, `1`, `2`"),
        ("node = 1.5\nrate = 1\noccupation = 1", ".node", "must be the label or the index of a node, but is 1.5"),
        ("nodes = [0, 5]\nrate = 1\noccupation = 1", ".nodes[1]", "must be a label or an index from 0 to 2, but is 5"),
        ("nodes = []\nrate = 1\noccupation = 1", ".nodes", 'must be "all" or an array'),
        ("node = 0\nnodes = [1]\nrate = 1\noccupation = 1", "", "must have exactly one of `node` and `nodes`"),
        ("rate = 1\noccupation = 1", "", "must have exactly one of `node` and `nodes`"),
        ('node = 0\nkind = "probe"\nrate = 1\ntemperature = 1', ".temperature", "belongs to a thermal bath"),
        ('node = 0\nkind = "thermall"\nrate = 1\noccupation = 1', ".kind", "the nearest valid one is `thermal` (line 10)"),
        ("node = 0\nrat = 1\noccupation = 1", ".rat", "unknown key `rat`, the nearest valid one is `rate`"),
        ('node = 0\nrate = 1\noccupation = 1\nname = ""', ".name", "must be one line of printable text"),
    ],
)  # fmt: skip
def test_faults_of_baths(bath: str, path: str, message: str) -> None:
    assert message in faults_of(f"{CHAIN}[[baths]]\n{bath}\n")[f"baths[0]{path}"]


def test_all_faults_come_at_once_and_in_the_order_of_the_file() -> None:
    text = """titl = "x"
[network]
model = "chain"
lenght = 5
hopping = "a"
rate = -1.0
occupations = [1, -2]

[[baths]]
node = 0
rate = 1.0
occupation = 1.0

[[baths]]
nod = 2
rate = nan
kind = "thermall"

[solver]
kind = "dence"

[compute]
quantities = ["occupation", 3]
"""
    with pytest.raises(SpecError) as caught:
        parse_spec(text, name="bad.toml")
    paths = [path for path, _ in caught.value.faults]
    assert paths == [
        "titl", "network.length", "network.lenght", "network.hopping", "network.rate", "network.occupations",
        "baths[1]", "baths[1]", "baths[1].nod", "baths[1].rate", "baths[1].kind", "solver.kind",
        "compute.quantities[1]", "compute.quantities[0]",
    ]  # fmt: skip
    message = str(caught.value)
    assert message.startswith("bad.toml has 14 faults:\n  titl: ")
    assert "baths[1].rate: must be finite, but is nan (line 16)" in message


def test_a_thousand_faults_do_not_drown_the_reader() -> None:
    with pytest.raises(SpecError) as caught:
        parse_spec(CHAIN + "[[baths]]\nrat = 1\n" * 3000)
    assert str(caught.value).count("\n") <= 101
    assert str(caught.value).endswith("more")
    assert len(caught.value.faults) <= 1000


# --- hostile and broken input --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a = ", "it is not TOML"),
        ("a = 1\na = 2", "it is not TOML"),
        (b"\xff\xfe", "it is not UTF-8 text: byte 0 is 0xff"),
        ("a = " + "[" * 20000 + "]" * 20000, "nested too deeply"),
        ("a = " + "{a=" * 20000 + "1" + "}" * 20000, "nested too deeply"),
        (".".join("a" * 200_000) + " = 1", "a key has more than 32 parts"),
        ("[" + ". ".join(["'a'"] * 100_000) + "]", "a key has more than 32 parts"),
        ("a = " + "9" * 5000, "it is not TOML"),
        ("#" * (2**20 + 1), "it has more than the 1048576 bytes"),
        ("a = \x00", "it is not TOML"),
    ],
)
def test_what_is_no_spec_at_all(text: str | bytes, message: str) -> None:
    assert message in faults_of(text)[""]


def test_a_fault_of_the_text_is_told_once() -> None:
    with pytest.raises(SpecError) as caught:
        parse_spec(".".join("a" * 40) + " = 1")
    assert [message for _, message in caught.value.faults] == [
        "a key has more than 32 parts: write fewer tables inside each other"
    ]
    assert "not TOML" not in str(caught.value)


def test_a_byte_order_mark_is_no_fault() -> None:
    assert parse_spec(b"\xef\xbb\xbf" + CHAIN.encode()).network.n_modes == 3


def test_prose_with_many_dots_is_no_deep_key() -> None:
    description = "description = '''\n" + "one. two. three. " * 100 + "\n'''\n# " + "a.b." * 100
    assert parse_spec(description + CHAIN).network.n_modes == 3


def test_files_that_are_no_specs(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent.toml", "x" * 5000):
        with pytest.raises(SpecError, match="cannot be read"):
            load_spec(path)
    large = tmp_path / "large.toml"
    large.write_bytes(b"#" * (2**20 + 1))
    with pytest.raises(SpecError, match="more than the 1048576 bytes"):
        load_spec(large)


WORDS = st.sampled_from(
    ["title", "unit", "network", "baths", "solver", "compute", "model", "nodes", "edges", "graph", "matrix", "labels",
     "label", "frequency", "between", "hopping", "phase", "node", "kind", "rate", "occupation", "temperature", "name",
     "quantities", "length", "shape", "periodic", "disorder", "rng"]
)  # fmt: skip
TEXTS_IN_QUOTES = ["chain", "ring", "probe", "thermal", "all", "a", "dense", "x.npy", "honeycomb.graphml", "0", ""]
VALUES = st.one_of(
    st.sampled_from(TEXTS_IN_QUOTES).map('"{}"'.format),
    st.sampled_from(
        ["true", "inf", "nan", "-1", "0", "1", "2", "3", "0.5", "1e308", "5e-324", "1979-05-27", "9223372036854775808",
         "[]", "{}", "[1,2]", "[[1,2]]", "[0]"]
    ),
    st.floats().map(str),
)  # fmt: skip
LINES = st.one_of(
    st.tuples(WORDS, VALUES).map(lambda pair: f"{pair[0]} = {pair[1]}"),
    st.sampled_from(["[network]", "[[baths]]", "[solver]", "[compute]", "[[network.nodes]]", "[[network.edges]]"]),
)


@given(st.lists(LINES, max_size=25))
def test_any_toml_gives_a_network_or_a_spec_error(lines: list[str]) -> None:
    _parse_or_refuse("\n".join(dict.fromkeys(lines)))


@given(st.one_of(st.binary(), st.text()))
def test_any_bytes_give_a_spec_error(content: bytes | str) -> None:
    _parse_or_refuse(content)


TEXTS = [path.read_text() for path in sorted(SPECS.glob("*.toml"))]


@given(
    st.sampled_from(TEXTS),
    st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 12), st.one_of(VALUES, WORDS, st.text(max_size=3))), max_size=4),
)  # fmt: skip
def test_any_edit_of_a_spec_gives_a_network_or_a_spec_error(text: str, edits: list[tuple[int, int, str]]) -> None:
    for place, removed, added in edits:
        text = text[:place] + added + text[place + removed :]
    _parse_or_refuse(text)


FILES = {
    ".graphml": (GRAPHML.replace("EDGE", ""), "graph"),
    ".edges": ("a b 0.5\nb b 1.0\nb c 1 2\n", "graph"),
}


@given(st.sampled_from(sorted(FILES)), st.integers(0, 900), st.integers(0, 9), st.text(max_size=4))
def test_any_edit_of_a_graph_file_gives_a_network_or_a_spec_error(
    tmp_path_factory: pytest.TempPathFactory, ending: str, place: int, removed: int, added: str
) -> None:
    content, key = FILES[ending]
    folder = tmp_path_factory.mktemp("files")
    (folder / f"g{ending}").write_text(content[:place] + added + content[place + removed :], encoding="utf-8")
    _parse_or_refuse(f'[network]\n{key} = "g{ending}"\n', folder)


@given(
    st.sampled_from(["npy", "csr", "coo"]), st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=5)
)
def test_any_damage_to_a_matrix_file_gives_a_network_or_a_spec_error(
    tmp_path_factory: pytest.TempPathFactory, form: str, damage: list[tuple[int, int]]
) -> None:
    folder = tmp_path_factory.mktemp("files")
    path = folder / ("h.npy" if form == "npy" else "h.npz")
    if form == "npy":
        np.save(path, np.eye(3))
    else:
        sparse.save_npz(path, sparse.csr_array(np.eye(3)).asformat(form))
    content = bytearray(path.read_bytes())
    for place, value in damage:
        content[place % len(content)] = value
    path.write_bytes(content)
    _parse_or_refuse(f'[network]\nmatrix = "{path.name}"\n', folder)


def _parse_or_refuse(content: bytes | str, base: Path = SPECS) -> None:
    with contextlib.suppress(SpecError):
        assert isinstance(parse_spec(content, base=base).network, wn.Network)
        return
    with pytest.raises(SpecError) as caught:
        parse_spec(content, base=base)
    assert caught.value.faults
    assert str(caught.value).replace("\n", "").isprintable()


# --- the pieces ------------------------------------------------------------------------------------------------


def test_lines_of_tables_and_keys() -> None:
    text = 'a = 1\n[t]\nb.c = 2\n[[t.u]]\n[[t.u]]\nd = """\n[no]\ne = 1\n"""\n[t.u.v] # x\nf=1\n[ [bad\n["quoted"]\n'
    assert line_numbers(text) == {
        ("a",): 1,
        ("t",): 2,
        ("t", "b", "c"): 3,
        ("t", "u", 0): 4,
        ("t", "u", 1): 5,
        ("t", "u", 1, "d"): 6,
        ("t", "u", 1, "v"): 10,
        ("t", "u", 1, "v", "f"): 11,
    }


@given(st.text(alphabet="ab.\"'#\\\n []=x", max_size=80))
def test_the_scan_for_lines_takes_any_text(text: str) -> None:
    lines = line_numbers(text)
    assert all(1 <= line <= text.count("\n") + 1 for line in lines.values())
    assert not is_too_deep(text) or text.count(".") >= 32


def test_texts_of_messages() -> None:
    assert path_text(("baths", 2, "rate")) == "baths[2].rate"
    assert len(show("x" * 10**6)) < 70
    assert show("\x1b[31m") == '"\\x1b[31m"'
    assert nearest("x", []) == "none is valid"
    assert nearest("zzz", map(str, range(100))).endswith("and 88 more")


def test_the_schema_covers_every_table_and_quantity() -> None:
    schema = spec_schema()
    assert {
        "title",
        "description",
        "unit",
        "network",
        "baths",
        "theory",
        "solver",
        "compute",
        "sweep",
        "evolve",
        "trajectories",
    } == set(schema["properties"])
    assert len(schema["properties"]["network"]["oneOf"]) == 3 + len(MODELS)
    assert set(QUANTITIES) == set(
        schema["$defs"]["ComputeTable"]["properties"]["quantities"]["anyOf"][0]["items"]["enum"]
    )


@pytest.mark.parametrize("path", sorted(SPECS.glob("*.toml")), ids=lambda path: path.stem)
def test_the_schema_accepts_the_shipped_specs(path: Path) -> None:
    import tomllib

    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.validate(tomllib.loads(path.read_text()), spec_schema())


def test_without_pydantic_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "wignerness.io.tables", raising=False)
    monkeypatch.delattr("wignerness.io.tables", raising=False)
    monkeypatch.setitem(sys.modules, "pydantic", None)
    with pytest.raises(MissingExtraError, match=re.escape('pip install "wignerness[spec]"')):
        parse_spec(CHAIN)
