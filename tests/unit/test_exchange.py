"""Mean and variance of what each bath takes up, against formulas and limits."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import linalg
from scipy.integrate import quad

import wignerness as wn
from wignerness.errors import InvalidNetworkError, NoUniqueSteadyStateError, UndefinedQuantityError

PAIR = wn.models.chain(2, hopping=0.5, rate=1.0, occupations=(1, 2))
SHARED = wn.Network([[1.0]], [wn.ThermalBath(0, 1.0, 1.0), wn.ThermalBath(0, 0.5, 4.0)])


def by_regression(network, bath, time):
    """Var[X] = int int Cov of the current with itself, by two-time correlations (quantum regression).

    dX = -2 Re(alpha^* o dy) = [gamma (|alpha|^2 - d)] dt - 2 sqrt(gamma d) Re(alpha^* dxi) (Ito): the correlation of the
    second part with the first at later times comes from the response of |alpha|^2 to the noise.
    """
    ness = wn.steady_state(network)
    v = ness.state.normal + np.eye(network.n_modes) / 2
    node, rate, d = bath.mode, bath.rate, bath.occupation + 0.5

    def correlation(tau):
        e = linalg.expm(np.asarray(network.drift) * tau)
        later = e @ v
        # Gaussian: Cov(|a_0|^2, |a_tau|^2) = |<a_tau a_0^*>|^2; the noise at 0 moves a by -... in proportion to d.
        return rate**2 * abs(later[node, node]) ** 2 - 2 * rate**2 * d * (e[node, node].conj() * later[node, node]).real

    inner, _ = quad(lambda tau: (time - tau) * correlation(tau), 0, time, epsabs=1e-12, epsrel=1e-12, limit=400)
    return 2 * rate * d * v[node, node].real * time + 2 * inner


@pytest.mark.parametrize("time", [0.01, 1.0, 25.0])
@pytest.mark.parametrize("network", [PAIR, SHARED], ids=["pair", "two baths on a node"])
def test_variance_against_two_time_correlations(network, time):
    found = wn.exchange_statistics(network, time)
    for index, bath in enumerate(network.baths):
        assert found.variance[index] == pytest.approx(by_regression(network, bath, time), rel=1e-9)


def test_mean_is_the_steady_current():
    found = wn.exchange_statistics(PAIR, 8.0)
    np.testing.assert_allclose(found.mean, [2.0, -2.0], rtol=1e-14)
    np.testing.assert_allclose(found.fano, found.variance / 2.0)


def test_the_noise_at_long_times():
    """With the integrals of the transmission, 1/4, and of its square, 3/16: the noise of the current of bosons,
    int T [n_1 (n_1 + 1) + n_2 (n_2 + 1)] - T (1 - T) (n_1 - n_2)^2, is 31/16 for counted quanta. Symmetrized, (n + 1/2)^2
    takes the place of n (n + 1), and it is 33/16. Both ends alike: the network holds no more than it can.
    """
    for time in (1e6, 1e9):
        rate = wn.exchange_statistics(PAIR, time).variance / time
        np.testing.assert_allclose(rate, 33 / 16, rtol=10 / time + 1e-14)


def test_one_bath_alone_at_equilibrium():
    """It takes up what the mode loses: the variance of a difference of two exponentially distributed intensities."""
    network = wn.Network([[1.0]], [wn.ThermalBath(0, 0.7, 1.5)])
    for time in (0.1, 2.0, 1e3):
        expected = 2 * 2.0**2 * (1 - np.exp(-0.7 * time))
        assert wn.exchange_statistics(network, time).variance[0] == pytest.approx(expected, rel=1e-12)
    assert wn.exchange_statistics(network, 1.0).fano[0] == np.inf


def test_probes_are_counted_too():
    network = wn.models.chain(3, hopping=0.5, rate=1.0, occupations=(1, 2), probe_rate=0.3)
    found = wn.exchange_statistics(network, 10.0)
    probes = list(network.probes)
    assert (found.variance > 0).all()
    np.testing.assert_array_equal(found.mean[probes], 0.0)
    assert np.isinf(found.fano[probes]).all()


def test_refusals():
    with pytest.raises(UndefinedQuantityError, match="without pairing and drive"):
        wn.exchange_statistics(PAIR.replace(drive=[0.1, 0.0]), 1.0)
    with pytest.raises(UndefinedQuantityError, match="SqueezedBath"):
        wn.exchange_statistics(wn.Network([[1.0]], [wn.SqueezedBath(0, 1.0, 1.0, 0.5)]), 1.0)
    with pytest.raises(NoUniqueSteadyStateError):
        wn.exchange_statistics(wn.Network(np.eye(2), [wn.ThermalBath(0, 1.0, 1.0)]), 1.0)
    with pytest.raises(InvalidNetworkError, match="positive"):
        wn.exchange_statistics(PAIR, 0.0)
