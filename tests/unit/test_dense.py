"""The dense solver: its options, its accuracy statement, and where other solvers fail in silence."""

from __future__ import annotations

import numpy as np
import oracle
import pytest
from scipy import linalg

import wignerness as wn
from wignerness.errors import AccuracyWarning, ConvergenceError, NoUniqueSteadyStateError
from wignerness.solvers import Auto, Dense
from wignerness.solvers.equation import MomentEquation, connected_parts

CHAIN = wn.models.chain(12, hopping=0.5, rate=1.0, occupations=(1, 2), probe_rate=0.1)


def test_printing_and_equality():
    assert repr(Dense()) == "Dense()"
    assert repr(Dense(extended=False, estimate=True)) == "Dense(extended=False, estimate=True)"
    assert Dense() == Dense()
    assert hash(Dense()) == hash(Dense())
    assert Dense().refusal(CHAIN) is None


def test_auto_says_what_it_does():
    solver, reason = Auto().select(CHAIN)
    assert solver == Dense()
    assert "12 modes" in reason
    assert "12 free probes" in reason
    ness = wn.steady_state(CHAIN)
    assert (ness.solver, ness.reason) == (solver, reason)
    assert wn.steady_state(CHAIN, solver=Dense()).reason == "asked for"


def test_options():
    full, quick = wn.steady_state(CHAIN), wn.steady_state(CHAIN, solver=Dense(extended=False, estimate=False))
    assert quick.error_bound is None
    assert quick.separation is None
    assert "not estimated" in str(quick)
    assert quick.converged
    assert np.abs(full.state.normal - quick.state.normal).max() < 1e-13
    # Refined in twice the precision, the corrections alone bound the error.
    assert wn.steady_state(CHAIN, solver=Dense(extended=True, estimate=False)).error_bound < 1e-15


def test_bounds_in_working_precision_hold_too(seed):
    import hard_cases

    rng = np.random.default_rng(seed)
    for index in range(3 * len(hard_cases.FAMILIES)):
        _, network = hard_cases.draw(rng, index, 5)
        try:
            ness = wn.steady_state(network, solver=Dense(extended=False))
        except ConvergenceError:
            continue
        true = oracle.truth(network)
        size = network.n_modes
        errors = [
            oracle.complex_error(ness.state.normal[i, j], true.normal[i, j]) for i in range(size) for j in range(size)
        ]
        assert max(errors) <= ness.error_bound


def test_separation_is_that_of_the_operator(rng):
    """Against the inverse of the L^2 x L^2 matrix: never below it, within a factor of three."""
    for _ in range(10):
        size = int(rng.integers(2, 7))
        network = wn.models.random_network(size, rng=rng)
        one = np.eye(size)
        system = np.kron(network.drift, one) + np.kron(one, network.drift.conj())
        exact = 1 / np.abs(linalg.inv(system)).sum(axis=1).max()
        assert exact * (1 - 1e-6) <= wn.steady_state(network).separation <= 3 * exact


@pytest.mark.parametrize("length", [2, 3, 5, 8])
def test_exceptional_points(length, rng):
    """Chains tuned to where two modes coalesce, exactly and nearly: certified truth, to the last digit."""
    for off in (0.0, 1e-15, 1e-12, 1e-8, 1e-4):
        matrix = np.diag(np.full(length - 1, 0.25 * (1 + off)), 1)
        baths = [wn.ThermalBath(k, float(k), rng.uniform(0, 3)) for k in range(1, length)]
        network = wn.Network(matrix + matrix.T, baths)
        ness, true = wn.steady_state(network), oracle.truth(network)
        for k in range(length):
            assert oracle.relative_error(ness.occupations[k], true.occupations[k]) < 4e-16
        for index in range(len(baths)):
            assert oracle.relative_error(ness.entropy_production[index], true.production[index]) < 1e-14


