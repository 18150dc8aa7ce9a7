"""Stacks of moment equations of small networks, refined like those of `Dense`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from .._typing import BoolArray, ComplexArray, IntArray, RealArray
from ..bath import Probe
from ..linalg.compensated import Pair, add, two_sum
from ..linalg.stacks import StackedEquations, StackedSolutions
from ..network import Network
from ..state import GaussianState
from .base import Solution

__all__ = ["Stack", "StackedMoments", "solve_stack"]

_EPS = float(np.finfo(np.float64).eps)
# A bound on the error that is a larger part of the largest occupation sends a network to `Dense`.
_ACCEPTED = 1e-12
_SMALLEST_RATE, _SMALLEST_PART = 1e-300, 1e-250  # of a bath, as it is and as a part of the largest coefficient
_PAIR_EPS = 2.0**-102  # relative accuracy of a pair of doubles after a few operations


@dataclass(frozen=True, eq=False)
class Stack:
    """Networks of one structure: as many modes, thermal baths and probes on the same nodes.

    Attributes
    ----------
    positions : tuple of int
        Where the networks stand in the sequence that the stack was taken from.
    hamiltonian : (B, L, L) array
    modes : (K,) array of int
        Node of every bath.
    rates, occupations : (B, K) arrays
        NaN where an occupation is still to be found.
    free : (K,) array of bool
        Whether it is.
    probes : (K,) array of bool
        Whether the bath is a probe, free or not.
    """

    positions: tuple[int, ...]
    hamiltonian: ComplexArray
    modes: IntArray
    rates: RealArray
    occupations: RealArray
    free: BoolArray
    probes: BoolArray

    @classmethod
    def of(cls, positions: Sequence[int], networks: Sequence[Network]) -> Stack:
        """Networks whose baths are thermal ones and probes, on the same nodes in the same order."""
        first = networks[0].baths
        rates = [[bath.rate for bath in network.baths] for network in networks]  # type: ignore[union-attr]
        levels = [[bath.occupation for bath in network.baths] for network in networks]  # type: ignore[union-attr]
        shape = (len(networks), len(first))
        free: BoolArray = np.array([bath.occupation is None for bath in first], dtype=np.bool_)  # type: ignore[union-attr]
        return cls(
            positions=tuple(positions),
            hamiltonian=np.array([network.hamiltonian for network in networks]),
            modes=np.array([bath.mode for bath in first], dtype=np.intp),  # type: ignore[union-attr]
            rates=np.array(rates, dtype=np.float64).reshape(shape),
            occupations=np.array(levels, dtype=np.float64).reshape(shape),  # None becomes NaN
            free=free,
            probes=np.array([isinstance(bath, Probe) for bath in first], dtype=np.bool_),
        )

    def part(self, places: slice) -> Stack:
        """Some of the networks."""
        return Stack(
            self.positions[places],
            self.hamiltonian[places],
            self.modes,
            self.rates[places],
            self.occupations[places],
            self.free,
            self.probes,
        )


@dataclass(frozen=True, eq=False)
class StackedMoments:
    """What the networks of a stack come to.

    Attributes
    ----------
    stack : Stack
    normal : (B, L, L) array
    normal_tail : (B, L) array
        What rounding dropped of the diagonal of ``normal``.
    residual, error_bound, separation : (B,) arrays
    accepted : (B,) array of bool
        Where it is False the numbers mean nothing, and `Dense` has to decide.
    """

    stack: Stack
    normal: ComplexArray
    normal_tail: RealArray
    residual: RealArray
    error_bound: RealArray
    separation: RealArray
    accepted: BoolArray

    @property
    def occupations(self) -> RealArray:
        """Occupations of all baths, those of free probes filled in, shape (B, K)."""
        own = np.maximum(0.0, np.diagonal(self.normal, axis1=1, axis2=2).real[:, self.stack.modes])
        return np.asarray(np.where(self.stack.free, own, self.stack.occupations))

    def solution(self, place: int) -> Solution | None:
        """That of one network; None if it is not accepted."""
        if not self.accepted[place]:
            return None
        size = self.normal.shape[-1]
        tail = self.normal_tail[place]
        return Solution(
            state=GaussianState(np.zeros(size), self.normal[place], normal_tail=tail, trusted=True),
            residual=float(self.residual[place]),
            error_bound=float(self.error_bound[place]),
            separation=float(self.separation[place]),
            converged=True,
        )


@np.errstate(all="ignore")  # what is not finite is not accepted
def solve_stack(stack: Stack) -> StackedMoments:
    """Solve for C - n0 with the common frequency taken off, in units in which everything is of order one."""
    size, fixed, free = stack.hamiltonian.shape[-1], ~stack.free, stack.free
    reference, spread = _reference(stack.rates[:, fixed], stack.occupations[:, fixed])
    # What probes feed back is rounded once, and damps as much: to the last bit, as the two all but cancel.
    feedback = _summed(stack.modes[free], _exactly(stack.rates[:, free]), size).hi
    damping = add(_exactly(feedback), _summed(stack.modes[fixed], _exactly(stack.rates[:, fixed]), size))
    centered = _centered(stack.hamiltonian)
    largest = np.maximum(_sizes(centered.hi).max(axis=(1, 2)), damping.hi.max(axis=1))
    rate_unit, unit = _power_of_two_above(largest), _power_of_two_above(spread)
    rates = stack.rates / rate_unit[:, None]
    excess = two_sum(stack.occupations[:, fixed], -reference[:, None])
    source = _summed(stack.modes[fixed], _times(rates[:, fixed], _divided(excess, unit)), size)
    drift = _drift(centered, damping, rate_unit)
    equations = StackedEquations(drift, feedback / rate_unit[:, None], np.unique(stack.modes[free]))
    moments = _moments(stack, equations, equations.solve_refined(source), reference, rate_unit, unit, source.hi)
    # Rates so small that their products lose digits to underflow are not for stacks.
    held = (stack.rates == 0) | ((stack.rates > _SMALLEST_RATE) & (rates > _SMALLEST_PART))
    return replace(moments, accepted=moments.accepted & held.all(axis=1))


def _moments(
    stack: Stack,
    equations: StackedEquations,
    answer: StackedSolutions,
    reference: RealArray,
    rate_unit: RealArray,
    unit: RealArray,
    source: RealArray,
) -> StackedMoments:
    """Back in the units of the networks, and rounded."""
    size = stack.hamiltonian.shape[-1]
    normal = np.asarray(answer.x.hi * unit[:, None, None], dtype=np.complex128)
    dropped = _sizes(answer.x.lo).max(axis=(1, 2))
    diagonal = [np.diagonal(part, axis1=1, axis2=2).real * unit[:, None] for part in answer.x]
    plain = np.zeros_like(diagonal[0])
    total = add(two_sum(plain + reference[:, None], diagonal[0]), Pair(diagonal[1], plain))
    left = np.maximum(answer.remaining, answer.bound)
    total = _with_inflows(stack, normal, total, answer.remaining * unit, _sizes(answer.x.hi).max(axis=(1, 2)) * unit)
    normal[:, np.arange(size), np.arange(size)] = total.hi
    occupied = np.abs(total.hi).max(axis=1)
    bound = (dropped + left) * unit + _EPS / 2 * _sizes(normal).max(axis=(1, 2))
    accepted = answer.accepted & _is_connected(stack.hamiltonian) & (bound <= _ACCEPTED * occupied)
    return StackedMoments(
        stack=stack,
        normal=normal,
        normal_tail=total.lo,
        residual=_backward_error(equations, answer, source),
        error_bound=bound,
        separation=rate_unit / (size * answer.response),
        accepted=accepted & np.isfinite(normal).all(axis=(1, 2)),
    )


def _with_inflows(stack: Stack, normal: ComplexArray, total: Pair, left: RealArray, largest: RealArray) -> Pair:
    """Departures C_kk - n from a node's only bath by what flows in, where that is the better determined; see `Dense`."""
    active = stack.rates > 0
    crowd = _counted(stack.modes, active, normal.shape[-1])
    links = _sizes(stack.hamiltonian)
    links[:, np.arange(links.shape[-1]), np.arange(links.shape[-1])] = 0.0
    turned = np.ascontiguousarray(normal.swapaxes(1, 2))
    flow = stack.hamiltonian.real * turned.imag + stack.hamiltonian.imag * turned.real
    flow[:, np.arange(links.shape[-1]), np.arange(links.shape[-1])] = 0.0
    inflow, doubt = 2 * flow.sum(axis=2), 2 * (links * (_EPS * _sizes(normal) + left[:, None, None])).sum(axis=2)
    high, low = total.hi.copy(), total.lo.copy()
    for bath in np.flatnonzero(~stack.free):
        node, rate = stack.modes[bath], stack.rates[:, bath]
        better = active[:, bath] & (crowd[:, node] == 1) & (doubt[:, node] < rate * (left + _PAIR_EPS * largest))
        exact = two_sum(stack.occupations[:, bath], inflow[:, node] / rate)
        high[:, node] = np.where(better, exact.hi, high[:, node])
        low[:, node] = np.where(better, exact.lo, low[:, node])
    return Pair(high, low)


