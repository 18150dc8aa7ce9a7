r"""Shapes of the spectral density of a bath: how strongly it damps at which frequency.

A shape is a function of frequencies without a unit of its own. A bath that damps its node at the rate :math:`\gamma`
at its reference frequency :math:`\omega_0` damps at the rate :math:`J(\omega) = \gamma\,s(\omega)/s(\omega_0)` at
another, so that only ratios of a shape count.

>>> import wignerness as wn
>>> wn.spectra.Ohmic(cutoff=10.0)([0.0, 1.0, 10.0])
array([0.       , 0.0990099, 0.5      ])
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import numpy as np

from . import _checks
from ._typing import RealArray
from .errors import InvalidNetworkError
from .linalg.hilbert import PrincipalValue

__all__ = ["Custom", "Flat", "Lorentzian", "Ohmic", "Spectrum"]

# A relative change this large over so small a step is an edge, unless it falls off with the step: about linearly, or at
# zero frequency, which doubles resolve, as a power that is not too low.
_BESIDE, _CLOSER, _JUMP = 1e-9, 1e-12, 1e-4
_FALLS, _FALLS_AT_ZERO = 3e-3, 2e-2
_LARGEST_DRUDE_EXPONENT = 2.0


@runtime_checkable
class Spectrum(Protocol):
    """What a spectral density must answer; :class:`Flat`, :class:`Ohmic`, :class:`Lorentzian`, :class:`Custom` do."""

    @property
    def support(self) -> tuple[float, float]:
        """The interval outside of which the shape is zero; its ends may be infinite."""
        ...

    @property
    def breakpoints(self) -> tuple[float, ...]:
        """Frequencies at which an adaptive integral should be split: edges, kinks, peaks; ascending, finite."""
        ...

    def __call__(self, omega: Any) -> RealArray:
        """The shape at frequencies of any array shape: finite, non-negative."""
        ...

    def lamb_shift(self, omega: Any) -> RealArray:
        r"""The principal value :math:`P\!\int \frac{d\omega'}{2\pi} \frac{s(\omega')}{\omega - \omega'}`.

        With :math:`\Delta(\omega)` it and :math:`s(\omega)` the shape, the self-energy that a bath of this shape adds
        to the Hamiltonian of its node is proportional to :math:`\Delta(\omega) - i s(\omega)/2`.
        """
        ...


@dataclass(frozen=True)
class Flat:
    """The same damping at every frequency: a bath without memory, as in the local master equation (4).

    Its Lamb shift is zero: frequencies of both signs damp alike.

    Examples
    --------
    >>> Flat()([-1.0, 0.0, 2.0])
    array([1., 1., 1.])
    """

    @property
    def support(self) -> tuple[float, float]:
        """All frequencies."""
        return -math.inf, math.inf

    @property
    def breakpoints(self) -> tuple[float, ...]:
        """None."""
        return ()

    def __call__(self, omega: Any) -> RealArray:
        """One, at every frequency."""
        return np.ones(np.shape(omega))

    def lamb_shift(self, omega: Any) -> RealArray:
        """Zero, at every frequency."""
        return np.zeros(np.shape(omega))


@dataclass(frozen=True)
class Ohmic:
    r"""A power of the frequency, cut off: :math:`x^s / (1 + x^2)` (Drude) or :math:`x^s` up to 1, :math:`x = \omega/\Lambda`.

    Zero at negative frequencies: in the rotating-wave form of the coupling a bath has modes of positive frequency.

    Parameters
    ----------
    cutoff : float
        The frequency :math:`\Lambda > 0`.
    exponent : float
        s > 0: 1 (default) is Ohmic, less sub-Ohmic, more super-Ohmic. The Drude form needs s < 2, without which its
        Lamb shift is infinite.
    sharp : bool
        Whether the spectrum ends at the cutoff, in place of falling off beyond it.

    Raises
    ------
    InvalidNetworkError
        If the cutoff or the exponent is not positive, or the exponent of the Drude form not below 2.

    Examples
    --------
    >>> Ohmic(2.0, sharp=True)([0.5, 1.0, 3.0])
    array([0.25, 0.5 , 0.  ])
    """

    cutoff: float
    exponent: float = field(default=1.0, kw_only=True)
    sharp: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        object.__setattr__(self, "cutoff", _checks.real("cutoff", self.cutoff, above=0.0))
        object.__setattr__(self, "exponent", _checks.real("exponent", self.exponent, above=0.0))
        if not isinstance(self.sharp, (bool, np.bool_)):
            _checks.fail("sharp", "be True or False", repr(self.sharp))
        object.__setattr__(self, "sharp", bool(self.sharp))
        if not self.sharp and self.exponent >= _LARGEST_DRUDE_EXPONENT:
            _checks.fail("exponent", "be below 2 for the Drude form (use sharp=True beyond)", self.exponent)

    @property
    def support(self) -> tuple[float, float]:
        """From zero to the cutoff where it is sharp, to infinity otherwise."""
        return 0.0, self.cutoff if self.sharp else math.inf

    @property
    def breakpoints(self) -> tuple[float, ...]:
        """Zero and the cutoff."""
        return 0.0, self.cutoff

    def __call__(self, omega: Any) -> RealArray:
        """The shape; at the sharp cutoff itself it is still one."""
        with np.errstate(over="ignore"):
            x = np.asarray(omega, dtype=np.float64) / self.cutoff
        positive = np.where(x > 0.0, x, 0.0)
        if self.sharp:
            return np.where(x <= 1.0, positive**self.exponent, 0.0)
        # x^s / (1 + x^2), without the overflow of x^2
        small = np.minimum(positive, 1.0)
        large = 1.0 / np.maximum(positive, 1.0)
        below = small**self.exponent / (1.0 + small**2)
        return np.where(positive <= 1.0, below, large ** (2.0 - self.exponent) / (1.0 + large**2))

    def lamb_shift(self, omega: Any) -> RealArray:
        """In closed form for the Drude cutoff and for the sharp one with exponent 1, numerically otherwise."""
        x = np.asarray(omega, dtype=np.float64) / self.cutoff
        if not self.sharp:
            return _drude_shift(x, self.exponent)
        if self.exponent == 1.0:
            return _sharp_shift(x)
        found = np.full(x.shape, -1.0 / (2.0 * math.pi * self.exponent))  # what it is at zero frequency
        if x.any():
            found[x != 0.0] = principal_value(self, np.asarray(omega, dtype=np.float64)[x != 0.0])
        return found


@dataclass(frozen=True)
class Lorentzian:
    r"""A resonance, :math:`1/(1 + 4 (\omega - \omega_c)^2/w^2)`: the bath of one damped mode at :math:`\omega_c`.

    A node coupled by g to a mode of frequency :math:`\omega_c` that a memoryless bath damps at the rate w sees
    :math:`J(\omega) = (4 g^2/w)` times this shape, negative frequencies included.

    Parameters
    ----------
    center : float
        The frequency :math:`\omega_c` of the peak.
    width : float
        Full width w > 0 at half of the maximum.

    Raises
    ------
    InvalidNetworkError
        If a number is not finite, or the width not positive.

    Examples
    --------
    >>> Lorentzian(1.0, width=0.2)([0.9, 1.0, 1.1])
    array([0.5, 1. , 0.5])
    """

    center: float
    width: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "center", _checks.real("center", self.center))
        object.__setattr__(self, "width", _checks.real("width", self.width, above=0.0))

    @property
    def support(self) -> tuple[float, float]:
        """All frequencies."""
        return -math.inf, math.inf

    @property
    def breakpoints(self) -> tuple[float, ...]:
        """The peak and one width to either side."""
        return self.center - self.width, self.center, self.center + self.width

    def _offset(self, omega: Any) -> RealArray:
        return np.asarray(2.0 * (np.asarray(omega, dtype=np.float64) - self.center) / self.width)

    def __call__(self, omega: Any) -> RealArray:
        """The shape, one at the peak."""
        with np.errstate(over="ignore"):
            return np.asarray(1.0 / (1.0 + self._offset(omega) ** 2))

    def lamb_shift(self, omega: Any) -> RealArray:
        r"""In closed form, :math:`s(\omega) (\omega - \omega_c)/w`."""
        y = self._offset(omega)
        large = np.maximum(np.abs(y), 1.0)  # y / (1 + y^2) / 2, without the overflow of y^2
        return np.asarray(0.5 * (y / large) / (1.0 / large + large * (y / large) ** 2))


@dataclass(frozen=True)
class Custom:
    """A shape given by any function of an array of frequencies.

    Parameters
    ----------
    function : callable
        Takes an array of frequencies and returns the shape at each: finite, non-negative, of the same shape, or one
        number for all.
    breakpoints : sequence of float
        Frequencies of its edges, kinks and narrow features, which integrals are split at.
    support : pair of float
        The interval in which it is asked; it counts as zero outside. The default is (0, inf).

    Raises
    ------
    InvalidNetworkError
        If what the function returns is not as it must be, where that is noticed: when it is used.

    Examples
    --------
    >>> import numpy as np
    >>> gap = Custom(lambda omega: np.where(omega > 0.5, np.sqrt(omega), 0.0), breakpoints=[0.5])
    >>> gap([0.25, 4.0])
    array([0., 2.])
    """

    function: Callable[[RealArray], Any]
    breakpoints: tuple[float, ...] = ()
    support: tuple[float, float] = (0.0, math.inf)

    def __post_init__(self) -> None:
        if not callable(self.function):
            _checks.fail("function", "be callable", repr(self.function))
        points = [_checks.real("breakpoints", p) for p in _checks.sequence("breakpoints", self.breakpoints, "numbers")]
        object.__setattr__(self, "breakpoints", tuple(sorted(points)))
        ends = _checks.sequence("support", self.support, "two numbers")
        if len(ends) != 2 or not all(isinstance(e, (int, float)) for e in ends) or not ends[0] < ends[1]:
            _checks.fail("support", "be a pair (lowest, highest) of ascending frequencies", self.support)
        object.__setattr__(self, "support", (float(ends[0]), float(ends[1])))

    def __call__(self, omega: Any) -> RealArray:
        """What the function says, checked, inside the support; zero outside."""
        frequencies = np.asarray(omega, dtype=np.float64)
        inside = (frequencies >= self.support[0]) & (frequencies <= self.support[1])
        shape = np.zeros(frequencies.shape)
        shape[inside] = self._ask(frequencies[inside])
        return shape

    def _ask(self, frequencies: RealArray) -> RealArray:
        if not frequencies.size:
            return frequencies
        try:
            values = np.asarray(self.function(frequencies), dtype=np.float64)
        except TypeError as error:
            _checks.fail("spectrum", "take an array of frequencies (numpy.vectorize makes it)", f"not ({error})")
        if values.ndim and values.shape != frequencies.shape:
            _checks.fail("spectrum", f"return one number a frequency, shape {frequencies.shape}", values.shape)
        values = np.broadcast_to(values, frequencies.shape)
        if not (np.isfinite(values) & (values >= 0.0)).all():
            worst = int(np.argmin(np.isfinite(values) & (values >= 0.0)))
            _checks.fail("spectrum", "be finite and non-negative", f"{values[worst]:.6g} at {frequencies[worst]:.6g}")
        return values

    def lamb_shift(self, omega: Any) -> RealArray:
        """By numerical integration."""
        return principal_value(self, omega)


def as_spectrum(given: Any) -> Spectrum:
    """Return a spectrum as it is, and any other callable as :class:`Custom`."""
    if isinstance(given, Spectrum) and not isinstance(given, type):
        return given
    if isinstance(given, type) or not callable(given):
        _checks.fail("spectrum", "be a spectrum such as spectra.Ohmic(10.0), or a function of frequencies", repr(given))
    return Custom(given)


def principal_value(
    shape: Callable[[RealArray], RealArray],
    omega: Any,
    *,
    support: tuple[float, float] | None = None,
    breakpoints: Sequence[float] | None = None,
) -> RealArray:
    r"""The principal value :math:`P\!\int \frac{d\omega'}{2\pi} \frac{s(\omega')}{\omega - \omega'}`, numerically.

    The shape is fitted once, however many frequencies there are.

    Parameters
    ----------
    shape : callable
        A function of an array of frequencies.
    omega : array_like
        Frequencies.
    support, breakpoints
        As those of a spectrum; by default those of ``shape``.

    Raises
    ------
    InvalidNetworkError
        If the integral does not exist.

    Examples
    --------
    >>> resonance = Lorentzian(1.0, width=0.5)
    >>> bool(abs(principal_value(resonance, [1.2]) - resonance.lamb_shift([1.2])) < 1e-12)
    True
    """
    low, high = shape.support if support is None else support  # type: ignore[attr-defined]
    points = shape.breakpoints if breakpoints is None else breakpoints  # type: ignore[attr-defined]
    frequencies = np.asarray(omega, dtype=np.float64)
    edges = {p for p in (*points, low, high) if math.isfinite(p)}
    for place in edges & set(frequencies.ravel().tolist()):
        if _is_edge(shape, place, abs(place) or min((abs(p) for p in edges if p), default=1.0)):
            _checks.fail("spectrum", "be continuous where its Lamb shift is asked", f"with an edge at {place:.6g}")
    scale = float(np.abs(frequencies).max(initial=0.0))
    try:
        found = PrincipalValue(shape, low, high, [*points, scale])(frequencies)
    except ValueError as error:
        if isinstance(error, InvalidNetworkError):
            raise
        _checks.fail("spectrum", "have a finite Lamb shift", f"of infinite shift ({error})")
    return np.asarray(found / (2.0 * math.pi))


def _is_edge(shape: Callable[[RealArray], RealArray], place: float, unit: float) -> bool:
    """Whether a shape jumps at a place, or rises there too steeply."""
    steps = unit * np.array([_BESIDE, _CLOSER])
    before, at, after = shape(np.array([place - steps, np.full(2, place), place + steps]))
    far, near = np.abs(after - before)
    return bool(far > _JUMP * at[0] and near > (_FALLS if place else _FALLS_AT_ZERO) * far)


def _drude_shift(x: RealArray, exponent: float) -> RealArray:
    r"""The principal value for :math:`x^s/(1 + x^2)`, x > 0, with the cancellation at s = 1 taken out.

    From 1/((1 + t^2)(x - t)) = [1/(x - t) + (x + t)/(1 + t^2)]/(1 + x^2) and the integrals of powers over the half
    line, continued analytically in s = 1 + e; the poles at e = 0 of the two parts cancel.
    """
    e = exponent - 1.0
    u = math.pi * e / 2.0
    size = np.abs(x)
    with np.errstate(divide="ignore", invalid="ignore"):
        log = np.where(size > 0.0, np.log(size), 0.0)
        grown = np.expm1(e * log)
        # cot(2u) - 1/(2 sin u) and 1/sin(2u) - 1/(2 sin u), without their poles
        if e == 0.0:
            above = below = log
        else:
            slow = -math.sin(1.5 * u) * math.sin(u / 2) / (math.sin(u) * math.cos(u))
            above = math.pi * (grown / math.tan(2 * u) + slow)
            below = math.pi * (grown / math.sin(2 * u) + math.tan(u / 2) / (2 * math.cos(u)))
        part = np.where(x > 0.0, x * above, x * below)
    part = np.where(size > 0.0, part, 0.0) - math.pi / (2.0 * math.cos(u))
    return np.asarray(part / (1.0 + x**2) / (2.0 * math.pi))


def _sharp_shift(x: RealArray) -> RealArray:
    """The principal value for x up to 1: (-1 + x ln |x/(x - 1)|)/(2 pi)."""
    if np.any(x == 1.0):
        _checks.fail("omega", "not be the sharp cutoff, where the Lamb shift is infinite", "it")
    with np.errstate(divide="ignore", invalid="ignore"):
        far = np.abs(x) > 2.0
        log = np.where(
            far,
            -np.log1p(-1.0 / np.where(far, x, 4.0)),
            np.log(np.where(x == 0.0, 1.0, np.abs(x))) - np.log(np.abs(x - 1.0)),
        )
    return np.asarray((x * log - 1.0) / (2.0 * math.pi))
