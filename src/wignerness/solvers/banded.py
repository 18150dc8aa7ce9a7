"""Steady states of long chains, ladders and strips in which every node is damped: banded moments, O(L) time and memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import linalg, sparse

from .. import _checks
from .._typing import ComplexArray, RealArray
from ..errors import ConvergenceError, NoUniqueSteadyStateError
from ..linalg.banded import Balance, Balanced
from ..linalg.compensated import Pair, two_sum
from ..network import Network
from ..state import GaussianState
from .base import Solution
from .responses import by_resolvents
from .slabs import Answer, Chain, damping_rates

_EPS = float(np.finfo(np.float64).eps)
_WIDEST = 24  # half-bandwidth of the Hamiltonian up to which blocks pay
_PIECE = 4096
_ROUNDED = 8.0  # rounding units of a rate between neighbors
_AIMS = (1.0, 0.03, 0.001)  # of the tolerance: what single steps aim at, one after the other


@dataclass(frozen=True)
class Banded:
    """Banded solution for networks whose every node is damped and whose nodes couple to near ones only.

    Coherences and responses die off exponentially with the distance. The responses T_kj of Eq. (D3) are computed on a
    band, from resolvents; the balance of the occupations is solved in differences; the coherences follow window by
    window. The widths of the bands are those that the tolerance asks for. Cost: O(L) time and memory.

    Parameters
    ----------
    tolerance : float
        Error aimed at, relative to the spread of the occupations of the baths.

    Examples
    --------
    >>> import wignerness as wn
    >>> chain = wn.models.chain(60, hopping=1.0, rate=1.0, occupations=(1, 2), probe_rate=1.0, disorder=1.0, rng=0)
    >>> ness = wn.steady_state(chain, solver=wn.solvers.Banded())
    >>> bool(ness.error_bound < 1e-10)
    True
    """

    tolerance: float = 1e-10

    def __post_init__(self) -> None:
        object.__setattr__(self, "tolerance", _checks.real("tolerance", self.tolerance, above=0.0))

    def refusal(self, network: Network) -> str | None:
        """Why this solver cannot take the network; None if it can."""
        if not network.is_passive or network.jump_baths:
            return "Banded takes thermal baths, probes and dephasing on passive networks; use Dense."
        if network.dephasings and network.drive.any():
            return "Banded does not take dephasing together with a drive; use Dense."
        undamped = np.flatnonzero(~(damping_rates(network) > 0))
        if len(undamped):
            return f"Node {network.labels[undamped[0]]!r} has no bath of its own, so coherences need not die off."
        width = _half_width(sparse.csr_array(network.hamiltonian))
        if width > _WIDEST:
            return (
                f"Nodes {width} places apart are coupled; Banded takes up to {_WIDEST}. Number the nodes along the "
                "long direction (scipy.sparse.csgraph.reverse_cuthill_mckee finds an order), or use Dense."
            )
        return None

    def solve(self, network: Network) -> Solution:
        """See :class:`wignerness.solvers.Solver`.

        Raises
        ------
        ConvergenceError
            If the network is refused, or its coherences reach too far for this method.
        """
        reason = self.refusal(network)
        if reason is not None:
            raise ConvergenceError(reason)
        chain = Chain(network)
        _check_fed(network, chain)
        answer = _one_link(chain, self.tolerance)
        for aim in self.tolerance * np.array(_AIMS):
            # Not relative to the largest occupation: near equilibrium that would leave nothing of the currents.
            if answer is None or answer.error > self.tolerance * chain.spread:
                answer = by_resolvents(chain, float(aim))
        assert answer is not None  # noqa: S101 - for the type checker
        return _deliver(network, chain, answer, self.tolerance)


# -- coherences between neighbors only ---------------------------------------------------------------------


def _one_link(chain: Chain, tolerance: float) -> Answer | None:
    """The solution with coherences between neighbors only, where it is the solution: uniform chains, for one."""
    if chain.width > 1:
        return None
    size = chain.size
    link = np.zeros(max(size - 1, 0), dtype=np.complex128)
    above = chain.column == chain.row + 1
    link[chain.row[above]] = chain.value[above]
    detuned = (chain.rates[:-1] + chain.rates[1:]) / 2 + 1j * (chain.frequencies[:-1] - chain.frequencies[1:])
    upper = np.zeros((min(2, size), size))
    if size > 1:
        upper[1, 1:] = 2 * np.abs(link) ** 2 * (1 / detuned).real
    found, separation = _settle(upper, chain.fixed, chain.level)
    coherence = -1j * link / detuned * (np.diff(found.hi) + np.diff(found.lo))
    # What drives the coherences two links apart, against what drives those of one link.
    left = np.abs(link[:-1] * coherence[1:] - coherence[:-1] * link[1:])
    terms = np.abs(link[:-1] * coherence[1:]) + np.abs(coherence[:-1] * link[1:])
    stray = float((left / np.where(terms > 0, terms, 1.0)).max(initial=0.0))
    strength = float(np.abs(link).max(initial=0.0) / chain.rates.min())
    error = stray * (1 + strength) ** 2 * chain.spread
    if error > max(tolerance / 10, 64 * _EPS * (1 + strength) ** 2) * chain.spread:
        return None
    band = np.zeros((3 if size > 1 else 1, size), dtype=np.complex128)
    if size > 1:
        band[2, 1:], band[0, :-1] = coherence, coherence.conj()
    error += found.correction + _ROUNDED * _EPS * chain.spread
    return Answer(found.hi, found.lo, band, error, separation, found.converged)


def _settle(upper: RealArray, pull: RealArray, level: Pair) -> tuple[Balanced, float]:
    """The occupations, and one over the largest that a source of one on every node feeds."""
    try:
        balance = Balance(upper, None, pull)
        return balance.solve(*level), 1.0 / float(balance.correct(np.ones_like(pull)).max())
    except np.linalg.LinAlgError:
        raise ConvergenceError(
            "The balance of the occupations is singular to working precision: excitations take too many steps to "
            "reach a real bath."
        ) from None


# -- the result ----------------------------------------------------------------------------------------------


def _deliver(network: Network, chain: Chain, answer: Answer, tolerance: float) -> Solution:
    total = two_sum(np.full(chain.size, chain.reference), answer.hi)
    high = two_sum(total.hi, total.lo + answer.lo)
    reach = len(answer.band) // 2
    residual = _residual(chain, answer)
    _take_inflows(chain, answer, high)
    answer.band[reach] = high.hi
    normal = sparse.dia_array((answer.band, np.arange(-reach, reach + 1)), shape=(chain.size, chain.size))
    largest = float(np.abs(high.hi).max(initial=0.0))
    bound = answer.error + 2 * _EPS * largest  # the last is rounding of the delivered doubles
    return Solution(
        state=GaussianState(_mean(network, chain), normal, normal_tail=high.lo, trusted=True),
        residual=residual,
        error_bound=bound,
        separation=answer.separation * chain.unit,
        converged=answer.converged and bound <= max(tolerance, 4 * _EPS) * largest,
    )


def _take_inflows(chain: Chain, answer: Answer, found: Pair) -> None:
    """Departures C_kk - n from a node's only bath by what flows in, where that is the better determined; see `Dense`."""
    reach, rates = len(answer.band) // 2, chain.fixed[chain.sole]
    moments = answer.band[reach + chain.row - chain.column, chain.row]  # C_lk for H_kl
    flow = 2 * (chain.value * moments).imag
    doubt = 2 * np.abs(chain.value) * (_EPS * np.abs(moments) + answer.error)
    inflow, doubt = (np.bincount(chain.row, weights=w, minlength=chain.size)[chain.sole] for w in (flow, doubt))
    better = doubt < rates * answer.error
    nodes = chain.sole[better]
    found.hi[nodes], found.lo[nodes] = two_sum(chain.levels[better], inflow[better] / rates[better])


