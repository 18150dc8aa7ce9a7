"""Banded balance equations (M-matrices) to all digits however slowly they relax, and inverses of banded matrices."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import linalg
from scipy.linalg import lapack

from .._typing import ComplexArray, IntArray, RealArray
from .compensated import two_sum

_MAX_STEPS = 12
_TARGET = 2.0**-66
_CORE = 32  # columns taken together, at least
_SETTLED = 1e-13


class Balanced(NamedTuple):
    """A solution ``level + hi + lo`` of a balance equation.

    ``correction`` is the size of the last refinement, ``converged`` whether it came down to the target.
    """

    hi: RealArray
    lo: RealArray
    correction: float
    converged: bool


class Balance:
    r"""The equation :math:`s_i (v_i - n_i) + \sum_j W_{ij} (n_j - n_i) = 0` with banded weights W >= 0 and pulls s >= 0.

    Written in differences it has no other coefficients: constants are solved exactly, and a profile that takes 10^6
    sites to fall keeps its slope to nearly all digits. The factors (Cholesky where W is symmetric, LU otherwise) are
    rounded at 1e-16 of the diagonal, which may be far above the slowest rate; refinement with residuals in the
    differences, on a solution of two doubles, removes that.

    Parameters
    ----------
    upper : (u + 1, n) array
        ``upper[m, j]`` is W_j-m,j; row 0 is not used.
    lower : (u + 1, n) array or None
        ``lower[m, j]`` is W_j+m,j; None where W is symmetric.
    pull : (n,) array
        s.

    Raises
    ------
    numpy.linalg.LinAlgError
        If the equation is singular to working precision.
    """

    def __init__(self, upper: RealArray, lower: RealArray | None, pull: RealArray) -> None:
        self.upper, self.lower, self.pull = upper, lower, pull
        self.reach, self.size = len(upper) - 1, upper.shape[1]
        diagonal = pull.copy()
        for m in range(1, self.reach + 1):
            diagonal[:-m] += upper[m, m:]
            diagonal[m:] += upper[m, m:] if lower is None else lower[m, :-m]
        if lower is None:
            self._factor_symmetric(diagonal)
        else:
            self._factor_general(lower, diagonal)

    def solve(self, value: RealArray, value_tail: RealArray) -> Balanced:
        """The solution for the values v (as two doubles), refined."""
        hi, lo = np.zeros(self.size), np.zeros(self.size)
        size, converged = np.inf, False
        for _ in range(_MAX_STEPS):
            step = self.correct(self.flow(hi, lo, value, value_tail))
            largest, previous = float(np.abs(step).max(initial=0.0)), size
            if not largest < previous / 2:
                break
            size = largest
            total = two_sum(hi, step)
            hi, rest = total.hi, lo + total.lo
            hi, lo = two_sum(hi, rest)
            converged = size <= 2.0**-50 * float(np.abs(hi).max(initial=0.0))
            if size <= _TARGET * float(np.abs(hi).max(initial=0.0)):
                break
        return Balanced(hi, lo, size, converged)

    def flow(
        self, hi: RealArray, lo: RealArray, value: RealArray, value_tail: RealArray, *, beyond: int = 0
    ) -> RealArray:
        """The left side of the equation; with ``beyond`` only the weights that reach further than that."""
        total = np.zeros(self.size)
        if not beyond:
            total = self.pull * ((value - hi) + (value_tail - lo))
        for m in range(beyond + 1, self.reach + 1):
            difference = (hi[m:] - hi[:-m]) + (lo[m:] - lo[:-m])
            into = self.upper[m, m:] * difference
            total[:-m] += into
            total[m:] -= into if self.lower is None else self.lower[m, :-m] * difference
        return total

    def correct(self, residual: RealArray) -> RealArray:
        """The change of n that balances a residual, to the precision of the factors."""
        if self.lower is None:
            return np.asarray(linalg.cho_solve_banded((self._factors, False), residual, check_finite=False))
        solution, info = lapack.dgbtrs(self._factors, self.reach, self.reach, residual, self._pivots)
        if info:
            raise np.linalg.LinAlgError("The banded factors are not usable.")
        return np.asarray(solution)

    def _factor_symmetric(self, diagonal: RealArray) -> None:
        band = np.empty((self.reach + 1, self.size), order="F")
        for m in range(1, self.reach + 1):
            np.negative(self.upper[m], out=band[self.reach - m])
        band[self.reach] = diagonal
        self._factors = linalg.cholesky_banded(band, overwrite_ab=True, check_finite=False)

    def _factor_general(self, lower: RealArray, diagonal: RealArray) -> None:
        u = self.reach
        band = np.zeros((3 * u + 1, self.size), order="F")
        for m in range(1, u + 1):
            band[2 * u - m, m:] = -self.upper[m, m:]
            band[2 * u + m, :-m] = -lower[m, :-m]
        band[2 * u] = diagonal
        self._factors, self._pivots, info = lapack.dgbtrf(band, u, u, overwrite_ab=True)
        if info:
            raise np.linalg.LinAlgError("The balance equation is singular to working precision.")


def inverse_forms(band: ComplexArray, shift: float, columns: IntArray, excess: RealArray) -> RealArray:
    r"""r_c^+ V^-1 r_c for columns r of V = B + shift, their diagonal elements replaced, without cancellation.

    V is cut into overlapping windows; the overlap is doubled until that no longer changes the result.

    Parameters
    ----------
    band : (2b + 1, n) array
        B, which makes V positive definite: ``band[b + m, j]`` is B_j-m,j (the layout of ``scipy.sparse.dia_array``).
    shift : float
        What to add to its diagonal.
    columns : (k,) array of int
        Which columns of V.
    excess : (k,) array
        What takes the place of V_cc in the column.

    Returns
    -------
    (k,) array

    Raises
    ------
    numpy.linalg.LinAlgError
        If V is not positive definite.
    """
    size = band.shape[1]
    order = np.argsort(columns, kind="stable")
    ranked, sizes = columns[order], excess[order]
    forms = np.zeros(len(columns))
    margin = _margin(band, shift, ranked, sizes)
    core = max(margin, _CORE)
    for start in range(0, size, core):
        here = slice(*np.searchsorted(ranked, (start, start + core)))
        if here.start < here.stop:
            forms[order[here]] = _forms_near(band, shift, ranked[here], sizes[here], margin)
    return forms


def log_determinant(band: ComplexArray, shift: float) -> float:
    """ln det (B + shift) of a banded matrix in the layout of :func:`inverse_forms`."""
    upper = np.array(band[len(band) // 2 :][::-1], order="F")  # LAPACK keeps the diagonal last
    upper[-1] += shift
    factor = linalg.cholesky_banded(upper, overwrite_ab=True, check_finite=False)
    return 2 * float(np.log(factor[-1].real).sum())


def _margin(band: ComplexArray, shift: float, ranked: IntArray, sizes: RealArray) -> int:
    """Beyond a column by this much V^-1 has no influence, seen where V is least diagonal and at other samples."""
    reach, size = len(band) // 2, band.shape[1]
    margin = reach + 2
    if reach == 0 or len(ranked) == 0:
        return margin
    off = np.maximum(np.abs(band[reach - 1]), np.abs(band[reach + 1]))[ranked]
    samples = {*np.linspace(0, len(ranked) - 1, 6).astype(int).tolist(), int(np.argmax(off))}
    for i in samples:
        one = slice(i, i + 1)
        value = _forms_near(band, shift, ranked[one], sizes[one], margin)
        while margin < size:
            wider = _forms_near(band, shift, ranked[one], sizes[one], 2 * margin)
            if np.abs(wider - value).max() <= _SETTLED * np.abs(wider).max():
                break
            margin, value = 2 * margin, wider
    return margin


def _forms_near(band: ComplexArray, shift: float, columns: IntArray, excess: RealArray, margin: int) -> RealArray:
    low, high = max(0, columns[0] - margin), min(band.shape[1], columns[-1] + 1 + margin)
    block = _dense(band, low, high)
    block[np.diag_indices_from(block)] += shift
    chosen = columns - low
    r = block[:, chosen]
    r[chosen, np.arange(len(chosen))] = excess
    lower = linalg.cholesky(block, lower=True, check_finite=False)
    whitened = linalg.solve_triangular(lower, r, lower=True, check_finite=False)
    return np.asarray(np.sum(whitened.real**2 + whitened.imag**2, axis=0))


def _dense(band: ComplexArray, low: int, high: int) -> ComplexArray:
    reach, size = len(band) // 2, high - low
    out = np.zeros((size, size), dtype=np.complex128)
    for m in range(-min(reach, size - 1), min(reach, size - 1) + 1):
        values = band[reach + m, low + max(m, 0) : high + min(m, 0)]
        out.ravel()[max(m, 0) + max(-m, 0) * size :: size + 1][: len(values)] = values
    return out
