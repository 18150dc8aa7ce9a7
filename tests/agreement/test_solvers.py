"""Every solver on every yardstick, against the exact answer and against each other."""

from __future__ import annotations

import re
from itertools import combinations

import hard_cases
import numpy as np
import oracle
import pytest
from scipy import sparse
from systems import SOLVERS, SYSTEMS

import wignerness as wn
from wignerness.errors import ConvergenceError, NoUniqueSteadyStateError
from wignerness.solvers import ADI, Auto, Banded, Dense

# One rounding of a sum of a few terms; far below what a physicist could see.
EXACT = 2e-13
# That of a term of a difference, relative to the largest term.
ROUNDING = 1e-14
EPS = np.finfo(float).eps


def relative(found, exact, scale=None):
    """Largest deviation over the largest exact value (or the scale); equal zeros give zero."""
    found, exact = np.atleast_1d(np.array(found, dtype=float)), np.atleast_1d(np.array(exact, dtype=float))
    difference, size = np.abs(found - exact).max(initial=0.0), np.abs(exact).max(initial=0.0)
    return difference / (scale or size) if difference else 0.0


@pytest.fixture(params=SYSTEMS, ids=lambda build: build.__name__)
def system(request):
    return request.param()


@pytest.fixture(params=SOLVERS)
def solver(request):
    return SOLVERS[request.param]


def answer(network, solver):
    """The steady state; a solver in working precision may decline it, and then its last iterate."""
    if (reason := solver.refusal(network)) is not None:
        pytest.skip(reason)
    try:
        return wn.steady_state(network, solver=solver)
    except ConvergenceError as error:
        assert solver not in (SOLVERS["auto"], SOLVERS["dense"])
        return error.last_iterate


def test_solver_meets_exact_answer(system, solver):
    ness = answer(system.network, solver)
    # Working precision loses what the equation's condition costs it; the stated bound says how much.
    slack = ness.error_bound / ness.occupations.max(initial=1e-300)
    found = {
        "occupations": ness.occupations,
        "current": ness.currents[0, 1] if system.network.n_modes > 1 else [],
        "flux": ness.entropy_flux,
        "production": ness.entropy_production,
        "total": ness.entropy_production.sum(),
    }
    # A flux is a rate times a difference of occupations: its error is that of the occupations, times the rate.
    scales = {"flux": max(bath.rate for bath in system.network.baths)}
    for name, exact in system.exact.items():
        if solver in (SOLVERS["auto"], SOLVERS["dense"]):
            assert relative(found[name], exact) < EXACT, name
        else:
            assert relative(found[name], exact, scales.get(name)) < EXACT + 1e3 * slack, name


def test_residual_is_at_rounding(system, solver):
    """Backward error, relative to the size of the equation's terms, computed here from the raw moments."""
    ness = answer(system.network, solver)
    if ness.state.is_partial:
        pytest.skip("the moment equation needs all of C; the stated bound is tested instead")
    a = np.asarray(ness.network.drift)
    half = a @ ness.state.normal
    left = half + half.conj().T + ness.network.diffusion
    terms = 2 * np.linalg.norm(a) * np.linalg.norm(ness.state.normal) + np.linalg.norm(ness.network.diffusion)
    assert np.linalg.norm(left) / terms < 4e-16
    assert ness.residual < 4e-16


def test_stated_bound_holds(system, solver):
    """Every element of C that a solver gives, and what follows from it, against Dense in extended precision."""
    ness, dense = answer(system.network, solver), wn.steady_state(system.network, solver=Dense())
    allowed = ness.error_bound + dense.error_bound
    if "occupations" in system.exact:
        exact = np.array(system.exact["occupations"], dtype=float)
        assert np.abs(ness.occupations - exact).max() <= ness.error_bound + EPS * exact.max()
    rows, columns = given(ness.state)
    assert np.abs(ness.state.correlations_at(rows, columns) - dense.state.normal[rows, columns]).max() <= allowed
    network = dense.network
    rates = np.array([bath.rate for bath in network.baths])
    levels = np.array([bath.occupation for bath in network.baths])
    # A bath's rate times the error of its mode and of a probe's own occupation; a link's, times 2 |H_kl|.
    exchange = 2 * rates * allowed
    assert (
        np.abs(ness.bath_currents - dense.bath_currents) <= exchange + ROUNDING * rates * dense.occupations.max()
    ).all()
    links = 2 * np.abs(network.hamiltonian) * allowed
    largest = 2 * np.abs(network.hamiltonian) * dense.occupations.max()
    assert (np.abs(ness.currents - dense.currents) <= links + ROUNDING * largest).all()
    rounding = ROUNDING * rates * dense.occupations.max() / (levels + 0.5)
    assert (np.abs(ness.entropy_flux - dense.entropy_flux) <= 2 * exchange / (levels + 0.5) + rounding).all()
    # The production is quadratic in the columns of C - n, with the inverse of C + 1/2 <= 2 between them.
    departure = np.linalg.norm(dense.state.normal - np.diag(dense.occupations), axis=0).max() + np.abs(
        dense.occupations[[bath.mode for bath in network.baths]] - levels
    )
    spread = 4 * (network.n_modes + 1) * rates / (levels + 0.5) * (2 * departure + allowed) * allowed
    size = rates / (levels + 0.5) * (departure**2 + np.abs(dense.entropy_production).max() * EPS)
    assert (np.abs(ness.entropy_production - dense.entropy_production) <= spread + ROUNDING * size).all()


