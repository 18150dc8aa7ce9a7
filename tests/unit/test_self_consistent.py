"""Probes on any network: any subset of nodes, unequal rates, real baths anywhere."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import linalg, optimize

import wignerness as wn
from wignerness.dynamics.self_consistent import fill_probes


def by_root_finding(network):
    """Probe occupations as the root of their currents, each evaluated with SciPy's Lyapunov solver."""
    probes = list(network.free_probes)

    def currents(levels):
        filled = list(network.baths)
        for index, level in zip(probes, levels, strict=True):
            filled[index] = wn.ThermalBath(filled[index].mode, filled[index].rate, max(level, 0.0))
        fixed = network.replace(baths=filled)
        c = linalg.solve_continuous_lyapunov(np.asarray(fixed.drift), -fixed.diffusion.astype(complex))
        return [c[filled[i].mode, filled[i].mode].real - level for i, level in zip(probes, levels, strict=True)]

    return optimize.root(currents, np.ones(len(probes)), tol=1e-13).x


def test_against_root_finding(rng):
    for _ in range(10):
        size = int(rng.integers(2, 7))
        network = wn.models.random_network(size, rng=rng, bath_density=0.4, probe_density=0.7, rates=(0.05, 2.0))
        if not network.free_probes:
            continue
        found = [wn.steady_state(network).network.baths[i].occupation for i in network.free_probes]
        assert found == pytest.approx(by_root_finding(network), rel=1e-9)


def test_kernel_equation():
    """(1 - T Gamma) n = T gamma n_real with T_kj = int |(e^{At})_kj|^2 dt, Eq. (D3) generalized, by quadrature."""
    network = wn.Network(
        [[1.0, 0.4, 0], [0.4, 1.2, 0.3j], [0, -0.3j, 0.9]],
        [wn.ThermalBath(0, 0.5, 2.0), wn.ThermalBath(2, 0.8, 0.5), wn.Probe(0, 0.2), wn.Probe(1, 0.6)],
    )
    values, vectors = linalg.eig(network.drift)
    inverse = linalg.inv(vectors)
    cauchy = -1 / (values[:, None] + values.conj())
    t = np.einsum("ka,aj,ab,kb,bj->kj", vectors, inverse, cauchy, vectors.conj(), inverse.conj()).real
    probes, gamma = [0, 1], np.diag([0.2, 0.6])
    right = t[np.ix_(probes, [0, 2])] @ [0.5 * 2.0, 0.8 * 0.5]
    expected = linalg.solve(np.eye(2) - t[np.ix_(probes, probes)] @ gamma, right)
    ness = wn.steady_state(network)
    assert [b.occupation for b in ness.network.baths[2:]] == pytest.approx(expected, rel=1e-12)
    rows = t @ (network.mode_rates)
    assert rows == pytest.approx(np.ones(3), rel=1e-12)


def test_two_probes_on_a_node_share_its_occupation():
    network = wn.Network([[0, 0.5], [0.5, 0]], [wn.ThermalBath(0, 1.0, 2.0), wn.ThermalBath(1, 1.0, 0.0)])
    split = network.replace(baths=[*network.baths, wn.Probe(1, 0.25), wn.Probe(1, 0.5)])
    joint = network.replace(baths=[*network.baths, wn.Probe(1, 0.75)])
    one, other = wn.steady_state(split), wn.steady_state(joint)
    assert np.array_equal(one.state.normal, other.state.normal)
    assert one.entropy_production[2] + one.entropy_production[3] == pytest.approx(
        other.entropy_production[2], rel=1e-14
    )


def test_uniform_probes_lower_the_production_of_a_uniform_chain():
    totals = [
        wn.steady_state(
            wn.models.chain(8, hopping=0.5, rate=1.0, occupations=(1, 2), probe_rate=rate)
        ).entropy_production.sum()
        for rate in (0.0, 0.01, 0.1, 1.0)
    ]
    assert totals == sorted(totals, reverse=True)


def test_but_not_of_every_network():
    """A detuned chain of three conducts better with probes that broaden its levels."""
    matrix = np.diag([1.0, 1.0], 1)
    matrix = matrix + matrix.T + np.diag([0.0, 3.0, 0.0])
    ends = [wn.ThermalBath(0, 1.0, 1.0), wn.ThermalBath(2, 1.0, 2.0)]
    totals = []
    for level in (0.0, 4.0):
        network = wn.Network(matrix + np.diag([0.0, 0.0, level]), ends)
        probed = network.replace(baths=[*ends, wn.Probe(1, 2.0)])
        totals.append([wn.steady_state(n).entropy_production.sum() for n in (network, probed)])
    assert totals[1][1] > totals[1][0]


def test_nothing_to_fill_is_the_same_object():
    network = wn.models.chain(2, hopping=0.5, rate=1.0, occupations=(1, 2))
    assert fill_probes(network, wn.GaussianState.vacuum(2)) is network


def test_a_probe_at_zero_stays_there():
    """Rounding must not make an occupation negative."""
    network = wn.models.chain(5, hopping=0.5, rate=1.0, occupations=(0, 0), probe_rate=0.3)
    ness = wn.steady_state(network)
    assert all(bath.occupation == 0.0 for bath in ness.network.baths)


@pytest.mark.parametrize("rate", [1e-9, 1e-3, 1.0, 1e3, 1e6])
def test_rates_of_any_size(rate):
    """Between a spectator and a bath so strong that it takes the node over."""
    parameters = {"hopping": 0.5, "rate": 1.0, "occupations": (1.0, 2.0), "probe_rate": rate}
    ness, exact = wn.steady_state(wn.models.chain(7, **parameters)), wn.exact.chain(7, **parameters)
    assert ness.occupations == pytest.approx(exact.occupations, rel=1e-14)
    assert ness.entropy_production[2:].sum() == pytest.approx(exact.entropy_production_probes, rel=1e-12)
