"""Theories beside the local master equation: known numbers, limits, refusals, what they print."""

from __future__ import annotations

import dataclasses
import itertools

import mpmath
import numpy as np
import pytest
from scipy.integrate import quad_vec

import wignerness as wn
from wignerness.errors import (
    InvalidNetworkError,
    NoUniqueSteadyStateError,
    UndefinedQuantityError,
    UnstableNetworkError,
)
from wignerness.theories import (
    Exact,
    Global,
    Local,
    MesoscopicLeads,
    NormalModeAccount,
    Redfield,
    SteadyAccount,
    TheoryAccount,
)

BEYOND = [Global(), Global(0), Global(np.inf), Redfield()]


def pair(frequencies, temperatures, hopping, rate, spectrum=None):
    numbers = enumerate(zip(temperatures, frequencies, strict=True))
    baths = [wn.ThermalBath.at_temperature(k, rate, t, w, spectrum=spectrum) for k, (t, w) in numbers]
    return wn.Network([[frequencies[0], hopping], [hopping, frequencies[1]]], baths)


# --- numbers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hopping", "local", "secular"), [(0.002, 5.30232e-5, 1.37860e-3), (0.1, 1.3649533e-3, 1.3817330e-3)]
)
def test_energy_current_between_two_resonant_oscillators(hopping, local, secular):
    network = pair((1.0, 1.0), (0.5, 0.25), hopping, 0.02)
    digits = 1e-5 if hopping == 0.002 else 1e-7
    assert wn.steady_state(network).heat_currents[1] == pytest.approx(local, rel=digits)
    found = wn.steady_state(network, theory=Global(secular_width=0))
    assert found.heat_currents[1] == pytest.approx(secular, rel=digits)
    # in closed form: each normal mode takes from both at half the rate
    energies = np.array([1 - hopping, 1 + hopping])
    n = [1 / np.expm1(energies / t) for t in (0.5, 0.25)]
    assert found.heat_currents[1] == pytest.approx(0.02 / 4 * energies @ (n[0] - n[1]), rel=1e-13)


def test_a_detuned_pair_that_breaks_the_second_law_locally():
    network = pair((1.0, 0.4), (1.0, 0.6), 0.01, 0.02)
    local, secular = (wn.steady_state(network, theory=theory) for theory in (Local(), Global()))
    assert local.bath_currents[1] == pytest.approx(-5.2458e-6, rel=1e-5)
    assert secular.bath_currents[1] == pytest.approx(7.3672e-6, rel=1e-5)
    assert local.clausius_production < 0 < secular.clausius_production
    assert wn.steady_state(network, theory=Redfield()).bath_currents[1] > 0


def test_coherences_make_the_partially_secular_equation_right_where_the_secular_one_fails():
    """Exact energy currents by the Green function, rotating-wave form, flat spectrum."""
    for hopping, exact in ((0.002, 5.30244e-5), (0.1, 1.3679511e-3)):
        network = pair((1.0, 1.0), (0.5, 0.25), hopping, 0.02)
        secular, kept = (
            abs(wn.steady_state(network, theory=Global(width)).heat_currents[1] / exact - 1) for width in (0, np.inf)
        )
        assert kept < 2e-3
        assert secular > 9e-3


# --- Redfield against the exact moments to second order ---------------------------------------------------


def _exact_moments(network):
    """C = int dw/2pi G N G^+, the rotating-wave form; written for this test."""

    def integrand(omega):
        energy, noise = np.array(network.hamiltonian), np.zeros((2, 2))
        for bath in network.baths:
            shift = bath.lamb_shift(omega) - bath.lamb_shift(bath.frequency)
            energy[bath.mode, bath.mode] += shift - 0.5j * bath.damping(omega)
            noise[bath.mode, bath.mode] += bath.damping(omega) * bath.occupation_at(omega)
        green = np.linalg.inv(omega * np.eye(2) - energy)
        return np.ravel(green @ noise @ green.conj().T)

    rate = network.baths[0].rate
    peaks = np.linalg.eigvalsh(network.hamiltonian)
    points = sorted([1e-9, 0.1, 3.0, 10.0, 1000.0, *(e + s * rate for e in peaks for s in (-30, -4, 0, 4, 30))])
    pieces = itertools.pairwise(points)
    total = sum(quad_vec(integrand, a, b, epsabs=1e-11, epsrel=1e-9)[0] for a, b in pieces)
    return total.reshape(2, 2) / (2 * np.pi)


