"""Gaussian states: means and second moments, their covariance in three orderings, the Wigner function."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from scipy import linalg, sparse

from . import _checks
from ._memory import refuse_beyond
from ._typing import Array, ComplexArray, IntArray, RealArray
from .errors import InvalidStateError, UndefinedQuantityError
from .linalg.symplectic import ladder

__all__ = ["GaussianState"]

ORDERINGS = ("ladder", "xxpp", "xpxp")
# A violation of the uncertainty relation up to this size, relative to the largest moment, is rounding.
_TOLERANCE = 1e-9
# Beyond, |mu|^2 or sinh(r)^2 overflows.
_LARGEST_MEAN, _LARGEST_SQUEEZING = 1e150, 300.0


class Completion(Protocol):
    """What a solver can still compute of the moments that a partial state does not hold."""

    def distances(self, modes: IntArray, occupations: RealArray) -> RealArray:
        """r^H V^-1 r with V = C + 1/2, for the columns r of V - (n + 1/2) that belong to the modes, shape (m,)."""
        ...


@dataclass(frozen=True, eq=False, repr=False, init=False)
class GaussianState:
    r"""A Gaussian state of L modes.

    Parameters
    ----------
    mean : (L,) array_like
        :math:`\mu_i = \langle a_i \rangle`.
    normal : (L, L) array_like or scipy.sparse array
        :math:`C_{ij} = \langle a_j^\dagger a_i \rangle - \mu_j^* \mu_i` (Eq. A3a), Hermitian. A sparse array makes a
        partial state (:attr:`is_partial`), and is kept as it is.
    anomalous : (L, L) array_like, optional
        :math:`S_{ij} = \langle a_i a_j \rangle - \mu_i \mu_j` (Eq. A3b), symmetric; zero by default.
    normal_tail, anomalous_tail : (L,) array_like, optional
        What rounding dropped of the diagonals of C (real) and S: the exact values are ``C_kk + normal_tail_k``.
        Known to a solver that works in more than double precision; it lets small departures from a bath's own
        moments keep all their digits. Zero by default.
    completion : Completion, optional
        For a partial state: what computes the productions that need the rest of C.
    trusted : bool
        Skip the check of the uncertainty relation, for moments that come from a computation.

    Raises
    ------
    InvalidStateError
        If a shape or a symmetry is wrong, a number is not finite, a mean is so large that its square is not, or the
        uncertainty relation fails.

    Examples
    --------
    >>> import wignerness as wn
    >>> state = wn.GaussianState.thermal([1.0, 2.0])
    >>> state.occupations
    array([1., 2.])
    >>> state
    GaussianState(2 modes, 3 excitations)
    """

    mean: ComplexArray
    normal: Any
    anomalous: ComplexArray
    normal_tail: RealArray
    anomalous_tail: ComplexArray
    completion: Completion | None

    def __init__(
        self,
        mean: Any,
        normal: Any,
        anomalous: Any = None,
        *,
        normal_tail: Any = None,
        anomalous_tail: Any = None,
        completion: Completion | None = None,
        trusted: bool = False,
    ) -> None:
        if sparse.issparse(normal):
            moments: Any = _sparse_matrix(normal)
            trusted = True  # a partial state has no spectrum to check
        else:
            moments = _checks.read_only(_matrix("normal", normal, None, hermitian=True))
        size = moments.shape[0]
        if anomalous is None:
            squeezing: ComplexArray = np.broadcast_to(np.complex128(0), (size, size))
        else:
            squeezing = _matrix("anomalous", anomalous, size, hermitian=False)
        tail = np.zeros(size) if normal_tail is None else normal_tail
        cross_tail = np.zeros(size) if anomalous_tail is None else anomalous_tail
        fields = {
            "mean": _amplitudes("mean", mean, size),
            "anomalous": squeezing,
            "normal_tail": _checks.real_array("normal_tail", tail, (size,), error=InvalidStateError),
            "anomalous_tail": _checks.complex_array("anomalous_tail", cross_tail, (size,), InvalidStateError),
        }
        object.__setattr__(self, "normal", moments)
        object.__setattr__(self, "completion", completion)
        for name, value in fields.items():
            object.__setattr__(self, name, _checks.read_only(value))
        if not trusted:
            self.check()

    def __reduce__(self) -> tuple[Any, ...]:
        """Copies and pickles go through the constructor: their arrays are read-only, zeros stay small."""
        anomalous = None if self.is_phase_insensitive else self.anomalous
        return _rebuild, (self.mean, self.normal, anomalous, self.normal_tail, self.anomalous_tail, self.completion)

    def __repr__(self) -> str:
        mean = ", displaced" if self.mean.any() else ""
        anomalous = "" if self.is_phase_insensitive else ", squeezed"
        total = float(self.occupations.sum())
        return (
            f"GaussianState({self.n_modes} mode{'s' * (self.n_modes != 1)}, {total:.6g} excitations{mean}{anomalous})"
        )

    # -- ready-made states ------------------------------------------------------------------------------

    @classmethod
    def vacuum(cls, n_modes: int) -> GaussianState:
        """The vacuum of ``n_modes`` modes."""
        size = _checks.integer("n_modes", n_modes, minimum=1, error=InvalidStateError)
        refuse_beyond(64 * size**2, f"A state of {size:.3g} modes", "Use fewer modes.")
        return cls.thermal(np.zeros(size))

    @classmethod
    def thermal(cls, occupations: Any) -> GaussianState:
        """A product of thermal states with the given (L,) occupations."""
        values = _checks.real_array("occupations", occupations, (None,), minimum=0.0, error=InvalidStateError)
        return cls(np.zeros(len(values)), np.diag(values))

    @classmethod
    def coherent(cls, alpha: Any) -> GaussianState:
        """A product of coherent states with the given (L,) complex amplitudes."""
        mean = _amplitudes("alpha", alpha, None)
        return cls(mean, np.zeros((len(mean), len(mean))))

    @classmethod
    def squeezed(cls, r: Any, angle: Any = 0.0) -> GaussianState:
        r"""A product of squeezed vacua.

        Parameters
        ----------
        r : (L,) array_like
            Squeezing parameters, up to 300 in size: :math:`C_{kk} = \sinh^2 r`,
            :math:`S_{kk} = -e^{i\,angle} \sinh r \cosh r`; at angle 0 the x quadrature is squeezed.
        angle : float or (L,) array_like
            Squeezing angles, radian.
        """
        strength = np.atleast_1d(_checks.real_array("r", r, error=InvalidStateError))
        if (np.abs(strength) > _LARGEST_SQUEEZING).any():
            rule = f"be at most {_LARGEST_SQUEEZING:g} in size (beyond, sinh 2r overflows)"
            _checks.fail("r", rule, strength[np.argmax(np.abs(strength))], InvalidStateError)
        phase = _checks.real_array(
            "angle", angle, None if np.ndim(angle) == 0 else strength.shape, error=InvalidStateError
        )
        anomalous = -np.exp(1j * phase) * np.sinh(2 * strength) / 2
        return cls(np.zeros(len(strength)), np.diag(np.sinh(strength) ** 2), np.diag(anomalous))

    # -- what it holds -----------------------------------------------------------------------------------

    @property
    def n_modes(self) -> int:
        """Number of modes L."""
        return len(self.mean)

    @property
    def is_phase_insensitive(self) -> bool:
        """Whether S = 0, so that an L x L covariance says all."""
        return not _checks.has_nonzero(self.anomalous)

    @property
    def is_partial(self) -> bool:
        """Whether ``normal`` is sparse: elements that are not stored are negligible to its maker, or not known.

        Quantities that rest on all of C, such as the covariance, are refused.
        """
        return sparse.issparse(self.normal)

    @property
    def _diagonal(self) -> RealArray:
        return np.asarray(self.normal.diagonal().real)

    @property
    def occupations(self) -> RealArray:
        """<a_k^+ a_k>, means included, shape (L,)."""
        return np.asarray(self._diagonal + np.abs(self.mean) ** 2)

    def excess_over(self, occupations: RealArray, modes: Any = slice(None)) -> RealArray:
        """C_kk - occupations for the given modes, to all digits where the tail is known."""
        return np.asarray((self._diagonal[modes] - occupations) + self.normal_tail[modes])

    def anomalous_excess_over(self, anomalous: ComplexArray, modes: Any = slice(None)) -> ComplexArray:
        """S_kk - anomalous for the given modes, to all digits where the tail is known."""
        return np.asarray((np.diag(self.anomalous)[modes] - anomalous) + self.anomalous_tail[modes])

    @property
    def correlations(self) -> ComplexArray:
        """<a_j^+ a_i>, means included, shape (L, L)."""
        self._refuse_partial("matrix of all correlations")
        return np.asarray(self.normal + np.outer(self.mean, self.mean.conj()))

    def correlations_at(self, rows: IntArray, columns: IntArray) -> ComplexArray:
        """<a_j^+ a_i>, means included, for pairs (i, j) of modes; zero for C where a partial state holds nothing."""
        return np.asarray(self._normal_at(rows, columns) + self.mean[rows] * self.mean[columns].conj())

    def _normal_at(self, rows: IntArray, columns: IntArray) -> ComplexArray:
        if not isinstance(self.normal, sparse.dia_array):
            found: Any = self.normal[rows, columns]
            return np.asarray(found if isinstance(found, np.ndarray) else found.toarray())
        place = np.full(2 * self.n_modes - 1, -1, dtype=np.intp)
        place[self.normal.offsets + self.n_modes - 1] = np.arange(len(self.normal.offsets))
        diagonal = place[columns - rows + self.n_modes - 1]
        return np.where(diagonal >= 0, self.normal.data[diagonal, columns], 0.0)

    def _refuse_partial(self, what: str) -> None:
        if self.is_partial:
            raise UndefinedQuantityError(
                f"The {what} needs all elements of C, but this state holds {self.normal.nnz} of {self.n_modes**2} only. "
                "Use `reduced` for some of the modes, or `solver=Dense()`."
            )

    def covariance(self, ordering: str = "ladder") -> Array:
        """The covariance matrix, shape (2L, 2L).

        Parameters
        ----------
        ordering : {"ladder", "xxpp", "xpxp"}
            "ladder": Theta of Eqs. (A1)-(A4), complex Hermitian, order (a_1, a_1^+, a_2, ...), vacuum 1/2.
            "xxpp", "xpxp": real symmetric, of x = (a + a^+)/sqrt 2 and p = (a - a^+)/(i sqrt 2), vacuum 1/2.

        Examples
        --------
        >>> import wignerness as wn
        >>> wn.GaussianState.vacuum(1).covariance("xxpp")
        array([[0.5, 0. ],
               [0. , 0.5]])
        """
        if ordering not in ORDERINGS:
            _checks.fail("ordering", f"be one of {', '.join(ORDERINGS)}", repr(ordering), InvalidStateError)
        self._refuse_partial("covariance")
        half = np.eye(self.n_modes) / 2
        if ordering == "ladder":
            return ladder(self.normal + half, self.anomalous)
        plus, minus = self.normal + self.anomalous, self.normal - self.anomalous
        blocks = np.block([[plus.real + half, plus.imag.T], [plus.imag, minus.real + half]])
        if ordering == "xxpp":
            return blocks
        order = np.arange(2 * self.n_modes).reshape(2, -1).T.ravel()
        return blocks[np.ix_(order, order)]

    def reduced(self, modes: Sequence[int]) -> GaussianState:
        """The state of some of the modes, in the given order.

        Raises
        ------
        InvalidStateError
            If a mode is repeated or does not exist.
        """
        given = _checks.sequence("modes", modes, "modes", InvalidStateError)
        chosen = [_checks.integer("modes", m, minimum=0, error=InvalidStateError) for m in given]
        if not chosen or len(set(chosen)) != len(chosen) or max(chosen) >= self.n_modes:
            _checks.fail("modes", f"be distinct, from 0 to {self.n_modes - 1}", list(given), InvalidStateError)
        block = np.ix_(chosen, chosen)
        return GaussianState(
            self.mean[chosen],
            self._normal_at(*block),
            self.anomalous[block],
            normal_tail=self.normal_tail[chosen],
            anomalous_tail=self.anomalous_tail[chosen],
            trusted=True,
        )

    def wigner(self, points: Any) -> RealArray:
        """The Wigner function, Eqs. (5) and (A5), with the measure d^2 alpha = dRe dIm for each mode.

        Parameters
        ----------
        points : (..., L) array_like
            Complex phase-space points alpha.

        Returns
        -------
        (...) array
            W(alpha) > 0.

        Raises
        ------
        InvalidStateError
            If the points do not have one entry for each mode.

        Examples
        --------
        >>> import wignerness as wn
        >>> print(f"{wn.GaussianState.vacuum(1).wigner([0.0]) * 3.141592653589793:.12f}")
        2.000000000000
        """
        self._refuse_partial("Wigner function")
        return self._density(self.phase_space_points(points) - self.mean)

    @_checks.representable("Wigner function")
    def _density(self, alpha: ComplexArray) -> RealArray:
        """The Wigner function at points relative to the mean, shape (..., L)."""
        if self.is_phase_insensitive:
            lower: Array = linalg.cholesky(self.normal + np.eye(self.n_modes) / 2, lower=True)
            vectors: Array = alpha.reshape(-1, self.n_modes).T
            exponent, log_norm = 1.0, 2 * np.log(np.diag(lower).real).sum()
        else:
            lower = linalg.cholesky(self.covariance("xxpp"), lower=True)
            flat = alpha.reshape(-1, self.n_modes)
            vectors = np.sqrt(2) * np.hstack([flat.real, flat.imag]).T
            exponent, log_norm = 0.5, np.log(np.diag(lower)).sum()
        scaled = linalg.solve_triangular(lower, vectors, lower=True)
        with np.errstate(over="ignore"):  # so far out that nothing is left
            logarithm = -exponent * (np.abs(scaled) ** 2).sum(axis=0) - log_norm - self.n_modes * np.log(np.pi)
        return np.exp(logarithm).reshape(alpha.shape[:-1])  # type: ignore[no-any-return]

    def phase_space_points(self, points: Any) -> ComplexArray:
        """``points`` as a complex (..., L) array, checked."""
        alpha = _checks.complex_array("points", points, error=InvalidStateError)
        if alpha.ndim == 0 or alpha.shape[-1] != self.n_modes:
            _checks.fail("points", f"have shape (..., {self.n_modes})", alpha.shape, InvalidStateError)
        return alpha

    def lowest_uncertainty_eigenvalue(self) -> float:
        """Smallest eigenvalue of Theta + Z/2, Z = diag(1, -1, 1, ...); non-negative for a state.

        With S = 0 it is the smallest eigenvalue of C.
        """
        self._refuse_partial("uncertainty relation")
        if self.is_phase_insensitive:
            return float(linalg.eigvalsh(self.normal, subset_by_index=(0, 0))[0])
        commutator = np.tile([0.5, -0.5], self.n_modes)
        return float(linalg.eigvalsh(self.covariance() + np.diag(commutator), subset_by_index=(0, 0))[0])

    def is_physical(self, tolerance: float = _TOLERANCE) -> bool:
        """Whether the uncertainty relation Theta + Z/2 >= 0 holds to ``tolerance`` times the largest moment."""
        lowest = self.lowest_uncertainty_eigenvalue()  # refuses partial states
        scale = max(1.0, float(np.abs(self.normal).max()), float(np.abs(self.anomalous).max()))
        return lowest >= -tolerance * scale

    def check(self, tolerance: float = _TOLERANCE) -> None:
        """Raise InvalidStateError where :meth:`is_physical` is False."""
        if not self.is_physical(tolerance):
            raise InvalidStateError(
                "The moments violate the uncertainty relation: an eigenvalue of Theta + Z/2 is "
                f"{self.lowest_uncertainty_eigenvalue():.6g}, but must be non-negative."
            )


def _rebuild(mean: Any, normal: Any, anomalous: Any, *rest: Any) -> GaussianState:
    tails = {"normal_tail": rest[0], "anomalous_tail": rest[1], "completion": rest[2]}
    return GaussianState(mean, normal, anomalous, **tails, trusted=True)


def _amplitudes(name: str, value: Any, size: int | None) -> ComplexArray:
    mean = _checks.complex_array(name, value, (size,), InvalidStateError)
    largest = np.maximum(np.abs(mean.real), np.abs(mean.imag))
    if (largest > _LARGEST_MEAN).any():
        worst = int(np.argmax(largest))
        rule = f"be at most {_LARGEST_MEAN:g} in size (beyond, its square overflows)"
        _checks.fail(f"{name}[{worst}]", rule, mean[worst], InvalidStateError)
    return mean


def _matrix(name: str, value: Any, size: int | None, *, hermitian: bool) -> ComplexArray:
    """A read-only square matrix with the symmetry asked for; rounding of the symmetry is averaged out."""
    matrix = _checks.complex_array(name, value, (size, size), InvalidStateError)
    if matrix.shape[0] != matrix.shape[1] or matrix.size == 0:
        _checks.fail(name, "be square and not empty", f"of shape {matrix.shape}", InvalidStateError)
    partner = matrix.conj().T if hermitian else matrix.T
    difference = np.abs(matrix - partner)
    if difference.max() > _TOLERANCE * np.abs(matrix).max():
        row, column = np.unravel_index(np.argmax(difference), difference.shape)
        rule = "be Hermitian" if hermitian else "be symmetric"
        pair = f"{matrix[row, column]:.6g} at [{row}, {column}] and {matrix[column, row]:.6g} at [{column}, {row}]"
        _checks.fail(name, rule, pair, InvalidStateError)
    return _checks.read_only(matrix / 2 + partner / 2)


def _sparse_matrix(value: Any) -> Any:
    """A sparse square matrix as it is, its data read-only; it is large, and comes from a computation."""
    matrix = value if isinstance(value, sparse.dia_array) else sparse.csr_array(value, dtype=np.complex128)
    if matrix.shape[0] != matrix.shape[1] or matrix.shape[0] == 0:
        _checks.fail("normal", "be square and not empty", f"of shape {matrix.shape}", InvalidStateError)
    if not np.isfinite(matrix.data).all():
        _checks.fail("normal", "be finite", "not", InvalidStateError)
    _checks.read_only(matrix.data)
    return matrix
