"""The equation A X + X A^H + diag(w_k X_kk) + D = 0, dense: a Schur form, and refinement.

With the diagonal feedback w = 0 (the default) this is the Lyapunov equation. The solution rests on a Schur form, which
is safe at exceptional points. What its error spoils is removed by refinement: the form of a large matrix may therefore
be one in single precision, where that contracts. A matrix that is real but for a change of phases is treated as real.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from scipy.sparse.linalg import LinearOperator, onenormest

from .._typing import Array, ComplexArray, IntArray, RealArray
from . import closure
from .compensated import Pair
from .factors import Factors, largest_eigenvalue
from .gauge import real_phases, turned
from .products import Multiplier
from .refinement import Refined, Refinement
from .triangular import triangular_sylvester

__all__ = ["LyapunovEquation", "Refined", "triangular_sylvester"]

_SINGLE_FROM = 513  # rows; below, a form in double precision costs less than the additional steps of the refinement
_UNCERTAIN = 8.0  # error of a Schur form: this many rounding units, times the root of n and the typical singular value
_CONTRACTS = 0.1  # bound on the contraction with which single precision is trusted
_PAYS = 1 / 16  # contraction above which a form in double precision costs less than more steps with one in single
_REGULAR = 0.5  # the same, beyond which the equation may be singular
_NEARLY = 0.1  # how far D may be from 1 for a bound on responses
_EVEN = 0.25  # smallest damping over the mean one, from which on the former bounds the responses well enough
_NEGLIGIBLE = 1e-280  # a response that small is none


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
        self._single_pays = True

    # -- the matrix: real where it can be, and factored -------------------------------------------------------------

    @cached_property
    def _real_form(self) -> tuple[ComplexArray | None, Multiplier]:
        """Phases P and P^H A P, real, where there are such; none and A otherwise."""
        phases = real_phases(self.a.hi)
        if phases is not None:
            low = turned(self.a.lo, phases)
            if not low.imag.any():
                high = turned(self.a.hi, phases)
                return phases, Multiplier(np.ascontiguousarray(high.real), np.ascontiguousarray(low.real))
        return None, Multiplier(self.a.hi, self.a.lo)

    @property
    def phases(self) -> ComplexArray | None:
        """Diagonal of the P that makes P^H A P real, shape (n,); None where there is none."""
        return self._real_form[0]

    @property
    def _matrix(self) -> Array:
        """A after the change of phases, to double precision."""
        return self._real_form[1].hi

    @cached_property
    def factors(self) -> Factors:
        """In double precision, after the change of phases."""
        return Factors(self._matrix)

    @cached_property
    def single(self) -> Factors | None:
        """In single precision; None where that is not worth it, or refinement with it might not contract."""
        a = self._matrix
        if self.n < _SINGLE_FROM:
            return None
        # The slowest mode decays no faster than the mean, and far slower where few nodes are damped.
        decay = -float(a.diagonal().real.mean()) * np.count_nonzero(a.diagonal().real) / self.n
        error = self._error_of_factors(float(np.finfo(np.float32).eps) / 2)
        if not error < _CONTRACTS * 2 * decay:
            return None
        factors = Factors(a.astype(np.complex64 if np.iscomplexobj(a) else np.float32))
        return factors if error * self._open_response(factors) < _CONTRACTS else None

    def _error_of_factors(self, unit: float) -> float:
        """Norm of what the equation of a Schur form has more than that of its matrix, as a map of Hermitian X."""
        size = float(np.linalg.norm(self._matrix)) / np.sqrt(self.n)
        return float(2 * _UNCERTAIN * unit * np.sqrt(self.n) * size)

    def decays_faster_than(self, rate: float) -> bool:
        """Whether every eigenvalue of A has a real part below ``-rate``, which is not less than rounding.

        Where a form in single precision is used, its response to D = 1 decides: the equation is regular for all
        matrices between the one that was factored and A, so that no eigenvalue crosses the axis.
        """
        even = self._even_damping(0.0)
        if even is not None and even > 2 * rate:
            return True
        if self.single is not None and 2 * rate * self._open_response(self.single) < 1 - 2 * _CONTRACTS:
            return True
        return bool(self.factors.eigenvalues.real.max() < -rate)

    # -- solutions ---------------------------------------------------------------------------------------------------

    def solve(self, d: ComplexArray, *, adjoint: bool = False) -> ComplexArray:
        """X in double precision, for any square D; ``adjoint`` solves with A^H in place of A.

        Costs about 5 products (complex, or real where A can be), twice that with feedback.
        """
        x = self._solve_open(d if self.phases is None else turned(d, self.phases), adjoint)
        if len(self.fed):
            source = self._fed_back(x.diagonal(), self.factors, adjoint=adjoint)
            x = x + self._solve_open(np.diag(source), adjoint)
        return np.asarray(x if self.phases is None else turned(x, self.phases.conj()), dtype=np.complex128)

    def _solve_open(self, d: Array, adjoint: bool) -> Array:
        """Without feedback, after the change of phases."""
        factors = self.factors
        if np.iscomplexobj(d) and not factors.is_complex:
            return factors.solve(d.real, adjoint=adjoint) + 1j * factors.solve(d.imag, adjoint=adjoint)
        return factors.solve(d.astype(factors.dtype), adjoint=adjoint)

    def solve_refined(self, d: Pair, *, extended: bool = True, start: ComplexArray | None = None) -> Refined:
        """X as a pair, refined until the corrections no longer matter.

        With ``extended`` the residual is computed in twice the working precision, and the result is
        accurate to nearly all digits of a double, element by element down to 2^-84 of the largest,
        wherever (condition of the equation) x eps < 1. Without, in double precision.

        Parameters
        ----------
        d : Pair of (n, n) arrays
            Hermitian.
        extended : bool
        start : (n, n) array, optional
            An approximation of X to begin with.
        """
        refinement = Refinement(self._real_form[1], self.feedback, self._in_real_form(d), extended=extended)
        if start is not None:
            refinement.begin_with(start if self.phases is None else turned(start, self.phases))
        if self.single is not None and self._single_pays and not refinement.converged:
            self._single_pays = refinement.run(self.single, self._correction, _PAYS)
        if not refinement.converged:
            refinement.run(self.factors, self._correction)
        closes = refinement.is_trivial or self._closes(extended)
        return refinement.result(self.phases, closes=closes)

    def _in_real_form(self, d: Pair) -> Pair:
        """D after the change of phases: real if it can be, only its diagonal if there is no more."""
        if all(np.count_nonzero(part) == np.count_nonzero(part.diagonal()) for part in d):
            return Pair(d.hi.diagonal().real.copy(), d.lo.diagonal().real.copy())
        if self.phases is None:
            return d
        high, low = turned(d.hi, self.phases), turned(d.lo, self.phases)
        return Pair(high, low) if high.imag.any() or low.imag.any() else Pair(high.real.copy(), low.real.copy())

    @np.errstate(all="ignore")  # what is not finite ends the refinement
    def _correction(self, d: Array, factors: Factors) -> Array:
        """X for a Hermitian D, or the diagonal of one; both after the change of phases."""
        scale = float(np.ldexp(1.0, -int(np.frexp(np.abs(d).max())[1])))  # single precision has a short range
        if np.iscomplexobj(d) and not factors.is_complex:
            x = self._closed(_scaled(d.real, scale, factors.dtype), factors).astype(np.complex128)
            if d.imag.any():  # antisymmetric, as is the solution: no diagonal to feed back
                x.imag = factors.solve(_scaled(d.imag, scale, factors.dtype))
        else:
            x = self._closed(_scaled(d, scale, factors.dtype), factors)
        return _scaled(x, 1 / scale, np.dtype(np.complex128 if np.iscomplexobj(x) else np.float64))

    def _closed(self, d: Array, factors: Factors) -> Array:
        inner = factors.inner(factors.turned(d))
        if len(self.fed):
            source = self._fed_back(factors.diagonal(inner).astype(np.float64), factors)
            inner += factors.inner(factors.turned(source.astype(factors.dtype)))
        return factors.outer(inner)

    # -- the feedback ------------------------------------------------------------------------------------------------

    @cached_property
    def _kernel(self) -> closure.Kernel:
        return closure.Kernel(self._matrix, self.factors, self.feedback, self._refined_response)

    def _refined_response(self, node: int) -> RealArray:
        """Diagonal of the solution without feedback for a unit source on one node: small elements keep digits."""
        without = LyapunovEquation(self.a)
        without.factors = self.factors
        source = np.zeros((self.n, self.n), dtype=np.complex128)
        source[node, node] = 1.0
        return np.asarray(without.solve_refined(Pair.exactly(source)).x.hi.diagonal().real)

    @cached_property
    def _iterations(self) -> dict[str, closure.Iteration]:
        """One a precision."""
        return {}

    def _fed_back(self, diagonal: Array, factors: Factors, *, adjoint: bool = False) -> Array:
        """The source w_k X_kk of the whole solution, shape (n,), for the diagonal of the one without feedback."""
        total = self._closed_diagonal(diagonal[self.fed], factors, adjoint)
        source = np.zeros(self.n, dtype=total.dtype)
        if np.isfinite(total).all():  # or the feedback sustains itself, see `_closes`
            source[self.fed] = self.feedback[self.fed] * total
        return source

    def _closed_diagonal(self, diagonal: Array, factors: Factors, adjoint: bool) -> Array:
        if self._has_kernel:
            return self._kernel.closed(diagonal, adjoint=adjoint)
        if factors.dtype.char not in self._iterations:
            self._iterations[factors.dtype.char] = closure.Iteration(self._matrix, factors, self.feedback)
        iteration = self._iterations[factors.dtype.char]
        total = iteration.closed(diagonal, adjoint=adjoint)
        if iteration.stalled and len(self.fed) <= closure.KERNEL_AT_MOST:
            return self._kernel.closed(diagonal, adjoint=adjoint)
        return total

    @property
    def _has_kernel(self) -> bool:
        return len(self.fed) <= closure.KERNEL_UP_TO and self.n < _SINGLE_FROM

    def _closes(self, extended: bool) -> bool:
        """Whether the feedback is closed with at least one right digit.

        The closure 1 - T w is singular where the feedback sustains itself. Nearly so, with T known to
        rounding only, its solution may be wrong by any factor, and refinement would stall without a sign.
        """
        if len(self.fed) == 0 or not self._has_kernel:
            return True  # an iterated closure shows its failure in the residual
        weakest = self._kernel.weakest
        if weakest is None:
            return False
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
        refinement = Refinement(
            self._real_form[1], self.feedback, self._in_real_form(Pair.exactly(d)), extended=extended
        )
        refinement.begin_with(x if self.phases is None else turned(x, self.phases))
        return refinement.improves(lambda residual: self._correction(residual, self.factors))

    # -- how well conditioned ----------------------------------------------------------------------------------------

    @cached_property
    def _damping(self) -> RealArray | None:
        return closure.damping(self._matrix)

    def _even_damping(self, feedback: RealArray | float) -> float | None:
        """The smallest of G - w where A + A^H = -diag(G), as X for D = G - w is 1; None where it says little."""
        if self._damping is None:
            return None
        net = self._damping - feedback
        least = float(net.min())
        return least if least > 0.0 and least >= _EVEN * float(net.mean()) else None

    def _open_response(self, factors: Factors) -> float:
        """Bound on the largest eigenvalue of X for D = 1, without feedback."""
        even = self._even_damping(0.0)
        return factors.largest_response() if even is None else 1 / even

    @cached_property
    def response(self) -> float:
        """Bound on the largest eigenvalue of X for D = 1: the norm of the inverse, from spectral to spectral norm.

        A stable equation has a positive X for every positive D, so that no D of the same norm has a larger X (Russo and
        Dye). Costs no more than a solution; infinite where the equation is singular to working precision.
        """
        even = self._even_damping(self.feedback)
        if even is not None:
            return 1 / even
        factors = self.single or self.factors
        if len(self.fed):
            bound = self._fed_response(factors)
            # Feedback amplifies more than single precision resolves where probes lose nothing but to far ends.
            return self._fed_response(self.factors) if bound == np.inf and factors is self.single else bound
        bound = self._open_response(factors)
        return bound if self._error_of_factors(factors.unit) * bound < _REGULAR else float(np.inf)

    def _fed_response(self, factors: Factors) -> float:
        """The same with feedback: from an X whose D is 1 to within a part, so that that of 1 is larger by no more."""
        one = Pair(np.ones(self.n), np.zeros(self.n))
        refinement = Refinement(self._real_form[1], self.feedback, one, extended=False)
        off = refinement.run_until(_NEARLY, lambda residual: self._correction(residual, factors))
        x = refinement.x
        if not off <= _NEARLY or not (x.diagonal().real > 0).all():
            return float(np.inf)
        return largest_eigenvalue(lambda vector: x @ vector, x[0]) / (1 - off)

    def inverse_norm(self, *, extended: bool = True) -> float:
        """Estimate of the largest max |X| over all D with max |D| <= 1 (the inverse of a separation).

        By Hager and Higham's one-norm estimator on the adjoint, which may overlook a slow mode among many; that one is
        found by the response to D = 1, and its norm taken exactly. Seldom more than a third too small. Costs about
        fifteen solutions. Infinite where the equation is singular to working precision: there a solution has no
        right digit for D = 1 or for the D that it amplifies most, and the estimate would be none.
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
        one = np.eye(n, dtype=np.complex128)
        response = apply(one.ravel(), False).reshape(n, n).diagonal().real
        # Positive for every stable equation; what rounding makes of a mode that is hardly damped need not be.
        if not (response > 0).all() or not self._is_right_about(one, extended):
            return np.inf
        slowest = float(np.abs(apply(np.diag(one[np.argmax(response)]).ravel(), True)).sum())
        norm, _, image = onenormest(operator, t=1, compute_v=True, compute_w=True)
        worst = np.exp(1j * np.angle(image)).reshape(n, n)
        return max(float(norm), guard, slowest) if self._is_right_about(worst, extended) else np.inf


def _scaled(x: Array, factor: float, kind: np.dtype[Any]) -> Array:
    """``factor * x`` in double precision, then rounded to another."""
    return np.multiply(x, factor, out=np.empty(x.shape, dtype=kind), casting="same_kind", dtype=_double(x, kind))


def _double(x: Array, kind: np.dtype[Any]) -> type[np.inexact[Any]]:
    return np.complex128 if np.iscomplexobj(x) or np.issubdtype(kind, np.complexfloating) else np.float64
