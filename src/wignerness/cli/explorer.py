"""``wignerness app``: the explorer in the browser."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Annotated

import typer

from .failures import reported

_OWN = ("127.0.0.1", "::1", "localhost")


def explorer(
    spec: Annotated[Path | None, typer.Argument(metavar="[SPEC]", help="TOML file to begin with.")] = None,
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="Port to listen on; 0 takes a free one.")
    ] = 8050,
    host: Annotated[
        str, typer.Option("--host", help="Address to listen on; anything but the default lets other machines in.")
    ] = "127.0.0.1",
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Whether to open the page.")] = True,
) -> None:
    """Explore a network in the browser: its currents and entropy production follow as you drag its parameters.

    The page is served by this machine to this machine and fetches nothing from elsewhere. Ctrl-C ends it.

    Example: wignerness app examples/specs/diffusive_chain.toml
    """
    with reported():
        from .. import app

        if host not in _OWN:
            typer.echo(
                f"Warning: whoever reaches {host} can use this page and the computing time of this machine. "
                "There is no password.",
                err=True,
            )
        with contextlib.suppress(KeyboardInterrupt):
            app.serve(spec, host=host, port=port, open_browser=browser, announce=_announce)
    typer.echo("Stopped.", err=True)


def _announce(address: str) -> None:
    typer.echo(f"The explorer is at {address} (Ctrl-C ends it).")
