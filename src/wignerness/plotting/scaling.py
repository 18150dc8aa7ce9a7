"""Quantities against the size of the network, and their local exponents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_exponents", "plot_scaling"]


def plot_scaling(
    axes: Axes,
    lengths: ArrayLike,
    curves: Mapping[str, ArrayLike],
    *,
    guides: Mapping[str, tuple[float, float]] | None = None,
) -> None:
    r"""Draw positive quantities against the size L, both axes logarithmic.

    Parameters
    ----------
    axes : matplotlib Axes
    lengths : (N,) array_like
        Sizes L.
    curves : mapping of str to (N,) array_like
        One curve a label, drawn with markers.
    guides : mapping of str to (prefactor, exponent), optional
        Labeled dashed lines :math:`c L^p` over the upper half of the sizes, drawn at three times their values, so
        that they run beside the curves.

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
    sizes = np.asarray(lengths, dtype=float)
    for label, curve in curves.items():
        axes.plot(sizes, np.asarray(curve), linestyle="none", label=label, zorder=3)
    upper = sizes[len(sizes) // 2 :]
    for label, (prefactor, exponent) in (guides or {}).items():
        values = 3 * prefactor * upper**exponent
        axes.plot(upper, values, color="0.45", linestyle=(0, (4, 2)), marker="none", linewidth=0.8, zorder=1)
        at = len(values) // 2
        axes.annotate(label, (upper[at], values[at]), xytext=(4, 2), textcoords="offset points", color="0.25")
    axes.set_xlabel(r"$L$")


def plot_exponents(axes: Axes, lengths: ArrayLike, curves: Mapping[str, ArrayLike], *, limits: Sequence[float]) -> None:
    r"""Draw local exponents :math:`d \ln y / d \ln L` against the size L.

    Parameters
    ----------
    axes : matplotlib Axes
    lengths : (N,) array_like
        Sizes L; the axis is logarithmic.
    curves : mapping of str to (N,) array_like
        One curve a label.
    limits : sequence of float
        Values that the curves should reach, drawn as dashed lines.

    Examples
    --------
    >>> import numpy as np
    >>> from wignerness import plotting
    >>> with plotting.journal():
    ...     axes = plotting.new_figure(3.375, 2.5).subplots()
    ...     plotting.plot_exponents(axes, np.array([2, 20]), {"j": np.array([-0.5, -0.9])}, limits=[-1])
    >>> len(axes.lines)
    2
    """
    axes.set_xscale("log")
    for value in limits:
        axes.axhline(value, color="0.45", linestyle=(0, (4, 2)), marker="none", linewidth=0.8, zorder=1)
    for label, curve in curves.items():
        axes.plot(np.asarray(lengths), np.asarray(curve), linestyle="none", label=label, zorder=3)
    axes.set_xlabel(r"$L$")
    axes.set_ylabel("local exponent")
