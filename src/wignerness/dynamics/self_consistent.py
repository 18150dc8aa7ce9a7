"""Closing the probes: reservoirs that exchange no excitations on average, Eq. (D3) on any network.

The self-consistent occupations are part of the linear equation that the solver solves (its diagonal
feedback); here they are written into the network, so that the functions of (network, state) see
ordinary baths.
"""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from ..bath import Probe
from ..network import Network
from ..state import GaussianState


def fill_probes(network: Network, state: GaussianState) -> Network:
    """The network with every free probe at the occupation C_kk of its node.

    Parameters
    ----------
    network : Network
    state : GaussianState
        The steady state with the probes closed.

    Returns
    -------
    Network
        The same object if there is nothing to fill in.
    """
    if not network.free_probes:
        return network
    found = state.normal.diagonal().real
    baths = list(network.baths)
    for index in network.free_probes:
        probe = cast("Probe", baths[index])
        baths[index] = replace(probe, occupation=max(0.0, float(found[probe.mode])))
    return network.replace(baths=baths)
