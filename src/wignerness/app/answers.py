"""The answer to a request of the page: what it shows of a view, or the library's own message."""

from __future__ import annotations

import contextlib
import dataclasses
import logging
from collections.abc import Mapping
from typing import Any, NamedTuple, TypeAlias

from .._text import shorten
from ..errors import SpecError, UndefinedQuantityError, WignernessError
from ..io.spec import parse_spec
from . import network_view
from .controls import controls, elements
from .documents import Document, composed, normalized, read
from .durations import expected_seconds, in_words, slowness
from .editing import edited
from .families import FAMILIES, family_spec
from .panels import PANELS
from .resizing import announced_size
from .solving import Solved, solved
from .view import View, from_link, to_link

__all__ = ["Outlook", "answer", "expectation", "outlook"]

Answer: TypeAlias = dict[str, Any]
_LARGEST_CONTROLS = 2000
_LARGEST_COUNTED = 2000  # beyond, a network is not made only to count its nodes
_START = 1.0  # seconds until another process has loaded the library
# Larger or longer work is done in another process, so that the page and other tabs do not wait.
LARGEST_AT_ONCE, LONGEST_AT_ONCE = 64, 0.5
_LOG = logging.getLogger("wignerness.app")


def answer(request: Mapping[str, Any]) -> Answer:
    """Return what the page shows for a request.

    Parameters
    ----------
    request : mapping
        ``view``; or ``link``, ``load`` (the text of a spec) or ``family`` in place of the view's own spec;
        ``edit``, a change of the structure; ``commit``, whether a change is finished: the answer then has the view with
        a spec of its own, the fields and the link.

    Returns
    -------
    dict
        ``network``, ``numbers``, ``panel``; with ``commit`` also ``view``, ``link``, ``groups`` and ``elements``. An
        ``error`` with ``message`` and ``places`` where something is wrong; what else there is is then still true.
    """
    found: Answer = {}
    try:
        view, document = _asked(request)
        if request.get("commit"):
            found |= _committed(view, document)
            view = View.from_json(found["view"])
        state = solved(document)
        panel = _panel(state, view, dragged=not request.get("commit"))
        return found | {"network": network_view.drawing(state), "numbers": numbers(state), "panel": panel}
    except (WignernessError, MemoryError) as error:
        return found | {"error": describe(error)}
    except Exception as error:  # noqa: BLE001 - a page that waits for an answer must have one
        _LOG.exception("The explorer failed.")
        return found | {"error": describe(error)}


def describe(error: BaseException) -> Answer:
    """Return an error as the page shows it: its message, and the places in the spec that it speaks of."""
    if not isinstance(error, (WignernessError, MemoryError)):
        message = f"The explorer failed at this: {type(error).__name__}: {error}. That is a mistake in the program."
        return {"kind": type(error).__name__, "message": message, "places": {}}
    faults = error.faults if isinstance(error, SpecError) else ()
    message = "; ".join(f"{path}: {text}" if path else text for path, text in faults) or str(error)
    places = dict(faults)
    return {"kind": type(error).__name__, "message": message or "There is not enough memory.", "places": places}


class Outlook(NamedTuple):
    """What is known of a request before anything is solved: its nodes, 0 if it has none, and whether it takes long."""

    nodes: int
    is_long: bool


def outlook(request: Mapping[str, Any]) -> Outlook:
    """Return how many nodes the network of a request has, and whether it is to be solved in another process.

    Examples
    --------
    >>> outlook({"family": "ring"})
    Outlook(nodes=12, is_long=False)
    """
    try:
        view, document = _meant(request)
        if (announced := announced_size(document)) > _LARGEST_COUNTED:
            return Outlook(announced, True)
        run = read(document)
    except (WignernessError, MemoryError):
        return Outlook(0, False)
    nodes = run.network.n_modes
    return Outlook(nodes, nodes > LARGEST_AT_ONCE or expected_seconds(run, view.panel) > LONGEST_AT_ONCE)


def expectation(request: Mapping[str, Any]) -> str:
    """Return about how long an answer will take, in words; nothing where there will be none.

    It is asked for where the work is done: networks that are long to make are not made by the server.
    """
    try:
        view, document = _meant(request)
        seconds = expected_seconds(read(document), view.panel)
    except (WignernessError, MemoryError):
        return ""
    return in_words((seconds + _START) * slowness())


def _meant(request: Mapping[str, Any]) -> tuple[View, Document]:
    """As `_asked`, without the whole reader for what is loaded."""
    load = request.get("load")
    if isinstance(load, str):
        view = View(load, panel=_opened({**request, "load": None}).panel)
        return view, composed(view)
    return _asked(request)


