"""Which physical baths a network stands for: each with a temperature and a damping at every frequency."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from .. import _checks
from .._text import shorten
from ..bath import Probe, ThermalBath
from ..dynamics.steady import steady_state
from ..network import Network
from ..spectra import Flat

__all__ = ["PhysicalNetwork", "physical_network"]

_LISTED = 3
_WHITE = (
    "White noise, the same at every frequency, is declared for {}: of it the local equation is a model, not an "
    "approximation. A temperature (ThermalBath.at_temperature) says what it stands for."
)
_NO_FREQUENCY = (
    "No temperature follows from the occupation of {}, on a node whose frequency is not positive. Give temperatures "
    "(ThermalBath.at_temperature) with frequencies of the laboratory, or name the frequency of the rotating frame that "
    "the Hamiltonian is written in (frame=...)."
)
_PUMPED = (
    "No temperature follows from the occupation of {}: with pairing or drive the Hamiltonian may be written in the frame of "
    "a pump, whose frequencies are detunings. Give temperatures with the frequencies that they belong to "
    "(ThermalBath.at_temperature)."
)


@dataclass(frozen=True, eq=False)
class PhysicalNetwork:
    """A network whose thermal baths have temperatures, and what had to be assumed for that.

    Attributes
    ----------
    network : Network
        Probes closed as the local equation closes them, and made thermal baths.
    assumptions : tuple of str
        What was read into the network.
    held : tuple of int
        Indices of the baths that are such probes: they exchange nothing by the local equation, and no direction follows
        from the little that they exchange by others.
    open_questions : tuple of str
        Why it is not known which physical baths are meant, each with its remedy; empty if it is.
    """

    network: Network
    assumptions: tuple[str, ...]
    held: tuple[int, ...]
    open_questions: tuple[str, ...]


def physical_network(network: Network, frame: float) -> PhysicalNetwork:
    """Find the temperature of every bath.

    An occupation without a temperature means that of the bath's reference frequency, or of its node: Eq. (4) with the
    frequency of the node. A spectrum that is not given is flat.

    Parameters
    ----------
    network : Network
    frame : float
        Frequency of the rotating frame that the Hamiltonian is written in, added to that of every node.

    Raises
    ------
    InvalidNetworkError
        If there is a frame and pairing or drive.
    NoUniqueSteadyStateError
        If probes cannot be closed.
    """
    assumptions: list[str] = []
    held = network.free_probes
    if held:
        network = steady_state(network).network
        assumptions.append(
            "Probes are held at the occupations that the local equation finds for them: by other theories a probe would "
            "be closed at another one, which is not compared."
        )
    if frame:
        network = _out_of_frame(network, frame)
        assumptions.append(f"The Hamiltonian is written in a frame that rotates at {frame:.6g}.")
    inferred: list[str] = []
    unknown: dict[str, list[str]] = {_WHITE: [], _PUMPED: [], _NO_FREQUENCY: []}
    baths = list(network.baths)
    for index, bath in enumerate(baths):
        label = network.bath_labels[index]
        if not isinstance(bath, (ThermalBath, Probe)) or (isinstance(bath, ThermalBath) and _is_complete(bath)):
            continue
        found = _with_temperature(bath, network, label)
        if isinstance(found, str):
            unknown[found].append(repr(shorten(label)))
        else:
            baths[index] = found
            inferred.append(f"{shorten(label)!r} {found.bath_temperature:.6g}")
    if inferred:
        assumptions.append(
            "Baths given by an occupation have the temperature that it means at the frequency of their node, and damp "
            f"alike at every frequency unless they say otherwise: {_listed(inferred)}."
        )
    questions = tuple(question.format(_listed(labels)) for question, labels in unknown.items() if labels)
    return PhysicalNetwork(network.replace(baths=tuple(baths)), tuple(assumptions), held, questions)


def _listed(items: list[str]) -> str:
    return ", ".join(items[:_LISTED]) + (f" and {len(items) - _LISTED} more" if len(items) > _LISTED else "")


def _out_of_frame(network: Network, frame: float) -> Network:
    for name in ("pairing", "drive"):
        if _checks.has_nonzero(getattr(network, name)):
            _checks.fail("frame", f"be 0 where there is {name}, which would rotate in the laboratory", frame)
    size = network.n_modes
    added = sparse.eye_array(size, format="csr") if network.is_sparse else np.eye(size)
    return network.replace(hamiltonian=network.hamiltonian + frame * added)


def _is_complete(bath: ThermalBath) -> bool:
    return bath.bath_temperature is not None or bath.rate == 0.0


def _with_temperature(bath: ThermalBath | Probe, network: Network, label: str) -> ThermalBath | str:
    """The bath with the temperature that its occupation means, under its label; or why it means none."""
    spectrum = bath.spectrum if isinstance(bath, ThermalBath) else None
    own = bath.frequency if isinstance(bath, ThermalBath) else None
    if isinstance(spectrum, Flat):
        return _WHITE
    if own is None and (_checks.has_nonzero(network.pairing) or _checks.has_nonzero(network.drive)):
        return _PUMPED
    node = float(network.hamiltonian.diagonal().real[bath.mode])
    if own is None and node <= 0.0:
        return _NO_FREQUENCY
    frequency = node if own is None else own
    plain = ThermalBath(bath.mode, bath.rate, bath.occupation)  # type: ignore[arg-type]
    return ThermalBath(
        bath.mode,
        bath.rate,
        plain.occupation,
        name=label,
        bath_temperature=plain.temperature(frequency),
        frequency=frequency,
        spectrum=spectrum,
    )
