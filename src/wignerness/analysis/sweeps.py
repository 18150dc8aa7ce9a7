"""Sweeps: steady states over a grid of parameters, as one labelled dataset; they survive being killed."""

from __future__ import annotations

import contextlib
import glob
import json
import os
import shutil
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .._progress import report
from .._text import counted
from ..dynamics.quantities import Quantity
from ..errors import FileFormatError, SweepError
from ..io.storage import check_target, load_dataset, write_dataset
from ..network import Network
from ..solvers import Auto, Solver
from ..theories import Local, Theory
from .grids import Axis, Product, Zipped
from .identity import PointKeys, identify
from .in_time import InTime
from .journal import Journal, refuse_in_use, refuse_other, remove_journal
from .labelled import labelled
from .outcome import Findings
from .points import PointTask
from .request import check_in_time, check_objects, checked_grid, checked_quantities, checked_seed, checked_store
from .runner import Executor, InProcess

if TYPE_CHECKING:
    import xarray

__all__ = ["sweep"]

_AUTO, _LOCAL, _IN_PROCESS = Auto(), Local(), InProcess()


def sweep(
    build: Callable[..., Network],
    grid: Product | Zipped | Mapping[str, Axis | Iterable[Any]],
    observables: Sequence[str] | Mapping[str, Quantity] | None = None,
    *,
    executor: Executor = _IN_PROCESS,
    solver: Solver = _AUTO,
    theory: Local | Theory = _LOCAL,
    in_time: InTime | None = None,
    seed: int | None = None,
    store: str | os.PathLike[str] | None = None,
    retry: bool = False,
    force: bool = False,
    unit: str = "rate",
) -> xarray.Dataset:
    """Steady states over a grid of parameters, as one labelled dataset.

    Parameters
    ----------
    build : callable
        Takes the parameters of a point by name and returns a Network, which should depend on nothing else: points may be
        built in any order and in several processes.
    grid : mapping of str to sequence, or Product, Zipped, Points
        The values of every parameter. The axes of a mapping are multiplied.
    observables : sequence of str, or mapping of str to Quantity, optional
        What to compute: names of the quantities of a steady state, or quantities of your own. One that is named and
        undefined for a network makes the point fail. By default occupations, fluxes, productions, currents into the
        baths and the Wigner entropy; what is undefined is left out.
    executor : InProcess, Processes or Dask
        Who does the work. The data do not depend on it, nor on the number of workers and the size of chunks.
    solver : Solver, optional
        By default small networks are solved in stacks (`solvers.Batch`, as accurate as `Dense`), and others as
        `solvers.Auto` chooses.
    theory : Local, Global, Redfield, ..., optional
        One of :mod:`wignerness.theories`; the default is the local master equation.
    in_time : InTime, optional
        Where given, runs in time in place of steady states, with a dimension ``time``; the observables are then those
        of a run.
    seed : int, optional
        If given, `build` also gets ``rng``, a generator that belongs to the point: it depends on the seed and on the
        index of the point alone.
    store : path, optional
        NetCDF file, or Zarr folder (``.zarr``), for the dataset. Points go to a journal beside it (``.journal``) as
        they finish. Started again, whatever ended it, the sweep goes on where it was; a finished one is read.
    retry : bool
        Whether points that the store holds as failed are tried again.
    force : bool
        Whether to start anew and replace what the store holds.
    unit : str
        Unit of rates and frequencies; a label only.

    Returns
    -------
    xarray.Dataset
        A dimension an axis, then ``node``, ``node_from``, ``bath`` by label. ``message`` says why a point failed (its
        numbers are NaN), ``residual``, ``error_bound`` and ``solver`` what is known of the others; the attributes
        count ``points`` and ``failed``. Where another theory has no residual it is NaN, and ``solver`` names the theory.

    Raises
    ------
    SweepError
        If the grid, the observables or the workers are not fit, or the store belongs to another sweep.
    FileFormatError
        If the store cannot be written, or is damaged.
    MissingExtraError
        If xarray, threadpoolctl or (with a store) h5netcdf or zarr is not installed.

    Warns
    -----
    RuntimeWarning
        If points of the journal were damaged; they are computed anew.

    Examples
    --------
    >>> import wignerness as wn
    >>> def two_modes(hopping):
    ...     return wn.models.chain(2, hopping=hopping, rate=1.0, occupations=(1, 2))
    >>> data = wn.sweep(two_modes, {"hopping": [0.5, 1.0]}, ["bath_currents"])
    >>> data.bath_currents.sel(bath="left", hopping=0.5).item()
    0.25
    """
    check_objects(build, solver, executor, unit)
    check_in_time(in_time, solver, theory)
    quantities, required = checked_quantities(observables, in_time=in_time is not None)
    whole = checked_grid(grid, quantities, seed)
    task = PointTask(build, whole, quantities, required, solver, checked_seed(seed), theory, in_time)
    identity = identify(task, whole, unit)
    if store is None:
        found = Findings()
        _work(task, len(whole), executor, found, None)
        return _dataset(found, whole, task, identity)
    return _stored(task, whole, executor, identity, checked_store(store), retry=retry, force=force)


