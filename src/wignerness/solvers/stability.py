"""Is there one steady state? Dark modes, growing modes, and probes that no real bath reaches.

A connected graph is not enough: a normal mode that vanishes on every damped node is never damped, and
destructive interference can keep every real bath from a probe.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

import numpy as np
from scipy import linalg

from .._typing import BoolArray, ComplexArray, IntArray, RealArray
from ..errors import NoUniqueSteadyStateError, UndefinedQuantityError, UnstableNetworkError
from ..linalg.lyapunov import LyapunovEquation
from ..linalg.observability import is_observable
from ..network import Network
from .equation import MomentEquation

_EPS = float(np.finfo(np.float64).eps)
# Eigenvalues of the Schur form are uncertain by this many n eps; closer to the axis they are looked at again.
_UNCERTAIN = 50.0
# A vector with more than this part on damped nodes is not looked at as undamped.
_FAINT = 1e-6
# Amplitudes that cancel to this part of their paths cancel altogether: what is left is rounding.
_INTERFERENCE = 1e-11
_LIVES_ON = 1e-3
_POWERS = 100  # of the kernel of the probes, to see whether it amplifies


def check_supported(network: Network) -> None:
    """Raise UndefinedQuantityError where second moments do not obey an equation of their own that is solved here."""
    if network.dephasings and not network.is_passive:
        raise UndefinedQuantityError(
            "Dephasing together with pairing, squeezed baths or mixed jumps is not supported: the anomalous moments "
            f"decay differently from a Gaussian channel. Remove {network.bath_labels[network.dephasings[0]]!r}, or the "
            "squeezing."
        )


def check_stability(network: Network, parts: Sequence[MomentEquation]) -> None:
    """Raise unless every eigenvalue of the drift has a negative real part.

    Raises
    ------
    UnstableNetworkError
        With the eigenvalue of largest real part and its mode.
    NoUniqueSteadyStateError
        With all undamped normal modes and the nodes that they live on.
    """
    dark: list[ComplexArray] = []
    for part in parts:
        if part.passive and not part.has_gain:
            found = _undamped_modes(part)
            whole = np.zeros((len(found), network.n_modes), dtype=np.complex128)
            whole[:, part.nodes] = found
            dark.extend(whole)
        else:
            _check_abscissa(network, part)
    if dark:
        fail_dark(network, np.array(dark))


def _undamped_modes(part: MomentEquation) -> ComplexArray:
    """Orthonormal undamped eigenvectors of a drift that only damps, one a row.

    They are the eigenvectors of the Hamiltonian that every loss misses, however weak the loss. Two bases are tried,
    as each may mix modes that the other separates: the nearly undamped modes of the drift, which tells levels apart
    by their damping, and all levels of the Hamiltonian, which finds degenerate ones exactly.
    """
    drift, size = part.equation.a.hi, part.equation.n
    cut = _UNCERTAIN * size * _EPS * float(np.abs(drift).max())
    if part.equation.decays_faster_than(cut):
        return np.zeros((0, size), dtype=np.complex128)
    hamiltonian = 1j * (drift - drift.conj().T) / 2
    _, vectors, count = linalg.schur(drift, output="complex", sort=lambda value: value.real >= -cut)  # type: ignore[call-overload]  # the stubs know only real eigenvalues
    slow = vectors[:, :count]
    energies, rotation = linalg.eigh(slow.conj().T @ hamiltonian @ slow)
    bases = ((energies, slow @ rotation), linalg.eigh(hamiltonian))
    return max((missed_modes(part.losses, hamiltonian, e, v, cut) for e, v in bases), key=len)  # type: ignore[arg-type]  # the stubs know no precision


def missed_modes(
    losses: ComplexArray, hamiltonian: ComplexArray, energies: RealArray, basis: ComplexArray, cut: float
) -> ComplexArray:
    """Combinations of degenerate vectors of a basis that no loss sees and the Hamiltonian leaves alone, one a row."""
    size = len(hamiltonian)
    strengths = np.linalg.norm(losses, axis=1)
    losses = losses[strengths > 0] / strengths[strengths > 0, None]
    seen = linalg.orth(losses.conj().T) if len(losses) else np.zeros((size, 0))
    found = []
    for cluster in np.split(np.arange(len(energies)), np.flatnonzero(np.diff(energies) > cut) + 1):
        _, amplitudes, combination = linalg.svd(losses @ basis[:, cluster])
        amplitudes = np.append(amplitudes, np.zeros(len(cluster) - len(amplitudes)))
        modes = basis[:, cluster] @ combination.conj().T[:, amplitudes < _FAINT]
        modes = modes - seen @ (seen.conj().T @ modes)
        modes = modes / np.linalg.norm(modes, axis=0)
        moved = hamiltonian @ modes
        moved = moved - modes * np.sum(modes.conj() * moved, axis=0)
        # What is left is an undamped mode of a network within rounding of this one.
        found.append(modes[:, np.linalg.norm(moved, axis=0) <= cut].T)
    return np.vstack(found)


def fail_dark(network: Network, modes: ComplexArray) -> NoReturn:
    """Raise NoUniqueSteadyStateError with the undamped modes, one a row, and the nodes that they live on."""
    hamiltonian = network.hamiltonian
    frequency = float(np.vdot(modes[0], hamiltonian @ modes[0]).real)
    frequency = 0.0 if abs(frequency) < _UNCERTAIN * _EPS * float(abs(hamiltonian).max()) else frequency
    nodes = np.flatnonzero(np.abs(modes).max(axis=0) > _LIVES_ON)
    plural = len(modes) > 1
    if not network.jump_baths and not network.bath_rates.any():
        cause = "No bath is coupled to the network"
    else:
        cause = f"{len(modes)} normal mode{'s vanish' if plural else ' vanishes'} on every damped node"
    raise NoUniqueSteadyStateError(
        f"There is no unique steady state. {cause}: {'they are' if plural else 'it is'} never damped and "
        f"live{'' if plural else 's'} on the node{'s' * (len(nodes) > 1)} {_names(network, nodes)} "
        f"(first frequency {frequency:.6g}). Couple a bath to one of these nodes, or break the symmetry that "
        "hides them; finite times are still well defined.",
        eigenvalue=complex(0.0, -frequency),
        modes=modes,
        nodes=[int(node) for node in nodes],
    )


def _check_abscissa(network: Network, part: MomentEquation) -> None:
    drift = part.equation.a.hi
    values, vectors = linalg.eig(drift)
    worst = int(np.argmax(values.real))
    cut = _UNCERTAIN * part.equation.n * _EPS * float(np.abs(drift).max())
    if values[worst].real < -cut:
        return
    step = 1 if part.passive else 2
    mode = np.zeros((1, step * network.n_modes), dtype=np.complex128)
    places = (step * part.nodes[:, None] + np.arange(step)).ravel()
    mode[0, places] = vectors[:, worst]
    weight = np.abs(mode[0].reshape(-1, step)).max(axis=1)
    nodes = np.flatnonzero(weight > _LIVES_ON * weight.max())
    eigenvalue = complex(values[worst] * part.rate_unit)
    where = f"on the node{'s' * (len(nodes) > 1)} {_names(network, nodes)}"
    lives_on = [int(node) for node in nodes]
    if values[worst].real > cut:
        pump = "Gain" if part.passive else "Pairing or gain"
        raise UnstableNetworkError(
            f"The network is unstable: a mode {where} grows at the rate {eigenvalue.real:.6g} (eigenvalue "
            f"{eigenvalue:.6g} of the drift; stable below 0). {pump} pumps it faster than the baths damp it: lower it "
            f"or raise the damping of these nodes by more than {2 * eigenvalue.real:.6g}.",
            eigenvalue=eigenvalue,
            modes=mode,
            nodes=lives_on,
        )
    raise NoUniqueSteadyStateError(
        f"There is no unique steady state: a mode {where} is neither damped nor amplified (eigenvalue "
        f"{eigenvalue:.6g} of the drift): it is undamped, or exactly at its threshold.",
        eigenvalue=eigenvalue,
        modes=mode,
        nodes=lives_on,
    )


def has_one_equilibrium(part: MomentEquation) -> bool:
    """Whether the part is in equilibrium with all its baths and, provably, in no other steady state.

    The equilibrium is exact however weakly a mode is damped; only that it is the one steady state is hidden by rounding.
    Its probes must have passed :func:`check_probes`. Jump operators are left to the estimate of the separation.
    """
    if part.source.hi.any() or part.source.lo.any() or not part.passive or len(part.losses) != len(part.nodes):
        return False
    damped = np.flatnonzero(part.losses.any(axis=1))
    return is_observable(part.hamiltonian, np.eye(len(part.nodes))[damped])


def check_probes(network: Network, parts: Sequence[MomentEquation]) -> None:
    """Raise unless every free probe is reached from a real bath, possibly through other probes.

    Reached means a non-zero amplitude (e^{At})_kj at some time: a dynamical condition. Dephasing counts as a probe.

    Raises
    ------
    NoUniqueSteadyStateError
        Naming the nodes whose probe occupations are not determined.
    UnstableNetworkError
        If pairing or gain returns to the probes more than they give.
    """
    lost: list[int] = []
    for part in parts:
        if part.probed.any():
            lost.extend(part.nodes[part.probed & ~_reached(part)])
    if lost:
        anchored = any(part.injections.size for part in parts)
        real = "the real baths do not reach" if anchored else "there is no real bath to fix"
        raise NoUniqueSteadyStateError(
            f"The occupations of the probes on the node{'s' * (len(lost) > 1)} {_names(network, np.array(lost))} are not "
            f"determined: {real} them, neither directly nor through other probes (no path, or destructive "
            "interference along all paths). Couple a real bath to them, or fix them with `Probe(..., occupation=...)`.",
            nodes=[int(node) for node in lost],
        )
    for part in parts:
        if part.equation.fed.size and (part.has_gain or not part.passive):
            _check_feedback(network, part)


def _check_feedback(network: Network, part: MomentEquation) -> None:
    """Raise if what the probes give comes back amplified: then their occupations heat up without end.

    The kernel T and the rates are non-negative, so the largest eigenvalue of T Gamma decides; the closed equation has
    a solution beyond one too, but with negative occupations.
    """
    fed, weights = part.equation.fed, part.equation.feedback[part.equation.fed]
    without = LyapunovEquation(part.equation.a)
    shares = np.ones(len(fed))
    for _ in range(_POWERS):
        source = np.zeros(part.equation.n, dtype=np.complex128)
        source[fed] = weights * shares
        returned = np.diag(without.solve(np.diag(source))).real[fed]
        gains = returned / shares  # the largest eigenvalue lies between the smallest and the largest of these
        if gains.max() < 1.0:
            return
        gain = float(returned.max() / shares.max())
        if gains.min() >= 1.0:
            break
        shares = np.maximum(returned / returned.max(), _FAINT)
    if gain < 1.0:
        return  # too close to call: the solver will say whether it closes
    heated = fed[shares > _LIVES_ON] // (1 if part.passive else 2)
    nodes = np.unique(part.nodes[heated])
    raise UnstableNetworkError(
        f"The self-consistent occupations of the probes on the node{'s' * (len(nodes) > 1)} {_names(network, nodes)} grow "
        f"without bound: pairing or gain returns {gain:.6g} excitations for every one that they feed in. Lower it, or fix "
        "the probes with `Probe(..., occupation=...)`.",
        nodes=[int(node) for node in nodes],
    )


def _reached(part: MomentEquation) -> BoolArray:
    """Nodes that excitations from a real bath get to; every reached probe passes them on."""
    drift, size = part.equation.a.hi, len(part.nodes)
    step = len(drift) // size
    phases = np.random.default_rng(0)
    reached = part.anchored
    while (part.probed & ~reached).any():
        # Phases at random, so that amplitudes from different baths do not cancel by chance.
        sources = np.hstack([part.injections, np.eye(size)[:, part.probed & reached]])
        start = sources @ np.exp(2j * np.pi * phases.random(sources.shape[1]))
        wider = reached | _carried(drift, np.repeat(start, step), step)
        if (wider == reached).all():
            break
        reached = wider
    return reached


def _carried(a: ComplexArray, start: ComplexArray, step: int) -> BoolArray:
    """Nodes at which e^{At} b, and so some A^m b, has an amplitude, for the amplitudes b = ``start`` on the nodes.

    Followed are the amplitudes v = A^m b as ``weight * ratio``, with the sum over all paths without regard
    to their phases as the weight, in logarithms: weak links make it small and do not matter. The ratio is
    what interference leaves, and counts as zero within rounding.
    """
    rows, columns = np.nonzero(a)
    strength, phase = np.log(np.abs(a[rows, columns])), np.sign(a[rows, columns])
    occupied, first = np.unique(rows, return_index=True)
    size = np.abs(start)
    weight = np.log(size, out=np.full(len(a), -np.inf), where=size > 0)
    ratio = np.sign(start)
    found = size > 0
    for _ in range(len(a)):
        paths = strength + weight[columns]
        top = np.maximum.reduceat(paths, first)
        top[np.isneginf(top)] = 0.0
        share = np.exp(paths - np.repeat(top, np.diff(np.append(first, len(rows)))))
        total = np.add.reduceat(share, first)
        left = np.add.reduceat(share * phase * ratio[columns], first)
        weight, ratio = np.full(len(a), -np.inf), np.zeros(len(a), dtype=np.complex128)
        live = total > 0
        weight[occupied[live]] = top[live] + np.log(total[live])
        ratio[occupied[live]] = left[live] / total[live]
        found = found | (np.abs(ratio) > _INTERFERENCE)
        if found.all():
            break
    return np.asarray(found.reshape(-1, step).any(axis=1))


def _names(network: Network, nodes: IntArray) -> str:
    shown = ", ".join(repr(network.labels[int(node)]) for node in nodes[:8])
    return shown + (f" and {len(nodes) - 8} more" if len(nodes) > 8 else "")
