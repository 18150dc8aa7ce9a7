"""Eqs. (27)-(33b), (D1)-(D4), (E1), (E2): the uniform chain with self-consistent probes."""

from __future__ import annotations

from functools import cache, reduce
from typing import Any

import numpy as np

from ... import exact, thermodynamics
from ...bath import Probe
from ...models import chain
from ..phase_space import conjugate_derivative, lattice
from ..records import Array, EquationRecord, deviation
from ..systems import CHAINS, chain_state, pair, short_chain, steady_normal

_LATTICE = "sum over a lattice of 105,000 points in phase space"
_LINEAR = "system of L^2 linear equations"
_CHAINS = f"{len(CHAINS)} chains of 2 to 12 nodes"


@cache
def closed_form(which: int) -> exact.ChainSolution:
    """`exact.chain` of `CHAINS[which]`."""
    return exact.chain(**CHAINS[which])  # type: ignore[arg-type]


def linear_solution(which: int) -> Array:
    """C of `CHAINS[which]`, Eq. (D3) corrected, from L^2 linear equations in its elements."""
    matrices = _Matrices(which)
    damping = matrices.real + matrices.probe_rate * np.eye(matrices.length)
    drift = -1j * matrices.hamiltonian - damping / 2
    return steady_normal(drift, matrices.source, feedback=np.full(matrices.length, matrices.probe_rate))


class _Matrices:
    """H, Gamma_r and f_r of `CHAINS[which]`, written down from Eqs. (27), (D1) and (D2)."""

    def __init__(self, which: int) -> None:
        given: Any = CHAINS[which]
        self.length: int = given["length"]
        self.rate: float = given["rate"]
        self.probe_rate: float = given["probe_rate"]
        self.occupations: tuple[float, float] = given["occupations"]
        upper = np.diag(np.full(self.length - 1, 1j * given["hopping"]), 1)
        self.hamiltonian = upper + upper.conj().T
        ends = np.zeros(self.length)
        ends[[0, -1]] = self.rate
        self.real = np.diag(ends)
        self.source = np.zeros((self.length, self.length))
        self.source[[0, -1], [0, -1]] = self.rate * np.array(self.occupations)


def equation_27() -> EquationRecord:
    """The Hamiltonian of the chain."""
    length, hopping, frequency = 4, 0.7, 1.3
    lowering, unit = np.array([[0.0, 1.0], [0.0, 0.0]]), np.eye(2)
    a = [reduce(np.kron, [lowering if i == k else unit for i in range(length)]) for k in range(length)]
    many_body = sum(frequency * a[k].T @ a[k] for k in range(length)) + 1j * hopping * sum(
        a[k].T @ a[k + 1] - a[k + 1].T @ a[k] for k in range(length - 1)
    )
    vacuum = np.eye(2**length)[0]
    single = np.array([operator.T @ vacuum for operator in a])  # one excitation on node k
    found = chain(length, hopping=hopping, rate=1.0, occupations=(1, 2), frequency=frequency).hamiltonian
    return EquationRecord(
        "27",
        "models.chain(...).hamiltonian with the matrix elements between single excitations of four nodes",
        "operators written as Kronecker products",
        deviation(found, single @ many_body @ single.T),
        1e-15,
    )


def equation_28() -> EquationRecord:
    """The master equation of the chain: its stationary state, and what its probes exchange."""
    ness, space = short_chain(), pair().space
    rho = space.gaussian(ness.state.normal, np.zeros((2, 2)), np.zeros(2))
    number = [a.conj().T @ a for a in space.lowering]
    scale = np.abs(space.dissipator(ness.network, 0, rho)).max()
    change = np.abs(space.generator(ness.network, rho)).max() / scale
    exchange = [
        np.trace(number[bath.mode] @ space.dissipator(ness.network, b, rho)).real / bath.rate
        for b, bath in enumerate(ness.network.baths)
        if isinstance(bath, Probe)
    ]
    return EquationRecord(
        "28",
        "d rho/dt of the state of steady_state with zero, and the excitations that its two probes take up with zero",
        "density matrix of two modes with 20 levels each",
        max(change, np.abs(exchange).max()),
        1e-9,
    )


def equation_29a() -> EquationRecord:
    """The occupations of the chain."""
    errors = []
    for which in range(len(CHAINS)):
        true = np.diag(linear_solution(which)).real
        errors += [
            deviation(closed_form(which).occupations, true),
            deviation(_printed_occupations(which), true),
            deviation(chain_state(which).occupations, true),
        ]
    return EquationRecord(
        "29a",
        f"the printed formula, exact.chain and steady_state, {_CHAINS}, each with the solution of Eq. (D3)",
        _LINEAR,
        max(errors),
        1e-12,
    )


