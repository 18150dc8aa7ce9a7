"""What a family of results says: sweeps over parameters, and exponents of scaling laws."""

from .cluster import Dask
from .grids import Axis, Points, Product, Zipped
from .runner import InProcess, Processes
from .scaling import local_exponents
from .sweeps import sweep

__all__ = ["Axis", "Dask", "InProcess", "Points", "Processes", "Product", "Zipped", "local_exponents", "sweep"]
