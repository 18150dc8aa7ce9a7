"""Numbers near the ends of the doubles: answers are right, or refused by name; never inf, NaN or a warning of NumPy."""

from __future__ import annotations

import numpy as np
import oracle
import pytest
from hypothesis import given
from hypothesis import strategies as st

import wignerness as wn
from wignerness import thermodynamics as th
from wignerness._checks import representable
from wignerness.errors import InvalidStateError, UndefinedQuantityError, WignernessError

OF_NETWORK_AND_STATE = (
    "affinities", "bath_currents", "energy_currents", "entropy_flux", "entropy_production", "entropy_rate",
    "excitation_currents", "excitation_gain", "heat_currents", "onsager_production", "production_split",
    "relative_entropy", "relative_entropy_rate", "unitary_production", "von_neumann_entropy",
    "von_neumann_entropy_flux", "von_neumann_entropy_production", "wigner_entropy",
)  # fmt: skip
OF_STATE = ("mutual_information_profile", "purity", "reduced_entropy", "renyi_entropy", "symplectic_eigenvalues")
MAY_BE_INFINITE = {"von_neumann_entropy_flux", "von_neumann_entropy_production"}

exponents = st.one_of(st.integers(-2, 2), st.integers(100, 300), st.integers(-300, -100))
sizes = st.one_of(st.just(0.0), exponents.map(lambda power: float(f"1e{power}")))
positive = exponents.map(lambda power: float(f"1e{power}"))


@st.composite
def baths(draw, node, size):
    kind, rate = draw(st.integers(0, 3)), draw(positive)
    if kind == 1:
        return wn.SqueezedBath.from_squeezing(
            node, rate, min(draw(sizes), 1e40), draw(st.sampled_from([0.1, 1.0, 20.0]))
        )
    if kind == 2:
        u, v = np.zeros(size), np.zeros(size)
        u[node], v[node] = rate**0.5, rate**0.5 * draw(st.sampled_from([0.0, 0.5]))
        return wn.JumpBath([(u, v)])
    return wn.ThermalBath(node, rate, draw(sizes))


@st.composite
def networks(draw):
    size = draw(st.integers(1, 3))
    matrix = np.zeros((size, size), dtype=complex)
    for k in range(size):
        matrix[k, k] = draw(sizes)
        for m in range(k):
            matrix[k, m] = draw(sizes) * draw(st.sampled_from([1, 1j]))
            matrix[m, k] = matrix[k, m].conjugate()
    drive = [draw(sizes) for _ in range(size)] if draw(st.booleans()) else None
    return wn.Network(matrix, [draw(baths(k, size)) for k in range(size)], drive=drive)


@st.composite
def states(draw, size):
    kind = draw(st.integers(0, 2))
    values = [draw(sizes) for _ in range(size)]
    if kind == 0:
        return wn.GaussianState.coherent(np.minimum(values, 1e150))
    if kind == 1:
        return wn.GaussianState.squeezed([draw(st.sampled_from([0.0, 1.0, 15.0, 300.0])) for _ in range(size)])
    return wn.GaussianState.thermal(values)


def checked(function, *arguments, may_be_infinite=False):
    """Call it; refused is well, and numbers are."""
    try:
        value = function(*arguments)
    except WignernessError:
        return None
    for part in value if isinstance(value, tuple) else (value,):
        assert not np.isnan(part).any()
        assert may_be_infinite or np.isfinite(part).all()
    return value


@given(st.data())
def test_quantities_are_numbers_or_refused(data):
    network = data.draw(networks())
    state = data.draw(states(network.n_modes))
    for name in OF_NETWORK_AND_STATE:
        checked(getattr(th, name), network, state, may_be_infinite=name in MAY_BE_INFINITE)
    for name in OF_STATE:
        checked(getattr(th, name), state)
    checked(state.wigner, np.zeros(network.n_modes))
    checked(lambda: state.occupations)


