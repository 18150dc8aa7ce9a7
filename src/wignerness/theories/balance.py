"""From moments in the normal modes to an account: state, currents, heat, entropy, bath by bath."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

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
    theory: Theory,
    network: Network,
    modes: NormalModes,
    moments: Moments,
    reason: str,
    *,
    closed: Sequence[int] = (),
    **extra: Any,
) -> NormalModeAccount:
    """Assemble the account of a steady state; ``closed`` are the baths that are probes whose occupation was found."""
    currents = moments.mode_currents
    missing = Undefined(f"{theory!r} gives moments that are no state: C + 1/2 has a negative eigenvalue.")
    numbers, flux = currents.sum(axis=1), np.sum(currents / (modes.occupations + 0.5), axis=1)
    # A closed probe exchanges no excitations; its rounded occupation would leave a last digit.
    numbers[list(closed)] = flux[list(closed)] = 0.0
    quantities: Mapping[str, RealArray | Undefined] = {
        "bath_currents": numbers,
        "heat_currents": currents @ modes.energies,
        "entropy_flux": flux,
        "entropy_production": missing if moments.production is None else moments.production,
    }
    return NormalModeAccount(
        theory=theory,
        network=network,
        state=_state(modes, moments),
        reason=reason,
        error_bound=moments.error_bound,
        quantities=quantities,
        energies=modes.energies,
        modes=modes.vectors,
        mode_currents=currents,
        **extra,
    )


def _state(modes: NormalModes, moments: Moments) -> GaussianState:
    """The state of the nodes; where all baths agree, n at every frequency, C is n without the rounding of V n V^+."""
    base = moments.reference.min(initial=np.inf)
    rest = moments.excess + np.diag(moments.reference - base)
    normal = modes.vectors @ rest @ modes.vectors.conj().T
    normal = (normal + normal.conj().T) / 2 + base * np.eye(len(normal))
    return GaussianState(np.zeros(len(normal)), normal, trusted=True)