def given(state):
    """The places of the elements of C that a state holds."""
    if not state.is_partial:
        return tuple(index.ravel() for index in np.indices((state.n_modes, state.n_modes)))
    return sparse.coo_array(state.normal).coords


def test_solvers_agree_on_hard_networks(seed):
    """Where two solvers both answer, they differ by no more than their bounds allow."""
    rng = np.random.default_rng(seed)
    for index in range(2 * len(hard_cases.FAMILIES)):
        name, network = hard_cases.draw(rng, index, 6)
        answers = []
        for solver in SOLVERS.values():
            if solver.refusal(network) is None:
                try:
                    answers.append(wn.steady_state(network, solver=solver))
                except ConvergenceError:
                    continue  # it says so itself
        for one, other in combinations(answers, 2):
            allowed = one.error_bound + other.error_bound
            rows, columns = given(one.state if one.state.is_partial else other.state)
            found = [answer.state.correlations_at(rows, columns) for answer in (one, other)]
            if one.state.is_partial and other.state.is_partial:
                found = [answer.occupations for answer in (one, other)]
            assert np.abs(found[0] - found[1]).max() <= allowed, name
            assert np.abs(one.state.anomalous - other.state.anomalous).max() <= allowed, name


# --- the choice of a solver -------------------------------------------------------------------------------------------


def chain(length, **given):
    return wn.models.chain(length, hopping=1.0, rate=1.0, occupations=(1, 2), **given)


@pytest.mark.parametrize(
    ("network", "solver", "words"),
    [
        (
            chain(512, probe_rate=1.0),
            Dense,
            "512 modes, passive: one 512 x 512 dense Lyapunov equation, 512 free probes",
        ),
        (chain(513, probe_rate=1.0), Banded, "513 modes, each damped, .* C is banded"),
        (chain(1024), Dense, "1024 modes, passive: one 1024 x 1024 dense Lyapunov equation$"),
        (chain(1025), ADI, "1025 modes, few of them damped: low rank, C is never formed"),
        (chain(1), Dense, "1 mode, "),
    ],
    ids=["small with probes", "long with probes", "small between two baths", "long between two baths", "one mode"],
)
def test_choice_follows_structure_and_gives_its_reason(network, solver, words):
    chosen, reason = Auto().select(network)
    assert type(chosen) is solver
    assert re.match(words, reason), reason
    assert chosen.refusal(network) is None


def test_a_resonance_too_narrow_for_dense_is_left_to_adi():
    """Levels of a localized chain that no bath sees to double precision; ball arithmetic knows the answer."""
    network = chain(10, disorder=300.0, rng=0)
    with pytest.raises(ConvergenceError):
        wn.steady_state(network, solver=Dense())
    ness, true = wn.steady_state(network), oracle.truth(network)
    assert type(ness.solver) is ADI
    assert ness.reason == "10 modes, a resonance is too narrow for Dense: ADI finds its width"
    assert max(oracle.error(n, true.normal[k, k].real) for k, n in enumerate(ness.occupations)) <= ness.error_bound
    for found, exact in zip(ness.entropy_production, true.production, strict=True):
        assert oracle.relative_error(found, exact) < 1e-11


def test_an_undamped_mode_is_told_by_the_first_choice():
    """ADI has no answer for it either."""
    star = np.zeros((4, 4))
    star[0, 1:] = star[1:, 0] = 1.0
    with pytest.raises(NoUniqueSteadyStateError, match=r"vanish(es)? on every damped node"):
        wn.steady_state(wn.Network(star, [wn.ThermalBath(0, 1.0, 1.0)]))


def test_where_nothing_else_can_dense_says_why():
    matrix = sparse.csr_array(sparse.diags_array([1.0, 1.0], offsets=[30, -30], shape=(1100, 1100)))
    network = wn.Network(matrix, [wn.ThermalBath(k, 1.0, 1.0) for k in range(1100)])
    chosen, reason = Auto().select(network)
    assert type(chosen) is Dense
    assert "Nodes 30 places apart are coupled; Banded takes up to 24." in reason
    assert "Baths act on 1100 nodes; ADI takes up to 32." in reason


def test_choice_is_recorded_with_the_result():
    ness = wn.steady_state(chain(1100, probe_rate=1.0))
    assert type(ness.solver) is Banded
    assert "C is banded" in str(ness)
    exact = wn.exact.chain(1100, hopping=1.0, rate=1.0, occupations=(1, 2), probe_rate=1.0)
    assert np.abs(ness.occupations - exact.occupations).max() <= ness.error_bound + EXACT


PAIRED = wn.Network([[1.0]], [wn.ThermalBath(0, 1.0, 0.0)], pairing=[[0.1]])


@pytest.mark.parametrize(
    ("solver", "network", "words"),
    [
        (Banded(), PAIRED, "on passive networks; use Dense"),
        (Banded(), chain(5), "Node '1' has no bath of its own"),
        (ADI(), PAIRED, "on passive networks; use Dense"),
        (ADI(), chain(5, probe_rate=1.0), "'probe 0' is a free probe; use Banded or Dense"),
    ],
)
def test_what_a_solver_refuses_it_refuses_by_name(solver, network, words):
    assert words in solver.refusal(network)
    with pytest.raises(ConvergenceError, match=re.escape(words)):
        wn.steady_state(network, solver=solver)


@pytest.mark.parametrize("solver", [Auto(), Dense()])
def test_these_take_everything(solver):
    for network in (PAIRED, chain(5), chain(5, probe_rate=1.0)):
        assert solver.refusal(network) is None
