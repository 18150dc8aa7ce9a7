"""The network as elements for Cytoscape: nodes by occupation, links by current, baths as badges."""

from __future__ import annotations

import math
from typing import Any, TypeAlias

from ..bath import KINDS, JumpBath, ThermalBath
from ..network import Network
from .figures import palette
from .solving import Solved

__all__ = ["drawing", "stylesheet"]

Element: TypeAlias = dict[str, Any]
Place: TypeAlias = tuple[float, float]

_MOST_DRAWN = 600
_WITH_NUMBERS = 40
_PITCH = 92.0  # pixels between linked nodes
_CLEAR = 36.0  # from the center of a node to the rim of a badge
_PROBE = 17.0
_LONGEST = 12
_FAN = (0.0, 0.9, -0.9, 1.8, -1.8, math.pi)
# Matplotlib's cividis, at equal steps.
_CIVIDIS = (
    "#00224e",
    "#123570",
    "#3b496c",
    "#575d6d",
    "#707173",
    "#8a8678",
    "#a59c74",
    "#c3b369",
    "#e1cc55",
    "#fee838",
)
_LETTERS = {"squeezed": "squeezed", "probe": "P", "jump": "jump", "dephasing": "dephasing"}
_REST = 1e-9  # of the largest current: below it no arrow is drawn


def drawing(state: Solved) -> dict[str, Any]:
    """Return the elements, and the range of occupations for the legend.

    Returns
    -------
    dict
        ``elements``; ``low`` and ``high``; ``beside``, whether it is rather high than wide; ``text`` in place of a drawing that would be too large to read.
    """
    network, unit = state.ness.network, state.run.unit
    occupations = state.ness.occupations.tolist()
    low, high = min(occupations), max(occupations)
    found: dict[str, Any] = {"low": f"{low:.4g}", "high": f"{high:.4g}"}
    if network.n_modes > _MOST_DRAWN:
        return found | {"elements": [], "text": f"{network.n_modes} nodes are not drawn: more than {_MOST_DRAWN}."}
    places = [(_PITCH * x, -_PITCH * y) for x, y in state.places]
    nodes = [_node(k, network.labels[k], occupations, places[k], (low, high)) for k in range(network.n_modes)]
    edges = _edges(state, unit)
    return found | {"beside": state.is_tall, "elements": nodes + edges + _badges(state, places, unit)}


def _node(index: int, label: str, occupations: list[float], place: Place, ends: tuple[float, float]) -> Element:
    low, high = ends
    value = occupations[index]
    share = (value - low) / (high - low) if high - low > 1e-12 * max(abs(high), 1e-300) else 0.5
    short = label if len(label) <= 9 else f"{label[:8]}…"
    text = f"{short}\n{value:.3g}" if len(occupations) <= _WITH_NUMBERS else short
    tip = [f"node {label}", f"occupation {value:.8g}"]
    data = {"id": f"n{index}", "label": text, "color": _shade(share), "ink": "#fff" if share < 0.6 else "#000"}
    return {
        "data": data | {"tip": tip},
        "position": {"x": place[0], "y": place[1]},
        "classes": "mode",
    }


def _shade(share: float) -> str:
    """Return a color between two neighbors of the scale."""
    place = min(max(share, 0.0), 1.0) * (len(_CIVIDIS) - 1)
    below = min(int(place), len(_CIVIDIS) - 2)
    first, second = (
        [int(_CIVIDIS[k][at : at + 2], 16) for at in (1, 3, 5)] for k in (below, below + 1)
    )  # fmt: skip
    mixed = [round(a + (b - a) * (place - below)) for a, b in zip(first, second, strict=True)]
    return "#{:02x}{:02x}{:02x}".format(*mixed)


def _edges(state: Solved, unit: str) -> list[Element]:
    network, currents = state.ness.network, state.ness.currents
    rows, columns = network.hamiltonian.nonzero()
    pairs = [(int(k), int(m)) for k, m in zip(rows, columns, strict=True) if k < m]
    flows = [float(currents[k, m]) for k, m in pairs]
    largest = max(map(abs, flows), default=0.0)
    against = _against(state)
    return [
        _edge(number, pair, flow, largest, unit, is_against=pair in against, labels=network.labels)
        for number, (pair, flow) in enumerate(zip(pairs, flows, strict=True))
    ]


