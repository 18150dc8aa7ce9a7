"""Steady states of chains, trees and sparse networks with a few baths: low-rank iteration, C is never formed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import linalg, sparse
from scipy.sparse.csgraph import breadth_first_order
from scipy.sparse.linalg import splu

from .._progress import track
from .._typing import ComplexArray, IntArray, RealArray
from ..errors import ConvergenceError
from ..linalg.adi import (
    Absorber,
    Elements,
    Factorization,
    Iteration,
    Pairs,
    Shifts,
    SparseFactorization,
    TridiagonalFactorization,
    plan_shifts,
    residual_shifts,
)
from ..linalg.compensated import two_sum
from ..linalg.resonances import (
    dense_levels,
    first_order_shares,
    resonance_shifts,
    response_sensitivity,
    tridiagonal_levels,
    tridiagonal_products,
    tridiagonal_vectors,
)
from ..network import Network
from ..state import GaussianState
from .base import Solution
from .equation import connected_parts, power_of_two_above
from .stability import fail_dark, missed_modes

_EPS = float(np.finfo(np.float64).eps)
_MOST_SITES = 32
_LARGEST_GENERAL = 2500  # nodes of a part whose levels take a dense eigenproblem
# Levels narrower than this part of the norm of H mix with no other; they are summed by first-order perturbation.
_SEALED = 1e-32
_REACH = 2  # C is kept on the links and between next neighbors, as energy currents need
_SAFETY = 8.0
_FAINT = 1e-6  # levels that the baths see less of, or that are nearer to each other, are examined
_UNCERTAIN = 50.0
_SHOWN = 16
_MORE = 12
_LEFT = 1e-16  # of the weakest bath: a flux that is still to be taken up
_PRODUCTION = 1e-13
_MOST_STEPS = 400


@dataclass(frozen=True)
class ADI:
    """Low-rank alternating-direction-implicit iteration for networks with a few baths and no free probes.

    C is a sum of one low-rank block for every resonance of the network. Occupations, links and fluxes are summed as the
    blocks come, one sparse solve each; C itself is never formed, and the state of the result is partial: it holds the
    diagonal, the links and next neighbors. Chains take O(L^2) time and O(L) memory, other networks up to 2500 nodes
    O(L^3) time for their levels.

    The responses to the baths add up to one on every node exactly; how far they miss it measures the error.

    Parameters
    ----------
    tolerance : float
        Error that counts as converged, relative to the largest occupation.

    Examples
    --------
    >>> import wignerness as wn
    >>> chain = wn.models.chain(300, hopping=1.0, rate=0.5, occupations=(1, 2), disorder=0.2, rng=1)
    >>> ness = wn.steady_state(chain, solver=wn.solvers.ADI())
    >>> ness.state.is_partial, bool(ness.error_bound < 1e-10)
    (True, True)
    """

    tolerance: float = 1e-8

    def refusal(self, network: Network) -> str | None:
        """Why this solver cannot take the network; None if it can."""
        if not network.is_passive or network.jump_baths or network.dephasings:
            return "ADI takes thermal baths and fixed probes on passive networks; use Dense."
        if network.free_probes:
            return f"{network.bath_labels[network.free_probes[0]]!r} is a free probe; use Banded or Dense."
        count = int(np.count_nonzero(network.mode_rates))
        if count > _MOST_SITES:
            return f"Baths act on {count} nodes; ADI takes up to {_MOST_SITES}. Use Banded or Dense."
        if network.n_modes > _LARGEST_GENERAL:
            pattern = _pattern(network)
            for nodes in connected_parts(network):
                if len(nodes) > _LARGEST_GENERAL and _path_order(pattern, nodes) is None:
                    return (
                        f"A connected part of {len(nodes)} nodes is not a chain; ADI takes other shapes up to "
                        f"{_LARGEST_GENERAL} nodes."
                    )
        return None

    def solve(self, network: Network) -> Solution:
        """See :class:`wignerness.solvers.Solver`.

        Raises
        ------
        ConvergenceError
            If the network is refused.
        """
        reason = self.refusal(network)
        if reason is not None:
            raise ConvergenceError(reason)
        pattern = _pattern(network)
        parts = [_Part(network, pattern, nodes) for nodes in connected_parts(network)]
        for part in parts:
            part.check_damped(network)
        answers = [_solve_part(part) for part in parts]
        return _assemble(network, parts, answers, self.tolerance)


def _pattern(network: Network) -> Any:
    matrix = sparse.csr_array(network.hamiltonian, copy=True)
    matrix.eliminate_zeros()
    return matrix


def _path_order(pattern: Any, nodes: IntArray) -> IntArray | None:
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


class _Part:
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
    """

    def __init__(self, network: Network, pattern: Any, nodes: IntArray) -> None:
        order = _path_order(pattern, nodes)
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
        self.occupations = _mean_occupations(network, self.nodes[self.sites])
        self._set_hamiltonian(off, (frequencies - middle) / self.unit)
        self.norm = float(abs(self.hamiltonian).sum(axis=1).max())

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
    def absorber(self) -> Absorber:
        return Absorber(self.hamiltonian, self.sites, self.rates)

    @property
    def diagonal(self) -> RealArray:
        return np.asarray(self.hamiltonian.diagonal().real)

    @property
    def off(self) -> RealArray:
        return np.asarray(self.hamiltonian.diagonal(1).real)

    def factorization(self) -> Factorization:
        """What solves with the drift of the part."""
        if self.is_chain:
            return TridiagonalFactorization(self.diagonal, self.off, self.sites, self.rates)
        return SparseFactorization(self.absorber)

    def pairs(self) -> Pairs:
        """Links and next neighbors."""
        size = len(self.nodes)
        if self.is_chain:
            offsets = tuple(range(1, min(_REACH, size - 1) + 1))
            rows = [np.arange(size - d) for d in offsets]
            columns = [np.arange(d, size) for d in offsets]
            return Pairs(_joined(rows), _joined(columns), offsets)
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
            self.levels = tridiagonal_levels(self.diagonal, self.off, self.sites)
            dark = self.levels.energies[self.levels.faint.all(axis=1)][:_SHOWN]
        elif len(self.nodes) == 1:
            dark = self.diagonal
        else:
            lowest = linalg.eigvalsh_tridiagonal(self.diagonal, self.off, select="i", select_range=(0, 0))
            dark = np.asarray(lowest, dtype=np.float64)
        return tridiagonal_vectors(self.diagonal, self.off, dark)

    def _undamped(self) -> ComplexArray:
        matrix = np.asarray(self.hamiltonian.toarray(), dtype=np.complex128)
        self.levels, vectors = dense_levels(matrix, self.sites)
        seen = np.linalg.norm(self.levels.amplitudes, axis=1).min()
        if min(seen, self.levels.gaps.min() / self.norm) > _FAINT:
            return np.zeros((len(self.nodes), 0), dtype=np.complex128)
        losses = np.zeros((len(self.sites), len(self.nodes)), dtype=np.complex128)
        losses[np.arange(len(self.sites)), self.sites] = np.sqrt(self.rates)
        cut = _UNCERTAIN * len(self.nodes) * _EPS * self.norm
        return missed_modes(losses, matrix, self.levels.energies, vectors, cut).T


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


