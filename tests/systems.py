"""Yardsticks: networks whose answers are known exactly, and the solvers that are held against them.

Adding a solver is one line in SOLVERS; adding a yardstick is one function in SYSTEMS. Exact answers are computed
from closed formulas in rational arithmetic, or follow from a symmetry; ``agreement/test_yardsticks.py`` holds each
of them against ball arithmetic before anything is held against them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

import wignerness as wn
from wignerness.solvers import ADI, Auto, Banded, Batch, Dense

HALF = Fraction(1, 2)

SOLVERS = {
    "auto": Auto(),
    "dense": Dense(),
    "dense, double precision": Dense(extended=False),
    "batch": Batch(),
    "banded": Banded(),
    "adi": ADI(),
}


@dataclass(frozen=True)
class System:
    """A network and its exact answer; results per bath in the order of ``network.baths``.

    ``exact`` holds some of: occupations (L,), current (into node 0 from node 1), bath_currents (K,), flux (K,),
    production (K,), total (the sum of the productions), normal (L, L).
    """

    name: str
    network: wn.Network
    exact: dict = field(repr=False)


def one_mode_between_baths() -> System:
    """N is the mean of the baths' occupations, weighted with their rates."""
    rates, levels = (Fraction(1, 2), Fraction(3, 2), Fraction(1, 4)), (Fraction(0), Fraction(2), Fraction(7))
    mean = sum(r * n for r, n in zip(rates, levels, strict=True)) / sum(rates)
    flux = [r * (mean - n) / (n + HALF) for r, n in zip(rates, levels, strict=True)]
    production = [f * (mean - n) / (mean + HALF) for f, n in zip(flux, levels, strict=True)]
    baths = [wn.ThermalBath(0, float(r), float(n)) for r, n in zip(rates, levels, strict=True)]
    return System(
        "one mode between three baths",
        wn.Network([[0.75]], baths),
        {"occupations": [mean], "flux": flux, "production": production, "total": sum(production)},
    )


def _two_modes(name: str, hopping: Fraction, rates, levels, detuning: Fraction, phase: complex = 1) -> System:
    """Two modes: the current follows from a rate equation with the effective hopping rate kappa."""
    mean_rate = sum(rates) / 2
    kappa = 2 * hopping**2 * mean_rate / (mean_rate**2 + detuning**2)
    g1, g2 = rates
    current = kappa * g1 * g2 * (levels[1] - levels[0]) / (g1 * g2 + kappa * (g1 + g2))
    occupations = [levels[0] + current / g1, levels[1] - current / g2]
    flux = [current / (levels[0] + HALF), -current / (levels[1] + HALF)]
    link = complex(float(hopping)) * phase
    matrix = [[float(detuning), link], [link.conjugate(), 0.0]]
    baths = [wn.ThermalBath(k, float(r), float(n)) for k, (r, n) in enumerate(zip(rates, levels, strict=True))]
    exact = {"occupations": occupations, "current": current, "flux": flux, "total": sum(flux)}
    return System(name, wn.Network(matrix, baths), exact)


def two_resonant_modes() -> System:
    return _two_modes(
        "two resonant modes", HALF, (Fraction(1), Fraction(1)), (Fraction(1), Fraction(2)), Fraction(0), 1j
    )


def two_detuned_modes() -> System:
    rates, levels = (Fraction(1, 4), Fraction(2)), (Fraction(0), Fraction(5))
    return _two_modes("two detuned modes", Fraction(3, 8), rates, levels, Fraction(7, 4))


def exceptional_point() -> System:
    """4 hopping = difference of the rates: both eigenvectors of the drift coincide."""
    rates, levels = (Fraction(1), Fraction(3)), (Fraction(1), Fraction(2))
    return _two_modes("exceptional point", HALF, rates, levels, Fraction(0))


def rates_twelve_decades_apart() -> System:
    rates, levels = (Fraction(1, 2**20), Fraction(2**20)), (Fraction(5), Fraction(1))
    return _two_modes("rates twelve decades apart", Fraction(1), rates, levels, Fraction(0))


