"""Power laws in data: exponents point by point."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from .._checks import fail, real_array
from .._typing import RealArray

__all__ = ["local_exponents"]


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
    abscissa = _positive("x", x)
    if abscissa.ndim != 1 or len(abscissa) < 3 or (np.diff(abscissa) <= 0).any():
        fail("x", "be a vector of at least three increasing numbers", f"of shape {abscissa.shape}: {abscissa}")
    ordinate = _positive("y", y)
    if ordinate.shape[-1:] != abscissa.shape:
        fail("y", f"have shape (..., {len(abscissa)})", ordinate.shape)
    return np.gradient(np.log(ordinate), np.log(abscissa), axis=-1, edge_order=2)


def _positive(name: str, value: ArrayLike) -> RealArray:
    array = real_array(name, value)
    for index in np.argwhere(array <= 0):
        fail(name + "".join(f"[{i}]" for i in index), "be positive", array[tuple(index)])
    return array
