r"""A rule that integrates the resolvent of H - i G/2 exactly, for a real H and a G that is non-zero on a few sites.

The elements of :math:`g_b\,|G_{kb}(\omega)|^2`, with :math:`G = (\omega - H + iG/2)^{-1}`, are polynomials of degree
2 L - 2 over :math:`|P|^2`, :math:`P(\omega) = \det(\omega - H + iG/2)`. As all zeros of P lie below the real axis, the
L zeros of the real part of :math:`e^{i\pi/4} P` are real, and

.. math:: \int \frac{d\omega}{2\pi} \frac{|N(\omega)|^2}{|P(\omega)|^2}
          = \sum_i w_i \frac{|N(\omega_i)|^2}{|P(\omega_i)|^2}, \qquad \frac1{w_i} = -2\,\mathrm{Im\,tr}\,G(\omega_i),

for every N of degree below L. Any other angle but a right one would do: with this one no node sits on the tails of
narrow resonances, whether weak or overdamped sites make them narrow.

With the levels E_l of a neighbor :math:`H + u G/2` of H, u real and diagonal on the sites, and the couplings
:math:`c_l = \sqrt{g/2}\,v_l` of its eigenvectors, P is :math:`\prod_l (\omega - E_l)` times :math:`\det(1 + UK)` with
:math:`U = i + u` and :math:`K = \sum_l c_l c_l^T/(\omega - E_l)`. The nodes are where the phase of this small
determinant, which only falls, passes the angles :math:`-\pi/4 - i\pi`. Each is found as a shift off a level, to relative
accuracy. The detuning u is there to part levels of H that nearly coincide, which would be bad coordinates.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .._typing import ComplexArray, IntArray, RealArray
from .cauchy import Points, cauchy_sums, levels_themselves
from .levels import Levels

_STEPS = 80
_PART = 0.25  # of the turns by pi that the phase makes at each level: where in them the nodes are
_NEAR = 0.1  # phases from which Newton's method is let go on the phase itself
_DONE = 1e-8  # phase before a step of Newton's method after which nothing is left to do
_ROUNDING = 4e-15
_JOINED = 1e-12
_AT_ONCE = 2**21  # matrix elements of all nodes that are looked at together


@dataclass(frozen=True)
class Nodes:
    r"""Nodes and weights, and the resolvent on the levels: G_lb sqrt(g_b) = sqrt(2) c_l^T M_b / (omega - E_l).

    Attributes
    ----------
    points : Points
        One node for every level.
    weights : (L,) array
        w.
    norms : (L, m) array
        w_i g_b sum_k |G_kb|^2; rows add up to one.
    inverse : (L, m, m) array
        M = (1 + UK)^-1.
    own : (L, m) array
        sqrt(2) c_l^T M_b / (omega - E_l) of the level that the node belongs to.
    sites : (L, m, m) array
        G_cb sqrt(g_c g_b) between the sites, relatively accurate.
    """

    points: Points
    weights: RealArray
    norms: RealArray
    inverse: ComplexArray
    own: ComplexArray
    sites: ComplexArray

    def site_responses(self, rates: RealArray) -> RealArray:
        """T_cb = integral of g_b |G_cb|^2 between the sites, shape (m, m)."""
        return np.asarray(np.einsum("i,icb->cb", self.weights, np.abs(self.sites) ** 2) / rates[:, None])


def lone_resonances(levels: Levels, rates: RealArray, turns: ComplexArray) -> tuple[ComplexArray, RealArray, RealArray]:
    """Resonances of single levels in the surroundings of all others, good where they do not overlap.

    Parameters
    ----------
    levels : Levels
        Of H + u G/2.
    rates : (m,) array
        g.
    turns : (m,) array
        The diagonal U = i + u.

    Returns
    -------
    eigenvalues : (L,) array
        E - i w/2.
    shares : (L, m) array
        Parts that the sites have in the width of a narrow level, also where the width underflows; rows add up to one.
        The sites reshape the tails of the level.
    squares : (L, m) array
        |v|^2 of the reshaped vectors on the sites.
    """
    found = _Secular(levels.energies, levels.amplitudes.real * np.sqrt(rates / 2), turns).bottom()
    matrix = found.matrix.transpose(0, 2, 1)
    # Between sites that the level does not join the sum is rounding.
    sizes = np.sqrt(np.abs(np.einsum("jaa->ja", matrix)))
    matrix[np.abs(matrix) < _JOINED * sizes[:, :, None] * sizes[:, None, :]] = 0.0
    logs = levels.logs + np.log(rates) / 2
    top = logs.max(axis=1, keepdims=True)
    signs = np.where(np.signbit(levels.amplitudes.real), -1.0, 1.0)
    seen = np.abs(np.linalg.solve(matrix, (signs * np.exp(logs - top))[:, :, None])[:, :, 0]) ** 2
    shares = seen / seen.sum(axis=1, keepdims=True)
    return levels.energies - found.z, shares, np.asarray(seen * np.exp(2 * top) / rates)


def exact_nodes(energies: RealArray, couplings: RealArray, turns: ComplexArray) -> Nodes:
    """The rule for levels and their couplings.

    Parameters
    ----------
    energies : (L,) array
        Levels of H + u G/2, ascending, distinct.
    couplings : (L, m) array
        sqrt(g/2) times the elements of its real eigenvectors on the sites.
    turns : (m,) array
        The diagonal U = i + u.

    Raises
    ------
    numpy.linalg.LinAlgError
        If couplings and distances differ by more than double precision can hold.
    """
    levels = _Secular(energies, couplings, turns)
    count = len(energies)
    bottom = levels.bottom()
    search = _start(levels, bottom)
    moving = np.arange(count)
    for _ in range(_STEPS):
        step = max(1, _AT_ONCE // levels.sites**2)
        parts = [moving[start : start + step] for start in range(0, len(moving), step)]
        moving = np.concatenate([_improve(levels, search, part) for part in parts])
        if not len(moving):
            break
    return _finish(levels, search)


class _Local(NamedTuple):
    """What the phase is made of, near a level: det(1 + UK) = det R (1 + z / shift), R without the level's own pole."""

    z: ComplexArray  # (n,)
    phase: RealArray  # arg det R
    right: ComplexArray  # R^-1 U c, (n, m); c^T R^-1 is U^-1 times it
    matrix: ComplexArray  # R
    kernel: RealArray  # K without the own pole
    slope: RealArray  # -dK/d omega without the own pole