@pytest.mark.parametrize("cold", [0.6, 0.3])
def test_redfield_coherences_are_right_to_first_order_in_the_damping(cold):
    left = {}
    for rate in (0.02, 0.01):
        network = wn.Network(
            [[1.0, 0.2], [0.2, 0.7]],
            [
                wn.ThermalBath.at_temperature(0, rate, 0.6, 1.0, spectrum=wn.spectra.Ohmic(5.0)),
                wn.ThermalBath.at_temperature(1, rate / 2, cold, 0.7, spectrum=wn.spectra.Ohmic(5.0)),
            ],
        )
        exact = _exact_moments(network)
        for theory in (Redfield(), Redfield(lamb_shift=True)):
            found = wn.steady_state(network, theory=theory)
            off = found.modes.conj().T @ (found.state.normal - exact) @ found.modes
            left[theory, rate] = abs(off[0, 1]), abs(np.diag(off)).max()
    coherence = {theory: left[theory, 0.02][0] / left[theory, 0.01][0] for theory, _ in left}
    assert coherence[Redfield(lamb_shift=True)] == pytest.approx(4.0, rel=0.06)  # an error of second order
    assert coherence[Redfield()] < 3.0  # and of first
    assert left[Redfield(lamb_shift=True), 0.01][0] < left[Redfield(), 0.01][0] / 2
    for theory, _ in left:
        assert left[theory, 0.02][1] / left[theory, 0.01][1] == pytest.approx(2.0, rel=0.1)


def test_the_lamb_shift_drops_out_for_white_baths():
    chain = wn.models.chain(4, hopping=0.2, rate=0.1, occupations=(1, 2))
    with_shift, without = (wn.steady_state(chain, theory=Redfield(lamb_shift=x)) for x in (True, False))
    assert (with_shift.occupations == without.occupations).all()


def test_principal_values_that_do_not_exist():
    network = pair((1.0, 0.8), (0.5, 0.25), 0.1, 0.02)
    with pytest.raises(InvalidNetworkError, match=r"noise of 'bath 0' do not exist.*spectra\.Ohmic") as caught:
        wn.steady_state(network, theory=Redfield(lamb_shift=True))
    assert isinstance(caught.value.__cause__, InvalidNetworkError)


# --- positivity ---------------------------------------------------------------------------------------------


def test_redfield_says_where_it_is_not_positive():
    white = wn.steady_state(wn.models.chain(3, hopping=0.2, rate=0.1, occupations=(1, 2)), theory=Redfield())
    assert white.is_positive
    assert white.notes == ()
    network = pair((1.0, 0.4), (1.0, 0.6), 0.1, 0.02)
    network = network.replace(baths=network.baths[:1])
    colored = wn.steady_state(network, theory=Redfield())
    assert not colored.is_positive
    assert "not of Lindblad's form" in colored.notes[0]
    assert f"note: {colored.notes[0]}" in str(colored)
    assert wn.steady_state(network, theory=Global(np.inf)).is_positive


def _strongly_damped(rates, temperatures):
    cubic = wn.spectra.Ohmic(20.0, exponent=3.0, sharp=True)
    numbers = enumerate(zip(rates, temperatures, strict=True))
    baths = [wn.ThermalBath.at_temperature(k, rate, t, 1.0, spectrum=cubic) for k, (rate, t) in numbers]
    return wn.Network([[1.14, 0.64], [0.64, 1.89]], baths)


