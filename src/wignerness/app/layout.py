"""The page: what stands where. What it shows comes from the answers."""

from __future__ import annotations

import json
from typing import Any

import dash_cytoscape
from dash import dcc, html

from .families import FAMILIES
from .network_view import stylesheet
from .panels import PANELS
from .view import STARTS

__all__ = ["page"]

_SAVE = (
    ("Spec", (("toml", "TOML"), ("python", "Python"))),
    ("Data", (("netcdf", "NetCDF"), ("csv", "CSV"))),
    ("Panel", (("png", "PNG"), ("svg", "SVG"), ("pdf", "PDF"))),
    ("Network", (("network-png", "PNG"), ("network-svg", "SVG"), ("network-pdf", "PDF"))),
)
_START_NAMES = {
    "vacuum": "vacuum", "thermal": "thermal", "coherent": "coherent", "squeezed": "squeezed vacuum",
    "spec": "as in the spec’s [evolve]",
}  # fmt: skip


def page() -> html.Div:
    """Return the layout of the page."""
    return html.Div(
        [
            _header(),
            html.Div(id="message", role="alert", hidden=True),
            html.Main([_sidebar(), _stage()], id="main"),
            html.Div(id="tip", role="tooltip", hidden=True),
            html.Output(id="said", className="unseen", **_more({"aria-live": "polite"})),
            dcc.Store(id="request"),
            dcc.Store(id="answer"),
            dcc.Store(id="news"),
            dcc.Store(id="saved"),
            dcc.Store(id="wish"),
            dcc.Store(id="job"),
            dcc.Interval(id="clock", interval=250, disabled=True),
            dcc.Download(id="download"),
            html.Div(json.dumps({theme: stylesheet(theme) for theme in ("light", "dark")}), id="looks", hidden=True),
            html.Div(id="unused", hidden=True),
        ],
        id="page",
    )


def _more(attributes: dict[str, str]) -> Any:
    """Return attributes that Dash takes but does not declare."""
    return attributes


def _button(label: str, name: str, title: str, **more: Any) -> html.Button:
    return html.Button(label, id=name, title=title, type="button", **more)


def _header() -> html.Header:
    families = [html.Option("Choose a model …", value="", disabled=True, selected=True)]
    families += [html.Option(title, value=name) for name, (title, _) in FAMILIES.items()]
    return html.Header(
        [
            html.H1("wignerness"),
            html.Span(id="title"),
            html.Select(families, id="family", **_more({"aria-label": "Choose a model"})),
            _button("Load …", "load", "Load a spec (TOML) of this computer"),
            html.Details(
                [html.Summary("Save …"), html.Div([_saving(*row) for row in _SAVE], className="menu")], id="save"
            ),
            _button("Copy link", "link", "Copy an address that restores this view"),
            html.Span(className="space"),
            _button("↶ Undo", "undo", "Undo (Ctrl+Z)", disabled=True),
            _button("↷ Redo", "redo", "Redo (Ctrl+Shift+Z)", disabled=True),
            _button("◐", "theme", "Light or dark", **_more({"aria-label": "Light or dark"})),
        ]
    )


def _saving(name: str, kinds: tuple[tuple[str, str], ...]) -> html.Div:
    buttons = [html.Button(label, type="button", **_more({"data-save": kind})) for kind, label in kinds]
    return html.Div([html.Span(name), *buttons])


def _sidebar() -> html.Section:
    return html.Section(
        [
            html.Div(
                [
                    html.Label("Element", htmlFor="element"),
                    html.Select([html.Option("click one, or choose", value="")], id="element"),
                ],
                className="row",
            ),
            html.Div(id="groups"),
        ],
        id="sidebar",
        **_more({"aria-label": "Parameters"}),
    )


def _stage() -> html.Section:
    return html.Section([_numbers(), _network(), _panel()], id="stage")


def _numbers() -> html.Div:
    return html.Div(id="numbers", role="group", **_more({"aria-label": "Totals"}))


def _network() -> html.Div:
    drawn = dash_cytoscape.Cytoscape(
        id="network",
        elements=[],
        layout={"name": "preset", "fit": False},
        stylesheet=stylesheet("light"),
        style={"width": "100%", "height": "100%"},
        minZoom=0.05,
        maxZoom=1.8,
        autoRefreshLayout=False,
        clearOnUnhover=True,
        boxSelectionEnabled=False,
        autounselectify=True,
        wheelSensitivity=1,
    )
    legend = html.Div(
        [html.Span(id="low"), html.Span(className="scale"), html.Span(id="high"), html.Span("occupation")], id="legend"
    )
    label = _more({"aria-label": "The network; choose its elements under Element"})
    return html.Div([drawn, legend, html.Div(id="undrawn"), _fit()], id="drawing", role="group", **label)


def _fit() -> html.Button:
    return _button("⤢", "fit", "Fit the drawing", **_more({"aria-label": "Fit the drawing"}))


def _panel() -> html.Div:
    tabs = [
        html.Button(
            panel.title,
            type="button",
            role="tab",
            id=f"tab-{name}",
            **_more({"data-panel": name, "aria-controls": "shown"}),
        )
        for name, panel in PANELS.items()
    ]
    figure = dcc.Graph(
        id="figure",
        figure={"data": [], "layout": {}},
        responsive=True,
        config={"displaylogo": False, "displayModeBar": False},
    )
    return html.Div(
        [
            html.Div(tabs, role="tablist", id="tabs", **_more({"aria-label": "Panels"})),
            _choices(),
            html.Div(
                [figure, html.Div(id="tables", hidden=True), html.Div(id="instead", role="status", hidden=True)],
                id="shown",
                role="tabpanel",
            ),
        ],
        id="panel",
    )


def _choices() -> html.Div:
    starts = [html.Option(_START_NAMES[name], value=name) for name in STARTS]
    return html.Div(
        [
            html.Div([html.Label("Node", htmlFor="mode"), html.Select([], id="mode")], id="of-mode"),
            html.Div(
                [
                    html.Label("Start", htmlFor="start"),
                    html.Select(starts, id="start"),
                    html.Label("", htmlFor="strength", id="strength-label"),
                    html.Span(id="strength-box"),
                    html.Span(id="follow-box"),
                ],
                id="of-start",
            ),
        ],
        id="choices",
    )
