"""Thermodynamics: functions of a network and a state. Nothing here solves anything."""

from .balance import entropy_rate, production_split, relative_entropy_rate, unitary_production
from .clausius import clausius_production
from .currents import (
    bath_currents,
    energy_currents,
    excitation_currents,
    excitation_gain,
    heat_currents,
    irreversible_currents,
    reversible_currents,
)
from .entropy import entropy_flux, entropy_production, relative_entropy, wigner_entropy
from .information import (
    conditional_mutual_information,
    logarithmic_negativity,
    mutual_information,
    mutual_information_profile,
    purity,
    reduced_entropy,
    renyi_entropy,
    symplectic_eigenvalues,
    symplectic_occupations,
    von_neumann_mutual_information,
)
from .links import LinkTerms, link_terms
from .onsager import affinities, onsager_production
from .von_neumann import von_neumann_entropy, von_neumann_entropy_flux, von_neumann_entropy_production

__all__ = [
    "LinkTerms",
    "affinities",
    "bath_currents",
    "clausius_production",
    "conditional_mutual_information",
    "energy_currents",
    "entropy_flux",
    "entropy_production",
    "entropy_rate",
    "excitation_currents",
    "excitation_gain",
    "heat_currents",
    "irreversible_currents",
    "link_terms",
    "logarithmic_negativity",
    "mutual_information",
    "mutual_information_profile",
    "onsager_production",
    "production_split",
    "purity",
    "reduced_entropy",
    "relative_entropy",
    "relative_entropy_rate",
    "renyi_entropy",
    "reversible_currents",
    "symplectic_eigenvalues",
    "symplectic_occupations",
    "unitary_production",
    "von_neumann_entropy",
    "von_neumann_entropy_flux",
    "von_neumann_entropy_production",
    "von_neumann_mutual_information",
    "wigner_entropy",
]
