"""Anomalous moments that dephasing makes of coherent amplitudes in the steady state."""

from __future__ import annotations

import numpy as np
from scipy import linalg
from scipy.sparse.linalg import LinearOperator, gmres

from .._typing import ComplexArray, RealArray
from ..bath import Dephasing, JumpBath
from ..linalg.lyapunov import triangular_sylvester
from ..network import Network

_CLOSED_TO = 1e-14  # relative, in one step of the refinement
_RESTART, _STEPS = 60, 2


def steady_pairs(network: Network, mean: ComplexArray) -> ComplexArray:
    """S with A S + S A^T - diag(Lambda_k S_kk) = diag(Lambda_k mu_k^2), for a passive network with a steady mean.

    <a_k^2> decays by twice the dephasing rate more than a Gaussian channel has it, <a_k>^2 does not: their difference is
    fed by the square of the mean. In double precision, refined.

    Returns
    -------
    (L, L) array
        Symmetric.
    """
    drift, losses = _coefficients(network)
    unit = float(np.abs(drift).max())
    drift, losses = drift / unit, losses / unit
    t, u = linalg.schur(drift, output="complex")

    def response(source: ComplexArray) -> ComplexArray:
        """X with A X + X A^T = source."""
        inner = u.conj().T @ source @ u.conj()
        return np.asarray(u @ triangular_sylvester(t, t.conj(), np.asfortranarray(inner)) @ u.T)

    def open_loop(diagonal: ComplexArray) -> ComplexArray:
        return np.asarray(diagonal - np.diag(response(np.diag(losses * diagonal))))

    loop = LinearOperator((len(mean), len(mean)), dtype=np.complex128, matvec=open_loop)
    found = np.zeros_like(drift)
    for _ in range(_STEPS):
        left = np.diag(losses * (mean**2 + np.diag(found))) - drift @ found - found @ drift.T
        step = response(left)
        diagonal, _ = gmres(loop, np.diag(step), rtol=_CLOSED_TO, atol=0.0, restart=_RESTART)
        found = found + step + response(np.diag(losses * diagonal))
    return (found + found.T) / 2


def _coefficients(network: Network) -> tuple[ComplexArray, RealArray]:
    """The drift of the means, dephasing included, and the dephasing rate of every node."""
    hamiltonian = network.hamiltonian.toarray() if network.is_sparse else network.hamiltonian
    damping, losses = np.array(network.mode_rates), np.zeros(network.n_modes)
    drift = -1j * np.asarray(hamiltonian, dtype=np.complex128)
    for bath in network.baths:
        if isinstance(bath, Dephasing):
            losses[bath.mode] += bath.rate
        elif isinstance(bath, JumpBath):
            drift = drift + bath.channel()[0]
    return drift - np.diag(damping + losses) / 2, losses
