"""The command ``wignerness`` and its subcommands."""

from __future__ import annotations

from typing import Annotated

import typer

from .. import __version__
from .audit import audit
from .explorer import explorer
from .plot import plot
from .reproduce import reproduce
from .schema import schema
from .show import show
from .solve import solve
from .sweep import sweep

app = typer.Typer(
    name="wignerness",
    help="Steady states, heat currents and Wigner entropy production of networks of harmonic modes.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",  # the default takes the [sections] of a spec for styles
    epilog="Exit codes: 0 done, 1 it cannot be done (the reason is printed), 2 the spec or the command line is wrong.",
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"wignerness {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    pass


app.command()(solve)
app.command()(sweep)
app.command()(plot)
app.command()(show)
app.command()(audit)
app.command()(reproduce)
app.command("app")(explorer)
app.command()(schema)
