"""Redfield's equation: second order in the coupling to the baths, without the secular approximation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import linalg

from .._typing import ComplexArray
from ..network import Network
from .balance import NormalModeAccount, account_of
from .moments import Moments, solve_moments
from .reservoirs import NormalModes, normal_modes, refusal_of

__all__ = ["Redfield"]

# Negative eigenvalues smaller than this part of the largest are rounding.
_ROUNDING = 1e-12


@dataclass(frozen=True)
class Redfield:
    r"""Redfield's master equation in the rotating-wave form, without the secular approximation.

    A bath on node m damps by the non-Hermitian matrix :math:`G = |m\rangle\langle m| J(H)`. For baths without memory
    it is the local master equation. Otherwise its generator is not of Lindblad's form and may not keep a state a state:
    ``is_positive`` is False then, and a note says by how much.

    Examples
    --------
    >>> import wignerness as wn
    >>> chain = wn.models.chain(3, hopping=0.2, rate=0.1, occupations=(1, 2))
    >>> ness = wn.steady_state(chain, theory=wn.theories.Redfield())
    >>> bool(abs(ness.occupations - wn.steady_state(chain).occupations).max() < 1e-14), ness.is_positive
    (True, True)
    """

    def refusal(self, network: Network) -> str | None:
        """Why a network cannot be treated: pairing, drive, baths that are not thermal, probes to be closed."""
        return refusal_of(network, "Redfield")

    def solve(self, network: Network) -> NormalModeAccount:
        """See :class:`wignerness.theories.Theory`."""
        modes = normal_modes(network, "Redfield")
        v, rates = modes.contacts, modes.dampings
        dampings = v[:, :, None] * v.conj()[:, None, :] * rates[:, None, :]
        moments = solve_moments(modes, dampings, [np.arange(network.n_modes, dtype=np.intp)])
        notes = _notes(modes, dampings, moments)
        return account_of(
            self,
            network,
            modes,
            moments,
            "second order in the damping, not secular",
            notes=notes,
            is_positive=not notes,
        )


def _notes(modes: NormalModes, dampings: ComplexArray, moments: Moments) -> tuple[str, ...]:
    """What is not positive: the matrices of the loss and the gain, the state."""
    notes = []
    gain = (dampings * modes.occupations[:, None, :]).sum(axis=0)
    loss = (dampings * (1.0 + modes.occupations[:, None, :])).sum(axis=0)
    worst = min(_negativity((m + m.conj().T) / 2) for m in (gain, loss))
    if worst < -_ROUNDING:
        notes.append(
            f"the generator is not of Lindblad's form: its rate matrix has a negative eigenvalue, {-worst:.2g} of the "
            "largest"
        )
    state = _negativity(moments.normal)
    if state < -_ROUNDING:
        notes.append(f"the moments are no state: C has a negative eigenvalue, {-state:.2g} of the largest")
    return tuple(notes)


def _negativity(matrix: ComplexArray) -> float:
    """The lowest eigenvalue relative to the largest, where it is negative; zero otherwise."""
    values = linalg.eigvalsh(matrix) if len(matrix) else np.zeros(1)
    return float(min(values[0], 0.0) / max(np.abs(values).max(), np.finfo(np.float64).tiny))
