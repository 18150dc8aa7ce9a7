"""The two styles, the widths they are made for, and saving a figure so that the same data give the same bytes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import MissingExtraError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["DOUBLE_COLUMN", "SINGLE_COLUMN", "journal", "new_figure", "save", "screen"]

SINGLE_COLUMN = 3.375  # inches
DOUBLE_COLUMN = 7.0

_STYLES = Path(__file__).parent / "styles"


@contextmanager
def journal() -> Iterator[None]:
    """Draw what is inside for a two-column journal (`SINGLE_COLUMN` or `DOUBLE_COLUMN` inches wide).

    Examples
    --------
    >>> from wignerness import plotting
    >>> with plotting.journal():
    ...     figure = plotting.new_figure(plotting.SINGLE_COLUMN, 2.5)
    >>> figure.get_size_inches()
    array([3.375, 2.5  ])
    """
    with _context("journal"):
        yield


@contextmanager
def screen() -> Iterator[None]:
    """Draw what is inside for slides, notebooks and web pages."""
    with _context("screen"):
        yield


@contextmanager
def _context(name: str) -> Iterator[None]:
    try:
        from matplotlib import style
    except ImportError as error:
        raise MissingExtraError("matplotlib", "plot") from error
    with style.context(["default", _STYLES / f"{name}.mplstyle"]):
        yield


def new_figure(width: float, height: float) -> Figure:
    """An empty figure of `width` by `height` inches that no window and no global state knows of.

    Raises
    ------
    MissingExtraError
        Matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("matplotlib", "plot") from error
    return Figure(figsize=(width, height))


def save(figure: Figure, path: Path, kind: str) -> None:
    """Write `figure` to `path` as `kind` ("png", "pdf" or "svg"), without a date, so that equal figures are equal files.

    The layout is settled first: drawing twice would otherwise move it by fractions of a pixel. Call it inside the
    style the figure was made in.
    """
    figure.canvas.draw()
    dated = {"pdf": "CreationDate", "svg": "Date"}.get(kind, "Software")
    figure.savefig(path, format=kind, metadata={dated: None})
