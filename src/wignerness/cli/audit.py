"""``wignerness audit``: whether the local master equation is right for the network of a spec."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from ..errors import FileFormatError, InvalidNetworkError, MissingExtraError, SpecError
from .failures import CANNOT, reported
from .progress import bars


def audit(
    spec: Annotated[Path, typer.Argument(metavar="SPEC", help="TOML file that describes the network.")],
    page: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Also write the report as one HTML page.")
    ] = None,
    tolerance: Annotated[
        float, typer.Option("--tolerance", help="Largest relative error of currents and occupations to be accepted.")
    ] = 0.05,
    frame: Annotated[
        float,
        typer.Option(
            "--frame", help="Frequency of the rotating frame of the Hamiltonian, added to that of every node."
        ),
    ] = 0.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document in place of the tables.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace the HTML file if it exists.")] = False,
) -> None:
    """Say whether the local master equation is right for a network, and what to use in its place.

    Where the spec has a section [theory], that theory is judged as well, and the exit code is about it.

    Exit code 0: trust it. 1: do not, or it cannot be decided; the reason is printed. 2: the spec or the command line is
    wrong, or the report cannot be written.

    Example: wignerness audit examples/specs/detuned_pair.toml --html audit.html
    """
    with reported(as_json=as_json, wrong=(SpecError, InvalidNetworkError, FileFormatError, MissingExtraError)):
        from .._files import appear, refuse_existing, refuse_inputs
        from ..io.spec import load_spec
        from ..validity import audit as examine

        run = load_spec(spec)
        if page is not None:
            refuse_inputs(page, run.files)
            if not force:
                refuse_existing([page])
        with bars():
            found = examine(run.network, tolerance=tolerance, frame=frame, used=run.theory)
        if page is not None:
            text = found.to_html()
            appear(page, lambda part: part.write_text(text, encoding="utf-8"), force=force)
    if as_json:
        typer.echo(json.dumps(found.to_document(), indent=2, allow_nan=False))
    else:
        typer.echo(str(found))
        if page is not None:
            typer.echo(f"Written: {page}")
    if not found.of_used.trust:
        raise typer.Exit(CANNOT)
