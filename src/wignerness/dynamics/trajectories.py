"""Stochastic trajectories in phase space: the Langevin unravelling of the Fokker-Planck equation (6).

d alpha_k = (-i sum_l h_kl alpha_l - i eps_k) dt + sum_c dy_c, and each bath c on node k contributes
dy_c = -(gamma_c/2) alpha_k dt + sqrt(gamma_c d_c) dxi_c. The entropy production of a trajectory is

    Sigma = ln[W_0(alpha_0)/W_tau(alpha_tau)] + sum_c X_c/d_c,    X_c = -int 2 Re(alpha_k^* o dy_c)   (Stratonovich)

with X_c the excitations that bath c takes up. No stochastic integral has to be summed for it:

- All baths of a node together take up -[|alpha_k|^2]_0^tau + int 2 Re(alpha_k^* f_k) dt, with f_k what the other nodes
  and the drive do to alpha_k; :mod:`.langevin` has that integral.
- Given the amplitudes, how this splits among several baths of a node is Gaussian. With D = sum_c gamma_c d_c, w_c =
  gamma_c d_c/D, G = sum_c gamma_c and M = int |alpha_k|^2 dt,

      X_c = w_c sum_c' X_c' + (gamma_c - w_c G) M + noise,   Cov(c, c') = 2 M D (w_c delta_cc' - w_c w_c').

  The area between the noises of two baths, which no finite step resolves, does not have to be resolved.

Squeezed baths, and jump operators on one node, follow the same pattern with 2 x 2 matrices in place of numbers: with
dy_c = -(kappa_c/2) alpha dt + dzeta_c, noise of covariance Q_c dt in the plane, Q = sum_c Q_c and kappa = sum_c kappa_c, the
entropy handed to bath c is

    S_c = -kappa_c int alpha . Q_c^-1 o dy_c
        = -kappa_c int alpha . Q^-1 o dY + (kappa_c/2) int alpha . (kappa_c Q_c^-1 - kappa Q^-1) alpha dt + noise,

dY the sum of all dy_c, with Cov(c, c') = kappa_c kappa_c' Tr[(delta_cc' Q_c^-1 - Q^-1) int alpha alpha^T dt] of the noise.
"""

from __future__ import annotations

import os
import warnings
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from scipy import linalg

from .._checks import fail, integer, read_only, real_array
from .._memory import refuse_beyond
from .._progress import track
from .._typing import BoolArray, ComplexArray, IntArray, RealArray
from ..errors import AccuracyWarning
from ..network import Network
from ..state import GaussianState
from ..thermodynamics._fit import check_thermal
from .exchange import ExchangeStatistics
from .langevin import SMALL_STEP, Langevin, Step
from .local_channels import local_channels
from .routes import motion

__all__ = ["FluctuationAverage", "Trajectories", "sample_trajectories"]

# Trajectories are drawn in blocks, each with a stream of its own: the numbers do not depend on how many are asked for,
# nor on which core draws which block. The largest block, and what bounds it for many times or many modes.
_LARGEST_BLOCK, _SMALLEST_BLOCK = 4096, 16
_KEPT, _IN_CACHE = 2**22, 2**15
_STREAM = 0x7769676E  # sets the streams apart from those that a caller spawns from the same seed
# Effective samples, and part of all samples, below which the exponential average is not to be trusted.
_FEW, _FEW_OF_ALL = 10, 0.01
_FAR_OFF, _ROUNDING = 5.0, 1e-10  # standard errors from 1, where it is exact, that are no chance any more


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