def test_moments_that_are_no_state_are_told_and_have_no_entropy():
    cold = wn.steady_state(_strongly_damped((0.09, 0.32), (0.03, 0.06)), theory=Redfield())
    assert -0.5 < np.linalg.eigvalsh(cold.state.normal)[0] < 0
    assert not cold.is_positive
    assert any("the moments are no state" in note for note in cold.notes)
    worse = wn.steady_state(_strongly_damped((0.09, 0.43), (0.12, 4.5)), theory=Redfield())
    assert np.linalg.eigvalsh(worse.state.normal)[0] < -0.5
    assert worse.entropy_flux.shape == (2,)
    for name in ("entropy_production", "wigner_entropy"):
        with pytest.raises(UndefinedQuantityError, match="negative eigenvalue"):
            getattr(worse, name)
    assert "undefined: Redfield() gives moments that are no state" in str(worse)


def test_modes_that_grow_in_redfields_equation():
    """Damping far above the level spacings, each bath with a spectrum of its own."""
    hamiltonian = np.array([[0.5, 0.0, 1.5], [0.0, -0.7, -1.4], [1.5, -1.4, 0.4]])
    levels = np.linalg.eigvalsh(hamiltonian)
    shapes = [[1.0, 1e-4, 1e-2], [1e-2, 1e-3, 1.0], [1e-2, 1.0, 1e-3]]
    spectra = [
        wn.spectra.Custom(lambda w, s=shape: np.interp(w, levels, s), support=(-np.inf, np.inf)) for shape in shapes
    ]
    baths = [
        wn.ThermalBath(k, 30.0 * float(s(levels[2])), 1.0, frequency=levels[2], spectrum=s)
        for k, s in enumerate(spectra)
    ]
    network = wn.Network(hamiltonian, baths)
    with pytest.raises(UnstableNetworkError, match="grows at the rate") as caught:
        wn.steady_state(network, theory=Redfield())
    assert caught.value.growth_rate == pytest.approx(0.1505 * 30, rel=1e-3)
    assert wn.steady_state(network, theory=Global()).occupations == pytest.approx([1.0] * 3, rel=1e-12)


@pytest.mark.parametrize("width", [0, 0.1, np.inf])
def test_the_global_equation_is_that_of_its_jump_operators(width):
    """The same state, the same currents, through the machinery of jump operators."""
    spectrum = wn.spectra.Ohmic(4.0)
    baths = [wn.ThermalBath.at_temperature(k, 0.05, 0.3 + 0.2 * k, 1.0, spectrum=spectrum) for k in (0, 1, 2)]
    network = wn.Network([[1.0, 0.05, 0.2j], [0.05, 1.1, 0.1], [-0.2j, 0.1, 1.7]], baths)
    theory = Global(width)
    found, jumps = wn.steady_state(network, theory=theory), wn.steady_state(theory.equivalent(network))
    assert jumps.network.bath_labels == network.bath_labels
    np.testing.assert_allclose(found.state.normal, jumps.state.normal, rtol=0, atol=1e-12)
    np.testing.assert_allclose(found.bath_currents, jumps.bath_currents, rtol=1e-9)
    np.testing.assert_allclose(found.heat_currents, jumps.heat_currents, rtol=1e-9)
    if width == 0:  # each normal mode a channel of gradient type: one definition of the production
        np.testing.assert_allclose(found.entropy_production, jumps.entropy_production, rtol=1e-9)
        np.testing.assert_allclose(found.entropy_flux, jumps.entropy_flux, rtol=1e-9)


def test_a_bath_of_no_rate_keeps_its_place():
    network = pair((1.0, 0.8), (0.5, 0.25), 0.1, 0.02)
    network = network.replace(baths=[wn.ThermalBath(0, 0.0, 1.0, name="off"), *network.baths])
    for found in (wn.steady_state(Global().equivalent(network)), wn.steady_state(network, theory=Global())):
        assert found.network.bath_labels[0] == "off"
        assert found.bath_currents[0] == found.entropy_production[0] == 0.0


