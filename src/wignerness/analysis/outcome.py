"""What the points of a sweep came to, and their bytes: the same in every process and in every store."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .._text import storable
from .._typing import IntArray, RealArray

__all__ = ["Findings", "Outcome", "encode_alike"]

_FLOAT = np.dtype("<f8")


@dataclass(frozen=True, eq=False)
class Outcome:
    """Quantities of one point, or why there are none.

    Attributes
    ----------
    values : dict of str to array
    nodes, baths : tuple of str
        Labels of the network.
    omitted : dict of str to str
        Why a quantity is undefined for the network.
    solver : str
    residual, error_bound : float
        NaN where unknown.
    message : str
        What failed; empty where nothing did.
    """

    values: Mapping[str, RealArray] = field(default_factory=dict)
    nodes: tuple[str, ...] = ()
    baths: tuple[str, ...] = ()
    omitted: Mapping[str, str] = field(default_factory=dict)
    solver: str = ""
    residual: float = np.nan
    error_bound: float = np.nan
    message: str = ""

    def encode(self) -> bytes:
        """Return a JSON line with everything but the numbers, and then the numbers.

        Examples
        --------
        >>> outcome = Outcome({"occupations": np.array([0.1, 0.2])}, nodes=("a", "b"), residual=1e-17)
        >>> findings = Findings({0: outcome.encode()})
        >>> findings.forms[0].arrays(findings.rows(findings.forms[0])[1])["occupations"]
        array([[0.1, 0.2]])
        """
        plain = {name: np.asarray(array, dtype=_FLOAT) for name, array in self.values.items()}
        head = _head({name: array.shape for name, array in plain.items()}, self)
        accuracy = np.array([self.residual, self.error_bound], dtype=_FLOAT)
        return head + accuracy.tobytes() + b"".join(np.ascontiguousarray(array).tobytes() for array in plain.values())


def encode_alike(outcome: Outcome, accuracy: RealArray, values: Mapping[str, RealArray]) -> list[bytes]:
    """Encode many outcomes that differ in their numbers only.

    Parameters
    ----------
    outcome : Outcome
        What they have in common.
    accuracy : (B, 2) array
        Residuals and error bounds.
    values : dict of str to array
        The quantities, each with the outcomes along its first axis.
    """
    head = _head({name: array.shape[1:] for name, array in values.items()}, outcome)
    columns = [accuracy, *(array.reshape(len(accuracy), -1) for array in values.values())]
    return [head + row.tobytes() for row in np.concatenate(columns, axis=1).astype(_FLOAT, copy=False)]


def _head(shapes: Mapping[str, tuple[int, ...]], outcome: Outcome) -> bytes:
    head = {
        "arrays": [[name, list(shape)] for name, shape in shapes.items()],
        "nodes": [storable(label) for label in outcome.nodes],
        "baths": [storable(label) for label in outcome.baths],
        "omitted": dict(outcome.omitted),
        "solver": storable(outcome.solver),
        "message": storable(outcome.message),
    }
    return json.dumps(head, separators=(",", ":")).encode() + b"\n"


@dataclass(frozen=True)
class Form:
    """Everything of an outcome but its numbers.

    Attributes
    ----------
    shapes : dict of str to tuple of int
    nodes, baths, omitted, solver, message
        As of an `Outcome`.
    """

    shapes: Mapping[str, tuple[int, ...]]
    nodes: tuple[str, ...]
    baths: tuple[str, ...]
    omitted: Mapping[str, str]
    solver: str
    message: str

    @functools.cached_property
    def width(self) -> int:
        """How many numbers follow."""
        return 2 + sum(int(np.prod(shape, dtype=np.int64)) for shape in self.shapes.values())

    def arrays(self, rows: RealArray) -> dict[str, RealArray]:
        """Quantities of outcomes, from rows of their numbers."""
        found, start = {}, 2
        for name, shape in self.shapes.items():
            stop = start + int(np.prod(shape, dtype=np.int64))
            found[name] = rows[:, start:stop].reshape(len(rows), *shape)
            start = stop
        return found


class Findings:
    """Outcomes of many points by their index; those of the same form share it.

    Parameters
    ----------
    outcomes : mapping of int to bytes
        As `Outcome.encode` wrote them.

    Raises
    ------
    ValueError
        If the bytes are not of its making.
    """

    def __init__(self, outcomes: Mapping[int, bytes] | None = None) -> None:
        self._forms: dict[bytes, Form] = {}
        self._of: dict[int, tuple[Form, bytes]] = {}
        self.add((outcomes or {}).items())

    def add(self, outcomes: Iterable[tuple[int, bytes]]) -> int:
        """Note what points came to, and return how many of them failed."""
        failed = 0
        self.__dict__.pop("_indices", None)
        for index, content in outcomes:
            line, _, body = content.partition(b"\n")
            form = self._forms.get(line)
            if form is None:
                form = self._forms[line] = _form(line)
            if len(body) != form.width * _FLOAT.itemsize:
                raise ValueError(f"no outcome of a point: {len(body)} bytes of numbers, not {8 * form.width}")
            self._of[index] = (form, body)
            failed += bool(form.message)
        return failed

    def discard_failed(self) -> None:
        """Forget the points that failed."""
        self._of = {index: found for index, found in self._of.items() if not found[0].message}
        self.__dict__.pop("_indices", None)

    def __len__(self) -> int:
        return len(self._of)

    def __contains__(self, index: int) -> bool:
        return index in self._of

    @property
    def failed(self) -> int:
        """How many points failed."""
        return sum(bool(form.message) for form, _ in self._of.values())

    @functools.cached_property
    def _indices(self) -> dict[int, list[int]]:
        indices: dict[int, list[int]] = {}
        for index in sorted(self._of):
            indices.setdefault(id(self._of[index][0]), []).append(index)
        return indices

    @property
    def forms(self) -> list[Form]:
        """All forms, in the order of the first point that has it."""
        by_id = {id(form): form for form in self._forms.values()}
        return [by_id[place] for place in self._indices]

    def rows(self, form: Form) -> tuple[IntArray, RealArray]:
        """The points of a form, ascending, and their numbers, shape (N, width): residual, bound, quantities."""
        indices = self._indices[id(form)]
        content = b"".join(self._of[index][1] for index in indices)
        numbers = np.frombuffer(content, dtype=_FLOAT).astype(np.float64).reshape(-1, form.width)
        return np.array(indices, dtype=np.intp), numbers


def _form(line: bytes) -> Form:
    try:
        head = json.loads(line)
        return Form(
            shapes={str(name): _shape(extents) for name, extents in head["arrays"]},
            nodes=tuple(map(str, head["nodes"])),
            baths=tuple(map(str, head["baths"])),
            omitted={str(name): str(why) for name, why in head["omitted"].items()},
            solver=str(head["solver"]),
            message=str(head["message"]),
        )
    except (AttributeError, KeyError, TypeError, IndexError, ValueError) as error:
        raise ValueError(f"no outcome of a point: {error!r}") from error


def _shape(extents: Sequence[Any]) -> tuple[int, ...]:
    shape = tuple(int(extent) for extent in extents)
    if any(extent < 0 for extent in shape):
        raise ValueError(f"shape {shape}")
    return shape