@given(networks())
def test_steady_states_are_numbers_or_refused(network):
    try:
        ness = wn.steady_state(network)
    except WignernessError:
        return
    for name in ("occupations", "currents", "bath_currents", "entropy_flux", "entropy_production", "wigner_entropy"):
        checked(lambda name=name: getattr(ness, name))


@given(st.data())
def test_transients_are_numbers_or_refused(data):
    network = data.draw(networks())
    state = data.draw(states(network.n_modes))
    fastest = max(network.mode_rates.max(), np.abs(network.hamiltonian).max()) or 1.0
    try:
        run = wn.evolve(network, state, [0.0, min(1e300, 1 / fastest)])
    except WignernessError:
        return
    for name in (
        "occupations",
        "bath_currents",
        "entropy_flux",
        "entropy_production",
        "wigner_entropy",
        "entropy_rate",
    ):
        checked(lambda name=name: getattr(run, name))
    checked(run.integrated_production, 0.0, run.times[-1])
    checked(lambda: wn.relaxation(network).rates)


@pytest.mark.parametrize("unit", [1e-290, 1.0, 1e290])
@pytest.mark.parametrize("hot", [1e30, 1e150, 1e250])
def test_hot_beside_cold_is_right(unit, hot):
    """Two modes, one bath as hot as doubles go: occupations, fluxes and productions against ball arithmetic."""
    baths = [wn.ThermalBath(0, unit, hot), wn.ThermalBath(1, 0.5 * unit, 1.0)]
    network = wn.Network([[unit, 0.3j * unit], [-0.3j * unit, 0.7 * unit]], baths)
    if unit * hot > 1e300:
        with pytest.raises(UndefinedQuantityError, match="entropy flux"):
            _ = wn.steady_state(network).entropy_flux
        return
    ness, true = wn.steady_state(network), oracle.truth(network)
    for value, exact in zip(ness.occupations, true.occupations, strict=True):
        assert oracle.relative_error(value, exact) < 1e-14
    for quantity, expected in (("entropy_flux", true.flux), ("entropy_production", true.production)):
        for value, exact in zip(getattr(ness, quantity), expected, strict=True):
            assert oracle.relative_error(value, exact) < 1e-13
    assert ness.wigner_entropy == pytest.approx(float(true.wigner_entropy), rel=1e-14)
    relative = th.relative_entropy(ness.network, ness.state)
    assert oracle.relative_error(relative, true.relative_entropy) < 1e-12
    unitary = th.unitary_production(ness.network, ness.state)
    assert oracle.relative_error(unitary, true.unitary_term) < 1e-13
    assert th.onsager_production(ness.network, ness.state) == pytest.approx(unitary, rel=1e-12)
    affinity = th.affinities(ness.network)[0, 1]
    assert affinity == pytest.approx(-1 / 1.5, rel=1e-14)


def test_the_vacuum_beside_a_very_hot_equilibrium():
    """d = 1e200: S(W || W_eq) = ln(2 d) + 1/(2 d) - 1, where 1/(2 d) - 1 rounds to -1."""
    one = wn.Network([[1.0]], [wn.ThermalBath(0, 1.0, 1e200)])
    found = th.relative_entropy(one, wn.GaussianState.vacuum(1))
    assert found == pytest.approx(200 * np.log(10) + np.log(2) - 1, rel=1e-15)
    assert th.entropy_production(one, wn.GaussianState.vacuum(1))[0] == pytest.approx(2e200, rel=1e-14)


