r"""Currents between baths, integrated over frequencies.

At every frequency the fraction :math:`T_{ba}(\omega) = J_b |G_{ba}|^2 J_a` of what bath a sends arrives in bath b. With
pairing in the rotating-wave form a pair may be sent into two baths at once, at frequencies of opposite sign,
:math:`\tilde T_{ba}(\omega) = J_b(\omega) |G_{ba^\dagger}|^2 J_a(-\omega)`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from .._typing import Array, ComplexArray, RealArray
from ..errors import UndefinedQuantityError
from ..linalg.kronrod import integrate
from .amplitudes import pairs_created, scattering, transmitted
from .localized import ScaledExchange, scaled_exchange
from .response import Response
from .spectral import frequency_panels

_TWO_PI = 2.0 * math.pi
_MEMORY = 2**24
_POINTS = 42  # of a panel, at most
_EACH_PAIR = 16  # baths up to which every pair is computed to the relative accuracy asked for

_Values: TypeAlias = Callable[[Response, RealArray, RealArray], RealArray]


@dataclass(frozen=True)
class Exchange:
    """What pairs of baths exchange, [b, a]: into b from a.

    Attributes
    ----------
    number, energy, flux : (K, K) arrays
        Excitations, energy, and Wigner entropy flux per time.
    transmitted : (K, K) array
        Integral of the transmission over all frequencies / 2 pi.
    errors : (4, K, K) array
        Estimated error of the integration of each of these.
    log_number : (K, K) array
        Natural logarithm of the size of ``number``: finite also where that is below the smallest double, if two baths are
        at the ends of a chain.
    evaluations : int
        Frequencies at which the response was computed.
    """

    number: RealArray
    energy: RealArray
    flux: RealArray
    transmitted: RealArray
    errors: RealArray
    log_number: RealArray
    evaluations: int


def exchange(response: Response, tolerance: float) -> Exchange:
    """Integrate what pairs of baths exchange over all frequencies.

    Up to 16 baths, every number is computed to the relative accuracy asked for; beyond, relative to the largest of its
    kind.
    """
    if response.ended is not None:
        found = scaled_exchange(response.ended, response.environment, tolerance)
        return _between_ends(found, response.ended.baths, len(response.place))
    values, errors, evaluations = _integrated(response, _exchanged, 4, tolerance)
    number, energy, flux, transmission = values
    return Exchange(number, energy, flux, transmission, errors, _log(number), evaluations)


def _between_ends(found: ScaledExchange, baths: tuple[int, int], count: int) -> Exchange:
    first, last = baths
    unit = math.exp(found.scale)
    values, errors = np.zeros((2, 4, count, count))
    number, energy, into_first, into_last, transmission, _ = found.values * unit
    values[:, first, last] = number, energy, into_first, transmission
    values[:, last, first] = -number, -energy, into_last, transmission
    spread = found.errors * unit
    errors[:, first, last], errors[:, last, first] = spread[[0, 1, 2, 4]], spread[[0, 1, 3, 4]]
    logs = np.full((count, count), -np.inf)
    logs[first, last] = logs[last, first] = _log(found.values[0]) + found.scale
    return Exchange(values[0], values[1], values[2], values[3], errors, logs, found.evaluations)


def _log(values: RealArray) -> RealArray:
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(np.abs(values)))


def exchange_noise(response: Response, tolerance: float) -> tuple[RealArray, RealArray]:
    """Zero-frequency noise of the excitations that baths b and a take up, and its estimated errors, (K, K) each.

    Raises
    ------
    UndefinedQuantityError
        Where pairs are created, in the rotating-wave form.
    """
    if response.creates_pairs:
        raise UndefinedQuantityError(
            "The noise of the currents is given for scattering that keeps the number of excitations, but pairing in the "
            "rotating-wave form creates pairs."
        )
    if response.ended is not None:
        found = scaled_exchange(response.ended, response.environment, tolerance)
        signs = np.zeros((len(response.place),) * 2)
        first, last = response.ended.baths
        signs[first, first] = signs[last, last] = 1.0
        signs[first, last] = signs[last, first] = -1.0
        unit = math.exp(found.scale)
        return found.values[5] * unit * signs, found.errors[5] * unit * np.abs(signs)
    values, errors, _ = _integrated(response, _fluctuating, 1, tolerance)
    return np.asarray(values[0]), np.asarray(errors[0])


def _integrated(response: Response, values_of: _Values, kinds: int, tolerance: float) -> tuple[Array, RealArray, int]:
    """Integrals / 2 pi of functions of frequency for all pairs, and their errors, (kinds, K, K) each."""
    count = len(response.place)

    def integrand(origin: RealArray, offset: RealArray, weights: RealArray) -> RealArray:
        values = values_of(response, origin, offset)
        return np.asarray(np.einsum("wPq,Pqm->wPm", weights, values.reshape(*offset.shape, -1)))

    each = count <= _EACH_PAIR
    groups = list(range(0, kinds * count**2, 1 if each else count**2))
    size = len(response.matrix) * response.ports.shape[1] + 8 * count**2
    batch = max(1, _MEMORY // (_POINTS * size))
    found = integrate(integrand, frequency_panels(response), groups, tolerance, batch=batch)
    values = found.value.reshape(kinds, count, count) / _TWO_PI
    errors = (found.error if each else np.repeat(found.error, count**2)).reshape(values.shape) / _TWO_PI
    return np.asarray(values), errors, found.evaluations


def _filling(response: Response, omega: RealArray) -> tuple[RealArray, RealArray]:
    """n_b, (P, q, K), and n_a - n_b, (P, q, K, K)."""
    environment = response.environment
    surplus = -np.moveaxis(environment.differences(omega), (0, 1), (2, 3))
    return np.moveaxis(environment.occupation(omega), 0, -1), surplus


def _exchanged(response: Response, origin: RealArray, offset: RealArray) -> RealArray:
    """The integrands of number, energy, flux and transmission, (P, q, 4, K, K)."""
    omega = origin[:, None] + offset
    occupied, surplus = _filling(response, omega)
    transmission = transmitted(response, origin, offset)
    number = transmission * surplus
    if response.creates_pairs:
        number = number + pairs_created(response, origin, offset, occupied)
    flux = number / (occupied[..., :, None] + 0.5)
    return np.stack([number, omega[..., None, None] * number, flux, transmission], axis=2)


def _fluctuating(response: Response, origin: RealArray, offset: RealArray) -> RealArray:
    """The integrand of the noise."""
    filling = _filling(response, origin[:, None] + offset)
    return _noise(scattering(response, origin, offset), transmitted(response, origin, offset), *filling)


def _noise(scattered: ComplexArray, transmission: RealArray, n: RealArray, surplus: RealArray) -> RealArray:
    r"""Zero-frequency noise, without cancellation where little is transmitted.

    On the diagonal :math:`\sum_a T_{ba} [n_a (1 + n_b) + n_b (1 + n_a)] + [\sum_a T_{ba} (n_a - n_b)]^2`, off it
    :math:`|X_{ba}|^2 - T_{ab} n_b (1 + n_b) - T_{ba} n_a (1 + n_a)` with :math:`X = (s N - N s) s^\dagger`.
    """
    own = n * (1.0 + n)
    weighted = scattered * surplus
    mixed = np.abs(weighted + weighted @ np.swapaxes(scattered.conj(), -1, -2)) ** 2
    found = mixed - np.swapaxes(transmission, -1, -2) * own[..., :, None] - transmission * own[..., None, :]
    b, a = n[..., :, None], n[..., None, :]
    diagonal = np.sum(transmission * (a * (1.0 + b) + b * (1.0 + a)), axis=-1)
    every = np.arange(n.shape[-1])
    found[..., every, every] = diagonal + np.sum(transmission * surplus, axis=-1) ** 2
    return np.asarray(found)
