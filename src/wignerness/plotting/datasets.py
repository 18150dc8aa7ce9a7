"""A quantity of a labelled dataset against one of its axes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import UndefinedQuantityError

if TYPE_CHECKING:
    import xarray
    from matplotlib.axes import Axes

__all__ = ["plot_dataset"]

# What is drawn where nothing is asked for: the first of these that the file has.
_PREFERRED = ("entropy_production", "bath_currents", "occupations", "wigner_entropy")
_MOST_CURVES = 12
_MOST_TICKS = 8
_MOST_MARKERS = 60


def plot_dataset(
    axes: Axes,
    dataset: xarray.Dataset,
    *,
    x: str | None = None,
    y: str | None = None,
    hue: str | None = None,
    logx: bool = False,
    logy: bool = False,
) -> None:
    """Draw a quantity of a result (a sweep, a steady state, an evolution) against an axis.

    Parameters
    ----------
    axes : matplotlib Axes
    dataset : xarray.Dataset
    x : str, optional
        Axis; by default time, else the longest of the parameters (of all axes, where there are no parameters).
    y : str, optional
        Quantity; by default the entropy production. ``bath_currents[left]`` is that of one bath or node.
    hue : str, optional
        Axis with a curve for each value; by default the longest of those that are left.
    logx, logy : bool
        Whether an axis is logarithmic.

    Raises
    ------
    UndefinedQuantityError
        If the dataset has no such axis or quantity; valid ones are named.

    Notes
    -----
    Of the axes that are left, entropies are summed over the baths; of others the first value is drawn. The title says
    so. Points that failed leave gaps.

    Examples
    --------
    >>> import wignerness as wn
    >>> from wignerness import plotting
    >>> data = wn.to_dataset(wn.steady_state(wn.models.chain(4, hopping=0.5, rate=1.0, occupations=(1, 2))))
    >>> with plotting.screen():
    ...     axes = plotting.new_figure(4, 3).subplots()
    ...     plotting.plot_dataset(axes, data, y="occupations")
    >>> axes.get_xlabel(), axes.lines[0].get_ydata()
    ('node', array([1.25, 1.5 , 1.5 , 1.75]))
    """
    values, title = _chosen(dataset, y)
    along = _axis(values, x, "x", ())
    if "bath" in values.dims and "bath" not in (along, hue) and "entropy" in str(values.name):
        values, title = _total(values), "summed over the baths"
    left = [str(dim) for dim in values.dims if dim != along]
    curves = _axis(values, hue, "hue", (along,)) if hue is not None or left else None
    for dim in left:
        if dim != curves:
            title += f"{', ' if title else ''}{dim} = {_text(values[dim].values[0] if dim in values.coords else 0)}"
            values = values.isel({dim: 0})
    if logy and not (values.values > 0).any():
        raise UndefinedQuantityError(f"{values.name} has no positive value to draw on a logarithmic axis.")
    if logx and not _has_positive(values, along):
        raise UndefinedQuantityError(f"The axis {along!r} has no positive number to draw on a logarithmic axis.")
    _draw(axes, values, along, curves)
    axes.set_xlabel(_label(dataset[along] if along in dataset.coords else None, x or along))
    axes.set_ylabel(f"{str(values.name).replace('_', ' ')}{_unit(values)}")
    axes.set_title(title)
    if logx:
        _log_ticks(axes, values, along)
    if logy:
        axes.set_yscale("log")


def _chosen(dataset: xarray.Dataset, y: str | None) -> tuple[xarray.DataArray, str]:
    """The quantity, of one bath or node where one is named in brackets; and what the title says of it."""
    name, _, label = (y or "").removesuffix("]").partition("[")
    values = dataset[_quantity(dataset, name or None)]
    if not label:
        return values, ""
    for dim in ("bath", "node"):
        if dim in values.dims and label in values[dim].values:
            return values.sel({dim: label}), f"{dim} {label}"
    places = [str(text) for dim in ("bath", "node") if dim in values.dims for text in values[dim].values[:8]]
    raise UndefinedQuantityError(
        f"{name} has nothing labelled {label!r}; there are {', '.join(places) or 'no labels'}."
    )


def _quantity(dataset: xarray.Dataset, y: str | None) -> str:
    drawable = [str(name) for name, v in dataset.data_vars.items() if v.dtype.kind in "iuf" and v.dims]
    if y is None:
        y = next((name for name in (*_PREFERRED, *drawable) if name in drawable), "")
    if y not in drawable:
        raise UndefinedQuantityError(f"There is no quantity {y!r} to draw; there are {', '.join(drawable) or 'none'}.")
    return y


def _axis(values: xarray.DataArray, asked: str | None, what: str, taken: tuple[str, ...]) -> str:
    free = {str(dim): values.sizes[dim] for dim in values.dims if dim not in taken}
    if asked is not None:
        found = str(values[asked].dims[0]) if asked in values.coords and values[asked].dims else asked
        if found not in free:
            raise UndefinedQuantityError(
                f"{values.name} has no axis {asked!r} for `{what}`; there are {', '.join(free) or 'none'}."
            )
        return found
    if what == "x" and "time" in free:
        return "time"
    parameters = {dim: size for dim, size in free.items() if dim not in ("node", "node_from", "bath")} or free
    return max(parameters, key=lambda dim: parameters[dim])


def _total(values: xarray.DataArray) -> xarray.DataArray:
    """The sum over the baths; a point where there is none stays without a value."""
    total = values.sum("bath", skipna=True, min_count=1, keep_attrs=True)
    return total.rename(values.name)


def _draw(axes: Axes, values: xarray.DataArray, along: str, curves: str | None) -> None:
    positions = _positions(axes, values, along)
    style = _style(values, along, len(positions))
    if curves is None:
        axes.plot(positions, values.values, **style)
        return
    count = values.sizes[curves]
    shown = np.unique(np.linspace(0, count - 1, min(count, _MOST_CURVES)).round().astype(int))
    for k in shown:
        label = _text(values[curves].values[k] if curves in values.coords else k)
        axes.plot(positions, values.isel({curves: int(k)}).values, label=label, **style)
    axes.legend(title=curves.replace("_", " "))


def _style(values: xarray.DataArray, along: str, count: int) -> dict[str, Any]:
    """No line from one label to the next, as nothing is between them; no marks where there are too many."""
    if count > _MOST_MARKERS:
        return {"marker": "none"}
    found = values[along].values if along in values.coords else None
    return {} if found is None or found.dtype.kind in "iuf" else {"linestyle": "none"}


def _positions(axes: Axes, values: xarray.DataArray, along: str) -> np.ndarray:
    """Numbers where they are, labels one beside the other."""
    found = values[along].values if along in values.coords else np.arange(values.sizes[along])
    if found.dtype.kind in "iuf":
        return np.asarray(found)
    positions = np.arange(len(found))
    if len(found) <= 2 * _MOST_CURVES:
        axes.set_xticks(positions, [str(label) for label in found])
        axes.tick_params(axis="x", which="minor", bottom=False, top=False)
    return positions


def _has_positive(values: xarray.DataArray, along: str) -> bool:
    found = values[along].values if along in values.coords else np.arange(values.sizes[along])
    return found.dtype.kind in "iuf" and bool((found > 0).any())


def _log_ticks(axes: Axes, values: xarray.DataArray, along: str) -> None:
    """A tick at every value where they are few: labels of all minor ticks would overlap."""
    from matplotlib.ticker import NullFormatter

    axes.set_xscale("log")
    axes.xaxis.set_minor_formatter(NullFormatter())
    found = values[along].values if along in values.coords else np.arange(values.sizes[along])
    if found.dtype.kind in "iuf" and len(found) <= _MOST_TICKS:
        axes.set_xticks(found, [_text(value) for value in found])


def _label(coordinate: Any, name: str) -> str:
    if coordinate is None:
        return name.replace("_", " ")
    return f"{coordinate.attrs.get('long_name', name.replace('_', ' '))}{_unit(coordinate)}"


def _unit(values: xarray.DataArray) -> str:
    unit = values.attrs.get("units", "1")
    return "" if unit in ("1", "") else f" ({unit})"


def _text(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, (float, np.floating)) else str(value)