def _against(state: Solved) -> set[tuple[int, int]]:
    """The links whose current flows against its affinity."""
    terms = state.links
    if isinstance(terms, Exception):
        return set()
    ends = zip(terms.into.tolist(), terms.source.tolist(), terms.is_against.tolist(), strict=True)
    return {(min(k, m), max(k, m)) for k, m, is_against in ends if is_against}


def _edge(
    number: int, pair: tuple[int, int], flow: float, largest: float, unit: str, *, is_against: bool, labels: Any
) -> Element:
    into, source = pair if flow >= 0 else pair[::-1]
    share = abs(flow) / largest if largest > 0 else 0.0
    rests = share <= _REST
    tip = [f"link {labels[pair[0]]} – {labels[pair[1]]}"]
    tip.append("no current" if rests else f"current {abs(flow):.6g} {unit}, {labels[source]} → {labels[into]}")
    if is_against:
        tip.append("flows against its affinity")
    classes = ["link", "rests" if rests else ("backward" if flow >= 0 else "forward")]
    return {
        "data": {
            "id": f"e{number}", "source": f"n{pair[0]}", "target": f"n{pair[1]}", "width": round(1.5 + 5.5 * share, 2),
            "depth": round(0.35 + 0.65 * share, 3), "tip": tip,
        },
        "classes": " ".join([*classes, "against"] if is_against else classes),
    }  # fmt: skip


def _badges(state: Solved, places: list[Place], unit: str) -> list[Element]:
    network = state.ness.network
    taken: dict[int, int] = {}
    warmth = _warmths(network)
    elements: list[Element] = []
    for number, bath in enumerate(network.baths):
        kind = KINDS[type(bath)]
        shade = warmth.get(number, "")
        label = bath.name or _LETTERS.get(kind, shade or "bath")
        label = label if len(label) <= _LONGEST else f"{label[: _LONGEST - 1]}…"
        wide = _PROBE if kind == "probe" else 12 + 6.2 * len(label)
        data = {"label": label, "wide": wide, "tip": _bath_tip(state, number, kind, unit)}
        for host in bath.support if isinstance(bath, JumpBath) else (bath.mode,):
            order = taken[host] = taken.get(host, -1) + 1
            name = f"b{number}-{host}"
            x, y = _beside(host, order, wide, network, places)
            place = {"position": {"x": x, "y": y}, "classes": f"bath {kind} {shade}".strip()}
            elements.append({"data": data | {"id": name}, **place})
            elements.append({"data": {"id": f"t{name}", "source": name, "target": f"n{host}"}, "classes": "tie"})
    return elements


def _bath_tip(state: Solved, number: int, kind: str, unit: str) -> list[str]:
    """What is told of a bath under the pointer."""
    bath, title = state.ness.network.baths[number], state.ness.network.bath_labels[number]
    row = {key: getattr(bath, key, None) for key in ("rate", "occupation")}
    row |= {key: column[number] for key, column in state.bath_columns.items()}
    first = f"{title} (self-consistent)" if kind == "probe" else title if kind in title else f"{title}, {kind}"
    lines = [f"{words} {row[key]:.6g}{after}" for words, key, after in _bath_lines(unit) if row.get(key) is not None]
    return [first, *lines]


def _bath_lines(unit: str) -> tuple[tuple[str, str, str], ...]:
    return (
        ("rate", "rate", f" {unit}"),
        ("occupation n =", "occupation", ""),
        ("current into it J =", "bath_currents", f" {unit}"),
        ("flux Φ =", "entropy_flux", f" nats·{unit}"),
        ("production Π =", "entropy_production", f" nats·{unit}"),
    )


