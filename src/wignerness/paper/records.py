"""What a check of the paper leaves behind: one record an equation, one a claim."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Array", "ClaimRecord", "EquationRecord", "deviation"]

# The checks mix real and complex arrays freely.
Array: TypeAlias = NDArray[Any]

# A printed form counts as shown to be wrong where it misses by more than this.
_WRONG = 1e-3


@dataclass(frozen=True)
class EquationRecord:
    """The check of one numbered equation.

    Attributes
    ----------
    number : str
        As printed, such as "25b".
    what : str
        What was compared with what.
    route : str
        How the second value was obtained, independently of the first.
    error : float
        Largest deviation, relative to the largest value compared.
    tolerance : float
        What `error` may be.
    correction : str
        How the equation differs from the printed one; empty where it holds as printed.
    printed_error : float or None
        Deviation of the printed form; infinite where its shapes do not fit.
    """

    number: str
    what: str
    route: str
    error: float
    tolerance: float
    correction: str = ""
    printed_error: float | None = None

    @property
    def passed(self) -> bool:
        """Whether the deviation is within the tolerance, and that of a corrected printed form is not small."""
        return self.error <= self.tolerance and (self.printed_error is None or self.printed_error > _WRONG)


@dataclass(frozen=True)
class ClaimRecord:
    """A claim that does not hold in general, with a network that shows it.

    Attributes
    ----------
    claim : str
        What is claimed.
    system : str
        The network that contradicts it.
    values : mapping of str to float
        The numbers that show it.
    shown : bool
        Whether they do.
    """

    claim: str
    system: str
    values: Mapping[str, float]
    shown: bool


def deviation(found: ArrayLike, true: ArrayLike) -> float:
    """Largest |found - true| relative to the largest |true|; both zero is no deviation.

    Examples
    --------
    >>> from wignerness.paper.records import deviation
    >>> deviation([1.0, 2.1], [1.0, 2.0])
    0.05...
    """
    found, true = np.asarray(found), np.asarray(true)
    difference = float(np.abs(found - true).max(initial=0.0))
    scale = float(np.abs(true).max(initial=0.0))
    return difference if difference == 0 else difference / scale if scale > 0 else np.inf
