"""The tables ``[[baths]]`` of a spec: their nodes are looked up, and the baths coupled to the network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..bath import Bath, Probe, ThermalBath
from ..errors import WignernessError
from ..network import Network
from .faults import Faults, Path, show

if TYPE_CHECKING:
    from .tables import BathTable


def check_baths(raw: Sequence[object], network: Network | None, faults: Faults) -> None:
    """Note what is wrong with the tables ``[[baths]]`` beyond the type of their values."""
    index = None if network is None else {label: k for k, label in enumerate(network.labels)}
    frequencies = None if network is None else network.hamiltonian.diagonal().real
    for b, bath in enumerate(raw):
        if isinstance(bath, dict):
            _check_keys(bath, faults, ("baths", b))
            if index is not None and frequencies is not None:
                _check_nodes(bath, index, frequencies, faults, ("baths", b))


def _check_keys(bath: Mapping[str, Any], faults: Faults, at: Path) -> None:
    is_probe = bath.get("kind") == "probe"
    if ("node" in bath) == ("nodes" in bath):
        faults.add(at, "must have exactly one of `node` and `nodes`")
    if is_probe and "temperature" in bath:
        faults.add((*at, "temperature"), "belongs to a thermal bath: a probe finds its own, or has an `occupation`")
    if not is_probe and ("occupation" in bath) == ("temperature" in bath):
        faults.add(at, "must have exactly one of `occupation` and `temperature`")
    if "frequency" in bath and "temperature" not in bath:
        faults.add((*at, "frequency"), "belongs to a `temperature`, and there is none")


def _check_nodes(
    bath: Mapping[str, Any], index: Mapping[str, int], frequencies: np.ndarray, faults: Faults, at: Path
) -> None:
    listed = bath.get("nodes")
    places: list[tuple[Path, object]] = [((*at, "node"), bath["node"])] if "node" in bath else []
    if isinstance(listed, list):
        places += [((*at, "nodes", m), reference) for m, reference in enumerate(listed)]
    nodes = [resolve(reference, index, len(frequencies), faults, path) for path, reference in places]
    every = range(len(frequencies)) if listed == "all" else nodes
    still = next((k for k in every if k is not None and not frequencies[k] > 0), None)
    if "temperature" in bath and "frequency" not in bath and still is not None:
        faults.add(
            (*at, "temperature"),
            f"needs a positive frequency, but that of the node is {frequencies[still]:g}; "
            "give the bath a `frequency`, or an `occupation` in place of the temperature",
        )


def resolve(reference: object, index: Mapping[str, int], size: int, faults: Faults, path: Path) -> int | None:
    """Return the index of a node given by its label or index, or note that there is none."""
    if isinstance(reference, str):
        if reference not in index:
            faults.add_unknown(path, "node", reference, index)
        return index.get(reference)
    if isinstance(reference, int) and not isinstance(reference, bool):
        if 0 <= reference < size:
            return reference
        faults.add(path, f"must be a label or an index from 0 to {size - 1}, but is {show(reference)}")
    return None


def with_baths(network: Network, tables: Sequence[BathTable], faults: Faults) -> Network | None:
    """Return the network with the spec's baths after those of its model."""
    index = {label: k for k, label in enumerate(network.labels)}
    frequencies = network.hamiltonian.diagonal().real
    baths = list(network.baths)
    for b, table in enumerate(tables):
        listed = [table.node] if table.nodes is None else table.nodes
        nodes = range(network.n_modes) if listed == "all" else [_index(reference, index) for reference in listed]
        try:
            baths += [_bath(table, node, _name(table, network.labels[node]), frequencies[node]) for node in nodes]
        except WignernessError as error:
            faults.add(("baths", b), str(error))
    return None if faults.found else Network(network.hamiltonian, baths, labels=network.labels)


def _index(reference: Any, index: Mapping[str, int]) -> int:
    return index[reference] if isinstance(reference, str) else int(reference)


def _name(table: BathTable, label: str) -> str | None:
    """Return the name of a bath; where one table makes several, each is told apart by its node."""
    return table.name if table.name is None or table.nodes is None else f"{table.name} {label}"


def _bath(table: BathTable, node: int, name: str | None, frequency: float) -> Bath:
    if table.kind == "probe":
        return Probe(node, table.rate, occupation=table.occupation, name=name)
    if table.occupation is not None:
        return ThermalBath(node, table.rate, table.occupation, name=name)
    reference = frequency if table.frequency is None else table.frequency
    return ThermalBath.at_temperature(node, table.rate, table.temperature or 0.0, reference, name=name)
