"""Occupations and coherences on bands, from resolvents: for networks whose every node is damped."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .._memory import refuse_beyond
from .._progress import track
from .._typing import ComplexArray, RealArray
from ..errors import ConvergenceError
from ..linalg.banded import Balance, Balanced
from ..linalg.resolvent import Resolvent, rational_rule
from .slabs import Answer, Chain

_EPS = float(np.finfo(np.float64).eps)
_SAMPLES = 24  # windows in which the decay is looked at before the work begins
_WINDOW = 192  # nodes treated at once, at least
_COPIES = 12  # arrays of blocks of a window in use at once, at most
_EDGE = 2  # blocks computed beyond the band of C, to see what is left off
_MOST_NODES, _FEW_NODES, _NODES_A_SITE = 20_000, 1000, 5
_SAFETY = 4.0
_COHERENCE_KEPT = 1e-7  # smaller ones, relative to the largest, change no production


def by_resolvents(chain: Chain, tolerance: float) -> Answer:
    """The steady state with bands as wide as an error of ``tolerance``, relative to the spread of those of the baths, asks for.

    Raises
    ------
    ConvergenceError
        If the damping is too weak, or the balance of the occupations singular to working precision.
    MemoryLimitError
        If the bands would not fit; nothing was allocated.
    """
    low, high = chain.bounds()
    p, diagonal, upper, rates = chain.blocks()
    fineness = min(1e-13, max(1e-15, tolerance * 1e-3))
    try:
        narrow, wide = float(rates.min()) / 2, float(rates.max()) / 2
        nodes, weights = rational_rule(low, high, narrow, wide, fineness, most=_most_nodes(chain))
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
    found, error, separation = _occupations(chain, kernel, missing)
    del kernel
    _check_blocks(9 * reach + _WINDOW // p, p, len(nodes))
    source = _Source(chain, found.hi, found.lo)
    wide = _reach_of_moments(chain, resolvent, reach, source, tolerance)
    band, mismatch, dropped = _moments(chain, resolvent, reach, wide, source)
    rounding = (64 + np.sqrt(chain.size)) * _EPS
    error += mismatch + 2 * dropped + (8 * off_rule + rounding) * chain.spread
    return Answer(found.hi, found.lo, band, error + found.correction, separation, found.converged)


def _most_nodes(chain: Chain) -> int:
    """More nodes than this are not worth their while: beside a small network, finding them would take all the time."""
    return min(_MOST_NODES, max(_FEW_NODES, _NODES_A_SITE * chain.size))


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


def _kernel(chain: Chain, resolvent: Resolvent, mirrored: Resolvent | None, reach: int) -> tuple[_Band, RealArray]:
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


def _occupations(chain: Chain, kernel: _Band, missing: RealArray) -> tuple[Balanced, float, float]:
    """Closing the feedback, Eq. (D3): sum_j T_kj [fixed_j (level_j - n_k) + loose_j (n_j - n_k)] = 0.

    The second result estimates what the responses beyond the band would change; the third is one over the largest
    occupation that a source of one on every node feeds.
    """
    upper, lower = kernel
    pull, fed, everywhere = (kernel.applied_to(source) for source in (chain.fixed, chain.fed, np.ones(chain.size)))
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
    separation = 1.0 / float(balance.correct(everywhere * scale).max())
    return found, _SAFETY * (ratio * float(np.abs(shift).max(initial=0.0)) + from_baths), separation


class _Source:
    """F less R times a local reference occupation, which adds nothing to the coherences."""

    def __init__(self, chain: Chain, hi: RealArray, lo: RealArray) -> None:
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


def _reach_of_moments(chain: Chain, resolvent: Resolvent, reach: int, source: _Source, tolerance: float) -> int:
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
    cut = min(tolerance / 10 * chain.spread, _COHERENCE_KEPT * largest)
    for row in sizes:
        beyond = np.flatnonzero(np.array(row) > cut)
        kept = max(kept, int(beyond[-1]) + 1 if len(beyond) else 1)
    return min(kept, resolvent.count - 1)


def _moments(
    chain: Chain, resolvent: Resolvent, reach: int, wide: int, source: _Source
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


def _check_memory(chain: Chain, reach: int) -> None:
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
