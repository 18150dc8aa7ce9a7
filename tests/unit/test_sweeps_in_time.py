"""Sweeps of runs in time: labelled along time, from any start, from Python and from a spec."""

from __future__ import annotations

import functools
import pickle

import numpy as np
import pytest
from sweep_tasks import chain

import wignerness as wn
from wignerness.analysis import InProcess, InTime, Processes, sweep_spec
from wignerness.analysis.specs import grid_of
from wignerness.dynamics.quantities import QUANTITIES_IN_TIME, Quantity
from wignerness.errors import SweepError
from wignerness.io import load_result, parse_spec

TIMES = [0.0, 0.5, 2.0, 100.0]
GRID = {"hopping": [0.2, 0.5], "length": [2, 3]}


def hot(network):
    return wn.GaussianState.thermal(np.full(network.n_modes, 3.0))


@pytest.mark.parametrize("follow", [False, True])
def test_every_point_is_the_run_of_its_network(follow):
    # Integrals have a closed form for frozen probes only; relative entropies need one bath a node.
    undefined = ("relative_entropy", "unitary_production", *(["integrated"] if follow else []))
    names = [name for name in QUANTITIES_IN_TIME if not name.startswith(undefined)]
    data = wn.sweep(chain, GRID, names, in_time=InTime(TIMES, hot, follow))
    assert data.entropy_production.dims == ("hopping", "length", "time", "bath")
    assert data.time.values.tolist() == TIMES
    assert data.time.units == "1/rate"
    for hopping in GRID["hopping"]:
        for length in GRID["length"]:
            network = chain(hopping, length)
            run = wn.evolve(network, hot(network), TIMES, follow=follow)
            point = data.sel(hopping=hopping, length=length)
            nodes, baths = list(network.labels), list(network.bath_labels)
            assert (point.occupations.sel(node=nodes) == run.occupations).all()
            assert (point.entropy_production.sel(bath=baths) == run.entropy_production).all()
            assert (point.wigner_entropy == run.wigner_entropy).all()
            if not follow:
                assert data.integrated_flux.dims == ("hopping", "length", "bath")
                assert point.integrated_production == run.integrated_production(0.0, 100.0)
                assert (point.integrated_exchange.sel(bath=baths) == run.integrated_exchange(0.0, 100.0)).all()
            assert point.solver == "evolve"
            assert point.occupations.isnull().sum() == 4 * (3 - length)


def test_a_start_is_the_vacuum_a_state_or_a_function():
    data = wn.sweep(chain, {"hopping": [0.5]}, ["occupations"], in_time=InTime([0.0]))
    assert (data.occupations == 0).all()
    state = wn.GaussianState.thermal([1.0, 2.0, 3.0])
    data = wn.sweep(chain, {"hopping": [0.5], "length": [3, 2]}, ["occupations"], in_time=InTime([0.0], state))
    assert data.occupations.values[0, 0, 0].tolist() == [1.0, 2.0, 3.0]
    assert data.message.values[0, 1].startswith("InvalidStateError: ")
    wrong = wn.sweep(chain, {"hopping": [0.5]}, ["occupations"], in_time=InTime([0.0], lambda network: 3))
    assert "must return a GaussianState" in wrong.message.item()


def test_the_default_leaves_out_what_is_undefined_and_needs_no_steady_state():
    def undamped(hopping):
        return wn.Network([[0, hopping], [hopping, 0]], [wn.Dephasing(0, 0.1)])

    data = wn.sweep(undamped, {"hopping": [0.5]}, in_time=InTime(TIMES, wn.GaussianState.thermal([1.0, 0.0])))
    assert data.attrs["failed"] == 0
    assert "entropy_production" not in data
    assert data.occupations.sum("node").values == pytest.approx(np.ones((1, 4)), rel=1e-12)


def test_own_quantities_of_a_run():
    largest = Quantity(("time",), 0, "largest occupation", lambda run: run.occupations.max(axis=1))
    data = wn.sweep(chain, {"hopping": [0.5]}, {"largest": largest}, in_time=InTime(TIMES, hot))
    assert data.largest.dims == ("hopping", "time")
    assert float(data.largest[0, 0]) == 3.0


def test_the_same_bits_from_every_executor_and_store(tmp_path):
    plan = InTime(TIMES, hot)
    data = wn.sweep(chain, GRID, in_time=plan, store=tmp_path / "a.nc")
    assert load_result(tmp_path / "a.nc").identical(data)
    for executor in (InProcess(chunk=3), Processes(2, chunk=1)):
        assert data.drop_attrs().identical(wn.sweep(chain, GRID, in_time=plan, executor=executor).drop_attrs())
    for other in (InTime(TIMES, hot, True), InTime([*TIMES[:3], 101.0], hot), InTime(TIMES)):
        with pytest.raises(SweepError, match="belongs to another sweep"):
            wn.sweep(chain, GRID, in_time=other, store=tmp_path / "a.nc")
    states = [wn.GaussianState.thermal([1.0, 2.0]), wn.GaussianState.thermal([2.0, 1.0])]
    about = [InTime(TIMES, state).identity(repr)["start"] for state in states]
    assert about[0] != about[1]
    assert InTime(TIMES, pickle.loads(pickle.dumps(states[0]))).identity(repr)["start"] == about[0]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"in_time": [0.0, 1.0]}, "`in_time` must be an InTime"),
        ({"observables": ["currents"]}, "be a sequence of occupations"),
        ({"solver": wn.solvers.Dense()}, "`solver` must be left out"),
        ({"theory": wn.theories.Global()}, "`theory` must be left out"),
    ],
)
def test_what_does_not_go_with_runs_is_refused(changed, words):
    with pytest.raises(SweepError, match=words):
        wn.sweep(**({"build": chain, "grid": GRID, "in_time": InTime(TIMES)} | changed))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (functools.partial(InTime, []), "at least one"),
        (functools.partial(InTime, [1.0, 1.0]), "distinct times"),
        (functools.partial(InTime, [-1.0]), "non-negative"),
        (functools.partial(InTime, [np.nan]), "finite"),
        (functools.partial(InTime, [1.0], "vacuum"), "be a GaussianState"),
    ],
)
def test_impossible_times_and_starts_are_refused(make, words):
    with pytest.raises(SweepError, match=words):
        make()


SPEC = """
[network]
model = "chain"
length = 3
hopping = 0.5
rate = 1.0
occupations = [1, 2]
[evolve]
start = { kind = "thermal", occupations = 2.0 }
times = [0.0, 1.0]
[[sweep.axes]]
parameter = "network.length"
values = [2, 4]
"""


def test_a_spec_describes_starts_of_networks_of_any_size():
    run = parse_spec(SPEC)
    start = pickle.loads(pickle.dumps(run.in_time.start_of))
    data = wn.sweep(run.sweep, grid_of(run.sweep), in_time=InTime(run.in_time.times, start))
    assert sweep_spec(run).drop_attrs().identical(data.drop_attrs())
    assert data.occupations.isel(time=0).sel(length=4).values.tolist() == [2.0] * 4
    assert data.occupations.isel(time=0).sel(length=2).isnull().sum() == 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (SPEC.partition("[[sweep")[0], r"no section \[sweep\]"),
        (SPEC + "[trajectories]\nnumber = 10\nseed = 1\n", r"section \[trajectories\]"),
    ],
)
def test_specs_that_are_no_sweeps_are_refused(text, words):
    with pytest.raises(SweepError, match=words):
        sweep_spec(parse_spec(text))
