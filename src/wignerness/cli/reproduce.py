"""``wignerness reproduce``: the figures and equations of the source paper."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from .failures import CANNOT, reported


class Target(StrEnum):
    """What can be regenerated."""

    FIG2 = "fig2"
    FIG3 = "fig3"
    EQUATIONS = "equations"


def _target(word: str) -> Target:
    try:
        return Target(word)
    except ValueError:
        raise typer.BadParameter(f"{word!r} is none of {', '.join(Target)}.") from None


def reproduce(
    targets: Annotated[
        list[Target] | None,
        typer.Argument(parser=_target, metavar="TARGET", help="fig2, fig3 or equations; all three by default."),
    ] = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the files.")] = Path("reproduction"),
    force: Annotated[bool, typer.Option("--force", help="Replace files that exist.")] = False,
) -> None:
    """Regenerate the figures of the source paper and check its numbered equations.

    Example: wignerness reproduce fig3 -o figures
    """
    with reported():
        from .. import paper
        from .progress import bars

        with bars():
            report = paper.reproduce([str(target) for target in targets or Target], output, force)
    from .tables import print_report

    print_report(report)
    if not report.passed:
        typer.echo("Error: a check failed.", err=True)
        raise typer.Exit(CANNOT)