class _Secular:
    def __init__(self, energies: RealArray, couplings: RealArray, turns: ComplexArray) -> None:
        self.energies, self.couplings, self.turns = energies, couplings, turns
        self.sites = couplings.shape[1]
        self._upper = np.triu_indices(self.sites)
        self._charges = couplings[:, self._upper[0]] * couplings[:, self._upper[1]]
        self._all = levels_themselves(len(energies))

    def local(self, points: Points, *, slope: bool = True) -> _Local:
        first, second = cauchy_sums(
            self.energies, points, self._all, self._charges, self._charges if slope else self._charges[:, :0]
        )
        k = self._full(first)
        turned = self.turns[:, None] * k
        matrix = np.eye(self.sites) + turned
        own = self.couplings[points.level]
        right = np.asarray(np.linalg.solve(matrix, (self.turns * own)[:, :, None])[:, :, 0])
        # No eigenvalue of UK is real and negative, so that none of 1 + xUK crosses the negative axis as x grows to one.
        # Those far below the largest are rough: they only tell the turns that the determinant has made.
        phase = np.angle(np.linalg.slogdet(matrix).sign)
        rough = np.angle(1.0 + np.linalg.eigvals(turned)).sum(axis=1)
        phase += 2 * np.pi * np.round((rough - phase) / (2 * np.pi))
        slopes = self._full(second) if slope else np.zeros_like(k)
        return _Local(np.sum(own * right, axis=1), phase, right, matrix, k, slopes)

    def bottom(self) -> _Local:
        """At the levels themselves."""
        return self.local(self._all, slope=False)

    def _full(self, upper: RealArray) -> RealArray:
        out = np.zeros((len(upper), self.sites, self.sites))
        if upper.shape[1]:
            out[:, self._upper[0], self._upper[1]] = upper
            out[:, self._upper[1], self._upper[0]] = upper
        return out


@dataclass
class _Search:
    """Shifts off the levels, and brackets around them."""

    level: IntArray
    shift: RealArray
    low: RealArray
    high: RealArray


def _angle(node: IntArray, level: IntArray) -> RealArray:
    """What the phase, less pi for every level passed, is to be at a node."""
    return np.asarray(np.pi * (level - node + 1 - _PART))


def _start(levels: _Secular, bottom: _Local) -> _Search:
    """Between which levels a node lies, the one it belongs to, and the shift that a fixed surrounding would give."""
    energies, last = levels.energies, len(levels.energies) - 1
    index = np.arange(last + 1)
    excess = bottom.phase + np.angle(bottom.z)
    below = np.searchsorted(index + 1 - _PART - excess / np.pi, index, side="right") - 1
    left, right = np.clip(below, 0, None), np.clip(below + 1, None, last)
    # Beyond this the eigenvalues of UK are too small to make the angle.
    reach = 2 * levels.sites * float(np.abs(levels.turns).max() * (levels.couplings**2).sum())
    low = np.where(below >= 0, energies[left], energies[0] - reach)
    high = np.where(below < last, energies[right], energies[-1] + reach)
    guesses = [_lone_shift(bottom, level, low - energies[level], high - energies[level]) for level in (left, right)]
    # A node in the flank of a narrow level belongs to that one, however near in phase another may be.
    closer = np.abs(excess[left] - _angle(index, left)) <= np.abs(excess[right] - _angle(index, right))
    first, second = (np.where(np.isnan(guess), np.inf, np.abs(guess)) for guess in guesses)
    to_left = np.where(first == second, closer, first < second) | (left == right)
    level = np.maximum.accumulate(np.where(to_left, left, right))
    guess = np.where(level == left, *guesses)
    low, high = low - energies[level], high - energies[level]
    return _Search(level, np.where(np.isnan(guess), (low + high) / 2, guess), low, high)


