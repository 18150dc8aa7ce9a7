"""The Wigner function of one mode as a map of its plane."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .._checks import integer, read_only
from .._typing import RealArray
from ..errors import InvalidStateError
from ..state import GaussianState

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["WignerMap", "plot_wigner", "wigner_map"]

_REACH = 3.5  # in the largest standard deviation


@dataclass(frozen=True, eq=False)
class WignerMap:
    r"""Values of a Wigner function of one mode on a square grid.

    Attributes
    ----------
    real, imaginary : (N,) arrays
        Re alpha and Im alpha of the columns and the rows.
    values : (N, N) array
        W, row by row; its integral with the measure dRe dIm is one.
    mode : int
    """

    real: RealArray
    imaginary: RealArray
    values: RealArray
    mode: int


def wigner_map(state: GaussianState, mode: int = 0, *, points: int = 81) -> WignerMap:
    """Sample the Wigner function of one mode, Eq. (A5), over 3.5 of its largest standard deviation about its mean.

    Parameters
    ----------
    state : GaussianState
        The other modes are integrated out.
    mode : int
    points : int
        Along each side.

    Raises
    ------
    InvalidStateError
        If there is no such mode, or there are fewer than two points.

    Examples
    --------
    >>> import wignerness as wn
    >>> from wignerness import plotting
    >>> found = plotting.wigner_map(wn.GaussianState.vacuum(1))
    >>> step = found.real[1] - found.real[0]
    >>> round(float(found.values.sum() * step**2), 3), float(found.values.max().round(6))
    (0.999, 0.63662)
    """
    alone = state.reduced([mode])
    count = integer("points", points, minimum=2, error=InvalidStateError)
    widest = float(np.sqrt(np.linalg.eigvalsh(alone.covariance("xxpp"))[-1] / 2))  # x/sqrt 2 is the real part of alpha
    offsets = _REACH * widest * np.linspace(-1, 1, count)
    real, imaginary = alone.mean[0].real + offsets, alone.mean[0].imag + offsets
    values = alone.wigner((real[None, :] + 1j * imaginary[:, None])[..., None])
    return WignerMap(read_only(real), read_only(imaginary), read_only(values), mode)


def plot_wigner(axes: Axes, found: WignerMap) -> None:
    r"""Draw a Wigner function as a map, from white at zero, with contours one and two standard deviations out.

    Parameters
    ----------
    axes : matplotlib Axes
    found : WignerMap

    Examples
    --------
    >>> import wignerness as wn
    >>> from wignerness import plotting
    >>> with plotting.journal():
    ...     axes = plotting.new_figure(3.375, 3).subplots()
    ...     plotting.plot_wigner(axes, plotting.wigner_map(wn.GaussianState.squeezed([0.5])))
    >>> axes.get_xlabel()
    '$\\mathrm{Re}\\,\\alpha$'
    """
    from matplotlib.colors import LinearSegmentedColormap

    shades = LinearSegmentedColormap.from_list("from white", ["white", "#0072B2", "#00304a"])
    drawn = axes.pcolormesh(found.real, found.imaginary, found.values, cmap=shades, vmin=0.0, rasterized=True)
    peak = found.values.max()
    axes.contour(
        found.real, found.imaginary, found.values, levels=peak * np.exp([-2.0, -0.5]), colors="0.35", linewidths=0.6
    )
    axes.figure.colorbar(drawn, ax=axes, label=r"$W(\alpha)$")
    axes.set_box_aspect(1)
    axes.grid(visible=False)
    axes.set(xlabel=r"$\mathrm{Re}\,\alpha$", ylabel=r"$\mathrm{Im}\,\alpha$")
