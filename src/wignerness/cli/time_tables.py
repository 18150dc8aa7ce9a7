"""Runs in time and trajectories as tables on the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from .tables import print_parts

_SHOWN = 12


def print_evolution(document: Mapping[str, Any], *, full: bool = False, console: Console | None = None) -> None:
    """Print one row a time: the occupations summed, flux and production summed, entropy and its rate."""
    table = Table(title="Run in time", title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("time", "excitations", "flux Φ", "production Π", "entropy S", "dS/dt"):
        table.add_column(name, justify="right", no_wrap=True)
    sums = [_sums(document[name]) for name in ("occupations", "entropy_flux", "entropy_production")]
    columns = [document["times"], *sums, document["wigner_entropy"], document["entropy_rate"]]
    rows = [[_number(column[k] if column else None) for column in columns] for k in range(len(document["times"]))]
    for row in _shortened(rows, full):
        table.add_row(*row)
    parts: list[Any] = [table]
    if document["integrated_production"] is not None:
        flux = sum(document["integrated_flux"])
        parts.append(
            Text(
                f"Integrated over the run: production {document['integrated_production']:.6g}, flux {flux:.6g} nats.\n"
            )
        )
    print_parts(parts, console or Console())


def print_trajectories(document: Mapping[str, Any], *, console: Console | None = None) -> None:
    """Print Sigma and the fluctuation theorem with their standard errors, and the exchange of every bath."""
    grid = Table.grid(padding=(0, 2))
    mean, error = document["mean_production"], document["mean_production_error"]
    grid.add_row("<Σ>", f"{mean:.6g} ± {error:.1g}", f"integral of Π: {_number(document['integrated_production'])}")
    average, doubt = (_number(document[key]) for key in ("fluctuation_average", "fluctuation_average_error"))
    note = "" if document["reliable"] else "; a few trajectories carry it: do not trust the error"
    grid.add_row("<exp(-Σ)>", f"{average} ± {doubt}", f"1 by the fluctuation theorem{note}")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("bath", "excitations handed over", "variance"):
        table.add_column(name, justify="left" if name == "bath" else "right")
    for label, amount, variance in zip(
        document["baths"], document["exchange_mean"], document["exchange_variance"], strict=True
    ):
        table.add_row(Text(label), _number(amount), _number(variance))
    print_parts([Text(f"{document['number']} trajectories", "bold"), grid, table], console or Console())


def _sums(rows: Sequence[Sequence[float]] | None) -> list[float] | None:
    return None if rows is None else [sum(row) for row in rows]


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.6g}"


def _shortened(rows: list[list[str]], full: bool) -> list[list[str]]:
    if full or len(rows) <= _SHOWN:
        return rows
    half = _SHOWN // 2
    return [*rows[:half], ["..."] * len(rows[0]), *rows[-half:]]
