"""The tables that commands print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from .._text import counted, shorten

if TYPE_CHECKING:
    from ..paper import ReproductionReport

_ROWS_SHOWN = 24
_LONGEST_LABEL = 40
_LONGEST_TITLE = 120
# Wide enough for every table: what goes into a file or a pipe is not folded.
_PLAIN_WIDTH = 160

# Key in the document, title of the column.
Column = tuple[str, str]
Row = Mapping[str, Any]

_NODES: tuple[Column, ...] = (("frequency", "frequency"), ("occupations", "occupation"))
_BATHS: tuple[Column, ...] = (
    ("occupation", "n"),
    ("bath_currents", "current J"),
    ("heat_currents", "heat current"),
    ("entropy_flux", "flux Φ"),
    ("entropy_production", "production Π"),
)
_EDGES: tuple[Column, ...] = (("currents", "current j"), ("energy_currents", "energy current"))


def print_document(document: Mapping[str, Any], *, full: bool = False, console: Console | None = None) -> None:
    """Print a steady state as tables.

    Parameters
    ----------
    document : dict
        Of `wignerness.io.to_document`.
    full : bool
        Whether long tables are printed whole.
    console : Console, optional
        Where to; by default standard output.
    """
    console = console or Console(highlight=False)
    units, totals = document["units"], document["totals"]
    parts: list[RenderableType] = [
        _head(document),
        _table(["node"], _NODES, units, document["nodes"], full),
        _table(["bath"], _BATHS, units, document["baths"], full, totals),
    ]
    if document["edges"]:
        parts.append(_table(["into", "from"], _EDGES, units, document["edges"], full))
    parts.append(_values(document))
    if document["omitted"]:
        parts.append(_omitted(document, full))
    if not full and max(len(document[key]) for key in ("nodes", "baths", "edges")) > _ROWS_SHOWN:
        parts.append(Text("Long tables are shortened; --full prints every row.", "dim"))
    print_parts(parts, console)


def print_parts(parts: Sequence[RenderableType], console: Console) -> None:
    """Print tables and texts one below the other; into a file or a pipe unfolded, and without trailing blanks."""
    if console.is_terminal:
        console.print(*parts, sep="\n")
        return
    console.width = max(console.width, _PLAIN_WIDTH)
    with console.capture() as capture:
        console.print(*parts, sep="\n")
    console.file.write("".join(line.rstrip() + "\n" for line in capture.get().splitlines()))


def _head(document: Mapping[str, Any]) -> Text:
    solver = document["solver"]
    bound = "not estimated" if solver["error_bound"] is None else f"at most {solver['error_bound']:.1e}"
    title = f"{shorten(document['title'], _LONGEST_TITLE)}\n" if document["title"] else ""
    unit = document["units"]["rate"]
    word, residual = ("theory", "") if solver["residual"] is None else ("solver", _residual(solver["residual"]))
    notes = "".join(f"\nnote      {note}" for note in document["theory"]["notes"])
    return Text.assemble(
        (title, "bold"),
        f"{counted(len(document['nodes']), 'node')}, {counted(len(document['baths']), 'bath')}; rates and frequencies in ",
        f"{'one unit' if unit == 'rate' else unit}, hbar = k_B = 1\n",
        f"{word}    {solver['name']}: {solver['reason']}\n",
        f"accuracy  {residual}error of an occupation {bound}{notes}",
    )


def _residual(size: float) -> str:
    return f"relative residual {size:.1e}, "


def _table(
    names: Sequence[str],
    columns: Sequence[Column],
    units: Mapping[str, str],
    rows: Sequence[Row],
    full: bool,
    totals: Mapping[str, float] | None = None,
) -> Table:
    present = [column for column in columns if rows and column[0] in rows[0]]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_footer=totals is not None)
    for position, name in enumerate(names):
        table.add_column(name, Text("total") if not position else "", overflow="fold")
    for key, title in present:
        total = _number(totals[key]) if totals and key in totals else ""
        table.add_column(_header(title, units.get(key, "1")), total, justify="right", no_wrap=True)
    keys = ["label"] if len(names) == 1 else names
    for row in _shortened(rows, full):
        if row is None:
            table.add_row(*["..."] * (len(names) + len(present)))
        else:
            table.add_row(
                *(Text(shorten(row[key], _LONGEST_LABEL)) for key in keys), *(_number(row[key]) for key, _ in present)
            )
    return table


def _header(title: str, unit: str) -> Text:
    return Text.assemble(title, ("" if unit == "1" else f"\n{unit}", "dim"))


def _shortened(rows: Sequence[Row], full: bool) -> list[Row | None]:
    """Leave out the middle of a long list; None stands for it."""
    if full or len(rows) <= _ROWS_SHOWN:
        return list(rows)
    half = _ROWS_SHOWN // 2
    return [*rows[:half], None, *rows[-half:]]


def _values(document: Mapping[str, Any]) -> Table:
    table = Table.grid(padding=(0, 2))
    for name, value in document["values"].items():
        unit = document["units"][name]
        table.add_row(Text(name.replace("_", " ")), _number(value), Text("" if unit == "1" else unit, "dim"))
    return table


def _omitted(document: Mapping[str, Any], full: bool) -> Text:
    reasons = {name.replace("_", " "): reason for name, reason in document["omitted"].items()}
    if full:
        return Text("\n".join(f"{name} is undefined: {reason}" for name, reason in reasons.items()), "dim")
    return Text(f"Undefined for this network: {', '.join(reasons)} (--full tells why).", "dim")


def _number(value: float | None) -> Text:
    return Text("-" if value is None else f"{value:.6g}", justify="right")


def print_report(report: ReproductionReport, *, console: Console | None = None) -> None:
    """Print which files were written and how each equation and claim fared.

    Parameters
    ----------
    report : ReproductionReport
        Of `wignerness.paper.reproduce`.
    console : Console, optional
        Where to; by default standard output.
    """
    parts: list[RenderableType] = []
    if report.records:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for title in ("equation", "compared", "largest error", "tolerance", ""):
            table.add_column(title, overflow="fold")
        for record in report.records:
            corrected = " (printed form corrected)" if record.correction else ""
            errors = (f"{record.error:.1e}", f"{record.tolerance:.0e}")
            table.add_row(*map(Text, (f"({record.number})", record.what + corrected, *errors)), _verdict(record.passed))
        parts.append(table)
    if report.claims:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for title in ("claim that does not hold in general", "counterexample", ""):
            table.add_column(title, overflow="fold")
        for claim in report.claims:
            table.add_row(Text(claim.claim), Text(claim.system), _verdict(claim.shown, "shown"))
        parts.append(table)
    parts += [Text(f"Written: {file}") for file in report.files]
    print_parts(parts, console or Console(highlight=False))


def _verdict(passed: bool, word: str = "pass") -> Text:
    return Text(word, "green") if passed else Text("FAIL", "bold red")
