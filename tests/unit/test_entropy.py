"""Entropies, production and flux: known values, limits, and where they are undefined."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from strategies import covered, pumped, states

import wignerness as wn
from wignerness import thermodynamics as thermo
from wignerness.errors import UndefinedQuantityError

ONE = wn.Network([[1.0]], [wn.ThermalBath(0, 1.0, 0.5)])


def test_vacuum_is_what_the_door_says():
    """1 + ln(pi/2): the entropy of the Wigner function of the vacuum, with the measure d^2 alpha."""
    assert thermo.wigner_entropy(ONE, wn.GaussianState.vacuum(1)) == pytest.approx(1 + math.log(math.pi / 2), rel=1e-15)


def test_wigner_entropy_is_the_integral():
    state = wn.GaussianState([0.5], [[0.7]], [[0.3 - 0.2j]])
    axis = np.linspace(-8, 8, 401)
    w = state.wigner((axis[None, :] + 1j * axis[:, None])[..., None])
    integral = -(w * np.log(w)).sum() * (axis[1] - axis[0]) ** 2
    assert thermo.wigner_entropy(ONE, state) == pytest.approx(integral, abs=1e-10)


def test_relative_entropy_is_the_integral():
    """Eq. (21), with W_eq of Eq. (9)."""
    state = wn.GaussianState([0.5], [[0.7]], [[0.3 - 0.2j]])
    axis = np.linspace(-8, 8, 401)
    points = (axis[None, :] + 1j * axis[:, None])[..., None]
    w, equilibrium = state.wigner(points), wn.GaussianState.thermal([0.5]).wigner(points)
    integral = (w * np.log(w / equilibrium)).sum() * (axis[1] - axis[0]) ** 2
    assert thermo.relative_entropy(ONE, state) == pytest.approx(integral, abs=1e-10)


def test_production_is_the_integral_of_the_current():
    """Eq. (17): 4 / (gamma d) int |J|^2 / W, for a displaced squeezed mode."""
    state = wn.GaussianState([0.5 - 0.3j], [[0.7]], [[0.3 - 0.2j]])
    axis = np.linspace(-8, 8, 401)
    points = (axis[None, :] + 1j * axis[:, None])[..., None]
    current, w = thermo.irreversible_currents(ONE, state, points)[..., 0], state.wigner(points)
    ratio = np.divide(np.abs(current) ** 2, w, out=np.zeros_like(w), where=w > 0)
    integral = 4 / (1.0 * 1.0) * ratio.sum() * (axis[1] - axis[0]) ** 2
    assert thermo.entropy_production(ONE, state)[0] == pytest.approx(integral, rel=1e-10)


@pytest.mark.parametrize("n", [0.0, 1e-14, 1e-3, 1.0, 1e6, 1e15])
def test_von_neumann_entropy_of_thermal_modes(n):
    expected = (n + 1) * math.log1p(n) - (n * math.log(n) if n else 0.0)
    if n > 1e3:
        expected = 1 + math.log(n) + 1 / (2 * n)  # the difference above cancels
    assert thermo.von_neumann_entropy(ONE, wn.GaussianState.thermal([n])) == pytest.approx(expected, rel=1e-13)


@given(st.data())
def test_von_neumann_entropy_forgets_gaussian_unitaries(data):
    """A squeezed and a displaced vacuum are pure; entropy of a product is a sum."""
    r, angle, n = data.draw(st.floats(-1, 1)), data.draw(st.floats(0, 6)), data.draw(st.floats(0, 10))
    squeezed = wn.GaussianState.squeezed([r], angle)
    assert abs(thermo.von_neumann_entropy(ONE, squeezed)) < 1e-12
    width = n + 0.5
    state = wn.GaussianState(
        [1.0], [[width * math.cosh(2 * r) - 0.5]], [[-width * np.exp(1j * angle) * math.sinh(2 * r)]]
    )
    thermal = thermo.von_neumann_entropy(ONE, wn.GaussianState.thermal([n]))
    assert thermo.von_neumann_entropy(ONE, state) == pytest.approx(thermal, abs=1e-7)


def test_coherent_state_in_a_cold_bath():
    """dS/dt = 0 and Pi = Phi = 2 gamma |alpha|^2."""
    cold = wn.Network([[1.0]], [wn.ThermalBath(0, 0.7, 0.0)])
    state = wn.GaussianState.coherent([1.5 - 0.5j])
    assert thermo.entropy_production(cold, state)[0] == pytest.approx(2 * 0.7 * 2.5, rel=1e-14)
    assert thermo.entropy_flux(cold, state)[0] == pytest.approx(2 * 0.7 * 2.5, rel=1e-14)
    assert abs(thermo.entropy_rate(cold, state)) < 1e-14


@given(st.data())
def test_production_is_c2_where_that_does_not_cancel(data):
    """Pi = Phi - gamma + gamma d [Theta^-1]_kk, Eq. (C2)."""
    network = data.draw(st.one_of(covered(3), pumped(3)))
    state = data.draw(states(network.n_modes))
    inverse = np.linalg.inv(state.covariance())
    widths = np.array([bath.occupation for bath in network.baths]) + 0.5
    flux = network.bath_rates * (state.occupations - widths + 0.5) / widths
    wide = network.bath_rates * widths * np.diag(inverse).real[::2]
    printed = flux - network.bath_rates + wide
    slack = 1e-13 * np.linalg.cond(state.covariance()) * (np.abs(flux) + network.bath_rates + np.abs(wide))
    assert (np.abs(thermo.entropy_production(network, state) - printed) <= slack).all()


@pytest.mark.parametrize("delta", [1e-3, 1e-6, 1e-9, 1e-12, 1e-15])
def test_nothing_cancels_near_equilibrium(delta):
    """Pi = (gamma/d) delta^2 / (d + delta) for one mode at n + delta; relative entropy delta^2/(2 d^2) and beyond."""
    n = 1.0
    state = wn.GaussianState.thermal([n + delta])
    bath = wn.Network([[0.0]], [wn.ThermalBath(0, 2.0, n)])
    exact = (n + delta) - n  # the double nearest to n + delta is what counts
    assert thermo.entropy_production(bath, state)[0] == pytest.approx(2.0 / 1.5 * exact**2 / (1.5 + exact), rel=1e-14)
    x = exact / 1.5
    distance = x - math.log1p(x) if x > 1e-2 else x**2 / 2 - x**3 / 3 + x**4 / 4 - x**5 / 5
    assert thermo.relative_entropy(bath, state) == pytest.approx(distance, rel=1e-12)


# -- undefined ----------------------------------------------------------------------------------------------

BARE = wn.models.chain(3, hopping=0.5, rate=1.0, occupations=(1, 2))
CROWDED = wn.Network([[1.0]], [wn.ThermalBath(0, 1.0, 1.0), wn.ThermalBath(0, 1.0, 2.0)])
UNCOUPLED = wn.Network([[1.0]], [wn.ThermalBath(0, 0.0, 1.0)])


@pytest.mark.parametrize("function", [thermo.relative_entropy, thermo.unitary_production, thermo.relative_entropy_rate])
@pytest.mark.parametrize(
    ("network", "reason"),
    [
        (BARE, "node '1' has no bath of non-zero rate"),
        (CROWDED, "node '0' has 2 baths"),
        (UNCOUPLED, "node '0' has no bath of non-zero rate"),
    ],
)
def test_reference_state_needs_one_bath_a_node(function, network, reason):
    with pytest.raises(UndefinedQuantityError) as caught:
        function(network, wn.GaussianState.vacuum(network.n_modes))
    assert reason in str(caught.value)


def test_an_uncoupled_bath_does_not_count():
    extra = ONE.replace(baths=[*ONE.baths, wn.ThermalBath(0, 0.0, 9.0)])
    state = wn.GaussianState.thermal([1.5])
    assert thermo.relative_entropy(extra, state) == thermo.relative_entropy(ONE, state)
    assert thermo.entropy_production(extra, state)[1] == 0


@pytest.mark.parametrize("function", [thermo.entropy_production, thermo.entropy_flux, thermo.bath_currents])
def test_probes_must_be_closed_first(function):
    network = wn.Network([[1.0]], [wn.ThermalBath(0, 1.0, 1.0), wn.Probe(0, 1.0)])
    with pytest.raises(UndefinedQuantityError, match="probe 0"):
        function(network, wn.GaussianState.vacuum(1))


def test_no_baths_no_production():
    lonely = wn.Network([[1.0]], [])
    assert thermo.entropy_production(lonely, wn.GaussianState.vacuum(1)).shape == (0,)
    assert thermo.entropy_rate(lonely, wn.GaussianState.squeezed([1.0])) == pytest.approx(0, abs=1e-13)


def relative_entropy_as_printed(network, state):
    """Eq. (21): sum of (N + 1/2)/d + ln d - 1, less the determinant."""
    widths = network.bath_occupations + 0.5
    logarithm = np.linalg.slogdet(state.covariance())[1] / 2
    return np.sum((state.occupations + 0.5) / widths + np.log(widths) - 1) - logarithm


@pytest.mark.parametrize("hot", [3.0, 30.0, 1e4, 1e12])
@pytest.mark.parametrize("squeezed", [False, True])
def test_relative_entropy_of_states_far_colder_than_their_baths(hot, squeezed, rng):
    """Correlated, displaced, squeezed: both forms of the sum, below and above the change between them."""
    baths = [wn.ThermalBath(0, 1.0, hot), wn.ThermalBath(1, 0.5, 2 * hot), wn.ThermalBath(2, 1.0, 0.4)]
    network = wn.Network(np.zeros((3, 3)), baths)
    factor = rng.normal(size=(3, 3, 2)) @ [1, 1j]
    anomalous = 0.2 * np.diag([1, 1j, -0.5]) if squeezed else None
    mean = np.sqrt(hot) * np.array([0.3, 0.1j, 0.0])
    state = wn.GaussianState(mean, factor @ factor.conj().T + np.eye(3), anomalous)
    assert thermo.relative_entropy(network, state) == pytest.approx(
        relative_entropy_as_printed(network, state), rel=1e-13
    )


def test_relative_entropy_close_to_equilibrium_is_its_series():
    """x - ln(1 + x) on both sides of where the series takes over, and where its last terms count."""
    one = wn.Network([[0.0]], [wn.ThermalBath(0, 1.0, 0.5)])
    for x in (1e-9, -1e-9, 0.01, -0.0299, 0.0299, 0.0301, -0.0301, 0.5):
        with mpmath.workdps(40):
            occupation = 0.5 + x
            departure = mpmath.mpf(occupation) - mpmath.mpf(0.5)
            exact = departure - mpmath.log1p(departure)
        found = thermo.relative_entropy(one, wn.GaussianState.thermal([occupation]))
        assert found == pytest.approx(float(exact), rel=3e-14)


@pytest.mark.parametrize("squeezed", [False, True])
@pytest.mark.parametrize("as_array", [np.asarray, sparse.csr_array])
def test_entropy_rate_is_production_less_flux(squeezed, as_array, rng):
    """Eq. (1), for dense and sparse Hamiltonians, for states with and without anomalous moments."""
    matrix = np.array([[0.5, 0.3 + 0.1j, 0], [0.3 - 0.1j, 0, 0.4], [0, 0.4, -0.2]])
    network = wn.Network(as_array(matrix), [wn.ThermalBath(k, 0.3 + k, 0.5 * k) for k in range(3)])
    factor = rng.normal(size=(3, 3, 2)) @ [1, 1j]
    anomalous = 0.3 * np.eye(3) if squeezed else None
    state = wn.GaussianState(rng.normal(size=3), factor @ factor.conj().T + np.eye(3), anomalous)
    balance = thermo.entropy_production(network, state).sum() - thermo.entropy_flux(network, state).sum()
    assert thermo.entropy_rate(network, state) == pytest.approx(balance, rel=1e-12)


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (thermo.entropy_production, "entropy production"),
        (thermo.wigner_entropy, "Wigner entropy"),
        (thermo.entropy_rate, "entropy rate"),
        (thermo.von_neumann_entropy, "von Neumann entropy"),
    ],
)
def test_what_dephasing_leaves_undefined_is_named(function, name):
    dephased = wn.Network([[1.0]], [wn.ThermalBath(0, 1.0, 0.5), wn.Dephasing(0, 0.3, name="noise")])
    with pytest.raises(UndefinedQuantityError, match=f"The {name} needs the Wigner function.*'noise'"):
        function(dephased, wn.GaussianState.vacuum(1))
