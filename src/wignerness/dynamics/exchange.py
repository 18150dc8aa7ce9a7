"""How much each bath takes up in a time, and how much that fluctuates: exact moments in the steady state."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .._checks import real
from .._typing import RealArray
from ..errors import UndefinedQuantityError
from ..linalg.propagator import Propagator
from ..network import Network
from ..solvers import Dense
from ..thermodynamics._fit import check_thermal
from .propagation import blocks
from .steady import steady_state

__all__ = ["ExchangeStatistics", "exchange_statistics"]


class ExchangeStatistics(NamedTuple):
    """Excitations that each bath takes up in a time, counted along phase-space trajectories.

    This is the symmetrized noise; that of counted quanta is different at low occupation.

    Attributes
    ----------
    mean, variance : (K,) arrays
    """

    mean: RealArray
    variance: RealArray

    @property
    def fano(self) -> RealArray:
        """Fano factor, variance / |mean|, shape (K,); infinite where the mean vanishes."""
        size = np.abs(self.mean)
        return np.asarray(np.divide(self.variance, size, out=np.full(len(size), np.inf), where=size > 0))


def exchange_statistics(network: Network, duration: float) -> ExchangeStatistics:
    r"""Exact mean and variance of the excitations each bath takes up in the steady state, from moment equations.

    Counted along phase-space trajectories: :math:`X_c = -\int 2\,\mathrm{Re}(\alpha_k^* \circ dy_c)`. With the
    steady :math:`V = C + \frac12`, :math:`Y(t) = \mathrm{Cov}(X_c, \alpha \alpha^\dagger)` obeys
    :math:`\dot Y = A Y + Y A^\dagger + \gamma V P_k V - \gamma d (V P_k + P_k V)`, and
    :math:`\mathrm{Var}[X_c] = 2 \gamma d V_{kk} t + 2 \gamma \int_0^t Y_{kk}`.

    Parameters
    ----------
    network : Network
        Thermal baths and probes, no pairing, no drive.
    duration : float
        The time over which is counted, > 0.

    Returns
    -------
    ExchangeStatistics
        The symmetrized noise; that of counted quanta is different at low occupation.

    Raises
    ------
    UndefinedQuantityError
        With other baths, pairing or drive.
    NoUniqueSteadyStateError
        If there is no steady state.

    Examples
    --------
    >>> import wignerness as wn
    >>> pair = wn.models.chain(2, hopping=0.5, rate=1.0, occupations=(1, 2))
    >>> wn.exchange_statistics(pair, 1000.0).mean.round(6)
    array([ 250., -250.])
    """
    check_thermal(network, "statistics of the exchange")
    if not network.is_passive or network.drive.any():
        raise UndefinedQuantityError("The statistics of the exchange are given without pairing and drive.")
    time = real("duration", duration, above=0.0)
    ness = steady_state(network, solver=Dense())
    covariance = ness.state.normal + np.eye(network.n_modes) / 2
    propagator = Propagator(blocks(ness.network))
    variance = np.empty(network.n_baths)
    channels = zip(ness.network.bath_modes, ness.network.bath_rates, ness.network.bath_occupations + 0.5, strict=True)
    for index, (node, rate, width) in enumerate(channels):
        column = covariance[:, node]
        pull = np.zeros_like(covariance)
        pull[:, node] = column
        source = rate * np.outer(column, column.conj()) - rate * width * (pull + pull.conj().T)
        summed = propagator.fed(source, time, order=2)[node, node].real
        variance[index] = 2 * rate * (width * column[node].real * time + summed)
    return ExchangeStatistics(ness.bath_currents * time, variance)