# --- the face ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("theory", [Local(), *BEYOND], ids=repr)
def test_all_have_one_face(theory):
    network = pair((1.0, 0.8), (0.5, 0.25), 0.1, 0.02)
    found = wn.steady_state(network, theory=theory)
    assert isinstance(found, SteadyAccount)
    assert found.theory == theory
    assert found.network is network
    assert found.occupations.shape == (2,)
    for name in ("bath_currents", "heat_currents", "entropy_flux", "entropy_production"):
        value = getattr(found, name)
        assert value.shape == (2,)
        assert not value.flags.writeable
        assert f"{value[0]:.6g}" in str(found) or name == "heat_currents"
    assert found.bath_currents.sum() == pytest.approx(0.0, abs=1e-12 * abs(found.bath_currents[0]))
    assert found.clausius_production > 0
    assert found.wigner_entropy == wn.thermodynamics.wigner_entropy(network, found.state)
    assert found.currents.shape == (2, 2)
    assert 0 <= found.error_bound < 1e-12
    assert found.reason in str(found)


def test_local_is_the_default_and_takes_a_solver():
    chain = wn.models.chain(3, hopping=0.2, rate=0.1, occupations=(1, 2))
    found = wn.steady_state(chain, theory=Local(), solver=wn.solvers.Dense())
    assert isinstance(found, wn.SteadyState)
    assert (found.occupations == wn.steady_state(chain).occupations).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"theory": "global"}, "`theory` must be a theory object such as theories.Global(), but is 'global'"),
        ({"theory": Global}, "`theory` must be a theory object"),
        ({"theory": Global(), "solver": wn.solvers.Dense()}, "`solver` must be left out for Global()"),
    ],
)
def test_arguments_of_the_verb(arguments, message):
    with pytest.raises(InvalidNetworkError) as caught:
        wn.steady_state(pair((1.0, 0.8), (0.5, 0.25), 0.1, 0.02), **arguments)
    assert message in str(caught.value)


def test_options_are_checked():
    with pytest.raises(InvalidNetworkError, match="`secular_width` must be non-negative, but is -1"):
        Global(-1.0)
    with pytest.raises(InvalidNetworkError, match="`secular_width` must be finite"):
        Global(np.nan)
    with pytest.raises(InvalidNetworkError, match="`lamb_shift` must be True or False"):
        Redfield(lamb_shift="yes")
    assert [repr(t) for t in (Global(), Global(0.5), Global(np.inf), Redfield(), Redfield(lamb_shift=True))] == [
        "Global()",
        "Global(secular_width=0.5)",
        "Global(secular_width=inf)",
        "Redfield()",
        "Redfield(lamb_shift=True)",
    ]


# --- refusals ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("theory", [Global(), Redfield()], ids=repr)
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pairing": [[0.0, 0.1], [0.1, 0.0]]}, "without pairing"),
        ({"drive": [0.1, 0.0]}, "without drive"),
        ({"baths": [wn.Dephasing(0, 0.1)]}, "'dephasing 0', is a Dephasing"),
        ({"baths": [wn.SqueezedBath(0, 0.1, 1.0, 0.5)]}, "'squeezed 0', is a SqueezedBath"),
        ({"baths": [wn.JumpBath([([1, 0], [0, 0])])]}, "'jump 0', is a JumpBath"),
    ],
)
def test_what_they_cannot_treat(theory, change, message):
    network = pair((1.0, 0.8), (0.5, 0.25), 0.1, 0.02).replace(**change)
    assert message in theory.refusal(network)
    assert Local().refusal(network) is None
    with pytest.raises(InvalidNetworkError) as caught:
        wn.steady_state(network, theory=theory)
    assert str(caught.value) == theory.refusal(network)


@pytest.mark.parametrize("theory", [Global(), Redfield(), Exact(), MesoscopicLeads(8)], ids=repr)
@pytest.mark.parametrize(
    ("change", "element"),
    [
        ({"pairing": [[0.0, 0.1], [0.1, 0.0]]}, "`pairing[0, 1]` is 0.1:"),
        ({"drive": [0.0, 0.3j]}, "`drive[1]` is 0+0.3j:"),
        ({"baths": [wn.ThermalBath(0, 0.1, 1.0), wn.Dephasing(1, 0.1)]}, "baths[1], 'dephasing 1', is a Dephasing"),
        ({"baths": [wn.SqueezedBath(1, 0.1, 1.0, 0.5, name="tail")]}, "baths[0], 'tail', is a SqueezedBath"),
        ({"baths": [wn.JumpBath([([1, 0], [0, 0])], name="loss")]}, "baths[0], 'loss', is a JumpBath"),
    ],
)
def test_refusals_name_the_element_its_value_and_the_remedy(theory, change, element):
    network = pair((1.0, 0.8), (0.5, 0.25), 0.1, 0.02).replace(**change)
    reason = theory.refusal(network)
    if "pairing" in change and isinstance(theory, (Exact, MesoscopicLeads)):
        assert reason is None
        return
    assert element in reason
    assert "theories.Local()" in reason
    assert "or leave it out" in reason
    wn.steady_state(network)  # as the remedy says
    if "pairing" in change:
        wn.steady_state(network, theory=Exact())