def _mean_occupations(network: Network, nodes: IntArray) -> RealArray:
    """Mean occupation of the baths of each node, weighted with their rates."""
    found = []
    for node in nodes:
        here = (network.bath_modes == node) & (network.bath_rates > 0)
        rates, occupations = network.bath_rates[here], network.bath_occupations[here]
        first = occupations[0]
        found.append(first + float(np.sum(rates * (occupations - first)) / rates.sum()))
    return np.array(found)


@dataclass(frozen=True)
class _Plan:
    """Everything that a pass over the resonances of a part needs; a pass costs one solve for every one."""

    part: _Part
    eigenvalues: ComplexArray
    shifts: Shifts
    sealed: IntArray
    shares: RealArray
    squares: RealArray

    def blocks(self) -> Iterator[tuple[float, ComplexArray, RealArray]]:
        """Weights, vectors and shares: T^b is the sum of weight * v_b v_b^H * share_b over blocks and their columns."""
        yield from self.run(Iteration(self.part.absorber, self.part.factorization(), self.shifts))
        part = self.part
        for start in range(0, len(self.sealed), 64):
            chosen = self.sealed[start : start + 64]
            vectors = tridiagonal_vectors(part.diagonal, part.off, part.levels.energies[chosen]).astype(np.complex128)
            yield 1.0, vectors, self.shares[start : start + 64]

    def run(self, iteration: Iteration) -> Iterator[tuple[float, ComplexArray, RealArray]]:
        identity = np.eye(len(self.part.sites))
        for weight, block in iteration:
            yield weight, block, identity


