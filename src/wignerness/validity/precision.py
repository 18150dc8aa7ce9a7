"""How finely a steady state knows its currents: below that, two theories cannot be told apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .._typing import RealArray
from ..bath import Probe, SqueezedBath, ThermalBath
from ..theories import ExactAccount, LeadsAccount, SteadyAccount

__all__ = ["Precision"]

_EPS = float(np.finfo(np.float64).eps)
# Error of C where none is stated, relative to n + 1/2 of the fullest node.
_UNSTATED = 1e-13


@dataclass(frozen=True, eq=False)
class Precision:
    """Errors of the currents into each bath, bath by bath: a weakly coupled one is not blurred by a strong one.

    Attributes
    ----------
    bath_currents, heat_currents : (K,) arrays
    """

    bath_currents: RealArray
    heat_currents: RealArray

    @classmethod
    def of(cls, account: SteadyAccount, *, is_measure: bool = False) -> Precision:
        """What integrals over frequencies say of their error; otherwise what the error of C makes of the currents.

        The error of leads is what they are compared for, unless others are measured by them.
        """
        if isinstance(account, ExactAccount):
            errors = account.exchange.errors.sum(axis=2)
            sizes = _EPS * np.abs([account.exchange.number, account.exchange.energy]).sum(axis=2)
            return cls(errors[0] + sizes[0], errors[1] + sizes[1])
        network, n = account.network, account.occupations
        error = account.error_bound
        if is_measure and isinstance(account, LeadsAccount):
            error = account.difference
        if error is None:
            error = _UNSTATED * (float(np.max(n, initial=0.0)) + 0.5)
        reach = np.asarray(abs(network.hamiltonian).sum(axis=1)).ravel()
        number, energy = np.zeros((2, network.n_baths))
        for index, bath in enumerate(network.baths):
            if isinstance(bath, (ThermalBath, Probe, SqueezedBath)):
                blur = error + 4 * _EPS * (float(n[bath.mode]) + (bath.occupation or 0.0))
                number[index] = bath.rate * blur
                energy[index] = number[index] * reach[bath.mode]
        return cls(number, energy)

    def __add__(self, other: Precision) -> Precision:
        return Precision(self.bath_currents + other.bath_currents, self.heat_currents + other.heat_currents)
