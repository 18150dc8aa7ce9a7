"""The solver that chooses a solver, and says why."""

from __future__ import annotations

from dataclasses import dataclass

from ..network import Network
from .base import Solution, Solver
from .dense import Dense


@dataclass(frozen=True)
class Auto:
    """Choose by structure and cost.

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
        size = network.n_modes if network.is_passive else 2 * network.n_modes
        kind = "passive" if network.is_passive else "with pairing or squeezing"
        count = len(network.free_probes)
        probes = f", {count} free probe{'s' * (count > 1)} closed by their kernel" if count else ""
        modes = f"{network.n_modes} mode{'s' * (network.n_modes != 1)}"
        return Dense(), f"{modes}, {kind}: one {size} x {size} dense Lyapunov equation{probes}"

    def solve(self, network: Network) -> Solution:
        """Select and solve."""
        return self.select(network)[0].solve(network)

    def refusal(self, network: Network) -> str | None:  # noqa: ARG002 - the interface of every solver
        """None: some solver takes every network."""
        return None
