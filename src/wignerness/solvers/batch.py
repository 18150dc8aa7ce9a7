"""Many small networks at once, for sweeps over thousands of points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .._checks import has_nonzero, integer
from ..bath import Probe, ThermalBath
from ..errors import InvalidNetworkError
from ..network import Network
from .base import Solution
from .dense import Dense
from .stacks import Stack, solve_stack

__all__ = ["Batch"]

# Elements of the largest array that a block of a stack needs: so many fit into the cache of a processor.
_BLOCK = 2**17


@dataclass(frozen=True)
class Batch:
    """Small networks in stacks, for sweeps over thousands of points.

    Answers are refined in pairs of doubles to the accuracy of those of `Dense`, for a small part of the work: every
    operation runs over a whole stack. The error bound is certified by the response to the identity, at which the inverse
    of the equation, a positive map, is largest. `Dense` does the work where that cannot be done to 1e-12 of the largest
    occupation (near exceptional points and dark modes), where the network has more than ``largest`` modes or falls into
    parts, and where it has a drive or baths other than thermal ones and probes. What a network comes to does not depend
    on those it is stacked with, to the last bit.

    Parameters
    ----------
    largest : int
        Modes of the largest network that is solved here.

    Examples
    --------
    >>> import wignerness as wn
    >>> chains = [wn.models.chain(3, hopping=g, rate=0.1, occupations=(1, 2), probe_rate=0.01) for g in (0.1, 0.2)]
    >>> many = wn.solvers.Batch().solve_many(chains)
    >>> exact = [wn.steady_state(chain).occupations for chain in chains]
    >>> bool(all((solution.state.occupations == e).all() for solution, e in zip(many, exact)))
    True
    """

    largest: int = 32

    def __post_init__(self) -> None:
        integer("largest", self.largest, minimum=0, error=InvalidNetworkError)

    def refusal(self, network: Network) -> str | None:  # noqa: ARG002 - the interface of every solver
        """None: any network is taken, if need be by `Dense`."""
        return None

    def solve(self, network: Network) -> Solution:
        """See :class:`wignerness.solvers.Solver`."""
        return self.solve_many([network])[0] or Dense().solve(network)

    def solve_many(self, networks: Sequence[Network]) -> list[Solution | None]:
        """Solve stacks of networks of the same structure; None where `Dense` has to decide.

        Parameters
        ----------
        networks : sequence of Network

        Returns
        -------
        list of Solution or None
            In the same order.
        """
        found: list[Solution | None] = [None] * len(networks)
        for stack in self.stacks(networks):
            moments = solve_stack(stack)
            for place, position in enumerate(stack.positions):
                found[position] = moments.solution(place)
        return found

    def takes(self, network: Network) -> bool:
        """Whether a network is of the kind that is solved in stacks."""
        return self._structure(network) is not None

    def stacks(self, networks: Sequence[Network]) -> list[Stack]:
        """Put together what can be solved together; of blocks that fit into the processor's cache."""
        alike: dict[tuple[object, ...], list[int]] = {}
        for position, network in enumerate(networks):
            if (structure := self._structure(network)) is not None:
                alike.setdefault(structure, []).append(position)
        blocks = []
        for structure, positions in alike.items():
            size = max(1, _BLOCK // int(structure[0]) ** 3)  # type: ignore[call-overload]
            whole = Stack.of(positions, [networks[position] for position in positions])
            blocks += [whole.part(slice(start, start + size)) for start in range(0, len(positions), size)]
        return blocks

    def _structure(self, network: Network) -> tuple[object, ...] | None:
        """What networks of one stack have in common; None for one that is not for stacks."""
        if network.n_modes > self.largest or network.is_sparse:
            return None
        if has_nonzero(network.pairing) or has_nonzero(network.drive):
            return None
        kinds = [type(bath) for bath in network.baths]
        if not {ThermalBath, Probe}.issuperset(kinds):
            return None
        places = [(bath.mode, bath.occupation is None) for bath in network.baths]  # type: ignore[union-attr]
        return (network.n_modes, *places, *kinds)
