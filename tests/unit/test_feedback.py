"""dX/dt = A X + X B^H + diag(w_k X_kk) + D against the exponential of the whole map."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import linalg

from wignerness.linalg import feedback
from wignerness.linalg.feedback import FeedbackFlow


def flow_parts(rng, size):
    raw = rng.normal(size=(2, size, size)) + 1j * rng.normal(size=(2, size, size))
    rates = rng.uniform(0.5, 1.5, size)
    a = -0.5j * (raw[0] + raw[0].conj().T) - np.diag(rates)
    start = raw[1] @ raw[1].conj().T
    return a, rates, start


def exact(a, b, weights, start, source, time):
    size = len(a)
    whole = np.zeros((size**2 + 1, size**2 + 1), dtype=complex)
    whole[:-1, :-1] = np.kron(a, np.eye(size)) + np.kron(np.eye(size), b.conj())
    for k in range(size):
        whole[k * size + k, k * size + k] += weights[k]
    if source is not None:
        whole[:-1, -1] = source.ravel()
    return (linalg.expm(whole * time) @ np.append(start.ravel(), 1.0))[:-1].reshape(size, size)


@pytest.fixture(params=["map", "series"])
def route(request, monkeypatch):
    if request.param == "series":
        monkeypatch.setattr(feedback, "MAP_UP_TO", 0)


@pytest.mark.usefixtures("route")
@pytest.mark.parametrize("fed", [False, True])
@pytest.mark.parametrize("conjugated", [False, True])
def test_against_the_exponential(fed, conjugated, rng):
    a, weights, start = flow_parts(rng, 3)
    b = a.conj() if conjugated else a
    source = np.diag(rng.uniform(0, 1, 3)).astype(complex) if fed else None
    flow = FeedbackFlow(a, b, weights, start, source)
    for time in (7.0, 1e-3, 0.5, 40.0):  # in any order
        expected = exact(a, b, weights, start, source, time)
        np.testing.assert_allclose(flow.at(time), expected, atol=1e-11 * np.abs(start).max())


@pytest.mark.usefixtures("route")
def test_start_and_rate(rng):
    a, weights, start = flow_parts(rng, 3)
    flow = FeedbackFlow(a, a, weights, start)
    np.testing.assert_allclose(flow.at(0.0), start, atol=1e-14 * np.abs(start).max())
    step = 1e-4
    slope = (flow.at(1.0 + step) - flow.at(1.0 - step)) / (2 * step)
    np.testing.assert_allclose(flow.rate(flow.at(1.0)), slope, atol=1e-6 * np.abs(start).max())


def test_the_series_ends_where_nothing_is_left(rng, monkeypatch):
    monkeypatch.setattr(feedback, "MAP_UP_TO", 0)
    a, weights, start = flow_parts(rng, 3)
    assert not FeedbackFlow(a, a, weights / 2, start).at(1e9).any()


def test_the_same_whatever_was_asked_before(rng, monkeypatch):
    monkeypatch.setattr(feedback, "MAP_UP_TO", 0)
    a, weights, start = flow_parts(rng, 3)
    once, again = FeedbackFlow(a, a, weights, start), FeedbackFlow(a, a, weights, start)
    once.at(20.0)
    once.at(3.0)
    np.testing.assert_array_equal(once.at(11.0), again.at(11.0))
