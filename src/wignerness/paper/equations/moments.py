"""Eqs. (A1)-(A6), (B1)-(B5), (C1), (C2): covariances, their equation of motion, productions from them."""

from __future__ import annotations

import numpy as np
from scipy import special

from ... import thermodynamics
from ...state import GaussianState
from ..phase_space import derivative
from ..records import Array, EquationRecord, deviation
from ..systems import five_nodes, pair
from .entropy_balance import fields

_FOCK = "density matrix of two modes with 20 levels each"
_UP_DOWN, _DOWN_UP = np.diag([1, 0]), np.diag([0, 1])  # sigma+ sigma-, sigma- sigma+
_UP, _DOWN = np.array([[0, 1], [0, 0]]), np.array([[0, 0], [1, 0]])  # sigma+, sigma-


def equation_a1() -> EquationRecord:
    """The covariance matrix."""
    p = pair()
    operators = _ladder_operators()
    means = [np.trace(p.rho @ operator) for operator in operators]
    true = np.array(
        [
            [
                np.trace(p.rho @ (r @ s.conj().T + s.conj().T @ r)) / 2 - m * n.conjugate()
                for s, n in zip(operators, means, strict=True)
            ]
            for r, m in zip(operators, means, strict=True)
        ]
    )
    return EquationRecord(
        "A1",
        'covariance("ladder") with traces of the anticommutators',
        _FOCK,
        deviation(p.state.covariance("ladder"), true),
        1e-9,
    )


def equation_a2() -> EquationRecord:
    """Its sixteen elements for two modes."""
    p = pair()
    a, b = p.space.lowering
    mean_a, mean_b = p.space.mean(p.rho)
    x, y = a.conj().T, b.conj().T

    def centered(first: Array, second: Array) -> complex:
        expectation = np.trace(p.rho @ first @ second)
        return complex(expectation - np.trace(p.rho @ first) * np.trace(p.rho @ second))

    half = 0.5
    true = np.array(
        [
            [centered(x, a) + half, centered(a, a), centered(a, y), centered(a, b)],
            [centered(x, x), centered(x, a) + half, centered(x, y), centered(x, b)],
            [centered(x, b), centered(a, b), centered(y, b) + half, centered(b, b)],
            [centered(x, y), centered(a, y), centered(y, y), centered(y, b) + half],
        ]
    )
    displaced = abs(mean_a) + abs(mean_b)
    return EquationRecord(
        "A2",
        f'covariance("ladder") of two modes displaced by {displaced:.2f}, element by element',
        _FOCK,
        deviation(p.state.covariance("ladder"), true),
        1e-9,
    )


def equation_a3a() -> EquationRecord:
    """The normal moments."""
    p = pair()
    theta = p.state.covariance("ladder")
    errors = [deviation(theta[::2, ::2] - np.eye(2) / 2, _normal_by_traces(p.rho))]
    errors += [deviation(state.normal + 1, _normal_by_traces(rho) + 1) for state, rho in _textbook_states()]
    return EquationRecord(
        "A3a",
        "the blocks of covariance that hold C, less 1/2, and C of GaussianState.coherent and .squeezed, with "
        "<a_j^+ a_i> - <a_j^+><a_i>",
        f"{_FOCK}; textbook amplitudes of coherent and squeezed states",
        max(errors),
        1e-9,
    )


def equation_a3b() -> EquationRecord:
    """The anomalous moments."""
    p = pair()
    theta = p.state.covariance("ladder")
    errors = [deviation(theta[::2, 1::2], _anomalous_by_traces(p.rho))]
    errors += [deviation(state.anomalous + 1, _anomalous_by_traces(rho) + 1) for state, rho in _textbook_states()]
    return EquationRecord(
        "A3b",
        "the blocks of covariance that hold S, and S of GaussianState.coherent and .squeezed, with <a_i a_j> - "
        "<a_i><a_j>",
        f"{_FOCK}; textbook amplitudes of coherent and squeezed states",
        max(errors),
        1e-9,
    )