def _residual(chain: Chain, answer: Answer) -> float:
    """Residual of the moment equation on the band and at its edge, over the size of its terms (Frobenius norms)."""
    size, w, reach = chain.size, chain.width, len(answer.band) // 2
    links = {}
    for d in range(-w, w + 1):
        links[d] = np.zeros(size + 2 * w, dtype=np.complex128)  # H_k,k+d at k + w
        on = chain.column - chain.row == d
        links[d][chain.row[on] + w] = chain.value[on]
    links[0][w : w + size] = chain.frequencies
    answer.band[reach] = answer.hi
    given = chain.fed + chain.loose * answer.hi
    left = terms = 0.0
    for low in range(0, size, _PIECE):
        high = min(low + _PIECE, size)
        piece = np.zeros((2 * (reach + 2 * w) + 1, high - low + 2 * w), dtype=np.complex128)
        first, last = max(0, low - w), min(size, high + w)
        piece[2 * w : 2 * w + 2 * reach + 1, first - low + w : last - low + w] = answer.band[:, first:last]
        terms += float(np.linalg.norm(piece[:, w : w + high - low]) ** 2)
        for m in range(min(reach + w, size - 1) + 1):
            left += (2 if m else 1) * _left_on(m, links, piece, chain, given, (max(low, m), low, high))
    drift = np.sqrt(sum(float(np.linalg.norm(h) ** 2) for h in links.values()) + float((chain.rates**2).sum()) / 4)
    whole = 2 * drift * np.sqrt(terms) + float(np.linalg.norm(given))
    return float(np.sqrt(left) / whole) if whole else 0.0


