r"""What two baths at the ends of a chain exchange, kept by its logarithm.

In a localized chain the transmission is a forest of resonances far narrower than the rounding of their energies, and the
currents are smaller than what is left when two numbers of order one are subtracted. Here nothing is: the current is the
integral of a positive function, given by its logarithm in coordinates relative to each resonance.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .._typing import ComplexArray, RealArray
from ..linalg.kronrod import Panels, integrate, joined, peak_panels, tail_panels
from .chains import EndedChain
from .environment import Environment

_TWO_PI = 2.0 * math.pi
_SEALED = 1e-20  # width over gap below which a resonance is a line: its area is known in closed form
_ASIDE = 1e-6  # part of the gap around a line that its closed form stands for
_FAR = 4.0
_STEEP = 1e-6
_EPS = float(np.finfo(np.float64).eps)
_MEMORY = 2**22  # numbers that a batch of panels may hold
_POINTS = 42


@dataclass(frozen=True)
class ScaledExchange:
    """Integrals / 2 pi with the transmission T between the ends, each times e^-scale.

    Attributes
    ----------
    values, errors : (6,) arrays
        Of T (n_2 - n_1); omega T (n_2 - n_1); T (n_2 - n_1)/(n_1 + 1/2); T (n_1 - n_2)/(n_2 + 1/2); T; and of the noise,
        T [n_1 (1 + n_2) + n_2 (1 + n_1)] + T^2 (n_1 - n_2)^2. Errors are estimates.
    scale : float
    evaluations : int
    """

    values: RealArray
    errors: RealArray
    scale: float
    evaluations: int


class _Transmission:
    """The transmission between the ends, by its logarithm; lines too narrow to be integrated, by their areas."""

    def __init__(self, chain: EndedChain, environment: Environment) -> None:
        self.levels, self.environment, self._baths = chain.levels, environment, chain.baths
        energies = self.levels.energies
        shifts, scales, areas = self.levels.resonances(self._self_energies(energies))
        log_damping = self._log_damping(energies)
        self.widths = np.maximum(-2.0 * shifts.imag, 0.0) * np.exp(scales)
        self.shifts = shifts.real * np.exp(scales)
        self.areas = areas + log_damping
        with np.errstate(divide="ignore", invalid="ignore"):  # levels that nothing damps are fed by nothing, either
            self.peaks = np.log(4.0 / _TWO_PI) + self.areas - np.log(-2.0 * shifts.imag) - scales
        self.is_line = (self.widths <= _SEALED * self.levels.gaps) & np.isfinite(self.areas)
        self.scale = float(np.max(self.areas, initial=-np.inf, where=np.isfinite(self.areas)))
        if not math.isfinite(self.scale):
            self.scale = 0.0

    def _damping(self, omega: RealArray) -> RealArray:
        return self.environment.damping(omega)[list(self._baths)]

    def _log_damping(self, omega: RealArray) -> RealArray:
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(self._damping(omega)).sum(axis=0))

    def _self_energies(self, omega: RealArray) -> ComplexArray:
        shifts = np.array([self.environment.shift(index, omega) for index in self._baths])
        return np.asarray((shifts - 0.5j * self._damping(omega)).T)

    def log_at(self, origin: RealArray, offset: RealArray) -> RealArray:
        """ln T at the frequencies origin + offset, (n,) each, relative to the level that is the origin, if one is."""
        omega = origin + offset
        level = self.levels.nearest(origin)
        level = np.where(self.levels.energies[level] == origin, level, self.levels.nearest(omega))
        x = (origin - self.levels.energies[level]) + offset
        return self._log_damping(omega) + self.levels.log_response(level, x, self._self_energies(omega))

    def panels(self) -> Panels:
        """Around every level, without the lines."""
        environment, energies = self.environment, self.levels.energies
        low, high = environment.support
        scale = float(np.abs(energies).max() + environment.rates.max())
        points = [p for p in environment.breakpoints if low <= p <= high]
        reach = _FAR * max([scale, *map(abs, points)])
        tails = [tail_panels(0.0, reach)] if math.isinf(low) or math.isinf(high) else []
        aside = _ASIDE * np.minimum(self.levels.gaps, scale)
        widths = np.where(self.is_line, aside, np.maximum(self.widths / 2, np.finfo(np.float64).tiny))
        centers, shifts = energies, np.where(self.is_line, 0.0, self.shifts)
        if not environment.is_white:
            near = environment.edge or _STEEP * min([scale, *(abs(p) for p in points if p)])
            centers, widths, shifts = np.append(centers, 0.0), np.append(widths, near), np.append(shifts, 0.0)
        found = peak_panels(centers, widths, max(low, -reach), min(high, reach), points, shifts=shifts)
        lines = np.isin(found.origin, energies[self.is_line])
        nearest = aside[self.levels.nearest(found.origin)]
        return joined([found[~(lines & (np.maximum(np.abs(found.low), np.abs(found.high)) <= nearest))], *tails])


def scaled_exchange(chain: EndedChain, environment: Environment, tolerance: float) -> ScaledExchange:
    """Integrate what the ends exchange."""
    transmission = _Transmission(chain, environment)
    first, last = chain.baths

    def weights_at(omega: RealArray) -> tuple[RealArray, RealArray]:
        """What T and T^2 are multiplied with, (6, n) and (n,)."""
        n1, n2 = environment.occupation(omega)[[first, last]]
        surplus = environment.differences(omega)[last, first]
        flux = surplus / (n1 + 0.5), -surplus / (n2 + 0.5)
        mixed = n1 * (1.0 + n2) + n2 * (1.0 + n1)
        return np.array([surplus, omega * surplus, *flux, np.ones(len(omega)), mixed]), surplus**2

    def integrand(origin: RealArray, offset: RealArray, weights: RealArray) -> RealArray:
        origins = np.broadcast_to(origin[:, None], offset.shape).ravel()
        log = transmission.log_at(origins, offset.ravel())
        factors, squared = weights_at(origins + offset.ravel())
        scaled = np.exp(log - transmission.scale)
        values = factors * scaled
        values[-1] += squared * np.exp(log) * scaled
        return np.asarray(np.einsum("wPq,mPq->wPm", weights, values.reshape(6, *offset.shape)))

    batch = max(1, _MEMORY // (_POINTS * len(chain.levels.energies)))
    found = integrate(integrand, transmission.panels(), range(6), tolerance, batch=batch)
    lines = np.flatnonzero(transmission.is_line)
    factors, squared = weights_at(chain.levels.energies[lines])
    areas = np.exp(transmission.areas[lines] - transmission.scale)
    total = found.value + factors @ areas
    total[-1] += np.sum(squared * areas * np.exp(transmission.peaks[lines])) / 2
    rounding = _EPS * len(chain.levels.energies) * float(np.ptp(chain.levels.energies) / chain.levels.gaps.min())
    errors = found.error + min(rounding, 1.0) * np.abs(total)
    return ScaledExchange(total / _TWO_PI, errors / _TWO_PI, transmission.scale, found.evaluations)
