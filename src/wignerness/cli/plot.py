"""``wignerness plot``: a figure of a result file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .failures import reported


def plot(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="NetCDF file (or Zarr folder) that wignerness wrote.")],
    x: Annotated[str | None, typer.Option("--x", help="Axis to draw along; the default is the longest.")] = None,
    y: Annotated[
        str | None, typer.Option("--y", help="Quantity to draw; the default is the entropy production.")
    ] = None,
    hue: Annotated[str | None, typer.Option("--hue", help="Axis with one curve a value.")] = None,
    logx: Annotated[bool, typer.Option("--logx", help="Logarithmic horizontal axis.")] = False,
    logy: Annotated[bool, typer.Option("--logy", help="Logarithmic vertical axis.")] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="PNG or PDF; the default is FILE with the ending .png.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the figure if it exists.")] = False,
) -> None:
    """Draw a result file: what there is to see first, or a quantity against one of its axes.

    Without options a steady state is drawn as its occupations and its entropy balance, a run in time as both against time,
    trajectories as the distribution of their entropy production, a sweep as its entropy production against the longest
    axis. With options any quantity can be drawn: entropies are summed over the baths, and of further axes the first value
    is drawn. The title says so.

    Example: wignerness plot fourier.nc --x length --y "bath_currents[left]" --hue probe_rate --logx
    """
    if output is None and not file.name:
        raise typer.BadParameter(f"{file} has no name that the figure could have.", param_hint="--output")
    target = file.with_suffix(".png") if output is None else output
    kind = target.suffix.removeprefix(".").lower()
    if kind not in ("png", "pdf"):
        raise typer.BadParameter(f"{target} must end in .png or .pdf.", param_hint="--output")
    with reported():
        from .. import plotting
        from .._files import appear, refuse_inputs
        from ..io import from_dataset, load_dataset

        refuse_inputs(target, [file])
        dataset = load_dataset(file)
        result = from_dataset(dataset) if (x, y, hue, logx, logy) == (None, None, None, False, False) else dataset
        with plotting.screen():
            if result is dataset:
                figure = plotting.new_figure(6.0, 4.0)
                plotting.plot_dataset(figure.subplots(), dataset, x=x, y=y, hue=hue, logx=logx, logy=logy)
            else:
                figure = plotting.new_figure(9.0, 4.0)
                plotting.plot_result(figure, result)
            appear(target, lambda part: plotting.save(figure, part, kind), force=force)
    typer.echo(f"Written: {target}")
