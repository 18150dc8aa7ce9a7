"""Every solver on every yardstick, against the exact answer and against each other."""

from __future__ import annotations

from itertools import combinations

import hard_cases
import numpy as np
import pytest
from systems import SOLVERS, SYSTEMS

import wignerness as wn
from wignerness.errors import ConvergenceError

# One rounding of a sum of a few terms; far below what a physicist could see.
EXACT = 2e-13


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
    a = np.asarray(ness.network.drift)
    half = a @ ness.state.normal
    left = half + half.conj().T + ness.network.diffusion
    terms = 2 * np.linalg.norm(a) * np.linalg.norm(ness.state.normal) + np.linalg.norm(ness.network.diffusion)
    assert np.linalg.norm(left) / terms < 4e-16
    assert ness.residual < 4e-16


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
            assert np.abs(one.state.normal - other.state.normal).max() <= allowed, name
            assert np.abs(one.state.anomalous - other.state.anomalous).max() <= allowed, name
