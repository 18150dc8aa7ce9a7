"""Entropies and correlations of Gaussian states against many-digit arithmetic, closed forms and each other."""

from __future__ import annotations

import time

import mpmath as mp
import numpy as np
import pytest
from scipy import linalg

import wignerness as wn
from wignerness import thermodynamics as th
from wignerness.errors import InvalidStateError


def exact_entropies(state, modes):
    """Von Neumann and Renyi-2 entropy and nu - 1/2 with 60 digits, from the doubles of the moments taken exactly."""
    with mp.workdps(60):
        part = state.reduced(modes)
        size, half = part.n_modes, mp.mpf(1) / 2
        matrix = mp.matrix(2 * size, 2 * size)
        for i in range(size):
            for j in range(size):
                c = mp.mpc(part.normal[i, j].real, part.normal[i, j].imag) + (half if i == j else 0)
                s = mp.mpc(part.anomalous[i, j].real, part.anomalous[i, j].imag)
                matrix[i, j], matrix[i, size + j] = c, -s
                matrix[size + i, j], matrix[size + i, size + j] = mp.conj(s), -mp.conj(c)
        values = sorted(mp.re(value) for value in mp.eig(matrix, left=False, right=False))[size:]
        levels = [value - half for value in values]
        quantum = mp.fsum((c + 1) * mp.log(c + 1) - (c * mp.log(c) if c > 0 else 0) for c in levels)
        return quantum, mp.fsum(mp.log(2 * value) for value in values), levels


def random_state(rng, occupations, r, mixing):
    """Thermal modes, squeezed by up to r between two random interferometers that mix by ``mixing`` (0 to 1)."""
    size = len(occupations)

    def interferometer():
        q, _ = np.linalg.qr(rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size)))
        return linalg.expm(mixing * linalg.logm(q))

    first, second, strength = interferometer(), interferometer(), r * rng.uniform(0.5, 1, size)
    u, v = second * np.cosh(strength) @ first, second * np.sinh(strength) @ first.conj()
    normal = u * occupations @ u.conj().T + v * (occupations + 1) @ v.conj().T
    anomalous = u * occupations @ v.T + v * (occupations + 1) @ u.T if r else None
    return wn.GaussianState(np.zeros(size), normal, anomalous, trusted=True)


ORDINARY = np.array([0.5, 1.0, 2.0, 3.0])
CASES = {
    "correlated, squeezed": (ORDINARY, 0.6, 1.0),
    "correlated": (ORDINARY, 0.0, 1.0),
    "near a product": (ORDINARY, 0.0, 1e-6),
    "near a squeezed product": (ORDINARY, 0.5, 1e-7),
    "nearly vacuum, squeezed": (1e-9 * ORDINARY, 1e-4, 1.0),
    "nearly vacuum": (1e-9 * ORDINARY, 0.0, 1e-3),
    "hot": (1e5 * ORDINARY, 0.5, 1e-4),
    "hot and cold": (np.array([1e-8, 1.0, 2e-3, 3.0]), 0.0, 1e-3),
    "very hot and very cold": (np.array([1e-12, 1e6, 2e-3, 3.0]), 0.0, 1e-4),
}


@pytest.mark.parametrize("name", CASES)
def test_all_digits(name, rng):
    state = random_state(rng, *CASES[name])
    a, b = [0, 1], [2, 3]
    (quantum_a, renyi_a, _), (quantum_b, renyi_b, _) = exact_entropies(state, a), exact_entropies(state, b)
    quantum, renyi, levels = exact_entropies(state, [0, 1, 2, 3])
    shared, shared_renyi = float(quantum_a + quantum_b - quantum), float(renyi_a + renyi_b - renyi)
    assert th.mutual_information(state, a, b) == pytest.approx(shared_renyi, rel=2e-13)
    assert th.mutual_information_profile(state)[1] == pytest.approx(shared_renyi, rel=2e-13)
    assert th.von_neumann_mutual_information(state, a, b) == pytest.approx(shared, rel=1e-11)
    assert th.renyi_entropy(state) == pytest.approx(float(renyi), rel=1e-12)
    assert th.reduced_entropy(state) == pytest.approx(float(quantum), rel=1e-12)
    assert th.purity(state) == pytest.approx(float(mp.exp(-renyi)), rel=1e-12)
    assert th.symplectic_occupations(state) == pytest.approx(np.array(levels, dtype=float), rel=1e-11)


