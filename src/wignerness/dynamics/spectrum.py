"""How fast a network forgets: decay rates of its normal modes and the spectral gap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import linalg

from .._checks import read_only, representable
from .._typing import ComplexArray, RealArray
from ..linalg.eigensystem import eigensystem
from ..linalg.propagator import Block
from ..network import Network
from .propagation import blocks

_STILL = 2.0**-80  # of the largest element of the drift: a refined rate below this is zero


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
        The right eigenvectors, one a row, normalized; in ladder order (a_1, a_1^+, ...) where the network is not passive.
        At an exceptional point some coincide.
    """

    rates: RealArray
    frequencies: RealArray
    modes: ComplexArray

    @property
    def gap(self) -> float:
        """The smallest rate: amplitudes approach the steady state as exp(-gap t), second moments as exp(-2 gap t)."""
        return float(self.rates[0])


@representable("relaxation")
def relaxation(network: Network) -> Relaxation:
    """Decay rates and modes of the drift A (Eq. B2); without feedback of free probes, which only slows them.

    Rates keep their digits where they differ by many decades, but near exceptional points, where an eigenvalue is
    sensitive to everything.

    Parameters
    ----------
    network : Network

    Returns
    -------
    Relaxation

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
    found = blocks(network)
    size = sum(len(block.places) for block in found)
    values, modes = np.empty(size, dtype=np.complex128), np.zeros((size, size), dtype=np.complex128)
    done = 0
    for block in found:
        here = slice(done, done + len(block.places))
        values[here], vectors = _eigenvectors(block)
        modes[here, block.places] = (vectors / np.linalg.norm(vectors, axis=0)).T
        done = here.stop
    order = np.lexsort([-values.imag, -values.real])
    return Relaxation(read_only(-values.real[order]), read_only(-values.imag[order]), read_only(modes[order]))


def _eigenvectors(block: Block) -> tuple[ComplexArray, ComplexArray]:
    system = eigensystem(block.matrix)
    if system is None:
        values, vectors = linalg.eig(block.matrix.hi)
    else:
        values, vectors = system.values.hi, system.vectors
        still = np.abs(values.real) <= _STILL * np.abs(block.matrix.hi).max()
        values = np.where(still, 1j * values.imag, values)
    return np.asarray(values - 1j * block.turning, dtype=np.complex128), vectors
