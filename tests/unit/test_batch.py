"""Stacks of small networks: they agree with the dense solution, and do not know of each other."""

from __future__ import annotations

import numpy as np
import pytest
import sweep_tasks

import wignerness as wn
from wignerness.analysis import InProcess, Processes
from wignerness.errors import NoUniqueSteadyStateError
from wignerness.solvers import Batch, Dense


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
    assert sum(solution is not None for solution in solutions) > 40
    for network, found in zip(networks, solutions, strict=True):
        if found is None:
            continue
        dense = Dense().solve(network)
        exact = dense.state.normal
        error = np.abs(found.state.normal - exact).max()
        assert error <= found.error_bound + dense.error_bound  # the yardstick is rounded, too
        assert found.error_bound <= 3e-12 * np.abs(exact).max()
        assert found.residual < 1e-14


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
        wn.models.chain(13, hopping=0.3, rate=1.0, occupations=(1, 2)),
        wn.Network([[1.0]], [wn.SqueezedBath.from_squeezing(0, 0.1, 0.5, 0.3)]),
        wn.Network([[1.0]], [wn.ThermalBath(0, 0.1, 0.5)], drive=[1.0]),
        wn.Network([[1.0, 0.1], [0.1, 1.0]], [wn.ThermalBath(0, 1e-6, 0.5), wn.ThermalBath(1, 1e-6, 1.5)]),
    ],
    ids=["large", "squeezed", "driven", "weakly damped"],
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
    grid = {"hopping": [0.0, 0.2, 0.5, 0.8], "length": [2, 3, 14]}
    data = wn.sweep(sweep_tasks.chain, grid, solver=Batch(), executor=InProcess(chunk=12)).drop_attrs()
    assert set(data.solver.values.ravel()) == {"", "Batch(largest=12)"}
    for executor in (InProcess(chunk=1), InProcess(chunk=5), Processes(2, chunk=3)):
        assert data.identical(wn.sweep(sweep_tasks.chain, grid, solver=Batch(), executor=executor).drop_attrs())
    dense = wn.sweep(sweep_tasks.chain, grid, solver=Dense())
    assert (data.message == dense.message).all()
    for name in ("occupations", "entropy_production", "entropy_flux", "wigner_entropy"):
        np.testing.assert_allclose(data[name], dense[name], rtol=1e-11, atol=1e-13)


def test_a_function_that_fails_fails_its_points_alone():
    data = wn.sweep(lambda x: 1 / x and sweep_tasks.chain(x), {"x": [0.0, 0.5]}, ["occupations"], solver=Batch())
    assert data.message.values.tolist() == ["ZeroDivisionError: float division by zero", ""]
