"""The diagonal feedback of a Lyapunov equation, closed: y = x + T w y for the diagonal y of the solution.

T_kj is the response of X_kk to a unit source D_jj. Of few nodes the kernel T is computed: it has no negative element
and known row sums, so that a closure which hardly closes keeps its digits. Of many that would cost as many solutions
as there are nodes, and the equation is iterated instead, one triangular solution a step.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np
from scipy import linalg
from scipy.linalg import lapack

from .._typing import Array, BoolArray, IntArray, RealArray
from .factors import Factors

KERNEL_UP_TO = 128  # nodes with feedback; beyond, the closure is iterated
KERNEL_AT_MOST = 400  # where that stalls
_KERNEL_BY_SCHUR = 48  # up to this size the kernel is computed column by column
_KERNEL_REFINED_UP_TO = 128  # the size up to which it is refined where it must be
# Part of an excitation that ever leaves a fed node for good; below, double precision does not resolve the rest.
_HARDLY_ESCAPES = 1e-11
_EIGENVECTORS_TRUSTED = 1e9  # condition number of the eigenvector matrix


class Kernel:
    """The closure of few fed nodes, by the LU factors of 1 - T w.

    Parameters
    ----------
    a : (n, n) array
        The matrix of the equation, real or complex.
    factors : Factors
        In double precision.
    feedback : (n,) array
    refined : callable
        The diagonal of the solution for a unit source on the given node, with all its digits.
    """

    def __init__(self, a: Array, factors: Factors, feedback: RealArray, refined: Callable[[int], RealArray]) -> None:
        self._a, self._factors, self._refined = a, factors, refined
        self.fed: IntArray = np.flatnonzero(feedback)
        self._weights = feedback[self.fed]

    def closed(self, diagonal: Array, *, adjoint: bool = False) -> Array:
        """The diagonal y on the fed nodes with the feedback, from that without."""
        if adjoint:
            # 1 - T^t w = w^-1 (1 - T w)^t w
            w = self._weights
            return np.asarray(linalg.lu_solve(self.factored, w * diagonal, trans=1, check_finite=False) / w)
        return np.asarray(linalg.lu_solve(self.factored, diagonal, check_finite=False))

    @cached_property
    def weakest(self) -> RealArray | None:
        """The diagonal that the closure amplifies most; None where it is singular."""
        if not np.diag(self.factored[0]).all():
            return None
        weakest = np.ones(len(self.fed))
        for _ in range(3):
            weakest = self.closed(weakest)
            weakest = weakest / np.abs(weakest).max()
        return weakest if np.isfinite(weakest).all() else None

    @cached_property
    def factored(self) -> tuple[RealArray, Array]:
        """LU factors of 1 - T w.

        Where feedback outweighs all else its diagonal cancels; it is taken from the row sums instead,
        1 - T_kk w_k = sum_{j != k} T_kj G_j + T_kk (G_k - w_k), in which every term is positive.
        """
        matrix = self._one_minus_kernel(self.responses)
        if np.diag(matrix).min() < _HARDLY_ESCAPES and len(self._a) <= _KERNEL_REFINED_UP_TO:
            columns = [self._refined(int(node))[self.fed] for node in self.sources]
            matrix = self._one_minus_kernel(np.array(columns).T)
        lu, pivots, _ = lapack.dgetrf(matrix)  # unlike SciPy's wrapper silent where singular: see `weakest`
        return lu, pivots

    @property
    def among_fed(self) -> RealArray:
        """T_kj over the fed nodes."""
        return np.asarray(self.responses[:, np.searchsorted(self.sources, self.fed)])

    def _one_minus_kernel(self, responses: RealArray) -> RealArray:
        among = np.searchsorted(self.sources, self.fed)
        w, places = self._weights, np.arange(len(self.fed))
        matrix = -responses[:, among] * w
        if self._damping is None:
            matrix[places, places] += 1.0
        else:
            others = np.tile(self._damping[self.sources], (len(self.fed), 1))
            others[places, among] -= w
            matrix[places, places] = np.sum(responses * others, axis=1)
        return np.asarray(matrix)

    @cached_property
    def _damping(self) -> RealArray | None:
        """G, where sum_j T_kj G_j = 1 for every k; None where A + A^H is not diagonal."""
        return damping(self._a)

    @cached_property
    def sources(self) -> IntArray:
        """Nodes whose response is computed for the closure: all damped ones where row sums are known, else the fed."""
        return self.fed if self._damping is None else np.flatnonzero(self._damping)

    @cached_property
    def responses(self) -> RealArray:
        """T_kj for k over the fed nodes and j over :attr:`sources`."""
        if len(self._a) > _KERNEL_BY_SCHUR:
            by_eigenvectors = self.responses_by_eigenvectors()
            if by_eigenvectors is not None:
                return by_eigenvectors
        columns = []
        for node in self.sources:
            source = np.zeros(len(self._a), dtype=self._a.dtype)
            source[node] = 1.0
            columns.append(self._factors.diagonal(self._factors.inner(self._factors.turned(source)))[self.fed])
        return np.array(columns).T

    def responses_by_eigenvectors(self) -> RealArray | None:
        """The same from eigenvectors; None where these are ill-conditioned."""
        values, v = linalg.eig(self._a, check_finite=False)
        if not np.linalg.cond(v) < _EIGENVECTORS_TRUSTED:
            return None
        w = linalg.inv(v, check_finite=False)[:, self.sources]
        cauchy = -1.0 / (values[:, None] + values.conj()[None, :])
        kernel = np.empty((len(self.fed), len(self.sources)))
        for k, row in enumerate(v[self.fed]):
            weights = row[:, None] * cauchy * row.conj()
            kernel[k] = np.sum((weights @ w.conj()) * w, axis=0).real
        return kernel


class Iteration:
    """The closure of many fed nodes, by generalized conjugate residuals.

    All directions are kept: later right-hand sides start from what earlier ones have found. Where few nodes are linked
    with each other, many steps lie between far ones; there the classical walk prepares the directions.

    Parameters
    ----------
    a : (n, n) array
        The matrix of the equation, real or complex.
    factors : Factors
    feedback : (n,) array
    """

    _TOLERANCE = 64.0  # rounding units of the factors, but not below what a step of the refinement needs
    _ENOUGH = 1e-11
    _MOST_STEPS = 400
    _STALLED = 1e-3
    _NOISE = 1e3  # rounding units

    def __init__(self, a: Array, factors: Factors, feedback: RealArray) -> None:
        self._factors, self._feedback = factors, feedback
        self.fed: IntArray = np.flatnonzero(feedback)
        self._walk = ClassicalWalk.of(a, feedback)
        self._tolerance = max(self._TOLERANCE * factors.unit, self._ENOUGH)
        self.stalled = False
        self._directions: dict[bool, list[tuple[RealArray, RealArray]]] = {False: [], True: []}

    def closed(self, diagonal: Array, *, adjoint: bool = False) -> Array:
        """The diagonal y on the fed nodes with the feedback, from that without."""
        if np.iscomplexobj(diagonal):
            return self._solved(diagonal.real, adjoint) + 1j * self._solved(diagonal.imag, adjoint)
        return self._solved(diagonal, adjoint)

    def _solved(self, right: RealArray, adjoint: bool) -> RealArray:
        directions, enough = self._directions[adjoint], self._tolerance * float(np.linalg.norm(right))
        y, left = np.zeros_like(right), right
        for p, image in directions:
            share = float(image @ left)
            y, left = y + share * p, left - share * image
        while np.linalg.norm(left) > enough and len(directions) < self._MOST_STEPS:
            p = left if self._walk is None else self._walk.closed(left, self.fed, adjoint=adjoint)
            image = self._image(p, adjoint)
            new = self._NOISE * self._factors.unit * float(np.linalg.norm(image))
            for _ in range(2):  # orthogonal to rounding only after the second time
                for before, other in directions:
                    share = float(other @ image)
                    p, image = p - share * before, image - share * other
            norm = float(np.linalg.norm(image))
            if not new < norm < np.inf:  # no direction is left but rounding
                break
            directions.append((p / norm, image / norm))
            share = float(directions[-1][1] @ left)
            y, left = y + share * directions[-1][0], left - share * directions[-1][1]
        scale = self._STALLED * float(np.linalg.norm(right))
        if self._NOISE * self._factors.unit * np.linalg.norm(y) > scale:
            left = right - self._image(y, adjoint)  # amplified so much that rounding may have closed it
        self.stalled |= not np.linalg.norm(left) <= scale
        return y

    def _image(self, y: RealArray, adjoint: bool) -> RealArray:
        """(1 - T w) y; the kernel's transpose for the adjoint."""
        source = np.zeros(len(self._feedback))
        source[self.fed] = self._feedback[self.fed] * y
        size = float(np.abs(source).max()) or 1.0
        source = (source / size).astype(self._factors.dtype)
        if adjoint:
            back = self._factors.solve(np.diag(source), adjoint=True).diagonal().real
        else:
            back = self._factors.diagonal(self._factors.inner(self._factors.turned(source)))
        return np.asarray(y - size * back[self.fed].astype(np.float64))


