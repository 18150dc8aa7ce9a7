"""Steady states of chains, trees and sparse networks with a few baths: C is never formed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from .. import _checks
from .._typing import ComplexArray, IntArray, RealArray
from ..errors import ConvergenceError
from ..linalg.compensated import two_sum
from ..linalg.mixing import chain_mixing, mixing
from ..network import Network
from ..state import GaussianState
from .base import Solution
from .equation import connected_parts, power_of_two_above
from .few_baths import Answer, Completion, Part, path_order, pattern_of
from .iterated import by_iteration
from .long_chains import by_nodes

_EPS = float(np.finfo(np.float64).eps)
_MOST_SITES = 32
_LARGEST_GENERAL = 2500  # nodes of a part whose levels take a dense eigenproblem
_SAFETY = 8.0
_FINE = 1e-11  # an error of the responses that no other method is asked to improve on
_SHORT = 64  # nodes of a chain up to which both methods are at hand in milliseconds
_SURE = 2.0
_QUICK = 1000  # nodes of a chain up to which another method is at hand in a second


@dataclass(frozen=True)
class ADI:
    """Low-rank solution for networks with few baths and no free probes: chains of any length, other shapes to 2500 nodes.

    C is a sum of one low-rank block for every resonance of the network, as an alternating-direction-implicit iteration
    with exact shifts builds it up. Occupations, links and fluxes are summed as the blocks come; C itself is never
    formed, and the state of the result is partial: it holds the diagonal, the links and next neighbors. Chains take
    O(L^2) time and O(L) memory: their blocks are taken at the nodes of an exact quadrature rule, where each is computed
    without the others, and the iteration steps in where that loses accuracy. Other shapes are iterated; their levels
    take O(L^3) time.

    The responses to the baths add up to one on every node exactly; how far they miss it measures the error. What rounding
    of the Hamiltonian does to modes that the baths hardly see is added, from perturbation theory. The separation of the
    result is the width of the narrowest resonance.

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

    def __post_init__(self) -> None:
        object.__setattr__(self, "tolerance", _checks.real("tolerance", self.tolerance, above=0.0))

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
            pattern = pattern_of(network)
            for nodes in connected_parts(network):
                if len(nodes) > _LARGEST_GENERAL and path_order(pattern, nodes) is None:
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
        NoUniqueSteadyStateError
            If a normal mode is dark: no damped node sees it.
        """
        return self._solved(network, self._parts(network))

    def solve_sharply(self, network: Network) -> Solution | None:
        """The same where the production of each bath has its digits, however small, see :attr:`Part.is_sharp`; else None."""
        parts = self._parts(network)
        return self._solved(network, parts) if all(part.is_sharp for part in parts if len(part.sites)) else None

    def _solved(self, network: Network, parts: list[Part]) -> Solution:
        answers = [_responses(part, self.tolerance) for part in parts]
        return _assemble(network, parts, answers, self.tolerance)

    def _parts(self, network: Network) -> list[Part]:
        reason = self.refusal(network)
        if reason is not None:
            raise ConvergenceError(reason)
        pattern = pattern_of(network)
        parts = [Part(network, pattern, nodes) for nodes in connected_parts(network)]
        for part in parts:
            part.check_damped(network)
        return parts


def _responses(part: Part, tolerance: float) -> Answer:
    """By nodes where that is accurate, else by iteration, which takes several times as long on a long chain."""
    by_rule = by_nodes(part) if part.is_chain else None
    # Sites damped more than they are linked part the resonances from the levels that errors are estimated with.
    if by_rule is not None and part.size < _SHORT and part.rates.max(initial=0.0) > part.norm:
        return _compared(by_rule, by_iteration(part))
    enough = _FINE if part.size < _QUICK else tolerance / _SAFETY
    if by_rule is not None and by_rule.uncertainty <= enough:
        return by_rule
    iterated = by_iteration(part)
    if by_rule is None:
        return iterated
    return _held_against(iterated, by_rule) if iterated.uncertainty < by_rule.uncertainty else by_rule


def _held_against(iterated: Answer, by_rule: Answer) -> Answer:
    """The iteration, whose shares of localized levels lose digits that no identity knows of; the rule's diagonal has them.

    The rule was not accurate enough for its coherences, which weak links spoil.
    """
    apart = float(np.abs(by_rule.diagonal - iterated.diagonal).max())
    return replace(iterated, uncertainty=max(iterated.uncertainty, _SURE * apart))


def _compared(by_rule: Answer, iterated: Answer) -> Answer:
    """The better one of two; where they differ by more than both say, the difference is the error."""
    apart = max(
        float(np.abs(by_rule.diagonal - iterated.diagonal).max()),
        float(np.abs(by_rule.others - iterated.others).max(initial=0.0)),
    )
    better = by_rule if by_rule.uncertainty <= max(iterated.uncertainty, _FINE) else iterated
    return replace(better, uncertainty=max(better.uncertainty, _SURE * apart))


# -- the result ----------------------------------------------------------------------------------------------


def _assemble(network: Network, parts: list[Part], answers: list[Answer], tolerance: float) -> Solution:
    size, separation = network.n_modes, np.inf
    occupations, tail = np.zeros(size), np.zeros(size)
    rows, columns, values = [], [], []
    bound, residual = 0.0, 0.0
    for part, answer in zip(parts, answers, strict=True):
        excess, nearest = _excess(part, answer)
        total = two_sum(part.occupations[nearest], excess)
        total = two_sum(total.hi, total.lo + part.tails[nearest])
        occupations[part.nodes], tail[part.nodes] = total.hi, total.lo
        coherences = _coherences(part, answer)
        i, j = answer.pairs.rows, answer.pairs.columns
        values.append(coherences * part.phases[i] * part.phases[j].conj())
        rows.append(part.nodes[i])
        columns.append(part.nodes[j])
        bound = max(bound, part.spread * _uncertainty(part, answer))
        residual = max(residual, _residual(part, answer, excess + part.above(*_middle(part))[nearest], coherences))
        tiny = float(np.finfo(np.float64).tiny)  # a width may underflow
        separation = min(separation, max(answer.narrowest * part.unit, tiny))
    i, j, v = np.concatenate(rows), np.concatenate(columns), np.concatenate(values)
    k = np.arange(size)
    entries = (np.concatenate([occupations.astype(np.complex128), v, v.conj()]), (np.r_[k, i, j], np.r_[k, j, i]))
    normal = sparse.coo_array(entries, shape=(size, size)).tocsr()
    largest = float(np.abs(occupations).max())
    bound += 2 * _EPS * largest  # rounding of the delivered doubles, and of means over the baths of a node
    return Solution(
        state=GaussianState(
            _mean(network), normal, normal_tail=tail, completion=Completion(size, parts, answers), trusted=True
        ),
        residual=residual,
        error_bound=bound,
        separation=separation,
        converged=bound <= tolerance * largest,
    )


def _excess(part: Part, answer: Answer) -> tuple[RealArray, IntArray]:
    """Occupations above that of the own bath, or else of the bath that is felt most; and which bath that is."""
    nearest = np.argmax(answer.diagonal, axis=1)
    nearest[part.sites] = np.arange(len(part.sites))
    differences = part.above(part.occupations, part.tails).T
    return np.sum(answer.diagonal * differences[nearest], axis=1), nearest


def _coherences(part: Part, answer: Answer) -> ComplexArray:
    """C on the pairs; on the links of a chain with the currents that the fluxes into the baths leave."""
    found = answer.others @ part.above(*_middle(part))
    if part.is_chain and part.size > 1:
        links = slice(0, part.size - 1)
        flux = np.zeros(part.size)
        flux[part.sites] = part.rates * _excess(part, answer)[0][part.sites]
        size = np.abs(flux)
        before, behind = np.cumsum(flux)[:-1], np.cumsum(flux[::-1])[::-1][1:]
        near, far = np.cumsum(size)[:-1], np.cumsum(size[::-1])[::-1][1:]
        onward = np.where(near <= far, -before, behind)
        # The current 2 e Im C_k,k+1 flows on; its sum over the baths cancels less than the coherences do.
        better = np.minimum(near, far) < np.abs(part.off) * max(part.spread, 1e-300)
        found[links] = found[links].real + 1j * np.where(better, onward / (2 * part.off), found[links].imag)
    return np.asarray(found)


def _middle(part: Part) -> tuple[float, float]:
    """The reference of the coherences: what the strongest bath holds, and its tail."""
    strongest = int(np.argmax(part.rates))
    return float(part.occupations[strongest]), float(part.tails[strongest])


def _uncertainty(part: Part, answer: Answer) -> float:
    """Estimated error of the responses: their own, and what rounding of H does to levels that nearly coincide."""
    rounding = _SAFETY * _EPS * part.norm
    if part.is_chain:
        return answer.uncertainty + chain_mixing(answer.levels, answer.eigenvalues, part.rates, rounding)
    pairs = answer.pairs.rows, answer.pairs.columns
    return answer.uncertainty + mixing(answer.levels, part.vectors, answer.eigenvalues, part.rates, pairs, rounding)


def _residual(part: Part, answer: Answer, excess: RealArray, coherences: ComplexArray) -> float:
    """Residual of the moment equation on the diagonal and the links, over the size of its terms (Frobenius norms)."""
    if not part.spread:
        return 0.0
    i, j, k = answer.pairs.rows, answer.pairs.columns, np.arange(part.size)
    unit = power_of_two_above(part.spread)  # squares of tiny occupations would underflow
    entries = np.concatenate([excess.astype(np.complex128), coherences, coherences.conj()]) / unit
    moments = sparse.csr_array((entries, (np.r_[k, i, j], np.r_[k, j, i])), shape=(part.size, part.size))
    drift = -1j * part.hamiltonian - sparse.diags_array(part.losses / 2)
    source = np.zeros(part.size)
    source[part.sites] = part.rates * (part.above(*_middle(part)) / unit)
    moved = drift @ moments
    left = moved + moved.conj().T + sparse.diags_array(source)
    places: Any = abs(part.hamiltonian) + sparse.eye_array(part.size)
    terms = 2 * np.linalg.norm(drift.data) * np.linalg.norm(entries) + np.linalg.norm(source)
    rounded = _EPS / 2  # that of the numbers that are handed over
    return float(np.linalg.norm((left * (places != 0)).data) / terms) + rounded


def _mean(network: Network) -> ComplexArray:
    if not network.drive.any():
        return np.zeros(network.n_modes, dtype=np.complex128)
    return np.asarray(splu(sparse.csc_array(network.drift)).solve(1j * network.drive))
