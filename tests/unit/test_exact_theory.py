"""The exact steady state against numbers from elsewhere, other methods, and limits in which it is something else."""

from __future__ import annotations

import time
from itertools import pairwise

import mpmath as mp
import numpy as np
import pytest
from scipy import linalg
from scipy.integrate import quad

import wignerness as wn
from wignerness.errors import (
    InvalidNetworkError,
    NoUniqueSteadyStateError,
    UnstableNetworkError,
)
from wignerness.spectra import Custom, Lorentzian, Ohmic
from wignerness.theories import Exact, Global

thermal = wn.ThermalBath.at_temperature


def pair(hopping, frequencies=(1.0, 1.0), temperatures=(0.5, 0.25), rate=0.02, spectrum=None):
    baths = [
        thermal(k, rate, t, w, spectrum=spectrum)
        for k, (t, w) in enumerate(zip(temperatures, frequencies, strict=True))
    ]
    return wn.Network([[frequencies[0], hopping], [hopping, frequencies[1]]], baths)


def exact(network, **options):
    return wn.steady_state(network, theory=Exact(**options))


# --- numbers from elsewhere -------------------------------------------------------------------------


@pytest.mark.parametrize(("hopping", "current", "unit"), [(0.002, 5.30244e-5, 1e-10), (0.1, 1.3679511e-3, 1e-10)])
def test_energy_current_of_two_oscillators(hopping, current, unit):
    heat = exact(pair(hopping)).heat_currents
    assert heat[1] == pytest.approx(current, abs=0.51 * unit)
    assert heat[0] == pytest.approx(-heat[1], rel=1e-13)


def test_the_detuned_pair_that_breaks_the_second_law_locally():
    network = pair(0.01, (1.0, 0.4), (1.0, 0.6))
    ness, local = exact(network), wn.steady_state(network)
    assert local.bath_currents[1] == pytest.approx(-5.2458e-6, abs=0.51e-10)
    assert wn.steady_state(network, theory=Global()).bath_currents[1] == pytest.approx(7.3672e-6, abs=0.51e-10)
    assert ness.bath_currents[1] == pytest.approx(7.4678e-6, abs=0.51e-10)
    assert local.clausius_production < 0 < ness.clausius_production


def test_where_thermal_excitations_begin_matters_for_baths_without_memory():
    """The number of excitations diverges toward zero frequency: logarithmically, that of the energy does not."""
    network = pair(0.01, (1.0, 0.4), (1.0, 0.6))
    found = [exact(network, infrared=10.0**-k) for k in (3, 4, 5, 6)]
    steps = np.diff([ness.bath_currents[1] for ness in found])
    assert steps[1:] == pytest.approx(steps[1], rel=2e-3)
    slope = 0.02**2 * 0.01**2 * (1.0 - 0.6) / 0.4**2 / (2 * np.pi)  # T(0) (T_1 - T_2) / 2 pi
    assert steps[1] == pytest.approx(slope * np.log(10.0), rel=3e-3)
    energy = [ness.heat_currents[1] for ness in found]
    assert abs(energy[1] / energy[3] - 1) < 1e-6
    assert "`infrared`" in found[0].notes[0]
    assert found[0].notes[0] in str(found[0])


# --- other methods -----------------------------------------------------------------------------------


def test_occupation_of_one_mode_by_residues():
    """Flat damping: the Bose function summed over its poles, by the digamma function, at 30 digits."""
    rate, frequency, temperature, edge = 0.3, 1.0, 0.4, 1e-4
    network = wn.Network([[frequency]], [thermal(0, rate, temperature, frequency)])
    ness = exact(network, tolerance=1e-12)
    with mp.workdps(30):
        z = mp.mpc(frequency, -mp.mpf(rate) / 2)

        def bose(w):
            return 1 / mp.expm1(w / temperature)

        points = [mp.mpf(edge), 1e-3, 1e-2, 0.1, 0.5, 1, 1.5, 3, 8, 40]
        value = mp.quad(lambda w: rate / abs(w - z) ** 2 * bose(w) / (2 * mp.pi), points)
    assert ness.occupations[0] == pytest.approx(float(value), rel=1e-12)
    assert ness.error_bound < 1e-11


