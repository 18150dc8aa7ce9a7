"""How fast a network forgets: decay rates of its normal modes and the spectral gap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import linalg

from .._checks import read_only
from .._typing import ComplexArray, RealArray
from ..network import Network
from .propagation import dense


@dataclass(frozen=True, eq=False)
class Relaxation:
    """Normal modes of the damped network, slowest first.

    Attributes
    ----------
    rates : (L,) or (2L,) array
        Decay rates of the amplitudes, -Re of the eigenvalues of the drift; second moments decay twice as fast.
        Negative for a growing mode.
    frequencies : array of the same shape
        -Im of the eigenvalues.
    modes : (L, L) or (2L, 2L) array
        The right eigenvectors, one a row, normalized.
    """

    rates: RealArray
    frequencies: RealArray
    modes: ComplexArray

    @property
    def gap(self) -> float:
        """The smallest rate: the late approach to the steady state goes as exp(-gap t)."""
        return float(self.rates[0])


def relaxation(network: Network) -> Relaxation:
    """Decay rates and modes of the drift A (Eq. B2); without feedback of free probes, which only slows them.

    Raises
    ------
    UndefinedQuantityError
        With dephasing, which is no drift of the amplitudes alone.

    Examples
    --------
    >>> import wignerness as wn
    >>> pair = wn.Network([[1.0, 0.5], [0.5, 1.0]], [wn.ThermalBath(0, 0.2, 1.0)])
    >>> wn.relaxation(pair).rates.round(12)
    array([0.05, 0.05])
    """
    values, vectors = linalg.eig(dense(network.drift))
    order = np.argsort(-values.real, kind="stable")
    modes = vectors[:, order].T
    return Relaxation(read_only(-values.real[order]), read_only(-values.imag[order]), read_only(modes))
