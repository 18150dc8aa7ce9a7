"""Steady means of a driven network."""

from __future__ import annotations

import numpy as np
from scipy import linalg
from scipy.linalg import lapack

from .._typing import ComplexArray
from ..bath import Dephasing
from ..errors import ConvergenceError
from ..linalg.compensated import Pair, add, product
from ..network import Network

_STEPS = 3  # of refinement


def steady_mean(network: Network) -> ComplexArray:
    """Solve A mu = i epsilon, refined; zero without a drive.

    Returns
    -------
    (L,) array

    Raises
    ------
    ConvergenceError
        If the drift is singular to working precision.
    """
    if not network.drive.any():
        return np.zeros(network.n_modes, dtype=np.complex128)
    drift, force = _drift(network), 1j * network.drive
    if not network.is_passive:
        force = np.ravel(np.column_stack([force, force.conj()]))
    factors, pivots, info = lapack.zgetrf(drift)
    closeness, _ = lapack.zgecon(factors, np.linalg.norm(drift, 1))
    if info > 0 or not closeness > np.finfo(np.float64).eps:
        raise ConvergenceError(
            "The means of the driven network are not determined in double precision: a mode near resonance with the "
            "drive is damped so weakly that rounding decides. Damp it, or drive at another frequency."
        )
    mean = linalg.lu_solve((factors, pivots), force)
    for _ in range(_STEPS):
        left = add(product(Pair.exactly(drift), Pair.exactly(mean[:, None])), Pair.exactly(-force[:, None]))
        mean = mean - linalg.lu_solve((factors, pivots), left.hi[:, 0])
    return np.asarray(mean if network.is_passive else mean[::2])


def _drift(network: Network) -> ComplexArray:
    """The drift of the means as a dense array; dephasing damps them at half its rate."""
    gaussian = network
    if network.dephasings:
        gaussian = network.replace(baths=[bath for bath in network.baths if not isinstance(bath, Dephasing)])
    drift = gaussian.drift
    dense: ComplexArray = drift.toarray() if hasattr(drift, "toarray") else np.array(drift)
    for index in network.dephasings:
        node, rate = network.baths[index].mode, network.baths[index].rate  # type: ignore[union-attr]
        dense[node, node] -= rate / 2
    return dense
