r"""Information in Gaussian states: entropies of subsets of modes, mutual information, entanglement.

All functions take a state and subsets of its modes. Renyi-2 quantities are functions of determinants,
:math:`S_2 = \frac12 \ln \det (2 \Theta)`, and differ from the Wigner entropy, Eq. (12), by a constant a mode: mutual
information is the same for both. Von Neumann quantities follow from the same determinants,

.. math:: S_{vN} = L + \int_0^{1/2} \ln \det (\Theta + t Z)\,\mathrm{d}t, \qquad Z = \mathrm{diag}(1, -1, 1, \dots),

so that weak correlations keep all their digits in both.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
from scipy import linalg

from .. import _checks
from .._typing import Array, ComplexArray, IntArray, RealArray
from ..errors import InvalidStateError
from ..linalg.determinants import log_determinant_ratio, log_determinant_ratios, schur_complement
from ..linalg.graded import positive_eigenvalues
from ..linalg.integration import logarithmic_rule
from ..linalg.symplectic import ladder, normal_modes, signs, symplectic_excess
from ..state import GaussianState
from ._fit import check_whole

Modes = Sequence[int]


def symplectic_occupations(state: GaussianState, modes: Modes | None = None) -> RealArray:
    r"""Occupations :math:`\nu - \frac12` of the normal modes of a state, ascending; zero where it is pure.

    Computed without the subtraction, so that nearly pure states keep their digits.

    Parameters
    ----------
    state : GaussianState
    modes : sequence of int, optional
        The subset of modes; all by default.

    Returns
    -------
    (L,) array
        Non-negative.

    Raises
    ------
    InvalidStateError
        If the modes do not exist.

    Examples
    --------
    >>> import wignerness as wn
    >>> wn.thermodynamics.symplectic_occupations(wn.GaussianState.thermal([2.0, 1e-30]))
    array([1.e-30, 2.e+00])
    """
    part = _reduced(state, modes)
    if part.is_phase_insensitive:
        return positive_eigenvalues(part.normal)
    excess = np.maximum(_excess(part), 0.0)
    return np.asarray(excess / (0.5 + np.sqrt(0.25 + excess)))


def symplectic_eigenvalues(state: GaussianState, modes: Modes | None = None) -> RealArray:
    r"""Symplectic eigenvalues :math:`\nu \ge \frac12` of the covariance, ascending.

    :math:`\pm\nu` are the eigenvalues of :math:`\Theta Z`.

    Parameters
    ----------
    state : GaussianState
    modes : sequence of int, optional
        The subset of modes; all by default.

    Examples
    --------
    >>> import wignerness as wn
    >>> wn.thermodynamics.symplectic_eigenvalues(wn.GaussianState.squeezed([1.0, 0.3])).round(12)
    array([0.5, 0.5])
    """
    return symplectic_occupations(state, modes) + 0.5


def renyi_entropy(state: GaussianState, modes: Modes | None = None) -> float:
    r"""Renyi-2 entropy :math:`-\ln \mathrm{Tr}\,\rho^2 = \frac12 \ln \det(2\Theta)` of a subset of modes, in nats.

    It is the Wigner entropy, Eq. (12), less :math:`1 + \ln(\pi/2)` for each mode.

    Parameters
    ----------
    state : GaussianState
    modes : sequence of int, optional
        The subset of modes; all by default.

    Examples
    --------
    >>> import wignerness as wn
    >>> wn.thermodynamics.renyi_entropy(wn.GaussianState.thermal([1e-30]))
    2e-30
    """
    occupations = symplectic_occupations(state, modes)
    return float(np.log1p(2.0 * occupations).sum())


def purity(state: GaussianState, modes: Modes | None = None) -> float:
    r"""Purity :math:`\mathrm{Tr}\,\rho^2 = \prod 1/(2\nu)` of a subset of modes.

    Parameters
    ----------
    state : GaussianState
    modes : sequence of int, optional
        The subset of modes; all by default.

    Examples
    --------
    >>> import wignerness as wn
    >>> round(wn.thermodynamics.purity(wn.GaussianState.thermal([1.0, 2.0])), 12)
    0.066666666667
    """
    return float(np.exp(-renyi_entropy(state, modes)))


def reduced_entropy(state: GaussianState, modes: Modes | None = None) -> float:
    r"""Von Neumann entropy of a subset of modes, in nats.

    With the occupations c of the normal modes, :math:`\sum (c + 1) \ln(c + 1) - c \ln c`, as a sum of positive terms.

    Parameters
    ----------
    state : GaussianState
    modes : sequence of int, optional
        The subset of modes; all by default.

    Examples
    --------
    >>> import math, wignerness as wn
    >>> abs(wn.thermodynamics.reduced_entropy(wn.GaussianState.thermal([1.0, 5.0]), [0]) - 2 * math.log(2)) < 1e-15
    True
    """
    occupations = symplectic_occupations(state, modes)
    some = occupations[occupations > 0]
    per_excitation = np.where(some < 1.0, np.log1p(some) - np.log(some), np.log1p(1.0 / np.maximum(some, 1.0)))
    return float(np.sum(np.log1p(some) + some * per_excitation))


def mutual_information(state: GaussianState, modes_a: Modes, modes_b: Modes) -> float:
    r"""Renyi-2 mutual information :math:`S_2(A) + S_2(B) - S_2(AB)`, in nats.

    The same number with the Wigner entropy, Eq. (12). All digits are kept however weak the correlations are:
    :math:`-\frac12 \sum \ln(1 - s^2)` with the singular values s of the normalized block between A and B.

    Parameters
    ----------
    state : GaussianState
    modes_a, modes_b : sequence of int
        Disjoint subsets of the modes.

    Returns
    -------
    float
        Non-negative.

    Raises
    ------
    InvalidStateError
        If the subsets overlap or name modes that do not exist, or if the state is so strongly entangled that rounding
        decides.

    Examples
    --------
    The two halves of a chain without probes, the same for all but the shortest chains:

    >>> import wignerness as wn
    >>> ness = wn.steady_state(wn.models.chain(10, hopping=0.5, rate=1.0, occupations=(1, 2)))
    >>> round(wn.thermodynamics.mutual_information(ness.state, range(5), range(5, 10)), 10)
    0.0162647878
    """
    return conditional_mutual_information(state, modes_a, modes_b, given=())


def conditional_mutual_information(state: GaussianState, modes_a: Modes, modes_b: Modes, *, given: Modes) -> float:
    r"""Renyi-2 conditional mutual information, :math:`S_2(AC) + S_2(BC) - S_2(C) - S_2(ABC)` with C given, in nats.

    What A and B share beyond what C knows of them. Like :func:`mutual_information` with the covariance of A and B
    replaced by its Schur complement.

    Parameters
    ----------
    state : GaussianState
    modes_a, modes_b : sequence of int
    given : sequence of int
        Three disjoint subsets of the modes; ``given`` may be empty.

    Returns
    -------
    float
        Non-negative: Gaussian states obey strong subadditivity for Renyi-2 entropies, too.

    Raises
    ------
    InvalidStateError
        As for :func:`mutual_information`.

    Examples
    --------
    >>> import wignerness as wn
    >>> ness = wn.steady_state(wn.models.chain(3, hopping=0.5, rate=1.0, occupations=(1, 2), probe_rate=0.1))
    >>> wn.thermodynamics.conditional_mutual_information(ness.state, [0], [2], given=[1]) > 0
    True
    """
    a, b, c = _disjoint(state, modes_a, modes_b, given)
    part = state.reduced([*a, *b, *c])
    places = np.split(np.arange(part.n_modes), [len(a), len(a) + len(b)])
    covariance, weight = _covariance(part)
    first, second, known = (_rows(place, len(covariance) // part.n_modes) for place in places)
    try:
        rest = schur_complement(covariance, known, np.concatenate([first, second]))
        ratio = log_determinant_ratio(rest, np.arange(len(first)), np.arange(len(first), len(rest)))
    except np.linalg.LinAlgError:
        raise _beyond_rounding() from None
    return weight * ratio


def von_neumann_mutual_information(state: GaussianState, modes_a: Modes, modes_b: Modes) -> float:
    r"""Quantum mutual information :math:`S_{vN}(A) + S_{vN}(B) - S_{vN}(AB)`, in nats.

    Where the difference of entropies would lose digits, the integral
    :math:`\int_0^{1/2} [- \sum \ln(1 - s(t)^2)]\,\mathrm{d}t` takes its place, s(t) the singular values of the block
    between A and B of :math:`\Theta + t Z`, normalized in the normal modes of A and B.

    Parameters
    ----------
    state : GaussianState
    modes_a, modes_b : sequence of int
        Disjoint subsets of the modes.

    Returns
    -------
    float
        Non-negative.

    Raises
    ------
    InvalidStateError
        If the subsets overlap or name modes that do not exist.

    Examples
    --------
    >>> import wignerness as wn
    >>> ness = wn.steady_state(wn.models.chain(2, hopping=1e-6, rate=1.0, occupations=(1, 2)))
    >>> f"{wn.thermodynamics.von_neumann_mutual_information(ness.state, [0], [1]):.4e}"
    '2.8768e-13'
    """
    a, b = _disjoint(state, modes_a, modes_b)
    apart = reduced_entropy(state, a) + reduced_entropy(state, b)
    difference = apart - reduced_entropy(state, [*a, *b])
    if difference > _PLAIN * apart:
        return difference
    return _weak_mutual_information(state.reduced([*a, *b]), len(a))


def logarithmic_negativity(state: GaussianState, modes_a: Modes, modes_b: Modes) -> float:
    r"""Logarithmic negativity :math:`-\sum \min(0, \ln 2 \tilde\nu)` between two subsets of modes, in nats.

    :math:`\tilde\nu` are the symplectic eigenvalues after partial transposition of B. Positive only if A and B are
    entangled; zero where they are classically correlated.

    Parameters
    ----------
    state : GaussianState
    modes_a, modes_b : sequence of int
        Disjoint subsets of the modes.

    Returns
    -------
    float
        Non-negative.

    Raises
    ------
    InvalidStateError
        If the subsets overlap or name modes that do not exist.

    Examples
    --------
    Two modes pumped by two-mode squeezing g at zero temperature, :math:`\ln(1 + 2 g/\kappa)`:

    >>> import wignerness as wn
    >>> baths = [wn.ThermalBath(0, 1.0, 0.0), wn.ThermalBath(1, 1.0, 0.0)]
    >>> pair = wn.Network([[0, 0], [0, 0]], baths, pairing=[[0, 0.3], [0.3, 0]])
    >>> round(wn.thermodynamics.logarithmic_negativity(wn.steady_state(pair).state, [0], [1]), 10)
    0.4700036292
    """
    a, b = _disjoint(state, modes_a, modes_b)
    part = state.reduced([*a, *b])
    if part.is_phase_insensitive:
        return 0.0  # C >= 0 is a mixture of coherent states
    here, there = np.ix_(range(len(a)), range(len(a), part.n_modes)), slice(len(a), None)
    normal, anomalous = part.normal.copy(), part.anomalous.copy()
    normal[here], anomalous[here] = part.anomalous[here], part.normal[here]
    normal[there, there], anomalous[there, there] = normal[there, there].conj(), anomalous[there, there].conj()
    normal[here[1].T, here[0].T], anomalous[here[1].T, here[0].T] = normal[here].conj().T, anomalous[here].T
    excess = _symplectic_excess(normal, anomalous)
    return float(-0.5 * np.log1p(4.0 * excess[excess < 0]).sum())


def mutual_information_profile(state: GaussianState) -> RealArray:
    r"""Renyi-2 mutual information of the first k and the last L - k modes, k = 1, ..., L - 1.

    All cuts together cost O(L^3): one Cholesky factor, whose whitened trailing blocks change by a term of rank one from
    cut to cut. Each value keeps its digits as in :func:`mutual_information`.

    Parameters
    ----------
    state : GaussianState

    Returns
    -------
    (L - 1,) array
        Element k - 1 belongs to the cut after the first k modes.

    Raises
    ------
    InvalidStateError
        If the state is so strongly entangled that rounding decides.

    Examples
    --------
    >>> import wignerness as wn
    >>> ness = wn.steady_state(wn.models.chain(4, hopping=0.5, rate=1.0, occupations=(1, 2)))
    >>> wn.thermodynamics.mutual_information_profile(ness.state).round(10)
    array([0.01831128, 0.01626472, 0.01421396])
    """
    covariance, weight = _covariance(state)
    try:
        return weight * log_determinant_ratios(covariance, len(covariance) // state.n_modes)
    except np.linalg.LinAlgError:
        raise _beyond_rounding() from None


# A difference of entropies that is more than this part of them is taken as it is.
_PLAIN = 0.1


def _weak_mutual_information(part: GaussianState, size: int) -> float:
    """The integral over determinants, for the first ``size`` modes against the others."""
    first, second = (part.reduced(range(size)), part.reduced(range(size, part.n_modes)))
    if part.is_phase_insensitive:
        (_, u), (_, v) = linalg.eigh(first.normal), linalg.eigh(second.normal)
        block, length, upper = u.conj().T @ part.normal[:size, size:] @ v, 1.0, np.zeros(1)
    else:
        across = part.covariance()[: 2 * size, 2 * size :]
        block, length, upper = _undo(first) @ across @ _undo(second).conj().T, 0.5, np.array([1.0, 0.0])
    levels = [symplectic_occupations(one) for one in (first, second)]
    total = 0.0
    for t, weight in zip(*logarithmic_rule(length), strict=True):
        # Theta + (1/2 - t) Z in the normal modes: occupation + 1 - t for b, occupation + t for b^+
        shift = upper + (1.0 - 2.0 * upper) * t
        left, right = (np.sqrt(np.add.outer(level, shift)).ravel() for level in levels)
        strengths = linalg.svdvals(block / np.outer(left, right))
        total += weight * float(-np.log1p(-np.minimum(strengths**2, 1.0 - np.finfo(float).eps)).sum())
    return total


def _undo(part: GaussianState) -> ComplexArray:
    """The inverse of the transformation from normal modes to modes, in ladder order."""
    z = signs(part.n_modes)
    try:
        _, u, v = normal_modes(part.covariance())
    except np.linalg.LinAlgError:
        raise _beyond_rounding() from None
    return np.asarray(z[:, None] * ladder(u, v).conj().T * z)


def _excess(part: GaussianState) -> RealArray:
    return _symplectic_excess(part.normal, part.anomalous)


def _symplectic_excess(normal: ComplexArray, anomalous: ComplexArray) -> RealArray:
    try:
        return symplectic_excess(normal, anomalous)
    except np.linalg.LinAlgError:
        raise _beyond_rounding() from None


def _beyond_rounding() -> InvalidStateError:
    return InvalidStateError(
        "The covariance is not positive definite to working precision: the state is unphysical, or squeezed or entangled "
        "so strongly that double precision does not hold it."
    )


def _covariance(part: GaussianState) -> tuple[Array, float]:
    """V = C + 1/2 or Theta, and what ln det counts for."""
    if part.is_phase_insensitive:
        return part.normal + np.eye(part.n_modes) / 2, 1.0
    xpxp = part.covariance("xpxp")
    return xpxp, 0.5


def _rows(places: IntArray, step: int) -> IntArray:
    return cast("IntArray", (step * places[:, None] + np.arange(step)).ravel())


def _reduced(state: GaussianState, modes: Modes | None) -> GaussianState:
    if modes is not None:
        return state.reduced(list(modes))
    check_whole(state, "The spectrum of all modes")
    return state


def _disjoint(state: GaussianState, *subsets: Modes) -> list[list[int]]:
    lists = [[_checks.integer("modes", m, minimum=0, error=InvalidStateError) for m in subset] for subset in subsets]
    for name, chosen in zip(("modes_a", "modes_b"), lists, strict=False):
        if not chosen:
            _checks.fail(name, "name at least one mode", "empty", InvalidStateError)
    every = [mode for chosen in lists for mode in chosen]
    twice = next((mode for mode in every if every.count(mode) > 1), None)
    if twice is not None:
        raise InvalidStateError(f"The subsets of modes must be disjoint, but mode {twice} is named twice.")
    if max(every) >= state.n_modes:
        _checks.fail("modes", f"be from 0 to {state.n_modes - 1}", max(every), InvalidStateError)
    return lists
