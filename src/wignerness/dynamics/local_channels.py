"""The baths of a network as channels of the Langevin equation, one node each.

A bath c on node k contributes dy_c = -(kappa_c/2) alpha_k dt + dzeta_c to d alpha_k, where dzeta_c is white noise whose real
and imaginary part have the covariance Q_c dt. Thermal and squeezed baths and probes are of this kind, and so are jump
operators on a single node: kappa = sum |u|^2 - |v|^2, negative for gain.
"""

from __future__ import annotations

from typing import NamedTuple, cast

import numpy as np

from .._typing import ComplexArray, IntArray, RealArray
from ..bath import JumpBath
from ..errors import UndefinedQuantityError
from ..network import Network
from ..thermodynamics._fit import check_gaussian


class LocalChannels(NamedTuple):
    """All baths of a network, in its order.

    Attributes
    ----------
    nodes : (K,) array of int
        The first node for a bath that acts on none.
    drags : (K,) array
        kappa_c.
    noises : (K, 2, 2) array
        Q_c, real and symmetric.
    """

    nodes: IntArray
    drags: RealArray
    noises: RealArray

    @property
    def is_isotropic(self) -> bool:
        """Whether no noise knows a phase."""
        return bool((self.noises == self.noises[:, :1, :1] * np.eye(2)).all())

    def per_node(self, size: int) -> tuple[RealArray, RealArray]:
        """Total drag (L,) and noise (L, 2, 2) of every node."""
        drags, noises = np.zeros(size), np.zeros((size, 2, 2))
        np.add.at(drags, self.nodes, self.drags)
        np.add.at(noises, self.nodes, self.noises)
        return drags, noises


def local_channels(network: Network) -> LocalChannels:
    """The channels of a network with known probe occupations.

    Raises
    ------
    UndefinedQuantityError
        With dephasing, and with jump operators that act on several nodes.
    """
    check_gaussian(network, "entropy production of a trajectory")
    count = network.n_baths
    nodes, drags = np.zeros(count, dtype=np.intp), np.zeros(count)
    plain, mixed = np.zeros(count), np.zeros(count, dtype=np.complex128)
    local = list(network.local_baths)
    nodes[local], drags[local] = network.bath_modes, network.bath_rates
    plain[local] = network.bath_rates * (network.bath_occupations + 0.5)
    mixed[local] = network.bath_rates * network.bath_anomalous
    for index in network.jump_baths:
        bath = cast("JumpBath", network.baths[index])
        if len(bath.support) > 1:
            raise UndefinedQuantityError(
                f"Trajectories are not drawn for {network.bath_labels[index]!r}, whose jump operators act on several nodes: "
                "what it takes up depends on the areas that amplitudes of different nodes sweep together, which no number "
                "of steps resolves. Its flux and production along the moments are given by `evolve`."
            )
        if bath.support:
            nodes[index] = node = bath.support[0]
            drags[index], plain[index], mixed[index] = _of_jumps(bath, node)
    noises = np.empty((count, 2, 2))
    noises[:, 0, 0], noises[:, 1, 1] = (plain + mixed.real) / 2, (plain - mixed.real) / 2
    noises[:, 0, 1] = noises[:, 1, 0] = mixed.imag / 2
    return LocalChannels(nodes, drags, noises)


def _of_jumps(bath: JumpBath, node: int) -> tuple[float, float, complex]:
    """kappa, and E|dzeta|^2 and E dzeta^2 per time."""
    u: ComplexArray
    v: ComplexArray
    u, v = bath.absorbing[:, node], bath.emitting[:, node]
    loss, gain = float(np.sum(np.abs(u) ** 2)), float(np.sum(np.abs(v) ** 2))
    return loss - gain, (loss + gain) / 2, complex(-np.sum(u.conj() * v))
