"""What can be saved: the figure, the data, the spec, the Python lines."""

from __future__ import annotations

import io
import re
import tempfile
import unicodedata
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import plotting
from ..errors import SpecError, UndefinedQuantityError
from ..io.csv_tables import to_csv
from ..io.dataset import to_dataset
from ..io.storage import write_netcdf
from ..io.toml_writer import write_document
from .panels import PANELS
from .panels.base import HEIGHT, WIDTH
from .python_lines import python_lines
from .solving import Solved, of_view, run_in_time
from .view import View

if TYPE_CHECKING:
    import xarray

__all__ = ["EXPORTS", "exported"]

_LINK, _LARGEST = 1.7, 40.0  # inches: a link of the drawn network, and its largest side


def exported(view: View, kind: str) -> tuple[str, bytes]:
    """Return the name and the content of a file.

    Parameters
    ----------
    view : View
    kind : str
        A key of `EXPORTS`.

    Raises
    ------
    WignernessError
        If there is nothing to save, or an extra is not installed.
    """
    if kind not in EXPORTS:
        raise SpecError(f"What is saved must be one of {', '.join(EXPORTS)}, but is {kind!r}.")
    ending, write = EXPORTS[kind]
    state = of_view(view)
    return f"{_stem(state)}{ending}", write(state, view)


def _stem(state: Solved) -> str:
    plain = unicodedata.normalize("NFKD", (state.run.title or "network").casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-")[:40] or "network"


def _spec(state: Solved, view: View) -> bytes:  # noqa: ARG001 - called like its siblings
    return write_document(state.document).encode()


def _python(state: Solved, view: View) -> bytes:
    return python_lines(state, view).encode()


def _dataset(state: Solved, view: View) -> xarray.Dataset:
    """The transient where it is shown, the steady state otherwise."""
    return to_dataset(run_in_time(state, view) if view.panel == "relaxation" else state.ness, spec=state.run)


def _netcdf(state: Solved, view: View) -> bytes:
    dataset = _dataset(state, view)
    return _through_file("data.nc", lambda path: write_netcdf(dataset, path))


def _csv(state: Solved, view: View) -> bytes:
    dataset = _dataset(state, view)
    packed = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in to_csv(dataset, Path(folder) / "tables"):
            archive.writestr(zipfile.ZipInfo(path.name, (1980, 1, 1, 0, 0, 0)), path.read_bytes())
    return packed.getvalue()


def _figure(kind: str) -> Callable[[Solved, View], bytes]:
    def draw(state: Solved, view: View) -> bytes:
        panel = PANELS.get(view.panel)
        if panel is None or panel.draw is None:
            raise UndefinedQuantityError("This panel is no figure: save the data, or choose another panel.")
        with plotting.screen():
            figure = plotting.new_figure(WIDTH, HEIGHT)
            panel.draw(figure, state, view)
            return _through_file(f"figure.{kind}", lambda path: plotting.save(figure, path, kind))

    return draw


def _drawn_network(kind: str) -> Callable[[Solved, View], bytes]:
    def draw(state: Solved, view: View) -> bytes:  # noqa: ARG001 - called like its siblings
        ness = state.ness
        if ness.state.is_partial:
            raise UndefinedQuantityError("The network is too large to be drawn.")
        with plotting.screen():
            figure = plotting.new_figure(*_sides(state))
            plotting.plot_currents(figure.subplots(), state.places, ness.occupations, ness.currents)
            return _through_file(f"figure.{kind}", lambda path: plotting.save(figure, path, kind))

    return draw


def _sides(state: Solved) -> tuple[float, float]:
    """Width and height at which links are long enough for what is written on them."""
    extents = [
        max(place[axis] for place in state.places) - min(place[axis] for place in state.places) for axis in (0, 1)
    ]
    sides = [extent + max(0.44 * max(extents), 1.0) for extent in extents]  # with the margins of the library's drawing
    inches = min(_LINK, _LARGEST / max(sides))
    return inches * sides[0], inches * sides[1]


def _through_file(name: str, write: Callable[[Path], Any]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        write(path)
        return path.read_bytes()


EXPORTS: dict[str, tuple[str, Callable[[Solved, View], bytes]]] = {
    "toml": (".toml", _spec),
    "python": (".py", _python),
    "netcdf": (".nc", _netcdf),
    "csv": (".zip", _csv),
    "png": (".png", _figure("png")),
    "svg": (".svg", _figure("svg")),
    "pdf": (".pdf", _figure("pdf")),
    "network-png": ("-network.png", _drawn_network("png")),
    "network-svg": ("-network.svg", _drawn_network("svg")),
    "network-pdf": ("-network.pdf", _drawn_network("pdf")),
}
