"""Networks that are chains: the order of their nodes, and baths at the ends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import breadth_first_order

from .._typing import IntArray, RealArray
from ..linalg.localized import EndToEnd
from ..network import Network
from .environment import Environment


@dataclass(frozen=True)
class Chain:
    """A network whose nodes hang together as a path.

    Attributes
    ----------
    frequencies : (L,) array
        In the order of the path.
    links : (L - 1,) array
        Sizes of the hopping.
    places : (m,) array of int
        Where the damped nodes are on the path.
    """

    frequencies: RealArray
    links: RealArray
    places: IntArray

    @classmethod
    def of(cls, network: Network, nodes: IntArray) -> Chain | None:
        """The network as a chain, its damped nodes in the order given; None if it is anything else."""
        matrix = sparse.csr_array(network.hamiltonian)
        off = sparse.csr_array(abs(matrix - sparse.diags_array(matrix.diagonal())))
        off.eliminate_zeros()
        degrees, size = np.diff(off.indptr), network.n_modes
        if size > 1 and (degrees.max() > 2 or degrees.sum() != 2 * (size - 1)):
            return None
        order = breadth_first_order(off, int(np.argmin(degrees)), directed=False, return_predecessors=False)
        if len(order) < size:
            return None
        where = np.empty(size, dtype=np.intp)
        where[order] = np.arange(size)
        links = np.asarray(off[order[:-1], order[1:]], dtype=np.float64).ravel() if size > 1 else np.zeros(0)
        return cls(matrix.diagonal().real[order], links, where[nodes])


@dataclass(frozen=True)
class EndedChain:
    """A chain with one bath at each end, and no other.

    Attributes
    ----------
    baths : (int, int)
        Indices of the baths at the first and the last node.
    levels : EndToEnd
    """

    baths: tuple[int, int]
    levels: EndToEnd


def ended_chain(chain: Chain, environment: Environment) -> EndedChain | None:
    """The chain with its two baths, if these are all and at the ends."""
    active = np.flatnonzero(environment.rates > 0.0)
    size = len(chain.frequencies)
    if len(active) != 2 or size < 2 or sorted(chain.places.tolist()) != [0, size - 1]:
        return None
    # chain.places is in the order of the nodes
    first, last = active[np.argsort(environment.modes[active])]
    if chain.places[0] != 0:
        first, last = last, first
    return EndedChain((int(first), int(last)), EndToEnd.of(chain.frequencies, chain.links))
