"""Transmission and Landauer's currents: unitarity, closed forms, many digits, and chains whose currents underflow."""

from __future__ import annotations

import flint
import mpmath as mp
import numpy as np
import pytest
from scipy.integrate import quad

import wignerness as wn
from wignerness.errors import InvalidNetworkError, UndefinedQuantityError
from wignerness.scattering import landauer_currents, log_transmission, transmission
from wignerness.spectra import Custom, Lorentzian, Ohmic
from wignerness.theories import Exact

thermal = wn.ThermalBath.at_temperature
GOLDEN = (np.sqrt(5.0) - 1.0) / 2.0


def quasi_periodic(length, potential, probe_rate=0.0, rate=1.0):
    frequencies = potential * np.cos(2 * np.pi * GOLDEN * np.arange(1, length + 1))
    chain = wn.models.chain(length, hopping=1.0, rate=rate, occupations=(1, 2), disorder=frequencies)
    return (
        chain
        if not probe_rate
        else chain.replace(baths=[*chain.baths, *(wn.Probe(k, probe_rate) for k in range(length))])
    )


def triangle():
    """Three nodes with a flux, five baths, two of them on one node."""
    h = np.array([[1.0, 0.3, 0.2j], [0.3, 1.2, 0.25], [-0.2j, 0.25, 0.9]])
    baths = [
        thermal(0, 0.1, 0.5, 1.0, spectrum=Ohmic(4.0)),
        thermal(0, 0.05, 0.9, 1.0),
        thermal(1, 0.2, 0.3, 1.2, spectrum=Lorentzian(1.1, 0.4)),
        wn.ThermalBath(2, 0.15, 0.7),
        thermal(2, 0.0, 0.3, 1.0),
    ]
    return wn.Network(h, baths)


# --- transmission --------------------------------------------------------------------------------------


@pytest.mark.parametrize("position", [False, True])
def test_what_is_sent_arrives_somewhere(position):
    network = triangle()
    if position:
        baths = [thermal(k, 0.1, 0.5, 1.0, spectrum=Ohmic(4.0)) for k in (0, 1, 1, 2)]
        network = network.replace(baths=baths, pairing=np.diag([0.1, 0.05, 0.0]))
    omega = np.array([[0.3, 0.9], [1.1, 3.0]])
    found = transmission(network, omega, counter_rotating=position)
    assert found.shape == (2, 2, network.n_baths, network.n_baths)
    assert found.sum(axis=-1) == pytest.approx(np.ones((2, 2, network.n_baths)), abs=1e-13)
    assert found.sum(axis=-2) == pytest.approx(np.ones((2, 2, network.n_baths)), abs=1e-13)
    assert (found >= 0).all()
    reciprocal = np.abs(found - np.swapaxes(found, -1, -2)).max()
    assert reciprocal > 1e-3  # the flux through the triangle tells the directions apart


def test_transmission_of_a_resonant_pair_in_closed_form():
    rate, hopping = 0.4, 0.3
    pair = wn.models.chain(2, hopping=hopping, rate=rate, occupations=(1, 2))
    omega = np.linspace(-2, 2, 41)
    exact = rate**2 * hopping**2 / np.abs((omega + 0.5j * rate) ** 2 - hopping**2) ** 2
    assert transmission(pair, omega)[:, 0, 1] == pytest.approx(exact, rel=1e-13)
    assert log_transmission(pair, omega)[:, 1, 0] == pytest.approx(np.log(exact), abs=1e-13)
    assert np.exp(log_transmission(pair, omega)[:, 0, 0]) == pytest.approx(1 - exact, abs=1e-13)


def test_logarithms_of_transmissions_far_below_all_doubles():
    """Against the determinant with 500 digits; probes on the way, nodes in any order along the chain."""
    rng, size = np.random.default_rng(3), 24
    order = rng.permutation(size)
    frequencies, hops = rng.uniform(1e8, 3e8, size), rng.uniform(0.5, 1.5, size - 1)
    h = np.zeros((size, size))
    h[order, order] = frequencies
    h[order[:-1], order[1:]] = h[order[1:], order[:-1]] = hops
    sites, rates = [0, 7, size - 1], [0.7, 0.3, 1.1]
    network = wn.Network(h, [wn.ThermalBath(int(order[k]), r, 1.0) for k, r in zip(sites, rates, strict=True)])
    found = log_transmission(network, 1.5e8)
    with mp.workdps(500):
        m = mp.matrix(size, size)
        for k in range(size):
            m[k, k] = mp.mpf(1.5e8) - mp.mpf(frequencies[k])
        for k, r in zip(sites, rates, strict=True):
            m[k, k] += mp.mpc(0, mp.mpf(r) / 2)
        for k in range(size - 1):
            m[k, k + 1] = m[k + 1, k] = -mp.mpf(hops[k])
        inverse = m**-1
        for i, k in enumerate(sites):
            for j, n in enumerate(sites):
                if i != j:
                    exact = 2 * mp.log(abs(inverse[k, n])) + mp.log(mp.mpf(rates[i]) * mp.mpf(rates[j]))
                    assert found[i, j] == pytest.approx(float(exact), abs=1e-11)
    assert found[0, 2] < -800
    assert transmission(network, 1.5e8)[0, 2] == 0.0


