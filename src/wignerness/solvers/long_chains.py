"""Responses of a chain by the exact rule for its resolvent: one column a node, all nodes at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .._typing import ComplexArray, IntArray, RealArray
from ..errors import ConvergenceError
from ..linalg.columns import Band, Sums, add_columns
from ..linalg.level_space import LevelSpace, inverse_form
from ..linalg.nodes import Nodes, exact_nodes, lone_resonances
from .few_baths import Answer, Part, departure

_EPS = float(np.finfo(np.float64).eps)
# Narrower than this part of the norm of H, a level is summed by perturbation theory of first order. Elimination does
# not resolve a width w below rounding: the error of its columns is about eps^2 / w, that of the perturbation w.
_SEALED = 2e-18
_LOST = 1e-250  # couplings squared below this are too small to compute with
_OVERLAPPING = 4.0
_SAFETY = 8.0
_MOST_STEPS = 1000
_LARGEST = 2**26  # elements of the small matrices at all nodes


def by_nodes(part: Part) -> Answer | None:
    """The responses of a chain; None where levels are too close to each other, or sites too many, for this method."""
    if part.size * len(part.sites) ** 2 > _LARGEST:
        return None
    try:
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            return _answer(part)
    except np.linalg.LinAlgError:
        return None


def _answer(part: Part) -> Answer | None:
    levels, sites = part.levels, part.sites
    couplings = levels.amplitudes.real * np.sqrt(part.rates / 2)
    eigenvalues, shares, squares = lone_resonances(levels, part.rates, part.turns)
    narrow = -2 * eigenvalues.imag <= _SEALED * part.norm
    sealed, open_ = np.flatnonzero(narrow), np.flatnonzero(~narrow)
    total = Sums.zero(part.size, len(sites))
    at_sites = squares[sealed].T @ shares[sealed]
    narrowest = -2 * float(eigenvalues.imag[sealed].max(initial=-np.inf))
    if len(open_):
        nodes = exact_nodes(levels.energies[open_], couplings[open_], part.turns)
        at_sites += nodes.site_responses(part.rates)
        # On a node at half the height of a resonance alone -2 Im tr G, which is one over the weight, is 2 / width.
        narrowest = min(narrowest, _narrowest(-2 * eigenvalues.imag[open_], 2 * float(nodes.weights.min())))
        _add_open(total, part, nodes, levels.energies[open_])
    if len(sealed):
        alone = Band(part.diagonal, part.off, np.zeros(part.size))
        add_columns(total, alone, levels.energies[sealed], levels.peaks[sealed], shares[sealed])
    others = np.vstack([total.links, total.next_links])
    uncertainty = _uncertainty(part, total.diagonal, others, at_sites)
    if not np.isfinite(uncertainty):
        return None
    total.diagonal[sites] = at_sites  # without the rounding of the levels, and with the tails as the sites reshape them
    productions = _OnLevels(part, couplings, eigenvalues, shares, squares)
    return Answer(total.diagonal, others, part.pairs(), levels, eigenvalues, narrowest, uncertainty, productions)


def _narrowest(alone: RealArray, at_nodes: float) -> float:
    """The width of the narrowest resonance; several that overlap make the one at the nodes too small, but not by much."""
    narrowest = float(alone.min())
    return narrowest if narrowest < _OVERLAPPING * at_nodes else at_nodes


def _add_open(total: Sums, part: Part, nodes: Nodes, energies: RealArray) -> None:
    band, places = Band(part.diagonal, part.off, part.losses), nodes.points.places(energies)
    for b, site in enumerate(part.sites):
        own = Sums.zero(part.size, 1)
        add_columns(own, band, places, np.full(len(places), site), nodes.norms[:, b : b + 1])
        total.diagonal[:, b] += own.diagonal[:, 0]
        total.links[:, b] += own.links[:, 0]
        total.next_links[:, b] += own.next_links[:, 0]


def _uncertainty(part: Part, diagonal: RealArray, others: ComplexArray, at_sites: RealArray) -> float:
    """From what is missing of the identities, and from the difference of two routes."""
    best = diagonal.copy()
    best[part.sites] = at_sites
    routes = float(np.abs(diagonal[part.sites] - at_sites).max())
    largest = max(departure(part, diagonal, others), departure(part, best, others), routes)
    return _SAFETY * (largest + _EPS * len(part.sites))


@dataclass(frozen=True)
class _OnLevels:
    """Productions on the levels of the chain: nothing of them needs its sites but the couplings of the levels."""

    part: Part
    couplings: RealArray
    eigenvalues: ComplexArray
    shares: RealArray
    squares: RealArray

    def distances(self, places: IntArray, occupations: RealArray) -> RealArray:
        part = self.part
        strength = (self.couplings**2).sum(axis=1)
        held, lost = np.flatnonzero(strength > _LOST), np.flatnonzero(strength <= _LOST)
        energies, couplings = part.levels.energies[held], self.couplings[held]
        space = LevelSpace(energies, couplings, exact_nodes(energies, couplings, part.turns))
        lowest = float(part.occupations.min())
        found = []
        for place, occupation in zip(places, occupations, strict=True):
            site = int(np.searchsorted(part.sites, place))
            excess = part.above(float(occupation))
            column = space.site_column(site, float(part.rates[site]), excess)
            form = inverse_form(space, lowest + 0.5, part.occupations - lowest, column, _MOST_STEPS)
            if form is None:
                raise ConvergenceError(
                    f"The entropy productions did not converge in {_MOST_STEPS} steps of conjugate gradients."
                )
            moved = self.shares[lost] @ excess
            widths = self.shares[lost] @ part.occupations + 0.5
            found.append(form + float(np.sum(self.squares[lost, site] * moved**2 / widths)))
        return np.array(found)
