"""The tables ``[[network.pairing]]`` and ``[[network.drive]]`` of a spec, put onto its network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from .._checks import has_nonzero
from .._memory import refuse_beyond
from .._typing import ComplexArray
from ..network import Network
from .faults import Faults, Path
from .outline import Outline, resolve

if TYPE_CHECKING:
    from .tables import NetworkTable


def check_ends(raw: Mapping[str, Any], outline: Outline, faults: Faults) -> None:
    """Note the nodes that pairing and drive name and that are not there, also where the network has other faults."""
    pairs, forces = (raw.get(key) for key in ("pairing", "drive"))
    for row, pair in enumerate(pairs if isinstance(pairs, list) else ()):
        between = pair.get("between") if isinstance(pair, dict) else None
        for end, node in enumerate(between if isinstance(between, list) else ()):
            resolve(node, outline.index, outline.size, faults, ("network", "pairing", row, "between", end))
    for row, force in enumerate(forces if isinstance(forces, list) else ()):
        if isinstance(force, dict):
            resolve(force.get("node"), outline.index, outline.size, faults, ("network", "drive", row, "node"))


def with_couplings(network: Network, table: NetworkTable, faults: Faults) -> Network:
    """Return the network with the spec's pairing and drive added to those of its model, or note what is wrong."""
    if not table.pairing and not table.drive:
        return network
    index = {label: k for k, label in enumerate(network.labels)}
    pairing, drive = given(network.pairing), given(network.drive)
    if table.pairing:
        refuse_beyond(32 * network.n_modes**2, f"The pairing of {network.n_modes} modes", "Describe a smaller network.")
        pairing = _pairing(network, table, index, faults)
    if table.drive:
        drive = _drive(network, table, index, faults)
    if faults.found:
        return network
    return Network(network.hamiltonian, network.baths, pairing=pairing, drive=drive, labels=network.labels)


def given(array: ComplexArray) -> ComplexArray | None:
    """A pairing or a drive as it is given to a network: None where it is zero, which may be too large to copy."""
    return array if has_nonzero(array) else None


def _pairing(network: Network, table: NetworkTable, index: dict[str, int], faults: Faults) -> ComplexArray:
    matrix, seen = np.array(network.pairing), set()
    for row, pair in enumerate(table.pairing):
        path: Path = ("network", "pairing", row, "between")
        k, m = (resolve(node, index, network.n_modes, faults, (*path, end)) for end, node in enumerate(pair.between))
        if k is None or m is None:
            continue
        if frozenset((k, m)) in seen:
            faults.add(path, "is given twice")
        seen.add(frozenset((k, m)))
        matrix[k, m] += pair.value
        if k != m:
            matrix[m, k] += pair.value
    return matrix


def _drive(network: Network, table: NetworkTable, index: dict[str, int], faults: Faults) -> ComplexArray:
    amplitudes, seen = np.array(network.drive), set[Any]()
    for row, force in enumerate(table.drive):
        path: Path = ("network", "drive", row, "node")
        k = resolve(force.node, index, network.n_modes, faults, path)
        if k is None:
            continue
        if k in seen:
            faults.add(path, "is driven twice")
        seen.add(k)
        amplitudes[k] += force.amplitude
    return amplitudes
