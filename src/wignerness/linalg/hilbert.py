r"""Principal values :math:`P\!\int f(t)/(x - t)\,dt` of one function at many points, from a fit by pieces.

The function is fitted once, by Legendre polynomials on panels that are halved until the fit is good to nearly all digits;
beyond all its features in 1/t. The principal value of :math:`P_n` on a panel is :math:`2 Q_n`, a Legendre function of the
second kind: no point is ever too close to the singularity.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from .._typing import Array, RealArray

_ORDER = 16
_FIT = 1e-14  # error, relative to the integral
_FIT_LOCAL = 1e-12  # relative to the values on the panel
_SINGULAR = 1e-9  # part of the integral that may be left on the shortest panels
_FIRST = 16  # panels between two breakpoints, to begin with
_SCALES = 32  # powers of four down to which nothing is overlooked
_NEGLIGIBLE = 1e-20  # error of a panel, relative to the integral
_MOST = 2**15  # panels that are halved at once
_SHORTEST = 2.0**-200  # of the whole line
_ROUNDING = 8.0 * float(np.finfo(np.float64).eps)  # of a place
_TAIL = 4.0  # where 1/t takes over, in units of the farthest feature
_TINY = 1e-300  # of a distance to an edge: there, the logarithms of both panels cancel
_NEAR = 2.0  # half lengths from the middle of a panel within which Q_n is used

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(_ORDER)
_TO_SERIES = np.polynomial.legendre.legvander(_NODES, _ORDER - 1).T * _WEIGHTS * (np.arange(_ORDER) + 0.5)[:, None]


@dataclass(frozen=True)
class _Fit:
    """Panels and what the function is on them: values at the nodes, and Legendre coefficients, (P, 16) each."""

    low: RealArray
    high: RealArray
    values: RealArray
    series: RealArray

    def principal_values(self, x: RealArray) -> RealArray:
        total = np.zeros(len(x))
        for low, high, values, series in zip(self.low, self.high, self.values, self.series, strict=True):
            middle, half = (low + high) / 2, (high - low) / 2
            near = np.abs(x - middle) < _NEAR * half
            total[near] += 2.0 * _second_kind(x[near], low, high) @ series
            far = x[~near] - middle
            total[~near] += (half * _WEIGHTS * values / (far[:, None] - half * _NODES)).sum(axis=1)
        return total

    def total(self) -> float:
        return float(np.sum((self.high - self.low)[:, None] / 2 * _WEIGHTS * self.values))


def _second_kind(x: RealArray, low: float, high: float) -> RealArray:
    """Q_n((x - middle)/half) for n below 16, shape (m, 16)."""
    above, below = np.maximum(np.abs(x - low), _TINY), np.maximum(np.abs(x - high), _TINY)
    found = np.empty((len(x), _ORDER))
    place = (2.0 * x - low - high) / (high - low)
    found[:, 0] = 0.5 * (np.log(above) - np.log(below))
    found[:, 1] = place * found[:, 0] - 1.0
    for n in range(1, _ORDER - 1):
        found[:, n + 1] = ((2 * n + 1) * place * found[:, n] - n * found[:, n - 1]) / (n + 1)
    return found


class PrincipalValue:
    r"""The principal value integral of a function over an interval.

    Parameters
    ----------
    function : callable
        Takes an array.
    low, high : float
        Ends of the interval, which may be infinite if the function falls off at least as 1/t.
    breakpoints : sequence of float
        Edges and kinks of the function; a scale at least, where an end is infinite.

    Raises
    ------
    ValueError
        If the function cannot be fitted: singular, or not falling off toward infinity.

    Examples
    --------
    >>> import numpy as np
    >>> drude = PrincipalValue(lambda t: t / (1 + t**2), 0.0, np.inf, [1.0])
    >>> x = np.array([0.1, 5.0])
    >>> bool(abs(drude(x) - (x * np.log(x) - np.pi / 2) / (1 + x**2)).max() < 1e-13)
    True
    """

    def __init__(
        self, function: Callable[[RealArray], Array], low: float, high: float, breakpoints: Sequence[float]
    ) -> None:
        finite = [abs(p) for p in (low, high, *breakpoints) if math.isfinite(p)]
        reach = _TAIL * max([*finite, 0.0]) or 1.0
        ends = max(low, -reach), min(high, reach)
        cuts = sorted({*ends, *(p for p in breakpoints if ends[0] < p < ends[1])})
        self._core = _fit(function, cuts)
        self._tails = []
        for sign, end in ((1.0, high), (-1.0, low)):
            if math.isinf(end):

                def inverted(u: RealArray, sign: float = sign) -> RealArray:
                    return np.asarray(function(sign / u) / u)

                self._tails.append((sign, _fit(inverted, [0.0, 1.0 / reach])))

    def __call__(self, x: RealArray) -> RealArray:
        """The principal values at the points, of the same shape."""
        flat = np.ravel(x)
        total = self._core.principal_values(flat)
        for sign, fit in self._tails:
            # t = sign/u: integral of h(u) / (x sign u - 1) du, times the sign
            turned = sign * flat
            here = turned != 0.0
            found = np.full(len(flat), -fit.total())
            found[here] = -fit.principal_values(1.0 / turned[here]) / turned[here]
            total += sign * found
        return total.reshape(np.shape(x))


def _fit(function: Callable[[RealArray], Array], cuts: Sequence[float]) -> _Fit:
    edges = np.concatenate([np.linspace(a, b, _FIRST + 1) for a, b in pairwise(cuts)])
    # Whatever happens at a far smaller scale than that of the breakpoints is near zero.
    small = max(abs(cuts[0]), abs(cuts[-1])) * 4.0 ** -np.arange(_SCALES)
    inside = np.concatenate([-small, small])
    edges = np.unique(np.concatenate([edges, inside[(inside > cuts[0]) & (inside < cuts[-1])]]))
    low, high = edges[:-1], edges[1:]
    shortest = _SHORTEST * (cuts[-1] - cuts[0])
    kept: list[tuple[RealArray, RealArray, RealArray, RealArray]] = []
    area = left = 0.0
    while len(low):
        length = high - low
        values = np.asarray(function((low + high)[:, None] / 2 + length[:, None] / 2 * _NODES), dtype=np.float64)
        if not np.isfinite(values).all():
            raise ValueError("The function is not finite.")
        series = values @ _TO_SERIES.T
        missed, size = np.abs(series[:, -3:]).max(axis=1), np.abs(values).max(axis=1)
        pending = float((size * length).sum())
        blurred = _ROUNDING * np.maximum(np.abs(low), np.abs(high)) / length  # what rounding of the nodes may do
        good = (missed * length <= _FIT * (area + pending)) & (missed <= (_FIT_LOCAL + blurred) * size)
        good |= missed * length <= _NEGLIGIBLE * area  # an exponential tail has structure at every scale, and no weight
        short = (length <= shortest) | (blurred >= 1.0)
        left += float((missed * length)[short & ~good].sum())
        good |= short
        area += float((size * length)[good].sum())
        kept.append((low[good], high[good], values[good], series[good]))
        low, high = low[~good], high[~good]
        if len(low) > _MOST:
            raise ValueError("The function cannot be resolved: it has structure everywhere.")
        middle = (low + high) / 2
        low, high = np.concatenate([low, middle]), np.concatenate([middle, high])
    if left > _SINGULAR * area:
        raise ValueError("The function is singular, or does not fall off.")
    low, high, values, series = (np.concatenate(part) for part in zip(*kept, strict=True))
    return _Fit(low, high, values, series)
