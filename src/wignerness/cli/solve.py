"""``wignerness solve``: the steady state of a spec."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from .failures import reported


def solve(
    spec: Annotated[
        Path, typer.Argument(metavar="SPEC", help="TOML file that describes the network and what to compute.")
    ],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Also write a NetCDF file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document in place of the tables.")] = False,
    full: Annotated[bool, typer.Option("--full", help="Print every row of long tables.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace the output file if it exists.")] = False,
) -> None:
    """Compute the steady state of a network: occupations, heat currents, entropy flux and production.

    Example: wignerness solve examples/specs/diffusive_chain.toml -o chain.nc
    """
    with reported(as_json=as_json):
        from ..io.document import to_document
        from ..io.spec import load_spec

        run = load_spec(spec)
        if output is not None:
            from .._files import refuse_inputs
            from ..io.dataset import check_target

            refuse_inputs(output, run.files)
            check_target(output, force=force)
        result = run.solve()
        document = to_document(result, spec=run)
        if output is not None:
            from ..io.dataset import to_dataset, write_netcdf

            write_netcdf(to_dataset(result, spec=run), output, force=force)
    if as_json:
        typer.echo(json.dumps(document, indent=2, allow_nan=False))
        return
    from .tables import print_document

    print_document(document, full=full)
    if output is not None:
        typer.echo(f"Written: {output}")