class Trajectories:
    """An ensemble of trajectories; amplitudes are drawn again, identically, when asked for.

    Attributes
    ----------
    network : Network
        With the occupations of all probes.
    initial : GaussianState
    times : (T,) array
    n : int
        Number of trajectories.
    entropy_production : (n,) array
        Sigma of each trajectory over the whole time, in nats.
    bath_entropy : (n, K) array
        The part of every bath: the entropy that the trajectory hands to it, X_c/d_c for thermal ones. Sigma is their sum
        plus ln[W_0(alpha_0)/W_tau(alpha_tau)].
    """

    def __init__(self, sampler: _Sampler, n: int, sigma: RealArray, bath_entropy: RealArray) -> None:
        self._sampler = sampler
        self.network, self.initial, self.times, self.n = sampler.network, sampler.start, sampler.times, n
        self.entropy_production = read_only(sigma)
        self.bath_entropy = read_only(bath_entropy)

    def __repr__(self) -> str:
        return f"Trajectories({self.n} of {self.network!r}, {len(self.times)} times)"

    @property
    def exchanged(self) -> RealArray:
        """Excitations handed to every bath, X_c, shape (n, K).

        Raises
        ------
        UndefinedQuantityError
            With baths other than thermal ones and probes: only what they are handed of entropy is drawn.
        """
        check_thermal(self.network, "number of excitations handed over along a trajectory")
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
        needed = 16 * shape[0] * shape[1] * shape[2]
        refuse_beyond(needed, "The array of all amplitudes", "Go through `batches()` instead.")
        out = np.empty(shape, dtype=np.complex128)
        done = 0
        for batch in self.batches():
            out[done : done + len(batch)] = batch
            done += len(batch)
        return read_only(out)

    def batches(self) -> Iterator[ComplexArray]:
        """Amplitudes in batches of shape (m, T, L), without ever holding all of them."""
        for index, block in enumerate(self._sampler.blocks(self.n, keep=True)):
            yield block.amplitudes[: self.n - index * self._sampler.block]

    def integral_fluctuation(self) -> FluctuationAverage:
        """<exp(-Sigma)> with its standard error; 1 by the integral fluctuation theorem.

        Warns
        -----
        AccuracyWarning
            If a few trajectories of negative Sigma carry the average, or trajectories so rare that the sample has none
            of them, so that it misses 1 by many standard errors. The error is then underestimated.
        """
        lowest = float(self.entropy_production.min())
        weights = np.exp(lowest - self.entropy_production)  # the largest is 1
        effective = float(weights.sum() ** 2 / np.sum(weights**2))
        scale = float(np.exp(-lowest))
        mean, error = scale * float(weights.mean()), float("inf")
        if self.n > 1:
            error = scale * float(weights.std(ddof=1) / np.sqrt(self.n))
        carried = None
        if effective < max(_FEW_OF_ALL * self.n, min(_FEW, self.n / 2)):
            carried = f"rests on about {effective:.0f} of {self.n} trajectories"
        elif abs(mean - 1) > _FAR_OFF * error + _ROUNDING:
            carried = (
                f"misses 1 by {abs(mean - 1) / error:.0f} standard errors: trajectories too rare to be drawn carry it"
            )
        if carried is not None:
            warnings.warn(
                f"The average of exp(-Sigma) {carried}. Its standard error is not to be trusted. Take a shorter time, a "
                "wider start, or many more trajectories.",
                AccuracyWarning,
                stacklevel=2,
            )
        return FluctuationAverage(mean, error, effective)

    def exchange_statistics(self) -> ExchangeStatistics:
        """Sample mean and variance of the excitations handed to each bath; see :func:`exchange_statistics`."""
        variance = self.exchanged.var(axis=0, ddof=1) if self.n > 1 else np.full(self.network.n_baths, np.inf)
        return ExchangeStatistics(self.exchanged.mean(axis=0), variance)


