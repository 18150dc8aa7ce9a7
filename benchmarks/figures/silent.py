"""Figure 3: silently wrong answers on inputs made to mislead, here and by two common ways to solve the equation."""

from __future__ import annotations

import warnings
from collections import Counter

import flint
import hard_cases
import numpy as np
import oracle
from scipy import linalg

import wignerness as wn
from wignerness.errors import WignernessError

# An answer is wrong if an element of C is off by more than this part of the largest element, ...
WRONG_C = 1e-6
# ... or a production by more than this part of itself.
WRONG_PRODUCTION = 1e-6

# What an adversarial input is: a network, and its certified answer or None where there is no unique steady state.


def undamped(rng):
    """A random integer graph with undamped modes, counted in integers; rates over nine decades."""
    while True:
        size = int(rng.integers(2, 9))
        links = np.triu(rng.random((size, size)) < rng.uniform(0.2, 0.9), 1) * rng.integers(1, 3, (size, size))
        matrix = links + links.T + np.diag(rng.integers(0, 2, size))
        damped = rng.choice(size, int(rng.integers(1, max(2, size // 2 + 1))), replace=False)
        if _undamped_count(matrix, damped):
            break
    baths = [wn.ThermalBath(int(k), 10.0 ** rng.uniform(-6, 3), rng.uniform(0, 3)) for k in damped]
    return wn.Network(matrix.astype(complex), baths), None


def hidden_by_symmetry(rng):
    """A star with two equal leaves behind random phases and hoppings: dark to rounding."""
    leaves = int(rng.integers(2, 6))
    matrix = np.zeros((leaves + 1, leaves + 1), dtype=complex)
    matrix[0, 1:] = rng.uniform(0.3, 1, leaves) * np.exp(2j * np.pi * rng.random(leaves))
    frequencies = np.append(rng.uniform(-1, 1), rng.uniform(-1, 1, leaves))
    frequencies[2] = frequencies[1]
    matrix = matrix + matrix.conj().T + np.diag(frequencies)
    return wn.Network(matrix, [wn.ThermalBath(0, rng.uniform(0.1, 1), 2.0)]), None


def cut_off_probe(rng):
    """Two arms whose amplitudes cancel, a probe behind them."""
    one, other = rng.uniform(0.3, 1, 2)
    phase = np.exp(2j * np.pi * rng.random())
    matrix = np.zeros((4, 4), dtype=complex)
    matrix[0, 1], matrix[1, 3], matrix[0, 2], matrix[2, 3] = one, other * phase, other, -one * phase
    return wn.Network(matrix + matrix.conj().T, [wn.ThermalBath(0, 1.0, 2.0), wn.Probe(3, rng.uniform(0.1, 1))]), None


def only_probes(rng):
    """Every node damped, by probes alone: any occupation is self-consistent."""
    network = hard_cases.ordinary(rng, 4)
    return network.replace(baths=[wn.Probe(bath.mode, bath.rate) for bath in network.baths]), None


def growing(rng):
    """Pairing above threshold: a Lyapunov solver returns a finite matrix that is no state."""
    network = hard_cases.ordinary(rng, 3)
    pairing = np.diag(np.append(1.2 * network.mode_rates.sum(), np.zeros(network.n_modes - 1)))
    flat = network.replace(hamiltonian=network.hamiltonian - np.diag(np.diag(network.hamiltonian)), pairing=pairing)
    if np.linalg.eigvals(flat.drift).real.max() < 1e-3:
        return growing(rng)
    return flat, None


def fed_by_rounding(rng):
    """A probe behind a link of 1e-8 to 1e-15: its closure is smaller than rounding."""
    weak = 10.0 ** rng.uniform(-15, -8)
    matrix = np.array([[0, 0.5, 0], [0.5, 0, weak], [0, weak, 0]])
    baths = [wn.ThermalBath(0, 1.0, rng.uniform(1, 3)), wn.ThermalBath(1, 1.0, 0.5), wn.Probe(2, 1.0)]
    return _certified(wn.Network(matrix, baths))


def nearly_undamped(rng):
    """A mode damped 1e-16 to 1e-30 times less than the others."""
    matrix = np.array([[0, 0.5, 0.5], [0.5, 1.0, 0], [0.5, 0, 1.0 + 10.0 ** rng.uniform(-14, -8)]])
    baths = [wn.ThermalBath(0, 1.0, 2.0), wn.ThermalBath(1, 10.0 ** rng.uniform(-30, -16), 0.5)]
    return _certified(wn.Network(matrix, baths))


def _hard(family):
    def build(rng):
        return _certified(family(rng, 6))

    build.__name__, build.__doc__ = family.__name__, family.__doc__
    return build


def units_near_overflow(rng):
    """An exceptional point in units of 1e290 to 1e300, where LAPACK scales its answer down."""
    network = hard_cases.exceptional_points(rng, 5)
    unit = 2.0 ** int(rng.integers(970, 1000))
    baths = [wn.ThermalBath(b.mode, b.rate * unit, b.occupation) for b in network.baths]
    return _certified(wn.Network(network.hamiltonian * unit, baths))


INPUTS = (
    undamped,
    hidden_by_symmetry,
    cut_off_probe,
    only_probes,
    growing,
    fed_by_rounding,
    nearly_undamped,
    units_near_overflow,
    _hard(hard_cases.exceptional_points),
    _hard(hard_cases.cascades),
    _hard(hard_cases.near_equilibrium),
    _hard(hard_cases.rates_over_sixteen_decades),
    _hard(hard_cases.nearly_dark_modes),
    _hard(hard_cases.weak_probes),
    _hard(hard_cases.common_frequency),
    _hard(hard_cases.huge_occupations),
)


def _certified(network):
    return network, oracle.truth(network)


def _undamped_count(matrix, damped) -> int:
    size = len(matrix)
    h = flint.fmpz_mat([[int(v) for v in row] for row in matrix])
    block = flint.fmpz_mat([[int(j == k) for j in range(size)] for k in damped])
    rows = []
    for _ in range(size):
        rows += block.tolist()
        block = block * h
    return size - flint.fmpz_mat(rows).rank()


# -- three ways to answer: each returns C and the productions, or raises ------------------------------------------


def ours(network):
    """steady_state as it comes."""
    ness = wn.steady_state(network)
    return ness.state.normal, ness.entropy_production


def with_scipy(network):
    """SciPy's Lyapunov solver, probes closed by the kernel it gives, (C2) for the productions."""
    return _plain(network, linalg.solve_continuous_lyapunov)


def with_eigenvectors(network):
    """The formula with eigenvectors, the rest alike."""

    def solve(drift, right):
        values, vectors = np.linalg.eig(drift)
        inverse = np.linalg.inv(vectors)
        inner = (inverse @ right @ inverse.conj().T) / (values[:, None] + values.conj())
        return vectors @ inner @ vectors.conj().T

    return _plain(network, solve)


def _plain(network, solve):
    if network.free_probes:
        network = _closed(network, solve)
    drift, source = np.asarray(network.drift), np.asarray(network.diffusion).astype(complex)
    moments = solve(drift, -source)
    step = len(moments) // network.n_modes
    covariance = moments + (0 if step == 2 else np.eye(len(moments)) / 2)
    normal = moments[::step, ::step] - (np.eye(network.n_modes) / 2 if step == 2 else 0)
    inverse = np.diag(np.linalg.inv(covariance)).real[::step]
    if not np.isfinite(normal).all():
        raise ArithmeticError("not finite")
    modes, widths = network.bath_modes, network.bath_occupations + 0.5
    flux = network.bath_rates * (np.diag(normal).real[modes] - network.bath_occupations) / widths
    return normal, flux - network.bath_rates + network.bath_rates * widths * inverse[modes]


def _closed(network, solve):
    """Probe occupations from (1 - T Gamma) n = T gamma n_real, a column of T for each damped node."""
    size, probes = network.n_modes, list(network.free_probes)
    drift = np.asarray(network.replace(baths=[_filled(b, 0.0) for b in network.baths]).drift)
    kernel = np.zeros((size, size))
    for j in set(network.bath_modes.tolist()):
        unit = np.zeros((size, size), dtype=complex)
        unit[j, j] = 1.0
        kernel[:, j] = np.diag(solve(drift, -unit)).real
    probe_rates, source = np.zeros(size), np.zeros(size)
    for bath in network.baths:
        if bath.occupation is None:
            probe_rates[bath.mode] += bath.rate
        else:
            source[bath.mode] += bath.rate * bath.occupation
    nodes = sorted({network.baths[i].mode for i in probes})
    block = np.eye(len(nodes)) - kernel[np.ix_(nodes, nodes)] * probe_rates[nodes]
    found = dict(zip(nodes, np.linalg.solve(block, kernel[nodes] @ source), strict=True))
    baths = [_filled(b, max(0.0, found.get(b.mode, 0.0))) if i in probes else b for i, b in enumerate(network.baths)]
    return network.replace(baths=baths)


def _filled(bath, level):
    return bath if bath.occupation is not None else wn.ThermalBath(bath.mode, bath.rate, float(level))


SILENT = ("wrong state", "wrong production")
WAYS = {"wignerness": ours, "SciPy": with_scipy, "eigenvectors": with_eigenvectors}


PART = 80  # inputs


def parts(count: int, seed: int) -> list[tuple]:
    """Arguments of the parts; each has all families in equal shares."""
    return [(min(PART, count - done), [seed, 3, done]) for done in range(0, count, PART)]


def part(count: int, seed: list[int]) -> dict:
    """How each way fares: right, refused with a word, or silently wrong in the state or in a production alone."""
    rng = np.random.default_rng(seed)
    outcomes = {name: Counter() for name in WAYS}
    silent = {name: Counter() for name in WAYS}
    inputs = Counter()
    for index in range(count):
        family = INPUTS[index % len(INPUTS)]
        network, true = family(rng)
        inputs[family.__name__] += 1
        for name, way in WAYS.items():
            outcome = judge(way, network, true)
            outcomes[name][outcome] += 1
            if outcome in SILENT:
                silent[name][family.__name__] += 1
    return {"inputs": inputs, "outcomes": outcomes, "silent": silent}


def whole(found: list[dict]) -> dict:
    """The figure from its parts."""
    inputs = sum((Counter(one["inputs"]) for one in found), Counter())
    outcomes, silent = (
        {name: sum((Counter(one[kind][name]) for one in found), Counter()) for name in WAYS}
        for kind in ("outcomes", "silent")
    )
    return {
        "inputs": inputs.total(),
        "without_steady_state": sum(inputs[f.__name__] for f in INPUTS[:5]),
        "families": {f.__name__: (f.__doc__ or "").split("\n")[0] for f in INPUTS},
        "outcomes": {name: dict(counts) for name, counts in outcomes.items()},
        "silently_wrong": {name: sum(outcomes[name][kind] for kind in SILENT) for name in WAYS},
        "silently_wrong_by_family": {name: dict(counts) for name, counts in silent.items()},
    }


def judge(way, network, true):
    """What becomes of one input."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np_state = np.seterr(all="ignore")
        try:
            normal, production = way(network)
        except (WignernessError, ArithmeticError, ValueError, Warning, np.linalg.LinAlgError):
            return "refused"
        finally:
            np.seterr(**np_state)
    if true is None:
        return "wrong state"
    size = network.n_modes
    largest = max(float(abs(value).abs_upper()) for value in true.normal.entries())
    error = max(oracle.complex_error(normal[i, j], true.normal[i, j]) for i in range(size) for j in range(size))
    if not error <= WRONG_C * largest:
        return "wrong state"
    for value, exact, bath in zip(production, true.production, network.baths, strict=True):
        if oracle.is_zero(exact):
            if not abs(value) <= 1e-12 * bath.rate:
                return "wrong production"
        elif not oracle.relative_error(float(value), exact) <= WRONG_PRODUCTION:
            return "wrong production"
    return "right"
