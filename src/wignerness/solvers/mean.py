"""Steady means of a driven network."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from scipy import linalg
from scipy.linalg import lapack

from .._typing import ComplexArray
from ..bath import JumpBath
from ..errors import ConvergenceError
from ..linalg.compensated import Pair, add, product
from ..linalg.symplectic import ladder
from ..network import Network
from .equation import JumpTerms, drift_of, exact_pair

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
    factors, pivots, info = lapack.zgetrf(drift.hi)
    closeness, _ = lapack.zgecon(factors, np.linalg.norm(drift.hi, 1))
    if info > 0 or not closeness > np.finfo(np.float64).eps:
        raise ConvergenceError(
            "The means of the driven network are not determined in double precision: a mode near resonance with the "
            "drive is damped so weakly that rounding decides. Damp it, or drive at another frequency."
        )
    mean = linalg.lu_solve((factors, pivots), force)
    for _ in range(_STEPS):
        left = add(product(drift, Pair.exactly(mean[:, None])), Pair.exactly(-force[:, None]))
        mean = mean - linalg.lu_solve((factors, pivots), left.hi[:, 0])
    return np.asarray(mean if network.is_passive else mean[::2])


def _drift(network: Network) -> Pair:
    """The drift of the means, assembled exactly: near threshold its rounding would be amplified.

    Dephasing damps the means at half its rate.
    """
    nodes = np.arange(network.n_modes)
    rates = [Fraction(0)] * network.n_modes
    for bath in network.baths:
        if not isinstance(bath, JumpBath):
            rates[bath.mode] += Fraction(bath.rate)
    damping = exact_pair(rates)
    hamiltonian = network.hamiltonian.toarray() if network.is_sparse else network.hamiltonian
    plain = drift_of(hamiltonian, damping)
    cross = Pair.exactly(-1j * network.pairing)
    for index in network.jump_baths:
        terms = JumpTerms(network.baths[index], nodes, 1.0)  # type: ignore[arg-type]
        plain, cross = add(plain, terms.drift), add(cross, terms.cross)
    if network.is_passive:
        return plain
    return Pair(ladder(plain.hi, cross.hi), ladder(plain.lo, cross.lo))