def _direct(network, *, position, derivative=0):
    """C of two modes by scipy.integrate.quad over inverted matrices; S too."""
    size = network.n_modes
    big = 2 * size if position else size
    matrix = np.array(network.hamiltonian)
    if position:
        matrix = np.block([[matrix, 0 * matrix], [0 * matrix, -matrix.conj()]])

    def ordered(w):
        sigma, noise = np.zeros((big, big), dtype=complex), np.zeros((big, big), dtype=complex)
        for bath in network.baths:
            k, sign = bath.mode, np.sign(w) if position else 1.0
            damping = float(bath.damping(abs(w) if position else w))
            shift = bath.lamb_shift(np.array([w, -w, bath.frequency, -bath.frequency]))
            delta = shift[0] - shift[2] + (shift[1] - shift[3] if position else 0.0)
            occupied = float(bath.occupation_at(abs(w))) if damping else 0.0
            if position:
                x = np.zeros(big)
                x[k], x[size + k] = 1.0, 1.0
                z = x * np.repeat([1.0, -1.0], size)
                sigma += np.outer(z, x) * (delta - 0.5j * sign * damping)
                noise += np.outer(z, z) * damping * (occupied + (w > 0))
            else:
                sigma[k, k] += delta - 0.5j * damping
                noise[k, k] += damping * occupied
        green = np.linalg.inv(w * np.eye(big) - matrix - sigma)
        return green @ noise @ green.conj().T / (2 * np.pi)

    cuts = [1e-12, 0.3, 0.7, 0.9, 1.0, 1.1, 1.3, 2.0, 4.0, 20.0]
    cuts = [-c for c in cuts[::-1]] + cuts if position else cuts

    def element(i, j, part):
        pieces = [
            quad(lambda w: getattr(ordered(w)[i, j], part), a, b, epsrel=1e-11, epsabs=1e-13)[0]
            for a, b in pairwise(cuts)
        ]
        if position:  # tails of the vacuum
            pieces += [quad(lambda u: getattr(ordered(1 / u)[i, j], part) / u**2, 0, 1 / 20)[0]]
        return sum(pieces)

    return element


@pytest.mark.parametrize("position", [False, True])
def test_against_quadrature_of_inverted_matrices(position):
    network = pair(0.2, (1.0, 1.1), (0.5, 0.3), rate=0.15, spectrum=Ohmic(3.0))
    ness, element = exact(network, counter_rotating=position), _direct(network, position=position)
    first = 2 if position else 0  # <a^+ a> is in the lower right
    assert ness.occupations[0] == pytest.approx(element(first, first, "real"), rel=1e-8)
    assert ness.state.normal[0, 1].imag == pytest.approx((-1) ** position * element(first, first + 1, "imag"), rel=1e-8)
    if position:
        assert ness.state.anomalous[1, 1].real == pytest.approx(element(1, 3, "real"), rel=1e-7)


@pytest.mark.parametrize("position", [False, True])
def test_against_the_unitary_evolution_of_network_and_baths(position):
    """120 modes a bath, evolved from the vacuum in the network and thermal states in the baths until it has relaxed."""
    spectrum = Custom(lambda w: w * (1 - (w / 4) ** 2) ** 3, support=(0.0, 4.0))
    baths = [thermal(0, 0.3, 0.5, 1.0, spectrum=spectrum), thermal(1, 0.25, 0.8, 1.2, spectrum=spectrum)]
    network = wn.Network([[1.0, 0.2], [0.2, 1.1]], baths)
    ness, count = exact(network, counter_rotating=position), 120
    nodes, weights = np.polynomial.legendre.leggauss(count)
    frequencies, steps = 2.0 * (1 + nodes), 2.0 * weights
    size = 2 + 2 * count
    h, cross, start = np.zeros((3, size, size))
    h[:2, :2] = network.hamiltonian.real
    for index, bath in enumerate(baths):
        places = 2 + index * count + np.arange(count)
        coupling = np.sqrt(bath.damping(frequencies) * steps / (2 * np.pi))
        h[places, places], start[places, places] = frequencies, bath.occupation_at(frequencies)
        h[bath.mode, places] = h[places, bath.mode] = coupling
        shift = float(bath.lamb_shift(bath.frequency)) + position * float(bath.lamb_shift(-bath.frequency))
        h[bath.mode, bath.mode] -= shift
        if position:
            cross[bath.mode, places] = cross[places, bath.mode] = coupling
            cross[bath.mode, bath.mode] -= shift
    if not position:
        moved = linalg.expm(-90j * h)
        assert np.abs((moved @ start @ moved.conj().T)[:2, :2] - ness.state.normal).max() < 1e-6
        return
    moved = linalg.expm(-90j * np.block([[h, cross], [-cross, -h]]))
    both = moved @ linalg.block_diag(start + np.eye(size), start) @ moved.conj().T
    assert np.abs(both[size:, size:].T[:2, :2] - ness.state.normal).max() < 1e-10
    assert np.abs(both[:size, size:][:2, :2] - ness.state.anomalous).max() < 1e-10


