"""The table of equations as Markdown, for people, and as CSV, for machines."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence

from .records import ClaimRecord, EquationRecord

__all__ = ["equations_as_csv", "equations_as_markdown"]

_COLUMNS = ("number", "passed", "error", "tolerance", "printed_error", "what", "route", "correction")


def equations_as_markdown(records: Sequence[EquationRecord], claims: Sequence[ClaimRecord]) -> str:
    """Three tables: every equation, the corrections, the counterexamples."""
    passed = sum(record.passed for record in records)
    corrected = [record for record in records if record.printed_error is not None]
    parts = [
        "# The numbered equations",
        f"{passed} of {len(records)} hold within their tolerance. Errors are relative to the largest value compared.",
        _table(
            ("Eq.", "compared", "independent route", "largest error", "tolerance", ""),
            [
                (r.number, r.what, r.route, f"{r.error:.1e}", f"{r.tolerance:.0e}", "pass" if r.passed else "FAIL")
                for r in records
            ],
        ),
        "## Corrections to the printed equations",
        _table(
            ("Eq.", "correction", "error of the printed form", "error of the corrected form"),
            [(r.number, r.correction, _printed(r.printed_error), f"{r.error:.1e}") for r in corrected],
        ),
        "## Statements that do not hold in general",
        _table(
            ("statement", "network", "numbers", ""),
            [(c.claim, c.system, _values(c), "shown" if c.shown else "NOT SHOWN") for c in claims],
        ),
    ]
    return "\n\n".join(parts) + "\n"


def equations_as_csv(records: Sequence[EquationRecord]) -> str:
    """One row an equation, with a header."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows([getattr(record, column) for column in _COLUMNS] for record in records)
    return text.getvalue()


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _printed(error: float | None) -> str:
    if error is None:
        return ""
    return "its shapes do not fit" if math.isinf(error) else f"{error:.2g}"


def _values(claim: ClaimRecord) -> str:
    return "; ".join(f"{name}: {value:.4g}" for name, value in claim.values.items())
