"""Steady states of long chains, ladders and strips in which every node is damped: banded moments, O(L) time and memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy import linalg, sparse
from scipy.sparse.csgraph import connected_components

from .. import _checks
from .._memory import refuse_beyond
from .._progress import track
from .._typing import ComplexArray, RealArray
from ..bath import Dephasing, Probe
from ..errors import ConvergenceError, NoUniqueSteadyStateError
from ..linalg.banded import Balance, Balanced
from ..linalg.compensated import two_sum
from ..linalg.resolvent import Resolvent, rational_rule
from ..network import Network
from ..state import GaussianState
from .base import Solution
from .equation import power_of_two_above

_EPS = float(np.finfo(np.float64).eps)
_WIDEST = 24  # half-bandwidth of the Hamiltonian up to which blocks pay
_SAMPLES = 24  # windows in which the decay is looked at before the work begins
_WINDOW = 192  # nodes treated at once, at least
_PIECE = 4096
_AIMS = (1.0, 0.03, 0.001)  # of the tolerance: what single steps aim at, one after the other
_COPIES = 12  # arrays of blocks of a window in use at once, at most
_EDGE = 2  # blocks computed beyond the band of C, to see what is left off
_SAFETY = 4.0
_COHERENCE_KEPT = 1e-7  # smaller ones, relative to the largest, change no production


@dataclass(frozen=True)
class Banded:
    """Banded solution for networks whose every node is damped and whose nodes couple to near ones only.

    Coherences and responses die off exponentially with the distance. The responses T_kj of Eq. (D3) are computed on a
    band, from resolvents; the balance of the occupations is solved in differences; the coherences follow window by
    window. The widths of the bands are those that the tolerance asks for. Cost: O(L) time and memory.

    Parameters
    ----------
    tolerance : float
        Error aimed at, relative to the largest occupation.

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
        undamped = np.flatnonzero(~(_rates(network) > 0))
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
        chain = _Chain(network)
        _check_fed(network, chain)
        answer = _one_link(chain, self.tolerance)
        for aim in self.tolerance * np.array(_AIMS):
            if answer is None or answer.error > self.tolerance * chain.largest:
                answer = _by_resolvents(chain, float(aim))
        assert answer is not None  # noqa: S101 - for the type checker
        return _deliver(network, chain, answer, self.tolerance)


