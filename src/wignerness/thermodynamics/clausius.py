"""Clausius' entropy production: heat over temperature, bath by bath."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import _checks
from .._typing import RealArray
from ..bath import ThermalBath
from ..errors import UndefinedQuantityError
from ..network import Network

__all__ = ["clausius_production"]


def clausius_production(network: Network, heat_currents: Any) -> RealArray:
    r"""Entropy production by heat, :math:`\dot Q_b / T_b`, of every bath; its sum is that of a steady state.

    The second law of thermodynamics says that the sum is not negative. The local master equation may break it,
    because it hands out quanta of the wrong energy.

    Parameters
    ----------
    network : Network
        Each of its baths a thermal bath with a temperature T > 0.
    heat_currents : (K,) array_like
        Energy into each bath per time.

    Returns
    -------
    (K,) array
        Nats per time; positive where the bath is heated.

    Raises
    ------
    UndefinedQuantityError
        If a bath has no temperature, or the temperature zero and a heat current.

    Examples
    --------
    >>> import wignerness as wn
    >>> baths = [wn.ThermalBath.at_temperature(k, 0.02, 1.0 - 0.5 * k, frequency=1.0) for k in (0, 1)]
    >>> pair = wn.steady_state(wn.Network([[1.0, 0.01], [0.01, 1.0]], baths))
    >>> bool(wn.thermodynamics.clausius_production(pair.network, pair.heat_currents).sum() > 0)
    True
    """
    heat = _checks.real_array("heat_currents", heat_currents, (network.n_baths,))
    production = np.zeros(network.n_baths)
    for index, bath in enumerate(network.baths):
        temperature = bath.bath_temperature if isinstance(bath, ThermalBath) else None
        if temperature is None:
            raise UndefinedQuantityError(
                f"Clausius' entropy production needs the temperature of every bath, but {network.bath_labels[index]!r} "
                "has none. ThermalBath.at_temperature gives it one."
            )
        if temperature == 0.0 and heat[index] != 0.0:
            raise UndefinedQuantityError(
                f"Clausius' entropy production diverges: {network.bath_labels[index]!r} has the temperature 0 and a "
                f"heat current of {heat[index]:.6g}."
            )
        production[index] = heat[index] / temperature if temperature else 0.0
    return production
