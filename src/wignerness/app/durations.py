"""How long a view will about take, told before the work begins: costs as measured, by solver, theory and structure."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

from ..bath import ThermalBath
from ..dynamics.steady import steady_state
from ..io.spec import RunSpec
from ..models import chain
from ..network import Network
from ..theories import Exact, Global, Local, MesoscopicLeads, Redfield

__all__ = ["expected_seconds", "in_words", "slowness"]

# Seconds of one core of the machine on which the costs below were measured, for the steady state of `_reference`.
_REFERENCE_NODES, _REFERENCE_SECONDS = 150, 0.094
_FASTEST, _SLOWEST = 0.2, 20.0  # times the reference; beyond, the clock was disturbed
_MINUTE, _LONGEST = 60.0, 3600.0
_TOLD = (1, 2, 5, 10, 20, 30, 45)


def expected_seconds(run: RunSpec, panel: str = "") -> float:
    """Return about how long the steady state of a spec and one panel take, in seconds of the reference machine.

    Right within a factor of about three. A power of the size for each solver and theory, with what was measured on
    networks of the model chooser from 20 to 2000 nodes; where a network may be solved in several ways, the longest counts.

    Parameters
    ----------
    run : RunSpec
    panel : str, optional
        Name of the panel; that of relaxation propagates all moments.

    Examples
    --------
    >>> from wignerness.app.documents import composed, read
    >>> from wignerness.app.families import family_spec
    >>> from wignerness.app.view import View
    >>> def seconds(length, panel="profile"):
    ...     return expected_seconds(read(composed(View(family_spec("chain"), {"network.length": length}))), panel)
    >>> seconds(20) < 0.01, 0.3 < seconds(500) < 3, seconds(2000) < 1, seconds(400, "relaxation") > 5 * seconds(400)
    (True, True, True, True)
    """
    found = _THEORIES[type(run.theory)](run)
    if panel == "relaxation":
        found += 2e-7 * _moments(run.network) ** 3
    return found


def in_words(seconds: float) -> str:
    """Return a duration as it is told: never more exactly than it is known.

    Examples
    --------
    >>> in_words(0.3), in_words(7.0), in_words(50.0), in_words(200.0), in_words(1e9)
    ('about 1 s', 'about 5 s', 'about 45 s', 'about 3 minutes', 'more than an hour')
    """
    if seconds < _MINUTE * 0.9:
        nearest = min(_TOLD, key=lambda told: abs(math.log(max(seconds, 1.0) / told)))
        return f"about {nearest} s"
    if seconds < 1.5 * _MINUTE:
        return "about a minute"
    return "more than an hour" if seconds > _LONGEST else f"about {seconds / _MINUTE:.0f} minutes"


def slowness() -> float:
    """Return by how much this machine, as busy as it is now, takes longer than the one on which costs were measured."""
    _reference(8)  # loads what is needed
    start = time.perf_counter()
    _reference(_REFERENCE_NODES)
    return min(max((time.perf_counter() - start) / _REFERENCE_SECONDS, _FASTEST), _SLOWEST)


def _reference(length: int) -> None:
    steady_state(chain(length, hopping=0.3, rate=1.0, occupations=(1.0, 2.0), probe_rate=0.1))


def _moments(network: Network) -> int:
    """Size of the moment equation: twice the nodes where there are anomalous moments."""
    return network.n_modes * (1 if network.is_passive else 2)


def _local(run: RunSpec) -> float:
    network = run.network
    solver = run.solver.select(network)[0] if hasattr(run.solver, "select") else run.solver
    name = type(solver).__name__
    if name == "Banded":
        return 2e-5 * network.n_modes
    if name == "ADI":
        return 1e-7 * network.n_modes**2
    return _dense(_moments(network), len(network.free_probes) / max(network.n_modes, 1))


def _dense(size: int, probes: float) -> float:
    """A Lyapunov equation, and the closing of free probes, given as so many a node."""
    return 1e-4 * size + (3e-9 + 6e-9 * probes) * size**3


def _normal_modes(run: RunSpec) -> float:
    nodes, probes = run.network.n_modes, len(run.network.free_probes)
    return 2.5e-8 * nodes**3 + probes * nodes**2 * (4e-7 + 1.5e-9 * nodes)


def _frequencies(run: RunSpec) -> float:
    size = 2 * run.network.n_modes if getattr(run.theory, "counter_rotating", False) else _moments(run.network)
    return 7e-5 * size**2 + 5e-7 * size**3


def _leads(run: RunSpec) -> float:
    theory: Any = run.theory
    remembering = sum(isinstance(bath, ThermalBath) and _has_memory(bath) for bath in run.network.baths)
    size = run.network.n_modes + theory.n_leads * theory.modes_per_lead * remembering
    return 2 * _dense(size * (2 if theory.counter_rotating else 1), 0.0)


def _has_memory(bath: ThermalBath) -> bool:
    return bool(bath.bath_temperature) or bath.spectrum is not None


_THEORIES: dict[type, Callable[[RunSpec], float]] = {
    Local: _local,
    Global: _normal_modes,
    Redfield: _normal_modes,
    Exact: _frequencies,
    MesoscopicLeads: _leads,
}
