"""exp(At) and the integrals over it, at any time, without a time step.

For dX/dt = A X + X A^H + D the solution is X(t) = E X(0) E^H + Q, with E = exp(At) and
Q = int_0^t exp(As) D exp(A^H s) ds. Two routes:

- the eigenvectors, where they are well conditioned: one decomposition for all times, with eigenvalues to more
  digits than a double has, so that neither rates that differ by many decades nor late times cost any;
- scaling and squaring, and doubling from a short time for the integrals, for any A: exceptional points, too. The
  error is about eps |A| t there, as long as anything is left at that time. Costs about 3 log2(|A| t) + 20 products.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import combinations_with_replacement
from typing import NamedTuple

import numpy as np
from scipy import linalg

from .._typing import Array, ComplexArray, IntArray
from .compensated import Pair, add, two_sum
from .eigensystem import Eigensystem, eigensystem, exponentials, ramps

_SHORT = 0.5  # norm of A h at the time h where the doubling starts
_TERMS = 26  # of the Taylor series there at most
_LAST = 1e-19  # size of the last term, of their sum
_STILL = 2.0**-80  # of |A|: sums of refined eigenvalues below this are zero


class Block(NamedTuple):
    """``matrix - i turning`` on the rows and columns ``places`` of a block diagonal A."""

    places: IntArray
    matrix: Pair
    turning: float


class Propagator:
    """exp(At) and its integrals for one block diagonal A and many times.

    Parameters
    ----------
    blocks : sequence of Block
        What all of a block turns with is kept apart: products E X E^H within the block do not see it.
    refined : bool
        Whether eigenvalues are refined beyond double precision.
    """

    def __init__(self, blocks: Sequence[Block], *, refined: bool = True) -> None:
        self._parts = [_Part(block, refined) for block in blocks]
        self.size = sum(len(block.places) for block in blocks)

    @classmethod
    def of(cls, a: ComplexArray, *, refined: bool = True) -> Propagator:
        """For an A of one block."""
        return cls([Block(np.arange(len(a)), Pair.exactly(a), 0.0)], refined=refined)

    @property
    def eigenvalues(self) -> ComplexArray | None:
        """Eigenvalues of A, block by block; None where a block has no well-conditioned eigenvectors."""
        if any(part.system is None for part in self._parts):
            return None
        return np.concatenate([part.values.hi for part in self._parts])

    def at(self, time: float) -> ComplexArray:
        """E = exp(A time), shape (n, n)."""
        out = np.zeros((self.size, self.size), dtype=np.complex128)
        for part in self._parts:
            out[np.ix_(part.places, part.places)] = part.at(time)
        return out

    def carried(self, vector: ComplexArray, time: float) -> ComplexArray:
        """E v, shape (n,)."""
        out = np.empty(self.size, dtype=np.complex128)
        for part in self._parts:
            out[part.places] = part.carried(vector[part.places], time)
        return out

    def pushed(self, vector: ComplexArray, time: float) -> ComplexArray:
        """int_0^t exp(As) v ds, shape (n,)."""
        out = np.empty(self.size, dtype=np.complex128)
        for part in self._parts:
            out[part.places] = part.pushed(vector[part.places], time)
        return out

    def fed(self, d: ComplexArray, time: float, *, order: int = 1, conserving: bool = False) -> ComplexArray:
        """Q for a Hermitian D; with ``order`` 2 the integral int_0^t Q(s) ds.

        ``conserving`` tells that undamped eigenvectors are known to be met by nothing of D: rounding of D there would
        grow with the time.
        """
        out = np.zeros((self.size, self.size), dtype=np.complex128)
        for p, q in self._pairs():
            rows, columns = np.ix_(p.places, q.places), np.ix_(q.places, p.places)
            if not d[rows].any():
                continue
            block = _fed(p, q, d[rows], time, order, conserving)
            out[rows] = block
            if p is not q:
                out[columns] = block.conj().T
        return (out + out.conj().T) / 2

    def _pairs(self) -> Iterator[tuple[_Part, _Part]]:
        return combinations_with_replacement(self._parts, 2)


class _Part:
    """One block."""

    def __init__(self, block: Block, refined: bool) -> None:
        self.places, self.matrix, self.turning = block
        self._refined = refined

    @cached_property
    def system(self) -> Eigensystem | None:
        return eigensystem(self.matrix, refined=self._refined)

    @cached_property
    def values(self) -> Pair:
        """Eigenvalues of the whole block."""
        assert self.system is not None  # noqa: S101 - for the type checker: asked for where there is one
        turned = two_sum(self.system.values.hi.imag, np.full(len(self.places), -self.turning))
        whole = Pair(self.system.values.hi.real + 1j * turned.hi, 1j * turned.lo)
        return add(whole, Pair.exactly(self.system.values.lo))

    @property
    def whole(self) -> ComplexArray:
        return np.asarray(self.matrix.hi - 1j * self.turning * np.eye(len(self.places)))

    def at(self, time: float) -> ComplexArray:
        if self.system is None:
            phase = exponentials(Pair.exactly(np.array([-1j * self.turning])), time)
            return np.asarray(phase * linalg.expm(self.matrix.hi * time))
        return np.asarray((self.system.vectors * exponentials(self.values, time)) @ self.system.inverse)

    def carried(self, vector: ComplexArray, time: float) -> ComplexArray:
        if self.system is None:
            return np.asarray(self.at(time) @ vector)
        return np.asarray(self.system.vectors @ (exponentials(self.values, time) * (self.system.inverse @ vector)))

    def pushed(self, vector: ComplexArray, time: float) -> ComplexArray:
        if self.system is None:
            generator = np.zeros((len(vector) + 1, len(vector) + 1), dtype=np.complex128)
            generator[:-1, :-1], generator[:-1, -1] = self.whole, vector
            return np.asarray(linalg.expm(generator * time)[:-1, -1])
        return np.asarray(self.system.vectors @ (ramps(self.values, time, 1) * (self.system.inverse @ vector)))


def _fed(p: _Part, q: _Part, d: ComplexArray, time: float, order: int, conserving: bool) -> ComplexArray:
    """int_0^t exp(A_p s) D exp(A_q^H s) ds, or the integral over that."""
    turning = 0.0 if p is q else p.turning - q.turning
    if p.system is None or q.system is None:
        left = p.matrix.hi - 1j * turning * np.eye(len(p.places))
        doubled = _doubled(left, q.matrix.hi, d, time)
        return doubled.once if order == 1 else doubled.twice
    one, other = (p.system.values, q.system.values) if p is q else (p.values, q.values)
    shape = d.shape
    sums = add(
        Pair(*(np.broadcast_to(part[:, None], shape) for part in one)),
        Pair(*(np.broadcast_to(part.conj()[None, :], shape) for part in other)),
    )
    inner = p.system.inverse @ d @ q.system.inverse.conj().T
    if conserving:
        size = max(float(np.abs(x.matrix.hi).max(initial=0.0)) for x in (p, q))
        inner[np.abs(sums.hi.real) <= _STILL * size] = 0.0
    inner *= ramps(sums, time, order)
    return np.asarray(p.system.vectors @ inner @ q.system.vectors.conj().T)


class Integrals(NamedTuple):
    """E = exp(At), Q = int_0^t e^{As} D e^{A^H s} ds and ``twice`` = int_0^t Q(s) ds."""

    propagator: Array
    once: Array
    twice: Array


def integrals(a: Array, d: Array, time: float) -> Integrals:
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
    return _doubled(a, a, d, time)


def _doubled(a: Array, b: Array, d: Array, time: float) -> Integrals:
    """The same with exp(B^H t) from the right; ``propagator`` is that of A."""
    size = max(float(np.abs(matrix).sum(axis=1).max(initial=0.0)) for matrix in (a, b)) * time
    doublings = max(0, int(np.ceil(np.log2(size / _SHORT)))) if size > 0 else 0
    step = time / 2.0**doublings
    e = np.asarray(linalg.expm(a * step))
    right = e if a is b else np.asarray(linalg.expm(b * step))
    q, r = _short_integrals(a, b, d, step)
    for _ in range(doublings):
        q, r = q + e @ q @ right.conj().T, r + step * q + e @ r @ right.conj().T
        same = right is e
        e, step = e @ e, 2 * step
        right = e if same else right @ right
    return Integrals(e, q, r)


def _short_integrals(a: Array, b: Array, d: Array, step: float) -> tuple[Array, Array]:
    """Q and R at a short time by their Taylor series in the map X -> A X + X B^H."""
    term = d * step
    once, twice = term.copy(), term * (step / 2)
    for order in range(1, _TERMS):
        term = (a @ term + term @ b.conj().T) * (step / (order + 1))
        once = once + term
        twice = twice + term * (step / (order + 2))
        if np.abs(term).max(initial=0.0) <= _LAST * np.abs(once).max(initial=0.0):
            break
    return once, twice
