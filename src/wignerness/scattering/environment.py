"""What the baths of a network do at each frequency: damping, shifts, and what they feed in."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from .. import _checks
from .._typing import IntArray, RealArray
from ..bath import Probe, ThermalBath
from ..errors import InvalidNetworkError, UndefinedQuantityError
from ..linalg.hilbert import PrincipalValue
from ..network import Network
from ..spectra import Flat, Lorentzian, Ohmic

# A spectrum that falls off toward zero frequency slower than this power counts as not falling off.
_VANISHES = 0.01
_NEAR_ZERO = (1e-12, 1e-9)
_CLOSED_FORM = (Flat, Lorentzian)
_LARGEST_RATIO = 750.0  # of frequency and temperature: beyond, exp(-ratio) underflows


class Environment:
    """The baths of a network, in the order of ``network.baths``.

    Parameters
    ----------
    network : Network
        Thermal baths and probes only.
    counter_rotating : bool
        Whether the baths are coupled to the positions, a + a^+, of their nodes.
    dressed_at : float or None
        Frequency at which the shifts are part of the Hamiltonian; None for that of each bath, infinity for none.
    infrared : float
        Part of the largest frequency of a bath at which thermal excitations begin, where damping does not vanish
        toward zero frequency.

    Attributes
    ----------
    modes : (K,) array of int
        Node of each bath.
    rates : (K,) array
    edge : float
        Frequency from which on baths of a temperature hold excitations.
    is_flat : bool
        Whether all damp alike at every frequency.
    has_pairs : bool
        Whether the network creates pairs, so that frequencies of both signs meet.

    Raises
    ------
    UndefinedQuantityError
        If :func:`refusal_of` has a reason.
    """

    def __init__(
        self,
        network: Network,
        *,
        counter_rotating: bool = False,
        dressed_at: float | None = None,
        infrared: float = 1e-4,
    ) -> None:
        reason = refusal_of(network, counter_rotating=counter_rotating)
        if reason is not None:
            raise UndefinedQuantityError(f"Scattering at each frequency is not defined here, because {reason}.")
        self.baths: list[ThermalBath | Probe] = list(network.baths)  # type: ignore[arg-type]
        self.modes: IntArray = np.array([bath.mode for bath in self.baths], dtype=np.intp)
        self.rates: RealArray = np.array([bath.rate for bath in self.baths], dtype=np.float64)
        self.is_flat = all(map(_is_flat, self.baths))
        self.counter_rotating = counter_rotating
        self.has_pairs = not network.is_passive
        self._dressed_at = dressed_at
        self.edge = self._infrared_edge(infrared)
        self._shifts = [_shift_of(bath, label) for bath, label in zip(self.baths, network.bath_labels, strict=True)]
        self._references = [self._reference(index) for index in range(len(self.baths))]

    def _infrared_edge(self, infrared: float) -> float:
        warm = [b for b in self.baths if isinstance(b, ThermalBath) and b.bath_temperature and b.rate > 0.0]
        if all(map(_vanishes, warm)):
            return 0.0
        return infrared * max(b.frequency or 0.0 for b in warm)

    def _reference(self, index: int) -> float:
        bath = self.baths[index]
        if _is_flat(bath) or bath.rate == 0.0 or self._dressed_at == math.inf:
            return 0.0
        at = bath.frequency if self._dressed_at is None else self._dressed_at  # type: ignore[union-attr]
        return float(self._bare_shift(index, np.array([at]))[0])

    @property
    def highest(self) -> float:
        """Frequency beyond which no bath of a temperature holds anything; zero if none has one."""
        return _LARGEST_RATIO * max((_temperature(b) or 0.0 for b in self.baths), default=0.0)

    @property
    def is_white(self) -> bool:
        """Whether all baths damp and feed alike at every frequency."""
        return self.is_flat and not any(map(_temperature, self.baths))

    @property
    def support(self) -> tuple[float, float]:
        """Frequencies at which anything is damped."""
        ends = [_support(b) for b in self.baths if b.rate > 0.0]
        low, high = min(e[0] for e in ends), max(e[1] for e in ends)
        if self.counter_rotating or self.has_pairs:
            low, high = -max(high, -low), max(high, -low)
        return low, high

    def support_of(self, index: int) -> tuple[float, float]:
        """Frequencies at which one bath damps."""
        return _support(self.baths[index])

    def breakpoints_of(self, index: int) -> tuple[float, ...]:
        """Edges, kinks and peaks of the spectrum of one bath."""
        bath = self.baths[index]
        found = () if _is_flat(bath) else (*bath.spectrum.breakpoints, *bath.spectrum.support)  # type: ignore[union-attr]
        return tuple(sorted({p for p in found if math.isfinite(p)}))

    def at(self, index: int, omega: RealArray) -> tuple[RealArray, RealArray]:
        """J and n of one bath at the frequencies."""
        bath = self.baths[index]
        return _damping(bath, omega), _occupation(bath, omega, self.edge)

    @property
    def breakpoints(self) -> tuple[float, ...]:
        """Edges, kinks and peaks of the spectra, and the edge of the thermal excitations."""
        points = {0.0, self.edge} | {p for index in range(len(self.baths)) for p in self.breakpoints_of(index)}
        mirrored = self.counter_rotating or self.has_pairs
        return tuple(sorted(points | {-p for p in points} if mirrored else points))

    def damping(self, omega: RealArray) -> RealArray:
        """J_b at the frequencies, shape (K, ...); those of both signs alike where positions are coupled."""
        frequencies = np.abs(omega) if self.counter_rotating else omega
        return np.array([_damping(bath, frequencies) for bath in self.baths])

    def shift(self, index: int, omega: RealArray) -> RealArray:
        """Shift of the node of one bath, less that which the Hamiltonian contains."""
        return self._bare_shift(index, omega) - self._references[index]

    def _bare_shift(self, index: int, omega: RealArray) -> RealArray:
        bath = self.baths[index]
        if isinstance(bath, Probe) or _is_flat(bath):
            return np.zeros(omega.shape)
        shift = self._shifts[index]
        # 1/(w - w') - 1/(w + w') in place of 1/(w - w')
        return shift(omega) + shift(-omega) if self.counter_rotating else shift(omega)

    def occupation(self, omega: RealArray) -> RealArray:
        """n_b at the frequencies, shape (K, ...): zero below the edge for baths of a temperature."""
        return np.array([_occupation(bath, omega, self.edge) for bath in self.baths])

    def thermal_occupation(self, omega: RealArray) -> RealArray:
        """The same without the baths whose occupation is the same at every frequency."""
        found = np.zeros((len(self.baths), *omega.shape))
        for index, bath in enumerate(self.baths):
            if _temperature(bath) is not None:
                found[index] = _occupation(bath, omega, self.edge)
        return found

    def differences(self, omega: RealArray) -> RealArray:
        """n_a - n_b for all pairs, shape (K, K, ...), to all digits for temperatures however close."""
        n = self.occupation(omega)
        found = n[:, None] - n[None, :]
        temperatures = self.temperatures()
        warm = np.flatnonzero(temperatures > 0.0)
        positive = np.maximum(omega, 0.0)  # below, there are none
        for a in warm:
            for b in warm[temperatures[warm] > temperatures[a]]:
                # n_a - n_b = n_a (n_b + 1) [1 - exp(w/T_a - w/T_b)]
                steeper = positive * ((temperatures[b] - temperatures[a]) / temperatures[b] / temperatures[a])
                found[b, a] = -n[b] * (n[a] + 1.0) * np.expm1(-steeper)
                found[a, b] = -found[b, a]
        return np.asarray(found)

    def temperatures(self) -> RealArray:
        """Temperature of each bath, NaN where it has none, shape (K,)."""
        found = [_temperature(bath) for bath in self.baths]
        return np.array([math.nan if t is None else t for t in found])


def refusal_of(network: Network, *, counter_rotating: bool = False) -> str | None:
    """Why the baths of a network have no scattering at each frequency; None if they have."""
    if not any(getattr(bath, "rate", 1.0) > 0.0 for bath in network.baths):
        return "no bath damps anything; give one a positive rate"
    if driven := _checks.first_nonzero("drive", network.drive):
        return (
            f"{driven}: the local master equation takes it (theories.Local()); or leave it out: it displaces the state and "
            "does not change its second moments"
        )
    for index, (bath, label) in enumerate(zip(network.baths, network.bath_labels, strict=True)):
        if not isinstance(bath, (ThermalBath, Probe)):
            return (
                f"baths[{index}], {label!r}, is a {type(bath).__name__}, which has no spectrum: the local master equation "
                "takes it (theories.Local()); or leave it out"
            )
        if counter_rotating and bath.rate > 0.0 and not (_vanishes(bath) and _support(bath)[0] >= 0.0):
            return (
                f"the spectrum of {label!r} does not vanish toward zero frequency: coupled to a position it would shift "
                "the frequency of its node without bound; give it one such as spectra.Ohmic(cutoff)"
            )
    return None


def _temperature(bath: ThermalBath | Probe) -> float | None:
    return bath.bath_temperature if isinstance(bath, ThermalBath) else None


def _is_flat(bath: ThermalBath | Probe) -> bool:
    return isinstance(bath, Probe) or bath.spectrum is None or isinstance(bath.spectrum, Flat)


def _support(bath: ThermalBath | Probe) -> tuple[float, float]:
    return (-math.inf, math.inf) if _is_flat(bath) else bath.spectrum.support  # type: ignore[union-attr]


def _shift_of(bath: ThermalBath | Probe, label: str) -> Callable[[RealArray], RealArray]:
    """The principal value of a bath as a function of many frequencies, fitted once where it has no closed form."""
    if isinstance(bath, Probe) or bath.rate == 0.0 or isinstance(bath.spectrum, _CLOSED_FORM):
        return getattr(bath, "lamb_shift", np.zeros_like)
    spectrum = bath.spectrum
    if spectrum is None or (isinstance(spectrum, Ohmic) and (spectrum.exponent == 1.0 or not spectrum.sharp)):
        return bath.lamb_shift
    points = [*spectrum.breakpoints, bath.frequency or 1.0]
    try:
        fitted = PrincipalValue(bath.damping, *spectrum.support, points)
    except ValueError as error:
        raise InvalidNetworkError(
            f"The spectrum of {label!r} has no finite shift of the frequency of its node: {error} Integrable "
            "singularities are allowed at its breakpoints, and it must fall off toward infinite frequencies."
        ) from None
    return lambda omega: fitted(omega) / (2.0 * math.pi)


def _damping(bath: ThermalBath | Probe, omega: RealArray) -> RealArray:
    return np.full(omega.shape, bath.rate) if isinstance(bath, Probe) else bath.damping(omega)


def _vanishes(bath: ThermalBath | Probe) -> bool:
    """Whether damping falls off toward zero frequency as some power."""
    if _is_flat(bath):
        return False
    points = np.array(_NEAR_ZERO) * bath.frequency  # type: ignore[union-attr]
    lower, upper = bath.damping(points)  # type: ignore[union-attr]
    if upper == 0.0 or lower == 0.0:
        return True
    return math.log(upper / lower) > _VANISHES * math.log(_NEAR_ZERO[1] / _NEAR_ZERO[0])


def _occupation(bath: ThermalBath | Probe, omega: RealArray, edge: float) -> RealArray:
    if isinstance(bath, Probe):
        return np.full(omega.shape, 0.0 if bath.occupation is None else bath.occupation)
    if bath.bath_temperature is None:
        return bath.occupation_at(omega)
    found = np.zeros(omega.shape)
    above = omega > edge
    found[above] = bath.occupation_at(omega[above])
    return found
