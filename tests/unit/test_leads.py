"""Mesoscopic leads: networks that converge to the exact theory, and that everything else of the library takes."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy import linalg
from scipy.integrate import quad

import wignerness as wn
from wignerness.errors import InvalidNetworkError
from wignerness.scattering.environment import Environment
from wignerness.spectra import Custom, Flat, Lorentzian, Ohmic
from wignerness.theories import Exact, MesoscopicLeads
from wignerness.theories.lead_modes import lead_modes

thermal = wn.ThermalBath.at_temperature


def pair(spectrum=None, rate=0.2, temperatures=(0.5, 0.25)):
    baths = [thermal(k, rate, t, 1.0, spectrum=spectrum or Ohmic(5.0)) for k, t in enumerate(temperatures)]
    return wn.Network([[1.0, 0.1], [0.1, 1.1]], baths)


def self_energy(leads, z):
    """That of the leads together at a complex frequency, by the continued fraction of each."""
    distance = z - leads.energies
    chain = distance + 0.5j * leads.damping * leads.widths
    for link in reversed(leads.links):
        chain = distance - (link * leads.widths) ** 2 / chain
    return complex(np.sum(leads.couplings**2 / chain))


@pytest.mark.parametrize(("per_lead", "order"), [(1, 1), (2, 2), (3, 2)])
def test_leads_add_up_to_the_spectrum(per_lead, order):
    """As far from the real line as a node of the width 0.2 looks: the ripple between leads is gone exponentially."""
    spectrum = Custom(lambda w: w * (1 - (w / 4) ** 2) ** 3, support=(0.0, 4.0))
    network = wn.Network([[1.0]], [thermal(0, 0.2, 0.5, 1.0, spectrum=spectrum)])
    bath, environment = network.baths[0], Environment(network)
    z, counts = 1.0 + 0.1j, np.array([80, 160, 320, 640])
    exact = sum(
        quad(lambda w: float(bath.damping(w)) / (2 * np.pi * (z - w)), a, b, epsrel=1e-11, complex_func=True)[0]
        for a, b in pairwise([0.0, 0.9, 1.0, 1.1, 2.0, 4.0])
    )
    errors = [
        abs(self_energy(lead_modes(environment, 0, np.array([1.0]), int(n), per_lead), z) / exact - 1) for n in counts
    ]
    slope = np.polyfit(np.log(counts), np.log(errors), 1)[0]
    assert slope == pytest.approx(-order, abs=0.05)


@pytest.mark.parametrize("per_lead", [1, 2, 3])
def test_a_lead_is_a_resonance_with_all_poles_in_one_place(per_lead):
    network = wn.Network([[1.0]], [thermal(0, 0.2, 0.5, 1.0, spectrum=Ohmic(1.5))])
    leads = lead_modes(Environment(network), 0, np.array([1.0]), 20, per_lead)
    one, a = 7, leads.widths[7]
    block = np.diag(np.full(per_lead, leads.energies[one]).astype(complex))
    for k, link in enumerate(leads.links):
        block[k, k + 1] = block[k + 1, k] = link * a
    block[-1, -1] -= 0.5j * leads.damping * a
    poles = np.linalg.eigvals(block)
    assert poles.mean() == pytest.approx(leads.energies[one] - 1j * a, abs=1e-13)
    assert np.abs(poles - poles.mean()).max() < 1e-4 * a  # a pole of third order, known to the cube root of eps


@pytest.mark.parametrize("spectrum", [Ohmic(5.0), Ohmic(4.0, exponent=0.5), Lorentzian(1.2, 0.6), Flat()], ids=repr)
def test_they_converge_to_the_exact_theory(spectrum):
    network = pair(spectrum)
    exact = wn.steady_state(network, theory=Exact())
    errors, differences = [], []
    for count in (20, 60):
        ness = wn.steady_state(network, theory=MesoscopicLeads(count))
        errors.append(np.abs(ness.state.normal - exact.state.normal).max() / exact.occupations.max())
        differences.append(ness.difference / exact.occupations.max())
    assert errors[1] < (0.15 if isinstance(spectrum, Flat) else 0.04)  # where n rises as 1/w down to zero
    assert errors[1] < 0.6 * errors[0]
    assert errors[1] < 2 * differences[1]
    assert ness.bath_currents == pytest.approx(exact.bath_currents, rel=0.1)
    assert f"{ness.difference:.2g}" in ness.notes[0]


def test_what_half_as_many_leads_give_is_an_estimate_and_no_bound():
    """Here the error is 1.8 times the change from half as many: nothing is stated to be at most that."""
    baths = [thermal(k, 0.2, temperature, 1.0, spectrum=Ohmic(5.0)) for k, temperature in enumerate((0.5, 0.25))]
    network = wn.Network([[1.0, 0.1], [0.1, 1.1]], baths)
    exact = wn.steady_state(network, theory=Exact())
    ness = wn.steady_state(network, theory=MesoscopicLeads(20, modes_per_lead=1))
    assert np.abs(ness.state.normal - exact.state.normal).max() > 1.5 * ness.difference
    assert ness.error_bound is None
    assert "not estimated" in str(ness)
    assert "an estimate of its error and no bound" in ness.notes[0]


def test_an_audit_measures_leads_by_what_they_miss():
    baths = [thermal(0, 0.02, 1.0, 1.0), thermal(1, 0.02, 0.6, 0.4)]
    network = wn.Network([[1.0, 0.01], [0.01, 0.4]], baths)
    few = MesoscopicLeads(40)
    found = wn.audit(network, used=few)
    (errors,) = [e for e in found.errors if e.theory == few]
    exact, leads = (wn.steady_state(network, theory=theory) for theory in (found.reference, few))
    missed = np.abs(leads.heat_currents - exact.heat_currents).max() / np.abs(exact.heat_currents).max()
    assert errors.heat_currents == pytest.approx(missed, rel=1e-6)
    assert missed > 0.05
    assert found.of_used.trust is False
    assert found.recommended != few


def test_leads_that_have_not_converged_measure_nothing():
    network = pair(Flat())
    found = wn.audit(network, reference=MesoscopicLeads(10))
    assert found.is_undecided
    assert "known to" in found.verdict


def test_chains_of_modes_converge_in_second_order_and_single_ones_in_less():
    network = wn.Network([[1.0]], [thermal(0, 0.2, 2.5, 1.0, spectrum=Ohmic(20.0))])
    exact = wn.steady_state(network, theory=Exact()).occupations[0]
    slopes = []
    for per_lead in (1, 2, 3):
        counts = np.array([30, 60, 120])
        found = [wn.steady_state(network, theory=MesoscopicLeads(int(n), modes_per_lead=per_lead)) for n in counts]
        errors = [abs(ness.occupations[0] / exact - 1) for ness in found]
        slopes.append(np.polyfit(np.log(counts), np.log(errors), 1)[0])
    assert -1.1 < slopes[0] < -0.4
    assert -2.9 < slopes[1] < -1.8
    assert slopes[2] < -2.0
    assert errors[-1] < 2e-3


def test_with_counter_rotating_terms():
    network = pair()
    exact = wn.steady_state(network, theory=Exact(counter_rotating=True))
    ness = wn.steady_state(network, theory=MesoscopicLeads(40, counter_rotating=True))
    assert np.abs(ness.state.normal - exact.state.normal).max() < 0.007
    assert np.abs(ness.state.anomalous - exact.state.anomalous).max() < 0.002
    assert ness.heat_currents == pytest.approx(exact.heat_currents, rel=0.05)


def test_bare_frequencies_are_shifted_as_in_the_exact_theory():
    network = pair()
    for at in (None, 0.0, np.inf):
        exact = wn.steady_state(network, theory=Exact(dressed_at=at))
        ness = wn.steady_state(network, theory=MesoscopicLeads(40, dressed_at=at))
        assert ness.occupations == pytest.approx(exact.occupations, rel=0.03)


def test_laws_of_the_enlarged_network():
    ness = wn.steady_state(pair(), theory=MesoscopicLeads(20))
    assert abs(ness.heat_currents.sum()) < 1e-14
    assert abs(ness.bath_currents.sum()) < 1e-14
    assert (ness.entropy_production > 0).all()
    assert ness.entropy_production.sum() == pytest.approx(ness.entropy_flux.sum(), rel=1e-10)
    assert ness.clausius_production > 0
    assert ness.state.is_physical()
    assert ness.enlarged.n_modes == 2 + 2 * 20 * 2
    assert sum(map(len, ness.lead_baths)) == ness.enlarged.n_baths
    assert "leads" in str(ness)
    enlarged = wn.steady_state(MesoscopicLeads(20).network_of(pair()))
    assert enlarged.state.normal[:2, :2] == pytest.approx(ness.state.normal)


def test_baths_without_a_memory_and_probes_stay_as_they_are():
    baths = [
        thermal(0, 0.2, 0.5, 1.0, spectrum=Ohmic(5.0)),
        wn.ThermalBath(1, 0.3, 0.2),
        wn.Probe(1, 0.1),
        wn.Probe(0, 0.2),
    ]
    network = wn.Network([[1.0, 0.1], [0.1, 1.1]], baths)
    leads = MesoscopicLeads(30)
    assert leads.network_of(network).baths[-3:] == tuple(baths[1:])
    ness, exact = wn.steady_state(network, theory=leads), wn.steady_state(network, theory=Exact())
    assert ness.occupations == pytest.approx(exact.occupations, rel=0.03)
    assert not ness.network.free_probes
    assert np.abs(ness.bath_currents[2:]).max() < 1e-13
    levels = [bath.occupation for bath in exact.network.baths[2:]]
    assert [bath.occupation for bath in ness.network.baths[2:]] == pytest.approx(levels, rel=0.02)
    white = network.replace(baths=baths[1:2])
    assert leads.network_of(white.replace(hamiltonian=np.diag([1.0, 2.0]) + 0.1)).n_modes == 2


def test_transients_beyond_weak_coupling():
    """Against the unitary evolution of the node with 100 modes of its bath, far from exponential decay."""
    spectrum = Custom(lambda w: w * (1 - (w / 4) ** 2) ** 3, support=(0.0, 4.0))
    bath = thermal(0, 0.8, 1.0, 1.0, spectrum=spectrum)
    network = wn.Network([[1.0]], [bath])
    enlarged = MesoscopicLeads(80).network_of(network)
    levels = np.repeat([b.occupation for b in enlarged.baths], 2)
    start = wn.GaussianState.thermal(np.append(0.0, levels))
    times = [0.5, 1.0, 2.0, 4.0, 8.0]
    run = wn.evolve(enlarged, start, times)
    nodes, weights = np.polynomial.legendre.leggauss(100)
    frequencies = 2.0 * (1 + nodes)
    h = np.diag(np.append(1.0 - float(bath.lamb_shift(1.0)), frequencies))
    h[0, 1:] = h[1:, 0] = np.sqrt(bath.damping(frequencies) * 2.0 * weights / (2 * np.pi))
    filling = np.append(0.0, bath.occupation_at(frequencies))
    exact = [np.sum(np.abs(linalg.expm(-1j * h * t)[0]) ** 2 * filling) for t in times]
    local = wn.evolve(network, wn.GaussianState.vacuum(1), times).occupations[:, 0]
    assert run.occupations[:, 0] == pytest.approx(exact, rel=0.01)
    assert np.abs(local / exact - 1).max() > 0.1


def test_what_is_refused():
    with pytest.raises(InvalidNetworkError, match="at least 4"):
        MesoscopicLeads(2)
    with pytest.raises(InvalidNetworkError, match="1, 2 or 3"):
        MesoscopicLeads(20, modes_per_lead=4)
    with pytest.raises(InvalidNetworkError, match="Leads do not represent"):
        MesoscopicLeads(20).network_of(pair().replace(drive=[1.0, 0.0]))
    with pytest.raises(InvalidNetworkError, match="vanish toward zero"):
        wn.steady_state(pair(Flat()), theory=MesoscopicLeads(20, counter_rotating=True))
    assert repr(MesoscopicLeads(20, modes_per_lead=3)) == "MesoscopicLeads(20, modes_per_lead=3)"
