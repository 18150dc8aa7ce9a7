"""Certified transients of small networks: the exponential of the whole equation of motion in ball arithmetic.

The raw moments of (a_1, a_1^+, a_2, ...), the means and 1 are one vector (4 L^2 + 2 L + 1 elements); its generator is
written out element by element from the doubles of the network and exponentiated by python-flint. Nothing of the
library's linear algebra is used, and no cancellation-free formula: digits pay for what cancels.
"""

from __future__ import annotations

import functools

import numpy as np
from flint import acb, acb_mat, arb
from oracle import precision

import wignerness as wn

BITS = 700
_ACCURACY = arb(2) ** -120
I = acb(0, 1)


def exactly(method):
    """Run a method with many bits."""

    @functools.wraps(method)
    def wrapped(*arguments):
        with precision(BITS):
            return method(*arguments)

    return wrapped


class Moment:
    """The exact state at one time, and what follows from it; results per bath in the order of the network's."""

    def __init__(self, network, raw, mean, channels, rate_of_change):
        self.network, self.raw, self.mean = network, raw, mean
        self._channels, self._change = channels, rate_of_change
        size = 2 * network.n_modes
        self.covariance = acb_mat(
            size, size, [raw[i, j] - mean[i, 0] * mean[j, 0].conjugate() for i in range(size) for j in range(size)]
        )
        self.inverse = self.covariance.inv()

    @exactly
    def normal(self, i, j):
        """C_ij."""
        return self.covariance[2 * i, 2 * j] - (arb(1) / 2 if i == j else 0)

    @exactly
    def anomalous(self, i, j):
        """S_ij."""
        return self.covariance[2 * i, 2 * j + 1]

    @exactly
    def occupation(self, k):
        """<a_k^+ a_k>."""
        return (self.raw[2 * k, 2 * k] - arb(1) / 2).real

    @exactly
    def thermal(self, bath, occupation=None):
        """Current, flux and production of a thermal bath (or a following probe of the given occupation)."""
        n = arb(bath.occupation) if occupation is None else occupation
        rate, width, k = arb(bath.rate), n + arb(1) / 2, bath.mode
        current = rate * (self.occupation(k) - n)
        flux = current / width
        return current, flux, flux - rate + rate * width * self.inverse[2 * k, 2 * k].real

    @exactly
    def flux_and_production(self, index):
        """Of one bath, thermal or not."""
        bath = self.network.baths[index]
        return self.thermal(bath)[1:] if isinstance(bath, (wn.ThermalBath, wn.Probe)) else self.channel(index)

    @exactly
    def channel(self, index):
        """Flux and production of any bath by the formula of a general channel (F_c of full rank on its nodes)."""
        places, drift, spread = self._channels[index]
        count = len(places)
        pick = acb_mat(count, count, [self.raw[i, j] for i in places for j in places])
        inner = acb_mat(count, count, [self.inverse[i, j] for i in places for j in places])
        trace = sum((drift[i, i] for i in range(count)), acb(0))
        pulled = drift.conjugate().transpose() * spread.inv() * drift * pick
        flux = trace + 2 * sum((pulled[i, i] for i in range(count)), acb(0))
        fed = spread * inner
        return flux.real, (flux + trace + sum((fed[i, i] for i in range(count)), acb(0)) / 2).real

    @exactly
    def wigner_entropy(self):
        """Eq. (12)."""
        return self.covariance.det().real.log() / 2 + self.network.n_modes * (1 + arb.pi().log())

    @exactly
    def entropy_rate(self):
        """Eq. (13)."""
        moved = self.inverse * self._change
        return sum((moved[i, i] for i in range(moved.nrows())), acb(0)).real / 2


