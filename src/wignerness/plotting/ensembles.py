"""Ensembles of trajectories: the distribution of the entropy production, and marginals in phase space."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .._typing import ComplexArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..dynamics.trajectories import Trajectories
    from ..state import GaussianState

__all__ = ["plot_phase_space", "plot_production_histogram"]


def plot_production_histogram(axes: Axes, sample: Trajectories, *, bins: int = 80) -> None:
    r"""Draw the distribution of Sigma, and the same weighted with :math:`e^{-\Sigma}`: its area is 1, too.

    Parameters
    ----------
    axes : matplotlib Axes
    sample : Trajectories
    bins : int
        Number of bins.

    Examples
    --------
    >>> import wignerness as wn
    >>> from wignerness import plotting
    >>> one = wn.Network([[1.0]], [wn.ThermalBath(0, 1.0, 1.0)])
    >>> sample = wn.sample_trajectories(one, wn.GaussianState.thermal([3.0]), [1.0], 1000, rng=1)
    >>> with plotting.journal():
    ...     axes = plotting.new_figure(3.375, 2.5).subplots()
    ...     plotting.plot_production_histogram(axes, sample, bins=20)
    >>> axes.get_xlabel()
    '$\\Sigma$'
    """
    sigma, average = sample.entropy_production, sample.integral_fluctuation()
    edges = np.linspace(sigma.min(), np.quantile(sigma, 0.9995), bins + 1)
    width = 1 / (len(sigma) * np.diff(edges))
    weights = ((None, r"$P(\Sigma)$"), (np.exp(-sigma), r"$P(\Sigma)\,e^{-\Sigma}$"))
    for values, label in weights:
        counts, _ = np.histogram(sigma, edges, weights=values)
        axes.stairs(counts * width, edges, label=label, fill=values is None, alpha=0.5 if values is None else 1.0)
    axes.axvline(sigma.mean(), color="k", linestyle="--", linewidth=0.8)
    text = rf"$\langle\Sigma\rangle = {sigma.mean():.4f}$" + "\n"
    text += rf"$\langle e^{{-\Sigma}}\rangle = {average.mean:.4f} \pm {average.standard_error:.4f}$"
    axes.text(0.97, 0.55, text, transform=axes.transAxes, ha="right", va="top")
    axes.set_xlabel(r"$\Sigma$")
    axes.set_ylabel("density")
    axes.legend()


def plot_phase_space(
    axes: Axes, alpha: ComplexArray, state: GaussianState, *, mode: int = 0, shown: int = 4000
) -> None:
    r"""Draw the amplitudes of an ensemble in the plane of one mode over contours of its Wigner function.

    The contours hold 39.3, 86.5 and 98.9 % of the probability (1, 2 and 3 standard deviations).

    Parameters
    ----------
    axes : matplotlib Axes
    alpha : (n, L) complex array
        Amplitudes of the trajectories at one time.
    state : GaussianState
        The state at that time.
    mode : int
        The mode shown; the others are left out of the points and integrated out of the Wigner function.
    shown : int
        How many of the trajectories are drawn.

    Examples
    --------
    >>> import wignerness as wn
    >>> from wignerness import plotting
    >>> state = wn.GaussianState.squeezed([0.5])
    >>> with plotting.journal():
    ...     axes = plotting.new_figure(3.375, 3.375).subplots()
    ...     plotting.plot_phase_space(axes, state.mean[None, :], state)
    >>> axes.get_aspect()
    1.0
    """
    points = alpha[:shown, mode]
    axes.plot(points.real, points.imag, ".", markersize=1.0, alpha=0.4, color="0.4", rasterized=True)
    alone = state.reduced([mode])
    # (x, p)/sqrt 2 are the parts of alpha
    spread = np.linalg.cholesky(alone.covariance("xxpp") / 2)
    turn = np.linspace(0, 2 * np.pi, 200)
    circle = np.array([np.cos(turn), np.sin(turn)])
    for deviations in (1, 2, 3):
        ring = deviations * (spread @ circle)
        axes.plot(alone.mean[0].real + ring[0], alone.mean[0].imag + ring[1], marker="none", color="C1")
    axes.set_aspect("equal")
    axes.set_xlabel(rf"$\mathrm{{Re}}\,\alpha_{{{mode + 1}}}$")
    axes.set_ylabel(rf"$\mathrm{{Im}}\,\alpha_{{{mode + 1}}}$")