def test_a_free_probe_beside_pairing_has_two_remedies():
    network = pair((1.0, 0.8), (0.5, 0.25), 0.1, 0.02).replace(pairing=[[0.01, 0.0], [0.0, 0.0]])
    network = network.replace(baths=[*network.baths, wn.Probe(1, 0.1)])
    reason = Exact().refusal(network)
    assert "baths[2], 'probe 1', is a free probe in a network with pairing" in reason
    assert "give it an occupation, or take theories.Local()" in reason
    wn.steady_state(network)
    given = network.replace(baths=[*network.baths[:2], wn.Probe(1, 0.1, occupation=1.0)])
    wn.steady_state(given, theory=Exact())


@pytest.mark.parametrize("theory", [Global(), Redfield(), Exact(), MesoscopicLeads(8)], ids=repr)
def test_a_temperature_needs_positive_frequencies(theory):
    network = pair((1.0, 0.8), (0.5, 0.25), 1.2, 0.02)
    with pytest.raises(InvalidNetworkError, match=r"frequency -0\.304159, at which 'bath 0', of the temperature 0\.5"):
        wn.steady_state(network, theory=theory)
    white = network.replace(baths=[wn.ThermalBath(k, 0.02, 1.0) for k in (0, 1)])
    assert wn.steady_state(white, theory=theory).occupations == pytest.approx([1.0, 1.0], rel=4e-15)


@pytest.mark.parametrize("theory", [Global(), Redfield()], ids=repr)
def test_undamped_normal_modes_are_named(theory):
    ring = wn.Network([[0.0, 0.3, 0.3], [0.3, 0.0, 0.3], [0.3, 0.3, 0.0]], [wn.ThermalBath(0, 0.1, 1.0)])
    with pytest.raises(NoUniqueSteadyStateError, match="undamped") as caught:
        wn.steady_state(ring, theory=theory)
    assert set(caught.value.nodes) >= {1, 2}
    gapped = [wn.ThermalBath(0, 0.1, 1.0, frequency=1.0, spectrum=wn.spectra.Ohmic(1.1, sharp=True))]
    with pytest.raises(NoUniqueSteadyStateError, match=r"frequency 1\.3 is undamped"):
        wn.steady_state(wn.Network([[1.0, 0.3], [0.3, 1.0]], gapped), theory=theory)
    with pytest.raises(NoUniqueSteadyStateError):
        wn.steady_state(wn.Network([[1.0, 0.3], [0.3, 1.0]], []), theory=theory)


def test_probes_of_fixed_occupation_are_white_baths():
    chain = wn.models.chain(4, hopping=0.2, rate=0.1, occupations=(1, 2), probe_rate=0.05)
    local = wn.steady_state(chain)
    found = wn.steady_state(local.network, theory=Redfield())
    np.testing.assert_allclose(found.occupations, local.occupations, rtol=1e-14)
    np.testing.assert_allclose(found.bath_currents, local.bath_currents, atol=1e-15)


