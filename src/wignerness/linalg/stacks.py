"""Many small equations A X + X A^H + diag(w_k X_kk) + D = 0 at once, each as if it were alone.

Every operation works matrix by matrix (stacked products, eigenvectors, sums along rows), so that the bits of an answer
do not depend on the others in the stack. Eigenvectors solve in double precision; what error they bring is removed by
refinement with residuals in pairs of doubles, and a certificate bounds what is left. Where eigenvectors are too ill
conditioned for that, the answer is not accepted, and another method has to do the work.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .._typing import Array, BoolArray, ComplexArray, IntArray, RealArray
from .compensated import Pair, add, times, two_sum

_EPS = float(np.finfo(np.float64).eps)
# Error of a refined solution relative to its largest element.
_TARGET = 2.0**-84
_MAX_STEPS = 6
# Slices of a row are aligned at its largest element; partial products below this many bits are left out.
_SLICES = 5
_BITS_KEPT = 112
# Rounding of a residual in pairs, relative to the largest product in a row.
_PAIR_ROUNDING = 2.0**-94
# Part of the identity that the computed response to the identity may miss.
_CERTAIN = 0.125
# Responses beyond this (in units of the largest coefficient) are near singular: not for stacks.
_LARGEST_RESPONSE = 1e10


@dataclass(frozen=True)
class StackedSolutions:
    """Solutions held as pairs, and what is known of each.

    Attributes
    ----------
    x : Pair of (B, n, n) arrays
    residual : (B, n, n) array
        What is left of the equation.
    remaining : (B,) array
        Estimate of max |X - hi - lo| from the contraction of the corrections.
    bound : (B,) array
        Bound on the same from the residual and the response.
    response : (B,) array
        Bound on max |X| over all D of spectral norm one.
    accepted : (B,) array of bool
        Whether the equation has a positive inverse for certain, and the corrections contracted to the target.
    """

    x: Pair
    residual: ComplexArray
    remaining: RealArray
    bound: RealArray
    response: RealArray
    accepted: BoolArray


class StackedEquations:
    """A X + X A^H + diag(feedback_k X_kk) + D = 0 for a stack of A whose Hermitian parts are diagonal.

    Parameters
    ----------
    a : Pair of (B, n, n) arrays
        Entries of order one at most.
    feedback : (B, n) array
        Weights w >= 0 of the diagonal feedback.
    fed : (F,) array of int
        Where feedback may be other than zero; the same for all.
    """

    def __init__(self, a: Pair, feedback: RealArray, fed: IntArray) -> None:
        self.a, self.feedback, self.fed = a, feedback, fed
        self.n = a.hi.shape[-1]
        values, self._vectors = guarded(np.linalg.eig, a.hi)
        self._inverse = _inverses(self._vectors)
        self._adjoints = (_adjoint(self._vectors), _adjoint(self._inverse))
        self._cauchy = -1.0 / (values[:, :, None] + values.conj()[:, None, :])
        self._closure = self._closing() if len(fed) else None
        self._left = _slices(np.concatenate([_beside(a.hi.real, -a.hi.imag), _beside(a.hi.imag, a.hi.real)], axis=1))

    def part(self, indices: IntArray) -> StackedEquations:
        """Some of the equations."""
        if len(indices) == len(self.feedback):
            return self
        some = object.__new__(StackedEquations)
        some.fed, some.n = self.fed, self.n
        some.a, some.feedback = _at(self.a, indices), self.feedback[indices]
        some._vectors, some._inverse, some._cauchy = (
            whole[indices] for whole in (self._vectors, self._inverse, self._cauchy)
        )
        some._adjoints = (self._adjoints[0][indices], self._adjoints[1][indices])
        some._closure = None if self._closure is None else self._closure[indices]
        some._left = [piece[indices] for piece in self._left]
        return some

    def solve(self, d: ComplexArray) -> ComplexArray:
        """X in double precision for Hermitian D, shape (B, n, n)."""
        x = self._solve_open(d)
        if self._closure is not None:
            diagonal = np.take(_diagonals(x).real, self.fed, axis=1)
            source = d.copy()
            _diagonals(source)[:, self.fed] += (
                self.feedback[:, self.fed] * (self._closure @ diagonal[:, :, None])[..., 0]
            )
            x = self._solve_open(source)
        return (x + _adjoint(x)) / 2

    def solve_refined(self, d: Pair) -> StackedSolutions:
        """X as pairs for the diagonal sources D, a pair of (B, n) arrays, refined one by one."""
        source = np.zeros_like(self.a.hi)
        _diagonals(source)[:] = d.hi
        first = self.solve(source)
        x = Pair(first, np.zeros_like(first))
        residual, previous = self.residual(x, d), _largest(first)
        remaining = np.where(previous == 0, 0.0, np.inf)
        active = np.flatnonzero(remaining)
        for _ in range(_MAX_STEPS):
            if len(active) == 0:
                break
            step = self.part(active).solve(residual[active])
            size = _largest(step)
            contraction = size / previous[active]
            better = contraction < 0.5  # otherwise it is as uncertain as the solution
            active, step, size, contraction = active[better], step[better], size[better], contraction[better]
            if len(active) == 0:
                break
            corrected = add(_at(x, active), Pair(step, np.zeros_like(step)))
            x.hi[active], x.lo[active] = corrected
            residual[active] = self.part(active).residual(corrected, _at(d, active))
            remaining[active] = size * contraction / (1 - contraction)
            previous[active] = size
            active = active[remaining[active] > _TARGET * _largest(x.hi[active])]
        return self._certified(x, d, residual, remaining)

    def residual(self, x: Pair, d: Pair) -> ComplexArray:
        """A X + X A^H + diag(w_k X_kk) + D, computed in pairs and rounded."""
        half = self._product(x)
        total = add(half, Pair(_adjoint(half.hi), _adjoint(half.lo)))
        diagonal = Pair(_diagonals(x.hi).real, _diagonals(x.lo).real)
        own = Pair(_diagonals(total.hi).real, _diagonals(total.lo).real)
        fed_back = times(self.feedback, Pair(diagonal.hi + 0j, diagonal.lo + 0j))
        whole = add(add(own, Pair(fed_back.hi.real, fed_back.lo.real)), d)
        left = total.hi + total.lo
        _diagonals(left)[:] = whole.hi + whole.lo
        return left

    def _product(self, x: Pair) -> Pair:
        """A X in pairs: exact products of slices, as one real matrix of twice the size (Ozaki et al.)."""
        rights = _slices(np.concatenate([x.hi.real, x.hi.imag], axis=1), axis=1)
        high = np.zeros((len(x.hi), 2 * self.n, self.n))
        low = np.zeros_like(high)
        bits = _bits(2 * self.n)
        order = sorted((i + j, i, j) for i in range(len(self._left)) for j in range(len(rights)))
        for level, i, j in order:
            if level * bits < _BITS_KEPT:
                total = two_sum(high, self._left[i] @ rights[j])
                high, low = total.hi, low + total.lo
        head = two_sum(high, low)
        exact = Pair(*(part[:, : self.n] + 1j * part[:, self.n :] for part in head))
        rest = self.a.hi @ x.lo + self.a.lo @ x.hi
        return add(exact, Pair(rest, np.zeros_like(rest)))

    def _solve_open(self, d: ComplexArray) -> ComplexArray:
        """X without the feedback."""
        inside = (self._inverse @ d @ self._adjoints[1]) * self._cauchy
        return np.asarray(self._vectors @ inside @ self._adjoints[0])

    def _closing(self) -> RealArray:
        """(1 - T w)^-1 with the kernel T_kj, the response of X_kk to a unit source D_jj.

        The diagonal of 1 - T w is summed from positive terms, as sum_j T_kj G_j = 1 for G = -(A + A^H).
        """
        rows = np.take(self._vectors, self.fed, axis=1)
        weights = rows[:, :, :, None] * self._cauchy[:, None] * rows.conj()[:, :, None, :]
        spread = self._inverse[:, :, None, :] * self._inverse.conj()[:, None, :, :]
        count, n = len(rows), self.n
        kernel = (weights.reshape(count, -1, n * n) @ spread.reshape(count, n * n, n)).real
        w = self.feedback[:, self.fed]
        damping = np.repeat(-2.0 * _diagonals(self.a.hi).real[:, None, :], len(self.fed), axis=1)
        places = np.arange(len(self.fed))
        damping[:, places, self.fed] -= w
        matrix = -kernel[:, :, self.fed] * w[:, None, :]
        matrix[:, places, places] = (kernel * damping).sum(axis=2)
        return _inverses(matrix)

    def _certified(self, x: Pair, d: Pair, residual: ComplexArray, remaining: RealArray) -> StackedSolutions:
        """Bound the error: the inverse is a positive map, and so largest at the identity.

        If Y > 0 solves A Y + Y A^H + diag(w_k Y_kk) + 1 = E with |E| < 1, the inverse exists, is positive, and
        |X - hi - lo| <= |R| max_k Y_kk / (1 - |E|) for what R is left of the equation, in spectral norms.
        """
        identity = np.broadcast_to(np.eye(self.n, dtype=np.complex128), self.a.hi.shape).copy()
        y = self.solve(identity)
        half = self.a.hi @ y
        missed = half + _adjoint(half) + identity
        _diagonals(missed)[:] += self.feedback * _diagonals(y).real
        size = _norms(self.a.hi) * _norms(y)
        error = _norms(missed) + (2 * self.n + 12) * _EPS * (2 * size + self.n)
        finite = np.asarray(np.isfinite(y).all(axis=(1, 2), keepdims=True))
        positive = guarded(np.linalg.eigvalsh, np.where(finite, y, -identity))[0].min(axis=1) > 0
        response = _diagonals(y).real.max(axis=1) / (1 - error)
        rounding = self.n**2 * _PAIR_ROUNDING * (_largest(self.a.hi) * _largest(x.hi) + np.abs(d.hi).max(axis=1))
        bound = response * (_norms(residual) * (1 + self.n * _EPS) + rounding)
        certain = positive & (error < _CERTAIN) & (response < _LARGEST_RESPONSE)
        accepted = certain & (remaining <= _TARGET * _largest(x.hi)) & np.isfinite(bound)
        return StackedSolutions(x, residual, remaining, bound, response, accepted)


def guarded(function: Callable[[Array], Any], matrices: Array) -> list[Array]:
    """The arrays that a function of `numpy.linalg` returns for a stack; NaN for the matrices that it cannot do.

    Examples
    --------
    >>> guarded(np.linalg.inv, np.array([[[2.0]], [[0.0]]]))[0].ravel()
    array([0.5, nan])
    """
    try:
        found = function(matrices)
        return list(found) if isinstance(found, tuple) else [found]
    except np.linalg.LinAlgError:
        if len(matrices) == 1:
            alike = np.eye(matrices.shape[-1], dtype=matrices.dtype)[None]
            return [array * np.nan for array in guarded(function, alike)]
    half = len(matrices) // 2
    parts = zip(guarded(function, matrices[:half]), guarded(function, matrices[half:]), strict=True)
    return [np.concatenate(pair) for pair in parts]


def _inverses(matrices: Array) -> Array:
    return guarded(np.linalg.inv, matrices)[0]


def _at(pair: Pair, indices: IntArray) -> Pair:
    return Pair(pair.hi[indices], pair.lo[indices])


def _slices(matrices: RealArray, axis: int = 2) -> list[RealArray]:
    """Summands of so few bits, aligned along an axis, that products of two of them are exact."""
    bits, slices, rest = _bits(matrices.shape[axis]), [], matrices
    for _ in range(_SLICES):
        top = np.abs(rest).max(axis=axis, keepdims=True)
        if not top.any():
            break
        anchor = np.ldexp(1.5, np.frexp(top)[1] + (52 - bits))
        head = (rest + anchor) - anchor
        slices.append(head)
        rest = rest - head
    return slices


def _bits(length: int) -> int:
    return (53 - (length - 1).bit_length()) // 2


def _beside(left: RealArray, right: RealArray) -> RealArray:
    return np.concatenate([left, right], axis=2)


def _adjoint(matrices: ComplexArray) -> ComplexArray:
    return np.ascontiguousarray(matrices.conj().swapaxes(1, 2))


def _diagonals(matrices: Array) -> Array:
    """The diagonals, as a view that can be written to, shape (B, n)."""
    count, n, _ = matrices.shape
    return matrices.reshape(count, n * n)[:, :: n + 1]


def _largest(matrices: ComplexArray) -> RealArray:
    """The largest size of a real or imaginary part, times sqrt 2: at least max |x|."""
    flat = np.ascontiguousarray(matrices).reshape(len(matrices), -1).view(np.float64)
    return np.asarray(np.abs(flat).max(axis=1) * np.sqrt(2.0))


def _norms(matrices: ComplexArray) -> RealArray:
    """Frobenius norms, shape (B,)."""
    flat = np.ascontiguousarray(matrices).reshape(len(matrices), -1).view(np.float64)
    return np.asarray(np.sqrt((flat**2).sum(axis=1)))
