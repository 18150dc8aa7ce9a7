r"""One exact step of the Langevin equation behind Eq. (6), and what a step gives to the entropy production.

In a step the new amplitudes, and the integrals of what the other nodes and the drive do to each damped node (of the
amplitude itself, where several baths share the node), are drawn from their exact joint distribution: they are jointly
Gaussian. With these known, the path in between is still Gaussian, with a mean that is linear in what was drawn, and a
covariance that is not random. Integrals along the path that are quadratic in the amplitudes are replaced by their means
under this condition. Their averages are then right at any step; their fluctuations miss a part of the order of the
third power of the step.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import linalg

from .._typing import ComplexArray, IntArray, RealArray
from ..linalg.propagator import integrals
from ..network import Network
from ..thermodynamics._fit import dense_hamiltonian
from .local_channels import LocalChannels, local_channels
from .propagation import turning_frame

_NEGLIGIBLE = 1e-15  # part of the noise of a step, relative to its largest component
SMALL_STEP = 0.25  # strength x time of a step in which next to nothing is missed
_POINTS = 3  # of Gauss and Legendre's rule within a small step: right to 1e-8


@dataclass(frozen=True)
class Step:
    """A step as a linear map of (Re alpha, Im alpha, noise, 1) at its start; one trajectory a column.

    Attributes
    ----------
    matrix : (R, 2L + n_noise + 1) array
        Rows: Re alpha and Im alpha at the end. Then, for some times within the step, Re and Im of the mean of alpha_k
        on the pulled nodes; as many rows of the mean of B_k f_k, times twice the weight of that time; and Re and Im of
        alpha_k on the shared nodes, times the root of the weight.
    n_points : int
        Times within the step.
    offset : (n_pulled,) array
        What the covariance of the path adds to int 2 alpha_k . B_k f_k dt.
    spread : (3, n_shared) array
        What it adds to int x^2 dt, int y^2 dt and int x y dt, with alpha_k = x + i y.
    """

    matrix: RealArray
    n_points: int
    offset: RealArray
    spread: RealArray


class Langevin:
    """The linear stochastic equation of a network whose baths act on one node each, in the frame that turns with it.

    Where the noise of a node knows a phase, its inverse weighs the quadratic forms: B_k = 2 Q^-1/Tr[Q^-1] with the
    covariance Q of the noise of the node per time. It is the unit matrix elsewhere.

    Parameters
    ----------
    network : Network
        With probes of known occupations; see :func:`~.local_channels.local_channels`.

    Attributes
    ----------
    channels : LocalChannels
    damped : (n_damped,) array of int
        Nodes with a bath that damps or amplifies.
    noises, weights : (n_damped, 2, 2) arrays
        Q and B_k.
    pulled : (n_pulled,) array of int
        Places within ``damped`` of the nodes that a force f_k acts on: other nodes, pairing, drive; the frequency, where
        the noise knows a phase.
    shared : (n_shared,) array of int
        Places within ``damped`` of the nodes with several baths.
    strength : float
        The largest (hopping + rate) of a node.
    """

    def __init__(self, network: Network) -> None:
        self.turning = turning_frame(network)
        self.channels: LocalChannels = local_channels(network)
        size, hamiltonian = network.n_modes, dense_hamiltonian(network) - np.diag(self.turning)
        drags, noises = self.channels.per_node(size)
        plain, cross = -1j * hamiltonian - np.diag(drags / 2), -1j * network.pairing
        self.strength = float((np.abs(plain) + np.abs(cross)).sum(axis=1).max())
        self._drift = _as_real(plain, cross)
        self._push = np.hstack([network.drive.imag, -network.drive.real])
        self._noise = noises
        active = self.channels.noises.any(axis=(1, 2))
        on_node = np.bincount(self.channels.nodes[active], minlength=size)
        self.damped: IntArray = np.flatnonzero(
            np.bincount(self.channels.nodes, self.channels.drags != 0, minlength=size)
        )
        self.noises = noises[self.damped]
        self.weights = np.array([_weight(noise) for noise in self.noises]).reshape(-1, 2, 2)
        phased = np.zeros(size, dtype=bool)
        phased[self.damped] = (self.weights != np.eye(2)).any(axis=(1, 2))
        force = _as_real(plain - np.diag(np.where(phased, np.diag(plain).real, np.diag(plain))), cross)
        acted_on = force.any(axis=1) | (self._push != 0)
        self.pulled: IntArray = np.flatnonzero((acted_on[:size] | acted_on[size:])[self.damped])
        self.shared: IntArray = np.flatnonzero(on_node[self.damped] > 1)
        self._pulled_rows = _rows(self.damped[self.pulled], size)
        self._shared_rows = _rows(self.damped[self.shared], size)
        weight = _block_diagonal(self.weights[self.pulled])
        self._force, self._pull = weight @ force[self._pulled_rows], weight @ self._push[self._pulled_rows]
        self._n = 2 * size

    def step(self, span: float) -> Step:
        """The step over ``span``."""
        generator, spread = self._generator()
        points, weights = _rule(self.strength * span)
        whole = integrals(generator, spread, span)
        early = [integrals(generator, spread, span * point) for point in points]
        values, vectors = linalg.eigh(whole.once[:-1, :-1])
        kept = values > _NEGLIGIBLE * max(float(values.max(initial=0.0)), np.finfo(float).tiny)
        roots = np.sqrt(values[kept])
        noise, whiten = vectors[:, kept] * roots, vectors[:, kept] / roots
        n = self._n
        ends = np.hstack([whole.propagator[:n, :n], noise[:n], whole.propagator[:n, -1:]])
        paths, forces, squares = [], [], []
        offset, extent = np.zeros(len(self.pulled)), np.zeros((3, len(self.shared)))
        for before, after, weight in zip(early, early[::-1], span * weights, strict=True):
            # Covariance of alpha here with what is drawn at the end, and of what it leaves open.
            gain = before.once[:n, :-1] @ after.propagator[:-1, :-1].T @ whiten
            left = before.once[:n, :n] - gain @ gain.T
            mean = np.hstack([before.propagator[:n, :n], gain, before.propagator[:n, -1:]])
            pull = self._force @ mean
            pull[:, -1] += self._pull
            paths.append(mean[self._pulled_rows])
            forces.append(2 * weight * pull)
            squares.append(np.sqrt(weight) * mean[self._shared_rows])
            both = np.sum(self._force * left[self._pulled_rows], axis=1)
            offset += 2 * weight * both.reshape(2, -1).sum(axis=0)
            x, y = self._shared_rows.reshape(2, -1)
            extent += weight * np.array([left[x, x], left[y, y], left[x, y]])
        matrix = np.ascontiguousarray(np.vstack([ends, *paths, *forces, *squares]))
        return Step(matrix, len(points), offset, extent)

    def _generator(self) -> tuple[RealArray, RealArray]:
        """Drift and noise of (Re alpha, Im alpha, int f of the pulled nodes, int alpha of the shared nodes, 1)."""
        summed = np.vstack([self._force, np.eye(self._n)[self._shared_rows]])
        n, rows = self._n, len(summed)
        generator = np.zeros((n + rows + 1, n + rows + 1))
        generator[:n, :n], generator[n:-1, :n] = self._drift, summed
        generator[:n, -1] = self._push
        spread = np.zeros_like(generator)
        x, y = np.arange(n // 2), np.arange(n // 2, n)
        spread[x, x], spread[y, y] = self._noise[:, 0, 0], self._noise[:, 1, 1]
        spread[x, y] = spread[y, x] = self._noise[:, 0, 1]
        return generator, spread

    def work(self, inner: RealArray, step: Step) -> tuple[RealArray, RealArray]:
        """int 2 alpha_k . B_k f_k dt on the pulled nodes, (n, B), and int x^2, y^2, x y dt on the shared, (3, n, B).

        Parameters
        ----------
        inner : (R - 2L, B) array
            The rows of the step that lie within it.
        """
        count, width, rows = step.n_points * len(self._pulled_rows), inner.shape[1], 2 * step.n_points
        path = inner[:count].reshape(rows, -1, width)
        force = inner[count : 2 * count].reshape(rows, -1, width)
        shared = inner[2 * count :].reshape(rows, -1, width)
        done = np.einsum("rkb,rkb->kb", path, force) + step.offset[:, None]
        x, y = shared[::2], shared[1::2]
        squares = [np.einsum("rkb,rkb->kb", one, other) for one, other in ((x, x), (y, y), (x, y))]
        return done, np.array(squares) + step.spread[:, :, None]

    def weighed(self, alpha: ComplexArray) -> RealArray:
        """alpha_k . B_k alpha_k of the damped nodes, shape (n_damped, B)."""
        here = alpha[self.damped]
        one, other, cross = (self.weights[:, i, j, None] for i, j in ((0, 0), (1, 1), (0, 1)))
        return np.asarray(one * here.real**2 + other * here.imag**2 + 2 * cross * here.real * here.imag)

    def amplitudes(self, rows: RealArray, time: float) -> ComplexArray:
        """alpha in the frame at rest, shape (L, B)."""
        half = self._n // 2
        return np.asarray(np.exp(-1j * self.turning * time)[:, None] * (rows[:half] + 1j * rows[half:]))


def _rule(strength: float) -> tuple[RealArray, RealArray]:
    """Gauss and Legendre's points and weights on [0, 1], more of them for a larger step."""
    count = _POINTS + int(np.ceil(2 * max(0.0, strength - SMALL_STEP * (1 + 1e-9))))
    points, weights = np.polynomial.legendre.leggauss(count)
    return (1 + points) / 2, weights / 2


def _as_real(plain: ComplexArray, cross: ComplexArray) -> RealArray:
    """alpha -> plain alpha + cross alpha^* on (Re alpha, Im alpha)."""
    return np.block(
        [[(plain + cross).real, (cross - plain).imag], [(plain + cross).imag, (plain - cross).real]],
    )


def _weight(noise: RealArray) -> RealArray:
    """B for the noise of a node: the unit matrix where it knows no phase."""
    if noise[0, 0] == noise[1, 1] and noise[0, 1] == 0:
        return np.eye(2)
    inverse = linalg.inv(noise)
    return np.asarray(2 * inverse / np.trace(inverse))


def _block_diagonal(weights: RealArray) -> RealArray:
    """B on (x_1, x_2, ..., y_1, y_2, ...)."""
    return np.block([[np.diag(weights[:, i, j]) for j in range(2)] for i in range(2)])


def _rows(nodes: IntArray, size: int) -> IntArray:
    """Places of Re alpha_k and Im alpha_k."""
    return np.concatenate([nodes, nodes + size])
