"""An audit as one HTML page that needs nothing else: text, tables, and figures within it."""

from __future__ import annotations

import base64
import datetime
import html
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import plotting
from .._text import shorten
from ..bath import ThermalBath
from ..theories import Local
from .agreement import value_of
from .record import percent
from .scales import normal_frequencies

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .record import Audit, Errors

__all__ = ["html_report"]

_ROWS = 40  # of a table; of longer ones the ends
_CURVES = 5  # baths that a figure shows
_MARGIN = 0.25  # of the band, to both sides of it
_WORDS = {"pass": "pass", "warn": "strained", "fail": "fail", "undecided": "undecided"}
_STYLE = """
:root { color-scheme: light; }
body { font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; color: #222; background: #fff;
  max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: .2rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
p.about { color: #666; margin-top: 0; }
.verdict { border-left: .45rem solid; padding: .8rem 1rem; margin: 1rem 0; border-radius: .2rem; }
.verdict strong { display: block; font-size: 1.15rem; margin-bottom: .2rem; }
.trust { border-color: #2e7d32; background: #edf7ee; } .fail { border-color: #b3261e; background: #fdeeed; }
.undecided { border-color: #8a6d00; background: #fdf6e0; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0; font-size: .92rem; }
th, td { text-align: left; padding: .32rem .6rem; border-bottom: 1px solid #ddd; vertical-align: top; }
th { border-bottom: 2px solid #999; } td.number, th.number { text-align: right; font-variant-numeric: tabular-nums;
  white-space: nowrap; }
.tag { display: inline-block; padding: 0 .5rem; border-radius: .7rem; font-size: .85rem; white-space: nowrap; }
.tag.pass { background: #d9efdb; } .tag.warn { background: #fbe9b7; } .tag.fail { background: #f8cfcc; }
.tag.undecided { background: #e6e1d3; }
code { font-size: .95em; } figure { margin: 1rem 0; } figure img { max-width: 100%; height: auto; }
figcaption { color: #555; font-size: .9rem; }
footer { margin-top: 2.5rem; color: #666; font-size: .85rem; border-top: 1px solid #ddd; padding-top: .6rem; }
@media print { body { margin: 0; } .verdict, .tag { print-color-adjust: exact; } tr { break-inside: avoid; } }
"""


def html_report(audit: Audit) -> str:
    """The page.

    Raises
    ------
    MissingExtraError
        If Matplotlib is not installed.
    """
    from .. import __version__

    title = f"Audit of {audit.network!r}"
    parts = [
        f"<h1>{_safe(title)}</h1>",
        f'<p class="about">Is the local master equation right here? wignerness {_safe(__version__)}, {_today()}.</p>',
        _verdict(audit),
        "<h2>Checks</h2>",
        _checks(audit),
        *_theories(audit),
        *_steady_states(audit),
        "<h2>Baths</h2>",
        _baths(audit),
        *_assumptions(audit),
        f"<footer>{_FOOTER}</footer>",
    ]
    body = "\n".join(parts)
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{_safe(title)}</title>\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<style>{_STYLE}</style>\n</head>\n'
        f"<body>\n{body}\n</body>\n</html>\n"
    )


_FOOTER = (
    "Units: &#8463; = k<sub>B</sub> = 1. Currents and heat are positive into the bath. Errors of currents are relative to "
    "the largest of their kind, those of occupations relative to n + 1/2. A strained assumption is one that a "
    "derivation makes and that does not hold well here; whether that matters is for the comparison with the reference to "
    "say."
)


def _safe(text: object) -> str:
    return html.escape(str(text))


def _today() -> str:
    return datetime.datetime.now(datetime.UTC).date().isoformat()


def _verdict(audit: Audit) -> str:
    kind = "trust" if audit.trust else "undecided" if audit.is_undecided else "fail"
    head, grounds = _safe(audit.headline), _safe(audit.grounds)
    found = f'<div class="verdict {kind}"><strong>{head}</strong>{grounds}</div>'
    return found if isinstance(audit.used, Local) else found + _used(audit)


def _used(audit: Audit) -> str:
    judgment = audit.of_used
    kind = {True: "trust", False: "fail", None: "undecided"}[judgment.trust]
    return f'<div class="verdict {kind}"><strong>Used is another theory.</strong>{_safe(judgment.words)}</div>'


def _checks(audit: Audit) -> str:
    rows = [
        (
            _safe(check.name),
            _number(check.value),
            _number(check.threshold),
            f'<span class="tag {check.verdict}">{_WORDS[check.verdict]}</span>',
            _safe(check.explanation),
        )
        for check in audit.checks
    ]
    return _table(("check", "found", "limit", "verdict", "what it means"), rows, numbers=(1, 2))


def _theories(audit: Audit) -> list[str]:
    if not audit.errors:
        return []
    rows = [_theory_row(errors, audit) for errors in audit.errors]
    head = ("theory", "occupations", "number currents", "heat currents", "heat / temperature", "remarks")
    reference = f"<p>Largest errors against <code>{_safe(repr(audit.reference))}</code>.</p>"
    kinds = {"occupations": "occupations", "number currents": "bath_currents", "heat currents": "heat_currents"}
    drawn = {
        repr(errors.theory): {words: getattr(errors, name) for words, name in kinds.items()}
        for errors in audit.errors
        if not errors.refusal
    }
    figure = _figure(
        lambda axes: plotting.plot_theory_errors(axes, drawn, audit.tolerance),
        "Error of every theory, by quantity.",
        height=0.9 + 0.75 * len(drawn),
    )
    return ["<h2>Theories</h2>", reference, _table(head, rows, numbers=(1, 2, 3, 4)), figure]


