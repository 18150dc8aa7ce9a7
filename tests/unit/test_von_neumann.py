"""The von Neumann flux and production: positive, consistent with density matrices, infinite where they are."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

import wignerness as wn
from wignerness import thermodynamics as th
from wignerness.errors import UndefinedQuantityError


def production_by_definition(network, state, cutoff):
    """-Tr[D_b(rho) ln rho] + flux, from the density matrix of one mode in a truncated Fock space."""
    import qutip

    a = qutip.destroy(cutoff)
    level = th.symplectic_occupations(state)[0]
    anomalous = state.anomalous[0, 0]
    r = np.arccosh((state.normal[0, 0].real + 0.5) / (level + 0.5)) / 2
    squeeze = qutip.squeeze(cutoff, r * np.exp(1j * np.angle(-anomalous)))
    displace = qutip.displace(cutoff, state.mean[0])
    turn = displace * squeeze
    rho = turn * qutip.thermal_dm(cutoff, level) * turn.dag()
    assert qutip.expect(a * a, rho) == pytest.approx(anomalous + state.mean[0] ** 2, abs=1e-6)
    logarithm = np.log(level / (level + 1)) * turn * qutip.num(cutoff) * turn.dag()  # up to a constant
    found = []
    for bath in network.baths:
        n, rate = bath.occupation, bath.rate
        down, up = np.sqrt(rate * (n + 1)) * a, np.sqrt(rate * n) * a.dag()
        change = qutip.lindblad_dissipator(down)(rho) + qutip.lindblad_dissipator(up)(rho)
        flux = rate * (qutip.expect(a.dag() * a, rho) - n) * np.log1p(1 / n)
        found.append(float(-(change * logarithm).tr().real) + flux)
    return found


@pytest.mark.parametrize(("occupation", "r", "mean"), [(0.6, 0.0, 0.0), (0.6, 0.3, 0.0), (0.4, 0.25, 0.3 - 0.2j)])
def test_definition_in_fock_space(occupation, r, mean):
    width = occupation + 0.5
    anomalous = None if r == 0 else [[-width * np.exp(0.7j) * np.sinh(2 * r)]]
    state = wn.GaussianState([mean], [[width * np.cosh(2 * r) - 0.5]], anomalous)
    network = wn.Network([[0.3]], [wn.ThermalBath(0, 0.7, 0.3), wn.ThermalBath(0, 0.2, 1.4)])
    expected = production_by_definition(network, state, 60)
    assert th.von_neumann_entropy_production(network, state) == pytest.approx(expected, rel=2e-5)


def test_production_is_rate_of_entropy_plus_flux(rng):
    """The sum over the baths against a finite difference of the entropy, with pairing and drive."""
    baths = [wn.ThermalBath(0, 0.4, 0.3), wn.ThermalBath(1, 0.7, 1.1), wn.ThermalBath(1, 0.2, 0.5)]
    network = wn.Network([[1.0, 0.3j], [-0.3j, 1.4]], baths, pairing=[[0.1, 0.2j], [0.2j, -0.1]], drive=[0.2, 0.1j])
    state = wn.steady_state(network.replace(baths=[*baths[:2], wn.ThermalBath(1, 2.0, 3.0)])).state
    drift, source = network.drift, network.diffusion
    covariance, step = state.covariance(), 1e-5

    def entropy_after(time):
        change = drift @ covariance + covariance @ drift.conj().T + source
        moved = covariance + time * change
        return th.reduced_entropy(
            wn.GaussianState(state.mean, moved[::2, ::2] - np.eye(2) / 2, moved[::2, 1::2], trusted=True)
        )

    rate = (entropy_after(step) - entropy_after(-step)) / (2 * step)
    balance = th.von_neumann_entropy_production(network, state) - th.von_neumann_entropy_flux(network, state)
    assert balance.sum() == pytest.approx(rate, rel=1e-8)


def test_three_oscillators():
    baths = [wn.ThermalBath(k, 0.1, n) for k, n in enumerate((1.0, 1.5, 2.0))]
    hoppings = 0.2 * (np.eye(3, k=1) + np.eye(3, k=-1))
    ness = wn.steady_state(wn.Network(np.eye(3) + hoppings, baths))
    production = th.von_neumann_entropy_production(ness.network, ness.state)
    assert production.sum() == pytest.approx(0.0127858699, abs=6e-11)


def test_never_below_the_wigner_production(rng):
    for seed in rng.integers(2**32, size=20):
        network = wn.models.random_network(5, rng=int(seed), probe_density=0.4)
        ness = wn.steady_state(network)
        quantum = th.von_neumann_entropy_production(ness.network, ness.state)
        assert (quantum >= 0).all()
        assert quantum.sum() >= ness.entropy_production.sum() * (1 - 1e-12)
        flux = th.von_neumann_entropy_flux(ness.network, ness.state)
        assert flux.sum() == pytest.approx(quantum.sum(), rel=1e-9)


def test_classical_limit():
    pair = wn.Network([[0, 0.3], [0.3, 0]], [wn.ThermalBath(0, 1.0, 1e6), wn.ThermalBath(1, 0.5, 3e6)])
    ness = wn.steady_state(pair)
    quantum = th.von_neumann_entropy_production(ness.network, ness.state)
    assert quantum == pytest.approx(ness.entropy_production, rel=1e-11)


def test_near_equilibrium_all_digits_are_kept():
    """Quadratic in the difference of the occupations down to 1e-14 of the occupation."""
    values = []
    for spread in (1e-3, 1e-7, 2.0**-46):
        baths = [wn.ThermalBath(0, 1.0, 1.0), wn.ThermalBath(1, 0.5, 1.0 + spread)]
        ness = wn.steady_state(wn.Network([[0, 0.3], [0.3, 0]], baths))
        exact = (baths[1].occupation - 1.0) ** 2
        values.append(th.von_neumann_entropy_production(ness.network, ness.state) / exact)
    assert values[1] == pytest.approx(values[0], rel=3e-3)
    assert values[2] == pytest.approx(values[1], rel=1e-6)


def test_cold_baths_are_infinite_unless_nothing_flows():
    cold = wn.Network(np.zeros((2, 2)), [wn.ThermalBath(0, 1.0, 0.0), wn.ThermalBath(1, 1.0, 2.0)])
    apart = wn.steady_state(cold)
    assert th.von_neumann_entropy_production(apart.network, apart.state).tolist() == [0.0, 0.0]
    assert th.von_neumann_entropy_flux(apart.network, apart.state).tolist() == [0.0, 0.0]
    joined = wn.steady_state(cold.replace(hamiltonian=[[0, 0.3], [0.3, 0]]))
    production = th.von_neumann_entropy_production(joined.network, joined.state)
    assert production[0] == np.inf
    assert 0 < production[1] < np.inf
    assert th.von_neumann_entropy_flux(joined.network, joined.state)[0] == np.inf


def test_heating_the_vacuum_is_infinite():
    one = wn.Network([[0.0]], [wn.ThermalBath(0, 1.0, 0.5), wn.ThermalBath(0, 0.0, 0.0)])
    assert th.von_neumann_entropy_production(one, wn.GaussianState.vacuum(1)).tolist() == [np.inf, 0.0]


ONE = wn.Network([[0.0]], [wn.ThermalBath(0, 1.0, 0.5), wn.ThermalBath(0, 1.0, 0.0)])


@pytest.mark.parametrize("angle", [0.0, 0.3, 2.0])
def test_heating_a_pure_squeezed_state_is_infinite_whatever_rounding_makes_of_it(angle):
    """The doubles of most of these states are not quite pure, or not quite a state."""
    for r in [1e-8, 1e-5, 1e-3, *np.linspace(0.01, 5, 80)]:
        production = th.von_neumann_entropy_production(ONE, wn.GaussianState.squeezed([r], angle))
        assert np.isinf(production).all(), r


def test_heating_pure_entangled_states_is_infinite(rng):
    for _ in range(20):
        size = int(rng.integers(2, 5))
        first, second = (np.linalg.qr(rng.normal(size=(size, size, 2)) @ [1, 1j])[0] for _ in range(2))
        strength = rng.uniform(0.01, 3, size)
        x, y = first * np.cosh(strength) @ second, first * np.sinh(strength) @ second.conj()
        normal, anomalous = y @ y.conj().T, x @ y.T
        state = wn.GaussianState(np.zeros(size), (normal + normal.conj().T) / 2, (anomalous + anomalous.T) / 2)
        warm = wn.Network(np.zeros((size, size)), [wn.ThermalBath(k, 1.0, 0.5) for k in range(size)])
        assert np.isinf(th.von_neumann_entropy_production(warm, state)).all()


def test_heating_an_empty_mode_is_infinite_whatever_rounding_makes_of_it(rng):
    """C of rank one less than the number of modes: its smallest eigenvalue is rounding, of either sign."""
    for _ in range(40):
        size = int(rng.integers(2, 5))
        factor = rng.normal(size=(size, size - 1, 2)) @ [1, 1j]
        state = wn.GaussianState(np.zeros(size), factor @ factor.conj().T)
        warm = wn.Network(np.zeros((size, size)), [wn.ThermalBath(k, 1.0, 0.5) for k in range(size)])
        assert np.isinf(th.von_neumann_entropy_production(warm, state)).all()


def test_a_nearly_empty_mode_beside_a_squeezed_one_keeps_its_digits():
    state = wn.GaussianState(np.zeros(2), np.diag([1.5 * np.cosh(1) - 0.5, 1e-20]), np.diag([-1.5 * np.sinh(1), 0]))
    network = wn.Network(np.zeros((2, 2)), [wn.ThermalBath(0, 1.0, 0.5), wn.ThermalBath(1, 1.0, 0.5)])
    alone = th.von_neumann_entropy_production(network, wn.GaussianState.thermal([0.5, 1e-20]))
    beside = th.von_neumann_entropy_production(network, state)
    assert beside[1] == alone[1] == pytest.approx(0.5 * (np.log1p(1e20) - np.log(3)), rel=1e-14)
    assert np.isfinite(beside[0])


def test_a_state_that_is_hardly_mixed_is_not_pure():
    """Squeezed by r = 1 with a thermal occupation of 1e-9: far above rounding, and finite."""
    thermal, r = 1e-9, 1.0
    width = thermal + 0.5
    state = wn.GaussianState([0], [[width * np.cosh(2 * r) - 0.5]], [[-width * np.sinh(2 * r)]])
    up, f = np.sinh(r) ** 2, lambda x: np.log1p(1 / x)
    expected = np.cosh(r) ** 2 * (thermal - 0.5) * (f(0.5) - f(thermal)) + up * (thermal + 1.5) * (f(0.5) + f(thermal))
    assert th.von_neumann_entropy_production(ONE, state)[0] == pytest.approx(expected, rel=1e-6)


def test_an_empty_mode_beside_a_squeezed_one_stays_without_production_in_the_cold():
    state = wn.GaussianState(np.zeros(2), np.diag([1.0, 0.0]), np.diag([0.3, 0.0]))
    cold = wn.Network(np.zeros((2, 2)), [wn.ThermalBath(0, 1.0, 0.5), wn.ThermalBath(1, 1.0, 0.0)])
    production = th.von_neumann_entropy_production(cold, state)
    assert np.isfinite(production[0])
    assert production[1] == 0.0


def test_a_displacement_adds_to_both():
    bath = wn.ThermalBath(0, 0.8, 0.7)
    network, still = wn.Network([[0.0]], [bath]), wn.GaussianState.thermal([1.2])
    moved = wn.GaussianState([0.5 - 1j], still.normal)
    added = 0.8 * 1.25 * np.log(1.7 / 0.7)
    for quantity in (th.von_neumann_entropy_production, th.von_neumann_entropy_flux):
        assert quantity(network, moved)[0] - quantity(network, still)[0] == pytest.approx(added, rel=1e-13)


def test_only_for_thermal_baths():
    network = wn.Network([[0.0]], [wn.SqueezedBath(0, 1.0, 1.0, 0.3)])
    state = wn.GaussianState.vacuum(1)
    for quantity in (th.von_neumann_entropy_production, th.von_neumann_entropy_flux):
        with pytest.raises(UndefinedQuantityError, match="thermal baths and probes only"):
            quantity(network, state)


def test_partial_states_do_not_hold_enough():
    chain = wn.models.chain(30, hopping=0.5, rate=1.0, occupations=(1, 2))
    ness = wn.steady_state(chain, solver=wn.solvers.ADI())
    for function in (th.von_neumann_entropy_production, th.von_neumann_entropy):
        with pytest.raises(UndefinedQuantityError, match="all elements of C"):
            function(chain, ness.state)
    assert np.isfinite(th.von_neumann_entropy_flux(chain, ness.state)).all()


@pytest.mark.parametrize("quantity", ["flux", "production"])
def test_other_baths_are_refused_by_name(quantity):
    squeezed = wn.Network([[0.0]], [wn.SqueezedBath(0, 1.0, 1.0, 0.5, name="laser")])
    function = getattr(th, f"von_neumann_entropy_{quantity}")
    words = f"The von Neumann entropy {quantity} is defined for thermal baths and probes only, but 'laser' is a SqueezedBath"
    with pytest.raises(UndefinedQuantityError, match=words):
        function(squeezed, wn.GaussianState.vacuum(1))


@pytest.mark.parametrize(
    ("r", "thermal"), [(1e-6, 1e-22), (1e-3, 1e-16), (0.3, 1e-11), (1.0, 1e-11), (2.0, 1e-9), (3.0, 1e-7)]
)
def test_mixed_beyond_rounding_is_finite_and_right(r, thermal):
    """Squeezed thermal states as little mixed as their doubles can tell, against many digits of these doubles."""
    width = thermal + 0.5
    normal, anomalous = thermal * np.cosh(2 * r) + np.sinh(r) ** 2, -width * np.sinh(2 * r)
    with mpmath.workdps(60):
        v = mpmath.mpf(normal) + 0.5
        level = mpmath.sqrt(v**2 - mpmath.mpf(anomalous) ** 2) - mpmath.mpf(1) / 2
        wide = (v / (level + 0.5) + 1) / 2  # cosh(r)^2
        f = lambda x: mpmath.log1p(1 / mpmath.mpf(x))
        exact = wide * (level - 0.5) * (f(0.5) - f(level)) + (wide - 1) * (level + 1.5) * (f(0.5) + f(level))
    found = th.von_neumann_entropy_production(ONE, wn.GaussianState([0], [[normal]], [[anomalous]]))[0]
    assert found == pytest.approx(float(exact), rel=1e-4)


def test_parts_are_taken_apart_only_where_no_moment_joins_them():
    """A hot squeezed mode beside a pure one: joined by a correlation of 1e-3, the pure one is not pure any more."""
    normal, anomalous = np.diag([3.0, 0.0]).astype(complex), np.diag([1.0, 0.0]).astype(complex)
    warm = wn.Network(np.zeros((2, 2)), [wn.ThermalBath(k, 1.0, 0.5) for k in range(2)])
    apart = th.von_neumann_entropy_production(warm, wn.GaussianState(np.zeros(2), normal, anomalous))
    assert np.isinf(apart).tolist() == [False, True]
    normal[1, 1], normal[0, 1], normal[1, 0] = 1e-5, 1e-3, 1e-3
    joined = th.von_neumann_entropy_production(warm, wn.GaussianState(np.zeros(2), normal, anomalous))
    assert np.isfinite(joined).all()
