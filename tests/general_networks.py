"""Random networks with every kind of Gaussian bath, pairing and drive; their exact steady states with many digits."""

from __future__ import annotations

import mpmath as mp
import numpy as np
from hypothesis import strategies as st

import wignerness as wn

KINDS = ("thermal", "squeezed", "loss and gain", "collective", "non-local")


def bath(kind, mode, size, rng):
    """A bath of some kind, of order one."""
    rate, occupation = rng.uniform(0.2, 1.5), rng.choice([0.0, rng.uniform(0, 2)])
    if kind == "thermal":
        return wn.ThermalBath(mode, rate, occupation)
    if kind == "squeezed":
        r, angle = rng.uniform(0, 1), rng.uniform(0, 2 * np.pi)
        return wn.SqueezedBath.from_squeezing(mode, rate, occupation, r, angle=angle)
    unit, nothing = np.eye(size)[mode], np.zeros(size)
    if kind == "loss and gain":
        return wn.JumpBath([(np.sqrt(rate) * unit, nothing), (nothing, 0.5 * np.sqrt(rate) * unit)])

    def amplitudes(scale):
        return scale * (rng.normal(size=size) + 1j * rng.normal(size=size)) / np.sqrt(2 * size)

    if kind == "collective":
        together = amplitudes(1.0)
        return wn.JumpBath([(together, nothing), (nothing, 0.6 * together.conj())])
    return wn.JumpBath([(amplitudes(1.0), amplitudes(0.4)) for _ in range(int(rng.integers(1, 4)))])


def abscissa(network):
    """Largest real part of an eigenvalue of the drift."""
    return float(np.linalg.eigvals(network.drift).real.max())


def general_network(seed, size, kinds, *, closeness=None):
    """One thermal bath a node, so that all is damped, and a bath of each of ``kinds``; pairing and drive.

    With ``closeness`` the pairing is raised to 1 - closeness of its threshold.
    """
    rng = np.random.default_rng(seed)
    raw, pair = (rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size)) for _ in range(2))
    baths = [wn.ThermalBath(k, rng.uniform(0.8, 2), rng.uniform(0, 2)) for k in range(size)]
    baths += [bath(kind, int(rng.integers(size)), size, rng) for kind in kinds]
    drive = rng.normal(size=size) + 1j * rng.normal(size=size)
    network = wn.Network((raw + raw.conj().T) / 2, baths, drive=drive)
    pairing, strength = (pair + pair.T) / 2, 0.1
    if closeness is not None:
        low, high = 0.0, 2.0**20
        for _ in range(90):
            strength = (low + high) / 2
            stable = abscissa(network.replace(pairing=strength * pairing)) < 0
            low, high = (strength, high) if stable else (low, strength)
        strength = low * (1 - closeness)
    return network.replace(pairing=strength * pairing)


def general_networks(max_modes=3):
    """Strategy: any kinds of bath; some close to threshold."""
    return st.builds(
        general_network,
        st.integers(0, 2**32 - 1),
        st.integers(1, max_modes),
        st.lists(st.sampled_from(KINDS), max_size=3),
        closeness=st.sampled_from([None, None, 1e-2, 1e-5, 1e-8]),
    )


# -- many digits -----------------------------------------------------------------------------------------------


