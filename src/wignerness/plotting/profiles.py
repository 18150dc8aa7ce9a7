"""Occupations along a chain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from .._typing import RealArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_occupations"]


def plot_occupations(
    axes: Axes, profiles: Mapping[str, RealArray], *, guides: Mapping[str, RealArray] | None = None
) -> None:
    r"""Draw occupation profiles :math:`\langle a_k^\dagger a_k \rangle` against the node k, counted from 1.

    Parameters
    ----------
    axes : matplotlib Axes
    profiles : mapping of str to (L,) array
        One profile a label, drawn with markers; the lengths may differ.
    guides : mapping of str to (L,) array, optional
        For some of the labels, the values to draw the line through (a closed form, say) in place of the
        markers' own.

    Examples
    --------
    >>> from wignerness import exact, plotting
    >>> with plotting.journal():
    ...     axes = plotting.new_figure(3.375, 2.5).subplots()
    ...     chain = exact.chain(10, hopping=1.0, rate=1.0, occupations=(1, 2), probe_rate=0.1)
    ...     plotting.plot_occupations(axes, {"chain": chain.occupations})
    >>> len(axes.lines)
    2
    """
    lines = dict(profiles) | dict(guides or {})
    for label, occupations in profiles.items():
        nodes = np.arange(1, len(occupations) + 1)
        (marks,) = axes.plot(nodes, occupations, linestyle="none", markerfacecolor="white", label=label, zorder=3)
        axes.plot(nodes, lines[label], color=marks.get_color(), marker="none", zorder=2)
    axes.tick_params(axis="x", which="minor", bottom=False, top=False)
    axes.set_xlabel(r"$k$")
    axes.set_ylabel(r"$\langle a_k^\dagger a_k\rangle$")
