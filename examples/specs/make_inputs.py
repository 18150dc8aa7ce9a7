"""Makes the graph and the matrix that the specs of this folder read. Needs networkx."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import numpy as np

FOLDER = Path(__file__).parent


def honeycomb() -> nx.Graph:
    """A honeycomb flake of 3 x 4 cells; nodes are named by column and place, "c0.0" to "c4.7"."""
    flake = nx.hexagonal_lattice_graph(3, 4)
    graph = nx.Graph()
    for column, place in sorted(flake.nodes):
        graph.add_node(f"c{column}.{place}", frequency=10.0)
    for (column, place), (other, there) in sorted(flake.edges):
        graph.add_edge(f"c{column}.{place}", f"c{other}.{there}", hopping=0.1)
    return graph


def quasiperiodic(length: int = 34, potential: float = 3.0) -> np.ndarray:
    """Hamiltonian of the Aubry-Andre-Harper chain."""
    sites = np.arange(1, length + 1)
    frequencies = potential * np.cos(np.pi * (1 + np.sqrt(5)) * sites)
    return np.diag(frequencies) + np.eye(length, k=1) + np.eye(length, k=-1)


if __name__ == "__main__":
    nx.write_graphml(honeycomb(), FOLDER / "honeycomb.graphml")
    np.save(FOLDER / "quasiperiodic.npy", quasiperiodic())
