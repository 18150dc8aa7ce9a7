"""The outcomes of a sweep as one labelled dataset."""

from __future__ import annotations

import datetime
import importlib.metadata
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .._memory import refuse_beyond
from ..dynamics.quantities import Quantity, unit_text
from ..errors import MissingExtraError
from .grids import Axis, Product
from .outcome import Outcome

if TYPE_CHECKING:
    import xarray

__all__ = ["FORMAT", "labelled"]

FORMAT = "wignerness sweep 1"

_CONVENTIONS = (
    "hbar = k_B = 1; currents[node, node_from] is positive into node; bath quantities are positive into the bath, "
    "entropy production is non-negative; entropies in nats; NaN where a point failed (its message says why), or has "
    "no such node or bath"
)


def labelled(
    outcomes: Sequence[Outcome], grid: Product, quantities: Mapping[str, Quantity], identity: Mapping[str, str]
) -> xarray.Dataset:
    """Return the outcomes, in the order of the grid, as a dataset.

    Networks may differ in size: nodes and baths are put together by their labels, and NaN stands where a network has
    none of that label.

    Raises
    ------
    MissingExtraError
        If xarray is not installed.
    MemoryLimitError
        If it would not fit into memory.
    """
    xr = load_xarray()
    nodes = _union(outcome.nodes for outcome in outcomes)
    baths = _union(outcome.baths for outcome in outcomes)
    labels = {"node": nodes, "node_from": nodes, "bath": baths}
    unit = identity["unit"]
    variables: dict[str, Any] = {}
    for name, quantity in quantities.items():
        if any(name in outcome.values for outcome in outcomes):
            about = {"units": unit_text(quantity.power, unit), "long_name": quantity.description}
            dims = tuple(dim.along for dim in grid.dimensions) + quantity.dims
            variables[name] = (dims, _gathered(name, outcomes, grid, quantity.dims, labels), about)
    variables |= _per_point(outcomes, grid)
    variables["sweep"] = ((), json.dumps(dict(identity)), {"units": "1", "long_name": "what the sweep is, as JSON"})
    used = {dim for quantity in quantities.values() for dim in quantity.dims}
    coordinates = _coordinates(grid) | {
        dim: (dim, np.array(list(labels[dim]), dtype=str), {"long_name": dim.replace("_", " ")})
        for dim in labels
        if dim in used and labels[dim]
    }
    return xr.Dataset(variables, coords=coordinates, attrs=_attributes(outcomes, identity))  # type: ignore[no-any-return]


def load_xarray() -> Any:
    """Return the module xarray."""
    try:
        import xarray
    except ModuleNotFoundError as error:
        raise MissingExtraError("xarray", "data") from error
    return xarray


def _union(sequences: Iterable[tuple[str, ...]]) -> dict[str, int]:
    """All labels with their positions: those of the largest network first."""
    distinct = sorted(dict.fromkeys(sequences), key=len, reverse=True)
    return {label: k for k, label in enumerate(dict.fromkeys(label for labels in distinct for label in labels))}


def _gathered(
    name: str,
    outcomes: Sequence[Outcome],
    grid: Product,
    dims: tuple[str, ...],
    labels: Mapping[str, Mapping[str, int]],
) -> np.ndarray:
    extent = tuple(len(labels[dim]) for dim in dims)
    refuse_beyond(
        8 * len(grid) * int(np.prod(extent, dtype=object)),
        f"The table of {name!r} over {len(grid)} points",
        "Choose observables of lower dimension, or split the sweep.",
    )
    table = np.full((len(grid), *extent), np.nan)
    places: dict[tuple[tuple[str, ...], ...], Any] = {}
    for position, outcome in enumerate(outcomes):
        if name not in outcome.values:
            continue
        own = tuple(outcome.baths if dim == "bath" else outcome.nodes for dim in dims)
        if own not in places:
            found = [[labels[dim][label] for label in each] for dim, each in zip(dims, own, strict=True)]
            places[own] = np.ix_(*found) if found else ()
        table[position, ...][places[own]] = outcome.values[name]
    return table.reshape(grid.shape + extent)


def _per_point(outcomes: Sequence[Outcome], grid: Product) -> dict[str, Any]:
    dims = tuple(dim.along for dim in grid.dimensions)
    columns: list[tuple[str, list[Any], type, str]] = [
        ("residual", [o.residual for o in outcomes], float, "relative residual of the moment equation"),
        ("error_bound", [o.error_bound for o in outcomes], float, "bound on the error of an occupation"),
        ("solver", [o.solver for o in outcomes], str, "what solved the point"),
        ("message", [o.message for o in outcomes], str, "why the point failed; empty where it did not"),
    ]
    return {
        name: (dims, np.array(values, dtype=kind).reshape(grid.shape), {"units": "1", "long_name": words})
        for name, values, kind, words in columns
    }


def _coordinates(grid: Product) -> dict[str, Any]:
    return {
        name: (dim.along, _axis_values(axis), _axis_attributes(name, axis))
        for dim in grid.dimensions
        for name, axis in dim.axes.items()
    }


def _axis_values(axis: Axis) -> np.ndarray:
    """Numbers as numbers; what is no number, or not one number, as text."""
    kinds = {type(value) for value in axis.values}
    if kinds <= {int, float} and all(isinstance(v, float) or -(2**63) <= v < 2**63 for v in axis.values):  # type: ignore[operator]
        return np.array(axis.values)
    if kinds == {bool}:
        return np.array(axis.values, dtype=np.int8)
    return np.array([str(value) for value in axis.values], dtype=str)


def _axis_attributes(name: str, axis: Axis) -> dict[str, str]:
    about = {"long_name": axis.description or name.replace("_", " ")}
    return about | ({"units": axis.unit} if axis.unit else {})


def _attributes(outcomes: Sequence[Outcome], identity: Mapping[str, str]) -> dict[str, Any]:
    failed = sum(outcome.failed for outcome in outcomes)
    omitted = Counter(f"{name}: {why}" for outcome in outcomes for name, why in outcome.omitted.items())
    attributes = {
        "format": FORMAT,
        "wignerness_version": identity["wignerness"],
        "versions": ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("numpy", "scipy")),
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "conventions": _CONVENTIONS,
        "points": len(outcomes),
        "failed": failed,
        "seed": identity["seed"],
    }
    if omitted:
        attributes["omitted"] = "\n".join(f"{text} ({count} points)" for text, count in omitted.most_common(20))
    return attributes
