"""The feedback of many nodes, closed by iteration."""

from __future__ import annotations

import numpy as np
import pytest

import wignerness as wn
from wignerness.linalg.closure import ClassicalWalk, Iteration, damping
from wignerness.linalg.compensated import Pair
from wignerness.linalg.factors import Factors
from wignerness.linalg.lyapunov import LyapunovEquation


def equation(rng, n=30, chain=False):
    hamiltonian = np.diag(rng.normal(size=n - 1), 1) if chain else rng.normal(size=(n, n))
    fed = rng.uniform(0.1, 1, n) * (np.arange(n) % 3 > 0)
    a = -1j * (hamiltonian + hamiltonian.T) - np.diag(fed + 0.1) / 2
    return LyapunovEquation(Pair.exactly(a), fed)


@pytest.mark.parametrize("adjoint", [False, True])
@pytest.mark.parametrize("chain", [False, True])
@pytest.mark.parametrize("kind", ["F", "D"])
def test_iteration_meets_the_kernel(rng, adjoint, chain, kind):
    closed = equation(rng, chain=chain)
    iteration = Iteration(closed.a.hi, Factors(closed.a.hi.astype(kind)), closed.feedback)
    right = rng.normal(size=len(closed.fed))
    wanted = closed._kernel.closed(right, adjoint=adjoint)
    accuracy = 1e-9 if kind == "D" else 1e-3
    np.testing.assert_allclose(
        iteration.closed(right, adjoint=adjoint), wanted, rtol=0, atol=accuracy * np.abs(wanted).max()
    )
    assert not iteration.stalled


def test_later_right_hand_sides_start_from_what_is_known(rng):
    closed = equation(rng)
    iteration = Iteration(closed.a.hi, closed.factors, closed.feedback)
    right = rng.normal(size=len(closed.fed))
    iteration.closed(right)
    known = len(iteration._directions[False])
    iteration.closed(2 * right)
    assert len(iteration._directions[False]) == known


def test_feedback_that_sustains_itself_stalls(rng):
    n = 8
    hamiltonian = rng.normal(size=(n, n))
    a = -1j * (hamiltonian + hamiltonian.T) - np.eye(n) / 2
    iteration = Iteration(a, Factors(a), np.ones(n))
    iteration.closed(rng.random(n))
    assert iteration.stalled


def test_for_the_uniform_chain_the_classical_walk_is_exact():
    """Coherences of the steady state reach to the next node only: rates between neighbors say it all."""
    n, hopping, rate, probe_rate = 40, 0.3, 1.0, 0.1
    chain = wn.models.chain(n, hopping=hopping, rate=rate, occupations=(1, 2), probe_rate=probe_rate)
    exact = wn.exact.chain(n, hopping=hopping, rate=rate, occupations=(1, 2), probe_rate=probe_rate)
    a, fed = np.asarray(chain.drift), np.full(n, probe_rate)
    walk = ClassicalWalk.of(a, fed)
    assert walk is not None
    losses = damping(a)
    assert losses == pytest.approx([rate + probe_rate, *[probe_rate] * (n - 2), rate + probe_rate])
    source = np.zeros(n)
    source[[0, -1]] = rate * np.array([1.0, 2.0])
    # N = K^-1 (gamma n + w N) with K - w at hand: what `closed` adds to the x for which w x is the source.
    nodes = np.arange(n)
    found = walk.closed(source / probe_rate, nodes) - source / probe_rate
    assert found == pytest.approx(exact.occupations, rel=1e-12)


def test_no_walk_where_everything_is_linked_or_pumped(rng):
    dense = rng.normal(size=(20, 20)) + 0j
    assert ClassicalWalk.of(dense - dense.T - np.eye(20), np.ones(20)) is None
    assert ClassicalWalk.of(np.array([[-1.0, 0.0], [0.0, 1.0]]) + 0j, np.ones(2)) is None
    assert damping(np.array([[-1.0, 0.5], [0.5, -1.0]]) + 0j) is None