def _warmths(network: Network) -> dict[int, str]:
    """Which thermal baths are the hottest and the coldest: by temperature where all have one, else by occupation."""
    thermal = {number: bath for number, bath in enumerate(network.baths) if isinstance(bath, ThermalBath)}
    temperatures = {number: bath.bath_temperature for number, bath in thermal.items()}
    if None in temperatures.values():
        levels = {number: bath.occupation for number, bath in thermal.items()}
    else:
        levels = {number: value for number, value in temperatures.items() if value is not None}
    low, high = min(levels.values(), default=0.0), max(levels.values(), default=0.0)
    names = {high: "hot", low: "cold"} if high > low else {}
    return {number: names.get(level, "") for number, level in levels.items()}


def _beside(host: int, order: int, wide: float, network: Network, places: list[Place]) -> Place:
    """Away from the neighbors of a node; below where they pull to all sides. Further badges fan out."""
    here = places[host]
    row = network.hamiltonian[[host]].nonzero()[-1].tolist()
    pulls = [(places[m][0] - here[0], places[m][1] - here[1]) for m in row if m != host]
    away = (-sum(x for x, _ in pulls), -sum(y for _, y in pulls))
    angle = math.atan2(away[1], away[0]) if math.hypot(*away) > 0.3 * _PITCH else math.pi / 2
    angle += _FAN[order % len(_FAN)]
    reach = _CLEAR + wide / 2 * abs(math.cos(angle)) + _PROBE / 2 * abs(math.sin(angle))
    return here[0] + reach * math.cos(angle), here[1] + reach * math.sin(angle)


def stylesheet(theme: str) -> list[dict[str, Any]]:
    """Return how the elements look in a theme."""
    colors = palette(theme)
    plain = {"font-family": "system-ui, sans-serif", "text-valign": "center", "text-halign": "center"}
    return [
        {
            "selector": ".mode",
            "style": plain
            | {
                "label": "data(label)", "background-color": "data(color)", "color": "data(ink)", "width": 40,
                "height": 40, "font-size": 11, "text-wrap": "wrap", "border-width": 1, "border-color": colors["muted"],
            },
        },
        {
            "selector": ".link",
            "style": {
                "curve-style": "straight", "width": "data(width)", "line-color": colors["probes"],
                "line-opacity": "data(depth)", "target-arrow-color": colors["probes"], "source-arrow-color": colors["probes"],
                "arrow-scale": 0.85, "target-distance-from-node": 3, "source-distance-from-node": 3,
            },
        },
        {
            "selector": ".rests",
            "style": {"line-color": colors["muted"], "line-style": "dashed", "line-opacity": 0.9, "width": 1.5},
        },
        {"selector": ".forward", "style": {"target-arrow-shape": "triangle"}},
        {"selector": ".backward", "style": {"source-arrow-shape": "triangle"}},
        {
            "selector": ".against",
            "style": {f"{part}-color": colors["real"] for part in ("line", "source-arrow", "target-arrow")},
        },
        {"selector": ".tie", "style": {"width": 1.5, "line-color": colors["muted"], "curve-style": "straight"}},
        {
            "selector": ".bath",
            "style": plain
            | {
                "label": "data(label)", "shape": "round-rectangle", "width": "data(wide)", "height": 20,
                "font-size": 10, "background-color": colors["paper"], "color": colors["ink"], "border-width": 1.2,
                "border-color": colors["muted"],
            },
        },
        {"selector": ".probe", "style": {"shape": "ellipse", "width": _PROBE, "height": _PROBE, "font-size": 9}},
        {"selector": ".hot", "style": {"background-color": "#D55E00", "border-color": "#D55E00", "color": "#fff"}},
        {"selector": ".cold", "style": {"background-color": "#0072B2", "border-color": "#0072B2", "color": "#fff"}},
        {"selector": ".squeezed", "style": {"background-color": "#CC79A7", "border-color": "#CC79A7", "color": "#000"}},
        {"selector": ".dephasing, .jump", "style": {"border-style": "dashed"}},
        {"selector": ":selected", "style": {"border-width": 3, "border-color": "#E69F00", "line-color": "#E69F00"}},
        {"selector": ".chosen", "style": {"border-width": 3, "border-color": "#E69F00", "line-color": "#E69F00"}},
    ]  # fmt: skip