def _backward_error(equations: StackedEquations, answer: StackedSolutions, source: RealArray) -> RealArray:
    """The residual of the rounded solution over the size of the equation's terms, in Frobenius norms."""
    half = equations.a.hi @ answer.x.lo
    left = answer.residual - half - np.ascontiguousarray(half.conj().swapaxes(1, 2))
    places = np.arange(equations.n)
    left[:, places, places] -= equations.feedback * answer.x.lo[:, places, places].real
    terms = 2 * _norms(equations.a.hi) * _norms(answer.x.hi) + np.sqrt((source**2).sum(axis=1))
    return np.asarray(np.where(terms > 0, _norms(left) / terms, 0.0))


def _reference(rates: RealArray, levels: RealArray) -> tuple[RealArray, RealArray]:
    """Median of the occupations of the baths, weighted with their rates, and the largest distance from it."""
    if rates.shape[1] == 0:
        return np.zeros(len(rates)), np.zeros(len(rates))
    order = np.argsort(levels, axis=1, kind="stable")
    ranked, weights = np.take_along_axis(levels, order, axis=1), np.take_along_axis(rates, order, axis=1)
    passed = np.cumsum(weights, axis=1)
    middle = np.argmax((passed >= passed[:, -1:] / 2) & (weights > 0), axis=1)
    reference = np.where(passed[:, -1] > 0, np.take_along_axis(ranked, middle[:, None], axis=1)[:, 0], 0.0)
    distance = np.where(rates > 0, np.abs(levels - reference[:, None]), 0.0)
    return reference, distance.max(axis=1)


