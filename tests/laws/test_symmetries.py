"""What must not matter: phases, names, units, a common frequency, how baths are counted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import covered, decades, networks, occupations, rates, solved

import wignerness as wn

EPS = np.finfo(float).eps
# Changes that round nothing leave every number right to this; each is computed to a few eps by itself.
SAME = 1e-12


def assert_same_baths(one, other, order=None):
    """Fluxes and productions agree, each relative to itself, zeros being zeros up to rounded probe occupations."""
    order = np.arange(one.network.n_baths) if order is None else order
    tiny = EPS**2 * np.array([bath.rate for bath in one.network.baths]) * 1e2
    for name in ("entropy_flux", "entropy_production"):
        first, second = getattr(one, name), getattr(other, name)[order]
        assert (np.abs(first - second) <= SAME * np.abs(first) + tiny).all(), name


@given(networks(), st.data())
def test_gauge(network, data):
    """Phases of the modes: H -> U^+ H U, C -> U^+ C U. Powers of i, because those round nothing."""
    turns = np.array([data.draw(st.sampled_from([1, 1j, -1, -1j])) for _ in range(network.n_modes)])
    one, other = (
        solved(network),
        solved(network.replace(hamiltonian=network.hamiltonian * np.outer(turns.conj(), turns))),
    )
    assert_same_baths(one, other)
    back = other.state.normal * np.outer(turns, turns.conj())
    assert np.abs(one.state.normal - back).max() <= one.error_bound + other.error_bound
    assert np.allclose(one.currents, other.currents, rtol=0, atol=1e-13 * np.abs(network.hamiltonian).max() * 1e3)


@given(networks(), st.randoms(use_true_random=False))
def test_relabeling(network, random):
    """Nodes and baths in another order."""
    places, order = list(range(network.n_modes)), list(range(network.n_baths))
    random.shuffle(places)
    random.shuffle(order)
    matrix = np.empty_like(network.hamiltonian)
    matrix[np.ix_(places, places)] = network.hamiltonian
    baths = [replace(network.baths[i], mode=places[network.baths[i].mode]) for i in order]
    one, other = solved(network), solved(wn.Network(matrix, baths))
    assert_same_baths(one, other, np.argsort(order))
    moved = other.state.normal[np.ix_(places, places)]
    assert np.abs(one.state.normal - moved).max() <= one.error_bound + other.error_bound
    assert one.wigner_entropy == pytest.approx(other.wigner_entropy, rel=1e-13, abs=1e-13)


@given(networks(), st.integers(-750, 750))  # smaller productions would be subnormal
def test_units_of_time(network, exponent):
    """All rates and H times a power of two: rates scale, the state stays, to the last bit."""
    unit = 2.0**exponent
    baths = [replace(bath, rate=bath.rate * unit) for bath in network.baths]
    one, other = solved(network), solved(wn.Network(network.hamiltonian * unit, baths))
    assert np.array_equal(one.state.normal, other.state.normal)
    assert np.array_equal(one.entropy_flux * unit, other.entropy_flux)
    assert np.array_equal(one.entropy_production * unit, other.entropy_production)
    assert np.array_equal(one.currents * unit, other.currents)


@given(networks(), st.integers(-(2**30), 2**30))
def test_common_frequency(network, frequency):
    """Without drive and pairing a frequency common to all nodes changes nothing."""
    shifted = network.replace(hamiltonian=network.hamiltonian + frequency * np.eye(network.n_modes))
    one, other = solved(network), solved(shifted)
    assert_same_baths(one, other)
    assert np.abs(one.state.normal - other.state.normal).max() <= one.error_bound + other.error_bound


@given(networks(), st.data())
def test_splitting_a_bath_into_halves(network, data):
    """Two baths of half the rate and the same occupation: the state stays, each half takes half."""
    index = data.draw(st.integers(0, network.n_baths - 1))
    half = replace(network.baths[index], rate=network.baths[index].rate / 2)
    baths = [*network.baths[:index], half, *network.baths[index + 1 :], half]
    one, other = solved(network), solved(network.replace(baths=baths))
    assert np.abs(one.state.normal - other.state.normal).max() <= one.error_bound + other.error_bound
    tiny = 1e2 * EPS**2 * half.rate
    for name in ("entropy_flux", "entropy_production"):
        whole, parts = getattr(one, name)[index], getattr(other, name)[[index, -1]]
        assert abs(parts[0] - parts[1]) <= tiny
        assert abs(whole - parts.sum()) <= SAME * abs(whole) + tiny


@given(covered(4), rates, occupations, st.data())
def test_merging_baths_loses_production(network, rate, occupation, data):
    """One bath of the total rate and the mean occupation leaves the same state, but produces less.

    With d = n + 1/2 the loss is (N + 1/2)(sum gamma_b/d_b - gamma/d), by (C2): non-negative, as 1/d is convex.
    """
    node = data.draw(st.integers(0, network.n_modes - 1))
    own = network.baths[node]
    crowded = solved(network.replace(baths=[*network.baths, wn.ThermalBath(node, rate, occupation)]))
    total = own.rate + rate
    mean = (own.rate * own.occupation + rate * occupation) / total
    baths = list(network.baths)
    baths[node] = wn.ThermalBath(node, total, mean)
    merged = solved(network.replace(baths=baths))
    before = crowded.entropy_production[[node, -1]].sum()
    after = merged.entropy_production[node]
    filled = merged.occupations[node] + 0.5
    loss = filled * (own.rate / (own.occupation + 0.5) + rate / (occupation + 0.5) - total / (mean + 0.5))
    # The merged rate and occupation are rounded: the state moves by eps, a flux by eps of its rate.
    slack = 1e-11 * (filled * (own.rate / (own.occupation + 0.5) + rate / (occupation + 0.5)) + before)
    assert before - after == pytest.approx(loss, abs=slack)
    assert before >= after - slack


@given(covered(4), rates)
def test_merging_equal_baths_changes_no_total(network, rate):
    own = network.baths[0]
    crowded = solved(network.replace(baths=[*network.baths, wn.ThermalBath(0, rate, own.occupation)]))
    merged = solved(network.replace(baths=[wn.ThermalBath(0, own.rate + rate, own.occupation), *network.baths[1:]]))
    # The total rate is rounded, which is a change of the network by eps.
    one, other = crowded.entropy_production, merged.entropy_production
    assert one.sum() == pytest.approx(other.sum(), rel=1e-11, abs=1e-25)
    assert one[[0, -1]].sum() == pytest.approx(other[0], rel=1e-11, abs=1e-25)


@given(networks(), decades(-3, 3))
def test_a_bath_that_is_not_coupled_is_not_there(network, occupation):
    """Rate zero: nothing changes, and the bath has no flux and no production."""
    one = solved(network)
    other = solved(network.replace(baths=[*network.baths, wn.ThermalBath(0, 0.0, occupation)]))
    assert np.array_equal(one.state.normal, other.state.normal)
    assert other.entropy_flux[-1] == 0
    assert other.entropy_production[-1] == 0


@given(networks(), networks())
def test_parts_that_do_not_meet(first, second):
    """The steady state of two networks side by side is both of theirs, whatever the other's scale."""
    size = first.n_modes
    matrix = np.zeros((size + second.n_modes,) * 2, dtype=complex)
    matrix[:size, :size], matrix[size:, size:] = first.hamiltonian, second.hamiltonian
    moved = [replace(bath, mode=bath.mode + size) for bath in second.baths]
    one, other, both = solved(first), solved(second), solved(wn.Network(matrix, [*first.baths, *moved]))
    assert np.allclose(both.state.normal[:size, :size], one.state.normal, rtol=1e-13, atol=one.error_bound)
    assert np.allclose(both.state.normal[size:, size:], other.state.normal, rtol=1e-13, atol=other.error_bound)
    assert not both.state.normal[:size, size:].any()
    assert both.wigner_entropy == pytest.approx(one.wigner_entropy + other.wigner_entropy, rel=1e-12, abs=1e-12)
