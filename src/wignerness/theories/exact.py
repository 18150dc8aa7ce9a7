"""The exact steady state of modes between baths of any spectrum, by integrals over frequencies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from scipy import linalg

from .. import _checks, thermodynamics
from .._typing import RealArray
from ..bath import ThermalBath
from ..errors import InvalidNetworkError, NoUniqueSteadyStateError
from ..linalg.symplectic import ladder
from ..network import Network
from ..scattering.environment import Environment, refusal_of
from ..scattering.exchange import Exchange, exchange
from ..scattering.response import Response
from ..scattering.spectral import Moments, moments
from ..solvers import Dense
from ..solvers.equation import MomentEquation, connected_parts
from ..solvers.stability import check_probes, check_stability
from ..state import GaussianState
from .account import TheoryAccount, Undefined

__all__ = ["Exact", "ExactAccount"]

# Part of a commutator that the baths may leave undamped before the state counts as not unique.
_KEPT = 1e-6
_EPS = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class ExactAccount(TheoryAccount):
    """An exact steady state.

    Attributes
    ----------
    exchange : Exchange
        What pairs of baths exchange, with the errors of its integration.
    evaluations : int
        Frequencies at which the response of the network was computed.
    """

    exchange: Exchange
    evaluations: int


@dataclass(frozen=True)
class Exact:
    r"""The exact steady state, by the quantum Langevin equation (non-equilibrium Green functions).

    The baths are continua of modes, linearly coupled to the nodes with the spectral density J(omega), of any strength.
    In the rotating-wave form, :math:`\sum_j g_j (a^\dagger b_j + b_j^\dagger a)` with
    :math:`J(\omega) = 2 \pi \sum_j g_j^2 \delta(\omega - \omega_j)`,

    .. math:: C = \int \frac{d\omega}{2\pi}\,G(\omega) \sum_b J_b(\omega)\,n_b(\omega)\,P_b\,G(\omega)^\dagger, \quad
              G(\omega) = [\omega - H - \Sigma(\omega)]^{-1},

    with the self-energy :math:`\Sigma_b(\omega) = \Delta_b(\omega) - i J_b(\omega)/2` on the node of each bath. Currents
    follow from the transmission :math:`T_{ba} = J_b |G_{ba}|^2 J_a` by Landauer's formula.

    Parameters
    ----------
    counter_rotating : bool
        Whether to keep what the rotating-wave form drops: the baths then couple to the positions,
        :math:`\sum_j g_j (a + a^\dagger)(b_j + b_j^\dagger)`. The Hamiltonian of the network stays what it is.
    dressed_at : float, optional
        The Hamiltonian of the network contains the shifts that its baths cause at this frequency, so that only
        :math:`\Delta_b(\omega) - \Delta_b(\omega_d)` remains. The default is the reference frequency of each bath; zero
        with ``counter_rotating`` is the counter-term of Caldeira and Leggett; infinity makes the frequencies bare.
    infrared : float
        Where a bath with a temperature damps at zero frequency, too, as one without memory does, the number of its
        excitations diverges there. They begin at this part of the largest reference frequency.
    tolerance : float
        Relative error of the integration that is aimed at.

    Raises
    ------
    InvalidNetworkError
        If a parameter is out of range.

    Notes
    -----
    Where all baths are without memory and of the same occupation at every frequency, this is the local master equation,
    and solved as that. Heat is the energy that leaves with quanta of every frequency; the second law holds always.

    Examples
    --------
    Two resonant oscillators; the local master equation says 1.3649533e-3:

    >>> import wignerness as wn
    >>> baths = [wn.ThermalBath.at_temperature(k, 0.02, T, frequency=1.0) for k, T in enumerate((0.5, 0.25))]
    >>> pair = wn.Network([[1.0, 0.1], [0.1, 1.0]], baths)
    >>> ness = wn.steady_state(pair, theory=wn.theories.Exact())
    >>> f"{ness.heat_currents[1]:.7e}"
    '1.3679511e-03'
    >>> bool(ness.error_bound < 1e-10)
    True
    """

    counter_rotating: bool = field(default=False, kw_only=True)
    dressed_at: float | None = field(default=None, kw_only=True)
    infrared: float = field(default=1e-4, kw_only=True)
    tolerance: float = field(default=1e-10, kw_only=True)

    def __post_init__(self) -> None:
        if not isinstance(self.counter_rotating, (bool, np.bool_)):
            _checks.fail("counter_rotating", "be True or False", repr(self.counter_rotating))
        if self.dressed_at is not None and self.dressed_at != np.inf:
            object.__setattr__(self, "dressed_at", _checks.real("dressed_at", self.dressed_at, minimum=0.0))
        for name in ("infrared", "tolerance"):
            value = _checks.real(name, getattr(self, name), above=0.0)
            if value >= 1.0:
                _checks.fail(name, "be below 1", value)
            object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        default = Exact()
        given = [f"{k}={v!r}" for k, v in vars(self).items() if v != getattr(default, k)] if self != default else []
        return f"Exact({', '.join(given)})"

    def refusal(self, network: Network) -> str | None:
        """Why a network cannot be treated: drive, baths without a spectrum, free probes beside pairing."""
        reason = refusal_of(network, counter_rotating=self.counter_rotating)
        if reason is None and network.free_probes and not network.is_passive:
            free = network.free_probes[0]
            reason = (
                f"baths[{free}], {network.bath_labels[free]!r}, is a free probe in a network with pairing: give it an "
                "occupation, or take theories.Local()"
            )
        return None if reason is None else f"Exact does not treat this network: {reason}."

    def solve(self, network: Network) -> ExactAccount:
        """See :class:`wignerness.theories.Theory`."""
        reason = self.refusal(network)
        if reason is not None:
            raise InvalidNetworkError(reason)
        check_frequencies(network)
        parts = connected_parts(network)
        problems = [MomentEquation(network, part, np.zeros(network.n_modes, dtype=np.complex128)) for part in parts]
        check_stability(network, problems)
        check_probes(network, problems)
        filled, exchanged = self._close_probes(network)
        response = Response(filled, self._environment(filled))
        found, bound = self._moments(filled, response)
        return self._account(filled, response, found, exchanged, bound)

    def _environment(self, network: Network) -> Environment:
        options = {"counter_rotating": self.counter_rotating, "dressed_at": self.dressed_at}
        return Environment(network, infrared=self.infrared, **options)  # type: ignore[arg-type]

    def _close_probes(self, network: Network) -> tuple[Network, Exchange]:
        """Free probes take the occupation at which they exchange no excitations; what all baths exchange then."""
        found = exchange(Response(network, self._environment(network)), self.tolerance)
        if not network.free_probes:
            return network, found
        free = list(network.free_probes)
        pull = found.transmitted[free].sum(axis=1)
        balance = np.diag(pull) - found.transmitted[np.ix_(free, free)]
        levels = linalg.solve(balance, found.number[free].sum(axis=1))
        baths = list(network.baths)
        for index, level in zip(free, levels, strict=True):
            baths[index] = replace(baths[index], occupation=float(max(level, 0.0)))  # type: ignore[arg-type]
        filled = network.replace(baths=baths)
        return filled, exchange(Response(filled, self._environment(filled)), self.tolerance)

    def _moments(self, network: Network, response: Response) -> tuple[Moments, float]:
        """Second moments with a bound on their error.

        Baths without memory feed the vacuum and what is the same at every frequency as in the local master equation;
        only the rest is left to the integral.
        """
        environment = response.environment
        if not environment.is_flat:
            found = moments(response, self.tolerance)
            _check_commutators(network, found.missing)
            return found, found.error + float(found.missing.max()) * (1.0 + float(np.abs(found.normal).max()))
        solution = Dense().solve(_without_temperature(network))
        white = solution.state
        bound = solution.error_bound or 0.0
        if environment.is_white:
            return Moments(white.normal, white.anomalous, 0.0, np.zeros(network.n_modes), 0), bound
        found = moments(response, self.tolerance, thermal_only=True)
        total = replace(found, normal=found.normal + white.normal, anomalous=found.anomalous + white.anomalous)
        return total, bound + found.error

    def _account(
        self, network: Network, response: Response, found: Moments, exchanged: Exchange, bound: float
    ) -> ExactAccount:
        size = network.n_modes
        anomalous = None if response.is_small else found.anomalous
        state = GaussianState(np.zeros(size), found.normal, anomalous, trusted=True)
        evaluations = found.evaluations + exchanged.evaluations
        form = "position" if self.counter_rotating else "rotating-wave"
        rounding = _EPS * size * (1.0 + float(np.abs(found.normal).max()))
        return ExactAccount(
            theory=self,
            network=network,
            state=state,
            reason=f"quantum Langevin equation in the {form} form at {evaluations} frequencies",
            error_bound=bound + rounding,
            quantities=_quantities(network, state, response.environment, exchanged),
            notes=self._notes(response.environment),
            is_positive=state.is_physical(),
            exchange=exchanged,
            evaluations=evaluations,
        )

    def _notes(self, environment: Environment) -> tuple[str, ...]:
        notes = []
        if environment.edge:
            notes.append(
                f"baths that damp at zero frequency have no thermal excitations below {environment.edge:.6g} "
                "(`infrared`), where their number diverges"
            )
        if not environment.is_flat and self.dressed_at != np.inf:
            at = "the reference frequency of each bath" if self.dressed_at is None else f"{self.dressed_at:.6g}"
            notes.append(f"the Hamiltonian contains the shifts by the baths at {at} (`dressed_at`)")
        return tuple(notes)


def _quantities(
    network: Network, state: GaussianState, environment: Environment, exchanged: Exchange
) -> Mapping[str, RealArray | Undefined]:
    number, flux = exchanged.number.sum(axis=1), exchanged.flux.sum(axis=1)
    production: Any = Undefined(
        "The exact theory has no dissipator of a single bath, so that only the production of all is defined: in the "
        "steady state it is entropy_flux.sum()."
    )
    if environment.is_white:
        production = thermodynamics.entropy_production(network, state)
    return {
        "bath_currents": number,
        "heat_currents": exchanged.energy.sum(axis=1),
        "entropy_flux": flux,
        "entropy_production": production,
    }


def _without_temperature(network: Network) -> Network:
    """The network with nothing but the vacuum in the baths that have a temperature."""
    baths = [
        ThermalBath(b.mode, b.rate, 0.0) if isinstance(b, ThermalBath) and b.bath_temperature is not None else b
        for b in network.baths
    ]
    return network.replace(baths=baths)


def check_frequencies(network: Network) -> None:
    """Raise unless all normal modes have positive frequencies, where a bath has a temperature."""
    warm = [i for i, b in enumerate(network.baths) if isinstance(b, ThermalBath) and b.bath_temperature]
    if not warm:
        return
    h = network.hamiltonian.toarray() if network.is_sparse else network.hamiltonian
    matrix = h if network.is_passive else ladder(h, network.pairing)
    lowest = float(linalg.eigvalsh(matrix, subset_by_index=(0, 0))[0])
    if lowest <= 0.0:
        what = (
            "A normal mode has the frequency" if network.is_passive else "The Hamiltonian is not bounded by a vacuum:"
        )
        raise InvalidNetworkError(
            f"{what} {lowest:.6g}, at which {network.bath_labels[warm[0]]!r}, of the temperature "
            f"{network.baths[warm[0]].bath_temperature:.6g}, has no thermal occupation. Use frequencies in the laboratory "  # type: ignore[union-attr]
            "frame, or give the bath an occupation in place of the temperature."
        )


def _check_commutators(network: Network, missing: RealArray) -> None:
    worst = int(np.argmax(missing))
    if missing[worst] > _KEPT:
        raise NoUniqueSteadyStateError(
            f"There is no unique steady state: the baths leave {missing[worst]:.3g} of the commutator of node "
            f"{network.labels[worst]}. A mode lives where no bath damps, outside of its spectrum, and never forgets its "
            "initial state; or the coupling to the baths makes the network unstable; or a mode decays so slowly, by "
            "weak links, that rounding hides how. Take spectra that reach further, or a bath of its own for this node, or "
            "damp more weakly where damping is strong.",
            nodes=tuple(int(node) for node in np.flatnonzero(missing > _KEPT)),
        )
