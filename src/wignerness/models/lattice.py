"""Lattices of any dimension, and trees."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import _checks
from ..bath import Bath
from ..network import Network
from ._build import hamiltonian, per_item, refuse_size, site_frequencies


def lattice(
    shape: Sequence[int] | int,
    *,
    hopping: Any,
    periodic: bool | Sequence[bool] = False,
    frequency: Any = 0.0,
    disorder: Any = None,
    rng: int | np.random.Generator | None = None,
    baths: Sequence[Bath] = (),
) -> Network:
    """A hypercubic lattice with nearest-neighbor hopping, open or periodic along each axis.

    Parameters
    ----------
    shape : sequence of int
        Extent along each axis, for example (4, 4); nodes are numbered with the last axis fastest and labeled
        by their coordinates, "0,1".
    hopping : float or sequence
        lambda, real or complex (H[k, l] for l one step up the axis); one for all axes or one for each.
    periodic : bool or sequence of bool
        Whether to close an axis on itself; it must then be at least three long.
    frequency, disorder, rng
        As for :func:`wignerness.models.chain`.
    baths : sequence of baths
        The baths; ``mode`` counts nodes in the order above.

    Raises
    ------
    InvalidNetworkError
        If a parameter has the wrong shape, sign or type.

    Examples
    --------
    >>> import wignerness as wn
    >>> square = wn.models.lattice((2, 3), hopping=0.1)
    >>> square.labels
    ('0,0', '0,1', '0,2', '1,0', '1,1', '1,2')
    """
    extents = (shape,) if np.ndim(shape) == 0 else tuple(shape)  # type: ignore[arg-type]
    extents = tuple(_checks.integer(f"shape[{axis}]", extent, minimum=1) for axis, extent in enumerate(extents))
    if not extents:
        _checks.fail("shape", "name at least one axis", "empty")
    refuse_size(math.prod(extents))
    hoppings = per_item("hopping", hopping, len(extents))
    closed = (periodic,) * len(extents) if isinstance(periodic, bool) else tuple(periodic)
    if len(closed) != len(extents) or not all(isinstance(flag, (bool, np.bool_)) for flag in closed):
        _checks.fail("periodic", f"be True, False or one of them for each of {len(extents)} axes", repr(periodic))
    index = np.arange(int(np.prod(extents))).reshape(extents)
    rows, columns, values = [], [], []
    for axis, extent in enumerate(extents):
        if closed[axis] and extent < 3:
            _checks.fail(f"shape[{axis}]", "be at least 3 along a periodic axis", extent)
        reach = extent if closed[axis] else extent - 1
        here = np.take(index, np.arange(reach), axis=axis).ravel()
        rows.append(here)
        columns.append(np.take(np.roll(index, -1, axis=axis), np.arange(reach), axis=axis).ravel())
        values.append(np.full(len(here), hoppings[axis]))
    frequencies = site_frequencies(frequency, disorder, rng, index.size)
    matrix = hamiltonian(frequencies, np.concatenate(rows), np.concatenate(columns), np.concatenate(values))
    labels = [",".join(map(str, place)) for place in np.ndindex(*extents)]
    return Network(matrix, baths, labels=labels)


def tree(
    branching: int,
    depth: int,
    *,
    hopping: Any,
    frequency: Any = 0.0,
    disorder: Any = None,
    rng: int | np.random.Generator | None = None,
    baths: Sequence[Bath] = (),
) -> Network:
    """A rooted tree in which every inner node has the same number of children.

    Parameters
    ----------
    branching : int
        Children of every inner node, >= 1 (1 is a chain).
    depth : int
        Generations below the root, >= 0 (``depth=1`` is a star).
    hopping : float or (L - 1,) array_like
        lambda = H[parent, child], one for all links or one for each child in the order of the nodes.
    frequency, disorder, rng
        As for :func:`wignerness.models.chain`.
    baths : sequence of baths
        The baths; node 0 is the root, generations follow each other.

    Raises
    ------
    InvalidNetworkError
        If a parameter has the wrong shape, sign or type.

    Examples
    --------
    >>> import wignerness as wn
    >>> wn.models.tree(2, 3, hopping=0.1).n_modes
    15
    """
    children = _checks.integer("branching", branching, minimum=1)
    generations = _checks.integer("depth", depth, minimum=0)
    # A tree this deep has more than 2^64 nodes, or is a chain of that length.
    refuse_size(generations if children == 1 else children ** min(generations, 64))
    size = sum(children**level for level in range(generations + 1))
    below = np.arange(1, size)
    frequencies = site_frequencies(frequency, disorder, rng, size)
    matrix = hamiltonian(frequencies, (below - 1) // children, below, per_item("hopping", hopping, size - 1))
    return Network(matrix, baths)
