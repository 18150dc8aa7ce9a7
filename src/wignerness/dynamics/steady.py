"""The steady state of a network, and the result that answers questions about it."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cached_property
from typing import overload

import numpy as np

from .. import thermodynamics
from .._checks import fail, read_only
from .._text import aligned, shortened
from .._typing import RealArray
from ..errors import AccuracyWarning, ConvergenceError
from ..network import Network
from ..solvers import Auto, Solution, Solver
from ..solvers.base import asked_for
from ..state import GaussianState
from ..theories import Local, Theory, TheoryAccount
from .self_consistent import fill_probes

__all__ = ["SteadyState", "steady_state"]

_AUTO = Auto()
_LOCAL = Local()


@dataclass(frozen=True, eq=False, repr=False)
class SteadyState:
    """A non-equilibrium steady state; prints itself as a table.

    Attributes
    ----------
    network : Network
        With the occupations of all probes filled in.
    state : GaussianState
    solver : Solver
        What computed it; ``reason`` says why it was chosen.
    residual : float
        Backward error of the moment equation, relative.
    error_bound : float or None
        Bound on max |C - exact|, absolute.
    separation : float or None
        Estimated separation of the moment equation (unit: rate).
    converged : bool
        Whether the answer is as accurate as it must be, or as the solver was asked for.
    self_consistent : tuple of int
        Indices of the baths that are probes whose occupation was found here.
    """

    network: Network
    state: GaussianState
    solver: Solver
    reason: str
    residual: float
    error_bound: float | None
    separation: float | None
    converged: bool
    self_consistent: tuple[int, ...] = ()

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

    @cached_property
    def bath_currents(self) -> RealArray:
        """Excitations into each bath per time, shape (K,); zero for self-consistent probes."""
        return self._without_probes(thermodynamics.bath_currents(self.network, self.state))

    @cached_property
    def heat_currents(self) -> RealArray:
        """Energy into each bath per time, shape (K,); :func:`~wignerness.thermodynamics.heat_currents`."""
        return read_only(thermodynamics.heat_currents(self.network, self.state))

    @cached_property
    def entropy_production(self) -> RealArray:
        """Wigner entropy production of each bath, shape (K,); :func:`~wignerness.thermodynamics.entropy_production`."""
        return read_only(thermodynamics.entropy_production(self.network, self.state))

    @cached_property
    def entropy_flux(self) -> RealArray:
        """Wigner entropy flux into each bath, shape (K,); zero for self-consistent probes."""
        return self._without_probes(thermodynamics.entropy_flux(self.network, self.state))

    @cached_property
    def wigner_entropy(self) -> float:
        """Wigner entropy of the state, nats; :func:`~wignerness.thermodynamics.wigner_entropy`."""
        return thermodynamics.wigner_entropy(self.network, self.state)

    @property
    def theory(self) -> Local:
        """The local master equation, by which this is the steady state."""
        return Local()

    @property
    def notes(self) -> tuple[str, ...]:
        """What to know before one trusts the numbers; nothing here that the other fields do not say."""
        return ()

    @property
    def clausius_production(self) -> float:
        """Sum of the heat currents over the temperatures; :func:`~wignerness.thermodynamics.clausius_production`."""
        return float(thermodynamics.clausius_production(self.network, self.heat_currents).sum())

    def _without_probes(self, values: RealArray) -> RealArray:
        """A probe found self-consistently exchanges nothing; its rounded occupation would leave a last digit."""
        if not self.state.mean.any():
            values[list(self.self_consistent)] = 0.0
        return read_only(values)

    def _bath_row(self, index: int, label: str) -> str:
        occupation = getattr(self.network.baths[index], "occupation", None)
        level = "-" if occupation is None else f"{occupation:.6g}"
        production = "-" if self.network.dephasings else f"{self.entropy_production[index]:.6g}"
        exchange = f"{self.bath_currents[index]:>14.6g} {self.entropy_flux[index]:>14.6g}"
        return f"  {label} {level:>12} {exchange} {production:>14}"

    def __repr__(self) -> str:
        return f"SteadyState({self.network!r}, residual {self.residual:.1e}, solver {self.solver!r})"

    def __str__(self) -> str:
        bound = "not estimated" if self.error_bound is None else f"at most {self.error_bound:.1e}"
        lines = [
            f"Steady state of {self.network!r}",
            f"  solver      {self.solver!r} ({self.reason})",
            f"  accuracy    residual {self.residual:.1e}, error of C {bound}"
            + ("" if self.converged else "; NOT CONVERGED"),
            "",
        ]
        title, *labels = aligned("node", *self.network.labels, width=12)
        rows = [f"  {label} {n:>14.8g}" for label, n in zip(labels, self.occupations, strict=True)]
        lines += [f"  {title} {'occupation':>14}", *shortened(rows), ""]
        title, total_title, *labels = aligned("bath", "total", *self.network.bath_labels, width=16)
        rows = [self._bath_row(index, label) for index, label in enumerate(labels)]
        lines += [f"  {title} {'n':>12} {'current J':>14} {'flux Phi':>14} {'production Pi':>14}", *shortened(rows)]
        if self.network.dephasings:
            return "\n".join([*lines, "  productions are undefined: dephasing makes the state non-Gaussian"])
        total = f"{self.entropy_flux.sum():>14.6g} {self.entropy_production.sum():>14.6g}"
        lines += [f"  {total_title} {'':>12} {self.bath_currents.sum():>14.6g} {total}"]
        return "\n".join(lines)


@overload
def steady_state(network: Network, *, theory: Local = ..., solver: Solver = ..., strict: bool = ...) -> SteadyState: ...


@overload
def steady_state(network: Network, *, theory: Theory, solver: Solver = ..., strict: bool = ...) -> TheoryAccount: ...


def steady_state(
    network: Network, *, theory: Local | Theory = _LOCAL, solver: Solver = _AUTO, strict: bool = True
) -> SteadyState | TheoryAccount:
    """The steady state of a network, its probes closed self-consistently.

    The local master equation solves A C + C A^+ + diag(sum gamma n) = 0, Eq. (B5) corrected, for any connectivity
    and any number of baths a node; free probes by Eq. (D3) for any subset of nodes.

    Parameters
    ----------
    network : Network
    theory : Local, Global, Redfield, ..., optional
        One of :mod:`wignerness.theories`; default ``theories.Local()``, the local master equation.
    solver : Solver, optional
        How its moment equation is solved; default ``solvers.Auto()``. Other theories bring their own.
    strict : bool
        If True (default), an answer that did not converge raises; if False, it is returned with a warning
        and ``converged`` False.

    Returns
    -------
    SteadyState
        A :class:`~wignerness.theories.TheoryAccount` with the same face by another theory.

    Raises
    ------
    InvalidNetworkError
        If the theory cannot treat the network.
    NoUniqueSteadyStateError
        If a mode is undamped (dark modes included), or a probe is reached by no real bath.
    UnstableNetworkError
        If a mode grows.
    ConvergenceError
        If strict and the equation is too ill-conditioned for double precision; carries the last iterate.
    MemoryLimitError
        If the solution would not fit into memory; nothing was allocated.

    Notes
    -----
    Validity: the local master equation (3) holds to lowest order in the couplings between the nodes. Other theories
    hold elsewhere; :func:`~wignerness.compare` puts them side by side.

    Examples
    --------
    >>> import wignerness as wn
    >>> chain = wn.models.chain(10, hopping=1e-5, rate=1e-5, occupations=(1, 2), probe_rate=1e-6)
    >>> ness = wn.steady_state(chain)
    >>> ness.occupations[:3].round(6)
    array([1.338983, 1.440678, 1.457627])
    >>> bool(abs(ness.entropy_production.sum() - ness.entropy_flux.sum()) < 1e-18)
    True
    """
    if not isinstance(network, Network):
        fail("network", "be a Network", repr(network))
    if isinstance(solver, type) or not hasattr(solver, "solve"):
        fail("solver", "be a solver object such as solvers.Dense()", repr(solver))
    if isinstance(theory, type) or not hasattr(theory, "refusal"):
        fail("theory", "be a theory object such as theories.Global()", repr(theory))
    if not isinstance(theory, Local):
        if not isinstance(solver, Auto):
            fail("solver", f"be left out for {theory!r}, which brings its own", repr(solver))
        return theory.solve(network)
    chosen, reason, solution = (
        solver.attempt(network) if isinstance(solver, Auto) else (solver, "asked for", solver.solve(network))
    )
    filled = fill_probes(network, solution.state)
    result = SteadyState(
        network=filled,
        state=solution.state,
        solver=chosen,
        reason=reason,
        residual=solution.residual,
        error_bound=solution.error_bound,
        separation=solution.separation,
        converged=solution.is_certain(chosen),
        self_consistent=network.free_probes,
    )
    if not result.converged:
        _complain(result, solution, strict)
    return result


def _complain(result: SteadyState, solution: Solution, strict: bool) -> None:
    largest = solution.largest
    known = solution.error_bound is not None and np.isfinite(solution.error_bound) and solution.separation != 0.0
    left = f"may be {solution.error_bound:.2g} (largest occupation {largest:.3g})" if known else "cannot be bounded"
    message = (
        f"The steady state is not determined in double precision: after refinement the error of an occupation {left}; "
        f"asked for is at most {asked_for(result.solver):.3g} of the largest. A mode is damped, or a probe fed, so "
        "weakly that rounding decides."
    )
    if strict:
        raise ConvergenceError(
            message + " Use strict=False to get the last iterate all the same.",
            last_iterate=result,
            error=solution.error_bound,
        )
    warnings.warn(message, AccuracyWarning, stacklevel=3)
