"""Which networks are the uniform chain, whose steady state is known in closed form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from .._checks import has_nonzero
from ..bath import Probe, ThermalBath
from ..network import Network
from .uniform_chain import ChainScaling, ChainSolution, chain, chain_scaling

__all__ = ["UniformChain", "matching_chain"]


@dataclass(frozen=True)
class UniformChain:
    """The parameters of a uniform chain, as `chain` takes them; see `matching_chain`.

    Attributes
    ----------
    length : int
    hopping : float
        Strength of the hopping, positive.
    rate : float
        Of the two real baths.
    occupations : (float, float)
        Of the baths on the first and the last node.
    probe_rate : float
        Zero without probes.
    """

    length: int
    hopping: float
    rate: float
    occupations: tuple[float, float]
    probe_rate: float

    def solution(self) -> ChainSolution:
        """The steady state in closed form, Eqs. (29)-(33)."""
        return chain(self.length, **self._rest)

    def scaling(self, lengths: ArrayLike) -> ChainScaling:
        """Current and productions of such chains of other lengths."""
        return chain_scaling(lengths, **self._rest)

    @property
    def _rest(self) -> dict[str, Any]:
        return {
            "hopping": self.hopping,
            "rate": self.rate,
            "occupations": self.occupations,
            "probe_rate": self.probe_rate,
        }


def matching_chain(network: Network) -> UniformChain | None:
    r"""Return the parameters of a network that is the uniform chain of Eqs. (27)-(28), and None for any other.

    The nodes must follow each other in a row with one frequency and one strength of hopping; its phases may be any,
    because on a chain a gauge removes them. A thermal bath of the same rate sits at either end, and nothing else but,
    perhaps, a free probe of the same rate on every node.

    Parameters
    ----------
    network : Network
        With free probes: `steady_state(network).network` has fixed ones.

    Returns
    -------
    UniformChain or None
        The `coherence` of its solution is that of real positive hoppings times i.

    Examples
    --------
    >>> import wignerness as wn
    >>> row = wn.models.chain(5, hopping=0.5, rate=1.0, occupations=(1, 2), probe_rate=0.1)
    >>> wn.exact.matching_chain(row).solution().occupations
    array([1.20833333, 1.45833333, 1.5       , 1.54166667, 1.79166667])
    >>> wn.exact.matching_chain(wn.models.ring(3, hopping=0.5)) is None
    True
    """
    ends, hopping, probe_rate = _ends(network), _hopping(network), _probe_rate(network)
    if ends is None or hopping is None or probe_rate is None:
        return None
    first, last = ends
    return UniformChain(network.n_modes, hopping, first.rate, (first.occupation, last.occupation), probe_rate)


def _hopping(network: Network) -> float | None:
    """The one strength of hopping along the row of nodes; None if there is more, or other couplings."""
    matrix = sparse.coo_array(network.hamiltonian)
    rows, columns = matrix.coords
    if (np.abs(rows - columns) > 1)[matrix.data != 0].any():
        return None
    if has_nonzero(network.pairing) or has_nonzero(network.drive):
        return None
    frequencies, strengths = network.hamiltonian.diagonal(), np.abs(network.hamiltonian.diagonal(1))
    if network.n_modes < 2 or not strengths.all() or (frequencies != frequencies[0]).any():
        return None
    # The modulus of a hopping with a phase is rounded.
    return float(strengths[0]) if np.ptp(strengths) <= 4 * np.finfo(float).eps * strengths[0] else None


def _ends(network: Network) -> tuple[ThermalBath, ThermalBath] | None:
    """The thermal baths of the first and the last node; None if there are others, or their rates differ."""
    real = [bath for bath in network.baths if not isinstance(bath, Probe) and bool(getattr(bath, "rate", True))]
    if len(real) != 2 or not all(isinstance(bath, ThermalBath) for bath in real):
        return None
    first, last = sorted((bath for bath in real if isinstance(bath, ThermalBath)), key=lambda bath: bath.mode)
    if (first.mode, last.mode) != (0, network.n_modes - 1) or first.rate != last.rate:
        return None
    return first, last


def _probe_rate(network: Network) -> float | None:
    """The one rate of free probes on every node, zero without probes; None for anything else."""
    probes = [bath for bath in network.baths if isinstance(bath, Probe) and bath.rate]
    if not probes:
        return 0.0
    nodes = sorted(probe.mode for probe in probes)
    if nodes != list(range(network.n_modes)) or not all(probe.is_free for probe in probes):
        return None
    return probes[0].rate if all(probe.rate == probes[0].rate for probe in probes) else None
