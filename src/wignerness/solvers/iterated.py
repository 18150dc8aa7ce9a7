"""Responses of a part by low-rank iteration: any shape, one sparse solve for every resonance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from .._progress import track
from .._typing import ComplexArray, IntArray, RealArray
from ..errors import ConvergenceError
from ..linalg.adi import (
    Absorber,
    Elements,
    Factorization,
    Iteration,
    Shifts,
    SparseFactorization,
    TridiagonalFactorization,
    plan_shifts,
    residual_shifts,
)
from ..linalg.columns import Band, Sums, add_columns
from ..linalg.levels import Levels
from ..linalg.nodes import lone_resonances
from ..linalg.resonances import resonance_shifts, tridiagonal_vectors
from .few_baths import REACH, Answer, Part, departure

# Levels narrower than this part of the norm of H mix with no other; they are summed by first-order perturbation.
_SEALED = 1e-32
_MORE = 12
_LEFT = 1e-16  # of the weakest bath: a flux that is still to be taken up
_SAFETY = 8.0
_EPS = float(np.finfo(np.float64).eps)
_PRODUCTION = 1e-13
_MOST_STEPS = 400
_KEPT = 2**30  # bytes of blocks that are kept for the productions rather than computed again in every step
_AT_ONCE = 64


def by_iteration(part: Part) -> Answer:
    """The responses of a part, from one block after the other."""
    plan, pairs = _plan(part), part.pairs()
    offsets = tuple(range(1, min(REACH, part.size - 1) + 1)) if part.is_chain else ()
    elements = Elements(part.size, len(part.sites), pairs.rows, pairs.columns, offsets)
    iteration = Iteration(plan.absorber, plan.factorization(), plan.shifts)
    _collect(iteration, plan.shifts, elements)
    for _ in range(_MORE):  # where shifts missed their eigenvalues
        left = float(np.linalg.norm(iteration.residual)) ** 2
        if left <= _LEFT * float(part.rates.min(initial=np.inf)):
            break
        more = Shifts.plain(residual_shifts(plan.absorber, iteration.residual))
        plan = replace(plan, shifts=plan.shifts + more)
        _collect(iteration, more, elements)
    if len(plan.sealed):
        _add_sealed(plan, elements)
    left = float(np.abs(iteration.residual.conj().T @ iteration.residual).max()) / float(part.rates.min())
    uncertainty = _SAFETY * (departure(part, elements.diagonal, elements.others) + _EPS * len(part.sites)) + left
    productions = _Iterated(plan, elements.diagonal)
    narrowest = -2 * float(plan.eigenvalues.imag.max())
    return Answer(
        elements.diagonal, elements.others, pairs, plan.levels, plan.eigenvalues, narrowest, uncertainty, productions
    )


def _collect(iteration: Iteration, shifts: Shifts, elements: Elements) -> None:
    """Add the blocks of some shifts; a shift on an undamped eigenvalue divides by zero."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        for weight, block in iteration.run(shifts):
            elements.add(weight, block)
    if not (np.isfinite(iteration.residual).all() and np.isfinite(elements.diagonal).all()):
        raise ConvergenceError(
            "A normal mode is damped too weakly for double precision: rounding decides whether it is damped at all. "
            "Use Dense."
        )


@dataclass(frozen=True)
class _Plan:
    """Everything that a pass over the resonances of a part needs; a pass costs one solve for every one."""

    part: Part
    levels: Levels
    eigenvalues: ComplexArray
    shifts: Shifts
    sealed: IntArray
    shares: RealArray
    squares: RealArray

    @property
    def absorber(self) -> Absorber:
        return Absorber(self.part.hamiltonian, self.part.sites, self.part.rates)

    def factorization(self) -> Factorization:
        """What solves with the drift of the part."""
        part = self.part
        if part.is_chain:
            return TridiagonalFactorization(part.diagonal, part.off, part.sites, part.rates)
        return SparseFactorization(self.absorber)

    def blocks(self) -> Iterator[tuple[float, ComplexArray, RealArray]]:
        """Weights, vectors and shares: X^b is the sum of weight * v_b v_b^H * share_b over blocks and their columns."""
        part, identity = self.part, np.eye(len(self.part.sites))
        for weight, block in Iteration(self.absorber, self.factorization(), self.shifts):
            yield weight, block, identity
        for start in range(0, len(self.sealed), _AT_ONCE):
            chosen = self.sealed[start : start + _AT_ONCE]
            vectors = tridiagonal_vectors(part.diagonal, part.off, self.levels.energies[chosen]).astype(np.complex128)
            yield 1.0, vectors, self.shares[start : start + _AT_ONCE]


