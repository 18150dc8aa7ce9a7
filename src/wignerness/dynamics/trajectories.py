"""Stochastic trajectories in phase space: the Langevin unravelling of the Fokker-Planck equation (6).

d alpha_k = (-i sum_l h_kl alpha_l - i eps_k) dt + sum_c dy_c, and each bath c on node k contributes
dy_c = -(gamma_c/2) alpha_k dt + sqrt(gamma_c d_c) dxi_c. Over a step everything is Gaussian: the new
amplitudes and the increments y_c of all channels are drawn together from their exact joint distribution, so that
the amplitudes carry no error of a time step. The entropy production of a trajectory,

    Sigma = ln[W_0(alpha_0)/W_tau(alpha_tau)] - sum_c (1/d_c) int 2 Re(alpha_k^* o dy_c)   (Stratonovich),

is summed by the midpoint rule; ``substeps`` refines it.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from scipy import linalg

from .._checks import fail, integer, read_only, real, real_array
from .._memory import refuse_beyond
from .._progress import track
from .._typing import Array, ComplexArray, RealArray
from ..errors import AccuracyWarning, InvalidStateError, UndefinedQuantityError
from ..linalg.propagator import integrals
from ..network import Network
from ..state import GaussianState
from ..thermodynamics._fit import check_thermal
from .propagation import Motion, dense, motion

__all__ = ["ExchangeStatistics", "FluctuationAverage", "Trajectories", "exchange_statistics", "sample_trajectories"]

# Trajectories are drawn in blocks of this size, each with its own stream: the numbers do not depend on the batch.
_BLOCK = 4096
_NEGLIGIBLE = 1e-15  # part of the noise of a step, relative to its largest component
_SMALL_STEP = 0.1  # of (hopping + rate) x time between two midpoints
_FEW = 0.01  # effective samples, as a part of all, below which the exponential average is not to be trusted


class FluctuationAverage(NamedTuple):
    """The average of exp(-Sigma): 1 by the integral fluctuation theorem.

    Attributes
    ----------
    mean, standard_error : float
    effective_samples : float
        (sum w)^2 / sum w^2 with the weights w = exp(-Sigma).
    """

    mean: float
    standard_error: float
    effective_samples: float


class ExchangeStatistics(NamedTuple):
    """Excitations that each bath takes up in a time, counted along phase-space trajectories.

    This is the symmetrized noise; that of counted quanta is different at low occupation.

    Attributes
    ----------
    mean, variance, fano : (K,) arrays
        The Fano factor is variance / |mean|; infinite where the mean vanishes.
    """

    mean: RealArray
    variance: RealArray

    @property
    def fano(self) -> RealArray:
        """Variance / |mean|."""
        size = np.abs(self.mean)
        return np.asarray(np.divide(self.variance, size, out=np.full(len(size), np.inf), where=size > 0))


@dataclass(frozen=True)
class _Step:
    """One step: rows (Re alpha, Im alpha, Re y, Im y) = matrix @ (Re alpha, Im alpha, noise) + shift."""

    matrix: RealArray
    shift: RealArray
    n_noise: int


class Trajectories:
    """An ensemble of trajectories; amplitudes are drawn again, identically, when asked for.

    Attributes
    ----------
    network : Network
        With the occupations of all probes.
    times : (T,) array
    n : int
        Number of trajectories.
    entropy_production : (n,) array
        Sigma of each trajectory over the whole time, in nats.
    bath_entropy : (n, K) array
        The part of every bath, -(1/d_c) int 2 Re(alpha^* o dy_c): the entropy that the trajectory hands to it. Sigma
        is their sum plus ln[W_0(alpha_0)/W_tau(alpha_tau)].
    exchanged : (n, K) array
        Excitations handed to every bath: d_c times ``bath_entropy``.
    """

    def __init__(self, sampler: _Sampler, n: int, sigma: RealArray, bath_entropy: RealArray) -> None:
        self._sampler = sampler
        self.network, self.times, self.n = sampler.network, sampler.times, n
        self.entropy_production = read_only(sigma)
        self.bath_entropy = read_only(bath_entropy)

    def __repr__(self) -> str:
        return f"Trajectories({self.n} of {self.network!r}, {len(self.times)} times)"

    @property
    def exchanged(self) -> RealArray:
        """Excitations handed to every bath, shape (n, K)."""
        return self.bath_entropy * (self.network.bath_occupations + 0.5)

    @cached_property
    def alpha(self) -> ComplexArray:
        """Amplitudes at all times, shape (n, T, L).

        Raises
        ------
        MemoryLimitError
            If they would not fit; use :meth:`batches` then.
        """
        shape = (self.n, len(self.times), self.network.n_modes)
        refuse_beyond(16 * int(np.prod(shape)), "The array of all amplitudes", "Go through `batches()` instead.")
        out = np.empty(shape, dtype=np.complex128)
        done = 0
        for batch in self.batches():
            out[done : done + len(batch)] = batch
            done += len(batch)
        return read_only(out)

    def batches(self) -> Iterator[ComplexArray]:
        """Amplitudes in blocks of (m, T, L), without ever holding all of them."""
        for index in range(self._sampler.n_blocks(self.n)):
            block = self._sampler.run(index, keep=True)[0]
            yield block[: self.n - index * _BLOCK]

    def integral_fluctuation(self) -> FluctuationAverage:
        """<exp(-Sigma)> with its standard error; 1 by the integral fluctuation theorem.

        Warns
        -----
        AccuracyWarning
            If a few trajectories of negative Sigma carry the average: its error is then underestimated.
        """
        weights = np.exp(-self.entropy_production)
        effective = float(weights.sum() ** 2 / np.sum(weights**2))
        if effective < _FEW * self.n:
            warnings.warn(
                f"The average of exp(-Sigma) rests on about {effective:.0f} of {self.n} trajectories: its standard error "
                "is not to be trusted. Take a shorter time, or many more trajectories.",
                AccuracyWarning,
                stacklevel=2,
            )
        error = float(weights.std(ddof=1) / np.sqrt(self.n)) if self.n > 1 else float("inf")
        return FluctuationAverage(float(weights.mean()), error, effective)

    def exchange_statistics(self) -> ExchangeStatistics:
        """Sample mean and variance of the excitations handed to each bath; see :func:`exchange_statistics`."""
        return ExchangeStatistics(self.exchanged.mean(axis=0), self.exchanged.var(axis=0, ddof=1))


def sample_trajectories(
    network: Network,
    state: GaussianState,
    times: Any,
    n: int,
    *,
    rng: int | np.random.SeedSequence,
    substeps: int | None = None,
) -> Trajectories:
    """Draw trajectories of the Langevin equation behind Eq. (6), with their entropy production.

    Parameters
    ----------
    network : Network
        Thermal baths and probes (frozen at their steady occupations), no pairing.
    state : GaussianState
        The start; it is drawn from its Wigner function.
    times : (T,) array_like
        Increasing times, the first >= 0 and the start at 0.
    n : int
        Number of trajectories.
    rng : int or SeedSequence
        The seed. The same seed gives the same numbers, however they are asked for.
    substeps : int, optional
        Midpoints between two times for Sigma (the amplitudes are exact with any number). The default keeps
        (hopping + rate) x step below 0.1.

    Returns
    -------
    Trajectories

    Raises
    ------
    UndefinedQuantityError
        With baths other than thermal ones and probes, or pairing.
    InvalidNetworkError, InvalidStateError
        If an argument does not fit.

    Notes
    -----
    The backward process of the fluctuation theorem reverses the unitary drift and keeps the dissipative one.

    Examples
    --------
    >>> import wignerness as wn
    >>> one = wn.Network([[1.0]], [wn.ThermalBath(0, 1.0, 1.0)])
    >>> sample = wn.sample_trajectories(one, wn.GaussianState.thermal([3.0]), [0.5, 1.0], 20000, rng=1)
    >>> average = sample.integral_fluctuation()
    >>> bool(abs(average.mean - 1) < 4 * average.standard_error)
    True
    """
    if state.n_modes != network.n_modes:
        raise InvalidStateError(f"Argument `state` must have {network.n_modes} modes, but has {state.n_modes}.")
    check_thermal(network, "entropy production of a trajectory")
    if not network.is_passive:
        raise UndefinedQuantityError("Trajectories are drawn for networks without pairing.")
    number = integer("n", n, minimum=1)
    grid = real_array("times", np.atleast_1d(np.asarray(times)), (None,), minimum=0.0)
    if len(grid) == 0 or np.any(np.diff(grid) <= 0):
        fail("times", "be increasing", grid if len(grid) < 8 else "not")
    if substeps is not None:
        substeps = integer("substeps", substeps, minimum=1)
    seed = rng if isinstance(rng, np.random.SeedSequence) else np.random.SeedSequence(integer("rng", rng, minimum=0))
    sampler = _Sampler(motion(network, state, follow=False), state, grid, seed, substeps)
    sigma, parts = np.empty(number), np.empty((number, network.n_baths))
    for index in track(range(sampler.n_blocks(number)), "trajectories"):
        _, total, shares = sampler.run(index, keep=False)
        here = slice(index * _BLOCK, min(number, (index + 1) * _BLOCK))
        sigma[here], parts[here] = total[: here.stop - here.start], shares[: here.stop - here.start]
    return Trajectories(sampler, number, sigma, parts)


class _Sampler:
    """Draws blocks of trajectories; block i is the same whenever it is drawn."""

    def __init__(
        self, course: Motion, start: GaussianState, times: RealArray, seed: np.random.SeedSequence, substeps: int | None
    ) -> None:
        self.network, self.start, self.times, self.seed = course.network, start, times, seed
        self.end = course.state(float(times[-1]))
        self._root = _wigner_root(start)
        self._steps = self._make_steps(substeps)
        self._modes = self.network.bath_modes
        self._widths = self.network.bath_occupations + 0.5

    def n_blocks(self, n: int) -> int:
        """Blocks that n trajectories take."""
        return -(-n // _BLOCK)

    def _make_steps(self, substeps: int | None) -> list[tuple[_Step, int]]:
        """The step to every time, and how often it is taken."""
        strength = float(np.abs(dense(self.network.drift)).sum(axis=1).max())
        made: dict[tuple[float, int], _Step] = {}
        steps = []
        spans = np.diff(self.times, prepend=0.0)
        # Spans that differ by rounding of the grid are one step.
        common = float(np.median(spans))
        for raw in spans:
            span = common if abs(raw - common) <= 1e-12 * self.times[-1] else float(raw)
            count = substeps or max(1, int(np.ceil(span * strength / _SMALL_STEP)))
            key = (span, count)
            if key not in made:
                made[key] = _exact_step(self.network, span / count)
            steps.append((made[key], count))
        return steps

    def run(self, index: int, *, keep: bool) -> tuple[ComplexArray, RealArray, RealArray]:
        """Amplitudes at the times (if kept), Sigma, and the entropy handed to every bath."""
        generator = np.random.Generator(np.random.SFC64(self.seed_of(index)))
        n_modes, n_baths, modes = self.network.n_modes, self.network.n_baths, self._modes
        kept = np.empty((_BLOCK, len(self.times) if keep else 0, n_modes), dtype=np.complex128)
        # Real rows, one trajectory a column: Re alpha, Im alpha, and below them the noise of a step.
        now = self._draw_start(generator)
        sigma = _log_density(self.start, now) - _log_density(self.end, None)
        handed = np.zeros((n_baths, _BLOCK))
        buffers = {step.n_noise: np.empty((2 * n_modes + step.n_noise, _BLOCK)) for step, _ in self._steps}
        for place, (step, count) in enumerate(self._steps):
            given = buffers[step.n_noise]
            for _ in range(count):
                given[: 2 * n_modes] = now
                generator.standard_normal(out=given[2 * n_modes :])
                moved = step.matrix @ given
                moved += step.shift
                increments = moved[2 * n_modes :].reshape(2, n_baths, _BLOCK)
                for part, increment in enumerate(increments):
                    middle = (now + moved[: 2 * n_modes])[part * n_modes : (part + 1) * n_modes]
                    handed -= middle[modes] * increment
                now = moved[: 2 * n_modes]
            if keep:
                kept[:, place] = (now[:n_modes] + 1j * now[n_modes:]).T
        handed /= self._widths[:, None]
        return kept, sigma - _quadratic(self.end, now) + handed.sum(axis=0), handed.T

    def seed_of(self, index: int) -> np.random.SeedSequence:
        """The stream of a block."""
        key = (*self.seed.spawn_key, index)
        return np.random.SeedSequence(self.seed.entropy, spawn_key=key)

    def _draw_start(self, generator: np.random.Generator) -> RealArray:
        drawn = self._root @ generator.standard_normal((2 * self.network.n_modes, _BLOCK)) / np.sqrt(2)
        return np.asarray(drawn + np.hstack([self.start.mean.real, self.start.mean.imag])[:, None])


def _wigner_root(state: GaussianState) -> RealArray:
    return np.asarray(linalg.cholesky(state.covariance("xxpp"), lower=True))


def _log_density(state: GaussianState, points: RealArray | None) -> Any:
    """ln W at the points (rows Re alpha, Im alpha); without points, ln of its normalization alone."""
    root = _wigner_root(state)
    norm = -float(np.log(np.diag(root)).sum()) - state.n_modes * float(np.log(np.pi))
    return norm if points is None else norm + _quadratic(state, points)


def _quadratic(state: GaussianState, points: RealArray) -> RealArray:
    shifted = points - np.hstack([state.mean.real, state.mean.imag])[:, None]
    scaled = linalg.solve_triangular(_wigner_root(state), shifted, lower=True)
    return np.asarray(-np.sum(scaled**2, axis=0))


def _exact_step(network: Network, span: float) -> _Step:
    """The joint Gaussian of the amplitudes after ``span`` and the increments of all channels, given the start.

    z = (alpha, y_1, ..., y_K) obeys dz = B z dt + force dt + noise, so that its moments are integrals of exp(Bt).
    """
    size, count, modes = network.n_modes, network.n_baths, network.bath_modes
    rates, widths = network.bath_rates, network.bath_occupations + 0.5
    places = size + np.arange(count)
    b = np.zeros((size + count + 1, size + count + 1), dtype=np.complex128)
    b[:size, :size] = dense(network.drift)
    b[:size, -1] = -1j * network.drive
    b[places, modes] = -rates / 2
    channel = np.zeros((size + count, count))
    channel[places, np.arange(count)] = channel[modes, np.arange(count)] = np.sqrt(rates * widths)
    spread = np.zeros_like(b)
    spread[:-1, :-1] = channel @ channel.T
    moved, fed, _ = integrals(b, spread, span)
    values, vectors = linalg.eigh(fed[:-1, :-1])
    kept = values > _NEGLIGIBLE * max(float(values.max(initial=0.0)), np.finfo(float).tiny)
    # A complex normal of unit E|xi|^2 has half of it in each part.
    noise = vectors[:, kept] * np.sqrt(values[kept] / 2)
    # Rows Re alpha, Im alpha, Re y, Im y from columns Re alpha, Im alpha, noise.
    order = np.argsort(np.repeat([0, 1], size + count) + 2 * np.tile(np.arange(size + count) >= size, 2), kind="stable")
    matrix = np.hstack([_as_real(moved[:-1, :size]), _as_real(noise)])[order]
    shift = np.hstack([moved[:-1, -1].real, moved[:-1, -1].imag])[order]
    return _Step(matrix, shift[:, None], 2 * noise.shape[1])


def _as_real(matrix: Array) -> RealArray:
    return np.block([[matrix.real, -matrix.imag], [matrix.imag, matrix.real]])


def exchange_statistics(network: Network, duration: float) -> ExchangeStatistics:
    r"""Exact mean and variance of the excitations each bath takes up in the steady state, from moment equations.

    Counted along phase-space trajectories: :math:`X_c = -\int 2\,\mathrm{Re}(\alpha_k^* \circ dy_c)`. With the
    steady :math:`V = C + \frac12`, :math:`Y(t) = \mathrm{Cov}(X_c, \alpha \alpha^\dagger)` obeys
    :math:`\dot Y = A Y + Y A^\dagger + \gamma V P_k V - \gamma d (V P_k + P_k V)`, and
    :math:`\mathrm{Var}[X_c] = 2 \gamma d V_{kk} t + 2 \gamma \int_0^t Y_{kk}`.

    Parameters
    ----------
    network : Network
        Thermal baths and probes, no pairing, no drive.
    duration : float
        The time over which is counted, > 0.

    Returns
    -------
    ExchangeStatistics
        The symmetrized noise; that of counted quanta is different at low occupation.

    Raises
    ------
    UndefinedQuantityError
        With other baths, pairing or drive.
    NoUniqueSteadyStateError
        If there is no steady state.

    Examples
    --------
    >>> import wignerness as wn
    >>> pair = wn.models.chain(2, hopping=0.5, rate=1.0, occupations=(1, 2))
    >>> wn.exchange_statistics(pair, 1000.0).mean.round(6)
    array([ 250., -250.])
    """
    from .steady import steady_state

    check_thermal(network, "statistics of the exchange")
    if not network.is_passive or network.drive.any():
        raise UndefinedQuantityError("The statistics of the exchange are given without pairing and drive.")
    time = real("duration", duration, above=0.0)
    ness = steady_state(network)
    drift, covariance = dense(ness.network.drift), ness.state.normal + np.eye(network.n_modes) / 2
    variance = np.empty(network.n_baths)
    channels = zip(ness.network.bath_modes, ness.network.bath_rates, ness.network.bath_occupations + 0.5, strict=True)
    for index, (node, rate, width) in enumerate(channels):
        row = covariance[node]
        pull = np.zeros_like(covariance)
        pull[:, node] = covariance[:, node]
        source = rate * np.outer(covariance[:, node], row) - rate * width * (pull + pull.conj().T)
        summed = integrals(drift, source, time).twice[node, node].real
        variance[index] = 2 * rate * (width * row[node].real * time + summed)
    return ExchangeStatistics(ness.bath_currents * time, variance)
