"""The explorer: a local page that shows a network's currents and entropy production while its parameters are dragged.

It holds no formula. The page keeps its whole state; the server answers requests and remembers nothing of them.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

__all__ = ["serve"]


def serve(
    spec: Path | None = None,
    *,
    host: str = "127.0.0.1",
    port: int = 8050,
    open_browser: bool = True,
    announce: Callable[[str], object] | None = None,
) -> None:
    """Serve the explorer until it is interrupted.

    Parameters
    ----------
    spec : Path, optional
        TOML file to begin with; by default the uniform chain of Fig. 3, in units of its rate.
    host : str
        Address to listen on. Anything but this machine's own lets others in the network use it.
    port : int
        0 takes a free one.
    open_browser : bool
    announce : callable, optional
        Is given the address of the page once the server listens.

    Raises
    ------
    MissingExtraError
        If Dash is not installed.
    SpecError
        If the spec has faults.
    ServerError
        If the port is taken, or the address is none of this machine's.
    """
    from ..errors import MissingExtraError

    try:
        from .server import run
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in ("dash", "dash_cytoscape", "flask", "werkzeug", "plotly", "pydantic"):
            raise
        raise MissingExtraError(missing, "app") from error
    run(spec, host=host, port=port, open_browser=open_browser, announce=announce)
