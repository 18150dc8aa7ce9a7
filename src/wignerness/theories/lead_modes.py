r"""One bath as damped modes: where they are, how broad, how strongly coupled, how full.

A lead is a chain of one to three modes of the same frequency, its last one damped by a bath without memory. The node sees
the spectral density :math:`J_j(\omega) \propto [a^2 + (\omega - e_j)^2]^{-m}` of a chain of m modes (all poles in one
place), of weight :math:`2 \pi g_j^2` and with the occupation of the bath of its last mode. Leads side by side add up to
the spectrum, smeared out over a: an error of first order in the spacing for single modes, whose tails fall off slowly,
and of second order beyond.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from .._typing import ComplexArray, RealArray
from ..linalg.integration import logarithmic_rule
from ..scattering.environment import Environment

# For chains of 1, 2, 3 modes: the half width a in units of the spacing; the links and the damping in units of a.
WIDTHS = (0.5, 1.1, 1.6)
LINKS: tuple[tuple[float, ...], ...] = ((), (1.0,), (math.sqrt(1.0 / 3.0), math.sqrt(8.0 / 3.0)))
DAMPINGS = (2.0, 4.0, 6.0)
_BEYOND = 2.0  # where the leads end, in units of the largest frequency at hand, for 20 leads
_AT_EASE = 20
_BREADTH = 0.5  # part of the middle frequency within which leads are evenly spaced


@dataclass(frozen=True)
class LeadModes:
    """The leads of one bath.

    Attributes
    ----------
    energies, widths, couplings, occupations : (n,) arrays
        e, a, g and n.
    links : (m - 1,) tuple
        Hopping along the chain of each lead, in units of a.
    damping : float
        Rate of its last mode, in units of a.
    """

    energies: RealArray
    widths: RealArray
    couplings: RealArray
    occupations: RealArray
    links: tuple[float, ...]
    damping: float

    def shift(self, omega: float) -> float:
        """Real part of the self-energy of the node."""
        distance = omega - self.energies
        chain: ComplexArray = distance + 0.5j * self.damping * self.widths
        for link in reversed(self.links):
            chain = distance - (link * self.widths) ** 2 / chain
        return float(np.sum(self.couplings**2 * (1.0 / chain).real))


def lead_modes(
    environment: Environment, index: int, levels: RealArray, count: int, per_lead: int, *, coarse: bool = False
) -> LeadModes:
    """Represent one bath of an environment around the levels of a network; with ``coarse`` by every other cell."""
    edges = _edges(environment, index, levels, count)
    if coarse:
        edges = np.append(edges[:-1:2], edges[-1])
    weights, fed = _weights(environment, index, edges)
    occupations = np.divide(fed, weights, out=np.zeros_like(fed), where=weights > 0.0)
    return LeadModes(
        energies=(edges[1:] + edges[:-1]) / 2,
        widths=WIDTHS[per_lead - 1] * np.diff(edges),
        couplings=np.sqrt(weights),
        occupations=occupations,
        links=LINKS[per_lead - 1],
        damping=DAMPINGS[per_lead - 1],
    )


def _edges(environment: Environment, index: int, levels: RealArray, count: int) -> RealArray:
    """Cells that are even around the levels and grow like the distance from them beyond (linear-logarithmic)."""
    low, high = environment.support_of(index)
    points = [abs(p) for p in environment.breakpoints_of(index)]
    reach = _BEYOND * max([float(np.abs(levels).max()), *points]) * max(1.0, count / _AT_EASE)
    low, high = max(low, -reach), min(high, reach)
    middle = float(np.clip((levels[0] + levels[-1]) / 2, low, high))
    breadth = (levels[-1] - levels[0]) / 2 + _BREADTH * (abs(middle) or float(environment.rates.max()))
    first, last = (float(np.arcsinh((end - middle) / breadth)) for end in (low, high))
    edges = middle + breadth * np.sinh(np.linspace(first, last, count + 1))
    edges[0], edges[-1] = low, high
    return np.asarray(edges)


def _weights(environment: Environment, index: int, edges: RealArray) -> tuple[RealArray, RealArray]:
    """Integrals of J and of J n over each cell, over 2 pi."""
    cuts = [p for p in (0.0, environment.edge, *environment.breakpoints_of(index)) if edges[0] < p < edges[-1]]
    places = np.unique(np.concatenate([edges, cuts]))
    weights, fed = np.zeros((2, len(edges) - 1))
    for low, high in pairwise(places):
        nodes, steps = logarithmic_rule(high - low)
        # in relative coordinates: the ends may be singular
        omega = low + nodes if low >= 0.0 else high - nodes[::-1]
        steps = steps if low >= 0.0 else steps[::-1]
        cell = min(int(np.searchsorted(edges, (low + high) / 2)) - 1, len(weights) - 1)
        damping, occupied = environment.at(index, omega)
        weights[cell] += steps @ damping / (2.0 * math.pi)
        fed[cell] += steps @ (damping * occupied) / (2.0 * math.pi)
    return weights, fed
