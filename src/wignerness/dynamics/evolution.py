"""Transients: the state at any times, and the thermodynamics along the run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, NamedTuple, overload

import numpy as np

from .. import thermodynamics
from .._checks import fail, read_only, real, real_array
from .._progress import track
from .._typing import ComplexArray, RealArray
from ..errors import InvalidNetworkError, InvalidStateError, UndefinedQuantityError
from ..linalg.propagator import integrals
from ..network import Network
from ..state import GaussianState
from ..thermodynamics._fit import check_thermal
from .propagation import Motion, dense, motion

__all__ = ["Evolution", "States", "evolve"]

_KEEP = 2**22  # matrix elements of states that are kept once computed


class States(Sequence[GaussianState]):
    """The states at the times of a run, computed when asked for."""

    def __init__(self, course: Motion, times: RealArray) -> None:
        self._motion, self._times = course, times
        self._kept: dict[int, GaussianState] = {}

    def __len__(self) -> int:
        return len(self._times)

    @overload
    def __getitem__(self, index: int) -> GaussianState: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[GaussianState]: ...
    def __getitem__(self, index: int | slice) -> GaussianState | Sequence[GaussianState]:
        """The state at one time, or those at several."""
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        place = range(len(self))[index]
        if place not in self._kept:
            state = self._motion.state(float(self._times[place]))
            if len(self) * state.n_modes**2 > _KEEP:
                return state
            self._kept[place] = state
        return self._kept[place]

    def __iter__(self) -> Iterator[GaussianState]:
        return (self[i] for i in range(len(self)))


class Evolution:
    """A run of a network from a state; every quantity is computed when first asked for.

    Attributes
    ----------
    network : Network
        With frozen probe occupations filled in; with following probes as it was given.
    initial : GaussianState
    times : (T,) array
    states : sequence of GaussianState
        One for each time.
    """

    def __init__(self, course: Motion, initial: GaussianState, times: RealArray) -> None:
        self.network, self.initial = course.network, initial
        self.times = read_only(times)
        self._motion = course
        self.states = States(course, times)

    def __repr__(self) -> str:
        span = f"t = {self.times.min():.6g} to {self.times.max():.6g}" if len(self.times) else "no times"
        return f"Evolution({self.network!r}, {len(self.times)} times, {span})"

    @cached_property
    def _rows(self) -> dict[str, RealArray]:
        """One pass over the states for all quantities that are always defined."""
        rows: dict[str, list[Any]] = {name: [] for name in _ALWAYS}
        gaussian = not self.network.dephasings
        for index in track(range(len(self.times)), "evolution"):
            state = self.states[index]
            network = self._motion.network_at(state)
            for name, (function, needs_gaussian) in _ALWAYS.items():
                if gaussian or not needs_gaussian:
                    rows[name].append(function(network, state))
        return {name: read_only(np.array(values)) for name, values in rows.items()}

    def _row(self, name: str) -> RealArray:
        if self.network.dephasings and _ALWAYS[name][1]:
            thermodynamics.wigner_entropy(self.network, self.initial)  # raises with the reason
        return self._rows[name]

    @property
    def occupations(self) -> RealArray:
        """<a_k^+ a_k>, shape (T, L)."""
        return self._row("occupations")

    @property
    def bath_currents(self) -> RealArray:
        """Excitations into each bath per time, shape (T, K)."""
        return self._row("bath_currents")

    @property
    def heat_currents(self) -> RealArray:
        """Energy into each bath per time, shape (T, K)."""
        return self._row("heat_currents")

    @property
    def entropy_flux(self) -> RealArray:
        """Phi of each bath, Eq. (20), shape (T, K). That of frozen probes does not vanish in a transient."""
        return self._row("entropy_flux")

    @property
    def entropy_production(self) -> RealArray:
        """Pi of each bath, Eq. (17), shape (T, K)."""
        return self._row("entropy_production")

    @property
    def wigner_entropy(self) -> RealArray:
        """Wigner entropy, Eq. (12), shape (T,)."""
        return self._row("wigner_entropy")

    @property
    def entropy_rate(self) -> RealArray:
        """DS/dt from the moment equations, shape (T,); equal to the sum of Pi minus the sum of Phi."""
        return self._row("entropy_rate")

    @cached_property
    def relative_entropy(self) -> RealArray:
        """S(W || W_eq), Eq. (21), shape (T,).

        Raises
        ------
        UndefinedQuantityError
            Unless every node has exactly one bath of non-zero rate.
        """
        return self._each(thermodynamics.relative_entropy)

    @cached_property
    def unitary_production(self) -> RealArray:
        """The unitary term U of Eqs. (22)-(24), shape (T,); defined where the relative entropy is."""
        return self._each(thermodynamics.unitary_production)

    @property
    def relative_entropy_rate(self) -> RealArray:
        """d/dt S(W || W_eq) = U - Pi, Eq. (22), shape (T,); defined where the relative entropy is."""
        return self.unitary_production - self.entropy_production.sum(axis=1)

    def _each(self, function: Any) -> RealArray:
        values = [function(self._motion.network_at(state), state) for state in self.states]
        return read_only(np.array(values, dtype=np.float64))

    # -- integrals over an interval, in closed form -------------------------------------------------------

    def integrated_occupations(self, start: float, stop: float) -> RealArray:
        """The integral of <a_k^+ a_k> over [start, stop], shape (L,) (unit: time)."""
        return np.asarray(np.diag(self._integrated(start, stop).correlations).real)

    def integrated_exchange(self, start: float, stop: float) -> RealArray:
        """Excitations that each bath takes up in [start, stop], shape (K,).

        Raises
        ------
        UndefinedQuantityError
            With probes that follow, or baths other than thermal ones and probes.
        InvalidNetworkError
            If the interval is not one of times after the start.
        """
        return self._exchange(self._integrated(start, stop), stop - start)

    def integrated_flux(self, start: float, stop: float) -> RealArray:
        """The integral of Phi of each bath over [start, stop], shape (K,), in nats; raises as above."""
        return np.asarray(self.integrated_exchange(start, stop) / (self.network.bath_occupations + 0.5))

    def integrated_heat(self, start: float, stop: float) -> RealArray:
        """Energy that each bath takes up in [start, stop], shape (K,); raises as above."""
        total, network = self._integrated(start, stop), self.network
        hamiltonian = dense(network.hamiltonian)
        frequency, modes = np.diag(hamiltonian).real, network.bath_modes
        damped = np.sum(hamiltonian * total.correlations.T, axis=1).real - frequency * np.diag(total.correlations).real
        damped = damped + (network.drive.conj() * total.mean).real
        damped = damped + np.sum(network.pairing.conj() * total.anomalous, axis=1).real
        own = frequency[modes] * self._exchange(total, stop - start)
        return np.asarray(own + network.bath_rates * damped[modes])

    def integrated_production(self, start: float, stop: float) -> float:
        """The integral of the total Pi over [start, stop]: the change of S plus the integrated Phi, in nats."""
        flux = float(self.integrated_flux(start, stop).sum())
        change = [thermodynamics.wigner_entropy(self.network, self._motion.state(t)) for t in (start, stop)]
        return change[1] - change[0] + flux

    def _exchange(self, total: _Integrated, span: float) -> RealArray:
        check_thermal(self.network, "exchange over an interval")
        occupations = np.diag(total.correlations).real[self.network.bath_modes]
        return np.asarray(self.network.bath_rates * (occupations - self.network.bath_occupations * span))

    def _integrated(self, start: float, stop: float) -> _Integrated:
        """Integrals of the raw moments over an interval: a linear function of the moments at its start."""
        network = self.network
        if network.free_probes or network.dephasings:
            raise UndefinedQuantityError("Integrals over an interval are given for frozen probes and Gaussian baths.")
        first, last = real("start", start, minimum=0.0), real("stop", stop)
        if last < first:
            fail("stop", f"not come before start = {first:g}", last)
        state, size, step = self._motion.state(first), network.n_modes, 1 if network.is_passive else 2
        mean, force, raw = state.mean, -1j * network.drive, state.correlations
        if step == 2:
            mean, force = (np.ravel(np.column_stack([x, x.conj()])) for x in (mean, force))
            raw = state.covariance() + np.outer(mean, mean.conj())
        # (a, 1) is a vector with the drift [[A, -i eps], [0, 0]]: its second moments obey a Lyapunov equation.
        whole = np.zeros((step * size + 1, step * size + 1), dtype=np.complex128)
        moments, fed = np.zeros_like(whole), np.zeros_like(whole)
        whole[:-1, :-1], whole[:-1, -1] = dense(network.drift), force
        moments[:-1, :-1], moments[:-1, -1], moments[-1, :-1], moments[-1, -1] = raw, mean, mean.conj(), 1.0
        fed[:-1, :-1] = dense(network.diffusion)
        total = integrals(whole, moments, last - first).once + integrals(whole, fed, last - first).twice
        inner, means = total[:-1, :-1], total[:-1:step, -1]
        if step == 1:
            return _Integrated(inner, np.zeros_like(inner), means)
        half = np.eye(size) * (last - first) / 2
        return _Integrated(inner[::2, ::2] - half, inner[::2, 1::2], means)


class _Integrated(NamedTuple):
    """Integrals of <a_j^+ a_i>, of <a_i a_j> where pairing needs it, and of <a_i>."""

    correlations: ComplexArray
    anomalous: ComplexArray
    mean: ComplexArray


def _occupations(network: Network, state: GaussianState) -> RealArray:  # noqa: ARG001 - called like its siblings
    return state.occupations


_ALWAYS: dict[str, tuple[Any, bool]] = {
    "occupations": (_occupations, False),
    "bath_currents": (thermodynamics.bath_currents, False),
    "heat_currents": (thermodynamics.heat_currents, False),
    "entropy_flux": (thermodynamics.entropy_flux, False),
    "entropy_production": (thermodynamics.entropy_production, True),
    "wigner_entropy": (thermodynamics.wigner_entropy, True),
    "entropy_rate": (thermodynamics.entropy_rate, True),
}


def evolve(network: Network, state: GaussianState, times: Any, *, follow: bool = False) -> Evolution:
    """The exact moments of a network at any times, from a Gaussian start.

    By propagators, not by a time-stepper: any order and spacing of the times, no error that accumulates, and a
    late time costs no more than an early one. Works where there is no steady state: undamped modes, unitary
    networks, parametric instability at finite times.

    Parameters
    ----------
    network : Network
    state : GaussianState
        The start: vacuum, thermal, coherent, squeezed, or the state of an earlier result.
    times : (T,) array_like
        Times >= 0 after the start (unit: one over that of the Hamiltonian).
    follow : bool
        How free probes are closed. False (default): frozen at their occupations in the steady state, as in the
        paper; they then exchange excitations during the transient. True: each takes on the instantaneous
        occupation C_kk(t), and exchanges nothing at any time. The end is the same.

    Returns
    -------
    Evolution

    Raises
    ------
    InvalidStateError
        If the state has the wrong number of modes.
    InvalidNetworkError
        If a time is negative or not finite.
    NoUniqueSteadyStateError
        If free probes are to be frozen at a steady state that does not exist.
    UndefinedQuantityError
        For following probes or dephasing together with squeezing, drive or displacement.

    Notes
    -----
    Following probes and dephasing cost the exponential of an L^2 x L^2 map up to 24 modes; beyond, a series of
    products with that map, whose number grows with the time.

    Examples
    --------
    >>> import wignerness as wn
    >>> one = wn.Network([[1.0]], [wn.ThermalBath(0, 1.0, 1.0)])
    >>> run = wn.evolve(one, wn.GaussianState.thermal([3.0]), [0.0, 1.0, 1e9])
    >>> run.occupations[:, 0].round(6)
    array([3.      , 1.735759, 1.      ])
    >>> round(run.integrated_production(0.0, 1.0), 10)
    0.3946451584
    """
    if state.n_modes != network.n_modes:
        raise InvalidStateError(f"Argument `state` must have {network.n_modes} modes, but has {state.n_modes}.")
    checked = real_array("times", np.atleast_1d(np.asarray(times)), (None,), minimum=0.0, error=InvalidNetworkError)
    return Evolution(motion(network, state, follow=follow), state, checked)
