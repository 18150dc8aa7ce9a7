"""Networks and states for property tests, built from hypothesis' own draws so that counterexamples shrink."""

from __future__ import annotations

import numpy as np
from hypothesis import reject
from hypothesis import strategies as st

import wignerness as wn
from wignerness.errors import ConvergenceError, NoUniqueSteadyStateError


def decades(low, high):
    """Positive numbers, even in their logarithm, with few digits so that they print."""
    return st.integers(100 * low, 100 * high).map(lambda hundredths: float(f"{10.0 ** (hundredths / 100):.3g}"))


rates = decades(-2, 2)
occupations = st.one_of(st.just(0.0), decades(-3, 3))
# Multiples of 2^-10: their sums with a common frequency of 2^20 are exact.
frequencies = st.integers(-2048, 2048).map(lambda k: k / 1024)
phases = st.integers(0, 31).map(lambda k: np.exp(2j * np.pi * k / 32))


@st.composite
def hamiltonians(draw, size):
    """Hermitian, of any connectivity, disconnected ones included."""
    matrix = np.diag(np.array([draw(frequencies) for _ in range(size)], dtype=complex))
    for k in range(size):
        for m in range(k):
            if draw(st.booleans()):
                matrix[k, m] = draw(decades(-2, 1)) * draw(phases)
                matrix[m, k] = matrix[k, m].conjugate()
    return matrix


@st.composite
def covered(draw, max_modes=5, levels=occupations):
    """One bath on every node: the steady state is unique, W_eq defined."""
    size = draw(st.integers(1, max_modes))
    baths = [wn.ThermalBath(k, draw(rates), draw(levels)) for k in range(size)]
    return wn.Network(draw(hamiltonians(size)), baths)


@st.composite
def networks(draw, max_modes=5, levels=occupations, probes=True):
    """Any number of baths and probes on any node, none included; at least one bath."""
    size = draw(st.integers(1, max_modes))
    nodes = st.integers(0, size - 1)
    baths = [wn.ThermalBath(draw(nodes), draw(rates), draw(levels)) for _ in range(draw(st.integers(1, size + 2)))]
    if probes:
        baths += [wn.Probe(draw(nodes), draw(rates)) for _ in range(draw(st.integers(0, 3)))]
    return wn.Network(draw(hamiltonians(size)), baths)


@st.composite
def pumped(draw, max_modes=3):
    """One bath on every node, a drive, and pairing; stable or not."""
    network = draw(covered(max_modes))
    size = network.n_modes
    number = st.integers(-100, 100).map(lambda k: k / 100)
    entries = st.lists(st.builds(complex, number, number), min_size=size, max_size=size)
    raw = 0.01 * np.array([draw(entries) for _ in range(size)])
    return network.replace(pairing=raw + raw.T, drive=draw(entries))


@st.composite
def states(draw, size):
    """Displaced, squeezed, correlated: thermal modes behind a Bogoliubov transformation (Bloch and Messiah)."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))

    def unitary():
        return np.linalg.qr(rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size)))[0]

    levels = np.array([draw(occupations) for _ in range(size)])
    strength = np.array([draw(st.sampled_from([0.0, 0.1, 0.5, 1.0])) for _ in range(size)])
    first, second = unitary(), unitary()
    x = first @ np.diag(np.cosh(strength)) @ second
    y = first @ np.diag(np.sinh(strength)) @ second.conj()
    thermal, plus = np.diag(levels), np.diag(levels + 1)
    normal = x @ thermal @ x.conj().T + y @ plus @ y.conj().T
    anomalous = x @ plus @ y.T + y @ thermal @ x.T
    mean = draw(st.sampled_from([0.0, 1.0])) * (rng.normal(size=size) + 1j * rng.normal(size=size))
    return wn.GaussianState(mean, normal, anomalous)


def solved(network):
    """The steady state; networks without a unique one, or none within double precision, are not looked at."""
    try:
        return wn.steady_state(network)
    except (NoUniqueSteadyStateError, ConvergenceError):
        reject()
