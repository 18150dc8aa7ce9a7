"""One figure for every kind of result: what one wants to see first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import UndefinedQuantityError
from .balance import plot_balance
from .ensembles import plot_production_histogram
from .transients import plot_entropy_budget, plot_relaxation

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_result"]

_MOST_BARS = 24
_MOST_MARKERS = 60
_MOST_LAYERS = 6  # and lines: as many as there are colors
_LONGEST_ROW = 30  # letters below half a figure


def plot_result(figure: Figure, result: Any) -> None:
    """Draw a result as befits its kind.

    Parameters
    ----------
    figure : matplotlib Figure
    result : SteadyState, TheoryAccount, Evolution, Trajectories, Relaxation or ExchangeStatistics
        Steady states: occupations, and the entropy balance bath by bath (the heat currents, where entropies are
        undefined). Runs: occupations and the entropy budget against time. Trajectories: the distribution of their
        entropy production. Relaxation: decay rates against frequencies. Exchange: means with standard deviations.

    Raises
    ------
    UndefinedQuantityError
        If it is none of these.

    Examples
    --------
    >>> import wignerness as wn
    >>> from wignerness import plotting
    >>> ness = wn.steady_state(wn.models.chain(4, hopping=0.5, rate=1.0, occupations=(1, 2)))
    >>> with plotting.screen():
    ...     figure = plotting.new_figure(8, 4)
    ...     plotting.plot_result(figure, ness)
    >>> [axes.get_ylabel() for axes in figure.axes]
    ['occupation', 'nats per time']
    """
    for kind in type(result).__mro__:
        if kind.__name__ in _DRAW:
            _DRAW[kind.__name__](figure, result)
            return
    raise UndefinedQuantityError(f"There is no figure of a {type(result).__name__}.")


def _draw_steady_state(figure: Figure, result: Any) -> None:
    left, right = figure.subplots(1, 2)
    _by_label(left, result.network.labels, result.occupations, "node", "occupation")
    labels = result.network.bath_labels
    try:
        production, flux = result.entropy_production, result.entropy_flux
    except UndefinedQuantityError:
        _by_label(right, labels, result.heat_currents, "bath", "heat current")
        return
    if len(labels) <= _MOST_BARS:
        plot_balance(right, labels, production, flux)
        _turn(right, labels)
    else:
        _by_label(right, labels, production, "bath", "entropy production (nats per time)")


def _draw_run(figure: Figure, run: Any) -> None:
    left, right = figure.subplots(1, 2)
    shown = np.unique(np.linspace(0, run.network.n_modes - 1, min(run.network.n_modes, _MOST_LAYERS)).round())
    plot_relaxation(left, run, modes=[int(mode) for mode in shown])
    try:
        plot_entropy_budget(right, run, by_bath=run.network.n_baths <= _MOST_LAYERS)
    except UndefinedQuantityError:
        right.plot(run.times, run.heat_currents, marker="none", label=run.network.bath_labels)
        right.set(xlabel=r"$t$", ylabel="heat current")
        right.legend()


def _draw_trajectories(figure: Figure, sample: Any) -> None:
    plot_production_histogram(figure.subplots(), sample)


def _draw_relaxation(figure: Figure, spectrum: Any) -> None:
    axes = figure.subplots()
    axes.plot(spectrum.frequencies, spectrum.rates, linestyle="none", marker="o")
    axes.set(xlabel="frequency of the normal mode", ylabel="decay rate of its amplitude")
    axes.set_ylim(bottom=min(0.0, 1.1 * float(np.min(spectrum.rates))))


def _draw_exchange(figure: Figure, statistics: Any) -> None:
    axes = figure.subplots()
    baths = np.arange(len(statistics.mean))
    axes.bar(baths, statistics.mean, yerr=np.sqrt(statistics.variance), width=0.6, capsize=3)
    axes.axhline(0, color="0.3", linewidth=0.8, marker="none")
    axes.set_xticks(baths[:: 1 + len(baths) // _MOST_BARS])
    axes.tick_params(axis="x", which="minor", bottom=False, top=False)
    axes.set(xlabel="bath", ylabel="excitations handed over")


def _by_label(axes: Axes, labels: tuple[str, ...], values: Any, what: str, quantity: str) -> None:
    """Marks above labels where they can be read, a line where there are many."""
    many = len(labels) > _MOST_MARKERS
    axes.plot(np.arange(len(labels)), values, linestyle="-" if many else "none", marker="none" if many else "o")
    if len(labels) <= _MOST_BARS:
        axes.set_xticks(np.arange(len(labels)), labels)
        axes.tick_params(axis="x", which="minor", bottom=False, top=False)
        _turn(axes, labels)
    axes.set(xlabel=what, ylabel=quantity)


def _turn(axes: Axes, labels: tuple[str, ...]) -> None:
    """Turn labels that would overlap."""
    if sum(len(label) + 1 for label in labels) > _LONGEST_ROW:
        axes.tick_params(axis="x", labelrotation=90)


_DRAW = {
    "SteadyState": _draw_steady_state,
    "TheoryAccount": _draw_steady_state,
    "Evolution": _draw_run,
    "Trajectories": _draw_trajectories,
    "Relaxation": _draw_relaxation,
    "ExchangeStatistics": _draw_exchange,
}
