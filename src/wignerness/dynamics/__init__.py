"""The verbs: what a network does."""

from .evolution import Evolution, evolve
from .spectrum import Relaxation, relaxation
from .steady import SteadyState, steady_state
from .trajectories import ExchangeStatistics, Trajectories, exchange_statistics, sample_trajectories

__all__ = [
    "Evolution",
    "ExchangeStatistics",
    "Relaxation",
    "SteadyState",
    "Trajectories",
    "evolve",
    "exchange_statistics",
    "relaxation",
    "sample_trajectories",
    "steady_state",
]
