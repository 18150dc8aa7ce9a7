"""Sweeps: steady states over a grid of parameters, as one labelled dataset; they survive being killed."""

from __future__ import annotations

import contextlib
import glob
import importlib.util
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import _checks
from .._files import appear
from .._progress import report
from ..dynamics.quantities import QUANTITIES, Quantity
from ..errors import FileFormatError, MissingExtraError, SweepError
from ..network import Network
from ..solvers import Auto, Solver
from ..theories import Local, Theory
from .grids import Axis, Product, Zipped, as_grid
from .identity import PointKeys, identify
from .journal import Journal, refuse_other, remove_journal
from .labelled import labelled, load_xarray
from .outcome import Findings
from .points import PointTask
from .runner import Executor, InProcess

if TYPE_CHECKING:
    import xarray

__all__ = ["sweep"]

_AUTO, _LOCAL, _IN_PROCESS = Auto(), Local(), InProcess()
_DEFAULT = (
    "occupations", "entropy_flux", "entropy_production", "bath_currents", "heat_currents", "wigner_entropy",
)  # fmt: skip


def sweep(
    build: Callable[..., Network],
    grid: Product | Zipped | Mapping[str, Axis | Iterable[Any]],
    observables: Sequence[str] | Mapping[str, Quantity] | None = None,
    *,
    executor: Executor = _IN_PROCESS,
    solver: Solver = _AUTO,
    theory: Local | Theory = _LOCAL,
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
        Takes the parameters of a point by name and returns a Network.
    grid : mapping of str to sequence, or Product, Zipped, Points
        The values of every parameter. The axes of a mapping are multiplied.
    observables : sequence of str, or mapping of str to Quantity, optional
        What to compute: names of the quantities of a steady state, or quantities of your own. One that is named and
        undefined for a network makes the point fail. By default occupations, fluxes, productions, currents into the
        baths and the Wigner entropy; what is undefined is left out.
    executor : InProcess, Processes or Dask
        Who does the work. The data do not depend on it, nor on the number of workers and the size of chunks.
    solver : Solver, optional
    theory : Local, Global, Redfield, ..., optional
        One of :mod:`wignerness.theories`; the default is the local master equation.
    seed : int, optional
        If given, `build` also gets ``rng``, a generator that belongs to the point: it depends on the seed and on the
        index of the point alone.
    store : path, optional
        NetCDF file for the dataset. Points go to a journal beside it (``.journal``) as they finish. Started again,
        whatever ended it, the sweep goes on where it was; a finished one is read.
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
    MissingExtraError
        If xarray, threadpoolctl or (with a store) h5netcdf is not installed.

    Examples
    --------
    >>> import wignerness as wn
    >>> def two_modes(hopping):
    ...     return wn.models.chain(2, hopping=hopping, rate=1.0, occupations=(1, 2))
    >>> data = wn.sweep(two_modes, {"hopping": [0.5, 1.0]}, ["bath_currents"])
    >>> data.bath_currents.sel(bath="left", hopping=0.5).item()
    0.25
    """
    whole = as_grid(grid)
    task = PointTask(build, whole, *_quantities(observables), solver, _seed(seed), theory)
    for module in ("xarray", "threadpoolctl", *(["h5netcdf"] if store is not None else [])):
        if importlib.util.find_spec(module) is None:
            raise MissingExtraError(module, "data")
    identity = identify(task, whole, unit)
    if store is None:
        found = Findings()
        _work(task, len(whole), executor, found, None)
        return labelled(found, whole, task.quantities, identity)
    return _stored(task, whole, executor, identity, Path(store), retry=retry, force=force)


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
    if not target.parent.is_dir():
        raise SweepError(f"{target} cannot be written: there is no folder {target.parent}.")
    if force:
        remove_journal(journal_path)
    elif target.exists() and not journal_path.exists():
        return _finished(target, identity)
    with Journal(journal_path, identity, PointKeys(identity, grid)) as journal:
        # What a run that was killed while it wrote the file left behind; the journal is ours alone.
        for part in target.parent.glob(f".{glob.escape(target.name)}.*.part"):
            part.unlink(missing_ok=True)
        found = _sound(journal, retry)
        with _told_how_to_resume(found, len(grid), target):
            _work(task, len(grid), executor, found, journal)
        dataset = labelled(found, grid, task.quantities, identity)
        appear(target, lambda part: dataset.to_netcdf(part, engine="h5netcdf"), force=True)
    if not dataset.attrs["failed"]:
        remove_journal(journal_path)
    return dataset


def _sound(journal: Journal, retry: bool) -> Findings:
    """Return what a journal holds; without what failed, if that is to be tried again."""
    try:
        found = Findings(journal.read())
    except ValueError as error:
        raise SweepError(f"The journal {journal.path} is damaged: {error}.") from error
    if retry:
        found.discard_failed()
    return found


def _finished(target: Path, identity: Mapping[str, str]) -> xarray.Dataset:
    """Return what a store that needs no journal any more holds."""
    try:
        dataset: xarray.Dataset = load_xarray().load_dataset(target, engine="h5netcdf")
        about = json.loads(dataset["sweep"].item())
    # HDF5 and its readers raise many kinds of error on bytes that they did not write.
    except Exception as error:
        raise FileFormatError(f"{target} is damaged or not the file of a sweep: {error}") from error
    refuse_other(str(target), about, identity)
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


def _quantities(observables: Sequence[str] | Mapping[str, Quantity] | None) -> tuple[dict[str, Quantity], bool]:
    if observables is None:
        return {name: QUANTITIES[name] for name in _DEFAULT}, False
    if isinstance(observables, Mapping):
        return dict(observables), True
    unknown = [name for name in observables if name not in QUANTITIES]
    if isinstance(observables, str) or unknown or not observables:
        rule = f"be a sequence of {', '.join(QUANTITIES)}"
        _checks.fail("observables", rule, unknown or repr(observables), SweepError)
    return {name: QUANTITIES[name] for name in observables}, True


def _seed(seed: int | None) -> int | None:
    return None if seed is None else _checks.integer("seed", seed, minimum=0, error=SweepError)
