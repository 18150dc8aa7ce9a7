"""Iterative refinement of a solution of A X + X A^H + diag(w_k X_kk) + D = 0 with residuals as exact as they must be.

Each correction gains as many digits as the solver has, and the residual that it is computed from needs no more than
that many digits of its own: its products are exact to ever more slices as the solution improves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .._typing import Array, ComplexArray, RealArray
from .compensated import Pair, add, times, two_sum
from .factors import Factors
from .gauge import turned
from .products import MOST_SLICES, Multiplier, bits_of_a_slice

_MOST_STEPS = 15
_FEW_STEPS = 4
# Error of a refined solution relative to its largest element; in double precision rounding of the residual
# stops the refinement earlier, at about eps times the condition.
_TARGET_EXTENDED = 2.0**-84
_TARGET_DOUBLE = 2.0**-47
_ACCEPTED_DOUBLE = 2.0**-30
_WORTH_IT = 0.5  # contraction above which a correction is as uncertain as the solution
EACH_UP_TO = (
    64  # rows, for which residuals are measured element by element, and their rounding bounded in the worst case
)
_ALL_SLICES_UP_TO = 128  # rows, for which residuals are exact to the last bit of a pair
_PROBES = 16  # real vectors at random that measure the residual of more rows
_PROBED = 3.0  # not once in a million times is the norm that many times larger than measured
_PLAIN_BITS = 50  # right ones of a product in double precision
_FACTORED = 64.0  # rounding units that factors are off by, where the equation is well conditioned


@dataclass(frozen=True)
class Refined:
    """A solution held as a pair, and what is known of it.

    Attributes
    ----------
    x : Pair of (n, n) arrays
        The solution is ``x.hi + x.lo``.
    residual : float
        Bound on the largest element of the residual that is left, with the rounding with which it was computed.
    residual_norm : float
        Bound on its Frobenius norm.
    backward_error : float
        Frobenius norm of the residual of ``x.hi`` over that of the terms of the equation.
    remaining : float
        Estimate of max |X - hi - lo| from the contraction of the corrections.
    converged : bool
        Whether the corrections contracted down to the target.
    """

    x: Pair
    residual: float
    residual_norm: float
    backward_error: float
    remaining: float
    converged: bool


class Refinement:
    """A solution on its way.

    Parameters
    ----------
    left : Multiplier
        A.
    feedback : (n,) array
        w.
    d : Pair of (n, n) or (n,) arrays
        D, or its diagonal if that is all there is.
    extended : bool
        Whether to go beyond double precision.
    """

    def __init__(self, left: Multiplier, feedback: RealArray, d: Pair, *, extended: bool) -> None:
        self._left, self._feedback, self._d, self._extended = left, feedback, d, extended
        self._n = len(feedback)
        kind = np.result_type(left.hi, d.hi)
        self._x = Pair(np.zeros((self._n, self._n), dtype=kind), np.zeros((self._n, self._n), dtype=kind))
        self.is_trivial = not d.hi.any()
        self.converged = self.is_trivial
        self._remaining = 0.0 if self.is_trivial else np.inf
        self._slices = MOST_SLICES if extended and self._n <= _ALL_SLICES_UP_TO else 0

    def begin_with(self, x: Array) -> None:
        """Start from an approximation."""
        kind = np.result_type(self._x.hi, x) if x.imag.any() else self._x.hi.dtype
        self._x = Pair((x if np.issubdtype(kind, np.complexfloating) else x.real).astype(kind), np.zeros(x.shape, kind))
        if self._extended:
            self._slices = max(self._slices, 1)

    def run(self, factors: Factors, correction: Callable[[Array, Factors], Array], pays: float = _WORTH_IT) -> bool:
        """Correct, until that no longer matters or a correction exceeds ``pays`` times the last; whether none did."""
        previous = np.inf
        for _ in range(0 if self.is_trivial else _MOST_STEPS):
            # Without a solution the residual is D.
            residual = self._residual() if self._x.hi.any() else self._d.hi
            if not residual.any():
                self._remaining, self.converged = 0.0, True
                break
            step = correction(residual, factors)
            size = float(np.abs(step).max())
            contraction = size / previous
            if not contraction < _WORTH_IT:
                return False  # the correction is as uncertain as the solution: keep what there is
            self._add(step)
            if self._is_enough(size, contraction, factors):
                break
            if contraction > pays:
                return False
            previous = size
        return True

    def run_until(self, norm: float, correction: Callable[[Array], Array]) -> float:
        """Correct a few times, until the Frobenius norm of the residual is below the given one; a bound on it."""
        found = np.inf
        for _ in range(_FEW_STEPS):
            self._add(correction(self._residual() if self._x.hi.any() else self._d.hi))
            if not np.isfinite(self._x.hi).all():
                return float(np.inf)
            found = self._measured()[0]
            if found <= norm:
                break
        return found

    @property
    def x(self) -> Array:
        """The leading part of the solution, before phases are changed back."""
        return self._x.hi

    def improves(self, correction: Callable[[Array], Array]) -> bool:
        """Whether one more correction is smaller than half of the solution."""
        residual = self._residual()
        if not residual.any():
            return True
        return bool(np.abs(correction(residual)).max() < _WORTH_IT * np.abs(self._x.hi).max())

    def _is_enough(self, size: float, contraction: float, factors: Factors) -> bool:
        """Whether a correction of that size was the last; what remains, and how exact the next residual must be."""
        target = _TARGET_EXTENDED if self._extended else _TARGET_DOUBLE
        largest = float(np.abs(self._x.hi).max())
        known = contraction > 0.0  # the first correction says nothing of the contraction yet
        self._remaining = size * contraction / (1 - contraction) if known else 2 * size
        enough = known and self._remaining <= target * largest
        assumed = contraction if known else 2.0**10 * factors.unit
        condition = assumed / (_FACTORED * factors.unit)
        if known:
            self._remaining += condition * self._rounding(self._slices) * largest
        if self._extended:
            enough = known and self._remaining <= target * largest
            needed = max(assumed * size / largest * _FACTORED * factors.unit, target / condition)
            allowed = (count for count in range(self._slices, MOST_SLICES) if self._rounding(count) <= needed)
            self._slices = next(allowed, MOST_SLICES)
        self.converged = self._remaining <= (target if self._extended else _ACCEPTED_DOUBLE) * largest
        return bool(enough)

    def _rounding(self, slices: int) -> float:
        """Rounding of a product, relative."""
        if slices == MOST_SLICES and self._n <= _ALL_SLICES_UP_TO:
            return 0.0  # that of a pair
        return float(2.0 ** -(_PLAIN_BITS + slices * bits_of_a_slice(self._n)))

    def _add(self, step: Array) -> None:
        if self._extended:
            head = two_sum(self._x.hi, step)
            self._x = two_sum(head.hi, self._x.lo + head.lo)
        else:
            self._x = Pair(self._x.hi + step, self._x.lo)

    def _residual(self) -> Array:
        """A X + X A^H + diag(w_k X_kk) + D, rounded."""
        hi, lo = self._x
        if self._slices == 0:
            return self._plain_residual()
        high, low = self._left.times_exactly(hi, lo, self._slices)
        total = two_sum(high, high.conj().T)
        total = Pair(total.hi, total.lo + (low + low.conj().T))
        diagonal = times(self._feedback, Pair(hi.diagonal().real, lo.diagonal().real))
        diagonal = Pair(diagonal.hi.real, diagonal.lo.real)
        if self._d.hi.ndim == 1:
            diagonal = add(diagonal, self._d)
        else:
            total = add(total, self._d)
        diagonal = add(diagonal, Pair(total.hi.diagonal().real, total.lo.diagonal().real))
        found = total.hi + total.lo
        np.fill_diagonal(found, diagonal.hi + diagonal.lo)
        return np.asarray(found)

    def _plain_residual(self) -> Array:
        """The same for the leading part of X, in double precision."""
        x = self._x.hi
        found = self._left.times(x)
        found += found.conj().T
        if self._d.hi.ndim == 2:
            found += self._d.hi
        found[np.diag_indices(self._n)] += self._feedback * x.diagonal() + self._diagonal_source
        return found

    @property
    def _diagonal_source(self) -> RealArray | float:
        return self._d.hi if self._d.hi.ndim == 1 else 0.0

    def result(self, phases: ComplexArray | None, *, closes: bool) -> Refined:
        """The solution, its residual measured; ``phases`` are those that made the equation real."""
        norm, error = self._measured()
        if self._extended:
            left = self._residual()
            largest, norm = float(np.abs(left).max(initial=0.0)), float(np.linalg.norm(left))
        elif self._n <= EACH_UP_TO:
            largest = float(np.abs(self._plain_residual()).max(initial=0.0)) + self._bound_on_rounding()
            norm = self._n * largest
        else:
            largest = norm
        hi = self._x.hi if phases is None else turned(self._x.hi, phases.conj())
        lo = np.broadcast_to(np.complex128(0), hi.shape)  # takes no memory
        if self._extended:
            lo = self._x.lo if phases is None else turned(self._x.lo, phases.conj())
        return Refined(
            x=Pair(hi.astype(np.complex128, copy=False), lo.astype(np.complex128, copy=False)),
            residual=largest,
            residual_norm=norm,
            backward_error=error,
            remaining=self._remaining if closes else np.inf,
            converged=self.converged and closes,
        )

    def _measured(self) -> tuple[float, float]:
        """Frobenius norm of the residual of the leading part of X, bounded; that over the terms of the equation.

        Of many rows it is measured with vectors at random, in a small part of the time that a product takes.
        """
        x, frobenius = self._x.hi, np.linalg.norm
        if self._n <= EACH_UP_TO:
            found = float(frobenius(self._plain_residual()))
        else:
            rng, shape = np.random.default_rng(0), (self._n, _PROBES)
            z = rng.normal(size=shape)
            if np.iscomplexobj(x):
                half = shape[0], _PROBES // 2
                z = (rng.normal(size=half) + 1j * rng.normal(size=half)) / np.sqrt(2)
            sources = self._diagonal_source + self._feedback * x.diagonal()
            image = self._left.times(x @ z) + x @ self._left.adjoint_times(z) + sources[:, None] * z
            if self._d.hi.ndim == 2:
                image += self._d.hi @ z
            found = float(frobenius(image)) / np.sqrt(z.shape[1])
        terms = 2 * float(frobenius(self._left.hi)) * float(frobenius(x)) + float(frobenius(self._d.hi))
        return _PROBED * found, found / terms if terms else 0.0

    def _bound_on_rounding(self) -> float:
        """Bound on the rounding errors of a residual in double precision."""
        size = np.abs(self._x.hi)
        terms = np.abs(self._left.hi) @ size
        terms = terms + terms.T
        terms[np.diag_indices(self._n)] += self._feedback * size.diagonal() + np.abs(self._diagonal_source)
        if self._d.hi.ndim == 2:
            terms += np.abs(self._d.hi)
        return float(terms.max() * (self._n + 6) * np.finfo(np.float64).eps / 2)
