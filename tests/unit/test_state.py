"""Gaussian states: validity, orderings, reduction, the Wigner function."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import qutip
from hypothesis import given
from hypothesis import strategies as st
from scipy import linalg
from strategies import states

import wignerness as wn
from wignerness.errors import InvalidStateError

EPS = np.finfo(float).eps


def refusal(*args, **kwargs):
    with pytest.raises(InvalidStateError) as caught:
        wn.GaussianState(*args, **kwargs)
    return str(caught.value)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (([0, 0], [[1.0]]), "`mean` must have shape (1,), but is (2,)"),
        (([0], [[np.nan]]), "`normal[0][0]` must be finite"),
        (([np.inf], [[1.0]]), "`mean[0]` must be finite"),
        (([0, 0], [[1, 1], [0, 1]]), "`normal` must be Hermitian"),
        (([0], [[1j]]), "`normal` must be Hermitian"),
        (([0, 0], [[1, 0]]), "`normal` must be square"),
        (([], np.zeros((0, 0))), "`normal` must be square and not empty"),
        (([0, 0], np.eye(2), [[0, 1], [0, 0]]), "`anomalous` must be symmetric"),
        (([0, 0], np.eye(2), [[0]]), "`anomalous` must have shape (2, 2)"),
        (([0], [[-0.1]]), "uncertainty relation: an eigenvalue of Theta + Z/2 is -0.1"),
        (([0], [[0.0]], [[0.3]]), "uncertainty relation"),
        (([0, 0], [[0.2, 0.3], [0.3, 0.2]]), "uncertainty relation"),
        (([0], [[1.0]], [[1.5]]), "uncertainty relation"),
    ],
)
def test_refusals(args, message):
    assert message in refusal(*args)


def test_pure_states_are_on_the_edge():
    """sqrt(n(n+1)) is as much squeezing as there can be."""
    for n in (0.0, 1e-12, 0.3, 1e6):
        edge = np.sqrt(n) * np.sqrt(n + 1)
        assert wn.GaussianState([0], [[n]], [[edge]]).is_physical()
        if n > 0.1:
            with pytest.raises(InvalidStateError):
                wn.GaussianState([0], [[n]], [[edge * 1.001 + 1e-6]])


def test_check_and_is_physical():
    bad = wn.GaussianState([0], [[-0.5]], trusted=True)
    assert not bad.is_physical()
    with pytest.raises(InvalidStateError):
        bad.check()
    assert wn.GaussianState([0], [[-0.5]], trusted=True).is_physical(tolerance=1.0)


def test_frozen_copied_and_read_only():
    mean, normal, anomalous = np.zeros(2, complex), np.eye(2), 0.1 * np.eye(2)
    state = wn.GaussianState(mean, normal, anomalous)
    mean[0] = normal[0, 0] = anomalous[0, 0] = 5
    assert (state.mean[0], state.normal[0, 0], state.anomalous[0, 0]) == (0, 1, 0.1)
    for name in ("mean", "normal", "anomalous"):
        assert not getattr(state, name).flags.writeable
    with pytest.raises(dataclasses.FrozenInstanceError):
        state.mean = 0


def test_ready_made_states():
    vacuum = wn.GaussianState.vacuum(3)
    assert np.array_equal(vacuum.covariance(), np.eye(6) / 2)
    assert np.array_equal(wn.GaussianState.thermal([1, 2]).occupations, [1, 2])
    coherent = wn.GaussianState.coherent([1 + 1j, 0])
    assert coherent.occupations == pytest.approx([2, 0], rel=1e-15)
    assert not coherent.normal.any()
    squeezed = wn.GaussianState.squeezed([0.5, 0.0], angle=0.0)
    assert squeezed.covariance("xxpp")[0, 0] == pytest.approx(np.exp(-1) / 2)
    assert squeezed.covariance("xxpp")[2, 2] == pytest.approx(np.exp(1) / 2)


@pytest.mark.parametrize(
    "call",
    [
        lambda: wn.GaussianState.vacuum(0),
        lambda: wn.GaussianState.vacuum(1.0),
        lambda: wn.GaussianState.thermal([-1.0]),
        lambda: wn.GaussianState.thermal(1.0),
        lambda: wn.GaussianState.coherent(1.0),
        lambda: wn.GaussianState.coherent([np.nan]),
        lambda: wn.GaussianState.squeezed([np.inf]),
        lambda: wn.GaussianState.vacuum(2).covariance("xp"),
        lambda: wn.GaussianState.vacuum(2).reduced([0, 0]),
        lambda: wn.GaussianState.vacuum(2).reduced([2]),
        lambda: wn.GaussianState.vacuum(2).reduced([]),
        lambda: wn.GaussianState.vacuum(2).reduced([0.0]),
        lambda: wn.GaussianState.vacuum(2).wigner([1.0]),
        lambda: wn.GaussianState.vacuum(2).wigner(1.0),
        lambda: wn.GaussianState.vacuum(1).wigner([np.nan]),
    ],
)
def test_bad_calls(call):
    with pytest.raises(InvalidStateError):
        call()


@given(st.data())
def test_orderings_are_one_covariance(data):
    """Quadratures x = (a + a^+)/sqrt 2, p = (a - a^+)/(i sqrt 2) are a unitary change of the ladder operators."""
    size = data.draw(st.integers(1, 3))
    state = data.draw(states(size))
    one = np.array([[1, 1], [-1j, 1j]]) / np.sqrt(2)
    change = np.kron(np.eye(size), one)
    pairs = state.covariance("xpxp")
    expected = change @ state.covariance("ladder") @ change.conj().T
    scale = np.abs(expected).max()
    assert np.abs(expected - pairs).max() <= 20 * EPS * scale
    order = [2 * k for k in range(size)] + [2 * k + 1 for k in range(size)]
    assert np.array_equal(pairs[np.ix_(order, order)], state.covariance("xxpp"))
    assert np.array_equal(pairs, pairs.T)
    assert state.is_physical()


@given(st.data())
def test_reduced_states_keep_their_moments(data):
    state = data.draw(states(3))
    part = state.reduced([2, 0])
    assert np.array_equal(part.normal, state.normal[np.ix_([2, 0], [2, 0])])
    assert np.array_equal(part.anomalous, state.anomalous[np.ix_([2, 0], [2, 0])])
    assert np.array_equal(part.occupations, state.occupations[[2, 0]])
    assert part.is_physical()


def test_wigner_function_of_a_squeezed_displaced_mode_against_qutip():
    """QuTiP's Wigner function is of x = (a + a^+)/sqrt 2, with the measure dx dp = 2 d^2 alpha."""
    r, angle, alpha = 0.4, 0.7, 0.5 - 0.3j
    vector = qutip.displace(60, alpha) * qutip.squeeze(60, r * np.exp(1j * angle)) * qutip.basis(60, 0)
    axis = np.linspace(-2, 2, 9)
    theirs = qutip.wigner(vector, axis, axis, g=2)  # g = 2: of alpha itself
    squeezed = wn.GaussianState.squeezed([r], angle)
    state = wn.GaussianState([alpha], squeezed.normal, squeezed.anomalous)
    points = (axis[None, :] + 1j * axis[:, None])[..., None]
    assert np.abs(state.wigner(points) - theirs).max() < 1e-10


