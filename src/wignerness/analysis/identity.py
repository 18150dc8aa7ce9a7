"""What makes a sweep the one that it is: in words, so that two can be compared and their difference shown."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from .._text import storable
from ..dynamics.quantities import QUANTITIES, QUANTITIES_IN_TIME, Quantity
from ..theories import Local
from .fingerprint import Fingerprint, digest
from .grids import Product
from .points import PointTask

__all__ = ["PointKeys", "differences", "identify"]


def identify(task: PointTask, grid: Product, unit: str) -> dict[str, str]:
    """Return everything that the results of a sweep depend on, as names and texts.

    A function counts as its `Fingerprint` says. An object that builds networks may say itself what it is: a dictionary of
    texts named ``identity``.
    """
    from .. import __version__

    axes = {f"axis {name}": str(axis) for name, axis in grid.axes.items()}
    dimensions = ", ".join(f"{dim.along} ({dim.shape[0]})" for dim in grid.dimensions)
    quantities = {name: _quantity(name, quantity) for name, quantity in task.quantities.items()}
    said = {
        "wignerness": __version__,
        **_builder(task.build),
        "dimensions": dimensions,
        **axes,
        "observables": ", ".join(quantities),
        "observables, digest": digest(json.dumps(quantities)),
        "required": str(task.required),
        "solver": repr(task.solver),
        **({} if isinstance(task.theory, Local) else {"theory": repr(task.theory)}),
        **({} if task.in_time is None else task.in_time.identity(lambda start: str(Fingerprint(start)))),
        "seed": str(task.seed),
        "unit": unit,
    }
    return {storable(name): storable(text) for name, text in said.items()}


def differences(stored: Mapping[str, str], present: Mapping[str, str]) -> list[str]:
    """Return what differs between two identities, a line or more each.

    Examples
    --------
    >>> differences({"solver": "Dense()", "unit": "rate"}, {"solver": "Auto()", "unit": "rate"})
    ['solver: stored Dense(), now Auto()']
    """
    lines = []
    for name in [*stored, *(name for name in present if name not in stored)]:
        old, new = stored.get(name, "nothing"), present.get(name, "nothing")
        if old != new:
            lines += _difference(name, old, new)
    return lines


class PointKeys:
    """The keys under which points are stored: hashes of all that their results depend on.

    Parameters
    ----------
    identity : mapping of str to str
    grid : Product
    """

    def __init__(self, identity: Mapping[str, str], grid: Product) -> None:
        self._grid = grid
        self._sweep = hashlib.sha256(json.dumps(list(identity.items())).encode())

    def __call__(self, index: int) -> str:
        """Return the key of a point."""
        whole = self._sweep.copy()
        whole.update(json.dumps([index, self._grid.point(index)]).encode())
        return whole.hexdigest()[:32]


def _quantity(name: str, quantity: Quantity) -> str:
    if quantity in (QUANTITIES.get(name), QUANTITIES_IN_TIME.get(name)):
        return name
    return str(Fingerprint(quantity.compute))


def _builder(build: Callable[..., Any]) -> dict[str, str]:
    own = getattr(build, "identity", None)
    if isinstance(own, Mapping):
        return dict(own)
    found = Fingerprint(build)
    around = "\n".join(f"{name} = {text}" for name, text in found.surroundings.items())
    return {"build": found.source, "build, refers to": around}


def _difference(name: str, old: str, new: str) -> list[str]:
    if "\n" not in old + new:
        return [f"{name}: stored {old}, now {new}"]
    before, after = old.splitlines(), new.splitlines()
    gone = [f"  stored  {line}" for line in before if line not in after]
    come = [f"  now     {line}" for line in after if line not in before]
    return [f"{name}:", *gone, *come]
