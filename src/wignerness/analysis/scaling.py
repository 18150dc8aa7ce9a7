"""Power laws in data: exponents point by point, fits that say where they hold, and where curves cross."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from .._checks import fail, real, real_array
from .._typing import RealArray
from ..errors import UndefinedQuantityError

__all__ = ["PowerLaw", "crossover", "fit_power_law", "local_exponents"]

_DECADE = 10.0
_PARTS = 3
_MOST_TAILS = 400
# The middles of three equal parts are two thirds of the range apart.
_TO_THE_ENDS = _PARTS / (_PARTS - 1)


def local_exponents(x: ArrayLike, y: ArrayLike) -> RealArray:
    r"""Local exponent :math:`d \ln y / d \ln x` at every point of a curve.

    A straight-line fit in a log-log plot mixes the approach to a power law with the law itself; the local exponent
    shows whether, and where, the law is reached.

    Parameters
    ----------
    x : (N,) array_like
        Positive, increasing, at least three.
    y : (..., N) array_like
        Positive.

    Returns
    -------
    (..., N) array
        Second-order finite differences in the logarithms, one-sided at the ends.

    Raises
    ------
    InvalidNetworkError
        A number is not positive or not finite, `x` does not increase, or the lengths differ.

    Examples
    --------
    >>> from wignerness.analysis.scaling import local_exponents
    >>> local_exponents([1, 2, 4, 8], [3.0, 0.75, 0.1875, 0.046875]).round(12)
    array([-2., -2., -2., -2.])
    """
    abscissa = _increasing(x)
    ordinate = _positive("y", y)
    if ordinate.shape[-1:] != abscissa.shape:
        fail("y", f"have shape (..., {len(abscissa)})", ordinate.shape)
    return np.gradient(np.log(ordinate), np.log(abscissa), axis=-1, edge_order=2)


@dataclass(frozen=True)
class PowerLaw:
    r"""A power law :math:`y = c\,x^p` fitted to a range of a curve; prints itself.

    Attributes
    ----------
    exponent : float
        p, from a straight line through the logarithms by least squares.
    uncertainty : float
        ``standard_error + drift``.
    standard_error : float
        Standard error of the slope, from the scatter of the points about the line.
    drift : float
        How much the exponent changes within the range, as far as its three parts tell: what is left of the approach
        to the power law.
    prefactor : float
        c.
    scatter : float
        Standard deviation of ln y about the line.
    fit_range : (float, float)
        First and last x of the fit.
    n_points : int
        Points in that range.
    rule : str
        How the range was chosen.
    """

    exponent: float
    uncertainty: float
    standard_error: float
    drift: float
    prefactor: float
    scatter: float
    fit_range: tuple[float, float]
    n_points: int
    rule: str

    def __call__(self, x: ArrayLike) -> RealArray:
        """The fitted curve at any positive x, shape of `x`."""
        return np.asarray(self.prefactor * _positive("x", x) ** self.exponent)

    def __str__(self) -> str:
        low, high = self.fit_range
        return "\n".join(
            [
                f"power law {self.prefactor:.6g} x^p with p = {self.exponent:.6g} +- {self.uncertainty:.2g}",
                f"  standard error  {self.standard_error:.2g} (scatter of ln y {self.scatter:.2g})",
                f"  drift           {self.drift:.2g} of the exponent within the range",
                f"  range           x = {low:.6g} to {high:.6g}, {self.n_points} points",
                f"  rule            {self.rule}",
            ]
        )


def fit_power_law(
    x: ArrayLike, y: ArrayLike, *, tolerance: float = 0.05, fit_range: tuple[float, float] | None = None
) -> PowerLaw:
    r"""Fit :math:`y = c\,x^p` to the tail of a curve, where there is a power law, and refuse where there is none.

    Parameters
    ----------
    x : (N,) array_like
        Positive, increasing.
    y : (N,) array_like
        Positive.
    tolerance : float, optional
        The largest uncertainty of the exponent that is accepted.
    fit_range : pair of float, optional
        Fit all points with low <= x <= high, whatever the uncertainty. By default the range is chosen: of all tails of
        the curve over at least a factor of 10 in x, the one with the smallest uncertainty.

    Returns
    -------
    PowerLaw

    Raises
    ------
    InvalidNetworkError
        A number is not positive or not finite, `x` does not increase, the lengths differ, or there are fewer than two
        points in a third of the range that is given.
    UndefinedQuantityError
        No tail determines the exponent to the tolerance: the curve has not reached a power law, scatters too much, or
        is too short.

    Notes
    -----
    The uncertainty is the standard error of the slope plus the drift. For the drift the range is cut into three equal
    parts of ln x; the largest difference between their slopes, times 3/2 to reach the ends of the range, is what the
    exponent changes within it. Where the local exponent approaches its limit as a power :math:`x^{-q}` with
    :math:`q \ge 1/2`, the limit lies within the uncertainty; logarithmic corrections are too slow for any fit to
    notice.

    Examples
    --------
    >>> import numpy as np
    >>> from wignerness import exact
    >>> from wignerness.analysis import fit_power_law
    >>> lengths = np.unique(np.geomspace(2, 1e5, 60).round().astype(int))
    >>> chains = exact.chain_scaling(lengths, hopping=3e-7, rate=1e-6, occupations=(1, 2), probe_rate=1e-7)
    >>> law = fit_power_law(lengths, chains.entropy_production_probes)
    >>> print(f"{law.exponent:.3f} +- {law.uncertainty:.3f} from x = {law.fit_range[0]:.0f} on")
    -0.999 +- 0.003 from x = 9218 on
    """
    where, height = _increasing(x), _positive("y", y)
    if height.shape != where.shape:
        fail("y", f"have shape {where.shape}", height.shape)
    limit = real("tolerance", tolerance, above=0.0)
    if fit_range is not None:
        return _fit_within(where, height, fit_range)
    starts, which = _tails(np.log(where))
    rule = f"of {which} over at least a decade, the one with the smallest uncertainty"
    best = min((_fitted(where[k:], height[k:], rule) for k in starts), key=lambda law: law.uncertainty, default=None)
    if best is None:
        raise UndefinedQuantityError(
            "No power law can be told: no tail of the curve spans a factor of 10 in x with at least two points in each "
            f"third of it. The curve has {len(where)} points from x = {where[0]:.6g} to {where[-1]:.6g}. Extend it, or "
            "name the range: `fit_range=(low, high)`."
        )
    if not best.uncertainty <= limit:
        raise UndefinedQuantityError(
            f"No power law is reached: at best, over x = {best.fit_range[0]:.6g} to {best.fit_range[1]:.6g}, the exponent "
            f"is {best.exponent:.4g} +- {best.uncertainty:.2g} (standard error {best.standard_error:.2g}, drift "
            f"{best.drift:.2g}), and {limit:g} is asked for. Extend the curve; `local_exponents` shows its approach, and "
            "`fit_range=(low, high)` fits a range all the same."
        )
    return best


def _fit_within(x: RealArray, y: RealArray, fit_range: tuple[float, float]) -> PowerLaw:
    try:
        low, high = (real(f"fit_range[{i}]", value, above=0.0) for i, value in enumerate(fit_range))
    except (TypeError, ValueError):
        fail("fit_range", "be a pair of positive numbers", repr(fit_range))
    inside = (x >= low * (1 - 1e-12)) & (x <= high * (1 + 1e-12))
    if not _is_enough(np.log(x[inside])):
        held = f"hold at least two points in each third of ln x (it holds {inside.sum()} in all)"
        fail("fit_range", held, fit_range)
    return _fitted(x[inside], y[inside], "as given")


def _tails(abscissa: RealArray) -> tuple[list[int], str]:
    """Where the tails begin that are long enough, of very many some; and in words which these are."""
    last = int(np.searchsorted(abscissa, abscissa[-1] - np.log(_DECADE) * (1 - 1e-12), side="right"))
    if last <= _MOST_TAILS:
        starts, which = list(range(last)), "all tails"
    else:
        starts, which = np.unique(np.linspace(0, last - 1, _MOST_TAILS).astype(int)).tolist(), f"{_MOST_TAILS} tails"
    return [start for start in starts if _is_enough(abscissa[start:])], which


def _parts(abscissa: RealArray) -> list[slice]:
    """Three parts of equal extent."""
    edges = abscissa[0] + (abscissa[-1] - abscissa[0]) * np.arange(1, _PARTS) / _PARTS
    cuts = [0, *np.searchsorted(abscissa, edges).tolist(), len(abscissa)]
    return [slice(start, stop) for start, stop in pairwise(cuts)]


def _is_enough(abscissa: RealArray) -> bool:
    return len(abscissa) >= 2 * _PARTS and all(part.stop - part.start >= 2 for part in _parts(abscissa))


def _fitted(x: RealArray, y: RealArray, rule: str) -> PowerLaw:
    abscissa, ordinate = np.log(x), np.log(y)
    slope, level, scatter, error = _line(abscissa, ordinate)
    slopes = [_line(abscissa[part], ordinate[part])[0] for part in _parts(abscissa)]
    drift = _TO_THE_ENDS * (max(slopes) - min(slopes))
    ends, prefactor = (float(x[0]), float(x[-1])), float(np.exp(level))
    return PowerLaw(slope, error + drift, error, drift, prefactor, scatter, ends, len(x), rule)


def _line(abscissa: RealArray, ordinate: RealArray) -> tuple[float, float, float, float]:
    """Slope, level at 0, scatter and standard error of the slope, of a straight line by least squares."""
    middle, height = abscissa.mean(), ordinate.mean()
    spread = float(np.sum((abscissa - middle) ** 2))
    slope = float(np.sum((abscissa - middle) * (ordinate - height)) / spread)
    rest = ordinate - height - slope * (abscissa - middle)
    scatter = float(np.sqrt(np.sum(rest**2) / max(len(rest) - 2, 1)))
    return slope, float(height - slope * middle), scatter, scatter / spread**0.5


def crossover(x: ArrayLike, first: ArrayLike, second: ArrayLike) -> RealArray:
    """Where two positive curves cross, by straight lines between the points of a log-log plot.

    Parameters
    ----------
    x : (N,) array_like
        Positive, increasing, at least three.
    first, second : (N,) array_like
        Positive.

    Returns
    -------
    (M,) array
        The x of all crossings, increasing; empty if there is none. Where the curves coincide between two signs of
        their difference, the (logarithmic) middle; a touch is no crossing.

    Raises
    ------
    InvalidNetworkError
        A number is not positive or not finite, `x` does not increase, or the lengths differ.

    Examples
    --------
    >>> from wignerness.analysis import crossover
    >>> crossover([1, 10, 100], [1.0, 0.1, 0.01], [0.1, 0.1, 0.1])
    array([10.])
    """
    abscissa = np.log(_increasing(x))
    curves = [_positive(name, curve) for name, curve in (("first", first), ("second", second))]
    for name, curve in zip(("first", "second"), curves, strict=True):
        if curve.shape != abscissa.shape:
            fail(name, f"have shape {abscissa.shape}", curve.shape)
    difference = np.log(curves[0]) - np.log(curves[1])
    apart = np.flatnonzero(difference)
    before, after = apart[:-1], apart[1:]
    turns = np.sign(difference[before]) != np.sign(difference[after])
    before, after = before[turns], after[turns]
    meeting = after - before > 1
    middle = (abscissa[before + meeting] + abscissa[after - meeting]) / 2
    part = difference[before] / (difference[before] - difference[after])
    between = abscissa[before] + part * (abscissa[after] - abscissa[before])
    return np.asarray(np.exp(np.where(meeting, middle, between)))


def _increasing(x: ArrayLike) -> RealArray:
    abscissa = _positive("x", x)
    if abscissa.ndim != 1 or len(abscissa) < 3 or (np.diff(abscissa) <= 0).any():
        fail("x", "be a vector of at least three increasing numbers", f"of shape {abscissa.shape}: {abscissa}")
    return abscissa


def _positive(name: str, value: ArrayLike) -> RealArray:
    array = real_array(name, value)
    for index in np.argwhere(array <= 0):
        fail(name + "".join(f"[{i}]" for i in index), "be positive", array[tuple(index)])
    return array
