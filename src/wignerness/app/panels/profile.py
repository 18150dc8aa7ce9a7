"""Occupations along the nodes, with the closed form over them where there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ... import plotting
from ...bath import SqueezedBath, ThermalBath
from ..figures import axis, chart, line, marks, note, palette, safe
from ..solving import Solved
from ..view import View
from .base import Panel, Shown, drawing_lines

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_LABELED = 40


def show(state: Solved, view: View) -> Shown:
    """Return the profile."""
    occupations = state.ness.occupations.tolist()
    colors = palette(view.theme)
    nodes = list(range(len(occupations)))
    traces, text = [], ""
    if state.uniform_chain is not None:
        exact = state.uniform_chain.solution().occupations.tolist()
        worst = max(abs(a / b - 1) for a, b in zip(occupations, exact, strict=True) if b)
        traces.append(line("closed form, Eq. (29a)", nodes, exact, colors["exact"], width=1.4))
        text = f"solver and closed form differ by {worst:.1e} at most" if worst else "solver and closed form agree"
    traces.append(marks("⟨a<sub>k</sub><sup>†</sup>a<sub>k</sub>⟩", nodes, occupations, colors["probes"]))
    real = [b for b in state.ness.network.baths if isinstance(b, ThermalBath | SqueezedBath)]
    if real:
        where, levels = [b.mode for b in real], [b.occupation for b in real]
        traces.append(marks("n of the real baths", where, levels, colors["real"], symbol="square", size=9))
    figure = chart(traces, [(_nodes(state), axis("occupation"))], view.theme)
    if text:
        figure["layout"]["annotations"] = [note(text, view.theme)]
    return {"figure": figure}


def _nodes(state: Solved) -> dict[str, Any]:
    labels = state.ness.network.labels
    if labels == tuple(map(str, range(len(labels)))) or len(labels) > _LABELED:
        return axis("node")
    return axis("node", tickvals=list(range(len(labels))), ticktext=[safe(label) for label in labels])


def draw(figure: Figure, state: Solved, view: View) -> None:  # noqa: ARG001 - called like its siblings
    """Draw it with the library."""
    chain = state.uniform_chain
    guides = None if chain is None else {"steady state": chain.solution().occupations}
    plotting.plot_occupations(figure.subplots(), {"steady state": state.ness.occupations}, guides=guides)


def lines(state: Solved, view: View) -> list[str]:  # noqa: ARG001 - called like its siblings
    """Say it in Python."""
    call = 'wn.plotting.plot_occupations(figure.subplots(), {"steady state": ness.occupations})'
    if state.uniform_chain is None:
        return ["print(ness.occupations)", *drawing_lines(call)]
    return [
        "print(ness.occupations)",
        "closed_form = wn.exact.matching_chain(run.network).solution().occupations  # Eq. (29a)",
        "print(closed_form)",
        *drawing_lines(call.replace("})", '}, guides={"steady state": closed_form})')),
    ]


PROFILE = Panel("profile", "Profile", show, draw, lines)
