"""Chains and rings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import _checks
from ..bath import Bath, Probe, ThermalBath
from ..network import Network
from ._build import hamiltonian, per_item, refuse_size, site_frequencies


def chain(
    length: int,
    *,
    hopping: Any,
    rate: float,
    occupations: Sequence[float],
    probe_rate: Any = 0.0,
    frequency: Any = 0.0,
    disorder: Any = None,
    rng: int | np.random.Generator | None = None,
) -> Network:
    r"""The chain of Eqs. (27)-(28): imaginary hopping, a real bath at each end, probes on every node.

    :math:`H = \omega \sum_k a_k^\dagger a_k + i \lambda \sum_k (a_k^\dagger a_{k+1} - a_{k+1}^\dagger a_k)`.

    Parameters
    ----------
    length : int
        Number of nodes L >= 1.
    hopping : float or (L - 1,) array_like
        lambda, the same for all links or one for each; H[k, k+1] = i lambda.
    rate : float
        Damping rate gamma of the two real baths.
    occupations : (float, float)
        Occupations n_1 and n_L of the baths on the first and the last node.
    probe_rate : float or (L,) array_like
        Rate Gamma of the probes; no probe where it is zero.
    frequency : float or (L,) array_like
        omega; the same for all nodes by default, where it changes nothing.
    disorder : float or (L,) array_like, optional
        Frequency offsets, or the width of a uniform distribution centered on zero to draw them from.
    rng : int or numpy Generator, optional
        Seed or generator for disorder of a given width.

    Returns
    -------
    Network
        Baths: first node, last node, then the probes in the order of the nodes. The Hamiltonian is dense up to
        1024 modes and sparse beyond.

    Raises
    ------
    InvalidNetworkError
        If a parameter has the wrong shape, sign or type.

    Examples
    --------
    >>> import wignerness as wn
    >>> wn.models.chain(4, hopping=0.5, rate=1.0, occupations=(1, 2), probe_rate=0.1)
    Network(4 modes, 6 baths: 2 thermal, 4 probes)
    """
    size = _checks.integer("length", length, minimum=1)
    refuse_size(size)
    ends = _checks.real_array("occupations", occupations, (2,), minimum=0.0)
    probe_rates = per_item("probe_rate", probe_rate, size, real=True, minimum=0.0)
    frequencies = site_frequencies(frequency, disorder, rng, size)
    left = np.arange(size - 1)
    matrix = hamiltonian(frequencies, left, left + 1, 1j * per_item("hopping", hopping, size - 1))
    baths: list[Bath] = [
        ThermalBath(0, rate, float(ends[0]), name="left"),
        ThermalBath(size - 1, rate, float(ends[1]), name="right"),
    ]
    baths += [Probe(int(node), float(probe_rates[node])) for node in np.flatnonzero(probe_rates)]
    return Network(matrix, baths)


def ring(
    length: int,
    *,
    hopping: Any,
    flux: float = 0.0,
    frequency: Any = 0.0,
    disorder: Any = None,
    rng: int | np.random.Generator | None = None,
    baths: Sequence[Bath] = (),
) -> Network:
    r"""A ring threaded by a flux: :math:`H_{k,k+1} = \lambda e^{i \phi / L}`, the last node linked to the first.

    Parameters
    ----------
    length : int
        Number of nodes L >= 3.
    hopping : float or (L,) array_like
        lambda, the same for all links or one for each (link k joins k and k + 1).
    flux : float
        phi, the phase picked up around the ring (radian).
    frequency, disorder, rng
        As for :func:`chain`.
    baths : sequence of baths
        The baths.

    Raises
    ------
    InvalidNetworkError
        If a parameter has the wrong shape, sign or type.

    Examples
    --------
    >>> import wignerness as wn
    >>> wn.models.ring(3, hopping=1.0, flux=0.5, baths=[wn.ThermalBath(0, 0.1, 1.0)])
    Network(3 modes, 1 bath: 1 thermal)
    """
    size = _checks.integer("length", length, minimum=3)
    refuse_size(size)
    phase = np.exp(1j * _checks.real("flux", flux) / size)
    nodes = np.arange(size)
    hoppings = per_item("hopping", hopping, size) * phase
    frequencies = site_frequencies(frequency, disorder, rng, size)
    return Network(hamiltonian(frequencies, nodes, (nodes + 1) % size, hoppings), baths)
