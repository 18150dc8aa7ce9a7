"""Networks that are made to be hard, drawn at random, one family a function.

Every family is a function of a random generator and a largest number of modes. ``draw`` takes the next family
in turn, so that a number of draws covers all of them evenly.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

import wignerness as wn

Family = Callable[[np.random.Generator, int], wn.Network]


def _decades(rng, low, high, size=None):
    return 10.0 ** rng.uniform(low, high, size)


def _graph(rng, size, *, density=0.4, low=0.0, high=0.0):
    """Hermitian matrix over a random connected graph, complex hoppings of 10^low to 10^high."""
    links = np.triu(rng.random((size, size)) < density, k=1)
    order = rng.permutation(size)
    for k in range(1, size):
        a, b = sorted((order[k], order[rng.integers(k)]))
        links[a, b] = True
    upper = links * _decades(rng, low, high, (size, size)) * np.exp(2j * np.pi * rng.random((size, size)))
    return upper + upper.conj().T + np.diag(rng.uniform(-1, 1, size))


def _size(rng, largest, smallest=2):
    return int(rng.integers(smallest, max(smallest, largest) + 1))


def ordinary(rng, largest):
    """Rates and hoppings of order one, one bath a node."""
    size = _size(rng, largest)
    baths = [wn.ThermalBath(k, rng.uniform(0.1, 1), rng.uniform(0, 3)) for k in range(size)]
    return wn.Network(_graph(rng, size), baths)


def rates_over_many_decades(rng, largest):
    """Rates from 1e-6 to 1e6, nodes without baths among them."""
    size = _size(rng, largest)
    some = np.flatnonzero(rng.random(size) < 0.8)
    nodes = some if len(some) else [0]
    baths = [wn.ThermalBath(int(k), _decades(rng, -6, 6), rng.choice([0.0, rng.uniform(0, 5)])) for k in nodes]
    return wn.Network(_graph(rng, size), baths)


def rates_over_sixteen_decades(rng, largest):
    """Rates from 1e-8 to 1e8, every node with a bath."""
    size = _size(rng, largest)
    baths = [wn.ThermalBath(k, _decades(rng, -8, 8), rng.uniform(0, 5)) for k in range(size)]
    return wn.Network(_graph(rng, size), baths)


def weak_links(rng, largest):
    """Hoppings from 1e-6 to 1."""
    size = _size(rng, largest)
    baths = [wn.ThermalBath(k, rng.uniform(0.1, 1), rng.uniform(0, 3)) for k in range(size)]
    return wn.Network(_graph(rng, size, low=-6, high=0), baths)


def bathless_nodes(rng, largest):
    """Two baths somewhere, all other nodes bare."""
    size = _size(rng, largest)
    ends = rng.choice(size, 2, replace=False)
    baths = [wn.ThermalBath(int(k), rng.uniform(0.1, 1), rng.uniform(0, 3)) for k in ends]
    return wn.Network(_graph(rng, size), baths)


def vacuum_baths(rng, largest):
    """Most occupations exactly zero."""
    size = _size(rng, largest)
    baths = [wn.ThermalBath(k, rng.uniform(0.1, 1), float(rng.random() < 0.3)) for k in range(size)]
    return wn.Network(_graph(rng, size), baths)


def flux_rings(rng, largest):
    """Rings with a flux, equal occupations on some nodes."""
    size = _size(rng, largest, 3)
    baths = [wn.ThermalBath(k, rng.uniform(0.1, 1), float(rng.choice([1.0, 3.0]))) for k in range(size)]
    flux = rng.uniform(0, 2 * np.pi)
    return wn.models.ring(size, hopping=rng.uniform(0.1, 1), flux=flux, frequency=1.0, baths=baths)


def nearly_dark_modes(rng, largest):
    """A star whose leaves almost cancel: a mode damped 1e-4 to 1e-12 times less than the others."""
    leaves = _size(rng, largest - 1)
    matrix = np.zeros((leaves + 1, leaves + 1), dtype=complex)
    matrix[0, 1:] = rng.uniform(0.3, 1, leaves)
    matrix = matrix + matrix.T + np.diag(np.append(1.0, 2.0 + _decades(rng, -6, -2) * rng.random(leaves)))
    return wn.Network(matrix, [wn.ThermalBath(0, 1.0, 2.0), wn.ThermalBath(1, _decades(rng, -12, -6), 0.5)])


def near_equilibrium(rng, largest):
    """Occupations that differ by 1e-12 to 1e-6 of themselves."""
    size = _size(rng, largest)
    base, spread = rng.uniform(0.5, 3), _decades(rng, -12, -6)
    baths = [wn.ThermalBath(k, rng.uniform(0.1, 1), base * (1 + spread * rng.random())) for k in range(size)]
    return wn.Network(_graph(rng, size), baths)


def common_frequency(rng, largest):
    """A common frequency of 1e9 beside rates of order one."""
    size = _size(rng, largest)
    baths = [wn.ThermalBath(k, rng.uniform(0.1, 1), rng.uniform(0, 3)) for k in range(size)]
    return wn.Network(_graph(rng, size) + 1e9 * np.eye(size), baths)


def far_detuned(rng, largest):
    """Frequencies spread over 1e6 linewidths."""
    size = _size(rng, largest)
    baths = [wn.ThermalBath(k, rng.uniform(0.1, 1), rng.uniform(0, 3)) for k in range(size)]
    return wn.Network(_graph(rng, size) + np.diag(1e6 * rng.random(size)), baths)


def huge_occupations(rng, largest):
    """Occupations up to 1e12 beside zero."""
    size = _size(rng, largest)
    choices = [0.0, 1e-12, 1.0, 1e6, 1e12]
    baths = [
        wn.ThermalBath(k, rng.uniform(0.1, 1), float(rng.choice(choices)) * rng.uniform(0.5, 2)) for k in range(size)
    ]
    return wn.Network(_graph(rng, size), baths)


def many_baths_a_node(rng, largest):
    """Two or three baths and a probe on a node."""
    size = _size(rng, largest)
    count = int(rng.integers(2, 2 * size + 2))
    baths = [wn.ThermalBath(int(rng.integers(size)), rng.uniform(0.1, 1), rng.uniform(0, 3)) for _ in range(count)]
    probes = [wn.Probe(int(rng.integers(size)), rng.uniform(0.1, 1)) for _ in range(int(rng.integers(3)))]
    return wn.Network(_graph(rng, size), [*baths, wn.ThermalBath(0, 0.3, 1.0), *probes])


def disconnected(rng, largest):
    """Two parts that do not meet, scales apart."""
    first, second = ordinary(rng, max(2, largest // 2)), ordinary(rng, max(2, largest // 2))
    size, scale = first.n_modes, _decades(rng, -6, 6)
    matrix = np.zeros((size + second.n_modes,) * 2, dtype=complex)
    matrix[:size, :size], matrix[size:, size:] = first.hamiltonian, scale * second.hamiltonian
    moved = [wn.ThermalBath(b.mode + size, scale * b.rate, b.occupation) for b in second.baths]
    return wn.Network(matrix, [*first.baths, *moved])


def partial_probes(rng, largest):
    """Probes of unequal rates on some nodes, two real baths."""
    network = bathless_nodes(rng, largest)
    nodes = np.flatnonzero(rng.random(network.n_modes) < 0.7)
    probes = [wn.Probe(int(k), _decades(rng, -3, 1)) for k in nodes]
    return network.replace(baths=[*network.baths, *probes])


def weak_probes(rng, largest):
    """Probes down to 1e-9 beside real baths of order one, and strong ones up to 1e3."""
    network = bathless_nodes(rng, largest)
    probes = [wn.Probe(k, _decades(rng, -9, 3)) for k in range(network.n_modes)]
    return network.replace(baths=[*network.baths, *probes])


def exceptional_points(rng, largest):
    """Chains at and near the point where two modes coalesce: 4 hopping = |rate difference|."""
    size = _size(rng, largest)
    rate, off = rng.uniform(0.5, 2), rng.choice([0.0, 1e-12, 1e-8, 1e-4])
    hopping = np.full(size - 1, rate / 4 * (1 + off))
    matrix = np.diag(hopping, 1) + np.diag(hopping, -1)
    baths = [wn.ThermalBath(k, rate * k, rng.uniform(0, 3)) for k in range(1, size)]
    return wn.Network(matrix, baths)


def cascades(rng, largest):
    """Chains of strongly rising rates, over up to twelve decades: far from normal, each node slaved to the next."""
    size = _size(rng, largest)
    ratio = _decades(rng, 1, 12) ** (1 / (size - 1))
    hopping = 0.5 * ratio ** np.arange(size - 1)
    matrix = np.diag(hopping, 1) + np.diag(hopping, -1)
    baths = [wn.ThermalBath(k, float(ratio**k), rng.uniform(0, 3)) for k in range(size)]
    return wn.Network(matrix * np.exp(0j), baths)


def extreme_units(rng, largest):
    """An ordinary network in units of 1e-290 to 1e290."""
    network = partial_probes(rng, largest)
    scale = 2.0 ** int(rng.integers(-960, 960))
    baths = [
        wn.Probe(b.mode, b.rate * scale)
        if b.occupation is None
        else wn.ThermalBath(b.mode, b.rate * scale, b.occupation)
        for b in network.baths
    ]
    return wn.Network(network.hamiltonian * scale, baths)


def driven(rng, largest):
    """A coherent drive on a network with probes."""
    network = partial_probes(rng, largest)
    drive = rng.normal(size=network.n_modes) + 1j * rng.normal(size=network.n_modes)
    return network.replace(drive=drive)


def paired(rng, largest):
    """Pairing below threshold, drive, one bath a node."""
    network = ordinary(rng, min(3, largest))
    size = network.n_modes
    raw = rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size))
    # Stable for certain below half the smallest damping rate.
    strength = rng.uniform(0, 0.4) * network.mode_rates.min() / np.linalg.norm(raw + raw.T, 2)
    return network.replace(pairing=strength * (raw + raw.T), drive=rng.normal(size=size))


FAMILIES: tuple[Family, ...] = (
    ordinary, rates_over_many_decades, rates_over_sixteen_decades, weak_links, bathless_nodes, vacuum_baths,
    flux_rings, nearly_dark_modes, near_equilibrium, common_frequency, far_detuned, huge_occupations,
    many_baths_a_node, disconnected, partial_probes, weak_probes, exceptional_points, cascades, extreme_units,
    driven, paired,
)  # fmt: skip


def draw(rng: np.random.Generator, index: int, largest: int) -> tuple[str, wn.Network]:
    """The name of a family and a network of it, families in turn."""
    family = FAMILIES[index % len(FAMILIES)]
    return family.__name__, family(rng, largest)
