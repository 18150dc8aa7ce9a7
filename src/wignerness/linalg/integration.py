"""A rule for integrals over an interval with features of any scale, singularities among them, at its ends."""

from __future__ import annotations

import numpy as np

from .._typing import RealArray

_STEP = 0.5  # a factor 1/(c + x) then costs exp(-2 pi^2/0.5), less than rounding
_REACH = 37.0  # beyond, nodes are within 1e-16 of the far end
_DEPTH = 64.0  # the smallest node, 1e-28 of the length


def logarithmic_rule(length: float) -> tuple[RealArray, RealArray]:
    """Nodes and weights on (0, length), evenly spaced in ln x toward 0 and in ln(length - x) toward the other end.

    The substitution x = length / (1 + e^-u) with the trapezoidal rule in u.

    Examples
    --------
    >>> import numpy as np
    >>> x, w = logarithmic_rule(1.0)
    >>> bool(abs(w @ np.log(x + 1e-9) + 1 - 1e-9 * (1 + np.log(1e9))) < 1e-14)
    True
    """
    u = np.arange(-_DEPTH, _REACH + _STEP / 2, _STEP)
    nodes = length / (1.0 + np.exp(-u))
    weights = _STEP * nodes / (1.0 + np.exp(u))
    return nodes, weights
