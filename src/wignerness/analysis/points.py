"""The work at the points of a sweep: build a network, solve it, compute the quantities; a failure is a result too."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeAlias

import numpy as np
import scipy.linalg  # noqa: F401  (loads SciPy's own BLAS, so that the limit on its threads reaches it)

from .._progress import progress_to
from .._typing import RealArray
from ..dynamics.evolution import Evolution
from ..dynamics.quantities import QUANTITIES, Quantity
from ..dynamics.steady import SteadyState, steady_state
from ..errors import MissingExtraError, SweepError, UndefinedQuantityError
from ..network import Network
from ..solvers import Auto, Batch, Solver
from ..theories import Local, TheoryAccount
from ..thermodynamics.stacks import STACKED
from .grids import Product, Selection
from .in_time import InTime
from .outcome import Outcome
from .stacked import SolvedStack, solved_stacks

__all__ = ["PointTask"]

Result: TypeAlias = SteadyState | TheoryAccount | Evolution


@dataclass(frozen=True)
class PointTask:
    """Solves points of a sweep, given by their indices; the same bits in whichever process.

    Attributes
    ----------
    build : callable
        Takes the parameters of a point by name, and ``rng`` where there is a seed; returns a Network.
    grid : Product
    quantities : dict of str to Quantity
    required : bool
        Whether a quantity that is undefined for a network makes the point fail; it is left out otherwise.
    solver : Solver
    seed : int or None
    theory : Local, or another theory
        Others than the local one bring their own solver.
    in_time : InTime or None
        Where given, runs in time in place of steady states.
    """

    build: Callable[..., Network]
    grid: Product | Selection
    quantities: Mapping[str, Quantity]
    required: bool
    solver: Solver
    seed: int | None
    theory: Any = field(default_factory=Local)
    in_time: InTime | None = None
    # Names of the quantities that are computed for a whole stack. Found here, as copies in other processes are told
    # from the quantities of that name by nothing.
    _together: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        own = (name for name, quantity in self.quantities.items() if QUANTITIES.get(name) is quantity)
        object.__setattr__(self, "_together", tuple(name for name in own if name in STACKED))

    @property
    def _stacks(self) -> bool:
        """Whether small networks can be solved together."""
        return self.in_time is None and isinstance(self.solver, (Auto, Batch)) and isinstance(self.theory, Local)

    def portion(self, indices: Sequence[int]) -> PointTask:
        """The same work without the parameters of other points; for a cluster, to which it goes with every chunk."""
        return replace(self, grid=Selection({index: self.grid.point(index) for index in indices}))

    def __call__(self, indices: Sequence[int]) -> list[bytes]:
        """Solve the points and return their encoded outcomes, in the same order."""
        with one_thread(), progress_to(_silent):
            if not self._stacks:
                return [self._outcome(partial(self._built, index), self.solver).encode() for index in indices]
            return self._many(indices, self.solver if isinstance(self.solver, Batch) else Batch())

    def _many(self, indices: Sequence[int], solver: Batch) -> list[bytes]:
        """Small networks together; what is not for stacks at once, so that no more than one is in memory."""
        done: list[bytes] = [b""] * len(indices)
        small: dict[int, Network] = {}
        for place, index in enumerate(indices):
            attempt = self._attempted(index)
            if isinstance(attempt, Network) and solver.takes(attempt):
                small[place] = attempt
            else:
                done[place] = self._alone(attempt).encode()
        places, networks = list(small), list(small.values())
        for position, content in self._in_stacks(solver, networks).items():
            done[places[position]] = content
        return [content or self._alone(small[place]).encode() for place, content in enumerate(done)]

    def _in_stacks(self, solver: Batch, networks: Sequence[Network]) -> dict[int, bytes]:
        """Encoded outcomes of the small networks, solved together; by their position in the sequence."""
        done: dict[int, bytes] = {}
        for stack in solved_stacks(solver, networks, self._together):
            done |= stack.encoded() if len(self._together) == len(self.quantities) else self._one_by_one(stack)
        return done

    def _one_by_one(self, stack: SolvedStack) -> dict[int, bytes]:
        """With quantities that are computed for each network of a stack."""
        done = {}
        for place in stack.sound:
            given = {name: values[place] for name, values in stack.values.items()}
            outcome = self._outcome(partial(_same, stack.networks[place]), stack.solved(place), given)
            done[stack.position(place)] = outcome.encode()
        return done

    def _alone(self, attempt: Network | Outcome) -> Outcome:
        return attempt if isinstance(attempt, Outcome) else self._outcome(partial(_same, attempt), self.solver)

    def _outcome(
        self, make: Callable[[], Network], solver: Solver, given: Mapping[str, RealArray] | None = None
    ) -> Outcome:
        try:
            if self.in_time is not None:
                return self._evaluate(self.in_time.run(make()), {})
            return self._evaluate(steady_state(make(), theory=self.theory, solver=solver), given or {})
        except KeyboardInterrupt:
            raise
        # Whatever else a user's function raises is the result of its point, and the others go on.
        except BaseException as error:  # noqa: BLE001
            return _failure(error)

    def _attempted(self, index: int) -> Network | Outcome:
        try:
            return self._built(index)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - as above
            return _failure(error)

    def _built(self, index: int) -> Network:
        network = self.build(**self.grid.point(index), **self._random(index))
        if not isinstance(network, Network):
            raise SweepError(f"`build` must return a Network, but returned a {type(network).__name__}.")
        return network

    def _random(self, index: int) -> dict[str, Any]:
        if self.seed is None:
            return {}
        return {"rng": np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=(index,)))}

    def _evaluate(self, result: Result, given: Mapping[str, RealArray]) -> Outcome:
        values, omitted = {}, {}
        for name, quantity in self.quantities.items():
            try:
                values[name] = given[name] if name in given else _real(name, quantity, result)
            except UndefinedQuantityError as error:
                if self.required:
                    raise
                omitted[name] = str(error)
        return Outcome(
            values=values,
            nodes=result.network.labels,
            baths=result.network.bath_labels,
            omitted=omitted,
            **_accuracy(result),
        )


def _silent(label: str, done: int, total: int) -> None:
    """What a point tells of its own progress is not that of the sweep."""


def _accuracy(result: Result) -> dict[str, Any]:
    if isinstance(result, Evolution):
        return {"solver": "evolve"}
    bound = np.nan if result.error_bound is None else result.error_bound
    if isinstance(result, SteadyState):
        return {"solver": repr(result.solver), "residual": result.residual, "error_bound": bound}
    return {"solver": repr(result.theory), "error_bound": bound}


def _same(network: Network) -> Network:
    return network


def _failure(error: BaseException) -> Outcome:
    try:
        text = str(error)
    # Exceptions of others may not even be able to say what they are.
    except Exception:  # noqa: BLE001
        text = "(no text)"
    return Outcome(message=f"{type(error).__name__}: {text}")


def _real(name: str, quantity: Quantity, result: Result) -> np.ndarray:
    value = quantity.compute(result)
    array = np.asarray(value.toarray() if hasattr(value, "toarray") else value)
    if array.dtype.kind not in "iufb":
        raise SweepError(f"Quantity {name!r} must be real, but is of type {array.dtype}: give its parts one by one.")
    extents = {"bath": result.network.n_baths, "time": len(getattr(result, "times", ()))}
    shape = tuple(extents.get(dim, result.network.n_modes) for dim in quantity.dims)
    if array.shape != shape:
        raise SweepError(f"Quantity {name!r} must have shape {shape} for its dimensions, but has {array.shape}.")
    return array.astype(np.float64)


def one_thread() -> AbstractContextManager[Any]:
    """Keep BLAS to one thread: several get in each other's way on small matrices, and may sum in another order."""
    limiter: AbstractContextManager[Any] = _thread_pools().limit(limits=1, user_api="blas")
    return limiter


@functools.cache
def _thread_pools() -> Any:
    try:
        from threadpoolctl import ThreadpoolController
    except ModuleNotFoundError as error:
        raise MissingExtraError("threadpoolctl", "data") from error
    return ThreadpoolController()
