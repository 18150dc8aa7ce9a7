r"""Transmission between baths and the currents that it carries.

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

from .._typing import Array, ComplexArray, IntArray, RealArray
from ..errors import UndefinedQuantityError
from ..linalg.kronrod import integrate
from .response import Response
from .spectral import frequency_panels

_TWO_PI = 2.0 * math.pi
_MEMORY = 2**24
_POINTS = 42  # of a panel, at most
_EACH_PAIR = 16  # baths up to which every pair is computed to the relative accuracy asked for

_Values: TypeAlias = Callable[[Response, RealArray, ComplexArray], RealArray]


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
    evaluations : int
        Frequencies at which the response was computed.
    """

    number: RealArray
    energy: RealArray
    flux: RealArray
    transmitted: RealArray
    errors: RealArray
    evaluations: int


def exchange(response: Response, tolerance: float) -> Exchange:
    """Integrate what pairs of baths exchange over all frequencies.

    Up to 16 baths, every number is computed to the relative accuracy asked for; beyond, relative to the largest of its
    kind.
    """
    values, errors, evaluations = _integrated(response, _exchanged, 4, tolerance)
    number, energy, flux, transmitted = values
    return Exchange(number, energy, flux, transmitted, errors, evaluations)


def exchange_noise(response: Response, tolerance: float) -> tuple[RealArray, RealArray]:
    """Zero-frequency noise of the excitations that baths b and a take up, and its estimated errors, (K, K) each.

    Raises
    ------
    UndefinedQuantityError
        Where pairs are created, in the rotating-wave form.
    """
    if not response.is_small and not response.environment.counter_rotating:
        raise UndefinedQuantityError(
            "The noise of the currents is given for scattering that keeps the number of excitations, but pairing in the "
            "rotating-wave form creates pairs."
        )
    values, errors, _ = _integrated(response, _fluctuating, 1, tolerance)
    return np.asarray(values[0]), np.asarray(errors[0])


