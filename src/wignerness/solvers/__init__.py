"""Strategy objects: how a steady state is computed. Options are fields of the object."""

from .adi import ADI
from .auto import Auto
from .banded import Banded
from .base import Solution, Solver
from .batch import Batch
from .dense import Dense

__all__ = ["ADI", "Auto", "Banded", "Batch", "Dense", "Solution", "Solver"]
