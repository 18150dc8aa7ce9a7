"""Baths: thermal, squeezed and self-consistent ones of one node, jump operators on any nodes, dephasing."""

from __future__ import annotations

import cmath
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from . import _checks
from ._typing import ComplexArray, RealArray
from .errors import InvalidNetworkError
from .spectra import Flat, Spectrum, as_spectrum

__all__ = ["Bath", "Dephasing", "JumpBath", "LocalBath", "Probe", "SqueezedBath", "ThermalBath"]

# |m|^2 may exceed n (n + 1) by this relative amount of rounding.
_PURE = 1e-12
_LARGEST_SQUEEZING = 300.0
# How far a given occupation may be from that of the temperature, relative to it.
_SAME_OCCUPATION = 1e-9


def _check_name(name: object) -> None:
    if name is not None and (not isinstance(name, str) or not name.strip()):
        _checks.fail("name", "be a non-empty string or None", repr(name))


@dataclass(frozen=True)
class ThermalBath:
    """A thermal bath of one node, Eq. (4): gamma (n + 1) D[a] + gamma n D[a^+].

    Parameters
    ----------
    mode : int
        The node, counted from 0.
    rate : float
        Damping rate gamma >= 0 (unit: that of the Hamiltonian).
    occupation : float
        Mean excitation number n >= 0 that the bath imposes on a node left alone with it.
    name : str, optional
        A name for tables and labels.
    bath_temperature : float, optional
        Temperature T >= 0, where the bath has one: :meth:`at_temperature` gives it. Without (default) the occupation is
        the same at every frequency, as that of white noise.
    frequency : float, optional
        The reference frequency omega_0 > 0, at which ``rate`` and ``occupation`` hold.
    spectrum : Spectrum or callable, optional
        Shape of the spectral density, one of :mod:`wignerness.spectra` or a function of an array of frequencies; the
        default is the same damping at every frequency, as ``spectra.Flat()``.

    Raises
    ------
    InvalidNetworkError
        If a number is negative, not finite, or the mode not a non-negative integer; if the occupation is not that of
        the temperature, a spectrum or temperature has no reference frequency, or the spectrum vanishes there.

    Notes
    -----
    The local master equation uses ``rate`` and ``occupation`` alone, whatever the spectrum and the temperature; other
    theories (:mod:`wignerness.theories`) ask for :meth:`damping` and :meth:`occupation_at` at other frequencies.

    Examples
    --------
    >>> from wignerness import ThermalBath
    >>> ThermalBath(0, rate=0.1, occupation=1.5)
    ThermalBath(mode=0, rate=0.1, occupation=1.5)
    """

    mode: int
    rate: float
    occupation: float
    name: str | None = field(default=None, kw_only=True)
    bath_temperature: float | None = field(default=None, kw_only=True)
    frequency: float | None = field(default=None, kw_only=True)
    spectrum: Spectrum | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        object.__setattr__(self, "mode", _checks.integer("mode", self.mode, minimum=0))
        object.__setattr__(self, "rate", _checks.real("rate", self.rate, minimum=0.0))
        object.__setattr__(self, "occupation", _checks.real("occupation", self.occupation, minimum=0.0))
        _check_name(self.name)
        if self.frequency is not None:
            object.__setattr__(self, "frequency", _checks.real("frequency", self.frequency, above=0.0))
        if self.bath_temperature is not None:
            self._check_temperature()
        if self.spectrum is not None:
            object.__setattr__(self, "spectrum", as_spectrum(self.spectrum))
            self._check_spectrum()

    def _check_temperature(self) -> None:
        temperature = _checks.real("bath_temperature", self.bath_temperature, minimum=0.0)
        object.__setattr__(self, "bath_temperature", temperature)
        if self.frequency is None:
            _checks.fail("frequency", "be given with a temperature (the occupation is that at this frequency)", None)
        thermal = bose_einstein(temperature, self.frequency)
        if abs(self.occupation - thermal) > _SAME_OCCUPATION * thermal:
            rule = f"be that of the temperature, {thermal!r} (ThermalBath.at_temperature computes it)"
            _checks.fail("occupation", rule, self.occupation)
        object.__setattr__(self, "occupation", _checks.real("occupation", thermal))

    def _check_spectrum(self) -> None:
        if isinstance(self.spectrum, Flat):
            return
        if self.frequency is None:
            _checks.fail("frequency", "be given with a spectrum (the rate is that at this frequency)", None)
        if not self._reference_shape() > 0.0:
            _checks.fail("spectrum", f"be positive at the reference frequency {self.frequency:.6g}", 0.0)

    def _reference_shape(self) -> float:
        return 1.0 if self.spectrum is None else float(self.spectrum(np.array(self.frequency or 0.0)))

    def __repr__(self) -> str:
        parts = [f"mode={self.mode}", f"rate={self.rate!r}", f"occupation={self.occupation!r}"]
        optional = ("name", "bath_temperature", "frequency", "spectrum")
        parts += [f"{key}={value!r}" for key in optional if (value := getattr(self, key)) is not None]
        return f"ThermalBath({', '.join(parts)})"

    @classmethod
    def at_temperature(
        cls,
        mode: int,
        rate: float,
        temperature: float,
        frequency: float,
        *,
        spectrum: Any = None,
        name: str | None = None,
    ) -> ThermalBath:
        """A bath of given temperature, n = 1 / (exp(omega / T) - 1) (below Eq. 4; hbar = k_B = 1).

        Parameters
        ----------
        mode, rate, spectrum, name
            As for the class.
        temperature : float
            Temperature T >= 0, in units of the frequency.
        frequency : float
            Frequency omega > 0 of the node, at which ``rate`` and ``occupation`` hold.

        Examples
        --------
        >>> from wignerness import ThermalBath, spectra
        >>> bath = ThermalBath.at_temperature(0, 0.1, temperature=1.0, frequency=1.0, spectrum=spectra.Ohmic(10.0))
        >>> bath.occupation
        0.5819767068693265
        >>> bath.damping([0.5, 1.0]), bath.occupation_at([0.5, 1.0])
        (array([0.05037406, 0.1       ]), array([1.54149408, 0.58197671]))
        """
        temperature = _checks.real("temperature", temperature, minimum=0.0)
        frequency = _checks.real("frequency", frequency, above=0.0)
        occupation = bose_einstein(temperature, frequency)
        return cls(
            mode, rate, occupation, name=name, bath_temperature=temperature, frequency=frequency, spectrum=spectrum
        )

    def temperature(self, frequency: float) -> float:
        """The temperature T = omega / ln(1 + 1/n) that the occupation means at a frequency omega > 0.

        That of the bath at every frequency, where it has one.

        Examples
        --------
        >>> from wignerness import ThermalBath
        >>> ThermalBath(0, 0.1, 0.0).temperature(1.0)
        0.0
        """
        frequency = _checks.real("frequency", frequency, above=0.0)
        if self.bath_temperature is not None:
            return self.bath_temperature
        return 0.0 if self.occupation == 0.0 else frequency / math.log1p(1.0 / self.occupation)

    @property
    def is_white(self) -> bool:
        """Whether it damps and feeds alike at every frequency, as the local master equation assumes."""
        return self.bath_temperature is None and (self.spectrum is None or isinstance(self.spectrum, Flat))

    def damping(self, omega: Any) -> RealArray:
        r"""The damping rate :math:`J(\omega) = \gamma\,s(\omega)/s(\omega_0)` at any frequencies, of the same shape.

        Examples
        --------
        >>> from wignerness import ThermalBath
        >>> ThermalBath(0, 0.1, 1.5).damping([0.5, 1.0])
        array([0.1, 0.1])
        """
        frequencies = _checks.real_array("omega", omega)
        if self.spectrum is None or isinstance(self.spectrum, Flat):
            return np.full(frequencies.shape, self.rate)
        return np.asarray(self.rate * (self.spectrum(frequencies) / self._reference_shape()))

    def lamb_shift(self, omega: Any) -> RealArray:
        r"""The shift :math:`\Delta(\omega) = P\!\int \frac{d\omega'}{2\pi} \frac{J(\omega')}{\omega - \omega'}`.

        The bath adds the self-energy :math:`\Delta(\omega) - i J(\omega)/2` to the Hamiltonian of its node.
        """
        frequencies = _checks.real_array("omega", omega)
        if self.spectrum is None or isinstance(self.spectrum, Flat):
            return np.zeros(frequencies.shape)
        return np.asarray(self.rate * (self.spectrum.lamb_shift(frequencies) / self._reference_shape()))

    def occupation_at(self, omega: Any) -> RealArray:
        r"""The occupation at any frequencies: :math:`1/(e^{\omega/T} - 1)`; without a temperature that of the bath.

        Raises
        ------
        InvalidNetworkError
            If the bath has a temperature T > 0 and a frequency is not positive.
        """
        frequencies = _checks.real_array("omega", omega)
        if self.bath_temperature is None:
            return np.full(frequencies.shape, self.occupation)
        if self.bath_temperature == 0.0:
            return np.zeros(frequencies.shape)
        if not (frequencies > 0.0).all():
            rule = "be positive where a bath has a temperature (give it an occupation only, and it holds everywhere)"
            _checks.fail("omega", rule, f"{float(frequencies.min()):.6g}")
        ratio = frequencies / self.bath_temperature
        with np.errstate(over="ignore"):
            return np.asarray(np.where(ratio > 700.0, np.exp(-ratio), 1.0 / np.expm1(np.minimum(ratio, 701.0))))


