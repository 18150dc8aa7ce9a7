"""Eqs. (2)-(11): from the master equation to the currents in phase space."""

from __future__ import annotations

import numpy as np
from scipy import linalg

from ... import thermodynamics
from ...bath import ThermalBath
from ...network import Network
from ...state import GaussianState
from ..phase_space import conjugate_derivative, divergence, lattice
from ..records import Array, EquationRecord, deviation
from ..systems import pair

_FOCK = "density matrix of two modes with 20 levels each"
_TRANSFORM = "transform (5) of the density matrix, 20 levels a mode"
_DIFFERENCES = "finite differences of eighth order in phase space"


def equation_2() -> EquationRecord:
    """One GKLS term a bath, any number of them on a node; each keeps trace and positivity."""
    p = pair()
    crowded = p.network.replace(baths=[*p.network.baths, ThermalBath(0, 0.3, 0.5)])
    error = max(_moment_errors(crowded), _lack_of_positivity())
    return EquationRecord(
        "2",
        "rates of change of all first and second moments, three baths on two modes, with drift and diffusion; "
        "complete positivity of one bath's map",
        f"{_FOCK}; Choi matrix of exp(D t) with 6 levels",
        error,
        1e-9,
    )


def equation_3() -> EquationRecord:
    """The local master equation with one bath a mode."""
    return EquationRecord(
        "3",
        "rates of change of <a_k>, <a_j^+ a_i> and <a_i a_j> with drift and diffusion",
        _FOCK,
        _moment_errors(pair().network),
        1e-9,
    )


def equation_4() -> EquationRecord:
    """One dissipator: its fixed point and the excitations it takes out."""
    p = pair()
    number = [a.conj().T @ a for a in p.space.lowering]
    found = thermodynamics.bath_currents(p.network, p.state)
    true = [-np.trace(number[b] @ p.space.dissipator(p.network, b, p.rho)).real for b in range(2)]
    thermal = p.space.gaussian(np.diag(p.network.bath_occupations), np.zeros((2, 2)), np.zeros(2))
    rest = max(np.abs(p.space.dissipator(p.network, b, thermal)).max() for b in range(2))
    return EquationRecord(
        "4",
        "excitations into each bath with -tr[a^+a D(rho)]; D(thermal state) with zero",
        _FOCK,
        max(deviation(found, true), rest),
        1e-9,
    )


def equation_5() -> EquationRecord:
    """The Wigner function by its definition."""
    p = pair()
    points, weights = lattice(p.state)
    norm = abs(float(weights @ p.state.wigner(points)) - 1)
    error = deviation(p.state.wigner(p.points), p.space.wigner(p.rho, p.points))
    return EquationRecord(
        "5",
        "GaussianState.wigner at 40 points with the integral over the characteristic function; its integral with one",
        f"{_FOCK}; exact displacement matrix elements",
        max(error, norm),
        1e-8,
    )


def equation_6() -> EquationRecord:
    """The Fokker-Planck equation."""
    p = pair()
    found = sum(_dissipative_parts()) + _unitary_part()
    true = p.space.wigner(p.space.generator(p.network, p.rho), p.points)
    return EquationRecord("6", "divergence of all currents with dW/dt", _TRANSFORM, deviation(found, true), 1e-7)


def equation_7() -> EquationRecord:
    """Every dissipator is the divergence of its current."""
    p = pair()
    true = [p.space.wigner(p.space.dissipator(p.network, b, p.rho), p.points) for b in range(2)]
    error = deviation(_dissipative_parts(), true)
    return EquationRecord("7", "divergence of each irreversible current with D_k(W)", _TRANSFORM, error, 1e-7)


def equation_8() -> EquationRecord:
    """The irreversible currents at given points."""
    p = pair()
    w = p.state.wigner(p.points)
    true = np.empty((len(p.points), 2), dtype=np.complex128)
    for k, (rate, n) in enumerate(zip(p.network.bath_rates, p.network.bath_occupations, strict=True)):
        slope = conjugate_derivative(p.state.wigner, p.points, k)
        true[:, k] = rate / 2 * (p.points[:, k] * w + (n + 0.5) * slope)
    found = thermodynamics.irreversible_currents(p.network, p.state, p.points)
    return EquationRecord("8", "irreversible_currents at 40 points", _DIFFERENCES, deviation(found, true), 1e-9)


