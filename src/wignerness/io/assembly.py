"""From the table ``[network]`` of a spec to a network: models, node tables, graph files and matrix files."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import models
from .._memory import refuse_beyond
from ..errors import FileFormatError, WignernessError
from ..network import Network
from . import graphs, matrices
from .couplings import check_ends, with_couplings
from .faults import Faults, show
from .graphml import read_graphml
from .outline import Outline, resolve

if TYPE_CHECKING:
    from types import ModuleType

Report = Callable[[str], None]
Read = tuple[Outline | None, Callable[[], Network] | None]

MODELS: dict[str, Callable[..., Network]] = {
    name: getattr(models, name) for name in ("chain", "ring", "lattice", "tree", "random_network", "optomechanics")
}

_GRAPHS = {".graphml": read_graphml, ".edges": graphs.read_edge_list}
_LARGEST_GRAPH = 64 * 2**20
_FORMS = {"model": "a named model", "nodes": "nodes and edges", "graph": "a graph file", "matrix": "a matrix file"}
# A node with its label and a bath; measured.
_BYTES_A_NODE = 2000
_BEYOND_ALL = 2**62
# Parameters of models that say how many nodes there are, those that are two numbers whatever the size, and values
# that are right wherever the file has a wrong one or none; 1 where nothing else is said.
_SIZES = {"length", "shape", "branching", "depth", "n_modes"}
_PAIRS = {"occupations", "rates"}
_HARMLESS = {
    "length": 3,
    "shape": 3,
    "branching": 2,
    "depth": 2,
    "n_modes": 3,
    "occupations": [0.0, 0.0],
    "rng": 0,
    "detuning": 0.0,
}
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


def read_network(tables: ModuleType, raw: object, base: Path, faults: Faults) -> tuple[Network | None, Outline | None]:
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
    network : Network or None
        None if there is a fault.
    outline : Outline or None
        Its nodes as far as they are known, also if there is a fault: other parts of the spec refer to them.
    """
    if not isinstance(raw, dict):
        return None, None  # noted where the whole document is checked
    forms = [form for form in _FORMS if form in raw]
    if len(forms) != 1:
        ways = ", ".join(f"`{key}` ({words})" for key, words in _FORMS.items())
        have = "none of them" if not forms else " and ".join(f"`{form}`" for form in forms)
        faults.add(("network",), f"must have exactly one of {ways}, but has {have}")
        network, outline = None, _read_many(tables, raw, forms, base, faults)
    else:
        network, outline = _read_form(tables, raw, forms[0], base, faults)
    if outline is not None:
        check_ends(raw, outline, faults)
    if network is None or faults.has("network"):
        return None, outline
    extras = tables.NetworkTable.model_validate({key: raw[key] for key in ("pairing", "drive") if key in raw})
    complete = None
    with _noted(faults, forms[0]):
        complete = with_couplings(network, extras, faults)
    return complete, outline


def _read_many(
    tables: ModuleType, raw: dict[str, Any], forms: Sequence[str], base: Path, faults: Faults
) -> Outline | None:
    """Note what is wrong inside each of several forms, of which a network has one; or with the keys if it has none."""
    known = {form: _keys(tables, raw, form) for form in forms}
    valid = set(tables.NetworkTable.model_fields).union(*known.values())
    if "model" not in forms or _is_model(raw["model"]):  # the keys of a model that is not known are not, either
        for key in raw.keys() - valid - {"edges"}:
            faults.add_unknown(("network", key), "key", key, valid if forms else _FORMS)
    found = [
        _read_form(tables, {key: raw[key] for key in raw if key in known[form]}, form, base, faults)[1]
        for form in forms
    ]
    outlines = [outline for outline in found if outline is not None]
    if not outlines or len(outlines) < len(forms):
        return None
    index = {label: k for outline in outlines for label, k in outline.index.items()}
    return Outline(index, max(outline.size for outline in outlines))


def _keys(tables: ModuleType, raw: dict[str, Any], form: str) -> set[str]:
    if form != "model":
        tables_of = {"nodes": tables.ExplicitTable, "graph": tables.GraphTable, "matrix": tables.MatrixTable}
        return set(tables_of[form].model_fields)
    name = raw["model"]
    return set(tables.parameter_table(name, MODELS[name]).model_fields) if _is_model(name) else {"model"}


def _is_model(name: object) -> bool:
    return isinstance(name, str) and name in MODELS


def _read_form(
    tables: ModuleType, raw: dict[str, Any], form: str, base: Path, faults: Faults
) -> tuple[Network | None, Outline | None]:
    read = {"model": _read_model, "nodes": _read_nodes, "graph": _read_graph, "matrix": _read_matrix}[form]
    outline = None
    with _noted(faults, form):
        outline, build = read(tables, raw, base, faults)
        if build is not None and not faults.has("network"):
            network = build()
            return network, Outline.of(network)
    return None, outline


@contextmanager
def _noted(faults: Faults, form: str) -> Iterator[None]:
    """Note errors of the library where they belong in the spec."""
    try:
        yield
    except MemoryError as error:  # the library's own among them
        faults.too_large = error
        faults.add(("network", form), str(error) or "needs more memory than there is")
    except WignernessError as error:
        faults.add(*_located(error, form))