@dataclass(frozen=True)
class Probe:
    """A self-consistent reservoir (Buettiker probe) of one node, Sec. IV and physics of Eq. (D3).

    It damps and heats like a thermal bath whose occupation is such that it exchanges no excitations
    with the network on average in the steady state. The occupation is found by the solver.

    Parameters
    ----------
    mode : int
        The node, counted from 0.
    rate : float
        Damping rate Gamma >= 0.
    occupation : float, optional
        Fixes the occupation; None (default) leaves it to the solver.
    name : str, optional
        A name for tables and labels.

    Raises
    ------
    InvalidNetworkError
        If a number is negative, not finite, or the mode not a non-negative integer.

    Examples
    --------
    >>> from wignerness import Probe
    >>> Probe(1, rate=0.05)
    Probe(mode=1, rate=0.05)
    """

    mode: int
    rate: float
    occupation: float | None = field(default=None, kw_only=True)
    name: str | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        object.__setattr__(self, "mode", _checks.integer("mode", self.mode, minimum=0))
        object.__setattr__(self, "rate", _checks.real("rate", self.rate, minimum=0.0))
        if self.occupation is not None:
            object.__setattr__(self, "occupation", _checks.real("occupation", self.occupation, minimum=0.0))
        _check_name(self.name)

    def __repr__(self) -> str:
        parts = [f"mode={self.mode}", f"rate={self.rate!r}"]
        parts += [f"{key}={value!r}" for key in ("occupation", "name") if (value := getattr(self, key)) is not None]
        return f"Probe({', '.join(parts)})"

    @property
    def is_free(self) -> bool:
        """Whether the occupation is still to be found."""
        return self.occupation is None