def sample_trajectories(
    network: Network,
    state: GaussianState,
    times: Any,
    n: int,
    *,
    rng: int | np.random.SeedSequence | np.random.Generator,
    substeps: int | None = None,
) -> Trajectories:
    """Draw trajectories of the Langevin equation behind Eq. (6), with their entropy production.

    Parameters
    ----------
    network : Network
        Thermal and squeezed baths, probes (frozen at their steady occupations), jump operators on single nodes. Pairing
        and drive are allowed, gain and growing modes too.
    state : GaussianState
        The start; it is drawn from its Wigner function.
    times : (T,) array_like
        Increasing times, the first >= 0; the start is at 0.
    n : int
        Number of trajectories.
    rng : int, SeedSequence or Generator
        The seed. The same seed gives the same numbers: the first 100 of 1000 are those of 100. A Generator is advanced,
        so that it gives others the next time.
    substeps : int, optional
        Draws between two times. The amplitudes are exact with any number, averages of what the baths take up to 1e-8;
        their fluctuations miss a part of the order of the third power of the step. The default keeps (hopping + rate) x
        step below 0.25 and that part below 1e-4.

    Returns
    -------
    Trajectories

    Raises
    ------
    UndefinedQuantityError
        With dephasing, and with jump operators that act on several nodes: what such a bath takes up depends on areas that
        amplitudes of different nodes sweep together, which no number of steps resolves.
    InvalidNetworkError, InvalidStateError
        If an argument does not fit.
    MemoryLimitError
        If Sigma and the parts of the baths would not fit for so many trajectories.

    Notes
    -----
    The backward process of the fluctuation theorem reverses the unitary drift and keeps the dissipative one. All cores
    that the process may use take part; the numbers do not depend on them.

    Examples
    --------
    >>> import wignerness as wn
    >>> one = wn.Network([[1.0]], [wn.ThermalBath(0, 1.0, 1.0)])
    >>> sample = wn.sample_trajectories(one, wn.GaussianState.thermal([3.0]), [0.5, 1.0], 20000, rng=1)
    >>> average = sample.integral_fluctuation()
    >>> bool(abs(average.mean - 1) < 4 * average.standard_error)
    True
    """
    if not network.free_probes:
        local_channels(network)  # refuses what trajectories are not drawn for, before anything is solved
    number = integer("n", n, minimum=1)
    grid = real_array("times", np.atleast_1d(np.asarray(times)), (None,), minimum=0.0)
    if len(grid) == 0 or np.any(np.diff(grid) <= 0):
        fail("times", "be increasing", grid if len(grid) < 8 else "not")
    count = None if substeps is None else integer("substeps", substeps, minimum=1)
    seed = _seed(rng)
    refuse_beyond(8 * number * (network.n_baths + 2), "Sigma of all trajectories", "Take fewer.")
    sampler = _Sampler(network, state, grid, seed, count)
    sigma, parts = np.empty(number), np.empty((number, network.n_baths))
    for index, block in enumerate(sampler.blocks(number, keep=False)):
        here = slice(index * sampler.block, min(number, (index + 1) * sampler.block))
        sigma[here], parts[here] = block.sigma[: here.stop - here.start], block.handed[: here.stop - here.start]
    return Trajectories(sampler, number, sigma, parts)


def _seed(rng: object) -> np.random.SeedSequence:
    if isinstance(rng, np.random.SeedSequence):
        return rng
    if isinstance(rng, np.random.Generator):
        return np.random.SeedSequence(rng.integers(2**32, size=8).tolist())
    return np.random.SeedSequence(integer("rng", rng, minimum=0))


class _Block(NamedTuple):
    """Amplitudes at the times if they were kept, Sigma, and the entropy handed to every bath."""

    amplitudes: ComplexArray
    sigma: RealArray
    handed: RealArray


