"""What every theory answers: a steady state and what each bath exchanges in it, with one face for all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, runtime_checkable

import numpy as np

from .. import thermodynamics
from .._checks import read_only
from .._text import aligned, shortened
from .._typing import RealArray
from ..errors import UndefinedQuantityError
from ..network import Network
from ..state import GaussianState

__all__ = ["SteadyAccount", "Theory", "TheoryAccount", "Undefined"]


@runtime_checkable
class SteadyAccount(Protocol):
    """The face that the steady states of all theories have in common.

    Per bath, positive into it, in the order of ``network.baths``: what is undefined raises
    :class:`~wignerness.errors.UndefinedQuantityError` and says why.
    """

    @property
    def theory(self) -> Any:
        """The theory, with its options."""
        ...

    @property
    def network(self) -> Network:
        """The network, its probes filled in."""
        ...

    @property
    def state(self) -> GaussianState:
        """The state of the nodes."""
        ...

    @property
    def reason(self) -> str:
        """What was done, and why."""
        ...

    @property
    def error_bound(self) -> float | None:
        """Bound on the error of an element of C within the theory, absolute; None if there is none."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """What to know before one trusts the numbers."""
        ...

    @property
    def occupations(self) -> RealArray:
        """<a_k^+ a_k>, shape (L,)."""
        ...

    @property
    def bath_currents(self) -> RealArray:
        """Excitations into each bath per time, shape (K,)."""
        ...

    @property
    def heat_currents(self) -> RealArray:
        """Energy into each bath per time, shape (K,)."""
        ...

    @property
    def entropy_flux(self) -> RealArray:
        """Wigner entropy flux into each bath, shape (K,), nats per time."""
        ...

    @property
    def entropy_production(self) -> RealArray:
        """Wigner entropy production of each bath, shape (K,), nats per time."""
        ...

    @property
    def clausius_production(self) -> float:
        """Sum of the heat currents, each over the temperature of its bath."""
        ...

    @property
    def wigner_entropy(self) -> float:
        """Wigner entropy of the state, nats."""
        ...


class Theory(Protocol):
    """A theory of the steady state beside the local master equation."""

    def solve(self, network: Network) -> TheoryAccount:
        """The steady state.

        Raises
        ------
        InvalidNetworkError
            If :meth:`refusal` has a reason.
        NoUniqueSteadyStateError
            If a normal mode is undamped.
        """
        ...

    def refusal(self, network: Network) -> str | None:
        """Why this theory cannot treat the network; None if it can."""
        ...


@dataclass(frozen=True)
class Undefined:
    """Stands for a quantity that a theory does not define, with the reason."""

    reason: str


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class TheoryAccount:
    """A steady state by a theory other than the local master equation; prints itself as a table.

    Attributes
    ----------
    theory : Theory
    network : Network
    state : GaussianState
    reason : str
        What was done, and why.
    error_bound : float or None
        Bound on max |C - solution of this theory|, absolute; None where there is none.
    quantities : mapping of str to (K,) array or Undefined
        ``bath_currents``, ``heat_currents``, ``entropy_flux``, ``entropy_production``.
    notes : tuple of str
        What to know before one trusts the numbers.
    is_positive : bool
        Whether the generator keeps every state a state, and this one is one.
    """

    theory: Theory
    network: Network
    state: GaussianState
    reason: str
    error_bound: float | None
    quantities: Mapping[str, RealArray | Undefined]
    notes: tuple[str, ...] = ()
    is_positive: bool = True

    def _quantity(self, name: str) -> RealArray:
        value = self.quantities[name]
        if isinstance(value, Undefined):
            raise UndefinedQuantityError(value.reason)
        return read_only(value)

    @cached_property
    def occupations(self) -> RealArray:
        """<a_k^+ a_k>, shape (L,)."""
        return read_only(self.state.occupations)

    @cached_property
    def currents(self) -> RealArray:
        """Excitation currents into k from l, shape (L, L); :func:`~wignerness.thermodynamics.excitation_currents`."""
        return read_only(thermodynamics.excitation_currents(self.network, self.state))

    @cached_property
    def energy_currents(self) -> RealArray:
        """Energy currents into k from l, shape (L, L); :func:`~wignerness.thermodynamics.energy_currents`."""
        return read_only(thermodynamics.energy_currents(self.network, self.state))

    @property
    def bath_currents(self) -> RealArray:
        """Excitations into each bath per time, shape (K,)."""
        return self._quantity("bath_currents")

    @property
    def heat_currents(self) -> RealArray:
        """Energy into each bath per time, shape (K,)."""
        return self._quantity("heat_currents")

    @property
    def entropy_flux(self) -> RealArray:
        """Wigner entropy flux into each bath, shape (K,), nats per time."""
        return self._quantity("entropy_flux")

    @property
    def entropy_production(self) -> RealArray:
        """Wigner entropy production of each bath, shape (K,), nats per time."""
        return self._quantity("entropy_production")

    @property
    def clausius_production(self) -> float:
        """Sum of the heat currents over the temperatures; :func:`~wignerness.thermodynamics.clausius_production`."""
        return float(thermodynamics.clausius_production(self.network, self.heat_currents).sum())

    @cached_property
    def wigner_entropy(self) -> float:
        """Wigner entropy of the state, nats; :func:`~wignerness.thermodynamics.wigner_entropy`."""
        if self.state.lowest_uncertainty_eigenvalue() <= -0.5:
            raise UndefinedQuantityError(
                f"The Wigner entropy needs a state, but {self.theory!r} gives moments that are none: C + 1/2 has a "
                "negative eigenvalue."
            )
        return thermodynamics.wigner_entropy(self.network, self.state)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.network!r}, theory {self.theory!r})"

    def _column(self, name: str) -> list[str]:
        value = self.quantities[name]
        if isinstance(value, Undefined):
            return ["-"] * (self.network.n_baths + 1)
        return [f"{number:.6g}" for number in (*value, np.sum(value))]

    def __str__(self) -> str:
        bound = "not estimated" if self.error_bound is None else f"at most {self.error_bound:.1e}"
        lines = [
            f"Steady state of {self.network!r}",
            f"  theory      {self.theory!r} ({self.reason})",
            f"  accuracy    error of C {bound}",
            "",
        ]
        title, *labels = aligned("node", *self.network.labels, width=12)
        rows = [f"  {label} {n:>14.8g}" for label, n in zip(labels, self.occupations, strict=True)]
        lines += [f"  {title} {'occupation':>14}", *shortened(rows), ""]
        title, *labels = aligned("bath", *self.network.bath_labels, "total", width=16)
        names = ("bath_currents", "heat_currents", "entropy_flux", "entropy_production")
        columns = zip(*(self._column(name) for name in names), strict=True)
        *rows, total = [
            f"  {label} " + " ".join(f"{cell:>14}" for cell in cells)
            for label, cells in zip(labels, columns, strict=True)
        ]
        lines += [f"  {title} {'current J':>14} {'heat':>14} {'flux Phi':>14} {'production Pi':>14}"]
        lines += [*shortened(rows), total, *(f"  note: {note}" for note in self.notes)]
        undefined = {v.reason: None for v in self.quantities.values() if isinstance(v, Undefined)}
        return "\n".join([*lines, *(f"  undefined: {reason}" for reason in undefined)])
