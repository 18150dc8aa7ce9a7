"""The verbs: what a network does."""

from .comparison import Comparison, compare
from .evolution import Evolution, evolve
from .exchange import ExchangeStatistics, exchange_statistics
from .spectrum import Relaxation, relaxation
from .steady import SteadyState, steady_state
from .trajectories import Trajectories, sample_trajectories

__all__ = [
    "Comparison",
    "Evolution",
    "ExchangeStatistics",
    "Relaxation",
    "SteadyState",
    "Trajectories",
    "compare",
    "evolve",
    "exchange_statistics",
    "relaxation",
    "sample_trajectories",
    "steady_state",
]
