"""Quantities against the size of the network, and their local exponents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from .._typing import IntArray, RealArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_exponents", "plot_scaling"]


def plot_scaling(
    axes: Axes,
    lengths: IntArray | RealArray,
    curves: Mapping[str, RealArray],
    *,
    guides: Mapping[str, tuple[float, float]] | None = None,
) -> None:
    r"""Draw positive quantities against the size L, both axes logarithmic.

    Parameters
    ----------
    axes : matplotlib Axes
    lengths : (N,) array
        Sizes L.
    curves : mapping of str to (N,) array
        One curve a label, drawn with markers.
    guides : mapping of str to (prefactor, exponent), optional
        Dashed lines :math:`c L^p`, each labeled at two thirds of its length.

    Examples
    --------
    >>> import numpy as np
    >>> from wignerness import plotting
    >>> with plotting.journal():
    ...     axes = plotting.new_figure(3.375, 2.5).subplots()
    ...     plotting.plot_scaling(axes, np.array([2, 20]), {"current": np.array([1.0, 0.1])})
    >>> axes.get_xscale()
    'log'
    """
    axes.set_xscale("log")
    axes.set_yscale("log")
    for label, values in curves.items():
        axes.plot(lengths, values, linestyle="none", label=label, zorder=3)
    for label, (prefactor, exponent) in (guides or {}).items():
        values = prefactor * np.asarray(lengths, dtype=float) ** exponent
        axes.plot(lengths, values, color="0.45", linestyle=(0, (4, 2)), marker="none", linewidth=0.8, zorder=1)
        at = 2 * len(values) // 3
        axes.annotate(
            label, (lengths[at], values[at]), xytext=(5, 5), textcoords="offset points", color="0.25", ha="left"
        )
    axes.set_xlabel(r"$L$")


def plot_exponents(
    axes: Axes, lengths: IntArray | RealArray, curves: Mapping[str, RealArray], *, limits: Mapping[str, float]
) -> None:
    r"""Draw local exponents :math:`d \ln y / d \ln L` against the size L.

    Parameters
    ----------
    axes : matplotlib Axes
    lengths : (N,) array
        Sizes L; the axis is logarithmic.
    curves : mapping of str to (N,) array
        One curve a label.
    limits : mapping of str to float
        Values that the curves should reach, drawn as dashed lines and labeled at the left.

    Examples
    --------
    >>> import numpy as np
    >>> from wignerness import plotting
    >>> with plotting.journal():
    ...     axes = plotting.new_figure(3.375, 2.5).subplots()
    ...     plotting.plot_exponents(axes, np.array([2, 20]), {"j": np.array([-0.5, -0.9])}, limits={"-1": -1.0})
    >>> len(axes.lines)
    2
    """
    axes.set_xscale("log")
    for label, value in limits.items():
        axes.axhline(value, color="0.45", linestyle=(0, (4, 2)), marker="none", linewidth=0.8, zorder=1)
        axes.annotate(
            label, (0.02, value), xycoords=("axes fraction", "data"), xytext=(0, 2.5), textcoords="offset points",
            color="0.25", va="bottom",
        )  # fmt: skip
    for label, values in curves.items():
        axes.plot(lengths, values, linestyle="none", label=label, zorder=3)
    axes.set_xlabel(r"$L$")
    axes.set_ylabel("local exponent")
