"""The moment equation of one connected part of a network, in units in which everything is of order one.

Solved is the equation for C - n0 with the common frequency taken off (for Theta - 1/2 in ladder order where the
network is not passive). The coefficients are assembled exactly, as pairs of doubles, from the doubles of the input.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
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
    losses : (m, n) array
        B with B^H B the damping of the amplitudes, twice over; one row a node or jump.
    injections : (n, m) array
        Where real baths act: one column a node or jump.
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
        self.pairing = network.pairing[np.ix_(nodes, nodes)]
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
        self._rates = [Fraction(float(rate)) for rate in self._feedback]
        for k, rate in fixed:
            self._rates[k] += Fraction(rate)
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
        levels = [(Fraction(b.rate), Fraction(b.occupation)) for _, b in real]  # type: ignore[union-attr, arg-type]
        reference = _dominant_occupation(levels) if self.passive else Fraction(0)
        self.reference = float(reference)
        self._spread = float(max((abs(n - reference) for rate, n in levels if rate), default=0))
        self._sources = [Fraction(0)] * len(self.nodes)
        self._squeezing = {part: list(self._sources) for part in ("real", "imag")}
        for (k, bath), (rate, level) in zip(real, levels, strict=True):
            self._sources[k] += rate * (level - reference)
            if isinstance(bath, SqueezedBath):
                for part, total in self._squeezing.items():
                    total[k] += rate * Fraction(getattr(bath.anomalous, part))
        for k, bath in baths:
            if isinstance(bath, Dephasing):  # it turns the coherence of the means into excitations
                self._sources[k] += Fraction(bath.rate) * Fraction(float(abs(mean[k]) ** 2))

    def _assemble(self, jumps: list[JumpBath]) -> None:
        strengths = [np.abs(np.vstack([bath.absorbing, bath.emitting])).max() ** 2 for bath in jumps]
        centered = _centered(self.hamiltonian, shift=self.passive)
        matrices = [np.abs(matrix).max(initial=0.0) for matrix in (centered.hi, self.pairing)]
        self.rate_unit = power_of_two_above(float(max(*matrices, float(max(self._rates)), *strengths)))
        self.occupation_unit = power_of_two_above(max(self._spread, 0.0 if self.passive and not jumps else 1.0))
        rates = exact_pair([rate / Fraction(self.rate_unit) for rate in self._rates])
        unit = Fraction(self.rate_unit) * Fraction(self.occupation_unit)
        drift = drift_of(centered.scaled(1 / self.rate_unit), rates)
        cross = Pair.exactly(-1j * self.pairing / self.rate_unit)
        plain = _diagonal(exact_pair([source / unit for source in self._sources]))
        squeezing = {part: exact_pair([value / unit for value in total]) for part, total in self._squeezing.items()}
        high, low = (squeezing["real"][i] + 1j * squeezing["imag"][i] for i in (0, 1))
        mixed = add(_diagonal(Pair(high, low)), cross.scaled(1 / self.occupation_unit))
        self.losses, self.injections = np.diag(np.sqrt(rates.hi)), np.eye(len(self.nodes))[:, self.anchored]
        for bath in jumps:
            terms = JumpTerms(bath, self.nodes, self.rate_unit)
            drift, cross = add(drift, terms.drift), add(cross, terms.cross)
            plain = add(plain, terms.source(self.reference).scaled(1 / self.occupation_unit))
            mixed = add(mixed, terms.mixed_source.scaled(1 / self.occupation_unit))
            self.losses = np.vstack([self.losses, terms.losses])
            self.injections = np.hstack([self.injections, terms.injections])
        feedback = self._feedback / self.rate_unit
        if self.passive:
            self.equation, self.source = LyapunovEquation(drift, feedback), plain
            return
        full = Pair(ladder(drift.hi, cross.hi), ladder(drift.lo, cross.lo))
        self.equation = LyapunovEquation(full, np.repeat(feedback, 2))
        self.source = Pair(ladder(plain.hi, mixed.hi), ladder(plain.lo, mixed.lo))


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


def _centered(hamiltonian: ComplexArray, *, shift: bool) -> Pair:
    """H - omega_0 as a pair; H itself where it does not conserve excitations."""
    frequencies = np.diag(hamiltonian).real
    middle = frequencies.max() / 2 + frequencies.min() / 2 if shift else 0.0
    shifted = two_sum(frequencies, np.full(len(frequencies), -middle))
    high = hamiltonian.copy()
    np.fill_diagonal(high, shifted.hi)
    return Pair(high, np.diag(shifted.lo).astype(np.complex128))


def drift_of(hamiltonian: Pair, rates: Pair) -> Pair:
    """-i H - G/2 as a pair."""
    # A sum of an imaginary and a real part is exact.
    return Pair(-1j * hamiltonian.hi - np.diag(rates.hi / 2), -1j * hamiltonian.lo - np.diag(rates.lo / 2))


def exact_pair(values: list[Fraction]) -> Pair:
    """Exact rationals as pairs of doubles."""
    high = [float(v) for v in values]
    low = [float(v - Fraction(h)) for v, h in zip(values, high, strict=True)]
    return Pair(np.array(high), np.array(low))


def _diagonal(values: Pair) -> Pair:
    return Pair(np.diag(values.hi).astype(np.complex128), np.diag(values.lo).astype(np.complex128))


def _dominant_occupation(weighted: list[tuple[Fraction, Fraction]]) -> Fraction:
    """Median of the bath occupations, weighted with their rates."""
    ranked = sorted(((n, rate) for rate, n in weighted if rate), key=lambda pair: pair[0])
    half = sum((rate for _, rate in ranked), Fraction(0)) / 2
    passed = Fraction(0)
    for occupation, rate in ranked:
        passed += rate
        if passed >= half:
            return occupation
    return Fraction(0)


def _block(matrix: Any, nodes: IntArray) -> ComplexArray:
    part = matrix[nodes][:, nodes]
    return np.asarray(part.toarray() if isinstance(part, sparse.csr_array) else part)


def real_diagonal(pair: Pair, offset: float) -> tuple[RealArray, RealArray]:
    """``offset`` plus the real diagonal of a pair, rounded, and what rounding dropped."""
    high, low = np.diag(pair.hi).real, np.diag(pair.lo).real
    total = add(two_sum(np.full(len(high), offset), high), Pair(low, np.zeros_like(low)))
    return total.hi, total.lo
