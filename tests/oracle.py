"""Certified answers for small networks: the moment equation as one linear system in ball arithmetic.

The equation is written out element by element (L^2 unknowns, 4 L^2 with pairing) and solved by python-flint,
whose numbers are intervals: what comes out is proved, for the doubles that the network holds. Nothing of the
library's linear algebra is used, and no formula in its cancellation-free form: digits pay for what cancels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

from flint import acb, acb_mat, arb, ctx

_FIRST_BITS = 320
_MOST_BITS = 8192
# Every number is either zero or known to this relative accuracy.
_ACCURACY = arb(2) ** -120


class Uncertified(ArithmeticError):
    """More bits than allowed would be needed: the equation is singular, or all but."""


@dataclass(frozen=True)
class Truth:
    """The steady state with a proof; results per bath in the order of ``network.baths``."""

    normal: acb_mat
    anomalous: acb_mat
    mean: acb_mat
    covariance: acb_mat  # C + 1/2 without pairing, Theta in ladder order with it
    bath_occupations: list[arb]
    bath_currents: list[arb]
    flux: list[arb]
    production: list[arb]
    currents: list[list[arb]]
    gain: list[arb]
    sole: list[arb] | None  # occupation of the only bath of every node, where there is one
    bits: int

    @property
    def occupations(self) -> list[arb]:
        """<a_k^+ a_k>, means included."""
        with precision(self.bits):
            return [self.normal[k, k].real + abs(self.mean[k, 0]) ** 2 for k in range(self.normal.nrows())]

    @cached_property
    def wigner_entropy(self) -> arb:
        """Eq. (12)."""
        with precision(self.bits):
            size, step = self.normal.nrows(), self.covariance.nrows() // self.normal.nrows()
            return self.covariance.det().real.log() / step + size * (1 + arb.pi().log())

    @cached_property
    def relative_entropy(self) -> arb | None:
        """Eq. (21); None where it is undefined."""
        if self.sole is None:
            return None
        with precision(self.bits):
            step = self.covariance.nrows() // self.normal.nrows()
            terms = [
                (full + arb(1) / 2) / (n + arb(1) / 2) + (n + arb(1) / 2).log() - 1
                for full, n in zip(self.occupations, self.sole, strict=True)
            ]
            return sum(terms, arb(0)) - self.covariance.det().real.log() / step

    @cached_property
    def unitary_term(self) -> arb | None:
        """Eqs. (23)-(24); None where it is undefined."""
        if self.sole is None:
            return None
        with precision(self.bits):
            rows = [sum(row, arb(0)) + g for row, g in zip(self.currents, self.gain, strict=True)]
            return sum((r / (n + arb(1) / 2) for r, n in zip(rows, self.sole, strict=True)), arb(0))


class precision:
    """Run with that many bits."""

    def __init__(self, bits: int) -> None:
        self.bits = bits

    def __enter__(self) -> None:
        self.before, ctx.prec = ctx.prec, self.bits

    def __exit__(self, *_: object) -> None:
        ctx.prec = self.before


def truth(network) -> Truth:
    """The certified steady state of a network whose baths are thermal or probes."""
    bits = _FIRST_BITS
    while bits <= _MOST_BITS:
        with precision(bits):
            try:
                answer = _attempt(network, bits)
            except ZeroDivisionError:
                answer = None
            if answer is not None and _is_sharp(answer, network):
                return answer
        bits *= 2
    raise Uncertified(f"{_MOST_BITS} bits do not certify {network!r}")


def error(value: float, true: arb) -> float:
    """|value - true|, rounded up."""
    if not math.isfinite(value):
        return math.inf
    with precision(512):
        return float((arb(float(value)) - true).abs_upper())


def relative_error(value: float, true: arb) -> float:
    """|value/true - 1|, rounded up; only zero equals a zero."""
    if is_zero(true):
        return 0.0 if value == 0 else math.inf
    if not math.isfinite(value):
        return math.inf
    with precision(512):
        return float(((arb(float(value)) - true) / true).abs_upper())


def complex_error(value: complex, true: acb) -> float:
    """|value - true|, rounded up."""
    with precision(512):
        return float(abs(acb(value.real, value.imag) - true).abs_upper())


def is_zero(true: arb) -> bool:
    """Whether the ball holds zero: then it is zero as far as hundreds of bits can tell."""
    return true.contains(0)


def _attempt(network, bits: int) -> Truth:
    size = network.n_modes
    step = 1 if network.is_passive else 2
    hamiltonian, pairing, drive = _exact_inputs(network)
    rates, source, feedback = _baths(network)
    drift = acb_mat(step * size, step * size)
    force = acb_mat(step * size, 1)
    for k in range(size):
        for m in range(size):
            plain = -hamiltonian[k, m] * acb(0, 1) - (rates[k] / 2 if k == m else 0)
            drift[step * k, step * m] = plain
            if step == 2:
                cross = -pairing[k, m] * acb(0, 1)
                drift[2 * k + 1, 2 * m + 1] = plain.conjugate()
                drift[2 * k, 2 * m + 1], drift[2 * k + 1, 2 * m] = cross, cross.conjugate()
        force[step * k, 0] = drive[k, 0] * acb(0, 1)
        if step == 2:
            force[2 * k + 1, 0] = force[2 * k, 0].conjugate()
    forcing = [
        source[k // step] + (rates[k // step] - feedback[k // step]) / 2 * (step == 2) for k in range(step * size)
    ]
    moments = _lyapunov(drift, forcing, [feedback[k // step] for k in range(step * size)])
    mean = drift.solve(force) if any(drive[k, 0] != 0 for k in range(size)) else acb_mat(step * size, 1)
    return _quantities(network, moments, mean, hamiltonian, pairing, drive, bits)


def _exact_inputs(network):
    size = network.n_modes
    dense = network.hamiltonian.toarray() if network.is_sparse else network.hamiltonian

    def matrix(array):
        return acb_mat([[acb(float(v.real), float(v.imag)) for v in row] for row in array])

    return matrix(dense), matrix(network.pairing), matrix(network.drive.reshape(size, 1))


def _baths(network):
    zero = [arb(0) for _ in range(network.n_modes)]
    rates, source, feedback = list(zero), list(zero), list(zero)
    for bath in network.baths:
        rates[bath.mode] += arb(bath.rate)
        if bath.occupation is None:
            feedback[bath.mode] += arb(bath.rate)
        else:
            source[bath.mode] += arb(bath.rate) * arb(bath.occupation)
    return rates, source, feedback


def _lyapunov(a: acb_mat, source: list[arb], feedback: list[arb]) -> acb_mat:
    """A X + X A^+ + diag(w_k X_kk) + diag(source) = 0, all n^2 elements at once."""
    n = a.nrows()
    system, right = acb_mat(n * n, n * n), acb_mat(n * n, 1)
    for i in range(n):
        for j in range(n):
            row = n * i + j
            for m in range(n):
                system[row, n * m + j] += a[i, m]
                system[row, n * i + m] += a[j, m].conjugate()
        system[n * i + i, n * i + i] += feedback[i]
        right[n * i + i, 0] = -source[i]
    x = system.solve(right)
    return acb_mat(n, n, [x[k, 0] for k in range(n * n)])


def _quantities(network, moments, mean, hamiltonian, pairing, drive, bits) -> Truth:
    size, step = network.n_modes, 1 if network.is_passive else 2
    half = arb(1) / 2
    covariance = acb_mat(moments)
    normal = acb_mat(size, size, [moments[step * i, step * j] for i in range(size) for j in range(size)])
    anomalous = acb_mat(size, size)
    for k in range(size):
        if step == 1:
            covariance[k, k] += half
        else:
            normal[k, k] -= half
            for m in range(size):
                anomalous[k, m] = moments[2 * k, 2 * m + 1]
    mean = acb_mat(size, 1, [mean[step * k, 0] for k in range(size)])
    inverse = covariance.inv()
    numbers = [normal[k, k].real + abs(mean[k, 0]) ** 2 for k in range(size)]
    occupations, currents, flux, production = [], [], [], []
    for bath in network.baths:
        n = normal[bath.mode, bath.mode].real if bath.occupation is None else arb(bath.occupation)
        rate, width = arb(bath.rate), n + half
        occupations.append(n)
        # A probe takes n = C_kk by definition: what is left is the coherent part.
        surplus = abs(mean[bath.mode, 0]) ** 2 if bath.occupation is None else numbers[bath.mode] - n
        currents.append(rate * surplus)
        flux.append(rate * surplus / width)
        production.append(flux[-1] - rate + rate * width * inverse[step * bath.mode, step * bath.mode].real)
    between = [
        [2 * (hamiltonian[k, m] * (normal[m, k] + mean[k, 0].conjugate() * mean[m, 0])).imag if k != m else arb(0)
         for m in range(size)]
        for k in range(size)
    ]  # fmt: skip
    gain = [
        2 * (drive[k, 0] * mean[k, 0].conjugate()).imag
        + 2 * sum(
            ((pairing[k, m] * (anomalous[k, m] + mean[k, 0] * mean[m, 0]).conjugate()).imag for m in range(size)),
            arb(0),
        )
        for k in range(size)
    ]  # fmt: skip
    on_node = [[b for b, bath in enumerate(network.baths) if bath.mode == k and bath.rate > 0] for k in range(size)]
    sole = [occupations[found[0]] for found in on_node] if all(len(found) == 1 for found in on_node) else None
    return Truth(
        normal, anomalous, mean, covariance, occupations, currents, flux, production, between, gain, sole, bits
    )  # fmt: skip


def _is_sharp(answer: Truth, network) -> bool:
    parts = [part for value in answer.normal.entries() for part in (value.real, value.imag)]
    largest = max((abs(part.mid()) for part in parts), key=float)
    if not all(part.is_finite() and part.rad() <= _ACCURACY * largest for part in parts):
        return False
    per_bath = [
        (value, arb(bath.rate))
        for values in (answer.production, answer.flux)
        for value, bath in zip(values, network.baths, strict=True)
    ]
    return all(_is_known(value, unit) for value, unit in per_bath)


def _is_known(value: arb, unit: arb) -> bool:
    """Sharp by itself, or a zero to four fifths of the digits of its unit."""
    if not value.is_finite():
        return False
    if value.contains(0):
        return bool(value.abs_upper() <= unit * arb(2) ** -(4 * ctx.prec // 5))
    return bool(value.rad() <= _ACCURACY * abs(value.mid()))
