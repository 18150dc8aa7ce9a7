"""Claims of the paper that hold for its chain, or in a limit, but not for every network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from .. import thermodynamics
from ..bath import Probe, ThermalBath
from ..dynamics import SteadyState, steady_state
from ..models import chain, ring
from ..network import Network
from .fock import TwoModeSpace
from .records import Array, ClaimRecord

__all__ = ["CLAIMS", "current_against_affinity", "detuned_chain", "flux_ring"]


def current_against_affinity() -> SteadyState:
    """Three nodes in a row between baths of occupations 2, 5 and 0, the middle one weakly coupled."""
    baths = [ThermalBath(0, 1.0, 2.0), ThermalBath(1, 0.01, 5.0), ThermalBath(2, 1.0, 0.0)]
    return steady_state(chain(3, hopping=0.5, rate=1.0, occupations=(0, 0)).replace(baths=baths))


def flux_ring() -> SteadyState:
    """A ring of three nodes threaded by a flux of pi/2, baths of occupations 1, 1 and 3."""
    baths = [ThermalBath(k, 1.0, n) for k, n in enumerate((1.0, 1.0, 3.0))]
    return steady_state(ring(3, hopping=0.5, flux=np.pi / 2, baths=baths))


def detuned_chain(probe_rate: float) -> SteadyState:
    """Three nodes in a row, the middle one detuned by ten hoppings, between baths of occupations 0 and 2."""
    network = chain(3, hopping=0.3, rate=0.5, occupations=(0, 2), frequency=[0, 3, 0], probe_rate=probe_rate)
    return steady_state(network)


def _sign_of_currents() -> ClaimRecord:
    row, loop = current_against_affinity(), flux_ring()
    values = {
        "current into the first node from the second": float(row.currents[0, 1]),
        "their affinity": float(thermodynamics.affinities(row.network)[0, 1]),
        "ring: current between nodes with equal baths": float(loop.currents[0, 1]),
        "ring: their affinity": float(thermodynamics.affinities(loop.network)[0, 1]),
    }
    against, affinity, circulating, none = values.values()
    return ClaimRecord(
        "each current has the sign of the affinity between its nodes (below Eq. 26)",
        "three nodes in a row, n = (2, 5, 0), rates (1, 0.01, 1), hopping 0.5; ring of three with a flux of pi/2, "
        "n = (1, 1, 3)",
        values,
        against * affinity < -0.1 and abs(circulating) > 0.1 and none == 0,
    )


def _probes_lower_production() -> ClaimRecord:
    values = {
        "production without probes": float(detuned_chain(0.0).entropy_production.sum()),
        "production with probes of rate 5": float(detuned_chain(5.0).entropy_production.sum()),
    }
    without, with_probes = values.values()
    return ClaimRecord(
        "self-consistent reservoirs lower the entropy production (below Eq. 33b)",
        "three nodes in a row, the middle one detuned by 3, hopping 0.3, rates 0.5, n = (0, 2)",
        values,
        with_probes > 2 * without,
    )


def _von_neumann_is_equivalent() -> ClaimRecord:
    values = {f"von Neumann / Wigner, n = ({n:g}, {2 * n:g})": _production_ratio(n) for n in (0.01, 1.0, 100.0)}
    cold, warm, hot = values.values()
    return ClaimRecord(
        "the Wigner production is equivalent to that of the von Neumann entropy (below Eq. 12)",
        "three nodes in a row, hopping 0.2, rates 0.1 at the ends; at n = 0 the von Neumann production diverges",
        values,
        cold > 1.5 and warm > 1.05 and abs(hot - 1) < 1e-4,
    )


def _production_ratio(occupation: float) -> float:
    """Steady-state production from J ln((n + 1)/n) over that from J/(n + 1/2)."""
    ness = steady_state(chain(3, hopping=0.2, rate=0.1, occupations=(occupation, 2 * occupation)))
    von_neumann = np.sum(ness.bath_currents * np.log1p(1 / ness.network.bath_occupations))
    return float(von_neumann / ness.entropy_production.sum())


def _dephasing_equals_probes() -> ClaimRecord:
    """Rates of change from the master equation, rate one for both; zero mean first, then not."""
    space = TwoModeSpace(14)
    correlated = np.array([[0.12, 0.05], [0.05, 0.09]])
    centered = space.gaussian(correlated, np.zeros((2, 2)), np.zeros(2))
    squeezed = space.gaussian(correlated, np.diag([0.15, 0.0]), np.zeros(2))
    displaced = space.gaussian(correlated, np.zeros((2, 2)), np.array([0.4, 0.0]))
    values = {
        "zero mean: largest difference in dC/dt": float(np.abs(_difference(space, space.normal, centered)).max()),
        "displaced by 0.4: difference in d<a^+a>/dt": float(_difference(space, space.normal, displaced)[0, 0].real),
        "squeezed: difference in d<a a>/dt": float(_difference(space, space.anomalous, squeezed)[0, 0].real),
    }
    none, mean, pairs = values.values()
    return ClaimRecord(
        "dephasing and self-consistent reservoirs give the same second moments (Sec. IV, below Eq. D3)",
        "two correlated modes, rate 1 on each: true of C at zero mean, not of <a^+a> with a mean, nor of S",
        values,
        none < 1e-6 and abs(mean) > 0.1 and abs(pairs) > 0.1,
    )


def _difference(space: TwoModeSpace, moments: Callable[[Array], Array], rho: Array) -> Array:
    """Change of moments by dephasing less that by probes that take the fluctuations C_kk for their occupations."""
    mean = space.mean(rho)
    filling = np.diag(space.normal(rho)).real - np.abs(mean) ** 2
    probes = Network(np.zeros((2, 2)), [Probe(k, 1.0, occupation=float(filling[k])) for k in range(2)])
    by_probes = space.generator(probes, rho)
    return moments(space.dephasing(rho)) - moments(by_probes)


# Every claim of the list, in the order of the paper.
CLAIMS: Mapping[str, Callable[[], ClaimRecord]] = MappingProxyType(
    {
        "von Neumann": _von_neumann_is_equivalent,
        "affinity": _sign_of_currents,
        "dephasing": _dephasing_equals_probes,
        "lower": _probes_lower_production,
    }
)
