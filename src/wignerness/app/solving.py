"""The steady state of a view, kept for as long as the same spec is asked for."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

from .. import exact, plotting, thermodynamics
from ..dynamics.evolution import Evolution, evolve
from ..dynamics.spectrum import relaxation
from ..dynamics.steady import SteadyState
from ..errors import SpecError, UndefinedQuantityError
from ..io.document import to_document
from ..io.spec import RunSpec
from ..network import Network
from ..state import GaussianState
from ..theories import TheoryAccount
from ..thermodynamics import LinkTerms
from .documents import Document, composed, key_of, read
from .view import STARTS, View

__all__ = ["Recent", "Solved", "of_view", "run_in_time", "solved", "start_of", "times_of"]

T = TypeVar("T")

_KEPT = 6
_TIMES = 49
_WIDE = 1.5


@dataclass(frozen=True, eq=False)
class Solved:
    """A spec with its steady state, and what is known about both.

    Attributes
    ----------
    document : dict
    run : RunSpec
    ness : SteadyState or TheoryAccount
    """

    document: Document
    run: RunSpec
    ness: SteadyState | TheoryAccount

    @cached_property
    def key(self) -> str:
        """The same text for the same document."""
        return key_of(self.document)

    @cached_property
    def tables(self) -> dict[str, Any]:
        """The plain document that `wignerness solve` prints."""
        return to_document(self.ness, spec=self.run)

    @cached_property
    def uniform_chain(self) -> exact.UniformChain | None:
        """The parameters of the closed form, where there is one: for the uniform chain, by the local equation."""
        return exact.matching_chain(self.run.network) if isinstance(self.ness, SteadyState) else None

    @cached_property
    def bath_columns(self) -> dict[str, list[float]]:
        """What is defined of currents, flux and production of every bath, by name."""
        found: dict[str, list[float]] = {}
        for name in ("bath_currents", "entropy_flux", "entropy_production"):
            with contextlib.suppress(UndefinedQuantityError):
                found[name] = getattr(self.ness, name).tolist()
        return found

    @cached_property
    def split(self) -> tuple[float, float] | None:
        """Production of the real baths and of the probes; None where it is undefined."""
        production = self.bath_columns.get("entropy_production")
        if production is None:
            return None
        probes = set(self.ness.network.probes)
        parts = [[pi for bath, pi in enumerate(production) if (bath in probes) is are] for are in (False, True)]
        return math.fsum(parts[0]), math.fsum(parts[1])

    @cached_property
    def links(self) -> LinkTerms | UndefinedQuantityError:
        """Currents and affinities of the links, or why affinities are undefined."""
        try:
            return thermodynamics.link_terms(self.ness.network, self.ness.state)
        except UndefinedQuantityError as error:
            return error

    @cached_property
    def places(self) -> list[list[float]]:
        """Where the nodes are drawn, in units of a link."""
        return _places(self.run.network)

    @cached_property
    def is_tall(self) -> bool:
        """Whether the drawing is rather high than wide: it then stands beside the panel, and the panel is high, too."""
        wide, high = (
            max(place[axis] for place in self.places) - min(place[axis] for place in self.places) for axis in (0, 1)
        )
        return wide + 1 < _WIDE * (high + 1)


class Recent(Generic[T]):
    """The results of the last few questions; of the same question the same result."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._found: dict[Any, T] = {}

    def get(self, key: Any, make: Callable[[], T]) -> T:
        """Return the result of a question, made if it is new."""
        if key not in self._found:
            result = make()
            for oldest in list(self._found)[: len(self._found) - self._most + 1]:
                self._found.pop(oldest, None)  # another thread may have been faster
            self._found[key] = result
            return result
        return self._found[key]


_PLACES: Recent[list[list[float]]] = Recent(_KEPT)
_SOLVED: Recent[Solved] = Recent(_KEPT)


def _places(network: Network) -> list[list[float]]:
    links = tuple(index.tobytes() for matrix in (network.hamiltonian, network.pairing) for index in matrix.nonzero())
    return _PLACES.get((network.labels, links), lambda: plotting.place_nodes(network).tolist())


def solved(document: Document) -> Solved:
    """Return the steady state of a document.

    Raises
    ------
    WignernessError
        Whatever the library says about it.
    """

    def solve() -> Solved:
        run = read(document)
        return Solved(document, run, run.solve())

    return _SOLVED.get(key_of(document), solve)


def of_view(view: View) -> Solved:
    """Return the steady state of a view; raises as above."""
    return solved(composed(view))


def run_in_time(state: Solved, view: View, *, count: int = _TIMES) -> Evolution:
    """Return the transient that a view asks for, at some times up to ten times the slowest relaxation.

    Raises
    ------
    WignernessError
        Whatever the library says about it.
    """
    if view.start == "spec" and state.run.in_time is not None:
        return state.run.in_time.evolve(state.run.network)
    network = state.run.network if view.follow or not isinstance(state.ness, SteadyState) else state.ness.network
    return evolve(network, start_of(state.run.network, view), times_of(state, count), follow=view.follow)


def start_of(network: Network, view: View) -> GaussianState:
    """Return the state at time zero."""
    size = network.n_modes
    if view.start == "thermal":
        return GaussianState.thermal([view.strength] * size)
    here = [view.strength if node == view.mode else 0.0 for node in range(size)]
    if view.start == "coherent":
        return GaussianState.coherent(here)
    if view.start == "squeezed":
        return GaussianState.squeezed(here)
    if view.start not in STARTS:
        raise SpecError(f"The start must be one of {', '.join(STARTS)}, but is {view.start!r}.")
    return GaussianState.vacuum(size)


def times_of(state: Solved, count: int = _TIMES) -> list[float]:
    """Return times from well before the fastest relaxation to well after the slowest, evenly in their logarithm."""
    try:
        rates = relaxation(state.ness.network).rates.tolist()
    except UndefinedQuantityError:  # with dephasing
        rates = [getattr(bath, "rate", 0.0) for bath in state.ness.network.baths]
    rates = [rate for rate in rates if rate > 0]
    first, last = 0.02 / max(rates), 10.0 / min(rates)
    ratio = (last / first) ** (1 / (count - 1))
    return [float(f"{first * ratio**k:.6g}") for k in range(count)]
