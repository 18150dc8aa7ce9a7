"""The solver that chooses a solver, and says why."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import ConvergenceError, NoUniqueSteadyStateError
from ..linalg.closure import KERNEL_UP_TO
from ..network import Network
from .adi import ADI
from .banded import Banded
from .base import Solution, Solver
from .dense import Dense

# Up to this many modes a dense solution takes seconds, and its state holds all coherences.
_DENSE_UP_TO = 1024
_MANY_PROBES_UP_TO = 512  # the same, where the feedback of probes is closed by iteration


@dataclass(frozen=True)
class Auto:
    """Choose by structure and cost: Dense up to 1024 modes; beyond, Banded or ADI where they take the network.

    With more than 128 free probes, which cost a dense solution many more, Dense goes up to 512 modes. Where the answer of
    the first choice is not certain, because a resonance is too narrow for it, ADI is asked on chains.

    Examples
    --------
    >>> import wignerness as wn
    >>> chain = wn.models.chain(3, hopping=0.2, rate=0.1, occupations=(1, 2))
    >>> solver, reason = wn.solvers.Auto().select(chain)
    >>> solver
    Dense()
    >>> reason
    '3 modes, passive: one 3 x 3 dense Lyapunov equation'
    """

    def select(self, network: Network) -> tuple[Solver, str]:
        """The solver that would be used, and the reason.

        Returns
        -------
        solver : Solver
        reason : str
        """
        modes = f"{network.n_modes} mode{'s' * (network.n_modes != 1)}"
        many_probes = len(network.free_probes) > KERNEL_UP_TO
        if network.n_modes <= (_MANY_PROBES_UP_TO if many_probes else _DENSE_UP_TO):
            return Dense(), f"{modes}, {_dense_equation(network)}"
        if (why_not_banded := Banded().refusal(network)) is None:
            return Banded(), f"{modes}, each damped, coupled over short distances: coherences die off, C is banded"
        if (why_not_adi := ADI().refusal(network)) is None:
            return ADI(), f"{modes}, few of them damped: low rank, C is never formed"
        return Dense(), f"{modes}, {_dense_equation(network)} ({why_not_banded} {why_not_adi})"

    def attempt(self, network: Network) -> tuple[Solver, str, Solution]:
        """The solver that was used in the end, the reason, and its solution.

        Raises
        ------
        NoUniqueSteadyStateError, UnstableNetworkError, MemoryLimitError, ConvergenceError
            Of the solver that was selected, where ADI has no certain answer either.
        """
        solver, reason = self.select(network)
        try:
            solution = solver.solve(network)
        except (ConvergenceError, NoUniqueSteadyStateError):
            second = _by_resonances(network, solver)
            if second is None:
                raise
            return second
        if not solution.is_certain(solver):
            return _by_resonances(network, solver) or (solver, reason, solution)
        return solver, reason, solution

    def solve(self, network: Network) -> Solution:
        """Select and solve."""
        return self.attempt(network)[2]

    def refusal(self, network: Network) -> str | None:  # noqa: ARG002 - the interface of every solver
        """None: some solver takes every network."""
        return None


def _by_resonances(network: Network, declined: Solver) -> tuple[Solver, str, Solution] | None:
    """A certain answer of ADI, which sees widths far below rounding on chains; None where there is none."""
    solver = ADI()
    if isinstance(declined, ADI) or solver.refusal(network) is not None:
        return None
    try:
        with np.errstate(over="raise", invalid="raise", divide="raise"):
            solution = solver.solve_sharply(network)
    except ArithmeticError:  # numbers out of any proportion
        return None
    except (ConvergenceError, NoUniqueSteadyStateError):
        return None
    if solution is None or not solution.is_certain(solver):
        return None
    name = type(declined).__name__
    return solver, f"{network.n_modes} modes, a resonance is too narrow for {name}: ADI finds its width", solution


def _dense_equation(network: Network) -> str:
    size = network.n_modes if network.is_passive else 2 * network.n_modes
    kind = "passive" if network.is_passive else "with pairing or squeezing"
    count = len(network.free_probes)
    way = ("by its kernel" if count == 1 else "by their kernel") if count <= KERNEL_UP_TO else "by iteration"
    probes = f", {count} free probe{'s' * (count > 1)} closed {way}" if count else ""
    return f"{kind}: one {size} x {size} dense Lyapunov equation{probes}"
