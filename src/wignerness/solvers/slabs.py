"""A long network as arrays: slabs of nodes, each coupled to the next only."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from .._typing import ComplexArray, IntArray, RealArray
from ..bath import Dephasing, Probe
from ..linalg.compensated import Pair, two_sum
from ..network import Network
from .equation import power_of_two_above


class Chain:
    """The network as arrays, in units of ``unit``: slabs of ``p`` nodes coupled to the next slab only.

    Attributes
    ----------
    row, column, value : arrays
        The links, both directions.
    part : (L,) array of int
        Number of the connected part that a node belongs to.
    frequencies : (L,) array
        Common frequency of each part taken off.
    rates, loose, fixed : (L,) arrays
        Damping; the part of it that is fed back; the rest.
    fed : (L,) array
        Sum of rate times (occupation - reference) of the baths with a given occupation.
    level : Pair of (L,) arrays
        Mean of those differences on every node, weighted with the rates; of one bath to all digits.
    sole, levels : (m,) arrays
        Nodes with one bath only besides probes, which take nothing in; and its occupation.
    """

    def __init__(self, network: Network) -> None:
        h = sparse.csr_array(network.hamiltonian).tocoo()
        keep = h.data != 0
        row, column, value = h.coords[0][keep], h.coords[1][keep], h.data[keep]
        self.size = network.n_modes
        frequencies = np.zeros(self.size)
        frequencies[row[row == column]] = value[row == column].real
        off = row != column
        rates = damping_rates(network)
        pattern = sparse.coo_array((np.ones(len(row)), (row, column)), shape=h.shape)
        self.part = np.asarray(connected_components(pattern, directed=False)[1], dtype=np.intp)
        centered = _centered(frequencies, self.part)
        self.unit = power_of_two_above(
            max(float(np.abs(value[off]).max(initial=0.0)), float(np.abs(centered).max()), float(rates.max()))
        )
        self.row, self.column, self.value = row[off], column[off], value[off] / self.unit
        self.frequencies, self.rates = centered / self.unit, rates / self.unit
        self.width = int(np.abs(self.row - self.column).max(initial=0))
        self._add_baths(network)

    def _add_baths(self, network: Network) -> None:
        free = [
            i for i, b in enumerate(network.baths) if isinstance(b, Dephasing) or (isinstance(b, Probe) and b.is_free)
        ]
        given = [b for b in network.baths if getattr(b, "occupation", None) is not None and b.rate > 0]  # type: ignore[union-attr]
        self.loose, self.fixed, self.fed = np.zeros(self.size), np.zeros(self.size), np.zeros(self.size)
        for index in free:
            self.loose[network.baths[index].mode] += network.baths[index].rate / self.unit  # type: ignore[union-attr]
        levels = np.array([b.occupation for b in given])  # type: ignore[union-attr]
        modes = np.array([b.mode for b in given], dtype=np.intp)  # type: ignore[union-attr]
        strengths = np.array([b.rate for b in given]) / self.unit  # type: ignore[union-attr]
        self.reference = float(levels.min()) if len(levels) else 0.0  # what is added to it is positive
        np.add.at(self.fixed, modes, strengths)
        np.add.at(self.fed, modes, strengths * (levels - self.reference))
        alone = np.bincount(modes, minlength=self.size)[modes] == 1
        mean = np.divide(self.fed, self.fixed, out=np.zeros(self.size), where=self.fixed > 0)
        self.level = Pair(mean, np.zeros(self.size))
        exact = two_sum(levels[alone], np.full(int(alone.sum()), -self.reference))
        self.level.hi[modes[alone]], self.level.lo[modes[alone]] = exact
        self.sole, self.levels = modes[alone], levels[alone]
        self.spread = float(np.ptp(levels)) if len(levels) else 0.0
        self.largest = float(levels.max(initial=0.0))

    def bounds(self) -> tuple[float, float]:
        """An interval that holds all levels of H (Gershgorin)."""
        reach = np.bincount(self.row, weights=np.abs(self.value), minlength=self.size)
        return float((self.frequencies - reach).min()), float((self.frequencies + reach).max())

    def blocks(self, *, conjugate: bool = False) -> tuple[int, ComplexArray, ComplexArray, RealArray]:
        """p, the diagonal and the upper blocks of H, and the rates; nodes added to fill the last slab stand alone."""
        p = max(1, self.width)
        count = -(-self.size // p)
        diagonal = np.zeros((count, p, p), dtype=np.complex128)
        upper = np.zeros((max(count - 1, 0), p, p), dtype=np.complex128)
        value = self.value.conj() if conjugate else self.value
        k, a, l, b = self.row // p, self.row % p, self.column // p, self.column % p
        same, above = k == l, l == k + 1
        diagonal[k[same], a[same], b[same]] = value[same]
        upper[k[above], a[above], b[above]] = value[above]
        nodes = np.arange(self.size)
        diagonal[nodes // p, nodes % p, nodes % p] = self.frequencies
        rates = np.full(count * p, self.rates.max())
        rates[: self.size] = self.rates
        return p, diagonal, upper, rates.reshape(count, p)

    @property
    def is_reversible(self) -> bool:
        """Whether T is symmetric: H is real, or real after a change of phases."""
        return self.width <= 1 or not self.value.imag.any()


class Answer(NamedTuple):
    """Occupations less the reference (two doubles), the band of C, and what is known of the error.

    Attributes
    ----------
    hi, lo : (L,) arrays
    band : (2 b + 1, L) array
        The layout of ``scipy.sparse.dia_array``; its middle row is not used.
    error : float
    separation : float
        One over the largest occupation that a source of one on every node feeds: in units of ``unit``. As the response to
        sources is positive, no other source of that norm feeds more.
    converged : bool
    """

    hi: RealArray
    lo: RealArray
    band: ComplexArray
    error: float
    separation: float
    converged: bool


def damping_rates(network: Network) -> RealArray:
    """Damping of every node, dephasing included."""
    rates = network.mode_rates.copy()
    for index in network.dephasings:
        rates[network.baths[index].mode] += network.baths[index].rate  # type: ignore[union-attr]
    return rates


def _centered(frequencies: RealArray, part: IntArray) -> RealArray:
    """Frequencies less the middle of those of the part: large ones elsewhere do not cost them digits."""
    count = int(part.max()) + 1
    high, low = np.full(count, -np.inf), np.full(count, np.inf)
    np.maximum.at(high, part, frequencies)
    np.minimum.at(low, part, frequencies)
    return np.asarray(frequencies - (high / 2 + low / 2)[part])
