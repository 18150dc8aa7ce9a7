r"""The response from one end of a chain to the other, in logarithms, close to resonances of any width.

For a real symmetric tridiagonal matrix H with self-energies sigma_1 and sigma_2 on its end sites,
:math:`|G_{1L}|^2 = \prod_k t_k^2 / |\det(\omega - H - \sigma)|^2`. Around the level i, at :math:`\omega = E_i + x`,

.. math:: \det = \prod_{j \ne i} (E_i - E_j + x) \cdot \det(1 - \hat g \sigma) \cdot
          [x - a^\dagger (\sigma + \sigma \hat G \sigma) a],

with the amplitudes a of the level on the ends, the sum :math:`\hat g = \sum_{j \ne i} a_j a_j^\dagger / (\omega - E_j)` over
the others, and :math:`\hat G = (1 - \hat g \sigma)^{-1} \hat g`. No factor cancels: a resonance keeps its digits however
narrow it is, and the logarithm is finite where the response itself underflows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import linalg

from .._typing import Array, ComplexArray, IntArray, RealArray

_LEAST = 1e-200  # in place of a pivot of zero
_SPREAD = 600.0  # of the logarithms of the elements of a vector whose squares are still added


@dataclass(frozen=True)
class EndToEnd:
    """Levels of a chain and the logarithms of what they have on its ends.

    Attributes
    ----------
    energies : (L,) array
        Ascending.
    logs : (L, 2) array
        Logarithms of the sizes of the normalized eigenvectors on the first and the last site.
    hops : float
        Sum of the logarithms of the links.

    Examples
    --------
    >>> import numpy as np
    >>> chain = EndToEnd.of(np.array([0.0, 50.0, 0.1]), np.array([1.0, 1.0]))
    >>> sigma = np.full((1, 2), -0.5j)
    >>> green = np.linalg.inv(
    ...     0.3 * np.eye(3)
    ...     - np.diag([0.0, 50.0, 0.1])
    ...     - np.diag([1, 1], 1)
    ...     - np.diag([1, 1], -1)
    ...     + 0.5j * np.diag([1, 0, 1])
    ... )
    >>> log = chain.log_response(np.array([1]), np.array([0.3 - chain.energies[1]]), sigma)
    >>> bool(abs(log[0] - 2 * np.log(abs(green[0, 2]))) < 1e-13)
    True
    """

    energies: RealArray
    logs: RealArray
    hops: float

    @classmethod
    def of(cls, diagonal: RealArray, links: RealArray) -> EndToEnd:
        """From the diagonal (L,) and the links (L - 1,), not zero, L > 1; their signs do not matter."""
        off = np.abs(links)
        energies = np.asarray(linalg.eigvalsh_tridiagonal(diagonal, off, lapack_driver="sterf"), dtype=np.float64)
        return cls(energies, _end_logs(diagonal, off, energies), float(np.log(off).sum()))

    @property
    def gaps(self) -> RealArray:
        """Distance of each level from the nearest other one."""
        steps = np.diff(np.concatenate([[-np.inf], self.energies, [np.inf]]))
        return np.minimum(steps[1:], steps[:-1])

    def nearest(self, omega: RealArray) -> IntArray:
        """The level nearest to each frequency."""
        right = np.clip(np.searchsorted(self.energies, omega), 1, len(self.energies) - 1)
        closer = omega - self.energies[right - 1] < self.energies[right] - omega
        return np.asarray(right - closer, dtype=np.intp)

    def log_response(self, level: IntArray, x: RealArray, sigma: ComplexArray) -> RealArray:
        """The logarithm of |G_1L|^2 at E_level + x, shape (n,); sigma (n, 2) are the self-energies there."""
        dressing, pull, scale = self._dressed(level, x, sigma)
        pole = np.abs(x - pull * np.exp(scale))
        return np.asarray(2.0 * (self._apart(level, x) - np.log(np.abs(dressing)) - np.log(pole)))

    def resonances(self, sigma: ComplexArray) -> tuple[ComplexArray, RealArray, RealArray]:
        r"""Shift delta of each level off its energy, with its self-energies sigma (L, 2), and its weight.

        Returns
        -------
        shifts : (L,) array
            Divided by e^scale.
        scales : (L,) array
        log_areas : (L,) array
            Logarithm of the integral of |G_1L|^2 over the resonance: 2 pi |residue|^2 / width.
        """
        every = np.arange(len(self.energies))
        still = np.zeros(len(every))
        dressing, pull, scale = self._dressed(every, still, sigma)
        residue = self._apart(every, still) - np.log(np.abs(dressing))
        width = np.log(np.maximum(-2.0 * pull.imag, np.finfo(np.float64).tiny)) + scale
        return pull, scale, np.log(2.0 * np.pi) + 2.0 * residue - width

    def _apart(self, level: IntArray, x: RealArray) -> RealArray:
        """Logarithm of the links over the distances to all levels but one."""
        distance = np.abs(self.energies[level][:, None] - self.energies + x[:, None])
        distance[np.arange(len(level)), level] = 1.0
        return np.asarray(self.hops - np.log(distance).sum(axis=1))

    def _dressed(
        self, level: IntArray, x: RealArray, sigma: ComplexArray
    ) -> tuple[ComplexArray, ComplexArray, RealArray]:
        """det(1 - g sigma) without the level; its shift, divided by e^scale; and the scale."""
        g11, g12, g22 = self._others(level, x)
        first, last = sigma[:, 0], sigma[:, 1]
        minor = g11 * g22 - g12 * g12
        dressing = 1.0 - g11 * first - g22 * last + minor * first * last
        scale = 2.0 * self.logs[level].max(axis=1)
        a1, a2 = np.exp(self.logs[level] - scale[:, None] / 2).T
        a2 = a2 * self._signs[level]
        # sigma + sigma G sigma = sigma (1 - g sigma)^-1
        pull = a1 * a1 * first * (1.0 - g22 * last) + a2 * a2 * last * (1.0 - g11 * first)
        pull = pull + 2.0 * a1 * a2 * g12 * first * last
        return dressing, pull / dressing, scale

    @property
    def _signs(self) -> RealArray:
        """The product of the signs on both ends: links being positive, the highest level has no node."""
        size = len(self.energies)
        return np.asarray((-1.0) ** (size - 1 - np.arange(size)))

    def _others(self, level: IntArray, x: RealArray) -> tuple[RealArray, RealArray, RealArray]:
        distance = self.energies[level][:, None] - self.energies + x[:, None]
        distance[np.arange(len(level)), level] = np.inf
        inverse = 1.0 / distance
        a1, a2 = np.exp(self.logs).T
        return inverse @ (a1 * a1), inverse @ (a1 * a2 * self._signs), inverse @ (a2 * a2)


def log_green(diagonal: ComplexArray, links: RealArray, sites: IntArray) -> RealArray:
    r"""Logarithms of the sizes of :math:`G = M^{-1}` between sites, for tridiagonal M with a complex diagonal.

    By elimination from both ends: :math:`G_{kk} = 1/(l_k + r_k - d_k)` with the pivots l and r, and
    :math:`G_{ij} = G_{jj} \prod_{i \le k < j} t_k / l_k`. Every element has its digits, however small.

    Parameters
    ----------
    diagonal : (L, n) array
        d, for n matrices.
    links : (L - 1,) array
        t, the same for all; only their sizes count.
    sites : (m,) array of int

    Returns
    -------
    (m, m, n) array

    Examples
    --------
    >>> import numpy as np
    >>> m = np.diag([1.0 + 0.1j, 40.0, -0.5 + 0.2j]) - np.diag([1.0, 2.0], 1) - np.diag([1.0, 2.0], -1)
    >>> logs = log_green(np.diag(m)[:, None], np.array([1.0, 2.0]), np.arange(3))[:, :, 0]
    >>> bool(abs(logs - np.log(abs(np.linalg.inv(m)))).max() < 1e-14)
    True
    """
    off = np.abs(links)
    left, right = _complex_pivots(diagonal, off), _complex_pivots(diagonal[::-1], off[::-1])[::-1]
    local = -np.log(np.abs((left[sites] + right[sites]) - diagonal[sites]))
    steps = np.log(off)[:, None] - np.log(np.abs(left[:-1]))
    passed = np.vstack([np.zeros(diagonal.shape[1]), np.cumsum(steps, axis=0)])[sites]
    places = np.arange(len(sites))
    farther = np.where(sites[:, None] >= sites, places[:, None], places)
    nearer = np.where(sites[:, None] >= sites, places, places[:, None])
    return np.asarray(local[farther] + (passed[farther] - passed[nearer]))


def _complex_pivots(diagonal: ComplexArray, off: RealArray) -> ComplexArray:
    found = np.array(diagonal, dtype=np.complex128)
    found[0] = _not_zero(found[0])
    for k in range(1, len(diagonal)):
        found[k] = _not_zero(diagonal[k] - off[k - 1] * (off[k - 1] / found[k - 1]))
    return found


def _not_zero(row: Array) -> Array:
    return np.where(row == 0.0, _LEAST, row)


def _end_logs(diagonal: RealArray, off: RealArray, energies: RealArray) -> RealArray:
    """Logarithms of eigenvectors on both ends: eliminations from both sides that meet where the vector is large."""
    down, up = _pivots(diagonal, off, energies), _pivots(diagonal[::-1], off[::-1], energies)[::-1]
    misfit = np.abs(down + up - (diagonal[:, None] - energies))
    place = np.argmin(misfit, axis=0)
    columns = np.arange(len(energies))
    log_links = np.log(off)[:, None]
    # log |v_k / v_0| from the left, log |v_k / v_last| from the right
    left = np.vstack([np.zeros(len(energies)), np.cumsum(np.log(np.abs(down[:-1])) - log_links, axis=0)])
    right = np.vstack([np.cumsum((np.log(np.abs(up[1:])) - log_links)[::-1], axis=0)[::-1], np.zeros(len(energies))])
    rows = np.arange(len(diagonal))[:, None]
    joined = np.where(rows <= place, left - left[place, columns], right - right[place, columns])
    norm = 0.5 * np.log(np.exp(2.0 * np.maximum(joined, -_SPREAD / 2)).sum(axis=0))
    return np.stack([joined[0] - norm, joined[-1] - norm], axis=1)


def _pivots(diagonal: RealArray, off: RealArray, energies: RealArray) -> RealArray:
    """Pivots of T - E by elimination from the first site on, a column for every energy; none is zero."""
    found = np.empty((len(diagonal), len(energies)))
    found[0] = _not_zero(diagonal[0] - energies)
    for k in range(1, len(diagonal)):
        found[k] = _not_zero((diagonal[k] - energies) - off[k - 1] * (off[k - 1] / found[k - 1]))
    return found
