r"""Second moments and exchange between baths as integrals over frequencies.

.. math:: C = \int \frac{d\omega}{2\pi}\,G(\omega) \sum_b J_b(\omega)\,n_b(\omega)\,P_b\,G(\omega)^\dagger .

Every term is non-negative. Panels are placed around the resonances of the network and halved until the estimated error
is what was asked for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .._typing import ComplexArray, RealArray
from ..linalg.kronrod import Integral, Panels, integrate, joined, peak_panels, tail_panels
from .response import Response

_TWO_PI = 2.0 * math.pi
_MEMORY = 2**25  # numbers that a batch of panels may hold
_POINTS = 42  # of a panel, at most
_FAR = 4.0  # where tails begin, in units of the spread of everything that resonates
_STEEP = 1e-6  # width of the panel next to zero frequency, relative to the smallest frequency at hand
_NARROWEST = 1e-14


def frequency_panels(response: Response, *, thermal_only: bool = False) -> Panels:
    """Panels over all frequencies at which anything is fed in; with ``thermal_only`` by baths of a temperature."""
    environment = response.environment
    low, high = environment.support
    if thermal_only:
        low, high = max(low, environment.edge), min(high, environment.highest)
    centers, widths = response.resonances.real, np.abs(response.resonances.imag)
    scale = float(np.abs(centers).max()) + float(widths.max())
    points = [p for p in environment.breakpoints if low <= p <= high]
    reach = _FAR * max([scale, *map(abs, points)])
    panels = []
    if math.isinf(high) or math.isinf(low):
        low, high = max(low, -reach), min(high, reach)
        panels.append(tail_panels(0.0, reach))
    if not environment.is_white:
        # Near zero frequency occupations rise as 1/omega, and spectra fall off as powers.
        near = environment.edge or _STEEP * min([scale, *(abs(p) for p in points if p)])
        centers, widths = np.append(centers, 0.0), np.append(widths, near)
    widths = np.maximum(widths, _NARROWEST * scale)
    return joined([peak_panels(centers, widths, low, high, points), *panels])


@dataclass(frozen=True)
class Moments:
    """Second moments, and how well they are known.

    Attributes
    ----------
    normal : (L, L) array
        C_ij = <a_j^+ a_i>.
    anomalous : (L, L) array
        S_ij = <a_i a_j>.
    error : float
        Estimated error of the integration of both, in the Frobenius norm.
    missing : (L,) array
        How far the commutator of each node is from one: what is never forgotten. Zero where it was not looked at.
    evaluations : int
        Frequencies at which the response was computed.
    """

    normal: ComplexArray
    anomalous: ComplexArray
    error: float
    missing: RealArray
    evaluations: int


def moments(response: Response, tolerance: float, *, thermal_only: bool = False) -> Moments:
    """C and S that the baths feed; with ``thermal_only`` what baths of a temperature add to their vacuum."""
    size, ports = len(response.matrix), response.ports.shape[1]
    if thermal_only and response.environment.highest <= response.environment.edge:
        nothing = np.zeros((size // (1 if response.is_small else 2),) * 2, dtype=np.complex128)
        return Moments(nothing, nothing, 0.0, np.zeros(len(nothing)), 0)
    panels = frequency_panels(response, thermal_only=thermal_only)
    lowering = response.basis if response.is_small else response.basis[::2]

    def integrand(origin: RealArray, offset: RealArray, weights: RealArray) -> RealArray:
        columns = response.columns(origin, offset)
        omega = origin[:, None] + offset
        fed, commuting = _strengths(response, omega, thermal_only=thermal_only)
        channels = _channels(response, columns)
        total = _gram(channels * np.sqrt(fed), weights)
        if thermal_only:
            return total
        # of every node: what no bath damps may live where none acts
        answers = np.tensordot(lowering, channels, axes=1)
        kept = np.sum(np.abs(answers) ** 2 * commuting, axis=3)
        return np.concatenate([total, np.einsum("wPq,pPq->wPp", weights, kept)], axis=2)

    batch = max(1, _MEMORY // (_POINTS * size * ports + 8 * size * size))
    groups = [0] if thermal_only else [0, 2 * size * size]
    found = integrate(integrand, panels, groups, tolerance * _TWO_PI, batch=batch)
    return _moments(response, found, thermal_only)


def _moments(response: Response, found: Integral, thermal_only: bool) -> Moments:
    size = len(response.matrix)
    parts = found.value[: 2 * size * size].reshape(2, size, size) / _TWO_PI
    basis = response.basis
    ordered = basis @ (parts[0] + 1j * parts[1]) @ basis.conj().T
    ordered = (ordered + ordered.conj().T) / 2
    if thermal_only and not response.is_small:
        # Only frequencies at which a is fed were integrated over: a^+ is fed the same at those of the other sign.
        ordered = ordered + ordered.conj().reshape(size // 2, 2, size // 2, 2)[:, ::-1, :, ::-1].reshape(size, size)
    missing = np.zeros(size if response.is_small else size // 2)
    if not thermal_only:
        missing = np.abs(1.0 - found.value[2 * size * size :] / _TWO_PI)
    normal = ordered if response.is_small else ordered[1::2, 1::2].T
    cross = np.zeros_like(normal) if response.is_small else ordered[::2, 1::2]
    error = float(found.error[0]) / _TWO_PI
    return Moments(normal, (cross + cross.T) / 2, error, missing, found.evaluations)


def _channels(response: Response, columns: ComplexArray) -> ComplexArray:
    """The columns as the baths drive them: a and a^+ by themselves, or their difference, [a + a^+, .]."""
    return columns[..., ::2] - columns[..., 1::2] if response.environment.counter_rotating else columns


def _strengths(response: Response, omega: RealArray, *, thermal_only: bool) -> tuple[RealArray, RealArray]:
    """What each channel feeds into <psi psi^+> and into the commutator, shape (P, q, c) each."""
    environment = response.environment
    occupied = environment.thermal_occupation if thermal_only else environment.occupation
    vacuum = 0.0 if thermal_only else 1.0
    if response.is_small:
        damping = environment.damping(omega)
        return _on_nodes(response, damping * occupied(omega)), _on_nodes(response, damping)
    if environment.counter_rotating:
        damping = environment.damping(omega)
        fed = damping * (occupied(np.abs(omega)) + np.where(omega > 0.0, vacuum, 0.0))
        return _on_nodes(response, fed), _on_nodes(response, damping * np.sign(omega))
    damping, mirrored = environment.damping(omega), environment.damping(-omega)
    fed = _paired(response, damping * (occupied(omega) + vacuum), mirrored * occupied(-omega))
    return fed, _paired(response, damping, -mirrored)


def _on_nodes(response: Response, values: RealArray) -> RealArray:
    """Sums over the baths of each damped node, (K, P, q) to (P, q, m)."""
    total = np.zeros((*values.shape[1:], len(response.nodes)))
    for value, place in zip(values, response.place, strict=True):
        if place >= 0:
            total[..., place] += value
    return total


def _paired(response: Response, upper: RealArray, lower: RealArray) -> RealArray:
    both = np.stack([_on_nodes(response, upper), _on_nodes(response, lower)], axis=-1)
    return both.reshape(*upper.shape[1:], -1)


def _gram(vectors: ComplexArray, weights: RealArray) -> RealArray:
    """Sums over nodes and channels of weight * v v^+ by both rules, real and imaginary parts, (2, P, 2 n^2)."""
    size, panels, *_ = vectors.shape
    rows = np.ascontiguousarray(np.moveaxis(vectors, 0, 1))  # (P, n, q, c)
    found = np.empty((2, panels, 2, size, size))
    for rule, weight in zip(found, weights, strict=True):
        used = weight.any(axis=0)
        chosen = (rows[:, :, used] * np.sqrt(weight[:, None, used, None])).reshape(panels, size, -1)
        product = chosen @ chosen.conj().transpose(0, 2, 1)
        rule[:, 0], rule[:, 1] = product.real, product.imag
    return found.reshape(2, panels, -1)