@pytest.mark.parametrize("theory", BEYOND, ids=repr)
def test_free_probes_are_closed(theory):
    """White: as by the local equation. Between baths of a temperature: no excitations into a probe, but heat."""
    chain = wn.models.chain(5, hopping=0.2, rate=0.1, occupations=(1, 2), probe_rate=0.05)
    local, found = wn.steady_state(chain), wn.steady_state(chain, theory=theory)
    if theory != Global(0):
        np.testing.assert_allclose(found.occupations, local.occupations, rtol=1e-13)
        np.testing.assert_allclose(found.entropy_production, local.entropy_production, rtol=1e-9)
    ends = [
        wn.ThermalBath.at_temperature(k, 0.1, t, 1.0, spectrum=wn.spectra.Ohmic(5.0)) for k, t in ((0, 0.5), (4, 2))
    ]
    warm = chain.replace(hamiltonian=chain.hamiltonian + np.eye(5), baths=[*ends, *chain.baths[2:]])
    found = wn.steady_state(warm, theory=theory)
    assert not found.network.free_probes
    assert not found.bath_currents[2:].any()
    fixed = wn.steady_state(found.network, theory=theory)
    assert np.abs(fixed.bath_currents[2:]).max() < 1e-14
    assert np.abs(found.heat_currents[2:]).max() > 1e-6
    assert abs(found.heat_currents.sum()) < 1e-14
    np.testing.assert_allclose(fixed.state.normal, found.state.normal, rtol=0, atol=1e-14)
    lowest, *_, highest = sorted(bath.occupation for bath in found.network.baths[2:])
    assert 1 / np.expm1(1.2 / 0.5) < lowest < highest < 1 / np.expm1(0.6 / 2)


def test_probes_that_no_bath_reaches():
    with pytest.raises(NoUniqueSteadyStateError, match="occupations of the free probes are not determined") as caught:
        wn.steady_state(wn.Network([[1.0, 0.2], [0.2, 1.0]], [wn.Probe(0, 0.1), wn.Probe(1, 0.1)]), theory=Global())
    assert caught.value.nodes == (0, 1)


def test_the_jumps_of_probes_are_those_of_their_steady_state():
    chain = wn.models.chain(3, hopping=0.2, rate=0.1, occupations=(1, 2), probe_rate=0.05)
    found, jumps = wn.steady_state(chain, theory=Global()), wn.steady_state(Global().equivalent(chain))
    np.testing.assert_allclose(jumps.occupations, found.occupations, rtol=1e-12)


def test_clausius_production_needs_temperatures():
    chain = wn.models.chain(3, hopping=0.2, rate=0.1, occupations=(1, 2))
    with pytest.raises(UndefinedQuantityError, match="'left' has none"):
        _ = wn.steady_state(chain).clausius_production
    cold = pair((1.0, 0.8), (0.5, 0.0), 0.1, 0.02)
    with pytest.raises(UndefinedQuantityError, match="temperature 0 and a heat current"):
        _ = wn.steady_state(cold, theory=Global()).clausius_production


# --- against forty digits --------------------------------------------------------------------------------------


def _to_forty_digits(network, damping):
    """C on the nodes from the moment equation in the normal modes, all at once; ``damping`` makes G_kl of a bath."""
    size = network.n_modes
    energies, vectors = mpmath.eighe(mpmath.matrix(network.hamiltonian.tolist()))
    matrix, source = mpmath.matrix(size**2), mpmath.matrix(size**2, 1)
    drift = mpmath.matrix(size)
    for k in range(size):
        drift[k, k] = -1j * energies[k]
    for bath in network.baths:
        n = [1 / mpmath.expm1(e / mpmath.mpf(bath.bath_temperature)) for e in energies]
        # Drude's shape
        rates = [e / (1 + (e / 5) ** 2) * bath.rate * (1 + mpmath.mpf(bath.frequency) ** 2 / 25) for e in energies]
        v = [mpmath.conj(vectors[bath.mode, k]) for k in range(size)]
        g = mpmath.matrix(size, size)
        for k, l in itertools.product(range(size), repeat=2):
            g[k, l] = damping(k, l, rates) * v[k] * mpmath.conj(v[l])
        drift -= g / 2
        for k, l in itertools.product(range(size), repeat=2):
            source[k * size + l] += (g[k, l] * n[l] + mpmath.conj(g[l, k]) * n[k]) / 2
    for k, l, m in itertools.product(range(size), repeat=3):
        matrix[k * size + l, m * size + l] += drift[k, m]
        matrix[k * size + l, k * size + m] += mpmath.conj(drift[l, m])
    found = mpmath.lu_solve(matrix, -source)
    modal = mpmath.matrix(size)
    for k, l in itertools.product(range(size), repeat=2):
        modal[k, l] = found[k * size + l]
    return vectors * modal * vectors.transpose_conj()


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("theory", "damping"),
    [(Global(0), lambda k, l, rates: rates[k] * (k == l)), (Redfield(), lambda k, l, rates: rates[l])],
    ids=["secular", "redfield"],
)
def test_errors_are_within_their_bound(theory, damping, seed):
    rng = np.random.default_rng(seed)
    raw = rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3))
    matrix = 10.0 ** rng.uniform(-2, 0) * (raw + raw.conj().T) + np.diag(rng.uniform(5, 7, 3))
    baths = [
        wn.ThermalBath.at_temperature(
            k, 10.0 ** rng.uniform(-4, -1), 10.0 ** rng.uniform(-1, 2), 1.0, spectrum=wn.spectra.Ohmic(5.0)
        )
        for k in range(3)
    ]
    network = wn.Network(matrix, baths)
    found = wn.steady_state(network, theory=theory)
    with mpmath.workdps(40):
        exact = _to_forty_digits(network, damping)
        error = max(abs(found.state.normal[k, l] - exact[k, l]) for k, l in itertools.product(range(3), repeat=2))
    assert error <= found.error_bound < 1e-9 * found.occupations.max()