def _left_on(
    m: int,
    links: dict[int, ComplexArray],
    piece: ComplexArray,
    chain: Chain,
    given: RealArray,
    columns: tuple[int, int, int],
) -> float:
    """Squared norm of the residual on one diagonal, for the columns start <= l < high of a piece that begins at low."""
    start, low, high = columns
    if start >= high:
        return 0.0
    w, middle = chain.width, len(piece) // 2
    at, span = start - low + w, high - start
    own = piece[middle + m, at : at + span]
    residual = -(chain.rates[start - m : high - m] + chain.rates[start:high]) / 2 * own
    for d, h in links.items():
        above = h[start - m + w : high - m + w] * piece[middle + m - d, at : at + span]
        beside = h[start + w : high + w].conj() * piece[middle + m + d, at + d : at + d + span]
        residual += 1j * (beside - above)
    if m == 0:
        residual += given[start:high]
    return float(np.linalg.norm(residual) ** 2)


def _mean(network: Network, chain: Chain) -> ComplexArray:
    """Solve A mu = i epsilon; zero without a drive."""
    if not network.drive.any():
        return np.zeros(chain.size, dtype=np.complex128)
    drift, width = network.drift.tocoo() if network.is_sparse else sparse.coo_array(network.drift), chain.width
    band = np.zeros((2 * width + 1, chain.size), dtype=np.complex128)
    row, column = drift.coords
    band[width + row - column, column] = drift.data
    return np.asarray(linalg.solve_banded((width, width), band, 1j * network.drive))


def _half_width(hamiltonian: Any) -> int:
    entries = hamiltonian.tocoo()
    keep = entries.data != 0
    return int(np.abs(entries.coords[0][keep] - entries.coords[1][keep]).max(initial=0))


def _check_fed(network: Network, chain: Chain) -> None:
    """Raise unless every free probe is linked to a real bath; where all nodes are damped, a link is enough."""
    part = chain.part
    count = int(part.max()) + 1
    anchored = np.zeros(count, dtype=bool)
    anchored[part[chain.fixed > 0]] = True
    lost = np.flatnonzero(~anchored[part] & (chain.loose > 0))
    if len(lost):
        raise NoUniqueSteadyStateError(
            f"The occupations of the probes on the node{'s' * (len(lost) > 1)} {_names(network, lost)} are not determined: "
            "no real bath is linked to them. Couple a real bath to them, or fix them with `Probe(..., occupation=...)`.",
            nodes=[int(node) for node in lost],
        )


def _names(network: Network, nodes: Sequence[int] | Any) -> str:
    shown = ", ".join(repr(network.labels[int(node)]) for node in nodes[:8])
    return shown + (f" and {len(nodes) - 8} more" if len(nodes) > 8 else "")
