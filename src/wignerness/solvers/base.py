"""What a solver is given and what it returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ..network import Network
from ..state import GaussianState


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
