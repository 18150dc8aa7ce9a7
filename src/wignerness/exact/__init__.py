"""Closed forms: one mode between several baths, two coupled modes, the uniform chain.

Nothing here solves a matrix equation. The formulas are arranged as sums of non-negative terms, so that
no digit is lost near equilibrium, for weak links, or for rates many decades apart.
"""

from .few_modes import SingleMode, TwoModes, single_mode, two_modes
from .matching import UniformChain, matching_chain
from .uniform_chain import ChainScaling, ChainSolution, chain, chain_scaling

__all__ = [
    "ChainScaling",
    "ChainSolution",
    "SingleMode",
    "TwoModes",
    "UniformChain",
    "chain",
    "chain_scaling",
    "matching_chain",
    "single_mode",
    "two_modes",
]