@dataclass(frozen=True)
class SqueezedBath:
    r"""A squeezed thermal bath of one node.

    Left alone with it, the node relaxes at the rate gamma to <a^+a> = n, <aa> = m.

    Parameters
    ----------
    mode : int
        The node, counted from 0.
    rate : float
        Damping rate gamma >= 0.
    occupation : float
        n >= 0.
    anomalous : complex
        m, with :math:`|m|^2 \le n (n + 1)`.
    name : str, optional
        A name for tables and labels.

    Raises
    ------
    InvalidNetworkError
        If a number is negative or not finite, or the squeezing is more than quantum mechanics allows.

    Examples
    --------
    >>> from wignerness import SqueezedBath
    >>> SqueezedBath(0, rate=0.1, occupation=1.0, anomalous=0.5j)
    SqueezedBath(mode=0, rate=0.1, occupation=1.0, anomalous=0.5j)
    """

    mode: int
    rate: float
    occupation: float
    anomalous: complex
    name: str | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        object.__setattr__(self, "mode", _checks.integer("mode", self.mode, minimum=0))
        object.__setattr__(self, "rate", _checks.real("rate", self.rate, minimum=0.0))
        object.__setattr__(self, "occupation", _checks.real("occupation", self.occupation, minimum=0.0))
        object.__setattr__(self, "anomalous", complex(_checks.complex_array("anomalous", self.anomalous, ())))
        _check_name(self.name)
        largest = math.sqrt(self.occupation) * math.sqrt(self.occupation + 1)
        if abs(self.anomalous) > largest * (1 + _PURE):
            raise InvalidNetworkError(
                f"Argument `anomalous` must obey |m| <= sqrt(n (n + 1)) = {largest:.6g} at the occupation "
                f"{self.occupation:.6g}, but |m| is {abs(self.anomalous):.6g}; use from_squeezing to stay physical."
            )

    def __repr__(self) -> str:
        name = "" if self.name is None else f", name={self.name!r}"
        return (
            f"SqueezedBath(mode={self.mode}, rate={self.rate!r}, occupation={self.occupation!r}, "
            f"anomalous={self.anomalous!r}{name})"
        )

    @classmethod
    def from_squeezing(
        cls, mode: int, rate: float, thermal_occupation: float, r: float, *, angle: float = 0.0, name: str | None = None
    ) -> SqueezedBath:
        r"""A thermal bath of occupation n_t, squeezed by r.

        :math:`n + \frac12 = (n_t + \frac12) \cosh 2r,\; m = -(n_t + \frac12) e^{i\,angle} \sinh 2r`; at angle 0
        the x quadrature is squeezed.

        Parameters
        ----------
        mode, rate, name
            As for the class.
        thermal_occupation : float
            n_t >= 0, before squeezing.
        r : float
            Squeezing parameter.
        angle : float
            Squeezing angle, radian.

        Examples
        --------
        >>> from wignerness import SqueezedBath
        >>> SqueezedBath.from_squeezing(0, 0.1, 0.0, 0.5).occupation  # sinh(r)^2
        0.2715403174076219
        """
        thermal = _checks.real("thermal_occupation", thermal_occupation, minimum=0.0)
        strength = _checks.real("r", r)
        width = thermal + 0.5
        # (n_t + 1/2) cosh 2r - 1/2 without its cancellation
        if abs(strength) > _LARGEST_SQUEEZING:
            _checks.fail("r", f"be at most {_LARGEST_SQUEEZING:g} in size (beyond, sinh 2r overflows)", strength)
        occupation = thermal + 2 * width * math.sinh(strength) ** 2
        anomalous = -width * cmath.exp(1j * _checks.real("angle", angle)) * math.sinh(2 * strength)
        return cls(mode, rate, occupation, anomalous, name=name)


