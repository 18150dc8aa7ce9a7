"""Transients: the state at any times, and the thermodynamics along the run."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Any, TypeVar, overload

import numpy as np
from scipy import linalg

from .. import thermodynamics
from .._checks import fail, read_only, real, real_array, representable
from .._progress import track
from .._typing import RealArray
from ..bath import ThermalBath
from ..errors import AccuracyWarning, ConvergenceError, InvalidNetworkError, UndefinedQuantityError
from ..linalg.symplectic import ladder
from ..network import Network
from ..state import GaussianState
from ..thermodynamics._fit import sole_bath_occupations, solved_trace
from .propagation import Change, Motion
from .routes import motion

__all__ = ["Evolution", "States", "evolve"]

T = TypeVar("T", RealArray, float)

_KEEP = 2**22  # matrix elements of states that are kept once computed
_UNNOTICED, _HOPELESS = 1e-8, 1e-2  # error of an entropy that goes without a warning, and that is refused


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
            if not self.are_kept:
                return state
            self._kept[place] = state
        return self._kept[place]

    @property
    def are_kept(self) -> bool:
        """Whether they are few and small enough to be kept once computed."""
        return len(self) * self._motion.network.n_modes**2 <= _KEEP

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
        self._rows: dict[str, RealArray] = {}

    def __repr__(self) -> str:
        span = f"t = {self.times.min():.6g} to {self.times.max():.6g}"
        return f"Evolution({self.network!r}, {len(self.times)} times, {span})"

    def network_at(self, index: int) -> Network:
        """The network at one of the times: with following probes at the occupations that they have then."""
        return self._motion.network_at(self.states[index])

    def _row(self, name: str) -> RealArray:
        if self.network.dephasings and name in _GAUSSIAN:
            thermodynamics.wigner_entropy(self.network, self.initial)  # raises with the reason
        if name not in self._rows:
            # States that are not kept are computed anew in every pass: then everything is taken from the same one.
            every = list(_LINEAR) if self.network.dephasings else [*_LINEAR, *_GAUSSIAN]
            self._rows |= self._pass([name] if self.states.are_kept else every)
        return self._rows[name]

    def _pass(self, names: list[str]) -> dict[str, RealArray]:
        """Some of the quantities at all times."""
        rows: dict[str, list[Any]] = {name: [] for name in names}
        uncertain = 0.0
        for index in track(range(len(self.times)), "evolution"):
            state = self.states[index]
            network = self._motion.network_at(state)
            if not _LINEAR.keys() >= rows.keys():
                uncertain = max(uncertain, self._uncertainty(index, state))
            for name, values in rows.items():
                values.append(self._quantity(name, index, network, state))
        if uncertain > _UNNOTICED:
            warnings.warn(
                f"The state is squeezed so strongly that its entropies may be off by about {uncertain:.1g} nats: moments "
                "in double precision do not hold more.",
                AccuracyWarning,
                stacklevel=4,
            )
        whole = {name: np.array(values) for name, values in rows.items()}
        if not (self.initial.mean.any() or self.network.drive.any()):
            for name in {"bath_currents", "entropy_flux"}.intersection(names):
                # A following probe exchanges nothing; its rounded occupation would leave a last digit.
                whole[name][:, list(self.network.free_probes)] = 0.0
        return {name: read_only(values) for name, values in whole.items()}

    def _quantity(self, name: str, index: int, network: Network, state: GaussianState) -> Any:
        if name == "entropy_rate":
            return _entropy_rate(state, self._motion.change(float(self.times[index])))
        return (_LINEAR | _GAUSSIAN)[name](network, state)

    def _uncertainty(self, index: int, state: GaussianState) -> float:
        """Error of an entropy, by rounding of the widest direction of Theta into its narrowest."""
        if state.is_phase_insensitive:
            return 0.0
        widths: list[float] = linalg.eigvalsh(state.covariance()).tolist()
        uncertainty = float(np.finfo(float).eps) * widths[-1] / max(widths[0], float(np.finfo(float).tiny))
        if uncertainty > _HOPELESS:
            raise ConvergenceError(
                f"At t = {self.times[index]:g} the state is squeezed beyond double precision: the widths of its Wigner "
                "function differ by seven decades or more, and its entropies are rounding. Its moments are still given; "
                "ask for entropies at earlier times.",
                last_iterate=state,
                error=uncertainty,
            )
        return uncertainty

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
        """dS/dt from the moment equations, Eq. (13), shape (T,); equal to the sum of Pi minus the sum of Phi."""
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

    @cached_property
    def relative_entropy_rate(self) -> RealArray:
        """d/dt S(W || W_eq), shape (T,), from the moment equations; equal to U - Pi, Eq. (22)."""
        rates = np.empty(len(self.times))
        for index, time in enumerate(self.times):
            widths = sole_bath_occupations(self.network_at(index), "relative entropy") + 0.5
            change = self._motion.change(float(time))
            rates[index] = np.sum(change.occupations / widths) - _entropy_rate(self.states[index], change)
        return read_only(rates)

    def _each(self, function: Any) -> RealArray:
        _ = self._row("wigner_entropy")  # warns and refuses where entropies are rounding
        values = [function(self._motion.network_at(state), state) for state in self.states]
        return read_only(np.array(values, dtype=np.float64))

    # -- integrals over an interval, in closed form -------------------------------------------------------

    def integrated_occupations(self, start: float, stop: float) -> RealArray:
        """The integral of <a_k^+ a_k> over [start, stop], shape (L,) (unit: time).

        Raises
        ------
        UndefinedQuantityError
            With probes that follow, or dephasing.
        InvalidNetworkError
            If the interval is not one of times after the start.
        """
        return self._integral(_occupations, start, stop)

    def integrated_exchange(self, start: float, stop: float) -> RealArray:
        """Excitations that each bath takes up in [start, stop], shape (K,); raises as above."""
        return self._integral(thermodynamics.bath_currents, start, stop)

    def integrated_heat(self, start: float, stop: float) -> RealArray:
        """Energy that each bath takes up in [start, stop], shape (K,); raises as above."""
        return self._integral(thermodynamics.heat_currents, start, stop)

    def integrated_flux(self, start: float, stop: float) -> RealArray:
        """The integral of Phi of each bath over [start, stop], shape (K,), in nats; raises as above."""
        return self._integral(thermodynamics.entropy_flux, start, stop)

    def integrated_production(self, start: float, stop: float) -> float:
        r"""The integral of the total Pi over [start, stop], in nats; raises as above.

        It is the change of S plus the integrated Phi. Computed as minus the change of the relative entropy to the
        product of thermal states of one occupation n, plus
        :math:`\int (\Phi_b - J_b/(n+\frac12))` and the gain of drive and pairing over the same width: each of these
        vanishes where the network is at equilibrium with all its baths.
        """
        first, last = self._interval(start, stop)
        baths = self.network.bath_rates * (self.network.bath_anomalous == 0)
        level = float(self.network.bath_occupations[np.argmax(baths)]) if baths.any() else 0.0
        reference = self.network.replace(
            baths=[ThermalBath(k, 1.0, level) for k in range(self.network.n_modes)], pairing=None, drive=None
        )
        distance = [thermodynamics.relative_entropy(reference, self._motion.state(t)) for t in (first, last)]

        def surplus(network: Network, state: GaussianState) -> float:
            current, flux = thermodynamics.bath_currents(network, state), thermodynamics.entropy_flux(network, state)
            thermal = (network.bath_anomalous == 0) * current[list(network.local_baths)]
            widths = network.bath_occupations + 0.5
            extra = thermal * (level - network.bath_occupations) / (widths * (level + 0.5))
            other = flux - current / (level + 0.5)
            other[list(network.local_baths)] *= network.bath_anomalous != 0
            gain = thermodynamics.excitation_gain(network, state).sum() / (level + 0.5)
            return float(extra.sum() + other.sum() + gain)

        return distance[0] - distance[1] + float(self._integral(surplus, first, last))

    def _interval(self, start: float, stop: float) -> tuple[float, float]:
        if self.network.free_probes or self.network.dephasings:
            raise UndefinedQuantityError(
                "Integrals over an interval are given for frozen probes and Gaussian baths: only these have a closed form."
            )
        first, last = real("start", start, minimum=0.0), real("stop", stop)
        if last < first:
            fail("stop", f"not come before start = {first:g}", last)
        return first, last

    @representable("integral over the interval")
    def _integral(self, function: Callable[[Network, GaussianState], T], start: float, stop: float) -> T:
        """The integral of a quantity that is linear in the raw moments."""
        first, last = self._interval(start, stop)
        if first == last:
            return function(self.network, self._motion.state(first)) * 0.0
        return function(self.network, self._motion.average(first, last)) * (last - first)


def _occupations(network: Network, state: GaussianState) -> RealArray:  # noqa: ARG001 - called like its siblings
    return state.occupations


_LINEAR: dict[str, Any] = {
    "occupations": _occupations,
    "bath_currents": thermodynamics.bath_currents,
    "heat_currents": thermodynamics.heat_currents,
    "entropy_flux": thermodynamics.entropy_flux,
}
_GAUSSIAN: dict[str, Any] = {
    "entropy_production": thermodynamics.entropy_production,
    "wigner_entropy": thermodynamics.wigner_entropy,
    "entropy_rate": None,  # from the motion
}


@representable("entropy rate")
def _entropy_rate(state: GaussianState, change: Change) -> float:
    """Tr[Theta^-1 dTheta/dt]/2, Eq. (13), from the rate of change of the departure from the steady state."""
    if state.is_phase_insensitive and not change.anomalous.any():
        return solved_trace(state.normal + np.eye(state.n_modes) / 2, change.normal)
    return solved_trace(state.covariance(), ladder(change.normal, change.anomalous)) / 2


@representable("transient")
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
        occupation C_kk(t), and exchanges nothing at any time, but for what it damps of a mean. The end is the same.

    Returns
    -------
    Evolution

    Raises
    ------
    InvalidStateError
        If the state has the wrong number of modes, or is partial.
    InvalidNetworkError
        If a time is negative or not finite.
    NoUniqueSteadyStateError
        If free probes are to be frozen at a steady state that does not exist.
    UndefinedQuantityError
        For dephasing together with pairing, squeezed baths or mixed jumps; for following probes beside dephasing where
        there is a mean.

    Notes
    -----
    Following probes and dephasing cost the eigenvectors of an L^2 x L^2 map up to 24 modes; beyond, a series of
    products with that map, whose number grows with the time until the steady state is reached.

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
    checked = real_array("times", np.atleast_1d(np.asarray(times)), (None,), minimum=0.0, error=InvalidNetworkError)
    if len(checked) == 0:
        fail("times", "hold at least one time", "empty")
    return Evolution(motion(network, state, follow=follow), state, checked)
