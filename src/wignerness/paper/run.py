"""The whole paper in one call: figures, their data, and the table of equations, written as files."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .. import plotting
from .._checks import fail
from .._files import appear, refuse_existing
from .._progress import track
from ..errors import FileFormatError, MissingExtraError
from . import figures
from .counterexamples import CLAIMS
from .equations import EQUATIONS
from .records import ClaimRecord, EquationRecord
from .table import equations_as_csv, equations_as_markdown

if TYPE_CHECKING:
    import xarray
    from matplotlib.figure import Figure

__all__ = ["TARGETS", "ReproductionReport", "check_equations", "reproduce"]

TARGETS = ("fig2", "fig3", "equations")

_SUFFIXES = {
    "fig2": (".png", ".pdf", ".nc", ".csv"),
    "fig3": (".png", ".pdf", ".nc", ".csv"),
    "equations": (".md", ".csv"),
}


@dataclass(frozen=True)
class ReproductionReport:
    """What `reproduce` did.

    Attributes
    ----------
    files : tuple of Path
        The files written, in this order.
    records : tuple of EquationRecord
        The checks of the equations, if they were asked for.
    claims : tuple of ClaimRecord
        The counterexamples, if the equations were asked for.
    """

    files: tuple[Path, ...] = ()
    records: tuple[EquationRecord, ...] = ()
    claims: tuple[ClaimRecord, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether every equation holds within its tolerance and every counterexample is one."""
        return all(record.passed for record in self.records) and all(claim.shown for claim in self.claims)


def reproduce(targets: Sequence[str], directory: Path, force: bool = False) -> ReproductionReport:
    """Regenerate figures of the paper and check its equations.

    Parameters
    ----------
    targets : sequence of str
        Any of "fig2", "fig3", "equations"; repetitions count once.
    directory : Path
        Where the files go; made if it does not exist.
    force : bool, optional
        Whether files that exist are replaced.

    Returns
    -------
    ReproductionReport
        Its `passed` is False where a check failed; that does not raise.

    Raises
    ------
    InvalidNetworkError
        An unknown target.
    FileFormatError
        A file exists and `force` is False, or the directory cannot be written to.
    MissingExtraError
        Matplotlib, xarray or h5netcdf is not installed and a figure is asked for.

    Notes
    -----
    Every file appears whole or not at all. Equal data give equal bytes in PNG, PDF and CSV. Takes some 15 seconds
    in all.
    """
    chosen = [name for name in TARGETS if name in targets]
    for name in targets:
        if name not in TARGETS:
            fail("targets", f"hold names from {', '.join(TARGETS)}", repr(name))
    if any(name != "equations" for name in chosen):
        _need_extras()
    directory = Path(directory)
    if not force:
        refuse_existing([path for name in chosen for path in _paths(name, directory)])
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileFormatError(f"The folder {directory} cannot be made: {error.strerror or error}") from error
    records: tuple[EquationRecord, ...] = ()
    claims: tuple[ClaimRecord, ...] = ()
    for name in chosen:
        if name == "equations":
            records, claims = check_equations()
            _write_equations(records, claims, _paths(name, directory), force)
        else:
            _write_figure(name, _paths(name, directory), force)
    files = tuple(path for name in chosen for path in _paths(name, directory))
    return ReproductionReport(files, records, claims)


def check_equations() -> tuple[tuple[EquationRecord, ...], tuple[ClaimRecord, ...]]:
    """Check every numbered equation, and the claims that do not hold in general."""
    records = [check() for check in track(list(EQUATIONS.values()), "equations")]
    claims = [show() for show in track(list(CLAIMS.values()), "counterexamples")]
    return tuple(records), tuple(claims)


def _need_extras() -> None:
    """Tell what is missing before anything is computed."""
    for module, extra in (("matplotlib", "plot"), ("xarray", "data"), ("h5netcdf", "data")):
        if importlib.util.find_spec(module) is None:
            raise MissingExtraError(module, extra)


def _paths(name: str, directory: Path) -> list[Path]:
    return [directory / f"{name}{suffix}" for suffix in _SUFFIXES[name]]


def _write_equations(
    records: Sequence[EquationRecord], claims: Sequence[ClaimRecord], paths: Sequence[Path], force: bool
) -> None:
    texts = (equations_as_markdown(records, claims), equations_as_csv(records))
    for path, text in zip(paths, texts, strict=True):
        appear(path, _text_writer(text), force=force)


def _write_figure(name: str, paths: Sequence[Path], force: bool) -> None:
    compute, draw = {
        "fig2": (figures.figure_2, figures.draw_figure_2),
        "fig3": (figures.figure_3, figures.draw_figure_3),
    }[name]
    data = compute()
    with plotting.journal():
        figure = draw(data)
        writers = (
            _figure_writer(figure, "png"),
            _figure_writer(figure, "pdf"),
            _netcdf_writer(data),
            _text_writer(_csv(data)),
        )
        for path, write in zip(paths, track(writers, f"{name}: files"), strict=True):
            appear(path, write, force=force)


def _text_writer(text: str) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_text(text, encoding="utf-8", newline="\n")

    return write


def _figure_writer(figure: Figure, kind: str) -> Callable[[Path], None]:
    return lambda path: plotting.save(figure, path, kind)


def _netcdf_writer(data: xarray.Dataset) -> Callable[[Path], None]:
    return lambda path: data.to_netcdf(path, engine="h5netcdf")


def _csv(data: xarray.Dataset) -> str:
    """One row a point, every number with all its digits; an empty field where there is none."""
    frame = data.to_dataframe().dropna(how="all", subset=list(data.data_vars))
    return str(frame.to_csv(lineterminator="\n"))