def equation_a4() -> EquationRecord:
    """The covariance put together from C and S."""
    p = pair()
    c, s = p.state.normal, p.state.anomalous
    true = _assembled(c + np.eye(2) / 2, s)
    quadratures = _quadratures_to_ladder(p.state.covariance("xpxp"))
    errors = (deviation(p.state.covariance("ladder"), true), deviation(quadratures, true))
    return EquationRecord(
        "A4",
        'covariance("ladder"), and covariance("xpxp") turned to ladder operators, with the sum of Kronecker products',
        "Kronecker products written out",
        max(errors),
        1e-14,
    )


def equation_a5() -> EquationRecord:
    """The Wigner function of a Gaussian state."""
    p = pair()
    theta = p.state.covariance("ladder")
    shift = p.points - p.state.mean
    vectors = np.stack([shift, shift.conj()], axis=-1).reshape(len(shift), 4)
    exponent = -0.5 * np.einsum("pi,ij,pj->p", vectors.conj(), np.linalg.inv(theta), vectors).real
    formula = np.exp(exponent) / (np.pi**2 * np.sqrt(np.linalg.det(theta).real))
    errors = (
        deviation(p.state.wigner(p.points), formula),
        deviation(formula, p.space.wigner(p.rho, p.points)),
    )
    return EquationRecord(
        "A5",
        "GaussianState.wigner at 40 points with the formula, and the formula with the definition (5)",
        _FOCK,
        max(errors),
        1e-8,
    )


def equation_a6() -> EquationRecord:
    """The inverse of the covariance."""
    p = pair()
    c, s = p.state.normal, p.state.anomalous
    true = np.linalg.inv(p.state.covariance("ladder"))
    shifted = c + np.eye(2) / 2
    printed = np.eye(4) / 2 + _inverse_blocks(c, s)
    return EquationRecord(
        "A6",
        "the block form of the inverse with numpy's inverse of covariance",
        "LU factorization of the whole matrix",
        deviation(_inverse_blocks(shifted, s), true),
        1e-12,
        correction="C + 1/2 in place of C, and no unit matrix added",
        printed_error=deviation(printed, true),
    )


def equation_b1() -> EquationRecord:
    """The equation of motion of the covariance."""
    p = pair()
    drift, source = _drift_and_source()
    theta = p.state.covariance("ladder")
    found = drift @ theta + theta @ drift.conj().T + source
    return EquationRecord(
        "B1",
        "W Theta + Theta W^+ + F with d Theta/dt from the change of the density matrix",
        _FOCK,
        deviation(found, _change_of_covariance()),
        1e-9,
    )


def equation_b2() -> EquationRecord:
    """The drift."""
    p = pair()
    drift, _ = _drift_and_source()
    mean = p.space.mean(p.rho)
    change = p.space.mean(p.space.generator(p.network, p.rho))
    ladder_mean = np.stack([mean, mean.conj()], axis=-1).ravel()
    true = np.stack([change, change.conj()], axis=-1).ravel()
    h, damping = p.network.hamiltonian, np.diag(np.repeat(p.network.mode_rates, 2)) / 2
    printed = 1j * np.kron(h.conj(), _DOWN_UP) - damping  # sigma+ sigma+ = 0
    errors = (deviation(drift @ ladder_mean, true), deviation(p.network.drift, drift[::2, ::2]))
    return EquationRecord(
        "B2",
        "W <R> with d<R>/dt from the change of the density matrix; Network.drift with the block of W",
        _FOCK,
        max(errors),
        1e-9,
        correction="-iH (x) sigma+ sigma- in place of -iH (x) sigma+ sigma+, which is zero",
        printed_error=deviation(printed @ ladder_mean, true),
    )


def equation_b3() -> EquationRecord:
    """The diffusion."""
    p = pair()
    drift, source = _drift_and_source()
    theta = p.state.covariance("ladder")
    true = _change_of_covariance() - drift @ theta - theta @ drift.conj().T
    errors = (
        deviation(source, true),
        deviation(p.network.diffusion, source[::2, ::2] - np.diag(p.network.mode_rates) / 2),
    )
    return EquationRecord(
        "B3",
        "f + Gamma/2 with what d Theta/dt has beyond the drift; Network.diffusion with f",
        _FOCK,
        max(errors),
        1e-9,
    )


