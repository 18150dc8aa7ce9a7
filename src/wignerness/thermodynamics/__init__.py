"""Thermodynamics: functions of a network and a state. Nothing here solves anything."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from .._checks import representable
from . import balance, currents, entropy, information, onsager, von_neumann
from .clausius import clausius_production
from .links import LinkTerms, link_terms

P = ParamSpec("P")
T = TypeVar("T")


def _checked(function: Callable[P, T], name: str, *, may_be_infinite: bool = False) -> Callable[P, T]:
    """The public form of a function: what overflows on the way is refused by name."""
    public = representable(name, may_be_infinite=may_be_infinite)(function)
    public.__module__ = __name__  # where pickle finds it
    return public


affinities = _checked(onsager.affinities, "affinities")
bath_currents = _checked(currents.bath_currents, "bath currents")
conditional_mutual_information = _checked(information.conditional_mutual_information, "mutual information")
energy_currents = _checked(currents.energy_currents, "energy currents")
entropy_flux = _checked(entropy.entropy_flux, "entropy flux")
entropy_production = _checked(entropy.entropy_production, "entropy production")
entropy_rate = _checked(balance.entropy_rate, "entropy rate")
excitation_currents = _checked(currents.excitation_currents, "excitation currents")
excitation_gain = _checked(currents.excitation_gain, "gain of drive and pairing")
heat_currents = _checked(currents.heat_currents, "heat currents")
irreversible_currents = _checked(currents.irreversible_currents, "quasi-probability currents")
logarithmic_negativity = _checked(information.logarithmic_negativity, "logarithmic negativity")
mutual_information = _checked(information.mutual_information, "mutual information")
mutual_information_profile = _checked(information.mutual_information_profile, "mutual information")
onsager_production = _checked(onsager.onsager_production, "Onsager form")
production_split = _checked(balance.production_split, "entropy production")
purity = _checked(information.purity, "purity")
reduced_entropy = _checked(information.reduced_entropy, "von Neumann entropy")
relative_entropy = _checked(entropy.relative_entropy, "relative entropy")
relative_entropy_rate = _checked(balance.relative_entropy_rate, "rate of the relative entropy")
renyi_entropy = _checked(information.renyi_entropy, "Renyi entropy")
reversible_currents = _checked(currents.reversible_currents, "quasi-probability currents")
symplectic_eigenvalues = _checked(information.symplectic_eigenvalues, "symplectic spectrum")
symplectic_occupations = _checked(information.symplectic_occupations, "symplectic spectrum")
unitary_production = _checked(balance.unitary_production, "unitary term")
von_neumann_entropy = _checked(von_neumann.von_neumann_entropy, "von Neumann entropy")
von_neumann_entropy_flux = _checked(
    von_neumann.von_neumann_entropy_flux, "von Neumann entropy flux", may_be_infinite=True
)
von_neumann_entropy_production = _checked(
    von_neumann.von_neumann_entropy_production, "von Neumann entropy production", may_be_infinite=True
)
von_neumann_mutual_information = _checked(information.von_neumann_mutual_information, "quantum mutual information")
wigner_entropy = _checked(entropy.wigner_entropy, "Wigner entropy")

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
