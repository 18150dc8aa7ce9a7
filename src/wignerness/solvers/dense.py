"""Steady states by one dense Lyapunov equation for each connected part of the network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .._checks import representable
from .._memory import available_memory, refuse_beyond
from .._typing import ComplexArray, RealArray
from ..linalg.compensated import Pair, two_sum
from ..linalg.refinement import EACH_UP_TO, Refined
from ..network import Network
from ..state import GaussianState
from .base import Solution
from .dephased import steady_pairs
from .equation import MomentEquation, connected_parts, raised
from .mean import steady_mean
from .stability import check_probes, check_stability, check_supported, has_one_equilibrium

_EXTENDED_UP_TO = 512
_ENOUGH = 3e-11  # error bound relative to the largest element, above which working precision does not do
_BYTES_EXTENDED = 480  # peak per element of the n x n problem, measured; a real one needs half as much
_BYTES_DOUBLE = 250
_BYTES_MORE = 600  # where refinement in double precision is followed by one beyond
_PAIR_EPS = 2.0**-102  # relative accuracy of a pair of doubles after a few operations
# Factor on the estimated norm of the inverse, which the estimator may miss by that much.
_SAFETY = 3.0


@dataclass(frozen=True)
class Dense:
    """Dense solution by a Schur form and refinement, with a bound on the error of every element.

    The reference occupation n0 and the common frequency are taken off first: solved is the equation
    for C - n0, whose source is diag(gamma (n - n0)), so that what is left at equilibrium is zero and
    not rounding. Where a change of phases makes -iH real, as for the paper's chain and every bipartite
    network at equal frequencies, all arithmetic is real.

    Up to 512 modes (256 with pairing) the solution is refined with residuals in twice the working
    precision. Larger networks begin with a Schur form in single precision, if their separation allows,
    and are refined in double precision; beyond, if the error bound asks for it. Cost at 1000 modes:
    that of the Schur form and once again as much; up to 480 L^2 bytes.

    Parameters
    ----------
    extended : bool, optional
        Refine with residuals in twice the working precision. By default up to 512 modes (256 with pairing), and
        wherever else double precision does not bound the error well.
    estimate : bool, optional
        Whether to estimate the separation, and with it the forward error bound. True by default.

    Examples
    --------
    >>> import wignerness as wn
    >>> chain = wn.models.chain(3, hopping=0.2, rate=0.1, occupations=(1, 2))
    >>> ness = wn.steady_state(chain, solver=wn.solvers.Dense(estimate=True))
    >>> bool(ness.error_bound < 1e-15)
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

    @representable("steady state")
    def solve(self, network: Network) -> Solution:
        """See :class:`wignerness.solvers.Solver`."""
        parts = connected_parts(network)
        self._check_memory(network, max(len(part) for part in parts))
        check_supported(network)
        mean = np.zeros(network.n_modes, dtype=np.complex128)
        problems = [MomentEquation(network, part, mean) for part in parts]
        check_stability(network, problems)
        check_probes(network, problems)
        if network.drive.any():
            mean = steady_mean(network)
        if network.dephasings:  # it turns the coherence of the means into a source of C
            problems = [MomentEquation(network, part, mean) for part in parts]
        answers = [self._solve_part(problem) for problem in problems]
        pairs = steady_pairs(network, mean) if network.dephasings and mean.any() else None
        return _assemble(network, mean, problems, answers, pairs)

    def _solve_part(self, problem: MomentEquation) -> _Answer:
        equation = problem.equation
        extended = equation.n <= _EXTENDED_UP_TO if self.extended is None else self.extended
        answer = self._answer(problem, equation.solve_refined(problem.source, extended=extended), extended)
        if self.extended is None and not extended and not answer.is_enough and _has_room(equation.n):
            better = equation.solve_refined(problem.source, start=answer.refined.x.hi)
            answer = self._answer(problem, better, extended=True)
        return answer

    def _answer(self, problem: MomentEquation, refined: Refined, extended: bool) -> _Answer:
        """A solution with a bound on its error; one on its largest element, from the separation in some norm."""
        equation = problem.equation
        if self.estimate is False:
            # In working precision the corrections alone bound nothing: rounding of the residual misleads them.
            return _Answer(refined, None, refined.remaining if extended else None)
        if equation.n <= EACH_UP_TO:
            response, left = equation.inverse_norm(extended=extended), _SAFETY * refined.residual
        else:
            response, left = equation.response, refined.residual_norm
        error = max(response * left if left else 0.0, refined.remaining if extended else 0.0)
        if response == np.inf and has_one_equilibrium(problem):
            return _Answer(refined, None, refined.remaining)
        return _Answer(refined, response, error)

    def _check_memory(self, network: Network, largest: int) -> None:
        size = largest if network.is_passive else 2 * largest
        extended = size <= _EXTENDED_UP_TO if self.extended is None else self.extended
        total = 16 * 3 * network.n_modes**2 + (_BYTES_EXTENDED if extended else _BYTES_DOUBLE) * size**2
        refuse_beyond(
            total,
            f"The dense steady state of {network.n_modes} modes",
            "Split the network, use fewer modes, or a machine with more memory.",
        )