def _plan(part: _Part) -> _Plan:
    levels = part.levels
    eigenvalues = levels.energies + resonance_shifts(levels, part.rates)
    widths = -2 * eigenvalues.imag
    sealed = np.flatnonzero(widths <= _SEALED * part.norm) if part.is_chain else np.zeros(0, dtype=np.intp)
    rest = np.setdiff1d(np.arange(len(widths)), sealed)
    shifts = plan_shifts(eigenvalues[rest], levels.gaps[rest], levels.peaks[rest], part.norm)
    shares, squares = np.zeros((2, 0, len(part.sites)))
    if len(sealed):
        shares, squares = first_order_shares(levels, part.rates, sealed)
    return _Plan(part, eigenvalues, shifts, sealed, shares, squares)


@dataclass(frozen=True)
class _Answer:
    """Responses of one part: X^b solves A X + X A^H + g_b e_b e_b^H = 0."""

    plan: _Plan
    diagonal: RealArray  # (n, m)
    others: ComplexArray  # (pairs, m)
    pairs: Pairs
    left: float  # largest element of W^H W

    @property
    def missing(self) -> float:
        """How far the responses are from adding up to one."""
        return float(np.abs(1.0 - self.diagonal.sum(axis=1)).max())


def _solve_part(part: _Part) -> _Answer:
    plan, pairs = _plan(part), part.pairs()
    elements = Elements(len(part.nodes), len(part.sites), pairs)
    iteration = Iteration(part.absorber, part.factorization(), plan.shifts)
    for weight, block in iteration:
        elements.add(weight, block)
    for _ in range(_MORE):  # where shifts missed their eigenvalues
        left = float(np.linalg.norm(iteration.residual)) ** 2
        if left <= _LEFT * float(part.rates.min(initial=np.inf)):
            break
        more = Shifts.plain(residual_shifts(part.absorber, iteration.residual))
        plan = replace(plan, shifts=plan.shifts + more)
        for weight, block in iteration.run(more):
            elements.add(weight, block)
    if len(plan.sealed):
        reach = len(pairs.offsets)
        sums = tridiagonal_products(part.diagonal, part.off, part.levels.energies[plan.sealed], plan.shares, reach)
        sums[0][part.sites] = plan.squares.T @ plan.shares  # the sites reshape the tails
        elements.diagonal += sums[0]
        if reach:
            elements.others += np.vstack(sums[1:])
    left = float(np.abs(iteration.residual.conj().T @ iteration.residual).max())
    return _Answer(plan, elements.diagonal, elements.others, pairs, left)


# -- the result ----------------------------------------------------------------------------------------------


def _assemble(network: Network, parts: list[_Part], answers: list[_Answer], tolerance: float) -> Solution:
    size = network.n_modes
    occupations, tail = np.zeros(size), np.zeros(size)
    rows, columns, values = [], [], []
    bound, residual = 0.0, 0.0
    for part, answer in zip(parts, answers, strict=True):
        excess, reference = _excess(part, answer)
        total = two_sum(reference, excess)
        occupations[part.nodes], tail[part.nodes] = total.hi, total.lo
        coherences = _coherences(part, answer)
        i, j = answer.pairs.rows, answer.pairs.columns
        values.append(coherences * part.phases[i] * part.phases[j].conj())
        rows.append(part.nodes[i])
        columns.append(part.nodes[j])
        spread = float(np.ptp(part.occupations))
        bound = max(bound, spread * _uncertainty(part, answer))
        residual = max(residual, _residual(part, answer, spread))
    i, j, v = np.concatenate(rows), np.concatenate(columns), np.concatenate(values)
    k = np.arange(size)
    entries = (np.concatenate([occupations.astype(np.complex128), v, v.conj()]), (np.r_[k, i, j], np.r_[k, j, i]))
    normal = sparse.coo_array(entries, shape=(size, size)).tocsr()
    largest = float(np.abs(occupations).max())
    bound += _EPS * largest
    return Solution(
        state=GaussianState(
            _mean(network), normal, normal_tail=tail, completion=_Completion(network, answers), trusted=True
        ),
        residual=residual,
        error_bound=bound,
        separation=None,
        converged=bound <= tolerance * largest,
    )


def _excess(part: _Part, answer: _Answer) -> tuple[RealArray, RealArray]:
    """Occupations above a reference: that of the own bath, or else of the bath that is felt most."""
    nearest = np.argmax(answer.diagonal, axis=1)
    nearest[part.sites] = np.arange(len(part.sites))
    reference = part.occupations[nearest]
    differences = part.occupations[None, :] - part.occupations[:, None]
    return np.sum(answer.diagonal * differences[nearest], axis=1), reference


