"""Small networks of a sweep that are solved together, balance and all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .._typing import RealArray
from ..network import Network
from ..solvers import Batch, Solution
from ..solvers.stacks import Stack, StackedMoments, solve_stack
from ..thermodynamics.stacks import STACKED, StackedBalance
from .outcome import Outcome, encode_alike

__all__ = ["Solved", "SolvedStack", "solved_stacks"]


@dataclass(frozen=True)
class Solved:
    """A solver whose answer for one network is known already.

    Attributes
    ----------
    solver : Batch
        Under whose name it goes.
    solution : Solution
    """

    solver: Batch
    solution: Solution

    def __repr__(self) -> str:
        return repr(self.solver)

    def refusal(self, network: Network) -> str | None:  # noqa: ARG002 - the interface of every solver
        """None."""
        return None

    def solve(self, network: Network) -> Solution:  # noqa: ARG002 - the interface of every solver
        """Return it."""
        return self.solution


def solved_stacks(solver: Batch, networks: Sequence[Network], names: Sequence[str]) -> list[SolvedStack]:
    """Solve what can be solved in stacks, and compute quantities of `STACKED` for all of a stack."""
    with np.errstate(all="ignore"):  # what is no number is left to those that can say why
        return [_solved(solver, stack, networks, names) for stack in solver.stacks(networks)]


def _solved(solver: Batch, stack: Stack, networks: Sequence[Network], names: Sequence[str]) -> SolvedStack:
    moments = solve_stack(stack)
    balance = StackedBalance(
        hamiltonian=stack.hamiltonian,
        normal=moments.normal,
        normal_tail=moments.normal_tail,
        modes=stack.modes,
        rates=stack.rates,
        bath_occupations=moments.occupations,
        probes=stack.probes,
        self_consistent=stack.free,
    )
    members = [networks[position] for position in stack.positions]
    return SolvedStack(solver, members, moments, {name: STACKED[name](balance) for name in names})


@dataclass(frozen=True, eq=False)
class SolvedStack:
    """Networks of one structure and what they come to.

    Attributes
    ----------
    solver : Batch
    networks : list of Network
    moments : StackedMoments
    values : dict of str to array
        Quantities, with the networks along the first axis.
    """

    solver: Batch
    networks: list[Network]
    moments: StackedMoments
    values: Mapping[str, RealArray]

    @cached_property
    def sound(self) -> list[int]:
        """Places of the networks whose state is accepted and whose quantities are all numbers."""
        sound = self.moments.accepted
        for values in self.values.values():
            sound = sound & np.isfinite(values).reshape(len(sound), -1).all(axis=1)
        places: list[int] = np.flatnonzero(sound).tolist()
        return places

    def position(self, place: int) -> int:
        """Where the network of a place stands among those that the stacks were taken from."""
        return self.moments.stack.positions[place]

    def solved(self, place: int) -> Solved:
        """The solver that knows the answer for a sound place."""
        solution = self.moments.solution(place)
        assert solution is not None  # noqa: S101 - sound
        return Solved(self.solver, solution)

    def encoded(self) -> dict[int, bytes]:
        """Outcomes of the sound places by the positions of their networks."""
        accuracy = np.stack([self.moments.residual, self.moments.error_bound], axis=1)
        done: dict[int, bytes] = {}
        for places in self._same_labels():
            first = self.networks[places[0]]
            common = Outcome(nodes=first.labels, baths=first.bath_labels, solver=repr(self.solver))
            contents = encode_alike(
                common, accuracy[places], {name: array[places] for name, array in self.values.items()}
            )
            done |= {self.position(place): content for place, content in zip(places, contents, strict=True)}
        return done

    def _same_labels(self) -> list[list[int]]:
        groups: dict[tuple[object, ...], list[int]] = {}
        for place in self.sound:
            network = self.networks[place]
            groups.setdefault((network.labels, *(bath.name for bath in network.baths)), []).append(place)
        return list(groups.values())