def three_oscillators() -> System:
    """Three resonant oscillators with a bath each: occupations 13/9, 3/2, 14/9."""
    rate, hopping = Fraction(1, 8), Fraction(1, 4)
    levels = (Fraction(1), Fraction(3, 2), Fraction(2))
    # The middle stays at its bath, the coherence of the ends at zero, and each half is a pair with
    # rate (N1 - n1) = 2 hopping x, rate x = hopping (N2 - N1).
    matrix = np.diag([float(hopping)] * 2, 1)
    baths = [wn.ThermalBath(k, float(rate), float(n)) for k, n in enumerate(levels)]
    deviation = 2 * hopping**2 / (rate**2 + 2 * hopping**2) * (levels[1] - levels[0])
    current = rate * deviation
    occupations = [levels[0] + deviation, levels[1], levels[2] - deviation]
    flux = [current / (levels[0] + HALF), Fraction(0), -current / (levels[2] + HALF)]
    exact = {"occupations": occupations, "current": current, "flux": flux, "total": sum(flux)}
    return System("three resonant oscillators", wn.Network(matrix + matrix.T, baths), exact)


def _chain(name: str, length: int, hopping: Fraction, rate: Fraction, probe_rate: Fraction, ends) -> System:
    """Eqs. (29)-(31) in rational arithmetic."""
    cold, hot = ends
    denominator = 4 * hopping**2 + rate**2 + rate * probe_rate * (length - 1)
    x = rate * hopping * (hot - cold) / denominator
    filling = []
    for k in range(1, length + 1):
        shape = probe_rate * rate * (length - 2 * k + 1) + rate**2 * ((k == 1) - (k == length))
        filling.append((cold + hot) / 2 + (cold - hot) / 2 * shape / denominator)
    current = 2 * hopping * x
    flux = [current / (cold + HALF), -current / (hot + HALF)] + [Fraction(0)] * (length if probe_rate else 0)
    network = wn.models.chain(
        length,
        hopping=float(hopping),
        rate=float(rate),
        occupations=[float(n) for n in ends],
        probe_rate=float(probe_rate),
    )
    exact = {"occupations": filling, "current": current, "flux": flux, "total": sum(flux)}
    return System(name, network, exact)


def bare_chain() -> System:
    return _chain("chain without probes", 7, Fraction(3, 8), Fraction(1), Fraction(0), (Fraction(1), Fraction(2)))


def chain_with_probes() -> System:
    ends = (Fraction(0), Fraction(3))
    return _chain("chain with probes", 6, HALF, Fraction(3, 4), Fraction(1, 8), ends)


def long_chain_with_probes() -> System:
    return _chain("chain of eighty with probes", 80, HALF, Fraction(1), Fraction(1, 16), (Fraction(1), Fraction(2)))


def equilibrium_ring() -> System:
    """All baths alike: C = n 1 whatever the flux."""
    level = Fraction(5, 4)
    baths = [wn.ThermalBath(k, 0.25 * (k + 1), float(level)) for k in range(4)] + [wn.Probe(2, 0.5)]
    zeros = [Fraction(0)] * 5
    exact = {
        "occupations": [level] * 4,
        "current": Fraction(0),
        "flux": zeros,
        "production": zeros,
        "total": Fraction(0),
    }
    return System("ring in equilibrium", wn.models.ring(4, hopping=0.5, flux=1.0, baths=baths), exact)


def mirrored_parts() -> System:
    """Two parts that do not meet, one the other in units of 2^20."""
    one, unit = two_detuned_modes(), 2.0**20
    matrix = np.zeros((4, 4), dtype=complex)
    matrix[:2, :2], matrix[2:, 2:] = one.network.hamiltonian, unit * one.network.hamiltonian
    moved = [wn.ThermalBath(b.mode + 2, b.rate * unit, b.occupation) for b in one.network.baths]
    flux = [*one.exact["flux"], *(f * Fraction(unit) for f in one.exact["flux"])]
    exact = {
        "occupations": one.exact["occupations"] * 2,
        "current": one.exact["current"],
        "flux": flux,
        "total": sum(flux),
    }
    return System("two parts in different units", wn.Network(matrix, [*one.network.baths, *moved]), exact)


SYSTEMS: tuple[Callable[[], System], ...] = (
    one_mode_between_baths,
    two_resonant_modes,
    two_detuned_modes,
    exceptional_point,
    rates_twelve_decades_apart,
    three_oscillators,
    bare_chain,
    chain_with_probes,
    long_chain_with_probes,
    equilibrium_ring,
    mirrored_parts,
)
