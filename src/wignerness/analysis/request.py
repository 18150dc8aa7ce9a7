"""What a sweep may be asked for: checked before the first point, so that a mistake does not show after hours."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .. import _checks
from ..dynamics.quantities import QUANTITIES, QUANTITIES_IN_TIME, Quantity
from ..errors import MissingExtraError, SweepError
from ..solvers import Auto
from ..theories import Local
from .grids import Product, Zipped
from .in_time import InTime

__all__ = ["check_in_time", "check_objects", "checked_grid", "checked_quantities", "checked_seed", "checked_store"]

DEFAULT = (
    "occupations", "entropy_flux", "entropy_production", "bath_currents", "heat_currents", "wigner_entropy",
)  # fmt: skip
DEFAULT_IN_TIME = (
    "occupations", "entropy_flux", "entropy_production", "bath_currents", "heat_currents", "wigner_entropy",
    "integrated_production",
)  # fmt: skip
PLACES = ("node", "node_from", "bath")
# What every dataset of a sweep holds.
_TAKEN = frozenset({*PLACES, "time", "residual", "error_bound", "solver", "message", "sweep"})


def checked_grid(grid: Any, quantities: Mapping[str, Quantity], seed: int | None) -> Product:
    """Any grid as a product of dimensions; the axes of a mapping are multiplied."""
    if not isinstance(grid, (Product, Zipped, Mapping)):
        _checks.fail("grid", "be a mapping of names to values, or a Product, Zipped or Points", repr(grid), SweepError)
    whole = grid if isinstance(grid, Product) else Product(grid)
    names = {*whole.axes, *(dim.along for dim in whole.dimensions)}
    for name in sorted(names & _TAKEN):
        raise SweepError(
            f"No axis or dimension can have the name {name!r}: the dataset has something else of that name."
        )
    for name in sorted(names & quantities.keys()):
        raise SweepError(
            f"The axis {name!r} has the name of a quantity that is computed. Leave the quantity out (`observables`), or "
            "give the axis another name: that of a parameter of `build`, or `name` in a spec."
        )
    if seed is not None and "rng" in whole.axes:
        raise SweepError("The axis 'rng' cannot go with a seed: `build` gets a generator of that name.")
    return whole


def checked_quantities(
    observables: Sequence[str] | Mapping[str, Quantity] | None, *, in_time: bool = False
) -> tuple[dict[str, Quantity], bool]:
    """Return the quantities by name, and whether one that is undefined makes a point fail."""
    known = QUANTITIES_IN_TIME if in_time else QUANTITIES
    if observables is None:
        return {name: known[name] for name in (DEFAULT_IN_TIME if in_time else DEFAULT)}, False
    if isinstance(observables, Mapping):
        for name, quantity in observables.items():
            _check_quantity(name, quantity, ("time", *PLACES) if in_time else PLACES)
        return dict(observables), True
    names = [] if isinstance(observables, str) else list(_checks.sequence("observables", observables, error=SweepError))
    unknown = [name for name in names if not isinstance(name, str) or name not in known]
    if unknown or not names:
        rule = f"be a sequence of {', '.join(known)}"
        _checks.fail("observables", rule, unknown or repr(observables), SweepError)
    return {name: known[name] for name in names}, True


def _check_quantity(name: object, quantity: object, places: tuple[str, ...]) -> None:
    if not isinstance(name, str) or not name.isprintable() or not name.strip() or "/" in name or name in _TAKEN:
        raise SweepError(f"The name of a quantity must be a text without / that no other part has, but is {name!r}.")
    if not isinstance(quantity, Quantity):
        _checks.fail(f"observables[{name!r}]", "be a Quantity", repr(quantity), SweepError)
    if not set(quantity.dims) <= set(places) or len(set(quantity.dims)) != len(quantity.dims):
        rule = f"have distinct dimensions out of {', '.join(places)}"
        _checks.fail(f"observables[{name!r}]", rule, repr(quantity.dims), SweepError)


def check_objects(build: object, solver: object, executor: object, unit: object) -> None:
    """Raise SweepError unless the arguments are of their kinds."""
    if not callable(build):
        _checks.fail("build", "be a function that returns a Network", repr(build), SweepError)
    for name, value, verb, example in (
        ("solver", solver, "solve", "solvers.Dense()"),
        ("executor", executor, "run", "Processes(2)"),
    ):
        if isinstance(value, type) or not hasattr(value, verb):
            _checks.fail(name, f"be an object such as {example}", repr(value), SweepError)
    if not isinstance(unit, str):
        _checks.fail("unit", "be a string", repr(unit), SweepError)
    for module in ("xarray", "threadpoolctl"):
        if importlib.util.find_spec(module) is None:
            raise MissingExtraError(module, "data")


def check_in_time(in_time: object, solver: object, theory: object) -> None:
    """Raise SweepError unless runs in time can be asked for."""
    if in_time is None:
        return
    if not isinstance(in_time, InTime):
        _checks.fail("in_time", "be an InTime", repr(in_time), SweepError)
    if not isinstance(theory, Local):
        _checks.fail("theory", "be left out: runs in time are by the local master equation", repr(theory), SweepError)
    if not isinstance(solver, Auto):
        _checks.fail("solver", "be left out: it is for steady states", repr(solver), SweepError)


def checked_seed(seed: int | None) -> int | None:
    """Return the seed as an integer."""
    return None if seed is None else _checks.integer("seed", seed, minimum=0, error=SweepError)


def checked_store(store: str | os.PathLike[str]) -> Path:
    """Return the path of the store."""
    path = Path(store)
    if not path.name:
        _checks.fail("store", "be the name of a file", repr(os.fspath(store)), SweepError)
    return path
