"""Currents of the links against their affinities; those with the wrong sign are marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ... import plotting
from ..._text import counted
from ..figures import axis, chart, marks, note, palette, safe
from ..solving import Solved
from ..view import View
from .base import Panel, Shown, drawing_lines

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def show(state: Solved, view: View) -> Shown:
    """Return one mark a link, in the direction of its affinity."""
    terms, unit, labels = state.links, safe(state.run.unit), state.ness.network.labels
    if isinstance(terms, Exception):
        raise terms
    groups = []
    colors = palette(view.theme)
    against = terms.is_against.tolist()
    rows = list(zip(terms.into.tolist(), terms.source.tolist(), terms.currents.tolist(), against, strict=True))
    forces = terms.affinities.tolist()
    for wrong, name, color, symbol in (
        (False, "along its affinity", colors["probes"], "circle"),
        (True, "against its affinity", colors["real"], "x"),
    ):
        chosen = [(row, force) for row, force in zip(rows, forces, strict=True) if row[3] is wrong]
        texts = [f"{safe(labels[row[1]])} → {safe(labels[row[0]])}" for row, _ in chosen]
        hover = "%{text}<br>affinity %{x:.6g}<br>current %{y:.6g} " + unit + "<extra></extra>"
        values = [row[2] for row, _ in chosen]
        groups.append(
            marks(name, [f for _, f in chosen], values, color, symbol=symbol, text=texts, hovertemplate=hover)
        )
    count = sum(against)
    figure = chart(
        groups,
        [(axis("affinity 1/(n<sub>k</sub>+½) − 1/(n<sub>l</sub>+½)"), axis(f"current j<sub>kl</sub> ({unit})"))],
        view.theme,
        shapes=[_zero(view.theme)],
    )
    text = f"{counted(len(against), 'link')}, {count} against the affinity" if against else "no links"
    figure["layout"]["annotations"] = [note(text, view.theme)]
    return {"figure": figure}


def _zero(theme: str) -> dict[str, object]:
    look = {"color": palette(theme)["muted"], "width": 1}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": 0, "y1": 0, "line": look, "layer": "below"}


def draw(figure: Figure, state: Solved, view: View) -> None:  # noqa: ARG001 - called like its siblings
    """Draw it with the library."""
    if isinstance(state.links, Exception):
        raise state.links
    plotting.plot_affinities(figure.subplots(), state.links)


def lines(state: Solved, view: View) -> list[str]:  # noqa: ARG001 - called like its siblings
    """Say it in Python."""
    return [
        "terms = wn.thermodynamics.link_terms(ness.network, ness.state)",
        "for row in zip(terms.into, terms.source, terms.currents, terms.affinities, terms.is_against):",
        "    print(*row)",
        *drawing_lines("wn.plotting.plot_affinities(figure.subplots(), terms)"),
    ]


CURRENTS = Panel("currents", "Currents", show, draw, lines)
