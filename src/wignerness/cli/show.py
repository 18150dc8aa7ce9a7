"""``wignerness show``: what a result file holds, in words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .failures import reported

if TYPE_CHECKING:
    import xarray

# Longer values of an attribute are for machines.
_LONGEST = 200


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
    lines = [f"A {kind}, made by wignerness {about.pop('wignerness_version', '?')} on {about.pop('date', '?')}."]
    if "failed" in about:
        lines.append(f"{about.pop('points')} points, {about.pop('failed')} of them failed.")
        lines += _failures(dataset)
    lines += ["", "Axes"] + [_axis(name, dataset) for name in map(str, dataset.coords)]
    lines += ["", "Quantities"]
    lines += [
        _quantity(str(name), variable) for name, variable in dataset.data_vars.items() if variable.dtype.kind in "iuf"
    ]
    texts = [str(name) for name, variable in dataset.data_vars.items() if variable.dtype.kind not in "iuf"]
    lines += ["", f"Texts: {', '.join(texts)}"] if texts else []
    lines += ["", "How it was made"]
    return lines + [f"  {name}: {_short(value)}" for name, value in about.items()]


def _failures(dataset: xarray.Dataset) -> list[str]:
    texts = [str(text) for text in dataset["message"].values.ravel().tolist() if text]
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
    return f"  {name}{dims}{'' if unit == '1' else f' [{unit}]'}: {variable.attrs.get('long_name', '')}"


def _value(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _short(value: Any) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."