def equation_9() -> EquationRecord:
    """The local equilibrium, where all irreversible currents vanish."""
    p = pair()
    width = p.network.bath_occupations + 0.5
    rest = GaussianState.thermal(p.network.bath_occupations)
    product = np.prod(np.exp(-(np.abs(p.points) ** 2) / width) / (np.pi * width), axis=1)
    thermal = p.space.gaussian(np.diag(p.network.bath_occupations), np.zeros((2, 2)), np.zeros(2))
    currents = np.abs(thermodynamics.irreversible_currents(p.network, rest, p.points)).max()
    errors = (
        deviation(rest.wigner(p.points), product),
        deviation(product, p.space.wigner(thermal, p.points)),
        float(currents) / np.abs(thermodynamics.irreversible_currents(p.network, p.state, p.points)).max(),
    )
    return EquationRecord(
        "9",
        "Wigner function of the thermal product state with the printed product; the currents there with zero",
        _TRANSFORM,
        max(errors),
        1e-8,
    )


def equation_10() -> EquationRecord:
    """The unitary part is the divergence of the reversible currents."""
    p = pair()
    true = p.space.wigner(p.space.hamiltonian_part(p.network, p.rho), p.points)
    return EquationRecord(
        "10", "divergence of the reversible currents with U(W)", _TRANSFORM, deviation(_unitary_part(), true), 1e-7
    )


def equation_11() -> EquationRecord:
    """The reversible currents at given points, as Hamilton's equations."""
    p = pair()

    def energy(points: Array) -> Array:
        return np.einsum("...k,kl,...l->...", points.conj(), p.network.hamiltonian, points)  # type: ignore[no-any-return]

    slopes = np.stack([conjugate_derivative(energy, p.points, k) for k in range(2)], axis=-1)
    true = 1j * slopes * p.state.wigner(p.points)[:, None]
    found = thermodynamics.reversible_currents(p.network, p.state, p.points)
    return EquationRecord(
        "11",
        "reversible_currents at 40 points with i W times the slope of the classical energy",
        _DIFFERENCES,
        deviation(found, true),
        1e-9,
    )


def _moment_errors(network: Network) -> float:
    p = pair()
    change = p.space.generator(network, p.rho)
    drift, mean = network.drift, p.space.mean(p.rho)
    normal, anomalous = p.space.normal(p.rho), p.space.anomalous(p.rho)
    return max(
        deviation(drift @ mean, p.space.mean(change)),
        deviation(drift @ normal + normal @ drift.conj().T + network.diffusion, p.space.normal(change)),
        deviation(drift @ anomalous + anomalous @ drift.T, p.space.anomalous(change)),
    )


def _lack_of_positivity(levels: int = 6) -> float:
    """Size of the most negative eigenvalue of the Choi matrix of one bath's map, and the loss of trace."""
    lowering = np.diag(np.sqrt(np.arange(1.0, levels)), 1)
    unit = np.eye(levels)
    generator = np.zeros((levels**2, levels**2))
    for rate, jump in ((0.7 * 1.4, lowering), (0.7 * 0.4, lowering.T)):
        square = jump.T @ jump
        generator += rate * (np.kron(jump, jump) - np.kron(square, unit) / 2 - np.kron(unit, square.T) / 2)
    channel = linalg.expm(0.8 * generator).reshape(levels, levels, levels, levels)
    choi = channel.transpose(0, 2, 1, 3).reshape(levels**2, levels**2)
    loss = np.abs(np.einsum("iikl->kl", channel) - unit).max()
    return float(max(-linalg.eigvalsh(choi)[0], loss))


def _dissipative_parts() -> list[Array]:
    p = pair()
    return [
        divergence(
            lambda points, b=b: thermodynamics.irreversible_currents(p.network, p.state, points)[..., b],  # type: ignore[misc]
            p.points,
            b,
        )
        for b in range(2)
    ]


def _unitary_part() -> Array:
    p = pair()
    parts = [
        divergence(
            lambda points, k=k: thermodynamics.reversible_currents(p.network, p.state, points)[..., k],  # type: ignore[misc]
            p.points,
            k,
        )
        for k in range(2)
    ]
    return parts[0] + parts[1]
