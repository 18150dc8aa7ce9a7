"""The server of the page: who may ask, what is answered, where it listens."""

from __future__ import annotations

import base64
import dataclasses
import socket
import threading
import webbrowser
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import flask
from dash import ClientsideFunction, Dash, Input, Output, State, no_update
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from ..errors import ServerError
from ..io.spec import LARGEST_SPEC, load_spec, parse_document
from .answers import answer, describe, expectation, outlook
from .exports import exported
from .families import family_spec
from .jobs import Jobs
from .layout import page
from .view import View

__all__ = ["create", "listen", "run"]

_OWN_NAMES = frozenset(("127.0.0.1", "localhost", "::1"))
_EVERYWHERE = frozenset(("", "0.0.0.0", "::"))
# A spec, escaped, with its settings.
_LARGEST_REQUEST = 8 * LARGEST_SPEC


def run(
    spec: Path | None, *, host: str, port: int, open_browser: bool, announce: Callable[[str], object] | None
) -> None:
    """Serve the page until it is interrupted; see `wignerness.app.serve`."""
    jobs = Jobs()
    app = create(None if spec is None else initial_text(spec), host=host, jobs=jobs)
    server = listen(app, host, port)
    address = f"http://{'127.0.0.1' if host in _EVERYWHERE else f'[{host}]' if ':' in host else host}:{server.port}/"
    if announce is not None:
        announce(address)
    if open_browser:
        threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
    try:
        server.serve_forever()
    finally:
        server.server_close()
        jobs.close()


def initial_text(spec: Path) -> str:
    """Return the spec that a page begins with; one that names files is written node by node."""
    found = load_spec(spec)
    text = spec.read_bytes().decode("utf-8-sig")
    if not {"graph", "matrix"} & parse_document(text)["network"].keys():
        return text
    return dataclasses.replace(found, sweep=None, in_time=None).to_toml()


def create(text: str | None = None, *, host: str = "127.0.0.1", jobs: Jobs | None = None) -> Dash:
    """Return the application.

    Parameters
    ----------
    text : str, optional
        TOML text of the spec to begin with.
    host : str
        Where it will listen: requests that name another are refused.
    jobs : Jobs, optional
        Where long work is done.
    """
    app = Dash(
        "wignerness.explorer",
        assets_folder=str(Path(__file__).parent / "assets"),
        serve_locally=True,
        title="wignerness",
        update_title=None,  # type: ignore[arg-type]
        enable_mcp=False,
    )
    app.layout = page()
    _answers(app, View(text or family_spec("chain")), jobs or Jobs())
    _in_the_page(app)
    app.server.config["MAX_CONTENT_LENGTH"] = _LARGEST_REQUEST
    app.server.before_request(partial(_refuse_strangers, host))
    policy = _policy(app)

    def protected(response: flask.Response) -> flask.Response:
        response.headers["Content-Security-Policy"] = policy
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    app.server.after_request(protected)
    return app


def _answers(app: Dash, first: View, jobs: Jobs) -> None:
    """What the server answers; it keeps nothing but work that is under way."""
    for function, *places in (
        (partial(_respond, first, jobs), Output("answer", "data"), Input("request", "data")),
        (partial(_look, jobs), Output("news", "data"), Input("clock", "n_intervals"), State("job", "data")),
        (partial(_save, jobs), Output("download", "data"), Output("saved", "data"), Input("wish", "data")),
    ):
        app.callback(*places, prevent_initial_call=True)(function)


def _respond(first: View, jobs: Jobs, request: Any) -> Any:
    """Answer a request, or begin to work on it where that takes long."""
    if not isinstance(request, Mapping):
        return no_update
    number = request.get("id")
    if request.get("cancel"):
        jobs.stop(str(request["cancel"]))
    if request.get("stop"):
        return {"id": number, "stopped": True}
    asked = {"view": first.to_json(), **{name: value for name, value in request.items() if value is not None}}
    nodes, is_long = outlook(asked)
    if is_long:
        return {"id": number, "job": jobs.start(answer, asked, beforehand=expectation), "nodes": nodes}
    return {"id": number, **answer(asked)}


