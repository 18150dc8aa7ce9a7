"""Steady states by one dense Lyapunov equation for each connected part of the network."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from scipy import linalg, sparse
from scipy.sparse.csgraph import connected_components

from .._memory import refuse_beyond
from .._typing import ComplexArray, IntArray, RealArray
from ..linalg.compensated import Pair, add, product, two_sum
from ..linalg.lyapunov import LyapunovEquation, Refined
from ..linalg.symplectic import ladder
from ..network import Network
from ..state import GaussianState
from .base import Solution
from .stability import check_probes, check_stability

_EXTENDED_UP_TO = 512
_ESTIMATE_UP_TO = 400
_BYTES_EXTENDED = 640  # peak per element of the n x n problem, measured
_BYTES_DOUBLE = 304
# Factor on the estimated norm of the inverse, which the estimator may miss by that much.
_SAFETY = 3.0


@dataclass(frozen=True)
class Dense:
    """Dense solution by the Schur form, refined in twice the working precision.

    The reference occupation n0 and the common frequency are taken off first: solved is the equation
    for C - n0, whose source is diag(gamma (n - n0)), so that what is left at equilibrium is zero and
    not rounding. Cost: about 25 complex L^3 products and 640 L^2 bytes.

    Parameters
    ----------
    extended : bool, optional
        Refine with residuals in twice the working precision. The default does so up to 512 modes
        (256 with pairing).
    estimate : bool, optional
        Estimate the separation, and with it the forward error bound. The default does so up to 400.

    Examples
    --------
    >>> import wignerness as wn
    >>> chain = wn.models.chain(3, hopping=0.2, rate=0.1, occupations=(1, 2))
    >>> ness = wn.steady_state(chain, solver=wn.solvers.Dense(estimate=True))
    >>> ness.error_bound < 1e-15
    True
    """

    extended: bool | None = None
    estimate: bool | None = None

    def __repr__(self) -> str:
        given = (("extended", self.extended), ("estimate", self.estimate))
        return f"Dense({', '.join(f'{key}={value}' for key, value in given if value is not None)})"

    def refusal(self, network: Network) -> str | None:  # noqa: ARG002 - the interface of every solver
        """None: any network is taken, if memory allows."""
        return None

    def solve(self, network: Network) -> Solution:
        """See :class:`wignerness.solvers.Solver`."""
        parts = _connected_parts(network)
        self._check_memory(network, max(len(part) for part in parts))
        problems = [_Problem(network, part) for part in parts]
        check_stability(network, [(p.nodes, p.equation) for p in problems])
        check_probes(network, [(p.nodes, p.equation) for p in problems])
        answers = [self._solve_part(problem) for problem in problems]
        return _assemble(network, problems, answers)

    def _solve_part(self, problem: _Problem) -> _Answer:
        size = problem.equation.n
        extended = size <= _EXTENDED_UP_TO if self.extended is None else self.extended
        estimate = size <= _ESTIMATE_UP_TO if self.estimate is None else self.estimate
        refined = problem.equation.solve_refined(problem.source, extended=extended)
        response = problem.equation.inverse_norm() if estimate else None
        return _Answer(refined, problem.backward_error(refined.x.hi, extended), response)

    def _check_memory(self, network: Network, largest: int) -> None:
        size = largest if network.is_passive else 2 * largest
        extended = size <= _EXTENDED_UP_TO if self.extended is None else self.extended
        total = 16 * 3 * network.n_modes**2 + (_BYTES_EXTENDED if extended else _BYTES_DOUBLE) * size**2
        refuse_beyond(
            total,
            f"The dense steady state of {network.n_modes} modes",
            "Split the network, use fewer modes, or a machine with more memory.",
        )


@dataclass(frozen=True)
class _Answer:
    refined: Refined
    residual: float
    response: float | None


class _Problem:
    """The moment equation of one connected part, scaled to units in which everything is of order one."""

    def __init__(self, network: Network, nodes: IntArray) -> None:
        self.nodes = nodes
        self.passive = network.is_passive
        index = {int(node): k for k, node in enumerate(nodes)}
        baths = [(index[b.mode], b) for b in network.baths if b.mode in index]
        real = [(k, Fraction(b.rate), Fraction(b.occupation)) for k, b in baths if b.occupation is not None]
        free = [(k, b.rate) for k, b in baths if b.occupation is None]
        self.reference = _dominant_occupation(real) if self.passive else Fraction(0)
        hamiltonian, pairing = _block(network.hamiltonian, nodes), network.pairing[np.ix_(nodes, nodes)]
        self.feedback = np.bincount([k for k, _ in free], [g for _, g in free], minlength=len(nodes))
        rates = [Fraction(float(g)) for g in self.feedback]
        source = [Fraction(0)] * len(nodes)
        for k, rate, occupation in real:
            rates[k] += rate
            source[k] += rate * (occupation - self.reference)
        top = max(float(np.abs(a).max(initial=0.0)) for a in (hamiltonian, pairing, [float(g) for g in rates]))
        self.rate_unit = _power_of_two(top)
        spread = max((abs(n - self.reference) for _, rate, n in real if rate), default=Fraction(0))
        self.occupation_unit = _power_of_two(float(spread)) if self.passive else _power_of_two(max(1.0, float(spread)))
        self.baths_at = {k: [float(n) for j, rate, n in real if j == k and rate] for k, _, _ in real}
        self._build(hamiltonian, pairing, rates, source)

    def _build(
        self, hamiltonian: ComplexArray, pairing: ComplexArray, rates: list[Fraction], source: list[Fraction]
    ) -> None:
        unit = Fraction(self.rate_unit)
        drift = _drift(hamiltonian / self.rate_unit, _pairs([g / unit for g in rates]), shift=self.passive)
        diagonal = _pairs([s / unit / Fraction(self.occupation_unit) for s in source])
        forcing = Pair(np.diag(diagonal.hi), np.diag(diagonal.lo))
        feedback = self.feedback / self.rate_unit
        if not self.passive:
            cross = -1j * pairing / self.rate_unit
            zero = np.zeros_like(cross)
            drift = Pair(ladder(drift.hi, cross), ladder(drift.lo, zero))
            # The reference is the vacuum, Theta = 1/2: what pairing adds to it is its own source.
            vacuum = cross / self.occupation_unit
            forcing = Pair(ladder(forcing.hi, vacuum), ladder(forcing.lo, zero))
            feedback = np.repeat(feedback, 2)
        self.equation = LyapunovEquation(drift, feedback)
        self.source = forcing

    def backward_error(self, x: ComplexArray, extended: bool) -> float:
        """Residual of the delivered solution over the size of the equation's terms (Frobenius norms)."""
        left = self.equation.residual(Pair.exactly(x), self.source, extended=extended).hi
        norm = np.linalg.norm
        terms = 2 * norm(self.equation.a.hi) * norm(x) + norm(self.source.hi)
        return float(norm(left) / terms) if terms else 0.0