def test_a_lorentzian_bath_is_a_damped_mode():
    """White noise through a resonance: the node, and a mode of its own between it and a bath without memory."""
    width, centers, rates, levels = 0.3, (1.1, 0.9), (0.2, 0.1), (1.0, 2.5)
    shapes = [Lorentzian(c, width) for c in centers]
    baths = [
        wn.ThermalBath(k, r, n, frequency=c, spectrum=s)
        for k, (r, n, c, s) in enumerate(zip(rates, levels, centers, shapes, strict=True))
    ]
    network = wn.Network([[1.0, 0.15], [0.15, 1.05]], baths)
    ness = exact(network, dressed_at=np.inf)
    g = np.sqrt(np.array(rates) * width) / 2
    h = np.diag([1.0, 1.05, *centers])
    h[0, 1] = h[1, 0] = 0.15
    for k in (0, 1):
        h[k, 2 + k] = h[2 + k, k] = g[k]
    enlarged = wn.steady_state(wn.Network(h, [wn.ThermalBath(2 + k, width, levels[k]) for k in (0, 1)]))
    assert np.abs(ness.state.normal - enlarged.state.normal[:2, :2]).max() < 1e-10
    assert ness.bath_currents == pytest.approx(enlarged.bath_currents, rel=1e-9)


# --- limits ------------------------------------------------------------------------------------------


def test_white_baths_are_the_local_master_equation():
    for seed in range(3):
        network = wn.models.random_network(5, rng=seed, probe_density=0.4)
        ness, local = exact(network), wn.steady_state(network)
        assert np.abs(ness.state.normal - local.state.normal).max() < 1e-9 * local.occupations.max()
        assert ness.bath_currents == pytest.approx(local.bath_currents, rel=1e-8, abs=1e-10)
        assert ness.heat_currents == pytest.approx(local.heat_currents, rel=1e-8, abs=1e-9)
        assert ness.entropy_flux == pytest.approx(local.entropy_flux, rel=1e-8, abs=1e-10)
        assert ness.entropy_production == pytest.approx(local.entropy_production, rel=1e-7)


def test_white_baths_with_fixed_occupations_are_exactly_the_local_master_equation():
    network = wn.models.random_network(6, rng=3)
    ness, local = exact(network), wn.steady_state(network)
    assert (ness.state.normal == local.state.normal).all()
    pairing = 0.02 * np.eye(6)
    ness, local = exact(network.replace(pairing=pairing)), wn.steady_state(network.replace(pairing=pairing))
    assert (ness.state.anomalous == local.state.anomalous).all()
    assert ness.bath_currents == pytest.approx(local.bath_currents, rel=1e-8)
    assert ness.heat_currents == pytest.approx(local.heat_currents, rel=1e-8)
    assert ness.entropy_flux == pytest.approx(local.entropy_flux, rel=1e-8)


@pytest.mark.parametrize("position", [False, True])
def test_equal_temperatures_bring_no_currents_and_gibbs_state_at_weak_coupling(position):
    """The departure from Gibbs' state of the full Hamiltonian is of first order in the damping."""
    h = np.array([[1.0, 0.3, 0.0], [0.3, 1.2, -0.25j], [0.0, 0.25j, 0.9]])
    energies, vectors = np.linalg.eigh(h)
    gibbs = vectors @ np.diag(1 / np.expm1(energies / 0.6)) @ vectors.conj().T
    away, rates = [], [1e-2, 1e-3, 1e-4]
    for rate in rates:
        baths = [thermal(k, rate * (1 + k), 0.6, 1.0, spectrum=Ohmic(5.0)) for k in (0, 2)]
        ness = exact(wn.Network(h, baths), counter_rotating=position)
        assert (ness.bath_currents == 0).all()
        assert (ness.heat_currents == 0).all()
        away.append(np.abs(ness.state.normal - gibbs).max())
        assert ness.is_positive
    slopes = np.diff(np.log10(away))
    assert slopes == pytest.approx([-1, -1], abs=0.03)
    assert away[-1] < 1e-4


