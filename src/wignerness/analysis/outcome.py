"""What one point of a sweep came to, and its bytes: the same in every process and in every store."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .._typing import RealArray

__all__ = ["Outcome"]

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

    @property
    def failed(self) -> bool:
        """Whether there is no result."""
        return bool(self.message)

    def encode(self) -> bytes:
        """Return a JSON line with everything but the numbers, and then the numbers.

        Examples
        --------
        >>> outcome = Outcome({"occupations": np.array([0.1, 0.2])}, nodes=("a", "b"), residual=1e-17)
        >>> Outcome.decode(outcome.encode()).values["occupations"]
        array([0.1, 0.2])
        """
        numbers = {"": np.array([self.residual, self.error_bound])} | dict(self.values)
        head = {
            "arrays": [[name, list(array.shape)] for name, array in numbers.items()],
            "nodes": self.nodes,
            "baths": self.baths,
            "omitted": dict(self.omitted),
            "solver": self.solver,
            "message": self.message,
        }
        body = b"".join(np.ascontiguousarray(array, dtype=_FLOAT).tobytes() for array in numbers.values())
        return json.dumps(head, separators=(",", ":")).encode() + b"\n" + body

    @classmethod
    def decode(cls, content: bytes) -> Outcome:
        """Read what `encode` wrote.

        Raises
        ------
        ValueError
            If the bytes are not of its making.
        """
        line, _, body = content.partition(b"\n")
        try:
            return cls._read(json.loads(line), body)
        except (KeyError, TypeError, IndexError, ValueError) as error:
            raise ValueError(f"no outcome of a point: {error!r}") from error

    @classmethod
    def _read(cls, head: dict[str, Any], body: bytes) -> Outcome:
        numbers, start = {}, 0
        for name, shape in head["arrays"]:
            count = int(np.prod(shape, dtype=np.int64))
            part = np.frombuffer(body, dtype=_FLOAT, count=count, offset=start)
            numbers[str(name)] = part.astype(np.float64).reshape(shape)
            start += count * _FLOAT.itemsize
        residual, error_bound = numbers.pop("")
        return cls(
            values=numbers,
            nodes=tuple(head["nodes"]),
            baths=tuple(head["baths"]),
            omitted=head["omitted"],
            solver=head["solver"],
            residual=float(residual),
            error_bound=float(error_bound),
            message=head["message"],
        )
