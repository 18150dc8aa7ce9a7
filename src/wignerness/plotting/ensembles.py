"""Ensembles of trajectories: the distribution of the entropy production, and marginals in phase space."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .._typing import ComplexArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..dynamics.trajectories import Trajectories
    from ..state import GaussianState

__all__ = ["plot_marginal", "plot_phase_space", "plot_production_histogram"]

_RARE = 2e-4  # part of the trajectories beyond either end of the histogram


def plot_production_histogram(axes: Axes, sample: Trajectories, *, bins: int = 60) -> None:
    r"""Draw the distribution of Sigma, and the same weighted with :math:`e^{-\Sigma}`, whose area is 1, too.

    The legend has the mean of Sigma and that area, with their standard errors.

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
    mean, error = float(sigma.mean()), float(sigma.std()) / len(sigma) ** 0.5
    low, high = (float(np.quantile(sigma, part)) for part in (_RARE, 1 - _RARE))
    edges = np.linspace(low, high, bins + 1)
    unit = len(sigma) * np.diff(edges)
    plain, _ = np.histogram(sigma, edges)
    weighted, _ = np.histogram(sigma, edges, weights=np.exp(-sigma))
    axes.stairs(plain / unit, edges, fill=True, alpha=0.4, label=rf"$P(\Sigma)$, mean ${_with_error(mean, error)}$")
    label = rf"$P(\Sigma)\,e^{{-\Sigma}}$, area ${_with_error(average.mean, average.standard_error)}$"
    axes.stairs(weighted / unit, edges, linewidth=1.2, color="C1", label=label)
    axes.axvline(0.0, color="0.3", linewidth=0.6, marker="none", zorder=0)
    axes.axvline(mean, color="C0", linestyle="--", linewidth=0.9, marker="none")
    axes.set(xlim=(edges[0], edges[-1]), xlabel=r"$\Sigma$", ylabel="probability density")
    axes.set_ylim(0, 1.35 * float(max(plain.max() / unit[0], weighted.max() / unit[0])))
    axes.legend(loc="upper right")


def plot_phase_space(
    axes: Axes, alpha: ComplexArray, state: GaussianState, *, mode: int = 0, shown: int = 4000
) -> None:
    r"""Draw the amplitudes of an ensemble in the plane of one mode under contours of its Wigner function.

    The contours lie one, two and three standard deviations out and hold 39.3, 86.5 and 98.9 % of the probability.

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
    >>> len(axes.lines)
    4
    """
    points, alone = alpha[:shown, mode], state.reduced([mode])
    axes.plot(points.real, points.imag, ".", markersize=2.2, alpha=0.35, color="C0", mew=0, rasterized=True)
    spread = np.linalg.cholesky(alone.covariance("xxpp") / 2)  # (x, p)/sqrt 2 are the parts of alpha
    turn = np.linspace(0, 2 * np.pi, 200)
    circle = spread @ np.array([np.cos(turn), np.sin(turn)])
    for deviations in (1, 2, 3):
        ring = alone.mean[0] + deviations * (circle[0] + 1j * circle[1])
        axes.plot(ring.real, ring.imag, marker="none", color="C1", linewidth=1.0)
    reach = 4 * float(np.sqrt(np.linalg.eigvalsh(alone.covariance("xxpp"))[-1] / 2))
    axes.set(xlim=alone.mean[0].real + np.array([-reach, reach]), ylim=alone.mean[0].imag + np.array([-reach, reach]))
    axes.set_box_aspect(1)
    label = rf"_{{{mode + 1}}}" if state.n_modes > 1 else ""
    axes.set(xlabel=rf"$\mathrm{{Re}}\,\alpha{label}$", ylabel=rf"$\mathrm{{Im}}\,\alpha{label}$")


def plot_marginal(
    axes: Axes, alpha: ComplexArray, state: GaussianState, *, mode: int = 0, angle: float = 0.0, upright: bool = False
) -> None:
    r"""Draw the histogram of a quadrature of an ensemble and the marginal of the Wigner function.

    The quadrature is :math:`\mathrm{Re}(e^{-i\theta} \alpha_k)`: the real part at angle 0, the imaginary part at
    :math:`\pi/2`.

    Parameters
    ----------
    axes : matplotlib Axes
    alpha : (n, L) complex array
        Amplitudes of the trajectories at one time.
    state : GaussianState
        The state at that time.
    mode : int
    angle : float
        theta, radian.
    upright : bool
        Whether the quadrature runs along the vertical axis, beside a drawing of the plane.

    Examples
    --------
    >>> import wignerness as wn
    >>> from wignerness import plotting
    >>> one = wn.Network([[1.0]], [wn.ThermalBath(0, 1.0, 1.0)])
    >>> sample = wn.sample_trajectories(one, wn.GaussianState.thermal([3.0]), [1.0], 1000, rng=1)
    >>> with plotting.journal():
    ...     axes = plotting.new_figure(3.375, 2.5).subplots()
    ...     state = wn.evolve(one, sample.initial, [1.0]).states[0]
    ...     plotting.plot_marginal(axes, sample.alpha[:, 0], state)
    >>> len(axes.lines)
    1
    """
    values, alone = (np.exp(-1j * angle) * alpha[:, mode]).real, state.reduced([mode])
    center = float((np.exp(-1j * angle) * alone.mean[0]).real)
    direction = np.array([np.cos(angle), np.sin(angle)])
    width = float(np.sqrt(direction @ alone.covariance("xxpp") @ direction / 2))
    reach = center + width * np.linspace(-4, 4, 161)
    density = np.exp(-(((reach - center) / width) ** 2) / 2) / (width * np.sqrt(2 * np.pi))
    counts, edges = np.histogram(values, bins=np.linspace(reach[0], reach[-1], 41), density=True)
    axes.stairs(counts, edges, fill=True, alpha=0.4, color="C0", orientation="horizontal" if upright else "vertical")
    line = (density, reach) if upright else (reach, density)
    axes.plot(*line, marker="none", color="C1", linewidth=1.0)


def _with_error(value: float, error: float) -> str:
    """A number with the digits that its standard error leaves, and that error in units of the last: 0.992(8)."""
    if not np.isfinite(error) or error <= 0:
        return f"{value:.4g}"
    digits = max(0, -int(np.floor(np.log10(error))))
    return f"{value:.{digits}f}({round(error * 10**digits)})"
