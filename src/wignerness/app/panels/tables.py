"""Every number, as `wignerness solve` prints them."""

from __future__ import annotations

from typing import Any

from ..solving import Solved
from ..view import View
from .base import Panel, Shown

_MOST_ROWS = 200
_NODES = (("label", "node"), ("frequency", "frequency"), ("occupations", "occupation"))
_BATHS = (
    ("label", "bath"),
    ("kind", "kind"),
    ("rate", "rate"),
    ("occupation", "n"),
    ("bath_currents", "current J"),
    ("heat_currents", "heat current"),
    ("entropy_flux", "flux Φ"),
    ("entropy_production", "production Π"),
)
_EDGES = (("into", "into"), ("from", "from"), ("currents", "current j"), ("energy_currents", "energy current"))


def show(state: Solved, view: View) -> Shown:  # noqa: ARG001 - called like its siblings
    """Return the tables of nodes, baths, links and of the whole network."""
    told = state.tables
    units = told["units"]
    tables = [_table(title, columns, told[key], units) for title, columns, key in (
        ("Nodes", _NODES, "nodes"), ("Baths", _BATHS, "baths"), ("Links", _EDGES, "edges"),
    )]  # fmt: skip
    values = [
        [name.replace("_", " "), value, "" if units[name] == "1" else units[name]]
        for name, value in told["values"].items()
    ]
    tables.insert(0, {"title": "Network", "head": ["quantity", "value", "unit"], "rows": values})
    omitted = [f"Undefined: {name.replace('_', ' ')}: {reason}" for name, reason in told["omitted"].items()]
    return {"tables": tables, "remarks": [*told["theory"]["notes"], *omitted]}


def _table(title: str, columns: tuple[tuple[str, str], ...], rows: list[Any], units: dict[str, str]) -> Shown:
    present = [(key, name) for key, name in columns if rows and key in rows[0]]
    head = [f"{name} ({units[key]})" if units.get(key, "1") != "1" else name for key, name in present]
    shown = [[row[key] for key, _ in present] for row in rows[:_MOST_ROWS]]
    more = f"{len(rows) - _MOST_ROWS} more rows: save the data as CSV to see them." if len(rows) > _MOST_ROWS else ""
    return {"title": title, "head": head, "rows": shown, "more": more}


def lines(state: Solved, view: View) -> list[str]:  # noqa: ARG001 - called like its siblings
    """Say it in Python."""
    return [
        "from wignerness.io import to_document",
        "document = to_document(ness, spec=run)",
        'print(document["baths"])',
    ]


TABLES = Panel("tables", "Numbers", show, None, lines)