@pytest.mark.parametrize("unit", [2.0**-1020, 2.0**-500, 1.0, 2.0**500, 2.0**1020])
def test_near_overflow_and_underflow(unit):
    """SciPy's solver multiplies by LAPACK's scale where it must divide; here the units are taken out first."""
    base = wn.models.chain(4, hopping=0.5, rate=1.0, occupations=(1, 2))
    baths = [wn.ThermalBath(b.mode, b.rate * unit, b.occupation) for b in base.baths]
    one, other = wn.steady_state(base), wn.steady_state(wn.Network(base.hamiltonian * unit, baths))
    assert np.allclose(one.state.normal, other.state.normal, rtol=1e-15, atol=1e-28)
    assert np.allclose(one.entropy_production, other.entropy_production / unit, rtol=1e-12, atol=0)
    assert other.separation == pytest.approx(one.separation * unit, rel=1e-12)


def test_subnormal_rates():
    tiny = 5e-324
    ness = wn.steady_state(
        wn.Network([[0, tiny], [tiny, 0]], [wn.ThermalBath(0, tiny, 1.0), wn.ThermalBath(1, tiny, 2.0)])
    )
    assert ness.occupations == pytest.approx([1.4, 1.6], rel=0.5)
    assert np.isfinite(ness.entropy_production).all()


@pytest.mark.parametrize("levels", [(1e300, 0.0), (1.7e308, 1e-300), (1e-300, 3e-300), (1e16, 1.0), (1e-20, 1e20)])
def test_extreme_occupations(levels):
    network = wn.Network([[0, 0.5], [0.5, 0]], [wn.ThermalBath(k, 1.0, n) for k, n in enumerate(levels)])
    ness, true = wn.steady_state(network), oracle.truth(network)
    for k in range(2):
        assert oracle.relative_error(ness.occupations[k], true.occupations[k]) < 4e-16
        assert oracle.relative_error(ness.entropy_production[k], true.production[k]) < 1e-14


@pytest.mark.parametrize("frequency", [1e9, -1e15, 1e20, 1e300])
def test_a_common_frequency_costs_no_digit(frequency):
    base = np.array([[0, 0.5], [0.5, 0]])
    baths = [wn.ThermalBath(0, 1.0, 1.0), wn.ThermalBath(1, 1.0, 2.0)]
    ness = wn.steady_state(wn.Network(base + frequency * np.eye(2), baths))
    assert ness.occupations == pytest.approx([1.25, 1.75], rel=4e-16)
    assert ness.error_bound < 1e-15


def test_rates_of_sixteen_decades():
    """Fluxes into the strong bath hang on 1e-16 excitations; all digits are there."""
    network = wn.Network([[0, 1], [1, 0]], [wn.ThermalBath(0, 1e-8, 1.0), wn.ThermalBath(1, 1e8, 2.0)])
    ness, true = wn.steady_state(network), oracle.truth(network)
    for k in range(2):
        assert oracle.relative_error(ness.entropy_flux[k], true.flux[k]) < 1e-14
        assert oracle.relative_error(ness.entropy_production[k], true.production[k]) < 1e-14


def test_what_is_not_determined_is_refused_or_flagged():
    """A mode damped at 1e-19: strict raises with the last iterate, otherwise a warning."""
    matrix = np.array([[0, 0.5, 0.5], [0.5, 1.0, 0], [0.5, 0, 1.0 + 1e-9]])
    network = wn.Network(matrix, [wn.ThermalBath(0, 1.0, 2.0), wn.ThermalBath(1, 1e-19, 0.5)])
    with pytest.raises(ConvergenceError, match=r"at most 1e-10 of the largest.*strict=False") as caught:
        wn.steady_state(network)
    assert isinstance(caught.value.last_iterate, wn.SteadyState)
    with pytest.warns(AccuracyWarning):
        ness = wn.steady_state(network, strict=False)
    assert ness.separation == 0.0 or ness.error_bound > 1e-10 * ness.occupations.max()