def _lone_shift(bottom: _Local, level: IntArray, low: RealArray, high: RealArray) -> RealArray:
    """Im z cot(angle) - Re z, where that lies in the bracket; NaN elsewhere."""
    angle = _angle(np.arange(len(level)), level) - bottom.phase[level]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        guess = bottom.z.imag[level] / np.tan(angle) - bottom.z.real[level]
    return np.where((guess >= low) & (guess <= high) & (angle > 0) & (angle < np.pi), guess, np.nan)


def _improve(levels: _Secular, search: _Search, moving: IntArray) -> IntArray:
    """One step for each of some nodes; returns those that need another one."""
    own, at = search.level[moving], search.shift[moving]
    here = levels.local(Points(own, at))
    z, base = here.z, _angle(moving, own) - here.phase
    off = np.arctan2(z.imag, at + z.real) - base
    search.low[moving] = np.where(off > 0, at, search.low[moving])
    search.high[moving] = np.where(off > 0, search.high[moving], at)
    turn = np.linalg.solve(here.matrix, levels.turns[:, None] * here.slope)
    phase_slope = -np.trace(turn, axis1=1, axis2=2).imag
    z_slope = np.einsum("ia,iab,ib->i", here.right, here.slope, here.right)  # R^-1 U is symmetric
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        # Alone, the level would have its node at shift = Im z cot(angle) - Re z: exact however narrow it is.
        cot = 1.0 / np.tan(base)
        lone = at + z.real - z.imag * cot
        lone_slope = 1.0 + z_slope.real - z_slope.imag * cot - z.imag * phase_slope / np.sin(base) ** 2
        around = z_slope.imag * (at + z.real) - z.imag * (1.0 + z_slope.real)
        size = np.abs(at + z)  # its square may underflow
        newton = at - off / (phase_slope + around / size / size)
        proposed = np.where((np.abs(off) < _NEAR) | (base <= 0) | (base >= np.pi), newton, at - lone / lone_slope)
    inside = (proposed >= search.low[moving]) & (proposed <= search.high[moving])
    proposed = np.where(inside, proposed, (search.low[moving] + search.high[moving]) / 2)
    search.shift[moving] = proposed
    settled = (np.abs(off) < _ROUNDING) | (np.abs(proposed - at) <= _ROUNDING / 8 * np.abs(proposed))
    return np.asarray(moving[~(settled | (inside & (np.abs(off) < _DONE)))])


def _finish(levels: _Secular, search: _Search) -> Nodes:
    count, m = len(search.level), levels.sites
    weights, norms = np.empty(count), np.empty((count, m))
    inverse, sites = np.empty((2, count, m, m), dtype=np.complex128)
    own = np.empty((count, m), dtype=np.complex128)
    step = max(1, _AT_ONCE // m**2)
    for start in range(0, count, step):
        part = slice(start, start + step)
        here = levels.local(Points(search.level[part], search.shift[part]))
        distance = (search.shift[part] + here.z)[:, None]
        seen = here.right / levels.turns / distance
        m_here = np.linalg.inv(here.matrix) - here.right[:, :, None] * seen[:, None, :]
        elsewhere = np.einsum("iab,iac,icb->ib", m_here.conj(), here.slope, m_here).real
        each = 2 * (np.abs(seen) ** 2 + np.maximum(elsewhere, 0.0))
        weights[part] = 1.0 / each.sum(axis=1)
        norms[part] = weights[part, None] * each
        inverse[part], own[part] = m_here, np.sqrt(2.0) * seen
        own_here = levels.couplings[search.level[part]]
        weak = 2 * (np.einsum("iab,iba->ia", here.kernel, m_here) + own_here * seen)
        sites[part] = _between_sites(m_here, weak, levels.turns)
    return Nodes(Points(search.level, search.shift), weights, norms, inverse, own, sites)


def _between_sites(inverse: ComplexArray, weak: ComplexArray, turns: ComplexArray) -> ComplexArray:
    """2 K M = 2 U^-1 (1 - M); on the diagonal, where 1 - M cancels, ``weak``, which does not."""
    diagonal = np.arange(len(turns))
    out = -2 / turns[:, None] * inverse
    m = inverse[:, diagonal, diagonal]
    out[:, diagonal, diagonal] = np.where(np.abs(1.0 - m) < 0.5, weak, 2 / turns * (1.0 - m))
    return np.asarray(out)
