"""What every panel can do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from ..solving import Solved
from ..view import View

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["HEIGHT", "WIDTH", "Panel", "Shown", "drawing_lines"]

WIDTH, HEIGHT = 9.0, 4.2  # of a figure, inches

# What a page shows: a `figure`, or `tables`, or `texts`; and a `note` about it.
Shown: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Panel:
    """One way to look at a steady state.

    Attributes
    ----------
    name, title : str
    show : callable
        Takes a `Solved` and a `View`; returns what the page shows. Raises a WignernessError where there is nothing to show.
    draw : callable or None
        Takes a matplotlib figure, a `Solved` and a `View`, and draws with the library's functions.
    lines : callable
        Takes the same; returns the Python lines that do it, after those that make ``run`` and ``ness``.
    waits : callable
        Takes a `Solved`; tells whether it takes so long that it is not done anew at every step of a slider.
    sketch : callable, optional
        Shows less, in less time, while a slider moves.
    """

    name: str
    title: str
    show: Callable[[Solved, View], Shown]
    draw: Callable[[Figure, Solved, View], None] | None
    lines: Callable[[Solved, View], Sequence[str]]
    waits: Callable[[Solved], bool] = lambda _: False
    sketch: Callable[[Solved, View], Shown] | None = None


def drawing_lines(*calls: str) -> list[str]:
    """Return the Python lines that draw a figure by some calls and save it."""
    return [
        "with wn.plotting.screen():",
        f"    figure = wn.plotting.new_figure({WIDTH}, {HEIGHT})",
        *(f"    {call}" for call in calls),
        '    figure.savefig("figure.png")',
    ]