def equation_29b() -> EquationRecord:
    """The coherence on the links."""
    errors = []
    for which, parameters in enumerate(CHAINS):
        links = np.diag(linear_solution(which), 1)
        errors += [
            deviation(np.full_like(links, closed_form(which).coherence), links),
            deviation(np.diag(chain_state(which).state.normal, 1), links),
        ]
        assert len(links) == parameters["length"] - 1  # type: ignore[operator]  # noqa: S101
    return EquationRecord(
        "29b",
        f"exact.chain and steady_state on every link, {_CHAINS}, each with the solution of Eq. (D3)",
        _LINEAR,
        max(errors),
        1e-12,
    )


def equation_30() -> EquationRecord:
    """The current, the same on every link."""
    errors = []
    for which in range(len(CHAINS)):
        matrices, normal = _Matrices(which), linear_solution(which)
        true = 2 * (np.diag(matrices.hamiltonian, 1) * np.diag(normal, -1)).imag
        into_bath = matrices.rate * (normal[0, 0].real - matrices.occupations[0])
        errors += [
            deviation(np.full_like(true, closed_form(which).current), true),
            deviation(np.diag(chain_state(which).currents, 1), true),
            deviation(closed_form(which).current, into_bath),
        ]
    return EquationRecord(
        "30",
        f"exact.chain and steady_state on every link, {_CHAINS}, with 2 Im(H_kl C_lk) and with gamma (N_1 - n_1)",
        _LINEAR,
        max(errors),
        1e-11,
    )


def equation_31() -> EquationRecord:
    """The total production of the chain."""
    errors = []
    for which in range(len(CHAINS)):
        real, probes = _literal_productions(which)
        true = real.sum() + probes.sum()
        solution = closed_form(which)
        errors += [
            deviation(solution.entropy_production, true),
            deviation(solution.entropy_production_real + solution.entropy_production_probes, true),
            deviation(chain_state(which).entropy_production.sum(), true),
        ]
    return EquationRecord(
        "31",
        f"exact.chain, the sum of its parts and steady_state, {_CHAINS}, with the sum of Eq. (C2) over all baths",
        f"{_LINEAR}, explicit inverse of the covariance",
        max(errors),
        1e-11,
    )


def equation_32() -> EquationRecord:
    """The production of the real baths."""
    true = _phase_space_productions()[:2]
    solution = _short_closed_form()
    real, _ = thermodynamics.production_split(short_chain().network, short_chain().state)
    errors = (deviation(solution.entropy_production_ends, true), deviation(real, true.sum()))
    return EquationRecord(
        "32",
        "exact.chain (each end) and production_split, two nodes with probes, with the integral of |J|^2/W",
        _LATTICE,
        max(errors),
        1e-9,
    )


def equation_33a() -> EquationRecord:
    """The production of the probes."""
    true = _phase_space_productions()[2:]
    solution = _short_closed_form()
    _, probes = thermodynamics.production_split(short_chain().network, short_chain().state)
    errors = (deviation(solution.entropy_production_each_probe, true), deviation(probes, true.sum()))
    return EquationRecord(
        "33a",
        "exact.chain (each probe) and production_split, two nodes with probes, with the integral of |J|^2/W",
        _LATTICE,
        max(errors),
        1e-9,
    )


def equation_33b() -> EquationRecord:
    """The quasi-probability currents of the probes."""
    ness = short_chain()
    spread = np.random.default_rng(3).normal(size=(40, 2, 2)) * 0.7
    points = spread[..., 0] + 1j * spread[..., 1]
    w = ness.state.wigner(points)
    true = np.empty((40, 2), dtype=np.complex128)
    for k in range(2):
        slope = conjugate_derivative(ness.state.wigner, points, k)
        true[:, k] = 0.5 / 2 * (points[:, k] * w + (ness.occupations[k] + 0.5) * slope)
    found = thermodynamics.irreversible_currents(ness.network, ness.state, points)[:, 2:]
    return EquationRecord(
        "33b",
        "irreversible_currents of the probes at 40 points, the occupations of the nodes put in for theirs",
        "finite differences of eighth order in phase space",
        deviation(found, true),
        1e-9,
    )


def equation_d1() -> EquationRecord:
    """The damping of the chain."""
    errors = [
        deviation(np.diag(chain_state(w).network.mode_rates), m.real + m.probe_rate * np.eye(m.length))
        for w, m in _all_matrices()
    ]
    return EquationRecord(
        "D1",
        f"Network.mode_rates, {_CHAINS}, with diag(gamma, 0, ..., gamma) + Gamma 1_L",
        "matrices written down from the equation",
        max(errors),
        1e-15,
        correction="the unit matrix has L rows, not 2L: as printed, the sum is not defined",
        printed_error=np.inf,
    )


def equation_d2() -> EquationRecord:
    """The source of the chain, the probes' part included."""
    errors = [
        deviation(
            chain_state(w).network.diffusion,
            m.source + m.probe_rate * np.diag(np.diag(linear_solution(w)).real),
        )
        for w, m in _all_matrices()
    ]
    return EquationRecord(
        "D2",
        f"Network.diffusion of the solved chain, {_CHAINS}, with f_r + Gamma C_d",
        _LINEAR,
        max(errors),
        1e-12,
    )


