"""The outcomes of a sweep as one labelled dataset."""

from __future__ import annotations

import datetime
import importlib.metadata
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from .._memory import refuse_beyond
from .._text import storable
from .._typing import RealArray
from ..dynamics.quantities import Quantity, unit_text
from ..errors import MissingExtraError
from .grids import Axis, Product
from .outcome import Findings

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
    findings: Findings,
    grid: Product,
    quantities: Mapping[str, Quantity],
    identity: Mapping[str, str],
    times: RealArray | None = None,
) -> xarray.Dataset:
    """Return what the points of a grid came to, all of them, as a dataset; ``times`` are those of runs in time.

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
    nodes = _union(form.nodes for form in findings.forms)
    baths = _union(form.baths for form in findings.forms)
    moments = () if times is None else tuple(times.tolist())
    labels: dict[str, dict[Any, int]] = {"node": nodes, "node_from": nodes, "bath": baths, "time": _union([moments])}
    dims = tuple(dim.along for dim in grid.dimensions)
    columns = _gathered(findings, grid, quantities, labels)
    variables: dict[str, Any] = {}
    for name, quantity in quantities.items():
        if name in columns:
            about = {"units": unit_text(quantity.power, identity["unit"]), "long_name": quantity.description}
            variables[name] = (dims + quantity.dims, columns[name], about)
    variables |= {name: (dims, column, about) for name, (column, about) in _per_point(findings, grid).items()}
    variables["sweep"] = ((), json.dumps(dict(identity)), {"units": "1", "long_name": "what the sweep is, as JSON"})
    used = {dim for quantity in quantities.values() for dim in quantity.dims}
    coordinates = _coordinates(grid) | {
        dim: (dim, np.array(list(labels[dim]), dtype=str), {"long_name": dim.replace("_", " ")})
        for dim in ("node", "node_from", "bath")
        if dim in used and labels[dim]
    }
    if times is not None:
        about = {"units": unit_text(-1, identity["unit"]), "long_name": "time after the start"}
        coordinates["time"] = ("time", np.array(times), about)
    return xr.Dataset(variables, coords=coordinates, attrs=_attributes(findings, identity))  # type: ignore[no-any-return]


def load_xarray() -> Any:
    """Return the module xarray."""
    try:
        import xarray
    except ModuleNotFoundError as error:
        raise MissingExtraError("xarray", "data") from error
    return xarray


def _union(sequences: Iterable[tuple[Any, ...]]) -> dict[Any, int]:
    """All labels with their positions: those of the largest network first."""
    distinct = sorted(dict.fromkeys(sequences), key=len, reverse=True)
    return {label: k for k, label in enumerate(dict.fromkeys(label for labels in distinct for label in labels))}


def _gathered(
    findings: Findings, grid: Product, quantities: Mapping[str, Quantity], labels: Mapping[str, Mapping[Any, int]]
) -> dict[str, np.ndarray]:
    """A table for every quantity that some point has."""
    tables: dict[str, np.ndarray] = {}
    for form in findings.forms:
        points, rows = findings.rows(form)
        for name, values in form.arrays(rows).items():
            dims = quantities[name].dims
            if name not in tables:
                tables[name] = _empty(name, len(grid), tuple(len(labels[dim]) for dim in dims))
            there = {"bath": form.baths, "time": tuple(labels["time"])}
            own = [there.get(dim, form.nodes) for dim in dims]
            places = [
                np.array([labels[dim][x] for x in each], dtype=np.intp) for dim, each in zip(dims, own, strict=True)
            ]
            tables[name][np.ix_(points, *places)] = values
    return {name: table.reshape(grid.shape + table.shape[1:]) for name, table in tables.items()}


def _empty(name: str, points: int, extent: tuple[int, ...]) -> np.ndarray:
    refuse_beyond(
        8 * points * int(np.prod(extent, dtype=object)),
        f"The table of {name!r} over {points} points",
        "Choose observables of lower dimension, or split the sweep.",
    )
    return np.full((points, *extent), np.nan)


def _per_point(findings: Findings, grid: Product) -> dict[str, tuple[np.ndarray, dict[str, str]]]:
    accuracy = np.full((len(grid), 2), np.nan)
    texts = {"solver": np.full(len(grid), "", dtype=object), "message": np.full(len(grid), "", dtype=object)}
    for form in findings.forms:
        points, rows = findings.rows(form)
        accuracy[points] = rows[:, :2]
        texts["solver"][points], texts["message"][points] = form.solver, form.message
    columns: list[tuple[str, np.ndarray, str]] = [
        ("residual", accuracy[:, 0], "relative residual of the moment equation"),
        ("error_bound", accuracy[:, 1], "bound on the error of an occupation"),
        ("solver", texts["solver"].astype(str), "what solved the point"),
        ("message", texts["message"].astype(str), "why the point failed; empty where it did not"),
    ]
    return {
        name: (np.ascontiguousarray(values).reshape(grid.shape), {"units": "1", "long_name": words})
        for name, values, words in columns
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
    return np.array([storable(str(value)) for value in axis.values], dtype=str)


def _axis_attributes(name: str, axis: Axis) -> dict[str, str]:
    about = {"long_name": storable(axis.description) or name.replace("_", " ")}
    return about | ({"units": storable(axis.unit)} if axis.unit else {})


def _attributes(findings: Findings, identity: Mapping[str, str]) -> dict[str, Any]:
    omitted: Counter[str] = Counter()
    for form in findings.forms:
        for name, why in form.omitted.items():
            omitted[f"{name}: {why}"] += len(findings.rows(form)[0])
    attributes = {
        "format": FORMAT,
        "wignerness_version": identity["wignerness"],
        "versions": ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("numpy", "scipy")),
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "conventions": _CONVENTIONS,
        "points": len(findings),
        "failed": findings.failed,
        "seed": identity["seed"],
    }
    if omitted:
        attributes["omitted"] = "\n".join(f"{text} ({count} points)" for text, count in omitted.most_common(20))
    return attributes
