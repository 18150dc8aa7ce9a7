"""Families of networks; every function returns a Network."""

from .chain import chain, ring
from .graph import from_graph, random_network
from .lattice import lattice, tree

__all__ = ["chain", "from_graph", "lattice", "random_network", "ring", "tree"]
