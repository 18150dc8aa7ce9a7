"""``wignerness sweep``: steady states, or runs in time, over the parameters that a spec varies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .failures import CANNOT, reported

if TYPE_CHECKING:
    from ..analysis.runner import Executor

STOPPED = 130


def sweep(
    spec: Annotated[Path, typer.Argument(metavar="SPEC", help="TOML file with a section [sweep].")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="NetCDF file for the data, or a Zarr folder (FILE.zarr).")
    ],
    workers: Annotated[int, typer.Option("--workers", min=1, help="Processes of this machine that work.")] = 1,
    scheduler: Annotated[
        str | None, typer.Option("--scheduler", help="Address of a Dask scheduler, in place of --workers.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from an output that exists, and try failed points again.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Start anew and replace the output if it exists.")] = False,
) -> None:
    """Compute the steady states of all points of a sweep into one labelled file.

    With a section [evolve] their runs in time, from the given start.

    Finished points are safe at once: a run that was stopped or killed goes on where it was when the same command is given
    again. A point that fails is noted with its reason and does not stop the others.

    Example: wignerness sweep examples/sweeps/fourier.toml -o fourier.nc --workers 2
    """
    if scheduler is not None and workers > 1:
        raise typer.BadParameter("workers of this machine and a scheduler exclude each other.")
    with reported(), _stoppable():
        executor = _executor(workers, scheduler)
        from .._files import refuse_inputs
        from ..errors import SpecError
        from ..io.spec import load_spec
        from .progress import followed

        run = load_spec(spec)
        if run.sweep is None:
            raise SpecError(f"{spec} has no section [sweep]: `wignerness solve` computes its one steady state.")
        if run.in_time is not None and run.in_time.trajectories is not None:
            raise SpecError(
                f"{spec} has a section [trajectories], which a sweep does not draw: remove it, or solve one point."
            )
        refuse_inputs(output, run.files)
        if not resume:
            _refuse_existing(output, force)
        from ..analysis import sweep_spec

        with followed():
            data = sweep_spec(run, executor=executor, store=output, retry=resume, force=force)
    points, failed = data.attrs["points"], data.attrs["failed"]
    typer.echo(f"Written: {output}, {points} points" + (f", {failed} of them failed." if failed else "."))
    if failed:
        messages = dict.fromkeys(text for text in data["message"].values.ravel().tolist() if text)
        for text in list(messages)[:3]:
            typer.echo(f"  {text}")
        typer.echo("Try them again with --resume.")
    if failed == points:
        typer.echo("Error: no point has a result.", err=True)
        raise typer.Exit(1)


def _executor(workers: int, scheduler: str | None) -> Executor:
    from ..analysis import Dask, InProcess, Processes
    from ..errors import SweepError

    if scheduler is not None:
        try:
            return Dask(scheduler)
        except SweepError as error:
            raise typer.BadParameter(str(error), param_hint="--scheduler") from None
    return Processes(workers) if workers > 1 else InProcess()


def _refuse_existing(output: Path, force: bool) -> None:
    from ..errors import FileFormatError
    from ..io.dataset import check_target

    check_target(output, force=True)
    try:
        check_target(output, force=force)
    except FileFormatError as error:
        raise FileFormatError(f"{error} Use --resume to go on from it.") from None


@contextmanager
def _stoppable() -> Iterator[None]:
    """End without a traceback on Ctrl-C, and say how to go on; tell the same after an error."""
    try:
        yield
    except KeyboardInterrupt as stop:
        typer.echo("Stopped. " + " ".join(_notes(stop)), err=True)
        raise typer.Exit(STOPPED) from None
    except OSError as error:
        typer.echo(f"Error: {error} " + " ".join(_notes(error)), err=True)
        raise typer.Exit(CANNOT) from None


def _notes(error: BaseException) -> list[Any]:
    return getattr(error, "__notes__", [])
