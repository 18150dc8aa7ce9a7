"""The global master equation: baths act on the normal modes, secular where these are far apart."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy import linalg

from .. import _checks
from .._typing import ComplexArray, IntArray, RealArray
from ..bath import JumpBath
from ..network import Network
from .balance import NormalModeAccount, account_of
from .closing import solve_closed
from .reservoirs import NormalModes, normal_modes, refusal_of

__all__ = ["Global"]

# Levels closer than this many damping rates are nearly degenerate: what is left out is of the order of 1/25.
_RATES = 5.0
# Levels closer than this part of the largest frequency are one level: eigenvectors do not tell them apart.
_DEGENERATE = 1e-10
_ROUNDING = 1e-15  # rates smaller than this part of the largest of a bath


@dataclass(frozen=True)
class Global:
    r"""The global master equation, secular in the normal modes of the Hamiltonian.

    A bath on node m damps the normal mode k at the rate :math:`J(E_k) |V_{mk}|^2` towards the occupation
    :math:`n(E_k)`. Coherences between normal modes are kept where these are nearly degenerate, within clusters of
    levels whose spacings do not exceed ``secular_width``; there the damping matrix of a bath is
    :math:`G_{kl} = V_{mk}^* V_{ml} \sqrt{J_k J_l}\,s_{kl}` with
    :math:`s_{kl} = \frac{2\sqrt{n_k n_l}}{n_k + n_l} \frac{2\sqrt{(1+n_k)(1+n_l)}}{2 + n_k + n_l}`, one at degeneracy.
    The weight makes the equation one of Lindblad's form that leaves Gibbs' state of the full Hamiltonian at the
    temperature of the bath exactly as it is, so that the second law holds at any width.

    Parameters
    ----------
    secular_width : float, optional
        Level spacing up to which modes count as nearly degenerate; 0 is fully secular (but for exact degeneracies),
        infinity keeps all coherences. The default is five times the largest damping rate of a node at any of them: what
        is left out then changes currents by a few percent at most.

    Raises
    ------
    InvalidNetworkError
        If the width is negative.

    Notes
    -----
    Valid to lowest order in the damping, where it is small beside the level spacings that are treated as large. Rates
    and occupations are those of the rotating-wave form of the coupling. Cost: about 25 complex products of the size of
    the largest cluster, and two of L^3 a bath.

    Examples
    --------
    At equal temperatures the state is Gibbs' of the full Hamiltonian, not of single nodes:

    >>> import numpy as np, wignerness as wn
    >>> baths = [wn.ThermalBath.at_temperature(k, 0.01, 0.5, frequency=1.0) for k in (0, 1)]
    >>> pair = wn.Network([[1.0, 0.3], [0.3, 1.0]], baths)
    >>> ness = wn.steady_state(pair, theory=wn.theories.Global())
    >>> ness.energies, np.linalg.eigvalsh(ness.state.normal)[::-1]
    (array([0.7, 1.3]), array([0.32731082, 0.08023275]))
    >>> 1 / np.expm1(ness.energies / 0.5)
    array([0.32731082, 0.08023275])
    """

    secular_width: float | None = None

    def __post_init__(self) -> None:
        width = self.secular_width
        if width is not None and width != np.inf:
            object.__setattr__(self, "secular_width", _checks.real("secular_width", width, minimum=0.0))

    def __repr__(self) -> str:
        return "Global()" if self.secular_width is None else f"Global(secular_width={self.secular_width!r})"

    def refusal(self, network: Network) -> str | None:
        """Why a network cannot be treated: pairing, drive, baths that are neither thermal nor probes."""
        return refusal_of(network, "Global")

    @_checks.representable("steady state")
    def solve(self, network: Network) -> NormalModeAccount:
        """See :class:`wignerness.theories.Theory`."""
        modes = normal_modes(network, "Global")
        width, clusters = self._clusters(modes)
        filled, modes, moments = solve_closed(network, modes, partial(secular_damping, modes), clusters)
        return account_of(self, filled, modes, moments, _reason(clusters, width), closed=network.free_probes)

    def _clusters(self, modes: NormalModes) -> tuple[float, list[IntArray]]:
        width = _RATES * modes.largest_damping if self.secular_width is None else self.secular_width
        return width, clusters_of(modes.energies, width)

    def equivalent(self, network: Network) -> Network:
        """The network of jump operators whose local master equation is this global one.

        For what no steady state holds: transients, trajectories, exchange statistics. Free probes are held at the
        occupations of the steady state.

        Examples
        --------
        >>> import wignerness as wn
        >>> pair = wn.Network([[1.0, 0.3], [0.3, 1.0]], [wn.ThermalBath.at_temperature(0, 0.01, 0.5, frequency=1.0)])
        >>> jumps = wn.theories.Global().equivalent(pair)
        >>> jumps.baths
        (JumpBath(4 jumps on 2 modes, name='bath 0'),)
        >>> bool(abs(wn.steady_state(jumps).occupations - 0.2037717).max() < 1e-7)
        True
        """
        if network.free_probes:
            network = self.solve(network).network
        modes = normal_modes(network, "Global")
        _, clusters = self._clusters(modes)
        nothing = np.zeros(network.n_modes)
        baths = []
        for b, label in enumerate(network.bath_labels):
            jumps = [jump for cluster in clusters for jump in _jumps(modes, b, cluster)]
            baths.append(JumpBath(jumps or [(nothing, nothing)], name=label))
        return network.replace(baths=baths)


def clusters_of(energies: RealArray, width: float) -> list[IntArray]:
    """Indices of levels in ascending order, cut wherever two neighbors are further apart than the width."""
    smallest = _DEGENERATE * float(np.abs(energies).max(initial=0.0))
    cuts = np.flatnonzero(np.diff(energies) > max(width, smallest)) + 1
    return [np.asarray(part, dtype=np.intp) for part in np.split(np.arange(len(energies)), cuts)]


def secular_damping(modes: NormalModes, bath: int, cluster: IntArray) -> ComplexArray:
    """G_kl of a bath within a cluster of modes."""
    n = modes.occupations[bath, cluster]
    amplitudes = modes.contacts[bath, cluster] * np.sqrt(modes.dampings[bath, cluster])
    weight = _mean_ratio(n) * _mean_ratio(1.0 + n)
    return np.asarray(amplitudes[:, None] * amplitudes.conj() * weight)


def _jumps(modes: NormalModes, bath: int, cluster: IntArray) -> list[tuple[ComplexArray, ComplexArray]]:
    """The jump operators of a bath on a cluster, as amplitudes (u, v) on the nodes: losses, then gains."""
    n, damping = modes.occupations[bath, cluster], secular_damping(modes, bath, cluster)
    mean, vectors = (n[:, None] + n) / 2, modes.vectors[:, cluster]
    loss, gain = (vectors @ _root(damping * rate) for rate in (1.0 + mean, mean))
    nothing = np.zeros(len(vectors), dtype=np.complex128)
    return [(u, nothing) for u in loss.conj().T] + [(nothing, v) for v in gain.T]


def _root(rates: ComplexArray) -> ComplexArray:
    """Columns r_q with sum_q r_q r_q^+ a matrix of rates, those of rounding left out."""
    values, vectors = linalg.eigh(rates)
    kept = values > _ROUNDING * max(float(values[-1]), 0.0)
    return np.asarray(vectors[:, kept] * np.sqrt(values[kept]))


def _mean_ratio(values: RealArray) -> RealArray:
    """Geometric over arithmetic mean of all pairs; one for a pair of zeros. A positive matrix (Cauchy's, scaled)."""
    root = np.sqrt(values)
    total = values[:, None] + values[None, :]
    product = 2.0 * root[:, None] * root[None, :]
    return np.where(total > 0.0, product / np.where(total > 0.0, total, 1.0), 1.0)


def _reason(clusters: list[IntArray], width: float) -> str:
    large = [len(cluster) for cluster in clusters if len(cluster) > 1]
    if not large:
        return "fully secular: all level spacings are wider than " + f"{width:.6g}"
    words = ", ".join(str(size) for size in sorted(large, reverse=True)[:4]) + (", ..." if len(large) > 4 else "")
    return f"partially secular: clusters of {words} modes closer than {width:.6g}"
