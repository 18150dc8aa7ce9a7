"""Eqs. (21)-(26): relative entropy, and what the unitary dynamics sustains in the steady state."""

from __future__ import annotations

from itertools import product

import numpy as np

from ... import thermodynamics
from ...dynamics import steady_state
from ...network import Network
from ..records import Array, EquationRecord, deviation
from ..systems import five_nodes, five_nodes_with_probes, pair, steady_normal
from .entropy_balance import fields, slope_in_time

_LATTICE = "sum over a lattice of 105,000 points in phase space"
_LINEAR = "moments from a system of L^2 linear equations, sums written out"


def equation_21() -> EquationRecord:
    """The relative entropy to the local equilibrium."""
    p, f = pair(), fields()
    true = f.integral(f.wigner * (np.log(f.wigner) - f.local_equilibrium))
    found = thermodynamics.relative_entropy(p.network, p.state)
    return EquationRecord(
        "21", "relative_entropy with the integral of W ln(W/W_eq)", _LATTICE, deviation(found, true), 1e-9
    )


def equation_22() -> EquationRecord:
    """Its rate of change."""
    p, f = pair(), fields()
    rate = slope_in_time(lambda state: thermodynamics.relative_entropy(p.network, state))
    integral = -f.integral(f.unitary * f.local_equilibrium)
    production = sum(-f.integral(d * (np.log(f.wigner) - f.local_equilibrium)) for d in f.dissipated)
    found = thermodynamics.relative_entropy_rate(p.network, p.state)
    return EquationRecord(
        "22",
        "relative_entropy_rate, and the two integrals, with d/dt of relative_entropy in a transient",
        _LATTICE + "; finite differences in time",
        max(deviation(found, rate), deviation(integral - production, rate)),
        1e-8,
    )


def equation_23() -> EquationRecord:
    """The steady-state production is the unitary term."""
    p, f = pair(), fields(steady=True)
    true = -f.integral(f.unitary * f.local_equilibrium)
    ness = steady_state(p.network)
    unitary = thermodynamics.unitary_production(ness.network, ness.state)
    return EquationRecord(
        "23",
        "entropy_production in the steady state, and unitary_production, with the integral of -U(W) ln W_eq",
        _LATTICE + ", state by long evolution",
        max(deviation(ness.entropy_production.sum(), true), deviation(unitary, true)),
        1e-8,
    )


def equation_24() -> EquationRecord:
    """The same in terms of the moments."""
    ness = five_nodes()
    h, moments = ness.network.hamiltonian, _moments(ness.network)
    weights = 1 / (ness.network.bath_occupations + 0.5)
    true = sum(2 * weights[k] * (h[k, j] * moments[j, k]).imag for k, j in product(range(5), repeat=2))
    found = (ness.entropy_production.sum(), thermodynamics.unitary_production(ness.network, ness.state))
    return EquationRecord(
        "24",
        "entropy_production and unitary_production of five nodes with the double sum over the links",
        _LINEAR,
        max(deviation(value, true) for value in found),
        1e-11,
    )


def equation_25a() -> EquationRecord:
    """The currents make up the unitary change of the occupations."""
    p = pair()
    change = p.space.normal(p.space.hamiltonian_part(p.network, p.rho))
    found = thermodynamics.excitation_currents(p.network, p.state).sum(axis=1)
    return EquationRecord(
        "25a",
        "currents into each node with tr[a_k^+ a_k (-i)[H, rho]]",
        "density matrix of two modes with 20 levels each",
        deviation(found, np.diag(change).real),
        1e-9,
    )


def equation_25b() -> EquationRecord:
    """Each current; as printed it would vanish where the hopping is imaginary."""
    p = pair()
    h, moments = p.network.hamiltonian, p.space.normal(p.rho).T  # <a_k^+ a_l> at [k, l]
    true = np.diag(p.space.normal(p.space.hamiltonian_part(p.network, p.rho))).real[0]
    printed = -1j * h[0, 1] * (moments[0, 1] - moments[1, 0])
    ness = five_nodes()
    balance = ness.currents.sum(axis=1) - ness.bath_currents
    scale = np.abs(ness.currents).max()
    errors = (
        deviation(thermodynamics.excitation_currents(p.network, p.state)[0, 1], true),
        np.abs(ness.currents + ness.currents.T).max() / scale,
        np.abs(balance).max() / scale,
    )
    return EquationRecord(
        "25b",
        "current through the only link with the change of the first occupation; antisymmetry, and balance with the "
        "baths, on five nodes",
        "density matrix of two modes with 20 levels each",
        max(errors),
        1e-9,
        correction="j_kl = 2 Im(H_kl <a_k^+ a_l>), a current of excitations; the printed form is right for real H_kl only",
        printed_error=deviation(printed, true),
    )


def equation_26() -> EquationRecord:
    """The Onsager form, and what it becomes with probes."""
    plain, probed = five_nodes(), five_nodes_with_probes()
    moments = _moments(plain.network)
    currents = 2 * (plain.network.hamiltonian * moments.T).imag
    inverse = 1 / (plain.network.bath_occupations + 0.5)
    true = 0.5 * np.sum(currents * (inverse[:, None] - inverse[None, :]))
    errors = [
        deviation(plain.entropy_production.sum(), true),
        deviation(thermodynamics.onsager_production(plain.network, plain.state), true),
        deviation(0.5 * np.sum(plain.currents * thermodynamics.affinities(plain.network)), true),
    ]
    general = thermodynamics.onsager_production(probed.network, probed.state)
    errors.append(deviation(general, _literal_productions(probed.network, probed.state.normal).sum()))
    return EquationRecord(
        "26",
        "onsager_production, entropy_production, and currents times affinities; with probes, the sum over real nodes",
        f"{_LINEAR}; with probes, Eq. (C2) with an explicit inverse",
        max(errors),
        1e-10,
    )


def _moments(network: Network) -> Array:
    return steady_normal(network.drift, network.diffusion)


def _literal_productions(network: Network, normal: Array) -> Array:
    """Eq. (C2) as printed, in double precision."""
    inverse = np.diag(np.linalg.inv(normal + np.eye(network.n_modes) / 2)).real[network.bath_modes]
    filling = np.diag(normal).real[network.bath_modes]
    rate, n = network.bath_rates, network.bath_occupations
    return rate * ((filling - n) / (n + 0.5) - 1 + (n + 0.5) * inverse)  # type: ignore[no-any-return]
