"""Stacks of small networks: they agree with the dense solution, and do not know of each other."""

from __future__ import annotations

from fractions import Fraction

import hard_cases
import numpy as np
import oracle
import pytest
import sweep_tasks

import wignerness as wn
from wignerness.analysis import InProcess, Processes
from wignerness.analysis.stacked import solved_stacks
from wignerness.dynamics.quantities import QUANTITIES, Quantity
from wignerness.errors import InvalidNetworkError, NoUniqueSteadyStateError
from wignerness.solvers import Batch, Dense
from wignerness.thermodynamics.stacks import STACKED


def some_networks(rng, count):
    networks = []
    for _ in range(count):
        size = int(rng.integers(1, 9))
        matrix = rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size))
        matrix = (matrix + matrix.conj().T) * 10 ** rng.uniform(-2, 1) + np.eye(size) * 10 ** rng.uniform(0, 3)
        baths = [wn.ThermalBath(int(rng.integers(size)), 10 ** rng.uniform(-1, 1), rng.uniform(0, 5)) for _ in range(3)]
        baths += [wn.Probe(k, 10 ** rng.uniform(-2, 1)) for k in range(size) if rng.random() < 0.5]
        baths += [wn.Probe(int(rng.integers(size)), 0.1, occupation=rng.uniform(0, 3))]
        networks.append(wn.Network(matrix, baths))
    return networks


def bits(solution):
    if solution is None:
        return None
    parts = (solution.state.normal, solution.state.normal_tail)
    numbers = np.array([solution.residual, solution.error_bound, solution.separation])
    return b"".join(part.tobytes() for part in (*parts, numbers))


def test_stacks_agree_with_the_dense_solution_within_their_bound(rng):
    networks = some_networks(rng, 60)
    solutions = Batch().solve_many(networks)
    assert sum(solution is not None for solution in solutions) > 55
    for network, found in zip(networks, solutions, strict=True):
        if found is None:
            continue
        dense = Dense().solve(network)
        exact, largest = dense.state.normal, np.abs(dense.state.normal).max()
        assert np.abs(found.state.normal - exact).max() <= found.error_bound + dense.error_bound
        assert found.error_bound <= 1e-15 * largest  # that of a rounding
        assert found.residual < 2e-16
        # What rounding dropped is known, too: departures from a bath keep their digits.
        tails = (found.state.normal - exact).diagonal().real + (found.state.normal_tail - dense.state.normal_tail)
        assert np.abs(tails).max() <= 1e-24 * largest


@pytest.mark.parametrize("draw", hard_cases.FAMILIES, ids=lambda family: family.__name__)
def test_hard_networks_within_their_bound_or_not_at_all(draw, rng):
    """Against certified truth: a stack may decline a network, but not be wrong about it."""
    networks = [draw(rng, 5) for _ in range(6)]
    for network, found in zip(networks, Batch().solve_many(networks), strict=True):
        if found is None:
            continue
        true = oracle.truth(network).normal
        size = network.n_modes
        errors = [oracle.complex_error(found.state.normal[k, m], true[k, m]) for k in range(size) for m in range(size)]
        assert max(errors) <= found.error_bound
        production = wn.steady_state(network, solver=Batch()).entropy_production
        for value, exact in zip(production, oracle.truth(network).production, strict=True):
            assert oracle.relative_error(value, exact) < 1e-14


def test_probes_on_one_node_feed_back_all_that_they_damp():
    """Rates whose sum is rounded: what is left of damping less feedback is the real bath's, to the last digit."""
    baths = [
        wn.ThermalBath(0, 1.0, 1.0),
        wn.ThermalBath(0, 0.1, 1e12),
        wn.Probe(0, 1e6),
        wn.Probe(0, 0.1),
        wn.Probe(0, 0.3),
    ]
    network = wn.Network([[5.0]], baths)
    (found,) = Batch().solve_many([network])
    exact = Fraction(1) + Fraction(0.1) * Fraction(1e12)
    exact /= Fraction(1) + Fraction(0.1)
    assert abs(Fraction(float(found.state.occupations[0])) - exact) <= Fraction(found.error_bound)