def _assemble(network: Network, problems: list[_Problem], answers: list[_Answer]) -> Solution:
    size = network.n_modes
    normal = np.zeros((size, size), dtype=np.complex128)
    anomalous = None if network.is_passive else np.zeros_like(normal)
    reference, excess = np.zeros(size), np.zeros(size)
    bounds = []
    for problem, answer in zip(problems, answers, strict=True):
        block = np.ix_(problem.nodes, problem.nodes)
        x, unit = answer.refined.x, problem.occupation_unit
        step = 1 if problem.passive else 2
        upper = Pair(x.hi[::step, ::step] * unit, x.lo[::step, ::step] * unit)
        reference[problem.nodes], excess[problem.nodes] = _split_diagonal(problem, upper)
        normal[block] = upper.hi
        if anomalous is not None:
            anomalous[block] = x.hi[::2, 1::2] * unit
        bounds.append(_error_bound(problem, answer))
    np.fill_diagonal(normal, reference + excess)
    # A diagonal element is rounded twice: as an excess, and in the sum with its reference.
    rounding = np.finfo(np.float64).eps / 2 * float(np.abs(normal).max() + np.abs(excess).max())
    state = GaussianState(_mean(network), normal, anomalous, reference=reference, excess=excess, trusted=True)
    separations = [p.rate_unit / a.response for p, a in zip(problems, answers, strict=True) if a.response]
    return Solution(
        state=state,
        residual=max(answer.residual for answer in answers),
        error_bound=float(max(bounds) + rounding),
        separation=float(min(separations)) if len(separations) == len(problems) else None,
        converged=all(answer.refined.converged for answer in answers),
    )


