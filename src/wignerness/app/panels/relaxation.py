"""The way to the steady state from a chosen start: occupations, and the entropy budget."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ... import plotting
from ...dynamics.steady import SteadyState
from ..figures import axis, chart, cycle, heat, line, logarithmic, note, palette, safe
from ..solving import Solved, run_in_time, times_of
from ..view import View
from .base import Panel, Shown, drawing_lines

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ...dynamics.evolution import Evolution

_AS_LINES = 8
_QUICK = 50
_FEW_TIMES = 9


def show(state: Solved, view: View) -> Shown:
    """Return occupations on the left and production, flux and change of the entropy on the right."""
    return _shown(state, view, run_in_time(state, view))


def sketch(state: Solved, view: View) -> Shown:
    """Return the same at fewer times."""
    return _shown(state, view, run_in_time(state, view, count=_FEW_TIMES))


def _shown(state: Solved, view: View, run: Evolution) -> Shown:
    unit = safe(state.run.unit)
    colors = palette(view.theme)
    times = run.times.tolist()
    production, flux = run.entropy_production.sum(axis=1).tolist(), run.entropy_flux.sum(axis=1).tolist()
    traces = [
        *_occupations(state, times, run.occupations.T.tolist(), view),
        line("production Π", times, production, colors["exact"], field=1),
        line("flux Φ", times, flux, colors["flux"], field=1, dash="dash"),
        line("dS/dt", times, run.entropy_rate.tolist(), colors["rate"], field=1, dash="dot"),
    ]
    label = f"time (1/{unit})" if unit.isalpha() else f"time (1/({unit}))"
    time = logarithmic(times, label) if times[0] > 0 else axis(label)
    left = axis("occupation" if run.network.n_modes <= _AS_LINES else "node (color: occupation)")
    axes = [(time, left), (dict(time), axis(f"nats · {unit}"))]
    figure = chart(traces, axes, view.theme, is_tall=state.is_tall)
    if not isinstance(state.ness, SteadyState):
        figure["layout"]["annotations"] = [note("transients are those of the local equation", view.theme)]
    return {"figure": figure}


def _occupations(state: Solved, times: list[float], rows: list[list[float]], view: View) -> list[dict[str, Any]]:
    labels = [safe(label) for label in state.ness.network.labels]
    if len(rows) <= _AS_LINES:
        return [
            line(f"node {label}", times, row, color)
            for label, row, color in zip(labels, rows, cycle(view.theme), strict=False)
        ]
    trace = heat(times, list(range(len(rows))), rows, view.theme, is_tall=state.is_tall, colorscale="Cividis")
    return [trace]


def draw(figure: Figure, state: Solved, view: View) -> None:
    """Draw it with the library."""
    run = run_in_time(state, view)
    left, right = figure.subplots(1, 2)
    shown = None if run.network.n_modes <= _AS_LINES else [0, run.network.n_modes // 2, run.network.n_modes - 1]
    plotting.plot_relaxation(left, run, modes=shown)
    plotting.plot_entropy_budget(right, run, by_bath=run.network.n_baths <= _AS_LINES)
    if run.times[0] > 0:
        for axes in (left, right):
            axes.set_xscale("log")


def lines(state: Solved, view: View) -> list[str]:
    """Say it in Python."""
    if view.start == "spec" and state.run.in_time is not None:
        made = ["evolution = run.in_time.evolve(run.network)"]
    else:
        is_frozen = isinstance(state.ness, SteadyState) and not view.follow
        network = "ness.network" if is_frozen else "run.network"
        follow = ", follow=True" if view.follow else ""
        made = [
            f"times = {times_of(state)}",
            f"start = {_start(state, view)}",
            f"evolution = wn.evolve({network}, start, times{follow})",
        ]
    few = state.run.network.n_baths <= _AS_LINES
    return [
        *made,
        "print(evolution.occupations)",
        "print(evolution.entropy_production.sum(axis=1))",
        *drawing_lines(
            "left, right = figure.subplots(1, 2)",
            "wn.plotting.plot_relaxation(left, evolution)",
            f"wn.plotting.plot_entropy_budget(right, evolution, by_bath={few})",
        ),
    ]


def _start(state: Solved, view: View) -> str:
    size = state.run.network.n_modes
    here = f"[{view.strength!r} if node == {view.mode} else 0.0 for node in range({size})]"
    return {
        "thermal": f"wn.GaussianState.thermal([{view.strength!r}] * {size})",
        "coherent": f"wn.GaussianState.coherent({here})",
        "squeezed": f"wn.GaussianState.squeezed({here})",
    }.get(view.start, f"wn.GaussianState.vacuum({size})")


def waits(state: Solved) -> bool:
    """Whether it takes longer than a step of a slider may: with pairing or squeezing, or in large networks."""
    network = state.run.network
    return network.n_modes > (_QUICK if network.is_passive else _QUICK // 3)


RELAXATION = Panel("relaxation", "Relaxation", show, draw, lines, waits, sketch)
