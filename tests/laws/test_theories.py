"""Laws that theories obey on random networks: equilibrium, the second law, balances, limits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import wignerness as wn
from wignerness.theories import Global, Local, Redfield

THEORIES = [Global(), Global(0), Global(np.inf), Redfield()]
SPECTRA = [
    None,
    wn.spectra.Ohmic(3.0),
    wn.spectra.Ohmic(5.0, exponent=0.5),
    wn.spectra.Ohmic(80.0, exponent=3.0, sharp=True),
    wn.spectra.Lorentzian(2.0, 1.5),
    np.sqrt,
]


TEMPERATURES = st.floats(0.1, 5.0)


@st.composite
def networks(draw, *, equal=False, most=5):
    """Up to five modes with frequencies between 0.5 and 5 and a thermal bath on each of some nodes."""
    size = draw(st.integers(2, most))
    rng = np.random.default_rng(draw(st.integers(0, 2**31)))
    strength = 10.0 ** draw(st.integers(-3, 0))
    raw = strength * (rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size)))
    matrix = (raw + raw.conj().T) / 2 + np.diag(draw(st.sampled_from([rng.uniform(1, 3, size), np.full(size, 2.0)])))
    matrix += (0.5 - min(np.linalg.eigvalsh(matrix)[0], 0.5)) * np.eye(size)
    spectrum = draw(st.sampled_from(SPECTRA))
    shared = draw(TEMPERATURES)
    rate = 10.0 ** draw(st.integers(-4, -1))
    baths = [
        wn.ThermalBath.at_temperature(
            k, rate * rng.uniform(0.2, 1), shared if equal else draw(TEMPERATURES), 1.0, spectrum=spectrum
        )
        for k in range(size)
    ]
    return wn.Network(matrix, baths)


@pytest.mark.parametrize("theory", THEORIES, ids=repr)
@given(network=networks(equal=True))
def test_at_one_temperature_the_state_is_that_of_gibbs(theory, network):
    """Of the full Hamiltonian, whatever the spectrum; and nothing flows."""
    found = wn.steady_state(network, theory=theory)
    energies, vectors = np.linalg.eigh(network.hamiltonian)
    gibbs = (vectors / np.expm1(energies / network.baths[0].bath_temperature)) @ vectors.conj().T
    np.testing.assert_allclose(found.state.normal, gibbs, rtol=0, atol=1e-12 * np.abs(gibbs).max())
    assert np.abs(found.heat_currents).max() == 0.0
    assert np.abs(found.entropy_production).max() == 0.0


@pytest.mark.parametrize("theory", [Global(), Global(0), Global(np.inf)], ids=repr)
@given(network=networks())
def test_the_second_law_holds_in_the_global_equation(theory, network):
    found = wn.steady_state(network, theory=theory)
    heat = np.abs(found.heat_currents).max()
    coldest = min(bath.bath_temperature for bath in network.baths)
    assert found.clausius_production >= -1e-10 * heat / coldest
    assert (found.entropy_production >= -1e-10 * np.abs(found.entropy_flux).max()).all()
    assert found.is_positive
    lowest, *_, highest = np.linalg.eigvalsh(found.state.normal)
    assert lowest > -1e-14 * highest


@pytest.mark.parametrize("theory", THEORIES, ids=repr)
@given(network=networks())
def test_what_enters_leaves(theory, network):
    found = wn.steady_state(network, theory=theory)
    for name in ("bath_currents", "heat_currents"):
        flows = getattr(found, name)
        assert abs(flows.sum()) <= 1e-9 * np.abs(flows).max()
    flux, production = found.entropy_flux, found.entropy_production
    assert abs(flux.sum() - production.sum()) <= 1e-7 * np.abs(production).sum() + 1e-13 * np.abs(flux).max()


@given(network=networks())
def test_white_baths_make_redfield_local(network):
    white = network.replace(baths=[wn.ThermalBath(b.mode, b.rate, b.occupation) for b in network.baths])
    local, found = wn.steady_state(white), wn.steady_state(white, theory=Redfield())
    largest = local.occupations.max()
    np.testing.assert_allclose(found.state.normal, local.state.normal, rtol=0, atol=1e-11 * largest)
    scale = np.abs(local.bath_currents).max()
    np.testing.assert_allclose(found.bath_currents, local.bath_currents, rtol=0, atol=1e-8 * scale)
    np.testing.assert_allclose(
        found.entropy_flux, local.entropy_flux, rtol=0, atol=1e-8 * np.abs(local.entropy_flux).max()
    )
    np.testing.assert_allclose(found.entropy_production, local.entropy_production, rtol=1e-5, atol=1e-9 * scale)
    assert found.is_positive


@given(network=networks(most=3))
def test_a_bath_of_one_spectrum_serves_all_theories(network):
    """Where all normal modes have one frequency there is nothing to tell the theories apart."""
    same = network.replace(hamiltonian=2.0 * np.eye(network.n_modes))
    results = [wn.steady_state(same, theory=theory) for theory in THEORIES]
    for found in results:
        expected = [bath.occupation_at(2.0) for bath in same.baths]
        np.testing.assert_allclose(found.occupations, expected, rtol=1e-13, atol=1e-15 * max(expected))


# --- limits ---------------------------------------------------------------------------------------------


def _pair(hopping, rate):
    spectrum = wn.spectra.Ohmic(6.0)
    baths = [wn.ThermalBath.at_temperature(k, rate, t, 1.0, spectrum=spectrum) for k, t in ((0, 0.8), (1, 0.4))]
    return wn.Network([[1.0, hopping], [hopping, 1.0]], baths)


def _distance(network, one, other):
    first, second = (wn.steady_state(network, theory=theory).state.normal for theory in (one, other))
    return np.abs(first - second).max()


def test_redfield_tends_to_local_for_weak_links_and_to_global_for_strong_ones():
    """The first linearly in the hopping, the coherence between the normal modes of the second in the rate."""
    weak = [_distance(_pair(hopping, 0.05), Redfield(), Local()) for hopping in (2e-3, 1e-3, 5e-4)]
    assert weak[0] / weak[1] == pytest.approx(2.0, rel=0.1)
    assert weak[1] / weak[2] == pytest.approx(2.0, rel=0.1)
    strong = [_distance(_pair(0.3, rate), Redfield(), Global(0)) for rate in (2e-3, 1e-3, 5e-4)]
    assert strong[0] / strong[1] == pytest.approx(2.0, rel=0.1)
    assert strong[1] / strong[2] == pytest.approx(2.0, rel=0.1)
    assert strong[2] < 1e-3


def test_the_partially_secular_equation_has_both_limits():
    weak = [_distance(_pair(hopping, 0.05), Global(), Local()) for hopping in (2e-3, 1e-3)]
    assert weak[0] / weak[1] == pytest.approx(2.0, rel=0.1)
    assert _distance(_pair(0.3, 1e-3), Global(), Global(0)) == 0.0
    assert _distance(_pair(1e-3, 0.05), Global(0), Local()) > 0.05  # where the secular equation fails