def _theory_row(errors: Errors, audit: Audit) -> tuple[str, ...]:
    name = f"<code>{_safe(repr(errors.theory))}</code>"
    if errors.refusal:
        return name, "", "", "", "", f"not applicable: {_safe(errors.refusal)}"
    remarks = [_safe(fault) for fault in errors.faults]
    if errors.theory == audit.recommended:
        remarks.insert(0, "<strong>recommended</strong>")
    found = (percent(value) for value in (errors.occupations, errors.bath_currents, errors.heat_currents))
    return name, *map(_safe, found), _number(errors.clausius), "; ".join(remarks)


def _steady_states(audit: Audit) -> list[str]:
    if audit.comparison is None or not audit.errors:
        return []
    network, accounts = audit.network, audit.comparison.accounts
    names = [repr(account.theory) for account in accounts]
    parts = ["<h2>Steady states</h2>"]
    for quantity, title, labels in (
        ("heat_currents", "heat into", network.bath_labels),
        ("bath_currents", "excitations into", network.bath_labels),
        ("occupations", "occupation of", network.labels),
    ):
        columns = [value_of(account, quantity) for account in accounts]
        rows = [
            (_safe(shorten(label)), *("-" if column is None else f"{column[k]:.6g}" for column in columns))
            for k, label in enumerate(labels)
        ]
        parts.append(_table((title, *map(_safe, names)), rows, numbers=range(1, len(names) + 1)))
    heats = {name: value_of(account, "heat_currents") for name, account in zip(names, accounts, strict=True)}
    drawn = {name: heat for name, heat in heats.items() if heat is not None}
    figure = _figure(
        lambda axes: plotting.plot_theory_currents(axes, [shorten(label, 14) for label in network.bath_labels], drawn),
        "Heat into every bath, by theory.",
    )
    return [*parts, figure]


def _baths(audit: Audit) -> str:
    network = audit.network
    rows = []
    for label, bath in zip(network.bath_labels, network.baths, strict=True):
        node = getattr(bath, "mode", None)
        values = [getattr(bath, name, None) for name in ("rate", "occupation", "bath_temperature", "frequency")]
        spectrum = getattr(bath, "spectrum", None)
        shown = (
            "flat"
            if spectrum is None and isinstance(bath, ThermalBath)
            else "-"
            if spectrum is None
            else repr(spectrum)
        )
        rows.append(
            (
                _safe(shorten(label)),
                "-" if node is None else _safe(shorten(network.labels[node])),
                *map(_number, values),
                _safe(shorten(shown)),
            )
        )
    head = ("bath", "node", "rate", "occupation", "temperature", "at frequency", "spectrum")
    return _table(head, rows, numbers=(2, 3, 4, 5)) + _bath_figure(audit)


def _bath_figure(audit: Audit) -> str:
    """Occupations over the band of the normal modes: what varies there is what the local equation leaves out."""
    network = audit.network
    levels = normal_frequencies(network)
    warm = [
        (shorten(label, 20), bath)
        for label, bath in zip(network.bath_labels, network.baths, strict=True)
        if isinstance(bath, ThermalBath) and bath.bath_temperature and bath.rate
    ][:_CURVES]
    if not warm or levels[0] <= 0.0:
        return ""
    ends = [*levels[[0, -1]], *(float(bath.frequency or levels[0]) for _, bath in warm)]
    low, high = min(ends), max(ends)
    room = max(_MARGIN * (high - low), 0.02 * high)
    omega = np.linspace(max(low - room, 0.2 * low), high + room, 200)
    curves = {label: bath.occupation_at(omega) for label, bath in warm}
    points = {label: (float(bath.frequency or 0.0), bath.occupation) for label, bath in warm}
    return _figure(
        lambda axes: plotting.plot_bath_occupations(axes, omega, curves, points, levels),
        "What baths impose at every frequency (lines), and what the local equation takes of it, at all frequencies alike "
        "(dotted). Vertical lines: normal modes.",
    )


def _assumptions(audit: Audit) -> list[str]:
    if not audit.assumptions:
        return []
    items = "".join(f"<li>{_safe(text)}</li>" for text in audit.assumptions)
    return ["<h2>Assumed, and left out</h2>", f"<ul>{items}</ul>"]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: Iterable[int]) -> str:
    """Cells are HTML already."""
    right = set(numbers)

    def line(cells: Sequence[str], tag: str) -> str:
        kinds = [' class="number"' if k in right else "" for k in range(len(cells))]
        return (
            "<tr>" + "".join(f"<{tag}{kind}>{cell}</{tag}>" for kind, cell in zip(kinds, cells, strict=True)) + "</tr>"
        )

    shown = list(rows)
    if len(shown) > _ROWS:
        half = _ROWS // 2
        gap = (f"... {len(shown) - 2 * half} more", *([""] * (len(head) - 1)))
        shown = [*shown[:half], gap, *shown[-half:]]
    body = "\n".join(line(row, "td") for row in shown)
    return f"<table>\n<thead>{line(head, 'th')}</thead>\n<tbody>\n{body}\n</tbody>\n</table>"


def _figure(draw: Callable[[Axes], Any], caption: str, *, height: float = 3.2) -> str:
    """The picture within the page, as an image that needs no other file."""
    with plotting.screen():
        figure = plotting.new_figure(7.2, height)
        draw(figure.subplots())
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "figure.svg"
            plotting.save(figure, path, "svg")
            content = base64.b64encode(path.read_bytes()).decode("ascii")
    source = f"data:image/svg+xml;base64,{content}"
    return f'<figure><img src="{source}" alt="{_safe(caption)}"><figcaption>{_safe(caption)}</figcaption></figure>'


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"