def test_rates_that_underflow_are_not_for_stacks():
    bath = wn.ThermalBath(0, 0.1, 0.0)
    tiny = [wn.Network([[1.0]], [bath, wn.ThermalBath(0, rate, 1e12)]) for rate in (5e-324, 1e-310, 1e-260)]
    assert Batch().solve_many(tiny) == [None] * 3
    units = [network.replace(baths=[wn.ThermalBath(0, 1e-290, 2.0)]) for network in tiny[:1]]
    assert Batch().solve_many([units[0].replace(hamiltonian=[[1e-290]])])[0].state.occupations.tolist() == [2.0]


def test_no_network_knows_of_the_others_in_its_stack(rng):
    networks = some_networks(rng, 40)
    whole = [bits(solution) for solution in Batch().solve_many(networks)]
    for size in (1, 2, 7, 39):
        for start in range(0, 40, size):
            part = Batch().solve_many(networks[start : start + size])
            assert [bits(solution) for solution in part] == whole[start : start + size]
    order = rng.permutation(40)
    assert [bits(s) for s in Batch().solve_many([networks[k] for k in order])] == [whole[k] for k in order]


def test_equilibrium_is_exact():
    chain = wn.models.chain(5, hopping=0.3, rate=1.0, occupations=(1.1, 1.1), probe_rate=0.1)
    ness = wn.steady_state(chain, solver=Batch())
    assert (ness.occupations == 1.1).all()
    assert (ness.entropy_production == 0).all()


@pytest.mark.parametrize(
    "network",
    [
        wn.models.chain(33, hopping=0.3, rate=1.0, occupations=(1, 2)),
        wn.Network([[1.0]], [wn.SqueezedBath.from_squeezing(0, 0.1, 0.5, 0.3)]),
        wn.Network([[1.0]], [wn.ThermalBath(0, 0.1, 0.5)], drive=[1.0]),
        wn.Network([[1.0, 0.1], [0.1, 1.0]], [wn.ThermalBath(0, 1e-12, 0.5), wn.ThermalBath(1, 1e-12, 1.5)]),
        wn.Network([[1.0, 0.0], [0.0, 1.0]], [wn.ThermalBath(0, 0.1, 0.5), wn.ThermalBath(1, 0.1, 1.5)]),
    ],
    ids=["large", "squeezed", "driven", "weakly damped", "in two parts"],
)
def test_what_is_not_for_stacks_goes_to_the_dense_solver(network):
    assert Batch().solve_many([network]) == [None]
    ness = wn.steady_state(network, solver=Batch(), strict=False)
    assert (ness.state.normal == Dense().solve(network).state.normal).all()


def test_dark_modes_are_told_as_ever():
    dark = wn.models.chain(3, hopping=0.0, rate=1.0, occupations=(1, 2))
    fine = wn.models.chain(3, hopping=0.1, rate=1.0, occupations=(1, 2))
    assert [solution is None for solution in Batch().solve_many([fine, dark, fine])] == [False, True, False]
    with pytest.raises(NoUniqueSteadyStateError, match="never damped"):
        wn.steady_state(dark, solver=Batch())


def test_sweeps_in_stacks_have_the_same_bits_in_any_chunks():
    grid = {"hopping": [0.0, 0.2, 0.5, 0.8], "length": [1, 2, 3, 14, 34]}
    names = [
        name for name in QUANTITIES if name not in ("relative_entropy", "unitary_production", "onsager_production")
    ]
    data = wn.sweep(sweep_tasks.chain, grid, names, executor=InProcess(chunk=20)).drop_attrs()
    assert set(data.solver.values.ravel()) == {"", "Batch(largest=32)", "Dense()"}
    for executor in (InProcess(chunk=1), InProcess(chunk=5), Processes(2, chunk=3)):
        assert data.identical(wn.sweep(sweep_tasks.chain, grid, names, executor=executor).drop_attrs())
    dense = wn.sweep(sweep_tasks.chain, grid, names, solver=Dense())
    assert (data.message == dense.message).all()
    for name in names:
        # Heat into probes, and currents between nodes without a link, are zero but for rounding.
        zero = 1e-15 if "current" in name else 0.0
        np.testing.assert_allclose(data[name], dense[name], rtol=3e-14, atol=zero)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 13, 32])
