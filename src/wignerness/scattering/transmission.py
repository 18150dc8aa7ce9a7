"""The transmission of a network between its baths, at single frequencies."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import _checks
from .._typing import RealArray
from ..errors import UndefinedQuantityError
from ..network import Network
from .environment import Environment
from .exchange import probabilities
from .response import Response

__all__ = ["transmission"]

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
    frequencies = _checks.real_array("omega", omega)
    if counter_rotating and not (frequencies > 0.0).all():
        rule = "be positive for baths that are coupled to positions"
        _checks.fail("omega", rule, f"{float(frequencies.min()):.6g}")
    response = Response(network, Environment(network, counter_rotating=counter_rotating, dressed_at=dressed_at))
    if not response.is_small and not counter_rotating:
        raise UndefinedQuantityError(
            "With pairing in the rotating-wave form pairs are created, and the transmission does not add up to one. "
            "steady_state(network, theory=theories.Exact()) has the currents."
        )
    count, flat = network.n_baths, frequencies.reshape(-1, 1)
    found = np.empty((len(flat), count, count))
    step = max(1, _AT_ONCE // (len(response.matrix) * max(response.ports.shape[1], 1) + count**2))
    for start in range(0, len(flat), step):
        part = flat[start : start + step]
        scattered, transmitted = probabilities(response, part, response.columns(np.zeros(len(part)), part))
        every = np.arange(count)
        transmitted[..., every, every] = np.abs(1.0 + scattered[..., every, every]) ** 2
        found[start : start + step] = transmitted[:, 0]
    return found.reshape(*frequencies.shape, count, count)
