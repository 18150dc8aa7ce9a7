"""dX/dt = A X + X B^H + diag(w_k X_kk) + D, a linear equation that is no Lyapunov equation, in time."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from .._typing import ComplexArray, RealArray
from .propagator import Propagator

MAP_UP_TO = 24  # rows of X, for the eigenvectors of the map of all its elements
_STRIDE = 16.0  # norm of the map times the first step of the series that is used beyond
_GONE = 1e-18  # part of its first size below which X is zero
_DEGREE, _REACH = 55, 9.9  # of the Taylor series, and the norm it is good for in double precision
_EPS = 2.0**-53


class FeedbackFlow:
    """The solution from one X(0).

    Up to 24 rows the map X -> dX/dt is written out and exponentiated by its eigenvectors. Beyond, its exponential is
    applied by a series of products, whose number grows with the time until X has decayed.

    Parameters
    ----------
    a, b : (n, n) arrays
    weights : (n,) array
    start : (n, n) array
    source : (n, n) array, optional
        D; nothing by default.
    """

    def __init__(
        self,
        a: ComplexArray,
        b: ComplexArray,
        weights: RealArray,
        start: ComplexArray,
        source: ComplexArray | None = None,
    ) -> None:
        self._a, self._right, self._weights = a, b.conj().T, weights
        self._source = source
        self._size = len(a)
        norms = [float(np.abs(part).sum(axis=1).max()) for part in (self._a, self._right)]
        self._norm = sum(norms) + float(np.abs(weights).max())
        first = start.ravel() if source is None else np.append(start.ravel(), 1.0)
        self._reached = [(0.0, first.astype(np.complex128))]

    def at(self, time: float) -> ComplexArray:
        """X at ``time``."""
        if self._size <= MAP_UP_TO:
            vector = self._propagator.carried(self._reached[0][1], time)
        else:
            vector = self._by_series(time)
        return vector[: self._size**2].reshape(self._size, self._size)

    def rate(self, x: ComplexArray) -> ComplexArray:
        """dX/dt for the given X."""
        change = self._applied(x)
        return change if self._source is None else change + self._source

    def _applied(self, x: ComplexArray) -> ComplexArray:
        """dX/dt without the source."""
        change = self._a @ x + x @ self._right
        np.fill_diagonal(change, change.diagonal() + self._weights * x.diagonal())
        return change

    @cached_property
    def _propagator(self) -> Propagator:
        size, count = self._size, len(self._reached[0][1])
        unit, places = np.eye(size), np.arange(size) * (size + 1)
        generator = np.zeros((count, count), dtype=np.complex128)
        inner = generator[: size**2, : size**2]
        inner += np.kron(self._a, unit) + np.kron(unit, self._right.T)
        inner[places, places] += self._weights
        if self._source is not None:
            generator[:-1, -1] = self._source.ravel()
        return Propagator.of(generator)

    def _by_series(self, time: float) -> ComplexArray:
        """From the last of the times h, 2h, 4h, ... before, which are kept."""
        stride = _STRIDE / self._norm
        gone = _GONE * float(np.abs(self._reached[0][1]).max())
        while (later := max(stride, 2 * self._reached[-1][0])) <= time:
            last, vector = self._reached[-1]
            if self._source is None and np.abs(vector).max() <= gone:
                return np.zeros_like(vector)
            self._reached.append((later, self._advanced(vector, later - last)))
        before, vector = max((pair for pair in self._reached if pair[0] <= time), key=lambda pair: pair[0])
        return vector if before == time else self._advanced(vector, time - before)

    def _advanced(self, vector: ComplexArray, span: float) -> ComplexArray:
        """exp(M span) v by scaling and a Taylor series, the mean of the diagonal taken out (Al-Mohy and Higham, 2011).

        SciPy's ``expm_multiply`` estimates norms from random vectors: its last digits differ from call to call.
        """
        count = len(vector)
        mean = float(self._size * (np.trace(self._a) + np.trace(self._right)).real + self._weights.sum()) / count
        steps = max(1, int(np.ceil(span * (self._norm + abs(mean)) / _REACH)))
        part = span / steps
        for _ in range(steps):
            term, total = vector, vector
            for degree in range(1, _DEGREE + 1):
                before = np.abs(term).max()
                term = (self._moved(term) - mean * term) * (part / degree)
                total = total + term
                if before + np.abs(term).max() <= _EPS * np.abs(total).max():
                    break
            vector = total * np.exp(mean * part)
        return vector

    def _moved(self, vector: ComplexArray) -> ComplexArray:
        """M v; the source is held by one more element, which stays as it is."""
        inner = self._size**2
        moved = self._applied(vector[:inner].reshape(self._size, self._size))
        if self._source is None:
            return moved.ravel()
        return np.append((moved + vector[-1] * self._source).ravel(), 0.0)