@given(st.data())
def test_wigner_function_is_the_gaussian_of_the_covariance(data):
    """Eq. (A5): exp(-v^+ Theta^-1 v / 2) / (pi^L sqrt(det Theta))."""
    size = data.draw(st.integers(1, 3))
    state = data.draw(states(size))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    points = state.mean + rng.normal(size=(4, 2, size)) + 1j * rng.normal(size=(4, 2, size))
    theta = state.covariance()
    v = np.stack([points - state.mean, (points - state.mean).conj()], axis=-1).reshape(4, 2, -1)
    exponent = np.einsum("abi,ij,abj->ab", v.conj(), linalg.inv(theta), v).real / 2
    expected = np.exp(-exponent) / (np.pi**size * np.sqrt(linalg.det(theta).real))
    found = state.wigner(points)
    slack = 1e3 * EPS * np.linalg.cond(theta) * (1 + exponent.max())
    assert found.shape == (4, 2)
    assert np.allclose(found, expected, rtol=slack, atol=1e-300)


def test_wigner_function_integrates_to_one_and_gives_moments_back():
    state = wn.GaussianState([0.3 - 0.2j], [[0.7]], [[0.4 + 0.2j]])
    axis = np.linspace(-8, 8, 321)
    alpha = axis[None, :] + 1j * axis[:, None]
    weight = state.wigner(alpha[..., None]) * (axis[1] - axis[0]) ** 2
    assert weight.sum() == pytest.approx(1, abs=1e-12)
    assert (weight * alpha).sum() == pytest.approx(0.3 - 0.2j, abs=1e-12)
    centered = alpha - state.mean[0]
    assert (weight * np.abs(centered) ** 2).sum() == pytest.approx(0.7 + 0.5, abs=1e-12)
    assert (weight * centered**2).sum() == pytest.approx(0.4 + 0.2j, abs=1e-12)


def test_uncertainty_eigenvalue_with_squeezing():
    state = wn.GaussianState([0], [[1.0]], [[1.0]])
    theta = state.covariance()
    plain = np.linalg.eigvalsh(theta + np.diag([0.5, -0.5]))
    assert state.lowest_uncertainty_eigenvalue() == pytest.approx(plain.min(), rel=1e-12)


def test_printing():
    assert repr(wn.GaussianState.vacuum(1)) == "GaussianState(1 mode, 0 excitations)"
    assert repr(wn.GaussianState.coherent([1, 1])) == "GaussianState(2 modes, 2 excitations, displaced)"
    assert "squeezed" in repr(wn.GaussianState.squeezed([0.1]))
