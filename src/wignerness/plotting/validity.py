"""Theories against each other: their errors, their currents, and maps of where each is right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .._typing import RealArray
from ..errors import UndefinedQuantityError

if TYPE_CHECKING:
    import xarray
    from matplotlib.axes import Axes

__all__ = ["plot_bath_occupations", "plot_theory_currents", "plot_theory_errors", "plot_validity_map"]

_LEAST = 1e-6  # errors below are drawn there
_MOST = 10.0
_BARS = 8  # baths up to which currents are bars


def plot_theory_errors(axes: Axes, errors: Mapping[str, Mapping[str, float]], tolerance: float) -> None:
    """Draw the errors of theories as bars on a logarithmic axis, and the tolerance as a line.

    Parameters
    ----------
    axes : matplotlib Axes
    errors : mapping of str to mapping of str to float
        For each theory the error of each quantity; infinite ones reach the end of the axis.
    tolerance : float

    Examples
    --------
    >>> from wignerness import plotting
    >>> with plotting.screen():
    ...     axes = plotting.new_figure(4, 3).subplots()
    ...     plotting.plot_theory_errors(axes, {"Local()": {"heat": 0.2}, "Global()": {"heat": 0.001}}, 0.05)
    >>> axes.get_xscale(), len(axes.patches)
    ('log', 2)
    """
    theories = list(errors)
    kinds = list(dict.fromkeys(kind for found in errors.values() for kind in found))
    width = 0.8 / max(len(kinds), 1)
    places = np.arange(len(theories), dtype=float)
    for k, kind in enumerate(kinds):
        values = np.array([errors[theory].get(kind, np.nan) for theory in theories])
        shown = np.clip(values, 1.5 * _LEAST, _MOST)
        axes.barh(places + (k - (len(kinds) - 1) / 2) * width, shown - _LEAST, 0.9 * width, left=_LEAST, label=kind)
    axes.axvline(tolerance, color="0.25", linewidth=1.0, linestyle="--", marker="none")
    axes.text(tolerance, -0.62, " tolerance", color="0.25", fontsize="small", va="center")
    axes.set_xscale("log")
    axes.set_xlim(_LEAST, _MOST)
    axes.set_yticks(places, theories)
    axes.set_ylim(len(theories) - 0.45, -0.8)
    axes.tick_params(axis="y", which="minor", left=False, right=False)
    axes.set_xlabel("relative error")
    axes.legend(fontsize="small", loc="lower right")


def plot_theory_currents(axes: Axes, labels: Sequence[str], currents: Mapping[str, RealArray]) -> None:
    """Draw a current into every bath as several theories have it.

    Parameters
    ----------
    axes : matplotlib Axes
    labels : sequence of str
        One a bath.
    currents : mapping of str to (K,) array
        For each theory.

    Examples
    --------
    >>> import numpy as np
    >>> from wignerness import plotting
    >>> with plotting.screen():
    ...     axes = plotting.new_figure(4, 3).subplots()
    ...     plotting.plot_theory_currents(axes, ["hot", "cold"], {"Local()": np.array([-1.0, 1.0])})
    >>> len(axes.patches)
    2
    """
    places = np.arange(len(labels), dtype=float)
    width = 0.8 / max(len(currents), 1)
    for k, (theory, values) in enumerate(currents.items()):
        if len(labels) <= _BARS:
            axes.bar(places + (k - (len(currents) - 1) / 2) * width, values, 0.9 * width, label=theory)
        else:
            axes.plot(places, values, linestyle="none", label=theory)
    axes.axhline(0.0, color="0.3", linewidth=0.8, marker="none")
    if len(labels) <= _BARS:
        axes.set_xticks(places, labels)
        axes.tick_params(axis="x", which="minor", bottom=False, top=False)
    else:
        axes.set_xlabel("bath")
    axes.set_ylabel("energy into the bath per time")
    axes.legend(fontsize="small")


def plot_bath_occupations(
    axes: Axes,
    frequencies: RealArray,
    occupations: Mapping[str, RealArray],
    points: Mapping[str, tuple[float, float]],
    levels: RealArray,
) -> None:
    """Draw what each bath imposes at every frequency, what the local equation takes of it, and the normal modes.

    Parameters
    ----------
    axes : matplotlib Axes
    frequencies : (N,) array
    occupations : mapping of str to (N,) array
        One curve a bath.
    points : mapping of str to (float, float)
        Frequency and occupation that the local equation uses for the bath; the point is drawn with a dotted line to
        both sides, because it is used at all frequencies.
    levels : (L,) array
        Frequencies of the normal modes, drawn as vertical lines.

    Examples
    --------
    >>> import numpy as np
    >>> from wignerness import plotting
    >>> omega = np.linspace(0.5, 1.5, 20)
    >>> with plotting.screen():
    ...     axes = plotting.new_figure(4, 3).subplots()
    ...     plotting.plot_bath_occupations(axes, omega, {"hot": 1 / omega}, {"hot": (1.0, 1.0)}, np.array([0.9, 1.1]))
    >>> axes.get_yscale()
    'log'
    """
    for level in levels:
        axes.axvline(level, color="0.8", linewidth=0.8, marker="none", zorder=0)
    for label, values in occupations.items():
        (curve,) = axes.plot(frequencies, values, marker="none", label=label)
        at, level = points[label]
        axes.axhline(level, color=curve.get_color(), linewidth=1.0, linestyle=":", marker="none")
        axes.plot([at], [level], color=curve.get_color(), linestyle="none", marker="o")
    axes.set_yscale("log")
    axes.set_xlabel(r"frequency $\omega$")
    axes.set_ylabel(r"occupation $n(\omega)$")
    axes.legend(fontsize="small")


def plot_validity_map(
    axes: Axes, dataset: xarray.Dataset, theory: str, *, quantity: str = "heat_currents", tolerance: float = 0.05
) -> Any:
    """Draw the error of a theory over two parameters, the border of validity, and where it breaks the second law.

    Parameters
    ----------
    axes : matplotlib Axes
    dataset : xarray.Dataset
        As :func:`~wignerness.validity.validity_map` returns it, over two parameters.
    theory : str
        One of its theories, such as "Local()".
    quantity : str
        "occupations", "bath_currents" or "heat_currents".
    tolerance : float
        The error at which the border is drawn, white.

    Returns
    -------
    matplotlib QuadMesh
        For a color bar: the decimal logarithm of the error, from -4 to 0.

    Raises
    ------
    UndefinedQuantityError
        If the dataset has no such theory or quantity, or not two parameters.

    Examples
    --------
    >>> import wignerness as wn
    >>> from wignerness import plotting, validity
    >>> def pair(hopping, detuning):
    ...     baths = [
    ...         wn.ThermalBath.at_temperature(0, 0.02, 0.5, 1 + detuning),
    ...         wn.ThermalBath.at_temperature(1, 0.02, 0.25, 1.0),
    ...     ]
    ...     return wn.Network([[1 + detuning, hopping], [hopping, 1.0]], baths)
    >>> data = validity.validity_map(pair, {"hopping": [0.01, 0.1], "detuning": [0.0, 0.1]})
    >>> with plotting.screen():
    ...     axes = plotting.new_figure(4, 3).subplots()
    ...     mesh = plotting.plot_validity_map(axes, data, "Local()")
    >>> axes.get_xlabel(), axes.get_ylabel()
    ('hopping', 'detuning')
    """
    found = _selected(dataset, theory, quantity)
    x, y = (str(dim) for dim in found.dims)
    error = found.transpose(y, x).values
    with np.errstate(divide="ignore"):
        shown = np.log10(np.maximum(error, 1e-300))
    across, up = found[x].values, found[y].values
    mesh = axes.pcolormesh(across, up, shown, vmin=-4.0, vmax=0.0, cmap="cividis", shading="gouraud", rasterized=True)
    if np.nanmin(error) < tolerance < np.nanmax(error):
        axes.contour(across, up, error, levels=[tolerance], colors="white", linewidths=1.2)
    broken = dataset["breaks_second_law"].sel(theory=theory).transpose(y, x).values
    if (broken == 1).any():
        axes.contourf(across, up, broken, levels=[0.5, 1.5], colors="none", hatches=["////"])
    axes.set_xlabel(x.replace("_", " "))
    axes.set_ylabel(y.replace("_", " "))
    return mesh


def _selected(dataset: xarray.Dataset, theory: str, quantity: str) -> xarray.DataArray:
    for name, value in (("theory", theory), ("quantity", quantity)):
        if value not in dataset[name].values:
            known = ", ".join(map(str, dataset[name].values))
            raise UndefinedQuantityError(f"The map has no {name} {value!r}; it has {known}.")
    found = dataset["error"].sel(theory=theory, quantity=quantity)
    if found.ndim != 2:
        raise UndefinedQuantityError(
            f"A map is drawn over two parameters, but this has {', '.join(map(str, found.dims)) or 'none'}: select one "
            "value of the others, as in data.sel(rate=0.02)."
        )
    return found