def test_no_balance_knows_of_the_others_in_its_stack(size, rng):
    """Bits of every quantity that is computed for a whole stack, whatever the stack."""
    matrices = rng.normal(size=(12, size, size)) + 1j * rng.normal(size=(12, size, size))
    baths = [wn.ThermalBath(0, 0.3, 1.0), wn.Probe(size // 2, 0.2), wn.ThermalBath(size - 1, 0.1, 2.0)]
    networks = [wn.Network(matrix + matrix.conj().T, baths) for matrix in matrices]

    def balances(chosen):
        found = {}
        for stack in solved_stacks(Batch(), [networks[k] for k in chosen], list(STACKED)):
            for place, position in enumerate(stack.moments.stack.positions):
                found[chosen[position]] = {name: values[place].tobytes() for name, values in stack.values.items()}
        return found

    whole = balances(list(range(12)))
    assert len(whole) == 12
    for part in ([3], [5, 4], [11, 0, 7], list(range(1, 12))):
        assert balances(part) == {k: whole[k] for k in part}


def test_quantities_of_stacks_are_those_of_one_network(rng):
    networks = [network for network in some_networks(rng, 40) if network.n_modes > 1]
    for stack in solved_stacks(Batch(), networks, list(STACKED)):
        for place in stack.sound:
            ness = wn.steady_state(stack.networks[place], solver=stack.solved(place))
            scale = max(np.abs(stack.networks[place].hamiltonian).max(), 1.0)
            for name, values in stack.values.items():
                exact = QUANTITIES[name].compute(ness)
                if name in ("heat_currents", "energy_currents"):  # sums of terms as large as a frequency times a rate
                    size = scale * ness.occupations.max() * max(scale, ness.network.bath_rates.max())
                    np.testing.assert_allclose(values[place], exact, rtol=0, atol=1e-14 * size)
                elif name == "currents":
                    np.testing.assert_allclose(
                        values[place], exact, rtol=0, atol=1e-15 * scale * ness.occupations.max()
                    )
                else:
                    np.testing.assert_allclose(values[place], exact, rtol=1e-14, atol=0)


def test_own_quantities_go_with_stacks():
    mine = Quantity((), 0, "first occupation", lambda ness: ness.occupations[0])
    grid = {"hopping": [0.2, 0.4], "length": [2, 40]}
    data = wn.sweep(sweep_tasks.chain, grid, {"mine": mine, "occupations": QUANTITIES["occupations"]})
    assert (data.mine.values == data.occupations.sel(node="0").values).all()
    assert data.solver.values.tolist() == [["Batch(largest=32)", "Dense()"]] * 2


def test_what_overflows_in_a_stack_says_why():
    huge = wn.Network([[1e300, 1e299], [1e299, 1e300]], [wn.ThermalBath(0, 1e299, 1e150), wn.ThermalBath(1, 1e299, 0)])
    with np.errstate(all="ignore"):
        stacks = solved_stacks(Batch(), [huge], ["heat_currents"])
    assert [stack.sound for stack in stacks] == [[]]


def test_the_largest_size_is_a_number():
    with pytest.raises(InvalidNetworkError, match="largest"):
        Batch(largest=-1)


def test_a_function_that_fails_fails_its_points_alone():
    data = wn.sweep(lambda x: 1 / x and sweep_tasks.chain(x), {"x": [0.0, 0.5]}, ["occupations"], solver=Batch())
    assert data.message.values.tolist() == ["ZeroDivisionError: float division by zero", ""]
