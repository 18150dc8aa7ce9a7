"""The tables of a dataset as CSV files."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .._files import appear, refuse_existing
from ..errors import FileFormatError

if TYPE_CHECKING:
    import xarray

__all__ = ["to_csv"]

_COLUMNS = "columns.csv"


def to_csv(dataset: xarray.Dataset, folder: str | os.PathLike[str], *, force: bool = False) -> list[Path]:
    """Write the tables of a dataset as CSV files, for spreadsheets and other programs.

    Parameters
    ----------
    dataset : xarray.Dataset
        Of any result or sweep.
    folder : path
        Is made if it is not there.
    force : bool
        Whether existing files are replaced.

    Returns
    -------
    list of Path
        One file for all variables of the same dimensions: ``node.csv``, ``bath.csv``, ``node-node_from.csv``,
        ``time-bath.csv``, ``values.csv`` for plain numbers, and so on. Its first columns are the coordinates, one
        row a point. At the end ``columns.csv``: table, column, unit and meaning of every column.

    Raises
    ------
    FileFormatError
        If a file exists and ``force`` is False, or cannot be written. Nothing is written then.

    Notes
    -----
    Numbers are written with as many digits as it takes to read the same number again. There is no way back from CSV to
    the result: for that there are NetCDF and Zarr.

    Examples
    --------
    >>> import tempfile
    >>> import wignerness as wn
    >>> ness = wn.steady_state(wn.models.chain(2, hopping=0.5, rate=1.0, occupations=(1, 2)))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     files = to_csv(wn.to_dataset(ness), folder)
    ...     print((files[0].parent / "node.csv").read_text().splitlines()[1][:9])
    0,0.0,0.0
    """
    target = Path(folder)
    tables = _tables(dataset)
    paths = [target / f"{name}.csv" for name in tables] + [target / _COLUMNS]
    try:
        target.mkdir(exist_ok=True)
    except OSError as error:
        raise FileFormatError(f"{target} cannot be made: {error.strerror or error}") from error
    if not force:
        refuse_existing(paths)
    for path, names in zip(paths, tables.values(), strict=False):
        _write(path, _rows(dataset, names), force=force)
    _write(target / _COLUMNS, _column_rows(dataset, tables), force=force)
    return paths


def _tables(dataset: xarray.Dataset) -> dict[str, list[str]]:
    """Names of the variables of each table."""
    tables: dict[str, list[str]] = {}
    for name, variable in dataset.data_vars.items():
        tables.setdefault("-".join(map(str, variable.dims)) or "values", []).append(str(name))
    return tables


def _write(path: Path, rows: Iterator[Sequence[Any]], *, force: bool) -> None:
    def fill(part: Path) -> None:
        with part.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)

    appear(path, fill, force=force)


def _rows(dataset: xarray.Dataset, names: list[str]) -> Iterator[Sequence[Any]]:
    dims = [str(dim) for dim in dataset[names[0]].dims]
    yield [*_heads(dataset, dims), *names]
    labels = [_labels(dataset, dim) for dim in dims]
    columns = [np.asarray(dataset[name].values).ravel().tolist() for name in names]
    for place, values in zip(product(*labels), zip(*columns, strict=True), strict=True):
        yield [text for texts in place for text in texts] + [_text(value) for value in values]


def _heads(dataset: xarray.Dataset, dims: list[str]) -> list[str]:
    return [head for dim in dims for head in _coordinates(dataset, dim)]


def _coordinates(dataset: xarray.Dataset, dim: str) -> list[str]:
    """Every coordinate along a dimension (zipped axes have several); the dimension itself where there is none."""
    found = [str(name) for name, value in dataset.coords.items() if value.dims == (dim,)]
    return found or [dim]


def _labels(dataset: xarray.Dataset, dim: str) -> list[tuple[Any, ...]]:
    names = [name for name in _coordinates(dataset, dim) if name in dataset.coords]
    if not names:
        return [(index,) for index in range(dataset.sizes[dim])]
    columns = [[_text(value) for value in dataset[name].values.tolist()] for name in names]
    return list(zip(*columns, strict=True))


def _text(value: Any) -> Any:
    return repr(value) if isinstance(value, float) else value


def _column_rows(dataset: xarray.Dataset, tables: dict[str, list[str]]) -> Iterator[Sequence[Any]]:
    yield ["table", "column", "units", "long_name"]
    for table, names in tables.items():
        heads = _heads(dataset, [str(dim) for dim in dataset[names[0]].dims])
        for name in [*heads, *names]:
            said = dataset[name].attrs if name in dataset.variables else {}
            yield [table, name, said.get("units", ""), said.get("long_name", "")]