def _has_room(size: int) -> bool:
    available = available_memory()
    return available is None or available > _BYTES_MORE * size**2


@dataclass(frozen=True)
class _Answer:
    """A solution, the norm of the inverse of its equation, and a bound on its error (None: not known)."""

    refined: Refined
    response: float | None
    error: float | None

    @property
    def bound(self) -> float | None:
        """Bound on the error of the delivered doubles, which drop the tails."""
        return None if self.error is None else self.error + float(np.abs(self.refined.x.lo).max(initial=0.0))

    @property
    def is_enough(self) -> bool:
        """Whether the bound is far below the largest element."""
        return self.error is None or self.error <= _ENOUGH * float(np.abs(self.refined.x.hi).max(initial=0.0))


def _assemble(
    network: Network,
    mean: ComplexArray,
    problems: list[MomentEquation],
    answers: list[_Answer],
    pairs: ComplexArray | None,
) -> Solution:
    size = network.n_modes
    normal = np.zeros((size, size), dtype=np.complex128)
    normal_tail, anomalous_tail = np.zeros(size), np.zeros(size, dtype=np.complex128)
    anomalous = pairs if network.is_passive else np.zeros_like(normal)
    for problem, answer in zip(problems, answers, strict=True):
        nodes, unit = problem.nodes, problem.occupation_unit
        high, low = answer.refined.x.hi * unit, answer.refined.x.lo  # of the tails only some are taken
        step = 1 if problem.passive else 2
        block = high[::step, ::step]
        if len(nodes) == size:
            normal = np.ascontiguousarray(block)
        else:
            normal[np.ix_(nodes, nodes)] = block
        diagonal = Pair(block.diagonal().real, low[::step, ::step].diagonal().real * unit)
        normal[nodes, nodes], normal_tail[nodes] = raised(diagonal, problem.reference)
        if not network.is_passive:
            assert anomalous is not None  # noqa: S101 - for the type checker
            # Symmetric up to the error of the solution, which may exceed the smallest elements.
            anomalous[np.ix_(nodes, nodes)] = (high[::2, 1::2] + high[::2, 1::2].T) / 2
            anomalous_tail[nodes] = low[::2, 1::2].diagonal() * unit
        elif problem.sole_baths:
            _take_inflows(problem, answer, normal, normal_tail)
    state = GaussianState(mean, normal, anomalous, normal_tail=normal_tail, anomalous_tail=anomalous_tail, trusted=True)
    separations = [p.rate_unit / a.response for p, a in zip(problems, answers, strict=True) if a.response]
    rounding = np.finfo(np.float64).eps / 2 * float(np.abs(normal).max())
    bounds = [a.bound * p.occupation_unit for p, a in zip(problems, answers, strict=True) if a.bound is not None]
    return Solution(
        state=state,
        residual=max(answer.refined.backward_error for answer in answers),
        error_bound=max(bounds) + rounding if len(bounds) == len(answers) else None,
        separation=float(min(separations)) if len(separations) == len(problems) else None,
        converged=all(answer.refined.converged for answer in answers),
    )


def _take_inflows(problem: MomentEquation, answer: _Answer, normal: ComplexArray, tail: RealArray) -> None:
    """Departures C_kk - n from a node's only bath by what flows in, gamma (C_kk - n) = sum_l j_kl.

    For a node that its bath holds far more tightly than its links pull, the departure is below what even a pair
    of doubles resolves next to the other occupations, while the flow is not. The route of smaller predicted error
    is taken, node by node.
    """
    left = answer.refined.remaining
    resolved = left + _PAIR_EPS * float(np.abs(answer.refined.x.hi).max(initial=0.0))
    nodes = np.array(list(problem.sole_baths))
    # In units in which a product with large moments stays in range.
    rates, levels = np.array(list(problem.sole_baths.values())).T
    rates = rates / problem.rate_unit
    size = np.abs(problem.hamiltonian)
    pull = (size.sum(axis=1) - size.diagonal()) / problem.rate_unit
    near = rates * resolved > 2 * left * pull[nodes]  # others are far from worth it
    if not near.any():
        return
    nodes, rates, levels, places = nodes[near], rates[near], levels[near], problem.nodes
    links = problem.hamiltonian[nodes] / problem.rate_unit
    links[np.arange(len(nodes)), nodes] = 0.0
    moments = normal[np.ix_(places[nodes], places)]
    inflow = 2 * np.sum((links * moments.conj()).imag, axis=1)
    unit = problem.occupation_unit
    doubt = 2 * np.sum(np.abs(links) * (np.finfo(np.float64).eps * np.abs(moments) + left * unit), axis=1)
    better = doubt < rates * resolved * unit
    total = two_sum(levels[better], inflow[better] / rates[better])
    normal[places[nodes[better]], places[nodes[better]]], tail[places[nodes[better]]] = total