class _Chain:
    """The network as arrays, in units of ``unit``: slabs of ``p`` nodes coupled to the next slab only.

    Attributes
    ----------
    hamiltonian : csr_array
        Common frequency taken off.
    rates, loose, fixed : (L,) arrays
        Damping; the part of it that is fed back; the rest.
    fed : (L,) array
        Sum of rate times (occupation - reference) of the baths with a given occupation.
    """

    def __init__(self, network: Network) -> None:
        h = sparse.csr_array(network.hamiltonian).tocoo()
        keep = h.data != 0
        row, column, value = h.coords[0][keep], h.coords[1][keep], h.data[keep]
        self.size = network.n_modes
        frequencies = np.zeros(self.size)
        frequencies[row[row == column]] = value[row == column].real
        middle = frequencies.max() / 2 + frequencies.min() / 2
        off = row != column
        rates = _rates(network)
        centered = frequencies - middle
        self.unit = power_of_two_above(
            max(float(np.abs(value[off]).max(initial=0.0)), float(np.abs(centered).max()), float(rates.max()))
        )
        self.row, self.column, self.value = row[off], column[off], value[off] / self.unit
        self.frequencies, self.rates = centered / self.unit, rates / self.unit
        self.width = int(np.abs(self.row - self.column).max(initial=0))
        self._add_baths(network)

    def _add_baths(self, network: Network) -> None:
        free = [
            i for i, b in enumerate(network.baths) if isinstance(b, Dephasing) or (isinstance(b, Probe) and b.is_free)
        ]
        given = [b for b in network.baths if getattr(b, "occupation", None) is not None and b.rate > 0]  # type: ignore[union-attr]
        self.loose, self.fixed, self.fed = np.zeros(self.size), np.zeros(self.size), np.zeros(self.size)
        for index in free:
            self.loose[network.baths[index].mode] += network.baths[index].rate / self.unit  # type: ignore[union-attr]
        levels = np.array([b.occupation for b in given])  # type: ignore[union-attr]
        modes = np.array([b.mode for b in given], dtype=np.intp)  # type: ignore[union-attr]
        strengths = np.array([b.rate for b in given]) / self.unit  # type: ignore[union-attr]
        self.reference = float(levels[0]) if len(levels) else 0.0
        np.add.at(self.fixed, modes, strengths)
        np.add.at(self.fed, modes, strengths * (levels - self.reference))
        self.spread = float(np.ptp(levels)) if len(levels) else 0.0
        self.largest = float(levels.max(initial=0.0))

    def bounds(self) -> tuple[float, float]:
        """An interval that holds all levels of H (Gershgorin)."""
        reach = np.bincount(self.row, weights=np.abs(self.value), minlength=self.size)
        return float((self.frequencies - reach).min()), float((self.frequencies + reach).max())

    def blocks(self, *, conjugate: bool = False) -> tuple[int, ComplexArray, ComplexArray, RealArray]:
        """p, the diagonal and the upper blocks of H, and the rates; nodes added to fill the last slab stand alone."""
        p = max(1, self.width)
        count = -(-self.size // p)
        diagonal = np.zeros((count, p, p), dtype=np.complex128)
        upper = np.zeros((max(count - 1, 0), p, p), dtype=np.complex128)
        value = self.value.conj() if conjugate else self.value
        k, a, l, b = self.row // p, self.row % p, self.column // p, self.column % p
        same, above = k == l, l == k + 1
        diagonal[k[same], a[same], b[same]] = value[same]
        upper[k[above], a[above], b[above]] = value[above]
        nodes = np.arange(self.size)
        diagonal[nodes // p, nodes % p, nodes % p] = self.frequencies
        rates = np.full(count * p, self.rates.max())
        rates[: self.size] = self.rates
        return p, diagonal, upper, rates.reshape(count, p)

    @property
    def is_reversible(self) -> bool:
        """Whether T is symmetric: H is real, or real after a change of phases."""
        return self.width <= 1 or not self.value.imag.any()


class _Answer(NamedTuple):
    """Occupations less the reference (two doubles), the band of C, and what is known of the error."""

    hi: RealArray
    lo: RealArray
    band: ComplexArray  # (2 b + 1, L), the layout of dia_array; its middle row is not used
    error: float
    converged: bool


# -- coherences between neighbors only ---------------------------------------------------------------------


def _one_link(chain: _Chain, tolerance: float) -> _Answer | None:
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
    found = _settle(upper, None, chain.fixed, chain.fed)
    coherence = -1j * link / detuned * (np.diff(found.hi) + np.diff(found.lo))
    # What drives the coherences two links apart, against what drives those of one link.
    left = np.abs(link[:-1] * coherence[1:] - coherence[:-1] * link[1:])
    terms = np.abs(link[:-1] * coherence[1:]) + np.abs(coherence[:-1] * link[1:])
    stray = float((left / np.where(terms > 0, terms, 1.0)).max(initial=0.0))
    strength = float(np.abs(link).max(initial=0.0) / chain.rates.min())
    error = stray * (1 + strength) ** 2 * chain.spread
    if error > max(tolerance / 10, 64 * _EPS * (1 + strength) ** 2) * chain.largest:
        return None
    band = np.zeros((3 if size > 1 else 1, size), dtype=np.complex128)
    if size > 1:
        band[2, 1:], band[0, :-1] = coherence, coherence.conj()
    return _Answer(found.hi, found.lo, band, error + found.correction, found.converged)


def _settle(upper: RealArray, lower: RealArray | None, pull: RealArray, fed: RealArray) -> Balanced:
    value = np.divide(fed, pull, out=np.zeros_like(fed), where=pull > 0)
    try:
        return Balance(upper, lower, pull).solve(value, np.zeros_like(value))
    except np.linalg.LinAlgError:
        raise ConvergenceError(
            "The balance of the occupations is singular to working precision: excitations take too many steps to "
            "reach a real bath."
        ) from None


# -- the general case ----------------------------------------------------------------------------------------


class _Band(NamedTuple):
    """T on a band of nodes: ``upper[m, j]`` is T_j-m,j and ``lower[m, j]`` is T_j+m,j (None if symmetric)."""

    upper: RealArray
    lower: RealArray | None

    def applied_to(self, v: RealArray) -> RealArray:
        total = np.asarray(self.upper[0] * v)
        for m in range(1, len(self.upper)):
            total[:-m] += self.upper[m, m:] * v[m:]
            total[m:] += (self.upper[m, m:] if self.lower is None else self.lower[m, :-m]) * v[:-m]
        return total


def _by_resolvents(chain: _Chain, tolerance: float) -> _Answer:
    low, high = chain.bounds()
    p, diagonal, upper, rates = chain.blocks()
    fineness = min(1e-13, max(1e-15, tolerance * 1e-3))
    try:
        nodes, weights = rational_rule(low, high, float(rates.min()) / 2, float(rates.max()) / 2, fineness)
    except ValueError:
        raise ConvergenceError(
            f"The weakest damping, {rates.min() * chain.unit:.3g}, is too weak against the range of the levels, "
            f"{(high - low) * chain.unit:.3g}, for banded moments; use Dense or ADI."
        ) from None
    stride = max(4, 64 // p)
    _check_blocks(len(rates) // stride * (1 if chain.is_reversible else 2), p, len(nodes))
    resolvent = Resolvent(diagonal, upper, rates, nodes, weights, stride)
    mirrored = None
    if not chain.is_reversible:
        _, diagonal, upper, _ = chain.blocks(conjugate=True)
        mirrored = Resolvent(diagonal, upper, rates, nodes, weights, stride)
    reach = _reach_of_kernel(resolvent, rates, tolerance / 30)
    _check_memory(chain, p * reach)
    kernel, total = _kernel(chain, resolvent, mirrored, reach)
    missing = np.maximum(total - kernel.applied_to(chain.rates), 0.0)
    off_rule = float(np.abs(total - 1).max())
    found, error = _occupations(chain, kernel, missing)
    del kernel
    _check_blocks(9 * reach + _WINDOW // p, p, len(nodes))
    source = _Source(chain, found.hi, found.lo)
    wide = _reach_of_moments(chain, resolvent, reach, source, tolerance)
    band, mismatch, dropped = _moments(chain, resolvent, reach, wide, source)
    rounding = (64 + np.sqrt(chain.size)) * _EPS
    error += mismatch + 2 * dropped + (8 * off_rule + rounding) * chain.spread
    return _Answer(found.hi, found.lo, band, error + found.correction, found.converged)


def _cores(resolvent: Resolvent, core: int) -> list[tuple[int, int]]:
    """The blocks in pieces of about ``core`` blocks, beginning and ending at multiples of the stride."""
    step = resolvent.stride * max(1, -(-core // resolvent.stride))
    return [(k, min(k + step, resolvent.count)) for k in range(0, resolvent.count, step)]


def _around(resolvent: Resolvent, first: int, stop: int, before: int, after: int) -> tuple[int, int]:
    stride = resolvent.stride
    start = max(0, (first - before) // stride * stride)
    end = min(resolvent.count, -(-(stop + after) // stride) * stride)
    return start, end


def _samples(resolvent: Resolvent) -> list[tuple[int, int]]:
    cores = _cores(resolvent, 1)
    chosen = np.unique(np.linspace(0, len(cores) - 1, _SAMPLES).round().astype(int))
    return [cores[i] for i in chosen]


def _reach_of_kernel(resolvent: Resolvent, rates: RealArray, tolerance: float) -> int:
    """Blocks beyond which the responses add up to less than ``tolerance``, from samples."""
    reach = 1
    for first, stop in _samples(resolvent):
        trial = max(2 * reach, 2 * resolvent.stride)
        while True:
            start, _ = _around(resolvent, first, stop, trial, 0)
            _check_blocks(stop - start, resolvent.size, len(resolvent.weights))
            quiet = 0
            for m, k, t in resolvent.window(start, stop).kernel(first, min(trial, stop - 1)):
                tail = float(np.max(t.sum(axis=2) * rates[k:stop].max())) * (m + 1)
                quiet = quiet + 1 if tail <= tolerance else 0
                if quiet >= 3:
                    break
            if quiet >= 3 or trial >= stop:
                reach = max(reach, m)
                break
            trial *= 2
    return min(reach, resolvent.count - 1)


def _kernel(chain: _Chain, resolvent: Resolvent, mirrored: Resolvent | None, reach: int) -> tuple[_Band, RealArray]:
    """T on the band, and the row sums that the rule would give the whole of it."""
    p, count = resolvent.size, resolvent.count
    widest = p * reach + p - 1
    upper = np.zeros((widest + 1, count * p))
    lower = None if mirrored is None else np.zeros_like(upper)
    total = np.empty(count * p)
    for first, stop in track(_cores(resolvent, max(_WINDOW // p, 2 * reach)), "responses"):
        start, _ = _around(resolvent, first, stop, reach, 0)
        window = resolvent.window(start, stop)
        total[first * p : stop * p] = window.total(first).ravel()
        for m, k, t in window.kernel(first, reach):
            for a, b in np.ndindex(p, p):
                offset = m * p + b - a
                if offset >= 0:
                    upper[offset, k * p + b : stop * p : p] = t[:, a, b]
                elif lower is not None:
                    lower[-offset, k * p + b : stop * p : p] = t[:, a, b]
        if mirrored is not None and lower is not None:
            for m, k, t in mirrored.window(start, stop).kernel(first, reach):
                for a, b in np.ndindex(p, p):
                    if m:
                        lower[m * p + b - a, (k - m) * p + a : (stop - m) * p : p] = t[:, a, b]
    size = chain.size
    widest = min(widest, size - 1)
    return _Band(upper[: widest + 1, :size], None if lower is None else lower[: widest + 1, :size]), total[:size]


def _occupations(chain: _Chain, kernel: _Band, missing: RealArray) -> tuple[Balanced, float]:
    """Closing the feedback, Eq. (D3): sum_j T_kj [fixed_j (level_j - n_k) + loose_j (n_j - n_k)] = 0.

    The second result estimates what the responses beyond the band would change.
    """
    upper, lower = kernel
    pull, fed = kernel.applied_to(chain.fixed), kernel.applied_to(chain.fed)
    widest = len(upper) - 1
    last = max(0, widest - max(widest // 4, 1))
    near = _Band(upper[: last + 1], None if lower is None else lower[: last + 1]).applied_to(chain.rates)
    outer = np.maximum(kernel.applied_to(chain.rates) - near, 0.0)
    symmetric = lower is None and bool((chain.loose > 0).all())
    if lower is None and not symmetric:
        lower = np.zeros_like(upper)
        for m in range(1, widest + 1):
            lower[m, :-m] = upper[m, m:]
    scale = chain.loose if symmetric else np.ones(chain.size)
    for m in range(1, widest + 1):
        upper[m, m:] *= chain.loose[m:] * scale[:-m]
        if lower is not None:
            lower[m, :-m] *= chain.loose[:-m]
    value = np.divide(fed, pull, out=np.zeros_like(fed), where=pull > 0)
    tails = np.zeros_like(value)
    try:
        balance = Balance(upper, lower, pull * scale)
    except np.linalg.LinAlgError:
        raise ConvergenceError("The balance of the occupations is singular to working precision.") from None
    found = balance.solve(value, tails)
    # The outer quarter of the band is left off, and what follows scaled to what lies beyond the band.
    shift = balance.correct(balance.flow(found.hi, found.lo, value, tails, beyond=max(last, 0)) if last else fed * 0)
    known = outer > 0
    ratio = float((missing[known] / outer[known]).max(initial=0.0)) if widest < chain.size - 1 else 0.0
    from_baths = float(missing.max(initial=0.0)) * chain.spread
    return found, _SAFETY * (ratio * float(np.abs(shift).max(initial=0.0)) + from_baths)


class _Source:
    """F less R times a local reference occupation, which adds nothing to the coherences."""

    def __init__(self, chain: _Chain, hi: RealArray, lo: RealArray) -> None:
        self.chain, self.hi, self.lo = chain, hi, lo

    def about(self, start: int, stop: int, middle: int, p: int) -> tuple[RealArray, float]:
        """The source of the slabs start <= k < stop, and the reference (less that of the chain)."""
        chain, size = self.chain, self.chain.size
        at = min(middle * p, size - 1)
        low, high = start * p, min(stop * p, size)
        rise = (self.hi[low:high] - self.hi[at]) + (self.lo[low:high] - self.lo[at])
        real = chain.fed[low:high] - chain.fixed[low:high] * (self.hi[at] + self.lo[at])
        source = np.zeros((stop - start) * p)
        source[: high - low] = chain.loose[low:high] * rise + real
        return source.reshape(-1, p), float(self.hi[at] + self.lo[at])


def _reach_of_moments(chain: _Chain, resolvent: Resolvent, reach: int, source: _Source, tolerance: float) -> int:
    """Blocks beyond which coherences are negligible, from samples."""
    kept, largest = 1, 0.0
    sizes: list[list[float]] = []
    for first, stop in _samples(resolvent):
        most = 3 * reach + 2
        start, end = _around(resolvent, first, stop, most + reach, reach)
        f, _ = source.about(start, end, first, resolvent.size)
        sizes.append([])
        for m, _k, x in resolvent.window(start, end).moments(first, stop, most, f):
            size = float(np.abs(x).max()) if m else 0.0
            largest = max(largest, size)
            sizes[-1].append(size)
    cut = min(tolerance / 10 * chain.largest, _COHERENCE_KEPT * largest)
    for row in sizes:
        beyond = np.flatnonzero(np.array(row) > cut)
        kept = max(kept, int(beyond[-1]) + 1 if len(beyond) else 1)
    return min(kept, resolvent.count - 1)


def _moments(
    chain: _Chain, resolvent: Resolvent, reach: int, wide: int, source: _Source
) -> tuple[ComplexArray, float, float]:
    """C on a band; the largest mismatch of its diagonal with the occupations; the largest element just beyond."""
    p, size = resolvent.size, chain.size
    widest = p * wide + p - 1
    total = resolvent.count * p
    band = np.zeros((2 * widest + 1, total), dtype=np.complex128)
    mismatch = edge = 0.0
    for first, stop in track(_cores(resolvent, max(_WINDOW // p, 2 * reach + wide)), "coherences"):
        start, end = _around(resolvent, first, stop, wide + _EDGE + reach, reach)
        f, level = source.about(start, end, (first + stop) // 2, p)
        for m, k, x in resolvent.window(start, end).moments(first, stop, wide + _EDGE, f):
            if m == 0:
                diagonal = np.einsum("kaa->ka", x).real.ravel()[: max(0, size - first * p)]
                here = slice(first * p, first * p + len(diagonal))
                away = np.abs(diagonal - ((source.hi[here] - level) + source.lo[here]))
                mismatch = max(mismatch, float(away.max(initial=0.0)))
            if m > wide:
                edge = float(max(edge, np.abs(x).max()))
                continue
            for a, b in np.ndindex(p, p):
                offset = m * p + b - a
                if m == 0 and offset < 0:
                    continue
                band[widest + offset, k * p + b : stop * p : p] = x[:, a, b]
                band[widest - offset, (k - m) * p + a : (stop - m) * p : p] = x[:, a, b].conj()
    keep = min(widest, size - 1)
    return band[widest - keep : widest + keep + 1, :size], mismatch, edge


# -- the result ----------------------------------------------------------------------------------------------


def _deliver(network: Network, chain: _Chain, answer: _Answer, tolerance: float) -> Solution:
    total = two_sum(np.full(chain.size, chain.reference), answer.hi)
    high = two_sum(total.hi, total.lo + answer.lo)
    reach = len(answer.band) // 2
    residual = _residual(chain, answer)
    answer.band[reach] = high.hi
    normal = sparse.dia_array((answer.band, np.arange(-reach, reach + 1)), shape=(chain.size, chain.size))
    largest = float(np.abs(high.hi).max(initial=0.0))
    bound = answer.error + 2 * _EPS * largest  # the last is rounding of the delivered doubles
    return Solution(
        state=GaussianState(_mean(network, chain), normal, normal_tail=high.lo, trusted=True),
        residual=residual,
        error_bound=bound,
        separation=None,
        converged=answer.converged and bound <= max(tolerance, 4 * _EPS) * largest,
    )


def _residual(chain: _Chain, answer: _Answer) -> float:
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
    chain: _Chain,
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


def _mean(network: Network, chain: _Chain) -> ComplexArray:
    """Solve A mu = i epsilon; zero without a drive."""
    if not network.drive.any():
        return np.zeros(chain.size, dtype=np.complex128)
    drift, width = network.drift.tocoo() if network.is_sparse else sparse.coo_array(network.drift), chain.width
    band = np.zeros((2 * width + 1, chain.size), dtype=np.complex128)
    row, column = drift.coords
    band[width + row - column, column] = drift.data
    return np.asarray(linalg.solve_banded((width, width), band, 1j * network.drive))


def _rates(network: Network) -> RealArray:
    """Damping of every node, dephasing included."""
    rates = network.mode_rates.copy()
    for index in network.dephasings:
        rates[network.baths[index].mode] += network.baths[index].rate  # type: ignore[union-attr]
    return rates


def _half_width(hamiltonian: Any) -> int:
    entries = hamiltonian.tocoo()
    keep = entries.data != 0
    return int(np.abs(entries.coords[0][keep] - entries.coords[1][keep]).max(initial=0))


def _check_fed(network: Network, chain: _Chain) -> None:
    """Raise unless every free probe is linked to a real bath; where all nodes are damped, a link is enough."""
    ones = np.ones(len(chain.row))
    pattern = sparse.coo_array((ones, (chain.row, chain.column)), shape=(chain.size, chain.size))
    count, part = connected_components(pattern, directed=False)
    anchored = np.zeros(count, dtype=bool)
    anchored[part[chain.fixed > 0]] = True
    lost = np.flatnonzero(~anchored[part] & (chain.loose > 0))
    if len(lost):
        raise NoUniqueSteadyStateError(
            f"The occupations of the probes on the nodes {_names(network, lost)} are not determined: no real bath is "
            "linked to them. Couple a real bath to them, or fix them with `Probe(..., occupation=...)`.",
            nodes=[int(node) for node in lost],
        )


def _names(network: Network, nodes: Sequence[int] | Any) -> str:
    shown = ", ".join(repr(network.labels[int(node)]) for node in nodes[:8])
    return shown + (f" and {len(nodes) - 8} more" if len(nodes) > 8 else "")


def _check_memory(chain: _Chain, reach: int) -> None:
    copies = 2 if chain.is_reversible else 6
    refuse_beyond(
        8 * copies * chain.size * reach,
        f"Responses that reach over {reach} of {chain.size} nodes, the banded solution",
        "Loosen the tolerance, or use a shorter chain or a machine with more memory.",
    )


def _check_blocks(count: int, p: int, frequencies: int) -> None:
    refuse_beyond(
        count * _COPIES * 16 * p * p * frequencies,
        f"Resolvents of {count} blocks of {p} nodes at {frequencies} frequencies, as weak a damping as this needs them,",
        "Loosen the tolerance, use Dense, or a machine with more memory.",
    )
