"""Heat baths and self-consistent reservoirs, each coupled to one node of a network."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TypeAlias

from . import _checks

__all__ = ["Bath", "Probe", "ThermalBath"]


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

    Raises
    ------
    InvalidNetworkError
        If a number is negative, not finite, or the mode not a non-negative integer.

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

    def __post_init__(self) -> None:
        object.__setattr__(self, "mode", _checks.integer("mode", self.mode, minimum=0))
        object.__setattr__(self, "rate", _checks.real("rate", self.rate, minimum=0.0))
        object.__setattr__(self, "occupation", _checks.real("occupation", self.occupation, minimum=0.0))
        _check_name(self.name)

    def __repr__(self) -> str:
        name = "" if self.name is None else f", name={self.name!r}"
        return f"ThermalBath(mode={self.mode}, rate={self.rate!r}, occupation={self.occupation!r}{name})"

    @classmethod
    def at_temperature(
        cls, mode: int, rate: float, temperature: float, frequency: float, *, name: str | None = None
    ) -> ThermalBath:
        """A bath of given temperature, n = 1 / (exp(omega / T) - 1) (below Eq. 4; hbar = k_B = 1).

        Parameters
        ----------
        mode, rate, name
            As for the class.
        temperature : float
            Temperature T >= 0, in units of the frequency.
        frequency : float
            Frequency omega > 0 of the node.

        Examples
        --------
        >>> from wignerness import ThermalBath
        >>> ThermalBath.at_temperature(0, 0.1, temperature=1.0, frequency=1.0).occupation
        0.5819767068693265
        """
        temperature = _checks.real("temperature", temperature, minimum=0.0)
        frequency = _checks.real("frequency", frequency, above=0.0)
        return cls(mode, rate, bose_einstein(temperature, frequency), name=name)

    def temperature(self, frequency: float) -> float:
        """The temperature T = omega / ln(1 + 1/n) that the occupation means at a frequency omega > 0.

        Examples
        --------
        >>> from wignerness import ThermalBath
        >>> ThermalBath(0, 0.1, 0.0).temperature(1.0)
        0.0
        """
        frequency = _checks.real("frequency", frequency, above=0.0)
        return 0.0 if self.occupation == 0.0 else frequency / math.log1p(1.0 / self.occupation)


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


Bath: TypeAlias = ThermalBath | Probe


def bose_einstein(temperature: float, frequency: float) -> float:
    """Thermal occupation 1 / (exp(omega / T) - 1); zero at T = 0."""
    if temperature == 0.0:
        return 0.0
    ratio = frequency / temperature
    if ratio > 700.0:
        return math.exp(-ratio)
    return 1.0 / math.expm1(ratio) if ratio > 0.0 else math.inf
