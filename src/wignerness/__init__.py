"""Open quantum networks of harmonic modes: steady states, heat currents, Wigner entropy production.

>>> import wignerness as wn
>>> chain = wn.models.chain(50, hopping=3e-7, rate=1e-6, occupations=(1, 2), probe_rate=1e-7)
>>> ness = wn.steady_state(chain)
>>> f"{ness.entropy_production.sum():.6e}"
'7.667732e-09'
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from . import (
        analysis,
        errors,
        exact,
        io,
        models,
        paper,
        plotting,
        scattering,
        solvers,
        spectra,
        theories,
        thermodynamics,
        validity,
    )
    from ._progress import progress
    from .analysis.scaling import fit_power_law
    from .analysis.sweeps import sweep
    from .bath import Dephasing, JumpBath, Probe, SqueezedBath, ThermalBath
    from .dynamics import (
        Comparison,
        Evolution,
        ExchangeStatistics,
        Relaxation,
        SteadyState,
        Trajectories,
        compare,
        evolve,
        exchange_statistics,
        relaxation,
        sample_trajectories,
        steady_state,
    )
    from .io.dataset import to_dataset
    from .io.spec import load_spec
    from .network import Network
    from .state import GaussianState
    from .validity import Audit, audit

# Where each public name lives. Everything loads on first use: importing the package costs next to nothing.
_HOMES = {
    "Audit": ".validity",
    "Comparison": ".dynamics",
    "Dephasing": ".bath",
    "Evolution": ".dynamics",
    "ExchangeStatistics": ".dynamics",
    "GaussianState": ".state",
    "JumpBath": ".bath",
    "Network": ".network",
    "Probe": ".bath",
    "Relaxation": ".dynamics",
    "SqueezedBath": ".bath",
    "SteadyState": ".dynamics",
    "ThermalBath": ".bath",
    "Trajectories": ".dynamics",
    "audit": ".validity",
    "compare": ".dynamics",
    "evolve": ".dynamics",
    "exchange_statistics": ".dynamics",
    "fit_power_law": ".analysis.scaling",
    "load_spec": ".io.spec",
    "progress": "._progress",
    "relaxation": ".dynamics",
    "sample_trajectories": ".dynamics",
    "steady_state": ".dynamics",
    "sweep": ".analysis.sweeps",
    "to_dataset": ".io.dataset",
}
_SUBPACKAGES = (
    "analysis",
    "errors",
    "exact",
    "io",
    "models",
    "paper",
    "plotting",
    "scattering",
    "solvers",
    "spectra",
    "theories",
    "thermodynamics",
    "validity",
)

__all__ = [
    "Audit",
    "Comparison",
    "Dephasing",
    "Evolution",
    "ExchangeStatistics",
    "GaussianState",
    "JumpBath",
    "Network",
    "Probe",
    "Relaxation",
    "SqueezedBath",
    "SteadyState",
    "ThermalBath",
    "Trajectories",
    "__version__",
    "analysis",
    "audit",
    "compare",
    "errors",
    "evolve",
    "exact",
    "exchange_statistics",
    "fit_power_law",
    "io",
    "load_spec",
    "models",
    "paper",
    "plotting",
    "progress",
    "relaxation",
    "sample_trajectories",
    "scattering",
    "solvers",
    "spectra",
    "steady_state",
    "sweep",
    "theories",
    "thermodynamics",
    "to_dataset",
    "validity",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        value = getattr(importlib.import_module(_HOMES[name], __name__), name)
    elif name in _SUBPACKAGES:
        value = importlib.import_module(f".{name}", __name__)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
