"""The equation A X + X A^H + diag(w_k X_kk) + D = 0, dense: complex Schur form, refinement in pairs.

With the diagonal feedback w = 0 (the default) this is the Lyapunov equation. The feedback is closed
by a kernel T_kj, the response of X_kk to a unit source D_jj. Eigenvectors are used for the kernel
alone, where they are well conditioned, and what error they bring is removed by the refinement; the
solution itself rests on the Schur form, which is safe at exceptional points.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import linalg
from scipy.linalg import lapack
from scipy.sparse.linalg import LinearOperator, gmres, onenormest

from .._typing import Array, ComplexArray, IntArray, RealArray
from .compensated import Pair, add, product, times

_BLOCK = 64  # LAPACK's unblocked triangular solver is used up to this size
_KERNEL_UP_TO = 400  # nodes with feedback; beyond, the closure is iterated
_CLOSED_TO = 1e-8  # relative, in one step of the refinement
_RESTART = 100
_KERNEL_BY_SCHUR = 48  # up to this size the kernel is computed column by column
_KERNEL_REFINED_UP_TO = 128  # the size up to which it is refined where it must be
# Part of an excitation that ever leaves a fed node for good; below, double precision does not resolve the rest.
_HARDLY_ESCAPES = 1e-11
_EIGENVECTORS_TRUSTED = 1e9  # condition number of the eigenvector matrix
_MAX_STEPS = 15
_NEGLIGIBLE = 1e-280  # a response that small is none
# Error of a refined solution relative to its largest element; in double precision rounding of the residual
# stops the refinement earlier, at about eps times the condition.
_TARGET_EXTENDED = 2.0**-84
_TARGET_DOUBLE = 2.0**-50
_ACCEPTED_DOUBLE = 2.0**-30


@dataclass(frozen=True)
class Refined:
    """A solution held as a pair, and what is known of it.

    Attributes
    ----------
    x : Pair of (n, n) arrays
        The solution is ``x.hi + x.lo``.
    residual : float
        Largest element of the residual that is left, and of the rounding with which it was computed.
    remaining : float
        Estimate of max |X - hi - lo| from the contraction of the corrections.
    converged : bool
        Whether the corrections contracted down to the target.
    """

    x: Pair
    residual: float
    remaining: float
    converged: bool


class LyapunovEquation:
    """A X + X A^H + diag(feedback_k X_kk) + D = 0 for Hermitian D, factored once for many D.

    Parameters
    ----------
    a : Pair of (n, n) arrays
        The stable matrix A, with entries far from overflow (scale it before).
    feedback : (n,) array, optional
        Weights w >= 0 of the diagonal feedback.
    """

    def __init__(self, a: Pair, feedback: RealArray | None = None) -> None:
        self.a = a
        self.n = len(a.hi)
        self.feedback = np.zeros(self.n) if feedback is None else feedback
        self.fed: IntArray = np.flatnonzero(self.feedback)

    @cached_property
    def schur(self) -> tuple[ComplexArray, ComplexArray]:
        """Upper triangular T and unitary U with A = U T U^H."""
        t, u = linalg.schur(self.a.hi, output="complex", check_finite=False)
        return np.asfortranarray(t), np.asfortranarray(u)

    @property
    def eigenvalues(self) -> ComplexArray:
        """Eigenvalues of A, shape (n,)."""
        return np.diag(self.schur[0])

    def solve(self, d: ComplexArray, *, adjoint: bool = False) -> ComplexArray:
        """X in double precision, for any square D; ``adjoint`` solves with A^H in place of A.

        Costs about 10 complex n^3 products; twice that with feedback.
        """
        x = self._solve_open(d, adjoint)
        if len(self.fed) == 0:
            return x
        source = np.zeros(self.n, dtype=np.complex128)
        source[self.fed] = self.feedback[self.fed] * self._closed(np.diag(x)[self.fed], adjoint)
        return x + self._solve_open(np.diag(source), adjoint)

    def _closed(self, diagonal: ComplexArray, adjoint: bool) -> ComplexArray:
        """Diagonal elements with the feedback, y = (1 - T w)^-1 x, from those without."""
        w = self.feedback[self.fed]
        if len(self.fed) > _KERNEL_UP_TO:
            return self._closed_by_iteration(diagonal, adjoint)
        if adjoint:
            # 1 - T^t w = w^-1 (1 - T w)^t w
            return np.asarray(linalg.lu_solve(self._closure, w * diagonal, trans=1, check_finite=False) / w)
        return np.asarray(linalg.lu_solve(self._closure, diagonal, check_finite=False))

    def _closed_by_iteration(self, diagonal: ComplexArray, adjoint: bool) -> ComplexArray:
        """The same by GMRES, one solution a step: the kernel of many nodes would cost as many solutions."""
        t, u = self.schur
        rows, w = u[self.fed], self.feedback[self.fed]

        def apply(y: ComplexArray) -> ComplexArray:
            back = triangular_sylvester(t, t, -(rows.conj().T * (w * y)) @ rows, adjoint=adjoint)
            return np.asarray(y - np.sum((rows @ back) * rows.conj(), axis=1))

        operator = LinearOperator((len(w), len(w)), dtype=np.complex128, matvec=apply)
        total, _ = gmres(operator, diagonal, rtol=_CLOSED_TO, atol=0.0, restart=_RESTART, maxiter=2)
        return np.asarray(total)

    def solve_refined(self, d: Pair, *, extended: bool = True) -> Refined:
        """X as a pair, refined until the corrections no longer matter.

        With ``extended`` the residual is computed in twice the working precision, and the result is
        accurate to nearly all digits of a double, element by element down to 2^-84 of the largest,
        wherever (condition of the equation) x eps < 1. Without, in double precision.
        """
        target = _TARGET_EXTENDED if extended else _TARGET_DOUBLE
        accepted = _TARGET_EXTENDED if extended else _ACCEPTED_DOUBLE
        x = Pair.exactly(np.zeros_like(d.hi))
        residual = d
        previous = np.inf
        converged = not d.hi.any()
        remaining = 0.0 if converged else np.inf
        for _ in range(0 if converged else _MAX_STEPS):
            step = self.solve(residual.hi)
            step = (step + step.conj().T) / 2
            size = float(np.abs(step).max())
            contraction = size / previous
            if not contraction < 0.5:
                break  # the correction is as uncertain as the solution: keep what there is
            x = add(x, Pair.exactly(step))
            residual = self.residual(x, d, extended=extended)
            if not residual.hi.any():
                remaining = 0.0
            elif previous == np.inf or not extended:
                # The first correction says nothing of the contraction yet; in double precision the last
                # correction is as large as what rounding leaves.
                remaining = 2 * size
            else:
                remaining = size * contraction / (1 - contraction)
            previous = size
            largest = float(np.abs(x.hi).max())
            converged = remaining <= accepted * largest
            if remaining <= target * largest:
                break
        if d.hi.any() and not self._closes(extended):
            remaining, converged = np.inf, False
        left = float(np.abs(residual.hi).max(initial=0.0))
        return Refined(x, left if extended else left + self._rounding_of_residual(x, d), remaining, converged)

    def residual(self, x: Pair, d: Pair, *, extended: bool = True) -> Pair:
        """A X + X A^H + diag(w_k X_kk) + D."""
        if not extended:
            half = self.a.hi @ x.hi
            return Pair.exactly(half + half.conj().T + np.diag(self.feedback * np.diag(x.hi)) + d.hi)
        product_once = product(self.a, x)
        total = add(add(product_once, product_once.adjoint), d)
        if len(self.fed):
            fed_back = times(self.feedback, Pair(np.diag(x.hi), np.diag(x.lo)))
            total = add(total, Pair(np.diag(fed_back.hi), np.diag(fed_back.lo)))
        return total

    def _rounding_of_residual(self, x: Pair, d: Pair) -> float:
        """Bound on the rounding errors of a residual in double precision."""
        size = np.abs(x.hi)
        terms = np.abs(self.a.hi) @ size
        terms = terms + terms.T + np.diag(self.feedback * np.diag(size)) + np.abs(d.hi)
        return float(terms.max() * (self.n + 6) * np.finfo(np.float64).eps / 2)

    def inverse_norm(self, *, extended: bool = True) -> float:
        """Estimate of the largest max |X| over all D with max |D| <= 1 (the inverse of a separation).

        By Hager and Higham's one-norm estimator on the adjoint; seldom more than three times too small.
        Costs about twelve solutions. Infinite where the equation is singular to working precision: there a
        solution has no right digit for the D that it amplifies most, and the estimate would be none.
        """
        n = self.n
        if not self._closes(extended):
            return np.inf

        def apply(vector: ComplexArray, adjoint: bool) -> ComplexArray:
            x = self.solve(vector.reshape(n, n), adjoint=adjoint).ravel()
            # The estimator takes phases, x / |x|, which overflow for subnormal x.
            return np.where(np.abs(x) < _NEGLIGIBLE, 0.0, x)

        operator = LinearOperator(
            (n * n, n * n),
            dtype=np.complex128,
            matvec=lambda v: apply(v, True),
            rmatvec=lambda v: apply(v, False),
        )
        # One column keeps the estimator deterministic; the alternating vector is LAPACK's guard against
        # the cancellations that can fool it.
        vector = np.where(np.arange(n * n) % 2, -1.0, 1.0) * np.linspace(1.0, 2.0, n * n)
        guard = float(np.abs(operator.matvec(vector + 0j)).sum() / np.abs(vector).sum())
        if not np.isfinite(guard):
            return np.inf
        norm, _, image = onenormest(operator, t=1, compute_v=True, compute_w=True)
        worst = np.exp(1j * np.angle(image)).reshape(n, n)
        return max(float(norm), guard) if self._is_right_about(worst, extended) else np.inf

    @cached_property
    def _damping(self) -> RealArray | None:
        """G where A + A^H = -diag(G), so that sum_j T_kj G_j = 1 for every k; None where it is not diagonal."""
        hermitian = self.a.hi + self.a.hi.conj().T
        damping = -np.diag(hermitian).real
        return damping if np.count_nonzero(hermitian) == np.count_nonzero(damping) else None

    @cached_property
    def _sources(self) -> IntArray:
        """Nodes whose response is computed for the closure: all damped ones where row sums are known, else the fed."""
        return self.fed if self._damping is None else np.flatnonzero(self._damping)

    @property
    def kernel(self) -> RealArray:
        """T_kj over the fed nodes: the response of X_kk to a unit source D_jj, without feedback."""
        return np.asarray(self._responses[:, np.searchsorted(self._sources, self.fed)])

    @cached_property
    def _responses(self) -> RealArray:
        """T_kj for k over the fed nodes and j over :attr:`_sources`."""
        if self.n > _KERNEL_BY_SCHUR:
            by_eigenvectors = self._responses_by_eigenvectors()
            if by_eigenvectors is not None:
                return by_eigenvectors
        t, u = self.schur
        rows = u[self.fed]
        responses = (triangular_sylvester(t, t, -np.outer(row.conj(), row)) for row in u[self._sources])
        return np.array([np.sum((rows @ y) * rows.conj(), axis=1).real for y in responses]).T

    def _responses_by_eigenvectors(self) -> RealArray | None:
        values, v = linalg.eig(self.a.hi, check_finite=False)
        if not np.linalg.cond(v) < _EIGENVECTORS_TRUSTED:
            return None
        w = linalg.inv(v, check_finite=False)[:, self._sources]
        cauchy = -1.0 / (values[:, None] + values.conj()[None, :])
        kernel = np.empty((len(self.fed), len(self._sources)))
        for k, row in enumerate(v[self.fed]):
            weights = row[:, None] * cauchy * row.conj()
            kernel[k] = np.sum((weights @ w.conj()) * w, axis=0).real
        return kernel

    @cached_property
    def _closure(self) -> tuple[RealArray, Array]:
        """LU factors of 1 - T w.

        Where feedback outweighs all else its diagonal cancels; it is taken from the row sums instead,
        1 - T_kk w_k = sum_{j != k} T_kj G_j + T_kk (G_k - w_k), in which every term is positive.
        """
        matrix = self._one_minus_kernel(self._responses)
        if np.diag(matrix).min() < _HARDLY_ESCAPES and self.n <= _KERNEL_REFINED_UP_TO:
            matrix = self._one_minus_kernel(self._responses_refined())
        lu, pivots, _ = lapack.dgetrf(matrix)  # unlike SciPy's wrapper silent where singular: see _closes
        return lu, pivots

    def _one_minus_kernel(self, responses: RealArray) -> RealArray:
        among = np.searchsorted(self._sources, self.fed)
        w, places = self.feedback[self.fed], np.arange(len(self.fed))
        matrix = -responses[:, among] * w
        if self._damping is None:
            matrix[places, places] += 1.0
        else:
            others = np.tile(self._damping[self._sources], (len(self.fed), 1))
            others[places, among] -= w
            matrix[places, places] = np.sum(responses * others, axis=1)
        return np.asarray(matrix)

    def _responses_refined(self) -> RealArray:
        """The responses with each column refined: small elements keep their digits, at several times the cost."""
        without = LyapunovEquation(self.a)
        without.schur = self.schur
        columns = []
        for node in self._sources:
            source = np.zeros((self.n, self.n), dtype=np.complex128)
            source[node, node] = 1.0
            columns.append(np.diag(without.solve_refined(Pair.exactly(source)).x.hi).real[self.fed])
        return np.array(columns).T

    def _closes(self, extended: bool) -> bool:
        """Whether the feedback is closed with at least one right digit.

        The closure 1 - T w is singular where the feedback sustains itself. Nearly so, with T known to
        rounding only, its solution may be wrong by any factor, and refinement would stall without a sign.
        """
        if len(self.fed) == 0 or len(self.fed) > _KERNEL_UP_TO:
            return True  # an iterated closure shows its failure in the residual
        lu, _ = self._closure
        if not np.diag(lu).all():
            return False
        weakest = np.ones(len(self.fed))
        for _ in range(3):
            weakest = linalg.lu_solve(self._closure, weakest, check_finite=False)
            weakest = weakest / np.abs(weakest).max()
        source = np.zeros(self.n, dtype=np.complex128)
        source[self.fed] = self.feedback[self.fed] * weakest
        return self._is_right_about(np.diag(source), extended)

    def _is_right_about(self, d: ComplexArray, extended: bool) -> bool:
        """Whether the solution for this D is improved by a step of refinement."""
        x = self.solve(d)
        if not np.isfinite(x).all():
            return False
        if np.abs(x - x.conj().T).max() > np.abs(x + x.conj().T).max():
            d, x = 1j * d, 1j * x
        d, x = (d + d.conj().T) / 2, (x + x.conj().T) / 2
        step = self.solve(self.residual(Pair.exactly(x), Pair.exactly(d), extended=extended).hi)
        return bool(np.abs(step).max() < 0.5 * np.abs(x).max())

    def _solve_open(self, d: ComplexArray, adjoint: bool) -> ComplexArray:
        """X without the feedback."""
        t, u = self.schur
        y = triangular_sylvester(t, t, -(u.conj().T @ d @ u), adjoint=adjoint)
        return u @ y @ u.conj().T


def triangular_sylvester(t1: ComplexArray, t2: ComplexArray, f: ComplexArray, *, adjoint: bool = False) -> ComplexArray:
    """Y with T1 Y + Y T2^H = F (or T1^H Y + Y T2 = F), for upper triangular T1 and T2.

    Recursive blocking turns nearly all of the work into matrix products (Jonsson and Kagstrom,
    ACM TOMS 28, 392 (2002)).
    """
    rows, columns = f.shape
    if max(rows, columns) <= _BLOCK:
        trans = ("C", "N") if adjoint else ("N", "C")
        scaled, scale, _ = lapack.ztrsyl(t1, t2, f, trana=trans[0], tranb=trans[1])
        leaf: ComplexArray = scaled / scale  # LAPACK solves for scale * F to stay clear of overflow
        return leaf
    y = np.empty_like(f)
    if rows >= columns:
        h = rows // 2
        top, bottom, corner = t1[:h, :h], t1[h:, h:], t1[:h, h:]
        if adjoint:
            y[:h] = triangular_sylvester(top, t2, f[:h], adjoint=True)
            y[h:] = triangular_sylvester(bottom, t2, f[h:] - corner.conj().T @ y[:h], adjoint=True)
        else:
            y[h:] = triangular_sylvester(bottom, t2, f[h:])
            y[:h] = triangular_sylvester(top, t2, f[:h] - corner @ y[h:])
        return y
    h = columns // 2
    left, right, corner = t2[:h, :h], t2[h:, h:], t2[:h, h:]
    if adjoint:
        y[:, :h] = triangular_sylvester(t1, left, f[:, :h], adjoint=True)
        y[:, h:] = triangular_sylvester(t1, right, f[:, h:] - y[:, :h] @ corner, adjoint=True)
    else:
        y[:, h:] = triangular_sylvester(t1, right, f[:, h:])
        y[:, :h] = triangular_sylvester(t1, left, f[:, :h] - y[:, h:] @ corner.conj().T)
    return y
