"""Scattering between baths: transmission at each frequency, Landauer's currents and their noise.

Functions of a network alone; the steady state that belongs to them is that of :class:`wignerness.theories.Exact`.
"""

from .landauer import LandauerCurrents, landauer_currents
from .transmission import log_transmission, transmission

__all__ = ["LandauerCurrents", "landauer_currents", "log_transmission", "transmission"]
