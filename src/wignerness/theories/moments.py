r"""Moment equations in the normal modes, :math:`dC/dt = -i [E, C] + \sum_b Y_b`, and their steady state.

With :math:`C_{kl} = \langle c_l^\dagger c_k \rangle` and a damping matrix :math:`G_b` the bath b contributes
:math:`Y_b = -\frac12 (G_b Z_b + Z_b G_b^\dagger)`, :math:`Z_b = C - n_b`, :math:`n_b = \mathrm{diag}\,n_b(E_k)`: left alone
with one bath the network relaxes to Gibbs' state of its Hamiltonian. All that the theories differ in is :math:`G_b`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import linalg

from .._typing import ComplexArray, IntArray, RealArray
from ..errors import NoUniqueSteadyStateError
from ..linalg.compensated import Pair
from ..linalg.lyapunov import LyapunovEquation
from .reservoirs import NormalModes

__all__ = ["Moments", "solve_moments"]

_ESTIMATE_UP_TO = 150
# A damping below this part of the largest is what rounding leaves of none: |v|^2 with v known to 1e-15.
_UNDAMPED = 1e-28


@dataclass(frozen=True, eq=False)
class Moments:
    """The steady state in the normal modes.

    Attributes
    ----------
    excess : (L, L) array
        C - n_ref, with n_ref the diagonal matrix of ``reference``.
    reference : (L,) array
        Occupations of the normal modes at the bath that damps most.
    flows : (K, L, L) array
        Y_b: what bath b adds to C per time.
    error_bound : float or None
        Bound on max |C - exact| from the backward error and the separation; None where none was computed.
    """

    excess: ComplexArray
    reference: RealArray
    flows: ComplexArray
    error_bound: float | None

    @property
    def normal(self) -> ComplexArray:
        """C in the normal modes."""
        return self.excess + np.diag(self.reference)


def solve_moments(
    modes: NormalModes, dampings: ComplexArray, clusters: Sequence[IntArray], sources: ComplexArray | None = None
) -> Moments:
    """The steady state for damping matrices G_b that do not couple different clusters of modes.

    Parameters
    ----------
    modes : NormalModes
    dampings : (K, L, L) array
        G_b in the normal modes.
    clusters : sequence of index arrays
        Which modes the G_b couple; together all modes, once each.
    sources : (K, L, L) array, optional
        Further Hermitian terms of the Y_b that do not depend on C.

    Raises
    ------
    NoUniqueSteadyStateError
        If a normal mode is undamped.
    """
    strongest = int(np.argmax(np.abs(np.trace(dampings, axis1=1, axis2=2)))) if len(dampings) else 0
    reference = modes.occupations[strongest] if len(dampings) else np.zeros(len(modes.energies))
    differences = modes.occupations - reference
    excess = np.zeros((len(reference), len(reference)), dtype=np.complex128)
    bounds: list[float | None] = []
    for cluster in clusters:
        block = np.ix_(cluster, cluster)
        parts = np.array([damping[block] for damping in dampings])
        fed = parts * differences[:, None, cluster] / 2
        source = fed + fed.conj().transpose(0, 2, 1)
        if sources is not None:
            source = source + np.array([extra[block] for extra in sources])
        excess[block], bound = _solve_block(modes, cluster, parts.sum(axis=0), source.sum(axis=0))
        bounds.append(bound)
    flows = np.array([_flow(g, excess, d) for g, d in zip(dampings, differences, strict=True)])
    if sources is not None:
        flows = flows + sources
    known = [bound for bound in bounds if bound is not None]
    rounding = np.finfo(np.float64).eps * float(np.abs(excess + np.diag(reference)).max(initial=0.0))
    return Moments(excess, reference, flows, max(known) + rounding if len(known) == len(bounds) else None)


def _flow(damping: ComplexArray, excess: ComplexArray, difference: RealArray) -> ComplexArray:
    half = damping @ excess - damping * difference
    return -(half + half.conj().T) / 2


def _solve_block(
    modes: NormalModes, cluster: IntArray, damping: ComplexArray, source: ComplexArray
) -> tuple[ComplexArray, float | None]:
    """C - n_ref within a cluster, and a bound on its error."""
    if len(cluster) == 1:
        rate = damping.real.item()
        _check_damped(modes, cluster, rate)
        return source / rate, 4 * np.finfo(np.float64).eps * float(np.abs(source / rate).max())
    energies = modes.energies[cluster]
    drift = -1j * np.diag(energies - energies.mean()) - damping / 2
    unit = float(np.abs(drift).max()) or 1.0
    values = linalg.eigvals(drift)
    slowest = int(np.argmax(values.real))
    _check_damped(modes, cluster, -2 * float(values[slowest].real))
    equation = LyapunovEquation(Pair.exactly(drift / unit))
    refined = equation.solve_refined(Pair.exactly(source / unit))
    if len(cluster) > _ESTIMATE_UP_TO:
        return refined.x.hi, None
    response = equation.inverse_norm()
    # the matrices come from eigenvectors: they are known to a few units of the last place
    rounding = 8 * len(cluster) * np.finfo(np.float64).eps * (float(np.abs(refined.x.hi).max()) + 1e-300)
    return refined.x.hi, 3 * response * (refined.residual + rounding) + refined.remaining


def _check_damped(modes: NormalModes, cluster: IntArray, rate: float) -> None:
    largest = float(modes.dampings.max(initial=0.0))
    if rate > _UNDAMPED * largest and rate > 0.0:
        return
    vectors = modes.vectors[:, cluster].T
    nodes = tuple(int(k) for k in np.flatnonzero(np.abs(vectors).max(axis=0) > 1e-8))
    raise NoUniqueSteadyStateError(
        f"A normal mode of the frequency {modes.energies[cluster[0]]:.6g} is undamped: no bath reaches it at this "
        "frequency. Couple a bath to one of its nodes, or give the bath a spectrum that does not vanish there.",
        eigenvalue=complex(0.0, -float(modes.energies[cluster[0]])),
        modes=vectors,
        nodes=nodes,
    )
