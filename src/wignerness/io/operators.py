"""The operators of a network in a truncated Fock space, for QuTiP, and networks read off such operators."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import _checks
from .._typing import ComplexArray
from ..bath import Bath, Dephasing, JumpBath, SqueezedBath, ThermalBath
from ..network import Network
from .optional import optional_module

if TYPE_CHECKING:
    import qutip

__all__ = ["from_qutip", "to_qutip"]

# What an operator may differ from the quadratic one that is read off it, relative to its largest element.
_TOLERANCE = 1e-9


def to_qutip(network: Network, cutoff: int | Sequence[int]) -> tuple[qutip.Qobj, list[qutip.Qobj]]:
    """Return the Hamiltonian and the collapse operators of a network in a truncated Fock space.

    Parameters
    ----------
    network : Network
        With all probe occupations known.
    cutoff : int or (L,) sequence of int
        Number of levels kept of every mode, or of each; at least 3 for :func:`from_qutip`.

    Returns
    -------
    hamiltonian : qutip.Qobj
    c_ops : list of qutip.Qobj
        Bath by bath in the order of the network, jumps of zero rate left out: what ``qutip.steadystate`` and
        ``qutip.mesolve`` take. Their modes are in the order of the network; ``<a_j^+ a_i>`` is our C[i, j].

    Raises
    ------
    InvalidNetworkError
        If the cutoff is no number of levels.
    UndefinedQuantityError
        If the occupation of a probe is still to be found.
    MissingExtraError
        If QuTiP is not installed.

    Examples
    --------
    >>> import wignerness as wn
    >>> one = wn.Network([[1.0]], [wn.ThermalBath(0, 0.1, 0.5)])
    >>> hamiltonian, c_ops = to_qutip(one, 4)
    >>> hamiltonian.diag()
    array([0., 1., 2., 3.])
    >>> len(c_ops)
    2
    """
    a = _annihilators(_levels(cutoff, network.n_modes))
    network.bath_occupations  # noqa: B018 - refuses free probes
    hamiltonian = _operator(network, a)
    c_ops = []
    for bath in network.baths:
        if isinstance(bath, Dephasing):
            c_ops.append(np.sqrt(bath.rate) * a[bath.mode].dag() * a[bath.mode])
        else:
            c_ops += [_linear(u, v, a) for u, v in jumps_of(bath, network.n_modes)]
    return hamiltonian, [operator for operator in c_ops if np.abs(operator.full()).max() > 0]


def from_qutip(hamiltonian: qutip.Qobj, c_ops: Iterable[qutip.Qobj | Sequence[qutip.Qobj]] = ()) -> Network:
    r"""Read a network off a quadratic Hamiltonian and collapse operators.

    The coefficients are matrix elements between the vacuum and states of one and two excitations. Then the operators
    are rebuilt from them and compared, away from the cutoff.

    Parameters
    ----------
    hamiltonian : qutip.Qobj
        At most quadratic in a and a^+, with at least 3 levels a mode; a constant is dropped.
    c_ops : sequence
        Operators linear in a and a^+, or multiples of a^+ a of one mode (dephasing). What stands in an inner
        sequence is one bath.
        Loose operators are one bath each, but for the one loss and the one gain of a node, which are taken for its
        thermal bath. A constant added to an operator is moved into the drive.

    Returns
    -------
    Network
        Baths are thermal where they can be, else given by jump operators or dephasing.

    Raises
    ------
    InvalidNetworkError
        If an operator is no such operator; the message says which.
    MissingExtraError
        If QuTiP is not installed.

    Examples
    --------
    >>> import wignerness as wn
    >>> pair = wn.Network([[1, 0.2], [0.2, 1]], [wn.ThermalBath(0, 0.1, 0.5), wn.ThermalBath(1, 0.1, 2.0)])
    >>> from_qutip(*to_qutip(pair, 3))
    Network(2 modes, 2 baths: 2 thermal)
    """
    levels = _dims(hamiltonian, "hamiltonian")
    a = _annihilators(levels)
    reader = _Reader(levels)
    h, pairing, drive = reader.quadratic(hamiltonian)
    rebuilt = _operator(Network(h, [], pairing=pairing, drive=drive), a)
    reader.compare(hamiltonian, rebuilt, "hamiltonian", "at most quadratic in a and a^+")
    loose: dict[int, tuple[ComplexArray, ComplexArray]] = {}
    baths: list[tuple[int, Bath]] = []
    for index, given in enumerate(c_ops):
        grouped = isinstance(given, (list, tuple))
        jumps = []
        for operator in given if grouped else [given]:
            _dims(operator, f"c_ops[{index}]", levels)
            dephasing = reader.dephasing(operator, a)
            if dephasing is not None:
                baths.append((index, dephasing))
                continue
            u, v, constant = reader.linear(operator)
            reader.compare(operator, _linear(u, v, a), f"c_ops[{index}]", "linear in a and a^+, or a^+ a of one mode")
            # D[L + c] = D[L] - i [(c L^+ - c* L)/(2i), .]
            drive = drive + (constant * u.conj() - constant.conjugate() * v) / 2j
            jumps.append((u, v))
        if grouped and jumps:
            baths.append((index, _as_bath(jumps)))
        elif jumps:
            loose[index] = jumps[0]
    ordered = sorted([*baths, *_pair_up(loose)], key=lambda place: place[0])
    return Network(h, [bath for _, bath in ordered], pairing=pairing, drive=drive)


# --- between operators and coefficients -----------------------------------------------------------


class _Reader:
    """Reads coefficients off the matrix elements of an operator between states of few excitations."""

    def __init__(self, levels: list[int]) -> None:
        self.levels = levels
        strides = np.cumprod([1, *levels[:0:-1]])[::-1]
        self.one = np.array(strides, dtype=np.intp)  # place of the state with one excitation in each mode
        counts = np.indices(levels).reshape(len(levels), -1)
        # Products of truncated operators are wrong in their two topmost levels.
        self.safe = np.flatnonzero((counts <= np.array(levels)[:, None] - 3).all(axis=0))

    def quadratic(self, operator: qutip.Qobj) -> tuple[ComplexArray, ComplexArray, ComplexArray]:
        """h, Delta and epsilon."""
        matrix = operator.full()
        h = matrix[np.ix_(self.one, self.one)] - matrix[0, 0] * np.eye(len(self.one))
        pairing = matrix[np.add.outer(self.one, self.one), 0]
        pairing = np.where(np.eye(len(self.one), dtype=bool), np.sqrt(2.0) * pairing, pairing)
        if np.abs(h - h.conj().T).max() > _TOLERANCE * max(np.abs(matrix).max(), np.finfo(float).tiny):
            _checks.fail("hamiltonian", "be Hermitian", "not")
        return (h + h.conj().T) / 2, (pairing + pairing.T) / 2, matrix[self.one, 0]

    def linear(self, operator: qutip.Qobj) -> tuple[ComplexArray, ComplexArray, complex]:
        """u, v and c of sum u_i a_i + v_i a_i^+ + c."""
        matrix = operator.full()
        return matrix[0, self.one], matrix[self.one, 0], complex(matrix[0, 0])

    def dephasing(self, operator: qutip.Qobj, a: list[qutip.Qobj]) -> Dephasing | None:
        """The dephasing that a multiple of a^+ a of one mode is."""
        matrix = operator.full()
        weights = matrix[self.one, self.one]
        nodes = np.flatnonzero(np.abs(weights) > _TOLERANCE * np.abs(matrix).max())
        if len(nodes) != 1 or matrix[0, 0] != 0:
            return None
        node = int(nodes[0])
        number = weights[node] * (a[node].dag() * a[node]).full()
        if np.abs(number - matrix).max() > _TOLERANCE * np.abs(matrix).max():
            return None
        return Dephasing(node, float(abs(weights[node]) ** 2))

    def compare(self, operator: qutip.Qobj, rebuilt: qutip.Qobj, name: str, rule: str) -> None:
        """Raise unless the two agree, up to a constant, away from the cutoff."""
        given = operator.full()[np.ix_(self.safe, self.safe)]
        difference = given - rebuilt.full()[np.ix_(self.safe, self.safe)]
        difference -= difference[0, 0] * np.eye(len(difference))
        worst = float(np.abs(difference).max())
        if worst > _TOLERANCE * float(np.abs(operator.full()).max()):
            _checks.fail(name, f"be {rule}", f"off by {worst:.3g} in a matrix element")


def _operator(network: Network, a: list[qutip.Qobj]) -> qutip.Qobj:
    """The Hamiltonian of a network from annihilation operators."""
    total = 0 * a[0]
    h = network.hamiltonian.tocoo() if network.is_sparse else None
    entries = np.argwhere(network.hamiltonian) if h is None else np.column_stack([h.row, h.col])
    for k, m in entries:
        total += complex(network.hamiltonian[k, m]) * a[k].dag() * a[m]
    raising = 0 * a[0]
    for k, m in np.argwhere(network.pairing):
        raising += complex(network.pairing[k, m]) / 2 * a[k].dag() * a[m].dag()
    for k in np.flatnonzero(network.drive):
        raising += complex(network.drive[k]) * a[k].dag()
    return total + raising + raising.dag()


def _linear(u: ComplexArray, v: ComplexArray, a: list[qutip.Qobj]) -> qutip.Qobj:
    total = 0 * a[0]
    for k in np.flatnonzero((u != 0) | (v != 0)):
        total += complex(u[k]) * a[k] + complex(v[k]) * a[k].dag()
    return total


def jumps_of(bath: Bath, size: int) -> list[tuple[ComplexArray, ComplexArray]]:
    """The jump operators (u, v) of a bath that keeps states Gaussian."""
    if isinstance(bath, JumpBath):
        return list(bath.jumps)
    assert not isinstance(bath, Dephasing)  # noqa: S101 - for the type checker
    occupation = float(bath.occupation or 0.0)
    anomalous = bath.anomalous if isinstance(bath, SqueezedBath) else 0j
    # In the squeezed mode b = cosh r a + e^{i angle} sinh r a^+ the bath is thermal.
    wide = occupation + 0.5
    width = np.sqrt(max((wide - abs(anomalous)) * (wide + abs(anomalous)), 0.25))
    r = np.arcsinh(abs(anomalous) / width) / 2
    plain, turned = np.cosh(r), np.sinh(r) * np.exp(1j * np.angle(-anomalous)) if anomalous else 0j
    unit = np.eye(size)[bath.mode]
    down, up = np.sqrt(bath.rate * (width + 0.5)), np.sqrt(bath.rate * (width - 0.5))
    return [(down * plain * unit, down * turned * unit), (up * np.conj(turned) * unit, up * plain * unit)]


def _as_bath(jumps: list[tuple[ComplexArray, ComplexArray]]) -> Bath:
    """One bath: thermal where it is the loss, and perhaps the gain, of one node."""
    losses, gains = [j for j in jumps if _sole(*j) is not None], [j for j in jumps if _sole(*j[::-1]) is not None]
    if len(losses) == 1 and len(gains) == len(jumps) - 1 <= 1:
        thermal = _thermal(losses[0], gains[0] if gains else None)
        if thermal is not None:
            return thermal
    return JumpBath(jumps)


def _pair_up(jumps: dict[int, tuple[ComplexArray, ComplexArray]]) -> list[tuple[int, Bath]]:
    """Loose operators, one bath each, but for the one loss and the one gain of a node; with the place of each."""
    losses: dict[int, list[int]] = {}
    gains: dict[int, list[int]] = {}
    for index, (u, v) in jumps.items():
        for found, node in ((losses, _sole(u, v)), (gains, _sole(v, u))):
            if node is not None:
                found.setdefault(node, []).append(index)
    partners = {losses[k][0]: gains[k][0] for k in losses.keys() & gains if len(losses[k]) == len(gains[k]) == 1}
    joined = {i: j for i, j in partners.items() if _thermal(jumps[i], jumps[j]) is not None}
    alone = jumps.keys() - joined.values()
    return [(i, _as_bath([jumps[i], jumps[joined[i]]] if i in joined else [jumps[i]])) for i in alone]


def _thermal(
    loss: tuple[ComplexArray, ComplexArray], gain: tuple[ComplexArray, ComplexArray] | None
) -> ThermalBath | None:
    node, other = _sole(*loss), None if gain is None else _sole(*gain[::-1])
    if node is None or (gain is not None and other != node):
        return None
    down, up = abs(loss[0][node]) ** 2, 0.0 if gain is None else abs(gain[1][node]) ** 2
    return ThermalBath(node, down - up, up / (down - up)) if down > up else None


def _sole(one: ComplexArray, other: ComplexArray) -> int | None:
    """The only node at which ``one`` is not zero, if ``other`` vanishes."""
    nodes = np.flatnonzero(one)
    return int(nodes[0]) if len(nodes) == 1 and not other.any() else None


def _levels(cutoff: int | Sequence[int], size: int) -> list[int]:
    each = [cutoff] * size if np.ndim(cutoff) == 0 else list(cutoff)  # type: ignore[arg-type]
    if len(each) != size:
        _checks.fail("cutoff", f"hold one number for each of the {size} modes", f"of length {len(each)}")
    return [_checks.integer("cutoff", levels, minimum=2) for levels in each]


def _dims(operator: Any, name: str, levels: list[int] | None = None) -> list[int]:
    """The number of levels of every mode that an operator acts on."""
    qutip = optional_module("qutip", "qutip")
    if not isinstance(operator, qutip.Qobj) or not operator.isoper:
        _checks.fail(name, "be a QuTiP operator", type(operator).__name__)
    found = list(operator.dims[0])
    if operator.dims[1] != found:
        _checks.fail(name, "be square", f"of dims {operator.dims}")
    if levels is not None and found != levels:
        _checks.fail(name, f"have the dims {levels} of the Hamiltonian", found)
    if min(found) < 3:
        _checks.fail(name, "have at least 3 levels a mode", found)
    return found


def _annihilators(levels: list[int]) -> list[qutip.Qobj]:
    qutip = optional_module("qutip", "qutip")
    identities = [qutip.qeye(n) for n in levels]
    places = range(len(levels))
    return [qutip.tensor([qutip.destroy(levels[k]) if m == k else identities[m] for m in places]) for k in places]
