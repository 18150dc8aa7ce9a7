"""What a solver is given and what it returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ..network import Network
from ..state import GaussianState

# A result whose bound is a larger part of the largest occupation is refused when strict, unless the solver was asked
# for less.
_STRICT = 1e-10


def asked_for(solver: Solver) -> float:
    """Error bound relative to the largest occupation."""
    return float(max(_STRICT, getattr(solver, "tolerance", 0.0)))


@dataclass(frozen=True)
class Solution:
    """Moments of a steady state and what is known of their accuracy.

    Attributes
    ----------
    state : GaussianState
    residual : float
        Backward error: the residual of the moment equation relative to the size of its terms.
    error_bound : float or None
        Bound on max |C - exact| (and |S - exact|), absolute; None where none was computed.
    separation : float or None
        Estimate of min |A X + X A^H| over |X| = 1 (unit: rate): how well the equation is conditioned. For Dense the norm
        is the largest element up to 64 modes, the largest eigenvalue beyond; Banded gives one over the largest occupation
        that a source of one on every node feeds, ADI the width of the narrowest resonance, which no separation exceeds.
    converged : bool
        Whether the refinement reached its target.
    """

    state: GaussianState
    residual: float
    error_bound: float | None
    separation: float | None
    converged: bool

    @property
    def largest(self) -> float:
        """Largest moment: max |S| counts, too, as weak pairing at zero temperature makes S by far larger than C."""
        most = float(np.abs(self.state.occupations).max(initial=0.0))
        return most if self.state.is_phase_insensitive else max(most, float(np.abs(self.state.anomalous).max()))

    def is_certain(self, solver: Solver) -> bool:
        """Whether the answer is as accurate as it must be, or as the solver was asked for."""
        if self.error_bound is None:
            return self.converged
        # Without a separation even an equilibrium, which solves the equation exactly, may be one of many.
        return bool(self.error_bound <= asked_for(solver) * self.largest and self.separation != 0.0)


class Solver(Protocol):
    """A way to compute a steady state."""

    def solve(self, network: Network) -> Solution:
        """The steady-state moments, free probes closed self-consistently.

        Raises
        ------
        NoUniqueSteadyStateError, UnstableNetworkError, MemoryLimitError
        """
        ...

    def refusal(self, network: Network) -> str | None:
        """Why this solver cannot take the network; None if it can."""
        ...