def _acceptable(tables: ModuleType, schema: Any, raw: dict[str, Any], faults: Faults) -> Any:
    """Return the validated table, without its faulty keys if there are some, which are noted; None if that is none."""
    table = tables.validate(schema, raw, faults, ("network",))
    if table is None:
        good = {key: value for key, value in raw.items() if not faults.has("network", key)}
        return tables.accepted(schema, good)
    return table


def _located(error: WignernessError, form: str) -> tuple[tuple[str | int, ...], str]:
    """Return the path of the parameter that an error of the library speaks of, and the rest of its message."""
    found = _ARGUMENT.match(str(error))
    if found is None or form != "model":
        return ("network", form), str(error)
    indices = [int(index) for index in re.findall(r"\d+", found.group(2))]
    return ("network", found.group(1), *indices), found.group(3).rstrip(".")


def _read_model(
    tables: ModuleType,
    raw: dict[str, Any],
    base: Path,  # noqa: ARG001
    faults: Faults,
) -> Read:
    name = raw["model"]
    if not _is_model(name):
        faults.add_unknown(("network", "model"), "model", name if isinstance(name, str) else show(name), MODELS)
        return None, None
    schema = tables.parameter_table(name, MODELS[name])
    tables.validate(schema, raw, faults, ("network",))
    fields = schema.model_fields
    given = {key: raw[key] for key in raw if key in fields and not faults.has("network", key)}
    sizes = _SIZES & fields.keys()
    network = None
    while network is None:  # one faulty parameter less every time
        if not sizes <= given.keys():
            given = {key: value for key, value in given.items() if key in _PAIRS or not isinstance(value, list)}
        required = {key: _HARMLESS.get(key, 1.0) for key, field in fields.items() if field.is_required()}
        table = tables.accepted(schema, required | given)
        if table is None:
            return None, None
        parameters = tables.arguments(table)
        refuse_beyond(_memory(name, parameters), f"The model `{name}`", "Describe a smaller network.")
        try:
            network = MODELS[name](**parameters)
        except MemoryError:
            raise
        except WignernessError as error:
            path, message = _located(error, "model")
            faults.add(path, message)
            if not _mended(given, path[1]):
                return None, None
    built = network
    return Outline.of(built) if sizes <= given.keys() else None, lambda: built


def _mended(given: dict[str, Any], key: Any) -> bool:
    """Put a harmless value in the place of a faulty parameter, so that the others are checked, too."""
    if key in given and given[key] != _HARMLESS.get(key):
        del given[key]
        return True
    if key in given or key not in _HARMLESS:
        return False
    given[key] = _HARMLESS[key]
    return True


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


def _read_nodes(
    tables: ModuleType,
    raw: dict[str, Any],
    base: Path,  # noqa: ARG001
    faults: Faults,
) -> Read:
    table = tables.validate(tables.ExplicitTable, raw, faults, ("network",))
    graph = _sketch(raw, faults)
    outline = Outline(graph.index, len(graph.labels)) if graph.labels else None
    if table is None:
        return outline, None

    def build() -> Network:
        graph.frequencies = [node.frequency for node in table.nodes]
        elements = [graphs.polar(edge.hopping, edge.phase) for edge in table.edges]
        graph.edges = dict(zip(graph.edges, elements, strict=True))
        return graph.network()

    return outline, build


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


def _read_graph(tables: ModuleType, raw: dict[str, Any], base: Path, faults: Faults) -> Read:
    table = _acceptable(tables, tables.GraphTable, raw, faults)
    if table is None:
        return None, None
    report = partial(faults.add, ("network", "graph"))
    path = _path(table.graph, base, tuple(_GRAPHS), report)
    content = None if path is None else read_file(path, _LARGEST_GRAPH, graphs.prefixed(report, f"{table.graph}: "))
    if path is None or content is None:
        return None, None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        report(f"{table.graph} is not UTF-8 text: byte {error.start} is {content[error.start]:#04x}")
        return None, None
    graph = _GRAPHS[path.suffix](
        text,
        frequency=table.frequency,
        hopping=1.0 if faults.has("network", "hopping") else table.hopping,
        report=graphs.prefixed(report, f"{table.graph}: "),
    )
    if not graph.labels:
        if not faults.has("network", "graph"):
            report(f"{table.graph} holds no node")
        return None, None
    return Outline(graph.index, len(graph.labels)), graph.network


def _read_matrix(tables: ModuleType, raw: dict[str, Any], base: Path, faults: Faults) -> Read:
    table = _acceptable(tables, tables.MatrixTable, raw, faults)
    if table is None:
        return None, None
    report = partial(faults.add, ("network", "matrix"))
    path = _path(table.matrix, base, matrices.ENDINGS, report)
    if path is None:
        return None, None
    try:
        matrix = matrices.read_matrix(path)
    except FileFormatError as error:
        report(f"{table.matrix} {error}")
        return None, None
    size = matrix.shape[0]
    index = {label: k for k, label in enumerate(table.labels or map(str, range(size)))}
    outline = None if faults.has("network", "labels") else Outline(index, size)
    return outline, lambda: Network(matrix, (), labels=table.labels)


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
