"""How theories part from the exact steady state of the paper's chain as couplings grow, and what they make of probes."""

from __future__ import annotations

import numpy as np
import pytest

import wignerness as wn
from wignerness.theories import Exact, Global, Local

SECULAR = Global(secular_width=0.0)
# Of a flat spectrum nothing below a tenth of the frequency of the nodes.
EXACT = Exact(infrared=0.1)
TEMPERATURES = (0.25, 0.5)


def chain(length, hopping, rate, probe_rate=0.0, spectrum=None):
    """The paper's chain at the frequency 1, its real baths with temperatures."""
    network = wn.models.chain(
        length, hopping=hopping, rate=rate, occupations=(0, 0), probe_rate=probe_rate, frequency=1.0
    )
    ends = [
        wn.ThermalBath.at_temperature(node, rate, t, frequency=1.0, spectrum=spectrum)
        for node, t in zip((0, length - 1), TEMPERATURES, strict=True)
    ]
    return network.replace(baths=[*ends, *network.baths[2:]])


def bend(function, step=1e-3):
    """f'' / 2 f at the frequency 1."""
    low, at, high = (function(1 + k * step) for k in (-1, 0, 1))
    return (low - 2 * at + high) / step**2 / at / 2


def wigner(omega):
    low, high = (1 / np.expm1(omega / t) for t in TEMPERATURES)
    return (high - low) ** 2 / (high + 0.5) / (low + 0.5)


def clausius(omega):
    low, high = (1 / np.expm1(omega / t) for t in TEMPERATURES)
    return omega * (high - low)


def productions(network, theory):
    ness = wn.steady_state(network, theory=theory)
    return np.array([ness.entropy_flux.sum(), ness.clausius_production])


@pytest.mark.parametrize("length", [3, 8, 50])
@pytest.mark.parametrize("ratio", [0.3, 3.0])  # damping over hopping
def test_the_local_production_errs_by_the_square_of_the_hopping_at_any_length_and_damping(length, ratio):
    hopping = 0.01
    network = chain(length, hopping, ratio * hopping)
    off = 1 - productions(network, Local()) / productions(network, EXACT)
    assert off == pytest.approx(np.array([bend(wigner), bend(clausius)]) * hopping**2, rel=0.02)


def test_two_nodes_add_a_quarter_of_the_square_of_the_damping():
    hopping, rate = 0.001, 0.003
    off = 1 - productions(chain(2, hopping, rate), Local()) / productions(chain(2, hopping, rate), EXACT)
    variance = hopping**2 + rate**2 / 4
    assert off == pytest.approx(np.array([bend(wigner), bend(clausius)]) * variance, rel=0.02)


def test_the_local_wigner_production_falls_behind_in_a_wide_band_while_heat_hardly_does():
    network = chain(50, 0.3, 0.02)
    off = productions(network, Local()) / productions(network, EXACT) - 1
    assert off == pytest.approx([-0.329, -0.0166], rel=0.01)


@pytest.mark.parametrize("length", [3, 20])
def test_the_secular_production_errs_by_the_square_of_damping_over_hopping(length):
    network = chain(length, 0.05, 0.02)
    off = productions(network, SECULAR) / productions(network, EXACT) - 1
    assert off == pytest.approx(np.full(2, 0.02**2 / (4 * 0.05**2)), rel=0.02)


def test_occupations_part_in_the_first_power_of_the_couplings_and_currents_in_the_second():
    spectrum = wn.spectra.Ohmic(10.0)
    found = []
    for scale in (1e-3, 1e-4):
        flat, ohmic = (chain(6, scale, 2 * scale, spectrum=kind) for kind in (None, spectrum))
        local, exact = wn.steady_state(ohmic), wn.steady_state(ohmic, theory=Exact())
        currents = wn.steady_state(flat).heat_currents / wn.steady_state(flat, theory=EXACT).heat_currents - 1
        found.append((np.abs(local.occupations - exact.occupations).max(), np.abs(currents).max()))
    powers = np.log10(np.array(found[0]) / found[1])
    assert powers == pytest.approx([1.0, 2.0], abs=0.05)


def test_a_fully_secular_equation_finds_no_diffusion():
    lengths = (3, 10, 30)
    currents = {}
    for theory in (Local(), SECULAR, Global()):
        networks = [chain(length, 0.03, 0.1, probe_rate=0.01) for length in lengths]
        currents[repr(theory)] = [wn.steady_state(n, theory=theory).bath_currents[0] for n in networks]
    local, secular, partial = (np.array(values) for values in currents.values())
    assert secular == pytest.approx(np.full(3, secular[0]), rel=1e-3)
    assert local[0] / local[-1] > 2.5
    assert partial == pytest.approx(local, rel=0.02)


def test_flat_spectra_are_the_limit_of_wide_resonances_with_pairing_too():
    hamiltonian = [[1.0, 0.1 + 0.05j, 0.0], [0.1 - 0.05j, 1.2, 0.1], [0.0, 0.1, 0.9]]
    pairing = [[0.03, 0.05, 0.0], [0.05, 0.02j, 0.01], [0.0, 0.01, 0.0]]
    found = []
    for spectrum in (None, wn.spectra.Lorentzian(1.0, 3000.0)):
        baths = [
            wn.ThermalBath.at_temperature(k, 0.02, t, 1.0, spectrum=spectrum) for k, t in ((0, 1.4), (1, 0.8), (2, 2.5))
        ]
        ness = wn.steady_state(wn.Network(hamiltonian, baths, pairing=pairing), theory=EXACT)
        assert ness.state.is_physical()
        found.append(ness)
    flat, wide = found
    assert flat.state.normal == pytest.approx(wide.state.normal, abs=5e-5)
    assert flat.state.anomalous == pytest.approx(wide.state.anomalous, abs=5e-5)
    assert flat.heat_currents == pytest.approx(wide.heat_currents, rel=1e-3)
