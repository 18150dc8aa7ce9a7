"""A network with a few baths as arrays: its connected parts, chains among them, and the responses of a part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol

import numpy as np
from scipy import linalg, sparse
from scipy.sparse.csgraph import breadth_first_order

from .._typing import ComplexArray, IntArray, RealArray
from ..linalg.levels import Levels, dense_levels, tridiagonal_levels
from ..linalg.resonances import tridiagonal_vectors
from ..network import Network
from .equation import power_of_two_above
from .stability import fail_dark, missed_modes

_EPS = float(np.finfo(np.float64).eps)
REACH = 2  # C is kept on the links and between next neighbors, as energy currents need
_FAINT = 1e-6  # levels that the baths see less of, or that are nearer to each other, are examined
_UNCERTAIN = 50.0
_SHOWN = 16
_SHARP = 18.0  # logarithm of the loss that leaves eight digits


def pattern_of(network: Network) -> Any:
    """The Hamiltonian as a sparse array without stored zeros."""
    matrix = sparse.csr_array(network.hamiltonian, copy=True)
    matrix.eliminate_zeros()
    return matrix


def path_order(pattern: Any, nodes: IntArray) -> IntArray | None:
    """The nodes of a connected part in the order of a chain; None if it is no chain."""
    block = pattern[nodes][:, nodes]
    off = block - sparse.diags_array(block.diagonal())
    off.eliminate_zeros()
    degrees = np.diff(sparse.csr_array(off).indptr)
    if len(nodes) > 1 and (degrees.max() > 2 or degrees.sum() != 2 * (len(nodes) - 1)):
        return None
    start = int(np.argmin(degrees))
    order = breadth_first_order(abs(off), start, directed=False, return_predecessors=False)
    return nodes[order]


@dataclass(frozen=True)
class Pairs:
    """Pairs of nodes k < l on which C is kept besides the diagonal; on a chain all links, then all next neighbors."""

    rows: IntArray
    columns: IntArray


class Part:
    """One connected part in units of ``unit``, its hopping made real where a gauge can do so.

    Attributes
    ----------
    nodes : (n,) array of int
        In the order of the chain, if it is one.
    is_chain : bool
    hamiltonian : (n, n) csr_array
        Common frequency taken off.
    phases : (n,) array
        a_k is phases_k times the mode that the real hopping is between.
    sites : (m,) array of int
        Damped nodes (places within the part).
    rates, occupations : (m,) arrays
        What acts on each site: the sum of the rates, and the mean of the occupations weighted with them.
    tails : (m,) array
        What rounding took off the means.
    detuning : (m,) array
        Real potentials on the sites of a chain with which its levels are found: on the sites of two mirror images they
        differ, so that levels part that would coincide.
    levels : Levels
        Of the Hamiltonian with the detuning, once :meth:`check_damped` has found them.
    vectors : (n, n) array
        Its eigenvectors, one a column, likewise; those of a chain are not formed.
    """

    def __init__(self, network: Network, pattern: Any, nodes: IntArray) -> None:
        order = path_order(pattern, nodes)
        self.is_chain = order is not None
        self.nodes = nodes if order is None else order
        block = sparse.csr_array(pattern[self.nodes][:, self.nodes])
        frequencies = block.diagonal().real
        middle = frequencies.max() / 2 + frequencies.min() / 2
        off = sparse.csr_array(block - sparse.diags_array(block.diagonal()))
        rates = network.mode_rates[self.nodes]
        largest = max(float(np.abs(off.data).max(initial=0.0)), float(np.abs(frequencies - middle).max()))
        self.unit = power_of_two_above(max(largest, float(rates.max())))
        self.sites = np.flatnonzero(rates)
        self.rates = rates[self.sites] / self.unit
        self.occupations, self.tails = _mean_occupations(network, self.nodes[self.sites])
        self._set_hamiltonian(off, (frequencies - middle) / self.unit)
        self.norm = float(abs(self.hamiltonian).sum(axis=1).max())
        spread = np.linspace(-1.0, 1.0, len(self.sites)) if self.is_chain and len(self.sites) > 1 else np.zeros(1)
        self.detuning = spread * np.minimum(self.rates / 2, self.norm / 4)

    def _set_hamiltonian(self, off: Any, frequencies: RealArray) -> None:
        self.phases = _gauge(off, self.is_chain)
        turned = sparse.diags_array(self.phases.conj()) @ off @ sparse.diags_array(self.phases) / self.unit
        entries = sparse.coo_array(turned)
        largest = float(np.abs(entries.data).max(initial=0.0))
        if np.abs(entries.data.imag).max(initial=0.0) <= 8 * len(self.nodes) * _EPS * largest:
            real = np.copysign(np.abs(entries.data), entries.data.real)
            entries = sparse.coo_array((real, entries.coords), shape=entries.shape)
        self.hamiltonian = sparse.csr_array(entries + sparse.diags_array(frequencies))

    @property
    def size(self) -> int:
        """Number of nodes."""
        return len(self.nodes)

    @property
    def diagonal(self) -> RealArray:
        """Frequencies."""
        return np.asarray(self.hamiltonian.diagonal().real)

    @property
    def off(self) -> RealArray:
        """Hoppings along a chain."""
        return np.asarray(self.hamiltonian.diagonal(1).real)

    @property
    def losses(self) -> RealArray:
        """Damping of every node."""
        out = np.zeros(self.size)
        out[self.sites] = self.rates
        return out

    @property
    def turns(self) -> ComplexArray:
        """The damping of the sites as seen from the detuned levels, in units of half the rates: i + detuning."""
        return np.asarray(1j + self.detuning / (self.rates / 2))

    @property
    def is_sharp(self) -> bool:
        """Whether each production is known to many digits, however small.

        So are the levels of a chain on every site, unless what the links bring there nearly cancels. Sites damped more
        than they are linked part resonances from levels.
        """
        sure = self.is_chain and not self.levels.faint.any() and self.rates.max(initial=0.0) <= self.norm
        return bool(sure and self.levels.dips.max(initial=0.0) < _SHARP)

    def plain_levels(self) -> Levels:
        """Levels of the Hamiltonian itself."""
        if not self.detuning.any():
            return self.levels
        return tridiagonal_levels(self.diagonal, self.off, self.sites)

    def above(self, occupation: float | RealArray, tail: float | RealArray = 0.0) -> RealArray:
        """By how much the occupations of the sites exceed another one, sites along the first axis."""
        shape = (-1, *[1] * np.ndim(occupation))
        return np.asarray((self.occupations.reshape(shape) - occupation) + (self.tails.reshape(shape) - tail))

    @property
    def spread(self) -> float:
        """Difference of the occupations of the hottest and the coldest site."""
        return float(np.ptp(self.occupations))

    def pairs(self) -> Pairs:
        """Links and next neighbors."""
        if self.is_chain:
            distances = range(1, min(REACH, self.size - 1) + 1)
            rows = [np.arange(self.size - d) for d in distances]
            return Pairs(_joined(rows), _joined([row + d for d, row in zip(distances, rows, strict=True)]))
        hops: Any = abs(self.hamiltonian)
        near: Any = sparse.triu(hops @ hops + hops, k=1).tocoo()
        return Pairs(near.coords[0].astype(np.intp), near.coords[1].astype(np.intp))

    def check_damped(self, network: Network) -> None:
        """Find the levels; raise NoUniqueSteadyStateError if some normal mode is never damped."""
        found = self._undamped_chain() if self.is_chain else self._undamped()
        if found.shape[1]:
            modes = np.zeros((found.shape[1], network.n_modes), dtype=np.complex128)
            modes[:, self.nodes] = (self.phases[:, None] * found).T
            fail_dark(network, modes)

    def _undamped_chain(self) -> RealArray:
        """Undamped levels, one a column; those of an open chain are never degenerate."""
        if len(self.sites):
            detuned = self.diagonal.copy()
            detuned[self.sites] += self.detuning
            self.levels = tridiagonal_levels(detuned, self.off, self.sites)
            dark = self.levels.energies[self.levels.faint.all(axis=1)][:_SHOWN]
        elif self.size == 1:
            dark = self.diagonal
        else:
            lowest = linalg.eigvalsh_tridiagonal(self.diagonal, self.off, select="i", select_range=(0, 0))
            dark = np.asarray(lowest, dtype=np.float64)
        return tridiagonal_vectors(self.diagonal, self.off, dark)

    def _undamped(self) -> ComplexArray:
        matrix = self.hamiltonian.toarray()
        self.levels, self.vectors = dense_levels(matrix if matrix.imag.any() else matrix.real, self.sites)
        seen = np.linalg.norm(self.levels.amplitudes, axis=1).min()
        if min(seen, self.levels.gaps.min() / self.norm) > _FAINT:
            return np.zeros((self.size, 0), dtype=np.complex128)
        losses = np.zeros((len(self.sites), self.size), dtype=np.complex128)
        losses[np.arange(len(self.sites)), self.sites] = np.sqrt(self.rates)
        cut = _UNCERTAIN * self.size * _EPS * self.norm
        return missed_modes(losses, matrix, self.levels.energies, self.vectors, cut).T


def _gauge(off: Any, is_chain: bool) -> ComplexArray:
    """Phases that make the hopping along a spanning tree real and positive."""
    size = off.shape[0]
    phases = np.ones(size, dtype=np.complex128)
    if is_chain:
        phases[1:] = np.cumprod(np.sign(off.diagonal(1)).conj())
    else:
        order, parents = breadth_first_order(abs(off), 0, directed=False)
        for child in order[1:].tolist():
            phases[child] = phases[parents[child]] * np.conj(np.sign(off[parents[child], child]))
    return np.asarray(phases / np.abs(phases))


def _joined(arrays: list[IntArray]) -> IntArray:
    return np.concatenate([*arrays, np.zeros(0, dtype=np.intp)]).astype(np.intp)


def _mean_occupations(network: Network, nodes: IntArray) -> tuple[RealArray, RealArray]:
    """Mean occupation of the baths of each node, weighted with their rates, and what rounding takes off it."""
    means, tails = np.zeros((2, len(nodes)))
    for index, node in enumerate(nodes):
        here = (network.bath_modes == node) & (network.bath_rates > 0)
        pairs = zip(network.bath_rates[here].tolist(), network.bath_occupations[here].tolist(), strict=True)
        weighted = [(Fraction(rate), Fraction(occupation)) for rate, occupation in pairs]
        exact = sum(rate * occupation for rate, occupation in weighted) / sum(rate for rate, _ in weighted)
        means[index] = float(exact)
        tails[index] = float(exact - Fraction(means[index]))
    return means, tails


class Productions(Protocol):
    """What computes the productions of a part, once its responses are known."""

    def distances(self, places: IntArray, occupations: RealArray) -> RealArray:
        """r^H V^-1 r for the columns r of V - (n + 1/2) at some sites of the part."""
        ...


@dataclass(frozen=True)
class Answer:
    """Responses of one part: X^b solves A X + X A^H + g_b e_b e_b^H = 0, and the X^b add up to one.

    Attributes
    ----------
    diagonal : (n, m) array
    others : (pairs, m) array
    pairs : Pairs
    levels : Levels
    eigenvalues : (n,) array
        E - i w/2, of use only for the distances of levels.
    narrowest : float
        Width of the narrowest resonance.
    uncertainty : float
        Estimated error of the elements, without what rounding of H does.
    productions : Productions
    """

    diagonal: RealArray
    others: ComplexArray
    pairs: Pairs
    levels: Levels
    eigenvalues: ComplexArray
    narrowest: float
    uncertainty: float
    productions: Productions


def departure(part: Part, diagonal: RealArray, others: ComplexArray) -> float:
    """How far responses are from adding up to one, and from taking out what each bath feeds in."""
    found = [
        1.0 - diagonal.sum(axis=1),
        others.sum(axis=1),
        part.rates @ diagonal[part.sites] / part.rates - 1.0,
    ]
    return max(float(np.abs(each).max(initial=0.0)) for each in found)


class Completion:
    """Productions of a partial state, each connected part by its own means."""

    def __init__(self, size: int, parts: Sequence[Part], answers: Sequence[Answer]) -> None:
        self._size = size
        self._of_parts = [(part.nodes, answer.productions) for part, answer in zip(parts, answers, strict=True)]

    def distances(self, modes: IntArray, occupations: RealArray) -> RealArray:
        """r^H V^-1 r for the columns r of V - (n + 1/2) that belong to the modes, shape (m,)."""
        found = np.zeros(len(modes))
        for nodes, productions in self._of_parts:
            place = np.full(self._size, -1)
            place[nodes] = np.arange(len(nodes))
            own = np.flatnonzero(place[modes] >= 0)
            if len(own):
                found[own] = productions.distances(place[modes[own]], occupations[own])
        return found
