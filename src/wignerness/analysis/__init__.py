"""What a family of results says: sweeps over parameters, and exponents of scaling laws."""

from .cluster import Dask
from .grids import Axis, Points, Product, Zipped
from .in_time import InTime
from .runner import InProcess, Processes
from .scaling import PowerLaw, crossover, fit_power_law, local_exponents
from .specs import sweep_spec
from .sweeps import sweep

__all__ = [
    "Axis",
    "Dask",
    "InProcess",
    "InTime",
    "Points",
    "PowerLaw",
    "Processes",
    "Product",
    "Zipped",
    "crossover",
    "fit_power_law",
    "local_exponents",
    "sweep",
    "sweep_spec",
]
