"""The Wigner function of one mode."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ... import plotting
from ...errors import SpecError
from ..figures import axis, chart, heat, line, note, palette, safe
from ..solving import Solved
from ..view import View
from .base import Panel, Shown, drawing_lines

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_POINTS = 61


def show(state: Solved, view: View) -> Shown:
    """Return its map over the plane of alpha."""
    found = _map(state, view)
    real, imaginary, values = found.real.tolist(), found.imaginary.tolist(), found.values.tolist()
    plane = heat(real, imaginary, values, view.theme, is_tall=state.is_tall, zmin=0, zsmooth="best")
    plane["hovertemplate"] = "α = %{x:.4g} + %{y:.4g} i<br>W = %{z:.6g}<extra></extra>"
    middle = len(values) // 2
    colors = palette(view.theme)
    traces = [
        plane,
        line("along Re α", real, values[middle], colors["probes"], field=1),
        line("along Im α", imaginary, [row[middle] for row in values], colors["real"], field=1, dash="dash"),
    ]
    left = (
        axis("Re α", range=[real[0], real[-1]], constrain="domain"),
        axis("Im α", range=[imaginary[0], imaginary[-1]], scaleanchor="x", constrain="domain"),
    )
    right = (axis("Re α, Im α"), axis("W through the mean", rangemode="tozero"))
    figure = chart(traces, [left, right], view.theme, is_tall=state.is_tall, uirevision=f"{real[-1] - real[0]:.2g}")
    figure["layout"]["legend"] |= {"x": 1, "xanchor": "right"}
    occupation, label = state.ness.occupations[found.mode], safe(state.ness.network.labels[found.mode])
    figure["layout"]["annotations"] = [
        note(f"W(α) of node {label}, ⟨a†a⟩ = {occupation:.6g}", view.theme, x=0.0, xanchor="left")
    ]
    return {"figure": figure}


def _map(state: Solved, view: View) -> plotting.WignerMap:
    if not 0 <= view.mode < state.ness.network.n_modes:
        raise SpecError(f"There is no node {view.mode} to show the Wigner function of; choose another.")
    return plotting.wigner_map(state.ness.state, view.mode, points=_POINTS)


def draw(figure: Figure, state: Solved, view: View) -> None:
    """Draw it with the library."""
    plotting.plot_wigner(figure.subplots(), _map(state, view))


def lines(state: Solved, view: View) -> list[str]:  # noqa: ARG001 - called like its siblings
    """Say it in Python."""
    return [
        f"wigner = wn.plotting.wigner_map(ness.state, {view.mode}, points={_POINTS})",
        "print(wigner.values.max())",
        *drawing_lines("wn.plotting.plot_wigner(figure.subplots(), wigner)"),
    ]


WIGNER = Panel("wigner", "Wigner", show, draw, lines)
