"""Eqs. (1) and (12)-(20): entropy, its production and its flux, as integrals over phase space."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from ... import thermodynamics
from ...state import GaussianState
from ..phase_space import conjugate_derivative, divergence, lattice
from ..records import Array, EquationRecord, deviation
from ..systems import pair, propagate

_LATTICE = "sum over a lattice of 105,000 points in phase space"


@dataclass(frozen=True, eq=False)
class Fields:
    """Fields of a state on its lattice; `weights` turns sums into integrals.

    Attributes
    ----------
    wigner, local_equilibrium : (P,) arrays
        W, and ln W_eq of Eq. (9).
    currents : (P, 2) array
        Irreversible currents, Eq. (8).
    dissipated : (2, P) array
        D_k(W) as their divergence.
    unitary : (P,) array
        U(W) as the divergence of the reversible currents.
    slopes : (2, P) array
        d ln(W/W_eq) / d alpha_k^* by finite differences.
    """

    points: Array
    weights: Array
    wigner: Array
    local_equilibrium: Array
    currents: Array
    dissipated: Array
    unitary: Array
    slopes: Array

    def integral(self, values: Array) -> float:
        """Integral of a real field over phase space."""
        return float((self.weights @ values).real)


@cache
def fields(steady: bool = False) -> Fields:
    """Fields of the two modes' displaced and squeezed state, or of their steady state."""
    network = pair().network
    state = pair_steady_state() if steady else pair().state
    width = network.bath_occupations + 0.5
    points, weights = lattice(state)

    def local(alpha: Array) -> Array:
        return -np.sum(np.abs(alpha) ** 2 / width + np.log(np.pi * width), axis=-1)  # type: ignore[no-any-return]

    def ratio(alpha: Array) -> Array:
        return np.log(state.wigner(alpha)) - local(alpha)

    def irreversible(k: int) -> Callable[[Array], Array]:
        return lambda alpha: thermodynamics.irreversible_currents(network, state, alpha)[..., k]

    def reversible(k: int) -> Callable[[Array], Array]:
        return lambda alpha: thermodynamics.reversible_currents(network, state, alpha)[..., k]

    return Fields(
        points=points,
        weights=weights,
        wigner=state.wigner(points),
        local_equilibrium=local(points),
        currents=thermodynamics.irreversible_currents(network, state, points),
        dissipated=np.array([divergence(irreversible(k), points, k) for k in range(2)]),
        unitary=divergence(reversible(0), points, 0) + divergence(reversible(1), points, 1),
        slopes=np.array([conjugate_derivative(ratio, points, k) for k in range(2)]),
    )


@cache
def pair_steady_state() -> GaussianState:
    """Steady state of the two modes, by evolving them for a long time."""
    p = pair()
    return propagate(p.network, p.state, 200.0)


def slope_in_time(function: Callable[[GaussianState], float], step: float = 0.02) -> float:
    """d/dt of a function of the two modes' state, by central differences of sixth order along the evolution."""
    p = pair()
    total = 0.0
    for order, coefficient in enumerate((3 / 4, -3 / 20, 1 / 60), start=1):
        later, earlier = (propagate(p.network, p.state, sign * order * step) for sign in (1, -1))
        total += coefficient * (function(later) - function(earlier))
    return total / step


def equation_1() -> EquationRecord:
    """The balance dS/dt = Pi - Phi in a transient."""
    p = pair()
    production = thermodynamics.entropy_production(p.network, p.state)
    flux = thermodynamics.entropy_flux(p.network, p.state)
    rate = slope_in_time(lambda state: thermodynamics.wigner_entropy(p.network, state))
    found = production.sum() - flux.sum()
    errors = (deviation(found, rate), deviation(thermodynamics.entropy_rate(p.network, p.state), rate))
    return EquationRecord(
        "1",
        "sum of productions minus sum of fluxes, and entropy_rate, with dS/dt in a transient",
        "finite differences in time along the exponential of the drift",
        max(errors),
        1e-8,
    )


def equation_12() -> EquationRecord:
    """The Wigner entropy."""
    p, f = pair(), fields()
    true = -f.integral(f.wigner * np.log(f.wigner))
    return EquationRecord(
        "12",
        "wigner_entropy of two displaced, squeezed, correlated modes with the integral of -W ln W",
        _LATTICE,
        deviation(thermodynamics.wigner_entropy(p.network, p.state), true),
        1e-9,
    )