def _error_bound(problem: _Problem, answer: _Answer) -> float:
    """Bound on the error of the delivered doubles: what they drop, and what the refinement left."""
    refined = answer.refined
    left = refined.remaining
    if answer.response is not None:
        left = max(left, _SAFETY * answer.response * refined.residual)
    return problem.occupation_unit * (float(np.abs(refined.x.lo).max(initial=0.0)) + left)


def _split_diagonal(problem: _Problem, upper: Pair) -> tuple[RealArray, RealArray]:
    """Occupations as reference + excess, the reference the node's own bath nearest to them, or zero if that is nearer."""
    start = float(problem.reference)
    plain = start + np.diag(upper.hi).real
    nearest = [
        min([*(problem.baths_at.get(k) or [start]), 0.0], key=lambda n, k=k: abs(n - plain[k]))  # type: ignore[misc]
        for k in range(len(plain))
    ]
    reference = np.array(nearest)
    offset = two_sum(np.full(len(plain), start), -reference)
    diagonal = Pair(np.diag(upper.hi).real, np.diag(upper.lo).real)
    return reference, add(offset, diagonal).hi


def _mean(network: Network) -> ComplexArray:
    """Solve A mu = i epsilon (with pairing: A mu - i Delta mu* = i epsilon), refined once."""
    if not network.drive.any():
        return np.zeros(network.n_modes, dtype=np.complex128)
    drift = network.drift.toarray() if network.is_sparse and network.is_passive else network.drift
    force = 1j * network.drive
    if not network.is_passive:
        force = np.ravel(np.column_stack([force, force.conj()]))
    factors = linalg.lu_factor(drift)
    mean = linalg.lu_solve(factors, force)
    left = add(product(Pair.exactly(drift), Pair.exactly(mean[:, None])), Pair.exactly(-force[:, None]))
    mean = mean - linalg.lu_solve(factors, left.hi[:, 0])
    return mean if network.is_passive else mean[::2]


def _drift(hamiltonian: ComplexArray, rates: Pair, *, shift: bool) -> Pair:
    """-i (H - omega_0) - G/2 as a pair; without the shift where H does not conserve excitations."""
    frequencies = np.diag(hamiltonian).real
    middle = (frequencies.max() + frequencies.min()) / 2 if shift else 0.0
    shifted = two_sum(frequencies, np.full(len(frequencies), -middle))
    high = -1j * hamiltonian
    np.fill_diagonal(high, -1j * shifted.hi - rates.hi / 2)
    return Pair(high, np.diag(-1j * shifted.lo - rates.lo / 2))


def _pairs(values: list[Fraction]) -> Pair:
    """Exact rationals as pairs of doubles."""
    high = [float(v) for v in values]
    low = [float(v - Fraction(h)) for v, h in zip(values, high, strict=True)]
    return Pair(np.array(high), np.array(low))


def _dominant_occupation(real: list[tuple[int, Fraction, Fraction]]) -> Fraction:
    """Median of the bath occupations, weighted with their rates."""
    ranked = sorted(((n, rate) for _, rate, n in real if rate), key=lambda pair: pair[0])
    half = sum((rate for _, rate in ranked), Fraction(0)) / 2
    passed = Fraction(0)
    for occupation, rate in ranked:
        passed += rate
        if passed >= half:
            return occupation
    return Fraction(0)


def _power_of_two(size: float) -> float:
    """The power of two just above ``size``; one for zero."""
    return float(np.ldexp(1.0, min(int(np.frexp(size)[1]), 1023))) if size else 1.0


def _block(matrix: Any, nodes: IntArray) -> ComplexArray:
    part = matrix[nodes][:, nodes]
    return np.asarray(part.toarray() if isinstance(part, sparse.csr_array) else part)


def _connected_parts(network: Network) -> list[IntArray]:
    """Nodes of each connected part: parts that do not meet are solved, and stay exact, apart."""
    pattern = sparse.csr_array(network.hamiltonian != 0)
    if not network.is_passive:
        pattern = pattern + sparse.csr_array(network.pairing != 0)
    count, label = connected_components(pattern, directed=False)
    order = np.argsort(label, kind="stable")
    return np.split(order, np.cumsum(np.bincount(label, minlength=count))[:-1])
