"""What makes a sweep the one that it is: in words, so that two can be compared and their difference shown."""

from __future__ import annotations

import functools
import hashlib
import inspect
import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from .._text import storable
from ..dynamics.quantities import QUANTITIES, QUANTITIES_IN_TIME, Quantity
from ..theories import Local
from .grids import Product
from .points import PointTask

__all__ = ["PointKeys", "differences", "identify"]


def identify(task: PointTask, grid: Product, unit: str) -> dict[str, str]:
    """Return everything that the results of a sweep depend on, as names and texts.

    A function counts with its name, its source, and the numbers, texts and arrays that it refers to; what it calls in
    turn does not. An object that builds networks may
    say what it is: a dictionary of texts named ``identity``.
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
        "observables, digest": _digest(json.dumps(quantities)),
        "required": str(task.required),
        "solver": repr(task.solver),
        **({} if isinstance(task.theory, Local) else {"theory": repr(task.theory)}),
        **({} if task.in_time is None else task.in_time.identity(identify_function)),
        "seed": str(task.seed),
        "unit": unit,
    }
    return {storable(name): storable(text) for name, text in said.items()}


def identify_function(function: Callable[..., Any]) -> str:
    """Return a function's name and a digest of its source, or of its code where there is none."""
    if isinstance(function, functools.partial):
        given = f"{function.args!r}, {function.keywords!r}" if function.keywords else f"{function.args!r}"
        return f"{identify_function(function.func)} with {given}"
    name = f"{getattr(function, '__module__', '?')}.{getattr(function, '__qualname__', type(function).__qualname__)}"
    try:
        text = inspect.getsource(function)
    except (OSError, TypeError):
        code = getattr(function, "__code__", None)
        text = repr((code.co_code, code.co_consts)) if code else name
    return f"{name} ({_digest(text + json.dumps(_surroundings(function)))})"


def _surroundings(function: Callable[..., Any]) -> dict[str, str]:
    """Return the plain values that a function finds outside itself: defaults, enclosing and global variables."""
    try:
        found = inspect.getclosurevars(function)
        defaults = {name: p.default for name, p in inspect.signature(function).parameters.items()}
    except (TypeError, ValueError):
        return {}
    return {
        name: text
        for name, v in (dict(found.globals) | dict(found.nonlocals) | defaults).items()
        if (text := _plain_text(v))
    }


def _plain_text(value: Any) -> str:
    """Return the same text for the same value in every process; none for what is no plain value."""
    if isinstance(value, np.ndarray):
        return f"{value.dtype}{value.shape} {hashlib.sha256(np.ascontiguousarray(value).tobytes()).hexdigest()}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_plain_text(item) or '?' for item in value)}]"
    return repr(value) if isinstance(value, (bool, int, float, complex, str, np.generic, type(None))) else ""


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
    return identify_function(quantity.compute)


def _builder(build: Callable[..., Any]) -> dict[str, str]:
    own = getattr(build, "identity", None)
    return dict(own) if isinstance(own, Mapping) else {"build": identify_function(build)}


def _difference(name: str, old: str, new: str) -> list[str]:
    if "\n" not in old + new:
        return [f"{name}: stored {old}, now {new}"]
    before, after = old.splitlines(), new.splitlines()
    gone = [f"  stored  {line}" for line in before if line not in after]
    come = [f"  now     {line}" for line in after if line not in before]
    return [f"{name}:", *gone, *come]


def _digest(text: str, length: int = 12) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:length]