def _integrated(response: Response, values_of: _Values, kinds: int, tolerance: float) -> tuple[Array, RealArray, int]:
    """Integrals / 2 pi of functions of frequency for all pairs, and their errors, (kinds, K, K) each."""
    count = len(response.place)

    def integrand(origin: RealArray, offset: RealArray, weights: RealArray) -> RealArray:
        omega = origin[:, None] + offset
        values = values_of(response, omega, response.columns(origin, offset))
        return np.asarray(np.einsum("wPq,Pqm->wPm", weights, values.reshape(*omega.shape, -1)))

    each = count <= _EACH_PAIR
    groups = list(range(0, kinds * count**2, 1 if each else count**2))
    size = len(response.matrix) * response.ports.shape[1] + 8 * count**2
    batch = max(1, _MEMORY // (_POINTS * size))
    found = integrate(integrand, frequency_panels(response), groups, tolerance, batch=batch)
    values = found.value.reshape(kinds, count, count) / _TWO_PI
    errors = (found.error if each else np.repeat(found.error, count**2)).reshape(values.shape) / _TWO_PI
    return np.asarray(values), errors, found.evaluations


def amplitudes(response: Response, columns: ComplexArray) -> tuple[ComplexArray, ComplexArray]:
    """G between the nodes of every two baths, and from a^+ to a where pairs are created, (P, q, K, K) each."""
    between = response.between_ports(columns)
    if response.is_small:
        return _selected(between, response.place), np.zeros(0, dtype=np.complex128)
    upper, across = between[..., ::2, ::2], between[..., ::2, 1::2]
    if response.environment.counter_rotating:  # from [a + a^+, .] to a + a^+
        lower = between[..., 1::2, ::2] - between[..., 1::2, 1::2]
        return _selected(upper - across + lower, response.place), np.zeros(0, dtype=np.complex128)
    return _selected(upper, response.place), _selected(across, response.place)


def _selected(between: ComplexArray, place: IntArray) -> ComplexArray:
    return np.asarray(between[..., place[:, None], place[None, :]])


def scattering(response: Response, omega: RealArray, direct: ComplexArray) -> ComplexArray:
    """The scattering matrix less one, -i sqrt(J_b) G_ba sqrt(J_a), (P, q, K, K)."""
    root = np.moveaxis(np.sqrt(response.environment.damping(omega)), 0, -1)
    return np.asarray(-1j * root[..., :, None] * direct * root[..., None, :])


def probabilities(response: Response, omega: RealArray, columns: ComplexArray) -> tuple[ComplexArray, RealArray]:
    """The scattering matrix less one, and the transmission T_ba without its diagonal, (P, q, K, K) each."""
    scattered = scattering(response, omega, amplitudes(response, columns)[0])
    if response.environment.counter_rotating:  # frequencies of both signs say the same
        scattered = scattered * (omega > 0.0)[..., None, None]
    transmitted = np.abs(scattered) ** 2
    every = np.arange(transmitted.shape[-1])
    transmitted[..., every, every] = 0.0
    return scattered, transmitted


def _filling(response: Response, omega: RealArray) -> tuple[RealArray, RealArray]:
    """n_b, (P, q, K), and n_a - n_b, (P, q, K, K)."""
    environment = response.environment
    surplus = -np.moveaxis(environment.differences(omega), (0, 1), (2, 3))
    return np.moveaxis(environment.occupation(omega), 0, -1), surplus


def _exchanged(response: Response, omega: RealArray, columns: ComplexArray) -> RealArray:
    """The integrands of number, energy, flux and transmission, (P, q, 4, K, K)."""
    _, transmitted = probabilities(response, omega, columns)
    occupied, surplus = _filling(response, omega)
    number = transmitted * surplus
    if not response.is_small and not response.environment.counter_rotating:
        number = number + _pairs(response, omega, columns, occupied)
    flux = number / (occupied[..., :, None] + 0.5)
    return np.stack([number, omega[..., None, None] * number, flux, transmitted], axis=2)


def _fluctuating(response: Response, omega: RealArray, columns: ComplexArray) -> RealArray:
    """The integrand of the noise."""
    scattered, transmitted = probabilities(response, omega, columns)
    return _noise(scattered, transmitted, *_filling(response, omega))


def _pairs(response: Response, omega: RealArray, columns: ComplexArray, occupied: RealArray) -> RealArray:
    """Excitations that are created in bath b at each frequency, and in bath a at the opposite one."""
    environment, across = response.environment, amplitudes(response, columns)[1]
    upper = np.moveaxis(environment.damping(omega), 0, -1)
    lower, mirrored = (np.moveaxis(f(-omega), 0, -1) for f in (environment.damping, environment.occupation))
    probability = upper[..., :, None] * np.abs(across) ** 2 * lower[..., None, :]
    return np.asarray(probability * (mirrored[..., None, :] + 1.0 + occupied[..., :, None]))


def _noise(scattered: ComplexArray, transmitted: RealArray, n: RealArray, surplus: RealArray) -> RealArray:
    r"""Zero-frequency noise, without cancellation where little is transmitted.

    On the diagonal :math:`\sum_a T_{ba} [n_a (1 + n_b) + n_b (1 + n_a)] + [\sum_a T_{ba} (n_a - n_b)]^2`, off it
    :math:`|X_{ba}|^2 - T_{ab} n_b (1 + n_b) - T_{ba} n_a (1 + n_a)` with :math:`X = (s N - N s) s^\dagger`.
    """
    own = n * (1.0 + n)
    weighted = scattered * surplus
    mixed = np.abs(weighted + weighted @ np.swapaxes(scattered.conj(), -1, -2)) ** 2
    found = mixed - np.swapaxes(transmitted, -1, -2) * own[..., :, None] - transmitted * own[..., None, :]
    b, a = n[..., :, None], n[..., None, :]
    diagonal = np.sum(transmitted * (a * (1.0 + b) + b * (1.0 + a)), axis=-1)
    every = np.arange(n.shape[-1])
    found[..., every, every] = diagonal + np.sum(transmitted * surplus, axis=-1) ** 2
    return np.asarray(found)
