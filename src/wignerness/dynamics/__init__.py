"""The verbs: what a network does."""

from .steady import SteadyState, steady_state

__all__ = ["SteadyState", "steady_state"]
