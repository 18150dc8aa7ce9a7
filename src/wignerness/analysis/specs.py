"""Sweeps that a spec describes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ..errors import SweepError
from .grids import Axis, Product, Zipped
from .in_time import InTime
from .runner import Executor, InProcess
from .sweeps import sweep

if TYPE_CHECKING:
    import xarray

    from ..io.spec import RunSpec
    from ..io.sweep_plan import SweepPlan

__all__ = ["grid_of", "sweep_spec"]

_IN_PROCESS = InProcess()


def sweep_spec(
    run: RunSpec,
    *,
    executor: Executor = _IN_PROCESS,
    store: str | os.PathLike[str] | None = None,
    retry: bool = False,
    force: bool = False,
) -> xarray.Dataset:
    """The sweep of a spec: its networks, axes, quantities, solver or theory, and run in time.

    Parameters
    ----------
    run : RunSpec
        Of `load_spec`, with a section ``[sweep]``. With a section ``[evolve]`` the points are runs in time.
    executor, store, retry, force
        As of :func:`~wignerness.analysis.sweep`.

    Raises
    ------
    SweepError
        If there is no section ``[sweep]``, or there is a section ``[trajectories]``, which a sweep does not draw; and
        as :func:`~wignerness.analysis.sweep`.

    Examples
    --------
    >>> import wignerness as wn
    >>> from wignerness.analysis import sweep_spec
    >>> run = wn.load_spec('''
    ... [network]
    ... model = "chain"
    ... length = 2
    ... hopping = 0.5
    ... rate = 1.0
    ... occupations = [1, 2]
    ... [[sweep.axes]]
    ... parameter = "network.hopping"
    ... values = [0.5, 1.0]
    ... ''')
    >>> sweep_spec(run).bath_currents.sel(bath="left").values.round(3)
    array([0.25, 0.4 ])
    """
    if run.sweep is None:
        raise SweepError("The spec has no section [sweep]: it describes one network.")
    if run.in_time is not None and run.in_time.trajectories is not None:
        raise SweepError("The spec has a section [trajectories], which a sweep does not draw: remove it.")
    plan = run.in_time
    return sweep(
        run.sweep,
        grid_of(run.sweep),
        run.quantities,
        executor=executor,
        solver=run.solver,
        theory=run.theory,
        in_time=None if plan is None else InTime(plan.times, plan.start_of, plan.follow),
        seed=run.sweep.seed,
        store=store,
        retry=retry,
        force=force,
        unit=run.unit,
    )


def grid_of(plan: SweepPlan) -> Product:
    """The grid that a spec plans: axes along the same dimension go together, the dimensions are multiplied."""
    dimensions: dict[str, dict[str, Axis]] = {}
    for axis in plan.axes:
        dimensions.setdefault(axis.along, {})[axis.name] = Axis(axis.values, axis.unit, axis.description)
    return Product(*(Zipped(axes, along) for along, axes in dimensions.items()))
