"""The section ``[sweep]`` of a spec: parameters that take many values, and the network at each of them."""

from __future__ import annotations

import copy
import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..network import Network
from .faults import Faults, show
from .places import at, put, steps

if TYPE_CHECKING:
    import numpy as np

    from .tables import AxisTable, SweepTable

__all__ = ["PlannedAxis", "SweepPlan"]

MOST_POINTS = 10**7

_SWEPT = ("network", "baths")
# What changes no number.
_WORDS = ("title", "description", "unit", "sweep", "compute", "solver")


@dataclass(frozen=True)
class PlannedAxis:
    """Values of one axis of a sweep, and the places in the spec that they go to.

    Attributes
    ----------
    name : str
    places : tuple of str
        Such as ``network.length`` or ``baths[0].rate``.
    values : tuple
    along : str
        Dimension; axes with the same one go together.
    unit, description : str
    """

    name: str
    places: tuple[str, ...]
    values: tuple[Any, ...]
    along: str
    unit: str
    description: str


@dataclass(frozen=True, eq=False)
class SweepPlan:
    """Which networks a spec describes; calling it with the parameters of a point returns its network.

    Attributes
    ----------
    axes : tuple of PlannedAxis
    seed : int or None
        Where given, ``network.rng`` is drawn anew for every point.
    document : dict
        The spec as it is in the file.
    folder : Path
        Of its graph and matrix files.

    Examples
    --------
    >>> from wignerness.io import parse_spec
    >>> plan = parse_spec('''
    ... [network]
    ... model = "chain"
    ... length = 3
    ... hopping = 0.5
    ... rate = 1.0
    ... occupations = [1, 2]
    ... [[sweep.axes]]
    ... parameter = "network.length"
    ... values = [4, 8]
    ... ''').sweep
    >>> plan(length=8)
    Network(8 modes, 2 baths: 2 thermal)
    """

    axes: tuple[PlannedAxis, ...]
    seed: int | None
    document: Mapping[str, Any]
    folder: Path

    def __call__(self, *, rng: np.random.Generator | None = None, **parameters: Any) -> Network:
        """Return the network of a point.

        Raises
        ------
        SpecError
            If there is none with these parameters.
        """
        from .spec import read_document

        document: dict[str, Any] = copy.deepcopy({k: v for k, v in self.document.items() if k != "sweep"})
        for axis in self.axes:
            for place in axis.places:
                put(document, place, _plain(parameters[axis.name]))
        if rng is not None:
            document["network"]["rng"] = int(rng.integers(2**63))
        return read_document(document, self.folder, Faults("The spec at this point")).network

    @property
    def identity(self) -> dict[str, str]:
        """What the networks depend on: the spec, and the content of the files that it names."""
        spec = {name: part for name, part in self.document.items() if name not in _WORDS}
        said = {"spec": json.dumps(spec, indent=1, default=str)}
        places = [f"{axis.name}: {', '.join(axis.places)}" for axis in self.axes]
        return (
            said
            | {"places": "; ".join(places)}
            | {f"file {name}": _digest(self.folder / name) for name in named_files(self.document, self)}
        )


def named_files(document: Mapping[str, Any], plan: SweepPlan | None) -> list[str]:
    """The names of the graph and matrix files that a valid spec names, in its network or as values of an axis."""
    keys = ("graph", "matrix")
    names = [document["network"].get(key) for key in keys]
    for axis in () if plan is None else plan.axes:
        names += axis.values if {f"network.{key}" for key in keys} & set(axis.places) else ()
    return sorted({name for name in names if isinstance(name, str)})


def read_plan(table: SweepTable, document: Mapping[str, Any], folder: Path, faults: Faults) -> SweepPlan | None:
    """Return the plan of a valid table, or None after noting what is wrong with it."""
    axes = tuple(_axis(axis) for axis in table.axes)
    for k, axis in enumerate(axes):
        for place in axis.places:
            remark = _fault(document, place)
            if remark:
                faults.add(("sweep", "axes", k, "parameter"), remark)
        if not axis.name.isidentifier() or axis.name == "rng":
            faults.add(("sweep", "axes", k), f"needs a `name` of letters and digits, but would have {show(axis.name)}")
    _check_dimensions(axes, faults)
    return None if faults.has("sweep") else SweepPlan(axes, table.seed, document, folder)


def _axis(table: AxisTable) -> PlannedAxis:
    places = [table.parameter] if isinstance(table.parameter, str) else table.parameter
    words = [step for step in steps(places[0]) if isinstance(step, str)]
    name = table.name or (words[-1] if words else places[0])
    values = tuple(table.values) if table.values is not None else _spaced(table)
    return PlannedAxis(
        name=name,
        places=tuple(places),
        values=values,
        along=table.along or name,
        unit=table.unit or "",
        description=table.description or "",
    )


def _spaced(table: AxisTable) -> tuple[Any, ...]:
    """Values from start to stop; integers, each once, where both ends are integers."""
    start, stop, last = table.start, table.stop, (table.points or 2) - 1
    if start is None or stop is None:
        return ()
    if table.spacing == "linear":
        inner = [start + (stop - start) * (k / last) for k in range(1, last)]
    else:
        # By decades, so that those between 1e-8 and 1e-5 come out as 1e-7 and 1e-6.
        low, high = math.log10(abs(start)), math.log10(abs(stop))
        inner = [math.copysign(10.0 ** (low + (high - low) * (k / last)), start) for k in range(1, last)]
    values = [start, *inner, stop]
    if isinstance(start, int) and isinstance(stop, int):
        values = [round(value) for value in values]
    return tuple(dict.fromkeys(values))


def _check_dimensions(axes: Sequence[PlannedAxis], faults: Faults) -> None:
    names, lengths = [axis.name for axis in axes], dict[str, int]()
    for k, axis in enumerate(axes):
        if names.index(axis.name) != k:
            faults.add(("sweep", "axes", k), f"has the name `{axis.name}` of another axis; give it a `name`")
        first = lengths.setdefault(axis.along, len(axis.values))
        if first != len(axis.values):
            faults.add(
                ("sweep", "axes", k), f"has {len(axis.values)} values, but others along `{axis.along}` have {first}"
            )
        if axis.along != axis.name and axis.along in names and axes[names.index(axis.along)].along != axis.along:
            faults.add(("sweep", "axes", k, "along"), f"must not be the name of an axis along another: `{axis.along}`")
    if math.prod(lengths.values()) > MOST_POINTS:
        faults.add(("sweep",), f"has {math.prod(lengths.values())} points, more than {MOST_POINTS}")


def _fault(document: Mapping[str, Any], place: str) -> str | None:
    """Why a place is none where a value can go; None if it is one."""
    way = steps(place)
    if len(way) < 2 or way[0] not in _SWEPT:
        return f'must be like "network.length" or "baths[0].rate", but is {show(place)}'
    table: Any = document
    for step in way[:-1]:
        table = at(table, step)
    inside = isinstance(table, dict) if isinstance(way[-1], str) else at(table, way[-1]) is not None
    return None if inside else f"leads nowhere: the spec has no {show(place)}"


def _plain(value: Any) -> Any:
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    except OSError as error:
        return f"cannot be read: {error.strerror}"
