"""Currents and affinities of single links."""

from __future__ import annotations

import numpy as np
import pytest

import wignerness as wn
from wignerness.paper.counterexamples import current_against_affinity, flux_ring
from wignerness.thermodynamics import affinities, link_terms


def _terms(ness):
    return link_terms(ness.network, ness.state)


def test_the_terms_add_up_to_the_production(rng):
    ness = wn.steady_state(wn.models.random_network(12, rng=rng))
    terms = _terms(ness)
    assert terms.production.sum() == pytest.approx(ness.entropy_production.sum(), rel=1e-10)
    assert terms.production.sum() == pytest.approx(
        wn.thermodynamics.onsager_production(ness.network, ness.state), rel=1e-10
    )


def test_every_link_is_there_once_in_the_direction_of_its_affinity(rng):
    ness = wn.steady_state(wn.models.random_network(9, rng=rng, connectivity=0.4))
    terms, driving = _terms(ness), affinities(ness.network)
    links = {frozenset(pair) for pair in zip(terms.into.tolist(), terms.source.tolist(), strict=True)}
    assert len(links) == len(terms.into) == np.count_nonzero(np.triu(ness.network.hamiltonian, 1))
    assert (terms.affinities >= 0).all()
    np.testing.assert_array_equal(terms.affinities, driving[terms.into, terms.source])
    np.testing.assert_array_equal(terms.currents, ness.currents[terms.into, terms.source])


def test_the_link_against_its_affinity_is_marked():
    terms = _terms(current_against_affinity())
    assert terms.is_against.tolist() == [True, False]
    assert terms.currents[0] == pytest.approx(-0.478, abs=5e-4)
    assert terms.affinities[0] == pytest.approx(0.218, abs=5e-4)


def test_a_current_without_affinity_is_not_against_it():
    terms = _terms(flux_ring())
    without = terms.affinities == 0
    assert abs(terms.currents[without][0]) > 0.1
    assert not terms.is_against[without].any()


def test_rounding_at_equilibrium_is_not_marked():
    ness = wn.steady_state(wn.models.chain(8, hopping=0.3, rate=1.0, occupations=(1, 1), probe_rate=0.1))
    assert not _terms(ness).is_against.any()


def test_large_networks_with_partial_states():
    ness = wn.steady_state(wn.models.chain(1500, hopping=0.3, rate=1.0, occupations=(1, 2), probe_rate=0.1))
    terms = _terms(ness)
    assert ness.state.is_partial
    assert len(terms.currents) == 1499
    exact = wn.exact.chain(1500, hopping=0.3, rate=1.0, occupations=(1, 2), probe_rate=0.1)
    np.testing.assert_allclose(np.abs(terms.currents), exact.current, rtol=1e-8)


def test_a_node_without_a_bath_has_no_affinity():
    ness = wn.steady_state(wn.models.chain(3, hopping=0.3, rate=1.0, occupations=(1, 2)))
    with pytest.raises(wn.errors.UndefinedQuantityError, match="no bath"):
        _terms(ness)