def equation_b4a() -> EquationRecord:
    """The equation of motion of C."""
    p = pair()
    h, c, rates = p.network.hamiltonian, p.state.normal, np.diag(p.network.mode_rates)
    commutator, anticommutator = 1j * (c @ h - h @ c), c @ rates + rates @ c
    true = _change_of_covariance()[::2, ::2]
    a = p.network.drift
    errors = (
        deviation(commutator - anticommutator / 2 + p.network.diffusion, true),
        deviation(a @ c + c @ a.conj().T + p.network.diffusion, true),
    )
    return EquationRecord(
        "B4a",
        "i[C, H] - {C, Gamma}/2 + f, and A C + C A^+ + f of the network, with dC/dt from the density matrix",
        _FOCK,
        max(errors),
        1e-9,
        correction="-{C, Gamma}/2 in place of +{C, Gamma}",
        printed_error=deviation(commutator + anticommutator + p.network.diffusion, true),
    )


def equation_b4b() -> EquationRecord:
    """The equation of motion of S."""
    p = pair()
    h, s, rates = p.network.hamiltonian, p.state.anomalous, np.diag(p.network.mode_rates)
    turning, anticommutator = -1j * (s @ h.conj() + h @ s), s @ rates + rates @ s
    true = _change_of_covariance()[::2, 1::2]
    a = p.network.drift
    errors = (deviation(turning - anticommutator / 2, true), deviation(a @ s + s @ a.T, true))
    return EquationRecord(
        "B4b",
        "-i(S H^* + H S) - {S, Gamma}/2, and A S + S A^T of the network, with dS/dt from the density matrix",
        _FOCK,
        max(errors),
        1e-9,
        correction="-{S, Gamma}/2 in place of +{S, Gamma}; H^* = -H, stated below, needs zero frequencies",
        printed_error=deviation(turning + anticommutator, true),
    )


def equation_b5() -> EquationRecord:
    """The equation of the steady state."""
    ness = five_nodes()
    h, c = ness.network.hamiltonian, ness.state.normal
    rates, source = np.diag(ness.network.mode_rates), ness.network.diffusion
    commutator, anticommutator = 1j * (c @ h - h @ c), c @ rates + rates @ c
    scale = np.abs(source).max()
    return EquationRecord(
        "B5",
        "residual of the state of steady_state, five nodes, with zero; its S with zero",
        "matrices written down from the equation",
        max(np.abs(commutator - anticommutator / 2 + source).max() / scale, np.abs(ness.state.anomalous).max()),
        1e-12,
        correction="-{C, Gamma}/2 in place of +{C, Gamma}",
        printed_error=np.abs(commutator + anticommutator + source).max() / scale,
    )


def equation_c1() -> EquationRecord:
    """The production from the slope of ln W."""
    p, f = pair(), fields()
    true = []
    for k, (rate, n) in enumerate(zip(p.network.bath_rates, p.network.bath_occupations, strict=True)):
        slope = derivative(lambda points: np.log(p.state.wigner(points)), f.points, k)
        spread = f.integral(f.wigner * np.abs(slope) ** 2)
        filling = p.space.normal(p.rho)[k, k].real
        true.append(rate * ((filling - n) / (n + 0.5) - 1 + (n + 0.5) * spread))
    found = thermodynamics.entropy_production(p.network, p.state)
    return EquationRecord(
        "C1",
        "entropy_production of each bath with the flux and the integral of W |d ln W|^2",
        "sum over a lattice of 105,000 points in phase space, slopes by finite differences",
        deviation(found, true),
        1e-9,
    )


def equation_c2() -> EquationRecord:
    """The production from the inverse of the covariance."""
    errors = []
    for network, state in ((pair().network, pair().state), (five_nodes().network, five_nodes().state)):
        inverse = np.diag(np.linalg.inv(state.covariance("ladder"))).real[1::2]
        n, rate = network.bath_occupations, network.bath_rates
        true = rate * ((state.occupations - n) / (n + 0.5) - 1 + (n + 0.5) * inverse)
        errors.append(deviation(thermodynamics.entropy_production(network, state), true))
    return EquationRecord(
        "C2",
        "entropy_production of each bath with the printed formula, a displaced squeezed pair and five nodes",
        "LU factorization of the whole covariance",
        max(errors),
        1e-12,
    )


