"""The uniform chain between two baths, with a self-consistent probe on every node: Eqs. (27)-(33), (E1)-(E2)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from .._checks import fail, integer, read_only, real, real_array
from .._memory import refuse_beyond
from .._progress import track
from .._typing import IntArray, RealArray
from ..errors import InvalidNetworkError, NoUniqueSteadyStateError
from ._arguments import Pair, pair

__all__ = ["ChainScaling", "ChainSolution", "chain", "chain_scaling"]


@dataclass(frozen=True, eq=False)
class ChainSolution:
    """Steady state of the uniform chain in closed form; see `chain`.

    Attributes
    ----------
    length : int
        Number of nodes L.
    occupations : (L,) array
        <a_k^+ a_k>, Eq. (29a); they are also the occupations of the probes.
    coherence : float
        <a_k^+ a_k+1>, Eq. (29b), the same on every link.
    current : float
        Excitations per time into node k from node k+1, Eq. (30), the same on every link.
    entropy_production : float
        Total production, Eq. (31).
    entropy_production_ends : (2,) array
        Production of the first and the last node's real bath, the two terms of Eq. (E1).
    entropy_production_each_probe : (L,) array
        Production of each probe, the terms of Eq. (E2).
    entropy_flux_ends : (2,) array
        Flux into the two real baths, Eq. (20); those into the probes vanish.
    """

    length: int
    occupations: RealArray
    coherence: float
    current: float
    entropy_production: float
    entropy_production_ends: RealArray
    entropy_production_each_probe: RealArray
    entropy_flux_ends: RealArray

    @property
    def entropy_production_real(self) -> float:
        """Production of the real baths, Eq. (32) = (E1)."""
        return float(self.entropy_production_ends.sum())

    @property
    def entropy_production_probes(self) -> float:
        """Production of the probes, Eq. (33a) = (E2)."""
        return float(self.entropy_production_each_probe.sum())

    def __str__(self) -> str:
        first, last = self.occupations[0], self.occupations[-1]
        return "\n".join(
            [
                f"uniform chain of {self.length} nodes, closed form",
                f"  occupations         {first:.6g} ... {last:.6g}",
                f"  current             {self.current:.6g}",
                f"  entropy production  {self.entropy_production:.6g}",
                f"    real baths        {self.entropy_production_real:.6g}",
                f"    probes            {self.entropy_production_probes:.6g}",
            ]
        )


def chain(length: int, *, hopping: float, rate: float, occupations: Pair, probe_rate: float = 0.0) -> ChainSolution:
    r"""Uniform chain with a real bath at either end and a probe on every node, Eqs. (27)-(33).

    Parameters
    ----------
    length : int
        Number of nodes L >= 2. With one node both baths share it and Eqs. (29)-(31) do not hold:
        see `single_mode`.
    hopping : float
        Real amplitude :math:`\lambda` of the hopping :math:`i\lambda`; not zero where L > 2.
    rate : float
        Rate :math:`\gamma > 0` of the two real baths.
    occupations : pair of float
        Occupations n_1 and n_L of the real baths, non-negative.
    probe_rate : float, optional
        Rate :math:`\Gamma \ge 0` of the probes; zero leaves them out.

    Returns
    -------
    ChainSolution
        Rates in the unit of `rate`.

    Raises
    ------
    InvalidNetworkError
        An argument is out of its range or not finite.
    NoUniqueSteadyStateError
        The rate is zero, or the hopping is zero and there are inner nodes: what is left alone keeps its
        initial state.

    Notes
    -----
    The local part of the Hamiltonian drops out. Cost: O(L) time and memory, about 0.3 s for a million nodes.

    The inverse of the tridiagonal covariance is found by elimination from both ends, with the pivots kept as
    their limits for an infinitely hot bath plus a positive excess: no subtraction is left. Against 200-digit
    arithmetic (rates over 18 decades, occupations over 18, gaps down to 1e-12) every result is good to
    1.3e-15 relative, except the productions of single probes where :math:`2\lambda \approx \gamma`,
    :math:`\Gamma \ll \gamma` and :math:`n_L/(n_1 + 1/2) > 10^6`: 3e-14.

    References
    ----------
    Eqs. (29)-(33) and (E1)-(E2) of the source paper.

    Examples
    --------
    >>> from wignerness import exact
    >>> solution = exact.chain(100, hopping=3e-7, rate=1e-6, occupations=(1, 2), probe_rate=1e-7)
    >>> print(f"{solution.entropy_production_real:.10e} {solution.entropy_production_probes:.10e}")
    5.6728589014e-10 3.6955915521e-09
    """
    size = _chain_length("length", length)
    lam = real("hopping", hopping)
    gamma, big_gamma = real("rate", rate, minimum=0.0), real("probe_rate", probe_rate, minimum=0.0)
    n = pair("occupations", occupations)
    _chain_is_determined(size, lam, gamma)
    cold, hot = sorted(map(float, n))
    solved = _cold_to_hot(size, abs(lam), gamma, cold, hot, big_gamma)
    step = 1 if n[0] <= n[1] else -1
    current = step * solved.current
    return ChainSolution(
        size,
        read_only(solved.occupations[::step]),
        float(step * np.copysign(solved.coherence, lam)),
        current,
        solved.production,
        read_only(solved.ends[::step]),
        read_only(solved.probes[::step]),
        read_only(current * np.array([1.0, -1.0]) / (n + 0.5)),
    )


@dataclass(frozen=True, eq=False)
class ChainScaling:
    """Current and productions of many uniform chains; see `chain_scaling`.

    Attributes
    ----------
    lengths : array of int
        Number of nodes of each chain, broadcast like the rest.
    current, entropy_production, entropy_production_real, entropy_production_probes : array
        As in `ChainSolution`, one element a chain.
    """

    lengths: IntArray
    current: RealArray
    entropy_production: RealArray
    entropy_production_real: RealArray
    entropy_production_probes: RealArray


def chain_scaling(
    lengths: ArrayLike,
    *,
    hopping: ArrayLike,
    rate: ArrayLike,
    occupations: tuple[ArrayLike, ArrayLike],
    probe_rate: ArrayLike = 0.0,
) -> ChainScaling:
    """Current and productions of `chain` for arrays of lengths, rates and occupations.

    Parameters
    ----------
    lengths : array_like of int
        Numbers of nodes, each at least 2.
    hopping, rate, probe_rate : array_like
        As in `chain`. All arguments are broadcast against each other.
    occupations : pair of array_like
        Occupations of the first and the last node's bath.

    Returns
    -------
    ChainScaling
        Arrays of the common shape.

    Raises
    ------
    InvalidNetworkError, NoUniqueSteadyStateError
        As in `chain`, or the shapes do not broadcast.

    Notes
    -----
    Cost: O(sum of the lengths). Progress is reported chain by chain.

    Examples
    --------
    >>> from wignerness import exact
    >>> curve = exact.chain_scaling([10, 100, 1000], hopping=3e-7, rate=1e-6, occupations=(1, 2), probe_rate=1e-7)
    >>> curve.entropy_production_probes > curve.entropy_production_real
    array([False,  True,  True])
    """
    sizes = _lengths(lengths)
    try:
        first, last = occupations
    except (TypeError, ValueError):
        fail("occupations", "be a pair, of the first and the last node's bath", repr(occupations))
    arrays = (
        sizes,
        real_array("hopping", hopping),
        real_array("rate", rate, minimum=0.0),
        real_array("occupations[0]", first, minimum=0.0),
        real_array("occupations[1]", last, minimum=0.0),
        real_array("probe_rate", probe_rate, minimum=0.0),
    )
    try:
        grid = np.broadcast_arrays(*arrays)
    except ValueError:
        shapes = ", ".join(str(a.shape) for a in arrays)
        raise InvalidNetworkError(f"The arguments of chain_scaling do not broadcast; their shapes: {shapes}.") from None
    points = list(zip(*(a.ravel().tolist() for a in grid), strict=True))
    rows = np.array([_scaling_row(*point) for point in track(points, "uniform chains")]).reshape(-1, 4)
    columns = [read_only(np.ascontiguousarray(column).reshape(grid[0].shape)) for column in rows.T]
    return ChainScaling(read_only(np.array(grid[0], dtype=np.intp)), *columns)


def _scaling_row(
    length: int, hopping: float, rate: float, first: float, last: float, probe_rate: float
) -> tuple[float, float, float, float]:
    _chain_is_determined(length, hopping, rate)
    cold, hot = sorted((first, last))
    solved = _cold_to_hot(length, abs(hopping), rate, cold, hot, probe_rate)
    current = solved.current if first <= last else -solved.current
    return current, solved.production, float(solved.ends.sum()), float(solved.probes.sum())


class _ColdToHot(NamedTuple):
    """A chain whose first bath is the colder one; all entries non-negative."""

    occupations: RealArray
    coherence: float
    current: float
    production: float
    ends: RealArray
    probes: RealArray


def _cold_to_hot(length: int, hopping: float, rate: float, cold: float, hot: float, probe_rate: float) -> _ColdToHot:
    r"""Solve a chain with `hopping` >= 0 whose first bath is the colder one, without subtractions.

    V = C + 1/2 is tridiagonal with the square x^2 = p q on the links and, for an inner node, p + q + E_k on
    the diagonal, with E_k = n_1 + 1/2 + (k - 1) slope. The pivots from the cold end are p + e_k, those from
    the hot end q + g_k; e and g obey recursions in which every term is positive.
    """
    unit = max(hopping, rate, probe_rate)  # all results are homogeneous in the rates: squares must not overflow
    lam, gamma, big_gamma = hopping / unit, rate / unit, probe_rate / unit
    denominator = 4 * lam**2 + gamma**2 + gamma * big_gamma * (length - 1)
    drop = (hot - cold) / denominator
    p, q = 2 * lam * (lam * drop), gamma * (gamma * drop) / 2
    ramp = big_gamma * (gamma * drop) * np.arange(length, dtype=np.float64)
    excess = cold + 0.5 + ramp  # E_k

    from_cold = _sweep(excess, cold + 0.5, p, q)  # e_k
    from_hot = _sweep(excess[::-1], float(p + q + excess[-1]), q, p)[::-1]  # g_k
    after, before = np.zeros(length), np.zeros(length)
    before[1:] = q / (p + from_cold[:-1])
    after[:-1] = p / (q + from_hot[1:])
    eliminated = p * before + q * after  # s_k = V_kk - 1/B_kk
    inverse = excess.copy()  # 1/B_kk
    inverse[1:] += before[1:] * from_cold[:-1]
    inverse[:-1] += after[:-1] * from_hot[1:]
    inverse[-1] += p + q

    ends = eliminated[[0, -1]]
    distance = np.array([after[0] * from_hot[1], p + ends[1]])  # |N - n - s| of the two ends
    occupations = cold + p + q + ramp
    occupations[0], occupations[-1] = cold + p, occupations[-1] + q
    return _ColdToHot(
        occupations,
        coherence=gamma * (lam * drop),
        current=rate * p,
        production=rate * p / (cold + 0.5) * ((hot - cold) / (hot + 0.5)),
        ends=rate * (ends + distance * (distance / inverse[[0, -1]])) / np.array([cold + 0.5, hot + 0.5]),
        probes=probe_rate * (eliminated / inverse),
    )


def _sweep(excess: RealArray, start: float, base: float, other: float) -> RealArray:
    """Return u with u_1 = start and u_k = excess_k + other u_k-1 / (base + u_k-1)."""
    values = excess.tolist()
    values[0] = start
    return np.fromiter(accumulate(values, lambda u, e: e + other * (u / (base + u))), float, len(values))


def _chain_length(name: str, value: Any) -> int:
    length = integer(name, value)
    refuse_beyond(128 * max(length, 0), f"A chain of {length:.3g} nodes", "Use a shorter chain.")
    if length < 2:
        fail(name, "be at least 2 (on a single node both baths act, and the closed form does not hold)", length)
    return length


def _lengths(value: ArrayLike) -> IntArray:
    array = np.asarray(value)
    if array.dtype.kind not in "iu":
        fail("lengths", "hold integers", f"of type {array.dtype}")
    for index in np.argwhere(array < 2):
        _chain_length("lengths" + "".join(f"[{i}]" for i in index), array[tuple(index)])
    return array.astype(np.intp)


def _chain_is_determined(length: int, hopping: float, rate: float) -> None:
    if rate == 0:
        raise NoUniqueSteadyStateError(
            "The chain has no unique steady state: `rate` is zero, so nothing fixes the excitations in it.",
            nodes=range(length),
        )
    if hopping == 0 and length > 2:
        raise NoUniqueSteadyStateError(
            "The chain has no unique steady state: `hopping` is zero, so no real bath reaches the inner nodes.",
            nodes=range(1, length - 1),
        )