@dataclass(frozen=True, eq=False)
class JumpBath:
    r"""A bath given by its jump operators, :math:`L_q = \sum_i u_{qi} a_i + v_{qi} a_i^\dagger`.

    All jumps of one bath are one channel: their entropy production is that of the bath as a whole. Emission and
    absorption of one reservoir belong together; splitting them gives production at equilibrium.

    Parameters
    ----------
    jumps : sequence of (u, v)
        Each u and v an (L,) array_like of complex amplitudes (unit: square root of a rate).
    name : str, optional
        A name for tables and labels.

    Attributes
    ----------
    jumps : tuple of (u, v)
        Read-only complex arrays.

    Raises
    ------
    InvalidNetworkError
        If there is no jump, or lengths differ, or an entry is not finite.

    Examples
    --------
    Loss at the rate 0.1 and gain at the rate 0.3 on the second of two nodes:

    >>> from wignerness import JumpBath
    >>> JumpBath([([0, 0.1**0.5], [0, 0]), ([0, 0], [0, 0.3**0.5])])
    JumpBath(2 jumps on 2 modes)
    """

    jumps: Sequence[tuple[Any, Any]]
    name: str | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        _check_name(self.name)
        jumps = _checks.sequence("jumps", self.jumps)
        if not jumps:
            _checks.fail("jumps", "be a non-empty sequence of pairs (u, v)", repr(self.jumps))
        checked, size = [], None
        for index, given in enumerate(jumps):
            jump = _checks.sequence(f"jumps[{index}]", given)
            if len(jump) != 2:
                _checks.fail(f"jumps[{index}]", "be a pair (u, v)", f"of length {len(jump)}")
            pair = []
            for part, values in zip("uv", jump, strict=True):
                array = _checks.complex_array(f"jumps[{index}].{part}", values, (size,))
                size = len(array)
                pair.append(_checks.read_only(array))
            checked.append((pair[0], pair[1]))
        object.__setattr__(self, "jumps", tuple(checked))

    def __repr__(self) -> str:
        name = "" if self.name is None else f", name={self.name!r}"
        count = len(self.jumps)
        return f"JumpBath({count} jump{'s' * (count != 1)} on {self.n_modes} modes{name})"

    @property
    def n_modes(self) -> int:
        """Number of modes L that the amplitudes are given for."""
        return len(self.jumps[0][0])

    @property
    def absorbing(self) -> ComplexArray:
        """The amplitudes u, one jump a row: excitations that leave the network."""
        return np.array([u for u, _ in self.jumps])

    @property
    def emitting(self) -> ComplexArray:
        """The amplitudes v, one jump a row: excitations that enter the network."""
        return np.array([v for _, v in self.jumps])

    @property
    def support(self) -> tuple[int, ...]:
        """The nodes that it acts on."""
        return tuple(int(k) for k in np.flatnonzero(self.absorbing.any(axis=0) | self.emitting.any(axis=0)))

    def channel(self) -> tuple[ComplexArray, ComplexArray, ComplexArray, ComplexArray]:
        r"""Blocks of its drift and diffusion in ladder order, W = [[P, Q], [Q*, P*]] and F alike.

        Returns
        -------
        W_P, W_Q, F_P, F_Q : (L, L) arrays
            :math:`(v^T v^* - u^\dagger u)/2`, :math:`(v^T u^* - u^\dagger v)/2`,
            :math:`(v^T v^* + u^\dagger u)/2`, :math:`-(v^T u^* + u^\dagger v)/2`.
        """
        u, v = self.absorbing, self.emitting
        loss, gain = u.conj().T @ u, v.T @ v.conj()
        cross, other = v.T @ u.conj(), u.conj().T @ v
        return (gain - loss) / 2, (cross - other) / 2, (gain + loss) / 2, -(cross + other) / 2


