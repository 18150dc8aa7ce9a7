"""Redfield's equation: second order in the coupling to the baths, without the secular approximation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
from scipy import linalg

from .. import _checks
from .._typing import ComplexArray, IntArray, RealArray
from ..bath import ThermalBath
from ..errors import InvalidNetworkError
from ..network import Network
from ..spectra import Flat, principal_value
from .balance import NormalModeAccount, account_of
from .closing import solve_closed
from .moments import Moments
from .reservoirs import NormalModes, normal_modes, refusal_of

__all__ = ["Redfield"]

# Negative eigenvalues smaller than this part of the largest are rounding.
_ROUNDING = 1e-12


@dataclass(frozen=True)
class Redfield:
    r"""Redfield's master equation in the rotating-wave form, without the secular approximation.

    A bath on node m damps by the non-Hermitian matrix :math:`G = |m\rangle\langle m| J(H)` towards the occupations
    :math:`n(H)`. For baths without memory, of the same occupation at every frequency, it is the local master equation.
    Otherwise its generator is not of Lindblad's form and may not keep a state a state: ``is_positive`` is False then,
    and the notes say by how much.

    Parameters
    ----------
    lamb_shift : bool
        Whether to keep the principal values: the shifts of the levels, :math:`G = |m\rangle\langle m| [J(H) + 2 i
        \Delta(H) - 2 i \Delta(\omega_0)]`, and those of the noise. The frequency of a node holds with its bath at the
        reference frequency :math:`\omega_0`, as for :class:`Exact`. With them coherences between normal modes are right
        to first order in the damping; without (default) the state at equal temperatures is Gibbs' of the Hamiltonian.

    Raises
    ------
    InvalidNetworkError
        If ``lamb_shift`` is neither True nor False.

    Examples
    --------
    >>> import wignerness as wn
    >>> chain = wn.models.chain(3, hopping=0.2, rate=0.1, occupations=(1, 2))
    >>> ness = wn.steady_state(chain, theory=wn.theories.Redfield())
    >>> bool(abs(ness.occupations - wn.steady_state(chain).occupations).max() < 1e-14), ness.is_positive
    (True, True)
    """

    lamb_shift: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        if not isinstance(self.lamb_shift, (bool, np.bool_)):
            _checks.fail("lamb_shift", "be True or False", repr(self.lamb_shift))

    def __repr__(self) -> str:
        return f"Redfield({'lamb_shift=True' if self.lamb_shift else ''})"

    def refusal(self, network: Network) -> str | None:
        """Why a network cannot be treated: pairing, drive, baths that are neither thermal nor probes."""
        return refusal_of(network, "Redfield")

    @_checks.representable("steady state")
    def solve(self, network: Network) -> NormalModeAccount:
        """See :class:`wignerness.theories.Theory`."""
        modes = normal_modes(network, "Redfield")
        pulls, noise = modes.dampings.astype(np.complex128), None
        if self.lamb_shift:
            shifts = _shifts(modes)
            pulls += 2j * shifts
            noise = _noise_shifts(modes, shifts, network.bath_labels)
        terms = _Terms(modes, pulls, noise)
        everything = np.arange(network.n_modes, dtype=np.intp)
        source = None if noise is None else terms.source
        filled, modes, moments = solve_closed(network, modes, terms.damping, [everything], source)
        notes = _notes(replace(terms, modes=modes), moments)
        reason = "second order in the damping, without the secular approximation"
        return account_of(
            self,
            filled,
            modes,
            moments,
            reason,
            closed=network.free_probes,
            notes=notes,
            is_positive=not notes,
        )


@dataclass(frozen=True, eq=False)
class _Terms:
    """What a bath does: G_kl = v_k v_l^* (J + 2 i Delta)_l, and i v_k v_l^* (X_l - X_k) from the noise."""

    modes: NormalModes
    pulls: ComplexArray
    noise: RealArray | None

    def damping(self, bath: int, cluster: IntArray) -> ComplexArray:
        v = self.modes.contacts[bath, cluster]
        return np.asarray(v[:, None] * (v.conj() * self.pulls[bath, cluster]))

    def source(self, bath: int, cluster: IntArray) -> ComplexArray:
        v, x = self.modes.contacts[bath, cluster], self.noise[bath, cluster]  # type: ignore[index]
        return np.asarray(1j * v[:, None] * v.conj() * (x[None, :] - x[:, None]))


def _shifts(modes: NormalModes) -> RealArray:
    """Delta_b(E_k) - Delta_b(omega_0), shape (K, L)."""
    shifts = np.zeros(modes.dampings.shape)
    for b, bath in enumerate(modes.baths):
        if bath.frequency is not None:
            shifts[b] = bath.lamb_shift(modes.energies) - bath.lamb_shift(bath.frequency)
    return shifts


def _noise_shifts(modes: NormalModes, shifts: RealArray, labels: Sequence[str]) -> RealArray:
    r"""What the principal values of the noise are beyond n(E_k) times the shifts, shape (K, L).

    :math:`P\!\int \frac{d\omega}{2\pi} \frac{J n}{E_k - \omega} - n(E_k)\,[\Delta(E_k) - \Delta(\omega_0)]`; zero, up to
    a constant that does not count, for a bath of the same occupation at every frequency.
    """
    found = np.zeros(modes.dampings.shape)
    for b, bath in enumerate(modes.baths):
        if not bath.bath_temperature or not bath.rate:
            continue
        spectrum = bath.spectrum or Flat()
        points = (*spectrum.breakpoints, bath.bath_temperature)
        support = (max(spectrum.support[0], 0.0), spectrum.support[1])
        try:
            fed = principal_value(partial(_noise, bath), modes.energies, support=support, breakpoints=points)
        except InvalidNetworkError as error:
            raise InvalidNetworkError(
                f"The principal values of the noise of {labels[b]!r} do not exist: {error} Its spectrum must vanish "
                "toward zero frequency, as spectra.Ohmic does; or leave lamb_shift out."
            ) from error
        found[b] = fed - shifts[b] * modes.occupations[b]
    return found


def _noise(bath: ThermalBath, omega: RealArray) -> RealArray:
    """J n, what the bath feeds."""
    return bath.damping(omega) * bath.occupation_at(omega)


def _notes(terms: _Terms, moments: Moments) -> tuple[str, ...]:
    """What is not positive: the matrices of the gain and the loss, the state."""
    modes = terms.modes
    everything = np.arange(len(modes.energies), dtype=np.intp)
    gain, total = np.zeros((2, len(everything), len(everything)), dtype=np.complex128)
    for b in range(len(modes.baths)):
        matrix = terms.damping(b, everything)
        total += (matrix + matrix.conj().T) / 2
        fed = matrix * modes.occupations[b]
        gain += (fed + fed.conj().T) / 2
        if terms.noise is not None:
            gain += terms.source(b, everything)
    worst = min(_negativity(gain), _negativity(gain + total))
    notes = []
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