class _Sampler:
    """Draws blocks of trajectories; block i is the same whenever it is drawn, and on any core."""

    def __init__(
        self,
        network: Network,
        start: GaussianState,
        times: RealArray,
        seed: np.random.SeedSequence,
        substeps: int | None,
    ) -> None:
        course = motion(network, start, follow=False)
        self.network, self.start, self.times, self._seed = course.network, start, read_only(times), seed
        self._langevin = Langevin(self.network)
        self._split = _Split(self._langevin)
        self._first, self._last = _Density(start), _Density(course.state(float(times[-1])))
        self._steps = self._make_steps(substeps)
        fitting = min(_KEPT // (len(times) * network.n_modes), _IN_CACHE // network.n_modes, _LARGEST_BLOCK)
        self.block = 1 << (max(_SMALLEST_BLOCK, fitting).bit_length() - 1)

    def _make_steps(self, substeps: int | None) -> list[tuple[Step, int]]:
        """The step to every time, and how often it is taken."""
        made: dict[tuple[float, int], Step] = {}
        steps = []
        spans = np.diff(self.times, prepend=0.0)
        # Spans that differ by rounding of the grid are one step.
        common = float(np.median(spans))
        for raw in spans:
            span = common if abs(raw - common) <= 1e-12 * self.times[-1] else float(raw)
            count = substeps or max(1, int(np.ceil(span * self._langevin.strength / SMALL_STEP)))
            if (span, count) not in made:
                made[span, count] = self._langevin.step(span / count)
            steps.append((made[span, count], count if span > 0 else 0))
        return steps

    def blocks(self, n: int, *, keep: bool) -> Iterator[_Block]:
        """The blocks that n trajectories take, in order; a few are drawn ahead, one on every core."""
        count = -(-n // self.block)
        workers = min(_cores(), count)
        rows = 2 * max(sum(step.matrix.shape) for step, _ in self._steps)
        held = 16 * len(self.times) * self.network.n_modes if keep else 0
        refuse_beyond(2 * workers * self.block * (8 * rows + held), "A batch of trajectories", "Ask for fewer times.")
        with ThreadPoolExecutor(workers) as pool:
            pending: deque[Future[_Block]] = deque()
            for index in track(range(count), "trajectories"):
                ahead = range(index + len(pending), min(count, index + 2 * workers))
                pending.extend(pool.submit(self.run, later, keep=keep) for later in ahead)
                yield pending.popleft().result()

    def run(self, index: int, *, keep: bool) -> _Block:
        """Draw one block."""
        generator = np.random.Generator(np.random.SFC64(self._stream(index)))
        langevin, size = self._langevin, 2 * self.network.n_modes
        kept = np.empty((self.block, len(self.times) if keep else 0, self.network.n_modes), dtype=np.complex128)
        now = self._first.draw(generator, self.block)
        start = langevin.amplitudes(now, 0.0)
        done, paths = np.zeros((len(langevin.pulled), self.block)), np.zeros((3, len(langevin.shared), self.block))
        room: dict[int, tuple[RealArray, RealArray]] = {}
        for place, (step, count) in enumerate(self._steps):
            if id(step) not in room:
                room[id(step)] = tuple(np.ones((rows, self.block)) for rows in step.matrix.shape[::-1])  # type: ignore[assignment]
            given, moved = room[id(step)]
            for _ in range(count):
                given[:size] = now
                generator.standard_normal(out=given[size:-1])
                np.matmul(step.matrix, given, out=moved)
                now = moved[:size]
                work, path = langevin.work(moved[size:], step)
                done += work
                paths += path
            if keep:
                kept[:, place] = langevin.amplitudes(now, float(self.times[place])).T
        end = langevin.amplitudes(now, float(self.times[-1]))
        lost = langevin.weighed(start) - langevin.weighed(end)
        lost[langevin.pulled] += done
        handed = self._split.among_baths(lost, paths, generator)
        sigma = self._first.logarithm(start) - self._last.logarithm(end) + handed.sum(axis=0)
        return _Block(kept, sigma, handed.T)

    def _stream(self, index: int) -> np.random.SeedSequence:
        return np.random.SeedSequence(self._seed.entropy, spawn_key=(*self._seed.spawn_key, _STREAM, index))


class _Density:
    """A Wigner function to draw from, and its logarithm."""

    def __init__(self, state: GaussianState) -> None:
        self._root = linalg.cholesky(state.covariance("xxpp"), lower=True)
        self._mean = np.concatenate([state.mean.real, state.mean.imag])[:, None]
        self._offset = -float(np.log(np.diag(self._root)).sum()) - state.n_modes * float(np.log(np.pi))
        # Re alpha and Im alpha are the quadratures over sqrt 2: W = exp(-|root^-1 (Re alpha, Im alpha)|^2) / ...
        self._inverse = linalg.solve_triangular(self._root, np.eye(2 * state.n_modes), lower=True)

    def draw(self, generator: np.random.Generator, count: int) -> RealArray:
        """Points as columns, Re alpha above Im alpha."""
        drawn = self._root @ generator.standard_normal((len(self._root), count)) / np.sqrt(2)
        return np.asarray(drawn + self._mean)

    def logarithm(self, points: ComplexArray) -> RealArray:
        """ln W at complex points, one a column."""
        scaled = self._inverse @ (np.vstack([points.real, points.imag]) - self._mean)
        return np.asarray(self._offset - np.einsum("ib,ib->b", scaled, scaled))


class _Split:
    """What all baths of a node take up together, bath by bath, as entropy."""

    def __init__(self, langevin: Langevin) -> None:
        drags, noises = langevin.channels.drags, langevin.channels.noises
        place = {int(node): k for k, node in enumerate(langevin.damped)}
        self._count = len(drags)
        self._coupled: IntArray = np.flatnonzero(drags)
        self._node: IntArray = np.array([place[int(langevin.channels.nodes[c])] for c in self._coupled], dtype=np.intp)
        # -kappa_c int alpha . Q^-1 o dY, from what alpha . B alpha lost, B = 2 Q^-1/Tr[Q^-1]
        inverses = [linalg.inv(noise) for noise in langevin.noises]
        self._share = drags[self._coupled] * np.array([np.trace(inverses[k]) / 4 for k in self._node])
        self._shared = [
            _SharedNode(langevin.channels.nodes == langevin.damped[k], drags, noises, inverses[k])
            for k in langevin.shared
        ]

    def among_baths(self, lost: RealArray, paths: RealArray, generator: np.random.Generator) -> RealArray:
        """Entropy handed to every bath, shape (K, B), from what each damped node lost and from int alpha alpha^T dt."""
        handed = np.zeros((self._count, lost.shape[1]))
        handed[self._coupled] = self._share[:, None] * lost[self._node]
        for row, node in enumerate(self._shared):
            handed[node.baths] += node.drawn(paths[:, row], generator)
        return handed


class _SharedNode:
    """How what a node hands over splits among several baths, given its path."""

    def __init__(self, here: BoolArray, drags: RealArray, noises: RealArray, inverse: RealArray) -> None:
        self.baths: IntArray = np.flatnonzero(here & noises.any(axis=(1, 2)))
        self._drags = drags[self.baths]
        own = np.array([linalg.inv(noises[c]) if drags[c] else np.zeros((2, 2)) for c in self.baths])
        mean = self._drags[:, None, None] / 2 * (self._drags[:, None, None] * own - self._drags.sum() * inverse)
        # of int x^2, y^2 and x y
        self._drag = np.stack([mean[:, 0, 0], mean[:, 1, 1], 2 * mean[:, 0, 1]], axis=1)
        roots = np.array([_root(noises[c]) for c in self.baths])
        self._isotropic = all((root == root[0, 0] * np.eye(2)).all() for root in roots)
        self._own, self._common = own @ roots, roots @ inverse

    def drawn(self, path: RealArray, generator: np.random.Generator) -> RealArray:
        """What each bath has more than its share, shape (k, B)."""
        surplus = self._drag @ path
        if self._isotropic:  # one direction of noise tells all
            extent = np.sqrt(path[0] + path[1])
            loose = generator.standard_normal((len(self.baths), path.shape[1]))
            common = self._common[:, 0, 0] @ loose
            return np.asarray(surplus + self._drags[:, None] * extent * (self._own[:, :1, 0] * loose - common))
        # The root R of int alpha alpha^T dt; the noise of bath c is -kappa Tr[Q_c^-1/2 R Z_c - sum Q_c'^1/2 Q^-1 R Z_c'].
        first = np.sqrt(path[0])
        cross = np.divide(path[2], first, out=np.zeros_like(first), where=first > 0)
        second = np.sqrt(np.maximum(path[1] - cross**2, 0.0))
        drawn = generator.standard_normal((2, 2, len(self.baths), path.shape[1]))
        moved = np.array([first * drawn[0], cross * drawn[0] + second * drawn[1]])
        separate = np.einsum("cij,jicb->cb", self._own, moved)
        common = np.einsum("cij,jicb->b", self._common, moved)
        return np.asarray(surplus - self._drags[:, None] * (separate - common))


def _root(matrix: RealArray) -> RealArray:
    """The square root of a positive 2 x 2 matrix, singular ones included."""
    product = np.sqrt(max(0.0, float(linalg.det(matrix))))
    return np.asarray((matrix + product * np.eye(2)) / np.sqrt(np.trace(matrix) + 2 * product))


def _cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
