"""Which points a sweep visits: axes, products of axes, axes that go together, lists of points."""

from __future__ import annotations

import hashlib
import json
import keyword
import math
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from ..errors import SweepError

__all__ = ["Axis", "Points", "Product", "Selection", "Zipped"]

Value: TypeAlias = "bool | int | float | str | tuple[Value, ...]"


@dataclass(frozen=True)
class Axis:
    """Values of one parameter.

    Parameters
    ----------
    values : iterable
        Numbers, strings, booleans, or sequences of these (a pair of occupations, say); at least one.
    unit : str
        For the labels of results.
    description : str
        One line on what the parameter is.

    Raises
    ------
    SweepError
        If there is no value, or one is of another kind or not finite.

    Examples
    --------
    >>> Axis([1, 2.5]).values
    (1, 2.5)
    """

    values: tuple[Value, ...]
    unit: str = ""
    description: str = ""

    def __init__(self, values: Iterable[Any], unit: str = "", description: str = "") -> None:
        object.__setattr__(self, "values", _values(values))
        object.__setattr__(self, "unit", unit)
        object.__setattr__(self, "description", description)

    def __str__(self) -> str:
        """Its extent in a few words, and a fingerprint that tells it from every other axis."""
        shown = ", ".join(map(str, self.values[:3] if len(self.values) > 4 else self.values))
        more = f", ..., {self.values[-1]}" if len(self.values) > 4 else ""
        text = json.dumps(self.values)
        return f"{len(self.values)} values {shown}{more} ({hashlib.sha256(text.encode()).hexdigest()[:8]})"


@dataclass(frozen=True)
class Zipped:
    """Axes that go together, value by value, along one dimension.

    Parameters
    ----------
    axes : mapping of str to Axis or iterable
        All of one length.
    along : str, optional
        Name of the dimension; the default is the name of the first axis.

    Raises
    ------
    SweepError
        If there is no axis, or the lengths differ.

    Examples
    --------
    >>> Zipped({"rate": [1.0, 2.0], "probe_rate": [0.1, 0.2]}).point(1)
    {'rate': 2.0, 'probe_rate': 0.2}
    """

    axes: dict[str, Axis]
    along: str

    def __init__(self, axes: Mapping[str, Axis | Iterable[Any]], along: str = "") -> None:
        made = {_name(name): _axis(name, axis) for name, axis in axes.items()}
        if len(made) != len(axes):
            raise SweepError(f"Argument `axes` must have distinct names, but has {', '.join(axes)}.")
        lengths = {name: len(axis.values) for name, axis in made.items()}
        if len(set(lengths.values())) != 1:
            raise SweepError(f"Argument `axes` must have one length, but is {lengths or 'empty'}.")
        object.__setattr__(self, "axes", made)
        if not isinstance(along, str):
            raise SweepError(f"Argument `along` must be the name of a dimension, but is {along!r}.")
        object.__setattr__(self, "along", along or next(iter(made)))

    @property
    def shape(self) -> tuple[int]:
        """Number of points along the dimension."""
        return (len(next(iter(self.axes.values())).values),)

    @property
    def dimensions(self) -> tuple[Zipped]:
        """The dimension itself."""
        return (self,)

    def point(self, position: int) -> dict[str, Value]:
        """The parameters at a position."""
        return {name: axis.values[position] for name, axis in self.axes.items()}


class Points(Zipped):
    """A list of points, along one dimension.

    Parameters
    ----------
    points : sequence of mappings
        The parameters of every point, the same names in all.
    along : str
        Name of the dimension.

    Raises
    ------
    SweepError
        If there is no point, or the names differ.

    Examples
    --------
    >>> Points([{"length": 4, "rate": 1.0}, {"length": 8, "rate": 0.5}]).point(1)
    {'length': 8, 'rate': 0.5}
    """

    def __init__(self, points: Sequence[Mapping[str, Any]], along: str = "point") -> None:
        names = list(points[0]) if points else []
        for position, point in enumerate(points):
            if set(point) != set(names):
                raise SweepError(
                    f"Argument `points[{position}]` must have the parameters {names}, but has {list(point)}."
                )
        super().__init__({name: [point[name] for point in points] for name in names}, along)


