r"""Integrals over the real line with many narrow peaks at known places: adaptive Gauss-Kronrod, in batches of panels.

A panel has an origin of its own, and the integrand is given origins and offsets apart: near a peak of a width far below
its frequency, differences to the peak keep their digits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from .._typing import Array, BoolArray, IntArray, RealArray

# The 21-point rule of QUADPACK: nodes, weights, and weights of the 10-point Gauss rule at every other node.
_HALF = np.array(
    [
        [0.995657163025808080735527280689003, 0.011694638867371874278064396062192, 0.0],
        [0.973906528517171720077964012084452, 0.032558162307964727478818972459390, 0.066671344308688137593568809893332],
        [0.930157491355708226001207180059508, 0.054755896574351996031381300244580, 0.0],
        [0.865063366688984510732096688423493, 0.075039674810919952767043140916190, 0.149451349150580593145776339657697],
        [0.780817726586416897063717578345042, 0.093125454583697605535465085366, 0.0],
        [0.679409568299024406234327365114874, 0.109387158802297641899210590325805, 0.219086362515982043995534934228163],
        [0.562757134668604683339000099272694, 0.123491976262065851077958109831074, 0.0],
        [0.433395394129247190799265943165784, 0.134709217311473325928054001771707, 0.269266719309996355091226921569469],
        [0.294392862701460198131126603103866, 0.142775938577060080797094273138717, 0.0],
        [0.148874338981631210884826001129720, 0.147739104901338491374841515972068, 0.295524224714752870173892994651338],
    ]
)
_MIDDLE = np.array([[0.0, 0.149445554002916905664936468389821, 0.0]])
_RULE = np.vstack([_HALF * [-1, 1, 1], _MIDDLE, _HALF[::-1]]).T
_NODES, _WEIGHTS = _RULE[0], _RULE[1:]

_RATIO = 4.0  # of the distances from a peak between which a panel reaches
_APART = 0.5  # peaks nearer to a narrower one than this part of their width need no panels of their own
_SHARPEN = 200.0  # QUADPACK's: the rule is far better than its difference from the Gauss rule
_DEPTH = 60
_MOST, _MORE = 2**13, 16  # panels, and panels for one given, after which halving ends

Integrand = Callable[[RealArray, RealArray, RealArray], Array]


@dataclass(frozen=True)
class Panels:
    """Intervals, each relative to an origin: origin + low < x < origin + high.

    Where ``is_tail``, low and high are those of u = 1/|x - origin|, and the panel stands for both x = origin + 1/u and
    x = origin - 1/u: slow tails cancel against each other.

    Attributes
    ----------
    origin, low, high : (P,) arrays
    is_tail : (P,) array of bool
    """

    origin: RealArray
    low: RealArray
    high: RealArray
    is_tail: BoolArray

    @classmethod
    def between(cls, origin: RealArray, low: RealArray, high: RealArray) -> Panels:
        """Ordinary panels."""
        return cls(origin, low, high, np.zeros(len(origin), dtype=np.bool_))

    def __len__(self) -> int:
        return len(self.origin)

    def __getitem__(self, chosen: IntArray | BoolArray | slice) -> Panels:
        return Panels(self.origin[chosen], self.low[chosen], self.high[chosen], self.is_tail[chosen])

    def halves(self) -> Panels:
        """Every panel cut in two."""
        middle = self.low + (self.high - self.low) / 2
        lower = Panels(self.origin, self.low, middle, self.is_tail)
        return joined([lower, Panels(self.origin, middle, self.high, self.is_tail)])

    def nodes(self) -> tuple[RealArray, RealArray, RealArray]:
        """Origins (P,), offsets (P, q) and weights (2, P, q) of the Kronrod and of the Gauss rule; all tails or none."""
        half = (self.high - self.low)[:, None] / 2
        places = (self.low[:, None] + half) + half * _NODES
        weights = half * _WEIGHTS[:, None, :]
        if not self.is_tail.any():
            return self.origin, places, weights
        offsets = 1.0 / places
        weights = weights * offsets**2
        return self.origin, np.hstack([offsets, -offsets]), np.concatenate([weights, weights], axis=2)


@dataclass(frozen=True)
class Integral:
    """What :func:`integrate` found.

    Attributes
    ----------
    value : (M,) array
    error : (G,) array
        Estimated error of each group, in the norm of the group.
    evaluations : int
        Points at which the integrand was asked.
    """

    value: RealArray
    error: RealArray
    evaluations: int


def peak_panels(
    centers: RealArray,
    widths: RealArray,
    low: float,
    high: float,
    breakpoints: Sequence[float] = (),
    *,
    shifts: RealArray | None = None,
) -> Panels:
    """Panels that grow geometrically with the distance from the nearest of the given peaks.

    Parameters
    ----------
    centers, widths : (n,) arrays
        Peaks and their half widths.
    low, high : float
        Where the line begins and ends.
    breakpoints : sequence of float
        Further places to cut at.
    shifts : (n,) array, optional
        How far off its center each peak really is: by little, but perhaps by many widths.

    Examples
    --------
    >>> import numpy as np
    >>> panels = peak_panels(np.array([0.3]), np.array([1e-9]), 0.0, 1.0)
    >>> width = 1e-9
    >>> def lorentzian(origin, offset, weights):
    ...     values = width / np.pi / ((origin[:, None] - 0.3 + offset) ** 2 + width**2)
    ...     return np.sum(weights * values, axis=2)[..., None]
    >>> found = integrate(lorentzian, panels, [0], 1e-12)
    >>> bool(abs(found.value[0] + width / np.pi * (1 / 0.3 + 1 / 0.7) - 1) < 1e-13)
    True
    """
    kept = _distinct(centers, widths, low, high)
    centers, widths = centers[kept], widths[kept]
    aside = np.zeros(len(centers)) if shifts is None else shifts[kept]
    walls = np.concatenate([[low], (centers[1:] + centers[:-1]) / 2, [high]])
    parts = []
    for center, width, shift, first, last in zip(centers, widths, aside, walls, walls[1:], strict=False):
        left, right = first - center, last - center
        cuts = [b - center for b in breakpoints if left < b - center < right]
        edges = np.unique([left, right, *cuts, *_graded(width, shift, left, right)])
        parts.append(Panels.between(np.full(len(edges) - 1, center), edges[:-1], edges[1:]))
    return joined(parts)


def _graded(width: float, shift: float, left: float, right: float) -> RealArray:
    """Distances from the peak on either side, width times powers of the ratio, inside the cell."""
    reach = max(abs(left - shift), abs(right - shift))
    if reach <= width:
        return np.zeros(0)
    distances = width * _RATIO ** np.arange(np.ceil(np.log(reach / width) / np.log(_RATIO)))
    both = shift + np.concatenate([-distances, distances])
    return both[(both > left) & (both < right)]


def _distinct(centers: RealArray, widths: RealArray, low: float, high: float) -> IntArray:
    """Peaks that need panels of their own, ascending; the middle of the line if there is none."""
    inside = np.flatnonzero((centers >= low) & (centers <= high))
    kept: list[int] = []
    for index in inside[np.argsort(widths[inside], kind="stable")].tolist():
        if not kept or np.abs(centers[kept] - centers[index]).min() > _APART * widths[index]:
            kept.append(index)
    if not kept:  # the nearest one from outside
        kept = [int(np.argmin(np.maximum(low - centers, centers - high)))]
    return np.array(sorted(kept, key=lambda k: centers[k]), dtype=np.intp)


def tail_panels(center: float, reach: float) -> Panels:
    """One panel for everything farther than ``reach`` from the center, on both sides."""
    zero, top = np.zeros(1), np.array([1.0 / reach])
    return Panels(np.array([center]), zero, top, np.ones(1, dtype=np.bool_))


def integrate(
    integrand: Integrand,
    panels: Panels,
    groups: Sequence[int],
    tolerance: float,
    *,
    batch: int = 64,
) -> Integral:
    """Integrate many functions at once; panels are halved until the error of every group is small.

    Where it does not become small, the integral is returned with the error that is left.

    Parameters
    ----------
    integrand : callable
        Given origins (P,), offsets (P, q) and weights (2, P, q), returns sums over q of the weights times the M
        functions, shape (2, P, M), real.
    panels : Panels
    groups : sequence of int
        The first function of each group, beginning with 0. The error of a group counts by its Euclidean norm.
    tolerance : float
        Error of each group that is aimed at, relative to the integral of its size.
    batch : int
        Panels treated at once.

    Returns
    -------
    Integral
    """
    total, count = None, 0
    error, size = np.zeros((2, len(groups)))
    pending, settled = panels, 0
    most = max(_MOST, _MORE * len(panels))
    for depth in range(_DEPTH + 1):
        # Where only rounding is left to be resolved, halving goes on without end.
        last = depth == _DEPTH or len(pending) + settled > most
        again = []
        for part in _batches(pending, batch):
            origin, offset, weights = part.nodes()
            sums = integrand(origin, offset, weights)
            if not np.isfinite(sums).all():
                raise ArithmeticError(f"The integrand is not finite between {origin[0]:.6g} and {origin[-1]:.6g}.")
            count += offset.size
            total = np.zeros(sums.shape[2]) if total is None else total
            errors, sizes = _errors(sums, groups)
            reached = size + sizes.sum(axis=0)
            allowed = tolerance * reached / max(len(pending) + settled, 1)
            # where the line cannot be cut any further, what is left is part of the stated error
            done = (errors <= allowed).all(axis=1) | last | ~_divisible(part)
            total += sums[0, done].sum(axis=0)
            error += errors[done].sum(axis=0)
            size += sizes[done].sum(axis=0)
            settled += int(done.sum())
            again.append(part[~done])
        pending = joined(again)
        if not len(pending):
            break
        pending = pending.halves()
    return Integral(np.zeros(0) if total is None else total, error, count)


def _batches(panels: Panels, size: int) -> list[Panels]:
    found = []
    for tails in (False, True):
        chosen = np.flatnonzero(panels.is_tail == tails)
        found += [panels[chosen[k : k + size]] for k in range(0, len(chosen), size)]
    return found


def joined(parts: Sequence[Panels]) -> Panels:
    """All panels in one."""
    columns = zip(*((p.origin, p.low, p.high, p.is_tail) for p in parts), strict=True)
    return Panels(*(np.concatenate(column) for column in columns))


def _divisible(panels: Panels) -> BoolArray:
    largest = np.maximum(np.abs(panels.low), np.abs(panels.high))
    return np.asarray(panels.high - panels.low > 1e-13 * largest)


def _norms(values: Array, groups: Sequence[int]) -> RealArray:
    # Squares of numbers below 1e-154 would underflow.
    size = np.maximum.reduceat(np.abs(values), groups, axis=-1)
    unit = np.where(size > 0, size, 1.0)
    lengths = np.diff([*groups, values.shape[-1]])
    scaled = values / np.repeat(unit, lengths, axis=-1)
    return np.asarray(unit * np.sqrt(np.add.reduceat(scaled**2, groups, axis=-1)))


def _errors(sums: Array, groups: Sequence[int]) -> tuple[RealArray, RealArray]:
    """Errors and sizes of every panel and group, shape (P, G) each."""
    sizes = _norms(sums[0], groups)
    differences = _norms(sums[0] - sums[1], groups)
    ratio = np.divide(differences, sizes, out=np.zeros_like(sizes), where=sizes > 0)
    return np.minimum(differences, sizes * (_SHARPEN * ratio) ** 1.5), sizes
