"""What the charts of all panels have in common: colors, axes, lines, in the manner of the library's figures."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any, TypeAlias

__all__ = ["Chart", "axis", "bars", "chart", "cycle", "heat", "line", "logarithmic", "marks", "note", "palette", "safe"]

Chart: TypeAlias = dict[str, Any]

# Okabe and Ito's, as in the library's styles, the first two as in its Fig. 3: real baths and probes. On black they are lighter.
_PALETTES = {
    "light": {
        "paper": "#ffffff", "ink": "#1d2329", "faint": "#e7eaed", "muted": "#7c858d", "exact": "#1d2329",
        "real": "#D55E00", "probes": "#0072B2", "flux": "#009E73", "total": "#CC79A7", "rate": "#56B4E9",
    },
    "dark": {
        "paper": "#16191d", "ink": "#e4e8ec", "faint": "#2a2f36", "muted": "#868f98", "exact": "#e4e8ec",
        "real": "#F28E4B", "probes": "#56B4E9", "flux": "#35C29A", "total": "#DE9CC1", "rate": "#F0C75E",
    },
}  # fmt: skip
_CYCLES = {
    "light": ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#777777", "#8C6D31"),
    "dark": ("#56B4E9", "#F28E4B", "#35C29A", "#DE9CC1", "#F0C75E", "#9AD1F5", "#a0a0a0", "#C2A56A"),
}
# From white (or the paper) to blue, as the library draws Wigner functions.
_SHADES = {
    "light": [[0, "#ffffff"], [0.55, "#0072B2"], [1, "#00304a"]],
    "dark": [[0, "#16191d"], [0.6, "#3f9fd8"], [1, "#e8f5fd"]],
}
_FONT = "system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif"
_GAP = 0.125
_DECADES_APART = 30.0


def palette(theme: str) -> dict[str, str]:
    """Return the colors of a theme."""
    return _PALETTES.get(theme, _PALETTES["light"])


def cycle(theme: str) -> tuple[str, ...]:
    """Return colors for curves of one kind, told apart by everyone."""
    return _CYCLES.get(theme, _CYCLES["light"])


def safe(text: object) -> str:
    """Return a label from outside without what a chart would take for markup."""
    return html.escape(str(text), quote=False)


def axis(title: str, **more: Any) -> Chart:
    """Return an axis with a title."""
    return {"title": {"text": title, "standoff": 6}, **more}


def chart(
    traces: Sequence[Chart], axes: Sequence[tuple[Chart, Chart]], theme: str, *, is_tall: bool = False, **layout: Any
) -> Chart:
    """Return a chart of one or several fields, each with an axis x and an axis y: beside each other, or stacked."""
    colors = palette(theme)
    common = {
        "showline": True, "mirror": True, "linecolor": colors["muted"], "linewidth": 1, "ticks": "inside", "ticklen": 4,
        "tickcolor": colors["muted"], "gridcolor": colors["faint"], "zeroline": False, "exponentformat": "power",
    }  # fmt: skip
    found: Chart = {
        "paper_bgcolor": colors["paper"],
        "plot_bgcolor": colors["paper"],
        "font": {"family": _FONT, "size": 12, "color": colors["ink"]},
        "margin": {"l": 64, "r": 18, "t": 34, "b": 42},
        "showlegend": True,
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "bgcolor": "rgba(0,0,0,0)"},
        "hoverlabel": {"font": {"family": _FONT, "size": 12}},
        "uirevision": "kept",
        "colorway": list(cycle(theme)),
    }
    for place, (x, y) in enumerate(axes):
        number = "" if place == 0 else str(place + 1)
        across, up = _domains(place, len(axes), is_tall)
        found[f"xaxis{number}"] = common | {"domain": across, "anchor": f"y{number}"} | x
        found[f"yaxis{number}"] = common | {"domain": up, "anchor": f"x{number}"} | y
    return {"data": list(traces), "layout": found | layout}


def _domains(place: int, count: int, is_tall: bool) -> tuple[list[float], list[float]]:
    width = (1 - _GAP * (count - 1)) / count
    start = place * (width + _GAP)
    part = [start, start + width]
    return ([0.0, 1.0], [1 - part[1], 1 - part[0]]) if is_tall else (part, [0.0, 1.0])


def _on(field: int) -> Chart:
    return {} if field == 0 else {"xaxis": f"x{field + 1}", "yaxis": f"y{field + 1}"}


def logarithmic(values: Sequence[float], title: str) -> Chart:
    """Return a logarithmic axis, with labels at full decades where there are several."""
    low, high = min(values), max(values)
    wide = low > 0 and high / low > _DECADES_APART
    minor = {"ticks": "inside", "ticklen": 2, "dtick": "D1", "showgrid": False}
    return axis(title, type="log", **({"dtick": 1, "minor": minor} if wide else {}))


def line(name: str, x: Sequence[Any], y: Sequence[Any], color: str, *, field: int = 0, **more: Any) -> Chart:
    """Return a line."""
    look = {"color": color, "width": more.pop("width", 1.8)} | ({"dash": more.pop("dash")} if "dash" in more else {})
    return {"type": "scatter", "mode": "lines", "name": name, "x": x, "y": y, "line": look, **_on(field), **more}


def marks(
    name: str, x: Sequence[Any], y: Sequence[Any], color: str, *, field: int = 0, symbol: str = "circle", **more: Any
) -> Chart:
    """Return open markers."""
    look = {"color": color, "symbol": f"{symbol}-open", "size": more.pop("size", 8), "line": {"width": 1.6}}
    return {"type": "scatter", "mode": "markers", "name": name, "x": x, "y": y, "marker": look, **_on(field), **more}


def bars(name: str, x: Sequence[Any], y: Sequence[Any], color: str, *, field: int = 0, **more: Any) -> Chart:
    """Return bars."""
    return {"type": "bar", "name": name, "x": x, "y": y, "marker": {"color": color}, **_on(field), **more}


def heat(
    x: Sequence[Any], y: Sequence[Any], z: Sequence[Any], theme: str, *, is_tall: bool, of: int = 2, **more: Any
) -> Chart:
    """Return a map in the first of several fields, with a bar of its colors to the right of that."""
    across, up = _domains(0, of, is_tall)
    bar = {
        "thickness": 11, "outlinewidth": 0, "x": across[1] + 0.008, "xanchor": "left", "len": up[1] - up[0],
        "y": (up[0] + up[1]) / 2, "exponentformat": "power", "tickfont": {"size": 11},
    }  # fmt: skip
    look = {"colorscale": more.pop("colorscale", _SHADES.get(theme, _SHADES["light"])), "colorbar": bar}
    return {"type": "heatmap", "x": x, "y": y, "z": z, **look, **more}


def note(text: str, theme: str, *, x: float = 1.0, xanchor: str = "right") -> Chart:
    """Return a short text above the chart, at its right end by default."""
    return {
        "text": text, "showarrow": False, "xref": "paper", "yref": "paper", "x": x, "y": 1.02, "xanchor": xanchor,
        "yanchor": "bottom", "font": {"size": 12, "color": palette(theme)["muted"]},
    }  # fmt: skip
