"""The entropy balance: production of real baths and of probes, and the flux, in total and bath by bath."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ... import plotting
from ...bath import Probe
from ...dynamics.steady import SteadyState
from ..figures import axis, bars, chart, marks, palette, safe
from ..solving import Solved
from ..view import View
from .base import Panel, Shown, drawing_lines

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_AS_BARS = 16


def show(state: Solved, view: View) -> Shown:
    """Return totals on the left and the baths on the right."""
    ness, unit = state.ness, safe(state.run.unit)
    colors = palette(view.theme)
    production, flux = ness.entropy_production.tolist(), ness.entropy_flux.tolist()
    real, probes = state.split or (sum(production), 0.0)
    total = ["production Π", "flux Φ"]
    traces = [
        bars("Π of real baths, Π<sub>r</sub>", total, [real, None], colors["real"]),
        bars("Π of probes, Π<sub>sc</sub>", total, [probes, None], colors["probes"]),
        bars("Φ", total, [None, sum(flux)], colors["flux"]),
    ]
    labels = [safe(label) for label in ness.network.bath_labels]
    if len(labels) <= _AS_BARS:
        traces += [
            bars("Π<sub>b</sub>", labels, production, colors["total"], field=1, offsetgroup="production"),
            bars(
                "Φ<sub>b</sub>",
                labels,
                flux,
                colors["flux"],
                field=1,
                offsetgroup="flux",
                showlegend=False,
            ),
        ]
        axes = [(axis(""), axis(f"nats · {unit}")), (axis("bath", automargin=True), axis(f"nats · {unit}"))]
    else:
        traces += _by_node(state, view, production, flux)
        axes = [(axis(""), axis(f"nats · {unit}")), (axis("node"), axis(f"Π<sub>b</sub> (nats · {unit})"))]
        axes.append((axis("node"), axis(f"Φ<sub>b</sub> (nats · {unit})")))
    return {"figure": chart(traces, axes, view.theme, is_tall=state.is_tall, barmode="relative", bargap=0.35)}


def _by_node(state: Solved, view: View, production: list[float], flux: list[float]) -> list[dict[str, object]]:
    """Many baths as marks at their nodes."""
    groups: dict[str, list[tuple[int, float]]] = {"real": [], "probes": [], "flux": []}
    for bath, pi, phi in zip(state.ness.network.baths, production, flux, strict=True):
        nodes = bath.support if hasattr(bath, "support") else (bath.mode,)
        groups["probes" if isinstance(bath, Probe) else "real"] += [(node, pi) for node in nodes]
        if not isinstance(bath, Probe):
            groups["flux"] += [(node, phi) for node in nodes]
    looks = {
        "real": ("Π<sub>b</sub>, real", "circle", 1),
        "probes": ("Π<sub>b</sub>, probe", "square", 1),
        "flux": ("Φ<sub>b</sub>, real", "diamond", 2),
    }
    return [
        marks(
            name,
            [k for k, _ in groups[key]],
            [v for _, v in groups[key]],
            palette(view.theme)[key],
            field=field,
            symbol=symbol,
            size=7,
        )
        for key, (name, symbol, field) in looks.items()
    ]


def draw(figure: Figure, state: Solved, view: View) -> None:  # noqa: ARG001 - called like its siblings
    """Draw it with the library."""
    ness = state.ness
    plotting.plot_balance(figure.subplots(), ness.network.bath_labels, ness.entropy_production, ness.entropy_flux)


def lines(state: Solved, view: View) -> list[str]:  # noqa: ARG001 - called like its siblings
    """Say it in Python."""
    split = "print(wn.thermodynamics.production_split(ness.network, ness.state))  # real baths, probes"
    return [
        "for label, production, flux in zip(ness.network.bath_labels, ness.entropy_production, ness.entropy_flux):",
        '    print(f"{label:16s} {production:14.6g} {flux:14.6g}")',
        *([split] if isinstance(state.ness, SteadyState) else []),
        *drawing_lines(
            "axes, labels = figure.subplots(), ness.network.bath_labels",
            "wn.plotting.plot_balance(axes, labels, ness.entropy_production, ness.entropy_flux)",
        ),
    ]


BALANCE = Panel("balance", "Balance", show, draw, lines)
