"""Amplitudes and probabilities of scattering from bath to bath at each frequency."""

from __future__ import annotations

import numpy as np

from .._typing import Array, ComplexArray, IntArray, RealArray
from ..linalg.localized import log_green
from .chains import Chain
from .response import Response


def scattering(response: Response, origin: RealArray, offset: RealArray) -> ComplexArray:
    """The scattering matrix less one, -i sqrt(J_b) G_ba sqrt(J_a), at origin_i + offset_ij, shape (P, q, K, K).

    Where positions are coupled, zero at negative frequencies, which say the same.
    """
    omega = origin[:, None] + offset
    between = response.between_ports(response.columns(origin, offset))
    if response.environment.counter_rotating:  # from [a + a^+, .] to a + a^+
        rows = between[..., ::2, :] + between[..., 1::2, :]
        between = (rows[..., ::2] - rows[..., 1::2]) * (omega > 0.0)[..., None, None]
    elif not response.is_small:
        between = between[..., ::2, ::2]
    root = _last(np.sqrt(response.environment.damping(omega)))
    return np.asarray(-1j * root[..., :, None] * _selected(between, response.place) * root[..., None, :])


def transmitted(response: Response, origin: RealArray, offset: RealArray) -> RealArray:
    """T_ba, its diagonal zero, (P, q, K, K)."""
    if response.chain is None:
        found = np.abs(scattering(response, origin, offset)) ** 2
    else:
        found = np.exp(log_transmitted(response, response.chain, origin, offset))
    every = np.arange(found.shape[-1])
    found[..., every, every] = 0.0
    return found


def log_transmitted(response: Response, chain: Chain, origin: RealArray, offset: RealArray) -> RealArray:
    """ln (J_b |G_ba|^2 J_a) through a chain, to all digits however small it is, (P, q, K, K)."""
    omega = origin[:, None] + offset
    distance = ((origin - chain.frequencies[:, None])[..., None] + offset).astype(np.complex128)
    distance[chain.places] -= np.moveaxis(response.self_energies(omega), -1, 0)
    logs = 2.0 * log_green(distance.reshape(len(distance), -1), chain.links, chain.places)
    between = np.moveaxis(logs.reshape(*logs.shape[:2], *omega.shape), (0, 1), (2, 3))
    with np.errstate(divide="ignore"):
        damping = _last(np.log(response.environment.damping(omega)))
    return np.asarray(_selected(between, response.place) + damping[..., :, None] + damping[..., None, :])


def pairs_created(response: Response, origin: RealArray, offset: RealArray, occupied: RealArray) -> RealArray:
    """Excitations that are created in bath b at each frequency, and in bath a at the opposite one, (P, q, K, K)."""
    environment, omega = response.environment, origin[:, None] + offset
    between = response.between_ports(response.columns(origin, offset))[..., ::2, 1::2]
    upper, lower = _last(environment.damping(omega)), _last(environment.damping(-omega))
    probability = upper[..., :, None] * np.abs(_selected(between, response.place)) ** 2 * lower[..., None, :]
    mirrored = _last(environment.occupation(-omega))
    return np.asarray(probability * (mirrored[..., None, :] + 1.0 + occupied[..., :, None]))


def _last(values: RealArray) -> RealArray:
    return np.moveaxis(values, 0, -1)


def _selected(between: Array, place: IntArray) -> Array:
    return np.asarray(between[..., place[:, None], place[None, :]])