def _asked(request: Mapping[str, Any]) -> tuple[View, Document]:
    """The view that a request is about, and its document."""
    view = _opened(request)
    document = composed(view)
    edit = request.get("edit")
    if isinstance(edit, Mapping):
        document = edited(document, edit)
        view = dataclasses.replace(view, selected=_still_there(view.selected, edit))
    return view, document


def _opened(request: Mapping[str, Any]) -> View:
    if isinstance(request.get("link"), str):
        return from_link(request["link"])
    view = View.from_json(request["view"]) if request.get("view") else View(family_spec("chain"))
    if request.get("theme") in ("light", "dark"):
        view = dataclasses.replace(view, theme=request["theme"])
    if isinstance(request.get("load"), str):
        # Once with the whole reader, for messages with lines.
        return dataclasses.replace(view, spec=_loaded(request["load"]), settings={}, selected="", mode=0)
    if "family" in request:
        name = str(request["family"])
        if name not in FAMILIES:
            raise SpecError(f"There is no model {shorten(name)!r}; there are {', '.join(FAMILIES)}.")
        return dataclasses.replace(view, spec=family_spec(name), settings={}, selected="", mode=0)
    return view


def _loaded(text: str) -> str:
    composed(View(text))  # refuses specs that name files before any file is looked for
    parse_spec(text)
    return text


def _still_there(selected: str, edit: Mapping[str, Any]) -> str:
    """What stays chosen after a change: what is removed does not, and indices move."""
    return "" if str(edit.get("action", "")).startswith("remove") else selected


def _committed(view: View, document: Document) -> Answer:
    network = read(document).network
    settled = normalized(view, document)
    if settled.mode >= network.n_modes:
        settled = dataclasses.replace(settled, mode=network.n_modes - 1)
    listed = elements(network) if network.n_modes <= _LARGEST_CONTROLS else []
    chosen = settled.selected if network.n_modes <= _LARGEST_CONTROLS else ""
    return {
        "view": settled.to_json(),
        "link": to_link(settled),
        "groups": controls(document, network, chosen),
        "elements": listed,
        "title": str(document.get("title", "")) or "Untitled network",
        "nodes": list(network.labels[:_LARGEST_CONTROLS]),
        "has_plan": "evolve" in document,
    }


def _panel(state: Solved, view: View, *, dragged: bool) -> Answer:
    panel = PANELS.get(view.panel)
    if panel is None:
        return {"message": f"There is no panel {shorten(view.panel)!r}."}
    if dragged and panel.waits(state):
        return {"waits": True}
    try:
        return panel.sketch(state, view) if dragged and panel.sketch is not None else panel.show(state, view)
    except (WignernessError, MemoryError) as error:
        return {"message": describe(error)["message"]}


def numbers(state: Solved) -> list[dict[str, Any]]:
    """Return the few numbers that are always in sight."""
    ness, unit = state.ness, state.run.unit
    columns, rate = state.bath_columns, f"nats·{unit}"
    production, flux = columns.get("entropy_production"), columns.get("entropy_flux")
    found = [_number("Π", None if production is None else sum(production), rate, "entropy production of all baths")]
    if state.split is not None and ness.network.probes:
        found.append(_number("Π_r", state.split[0], rate, "entropy production of the real baths"))
        found.append(_number("Π_sc", state.split[1], rate, "entropy production of the probes"))
    found.append(_number("Φ", None if flux is None else sum(flux), rate, "entropy flux into all baths"))
    with contextlib.suppress(UndefinedQuantityError):
        told = "heat into the baths, each over its temperature: the second law asks for no negative number"
        found.append(_number("ΣQ̇/T", ness.clausius_production, unit, told))
    largest = max(map(abs, columns["bath_currents"]), default=0.0)
    found.append(_number("J", largest, unit, "largest current of excitations between a bath and the network"))
    bound = "not estimated" if ness.error_bound is None else f"≤ {ness.error_bound:.1e}"
    told = "bound on the error of an occupation"
    found.append({"name": "error", "value": ness.error_bound, "text": bound, "unit": "", "title": told})
    told = "\n".join([ness.reason, *getattr(ness, "notes", ())])
    return [*found, {"name": "solver", "value": None, "text": ness.reason, "unit": "", "title": told}]


def _number(name: str, value: float | None, unit: str, title: str) -> Answer:
    return {"name": name, "value": value, "text": _shown(value), "unit": unit, "title": title}


def _shown(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.6g}"
