"""Closing the probes in the normal modes: reservoirs that exchange no excitations on average, Eq. (D3) by other theories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy import linalg

from .._typing import ComplexArray, IntArray, RealArray
from ..errors import NoUniqueSteadyStateError
from ..network import Network
from .moments import Moments, OfBath, drift_of, solve_moments
from .reservoirs import NormalModes

__all__ = ["solve_closed"]

_STEPS = 8
_SINGULAR = 1e-13


def solve_closed(
    network: Network, modes: NormalModes, damping: OfBath, clusters: Sequence[IntArray], source: OfBath | None = None
) -> tuple[Network, NormalModes, Moments]:
    """The steady state with the occupation of every free probe such that it exchanges no excitations.

    A probe damps and feeds alike at every frequency. How the exchange depends on the occupations is computed once from
    eigenvectors of the drift; the steps that it leads to are repeated until rounding decides.

    Parameters
    ----------
    network : Network
    modes : NormalModes
        With the occupation zero for free probes.
    damping, clusters, source
        As for :func:`~wignerness.theories.moments.solve_moments`; they may not depend on the occupation of a probe.

    Returns
    -------
    network, modes
        With the occupations filled in.
    moments

    Raises
    ------
    NoUniqueSteadyStateError
        If a normal mode is undamped, or the occupations of the probes are not determined.
    """
    moments = solve_moments(modes, damping, clusters, source)
    if not network.free_probes:
        return network, modes, moments
    free = np.array(network.free_probes, dtype=np.intp)
    closure = _closure(modes, damping, clusters, free)
    values = linalg.svdvals(closure)
    if not values[-1] > _SINGULAR * values[0]:
        nodes = tuple(modes.baths[b].mode for b in free)
        raise NoUniqueSteadyStateError(
            "The occupations of the free probes are not determined: no real bath reaches them. Couple one to the network, "
            "or fix the occupation of a probe.",
            nodes=nodes,
        )
    levels, previous = np.zeros(len(free)), np.inf
    for _ in range(_STEPS):
        surplus = moments.mode_currents[free].sum(axis=1)
        size = float(np.abs(surplus).max())
        if not size < 0.5 * previous:
            break
        previous = size
        levels = np.maximum(levels + linalg.solve(closure, surplus), 0.0)
        modes = replace(modes, occupations=_filled(modes.occupations, free, levels))
        moments = solve_moments(modes, damping, clusters, source)
    baths = list(network.baths)
    for b, level in zip(free, levels, strict=True):
        baths[b] = replace(baths[b], occupation=float(level))
    return network.replace(baths=baths), modes, moments


def _filled(occupations: RealArray, free: IntArray, levels: RealArray) -> RealArray:
    filled = occupations.copy()
    filled[free] = levels[:, None]
    return filled


def _closure(modes: NormalModes, damping: OfBath, clusters: Sequence[IntArray], free: IntArray) -> RealArray:
    """What each probe loses when the occupation of another is raised by one: its rate, less what comes back."""
    contacts, rates = modes.contacts[free], np.array([modes.baths[b].rate for b in free])
    returned = np.zeros((len(free), len(free)))
    for cluster in clusters:
        drift = drift_of(modes, damping, cluster)
        returned += _transmitted(drift, contacts[:, cluster])
    return np.asarray(np.diag(rates) - rates[:, None] * returned * rates)


def _transmitted(drift: ComplexArray, contacts: ComplexArray) -> RealArray:
    r"""The integral of :math:`|v_p^\dagger e^{At} v_q|^2` over all times, for the rows v of contacts."""
    values, x = linalg.eig(drift)
    out, into = contacts.conj() @ x, linalg.solve(x, contacts.T)
    cauchy = -1.0 / (values[:, None] + values.conj())
    found = np.empty((len(contacts), len(contacts)))
    for p, row in enumerate(out):
        weights = row[:, None] * cauchy * row.conj()
        found[p] = np.sum((weights @ into.conj()) * into, axis=0).real
    return found
