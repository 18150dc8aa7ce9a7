"""Steady means of a driven network."""

from __future__ import annotations

import numpy as np
from scipy import linalg

from .._typing import ComplexArray
from ..bath import Dephasing
from ..errors import NoUniqueSteadyStateError
from ..linalg.compensated import Pair, add, product
from ..network import Network


def steady_mean(network: Network) -> ComplexArray:
    """Solve A mu = i epsilon, refined once; zero without a drive.

    Returns
    -------
    (L,) array

    Raises
    ------
    NoUniqueSteadyStateError
        If the drift is singular.
    """
    if not network.drive.any():
        return np.zeros(network.n_modes, dtype=np.complex128)
    drift, force = _drift(network), 1j * network.drive
    if not network.is_passive:
        force = np.ravel(np.column_stack([force, force.conj()]))
    try:
        mean = linalg.solve(drift, force)
    except linalg.LinAlgError:
        raise NoUniqueSteadyStateError("The driven network has an undamped mode at zero frequency.") from None
    left = add(product(Pair.exactly(drift), Pair.exactly(mean[:, None])), Pair.exactly(-force[:, None]))
    mean = mean - linalg.solve(drift, left.hi[:, 0])
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
