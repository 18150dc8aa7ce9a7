"""Stacks of matrix equations: each refined as if alone, certified, and its bits its own."""

from __future__ import annotations

import numpy as np
import pytest

from wignerness.linalg.compensated import Pair
from wignerness.linalg.lyapunov import LyapunovEquation
from wignerness.linalg.stacks import StackedEquations, guarded


def stack(rng, count=6, size=5, fed=(0, 2, 3)):
    matrices = rng.normal(size=(count, size, size)) + 1j * rng.normal(size=(count, size, size))
    damping = 10 ** rng.uniform(-3, 0, (count, size))
    drift = -0.5j * (matrices + matrices.conj().swapaxes(1, 2)) / size
    drift[:, np.arange(size), np.arange(size)] -= damping / 2
    feedback = np.zeros((count, size))
    feedback[:, list(fed)] = damping[:, list(fed)] * rng.uniform(0, 1, (count, len(fed)))
    low = 1e-17 * rng.normal(size=drift.shape)
    sources = Pair(rng.normal(size=(count, size)), 1e-17 * rng.normal(size=(count, size)))
    return Pair(drift, low - low.swapaxes(1, 2)), feedback, np.array(fed, dtype=np.intp), sources


def test_solutions_are_those_of_single_equations(rng):
    a, feedback, fed, d = stack(rng)
    found = StackedEquations(a, feedback, fed).solve_refined(d)
    assert found.accepted.all()
    for k in range(len(feedback)):
        alone = LyapunovEquation(Pair(a.hi[k], a.lo[k]), feedback[k])
        x = alone.solve_refined(Pair(np.diag(d.hi[k]).astype(complex), np.diag(d.lo[k]).astype(complex))).x
        error = (found.x.hi[k] - x.hi) + (found.x.lo[k] - x.lo)
        largest = np.abs(x.hi).max()
        assert np.abs(error).max() <= 2.0**-82 * largest
        assert np.abs(error).max() <= found.bound[k] + 2.0**-84 * largest
        assert np.abs(found.x.hi[k] - x.hi).max() <= 2.0**-52 * largest


def test_the_response_bounds_every_source(rng):
    """The inverse is a positive map: no source of spectral norm one does more than the identity."""
    a, feedback, fed, d = stack(rng)
    equations = StackedEquations(a, feedback, fed)
    response = equations.solve_refined(d).response
    for _ in range(20):
        raw = rng.normal(size=a.hi.shape) + 1j * rng.normal(size=a.hi.shape)
        raw = raw + raw.conj().swapaxes(1, 2)
        source = raw / np.linalg.norm(raw, 2, axis=(1, 2))[:, None, None]
        assert (np.abs(equations.solve(source)).max(axis=(1, 2)) <= response).all()
    identity = np.broadcast_to(np.eye(5, dtype=complex), a.hi.shape).copy()
    largest = np.abs(equations.solve(identity)).max(axis=(1, 2))
    np.testing.assert_allclose(response, largest, rtol=1e-6)


def test_no_equation_knows_of_the_others(rng):
    a, feedback, fed, d = stack(rng, count=9)
    whole = StackedEquations(a, feedback, fed).solve_refined(d)
    for chosen in ([4], [8, 0, 3], [1, 2, 3, 4, 5, 6, 7, 8]):
        part = StackedEquations(Pair(a.hi[chosen], a.lo[chosen]), feedback[chosen], fed).solve_refined(
            Pair(d.hi[chosen], d.lo[chosen])
        )
        for name in ("residual", "remaining", "bound", "response", "accepted"):
            assert getattr(part, name).tobytes() == getattr(whole, name)[chosen].tobytes(), name
        assert part.x.hi.tobytes() == whole.x.hi[chosen].tobytes()
        assert part.x.lo.tobytes() == whole.x.lo[chosen].tobytes()


def test_what_cannot_be_certified_is_not_accepted(rng):
    a, feedback, fed, d = stack(rng, count=6)
    plain = StackedEquations(a, feedback, fed).solve_refined(d)
    high = a.hi.copy()
    high[0] = np.diag([-0.5, 0.3j, -0.1, -0.1, -0.1])  # a mode that nothing damps
    high[1] = np.diag([0.1, -0.5, -0.1, -0.1, -0.1])  # one that grows
    high[2] = np.diag([-0.5] * 5) + np.diag([0.5] * 4, 1)  # a Jordan block has one eigenvector
    high[3] = np.nan
    strong = feedback.copy()
    strong[4, fed] = 10.0  # more comes back than goes out
    with np.errstate(all="ignore"):
        found = StackedEquations(Pair(high, np.zeros_like(high)), strong, fed).solve_refined(d)
    assert found.accepted.tolist() == [False] * 5 + [True]
    assert plain.accepted.all()


def test_no_source_has_no_answer(rng):
    a, feedback, fed, d = stack(rng, count=2)
    nothing = StackedEquations(a, feedback, fed).solve_refined(Pair(0 * d.hi, 0 * d.lo))
    assert nothing.accepted.all()
    assert not nothing.x.hi.any()
    assert not nothing.bound.any()


def test_what_lapack_cannot_do_is_nan_alone():
    matrices = np.array([np.eye(2), np.zeros((2, 2)), 2 * np.eye(2)])
    inverse = guarded(np.linalg.inv, matrices)[0]
    assert np.isnan(inverse).any(axis=(1, 2)).tolist() == [False, True, False]
    values, vectors = guarded(np.linalg.eig, np.array([[[np.nan]], [[2.0]]]))
    assert np.isnan(values[0]).all()
    assert (values[1], vectors[1]) == (2.0, 1.0)


@pytest.mark.parametrize("fed", [(), (0, 1, 2, 3, 4)])
def test_feedback_nowhere_and_everywhere(fed, rng):
    a, feedback, fed, d = stack(rng, fed=fed)
    equations = StackedEquations(a, feedback, fed)
    found = equations.solve_refined(d)
    assert found.accepted.all()
    left = np.abs(equations.residual(found.x, d)).max(axis=(1, 2))
    assert (left <= 2.0**-95 * np.abs(found.x.hi).max(axis=(1, 2))).all()