# --- currents -------------------------------------------------------------------------------------------


def test_white_noise_numbers_of_two_sites():
    pair = wn.models.chain(2, hopping=0.5, rate=1.0, occupations=(1, 2))
    found = landauer_currents(pair)
    assert found.transmitted[0, 1] == pytest.approx(1 / 4, rel=1e-12)
    assert found.noise == pytest.approx(31 / 16 * np.array([[1, -1], [-1, 1]]), rel=1e-12)
    assert found.number == pytest.approx([1 / 4, -1 / 4], rel=1e-12)
    square = quad(lambda w: transmission(pair, w)[0, 1] ** 2 / (2 * np.pi), -np.inf, np.inf, epsrel=1e-11)[0]
    assert square == pytest.approx(3 / 16, rel=1e-9)
    assert found.error_bound < 1e-12
    assert "relative error" in repr(found)
    assert "right" in str(found)


def _line(edge):
    """Nodes and weights on the line: Gauss' rule on 600 panels, dense around one and toward the edge; tails in 1/w."""
    steps = np.geomspace(1e-3, 5.0, 150)
    edges = np.unique(
        np.concatenate([1.0 + steps, 1.0 - steps, edge * np.geomspace(1, 1e4, 200), -np.geomspace(1e-3, 9, 90)])
    )
    edges = np.unique(np.append(edges[(edges < -1e-9) | (edges >= edge)], [-10.0, 0.0, edge, 10.0]))
    x, v = np.polynomial.legendre.leggauss(12)
    half, middle = np.diff(edges)[:, None] / 2, (edges[1:] + edges[:-1])[:, None] / 2
    w, weights = (middle + half * x).ravel(), (half * v).ravel()
    u, small = 0.05 * (1 + x), 0.05 * v
    return np.concatenate([w, 1 / u, -1 / u]), np.concatenate([weights, small / u**2, small / u**2]) / (2 * np.pi)


def test_currents_and_noise_of_many_baths_against_quadrature():
    network, edge = triangle(), 1.2e-4
    found = landauer_currents(network)
    w, weights = _line(edge)
    levels = np.array(
        [
            np.where(w < edge, 0.0, b.occupation_at(np.maximum(w, edge)))
            if b.bath_temperature is not None
            else b.occupation_at(w)
            for b in network.baths
        ]
    ).T
    damping = np.array([b.damping(w) for b in network.baths]).T
    shift = np.array([b.lamb_shift(w) - (b.lamb_shift(b.frequency) if b.frequency else 0.0) for b in network.baths]).T
    modes = [b.mode for b in network.baths]
    inverse = w[:, None, None] * np.eye(3) - np.asarray(network.hamiltonian)
    for b, mode in enumerate(modes):
        inverse[:, mode, mode] -= shift[:, b] - 0.5j * damping[:, b]
    green = np.linalg.inv(inverse)[:, modes][:, :, modes]
    s = np.eye(5) - 1j * np.sqrt(damping[:, :, None] * damping[:, None, :]) * green
    surplus = levels[:, None, :] - levels[:, :, None]
    number = np.einsum("n,nba,nba->b", weights, np.abs(s) ** 2, surplus)
    assert found.number == pytest.approx(number, rel=1e-9, abs=1e-15)
    assert found.energy == pytest.approx(np.einsum("n,nba,nba->b", weights * w, np.abs(s) ** 2, surplus), rel=1e-7)
    # the textbook form, A_de(b) = delta_bd delta_be - s_bd^* s_be
    a = np.einsum("bd,be->bde", np.eye(5), np.eye(5)) - np.einsum("nbd,nbe->nbde", s.conj(), s)
    noise = np.einsum("n,nbde,nced,nd,ne->bc", weights, a, a, levels, 1 + levels, optimize=True).real
    assert found.noise == pytest.approx(noise, rel=1e-8, abs=1e-10)
    assert np.abs(found.noise.sum(axis=1)).max() < 1e-9
    assert found.number[4] == 0.0
    assert abs(found.number.sum()) < 1e-13


