"""The laws with squeezed baths, jump operators, pairing and drive, near threshold included."""

from __future__ import annotations

import numpy as np
import pytest
from general_networks import KINDS, exact_balance, general_network, general_networks
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import solved, states

import wignerness as wn
from wignerness import thermodynamics as th
from wignerness.errors import UnstableNetworkError
from wignerness.io.operators import jumps_of

EPS = np.finfo(float).eps


def condition(state):
    return float(np.linalg.cond(state.covariance()))


def turnover(network, state):
    """What the terms of a flux add up to before they cancel."""
    coherent = 1.0 + float(np.abs(state.mean).max()) ** 2
    # The pseudo-inverse of a diffusion can be large; strict squeezing has n + 1/2 - |m| in the denominator.
    return coherent * float(np.abs(network.drift).max()) * network.n_modes**2 * condition(state)


@given(general_networks())
def test_production_is_non_negative_and_balances_the_flux(network):
    ness = solved(network)
    assert (ness.entropy_production >= 0).all()
    allowed = 1e3 * EPS * (turnover(network, ness.state) + np.abs(ness.entropy_flux).sum())
    assert abs(ness.entropy_flux.sum() - ness.entropy_production.sum()) <= allowed


@given(st.data())
def test_entropy_changes_by_production_less_flux(data):
    """dS/dt = Pi - Phi in any state, steady or not."""
    network = data.draw(general_networks())
    state = data.draw(states(network.n_modes))
    production, flux = th.entropy_production(network, state), th.entropy_flux(network, state)
    assert (production >= 0).all()
    allowed = 1e3 * EPS * (turnover(network, state) + np.abs(flux).sum() + production.sum())
    assert abs(th.entropy_rate(network, state) - (production.sum() - flux.sum())) <= allowed


def rotated(network, u):
    """The network in modes a' = U a, every bath by its jump operators."""
    baths = [
        wn.JumpBath([(u.conj() @ absorbing, u @ emitting) for absorbing, emitting in jumps_of(bath, network.n_modes)])
        for bath in network.baths
    ]
    return wn.Network(
        u @ network.hamiltonian @ u.conj().T, baths, pairing=u @ network.pairing @ u.T, drive=u @ network.drive
    )


@given(general_networks(), st.integers(0, 2**32 - 1))
def test_an_interferometer_changes_nothing_but_names(network, seed):
    """A passive transformation of modes, Hamiltonian and jump operators leaves every entropy as it is."""
    rng = np.random.default_rng(seed)
    size = network.n_modes
    u = np.linalg.qr(rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size)))[0]
    ness, other = solved(network), solved(rotated(network, u))
    allowed = 1e4 * EPS * turnover(network, ness.state) * condition(ness.state)
    assert other.entropy_production == pytest.approx(ness.entropy_production, abs=allowed)
    assert other.entropy_flux == pytest.approx(ness.entropy_flux, abs=allowed)
    assert other.wigner_entropy == pytest.approx(ness.wigner_entropy, abs=1e4 * EPS * condition(ness.state))
    spectrum = th.symplectic_eigenvalues(ness.state)
    assert th.symplectic_eigenvalues(other.state) == pytest.approx(spectrum, rel=1e4 * EPS * condition(ness.state))


@settings(max_examples=15)
@given(general_networks(max_modes=2))
def test_every_bath_against_many_digits(network):
    """Flux and production of every bath against the printed formulas with 50 digits, to the condition of the state."""
    ness = solved(network)
    flux, production = exact_balance(network)
    size = turnover(network, ness.state)
    assert ness.entropy_flux == pytest.approx(flux, rel=1e-11, abs=1e2 * EPS * size)
    assert ness.entropy_production == pytest.approx(production, rel=1e-11, abs=1e2 * EPS * size)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_to_eleven_digits(kind, seed):
    network = general_network(seed, 2, [kind])
    ness = wn.steady_state(network)
    flux, production = exact_balance(network)
    largest = float(np.abs(flux).max())
    assert ness.entropy_production == pytest.approx(production, rel=1e-11)
    assert ness.entropy_flux == pytest.approx(flux, rel=1e-11, abs=1e-14 * largest)


@given(st.integers(0, 2**32 - 1), st.integers(1, 3), st.lists(st.sampled_from(KINDS), max_size=2))
def test_beyond_the_threshold_is_unstable(seed, size, kinds):
    """Raised past its threshold the pairing makes a mode grow, at the rate that the error tells."""
    below = general_network(seed, size, kinds, closeness=1e-6)
    beyond = below.replace(pairing=below.pairing * (1 + 1e-3))
    with pytest.raises(UnstableNetworkError) as caught:
        wn.steady_state(beyond)
    growth = np.linalg.eigvals(beyond.drift).real.max()
    assert caught.value.growth_rate == pytest.approx(growth, rel=1e-6)
    mode = caught.value.modes[0]
    residual = beyond.drift @ mode - caught.value.eigenvalue * mode
    assert np.abs(residual).max() < 1e-9 * np.abs(mode).max() * np.abs(beyond.drift).max()


@given(st.integers(0, 2**32 - 1), st.sampled_from(KINDS))
def test_a_bath_at_its_own_fixed_point_produces_nothing(seed, kind):
    """One mode alone with a bath that has a steady state: equilibrium, whatever the bath is, if it turns nothing."""
    network = general_network(seed, 1, [kind])
    single = wn.Network([[0.0]], network.baths[-1:])
    ness = solved(single)
    assert ness.entropy_production[0] <= 1e-20 * single.n_modes * condition(ness.state) ** 2