def equation_d3() -> EquationRecord:
    """The equation of the steady state with probes."""
    errors, printed = [], []
    for which, m in _all_matrices():
        normal = chain_state(which).state.normal
        commutator = 1j * (normal @ m.hamiltonian - m.hamiltonian @ normal)
        anticommutator = normal @ m.real + m.real @ normal
        probes = m.probe_rate * (np.diag(np.diag(normal)) - normal)
        scale = np.abs(m.source).max()
        errors.append(np.abs(commutator - anticommutator / 2 + m.source + probes).max() / scale)
        printed.append(np.abs(commutator + anticommutator + m.source + probes).max() / scale)
    return EquationRecord(
        "D3",
        f"residual of the state of steady_state, {_CHAINS}, with zero",
        "matrices written down from the equation",
        max(errors),
        1e-12,
        correction="-{C, Gamma_r}/2 in place of +{C, Gamma_r}",
        printed_error=min(printed),
    )


def equation_d4() -> EquationRecord:
    """The form of C: tridiagonal, the same real number on every link."""
    errors = []
    for which in range(len(CHAINS)):
        solution, normal = closed_form(which), chain_state(which).state.normal
        links = np.full(solution.length - 1, solution.coherence)
        form = np.diag(solution.occupations) + np.diag(links, 1) + np.diag(links, -1)
        errors.append(deviation(normal, form))
    return EquationRecord(
        "D4",
        f"C of steady_state, {_CHAINS}, with the tridiagonal form",
        "closed form (29)",
        max(errors),
        1e-12,
    )


def equation_e1() -> EquationRecord:
    """The production of the real baths from the covariance."""
    errors = []
    for which in range(len(CHAINS)):
        real, _ = _literal_productions(which)
        ness, solution = chain_state(which), closed_form(which)
        split, _ = thermodynamics.production_split(ness.network, ness.state)
        errors += [deviation(solution.entropy_production_real, real.sum()), deviation(split, real.sum())]
    return EquationRecord(
        "E1",
        f"exact.chain and production_split, {_CHAINS}, with the printed sum",
        f"{_LINEAR}, explicit inverse of the covariance",
        max(errors),
        1e-11,
    )


def equation_e2() -> EquationRecord:
    """The production of the probes from the covariance."""
    errors = []
    for which in range(len(CHAINS)):
        _, probes = _literal_productions(which)
        ness, solution = chain_state(which), closed_form(which)
        _, split = thermodynamics.production_split(ness.network, ness.state)
        errors += [deviation(solution.entropy_production_probes, probes.sum()), deviation(split, probes.sum())]
    return EquationRecord(
        "E2",
        f"exact.chain and production_split, {_CHAINS}, with the printed sum",
        f"{_LINEAR}, explicit inverse of the covariance",
        max(errors),
        1e-11,
    )


def _all_matrices() -> list[tuple[int, _Matrices]]:
    return [(which, _Matrices(which)) for which in range(len(CHAINS))]


def _printed_occupations(which: int) -> Array:
    given: Any = CHAINS[which]
    length, (first, last) = given["length"], given["occupations"]
    lam, gamma, probe = given["hopping"], given["rate"], given["probe_rate"]
    k = np.arange(1, length + 1)
    shape = probe * gamma * (length - 2 * k + 1) + gamma**2 * ((k == 1).astype(float) - (k == length))
    denominator = 4 * lam**2 + gamma**2 + gamma * probe * (length - 1)
    return (first + last) / 2 + (first - last) / 2 * shape / denominator  # type: ignore[no-any-return]


def _literal_productions(which: int) -> tuple[Array, Array]:
    """The terms of Eqs. (E1) and (E2) as printed, Theta in full."""
    matrices, normal = _Matrices(which), linear_solution(which)
    covariance = np.kron(normal, np.diag([1, 0])) + np.kron(normal.T, np.diag([0, 1])) + np.eye(2 * len(normal)) / 2
    inverse = np.diag(np.linalg.inv(covariance)).real[1::2]
    filling = np.diag(normal).real
    n, gamma = np.array(matrices.occupations), matrices.rate
    ends = [0, -1]
    real = gamma * (filling[ends] - n) / (n + 0.5) - gamma + gamma * (n + 0.5) * inverse[ends]
    return real, matrices.probe_rate * (filling + 0.5) * inverse - matrices.probe_rate


def _short_closed_form() -> exact.ChainSolution:
    return exact.chain(2, hopping=0.4, rate=0.8, occupations=(0.05, 0.25), probe_rate=0.5)


@cache
def _phase_space_productions() -> Array:
    """4/(gamma (n + 1/2)) times the integral of |J|^2/W for every bath of the short chain."""
    ness = short_chain()
    points, weights = lattice(ness.state)
    currents = thermodynamics.irreversible_currents(ness.network, ness.state, points)
    integrals = weights / ness.state.wigner(points) @ np.abs(currents) ** 2
    return 4 / (ness.network.bath_rates * (ness.network.bath_occupations + 0.5)) * integrals  # type: ignore[no-any-return]