def _look(jobs: Jobs, _: Any, job: Any) -> Any:
    """Tell how work stands."""
    if not isinstance(job, Mapping):
        return no_update
    told = jobs.ask(str(job.get("name")))
    number = {"id": job.get("id")}
    if "result" in told:
        return number | told["result"]
    if "failed" in told:
        return number | {"error": _stopped(told["failed"])}
    return number | {"job": job.get("name"), "nodes": job.get("nodes"), "progress": told}


def _save(jobs: Jobs, wish: Any) -> Any:
    """Hand out a file."""
    if not isinstance(wish, Mapping):
        return no_update, no_update
    if outlook(wish).is_long:
        told = jobs.finish(_file, dict(wish))
        file = told["result"] if "result" in told else {"error": _stopped(told["failed"])}
    else:
        file = _file(wish)
    if "error" in file:
        return no_update, {"id": None, "error": file["error"]}
    return file, {"id": None, "said": f"Saved: {file['filename']}"}


def _file(wish: Mapping[str, Any]) -> dict[str, Any]:
    try:
        name, content = exported(View.from_json(wish.get("view")), str(wish.get("kind")))
    except Exception as error:  # noqa: BLE001 - a page that waits for an answer must have one
        return {"error": describe(error)}
    return {"filename": name, "content": base64.b64encode(content).decode(), "base64": True}


def _stopped(message: str) -> dict[str, Any]:
    return {"kind": "Stopped", "message": message, "places": {}}


def _in_the_page(app: Dash) -> None:
    """What the page does by itself, in the scripts of the folder assets."""
    app.clientside_callback(
        ClientsideFunction("explorer", "shown"),
        Output("network", "elements"),
        Output("network", "layout"),
        Output("figure", "figure"),
        Output("clock", "disabled"),
        Output("job", "data"),
        Input("answer", "data"),
        Input("news", "data"),
        Input("saved", "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("explorer", "tapped"),
        Output("unused", "title"),
        Input("network", "tapNode"),
        Input("network", "tapEdge"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("explorer", "hovered"),
        Output("unused", "lang"),
        Input("network", "mouseoverNodeData"),
        Input("network", "mouseoverEdgeData"),
        prevent_initial_call=True,
    )


def _refuse_strangers(host: str) -> flask.typing.ResponseReturnValue | None:
    """Refuse what other pages send through the browser: a foreign name of this machine, a foreign origin."""
    name = _name_of(flask.request.host)
    if host not in _EVERYWHERE and name not in _OWN_NAMES | {host.lower()}:
        return f"This page is not served under the name {name!r}.\n", 403
    origin = flask.request.headers.get("Origin")
    if origin is not None and origin.partition("://")[2] != flask.request.host:
        return "Another page may not ask this one.\n", 403
    return None


def _name_of(host: str) -> str:
    """The name in a header ``Host``, without the port."""
    return (host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]).lower()


def _policy(app: Dash) -> str:
    """Nothing is fetched from elsewhere, whatever a label or a spec holds."""
    scripts = " ".join(["'self'", *(f"'{hashed}'" for hashed in _inline_scripts(app))])
    return (
        f"default-src 'none'; script-src {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
        "font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def _inline_scripts(app: Dash) -> list[str]:
    return [hashed.strip("'") for hashed in app.csp_hashes()]


class _Quiet(WSGIRequestHandler):
    """Does not write a line for every request."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
        if type == "error":
            super().log(type, message, *args)


def listen(app: Dash, host: str, port: int) -> BaseWSGIServer:
    """Return a server that listens.

    Raises
    ------
    ServerError
        If the port is taken, or the address is none of this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ServerError(
            f"{host} port {port} cannot be listened on: {reason}. Choose another with --port; --port 0 takes a free one."
        ) from error
    with listening:
        server = make_server(
            host, port, app.server, threaded=True, request_handler=_Quiet, fd=socket.dup(listening.fileno())
        )
        server.port = listening.getsockname()[1]
    return server