def _plan(part: Part) -> _Plan:
    levels, m = part.plain_levels(), len(part.sites)
    eigenvalues = levels.energies + resonance_shifts(levels, part.rates)
    widths = -2 * eigenvalues.imag
    sealed = np.flatnonzero(widths <= _SEALED * part.norm) if part.is_chain else np.zeros(0, dtype=np.intp)
    rest = np.setdiff1d(np.arange(len(widths)), sealed)
    shifts = plan_shifts(eigenvalues[rest], levels.gaps[rest], levels.peaks[rest], part.norm)
    shares, squares = np.zeros((2, 0, m))
    if len(sealed):
        _, every_share, every_square = lone_resonances(levels, part.rates, np.full(m, 1j))
        shares, squares = every_share[sealed], every_square[sealed]
    return _Plan(part, levels, eigenvalues, shifts, sealed, shares, squares)


def _add_sealed(plan: _Plan, elements: Elements) -> None:
    part, levels = plan.part, plan.levels
    sums = Sums.zero(part.size, len(part.sites))
    alone = Band(part.diagonal, part.off, np.zeros(part.size))
    add_columns(sums, alone, levels.energies[plan.sealed], levels.peaks[plan.sealed], plan.shares)
    sums.diagonal[part.sites] = plan.squares.T @ plan.shares  # the sites reshape the tails
    elements.diagonal += sums.diagonal
    elements.others += np.vstack([sums.links, sums.next_links])


# -- productions ---------------------------------------------------------------------------------------------


class _Iterated:
    """Productions by conjugate gradients with V = C + 1/2 as a sum over the resonances.

    V is conditioned like the occupations: (n_max + 1/2)/(n_min + 1/2). Where the blocks fit into a GiB they are kept from
    step to step, otherwise each step repeats the iteration.
    """

    def __init__(self, plan: _Plan, responses: RealArray) -> None:
        self._plan, self._responses = plan, responses

    def distances(self, places: IntArray, occupations: RealArray) -> RealArray:
        plan, part = self._plan, self._plan.part
        blocks: _Plan | list[tuple[float, ComplexArray, RealArray]] = plan
        if 16 * part.size * len(part.sites) * (len(plan.shifts.values) + len(plan.sealed)) <= _KEPT:
            blocks = list(plan.blocks())
        levels = part.occupations
        columns = np.zeros((part.size, len(places)), dtype=np.complex128)
        differences = part.above(occupations)  # (m, columns)
        for weight, vectors, shares in _passing(blocks):
            columns += vectors @ (weight * (shares @ differences) * vectors[places].conj().T)
        total = np.zeros(len(places))
        active = np.flatnonzero(columns.any(axis=0))
        if len(active):
            widths = self._responses @ levels + 0.5
            total[active] = _conjugate_gradients(blocks, levels, columns[:, active], widths)
        return total


def _passing(
    blocks: _Plan | list[tuple[float, ComplexArray, RealArray]],
) -> Iterator[tuple[float, ComplexArray, RealArray]]:
    return iter(blocks) if isinstance(blocks, list) else blocks.blocks()


def _conjugate_gradients(
    blocks: _Plan | list[tuple[float, ComplexArray, RealArray]],
    levels: RealArray,
    right: ComplexArray,
    widths: RealArray,
) -> RealArray:
    """right^H V^-1 right, column by column; a sum of positive terms."""
    root = 1.0 / np.sqrt(widths)[:, None]
    left = right * root
    direction, square = left.copy(), np.sum(np.abs(left) ** 2, axis=0)
    total = np.zeros(right.shape[1])
    for _ in track(range(_MOST_STEPS), "productions"):
        image = root * _apply(blocks, levels, root * direction)
        curvature = np.sum(direction.conj() * image, axis=0).real
        step = np.divide(square, curvature, out=np.zeros_like(square), where=curvature > 0)
        gained = step * square
        total += gained
        if (gained <= _PRODUCTION * total).all():
            return total
        left -= step * image
        fresh = np.sum(np.abs(left) ** 2, axis=0)
        direction = left + np.divide(fresh, square, out=np.zeros_like(square), where=square > 0) * direction
        square = fresh
    raise ConvergenceError(
        f"The entropy productions did not converge in {_MOST_STEPS} steps of conjugate gradients.", last_iterate=total
    )


def _apply(
    blocks: _Plan | list[tuple[float, ComplexArray, RealArray]], levels: RealArray, x: ComplexArray
) -> ComplexArray:
    """V x."""
    lowest = levels.min()
    y = (lowest + 0.5) * x
    for weight, vectors, shares in _passing(blocks):
        y += vectors @ ((weight * (shares @ (levels - lowest)))[:, None] * (vectors.conj().T @ x))
    return np.asarray(y)
