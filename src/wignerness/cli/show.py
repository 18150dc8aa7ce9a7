"""``wignerness show``: what a result file holds, in words."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .failures import reported

if TYPE_CHECKING:
    import xarray

# Longer values of an attribute are for machines.
_LONGEST = 200
# Of what a sweep is, what other lines say.
_TOLD = ("wignerness", "dimensions", "axis ", "observables", "required", "seed", "unit")
_KINDS = {
    "steady state": "A steady state",
    "account": "A steady state by another theory",
    "evolution": "A run in time",
    "trajectories": "Statistics of trajectories",
    "exchange statistics": "Statistics of what baths exchange",
    "relaxation": "A spectrum of relaxation",
    "sweep": "A sweep",
}
# What a result is restored from, and the places of the elements of sparse matrices.
_PARTS = re.compile(
    r"(initial_)?(hamiltonian|pairing|drive|mean|normal|anomalous)_(tail_)?(real|imag|row|column|tail)"
    r"|bath_(kind|rate|occupation|definition)|.*_(row|column)"
)


def show(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="NetCDF file (or Zarr folder) that wignerness wrote.")],
) -> None:
    """Say what a result file holds: its kind, how it was made, its axes, its quantities with their units.

    Example: wignerness show fourier.nc
    """
    with reported():
        from ..io import load_dataset

        dataset = load_dataset(file)
    for line in describe(dataset):
        typer.echo(line)


def describe(dataset: xarray.Dataset) -> list[str]:
    """Return what a dataset of wignerness holds, in lines of text."""
    about = dict(dataset.attrs)
    kind = str(about.pop("format", "dataset")).removeprefix("wignerness ").rpartition(" ")[0]
    version, date = about.pop("wignerness_version", "?"), about.pop("date", "?")
    lines = [f"{_KINDS.get(kind, kind)}, made by wignerness {version} on {date}."]
    if kind == "sweep":
        lines.append(f"{about.pop('points', '?')} points, {about.pop('failed', '?')} of them failed.")
        lines += _failures(dataset)
        about = _identity(dataset) | about
    bare = [str(dim) for dim in dataset.dims if dim not in dataset.coords and not str(dim).endswith("_element")]
    lines += ["", "Axes"] + [_axis(name, dataset) for name in map(str, dataset.coords)]
    lines += [f"  {dim} ({dataset.sizes[dim]})" for dim in bare]
    named = {str(name): variable for name, variable in dataset.data_vars.items()}
    numbers = {name: variable for name, variable in named.items() if variable.dtype.kind in "iuf"}
    lines += ["", "Quantities"]
    lines += [_quantity(name, variable) for name, variable in numbers.items() if not _PARTS.fullmatch(name)]
    parts = [name for name in named if _PARTS.fullmatch(name)]
    texts = [name for name in named if name not in numbers and name not in parts]
    lines += ["", f"To restore it: {', '.join(parts)}"] if parts else []
    lines += ["", f"Texts: {', '.join(texts)}"] if texts else []
    lines += ["", "How it was made"]
    return lines + [f"  {name}: {_short(value)}" for name, value in about.items()]


def _identity(dataset: xarray.Dataset) -> dict[str, Any]:
    """What is swept and how, but for what is told elsewhere."""
    try:
        said = json.loads(dataset["sweep"].item())
        return {name: text for name, text in said.items() if text and not name.startswith(_TOLD)}
    except (KeyError, ValueError, AttributeError, TypeError):
        return {}


def _failures(dataset: xarray.Dataset) -> list[str]:
    texts = [str(text) for text in dataset["message"].values.ravel().tolist() if text] if "message" in dataset else []
    distinct = list(dict.fromkeys(texts))
    lines = [f"  {texts.count(text)} x {_short(text)}" for text in distinct[:5]]
    return lines + ([f"  and {len(distinct) - 5} other reasons"] if len(distinct) > 5 else [])


def _axis(name: str, dataset: xarray.Dataset) -> str:
    values = dataset[name].values.ravel().tolist()
    shown = ", ".join(map(_value, values if len(values) <= 6 else values[:3]))
    more = f", ..., {_value(values[-1])}" if len(values) > 6 else ""
    unit = dataset[name].attrs.get("units", "1")
    along = dataset[name].dims
    zipped = f", along {along[0]}" if along and along[0] != name else ""
    return f"  {name} ({len(values)}{zipped}): {shown}{more}{'' if unit == '1' else ' ' + unit}"


def _quantity(name: str, variable: xarray.DataArray) -> str:
    unit = variable.attrs.get("units", "1")
    dims = f" ({', '.join(map(str, variable.dims))})" if variable.dims else ""
    return (
        f"  {name}{dims}{_extent(variable)}{'' if unit == '1' else f' {unit}'}: {variable.attrs.get('long_name', '')}"
    )


def _extent(variable: xarray.DataArray) -> str:
    """A number, or the range of many."""
    if not int(variable.count()):
        return " without a value"
    low, high = (float(edge) for edge in (variable.min(), variable.max()))
    return f" = {_value(low)}" if low == high else f" from {_value(low)} to {_value(high)}"


def _value(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _short(value: Any) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."
