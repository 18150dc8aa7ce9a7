"""Production of real baths and of probes against the size of the network, and their local exponents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ... import exact, plotting
from ...analysis import local_exponents
from ...errors import UndefinedQuantityError, WignernessError
from ...io.places import look_up
from ..documents import read
from ..figures import axis, chart, line, logarithmic, marks, note, palette, safe
from ..resizing import resized, size_places
from ..solving import Recent, Solved
from ..view import View
from .base import Panel, Shown, drawing_lines

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_LONGEST = 2000  # of closed forms
_LARGEST = 70  # nodes of networks that are solved
_SIZES = (2, 3, 4, 6, 8, 11, 16, 23, 32, 45, 64)
_NAMES = {
    "network.length": "L",
    "network.n_modes": "L",
    "network.shape[0]": "length along the lattice",
    "network.shape[1]": "columns",
    "network.shape[2]": "layers",
    "network.depth": "generations",
    "network.branching": "branches",
}
_FEWEST = 3


@dataclass(frozen=True, eq=False)
class _Curves:
    """Productions at several sizes; without probes the second is None."""

    sizes: list[int]
    real: list[float]
    probes: list[float] | None
    name: str
    here: int
    is_exact: bool

    @property
    def named(self) -> dict[str, list[float]]:
        return {"real": self.real} | ({} if self.probes is None else {"probes": self.probes})


_CURVES: Recent[_Curves] = Recent(6)


def show(state: Solved, view: View) -> Shown:
    """Return the productions on the left and their exponents on the right."""
    curves, unit = curves_of(state), safe(state.run.unit)
    colors = palette(view.theme)
    labels = {"real": "Π<sub>r</sub>, real baths", "probes": "Π<sub>sc</sub>, probes"}
    symbols = {"real": "circle", "probes": "square"}
    traces: list[dict[str, Any]] = []
    for name, values in curves.named.items():
        look: dict[str, Any] = {"symbol": symbols[name], "size": 6}
        traces.append(marks(labels[name], curves.sizes, values, colors[name], **look))
        slopes = local_exponents(curves.sizes, values).tolist()
        traces.append(marks(labels[name], curves.sizes, slopes, colors[name], field=1, showlegend=False, **look))
    ends = [curves.sizes[0], curves.sizes[-1]]
    muted = colors["muted"]
    traces += [
        line(f"exponent {limit}", ends, [limit, limit], muted, field=1, dash="dash", width=1, showlegend=False)
        for limit in ((-1, -2) if curves.is_exact else (0, -1))
    ]
    size = logarithmic(curves.sizes, curves.name)
    upright = {"type": "line", "y0": 0, "y1": 1, "line": {"color": muted, "dash": "dot", "width": 1}}
    here = [
        upright | {"x0": curves.here, "x1": curves.here, "xref": f"x{field}", "yref": f"y{field} domain"}
        for field in ("", "2")
    ]
    fields = [
        (size, logarithmic([v for values in curves.named.values() for v in values], f"nats · {unit}")),
        (dict(size), axis("local exponent")),
    ]
    figure = chart(
        traces, fields, view.theme, is_tall=state.is_tall, shapes=here if ends[0] <= curves.here <= ends[1] else []
    )
    way = "closed form, Eqs. (32)–(33)" if curves.is_exact else "steady states of the same model at other sizes"
    figure["layout"]["annotations"] = [note(way, view.theme)]
    return {"figure": figure}


def curves_of(state: Solved) -> _Curves:
    """Return the productions at several sizes.

    Raises
    ------
    UndefinedQuantityError
        If the network is none of a model with a size, or too few sizes have a positive production.
    """
    if state.uniform_chain is not None:
        return _of_chain(state.uniform_chain)
    return _CURVES.get(state.key, lambda: _of_model(state))


def _of_chain(chain: exact.UniformChain) -> _Curves:
    sizes = exact_sizes()
    found = chain.scaling(sizes)
    probes = found.entropy_production_probes.tolist() if chain.probe_rate else None
    return _enough(_Curves(sizes, found.entropy_production_real.tolist(), probes, "L", chain.length, is_exact=True))


def exact_sizes() -> list[int]:
    """Return lengths from 2 to 2000, about evenly in their logarithm."""
    return sorted({round(2 * (_LONGEST / 2) ** (k / 32)) for k in range(33)})


def _of_model(state: Solved) -> _Curves:
    places = size_places(state.document)
    if not places:
        raise UndefinedQuantityError(
            "Scaling needs a model with a size: this network is given node by node. Choose a model, or undo the change "
            "to a single element."
        )
    is_star = look_up(state.document, "network.depth") == 1
    place = places[0] if is_star else places[-1]
    has_probes = bool(state.ness.network.probes)
    rows = []
    for size in _SIZES:
        try:
            run = read(resized(state.document, place, size))
            if run.network.n_modes > _LARGEST:
                break
            row = (size, *(Solved(state.document, run, run.solve()).split or (0.0, 0.0)))
        except WignernessError:
            continue  # a ring of two nodes, say: others may do
        if row[1] > 0 and (row[2] > 0 or not has_probes):
            rows.append(row)
    sizes, real, probes = [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows]
    here = int(look_up(state.document, place))
    return _enough(
        _Curves(sizes, real, probes if has_probes else None, _NAMES.get(place, "size"), here, is_exact=False)
    )


def _enough(curves: _Curves) -> _Curves:
    if len(curves.sizes) < _FEWEST or min(min(values) for values in curves.named.values()) <= 0:
        raise UndefinedQuantityError(
            "There is no scaling to show: fewer than three sizes have a steady state with a positive production."
        )
    return curves


def draw(figure: Figure, state: Solved, view: View) -> None:  # noqa: ARG001 - called like its siblings
    """Draw it with the library."""
    curves, names = curves_of(state), {"real": r"$\Pi_r$", "probes": r"$\Pi_{sc}$"}
    left, right = figure.subplots(1, 2)
    plotting.plot_scaling(left, curves.sizes, {names[key]: values for key, values in curves.named.items()})
    slopes = {names[key]: local_exponents(curves.sizes, values) for key, values in curves.named.items()}
    plotting.plot_exponents(right, curves.sizes, slopes, limits=(-1, -2) if curves.is_exact else (0, -1))
    left.legend()
    for axes in (left, right):
        axes.set_xlabel(curves.name)


def lines(state: Solved, view: View) -> Sequence[str]:  # noqa: ARG001 - called like its siblings
    """Say it in Python."""
    if state.uniform_chain is None:
        return ["# Sizes: change the size in the spec above and solve again, or add a section [sweep]."]
    return [
        f"lengths = {exact_sizes()}",
        "scaling = wn.exact.matching_chain(run.network).scaling(lengths)",
        "from wignerness.analysis import local_exponents",
        'curves = {"real baths": scaling.entropy_production_real}',
        *(['curves["probes"] = scaling.entropy_production_probes'] if state.uniform_chain.probe_rate else []),
        "exponents = {name: local_exponents(lengths, values) for name, values in curves.items()}",
        "print(exponents)",
        *drawing_lines(
            "left, right = figure.subplots(1, 2)",
            "wn.plotting.plot_scaling(left, lengths, curves)",
            "wn.plotting.plot_exponents(right, lengths, exponents, limits=[-1, -2])",
        ),
    ]


SCALING = Panel("scaling", "Scaling", show, draw, lines, waits=lambda state: state.uniform_chain is None)
