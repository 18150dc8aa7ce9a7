"""The nodes of a network as far as they are known while its spec is checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .._typing import RealArray
from ..network import Network
from .faults import Faults, Path, show


@dataclass(frozen=True, eq=False)
class Outline:
    """What references to nodes are checked against, also where the network itself has faults.

    Attributes
    ----------
    index : dict of str to int
        Position of every label.
    size : int
        Number of nodes.
    frequencies : (L,) array or None
        None where they are not known.
    """

    index: Mapping[str, int]
    size: int
    frequencies: RealArray | None = None

    @classmethod
    def of(cls, network: Network) -> Outline:
        """Return the outline of a network without faults."""
        index = {label: k for k, label in enumerate(network.labels)}
        return cls(index, network.n_modes, network.hamiltonian.diagonal().real)


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
