"""Mesoscopic leads: each bath with a memory becomes damped modes of its own, and the network an ordinary one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
from scipy import linalg

from .. import _checks, thermodynamics
from .._memory import refuse_beyond
from .._typing import ComplexArray, RealArray
from ..bath import Bath, Probe, ThermalBath
from ..errors import InvalidNetworkError
from ..network import Network
from ..scattering.environment import Environment, refusal_of
from ..solvers import Dense
from ..spectra import Flat
from ..state import GaussianState
from .account import TheoryAccount, Undefined
from .exact import check_frequencies
from .lead_modes import LeadModes, lead_modes

__all__ = ["LeadsAccount", "MesoscopicLeads"]

_FEWEST = 4


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class LeadsAccount(TheoryAccount):
    """A steady state of a network with leads, seen from the network without them.

    Attributes
    ----------
    enlarged : Network
        The network with its leads; nodes of the original one come first.
    enlarged_state : GaussianState
        Its steady state.
    lead_baths : tuple of tuple of int
        For every bath, indices of the baths of ``enlarged`` that stand for it.
    difference : float
        Largest change of an element of C from half the number of leads to all of them: the convergence so far. It
        estimates the error, and bounds it by no means: few leads may miss alike what half of them miss.
    """

    enlarged: Network
    enlarged_state: GaussianState
    lead_baths: tuple[tuple[int, ...], ...]
    difference: float


@dataclass(frozen=True)
class MesoscopicLeads:
    r"""Each bath with a spectrum or a temperature is represented by leads: modes that baths without memory damp.

    What comes out is an ordinary network (:meth:`network_of`), so that everything the library does, transients and
    trajectories included, can be done beyond weak coupling. Leads cover the spectrum with a spacing that is even around
    the levels of the network and grows with the distance from them; the lead j of the cell
    :math:`(\epsilon_j, \epsilon_{j+1})` is coupled by :math:`g_j^2 = \int J\,d\omega/2\pi` and fed so that
    :math:`g_j^2 n_j = \int J n\,d\omega/2\pi` over the cell. Baths without memory and temperature, and probes, stay as
    they are.

    Parameters
    ----------
    n_leads : int
        Leads for each bath, at least 4 (default 40).
    modes_per_lead : int
        1, 2 (default) or 3. One damped mode is a Lorentzian, whose slow tails make the error first order in
        the spacing; chains of two and three modes fall off faster, and their error is of second order.
    counter_rotating, dressed_at, infrared
        As for :class:`Exact`, to which the results converge.

    Raises
    ------
    InvalidNetworkError
        If a parameter is out of range.

    Examples
    --------
    >>> import wignerness as wn
    >>> ohmic = wn.spectra.Ohmic(5.0)
    >>> baths = [wn.ThermalBath.at_temperature(k, 0.2, T, 1.0, spectrum=ohmic) for k, T in enumerate((0.5, 0.25))]
    >>> pair = wn.Network([[1.0, 0.1], [0.1, 1.1]], baths)
    >>> leads = wn.theories.MesoscopicLeads(40)
    >>> ness, exact = (wn.steady_state(pair, theory=theory) for theory in (leads, wn.theories.Exact()))
    >>> bool(abs(ness.occupations - exact.occupations).max() < 0.002)
    True
    >>> leads.network_of(pair)
    Network(162 modes, 80 baths: 80 thermal)
    """

    n_leads: int = 40
    modes_per_lead: int = field(default=2, kw_only=True)
    counter_rotating: bool = field(default=False, kw_only=True)
    dressed_at: float | None = field(default=None, kw_only=True)
    infrared: float = field(default=1e-4, kw_only=True)

    def __post_init__(self) -> None:
        object.__setattr__(self, "n_leads", _checks.integer("n_leads", self.n_leads, minimum=_FEWEST))
        object.__setattr__(self, "modes_per_lead", _checks.integer("modes_per_lead", self.modes_per_lead, minimum=1))
        if self.modes_per_lead > 3:
            _checks.fail("modes_per_lead", "be 1, 2 or 3", self.modes_per_lead)
        if not isinstance(self.counter_rotating, (bool, np.bool_)):
            _checks.fail("counter_rotating", "be True or False", repr(self.counter_rotating))
        if self.dressed_at is not None and self.dressed_at != np.inf:
            object.__setattr__(self, "dressed_at", _checks.real("dressed_at", self.dressed_at, minimum=0.0))
        object.__setattr__(self, "infrared", _checks.real("infrared", self.infrared, above=0.0))

    def __repr__(self) -> str:
        defaults = {f.name: f.default for f in fields(self)}
        given = [f", {k}={v!r}" for k, v in vars(self).items() if k != "n_leads" and v != defaults[k]]
        return f"MesoscopicLeads({self.n_leads}{''.join(given)})"

    def refusal(self, network: Network) -> str | None:
        """Why a network cannot be treated: drive, baths without a spectrum."""
        reason = refusal_of(network, counter_rotating=self.counter_rotating)
        return None if reason is None else f"Leads do not represent the baths of this network: {reason}."

    def network_of(self, network: Network) -> Network:
        """The network with leads in place of its baths; its nodes come first, then the leads, bath by bath.

        Raises
        ------
        InvalidNetworkError
            If :meth:`refusal` has a reason, or a normal mode has no positive frequency although a bath has a temperature.
        """
        return self._enlarge(network)[0]

    def solve(self, network: Network) -> LeadsAccount:
        """See :class:`wignerness.theories.Theory`."""
        enlarged, lead_baths = self._enlarge(network)
        solution = Dense().solve(enlarged)
        size = network.n_modes
        half = Dense().solve(self._enlarge(network, coarse=True)[0]).state
        state = solution.state.reduced(range(size))
        difference = float(np.abs(state.normal - half.normal[:size, :size]).max())
        difference = max(difference, float(np.abs(state.anomalous - half.anomalous[:size, :size]).max()))
        filled = _filled(enlarged, solution.state)
        return LeadsAccount(
            theory=self,
            network=_filled(network, solution.state),
            state=state,
            reason=f"{enlarged.n_modes - size} modes in {self.n_leads} leads for each bath with a memory",
            error_bound=None,
            quantities=_quantities(filled, solution.state, lead_baths),
            notes=(_note(self.n_leads, difference),),
            enlarged=filled,
            enlarged_state=solution.state,
            lead_baths=lead_baths,
            difference=difference,
        )

    def _enlarge(self, network: Network, *, coarse: bool = False) -> tuple[Network, tuple[tuple[int, ...], ...]]:
        reason = self.refusal(network)
        if reason is not None:
            raise InvalidNetworkError(reason)
        check_frequencies(network)
        environment = Environment(
            network,
            counter_rotating=self.counter_rotating,
            dressed_at=self.dressed_at,
            infrared=self.infrared,
        )
        h = network.hamiltonian.toarray() if network.is_sparse else np.array(network.hamiltonian)
        builder = _Enlarged(h, np.array(network.pairing), self.counter_rotating)
        levels = np.linalg.eigvalsh(h)
        groups: list[tuple[int, ...]] = []
        baths: list[Bath] = []
        for index, bath in enumerate(network.baths):
            first = len(baths)
            if isinstance(bath, ThermalBath) and _has_memory(bath):
                leads = lead_modes(environment, index, levels, self.n_leads, self.modes_per_lead, coarse=coarse)
                baths += builder.attach(bath, leads, network.bath_labels[index], environment, index)
            else:
                baths.append(bath)
            groups.append(tuple(range(first, len(baths))))
        return builder.network(baths, network.labels), tuple(groups)


class _Enlarged:
    """A Hamiltonian that grows by leads."""

    def __init__(self, hamiltonian: ComplexArray, pairing: ComplexArray, counter_rotating: bool) -> None:
        self._blocks = [hamiltonian]
        self._size = len(hamiltonian)
        self._pairing, self._counter_rotating = pairing, counter_rotating
        self._links: list[tuple[Any, Any, RealArray]] = []
        self._labels: list[str] = []

    def attach(
        self, bath: ThermalBath, leads: LeadModes, label: str, environment: Environment, index: int
    ) -> list[Bath]:
        """Add the leads of a bath; return the baths of their last modes."""
        count, length = len(leads.energies), len(leads.links) + 1
        first = self._size + length * np.arange(count)
        self._size += length * count
        self._blocks.append(np.diag(np.repeat(leads.energies, length)).astype(np.complex128))
        self._links.append((np.full(count, bath.mode), first, leads.couplings))
        for step, link in enumerate(leads.links):
            self._links.append((first + step, first + step + 1, link * leads.widths))
        self._labels += [f"{label}: lead {j}.{q}" for j in range(count) for q in range(length)]
        self._compensate(bath, leads, environment, index)
        rates = leads.damping * leads.widths
        numbers = zip(first + length - 1, rates, leads.occupations, strict=True)
        return [
            ThermalBath(int(node), float(rate), float(n), name=f"{label}: lead {j}")
            for j, (node, rate, n) in enumerate(numbers)
        ]

    def _compensate(self, bath: ThermalBath, leads: LeadModes, environment: Environment, index: int) -> None:
        """At its reference frequency the bath shifts the node by as much as it shall, and not by what the leads do."""
        at = bath.frequency or 0.0
        done = leads.shift(at) + (leads.shift(-at) if self._counter_rotating else 0.0)
        change = float(environment.shift(index, np.array([at]))[0]) - done
        self._blocks[0][bath.mode, bath.mode] += change
        if self._counter_rotating:
            self._pairing[bath.mode, bath.mode] += change

    def network(self, baths: list[Bath], labels: tuple[str, ...]) -> Network:
        """What has been put together."""
        refuse_beyond(64 * self._size**2, f"A network with {self._size} modes, leads included,", "Use fewer leads.")
        h = linalg.block_diag(*self._blocks)
        pairing = np.zeros_like(h)
        size = len(self._pairing)
        pairing[:size, :size] = self._pairing
        for near, far, sizes in self._links:
            h[near, far] = h[far, near] = sizes
            if self._counter_rotating and near[0] < size:
                pairing[near, far] = pairing[far, near] = sizes
        return Network(h, baths, pairing=pairing if pairing.any() else None, labels=[*labels, *self._labels])


def _note(count: int, difference: float) -> str:
    return f"from half as many to {count} leads C changes by at most {difference:.2g}, an estimate of its error and no bound"


def _has_memory(bath: ThermalBath) -> bool:
    """Whether a bath is to be replaced: one of a temperature, or with a spectrum that is not flat."""
    is_flat = bath.spectrum is None or isinstance(bath.spectrum, Flat)
    return bath.rate > 0.0 and (bool(bath.bath_temperature) or not is_flat)


def _filled(network: Network, state: GaussianState) -> Network:
    """The network with the occupations of its free probes, those of their nodes."""
    if not network.free_probes:
        return network
    occupations = state.occupations
    baths = [
        replace(b, occupation=float(occupations[b.mode])) if isinstance(b, Probe) and b.is_free else b
        for b in network.baths
    ]
    return network.replace(baths=baths)


def _quantities(
    enlarged: Network, state: GaussianState, lead_baths: tuple[tuple[int, ...], ...]
) -> Mapping[str, RealArray | Undefined]:
    """What the baths of all leads of each bath exchange."""

    def summed(values: RealArray) -> RealArray:
        return np.array([values[list(group)].sum() for group in lead_baths])

    return {
        "bath_currents": summed(thermodynamics.bath_currents(enlarged, state)),
        "heat_currents": summed(thermodynamics.heat_currents(enlarged, state)),
        "entropy_flux": summed(thermodynamics.entropy_flux(enlarged, state)),
        "entropy_production": summed(thermodynamics.entropy_production(enlarged, state)),
    }
