"""Families of networks, each function of which returns a Network; and what is known of them in closed form."""

from .chain import chain, ring
from .graph import from_graph, random_network
from .lattice import lattice, tree
from .radiation_pressure import (
    intracavity_photons,
    linearized_optomechanics,
    optical_damping,
    optomechanics,
    sideband_limit,
)

__all__ = [
    "chain",
    "from_graph",
    "intracavity_photons",
    "lattice",
    "linearized_optomechanics",
    "optical_damping",
    "optomechanics",
    "random_network",
    "ring",
    "sideband_limit",
    "tree",
]