def _summed(modes: IntArray, values: Pair, size: int) -> Pair:
    """Sums over the baths of every node, shape (B, L)."""
    total = Pair(np.zeros((len(values.hi), size)), np.zeros((len(values.hi), size)))
    for bath, node in enumerate(modes):
        more = add(Pair(total.hi[:, node], total.lo[:, node]), Pair(values.hi[:, bath], values.lo[:, bath]))
        total.hi[:, node], total.lo[:, node] = more
    return total


def _counted(modes: IntArray, active: BoolArray, size: int) -> IntArray:
    count: IntArray = np.zeros((len(active), size), dtype=np.intp)
    for bath, node in enumerate(modes):
        count[:, node] += active[:, bath]
    return count


def _times(weights: RealArray, values: Pair) -> Pair:
    """Elementwise product of doubles and pairs; the leading product is exact (Dekker, Veltkamp)."""
    high = weights * values.hi
    a, x = _upper_half(weights), _upper_half(values.hi)
    error = ((a * x - high) + a * (values.hi - x) + (weights - a) * x) + (weights - a) * (values.hi - x)
    return Pair(high, error + weights * values.lo)


def _exactly(values: RealArray) -> Pair:
    return Pair(values, np.zeros_like(values))


def _divided(values: Pair, unit: RealArray) -> Pair:
    """By a power of two a row, which is exact."""
    return Pair(values.hi / unit[:, None], values.lo / unit[:, None])


def _upper_half(x: RealArray) -> RealArray:
    shifted = x * 134217729.0  # 2^27 + 1
    return np.asarray(shifted - (shifted - x))


def _centered(hamiltonian: ComplexArray) -> Pair:
    """H without the middle of the frequencies."""
    places = np.arange(hamiltonian.shape[-1])
    frequencies = hamiltonian[:, places, places].real
    middle = frequencies.max(axis=1) / 2 + frequencies.min(axis=1) / 2
    shifted = two_sum(frequencies, np.zeros_like(frequencies) - middle[:, None])
    high, low = hamiltonian.copy(), np.zeros_like(hamiltonian)
    high[:, places, places], low[:, places, places] = shifted.hi, shifted.lo
    return Pair(high, low)


def _drift(hamiltonian: Pair, damping: Pair, unit: RealArray) -> Pair:
    """-i H - G/2 in units of ``unit``, which is a power of two."""
    places = np.arange(hamiltonian.hi.shape[-1])
    parts = []
    for matrix, rates in zip(hamiltonian, damping, strict=True):
        part = np.empty_like(matrix)
        part.real, part.imag = matrix.imag, -matrix.real
        part[:, places, places] -= rates / 2
        parts.append(part / unit[:, None, None])
    return Pair(parts[0], parts[1])


def _is_connected(hamiltonian: ComplexArray) -> BoolArray:
    """Whether every node can be reached from every other one over links."""
    size = hamiltonian.shape[-1]
    reached = (hamiltonian != 0).astype(np.float64) + np.eye(size)
    for _ in range((size - 1).bit_length()):
        reached = np.minimum(reached @ reached, 1.0)
    return np.asarray(reached.all(axis=(1, 2)))


def _power_of_two_above(sizes: RealArray) -> RealArray:
    """The power of two just above, as far as its inverse is a double too; one for zero."""
    return np.asarray(np.where(sizes > 0, np.ldexp(1.0, np.clip(np.frexp(sizes)[1], -1000, 1000)), 1.0))


def _sizes(matrices: ComplexArray) -> RealArray:
    return np.asarray(np.hypot(matrices.real, matrices.imag))


def _norms(matrices: ComplexArray) -> RealArray:
    return np.asarray(np.sqrt((matrices.real**2 + matrices.imag**2).reshape(len(matrices), -1).sum(axis=1)))