def _stored(
    task: PointTask,
    grid: Product,
    executor: Executor,
    identity: Mapping[str, str],
    target: Path,
    *,
    retry: bool,
    force: bool,
) -> xarray.Dataset:
    journal_path = target.with_name(target.name + ".journal")
    check_target(target, force=True)
    if force:
        refuse_in_use(journal_path)
        remove_journal(journal_path)
    elif target.exists():
        if not journal_path.exists():
            return _finished(target, identity, retry)
        _check_ours(target)
    with Journal(journal_path, identity, PointKeys(identity, grid), len(grid)) as journal:
        _sweep_up(target)
        found = _sound(journal, retry)
        with _told_how_to_resume(found, len(grid), target):
            _work(task, len(grid), executor, found, journal)
            dataset = _dataset(found, grid, task, identity)
            write_dataset(dataset, target, force=True)
    if not dataset.attrs["failed"]:
        remove_journal(journal_path)
    return dataset


def _sweep_up(target: Path) -> None:
    """Remove what a run that was killed while it wrote the file left behind; the journal is ours alone."""
    name = f".{glob.escape(target.name)}.{'[0-9a-f]' * 8}"
    for part in [*target.parent.glob(f"{name}.part"), *target.parent.glob(f"{name}.old")]:
        if part.is_dir():
            shutil.rmtree(part, ignore_errors=True)
        else:
            part.unlink(missing_ok=True)


def _sound(journal: Journal, retry: bool) -> Findings:
    """Return what a journal holds; without what failed, if that is to be tried again."""
    stored = journal.read()
    try:
        found = Findings(stored)
    except ValueError as error:
        raise SweepError(
            f"The journal {journal.path} is damaged: {error}. Use --force (force=True) to start anew."
        ) from error
    if journal.damaged:
        noun = counted(journal.damaged, "point")
        message = f"{noun} in the journal {journal.path} cannot be read as written, and will be computed anew."
        warnings.warn(message, RuntimeWarning, stacklevel=4)
    if retry:
        found.discard_failed()
    return found


def _check_ours(target: Path) -> None:
    """Raise FileFormatError if what the file of the sweep is to replace is something else."""
    try:
        ours = "sweep" in load_dataset(target)
    except FileFormatError:
        ours = False
    if not ours:
        raise FileFormatError(
            f"{target} is not the file of a sweep, and is left as it is. Move it away, and the sweep goes on from its "
            "journal."
        )


def _finished(target: Path, identity: Mapping[str, str], retry: bool) -> xarray.Dataset:
    """Return what a store that needs no journal any more holds."""
    dataset = load_dataset(target)
    try:
        about = {str(name): str(text) for name, text in json.loads(dataset["sweep"].item()).items()}
    except (KeyError, ValueError, AttributeError) as error:
        raise FileFormatError(f"{target} is not the file of a sweep.") from error
    refuse_other(str(target), about, identity)
    if retry and dataset.attrs["failed"]:
        raise SweepError(
            f"The journal of {target} is gone, without which its {counted(dataset.attrs['failed'], 'failed point')} cannot "
            "be tried again. Use --force (force=True) to start anew."
        )
    return dataset


def _work(task: PointTask, total: int, executor: Executor, found: Findings, journal: Journal | None) -> None:
    """Have what is missing done, and note it in ``found`` and in the journal."""
    missing = [index for index in range(total) if index not in found]
    failed = found.failed
    report("points", len(found), total)
    with contextlib.closing(executor.run(task, missing)) as deliveries:
        for delivery in deliveries:
            if not delivery:
                continue
            if journal is not None:
                journal.write(delivery)
            failed += found.add(delivery)
            if failed:
                report("failed points", failed, total)
            report("points", len(found), total)


@contextlib.contextmanager
def _told_how_to_resume(found: Findings, total: int, target: Path) -> Any:
    try:
        yield
    except BaseException as error:
        error.add_note(
            f"{len(found)} of {total} points are stored beside {target}. The same sweep, started again, goes on there."
        )
        raise


def _dataset(found: Findings, grid: Product, task: PointTask, identity: Mapping[str, str]) -> xarray.Dataset:
    return labelled(found, grid, task.quantities, identity, None if task.in_time is None else task.in_time.times)
