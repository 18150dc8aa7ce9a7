"""Which files are ours: kinds of results with the version of their format, and the checksum of what they hold."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import FileFormatError, MissingExtraError

if TYPE_CHECKING:
    import xarray

# The version goes up when a reader of the old form would misread the new one.
KINDS = {
    "steady state": 1,
    "account": 1,
    "evolution": 1,
    "trajectories": 1,
    "exchange statistics": 1,
    "relaxation": 1,
    "sweep": 1,
}
CHECKSUM = "checksum"
_FORM = re.compile(r"wignerness ([a-z ]+) ([0-9]{1,9})")


def format_text(kind: str) -> str:
    """The attribute ``format`` of a kind of result.

    Examples
    --------
    >>> format_text("steady state")
    'wignerness steady state 1'
    """
    return f"wignerness {kind} {KINDS[kind]}"


def kind_of(dataset: xarray.Dataset, name: str) -> str:
    """The kind of result that a dataset holds; ``name`` is what messages call it.

    Raises
    ------
    FileFormatError
        If it is none of wignerness, or of a later version of the format.
    """
    found = dataset.attrs.get("format")
    parts = _FORM.fullmatch(found) if isinstance(found, str) else None
    if parts is None or parts.group(1) not in KINDS:
        forms = ", ".join(repr(format_text(kind)) for kind in KINDS)
        raise FileFormatError(f"{name} is no result of wignerness: its `format` is not one of {forms}.")
    kind, version = parts.group(1), int(parts.group(2))
    if version != KINDS[kind]:
        raise FileFormatError(
            f"{name} has version {version} of the format of a result of the kind {kind!r}; this wignerness reads "
            f"version {KINDS[kind]}."
        )
    return kind


def with_checksum(dataset: xarray.Dataset) -> xarray.Dataset:
    """The dataset with the checksum of its content among its attributes."""
    return dataset.assign_attrs({CHECKSUM: checksum(dataset)})


def without_checksum(dataset: xarray.Dataset, name: str) -> xarray.Dataset:
    """The dataset without its checksum, after comparing the content with it where there is one.

    Raises
    ------
    FileFormatError
        If they differ.
    """
    claimed = dataset.attrs.pop(CHECKSUM, None)
    if claimed is not None and claimed != checksum(dataset):
        raise FileFormatError(
            f"{name} is damaged: its content does not fit its checksum. (A file that another program has changed on "
            f"purpose is read after its attribute `{CHECKSUM}` is removed.)"
        )
    return dataset


def checksum(dataset: xarray.Dataset) -> str:
    """A SHA-256 of all variables, coordinates and attributes, the same before and after they are stored."""
    total = hashlib.sha256(_attributes(dataset.attrs))
    for name in sorted(map(str, dataset.variables)):
        variable = dataset.variables[name]
        values = np.asarray(variable.values)
        total.update(json.dumps([name, list(map(str, variable.dims)), list(values.shape)]).encode())
        total.update(_attributes(variable.attrs))
        if values.dtype.kind in "iufcb":
            little = values.astype(values.dtype.newbyteorder("<"))
            total.update(little.dtype.str.encode() + np.ascontiguousarray(little).tobytes())
        else:
            total.update(json.dumps([str(text) for text in values.ravel()]).encode())
    return f"sha256:{total.hexdigest()}"


def _attributes(attributes: dict[Any, Any]) -> bytes:
    plain = {
        str(name): value.tolist() if isinstance(value, (np.generic, np.ndarray)) else value
        for name, value in attributes.items()
        if name != CHECKSUM
    }
    return json.dumps(plain, sort_keys=True, default=str).encode()


def xarray_module() -> Any:
    """The module xarray.

    Raises
    ------
    MissingExtraError
        If it is not installed.
    """
    try:
        import xarray
    except ModuleNotFoundError as error:
        raise MissingExtraError("xarray", "data") from error
    return xarray
