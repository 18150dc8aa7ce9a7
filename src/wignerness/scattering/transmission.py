"""The transmission of a network between its baths, at single frequencies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import _checks
from .._typing import RealArray
from ..errors import UndefinedQuantityError
from ..network import Network
from .amplitudes import log_transmitted, scattering, transmitted
from .environment import Environment
from .response import Response

__all__ = ["log_transmission", "transmission"]

_AT_ONCE = 2**22  # numbers held for some of the frequencies


def transmission(
    network: Network, omega: Any, *, counter_rotating: bool = False, dressed_at: float | None = None
) -> RealArray:
    r"""Transmission :math:`T_{ba}(\omega) = J_b(\omega) |G_{ba}(\omega)|^2 J_a(\omega)` into bath b from bath a.

    The probability that what bath a sends at a frequency arrives in bath b; the diagonal is what comes back,
    :math:`|1 - i J_a G_{aa}|^2`, so that every row and every column adds up to one. Baths on one node have a
    transmission of their own between them.

    Parameters
    ----------
    network : Network
        Thermal baths and probes; no pairing, unless the baths couple to positions.
    omega : (...) array_like
        Frequencies (unit: that of the Hamiltonian).
    counter_rotating, dressed_at
        As for :class:`wignerness.theories.Exact`; with the former the frequencies must be positive.

    Returns
    -------
    (..., K, K) array

    Raises
    ------
    UndefinedQuantityError
        With other baths, a drive, or pairing in the rotating-wave form, where pairs are created.

    Examples
    --------
    Two resonant sites with 2 lambda = gamma: all is transmitted at resonance.

    >>> import wignerness as wn
    >>> pair = wn.models.chain(2, hopping=0.5, rate=1.0, occupations=(1, 2))
    >>> wn.scattering.transmission(pair, [0.0, 0.5]).round(12)
    array([[[0. , 1. ],
            [1. , 0. ]],
    <BLANKLINE>
           [[0.2, 0.8],
            [0.8, 0.2]]])
    """
    frequencies = _frequencies(omega, counter_rotating)
    response = _response(network, counter_rotating, dressed_at)
    return _at_each(response, frequencies, _with_reflection)


def log_transmission(network: Network, omega: Any, *, dressed_at: float | None = None) -> RealArray:
    r"""Natural logarithm of the transmission through a chain, by transfer matrices.

    The logarithms of the sizes of the elements of the transfer matrices (the pivots of eliminations from both ends) are
    added up, so that every element has its digits and is finite where the transmission itself is below all doubles.

    Parameters
    ----------
    network : Network
        A chain: its nodes hang together as a path. Thermal baths and probes on any of them; no pairing.
    omega, dressed_at
        As for :func:`transmission`.

    Returns
    -------
    (..., K, K) array
        ln T_ba; on the diagonal that of what comes back.

    Raises
    ------
    UndefinedQuantityError
        If the network is no chain, or for the reasons of :func:`transmission`.

    Examples
    --------
    >>> import wignerness as wn
    >>> wall = wn.models.chain(60, hopping=1.0, rate=1.0, occupations=(1, 2), frequency=1e4)
    >>> wn.scattering.transmission(wall, 0.0)[0, 1], wn.scattering.log_transmission(wall, 0.0)[0, 1].round(6)
    (np.float64(0.0), np.float64(-1105.240843))
    """
    frequencies = _frequencies(omega, False)
    response = _response(network, False, dressed_at)
    if response.chain is None:
        raise UndefinedQuantityError(
            "The logarithm of the transmission is given for chains, but the nodes of this network do not hang together as "
            "a path. transmission() has the transmission itself."
        )
    return _at_each(response, frequencies, _logarithm)


def _frequencies(omega: Any, counter_rotating: bool) -> RealArray:
    frequencies = _checks.real_array("omega", omega)
    if counter_rotating and not (frequencies > 0.0).all():
        rule = "be positive for baths that are coupled to positions"
        _checks.fail("omega", rule, f"{float(frequencies.min()):.6g}")
    return frequencies


def _response(network: Network, counter_rotating: bool, dressed_at: float | None) -> Response:
    response = Response(network, Environment(network, counter_rotating=counter_rotating, dressed_at=dressed_at))
    if response.creates_pairs:
        raise UndefinedQuantityError(
            "With pairing in the rotating-wave form pairs are created, and the transmission does not add up to one. "
            "steady_state(network, theory=theories.Exact()) has the currents."
        )
    return response


def _at_each(
    response: Response, omega: RealArray, values_of: Callable[[Response, RealArray, RealArray], RealArray]
) -> RealArray:
    count, flat = len(response.place), omega.ravel()
    found = np.empty((len(flat), count, count))
    step = max(1, _AT_ONCE // (len(response.matrix) * response.ports.shape[1] + count**2))
    for start in range(0, len(flat), step):
        part = flat[start : start + step]
        found[start : start + step] = values_of(response, part, np.zeros((len(part), 1)))[:, 0]
    return found.reshape(*omega.shape, count, count)


def _with_reflection(response: Response, origin: RealArray, offset: RealArray) -> RealArray:
    found = transmitted(response, origin, offset)
    every = np.arange(found.shape[-1])
    found[..., every, every] = np.abs(1.0 + scattering(response, origin, offset)[..., every, every]) ** 2
    return found


def _logarithm(response: Response, origin: RealArray, offset: RealArray) -> RealArray:
    if response.chain is None:
        return np.zeros(0)
    found = log_transmitted(response, response.chain, origin, offset)
    every = np.arange(found.shape[-1])
    with np.errstate(divide="ignore"):
        found[..., every, every] = np.log(_with_reflection(response, origin, offset)[..., every, every])
    return found
