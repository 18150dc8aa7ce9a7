"""Thermodynamics: functions of a network and a state. Nothing here solves anything."""

from .balance import entropy_rate, production_split, relative_entropy_rate, unitary_production
from .currents import (
    bath_currents,
    energy_currents,
    excitation_currents,
    excitation_gain,
    heat_currents,
    irreversible_currents,
    reversible_currents,
)
from .entropy import entropy_flux, entropy_production, relative_entropy, von_neumann_entropy, wigner_entropy
from .onsager import affinities, onsager_production

__all__ = [
    "affinities",
    "bath_currents",
    "energy_currents",
    "entropy_flux",
    "entropy_production",
    "entropy_rate",
    "excitation_currents",
    "excitation_gain",
    "heat_currents",
    "irreversible_currents",
    "onsager_production",
    "production_split",
    "relative_entropy",
    "relative_entropy_rate",
    "reversible_currents",
    "unitary_production",
    "von_neumann_entropy",
    "wigner_entropy",
]
