"""Moments under probes that follow the instantaneous occupation, and under dephasing.

Their equations are linear, but not Lyapunov equations: elements of the diagonal feed back on themselves. They are
exponentiated as the maps of all elements that they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import cast

import numpy as np

from .._checks import representable
from .._memory import refuse_beyond
from .._typing import ComplexArray, RealArray
from ..bath import Dephasing, Probe, ThermalBath
from ..errors import UndefinedQuantityError
from ..linalg.compensated import two_sum
from ..linalg.feedback import MAP_UP_TO, FeedbackFlow
from ..linalg.propagator import Propagator
from ..network import Network
from ..state import GaussianState
from .propagation import Change, Departing, blocks, bordered, dense

_BYTES = 16 * 12  # peak per element of the map


class Following(Departing):
    """dC/dt = A C + C A^H + f + diag(Gamma_k C_kk): probes that take on C_kk at every time.

    In ladder order where the network is not passive. Means, and S of a passive network, do not see the occupations of
    the probes, only their damping. The state stays Gaussian.
    """

    def __init__(
        self, network: Network, start: GaussianState, fixed: GaussianState | None, *, cold: bool = False
    ) -> None:
        super().__init__(_without_feedback(network), start, fixed, cold=cold)
        self.network = network
        _refuse_large(self._size)
        feedback = _on_nodes(network, list(_free(network)))
        weights = np.repeat(feedback, self._size // network.n_modes)
        source = self._source
        if source is not None and network.is_passive:  # what the probes find in the reference is fed back, too
            source = source + np.diag(feedback * self.fixed.normal.diagonal().real)
        self._flow = FeedbackFlow(self._drift, self._drift, weights, self._departure, source)

    def _departed(self, e: ComplexArray, time: float) -> ComplexArray:  # noqa: ARG002 - E is that of the means here
        departure = self._flow.at(time)
        return (departure + departure.conj().T) / 2

    def _rate(self, departure: ComplexArray) -> ComplexArray:
        return self._flow.rate(departure)

    def average(self, start: float, stop: float) -> GaussianState:  # noqa: ARG002 - the interface of every motion
        """Refused: there is no closed form here."""
        raise UndefinedQuantityError("Integrals over an interval are given for frozen probes and Gaussian baths.")

    def network_at(self, state: GaussianState) -> Network:
        """The network with every free probe at the occupation of its node."""
        return _filled(self.network, state)


class Dephased:
    """First and second moments under dephasing, with or without probes that follow: raw moments, and no Gaussian state.

    dN/dt = A N + N A^H + f + diag(Lambda_k N_kk) for N = <a_j^+ a_i>, and <a_i^2> loses Lambda_i more than the drift has
    it. A drive is one more row and column: [[N, mu], [mu^+, 1]] obeys the same equation with [[A, -i eps], [0, 0]].
    """

    def __init__(self, network: Network, start: GaussianState, fixed: GaussianState | None) -> None:
        self.network, self.start = network, start
        if not network.is_passive:
            raise UndefinedQuantityError(
                "Dephasing is propagated without pairing, squeezed baths and mixed jumps: leave these out."
            )
        if network.free_probes and (start.mean.any() or network.drive.any()):
            raise UndefinedQuantityError(
                "Probes that follow the instantaneous occupation beside dephasing are propagated at zero mean: what "
                "dephasing makes of a coherent amplitude would feed them by its square. Freeze the probes, or leave out "
                "the dephasing."
            )
        self._driven = bool(network.drive.any())
        size = network.n_modes + self._driven
        _refuse_large(size)
        self._fixed = GaussianState.vacuum(network.n_modes) if fixed is None else fixed
        self._damped = _without_feedback(network)
        drift, self._turning = self._coefficients()
        dephasing = [bath for bath in network.baths if isinstance(bath, Dephasing)]
        losses, fed = _on_nodes(network, dephasing), _on_nodes(network, [*dephasing, *_free(network)])
        losses, fed = (np.pad(rates, (0, int(self._driven))) for rates in (losses, fed))
        source = None
        if fixed is None:
            source = np.zeros((size, size), dtype=np.complex128)
            source[: network.n_modes, : network.n_modes] = dense(self._damped.diffusion)
        self._flow = FeedbackFlow(drift, drift, fed, self._departure(hermitian=True, corner=fixed is None), source)
        pairs = self._departure(hermitian=False, corner=fixed is None)
        self._pairs = FeedbackFlow(drift, drift.conj(), -losses, pairs)

    def _coefficients(self) -> tuple[ComplexArray, float]:
        """The drift, bordered by the drive, or without its middle frequency where there is none; and that frequency."""
        drift = dense(self._damped.drift)
        if self._driven:
            return bordered(drift, -1j * self.network.drive), 0.0
        middle = float(np.diag(drift).imag.max() / 2 + np.diag(drift).imag.min() / 2)
        return drift - 1j * middle * np.eye(len(drift)), -middle

    def _departure(self, *, hermitian: bool, corner: bool) -> ComplexArray:
        """Of <a_j^+ a_i>, or of <a_i a_j>, from the steady state or from zero, with that of the means around it."""
        start, fixed, mean = self.start, self._fixed, self.start.mean - self._fixed.mean
        if hermitian:
            departure = start.correlations - fixed.correlations
            departure[np.diag_indices_from(departure)] += start.normal_tail - fixed.normal_tail
        else:
            departure = start.anomalous - fixed.anomalous
            departure = departure + np.outer(start.mean, start.mean) - np.outer(fixed.mean, fixed.mean)
        if not self._driven:
            return departure
        whole = bordered(departure, mean, float(corner))
        whole[-1, :-1] = mean.conj() if hermitian else mean
        return whole

    def network_at(self, state: GaussianState) -> Network:
        """The network with every free probe at the occupation of its node."""
        return _filled(self.network, state)

    @representable("state at this time")
    def state(self, time: float) -> GaussianState:
        """The moments at ``time``."""
        if time == 0:
            return self.start
        size, fixed = self.network.n_modes, self._fixed
        flow = self._flow.at(time)
        moved = flow[:size, -1] if self._driven else self._propagator.carried(self.start.mean - fixed.mean, time)
        mean = fixed.mean + moved
        # Raw departures, less what the means have of them: mu mu^+ - mu_0 mu_0^+ = d mu_0^+ + mu_0 d^+ + d d^+.
        coherent = np.outer(moved, fixed.mean.conj())
        coherent = coherent + coherent.conj().T + np.outer(moved, moved.conj())
        departure = (flow[:size, :size] + flow[:size, :size].conj().T) / 2 - coherent
        tail = two_sum(np.diag(fixed.normal).real, np.diag(departure).real).lo + fixed.normal_tail
        return GaussianState(
            mean, fixed.normal + departure, self._anomalous(time, moved), normal_tail=tail, trusted=True
        )

    def _anomalous(self, time: float, moved: ComplexArray) -> ComplexArray | None:
        fixed = self._fixed
        if not (self.start.mean.any() or self._driven or not self.start.is_phase_insensitive):
            return None
        size = self.network.n_modes
        pairs = np.exp(-2j * self._turning * time) * self._pairs.at(time)[:size, :size]
        coherent = np.outer(moved, fixed.mean)
        coherent = coherent + coherent.T + np.outer(moved, moved)
        return np.asarray(fixed.anomalous + (pairs + pairs.T) / 2 - coherent)

    @cached_property
    def _propagator(self) -> Propagator:
        return Propagator(blocks(self._damped))

    def change(self, time: float) -> Change:  # noqa: ARG002 - the interface of every motion
        """Refused: rates of change serve entropies, and the state is not Gaussian."""
        raise UndefinedQuantityError("Entropies and their rates need a Gaussian state, which dephasing does not keep.")

    def average(self, start: float, stop: float) -> GaussianState:  # noqa: ARG002 - the interface of every motion
        """Refused: there is no closed form here."""
        raise UndefinedQuantityError("Integrals over an interval are given for frozen probes and Gaussian baths.")


def _free(network: Network) -> list[Probe]:
    return [cast("Probe", network.baths[index]) for index in network.free_probes]


def _without_feedback(network: Network) -> Network:
    """The network with the damping of its free probes and its dephasing alone."""
    fed_back = [*_free(network), *(bath for bath in network.baths if isinstance(bath, Dephasing))]
    return network.replace(
        baths=[ThermalBath(b.mode, b.rate, 0.0) if b in fed_back else b for b in network.baths]  # type: ignore[union-attr]
    )


def _filled(network: Network, state: GaussianState) -> Network:
    if not network.free_probes:
        return network
    baths = list(network.baths)
    for index in network.free_probes:
        probe = cast("Probe", baths[index])
        baths[index] = replace(probe, occupation=max(0.0, float(state.normal[probe.mode, probe.mode].real)))
    return network.replace(baths=baths)


def _refuse_large(size: int) -> None:
    if size <= MAP_UP_TO:
        refuse_beyond(_BYTES * (size**2 + 1) ** 2, "The map of the second moments", "Use fewer modes.")


def _on_nodes(network: Network, baths: Sequence[Probe | Dephasing]) -> RealArray:
    """Total rate of the baths on every node."""
    rates = np.zeros(network.n_modes)
    np.add.at(rates, [bath.mode for bath in baths], [bath.rate for bath in baths])
    return rates
