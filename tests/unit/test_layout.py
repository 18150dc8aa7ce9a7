"""Where nodes are drawn."""

from __future__ import annotations

import numpy as np
import pytest

import wignerness as wn
from wignerness.plotting import place_nodes


def _link_lengths(network):
    places = place_nodes(network)
    rows, columns = np.triu(network.hamiltonian, 1).nonzero()
    return np.linalg.norm(places[rows] - places[columns], axis=1)


def _closest(places):
    apart = np.linalg.norm(places[:, None] - places[None], axis=-1)
    return apart[~np.eye(len(places), dtype=bool)].min()


@pytest.mark.parametrize(
    "network",
    [
        wn.models.chain(30, hopping=0.3, rate=1.0, occupations=(1, 2)),
        wn.models.ring(7, hopping=0.3),
        wn.models.lattice((3, 5), hopping=0.3),
        wn.models.tree(4, 1, hopping=0.3),
    ],
    ids=["chain", "ring", "lattice", "star"],
)
def test_regular_networks_have_links_of_length_one(network):
    np.testing.assert_allclose(_link_lengths(network), 1.0, rtol=1e-12)


def test_long_chains_run_in_rows_in_the_order_of_their_links(rng):
    order = rng.permutation(40)
    chain = wn.models.chain(40, hopping=0.3, rate=1.0, occupations=(1, 2))
    mixed = wn.Network(chain.hamiltonian[np.ix_(order, order)], ())
    np.testing.assert_allclose(_link_lengths(mixed), 1.0, rtol=1e-12)
    spread = np.ptp(place_nodes(mixed), axis=0)
    assert 1.5 < spread[0] / spread[1] < 5


def test_trees_have_the_root_in_the_middle_and_no_two_nodes_in_one_place():
    places = place_nodes(wn.models.tree(2, 5, hopping=0.3))
    assert places[0].tolist() == [0.0, 0.0]
    np.testing.assert_allclose(np.linalg.norm(places[-32:], axis=1), 5.0)
    assert _closest(places) > 0.2


def test_other_networks_keep_their_nodes_apart(rng):
    network = wn.models.random_network(25, rng=rng, connectivity=0.1)
    assert _closest(place_nodes(network)) > 0.05


def test_parts_without_a_link_lie_beside_each_other():
    network = wn.Network([[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]], ())
    places = place_nodes(network)
    assert np.linalg.norm(places[:2].mean(axis=0) - places[2:].mean(axis=0)) > 1


@pytest.mark.parametrize("size", [1, 2])
def test_few_nodes(size):
    assert place_nodes(wn.Network(np.zeros((size, size)), ())).shape == (size, 2)


def test_pairing_links_nodes_and_strengths_do_not_matter():
    weak = wn.Network(np.zeros((3, 3)), (), pairing=[[0, 0.1, 0], [0.1, 0, 0], [0, 0, 0]])
    strong = weak.replace(pairing=10 * weak.pairing)
    np.testing.assert_array_equal(place_nodes(weak), place_nodes(strong))
    assert np.linalg.norm(np.diff(place_nodes(weak)[:2], axis=0)) < np.linalg.norm(
        np.diff(place_nodes(weak)[1:], axis=0)
    )


def test_large_networks_go_round():
    places = place_nodes(wn.models.random_network(300, rng=1, connectivity=0.01))
    radius = np.linalg.norm(places, axis=1)
    np.testing.assert_allclose(radius, radius[0])
