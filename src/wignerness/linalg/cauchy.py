r"""Sums of charges over distances on a line, :math:`\sum_j q_j / (x_i - y_j)`, for points given as a level and a shift.

Distances come out relatively accurate even where a point is closer to a level than the level's own rounding. What is far
acts through a few Chebyshev nodes for every group of points.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .._typing import Array, IntArray, RealArray

_GROUP = 256  # points whose far charges are summed together
_NODES = 22  # carry a sum over charges as far away as the group is wide, to rounding
_TINY = 1e-300


class Points(NamedTuple):
    """Points on a line at E[level] + shift, in ascending order.

    Attributes
    ----------
    level : (n,) array of int
        Ascending.
    shift : (n,) array
    """

    level: IntArray
    shift: RealArray

    def places(self, energies: RealArray) -> RealArray:
        """Where they are, to rounding."""
        return np.asarray(energies[self.level] + self.shift)


def levels_themselves(count: int) -> Points:
    """The levels as points."""
    return Points(np.arange(count), np.zeros(count))


def cauchy_sums(
    energies: RealArray, points: Points, sources: Points, charges: Array, squares: Array | None = None
) -> tuple[Array, Array]:
    """Sums over all sources that belong to another level than the point does.

    Parameters
    ----------
    energies : (L,) array
        Ascending.
    points, sources : Points
    charges : (s, c) array
        Divided by the distances, one row a source.
    squares : (s, d) array, optional
        Divided by the squares of the distances.

    Returns
    -------
    first : (n, c) array
    second : (n, d) array

    Examples
    --------
    >>> import numpy as np
    >>> energies = np.array([0.0, 1.0, 3.0])
    >>> first, second = cauchy_sums(
    ...     energies, Points(np.array([1]), np.array([0.5])), levels_themselves(3), np.ones((3, 1)), np.ones((3, 1))
    ... )
    >>> bool(np.allclose([first[0, 0], second[0, 0]], [1 / 1.5 - 1 / 1.5, 2 / 1.5**2]))
    True
    """
    squares = np.zeros((len(sources.level), 0)) if squares is None else squares
    first = np.zeros((len(points.level), charges.shape[1]), dtype=charges.dtype)
    second = np.zeros((len(points.level), squares.shape[1]), dtype=squares.dtype)
    places = sources.places(energies)
    for start in range(0, len(first), _GROUP):
        group = slice(start, start + _GROUP)
        own, at = points.level[group], points.shift[group]
        x, center = energies[own] + at, energies[own]
        low, high = min(x.min(), center.min()), max(x.max(), center.max())
        width = max(high - low, _TINY)
        from_, to = np.searchsorted(places, [low - width, high + width])
        # Sources that belong to a level of the group are looked at, too, wherever they are.
        from_ = min(from_, np.searchsorted(sources.level, own.min()))
        to = max(to, np.searchsorted(sources.level, own.max(), side="right"))
        near = slice(from_, to)
        distance = (center[:, None] - energies[sources.level[near]]) + (at[:, None] - sources.shift[near])
        distance[own[:, None] == sources.level[near]] = np.inf
        inverse = _reciprocal(distance)
        first[group] += inverse @ charges[near]
        second[group] += (inverse * inverse) @ squares[near]
        far = np.r_[0:from_, to : len(places)]
        if len(far):
            inverse = _reciprocal((low + high) / 2 + width / 2 * _chebyshev_nodes()[:, None] - places[far])
            weights = _interpolation(np.clip(((x - low) + (x - high)) / width, -1.0, 1.0))
            first[group] += weights @ (inverse @ charges[far])
            second[group] += weights @ ((inverse * inverse) @ squares[far])
    return first, second


def _reciprocal(distance: RealArray) -> RealArray:
    """1/distance; points on each other do not act on each other."""
    return np.divide(1.0, distance, out=np.zeros_like(distance), where=distance != 0)


def _chebyshev_nodes() -> RealArray:
    return np.asarray(np.cos(np.pi * (np.arange(_NODES) + 0.5) / _NODES))


def _interpolation(points: RealArray) -> RealArray:
    """Interpolation from Chebyshev nodes of the first kind on [-1, 1], shape (points, nodes)."""
    order, angles = np.arange(_NODES), np.pi * (np.arange(_NODES) + 0.5) / _NODES
    transform = np.cos(np.outer(order, angles)) * (2.0 / _NODES)
    transform[0] /= 2
    return np.asarray(np.cos(np.arccos(points)[:, None] * order) @ transform)