def test_profile_is_the_mutual_information_of_every_cut(rng):
    for r in (0.0, 0.4):
        state = random_state(rng, rng.uniform(0, 3, 7), r, 1.0)
        cuts = [th.mutual_information(state, range(k), range(k, 7)) for k in range(1, 7)]
        assert th.mutual_information_profile(state) == pytest.approx(cuts, rel=1e-12)


def test_profile_of_near_equilibrium_keeps_its_digits():
    exact = wn.exact.chain(40, hopping=0.5, rate=1.0, occupations=(1, 2), probe_rate=0.1)
    x = exact.coherence * 1e-9  # the coherence is linear in the difference of the occupations
    near = wn.steady_state(wn.models.chain(40, hopping=0.5, rate=1.0, occupations=(1.5, 1.5 + 1e-9), probe_rate=0.1))
    profile = th.mutual_information_profile(near.state)
    assert profile == pytest.approx(np.full(39, (x / 2.0) ** 2), rel=1e-7)


@pytest.mark.slow
def test_profile_of_a_long_chain_in_seconds():
    ness = wn.steady_state(
        wn.models.chain(500, hopping=0.5, rate=1.0, occupations=(1, 2), probe_rate=0.1),
        solver=wn.solvers.Dense(extended=False, estimate=False),
    )
    start = time.perf_counter()
    profile = th.mutual_information_profile(ness.state)
    assert time.perf_counter() - start < 20
    assert profile[249] == pytest.approx(th.mutual_information(ness.state, range(250), range(250, 500)), rel=1e-11)


@pytest.mark.parametrize(
    ("length", "probe_rate", "value"),
    [(10, 0.0, 0.0162647878), (40, 0.0, 0.0162647878), (10, 0.1, 0.0075734662), (40, 0.1, 0.0018035969)],
)
def test_halves_of_the_chain(length, probe_rate, value):
    ness = wn.steady_state(wn.models.chain(length, hopping=0.5, rate=1.0, occupations=(1, 2), probe_rate=probe_rate))
    half = length // 2
    assert th.mutual_information(ness.state, range(half), range(half, length)) == pytest.approx(value, abs=6e-11)


def test_production_over_information_tends_to_twice_the_rate():
    for hopping, accuracy in ((1e-2, 1e-3), (1e-4, 1e-7), (1e-7, 1e-12)):
        pair = wn.Network([[1.0, hopping], [hopping, 1.0]], [wn.ThermalBath(0, 0.7, 0.4), wn.ThermalBath(1, 0.7, 1.3)])
        ness = wn.steady_state(pair)
        ratio = ness.entropy_production.sum() / th.mutual_information(ness.state, [0], [1])
        assert ratio == pytest.approx(2 * 0.7, rel=accuracy)


def test_three_oscillators():
    baths = [wn.ThermalBath(k, 0.1, n) for k, n in enumerate((1.0, 1.5, 2.0))]
    hoppings = 0.2 * (np.eye(3, k=1) + np.eye(3, k=-1))
    ness = wn.steady_state(wn.Network(np.eye(3) + hoppings, baths))
    assert th.symplectic_eigenvalues(ness.state) == pytest.approx([11 / 6, 2, 13 / 6], rel=1e-14)
    assert th.reduced_entropy(ness.state) == pytest.approx(5.0401500, abs=5e-8)


@pytest.mark.parametrize("g", [1e-4, 0.3, 0.499, 0.5 - 1e-7])
def test_negativity_of_two_mode_squeezing(g):
    """E_N = ln(1 + 2 g/kappa) below the threshold g = kappa/2; near it the moments, known to eps, grow large."""
    baths = [wn.ThermalBath(k, 1.0, 0.0) for k in range(2)]
    ness = wn.steady_state(wn.Network(np.zeros((2, 2)), baths, pairing=[[0, g], [g, 0]]))
    accuracy = 4e-15 * (1 + ness.occupations.max())
    assert th.logarithmic_negativity(ness.state, [0], [1]) == pytest.approx(np.log1p(2 * g), rel=accuracy)
    if g == 0.3:
        assert th.logarithmic_negativity(ness.state, [1], [0]) == pytest.approx(0.4700036292, abs=6e-11)


