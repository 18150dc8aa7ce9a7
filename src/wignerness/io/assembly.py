"""From the table ``[network]`` of a spec to a network: models, node tables, graph files and matrix files."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import models
from .._memory import refuse_beyond
from ..errors import FileFormatError, WignernessError
from ..network import Network
from . import graphs, matrices
from .bath_tables import resolve
from .couplings import with_couplings
from .faults import Faults, show
from .graphml import read_graphml

if TYPE_CHECKING:
    from types import ModuleType

Report = Callable[[str], None]

MODELS: dict[str, Callable[..., Network]] = {
    name: getattr(models, name) for name in ("chain", "ring", "lattice", "tree", "random_network", "optomechanics")
}

_GRAPHS = {".graphml": read_graphml, ".edges": graphs.read_edge_list}
_LARGEST_GRAPH = 64 * 2**20
_FORMS = {"model": "a named model", "nodes": "nodes and edges", "graph": "a graph file", "matrix": "a matrix file"}
# A node with its label and a bath; measured.
_BYTES_A_NODE = 2000
_BEYOND_ALL = 2**62
_ARGUMENT = re.compile(r"Argument `(\w+)((?:\[\d+\])*)[^`]*` (.*)", re.DOTALL)


def read_file(path: Path, limit: int, report: Report) -> bytes | None:
    """Return what a file or a pipe of at most ``limit`` bytes holds, or report why not."""
    try:
        with path.open("rb") as file:
            content = file.read(limit + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        report(f"it cannot be read: {reason}")
        return None
    if len(content) > limit:
        report(f"it has more than the {limit} bytes that are read")
        return None
    return content


# --- the network ----------------------------------------------------------------------------------


def read_network(tables: ModuleType, raw: object, base: Path, faults: Faults) -> Network | None:
    """Build the network of the table ``[network]``, with the baths of its model if it is one.

    Parameters
    ----------
    tables : module
        The module `tables`, which needs pydantic.
    raw : object
        The table as the TOML reader returned it.
    base : Path
        Folder of the spec.
    faults : Faults
        Takes what is wrong.

    Returns
    -------
    Network or None
        None if there is a fault.
    """
    if not isinstance(raw, dict):
        return None  # noted where the whole document is checked
    forms = [form for form in _FORMS if form in raw]
    if len(forms) != 1:
        ways = ", ".join(f"`{key}` ({words})" for key, words in _FORMS.items())
        have = "none of them" if not forms else " and ".join(f"`{form}`" for form in forms)
        faults.add(("network",), f"must have exactly one of {ways}, but has {have}")
        if not forms:
            for key in raw.keys() - {"edges", "pairing", "drive"}:
                faults.add_unknown(("network", key), "key", key, _FORMS)
        return None
    read = {"model": _read_model, "nodes": _read_nodes, "graph": _read_graph, "matrix": _read_matrix}[forms[0]]
    try:
        network = read(tables, raw, base, faults)
        if network is None:
            return None
        extras = tables.NetworkTable.model_validate({key: raw[key] for key in ("pairing", "drive") if key in raw})
        return with_couplings(network, extras, faults)
    except MemoryError as error:  # the library's own among them
        faults.too_large = error
        faults.add(("network", forms[0]), str(error) or "needs more memory than there is")
    except WignernessError as error:
        faults.add(*_located(error, forms[0]))
    return None


def _located(error: WignernessError, form: str) -> tuple[tuple[str | int, ...], str]:
    """Return the path of the parameter that an error of the library speaks of, and the rest of its message."""
    found = _ARGUMENT.match(str(error))
    if found is None or form != "model":
        return ("network", form), str(error)
    indices = [int(index) for index in re.findall(r"\d+", found.group(2))]
    return ("network", found.group(1), *indices), found.group(3).rstrip(".")


def _read_model(tables: ModuleType, raw: dict[str, Any], base: Path, faults: Faults) -> Network | None:  # noqa: ARG001
    name = raw["model"]
    if not isinstance(name, str) or name not in MODELS:
        faults.add_unknown(("network", "model"), "model", name if isinstance(name, str) else show(name), MODELS)
        return None
    table = tables.validate(tables.parameter_table(name, MODELS[name]), raw, faults, ("network",))
    if table is None:
        return None
    parameters = tables.arguments(table)
    refuse_beyond(_memory(name, parameters), f"The model `{name}`", "Describe a smaller network.")
    return MODELS[name](**parameters)


def _memory(model: str, parameters: Mapping[str, Any]) -> int:
    """Return about how many bytes the network of a model takes before anything is solved."""
    if model == "random_network":
        return min(16 * int(parameters["n_modes"]) ** 2, _BEYOND_ALL)
    if model == "tree":
        branching, depth = parameters["branching"], parameters["depth"]
        size = depth if branching < 2 else branching ** min(depth, 64)
    else:
        shape = parameters["shape"] if model == "lattice" else parameters.get("length", 0)
        size = math.prod(shape) if isinstance(shape, list) else shape
    return min(int(_BYTES_A_NODE * size), _BEYOND_ALL)


def _read_nodes(tables: ModuleType, raw: dict[str, Any], base: Path, faults: Faults) -> Network | None:  # noqa: ARG001
    table = tables.validate(tables.ExplicitTable, raw, faults, ("network",))
    graph = _sketch(raw, faults)
    if table is None or faults.has("network"):
        return None
    graph.frequencies = [node.frequency for node in table.nodes]
    elements = [graphs.polar(edge.hopping, edge.phase) for edge in table.edges]
    graph.edges = dict(zip(graph.edges, elements, strict=True))
    return graph.network()


def _sketch(raw: dict[str, Any], faults: Faults) -> graphs.Graph:
    """Return the nodes and edges as far as they can be told, after noting duplicates and dangling ends."""
    graph = graphs.Graph()
    nodes, edges = raw.get("nodes"), raw.get("edges")
    for k, node in enumerate(nodes if isinstance(nodes, list) else ()):
        label = node.get("label") if isinstance(node, dict) else None
        report = partial(faults.add, ("network", "nodes", k, "label"))
        before = len(graph.labels)
        if isinstance(label, str):
            graph.add_node(label, 0.0, report)
        if len(graph.labels) == before:  # keeps the positions of the nodes after a faulty one
            graph.labels.append(f"node {k}")
    for k, edge in enumerate(edges if isinstance(edges, list) else ()):
        between = edge.get("between") if isinstance(edge, dict) else None
        if isinstance(between, list) and len(between) == 2:
            path = ("network", "edges", k, "between")
            start, end = (resolve(n, graph.index, len(graph.labels), faults, (*path, m)) for m, n in enumerate(between))
            if start is not None and end is not None:
                graph.add_edge(start, end, 0.0, partial(faults.add, path))
    return graph


def _read_graph(tables: ModuleType, raw: dict[str, Any], base: Path, faults: Faults) -> Network | None:
    table = tables.validate(tables.GraphTable, raw, faults, ("network",))
    if table is None:
        return None
    report = partial(faults.add, ("network", "graph"))
    path = _path(table.graph, base, tuple(_GRAPHS), report)
    content = None if path is None else read_file(path, _LARGEST_GRAPH, graphs.prefixed(report, f"{table.graph}: "))
    if path is None or content is None:
        return None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        report(f"{table.graph} is not UTF-8 text: byte {error.start} is {content[error.start]:#04x}")
        return None
    graph = _GRAPHS[path.suffix](
        text,
        frequency=table.frequency,
        hopping=table.hopping,
        report=graphs.prefixed(report, f"{table.graph}: "),
    )
    if not graph.labels and not faults.has("network"):
        report(f"{table.graph} holds no node")
    return None if faults.has("network") else graph.network()


def _read_matrix(tables: ModuleType, raw: dict[str, Any], base: Path, faults: Faults) -> Network | None:
    table = tables.validate(tables.MatrixTable, raw, faults, ("network",))
    if table is None:
        return None
    report = partial(faults.add, ("network", "matrix"))
    path = _path(table.matrix, base, matrices.ENDINGS, report)
    if path is None:
        return None
    try:
        return Network(matrices.read_matrix(path), (), labels=table.labels)
    except FileFormatError as error:
        report(f"{table.matrix} {error}")
        return None


def _path(name: str, base: Path, endings: Sequence[str], report: Report) -> Path | None:
    path = base / name
    if path.suffix not in endings:
        report(f"must be a file name that ends in {' or '.join(endings)}, but is {show(name)}")
        return None
    try:
        is_file = path.is_file()
    except (OSError, ValueError):
        is_file = False
    if not is_file:
        report(f"there is no file {show(name)} beside the spec")
        return None
    return path
