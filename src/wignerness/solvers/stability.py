"""Is there one steady state? Dark modes, growing modes, and probes that no real bath reaches.

A connected graph is not enough: a normal mode that vanishes on every damped node is never damped, and
destructive interference can keep every real bath from a probe.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

import numpy as np
from scipy import linalg

from .._typing import BoolArray, ComplexArray, IntArray
from ..errors import NoUniqueSteadyStateError, UnstableNetworkError
from ..linalg.lyapunov import LyapunovEquation
from ..network import Network

Part = tuple[IntArray, LyapunovEquation]

_EPS = float(np.finfo(np.float64).eps)
# Eigenvalues of the Schur form are uncertain by this many n eps; closer to the axis they are looked at again.
_UNCERTAIN = 50.0
# An undamped eigenvector has at most this many n eps of its norm on damped nodes.
_STRAY = 100.0
# Amplitudes that cancel to this part of their paths cancel altogether: what is left is rounding.
_INTERFERENCE = 1e-11
_LIVES_ON = 1e-3


def check_stability(network: Network, parts: Sequence[Part]) -> None:
    """Raise unless every eigenvalue of the drift has a negative real part.

    Raises
    ------
    UnstableNetworkError
        With the eigenvalue of largest real part and its mode.
    NoUniqueSteadyStateError
        With all undamped normal modes and the nodes that they live on.
    """
    dark: list[ComplexArray] = []
    for nodes, equation in parts:
        if network.is_passive:
            found = _undamped_modes(equation)
            whole = np.zeros((len(found), network.n_modes), dtype=np.complex128)
            whole[:, nodes] = found
            dark.extend(whole)
        else:
            _check_abscissa(network, nodes, equation)
    if dark:
        _fail_dark(network, np.array(dark))


def _undamped_modes(equation: LyapunovEquation) -> ComplexArray:
    """Orthonormal undamped eigenvectors of a passive drift, one a row.

    The damping of an eigenvector v is v^+ G v / 2, a sum of positive terms: it tells a dark mode from one
    that is merely damped less than rounding of the eigenvalues.
    """
    drift, eigenvalues = equation.a.hi, equation.eigenvalues
    cut = _UNCERTAIN * equation.n * _EPS * max(1.0, float(np.abs(drift).max()))
    if eigenvalues.real.max() < -cut:
        return np.zeros((0, equation.n), dtype=np.complex128)
    _, vectors, count = linalg.schur(drift, output="complex", sort=lambda value: value.real >= -cut)  # type: ignore[call-overload]  # the stubs know only real eigenvalues
    basis = vectors[:, :count]
    rates = -2 * np.diag(drift).real
    energies, rotation = linalg.eigh(basis.conj().T @ (1j * (drift + np.diag(rates / 2))) @ basis)
    candidates = basis @ rotation
    stray = _STRAY * equation.n * _EPS
    found = []
    for cluster in np.split(np.arange(count), np.flatnonzero(np.diff(energies) > cut) + 1):
        # Among degenerate modes the least damped combinations are the singular vectors of sqrt(G).
        _, amplitudes, combination = linalg.svd(np.sqrt(rates)[:, None] * candidates[:, cluster])
        amplitudes = np.append(amplitudes, np.zeros(len(cluster) - len(amplitudes)))
        modes = candidates[:, cluster] @ combination.conj().T
        found.extend(modes[:, amplitudes <= stray * np.sqrt(max(float(rates.max()), np.finfo(float).tiny))].T)
    return np.array(found, dtype=np.complex128).reshape(len(found), equation.n)


def _fail_dark(network: Network, modes: ComplexArray) -> NoReturn:
    hamiltonian = network.hamiltonian
    frequency = float(np.vdot(modes[0], hamiltonian @ modes[0]).real)
    nodes = np.flatnonzero(np.abs(modes).max(axis=0) > _LIVES_ON)
    plural = len(modes) > 1
    if not network.baths or not network.bath_rates.any():
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


def _check_abscissa(network: Network, nodes: IntArray, equation: LyapunovEquation) -> None:
    values, vectors = linalg.eig(equation.a.hi)
    worst = int(np.argmax(values.real))
    unit = _unit_of(network, nodes, equation)
    cut = _UNCERTAIN * equation.n * _EPS * max(1.0, float(np.abs(equation.a.hi).max()))
    if values[worst].real < -cut:
        return
    mode = np.zeros((1, 2 * network.n_modes), dtype=np.complex128)
    mode[0, np.ravel(np.column_stack([2 * nodes, 2 * nodes + 1]))] = vectors[:, worst]
    weight = np.abs(mode[0, ::2]) ** 2 + np.abs(mode[0, 1::2]) ** 2
    lives_on = np.flatnonzero(weight > _LIVES_ON * weight.max())
    eigenvalue = complex(values[worst] * unit)
    where = f"on the node{'s' * (len(lives_on) > 1)} {_names(network, lives_on)}"
    if values[worst].real > cut:
        raise UnstableNetworkError(
            f"The network is unstable: a mode {where} grows at the rate {eigenvalue.real:.6g} (eigenvalue "
            f"{eigenvalue:.6g} of the drift). Pairing pumps it faster than the baths damp it; reduce the pairing or "
            "raise the damping until the real part is negative.",
            eigenvalue=eigenvalue,
            modes=mode,
            nodes=[int(node) for node in lives_on],
        )
    raise NoUniqueSteadyStateError(
        f"There is no unique steady state: a mode {where} is neither damped nor amplified (eigenvalue "
        f"{eigenvalue:.6g} of the drift): it is undamped, or exactly at its parametric threshold.",
        eigenvalue=eigenvalue,
        modes=mode,
        nodes=[int(node) for node in lives_on],
    )


def _unit_of(network: Network, nodes: IntArray, equation: LyapunovEquation) -> float:
    """The rate that the scaled drift counts in, from its damping."""
    scaled = -2 * np.diag(equation.a.hi).real[::2].sum()
    return float(network.mode_rates[nodes].sum() / scaled) if scaled else 1.0


def check_probes(network: Network, parts: Sequence[Part]) -> None:
    """Raise unless every free probe is reached from a real bath, possibly through other probes.

    Reached means a non-zero amplitude (e^{At})_kj at some time: a dynamical condition.

    Raises
    ------
    NoUniqueSteadyStateError
        Naming the nodes whose probe occupations are not determined.
    """
    lost: list[int] = []
    free = np.zeros(network.n_modes, dtype=bool)
    anchored = np.zeros(network.n_modes, dtype=bool)
    free_probes = set(network.free_probes)
    for index, bath in enumerate(network.baths):
        target = free if index in free_probes else anchored
        target[bath.mode] |= bath.rate > 0
    for nodes, equation in parts:
        probed = free[nodes]
        lost.extend(nodes[probed & ~_reached(equation, anchored[nodes], probed)])
    if lost:
        real = "the real baths do not reach" if anchored.any() else "there is no real bath to fix"
        raise NoUniqueSteadyStateError(
            f"The occupations of the probes on the node{'s' * (len(lost) > 1)} {_names(network, np.array(lost))} are not "
            f"determined: {real} them, neither directly nor through other probes (no path, or destructive "
            "interference along all paths). Couple a real bath to them, or fix them with `Probe(..., occupation=...)`.",
            nodes=[int(node) for node in lost],
        )


def _reached(equation: LyapunovEquation, anchored: BoolArray, probed: BoolArray) -> BoolArray:
    """Nodes that a real bath reaches; every reached probe passes it on."""
    reached = anchored
    while (probed & ~reached).any():
        wider = reached | (probed & _carried(equation.a.hi, reached))
        if (wider == reached).all():
            break
        reached = wider
    return reached


def _carried(a: ComplexArray, start: BoolArray) -> BoolArray:
    """Nodes at which e^{At}, and so some power of A, has an amplitude that started on one of ``start``.

    Followed are the amplitudes v = A^m b as ``weight * ratio``, with the sum over all paths without regard
    to their phases as the weight, in logarithms: weak links make it small and do not matter. The ratio is
    what interference leaves, and counts as zero within rounding.
    """
    size = len(start)
    rows, columns = np.nonzero(a)
    strength, phase = np.log(np.abs(a[rows, columns])), np.sign(a[rows, columns])
    occupied, first = np.unique(rows, return_index=True)
    spread = np.repeat(start, len(a) // size)
    weight = np.where(spread, 0.0, -np.inf)
    # Phases at random, so that amplitudes from different nodes do not cancel by chance.
    ratio = spread * np.exp(2j * np.pi * np.random.default_rng(0).random(len(a)))
    found = spread
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
    return found.reshape(size, -1).any(axis=1)  # type: ignore[no-any-return]


def _names(network: Network, nodes: IntArray) -> str:
    shown = ", ".join(repr(network.labels[int(node)]) for node in nodes[:8])
    return shown + (f" and {len(nodes) - 8} more" if len(nodes) > 8 else "")
