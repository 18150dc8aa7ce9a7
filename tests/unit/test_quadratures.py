"""Networks from positions and momenta: against the operators themselves and against Newton's normal modes."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import linalg

import wignerness as wn
from wignerness.errors import InvalidNetworkError


def lossless_drift(network):
    """-i h and -i Delta in ladder order without any bath."""
    return network.replace(baths=[]).drift


def test_quadratic_form_is_the_operator():
    """Matrix elements in Fock space, by operators x and p themselves."""
    import qutip

    rng = np.random.default_rng(5)
    raw, linear = rng.normal(size=(4, 4)), rng.normal(size=4)
    form = raw + raw.T
    network = wn.Network.from_quadratic_form(form, [], linear=linear)
    cutoff = 6
    a = [
        qutip.tensor(qutip.destroy(cutoff), qutip.qeye(cutoff)),
        qutip.tensor(qutip.qeye(cutoff), qutip.destroy(cutoff)),
    ]
    r = [(b + b.dag()) / np.sqrt(2) for b in a] + [(b - b.dag()) / (1j * np.sqrt(2)) for b in a]
    direct = sum(form[i, j] / 2 * r[i] * r[j] for i in range(4) for j in range(4))
    direct += sum(f * q for f, q in zip(linear, r, strict=True))
    h, pairing, drive = network.hamiltonian, network.pairing, network.drive
    ladder = sum(h[i, j] * a[i].dag() * a[j] for i in range(2) for j in range(2))
    raising = sum(pairing[i, j] / 2 * a[i].dag() * a[j].dag() for i in range(2) for j in range(2))
    raising += sum(e * b.dag() for e, b in zip(drive, a, strict=True))
    ladder += raising + raising.dag()
    low = [m * cutoff + n for m in range(3) for n in range(3)]  # away from the cutoff
    difference = (direct - ladder).full()[np.ix_(low, low)]
    assert difference == pytest.approx(difference[0, 0] * np.eye(9), abs=1e-12)


def test_springs_vibrate_at_newtons_frequencies(rng):
    masses, springs = rng.uniform(0.5, 3, 4), rng.uniform(0.1, 1, (4, 4))
    links = np.triu(springs, 1) + np.triu(springs, 1).T
    stiffness = np.diag(links.sum(axis=0) + rng.uniform(0.2, 1, 4)) - links
    network = wn.Network.from_quadratures(masses, stiffness, [])
    newton = np.sqrt(linalg.eigvalsh(stiffness, np.diag(masses)))
    found = np.sort(np.abs(linalg.eigvals(lossless_drift(network)).imag))
    assert found == pytest.approx(np.repeat(newton, 2), rel=1e-12)
    assert np.diag(network.hamiltonian).real == pytest.approx(np.sqrt(np.diag(stiffness) / masses), rel=1e-14)


def test_springs_are_the_quadratic_form_in_scaled_coordinates():
    masses, stiffness = np.array([1.0, 2.5]), np.array([[2.0, -0.3], [-0.3, 0.7]])
    scale = np.sqrt(masses * np.sqrt(np.diag(stiffness) / masses))
    form = linalg.block_diag(stiffness / np.outer(scale, scale), np.diag(scale**2 / masses))
    springs = wn.Network.from_quadratures(masses, stiffness, [], labels=["left", "right"])
    direct = wn.Network.from_quadratic_form(form, [])
    assert springs.hamiltonian == pytest.approx(direct.hamiltonian, abs=1e-15)
    assert springs.pairing == pytest.approx(direct.pairing, abs=1e-15)
    assert springs.labels == ("left", "right")


def test_uncoupled_springs_have_no_pairing():
    network = wn.Network.from_quadratures([1.0, 4.0], np.diag([1.0, 1.0]), [wn.ThermalBath(0, 0.1, 1.0)])
    assert network.is_passive
    assert np.diag(network.hamiltonian).real == pytest.approx([1.0, 0.5])


def test_a_force_displaces():
    """x^2/2 + p^2/2 - F x has its minimum at x = F."""
    network = wn.Network.from_quadratic_form(np.eye(2), [wn.ThermalBath(0, 1e-6, 0.0)], linear=[-0.7, 0.0])
    mean = wn.steady_state(network).state.mean[0]
    assert np.sqrt(2) * mean.real == pytest.approx(0.7, rel=1e-10)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1.0, 0.0], np.eye(2)), r"`masses\[1\]` must be positive, but is 0.0"),
        (([1.0, 1.0], np.diag([1.0, -2.0])), r"`stiffness\[1\]\[1\]` must be positive, but is -2.0"),
        (([1.0, 1.0], [[1.0, 0.2], [0.1, 1.0]]), "`stiffness` must be symmetric, but is 0.2 at"),
        (([1.0], np.eye(2)), r"`stiffness` must have shape \(1, 1\)"),
        (([1.0], [[1j]]), "real"),
    ],
)
def test_springs_are_checked(arguments, message):
    with pytest.raises(InvalidNetworkError, match=message):
        wn.Network.from_quadratures(*arguments, [])


@pytest.mark.parametrize(
    ("matrix", "linear", "message"),
    [
        (np.eye(3), None, r"two rows a mode, but is of shape \(3, 3\)"),
        (np.ones((2, 4)), None, "be square"),
        ([[1.0, 0.5], [0.0, 1.0]], None, "be symmetric"),
        (np.eye(4), [1.0, 2.0], r"`linear` must have shape \(4,\)"),
        (np.zeros((0, 0)), None, "two rows a mode"),
    ],
)
def test_forms_are_checked(matrix, linear, message):
    with pytest.raises(InvalidNetworkError, match=message):
        wn.Network.from_quadratic_form(matrix, [], linear=linear)
