"""The moment equation of one connected part of a network, in units in which everything is of order one.

Solved is the equation for C - n0 with the common frequency taken off (for Theta - 1/2 in ladder order where the
network is not passive). The coefficients are assembled exactly, as pairs of doubles, from the doubles of the input.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from .._checks import has_nonzero
from .._typing import ComplexArray, IntArray, RealArray
from ..bath import Bath, Dephasing, JumpBath, Probe, SqueezedBath, ThermalBath
from ..linalg.compensated import Pair, add, product, times, two_sum
from ..linalg.lyapunov import LyapunovEquation
from ..linalg.symplectic import ladder
from ..network import Network


class MomentEquation:
    """A X + X A^H + diag(w_k X_kk) + D = 0 for the nodes of one connected part.

    Parameters
    ----------
    network : Network
    nodes : (n,) array of int
        The part; see :func:`connected_parts`.
    mean : (L,) array
        Means of the modes; dephasing turns them into a source of C.

    Attributes
    ----------
    equation : LyapunovEquation
        In units of ``rate_unit``, of size n or 2n.
    source : Pair
        D, in units of ``rate_unit * occupation_unit``.
    reference : float
        The occupation n0 that was taken off.
    has_gain : bool
        Whether some jump feeds the network coherently, so that a mode may grow.
    anchored, probed : (n,) array of bool
        Nodes with a real local bath, nodes with feedback.
    sole_baths : dict
        Rate and occupation of the bath of every node that has one only, and no jump operators around.
    """

    def __init__(self, network: Network, nodes: IntArray, mean: ComplexArray) -> None:
        self.nodes = nodes
        self.passive = network.is_passive
        baths = _baths_of(network, nodes)
        self.hamiltonian = _block(network.hamiltonian, nodes)
        self.pairing = _block(network.pairing, nodes)
        self._sum_rates(baths)
        self._sum_sources(baths, mean[nodes])
        jumps = [bath for _, bath in baths if isinstance(bath, JumpBath)]
        self.has_gain = any(bath.emitting.any() for bath in jumps)
        self._assemble(jumps)

    def _sum_rates(self, baths: list[tuple[int, Bath]]) -> None:
        """Damping of every node, the part of it that is fed back, and where real baths sit."""
        size = len(self.nodes)
        loose = [(k, b.rate) for k, b in baths if isinstance(b, Dephasing) or (isinstance(b, Probe) and b.is_free)]
        fixed = [(k, b.rate) for k, b in baths if getattr(b, "occupation", None) is not None]  # type: ignore[union-attr]
        self._feedback = np.zeros(size)
        np.add.at(self._feedback, [k for k, _ in loose], [rate for _, rate in loose])
        fed = [(int(k), float(self._feedback[k])) for k in np.flatnonzero(self._feedback)]
        self._rates = [(k, rate, 1.0, 0.0) for k, rate in (*fed, *fixed)]
        self.anchored, self.probed = np.zeros(size, dtype=bool), self._feedback > 0
        self.anchored[[k for k, rate in fixed if rate > 0]] = True
        crowd = Counter(k for k, bath in baths if getattr(bath, "rate", 0.0))
        self.sole_baths: dict[int, tuple[float, float]] = {
            k: (b.rate, b.occupation)
            for k, b in baths
            if isinstance(b, (ThermalBath, Probe)) and b.rate and b.occupation is not None and crowd[k] == 1
        }
        if any(isinstance(bath, JumpBath) for _, bath in baths):
            self.sole_baths = {}

    def _sum_sources(self, baths: list[tuple[int, Bath]], mean: ComplexArray) -> None:
        """Reference occupation, and what feeds C - n0 and S on every node."""
        real = [(k, b) for k, b in baths if getattr(b, "occupation", None) is not None]
        rates = np.array([b.rate for _, b in real], dtype=np.float64)  # type: ignore[union-attr]
        levels = np.array([b.occupation for _, b in real], dtype=np.float64)  # type: ignore[union-attr]
        self.reference = _dominant_occupation(rates, levels) if self.passive else 0.0
        differences = two_sum(levels, np.full(len(levels), -self.reference))
        self._spread = float(np.abs(differences.hi[rates > 0]).max(initial=0.0))
        rows = zip(real, rates.tolist(), differences.hi.tolist(), differences.lo.tolist(), strict=True)
        self._sources = [(k, rate, high, low) for (k, _), rate, high, low in rows]
        squeezed = [(k, b) for k, b in real if isinstance(b, SqueezedBath)]
        self._squeezing = [
            [(k, b.rate, float(getattr(b.anomalous, part)), 0.0) for k, b in squeezed] for part in ("real", "imag")
        ]
        for k, bath in baths:
            if isinstance(bath, Dephasing):  # it turns the coherence of the means into excitations
                self._sources.append((k, bath.rate, float(abs(mean[k]) ** 2), 0.0))

    def _assemble(self, jumps: list[JumpBath]) -> None:
        strengths = [np.abs(np.vstack([bath.absorbing, bath.emitting])).max() ** 2 for bath in jumps]
        frequencies = _centered(self.hamiltonian.diagonal().real, shift=self.passive)
        damping = np.zeros(len(self.nodes))
        np.add.at(damping, [k for k, *_ in self._rates], [rate for _, rate, *_ in self._rates])
        sizes = [_largest_off_diagonal(self.hamiltonian), np.abs(frequencies.hi).max(), np.abs(self.pairing).max()]
        self.rate_unit = power_of_two_above(float(max(*sizes, damping.max(), *strengths)))
        self.occupation_unit = power_of_two_above(max(self._spread, 0.0 if self.passive and not jumps else 1.0))
        self._damping = _sums(len(self.nodes), self._rates, self.rate_unit, 1.0)
        self._jumps = [JumpTerms(bath, self.nodes, self.rate_unit) for bath in jumps]
        unit, inverse = self.occupation_unit, 1 / self.rate_unit
        drift = _drift(self.hamiltonian, frequencies, self._damping, inverse)
        source = _diagonal(_sums(len(self.nodes), self._sources, self.rate_unit, unit))
        for terms in self._jumps:
            drift = add(drift, terms.drift)
            source = add(source, terms.source(self.reference).scaled(1 / unit))
        feedback = self._feedback * inverse
        if self.passive:
            self.equation, self.source = LyapunovEquation(drift, feedback), source
            return
        cross, mixed = self._anomalous()
        full = Pair(ladder(drift.hi, cross.hi), ladder(drift.lo, cross.lo))
        self.equation = LyapunovEquation(full, np.repeat(feedback, 2))
        self.source = Pair(ladder(source.hi, mixed.hi), ladder(source.lo, mixed.lo))

    def _anomalous(self) -> tuple[Pair, Pair]:
        """The blocks of drift and source that couple creation to annihilation operators."""
        cross = Pair.exactly(-1j * self.pairing / self.rate_unit)
        real, imaginary = (
            _sums(len(self.nodes), part, self.rate_unit, self.occupation_unit) for part in self._squeezing
        )
        squeezing = _diagonal(Pair(real.hi + 1j * imaginary.hi, real.lo + 1j * imaginary.lo))
        mixed = add(squeezing, cross.scaled(1 / self.occupation_unit))
        for terms in self._jumps:
            cross = add(cross, terms.cross)
            mixed = add(mixed, terms.mixed_source.scaled(1 / self.occupation_unit))
        return cross, mixed

    @cached_property
    def losses(self) -> ComplexArray:
        """B with B^H B the damping of the amplitudes, twice over; one row a node or jump."""
        return np.vstack([np.diag(np.sqrt(self._damping.hi)), *(terms.losses for terms in self._jumps)])

    @cached_property
    def injections(self) -> ComplexArray:
        """Where real baths act: one column a node or jump."""
        return np.hstack([np.eye(len(self.nodes))[:, self.anchored], *(terms.injections for terms in self._jumps)])


class JumpTerms:
    """What the jumps of one bath add to the equation, in units of ``unit``, with all products exact."""

    def __init__(self, bath: JumpBath, nodes: IntArray, unit: float) -> None:
        u, v = bath.absorbing[:, nodes], bath.emitting[:, nodes]
        self.gain, loss = _gram(v.T, v.conj(), unit), _gram(u.conj().T, u, unit)
        one, other = _gram(v.T, u.conj(), unit), _gram(u.conj().T, v, unit)
        self.drift = add(self.gain, loss.scaled(-1.0)).scaled(0.5)
        self.cross = add(one, other.scaled(-1.0)).scaled(0.5)
        # Theta - 1/2 is fed by F + (W + W^H)/2, whose off-diagonal block is that of F, as W's is antisymmetric.
        self.mixed_source = add(one, other).scaled(-0.5)
        self.losses = u / np.sqrt(unit)
        self.injections = np.hstack([u.conj().T, v.T])

    def source(self, reference: float) -> Pair:
        """Source of C - n0: gain + n0 (W + W^H)."""
        return add(self.gain, times(np.array(2 * reference), self.drift))


def _gram(left: ComplexArray, right: ComplexArray, unit: float) -> Pair:
    return product(Pair.exactly(left), Pair.exactly(right)).scaled(1 / unit)


def connected_parts(network: Network) -> list[IntArray]:
    """Nodes of each connected part: parts that do not meet are solved, and stay exact, apart."""
    pattern = sparse.csr_array(network.hamiltonian != 0)
    if has_nonzero(network.pairing):
        pattern = pattern + sparse.csr_array(network.pairing != 0)
    for index in network.jump_baths:
        support = np.array(network.baths[index].support, dtype=np.intp)  # type: ignore[union-attr]
        ones = np.ones(len(support), dtype=bool)
        star = sparse.coo_array((ones, (np.resize(support[:1], len(support)), support)), shape=pattern.shape)
        pattern = pattern + sparse.csr_array(star)
    count, label = connected_components(pattern, directed=False)
    order = np.argsort(label, kind="stable")
    return np.split(order, np.cumsum(np.bincount(label, minlength=count))[:-1])


def power_of_two_above(size: float) -> float:
    """The power of two just above ``size``, as far as its inverse is a double too; one for zero."""
    return float(np.ldexp(1.0, min(max(int(np.frexp(size)[1]), -1000), 1023))) if size else 1.0


def _baths_of(network: Network, nodes: IntArray) -> list[tuple[int, Bath]]:
    """The baths of a part, with their first node counted within it."""
    place = {int(node): k for k, node in enumerate(nodes)}
    first = [min(bath.support, default=-1) if isinstance(bath, JumpBath) else bath.mode for bath in network.baths]
    return [(place[node], bath) for node, bath in zip(first, network.baths, strict=True) if node in place]


def _centered(frequencies: RealArray, *, shift: bool) -> Pair:
    """Frequencies less a common one, as a pair; themselves where the network does not conserve excitations."""
    middle = frequencies.max() / 2 + frequencies.min() / 2 if shift else 0.0
    return two_sum(frequencies, np.full(len(frequencies), -middle))


def _largest_off_diagonal(matrix: ComplexArray) -> float:
    size = np.abs(matrix)
    np.fill_diagonal(size, 0.0)
    return float(size.max())


def _drift(hamiltonian: ComplexArray, frequencies: Pair, damping: Pair, scale: float) -> Pair:
    """-i H - G/2 as a pair, in units of 1/``scale``; its diagonal of the given frequencies."""
    high, low = hamiltonian * complex(0.0, -scale), np.zeros(hamiltonian.shape, dtype=np.complex128)
    # A sum of an imaginary and a real part is exact.
    np.fill_diagonal(high, -1j * scale * frequencies.hi - damping.hi / 2)
    np.fill_diagonal(low, -1j * scale * frequencies.lo - damping.lo / 2)
    return Pair(high, low)


def drift_of(hamiltonian: ComplexArray, rates: Pair) -> Pair:
    """-i H - G/2 as a pair."""
    frequencies = hamiltonian.diagonal().real
    return _drift(hamiltonian, Pair(frequencies, np.zeros_like(frequencies)), rates, 1.0)


def exact_pair(values: list[Fraction]) -> Pair:
    """Exact rationals as pairs of doubles."""
    high = [float(v) for v in values]
    low = [float(v - Fraction(h)) for v, h in zip(values, high, strict=True)]
    return Pair(np.array(high), np.array(low))


def _sums(size: int, terms: list[tuple[int, float, float, float]], rate_unit: float, value_unit: float) -> Pair:
    """Sums over the baths of every node, of rates times pairs of doubles, in units that are powers of two.

    The terms are (node, rate, high, low). Those of a node with one of them need no rational arithmetic.
    """
    found = Pair(np.zeros(size), np.zeros(size))
    if not terms:
        return found
    table = np.array(terms)
    places = table[:, 0].astype(np.intp)
    alone = np.bincount(places, minlength=size)[places] == 1
    _, rates, high, low = table[alone].T
    product = times(rates / rate_unit, Pair(high / value_unit, low / value_unit))
    found.hi[places[alone]], found.lo[places[alone]] = product.hi.real, product.lo.real
    crowded: dict[int, Fraction] = {}
    unit = Fraction(rate_unit) * Fraction(value_unit)
    for k, (_, rate, one, other) in zip(places[~alone].tolist(), table[~alone].tolist(), strict=True):
        crowded[k] = crowded.get(k, Fraction(0)) + Fraction(rate) * (Fraction(one) + Fraction(other)) / unit
    some = list(crowded)
    found.hi[some], found.lo[some] = exact_pair(list(crowded.values()))
    return found


def _diagonal(values: Pair) -> Pair:
    found = Pair(*(np.zeros((len(values.hi), len(values.hi)), dtype=np.complex128) for _ in range(2)))
    for matrix, part in zip(found, values, strict=True):
        np.fill_diagonal(matrix, part)
    return found


def _dominant_occupation(rates: RealArray, levels: RealArray) -> float:
    """Median of the bath occupations, weighted with their rates."""
    order = np.argsort(levels, kind="stable")
    order = order[rates[order] > 0]
    if not len(order):
        return 0.0
    passed = np.cumsum(rates[order] / rates.max())
    return float(levels[order[int(np.searchsorted(passed, passed[-1] / 2))]])


def _block(matrix: Any, nodes: IntArray) -> ComplexArray:
    whole = len(nodes) == matrix.shape[0]  # in their order, too
    part = matrix if whole else matrix[nodes][:, nodes]
    return np.asarray(part.toarray() if isinstance(part, sparse.csr_array) else part)


def raised(diagonal: Pair, offset: float) -> Pair:
    """A real diagonal, held as a pair, plus ``offset``: rounded, and what rounding dropped."""
    return add(two_sum(np.full(len(diagonal.hi), offset), diagonal.hi), Pair(diagonal.lo, np.zeros_like(diagonal.lo)))
