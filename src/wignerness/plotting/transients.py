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


def plot_entropy_budget(axes: Axes, run: Evolution) -> None:
    r"""Draw the entropy budget against time: the production of every bath stacked, the flux, and dS/dt.

    The height of the stack is the total production :math:`\Pi`; the distance from the flux :math:`\Phi` up to it is
    :math:`dS/dt = \Pi - \Phi`, drawn as a line of its own.

    Parameters
    ----------
    axes : matplotlib Axes
    run : Evolution

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
    ['$\\Pi$ left', '$\\Pi$ right', '$\\Phi$', '$dS/dt$']
    """
    labels = [rf"$\Pi$ {label}" for label in run.network.bath_labels]
    axes.stackplot(run.times, run.entropy_production.T, labels=labels, alpha=0.6)
    lines = (("k", "--", r"$\Phi$", run.entropy_flux.sum(axis=1)), ("k", "-", r"$dS/dt$", run.entropy_rate))
    for color, dashes, label, values in lines:
        axes.plot(run.times, values, color=color, linestyle=dashes, marker="none", label=label)
    axes.axhline(0.0, color="0.5", linewidth=0.6)
    axes.set_xlabel(r"$t$")
    axes.set_ylabel("entropy per time")
    axes.legend()
