"""Figures 2 and 3: their data as labelled datasets, and their drawing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import exact, plotting
from .._progress import track
from ..analysis import local_exponents
from ..dynamics import steady_state
from ..errors import MissingExtraError
from ..models import chain
from ..thermodynamics import production_split
from .records import Array

if TYPE_CHECKING:
    import xarray
    from matplotlib.figure import Figure

__all__ = ["draw_figure_2", "draw_figure_3", "figure_2", "figure_3"]

RATE = 1e-5  # gamma of Fig. 2
OCCUPATIONS = (1.0, 2.0)  # n_1 and n_L: printed for Fig. 3, assumed for Fig. 2
FIGURE_3: Mapping[str, Any] = {"hopping": 3e-7, "rate": 1e-6, "probe_rate": 1e-7}

# Dots for the real baths and squares for the probes, as printed, in shades that everyone can tell apart.
_RED_AND_BLUE = ["#D55E00", "#0072B2"]

_LONGEST = 10**6
_PER_DECADE = 8
_LONGEST_SOLVED = 130  # up to here the general solver is asked too


@dataclass(frozen=True)
class Profile:
    """One curve of Fig. 2."""

    panel: str
    label: str
    length: int
    hopping: float
    probe_rate: float


def _profiles() -> list[Profile]:
    hoppings = {r"10^{-6}": 1e-6, r"3\times10^{-6}": 3e-6, r"10^{-5}": 1e-5, r"10^{-4}": 1e-4}
    probes = {"0": 0.0, r"10^{-6}": 1e-6, r"10^{-5}": 1e-5, r"10^{-4}": 1e-4}
    curves = [Profile("a", rf"$\lambda={text}$", 10, hopping, 0.0) for text, hopping in hoppings.items()]
    curves += [Profile("b", rf"$\lambda={text}$", 10, hopping, 1e-6) for text, hopping in hoppings.items()]
    curves += [Profile("c", rf"$\Gamma={text}$", 10, 1e-5, probe_rate) for text, probe_rate in probes.items()]
    curves += [Profile("d", rf"$L={length}$", length, 1e-5, 1e-6) for length in (5, 10, 20, 40)]
    return curves


_PANEL_TITLES = {
    "a": r"(a)  $\Gamma=0$",
    "b": r"(b)  $\Gamma=10^{-6}$",
    "c": r"(c)  $\lambda=10^{-5}$",
    "d": r"(d)  $\lambda=10^{-5},\ \Gamma=10^{-6}$",
}


def figure_2() -> xarray.Dataset:
    r"""Occupation profiles of Fig. 2, by the general solver and by Eq. (29a).

    Returns
    -------
    xarray.Dataset
        `occupation` and `closed_form` with dimensions curve and node (counted from 1; NaN beyond the end of a
        chain), and for every curve its panel, label, length, hopping and probe_rate. The rate of the real baths is
        1e-5; their occupations, which the caption of the figure leaves out, are taken to be 1 and 2.

    Raises
    ------
    MissingExtraError
        Xarray is not installed.
    """
    xr = _xarray()
    curves = _profiles()
    longest = max(curve.length for curve in curves)
    solved, closed = np.full((2, len(curves), longest), np.nan)
    for row, curve in enumerate(track(curves, "Fig. 2: profiles")):
        given = {"hopping": curve.hopping, "rate": RATE, "occupations": OCCUPATIONS, "probe_rate": curve.probe_rate}
        solved[row, : curve.length] = steady_state(chain(curve.length, **given)).occupations  # type: ignore[arg-type]
        closed[row, : curve.length] = exact.chain(curve.length, **given).occupations  # type: ignore[arg-type]
    per_curve = {
        name: ("curve", [getattr(curve, name) for curve in curves], {"long_name": text, "units": unit})
        for name, text, unit in (
            ("panel", "panel of the figure", "1"),
            ("label", "label in the figure", "1"),
            ("length", "number of nodes L", "1"),
            ("hopping", "hopping lambda", "frequency"),
            ("probe_rate", "rate Gamma of the probes", "frequency"),
        )
    }
    return xr.Dataset(  # type: ignore[no-any-return]
        {
            "occupation": (("curve", "node"), solved, _attributes("<a_k^+ a_k>, general solver", "1")),
            "closed_form": (("curve", "node"), closed, _attributes("<a_k^+ a_k>, Eq. (29a)", "1")),
        },
        coords=per_curve | {"node": ("node", np.arange(1, longest + 1), _attributes("node k, from 1", "1"))},
        attrs={
            "title": "Fig. 2: occupations of the uniform chain",
            "rate": RATE,
            "occupations_of_the_baths": OCCUPATIONS,
            **_origin(),
            "assumption": "the caption does not print the occupations of the baths; those of Fig. 3 are used",
        },
    )


def figure_3() -> xarray.Dataset:
    r"""Productions of the real baths and of the probes against the length of the chain, Fig. 3, up to 10^6 nodes.

    Returns
    -------
    xarray.Dataset
        With dimension length: the two productions and their sum by Eqs. (E1), (E2) and (31), the current (30), the
        local exponents of the two productions, and the productions by the general solver for short chains (NaN
        for long ones).

    Raises
    ------
    MissingExtraError
        Xarray is not installed.
    """
    xr = _xarray()
    decades = np.log10(_LONGEST / 2)
    grid = 2 * 10 ** np.linspace(0, decades, round(decades * _PER_DECADE) + 1)
    lengths = np.unique(grid.round().astype(int))
    curve = exact.chain_scaling(lengths, occupations=OCCUPATIONS, **FIGURE_3)
    real, probes = curve.entropy_production_real, curve.entropy_production_probes
    short = lengths[lengths <= _LONGEST_SOLVED].tolist()
    solved = np.full((2, len(lengths)), np.nan)
    for column, length in enumerate(track(short, "Fig. 3: general solver")):
        ness = steady_state(chain(length, occupations=OCCUPATIONS, **FIGURE_3))
        solved[:, column] = production_split(ness.network, ness.state)
    columns: dict[str, tuple[Array, str, str]] = {
        "production_real": (real, "entropy production of the real baths, Eq. (E1)", "nats x frequency"),
        "production_probes": (probes, "entropy production of the probes, Eq. (E2)", "nats x frequency"),
        "production": (curve.entropy_production, "total entropy production, Eq. (31)", "nats x frequency"),
        "current": (curve.current, "current into a node from the next, Eq. (30)", "frequency"),
        "exponent_real": (local_exponents(lengths, real), "d ln production_real / d ln length", "1"),
        "solved_real": (solved[0], "production_real by the general solver", "nats x frequency"),
        "solved_probes": (solved[1], "production_probes by the general solver", "nats x frequency"),
        "exponent_probes": (local_exponents(lengths, probes), "d ln production_probes / d ln length", "1"),
    }
    return xr.Dataset(  # type: ignore[no-any-return]
        {name: ("length", values, _attributes(text, unit)) for name, (values, text, unit) in columns.items()},
        coords={"length": ("length", lengths, _attributes("number of nodes L", "1"))},
        attrs={
            "title": "Fig. 3: entropy production of the real baths and of the probes",
            **FIGURE_3,
            "occupations_of_the_baths": OCCUPATIONS,
            **_origin(),
        },
    )


def draw_figure_2(data: xarray.Dataset) -> Figure:
    """Draw Fig. 2 from the dataset of `figure_2`; call it inside a style, such as `plotting.journal`."""
    figure = plotting.new_figure(plotting.DOUBLE_COLUMN, 4.5)
    axes = figure.subplots(2, 2, sharey=True)
    for panel, place in zip("abcd", axes.flat, strict=True):
        rows = [int(row) for row in np.flatnonzero(data.panel.values == panel)]
        lengths = data.length.values
        solved = {str(data.label.values[row]): data.occupation.values[row, : lengths[row]] for row in rows}
        closed = {str(data.label.values[row]): data.closed_form.values[row, : lengths[row]] for row in rows}
        plotting.plot_occupations(place, solved, guides=closed)
        place.set_title(_PANEL_TITLES[panel], loc="left")
        place.legend(loc="upper left")
        place.set_ylim(0.95, 2.05)
        if panel != "d":
            place.set_xticks(range(1, 11))
    for place in axes[:, 1]:
        place.set_ylabel("")
    return figure


def draw_figure_3(data: xarray.Dataset) -> Figure:
    """Draw Fig. 3 from the dataset of `figure_3`; call it inside a style, such as `plotting.journal`."""
    figure = plotting.new_figure(plotting.SINGLE_COLUMN, 4.4)
    top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=[1.6, 1])
    lengths = data.length.values
    names = {r"$\Pi_\mathrm{r}$": "real", r"$\Pi_\mathrm{sc}$": "probes"}
    real, probes = (data[f"production_{name}"].values[-1] for name in names.values())
    for axes, title in ((top, "(a)"), (bottom, "(b)")):
        axes.set_prop_cycle(color=_RED_AND_BLUE, marker=["o", "s"])
        axes.text(0.97, 0.95, title, transform=axes.transAxes, ha="right", va="top")
    plotting.plot_scaling(
        top,
        lengths,
        {label: data[f"production_{name}"].values for label, name in names.items()},
        guides={
            r"$\propto L^{-1}$": (float(probes * lengths[-1]), -1.0),
            r"$\propto L^{-2}$": (float(real * float(lengths[-1]) ** 2), -2.0),
        },
    )
    plotting.plot_exponents(
        bottom,
        lengths,
        {label: data[f"exponent_{name}"].values for label, name in names.items()},
        limits=[-1, -2],
    )
    top.set(xlabel="", ylabel=r"$\Pi_\mathrm{r},\ \Pi_\mathrm{sc}$", ylim=(1e-18, 3e-7))
    top.legend(loc="lower left")
    bottom.set(ylabel=r"$d\,\ln\Pi\,/\,d\,\ln L$", ylim=(-2.3, 1.9), yticks=[-2, -1, 0, 1])
    return figure


def _attributes(text: str, unit: str) -> dict[str, str]:
    return {"long_name": text, "units": unit}


def _origin() -> dict[str, str]:
    from .. import __version__

    return {"wignerness_version": __version__, "conventions": "hbar = k_B = 1; entropies in nats"}


def _xarray() -> Any:
    try:
        import xarray
    except ImportError as error:
        raise MissingExtraError("xarray", "data") from error
    return xarray
