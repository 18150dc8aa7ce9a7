"""The entropy balance bath by bath, and the currents between the nodes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from .._typing import RealArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..thermodynamics.links import LinkTerms

__all__ = ["plot_affinities", "plot_balance", "plot_currents"]


_UPRIGHT = 8  # more labels than this are turned, so that they do not overlap


def plot_balance(axes: Axes, labels: Sequence[str], production: RealArray, flux: RealArray) -> None:
    r"""Draw entropy production and flux of every bath as bars side by side.

    Parameters
    ----------
    axes : matplotlib Axes
    labels : sequence of str
        One a bath, such as `network.bath_labels`.
    production, flux : (K,) array
        :math:`\Pi_b` and :math:`\Phi_b`; in the steady state both sum to the same.

    Examples
    --------
    >>> import numpy as np
    >>> from wignerness import plotting
    >>> with plotting.screen():
    ...     axes = plotting.new_figure(5, 3).subplots()
    ...     plotting.plot_balance(axes, ["hot", "cold"], np.array([0.01, 0.02]), np.array([-0.1, 0.13]))
    >>> len(axes.patches)
    4
    """
    position = np.arange(len(labels))
    colors = [entry["color"] for entry in _cycle()]
    axes.bar(position - 0.2, production, width=0.4, color=colors[0], label=r"production $\Pi_b$")
    axes.bar(position + 0.2, flux, width=0.4, color=colors[1], label=r"flux $\Phi_b$")
    axes.axhline(0, color="0.3", linewidth=0.8, marker="none")
    axes.set_xticks(position, labels, rotation=90 if len(labels) > _UPRIGHT else 0)
    axes.tick_params(axis="x", which="minor", bottom=False, top=False)
    axes.set_ylabel("nats per time")
    axes.legend()


def plot_currents(axes: Axes, positions: ArrayLike, occupations: RealArray, currents: RealArray) -> None:
    r"""Draw nodes, shaded by occupation, and the excitation currents between them as arrows.

    Parameters
    ----------
    axes : matplotlib Axes
    positions : (L, 2) array_like
        Where each node is drawn.
    occupations : (L,) array
        :math:`\langle a_k^\dagger a_k \rangle`, written into the nodes.
    currents : (L, L) array
        Antisymmetric, into k from l. An arrow points along each current; its width is proportional to the
        current and its value stands on it.

    Examples
    --------
    >>> import numpy as np
    >>> from wignerness import plotting
    >>> with plotting.screen():
    ...     axes = plotting.new_figure(4, 2).subplots()
    ...     plotting.plot_currents(axes, [[0, 0], [1, 0]], np.array([1.2, 1.8]), np.array([[0, 0.3], [-0.3, 0]]))
    >>> [text.get_text() for text in axes.texts if text.get_text()]
    ['0.3', '1.2', '1.8']
    """
    places = np.asarray(positions, dtype=float)
    largest = np.abs(currents).max(initial=0.0)
    for k, source in np.argwhere(currents > 1e-9 * largest):
        _draw_arrow(axes, places[source], places[k], currents[k, source], largest)
    shade = (occupations - occupations.min()) / (np.ptp(occupations) or 1.0)
    axes.scatter(
        places[:, 0], places[:, 1], c=shade, cmap="cividis", vmin=-0.2, vmax=1.0, s=900, edgecolors="0.2", zorder=3
    )
    for place, occupation, depth in zip(places, occupations, shade, strict=True):
        color = "white" if depth < 0.5 else "black"
        axes.text(
            place[0], place[1], f"{occupation:.3g}", ha="center", va="center", color=color, size="small", zorder=4
        )
    low, high = places.min(axis=0), places.max(axis=0)
    margin = 0.22 * (high - low).max()
    axes.set(xlim=(low[0] - margin, high[0] + margin), ylim=(low[1] - margin, high[1] + margin), aspect="equal")
    axes.set_axis_off()


def plot_affinities(axes: Axes, terms: LinkTerms) -> None:
    r"""Draw the current of every link against its affinity; those that flow against it stand out below the line.

    Parameters
    ----------
    axes : matplotlib Axes
    terms : LinkTerms
        Of `wignerness.thermodynamics.link_terms`: each link in the direction of its affinity.

    Examples
    --------
    >>> import wignerness as wn
    >>> from wignerness import plotting
    >>> from wignerness.paper.counterexamples import current_against_affinity
    >>> ness = current_against_affinity()
    >>> with plotting.journal():
    ...     axes = plotting.new_figure(3.375, 2.5).subplots()
    ...     plotting.plot_affinities(axes, wn.thermodynamics.link_terms(ness.network, ness.state))
    >>> [len(line.get_xdata()) for line in axes.lines if line.get_label()[0] != "_"]
    [1, 1]
    """
    against = terms.is_against
    axes.axhline(0, color="0.3", linewidth=0.8, marker="none")
    for chosen, color, marker, label in (
        (~against, "C0", "o", "along its affinity"),
        (against, "C1", "X", "against its affinity"),
    ):
        if chosen.any():
            axes.plot(
                terms.affinities[chosen], terms.currents[chosen], marker, color=color, linestyle="none", label=label
            )
    axes.set_xlabel(r"affinity $1/(n_k+\frac{1}{2}) - 1/(n_l+\frac{1}{2})$")
    axes.set_ylabel(r"current $j_{kl}$")
    axes.legend()


def _draw_arrow(axes: Axes, start: RealArray, stop: RealArray, value: float, largest: float) -> None:
    width = 1.0 + 3.0 * value / largest
    arrow = {
        "arrowstyle": "-|>", "linewidth": width, "mutation_scale": 8 + 3 * width, "color": "0.6",
        "shrinkA": 15, "shrinkB": 16,
    }  # fmt: skip
    axes.annotate("", xy=tuple(stop), xytext=tuple(start), arrowprops=arrow, zorder=1)
    middle = (start + stop) / 2
    behind = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
    axes.text(middle[0], middle[1], f"{value:.3g}", ha="center", va="center", bbox=behind, zorder=2)


def _cycle() -> list[dict[str, str]]:
    import matplotlib as mpl

    return list(mpl.rcParams["axes.prop_cycle"])
