"""Every exception and warning of the library, with the data it carries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._typing import ComplexArray


class WignernessError(Exception):
    """Base of every error that the library raises on purpose."""


class InvalidNetworkError(WignernessError, ValueError):
    """A network, a bath or a parameter of a model is not what it must be."""


class InvalidStateError(WignernessError, ValueError):
    """A state is malformed or violates the uncertainty relation."""


class NoUniqueSteadyStateError(WignernessError):
    """The network forgets its initial state only in part, or not at all.

    Attributes
    ----------
    eigenvalue : complex or None
        An eigenvalue of the drift with zero real part, where one was found.
    modes : (m, L) array or None
        The undamped normal modes, one a row, normalized; or None.
    nodes : tuple of int
        The nodes on which they live, or whose probes are undetermined.
    """

    def __init__(
        self,
        message: str,
        *,
        eigenvalue: complex | None = None,
        modes: ComplexArray | None = None,
        nodes: Sequence[int] = (),
    ) -> None:
        super().__init__(message)
        self.eigenvalue = eigenvalue
        self.modes = modes
        self.nodes = tuple(nodes)


class UnstableNetworkError(NoUniqueSteadyStateError):
    """A mode grows without bound: gain or pairing exceeds the losses.

    Attributes
    ----------
    eigenvalue : complex
        The eigenvalue of the drift with the largest real part.
    growth_rate : float
        Its real part.
    modes : (1, L) or (1, 2L) array
        The growing mode.
    """

    @property
    def growth_rate(self) -> float:
        """The rate at which the mode's amplitude grows."""
        return 0.0 if self.eigenvalue is None else self.eigenvalue.real


class UndefinedQuantityError(WignernessError):
    """A quantity has no meaning for this network or this state."""


class ConvergenceError(WignernessError):
    """An iteration did not reach the accuracy asked for.

    Attributes
    ----------
    last_iterate : object
        The best answer so far.
    error : float or None
        Its estimated error.
    """

    def __init__(self, message: str, *, last_iterate: object = None, error: float | None = None) -> None:
        super().__init__(message)
        self.last_iterate = last_iterate
        self.error = error


class MemoryLimitError(WignernessError, MemoryError):
    """A computation would need more memory than there is; nothing was allocated.

    Attributes
    ----------
    needed, available : int
        Bytes.
    """

    def __init__(self, message: str, *, needed: int, available: int) -> None:
        super().__init__(message)
        self.needed = needed
        self.available = available


class SpecError(WignernessError, ValueError):
    """A spec file has faults; all of them are listed.

    Attributes
    ----------
    faults : tuple of (str, str)
        Path in the file and what is wrong there.
    """

    def __init__(self, message: str, *, faults: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(message)
        self.faults = tuple(faults)


class FileFormatError(WignernessError, ValueError):
    """A result file is damaged, foreign, or would be overwritten."""


class SweepError(WignernessError, ValueError):
    """A sweep cannot be started or continued: its grid, its store or its workers are not what they must be."""


class ServerError(WignernessError, OSError):
    """The explorer cannot listen where it was asked to."""


class MissingExtraError(WignernessError, ImportError):
    """An optional dependency is not installed.

    Attributes
    ----------
    extra : str
        The extra that brings it.
    """

    def __init__(self, module: str, extra: str) -> None:
        super().__init__(
            f"{module!r} is needed here and is not installed. It comes with the extra {extra!r}: "
            f'pip install "wignerness[{extra}]"'
        )
        self.extra = extra


class WignernessWarning(UserWarning):
    """Base of every warning of the library."""


class AccuracyWarning(WignernessWarning):
    """An answer is given whose accuracy falls short of what was asked for."""
