"""The steady state is linear in the baths' occupations: rows and columns of the response matrix T."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from strategies import covered, networks, solved

import wignerness as wn

EPS = np.finfo(float).eps


def response(network):
    """T_kj gamma_j: occupation of node k with bath j alone at occupation 1, one bath on every node."""
    columns = []
    for j in range(network.n_modes):
        baths = [replace(bath, occupation=float(bath.mode == j)) for bath in network.baths]
        columns.append(solved(network.replace(baths=baths)).occupations)
    return np.array(columns).T


@given(covered())
def test_rows_of_the_response_add_up_to_one(network):
    """sum_j T_kj gamma_j = 1: with all baths at 1, all nodes are."""
    assert np.abs(response(network).sum(axis=1) - 1).max() <= 100 * EPS


@given(covered())
def test_columns_of_the_response_add_up_to_one(network):
    """sum_k gamma_k T_kj = 1: what a bath emits arrives somewhere."""
    matrix = response(network) / network.bath_rates
    # An occupation is right to eps absolutely, here times the largest rate.
    slack = 100 * EPS * network.bath_rates.sum() / network.bath_rates.min()
    assert np.abs(network.bath_rates @ matrix - 1).max() <= slack
    assert (matrix >= 0).all()


@given(covered(4))
def test_reciprocity(network):
    """Reversing time, H -> H*, transposes T: bath j heats node k as bath k heats node j."""
    there = response(network) / network.bath_rates
    back = response(network.replace(hamiltonian=network.hamiltonian.conj())) / network.bath_rates
    assert np.abs(there - back.T).max() <= 100 * EPS / network.bath_rates.min()


@given(networks(), st.data())
def test_occupations_are_linear_in_those_of_the_baths(network, data):
    """C of a mean of two sets of occupations is the mean of both C, probes included."""
    fresh = [data.draw(st.integers(0, 8)) for _ in network.baths]
    other_baths = [
        bath if isinstance(bath, wn.Probe) else replace(bath, occupation=float(n))
        for bath, n in zip(network.baths, fresh, strict=True)
    ]
    mean_baths = [
        bath if isinstance(bath, wn.Probe) else replace(bath, occupation=(bath.occupation + other.occupation) / 2)
        for bath, other in zip(network.baths, other_baths, strict=True)
    ]
    one, other, mean = (solved(network.replace(baths=baths)) for baths in (network.baths, other_baths, mean_baths))
    slack = (
        one.error_bound + other.error_bound + mean.error_bound + 4 * EPS * (one.occupations + other.occupations).max()
    )
    assert np.abs((one.state.normal + other.state.normal) / 2 - mean.state.normal).max() <= slack


@given(networks(probes=False), st.integers(0, 3))
def test_a_probe_is_a_bath_at_the_occupation_it_finds(network, node):
    """A self-consistent probe and a thermal bath of its occupation leave the same state."""
    node = node % network.n_modes
    probed = solved(network.replace(baths=[*network.baths, wn.Probe(node, 0.5)]))
    found = probed.network.baths[-1].occupation
    fixed = solved(network.replace(baths=[*network.baths, wn.ThermalBath(node, 0.5, found)]))
    slack = probed.error_bound + fixed.error_bound + 4 * EPS * found
    assert np.abs(probed.state.normal - fixed.state.normal).max() <= slack


@given(networks())
def test_hotter_baths_fill_every_node(network):
    """T is non-negative: raising the occupation of one bath lowers no node."""
    baths = [replace(network.baths[0], occupation=network.baths[0].occupation + 1), *network.baths[1:]]
    one, other = solved(network), solved(network.replace(baths=baths))
    assert (other.occupations >= one.occupations - one.error_bound - other.error_bound).all()