def test_it_tends_to_the_local_master_equation_as_all_couplings_vanish():
    """Damping and hopping of order epsilon: the relative error of currents and occupations is of first order."""
    errors = []
    sizes = np.array([1e-2, 1e-3, 1e-4])
    for size in sizes:
        baths = [thermal(k, size, t, 1.0, spectrum=Ohmic(10.0)) for k, t in ((0, 0.5), (1, 0.25))]
        network = wn.Network([[1.0, 0.7 * size], [0.7 * size, 1.0 + 0.5 * size]], baths)
        ness, local = exact(network), wn.steady_state(network)
        current = abs(ness.bath_currents[1] / local.bath_currents[1] - 1)
        errors.append([current, np.abs(ness.occupations / local.occupations - 1).max()])
    slopes = np.diff(np.log10(errors), axis=0)
    assert slopes == pytest.approx(-np.ones((2, 2)), abs=0.05)


def test_what_bath_modes_carry_in_fixed_detuning_is_given_by_the_global_equation():
    network = pair(0.2, (1.0, 1.3), rate=1e-4, spectrum=Ohmic(5.0))
    ness, secular = exact(network), wn.steady_state(network, theory=Global())
    assert ness.heat_currents == pytest.approx(secular.heat_currents, rel=2e-3)
    assert np.abs(ness.state.normal - secular.state.normal).max() < 2e-4


def test_probes_take_what_closes_their_currents():
    baths = [thermal(0, 0.05, 0.5, 1.0, spectrum=Ohmic(5.0)), thermal(4, 0.05, 0.25, 1.0, spectrum=Ohmic(5.0))]
    chain = wn.models.chain(5, hopping=0.1, rate=0.1, occupations=(1, 2), frequency=1.0)
    network = chain.replace(baths=[*baths, *(wn.Probe(k, 0.02) for k in range(5))])
    ness = exact(network)
    assert np.abs(ness.bath_currents[2:]).max() < 1e-12
    assert not ness.network.free_probes
    levels = [bath.occupation for bath in ness.network.baths]
    assert levels[0] > levels[2] > levels[6] > levels[1]
    assert ness.occupations[1:4] == pytest.approx(levels[3:6], rel=1e-8)  # a probe holds its node where it is alone


# --- size, accuracy, refusals ----------------------------------------------------------------------


def test_a_hundred_modes_take_seconds_with_a_stated_error():
    chain = wn.models.chain(100, hopping=0.1, rate=0.05, occupations=(0, 0), frequency=1.0)
    baths = [thermal(0, 0.05, 0.5, 1.0, spectrum=Ohmic(5.0)), thermal(99, 0.05, 0.25, 1.0, spectrum=Ohmic(5.0))]
    start = time.process_time()
    ness = exact(chain.replace(baths=baths))
    assert time.process_time() - start < 30
    assert ness.error_bound < 1e-9
    better = exact(chain.replace(baths=baths), tolerance=1e-12)
    assert np.abs(better.state.normal - ness.state.normal).max() < ness.error_bound
    link = wn.thermodynamics.excitation_currents(ness.network, ness.state)[50, 49]
    assert link == pytest.approx(ness.bath_currents[1], rel=1e-8)  # by another route


def test_the_stated_error_holds():
    network = pair(0.1, (1.0, 1.2), rate=0.3, spectrum=Ohmic(3.0))
    reference = exact(network, tolerance=1e-14).state.normal
    for tolerance in (1e-3, 1e-6, 1e-9):
        ness = exact(network, tolerance=tolerance)
        assert np.abs(ness.state.normal - reference).max() <= ness.error_bound
        assert ness.error_bound < 10 * tolerance


def test_a_mode_bound_outside_of_the_spectrum_is_found():
    strong = Ohmic(2.0, sharp=True)
    network = wn.Network([[1.0]], [thermal(0, 1.0, 0.5, 1.0, spectrum=strong)])
    with pytest.raises(NoUniqueSteadyStateError, match="never forgets"):
        exact(network)


def test_dark_modes_are_found():
    network = wn.Network([[1.0, 0.0], [0.0, 1.0]], [thermal(0, 0.1, 0.5, 1.0)])
    with pytest.raises(NoUniqueSteadyStateError):
        exact(network)
    with pytest.raises(UnstableNetworkError):
        exact(wn.Network([[1.0]], [wn.ThermalBath(0, 0.1, 0.5)], pairing=[[2.0]]))