def _coherences(part: _Part, answer: _Answer) -> ComplexArray:
    """C on the pairs; on the links of a chain with the currents that the fluxes into the baths leave."""
    middle = part.occupations[int(np.argmax(part.rates))]
    found = answer.others @ (part.occupations - middle)
    if part.is_chain and len(part.nodes) > 1:
        links = slice(0, len(part.nodes) - 1)
        flux = np.zeros(len(part.nodes))
        flux[part.sites] = part.rates * _excess(part, answer)[0][part.sites]
        size = np.abs(flux)
        before, behind = np.cumsum(flux)[:-1], np.cumsum(flux[::-1])[::-1][1:]
        near, far = np.cumsum(size)[:-1], np.cumsum(size[::-1])[::-1][1:]
        onward = np.where(near <= far, -before, behind)
        # The current 2 e Im C_k,k+1 flows on; its sum over the baths cancels less than the coherences do.
        better = np.minimum(near, far) < np.abs(part.off) * max(float(np.ptp(part.occupations)), 1e-300)
        found[links] = found[links].real + 1j * np.where(better, onward / (2 * part.off), found[links].imag)
    return np.asarray(found)


def _uncertainty(part: _Part, answer: _Answer) -> float:
    """Estimated error of the responses: what is missing, and what rounding of H does to levels that nearly coincide."""
    sensitivity = response_sensitivity(part.levels, answer.plan.eigenvalues, part.rates)
    mixing = min(_SAFETY * _EPS * part.norm * sensitivity, 1.0)
    return _SAFETY * (answer.missing + _EPS * len(part.sites)) + mixing


def _residual(part: _Part, answer: _Answer, spread: float) -> float:
    weight = float(np.linalg.norm(part.hamiltonian.data)) ** 2 + float((part.rates**2).sum()) / 4
    moments = np.sum(answer.diagonal.max(axis=1) ** 2)
    whole = 2 * np.sqrt(weight * moments) + np.linalg.norm(part.rates)
    return float(len(part.sites) * answer.left / whole) + _EPS / 2 if spread else 0.0  # stored numbers are rounded


def _mean(network: Network) -> ComplexArray:
    if not network.drive.any():
        return np.zeros(network.n_modes, dtype=np.complex128)
    return np.asarray(splu(sparse.csc_array(network.drift)).solve(1j * network.drive))


class _Completion:
    """Productions of a partial state, by conjugate gradients with V = C + 1/2 as a sum over the resonances.

    Every step is a pass over all resonances, as long as the solution itself took. V is conditioned like the
    occupations: (n_max + 1/2)/(n_min + 1/2).
    """

    def __init__(self, network: Network, answers: list[_Answer]) -> None:
        self._answers = answers
        self._size = network.n_modes

    def distances(self, modes: IntArray, occupations: RealArray) -> RealArray:
        """r^H V^-1 r for the columns r of V - (n + 1/2) that belong to the modes, shape (m,)."""
        found = np.zeros(len(modes))
        for answer in self._answers:
            nodes = answer.plan.part.nodes
            place = np.full(self._size, -1)
            place[nodes] = np.arange(len(nodes))
            own = np.flatnonzero(place[modes] >= 0)
            if len(own):
                found[own] = _distances(answer.plan, place[modes[own]], occupations[own], answer.diagonal)
        return found


def _distances(plan: _Plan, places: IntArray, occupations: RealArray, responses: RealArray) -> RealArray:
    levels = plan.part.occupations
    columns = np.zeros((len(plan.part.nodes), len(places)), dtype=np.complex128)
    differences = levels[:, None] - occupations[None, :]  # (m, columns)
    for weight, vectors, shares in plan.blocks():
        columns += vectors @ (weight * (shares @ differences) * vectors[places].conj().T)
    total = np.zeros(len(places))
    active = np.flatnonzero(columns.any(axis=0))
    if len(active):
        total[active] = _conjugate_gradients(plan, columns[:, active], responses @ levels + 0.5)
    return total


def _conjugate_gradients(plan: _Plan, right: ComplexArray, widths: RealArray) -> RealArray:
    """right^H V^-1 right, column by column; a sum of positive terms."""
    root = 1.0 / np.sqrt(widths)[:, None]
    left = right * root
    direction, square = left.copy(), np.sum(np.abs(left) ** 2, axis=0)
    total = np.zeros(right.shape[1])
    for _ in track(range(_MOST_STEPS), "productions"):
        image = root * _apply(plan, root * direction)
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


def _apply(plan: _Plan, x: ComplexArray) -> ComplexArray:
    """V x."""
    levels = plan.part.occupations
    lowest = levels.min()
    y = (lowest + 0.5) * x
    for weight, vectors, shares in plan.blocks():
        y += vectors @ ((weight * (shares @ (levels - lowest)))[:, None] * (vectors.conj().T @ x))
    return np.asarray(y)
