"""The route that moments take in time, chosen by what the network has."""

from __future__ import annotations

from ..errors import ConvergenceError, InvalidStateError, NoUniqueSteadyStateError
from ..network import Network
from ..solvers import Auto, Banded, Dense
from ..state import GaussianState
from ..thermodynamics._fit import check_fit
from .following import Dephased, Following
from .propagation import Approaching, Departing, Motion, is_far
from .steady import SteadyState, steady_state

_SOLVED_UP_TO = 256  # modes


def motion(network: Network, start: GaussianState, *, follow: bool) -> Motion:
    """The route that fits the network.

    Raises
    ------
    InvalidStateError
        If the state has another number of modes than the network, or does not hold all of C.
    NoUniqueSteadyStateError
        If free probes are to be frozen at a steady state that does not exist.
    UndefinedQuantityError
        For dephasing where the second moments obey no equation of their own.
    """
    check_fit(network, start)
    if start.is_partial:
        raise InvalidStateError(
            "Argument `state` must hold all second moments, but is partial; a steady state with all of them comes from "
            "`steady_state(..., solver=solvers.Dense())`."
        )
    steady: SteadyState | None = None
    following = follow and bool(network.free_probes)
    if network.n_modes > _SOLVED_UP_TO and not following and not network.dephasings:
        # For many modes the steady state costs more than all the rest; only the probes still need it.
        return Departing(_with_probes_closed(network), start, None)
    try:
        steady = steady_state(network, solver=Dense())  # all of C is needed
    except (NoUniqueSteadyStateError, ConvergenceError):
        if network.free_probes and not following:
            raise
    if steady is not None and not following:
        network = steady.network
    fixed = None if steady is None else steady.state
    if network.dephasings:
        return Dephased(network, start, fixed)
    kind = Following if following else Departing
    late = kind(network, start, fixed)
    if is_far(late.fixed, start):
        return Approaching(kind(network, start, None, cold=True), late)
    return late


def _with_probes_closed(network: Network) -> Network:
    """The network with its probes at their steady occupations, found without all of C where that can be."""
    if not network.free_probes:
        return network
    solver = Banded() if Banded().refusal(network) is None else Auto()
    return steady_state(network, solver=solver).network
