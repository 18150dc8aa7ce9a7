"""The networks and states on which the equations are checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import numpy as np
from scipy import linalg

from ..bath import Probe, ThermalBath
from ..dynamics import SteadyState, steady_state
from ..models import chain
from ..network import Network
from ..state import GaussianState
from .fock import TwoModeSpace
from .records import Array

# Parameters of Fig. 3, of Fig. 2 (its caption leaves out the occupations), and of order one.
CHAINS: tuple[Mapping[str, object], ...] = tuple(
    MappingProxyType(parameters)
    for parameters in (
        {"length": 2, "hopping": 3e-7, "rate": 1e-6, "occupations": (1.0, 2.0), "probe_rate": 1e-7},
        {"length": 10, "hopping": 1e-5, "rate": 1e-5, "occupations": (1.0, 2.0), "probe_rate": 1e-6},
        {"length": 10, "hopping": 1e-5, "rate": 1e-5, "occupations": (1.0, 2.0), "probe_rate": 0.0},
        {"length": 7, "hopping": 1.3, "rate": 0.5, "occupations": (3.0, 0.0), "probe_rate": 0.2},
        {"length": 12, "hopping": 0.2, "rate": 0.9, "occupations": (0.1, 6.0), "probe_rate": 1.7},
    )
)


@dataclass(frozen=True, eq=False)
class Pair:
    """Two coupled modes in a displaced, squeezed, correlated Gaussian state, as a density matrix too.

    Attributes
    ----------
    network : Network
        Detuned, with complex hopping and one bath a mode.
    space : TwoModeSpace
    rho : array
        The density matrix in that space.
    state : GaussianState
        With the moments of `rho`, taken by traces.
    points : (P, 2) array
        Phase-space points where the Wigner function is not small.
    """

    network: Network
    space: TwoModeSpace
    rho: Array
    state: GaussianState
    points: Array


@cache
def pair() -> Pair:
    """The two modes on which everything below Eq. (25) is checked."""
    network = Network([[1.0, 0.3 + 0.2j], [0.3 - 0.2j, 1.4]], [ThermalBath(0, 0.7, 0.1), ThermalBath(1, 0.4, 0.35)])
    space = TwoModeSpace(20)
    rho = space.gaussian(
        normal=np.array([[0.12, 0.03 + 0.02j], [0.03 - 0.02j, 0.09]]),
        squeezing=np.array([[0.1, 0.05j], [0.05j, -0.08 + 0.03j]]),
        displacement=np.array([0.2, -0.1 + 0.15j]),
    )
    mean = space.mean(rho)
    normal = space.normal(rho) - np.outer(mean, mean.conj())
    state = GaussianState(mean, normal, space.anomalous(rho) - np.outer(mean, mean))
    spread = np.random.default_rng(5).normal(size=(40, 2, 2)) * 0.6
    return Pair(network, space, rho, state, mean + spread[..., 0] + 1j * spread[..., 1])


@cache
def five_nodes() -> SteadyState:
    """Steady state of five nodes on a random graph with complex hoppings and one bath on every node."""
    rng = np.random.default_rng(11)
    hopping = np.triu(rng.normal(size=(5, 5)) + 1j * rng.normal(size=(5, 5)), 1) * (rng.random((5, 5)) < 0.7)
    hamiltonian = hopping + hopping.conj().T + np.diag(rng.normal(size=5))
    rates, occupations = rng.uniform(0.1, 2, 5), rng.uniform(0, 5, 5)
    baths = [ThermalBath(k, rates[k], occupations[k]) for k in range(5)]
    return steady_state(Network(hamiltonian, baths))


@cache
def five_nodes_with_probes() -> SteadyState:
    """The same graph with real baths on two nodes and probes on three."""
    plain = five_nodes().network
    baths = [plain.baths[0], plain.baths[3], *(Probe(k, rate) for k, rate in ((1, 0.4), (2, 1.1), (3, 0.2)))]
    return steady_state(plain.replace(baths=baths))


@cache
def chain_state(which: int) -> SteadyState:
    """Steady state of `CHAINS[which]` by the general solver."""
    return steady_state(chain(**CHAINS[which]))  # type: ignore[arg-type]


@cache
def short_chain() -> SteadyState:
    """The chain of two nodes at occupations low enough for a truncated Fock space."""
    return steady_state(chain(2, hopping=0.4, rate=0.8, occupations=(0.05, 0.25), probe_rate=0.5))


def propagate(network: Network, state: GaussianState, time: float) -> GaussianState:
    """The state at a later (or earlier) time, by the exponential of the drift; passive networks."""
    forward = linalg.expm(network.drift * time)
    rest = steady_normal(network.drift, network.diffusion)
    return GaussianState(
        forward @ state.mean,
        forward @ (state.normal - rest) @ forward.conj().T + rest,
        forward @ state.anomalous @ forward.T,
    )


def steady_normal(drift: Array, source: Array, feedback: Array | None = None) -> Array:
    """Solve A C + C A^+ + diag(w_k C_kk) + f = 0 as a system of L^2 linear equations."""
    size = len(drift)
    unit = np.eye(size)
    system = np.kron(drift, unit) + np.kron(unit, drift.conj())
    if feedback is not None:
        diagonal = np.arange(size) * (size + 1)
        system[diagonal, diagonal] += feedback
    return np.linalg.solve(system, -np.asarray(source, dtype=np.complex128).ravel()).reshape(size, size)