def test_currents_are_those_of_the_exact_steady_state():
    network = triangle()
    found, ness = landauer_currents(network), wn.steady_state(network, theory=Exact())
    assert (found.number == ness.bath_currents).all()
    assert (found.energy == ness.heat_currents).all()
    assert (found.entropy_flux == ness.entropy_flux).all()


def test_a_chain_between_two_baths_is_integrated_by_levels_and_by_columns_alike():
    """The same chain with a third bath of a rate that does nothing takes the other route."""
    h = np.diag([1.0, 1.3, 0.8, 1.1]) + 0.2 * (np.eye(4, k=1) + np.eye(4, k=-1))
    baths = [thermal(0, 0.1, 0.5, 1.0, spectrum=Ohmic(3.0)), thermal(3, 0.2, 0.3, 1.0)]
    by_levels = landauer_currents(wn.Network(h, baths))
    by_columns = landauer_currents(wn.Network(h, [*baths, wn.ThermalBath(1, 1e-30, 0.0)]))
    for name in ("number", "energy", "entropy_flux", "noise", "transmitted"):
        one, other = getattr(by_levels, name), getattr(by_columns, name)
        other = other[:2] if other.ndim == 1 else other[:2, :2]
        assert one == pytest.approx(other, rel=1e-9), name


# --- localized chains -------------------------------------------------------------------------------


def test_the_quasi_periodic_chain():
    assert landauer_currents(quasi_periodic(34, 3.0)).number[0] == pytest.approx(1.2557e-8, abs=0.51e-12)
    currents = [wn.steady_state(quasi_periodic(34, 3.0, rate)).bath_currents[0] for rate in (0.01, 1.0, 3.0, 10.0)]
    assert currents[0] == pytest.approx(2.8581e-4, abs=0.51e-8)
    assert currents[1] == pytest.approx(6.7567e-3, abs=0.51e-7)
    assert currents[2] == pytest.approx(8.34e-3, abs=0.01e-3)
    assert currents[3] == pytest.approx(5.209e-3, abs=0.51e-6)


def test_the_quasi_periodic_chain_with_probes_by_scattering():
    """Probes closed by transmissions between all pairs, down to those of opposite ends."""
    network = quasi_periodic(12, 3.0, 0.01)
    ness, local = wn.steady_state(network, theory=Exact()), wn.steady_state(network)
    assert ness.bath_currents[0] == pytest.approx(local.bath_currents[0], rel=1e-9)
    assert [b.occupation for b in ness.network.baths] == pytest.approx([b.occupation for b in local.network.baths])


