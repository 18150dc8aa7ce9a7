"""``wignerness solve``: the steady state of a spec, and its run in time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .failures import reported
from .progress import bars

if TYPE_CHECKING:
    from ..io.spec import RunSpec


def solve(
    spec: Annotated[
        Path, typer.Argument(metavar="SPEC", help="TOML file that describes the network and what to compute.")
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="Also write a NetCDF file, or a Zarr folder (FILE.zarr); a run in time and trajectories get theirs beside it.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document in place of the tables.")] = False,
    full: Annotated[bool, typer.Option("--full", help="Print every row of long tables.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace the output file if it exists.")] = False,
) -> None:
    """Compute the steady state of a network: occupations, heat currents, entropy flux and production.

    With a section [evolve] also the way there from a given state, with [trajectories] also stochastic trajectories; a
    network without a steady state is then no failure.

    Example: wignerness solve examples/specs/diffusive_chain.toml -o chain.nc
    """
    with reported(as_json=as_json):
        from ..io.spec import load_spec

        run = load_spec(spec)
        targets = {} if output is None else _targets(output, run)
        for target in targets.values():
            from .._files import refuse_inputs
            from ..io.storage import check_target

            refuse_inputs(target, run.files)
            check_target(target, force=force)
        with bars():
            results, document = _results(run)
        for name, target in targets.items():
            if name in results:
                from ..io.dataset import to_dataset
                from ..io.storage import write_dataset

                write_dataset(to_dataset(results[name], spec=run), target, force=force)
    if as_json:
        typer.echo(json.dumps(document, indent=2, allow_nan=False))
        return
    from .tables import print_document
    from .time_tables import print_evolution, print_trajectories

    if "nodes" in document:
        print_document(document, full=full)
    else:
        typer.echo(f"No steady state: {document['no_steady_state']}\n")
    if "evolution" in document:
        print_evolution(document["evolution"], full=full)
    if "trajectories" in document:
        print_trajectories(document["trajectories"])
    for name, target in targets.items():
        if name in results:
            typer.echo(f"Written: {target}")


def _targets(output: Path, run: RunSpec) -> dict[str, Path]:
    """The file of every result: the named one for the steady state, others beside it."""
    targets = {"steady": output}
    if run.in_time is not None:
        targets["evolution"] = output.with_suffix(f".evolution{output.suffix}")
        if run.in_time.trajectories is not None:
            targets["trajectories"] = output.with_suffix(f".trajectories{output.suffix}")
    return targets


def _results(run: RunSpec) -> tuple[dict[str, Any], dict[str, Any]]:
    """The results of a spec, and the document that tells them."""
    from ..errors import NoUniqueSteadyStateError
    from ..io.document import to_document
    from ..io.time_document import evolution_document, trajectories_document

    results: dict[str, Any] = {}
    document: dict[str, Any] = {}
    try:
        results["steady"] = run.solve()
        document = to_document(results["steady"], spec=run)
    except NoUniqueSteadyStateError as error:
        if run.in_time is None:
            raise
        document["no_steady_state"] = str(error)
    if run.in_time is None:
        return results, document
    results["evolution"] = run.in_time.evolve(run.network)
    document["evolution"] = evolution_document(results["evolution"])
    sample = run.in_time.sample(run.network)
    if sample is not None:
        results["trajectories"] = sample
        document["trajectories"] = trajectories_document(sample)
    return results, document
