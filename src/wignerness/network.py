"""The network: a quadratic Hamiltonian and its baths, with the drift and diffusion they make."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from . import _checks
from ._network_arguments import bath_tuple, drive_vector, frozen, hermitian, label_tuple, symmetric, symmetric_real
from ._typing import ComplexArray, IntArray, RealArray
from .bath import KINDS, Bath, Dephasing, JumpBath, LocalBath, Probe, SqueezedBath
from .errors import UndefinedQuantityError
from .linalg.quadratures import form_in_ladder, springs_in_ladder
from .linalg.symplectic import ladder

if TYPE_CHECKING:
    import networkx

__all__ = ["Network"]


@dataclass(frozen=True, eq=False, repr=False, init=False)
class Network:
    r"""An open quantum network of harmonic modes.

    :math:`H = \sum_{kl} H_{kl} a_k^\dagger a_l + \frac12 \sum_{kl} (\Delta_{kl} a_k^\dagger a_l^\dagger
    + \text{h.c.}) + \sum_k (\epsilon_k a_k^\dagger + \text{h.c.})` with local baths, Eqs. (3)-(4).

    Parameters
    ----------
    hamiltonian : (L, L) array_like or scipy.sparse array
        Hermitian H; the diagonal holds the frequencies. Any connectivity.
    baths : sequence of ThermalBath or Probe
        Any number of baths on any node, none included. Results per bath come in this order.
    pairing : (L, L) array_like, optional
        Symmetric Delta (squeezing terms).
    drive : (L,) array_like, optional
        Coherent drive epsilon.
    labels : sequence of str, optional
        One distinct name a node; the default is "0", "1", ...

    Attributes
    ----------
    hamiltonian, pairing, drive : arrays
        Read-only copies, complex. A sparse Hamiltonian stays sparse (CSR); ``pairing`` and ``drive``
        are zero where they were not given.
    baths, labels : tuple

    Raises
    ------
    InvalidNetworkError
        If the Hamiltonian is not square, finite and Hermitian, the pairing not symmetric, a bath sits
        on a node that does not exist, or shapes do not fit.

    Notes
    -----
    Units: hbar = k_B = 1; rates and occupations times frequencies are in the units of H.

    Examples
    --------
    >>> import wignerness as wn
    >>> wn.Network([[1.0, 0.2], [0.2, 1.0]], [wn.ThermalBath(0, 0.1, 1.0), wn.ThermalBath(1, 0.1, 2.0)])
    Network(2 modes, 2 baths: 2 thermal)
    """

    hamiltonian: Any
    baths: tuple[Bath, ...]
    pairing: ComplexArray
    drive: ComplexArray
    labels: tuple[str, ...]

    def __init__(
        self,
        hamiltonian: Any,
        baths: Iterable[Bath],
        *,
        pairing: Any = None,
        drive: Any = None,
        labels: Sequence[str] | None = None,
    ) -> None:
        matrix = hermitian(hamiltonian)
        size = matrix.shape[0]
        given = {
            "hamiltonian": matrix,
            "baths": bath_tuple(baths, size),
            "pairing": symmetric(pairing, size),
            "drive": drive_vector(drive, size),
            "labels": label_tuple(labels, size),
        }
        for name, value in given.items():
            object.__setattr__(self, name, value)
        if not math.isfinite(sum(getattr(bath, "rate", 0.0) for bath in self.baths)) and not (
            np.isfinite(self.mode_rates).all()
        ):
            node = int(np.argmin(np.isfinite(self.mode_rates)))
            _checks.fail(
                "baths", "have a finite total rate on every node", f"beyond all doubles on {self.labels[node]!r}"
            )

    def __reduce__(self) -> tuple[Any, ...]:
        """Copies and pickles go through the constructor: their arrays are read-only, zeros stay small."""
        pairing, drive = (x if _checks.has_nonzero(x) else None for x in (self.pairing, self.drive))
        return _rebuild, (self.hamiltonian, self.baths, pairing, drive, self.labels)

    def __repr__(self) -> str:
        counts = Counter(KINDS[type(bath)] for bath in self.baths)
        words = ", ".join(f"{count} {kind}{'s' * (kind == 'probe' and count > 1)}" for kind, count in counts.items())
        extras = "".join(f", {name}" for name in ("pairing", "drive") if _checks.has_nonzero(getattr(self, name)))
        modes, baths = _count(self.n_modes, "mode"), _count(self.n_baths, "bath")
        return f"Network({modes}, {baths}{': ' + words if words else ''}{extras})"

    @classmethod
    def from_graph(
        cls,
        graph: networkx.Graph,
        baths: Sequence[Bath] = (),
        *,
        frequency: str = "frequency",
        hopping: str = "hopping",
    ) -> Network:
        """A network from a networkx graph with node and edge attributes; see :func:`wignerness.models.from_graph`."""
        from .models.graph import from_graph

        return from_graph(graph, baths, frequency=frequency, hopping=hopping)

    @classmethod
    def from_quadratures(
        cls, masses: Any, stiffness: Any, baths: Iterable[Bath], *, labels: Sequence[str] | None = None
    ) -> Network:
        r"""A network of masses and springs, :math:`H = \sum_k p_k^2 / (2 m_k) + \frac12 \sum_{kl} K_{kl} x_k x_l`.

        Mode k is the oscillator that mass k would be with all others held fixed: frequency
        :math:`\omega_k = \sqrt{K_{kk}/m_k}`, :math:`a_k = (\sqrt{m_k \omega_k}\,x_k + i p_k / \sqrt{m_k \omega_k})
        / \sqrt 2`. Its baths act on this mode. A spring between two masses then is
        :math:`H_{kl} = \Delta_{kl} = K_{kl} / (2 \sqrt{m_k \omega_k m_l \omega_l})`: hopping and pairing at once.

        Parameters
        ----------
        masses : (L,) array_like
            m_k > 0.
        stiffness : (L, L) array_like
            K, symmetric, with a positive diagonal. A spring k between two masses adds k to both diagonal elements
            and -k to K[0, 1] and K[1, 0].
        baths : sequence of baths
        labels : sequence of str, optional
            As for the class.

        Raises
        ------
        InvalidNetworkError
            If a mass or a diagonal element of K is not positive, or K is not symmetric.

        Examples
        --------
        >>> import wignerness as wn
        >>> baths = [wn.ThermalBath(0, 0.1, 1.0), wn.ThermalBath(1, 0.1, 2.0)]
        >>> springs = wn.Network.from_quadratures([1.0, 1.0], [[1.0, -0.2], [-0.2, 1.0]], baths)
        >>> springs.hamiltonian.real
        array([[ 1. , -0.1],
               [-0.1,  1. ]])
        """
        inertia = _checks.real_array("masses", masses, (None,))
        if not (inertia > 0).all():
            worst = int(np.argmin(inertia))
            _checks.fail(f"masses[{worst}]", "be positive", inertia[worst])
        springs = symmetric_real("stiffness", stiffness, len(inertia))
        if not (np.diag(springs) > 0).all():
            worst = int(np.argmin(np.diag(springs)))
            _checks.fail(f"stiffness[{worst}][{worst}]", "be positive", springs[worst, worst])
        hamiltonian, pairing = springs_in_ladder(inertia, springs)
        return cls(hamiltonian, baths, pairing=pairing, labels=labels)

    @classmethod
    def from_quadratic_form(
        cls, matrix: Any, baths: Iterable[Bath], *, linear: Any = None, labels: Sequence[str] | None = None
    ) -> Network:
        r"""A network from :math:`H = \frac12 r^T M r + f \cdot r`, :math:`r = (x_1, ..., x_L, p_1, ..., p_L)`.

        With :math:`a = (x + i p)/\sqrt 2` and :math:`M = [[A, B], [B^T, D]]`:
        :math:`H = (A + D)/2 - i (B - B^T)/2,\; \Delta = (A - D)/2 + i (B + B^T)/2,\;
        \epsilon = (f_x + i f_p)/\sqrt 2`. The constant is dropped.

        Parameters
        ----------
        matrix : (2L, 2L) array_like
            M, real and symmetric, in xxpp order.
        baths : sequence of baths
        linear : (2L,) array_like, optional
            f, in the same order.
        labels : sequence of str, optional
            As for the class.

        Raises
        ------
        InvalidNetworkError
            If M is not real, symmetric and of even size, or f does not fit.

        Examples
        --------
        >>> import numpy as np, wignerness as wn
        >>> one = wn.Network.from_quadratic_form(np.diag([1.0, 1.0]), [wn.ThermalBath(0, 0.1, 1.0)], linear=[0.2, 0])
        >>> one.hamiltonian, one.drive
        (array([[1.+0.j]]), array([0.14142136+0.j]))
        """
        form = symmetric_real("matrix", matrix, None)
        size = len(form) // 2
        if len(form) != 2 * size or size == 0:
            _checks.fail("matrix", "have two rows a mode", f"of shape {form.shape}")
        hamiltonian, pairing = form_in_ladder(form)
        force = None if linear is None else _checks.real_array("linear", linear, (2 * size,))
        drive = None if force is None else (force[:size] + 1j * force[size:]) / np.sqrt(2)
        return cls(hamiltonian, baths, pairing=pairing, drive=drive, labels=labels)

    def replace(self, **fields: Any) -> Network:
        """A copy with some fields replaced (``hamiltonian, baths, pairing, drive, labels``).

        Examples
        --------
        >>> import wignerness as wn
        >>> chain = wn.models.chain(3, hopping=0.5, rate=1.0, occupations=(1, 2))
        >>> chain.replace(baths=chain.baths[:1])
        Network(3 modes, 1 bath: 1 thermal)
        """
        return dataclasses.replace(self, **fields)

    @property
    def n_modes(self) -> int:
        """Number of modes L."""
        return int(self.hamiltonian.shape[0])

    @property
    def n_baths(self) -> int:
        """Number of baths K."""
        return len(self.baths)

    @property
    def is_sparse(self) -> bool:
        """Whether the Hamiltonian is stored as a sparse array."""
        return sparse.issparse(self.hamiltonian)

    @cached_property
    def is_passive(self) -> bool:
        """Whether the normal moments C obey an L x L equation of their own.

        True without pairing, squeezed baths, and jumps that mix absorption with emission.
        """
        if _checks.has_nonzero(self.pairing) or any(isinstance(b, SqueezedBath) and b.anomalous for b in self.baths):
            return False
        channels = [self.baths[i].channel() for i in self.jump_baths]  # type: ignore[union-attr]
        return not any(
            _checks.has_nonzero(w_cross) or _checks.has_nonzero(f_cross) for _, w_cross, _, f_cross in channels
        )

    @cached_property
    def local_baths(self) -> tuple[int, ...]:
        """Indices of the baths that are thermal, squeezed or probes."""
        return tuple(i for i, bath in enumerate(self.baths) if isinstance(bath, LocalBath))

    @cached_property
    def jump_baths(self) -> tuple[int, ...]:
        """Indices of the baths that are given by jump operators."""
        return tuple(i for i, bath in enumerate(self.baths) if isinstance(bath, JumpBath))

    @cached_property
    def dephasings(self) -> tuple[int, ...]:
        """Indices of the baths that are pure dephasing."""
        return tuple(i for i, bath in enumerate(self.baths) if isinstance(bath, Dephasing))

    @cached_property
    def probes(self) -> tuple[int, ...]:
        """Indices of the baths that are probes."""
        return tuple(i for i, bath in enumerate(self.baths) if isinstance(bath, Probe))

    @cached_property
    def free_probes(self) -> tuple[int, ...]:
        """Indices of the probes whose occupation is still to be found."""
        return tuple(i for i in self.probes if self.baths[i].occupation is None)  # type: ignore[union-attr]

    @cached_property
    def bath_labels(self) -> tuple[str, ...]:
        """One printable, distinct label a bath: its name, or the kind and the node."""
        plain = [bath.name or self._bath_label(bath) for bath in self.baths]
        total = Counter(plain)
        taken = {label for label, count in total.items() if count == 1}
        numbered = {label: _numbered(label) for label, count in total.items() if count > 1}
        return tuple(
            next(name for name in numbered[label] if name not in taken) if label in numbered else label
            for label in plain
        )

    def _bath_label(self, bath: Bath) -> str:
        kind = "bath" if KINDS[type(bath)] == "thermal" else KINDS[type(bath)]
        nodes = bath.support if isinstance(bath, JumpBath) else (bath.mode,)
        return f"{kind} {'+'.join(self.labels[node] for node in nodes)}"

    @cached_property
    def bath_modes(self) -> IntArray:
        """Node of every local bath (:attr:`local_baths`); of every bath, shape (K,), where all are local."""
        return _checks.read_only(np.array([self.baths[i].mode for i in self.local_baths], dtype=np.intp))  # type: ignore[union-attr]

    @cached_property
    def bath_rates(self) -> RealArray:
        """Rate of every local bath, in the order of :attr:`bath_modes`."""
        return _checks.read_only(np.array([self.baths[i].rate for i in self.local_baths], dtype=np.float64))  # type: ignore[union-attr]

    @cached_property
    def bath_occupations(self) -> RealArray:
        """Occupation of every local bath, in the order of :attr:`bath_modes`.

        Raises
        ------
        UndefinedQuantityError
            If the occupation of a probe is still to be found.
        """
        if self.free_probes:
            raise UndefinedQuantityError(
                f"The occupation of {self.bath_labels[self.free_probes[0]]!r} is not known yet. Use the network of a "
                "steady state (`steady_state(network).network`), or fix it with `Probe(..., occupation=...)`."
            )
        return _checks.read_only(np.array([self.baths[i].occupation for i in self.local_baths], dtype=np.float64))  # type: ignore[union-attr]

    @cached_property
    def bath_anomalous(self) -> ComplexArray:
        """Anomalous moment m of every local bath, in the order of :attr:`bath_modes`; zero unless squeezed."""
        values = [getattr(self.baths[i], "anomalous", 0.0) for i in self.local_baths]
        return _checks.read_only(np.array(values, dtype=np.complex128))

    @cached_property
    def mode_rates(self) -> RealArray:
        """Total damping rate of the local baths of every node, shape (L,)."""
        rates = np.bincount(self.bath_modes, weights=self.bath_rates, minlength=self.n_modes)
        return _checks.read_only(rates.astype(np.float64))

    @cached_property
    def drift(self) -> Any:
        """The drift A: d<a>/dt = A <a> - i epsilon; the paper's W (Eq. B2) in ladder order where not passive.

        Shape (L, L), or (2L, 2L) when the network is not passive; sparse when the Hamiltonian is and neither pairing
        nor jump operators make it dense.
        """
        self._refuse_dephasing("The drift")
        damping = sparse.diags_array(self.mode_rates / 2) if self.is_sparse else np.diag(self.mode_rates / 2)
        plain = -1j * self.hamiltonian - damping
        if self.is_passive and not self.jump_baths:
            return frozen(plain)
        plain = plain.toarray() if self.is_sparse else plain
        cross = -1j * self.pairing
        for index in self.jump_baths:
            own, mixed, _, _ = self.baths[index].channel()  # type: ignore[union-attr]
            plain, cross = plain + own, cross + mixed
        return frozen(plain if self.is_passive else ladder(plain, cross))

    @cached_property
    @_checks.representable("diffusion")
    def diffusion(self) -> Any:
        """The source of the moments: f of Eq. (B3) for C, or F of Eq. (B1) in ladder order where not passive.

        Shape (L, L), or (2L, 2L) when the network is not passive; sparse when the drift is.

        Raises
        ------
        UndefinedQuantityError
            If the occupation of a probe is still to be found, or a rate times an occupation overflows.
        """
        self._refuse_dephasing("The diffusion")
        fed = self._on_nodes(self.bath_rates * self.bath_occupations)
        if self.is_passive and not self.jump_baths:
            return frozen(sparse.diags_array(fed.real) if self.is_sparse else np.diag(fed.real))
        half = 0 if self.is_passive else self.mode_rates / 2
        plain = np.diag(fed + half)
        cross = np.diag(self._on_nodes(self.bath_rates * self.bath_anomalous))
        for index in self.jump_baths:
            own, _, spread, mixed = self.baths[index].channel()  # type: ignore[union-attr]
            plain, cross = plain + spread + (own if self.is_passive else 0), cross + mixed
        return frozen(plain if self.is_passive else ladder(plain, cross))

    def _on_nodes(self, values: Any) -> ComplexArray:
        """Sum over the local baths of every node."""
        total = np.zeros(self.n_modes, dtype=np.complex128)
        np.add.at(total, self.bath_modes, values)
        return total

    def _refuse_dephasing(self, what: str) -> None:
        if self.dephasings:
            raise UndefinedQuantityError(
                f"{what} is that of a Gaussian channel, but {self.bath_labels[self.dephasings[0]]!r} is dephasing."
            )


def _rebuild(hamiltonian: Any, baths: Any, pairing: Any, drive: Any, labels: Any) -> Network:
    return Network(hamiltonian, baths, pairing=pairing, drive=drive, labels=labels)


def _numbered(label: str) -> Iterator[str]:
    return (f"{label} #{number}" for number in itertools.count(1))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
