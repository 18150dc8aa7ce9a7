"""The work at the points of a sweep: build a network, solve it, compute the quantities; a failure is a result too."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import scipy.linalg  # noqa: F401  (loads SciPy's own BLAS, so that the limit on its threads reaches it)

from ..dynamics.quantities import Quantity
from ..dynamics.steady import SteadyState, steady_state
from ..errors import MissingExtraError, SweepError, UndefinedQuantityError
from ..network import Network
from ..solvers import Batch, Solver
from ..solvers.batch import Solved
from .grids import Product
from .outcome import Outcome

__all__ = ["PointTask"]


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
    """

    build: Callable[..., Network]
    grid: Product
    quantities: Mapping[str, Quantity]
    required: bool
    solver: Solver
    seed: int | None

    def __call__(self, indices: Sequence[int]) -> list[bytes]:
        """Solve the points and return their encoded outcomes, in the same order."""
        with one_thread():
            if not isinstance(self.solver, Batch):
                return [self._outcome(partial(self._built, index), self.solver).encode() for index in indices]
            networks = [self._attempted(index) for index in indices]
            built = [network for network in networks if isinstance(network, Network)]
            solved = dict(zip(map(id, built), self.solver.solve_many(built), strict=True))
            return [
                network.encode()
                if isinstance(network, Outcome)
                else self._outcome(partial(_same, network), Solved(self.solver, solved[id(network)])).encode()
                for network in networks
            ]

    def _outcome(self, make: Callable[[], Network], solver: Solver) -> Outcome:
        try:
            return self._evaluate(steady_state(make(), solver=solver))
        # Whatever a user's function raises is the result of this point, and the others go on.
        except Exception as error:  # noqa: BLE001
            return _failure(error)

    def _attempted(self, index: int) -> Network | Outcome:
        try:
            return self._built(index)
        except Exception as error:  # noqa: BLE001
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

    def _evaluate(self, result: SteadyState) -> Outcome:
        values, omitted = {}, {}
        for name, quantity in self.quantities.items():
            try:
                values[name] = _real(name, quantity.compute(result))
            except UndefinedQuantityError as error:
                if self.required:
                    raise
                omitted[name] = str(error)
        return Outcome(
            values=values,
            nodes=result.network.labels,
            baths=result.network.bath_labels,
            omitted=omitted,
            solver=repr(result.solver),
            residual=result.residual,
            error_bound=np.nan if result.error_bound is None else result.error_bound,
        )


def _same(network: Network) -> Network:
    return network


def _failure(error: Exception) -> Outcome:
    return Outcome(message=f"{type(error).__name__}: {error}")


def _real(name: str, value: Any) -> np.ndarray:
    array = np.asarray(value.toarray() if hasattr(value, "toarray") else value)
    if array.dtype.kind not in "iufb":
        raise SweepError(f"Quantity {name!r} must be real, but is of type {array.dtype}: give its parts one by one.")
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
