"""The baths as a theory beyond the local one sees them: a damping rate and an occupation at every frequency."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import linalg

from .._checks import first_nonzero
from .._memory import refuse_beyond
from .._typing import ComplexArray, RealArray
from ..bath import Probe, ThermalBath
from ..errors import InvalidNetworkError
from ..network import Network

__all__ = ["NormalModes", "normal_modes", "refusal_of", "thermal_baths"]

_REMEDIES = {
    "pairing": "theories.Exact() and theories.Local() take it; or leave it out",
    "drive": (
        "theories.Local() takes it; or leave it out: it displaces the state and does not change its second moments"
    ),
}
_BYTES = 400  # per element of an L x L matrix: those of several baths, and what the solution needs


def refusal_of(network: Network, theory: str) -> str | None:
    """Why a theory for thermal baths in the rotating-wave form cannot take a network; None if it can.

    Refused are pairing, drive, and baths other than thermal ones and probes.
    """
    for name, remedy in _REMEDIES.items():
        if found := first_nonzero(name, getattr(network, name)):
            return f"{theory} treats networks without {name}, in the rotating-wave form, but {found}: {remedy}."
    for index, bath in enumerate(network.baths):
        label = network.bath_labels[index]
        if not isinstance(bath, (ThermalBath, Probe)):
            return (
                f"{theory} treats thermal baths and probes, but baths[{index}], {label!r}, is a {type(bath).__name__}: "
                "theories.Local() takes it; or leave it out."
            )
    return None


def thermal_baths(network: Network, theory: str) -> tuple[ThermalBath, ...]:
    """The baths of a network, in their order; a probe is a white thermal bath, of occupation zero while it is free.

    Raises
    ------
    InvalidNetworkError
        If :func:`refusal_of` has a reason.
    """
    reason = refusal_of(network, theory)
    if reason is not None:
        raise InvalidNetworkError(reason)
    return tuple(
        bath
        if isinstance(bath, ThermalBath)
        else ThermalBath(bath.mode, bath.rate, bath.occupation or 0.0, name=bath.name)  # type: ignore[union-attr]
        for bath in network.baths
    )


@dataclass(frozen=True, eq=False)
class NormalModes:
    """The normal modes of a Hamiltonian and what each bath does at their frequencies.

    Attributes
    ----------
    energies : (L,) array
        Frequencies E_k, ascending.
    vectors : (L, L) array
        a_i = sum_k vectors[i, k] c_k.
    baths : tuple of ThermalBath
    contacts : (K, L) array
        v_bk = conj(vectors[mode of b, k]): bath b couples to sum_k conj(v_bk) c_k.
    dampings, occupations : (K, L) array
        J_b(E_k) and n_b(E_k).
    """

    energies: RealArray
    vectors: ComplexArray
    baths: tuple[ThermalBath, ...]
    contacts: ComplexArray
    dampings: RealArray
    occupations: RealArray

    @property
    def largest_damping(self) -> float:
        """Largest total damping rate of a node at the frequency of a normal mode."""
        nodes = np.array([bath.mode for bath in self.baths], dtype=np.intp)
        total = np.zeros(self.vectors.shape)
        np.add.at(total, nodes, self.dampings)
        return float(total.max(initial=0.0))


def normal_modes(network: Network, theory: str) -> NormalModes:
    """Diagonalize the Hamiltonian and ask each bath at the normal frequencies.

    Raises
    ------
    InvalidNetworkError
        If the theory refuses the network, or a bath with a temperature meets a frequency that is not positive.
    """
    baths = thermal_baths(network, theory)
    size = network.n_modes
    refuse_beyond(_BYTES * size**2, f"The normal modes of {size} nodes", "Use fewer modes.")
    matrix = network.hamiltonian.toarray() if network.is_sparse else network.hamiltonian
    energies, vectors = linalg.eigh(matrix)
    for index, bath in enumerate(baths):
        if bath.bath_temperature and energies[0] <= 0.0:
            raise InvalidNetworkError(
                f"A normal mode has the frequency {energies[0]:.6g}, at which {network.bath_labels[index]!r}, of the "
                f"temperature {bath.bath_temperature:.6g}, has no thermal occupation. Use frequencies in the laboratory "
                "frame, or give the bath an occupation in place of the temperature."
            )
    nodes = [bath.mode for bath in baths]
    shape = (len(baths), size)
    return NormalModes(
        energies=np.asarray(energies),
        vectors=np.asarray(vectors, dtype=np.complex128),
        baths=baths,
        contacts=np.reshape(vectors[nodes].conj(), shape).astype(np.complex128),
        dampings=np.reshape([bath.damping(energies) for bath in baths], shape),
        occupations=np.reshape([bath.occupation_at(energies) for bath in baths], shape),
    )