class ClassicalWalk:
    """What excitations do that hop at random: X_kl between linked nodes follows their X_kk without delay.

    With the rates r_kl = 2 Re |A_kl|^2 / -(A_kk + A_ll^*) the kernel is T = K^-1 for K = diag(G) + (Laplacian of r).
    """

    _LINKED = 1 / 10  # share of pairs, above which a walk gets everywhere at once
    _WEAKEST = 1e-12  # damping, relative to the largest

    def __init__(self, k: RealArray, feedback: RealArray) -> None:
        self._feedback = feedback
        self._factored = linalg.lu_factor(k - np.diag(feedback), check_finite=False)

    @classmethod
    def of(cls, a: Array, feedback: RealArray) -> ClassicalWalk | None:
        """None where it would not help, or is not defined."""
        losses = damping(a)
        if losses is None or np.count_nonzero(a) > cls._LINKED * a.size or not losses.min() >= 0.0:
            return None
        row, column = np.nonzero(a - np.diag(a.diagonal()))
        ends = a.diagonal()
        decay = -(ends[row] + ends[column].conj())
        rates = np.zeros(a.shape)
        safe = np.abs(decay.real) > cls._WEAKEST * losses.max()
        rates[row[safe], column[safe]] = (2 * np.abs(a[row, column]) ** 2 / decay)[safe].real
        return cls(np.diag(losses + rates.sum(axis=1)) - rates, feedback)

    def closed(self, diagonal: RealArray, fed: IntArray, *, adjoint: bool = False) -> RealArray:
        """(1 - T w)^-1 x = x + (K - w)^-1 w x on the fed nodes; with the transpose of T for the adjoint."""
        source = np.zeros(len(self._feedback))
        source[fed] = self._feedback[fed] * diagonal
        return diagonal + np.asarray(
            linalg.lu_solve(self._factored, source, trans=1 if adjoint else 0, check_finite=False)[fed]
        )


def damping(a: Array) -> RealArray | None:
    """G where A + A^H = -diag(G); None where that is not diagonal."""
    diagonal = a.diagonal().real
    hermitian: BoolArray = a != -a.conj().T
    hermitian[np.diag_indices(len(a))] = False
    return None if hermitian.any() else np.asarray(-2 * diagonal)
