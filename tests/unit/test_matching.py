"""Which networks the closed form of the uniform chain is for."""

from __future__ import annotations

import numpy as np
import pytest

import wignerness as wn

PARAMETERS = {"hopping": 0.4, "rate": 0.8, "occupations": (0.5, 2.0), "probe_rate": 0.1}


def _chain(length=6, **changes):
    return wn.models.chain(length, **(PARAMETERS | changes))


def _with_hamiltonian(network, change):
    matrix = network.hamiltonian.copy()
    change(matrix)
    return network.replace(hamiltonian=matrix)


@pytest.mark.parametrize("probe_rate", [0.0, 0.1])
@pytest.mark.parametrize("length", [2, 3, 9])
def test_the_uniform_chain_is_found_with_its_parameters(length, probe_rate):
    network = _chain(length, probe_rate=probe_rate)
    found, ness = wn.exact.matching_chain(network).solution(), wn.steady_state(network)
    np.testing.assert_allclose(found.occupations, ness.occupations, rtol=1e-13)
    np.testing.assert_allclose(found.entropy_production, ness.entropy_production.sum(), rtol=1e-12)
    np.testing.assert_allclose(found.current, ness.currents[0, 1], rtol=1e-12)


def test_phases_of_the_hoppings_and_a_common_frequency_change_nothing():
    plain = _chain()
    phases = np.diag(np.exp(1j * np.array([0.0, 0.3, 1.1, 2.0, -0.7, 3.0])))
    turned = plain.replace(hamiltonian=phases.conj() @ plain.hamiltonian @ phases + 5 * np.eye(6))
    expected, found = (wn.exact.matching_chain(network).solution() for network in (plain, turned))
    np.testing.assert_allclose(found.entropy_production, expected.entropy_production, rtol=1e-14)
    assert found.entropy_production == pytest.approx(wn.steady_state(turned).entropy_production.sum(), rel=1e-12)


def _detuned(matrix):
    matrix[2, 2] = 1e-9


def _closed(matrix):
    matrix[0, 5] = matrix[5, 0] = 0.4


def _weak_link(matrix):
    matrix[2, 3], matrix[3, 2] = 0.39j, -0.39j


@pytest.mark.parametrize("change", [_detuned, _closed, _weak_link])
def test_other_hamiltonians_are_not_taken_for_it(change):
    assert wn.exact.matching_chain(_with_hamiltonian(_chain(), change)) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda baths: baths[:-1],
        lambda baths: [*baths[:-1], wn.Probe(5, 0.2)],
        lambda baths: [*baths[:-1], wn.Probe(5, 0.1, occupation=1.0)],
        lambda baths: [wn.ThermalBath(0, 0.7, 0.5), *baths[1:]],
        lambda baths: [wn.ThermalBath(1, 0.8, 0.5), *baths[1:]],
        lambda baths: [wn.SqueezedBath(0, 0.8, 0.5, 0.1), *baths[1:]],
        lambda baths: [*baths, wn.ThermalBath(3, 0.1, 1.0)],
        lambda baths: [*baths, wn.Dephasing(3, 0.1)],
        lambda baths: baths[1:],
    ],
)
def test_other_baths_are_not_taken_for_it(change):
    network = _chain()
    assert wn.exact.matching_chain(network.replace(baths=change(list(network.baths)))) is None


def test_drive_pairing_and_a_single_node_are_not_taken_for_it():
    network = _chain()
    assert wn.exact.matching_chain(network.replace(drive=[0.1, 0, 0, 0, 0, 0])) is None
    assert wn.exact.matching_chain(network.replace(pairing=0.01 * np.eye(6))) is None
    assert wn.exact.matching_chain(_chain(1)) is None


def test_baths_of_rate_zero_do_not_count():
    network = _chain()
    assert wn.exact.matching_chain(network.replace(baths=[*network.baths, wn.ThermalBath(3, 0.0, 1.0)])) is not None


def test_scaling_is_that_of_the_same_chain_at_other_lengths():
    found = wn.exact.matching_chain(_chain()).scaling([2, 50])
    expected = wn.exact.chain_scaling([2, 50], **PARAMETERS)
    np.testing.assert_array_equal(found.entropy_production_probes, expected.entropy_production_probes)


def test_long_chains_are_recognized_from_their_sparse_matrix():
    found = wn.exact.matching_chain(_chain(3000))
    assert found.length == 3000