def equation_13() -> EquationRecord:
    """dS/dt as an integral over the Fokker-Planck operator."""
    p, f = pair(), fields()
    true = -f.integral((f.unitary + f.dissipated.sum(axis=0)) * np.log(f.wigner))
    rate = slope_in_time(lambda state: thermodynamics.wigner_entropy(p.network, state))
    errors = (deviation(true, rate), deviation(thermodynamics.entropy_rate(p.network, p.state), true))
    return EquationRecord(
        "13", "integral over the Fokker-Planck operator with dS/dt and with entropy_rate", _LATTICE, max(errors), 1e-8
    )


def equation_14() -> EquationRecord:
    """Production and flux as two integrals; the unitary part leaves the entropy alone."""
    p, f = pair(), fields()
    logarithm = np.log(f.wigner)
    production = [-f.integral(d * (logarithm - f.local_equilibrium)) for d in f.dissipated]
    flux = [f.integral(d * f.local_equilibrium) for d in f.dissipated]
    scale = max(np.abs(flux))
    errors = (
        deviation(thermodynamics.entropy_production(p.network, p.state), production),
        deviation(thermodynamics.entropy_flux(p.network, p.state), flux),
        abs(f.integral(f.unitary * logarithm)) / scale,
    )
    return EquationRecord(
        "14",
        "entropy_production and entropy_flux of each bath with the two integrals; the unitary part's with zero",
        _LATTICE,
        max(errors),
        1e-8,
    )


def equation_15() -> EquationRecord:
    """The production after integration by parts."""
    p, f = pair(), fields()
    true = sum(f.integral(2 * (f.currents[:, k] * f.slopes[k].conj()).real) for k in range(2))
    found = thermodynamics.entropy_production(p.network, p.state).sum()
    return EquationRecord(
        "15",
        "sum of entropy_production with the integral of the currents along the slope of ln(W/W_eq)",
        _LATTICE + ", slopes by finite differences",
        deviation(found, true),
        1e-8,
    )


def equation_16() -> EquationRecord:
    """The currents as slopes of ln(W/W_eq)."""
    p, f = pair(), fields()
    prefactor = p.network.bath_rates / 2 * (p.network.bath_occupations + 0.5)
    true = (prefactor[:, None] * f.wigner * f.slopes).T
    return EquationRecord(
        "16",
        "irreversible_currents with W times the slope of ln(W/W_eq) at every lattice point",
        "finite differences of eighth order in phase space",
        deviation(f.currents, true),
        1e-9,
    )


def equation_17() -> EquationRecord:
    """The production of each bath."""
    p, f = pair(), fields()
    prefactor = 4 / (p.network.bath_rates * (p.network.bath_occupations + 0.5))
    true = [prefactor[k] * f.integral(np.abs(f.currents[:, k]) ** 2 / f.wigner) for k in range(2)]
    found = thermodynamics.entropy_production(p.network, p.state)
    return EquationRecord(
        "17", "entropy_production of each bath with the integral of |J|^2/W", _LATTICE, deviation(found, true), 1e-9
    )


def equation_18() -> EquationRecord:
    """The flux into each bath as an integral of its current."""
    p, f = pair(), fields()
    width = p.network.bath_occupations + 0.5
    true = [f.integral(2 * (f.currents[:, k] * f.points[:, k].conj()).real) / width[k] for k in range(2)]
    by_parts = [f.integral(f.dissipated[k] * f.local_equilibrium) for k in range(2)]
    found = thermodynamics.entropy_flux(p.network, p.state)
    return EquationRecord(
        "18",
        "entropy_flux into each bath with the integral of the current along the slope of -ln W_eq, and by parts",
        _LATTICE,
        max(deviation(found, true), deviation(found, by_parts)),
        1e-8,
    )


def equation_19() -> EquationRecord:
    """Second moments of W are symmetrized expectation values."""
    p, f = pair(), fields()
    moments = np.einsum("p,p,pk,pl->kl", f.weights, f.wigner, f.points.conj(), f.points)
    true = p.space.normal(p.rho).T + np.eye(2) / 2  # <a_k^+ a_l> at [k, l]
    return EquationRecord(
        "19",
        "integral of alpha_k^* alpha_l W with <a_k^+ a_l> + delta_kl/2 by traces",
        _LATTICE + "; density matrix of two modes with 20 levels each",
        deviation(moments, true),
        1e-9,
    )


def equation_20() -> EquationRecord:
    """The flux in closed form."""
    p = pair()
    taken = [
        -np.trace(a.conj().T @ a @ p.space.dissipator(p.network, k, p.rho)).real for k, a in enumerate(p.space.lowering)
    ]
    true = np.array(taken) / (p.network.bath_occupations + 0.5)
    found = thermodynamics.entropy_flux(p.network, p.state)
    return EquationRecord(
        "20",
        "entropy_flux with -tr[a^+a D_k(rho)]/(n_k + 1/2)",
        "density matrix of two modes with 20 levels each",
        deviation(found, true),
        1e-9,
    )