def test_a_squeezed_bath_of_enormous_width():
    """n_t = 1e200, r = 0.5: nothing flows from the state it imposes."""
    bath = wn.SqueezedBath.from_squeezing(0, 1.0, 1e200, 0.5)
    one = wn.Network([[0.0]], [bath])
    own = wn.GaussianState([0], [[bath.occupation]], [[bath.anomalous]])
    assert th.entropy_production(one, own)[0] == 0.0
    # Thermal n = 1e200 put there: Pi = 4 gamma sinh(r)^2, as for any large temperature.
    thermal = wn.GaussianState.thermal([1e200])
    assert th.entropy_production(one, thermal)[0] == pytest.approx(4 * np.sinh(0.5) ** 2, rel=1e-13)
    assert th.entropy_flux(one, thermal)[0] == pytest.approx(2 * np.sinh(0.5) ** 2, rel=1e-13)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: wn.GaussianState.coherent([0.0, 1e200]), r"alpha\[1\].*1e\+150"),
        (lambda: wn.GaussianState([1e155j], [[0.0]]), r"mean\[0\].*1e\+150"),
        (lambda: wn.GaussianState.squeezed([1.0, -301.0]), "`r` must be at most 300 in size"),
    ],
)
def test_states_beyond_the_doubles_are_refused(make, message):
    with pytest.raises(InvalidStateError, match=message):
        make()


def test_a_quantity_that_overflows_names_itself():
    network = wn.Network([[1e200]], [wn.ThermalBath(0, 1e200, 1e200)])
    for function, name in ((th.bath_currents, "bath currents"), (th.heat_currents, "heat currents")):
        with pytest.raises(UndefinedQuantityError, match=f"The {name} cannot be computed in double precision"):
            function(network, wn.GaussianState.vacuum(1))


def test_states_squeezed_beyond_the_doubles_have_no_entropies():
    one = wn.Network([[0.0]], [wn.ThermalBath(0, 1.0, 1.0)])
    state = wn.GaussianState.squeezed([15.0])
    for function in (th.entropy_production, th.wigner_entropy, th.entropy_rate):
        with pytest.raises(InvalidStateError, match="positive definite to working precision"):
            function(one, state)


def test_modes_entangled_beyond_the_doubles_share_no_number():
    """Two-mode squeezing by r = 20 between thermal modes: the covariance is not positive any more in doubles."""
    wide, cross = 0.5 * np.cosh(40.0), 0.5 * np.sinh(40.0)
    state = wn.GaussianState(np.zeros(2), np.diag([wide, wide]), [[0, cross], [cross, 0]], trusted=True)
    for function in (th.mutual_information, th.von_neumann_mutual_information, th.logarithmic_negativity):
        with pytest.raises(InvalidStateError, match="not positive definite to working precision"):
            function(state, [0], [1])


def test_far_out_there_is_nothing_of_a_wigner_function():
    assert wn.GaussianState.vacuum(1).wigner([1e200]) == 0.0


def test_what_the_decorator_lets_pass():
    double = representable("double")(lambda x: 2.0 * x)
    assert double(2.0) == 4.0
    assert double(np.float64(1.0)) == 2.0
    for large in (1e308, np.float64(1e308), np.array([0.0, 1e308]), float("nan")):
        with pytest.raises(UndefinedQuantityError, match="The double cannot be computed"):
            double(large)
    either = representable("half", may_be_infinite=True)(lambda x: x / 2)
    assert either(float("-inf")) == float("-inf")
    with pytest.raises(UndefinedQuantityError):
        either(np.array([np.nan]))
    assert representable("object")(lambda: wn.Network)() is wn.Network


def test_a_probe_that_rounding_switches_off_beside_gain():
    """Rates of 1e300 and 1e-300: in units of the larger, the smaller is zero."""
    pumped = wn.JumpBath([([0.0], [1e-160])])
    network = wn.Network([[0.0]], [wn.ThermalBath(0, 1e300, 1.0), pumped, wn.Probe(0, 1e-300)])
    assert wn.steady_state(network).occupations == pytest.approx([1.0], rel=1e-15)


def test_a_diffusion_that_overflows_is_refused():
    with pytest.raises(UndefinedQuantityError, match="The diffusion cannot be computed"):
        _ = wn.Network([[0.0]], [wn.ThermalBath(0, 1e200, 1e200)]).diffusion