def test_modes_that_double_precision_cannot_tell_from_dark_ones_are_refused_or_right(seed):
    """Leaves of a star detuned by 1e-14 to 1e-8: a mode is damped by the square of that, far below rounding."""
    rng = np.random.default_rng(seed)
    answered = 0
    for _ in range(60):
        size, detuning = int(rng.integers(3, 7)), 10.0 ** rng.uniform(-14, -8)
        star = np.diag(np.append(0.0, detuning * rng.normal(size=size - 1)))
        star[0, 1:] = star[1:, 0] = 1.0
        baths = [wn.ThermalBath(0, 10.0 ** rng.uniform(-3, 1), 1.0), wn.ThermalBath(1, 10.0 ** rng.uniform(-3, 0), 0.0)]
        network = wn.Network(star, baths)
        try:
            ness = wn.steady_state(network, solver=Dense())
        except (ConvergenceError, NoUniqueSteadyStateError):
            continue
        answered += 1
        exact = oracle.truth(network).occupations
        error = max(oracle.error(n, true) for n, true in zip(ness.occupations, exact, strict=True))
        assert error <= ness.error_bound, detuning
    assert answered >= 3


def test_an_equilibrium_of_unknown_uniqueness_is_refused():
    """All baths at one n: n 1 solves the equation, but a damping of 1e-24 leaves room for others. Jumps are not proved."""
    matrix = np.array([[0, 0.5, 0.5], [0.5, 0, 0], [0.5, 0, 1e-12]])
    loss = wn.JumpBath([([1.0, 0.0, 0.0], [0.0, 0.0, 0.0])])
    with pytest.raises(ConvergenceError):
        wn.steady_state(wn.Network(matrix, [loss]))


def test_repeatable_to_the_last_bit():
    one, other = wn.steady_state(CHAIN), wn.steady_state(CHAIN)
    assert np.array_equal(one.state.normal, other.state.normal)
    assert one.error_bound == other.error_bound


def test_inputs_are_left_alone():
    network = wn.models.random_network(6, rng=3, probe_density=0.5)
    kept = network.hamiltonian.copy()
    wn.steady_state(network)
    assert np.array_equal(network.hamiltonian, kept)
    assert network.free_probes


# -- large networks ----------------------------------------------------------------------------------------------------


@pytest.fixture
def everything_large(monkeypatch):
    """The route of large networks for small ones, whose answers are certified."""
    monkeypatch.setattr("wignerness.linalg.lyapunov._SINGLE_FROM", 1)
    monkeypatch.setattr("wignerness.linalg.factors._SPLIT_FROM", 2)
    monkeypatch.setattr("wignerness.linalg.refinement._ALL_SLICES_UP_TO", 0)
    for module in ("linalg.refinement", "solvers.dense"):
        monkeypatch.setattr(f"wignerness.{module}.EACH_UP_TO", 0)


@pytest.mark.parametrize("kernel", [True, False], ids=["kernel", "iterated closure"])
def test_from_single_precision_to_the_last_digit(everything_large, kernel, monkeypatch, seed):
    """Against ball arithmetic on hard networks: the bound covers, and productions have their digits where refined."""
    import hard_cases

    if not kernel:
        monkeypatch.setattr("wignerness.linalg.closure.KERNEL_UP_TO", 0)
    rng = np.random.default_rng(seed)
    single = 0
    for index in range(3 * len(hard_cases.FAMILIES)):
        name, network = hard_cases.draw(rng, index, 5)
        for solver in (Dense(extended=True), Dense(extended=False)):
            try:
                ness = wn.steady_state(network, solver=solver)
            except ConvergenceError:
                continue
            single += any(
                MomentEquation(network, part, np.zeros(network.n_modes)).equation.single is not None
                for part in connected_parts(network)
            )
            true, size = oracle.truth(network), network.n_modes
            for found, exact in ((ness.state.normal, true.normal), (ness.state.anomalous, true.anomalous)):
                errors = [oracle.complex_error(found[i, j], exact[i, j]) for i in range(size) for j in range(size)]
                assert max(errors) <= ness.error_bound, name
            if solver.extended:
                for value, exact in zip(ness.entropy_production, true.production, strict=True):
                    assert oracle.is_zero(exact) or oracle.relative_error(value, exact) < 1e-13, name
    assert single > len(hard_cases.FAMILIES)  # or this tested nothing


