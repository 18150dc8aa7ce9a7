"""Where to draw the nodes of a network: chains in rows, rings round, lattices and trees as such, others by distance."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from .._typing import RealArray
from ..network import Network

__all__ = ["place_nodes"]

_Adjacency = NDArray[np.bool_]

_ONE_ROW = 12
_ASPECT = 2.5  # of the rows of a long chain, in nodes
# Beyond, distances between all pairs of nodes take too long: the nodes go round in a circle.
_MOST_BY_DISTANCE = 250
_ROUNDS = 80
_COORDINATES = re.compile(r"\d+(,\d+)+")


def place_nodes(network: Network) -> RealArray:
    """Positions for drawing a network, linked nodes about one apart.

    A chain runs in rows, there and back; a ring goes round; a lattice is recognized by its labels and a tree by its
    links, with the root in the middle. Of any other network of up to 250 nodes drawn distances follow the numbers of
    links between nodes as closely as the plane allows (stress majorization); larger ones go round in a circle.

    Parameters
    ----------
    network : Network

    Returns
    -------
    (L, 2) array
        The same for the same links and labels, whatever their strengths.

    Examples
    --------
    >>> import wignerness as wn
    >>> from wignerness import plotting
    >>> plotting.place_nodes(wn.models.chain(3, hopping=1.0, rate=1.0, occupations=(1, 2))).tolist()
    [[0.0, 0.0], [1.0, 0.0], [2.0, 0.0]]
    """
    size = network.n_modes
    if all(_COORDINATES.fullmatch(label) for label in network.labels):
        return _grid(network)
    neighbors = _neighbors(network)
    degrees = [len(each) for each in neighbors]
    order = _walk(neighbors, next((k for k, degree in enumerate(degrees) if degree <= 1), 0))
    if max(degrees) <= 2 and len(order) == size:
        return _rows(order) if sum(degrees) == 2 * (size - 1) else _circle(order)
    if len(order) == size and sum(degrees) == 2 * (size - 1):
        return _radial(neighbors)
    return _by_distance(neighbors) if size <= _MOST_BY_DISTANCE else _circle(list(range(size)))


def _neighbors(network: Network) -> list[list[int]]:
    found: list[set[int]] = [set() for _ in range(network.n_modes)]
    for matrix in (network.hamiltonian, network.pairing):
        rows, columns = matrix.nonzero()
        for k, m in zip(rows.tolist(), columns.tolist(), strict=True):
            if k != m:
                found[k].add(m)
    return [sorted(each) for each in found]


def _walk(neighbors: list[list[int]], start: int) -> list[int]:
    """Nodes that can be reached from one, depth first."""
    seen, order, waiting = set[int](), list[int](), [start]
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            order.append(node)
            waiting += reversed(neighbors[node])
    return order


def _rows(order: list[int]) -> RealArray:
    size = len(order)
    rows = 1 if size <= _ONE_ROW else round((size / _ASPECT) ** 0.5)
    width = -(-size // rows)
    row, column = np.divmod(np.arange(size), width)
    places = np.empty((size, 2))
    places[order] = np.column_stack([np.where(row % 2, width - 1 - column, column), -row]) + 0.0
    return places


def _circle(order: list[int]) -> RealArray:
    size = len(order)
    angle = np.pi / 2 - 2 * np.pi * np.arange(size) / size
    places = np.empty((size, 2))
    places[order] = np.column_stack([np.cos(angle), np.sin(angle)]) / (2 * np.sin(np.pi / max(size, 2)))
    return places


def _grid(network: Network) -> RealArray:
    """Lattices by their labels: the last axis to the right, the one before down, further ones obliquely."""
    directions = np.array([[1.0, 0.0], [0.0, -1.0], [0.45, 0.35]])
    places = np.zeros((network.n_modes, 2))
    for k, label in enumerate(network.labels):
        for axis, value in enumerate(reversed(label.split(","))):
            places[k] += int(value) * directions[min(axis, 2)] * (1.0 if axis <= 2 else 4.0 ** (axis - 2))
    return places


def _radial(neighbors: list[list[int]]) -> RealArray:
    """A tree: generations on circles about node 0, every branch in a sector as wide as it has leaves."""
    parent, order = {0: -1}, _walk(neighbors, 0)
    for node in order:
        for other in neighbors[node]:
            if other != parent[node]:
                parent[other] = node
    leaves = [0] * len(order)
    for node in reversed(order):
        leaves[node] = leaves[node] or 1
        if parent[node] >= 0:
            leaves[parent[node]] += leaves[node]
    places, depth, begin = np.zeros((len(order), 2)), {0: 0}, {0: 0.0}
    for node in order:
        start = begin[node]
        for child in (other for other in neighbors[node] if other != parent[node]):
            depth[child], begin[child] = depth[node] + 1, start
            middle = np.pi / 2 - 2 * np.pi * (start + leaves[child] / 2) / leaves[0]
            places[child] = depth[child] * np.array([np.cos(middle), np.sin(middle)])
            start += leaves[child]
    return places


def _by_distance(neighbors: list[list[int]]) -> RealArray:
    distances = _distances(neighbors)
    places = _start(distances)
    weights = 1.0 / (distances + np.eye(len(distances))) ** 2
    np.fill_diagonal(weights, 0.0)
    total = weights.sum(axis=1, keepdims=True)
    for _ in range(_ROUNDS):
        apart = places[:, None, :] - places[None, :, :]
        length = np.sqrt((apart**2).sum(axis=-1)) + np.eye(len(places)) + 1e-12
        wished = places[None, :, :] + (distances / length)[..., None] * apart
        places = (weights[..., None] * wished).sum(axis=1) / total
    return places


def _distances(neighbors: list[list[int]]) -> RealArray:
    """Numbers of links between all pairs of nodes; parts that are not linked lie two beyond the farthest."""
    size = len(neighbors)
    linked: _Adjacency = np.zeros((size, size), dtype=bool)
    for node, others in enumerate(neighbors):
        linked[node, others] = True
    distances, reached, front = np.zeros((size, size)), np.eye(size, dtype=bool), np.eye(size, dtype=bool)
    step = 0
    while front.any():
        step += 1
        front = (front.astype(np.float32) @ linked.astype(np.float32) > 0) & ~reached
        distances[front] = step
        reached |= front
    distances[~reached] = distances.max() + 2
    return distances


def _start(distances: RealArray) -> RealArray:
    """Classical scaling: the two widest directions of the centered squares of the distances."""
    squares = distances**2
    centered = -(squares - squares.mean(axis=0) - squares.mean(axis=1)[:, None] + squares.mean()) / 2
    values, vectors = np.linalg.eigh(centered)
    widest = vectors[:, [-1, -2]] * np.sqrt(np.maximum(values[[-1, -2]], 1e-6))
    # Nodes with the same distances to all others would stay on top of each other.
    angle = np.arange(len(distances))
    widest = widest + 1e-3 * np.column_stack([np.cos(angle), np.sin(angle)])
    peaks = widest[np.abs(widest).argmax(axis=0), [0, 1]]
    return np.asarray(widest * np.sign(peaks))
