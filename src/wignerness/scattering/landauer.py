"""Landauer's currents between baths and their noise."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .. import _checks
from .._text import aligned, shortened
from .._typing import RealArray
from ..errors import UndefinedQuantityError
from ..network import Network
from .environment import Environment
from .exchange import Exchange, exchange, exchange_noise
from .response import Response

__all__ = ["LandauerCurrents", "landauer_currents"]


@dataclass(frozen=True, eq=False, repr=False)
class LandauerCurrents:
    """What baths exchange through a network; prints itself as a table.

    Attributes
    ----------
    network : Network
    exchange : Exchange
        Pair by pair, [b, a] into bath b from bath a, with the estimated errors of the integration.
    tolerance : float
    """

    network: Network
    exchange: Exchange
    response: Response
    tolerance: float

    @cached_property
    def number(self) -> RealArray:
        """Excitations into each bath per time, shape (K,)."""
        return _checks.read_only(self.exchange.number.sum(axis=1))

    @cached_property
    def log_number(self) -> RealArray:
        """Natural logarithm of the size of the number currents, pair by pair, shape (K, K).

        Finite also where a current is below the smallest double, if the network is a chain between two baths.
        """
        return _checks.read_only(self.exchange.log_number)

    @cached_property
    def energy(self) -> RealArray:
        """Energy into each bath per time, shape (K,)."""
        return _checks.read_only(self.exchange.energy.sum(axis=1))

    @cached_property
    def entropy_flux(self) -> RealArray:
        r"""Wigner entropy flux into each bath, :math:`\sum_a \int T_{ba} (n_a - n_b)/(n_b + 1/2)`, shape (K,)."""
        return _checks.read_only(self.exchange.flux.sum(axis=1))

    @cached_property
    def transmitted(self) -> RealArray:
        """Integral of the transmission over all frequencies / 2 pi, shape (K, K); zero on the diagonal."""
        return _checks.read_only(self.exchange.transmitted)

    @cached_property
    def noise(self) -> RealArray:
        r"""Zero-frequency noise of the counted excitations into baths b and a, shape (K, K).

        On the diagonal :math:`\int \frac{d\omega}{2\pi} \{\sum_a T_{ba} [n_a (1 + n_b) + n_b (1 + n_a)]
        + [\sum_a T_{ba} (n_a - n_b)]^2\}`; every row adds up to zero, as no excitation is lost.
        """
        return _checks.read_only(exchange_noise(self.response, self.tolerance)[0])

    @property
    def error_bound(self) -> float:
        """Estimated error of the number currents of pairs, relative to the largest; ``exchange.errors`` has all."""
        largest = float(np.abs(self.exchange.number).max(initial=0.0))
        return float(self.exchange.errors[0].max(initial=0.0)) / largest if largest > 0.0 else 0.0

    def __repr__(self) -> str:
        return f"LandauerCurrents({self.network!r}, relative error {self.error_bound:.1e})"

    def __str__(self) -> str:
        title, *labels = aligned("bath", *self.network.bath_labels, width=16)
        columns = zip(labels, self.number, self.energy, self.entropy_flux, strict=True)
        rows = [f"  {label} {j:>14.6g} {e:>14.6g} {phi:>14.6g}" for label, j, e, phi in columns]
        return "\n".join([f"  {title} {'number':>14} {'energy':>14} {'flux Phi':>14}", *shortened(rows)])


def landauer_currents(
    network: Network,
    *,
    counter_rotating: bool = False,
    dressed_at: float | None = None,
    infrared: float = 1e-4,
    tolerance: float = 1e-10,
) -> LandauerCurrents:
    r"""Currents into baths by Landauer's formula, :math:`J_b = \sum_a \int \frac{d\omega}{2\pi} T_{ba} (n_a - n_b)`.

    What a pair of baths exchanges is the integral of a positive transmission, and no difference of larger numbers; up to
    16 baths each pair is integrated to the accuracy asked for by itself. Through chains the transmission keeps its
    digits however small it is, and a chain between two baths those of the current, too, however narrow its resonances.

    Parameters
    ----------
    network : Network
        Thermal baths and probes of fixed occupation.
    counter_rotating, dressed_at, infrared
        As for :class:`wignerness.theories.Exact`.
    tolerance : float
        Relative error of the integrals that is aimed at.

    Returns
    -------
    LandauerCurrents

    Raises
    ------
    UndefinedQuantityError
        With other baths or a drive, or where the occupation of a probe is still to be found.

    Examples
    --------
    >>> import wignerness as wn
    >>> pair = wn.models.chain(2, hopping=0.5, rate=1.0, occupations=(1, 2))
    >>> found = wn.scattering.landauer_currents(pair)
    >>> found.number.round(12), found.transmitted[0, 1].round(12), found.noise[0, 0].round(12)
    (array([ 0.25, -0.25]), np.float64(0.25), np.float64(1.9375))
    """
    if network.free_probes:
        label = network.bath_labels[network.free_probes[0]]
        raise UndefinedQuantityError(
            f"The occupation of {label!r} is not known. steady_state(network, theory=theories.Exact()) closes probes; its "
            "`network` has them filled in."
        )
    environment = Environment(
        network, counter_rotating=counter_rotating, dressed_at=dressed_at, infrared=_checks.real("infrared", infrared)
    )
    accuracy = _checks.real("tolerance", tolerance, above=0.0)
    response = Response(network, environment)
    return LandauerCurrents(network, exchange(response, accuracy), response, accuracy)