@dataclass(frozen=True)
class Dephasing:
    """Pure dephasing of one node, D[sqrt(Lambda) a^+ a], for second moments.

    The state is not Gaussian: occupations and currents are exact, while entropies and productions, which need more
    than second moments, raise UndefinedQuantityError. At zero mean it acts on C exactly like a free probe.

    Parameters
    ----------
    mode : int
        The node, counted from 0.
    rate : float
        Dephasing rate Lambda >= 0; coherences <a_j^+ a_i> decay at (Lambda_i + Lambda_j)/2.
    name : str, optional
        A name for tables and labels.

    Raises
    ------
    InvalidNetworkError
        If a number is negative, not finite, or the mode not a non-negative integer.

    Examples
    --------
    >>> from wignerness import Dephasing
    >>> Dephasing(0, rate=0.1)
    Dephasing(mode=0, rate=0.1, name=None)
    """

    mode: int
    rate: float
    name: str | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        object.__setattr__(self, "mode", _checks.integer("mode", self.mode, minimum=0))
        object.__setattr__(self, "rate", _checks.real("rate", self.rate, minimum=0.0))
        _check_name(self.name)


LocalBath: TypeAlias = ThermalBath | SqueezedBath | Probe
Bath: TypeAlias = LocalBath | JumpBath | Dephasing
KINDS = {
    ThermalBath: "thermal",
    SqueezedBath: "squeezed",
    Probe: "probe",
    JumpBath: "jump",
    Dephasing: "dephasing",
}


def bose_einstein(temperature: float, frequency: float) -> float:
    """Thermal occupation 1 / (exp(omega / T) - 1); zero at T = 0."""
    if temperature == 0.0:
        return 0.0
    ratio = frequency / temperature
    if ratio > 700.0:
        return math.exp(-ratio)
    return 1.0 / math.expm1(ratio) if ratio > 0.0 else math.inf
