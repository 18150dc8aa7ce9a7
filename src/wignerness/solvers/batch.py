"""Many small networks at once: their moment equations as one stack of real linear systems."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .._typing import BoolArray, IntArray, RealArray
from ..bath import Probe, ThermalBath
from ..linalg.compensated import Pair
from ..network import Network
from ..state import GaussianState
from .base import Solution
from .dense import Dense
from .equation import real_diagonal

_EPS = float(np.finfo(np.float64).eps)
# A bound on the error that is a larger part of the largest occupation sends a network to `Dense`.
_ACCEPTED = 1e-12
# For what the inverse itself is off by: less than a tenth wherever a bound is accepted.
_SAFETY = 1.25


@dataclass(frozen=True)
class Batch:
    """Small networks in stacks, by elimination in double precision; for sweeps over thousands of points.

    Much less work a network than `Dense`, which refines every answer far beyond double precision. The error bound comes
    with the inverse of the equation, which is computed whole. Where it exceeds 1e-12 of the largest occupation, where
    the network has more than ``largest`` modes, and where baths are other than thermal ones and probes, `Dense` does
    the work. What a network comes to does not depend on those it is stacked with, to the last bit.

    Parameters
    ----------
    largest : int
        Modes of the largest network that is solved here; the cost of one grows as its sixth power.

    Examples
    --------
    >>> import wignerness as wn
    >>> chains = [wn.models.chain(3, hopping=g, rate=0.1, occupations=(1, 2), probe_rate=0.01) for g in (0.1, 0.2)]
    >>> exact = [wn.steady_state(chain).occupations for chain in chains]
    >>> many = wn.solvers.Batch().solve_many(chains)
    >>> bool(max(abs(a.state.occupations - e).max() for a, e in zip(many, exact)) < 1e-14)
    True
    """

    largest: int = 12

    def refusal(self, network: Network) -> str | None:  # noqa: ARG002 - the interface of every solver
        """None: any network is taken, if need be by `Dense`."""
        return None

    def solve(self, network: Network) -> Solution:
        """See :class:`wignerness.solvers.Solver`."""
        return _or_raise(self.solve_many([network])[0], network)

    def solve_many(self, networks: Sequence[Network]) -> list[Solution | None]:
        """Solve stacks of equal size; None where `Dense` has to decide.

        Parameters
        ----------
        networks : sequence of Network

        Returns
        -------
        list of Solution or None
            In the same order.
        """
        found: list[Solution | None] = [None] * len(networks)
        stacks: dict[int, list[int]] = {}
        for position, network in enumerate(networks):
            if self._takes(network):
                stacks.setdefault(network.n_modes, []).append(position)
        for positions in stacks.values():
            solved = _solve([networks[position] for position in positions])
            for position, solution in zip(positions, solved, strict=True):
                found[position] = solution
        return found

    def _takes(self, network: Network) -> bool:
        plain = all(isinstance(bath, (ThermalBath, Probe)) for bath in network.baths)
        return network.n_modes <= self.largest and plain and network.is_passive and not network.drive.any()


@dataclass(frozen=True)
class Solved:
    """A solver whose answer for one network is known already.

    Parameters
    ----------
    solver : Batch
        Under whose name it goes.
    solution : Solution or None
        None where `Dense` has to decide.
    """

    solver: Batch
    solution: Solution | None

    def __repr__(self) -> str:
        return repr(self.solver)

    def refusal(self, network: Network) -> str | None:  # noqa: ARG002 - the interface of every solver
        """None."""
        return None

    def solve(self, network: Network) -> Solution:
        """Return it."""
        return _or_raise(self.solution, network)


def _or_raise(solution: Solution | None, network: Network) -> Solution:
    return Dense().solve(network) if solution is None else solution


def _solve(networks: Sequence[Network]) -> list[Solution | None]:
    """Solve networks of one size: the equation for Z = Re(C - n0) + Im(C - n0), which is any real matrix."""
    size = networks[0].n_modes
    parts = [_parts(network) for network in networks]
    hamiltonian, (damping, feedback, source), reference = (
        np.array([part[0] for part in parts]),
        np.moveaxis(np.array([part[1] for part in parts]), 1, 0),
        np.array([part[2] for part in parts]),
    )
    equation = _equation(hamiltonian, damping, feedback)
    right = np.zeros((len(networks), size * size, 1))
    right[:, :: size + 1, 0] = -source
    inverse, regular = _inverses(equation)
    z = inverse @ right
    z = z + inverse @ (right - equation @ z)
    left = np.abs(right - equation @ z)
    terms = np.abs(equation) @ np.abs(z) + np.abs(right)
    size_of_inverse = np.abs(inverse)
    response = size_of_inverse.sum(axis=2).max(axis=1)
    # A row has at most 4 L elements: so many roundings in its own sum, in its coefficients, and in what is left.
    uncertain = left + (4 * size + 4) * _EPS * terms
    bound = _SAFETY * (size_of_inverse @ uncertain).max(axis=(1, 2))
    residual = np.sqrt((left**2).sum(axis=(1, 2))) / np.maximum(np.sqrt((terms**2).sum(axis=(1, 2))), 1e-300)
    solutions: list[Solution | None] = []
    for k, matrix in enumerate(z.reshape(-1, size, size)):
        certain = regular[k] and np.isfinite(bound[k])
        answer = _solution(matrix, reference[k], residual[k], bound[k], response[k]) if certain else None
        solutions.append(answer)
    return solutions


def _parts(network: Network) -> tuple[np.ndarray, RealArray, float]:
    """Hamiltonian without the common frequency; damping, feedback and source of every node; reference occupation."""
    dense = network.hamiltonian.toarray() if network.is_sparse else network.hamiltonian.copy()
    diagonal = dense.diagonal().real
    np.fill_diagonal(dense, diagonal - (diagonal.max() / 2 + diagonal.min() / 2))
    fixed = [bath for bath in network.baths if bath.occupation is not None]  # type: ignore[union-attr]
    reference = max(((bath.rate, bath.occupation) for bath in fixed), default=(0.0, 0.0))[1]  # type: ignore[union-attr]
    rows = np.zeros((3, network.n_modes))
    for bath in network.baths:
        node, rate, occupation = bath.mode, bath.rate, bath.occupation  # type: ignore[union-attr]
        rows[0, node] += rate
        if occupation is None:
            rows[1, node] += rate
        else:
            rows[2, node] += rate * (occupation - reference)  # type: ignore[operator]
    return dense, rows, float(reference)  # type: ignore[arg-type]


def _equation(hamiltonian: np.ndarray, damping: RealArray, feedback: RealArray) -> RealArray:
    """The matrix of dZ/dt = [Q, Z] - [P, Z^T] - {G/2, Z} + diag(w_k Z_kk) for H = P + i Q, shape (B, L^2, L^2)."""
    count, size = damping.shape
    p, q = hamiltonian.real, hamiltonian.imag
    each: IntArray = np.arange(size)
    full = np.zeros((count, size, size, size, size))
    full[:, :, each, :, each] += q
    full[:, each, :, each, :] -= q.transpose(0, 2, 1)
    full[:, :, each, each, :] -= p[:, :, None, :]
    full[:, each, :, :, each] += p
    matrix = full.reshape(count, size * size, size * size)
    diagonal = np.arange(size * size)
    matrix[:, diagonal, diagonal] -= ((damping[:, :, None] + damping[:, None, :]) / 2).reshape(count, -1)
    matrix[:, diagonal[:: size + 1], diagonal[:: size + 1]] += feedback
    return matrix


def _inverses(matrices: RealArray) -> tuple[RealArray, BoolArray]:
    """The inverse of every matrix, and whether it has one."""
    regular: BoolArray = np.ones(len(matrices), dtype=bool)
    try:
        return np.asarray(np.linalg.inv(matrices), dtype=np.float64), regular
    except np.linalg.LinAlgError:
        pass
    inverses = np.zeros_like(matrices)
    for k, matrix in enumerate(matrices):
        try:
            inverses[k] = np.linalg.inv(matrix)
        except np.linalg.LinAlgError:
            regular[k] = False
    return inverses, regular


def _solution(z: RealArray, reference: float, residual: float, bound: float, response: float) -> Solution | None:
    excess = (z + z.T) / 2 + 1j * (z - z.T) / 2
    diagonal, tail = real_diagonal(Pair(excess, np.zeros_like(excess)), reference)
    np.fill_diagonal(excess, diagonal)
    if not bound <= _ACCEPTED * float(np.abs(diagonal).max()):
        return None
    size = len(z)
    state = GaussianState(np.zeros(size), excess, normal_tail=tail, trusted=True)
    return Solution(
        state=state,
        residual=float(residual),
        error_bound=float(np.sqrt(2) * bound),
        separation=float(1 / response),
        converged=True,
    )