def test_negativity_of_a_squeezed_pair_behind_a_beam_splitter():
    """Two-mode squeezed vacuum: E_N = 2 r, and the reduced entropies of a pure state agree."""
    for r in (1e-6, 0.1, 1.0, 3.0):
        normal = np.sinh(r) ** 2 * np.eye(2)
        anomalous = np.sinh(r) * np.cosh(r) * np.array([[0, 1], [1, 0]])
        state = wn.GaussianState(np.zeros(2), normal, anomalous)
        assert th.logarithmic_negativity(state, [0], [1]) == pytest.approx(2 * r, rel=1e-9)
        assert th.reduced_entropy(state, [0]) == pytest.approx(th.reduced_entropy(state, [1]), rel=1e-13)
        assert th.von_neumann_mutual_information(state, [0], [1]) == pytest.approx(
            2 * th.reduced_entropy(state, [0]), rel=1e-7
        )


def test_classical_states_are_not_entangled(rng):
    assert th.logarithmic_negativity(random_state(rng, ORDINARY, 0.0, 1.0), [0], [1, 2]) == 0
    assert th.logarithmic_negativity(wn.GaussianState.squeezed([0.3, 0.8]), [0], [1]) == pytest.approx(0, abs=1e-14)


def test_conditional_information_obeys_the_chain_rule(rng):
    for r in (0.0, 0.5):
        state = random_state(rng, rng.uniform(0, 2, 5), r, 1.0)
        whole = th.mutual_information(state, [0, 4], [1, 2, 3])
        parts = th.mutual_information(state, [0, 4], [2]) + th.conditional_mutual_information(
            state, [0, 4], [3, 1], given=[2]
        )
        assert parts == pytest.approx(whole, rel=1e-12)


def test_conditional_information_of_a_common_cause():
    """Two modes that know of each other only through a third: classical noise shared by 0 and 2 via 1."""
    normal = np.array([[2.0, 1.0, 0.5], [1.0, 1.5, 0.75], [0.5, 0.75, 2.0]])
    # cov(0, 2) = cov(0, 1) cov(1, 2) / var(1) with var(1) = 3/2 + 1/2
    normal[0, 2] = normal[2, 0] = 1.0 * 0.75 / 2.0
    state = wn.GaussianState(np.zeros(3), normal)
    assert th.mutual_information(state, [0], [2]) > 1e-3
    assert th.conditional_mutual_information(state, [0], [2], given=[1]) == pytest.approx(0, abs=1e-30)


def test_order_of_modes_does_not_matter(rng):
    state = random_state(rng, rng.uniform(0, 2, 5), 0.4, 1.0)
    for measure in (th.mutual_information, th.von_neumann_mutual_information, th.logarithmic_negativity):
        value = measure(state, [4, 0], [2, 1])
        assert measure(state, [1, 2], [0, 4]) == pytest.approx(value, rel=1e-12)
        assert value >= 0


def test_subsets_are_checked():
    state = wn.GaussianState.vacuum(3)
    with pytest.raises(InvalidStateError, match="disjoint, but mode 1 is named twice"):
        th.mutual_information(state, [0, 1], [1])
    with pytest.raises(InvalidStateError, match="`modes_b` must name at least one mode"):
        th.logarithmic_negativity(state, [0], [])
    with pytest.raises(InvalidStateError, match="from 0 to 2"):
        th.von_neumann_mutual_information(state, [0], [3])
    with pytest.raises(InvalidStateError, match="integer"):
        th.conditional_mutual_information(state, [0.5], [1], given=[2])
    with pytest.raises(InvalidStateError, match="distinct"):
        th.purity(state, [1, 1])


def test_unphysical_moments_are_refused():
    state = wn.GaussianState(np.zeros(2), [[0, 0], [0, 0]], [[0, 2.0], [2.0, 0]], trusted=True)
    measures = (th.mutual_information, th.logarithmic_negativity, th.von_neumann_mutual_information)
    for measure in measures:
        with pytest.raises(InvalidStateError, match="not positive definite"):
            measure(state, [0], [1])
    with pytest.raises(InvalidStateError, match="not positive definite"):
        th.mutual_information_profile(state)
