"""Transients: occupations and the entropy budget against time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..dynamics.evolution import Evolution

__all__ = ["plot_entropy_budget", "plot_relaxation"]


def plot_relaxation(axes: Axes, run: Evolution, *, modes: Sequence[int] | None = None) -> None:
    r"""Draw the occupations :math:`\langle a_k^\dagger a_k \rangle(t)`, one line a node.

    Parameters
    ----------
    axes : matplotlib Axes
    run : Evolution
    modes : sequence of int, optional
        The nodes to show; all by default.

    Examples
    --------
    >>> import wignerness as wn
    >>> from wignerness import plotting
    >>> chain = wn.models.chain(2, hopping=0.5, rate=1.0, occupations=(1, 2))
    >>> run = wn.evolve(chain, wn.GaussianState.vacuum(2), [0.0, 1.0, 2.0])
    >>> with plotting.journal():
    ...     axes = plotting.new_figure(3.375, 2.5).subplots()
    ...     plotting.plot_relaxation(axes, run)
    >>> len(axes.lines)
    2
    """
    for mode in range(run.network.n_modes) if modes is None else modes:
        axes.plot(run.times, run.occupations[:, mode], marker="none", label=run.network.labels[mode])
    axes.set_xlabel(r"$t$")
    axes.set_ylabel(r"$\langle a_k^\dagger a_k\rangle$")
    axes.legend(title="node")


def plot_entropy_budget(axes: Axes, run: Evolution, *, by_bath: bool = True) -> None:
    r"""Draw the entropy budget against time: the production of every bath, stacked, and where it goes.

    The height of the stack is the total production :math:`\Pi`. The hatched distance from it to the line of the total
    flux :math:`\Phi` is what stays, :math:`dS/dt = \Pi - \Phi`: below the top of the stack where the entropy grows.

    Parameters
    ----------
    axes : matplotlib Axes
    run : Evolution
    by_bath : bool
        Whether every bath has a layer of its own; more than about eight cannot be told apart.

    Examples
    --------
    >>> import wignerness as wn
    >>> from wignerness import plotting
    >>> chain = wn.models.chain(2, hopping=0.5, rate=1.0, occupations=(1, 2))
    >>> run = wn.evolve(chain, wn.GaussianState.vacuum(2), [0.0, 1.0, 2.0])
    >>> with plotting.journal():
    ...     axes = plotting.new_figure(3.375, 2.5).subplots()
    ...     plotting.plot_entropy_budget(axes, run)
    >>> [text.get_text() for text in axes.get_legend().get_texts()]
    ['$\\Pi$, left', '$\\Pi$, right', '$\\Phi$', '$dS/dt$']
    """
    labels = [rf"$\Pi$, {label}" for label in run.network.bath_labels]
    production, flux = run.entropy_production, run.entropy_flux.sum(axis=1)
    layers = production.T if by_bath else production.sum(axis=1)
    axes.stackplot(run.times, layers, labels=labels if by_bath else [r"$\Pi$"], alpha=0.55, linewidth=0)
    axes.plot(run.times, flux, color="black", marker="none", label=r"$\Phi$")
    top = production.sum(axis=1)
    axes.fill_between(
        run.times, flux, top, label=r"$dS/dt$", facecolor="none", edgecolor="0.25", hatch="////", linewidth=0.0
    )
    axes.axhline(0.0, color="0.3", linewidth=0.6, marker="none")
    axes.set_xlabel(r"$t$")
    axes.set_ylabel("nats per time")
    axes.legend()