@pytest.mark.parametrize(
    ("network", "options", "message"),
    [
        (pair(0.1).replace(drive=[0.1, 0.0]), {}, "drive"),
        (wn.Network([[1.0]], [wn.SqueezedBath(0, 1.0, 1.0, 0.5)]), {}, "SqueezedBath"),
        (wn.Network([[1.0]], [wn.ThermalBath(0, 1.0, 1.0), wn.Dephasing(0, 0.1)]), {}, "Dephasing"),
        (pair(0.1), {"counter_rotating": True}, "vanish toward zero"),
        (pair(0.1, spectrum=Lorentzian(1.0, 0.1)), {"counter_rotating": True}, "vanish toward zero"),
        (pair(2.0), {}, "no thermal occupation"),
        (pair(0.1, spectrum=Custom(np.ones_like)), {}, "no finite shift"),
        (
            wn.Network([[1.0]], [wn.ThermalBath(0, 1.0, 1.0), wn.Probe(0, 0.1)], pairing=[[0.1]]),
            {},
            "free probe",
        ),
    ],
)
def test_what_it_refuses(network, options, message):
    with pytest.raises(InvalidNetworkError, match=message):
        exact(network, **options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tolerance": 0.0}, "positive"),
        ({"tolerance": 2.0}, "below 1"),
        ({"infrared": -1.0}, "positive"),
        ({"dressed_at": -1.0}, "non-negative"),
        ({"counter_rotating": "yes"}, "True or False"),
    ],
)
def test_options_are_checked(options, message):
    with pytest.raises(InvalidNetworkError, match=message):
        Exact(**options)


@pytest.mark.parametrize("hopping", [1e-1, 1e-3, 1e-6])
@pytest.mark.parametrize("counter_rotating", [False, True])
def test_a_mode_beyond_all_spectra_never_decays_however_weakly_it_is_linked(hopping, counter_rotating):
    """It lives on a node that no bath acts on; the commutators of the damped one hardly notice."""
    bath = thermal(0, 0.1, 1.0, 1.0, spectrum=Ohmic(2.0, sharp=True))
    network = wn.Network([[1.0, hopping], [hopping, 3.0]], [bath])
    with pytest.raises(NoUniqueSteadyStateError, match="commutator of node 1") as caught:
        exact(network, counter_rotating=counter_rotating)
    assert 1 in caught.value.nodes
    within = wn.Network([[1.0, hopping], [hopping, 1.5]], [bath])
    assert exact(within).occupations[1] == pytest.approx(1 / np.expm1(1.5), rel=0.2)


@pytest.mark.parametrize("seed", range(6))
def test_modes_that_decay_too_slowly_for_doubles_are_right_or_refused(seed):
    """Two nodes behind a link of a millionth: Gibbs' state of the two, or no answer; never one beyond the bound."""
    rng = np.random.default_rng(seed)
    frequencies, link = rng.uniform(0.5, 1.5, 3), 10.0 ** rng.uniform(-7, -5)
    h = np.diag(frequencies).astype(complex)
    h[0, 1] = h[1, 0] = link
    h[1, 2], h[2, 1] = 0.3 + 0.06j, 0.3 - 0.06j
    network = wn.Network(h, [thermal(0, 0.05, 1.0, frequencies[0], spectrum=Ohmic(10.0))])
    energies, modes = np.linalg.eigh(h[1:, 1:])
    gibbs = (modes / np.expm1(energies)) @ modes.conj().T
    try:
        found = exact(network)
    except NoUniqueSteadyStateError:  # no number, none that is wrong
        return
    assert np.abs(found.state.normal[1:, 1:] - gibbs).max() < found.error_bound + 10 * link**2


def test_options_show_where_they_are_not_the_default():
    assert repr(Exact()) == "Exact()"
    assert repr(Exact(counter_rotating=True, dressed_at=0.0)) == "Exact(counter_rotating=True, dressed_at=0.0)"


def test_bare_and_dressed_frequencies_differ_by_the_shift():
    """The same system twice: with the shift as part of the Hamiltonian, and with a Hamiltonian without it."""
    bath = thermal(0, 0.3, 0.5, 1.0, spectrum=Ohmic(3.0))
    shift = float(bath.lamb_shift(1.0))
    dressed = exact(wn.Network([[1.0]], [bath]))
    bare = exact(wn.Network([[1.0 - shift]], [bath]), dressed_at=np.inf)
    assert dressed.occupations == pytest.approx(bare.occupations, rel=1e-9)
