"""From moments in the normal modes to an account: state, currents, heat, entropy, bath by bath."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import linalg

from .._typing import ComplexArray, RealArray
from ..network import Network
from ..state import GaussianState
from .account import Theory, TheoryAccount, Undefined
from .moments import Moments
from .reservoirs import NormalModes

__all__ = ["NormalModeAccount", "account_of"]


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class NormalModeAccount(TheoryAccount):
    """A steady state computed in the normal modes, which exchange quanta of their own energies with the baths.

    Attributes
    ----------
    energies : (L,) array
        Frequencies of the normal modes, ascending.
    modes : (L, L) array
        Normal modes, one a column.
    mode_currents : (K, L) array
        Excitations into bath b from normal mode k, per time; the energy of each is that of its mode.
    """

    energies: RealArray
    modes: ComplexArray
    mode_currents: RealArray


def account_of(
    theory: Theory, network: Network, modes: NormalModes, moments: Moments, reason: str, **extra: Any
) -> NormalModeAccount:
    """Assemble the account of a steady state."""
    normal = moments.normal
    state = _state(modes, moments)
    mode_currents = -np.diagonal(moments.flows, axis1=1, axis2=2).real.copy()
    flux = np.sum(mode_currents / (modes.occupations + 0.5), axis=1)
    quantities: Mapping[str, RealArray | Undefined] = {
        "bath_currents": mode_currents.sum(axis=1),
        "heat_currents": mode_currents @ modes.energies,
        "entropy_flux": flux,
        "entropy_production": _production(theory, modes, moments, normal),
    }
    return NormalModeAccount(
        theory=theory,
        network=network,
        state=state,
        reason=reason,
        error_bound=moments.error_bound,
        quantities=quantities,
        energies=modes.energies,
        modes=modes.vectors,
        mode_currents=mode_currents,
        **extra,
    )


def _state(modes: NormalModes, moments: Moments) -> GaussianState:
    """The state of the nodes; where all baths agree, n at every frequency, C is n without the rounding of V n V^+."""
    base = moments.reference.min(initial=np.inf)
    rest = moments.excess + np.diag(moments.reference - base)
    normal = modes.vectors @ rest @ modes.vectors.conj().T
    normal = (normal + normal.conj().T) / 2 + base * np.eye(len(normal))
    return GaussianState(np.zeros(len(normal)), normal, trusted=True)


def _production(theory: Theory, modes: NormalModes, moments: Moments, normal: ComplexArray) -> RealArray | Undefined:
    r"""Production by each bath relative to its Gibbs state, :math:`-\mathrm{Tr}[V^{-1} Z_b d_b^{-1} Y_b]`, V = C + 1/2.

    It is the flux plus the change of the Wigner entropy by the bath, (V^-1 - d^-1) with its difference taken.
    """
    try:
        factor = linalg.cho_factor(normal + np.eye(len(normal)) / 2, lower=True)
    except linalg.LinAlgError:
        return Undefined(f"{theory!r} gives moments that are no state: C + 1/2 has a negative eigenvalue.")
    production = np.zeros(len(moments.flows))
    for b, flow in enumerate(moments.flows):
        away = moments.excess - np.diag(modes.occupations[b] - moments.reference)
        pull = (away / (modes.occupations[b] + 0.5)) @ flow
        production[b] = -float(np.trace(linalg.cho_solve(factor, pull)).real)
    return production