@dataclass(frozen=True)
class Product:
    """All combinations of axes and of other grids; the last one varies fastest.

    Parameters
    ----------
    *factors : grid, or mapping of str to Axis or iterable
        Every axis of a mapping is a dimension.

    Raises
    ------
    SweepError
        If there is nothing to vary, or a name occurs twice.

    Examples
    --------
    >>> grid = Product({"length": [4, 8]}, Zipped({"rate": [1.0, 2.0], "probe_rate": [0.1, 0.2]}, along="strength"))
    >>> grid.shape, grid.point(3)
    ((2, 2), {'length': 8, 'rate': 2.0, 'probe_rate': 0.2})
    """

    dimensions: tuple[Zipped, ...]

    def __init__(self, *factors: Product | Zipped | Mapping[str, Axis | Iterable[Any]]) -> None:
        dimensions: list[Zipped] = []
        for factor in factors:
            if isinstance(factor, Mapping):
                dimensions += [Zipped({name: axis}) for name, axis in factor.items()]
            else:
                dimensions += factor.dimensions
        names = [name for dimension in dimensions for name in {dimension.along, *dimension.axes}]
        twice = sorted({name for name in names if names.count(name) > 1})
        if not dimensions or twice:
            have = f"{twice} twice" if twice else "none"
            raise SweepError(f"Argument `grid` must have distinct axes and dimensions, at least one, but has {have}.")
        object.__setattr__(self, "dimensions", tuple(dimensions))

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of points along each dimension."""
        return tuple(dimension.shape[0] for dimension in self.dimensions)

    @property
    def axes(self) -> dict[str, Axis]:
        """All axes by name."""
        return {name: axis for dimension in self.dimensions for name, axis in dimension.axes.items()}

    def __len__(self) -> int:
        """Number of points."""
        return math.prod(self.shape)

    def point(self, index: int) -> dict[str, Value]:
        """The parameters of a point, counted with the last dimension fastest."""
        parameters: dict[str, Value] = {}
        for dimension in reversed(self.dimensions):
            index, position = divmod(index, dimension.shape[0])
            parameters = dimension.point(position) | parameters
        return parameters


@dataclass(frozen=True)
class Selection:
    """Parameters of some points of a grid.

    Attributes
    ----------
    points : dict of int to dict
        The parameters by the index of the point.
    """

    points: Mapping[int, dict[str, Value]]

    def point(self, index: int) -> dict[str, Value]:
        """The parameters of a point."""
        return self.points[index]


def _name(name: Any) -> str:
    """The name as Python's parser reads it in a call (it makes the Greek letter of the micro sign, say)."""
    if not isinstance(name, str) or not name.isidentifier() or keyword.iskeyword(name):
        raise SweepError(f"The name of an axis must be one that a parameter of a function can have, but is {name!r}.")
    return unicodedata.normalize("NFKC", name)


def _axis(name: str, axis: Axis | Iterable[Any]) -> Axis:
    try:
        return axis if isinstance(axis, Axis) else Axis(axis)
    except SweepError as error:
        raise SweepError(f"Axis {name!r}: {error}") from None


def _values(values: Iterable[Any]) -> tuple[Value, ...]:
    if isinstance(values, (str, bytes, AbstractSet, Mapping)) or not isinstance(values, Iterable):
        raise SweepError(f"Argument `values` must be a sequence of values, but is {values!r}.")
    plain = tuple(_plain(value) for value in values)
    if not plain:
        raise SweepError("Argument `values` must hold at least one value, but is empty.")
    return plain


def _plain(value: Any) -> Value:
    """Python's own numbers and strings: exact in JSON, equal in every process."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, (list, tuple, np.ndarray)):
        return tuple(_plain(item) for item in value)
    if isinstance(value, (bool, int, str)) or (isinstance(value, float) and math.isfinite(value)):
        return value
    raise SweepError(f"Argument `values` must hold finite real numbers, strings or booleans, but holds {value!r}.")
