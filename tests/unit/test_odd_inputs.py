"""Inputs nobody should give, and what they are told."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from scipy import sparse

import wignerness as wn
from wignerness import exact
from wignerness.errors import InvalidNetworkError, InvalidStateError, MemoryLimitError

PAIR = [[1.0, 0.2], [0.2, 1.0]]
BATHS = [wn.ThermalBath(0, 0.1, 1.0), wn.ThermalBath(1, 0.1, 2.0)]


@pytest.mark.parametrize(
    "rate",
    [
        True,
        np.True_,
        np.array(True),
        np.array("1.0"),
        bytearray(b"1"),
        "1",
        None,
        [0.1],
        np.array([0.1]),
        1j,
        np.ma.masked,
        float("nan"),
        -1.0,
        10**400,
    ],
)
def test_rates_that_are_none(rate):
    with pytest.raises(InvalidNetworkError, match="`rate`"):
        wn.ThermalBath(0, rate, 1.0)


@pytest.mark.parametrize(
    "matrix",
    [
        np.ma.array([[1, 5], [5, 1]], mask=[[0, 1], [1, 0]]),
        sparse.coo_array(np.ones(3)),
        sparse.csr_array(np.ones((2, 3))),
        [["a", "b"], ["c", "d"]],
        [[1, 2], [3]],
        np.array([[object()]]),
        None,
        5,
    ],
)
def test_hamiltonians_that_are_none(matrix):
    with pytest.raises(InvalidNetworkError, match="hamiltonian"):
        wn.Network(matrix, BATHS)


@pytest.mark.parametrize("labels", [5, np.array("ab"), "ab", ["a", 1], ["a", "a"], ["a"]])
def test_labels_that_are_none(labels):
    with pytest.raises(InvalidNetworkError, match="labels"):
        wn.Network(PAIR, BATHS, labels=labels)


def test_many_labels_with_one_twice():
    with pytest.raises(InvalidNetworkError, match="'x' twice"):
        wn.Network(sparse.eye_array(30_000), [], labels=[*map(str, range(29_998)), "x", "x"])


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: wn.models.random_network(3, rng=-1), "rng"),
        (lambda: wn.models.random_network(3, rng=1.5), "rng"),
        (lambda: wn.models.chain(3, hopping=1, rate=1, occupations=(1, 2), disorder=1.0, rng="a"), "rng"),
        (lambda: wn.models.from_graph(None), "graph"),
        (lambda: wn.models.from_graph([1, 2]), "graph"),
        (lambda: wn.steady_state(None), "network"),
        (lambda: wn.steady_state(wn.Network(PAIR, BATHS), solver="dense"), "solver"),
        (lambda: wn.steady_state(wn.Network(PAIR, BATHS), solver=wn.solvers.Dense), "solver"),
        (lambda: wn.JumpBath(None), "jumps"),
        (lambda: wn.JumpBath([1]), "jumps"),
        (lambda: wn.SqueezedBath.from_squeezing(0, 1, 0, 400), "r"),
    ],
)
def test_arguments_that_are_none(call, name):
    with pytest.raises(InvalidNetworkError, match=name):
        call()


@pytest.mark.parametrize("modes", [0, None, "01", [0, 0], [2], []])
def test_modes_that_are_none(modes):
    with pytest.raises(InvalidStateError, match="modes"):
        wn.GaussianState.vacuum(2).reduced(modes)


def test_squeezing_with_angles_that_do_not_fit():
    with pytest.raises(InvalidStateError, match="angle"):
        wn.GaussianState.squeezed([0.5, 0.1], [0.1, 0.2, 0.3])


def test_sizes_that_cannot_be():
    with pytest.raises(MemoryLimitError):
        exact.chain(10**12, hopping=1.0, rate=1.0, occupations=(1, 2))
    with pytest.raises(MemoryLimitError):
        wn.GaussianState.vacuum(10**7)


@pytest.mark.parametrize("clone", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_copies_are_as_frozen_as_the_original(clone):
    network = clone(wn.Network(sparse.csr_array(np.array(PAIR)), BATHS, labels=["a", "b"]))
    assert network.labels == ("a", "b")
    assert network.baths == tuple(BATHS)
    for array in (network.hamiltonian.data, network.hamiltonian.indices, network.hamiltonian.indptr, network.drive):
        assert not array.flags.writeable
    state = clone(wn.steady_state(wn.Network(PAIR, BATHS)).state)
    assert not state.normal.flags.writeable
    assert state.is_phase_insensitive


def test_pickle_of_a_long_chain_is_as_small_as_its_links():
    chain = wn.models.chain(20_000, hopping=1.0, rate=1.0, occupations=(1, 2))
    assert len(pickle.dumps(chain)) < 5e6


def test_bath_labels_stay_distinct():
    names = ["a", "a", "a #1", "b"]
    baths = [wn.ThermalBath(0, 0.1, 1.0, name=name) for name in names]
    labels = wn.Network([[1.0]], baths).bath_labels
    assert len(set(labels)) == 4
    assert labels[2:] == ("a #1", "b")