# --- degeneracies, sizes ------------------------------------------------------------------------------------------


def test_degenerate_modes_do_not_depend_on_the_choice_of_eigenvectors():
    """A ring has pairs of degenerate modes; a gauge change rotates the eigenvectors within them."""
    size = 6
    ring = np.eye(size) + 0.1 * (np.eye(size, k=1) + np.eye(size, k=-1))
    ring[0, -1] = ring[-1, 0] = 0.1
    baths = [wn.ThermalBath.at_temperature(k, 0.01, 0.5 + 0.1 * k, 1.0) for k in (0, 1, 3)]
    gauge = np.exp(1j * np.random.default_rng(1).uniform(0, 6, size))
    found = wn.steady_state(wn.Network(ring, baths), theory=Global(0))
    turned = wn.steady_state(wn.Network(gauge[:, None] * ring * gauge.conj(), baths), theory=Global(0))
    assert "clusters of 2, 2 modes" in found.reason
    np.testing.assert_allclose(found.occupations, turned.occupations, rtol=1e-12)
    np.testing.assert_allclose(found.heat_currents, turned.heat_currents, rtol=1e-9)


def test_small_currents_keep_their_digits():
    """Between baths that differ by 1e-9 in temperature; in closed form, each normal mode on its own."""
    network = pair((1.0, 0.8), (0.5, 0.5 * (1 + 1e-9)), 0.1, 0.02)
    found = wn.steady_state(network, theory=Global(0))
    weights = np.abs(found.modes) ** 2
    hot, cold = (1 / np.expm1(found.energies / bath.bath_temperature) for bath in network.baths)
    flow = 0.02 * weights[0] * weights[1] * (cold - hot) / weights.sum(axis=0)
    np.testing.assert_allclose(found.heat_currents[0], flow @ found.energies, rtol=1e-6)
    assert found.heat_currents.sum() == pytest.approx(0.0, abs=1e-24)
    equal = pair((1.0, 0.8), (0.5, 0.5), 0.1, 0.02)
    for theory in BEYOND:
        assert abs(wn.steady_state(equal, theory=theory).heat_currents).max() == 0.0


def test_localized_normal_modes_keep_the_digits_of_what_they_carry():
    """A far detuned pair, fully secular: weights of 1e-16 of the other node in each normal mode."""
    network = pair((1.0, 2.0), (0.5, 0.25), 1e-8, 0.02)
    found = wn.steady_state(network, theory=Global(0))
    n = [1 / np.expm1(np.array([1.0, 2.0]) / t) for t in (0.5, 0.25)]
    current = 0.02 * 1e-16 * (n[0] - n[1]).sum()
    assert found.bath_currents == pytest.approx([-current, current], rel=1e-7)


