"""The links of a network one by one: what flows along each, and what drives it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from .._checks import read_only
from .._typing import IntArray, RealArray
from ..network import Network
from ..state import GaussianState
from .currents import excitation_currents
from .onsager import affinities

__all__ = ["LinkTerms", "link_terms"]

# A current below this part of the largest one is rounding.
_ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class LinkTerms:
    r"""Currents and affinities of M links, each taken in the direction in which its affinity is not negative.

    Attributes
    ----------
    into, source : (M,) arrays of int
        Nodes k and l: the current is into k from l.
    currents : (M,) array
        :math:`j_{kl}` (excitations per time).
    affinities : (M,) array
        :math:`1/(n_k + 1/2) - 1/(n_l + 1/2) \ge 0`.
    production : (M,) array
        :math:`j_{kl}` times the affinity (nats per time): with one bath on every node they add up to the production,
        Eq. (26).
    is_against : (M,) array of bool
        Whether the current flows against its affinity, beyond rounding. Eq. (26) does not forbid that for single links:
        only the sum is never negative.
    """

    into: IntArray
    source: IntArray
    currents: RealArray
    affinities: RealArray
    production: RealArray
    is_against: np.ndarray


def link_terms(network: Network, state: GaussianState) -> LinkTerms:
    """Currents and affinities of all links, the terms of the bilinear form (26).

    Parameters
    ----------
    network : Network
        With all probe occupations known.
    state : GaussianState

    Returns
    -------
    LinkTerms
        In the order of the upper triangle of H, row by row.

    Raises
    ------
    UndefinedQuantityError
        If a node has no bath, or more than one that could set its occupation; see `affinities`.

    Examples
    --------
    A current against its affinity, between a weak hot bath in the middle and a colder one on the left:

    >>> import wignerness as wn
    >>> baths = [wn.ThermalBath(0, 1.0, 2.0), wn.ThermalBath(1, 0.01, 5.0), wn.ThermalBath(2, 1.0, 0.0)]
    >>> row = wn.models.chain(3, hopping=0.5, rate=1.0, occupations=(0, 0)).replace(baths=baths)
    >>> ness = wn.steady_state(row)
    >>> terms = wn.thermodynamics.link_terms(ness.network, ness.state)
    >>> terms.currents.round(3), terms.is_against
    (array([-0.478,  0.517]), array([ True, False]))
    >>> bool(abs(terms.production.sum() / ness.entropy_production.sum() - 1) < 1e-12)
    True
    """
    driving = affinities(network, state)
    upper = sparse.triu(sparse.coo_array(network.hamiltonian), 1).tocsr().tocoo()
    rows, columns = (np.asarray(index)[upper.data != 0] for index in upper.coords)
    flows = excitation_currents(network, state)
    flow = np.asarray(flows[rows, columns]).ravel()
    force = driving[rows, columns]
    turned = force < 0
    flow, force = np.where(turned, -flow, flow), np.abs(force)
    beyond = np.abs(flow) > _ROUNDING * np.abs(flow).max(initial=0.0)
    return LinkTerms(
        into=read_only(np.where(turned, columns, rows).astype(np.intp)),
        source=read_only(np.where(turned, rows, columns).astype(np.intp)),
        currents=read_only(flow),
        affinities=read_only(force),
        production=read_only(flow * force),
        is_against=read_only((flow < 0) & (force > 0) & beyond),
    )
