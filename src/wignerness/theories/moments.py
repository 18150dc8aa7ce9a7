r"""Moment equations in the normal modes, :math:`dC/dt = -i [E, C] + \sum_b Y_b`, and their steady state.

With :math:`C_{kl} = \langle c_l^\dagger c_k \rangle` and a damping matrix :math:`G_b` the bath b contributes
:math:`Y_b = -\frac12 (G_b Z_b + Z_b G_b^\dagger)`, :math:`Z_b = C - n_b`, :math:`n_b = \mathrm{diag}\,n_b(E_k)`: left alone
with one bath the network relaxes to Gibbs' state of its Hamiltonian. All that the theories differ in is :math:`G_b`.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from scipy import linalg

from .._typing import ComplexArray, IntArray, RealArray
from ..errors import NoUniqueSteadyStateError, UnstableNetworkError
from ..linalg.compensated import Pair
from ..linalg.lyapunov import LyapunovEquation
from .reservoirs import NormalModes

__all__ = ["Moments", "OfBath", "drift_of", "solve_moments"]

# Takes the index of a bath and the modes of a cluster, returns a matrix over these modes.
OfBath: TypeAlias = Callable[[int, IntArray], ComplexArray]

_ESTIMATE_UP_TO = 150
# A damping below this part of the largest is what rounding leaves of none: |v|^2 with v known to 1e-15.
_UNDAMPED = 1e-28
_UNSTABLE = 1e-12
_LIVES_ON = 1e-8  # a mode lives on a node where its normalized amplitude is larger
_EPS = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, eq=False)
class Moments:
    """The steady state in the normal modes, and what each bath exchanges in it.

    Attributes
    ----------
    excess : (L, L) array
        C - n_ref, with n_ref the diagonal matrix of ``reference``.
    reference : (L,) array
        Occupations of the normal modes at the bath that damps most.
    mode_currents : (K, L) array
        Excitations into bath b from normal mode k, -[Y_b]_kk.
    production : (K,) array or None
        -Tr[V^-1 Z_b d_b^-1 Y_b] with V = C + 1/2 and d_b = n_b + 1/2: the flux into the bath plus the change of the
        Wigner entropy that it makes, their difference taken; None where V is not positive.
    error_bound : float or None
        Bound on max |C - exact| from the backward error and the separation; None where none was computed.
    """

    excess: ComplexArray
    reference: RealArray
    mode_currents: RealArray
    production: RealArray | None
    error_bound: float | None

    @property
    def normal(self) -> ComplexArray:
        """C in the normal modes."""
        return self.excess + np.diag(self.reference)


def solve_moments(
    modes: NormalModes, damping: OfBath, clusters: Sequence[IntArray], source: OfBath | None = None
) -> Moments:
    """The steady state for damping matrices G_b that do not couple different clusters of modes.

    Parameters
    ----------
    modes : NormalModes
    damping : callable
        G_b within a cluster.
    clusters : sequence of index arrays
        Together all modes, once each.
    source : callable, optional
        A further Hermitian term of Y_b that does not depend on C, within a cluster.

    Raises
    ------
    NoUniqueSteadyStateError
        If a normal mode is undamped; UnstableNetworkError if one grows.
    """
    baths, size = modes.occupations.shape
    strengths = np.sum(modes.dampings * np.abs(modes.contacts) ** 2, axis=1)
    reference = modes.occupations[int(np.argmax(strengths))] if baths else np.zeros(size)
    work = _Work(modes, damping, source, modes.occupations - reference, reference)
    excess, currents = np.zeros((size, size), dtype=np.complex128), np.zeros((baths, size))
    production: RealArray | None = np.zeros(baths)
    bounds = []
    for cluster in clusters:
        part = work.single(cluster) if len(cluster) == 1 else work.block(cluster)
        excess[np.ix_(cluster, cluster)] = part.excess
        currents[:, cluster] = part.mode_currents
        production = None if production is None or part.production is None else production + part.production
        bounds.append(part.error_bound)
    known = [bound for bound in bounds if bound is not None]
    bound = max(known) + _rounding(modes, clusters) if len(known) == len(bounds) else None
    return Moments(excess, reference, currents, production, bound)


def drift_of(modes: NormalModes, damping: OfBath, cluster: IntArray) -> ComplexArray:
    """-i (E - mean E) - (sum of the G_b)/2 within a cluster."""
    energies = modes.energies[cluster]
    total = sum((damping(b, cluster) for b in range(len(modes.baths))), np.zeros((len(cluster), len(cluster))))
    return np.asarray(-1j * np.diag(energies - energies.mean()) - total / 2)


def _rounding(modes: NormalModes, clusters: Sequence[IntArray]) -> float:
    """What the rounding of normal frequencies and modes does to the occupations that the baths impose."""
    energies, n = modes.energies, modes.occupations
    shift = 4 * _EPS * float(np.abs(energies).max(initial=0.0))
    temperatures = np.array([[bath.bath_temperature or np.inf] for bath in modes.baths])
    of_frequencies = float((n * (1.0 + n) / temperatures).max(initial=0.0)) * shift
    edges = [(float(energies[a[-1]]), float(energies[b[0]])) for a, b in itertools.pairwise(clusters)]
    turned = shift / min((above - below for below, above in edges), default=np.inf)
    return of_frequencies + (len(energies) * _EPS + turned) * float(n.max(initial=0.0))


@dataclass(frozen=True, eq=False)
class _Work:
    """One cluster after another; ``differences`` are the occupations less the reference."""

    modes: NormalModes
    damping: OfBath
    source: OfBath | None
    differences: RealArray
    reference: RealArray

    def single(self, cluster: IntArray) -> Moments:
        """One mode between baths: C - n_b = sum_b' g_b' (n_b' - n_b) / sum g, with nothing that cancels."""
        baths = range(len(self.modes.baths))
        rates = np.array([self.damping(b, cluster).real.item() for b in baths])
        n, total = self.modes.occupations[:, cluster[0]], float(rates.sum())
        self._check_damped(total, float(self.modes.energies[cluster[0]]), self.modes.vectors[:, cluster[0]])
        away = np.array([rates @ (n - own) for own in n]) / total
        excess = float(rates @ self.differences[:, cluster[0]]) / total
        width = excess + self.reference[cluster[0]] + 0.5
        return Moments(
            excess=np.array([[excess]], dtype=np.complex128),
            reference=self.reference[cluster],
            mode_currents=(rates * away)[:, None],
            production=rates * away * (away / (n + 0.5)) / width,
            error_bound=4 * _EPS * abs(excess),
        )

    def block(self, cluster: IntArray) -> Moments:
        """Modes with coherences between them: a Lyapunov equation for C - n_ref."""
        size = len(cluster)
        total, fed = np.zeros((2, size, size), dtype=np.complex128)
        for b in range(len(self.modes.baths)):
            matrix = self.damping(b, cluster)
            half = matrix * self.differences[b, cluster] / 2
            total += matrix
            fed += half + half.conj().T
            if self.source is not None:
                fed += self.source(b, cluster)
        excess, bound = self._solve(cluster, total, fed)
        reference = self.reference[cluster]
        try:
            inverse = linalg.cho_factor(excess + np.diag(reference + 0.5), lower=True)
        except linalg.LinAlgError:
            inverse = None
        currents, production = np.zeros((len(self.modes.baths), size)), np.zeros(len(self.modes.baths))
        for b in range(len(currents)):
            away = excess - np.diag(self.differences[b, cluster])
            half = self.damping(b, cluster) @ away
            flow = -(half + half.conj().T) / 2
            if self.source is not None:
                flow += self.source(b, cluster)
            currents[b] = -np.diag(flow).real
            if inverse is not None:
                pull = (away / (self.modes.occupations[b, cluster] + 0.5)) @ flow
                production[b] = -float(np.trace(linalg.cho_solve(inverse, pull)).real)
        return Moments(excess, reference, currents, None if inverse is None else production, bound)

    def _solve(
        self, cluster: IntArray, damping: ComplexArray, source: ComplexArray
    ) -> tuple[ComplexArray, float | None]:
        """C - n_ref within a cluster, and a bound on its error."""
        energies = self.modes.energies[cluster]
        drift = -1j * np.diag(energies - energies.mean()) - damping / 2
        unit = float(np.abs(drift).max()) or 1.0
        values, vectors = linalg.eig(drift / unit)
        slowest = int(np.argmax(values.real))
        rate, shift = -2 * unit * float(values[slowest].real), unit * float(values[slowest].imag)
        self._check_damped(rate, float(energies.mean()) - shift, self.modes.vectors[:, cluster] @ vectors[:, slowest])
        equation = LyapunovEquation(Pair.exactly(drift / unit))
        refined = equation.solve_refined(Pair.exactly(source / unit))
        if len(cluster) > _ESTIMATE_UP_TO:
            return refined.x.hi, None
        # the matrices come from eigenvectors: they are known to a few units of the last place
        rounding = 8 * len(cluster) * _EPS * float(np.abs(refined.x.hi).max())
        bound = 3 * equation.inverse_norm() * (refined.residual + rounding) + refined.remaining
        return refined.x.hi, bound

    def _check_damped(self, rate: float, frequency: float, vector: ComplexArray) -> None:
        """Raise unless the amplitude of the mode decays, at half of the rate."""
        largest = float(self.modes.dampings.max(initial=0.0))
        if rate > _UNDAMPED * largest and rate > 0.0:
            return
        found: dict[str, Any] = {
            "eigenvalue": complex(-rate / 2, -frequency),
            "modes": vector[None, :],
            "nodes": tuple(int(k) for k in np.flatnonzero(np.abs(vector) > _LIVES_ON)),
        }
        if rate < -_UNSTABLE * largest:
            raise UnstableNetworkError(
                f"A mode of the frequency {frequency:.6g} grows at the rate {-rate / 2:.6g}: this equation is not of "
                "Lindblad's form, and the damping is too strong for it. theories.Global() always decays.",
                **found,
            )
        raise NoUniqueSteadyStateError(
            f"A normal mode of the frequency {frequency:.6g} is undamped: no bath reaches it at this frequency. Couple "
            "a bath to one of its nodes, or give the bath a spectrum that does not vanish there.",
            **found,
        )