def test_where_single_precision_would_not_contract_it_is_left(everything_large):
    """A mode damped 1e6 times less than the links: its equation is singular to single precision."""
    matrix = np.array([[0, 0.5, 0.5], [0.5, 1.0, 0], [0.5, 0, 1.0 + 1e-4]])
    network = wn.Network(matrix, [wn.ThermalBath(0, 1.0, 2.0), wn.ThermalBath(1, 1e-7, 0.5)])
    equation = MomentEquation(network, np.arange(3), np.zeros(3)).equation
    assert equation.single is None
    ness, true = wn.steady_state(network), oracle.truth(network)
    assert oracle.relative_error(ness.entropy_flux[1], true.flux[1]) < 1e-14


def test_feedback_beyond_single_precision_is_closed_in_double(everything_large, monkeypatch):
    """Excitations that wander among probes for long: single precision gets there slowly (beyond 500 nodes too slowly)."""
    monkeypatch.setattr("wignerness.linalg.closure.KERNEL_UP_TO", 0)
    monkeypatch.setattr("wignerness.linalg.refinement._FEW_STEPS", 1)
    parameters = {"hopping": 1.0, "rate": 1.0, "occupations": (1.0, 2.0), "probe_rate": 1.0}
    ness, exact = wn.steady_state(wn.models.chain(200, **parameters), solver=Dense()), wn.exact.chain(200, **parameters)
    assert ness.separation < 1e-3
    assert np.abs(ness.occupations - exact.occupations).max() <= ness.error_bound < 1e-14


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["complex", "real", "uniform"])
def test_six_hundred_nodes_in_single_precision_and_beyond(kind, rng):
    """Without being asked for more: a bound, close to the solution refined in twice the precision, and above its error."""
    size = 600
    matrix = rng.normal(size=(2, size, size)) / np.sqrt(2 * size)
    matrix = matrix[0] + 1j * matrix[1]
    if kind == "real":
        matrix = 1j * matrix.real
    rates = np.ones(size) if kind == "uniform" else rng.uniform(0.5, 1.5, size)
    baths = [wn.ThermalBath(k, rates[k], rng.uniform(0, 2)) for k in range(size)]
    network = wn.Network(matrix + matrix.conj().T, baths)
    ness, exact = wn.steady_state(network), wn.steady_state(network, solver=Dense(extended=True))
    assert ness.residual < 3e-16
    error = np.abs(ness.state.normal - exact.state.normal).max()
    assert error <= ness.error_bound < 1e-11
    assert exact.error_bound < 1e-15
    assert ness.separation == pytest.approx(rates.min(), rel=1e-12)  # every node damped: known without a solution
    production = exact.entropy_production
    np.testing.assert_allclose(ness.entropy_production, production, rtol=1e-11)


@pytest.mark.slow
def test_three_hundred_nodes_with_a_probe_each():
    """Against the closed form."""
    parameters = {"hopping": 3e-7, "rate": 1e-6, "occupations": (1.0, 2.0), "probe_rate": 1e-7}
    ness, exact = wn.steady_state(wn.models.chain(300, **parameters)), wn.exact.chain(300, **parameters)
    assert ness.occupations == pytest.approx(exact.occupations, rel=1e-13)
    real, probes = wn.thermodynamics.production_split(ness.network, ness.state)
    assert real == pytest.approx(exact.entropy_production_real, rel=1e-10)
    assert probes == pytest.approx(exact.entropy_production_probes, rel=1e-10)


@pytest.mark.slow
def test_beyond_the_extended_sizes():
    """600 nodes, two baths: working precision bounds too little, and is left for more where nobody asked for it."""
    parameters = {"hopping": 0.5, "rate": 1.0, "occupations": (1.0, 2.0)}
    chain, exact = wn.models.chain(600, **parameters), wn.exact.chain(600, **parameters)
    ness = wn.steady_state(chain)
    with pytest.warns(AccuracyWarning):
        quick = wn.steady_state(chain, solver=Dense(extended=False), strict=False)
    assert ness.error_bound < 4e-16
    assert quick.error_bound > 1e-10
    for found in (ness, quick):
        assert np.abs(found.occupations - exact.occupations).max() <= found.error_bound
    assert ness.occupations == pytest.approx(exact.occupations, rel=1e-15)
    assert np.diag(ness.currents, 1) == pytest.approx(exact.current, rel=1e-9)