@pytest.mark.parametrize("theory", BEYOND, ids=repr)
def test_units(theory):
    """Another unit of frequency changes nothing but the unit; one in which products overflow is refused by name."""
    plain = wn.steady_state(pair((1.0, 0.8), (0.5, 0.25), 0.1, 0.02, wn.spectra.Ohmic(5.0)), theory=theory)
    for unit in (1e-150, 1e14, 1e150):
        scaled = pair(
            (unit, 0.8 * unit), (0.5 * unit, 0.25 * unit), 0.1 * unit, 0.02 * unit, wn.spectra.Ohmic(5 * unit)
        )
        found = wn.steady_state(scaled, theory=theory)
        np.testing.assert_allclose(found.occupations, plain.occupations, rtol=1e-12)
        np.testing.assert_allclose(found.heat_currents / unit / unit, plain.heat_currents, rtol=1e-9)
    scaled = pair((1e200, 0.8e200), (0.5e200, 0.25e200), 0.1e200, 0.02e200)
    with pytest.raises(UndefinedQuantityError, match="cannot be computed in double precision"):
        wn.steady_state(scaled, theory=theory)


def test_a_hundred_modes():
    chain = wn.models.chain(100, hopping=0.2, rate=0.1, occupations=(1, 2), frequency=3.0)
    found = wn.steady_state(chain, theory=Global())
    assert found.bath_currents.sum() == pytest.approx(0.0, abs=1e-13)
    assert isinstance(found, NormalModeAccount)
    assert found.mode_currents.shape == (2, 100)
    np.testing.assert_allclose(found.heat_currents, found.mode_currents @ found.energies, rtol=1e-12)


def test_accounts_are_frozen():
    found = wn.steady_state(pair((1.0, 0.8), (0.5, 0.25), 0.1, 0.02), theory=Global())
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.notes = ()
    assert isinstance(found, TheoryAccount)
    assert repr(found) == "NormalModeAccount(Network(2 modes, 2 baths: 2 thermal), theory Global())"


# --- side by side ----------------------------------------------------------------------------------------------------


def test_comparison():
    network = pair((1.0, 0.4), (1.0, 0.6), 0.01, 0.02)
    found = wn.compare(network)
    assert [account.theory for account in found.accounts][:3] == [Local(), Global(), Redfield()]
    local, *_ = found.values("heat_currents")
    assert (local == wn.steady_state(network).heat_currents).all()
    differences = found.differences("heat_currents")
    assert differences[0] > 1.5
    assert differences[-1] == 0.0
    text = str(found)
    assert all(words in text for words in ("Local()", "Global()", "energy into", "off by", "heat / temperature"))


def test_comparison_leaves_out_what_cannot_be_and_says_why():
    network = pair((1.0, 0.8), (0.5, 0.25), 0.1, 0.02).replace(pairing=[[0.0, 0.1], [0.1, 0.0]])
    found = wn.compare(network, theories=[Global(), Local()])
    assert [account.theory for account in found.accounts] == [Local()]
    assert "Global() is left out: Global treats networks without pairing" in str(found)
    with pytest.raises(InvalidNetworkError, match="None of the theories has a steady state"):
        wn.compare(network, theories=[Global()])
    with pytest.raises(InvalidNetworkError, match="`theory` must be a theory object"):
        wn.compare(network, theories=["local"])


def test_comparison_without_a_steady_state():
    gapped = [wn.ThermalBath(0, 0.1, 1.0, frequency=1.0, spectrum=wn.spectra.Ohmic(1.1, sharp=True))]
    found = wn.compare(wn.Network([[1.0, 0.3], [0.3, 1.0]], gapped), theories=[Local(), Global()])
    assert found.accounts[-1].theory == Local()
    assert "undamped" in found.refusals["Global()"]


def test_comparison_of_undefined_and_vanishing_quantities():
    chain = wn.models.chain(2, hopping=0.2, rate=0.1, occupations=(1, 1))
    found = wn.compare(chain, theories=[Local(), Redfield()])
    assert found.values("clausius_production") == [None, None]
    assert np.isnan(found.differences("clausius_production")).all()
    assert found.differences("bath_currents").tolist() == [0.0, 0.0]