def _ladder_operators() -> list[Array]:
    return [operator for a in pair().space.lowering for operator in (a, a.conj().T)]


def _normal_by_traces(rho: Array) -> Array:
    space = pair().space
    mean = space.mean(rho)
    return space.normal(rho) - np.outer(mean, mean.conj())  # type: ignore[no-any-return]


def _anomalous_by_traces(rho: Array) -> Array:
    space = pair().space
    mean = space.mean(rho)
    return space.anomalous(rho) - np.outer(mean, mean)  # type: ignore[no-any-return]


def _textbook_states() -> list[tuple[GaussianState, Array]]:
    """Coherent and squeezed states of two modes, with their density matrices from the amplitudes of Fock states."""
    levels = pair().space.levels
    alpha, r, angle = np.array([0.4 - 0.3j, 0.2j]), np.array([0.3, 0.2]), np.array([0.7, -1.1])
    n, half = np.arange(levels), np.arange(levels // 2)
    coherent = [np.exp(-(abs(a) ** 2) / 2) * a**n / np.sqrt(special.factorial(n)) for a in alpha]
    squeezed = [np.zeros(levels, dtype=np.complex128) for _ in r]
    for vector, size, phase in zip(squeezed, r, angle, strict=True):
        weight = np.sqrt(special.factorial(2 * half)) / (2.0**half * special.factorial(half))
        vector[::2] = weight * (-np.exp(1j * phase) * np.tanh(size)) ** half / np.sqrt(np.cosh(size))
    pure = [np.kron(*vectors) for vectors in (coherent, squeezed)]
    states = (GaussianState.coherent(alpha), GaussianState.squeezed(r, angle))
    return [(state, np.outer(vector, vector.conj())) for state, vector in zip(states, pure, strict=True)]


def _assembled(upper: Array, cross: Array) -> Array:
    parts = (
        np.kron(upper, _UP_DOWN),
        np.kron(upper.T, _DOWN_UP),
        np.kron(cross, _UP),
        np.kron(cross.conj(), _DOWN),
    )
    return sum(parts[1:], start=parts[0])


def _inverse_blocks(m: Array, s: Array) -> Array:
    """Eq. (A6) without the unit matrix, M in the place of C."""
    inverse = np.linalg.inv(m)
    b = np.linalg.inv(m - s @ inverse.T @ s.conj())
    p = -inverse @ s @ b.T
    return _assembled(b, p)


def _quadratures_to_ladder(covariance: Array) -> Array:
    turn = np.kron(np.eye(len(covariance) // 2), np.array([[1, 1j], [1, -1j]]) / np.sqrt(2))
    return turn @ covariance @ turn.conj().T


def _drift_and_source() -> tuple[Array, Array]:
    """W of Eq. (B2), corrected, and F of Eq. (B3), from H, rates and occupations."""
    network = pair().network
    h, damping = network.hamiltonian, np.diag(np.repeat(network.mode_rates, 2))
    drift = -1j * np.kron(h, _UP_DOWN) + 1j * np.kron(h.conj(), _DOWN_UP) - damping / 2
    f = np.diag(np.repeat(network.bath_rates * network.bath_occupations, 2))
    return drift, f + damping / 2


def _change_of_covariance() -> Array:
    """Change d Theta/dt from the master equation: traces with d rho/dt, the change of the means taken off."""
    p = pair()
    change = p.space.generator(p.network, p.rho)
    mean, slope = p.space.mean(p.rho), p.space.mean(change)
    normal = p.space.normal(change) - np.outer(slope, mean.conj()) - np.outer(mean, slope.conj())
    anomalous = p.space.anomalous(change) - np.outer(slope, mean) - np.outer(mean, slope)
    return _assembled(normal, anomalous)