@exactly
def _moments(network, state, time, follow):
    size = 2 * network.n_modes
    w, f, channels, gain, loss = _generator(network, follow)
    g = acb_mat(size, 1)
    for k, value in enumerate(network.drive):
        g[2 * k, 0], g[2 * k + 1, 0] = -I * _exact(value), I * _exact(value).conjugate()
    total = size**2 + size + 1
    whole = acb_mat(total, total)
    for i in range(size):
        for j in range(size):
            row = size * i + j
            for m in range(size):
                whole[row, size * m + j] += w[i, m]
                whole[row, size * i + m] += w[j, m].conjugate()
            # g mu^+ + mu g^+, with mu^+_j the partner of mu_j
            whole[row, size**2 + (j ^ 1)] += g[i, 0]
            whole[row, size**2 + i] += g[j, 0].conjugate()
            whole[row, total - 1] += f[i, j]
            if i // 2 == j // 2:
                whole[row, row] += gain[i // 2] if i == j else -loss[i // 2]
        for m in range(size):
            whole[size**2 + i, size**2 + m] += w[i, m]
        whole[size**2 + i, total - 1] += g[i, 0]
    vector = _start(network, state, total)
    end = (whole * arb(float(time))).exp() * vector
    change = whole * end
    raw = acb_mat(size, size, [end[k, 0] for k in range(size**2)])
    mean = acb_mat(size, 1, [end[size**2 + k, 0] for k in range(size)])
    rate = acb_mat(size, size)
    for i in range(size):
        for j in range(size):
            rate[i, j] = (
                change[size * i + j, 0]
                - change[size**2 + i, 0] * mean[j, 0].conjugate()
                - mean[i, 0] * change[size**2 + j, 0].conjugate()
            )
    found = Moment(network, raw, mean, channels, rate)
    assert all(found.covariance[i, i].rad() <= _ACCURACY for i in range(size))
    return found


def moments(network, state, time, *, follow=False):
    """The exact :class:`Moment`; with ``follow`` free probes follow, all other baths are as they are."""
    return _moments(network, state, time, follow)


def _exact(value):
    return acb(float(np.real(value)), float(np.imag(value)))


def _start(network, state, total):
    size = 2 * network.n_modes
    vector = acb_mat(total, 1)
    mean = [_exact(value) for mu in state.mean for value in (mu, np.conj(mu))]
    for i in range(size):
        for j in range(size):
            k, m = i // 2, j // 2
            if i % 2 == j % 2:
                value = _exact(state.normal[k, m])
                value = value.conjugate() if i % 2 else value
                value += arb(1) / 2 if i == j else 0
            else:
                value = _exact(state.anomalous[k, m])
                value = value.conjugate() if i % 2 else value
            vector[size * i + j, 0] = value + mean[i] * mean[j].conjugate()
        vector[size**2 + i, 0] = mean[i]
    vector[total - 1, 0] = acb(1)
    return vector


def _generator(network, follow):
    """W, F, the channels (places, W_c, F_c), and for dephasing and following probes what is fed back to the diagonals."""
    count, half = network.n_modes, arb(1) / 2
    w, f = acb_mat(2 * count, 2 * count), acb_mat(2 * count, 2 * count)
    h = network.hamiltonian.toarray() if network.is_sparse else network.hamiltonian
    for k in range(count):
        for m in range(count):
            w[2 * k, 2 * m], w[2 * k + 1, 2 * m + 1] = -I * _exact(h[k, m]), I * _exact(h[k, m]).conjugate()
            pair = _exact(network.pairing[k, m])
            w[2 * k, 2 * m + 1], w[2 * k + 1, 2 * m] = -I * pair, I * pair.conjugate()
    gain, loss, channels = [arb(0)] * count, [arb(0)] * count, []
    for bath in network.baths:
        if isinstance(bath, wn.JumpBath):
            places, drift, spread = _jumps(bath, count)
        else:
            k, rate = bath.mode, arb(bath.rate)
            places = [2 * k, 2 * k + 1]
            drift, spread = acb_mat(2, 2), acb_mat(2, 2)
            drift[0, 0] = drift[1, 1] = -rate / 2
            if isinstance(bath, wn.Dephasing):
                gain[k], loss[k] = gain[k] + rate, loss[k] + rate
            elif follow and isinstance(bath, wn.Probe) and bath.is_free:
                gain[k] = gain[k] + rate
            else:
                spread[0, 0] = spread[1, 1] = rate * (arb(bath.occupation) + half)
                m = _exact(getattr(bath, "anomalous", 0.0))
                spread[0, 1], spread[1, 0] = rate * m, rate * m.conjugate()
        for a, i in enumerate(places):
            for b, j in enumerate(places):
                w[i, j] += drift[a, b]
                f[i, j] += spread[a, b]
        channels.append((places, drift, spread))
    return w, f, channels, gain, loss


def _jumps(bath, count):
    places = [2 * k + s for k in bath.support for s in (0, 1)]
    n = len(bath.support)
    p, q, fp, fq = (acb_mat(n, n) for _ in range(4))
    for u, v in bath.jumps:
        u, v = ([_exact(x[k]) for k in bath.support] for x in (u, v))
        for i in range(n):
            for j in range(n):
                up, down = v[i] * v[j].conjugate(), u[i].conjugate() * u[j]
                one, other = v[i] * u[j].conjugate(), u[i].conjugate() * v[j]
                p[i, j] += (up - down) / 2
                fp[i, j] += (up + down) / 2
                q[i, j] += (one - other) / 2
                fq[i, j] -= (one + other) / 2
    return places, _ladder(p, q), _ladder(fp, fq)


def _ladder(plain, cross):
    n = plain.nrows()
    out = acb_mat(2 * n, 2 * n)
    for i in range(n):
        for j in range(n):
            out[2 * i, 2 * j], out[2 * i + 1, 2 * j + 1] = plain[i, j], plain[i, j].conjugate()
            out[2 * i, 2 * j + 1], out[2 * i + 1, 2 * j] = cross[i, j], cross[i, j].conjugate()
    return out


def state_of_any_kind(rng, size):
    """Displaced, squeezed, correlated: thermal modes behind a Bogoliubov transformation."""
    first, second = (np.linalg.qr(rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size)))[0] for _ in "ab")
    strength, level = rng.uniform(0, 0.8, size), np.diag(rng.uniform(0, 2, size))
    x, y = first @ np.diag(np.cosh(strength)) @ second, first @ np.diag(np.sinh(strength)) @ second.conj()
    one = np.eye(size)
    normal = x @ level @ x.conj().T + y @ (level + one) @ y.conj().T
    anomalous = x @ (level + one) @ y.T + y @ level @ x.T
    mean = rng.normal(size=size) + 1j * rng.normal(size=size)
    return wn.GaussianState(mean, normal, (anomalous + anomalous.T) / 2)


__all__ = ["BITS", "Moment", "moments", "precision", "state_of_any_kind"]