def _exact_log_current(frequencies, rate, digits):
    """ln of rate^2 int |G_1L|^2 by the residues at the roots of the characteristic polynomial, in ball arithmetic."""
    precision, flint.ctx.dps = flint.ctx.dps, digits
    try:
        before, now = flint.acb_poly([0]), flint.acb_poly([1])
        for k, frequency in enumerate(frequencies):
            damping = rate / 2 * ((k == 0) + (k == len(frequencies) - 1))
            level = flint.acb(float(frequency), -damping)
            before, now = now, flint.acb_poly([-level, 1]) * now - before
        roots, total = now.roots(tol=flint.arb(10) ** (-digits // 2)), flint.acb(0)
        for j, z in enumerate(roots):
            product = flint.acb(1)
            for k, other in enumerate(roots):
                product *= z.conjugate() - other
                if k != j:
                    product *= z.conjugate() - other.conjugate()
            total += flint.acb(0, 1) / product
        current = (total.real * flint.arb(rate) ** 2).log()
        assert current.rad() < 1e-12
        return float(current)
    finally:
        flint.ctx.dps = precision


@pytest.mark.parametrize(
    ("length", "potential", "rate", "digits"),
    [(10, 3.0, 1.0, 60), (14, 20.0, 1.0, 150), (16, 300.0, 0.01, 250), (8, 1e30, 1.0, 800), (6, 1e70, 2.0, 1500)],
)
def test_currents_of_localized_chains_keep_their_digits(length, potential, rate, digits):
    network = quasi_periodic(length, potential, rate=rate)
    found = landauer_currents(network, tolerance=1e-12)
    exact = _exact_log_current(np.diag(network.hamiltonian).real, rate, digits)
    assert found.log_number[0, 1] == pytest.approx(exact, abs=1e-10)
    if exact > -700:
        assert found.number[0] == pytest.approx(np.exp(exact), rel=1e-10)
        assert found.number[1] == -found.number[0]
    else:
        assert found.number[0] == 0.0
    assert found.error_bound < 1e-9


def test_where_a_dense_solution_returns_noise():
    network = quasi_periodic(14, 20.0)
    exact = np.exp(_exact_log_current(np.diag(network.hamiltonian).real, 1.0, 150))
    dense = np.linalg.solve(  # the Lyapunov equation as it stands
        np.kron(network.drift, np.eye(14)) + np.kron(np.eye(14), network.drift.conj()), -network.diffusion.ravel()
    ).reshape(14, 14)
    noise = abs(1.0 * (dense[0, 0].real - 1.0))
    assert exact == pytest.approx(6.9e-16, rel=0.01)
    assert landauer_currents(network).number[0] == pytest.approx(exact, rel=1e-10)
    assert abs(noise / exact - 1) > 1e-2


def test_a_temperature_difference_across_a_localized_chain():
    """Each line carries the occupations at its own energy."""
    frequencies = np.array([400.0, 500.0, 300.0, 450.0, 350.0, 380.0, 520.0, 410.0])
    h = np.diag(frequencies) + np.eye(8, k=1) + np.eye(8, k=-1)
    baths = [thermal(0, 1e-3, 300.0, 400.0), thermal(7, 1e-3, 200.0, 400.0)]
    found = landauer_currents(wn.Network(h, baths))
    with mp.workdps(80):
        m = mp.matrix(8, 8)
        for k in range(8):
            m[k, k] = mp.mpf(frequencies[k])
            if k:
                m[k, k - 1] = m[k - 1, k] = mp.mpf(1)
        energies, vectors = mp.eigsy(m)
        total = mp.mpf(0)
        for j in range(8):
            first, last = (mp.mpf(1e-3) * vectors[k, j] ** 2 for k in (0, 7))
            surplus = 1 / mp.expm1(energies[j] / 300) - 1 / mp.expm1(energies[j] / 200)
            total += first * last / (first + last) * surplus
    assert found.number[1] == pytest.approx(float(total), rel=1e-5)  # widths over gaps are left out by hand
    assert found.number[1] > 0


# --- refusals ---------------------------------------------------------------------------------------------


def test_what_is_refused():
    pair = wn.models.chain(2, hopping=0.5, rate=1.0, occupations=(1, 2))
    with pytest.raises(UndefinedQuantityError, match="pairs are created"):
        transmission(pair.replace(pairing=0.1 * np.eye(2)), 0.0)
    with pytest.raises(UndefinedQuantityError, match="creates pairs"):
        _ = landauer_currents(pair.replace(pairing=0.1 * np.eye(2))).noise
    with pytest.raises(UndefinedQuantityError, match="is not known"):
        landauer_currents(wn.models.chain(2, hopping=0.5, rate=1.0, occupations=(1, 2), probe_rate=0.1))
    with pytest.raises(UndefinedQuantityError, match="has no spectrum"):
        transmission(wn.Network([[1.0]], [wn.SqueezedBath(0, 1.0, 1.0, 0.1)]), 0.0)
    with pytest.raises(UndefinedQuantityError, match="no bath damps"):
        transmission(wn.Network([[1.0]], []), 0.0)
    with pytest.raises(UndefinedQuantityError, match="for chains"):
        log_transmission(triangle(), 0.0)
    with pytest.raises(InvalidNetworkError, match="positive"):
        transmission(pair, -1.0, counter_rotating=True)
    with pytest.raises(InvalidNetworkError, match="positive"):
        landauer_currents(pair, tolerance=0.0)


def test_currents_with_pairing_are_those_of_the_local_equation_for_white_baths():
    network = wn.models.random_network(3, rng=5).replace(pairing=0.03 * np.ones((3, 3)))
    found, local = landauer_currents(network), wn.steady_state(network)
    assert found.number == pytest.approx(local.bath_currents, rel=1e-8)
    assert found.energy == pytest.approx(local.heat_currents, rel=1e-8)
    assert found.entropy_flux == pytest.approx(local.entropy_flux, rel=1e-8)


def test_a_spectrum_with_a_gap_transmits_only_where_both_baths_are():
    band = Custom(lambda w: np.sqrt(np.maximum((w - 0.8) * (1.2 - w), 0.0)), support=(0.8, 1.2))
    baths = [thermal(0, 0.02, 0.5, 1.0, spectrum=band), thermal(1, 0.02, 0.4, 1.0)]
    network = wn.Network([[1.0, 0.05], [0.05, 1.0]], baths)
    found = transmission(network, [0.7, 1.0, 1.3])[:, 0, 1]
    assert found[0] == found[2] == 0.0
    assert found[1] > 0.1
