"""Rates, couplings and levels against each other: what the derivations of master equations assume to be small."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import linalg, sparse

from .._memory import refuse_beyond
from .._text import shorten
from .._typing import IntArray, RealArray
from ..bath import ThermalBath
from ..network import Network
from ..spectra import Lorentzian, Ohmic
from .record import Check, Verdict, percent

__all__ = ["normal_frequencies", "scale_checks"]

# What counts as small, and what no longer does.
SMALL = 0.1
LARGE = 0.3
_BYTES = 64  # per element of an L x L matrix
# A normal mode with less than this weight on a node is none that its bath sees.
_SEEN = 1e-12


@dataclass(frozen=True, eq=False)
class Scales:
    """What is compared with each other.

    Attributes
    ----------
    network : Network
    frequencies : (L,) array
        Of the nodes.
    rates : (L,) array
        Damping of the nodes.
    rows, columns : (M,) arrays of int
        Nodes that each link joins.
    couplings : (M,) array
        |H_kl| of the links.
    energies : (L,) array
        Frequencies of the normal modes, ascending.
    weights : (L, L) array
        |V|^2 of node and normal mode.
    """

    network: Network
    frequencies: RealArray
    rates: RealArray
    rows: IntArray
    columns: IntArray
    couplings: RealArray
    energies: RealArray
    weights: RealArray

    @classmethod
    def of(cls, network: Network) -> Scales:
        """Look at a network, its pairing and drive aside."""
        size = network.n_modes
        refuse_beyond(_BYTES * size**2, f"The normal modes of {size} nodes", "Audit a smaller network of the kind.")
        matrix = network.hamiltonian.toarray() if network.is_sparse else network.hamiltonian
        links = sparse.triu(sparse.coo_array(matrix), 1)
        energies, vectors = linalg.eigh(matrix)
        return cls(
            network=network,
            frequencies=matrix.diagonal().real,
            rates=network.mode_rates,
            rows=links.row.astype(np.intp),
            columns=links.col.astype(np.intp),
            couplings=np.abs(links.data),
            energies=energies,
            weights=np.abs(vectors) ** 2,
        )

    def link(self, index: int) -> str:
        """The two nodes of a link, in words."""
        names = (shorten(self.network.labels[node]) for node in (self.rows[index], self.columns[index]))
        return " and ".join(names)


def scale_checks(network: Network) -> list[Check]:
    """All checks that compare scales; those on frequencies of the laboratory only where these are positive."""
    scales = Scales.of(network)
    checks = [_levels(scales)]
    if checks[0].verdict == "pass":
        checks += [_damping(scales), _hopping(scales)]
    checks += [_sharing(scales), _secularity(scales)]
    if checks[0].verdict == "pass":
        checks += _memory_checks(scales)
    return checks


def normal_frequencies(network: Network) -> RealArray:
    """Frequencies of the normal modes, ascending, pairing aside; shape (L,)."""
    matrix = network.hamiltonian.toarray() if network.is_sparse else network.hamiltonian
    return np.asarray(linalg.eigvalsh(matrix))


def _graded(value: float, *, hard: bool) -> Verdict:
    """Whether a ratio is small; too large a one fails only where no other check would notice."""
    if value <= SMALL:
        return "pass"
    return "fail" if hard and value > LARGE else "warn"


def _levels(scales: Scales) -> Check:
    """Frequencies must be those of the laboratory, of the nodes and of the normal modes."""
    name, node = "positive frequencies", int(np.argmin(scales.frequencies))
    lowest, level = float(scales.frequencies[node]), float(scales.energies[0])
    if lowest <= 0.0:
        words = (
            f"Node {shorten(scales.network.labels[node])} has the frequency {lowest:.6g}, so the Hamiltonian is written in "
            "some rotating frame and scales cannot be compared with frequencies; name that of the frame (frame=...)."
        )
        return Check(name, lowest, 0.0, "undecided", words)
    if level <= 0.0:
        words = (
            f"The lowest normal mode has the frequency {level:.6g}: the couplings are so strong that the network has no "
            "ground state, and no thermal state of it exists."
        )
        return Check(name, level, 0.0, "fail", words)
    return Check(name, level, 0.0, "pass", f"The lowest normal mode has the frequency {level:.6g}.")


def _damping(scales: Scales) -> Check:
    ratios = scales.rates / scales.frequencies
    node = int(np.argmax(ratios))
    verdict = _graded(ratios[node], hard=True)
    words = (
        f"Node {shorten(scales.network.labels[node])} is damped at {ratios[node]:.3g} of its frequency, which the "
        "rotating-wave form of the bath assumes to be small"
    )
    if verdict == "fail":
        words += "; Exact(counter_rotating=True) does not, for spectra that vanish toward zero frequency"
    return Check("damping / frequency", float(ratios[node]), SMALL, verdict, words + ".")


def _hopping(scales: Scales) -> Check:
    name = "hopping / frequency"
    if not scales.couplings.size:
        return Check(name, 0.0, SMALL, "pass", "No two nodes are linked.")
    ends = np.minimum(scales.frequencies[scales.rows], scales.frequencies[scales.columns])
    ratios = scales.couplings / ends
    worst = int(np.argmax(ratios))
    words = (
        f"Nodes {scales.link(worst)} are coupled at {ratios[worst]:.3g} of the lower frequency, which the rotating-wave "
        "form of the coupling assumes to be small"
    )
    verdict = _graded(ratios[worst], hard=True)
    if verdict == "fail":
        words += "; springs between positions have pairing terms, too (Network.from_quadratures)"
    return Check(name, float(ratios[worst]), SMALL, verdict, words + ".")


def _sharing(scales: Scales) -> Check:
    """Hopping against what keeps nodes apart: their detuning, and their damping."""
    name = "hopping / detuning, damping"
    if not scales.couplings.size:
        return Check(name, 0.0, SMALL, "pass", "No two nodes are linked.")
    apart = np.abs(scales.frequencies[scales.rows] - scales.frequencies[scales.columns])
    broad = (scales.rates[scales.rows] + scales.rates[scales.columns]) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = scales.couplings / np.maximum(apart, broad)
    ratios = np.where(np.isnan(ratios), 0.0, ratios)
    worst = int(np.argmax(ratios))
    apart_by = (
        "is beyond their detuning and their damping, which are zero"
        if np.isinf(ratios[worst])
        else f"is {ratios[worst]:.3g} of their detuning or damping"
    )
    meaning = (
        "each bath acts on the modes of several nodes, which the local equation treats rightly only where damping and "
        "occupation hardly depend on frequency"
        if ratios[worst] > SMALL
        else "nodes keep modes of their own, and what flows between them is a small correction"
    )
    words = f"Hopping between nodes {scales.link(worst)} {apart_by}: {meaning}."
    return Check(name, float(ratios[worst]), SMALL, _graded(ratios[worst], hard=False), words)


def _secularity(scales: Scales) -> Check:
    """Damping of neighboring normal modes against their distance."""
    name = "damping / level spacing"
    if len(scales.energies) < 2:
        return Check(name, 0.0, SMALL, "pass", "There is one normal mode.")
    damping = scales.rates @ scales.weights
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = (damping[1:] + damping[:-1]) / 2 / np.diff(scales.energies)
    ratios = np.where(np.isnan(ratios), 0.0, ratios)
    worst = int(np.argmax(ratios))
    meaning = (
        "so a fully secular global equation is not valid; Global() keeps the coherences between close levels"
        if ratios[worst] > SMALL
        else "so the secular step of the global equation is valid"
    )
    words = f"Normal modes {worst} and {worst + 1} are damped at {ratios[worst]:.3g} of their distance, {meaning}."
    return Check(name, float(ratios[worst]), SMALL, _graded(ratios[worst], hard=False), words)


def _memory_checks(scales: Scales) -> list[Check]:
    baths = [
        (shorten(scales.network.bath_labels[index]), bath)
        for index, bath in enumerate(scales.network.baths)
        if isinstance(bath, ThermalBath) and bath.rate > 0.0
    ]
    if not baths:
        return []
    return [_memory(baths), *(_variation(scales, baths, kind) for kind in ("occupation", "damping"))]


def memory_time(bath: ThermalBath) -> float:
    r"""The longer of the thermal time :math:`1/(2 \pi T)` and the time of the spectrum.

    That of a cutoff is :math:`1/\Lambda`, that of a resonance 2/w. A temperature of zero has none: in the rotating-wave
    form such a bath feeds nothing in. A flat spectrum has none, and of a function none is known.

    Examples
    --------
    >>> import math, wignerness as wn
    >>> bath = wn.ThermalBath.at_temperature(0, 0.1, 1.0, 1.0, spectrum=wn.spectra.Ohmic(2.0))
    >>> memory_time(bath)
    0.5
    """
    thermal = 1.0 / (2.0 * math.pi * bath.bath_temperature) if bath.bath_temperature else 0.0
    if isinstance(bath.spectrum, Ohmic):
        return max(thermal, 1.0 / bath.spectrum.cutoff)
    if isinstance(bath.spectrum, Lorentzian):
        return max(thermal, 2.0 / bath.spectrum.width)
    return thermal


def _memory(baths: list[tuple[str, ThermalBath]]) -> Check:
    values = [bath.rate * memory_time(bath) for _, bath in baths]
    worst = int(np.argmax(values))
    words = (
        f"{baths[worst][0]!r} remembers for a time of {memory_time(baths[worst][1]):.3g}, {values[worst]:.3g} of that in "
        "which it damps, a ratio that every master equation here assumes to be small."
    )
    return Check("memory / damping time", values[worst], SMALL, _graded(values[worst], hard=False), words)


def _variation(scales: Scales, baths: list[tuple[str, ThermalBath]], kind: str) -> Check:
    """By how much a bath differs between the frequency it was given at and those of the normal modes it reaches."""
    worst = (-1.0, "", 0.0)
    for label, bath in baths:
        seen = scales.energies[scales.weights[bath.mode] > _SEEN]
        at = bath.frequency or float(scales.frequencies[bath.mode])
        law = bath.damping if kind == "damping" else bath.occupation_at
        away = _relative(law(seen), float(law(at)))
        k = int(np.argmax(away))
        worst = max(worst, (float(away[k]), label, float(seen[k])))
    value, label, frequency = worst
    words = (
        f"The {kind} of {label!r} at the normal frequency {frequency:.6g} differs by {percent(value)} from that which the "
        "local equation uses throughout."
        if value
        else f"Every bath has the same {kind} at all frequencies of the normal modes that it reaches."
    )
    return Check(f"{kind} across the levels", value, SMALL, _graded(value, hard=False), words)


def _relative(values: RealArray, reference: float) -> RealArray:
    """Differences relative to the larger of the two."""
    size = np.maximum(values, reference)
    return np.asarray(np.abs(values - reference) / np.where(size > 0.0, size, 1.0))
