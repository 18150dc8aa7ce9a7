"""exp(At) and the integrals over it, at any time, without a time step.

For dX/dt = A X + X A^H + D the solution is X(t) = E X(0) E^H + Q, with E = exp(At) and
Q = int_0^t exp(As) D exp(A^H s) ds. Two routes:

- :class:`Propagator`: one eigendecomposition for many times, where the eigenvectors are well conditioned,
  the matrix exponential otherwise; gives E alone.
- :func:`integrals`: E, Q and int_0^t Q ds by doubling from a short time, for any A: exceptional points,
  undamped and growing modes. Costs about 3 log2(|A| t) + 20 products, so t = 1e9/|A| is no harder than t = 1.
"""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np
from scipy import linalg

from .._typing import ComplexArray

# With this condition number of the eigenvectors, E is still good to about 1e-12.
_EIGENVECTORS_TRUSTED = 1e3
_SHORT = 0.5  # norm of A h at the time h where the doubling starts
_TERMS = 26  # of the Taylor series there; the last is below 1e-18


class Propagator:
    """exp(At) for one A and many times.

    Parameters
    ----------
    a : (n, n) array
    """

    def __init__(self, a: ComplexArray) -> None:
        self.a = np.asarray(a, dtype=np.complex128)

    @cached_property
    def _spectrum(self) -> tuple[ComplexArray, ComplexArray, ComplexArray] | None:
        values, vectors = linalg.eig(self.a)
        if not np.linalg.cond(vectors) < _EIGENVECTORS_TRUSTED:
            return None
        return values, vectors, linalg.inv(vectors)

    def at(self, time: float) -> ComplexArray:
        """exp(A time), shape (n, n)."""
        if time == 0:
            return np.eye(len(self.a), dtype=np.complex128)
        if self._spectrum is None:
            return np.asarray(linalg.expm(self.a * time))
        values, vectors, inverse = self._spectrum
        return np.asarray((vectors * np.exp(values * time)) @ inverse)


class Integrals(NamedTuple):
    """E = exp(At), Q = int_0^t e^{As} D e^{A^H s} ds and ``twice`` = int_0^t Q(s) ds."""

    propagator: ComplexArray
    once: ComplexArray
    twice: ComplexArray


def integrals(a: ComplexArray, d: ComplexArray, time: float) -> Integrals:
    """The three matrices for a Hermitian D, by doubling: with E, Q, R at time t,

    E(2t) = E E, Q(2t) = Q + E Q E^H, R(2t) = R + t Q + E R E^H.

    Parameters
    ----------
    a, d : (n, n) arrays
    time : float
        Non-negative.

    Returns
    -------
    Integrals
    """
    size = float(np.abs(a).sum(axis=1).max(initial=0.0)) * time
    doublings = max(0, int(np.ceil(np.log2(size / _SHORT)))) if size > 0 else 0
    step = time / 2.0**doublings
    e = np.asarray(linalg.expm(a * step))
    q, r = _short_integrals(a, d, step)
    for _ in range(doublings):
        q, r = q + e @ q @ e.conj().T, r + step * q + e @ r @ e.conj().T
        e, step = e @ e, 2 * step
    return Integrals(e, q, r)


def _short_integrals(a: ComplexArray, d: ComplexArray, step: float) -> tuple[ComplexArray, ComplexArray]:
    """Q and R at a short time by their Taylor series in the map X -> A X + X A^H."""
    term = np.asarray(d, dtype=np.complex128) * step
    once, twice = term.copy(), term * (step / 2)
    for order in range(1, _TERMS):
        moved = a @ term
        term = (moved + moved.conj().T) * (step / (order + 1))
        once = once + term
        twice = twice + term * (step / (order + 2))
    return once, twice