def exact_channels(network):
    """W_c and F_c of every bath in ladder order, exactly, as mpmath matrices."""
    size, channels, half = network.n_modes, [], mp.mpf(1) / 2

    def number(z):
        return mp.mpc(complex(z).real, complex(z).imag)

    for item in network.baths:
        w, f = mp.matrix(2 * size, 2 * size), mp.matrix(2 * size, 2 * size)
        if isinstance(item, wn.JumpBath):
            for u, v in item.jumps:
                u, v = [number(z) for z in u], [number(z) for z in v]
                for i in range(size):
                    for j in range(size):
                        blocks = (
                            (w, (v[i] * mp.conj(v[j]) - mp.conj(u[i]) * u[j]) / 2, (v[i] * mp.conj(u[j]) - mp.conj(u[i]) * v[j]) / 2),
                            (f, (v[i] * mp.conj(v[j]) + mp.conj(u[i]) * u[j]) / 2, -(v[i] * mp.conj(u[j]) + mp.conj(u[i]) * v[j]) / 2),
                        )  # fmt: skip
                        for matrix, plain, cross in blocks:
                            matrix[2 * i, 2 * j] += plain
                            matrix[2 * i + 1, 2 * j + 1] += mp.conj(plain)
                            matrix[2 * i, 2 * j + 1] += cross
                            matrix[2 * i + 1, 2 * j] += mp.conj(cross)
        else:
            k, rate = item.mode, mp.mpf(item.rate)
            m = number(getattr(item, "anomalous", 0))
            w[2 * k, 2 * k] = w[2 * k + 1, 2 * k + 1] = -rate / 2
            f[2 * k, 2 * k] = f[2 * k + 1, 2 * k + 1] = rate * (mp.mpf(item.occupation) + half)
            f[2 * k, 2 * k + 1], f[2 * k + 1, 2 * k] = rate * m, rate * mp.conj(m)
        channels.append((w, f))
    return channels


def exact_balance(network, digits=50):
    """Flux and production of every bath and dS/dt = 0's terms, by the printed formulas with many digits."""
    with mp.workdps(digits):
        size, channels = 2 * network.n_modes, exact_channels(network)
        unitary = mp.matrix(size, size)
        for i in range(network.n_modes):
            for j in range(network.n_modes):
                h, d = complex(network.hamiltonian[i, j]), complex(network.pairing[i, j])
                plain, cross = -mp.mpc(0, 1) * mp.mpc(h.real, h.imag), -mp.mpc(0, 1) * mp.mpc(d.real, d.imag)
                unitary[2 * i, 2 * j], unitary[2 * i + 1, 2 * j + 1] = plain, mp.conj(plain)
                unitary[2 * i, 2 * j + 1], unitary[2 * i + 1, 2 * j] = cross, mp.conj(cross)
        drift, source = unitary.copy(), mp.matrix(size, size)
        for w, f in channels:
            drift, source = drift + w, source + f
        covariance = _lyapunov(drift, source)
        force = mp.matrix(size, 1)
        for k, e in enumerate(network.drive):
            force[2 * k] = mp.mpc(0, 1) * mp.mpc(e.real, e.imag)
            force[2 * k + 1] = mp.conj(force[2 * k])
        mean = mp.lu_solve(drift, force)
        inverse, raw = covariance**-1, covariance + mean * mean.H
        flux, production = [], []
        for w, f in channels:
            dragged = w.H * _pseudo_inverse(f) * w
            flux.append(mp.re(_trace(w) + 2 * _trace(dragged * raw)))
            production.append(flux[-1] + mp.re(_trace(w) + _trace(f * inverse) / 2))
        return [float(x) for x in flux], [float(x) for x in production]


def _trace(matrix):
    return mp.fsum(matrix[i, i] for i in range(matrix.rows))


def _lyapunov(a, source):
    n = a.rows
    system, right = mp.matrix(n * n, n * n), mp.matrix(n * n, 1)
    for i in range(n):
        for j in range(n):
            for m in range(n):
                system[n * i + j, n * m + j] += a[i, m]
                system[n * i + j, n * i + m] += mp.conj(a[j, m])
            right[n * i + j] = -source[i, j]
    solution = mp.lu_solve(system, right)
    return mp.matrix([[solution[n * i + j] for j in range(n)] for i in range(n)])


def _pseudo_inverse(matrix):
    values, vectors = mp.eighe(matrix)
    largest = max(abs(value) for value in values)
    result = mp.matrix(matrix.rows, matrix.rows)
    for k in range(matrix.rows):
        if largest and values[k] > largest * mp.mpf("1e-12"):
            column = vectors[:, k]
            result += column * column.H / values[k]
    return result
