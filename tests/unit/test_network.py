"""The network: what it takes, what it refuses and by which name, what it derives."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy import sparse

import wignerness as wn
from wignerness.errors import InvalidNetworkError, UndefinedQuantityError

H = np.array([[1.0, 0.2 + 0.1j], [0.2 - 0.1j, 2.0]])
BATHS = (wn.ThermalBath(0, 0.1, 1.0), wn.ThermalBath(1, 0.2, 2.0, name="hot"))


def refusal(*args, **kwargs):
    with pytest.raises(InvalidNetworkError) as caught:
        wn.Network(*args, **kwargs)
    return str(caught.value)


# -- what it refuses ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hamiltonian", "message"),
    [
        ([[1, 0.3], [0.2, 1]], "must be Hermitian, but hamiltonian[0, 1] is 0.3+0j and hamiltonian[1, 0] is 0.2+0j"),
        ([[1, 1j], [1j, 1]], "must be Hermitian"),
        ([[1j]], "must be Hermitian, but hamiltonian[0, 0]"),
        ([[1, np.nan], [np.nan, 1]], "`hamiltonian[0][1]` must be finite"),
        ([[np.inf]], "`hamiltonian[0][0]` must be finite"),
        ([[1, 0.3, 0], [0.3, 1, 0]], "`hamiltonian` must be square, but is of shape (2, 3)"),
        ([1, 2], "`hamiltonian` must have shape (any, any), but is (2,)"),
        (np.zeros((0, 0)), "`hamiltonian` must have at least one mode"),
        ([["a"]], "`hamiltonian` must hold real or complex numbers"),
        (None, "`hamiltonian`"),
        (3.0, "`hamiltonian` must have shape"),
        ([[1, 2], [3]], "`hamiltonian` must be a rectangular array"),
    ],
)
def test_hamiltonians(hamiltonian, message):
    assert message in refusal(hamiltonian, [])


def test_sparse_hamiltonians_are_checked_alike():
    with_nan = sparse.csr_array(np.array([[0, np.nan], [np.nan, 0]]))
    assert "hamiltonian" in refusal(with_nan, [])
    lopsided = sparse.csr_array(np.array([[0, 1.0, 0], [1.0, 0, 2.0], [0, 3.0, 0]]))
    assert "hamiltonian[1, 2] is 2+0j and hamiltonian[2, 1] is 3+0j" in refusal(lopsided, []) or (
        "hamiltonian[2, 1] is 3+0j and hamiltonian[1, 2] is 2+0j" in refusal(lopsided, [])
    )
    assert "square" in refusal(sparse.csr_array(np.ones((2, 3))), [])


@pytest.mark.parametrize(
    ("baths", "message"),
    [
        ([wn.ThermalBath(2, 1.0, 1.0)], "`baths[0].mode` must be a node of the network (0 to 1), but is 2"),
        ([BATHS[0], "x"], "`baths[1]` must be a bath"),
        ([{"mode": 0}], "`baths[0]` must be a bath"),
        (BATHS[0], "`baths` must be a sequence of baths"),
        ("baths", "`baths` must be a sequence of baths"),
        ({"mode": 0}, "`baths` must be a sequence of baths"),
        (None, "`baths` must be a sequence of baths"),
        ([wn.ThermalBath(0, 1.7e308, 1.0)] * 2, "`baths` must have a finite total rate on every node"),
    ],
)
def test_baths(baths, message):
    assert message in refusal(H, baths)


@pytest.mark.parametrize(
    ("extras", "message"),
    [
        ({"pairing": [[0, 1], [2, 0]]}, "must be symmetric, but pairing[0, 1] is 1+0j and pairing[1, 0] is 2+0j"),
        ({"pairing": [[0, 1]]}, "`pairing` must have shape (2, 2)"),
        ({"pairing": [[0, np.inf], [np.inf, 0]]}, "`pairing[0][1]` must be finite"),
        ({"drive": [1.0]}, "`drive` must have shape (2,), but is (1,)"),
        ({"drive": [1.0, np.nan]}, "`drive[1]` must be finite"),
        ({"labels": ["a"]}, "`labels` must hold one label for each of the 2 modes, but is of length 1"),
        ({"labels": ["a", "a"]}, "`labels` must be distinct, but is 'a' twice"),
        ({"labels": ["a", 1]}, "`labels[1]` must be a string, but is 1"),
        ({"labels": "ab"}, "`labels` must be a sequence of strings"),
    ],
)
def test_extras(extras, message):
    assert message in refusal(H, BATHS, **extras)


def test_rounding_of_the_symmetry_is_averaged_out():
    network = wn.Network(H + np.array([[0, 1e-16], [0, 1e-17j]]), BATHS)
    assert np.array_equal(network.hamiltonian, network.hamiltonian.conj().T)


# -- frozen, and its inputs left alone ------------------------------------------------------------------------


def test_frozen_and_read_only():
    network = wn.Network(H, BATHS, pairing=np.zeros((2, 2)), drive=[1, 2])
    with pytest.raises(dataclasses.FrozenInstanceError):
        network.baths = ()
    for name in ("hamiltonian", "pairing", "drive", "drift", "diffusion", "mode_rates", "bath_modes", "bath_rates"):
        assert not getattr(network, name).flags.writeable, name


def test_inputs_are_copied():
    given, baths, drive = H.copy(), list(BATHS), np.array([1.0, 2.0])
    network = wn.Network(given, baths, drive=drive)
    given[0, 0], drive[0] = 9, 9
    baths.clear()
    assert network.hamiltonian[0, 0] == 1
    assert network.drive[0] == 1
    assert network.n_baths == 2
    matrix = sparse.csr_array(H)
    kept = wn.Network(matrix, [])
    matrix.data[:] = 0
    assert kept.hamiltonian[0, 0] == 1


def test_replace_checks_again():
    network = wn.Network(H, BATHS, labels=["a", "b"])
    assert network.replace(baths=[]).n_baths == 0
    assert network.replace(drive=[1, 0]).labels == ("a", "b")
    with pytest.raises(InvalidNetworkError, match="baths"):
        network.replace(hamiltonian=[[1.0]], labels=["a"])
    with pytest.raises(TypeError):
        network.replace(mass=1)


# -- what it derives --------------------------------------------------------------------------------------------


def test_passive_drift_and_diffusion():
    network = wn.Network(H, [*BATHS, wn.ThermalBath(0, 0.4, 0.5)])
    assert np.array_equal(network.mode_rates, [0.5, 0.2])
    assert np.allclose(network.drift, -1j * H - np.diag([0.25, 0.1]), atol=0, rtol=1e-15)
    assert np.allclose(network.diffusion, np.diag([0.1 + 0.2, 0.4]), atol=0, rtol=1e-15)
    assert network.is_passive


def test_ladder_drift_with_pairing():
    """Eq. (B2), corrected: W = -i H (x) s+s- + i H* (x) s-s+ - G/2 - i D (x) s+ + i D* (x) s-."""
    pairing = np.array([[0.1j, 0.2], [0.2, 0.0]])
    network = wn.Network(H, BATHS, pairing=pairing)
    plus, minus = np.array([[0, 1], [0, 0]]), np.array([[0, 0], [1, 0]])
    damping = np.kron(np.diag([0.05, 0.1]), np.eye(2))
    expected = -1j * np.kron(H, plus @ minus) + 1j * np.kron(H.conj(), minus @ plus) - damping
    expected = expected - 1j * np.kron(pairing, plus) + 1j * np.kron(pairing.conj(), minus)
    assert np.allclose(network.drift, expected, rtol=1e-15, atol=1e-17)
    assert np.allclose(network.diffusion, np.kron(np.diag([0.15, 0.5]), np.eye(2)), rtol=1e-15, atol=1e-17)
    assert not network.is_passive


def test_zero_pairing_is_passive():
    assert wn.Network(H, BATHS, pairing=np.zeros((2, 2))).is_passive


def test_sparse_stays_sparse():
    network = wn.Network(sparse.coo_array(H), BATHS)
    assert network.is_sparse
    assert sparse.issparse(network.drift)
    dense = wn.Network(H, BATHS)
    assert np.array_equal(network.drift.toarray(), dense.drift)
    one, other = wn.steady_state(network), wn.steady_state(dense)
    assert np.array_equal(one.state.normal, other.state.normal)
    assert np.array_equal(one.entropy_production, other.entropy_production)


def test_repeated_entries_of_a_sparse_hamiltonian_add_up():
    entries = (np.array([0.1, 0.1, 0.2]), (np.array([0, 0, 1]), np.array([1, 1, 0])))
    network = wn.Network(sparse.coo_array(entries, shape=(2, 2)), [])
    assert np.array_equal(network.hamiltonian.toarray(), [[0, 0.2], [0.2, 0]])


def test_no_baths_and_no_rates():
    network = wn.Network(H, [])
    assert (network.n_modes, network.n_baths) == (2, 0)
    assert np.array_equal(network.mode_rates, [0, 0])
    assert network.bath_modes.shape == (0,)


def test_probes_free_and_fixed():
    baths = [wn.Probe(0, 0.1), wn.ThermalBath(0, 0.1, 1.0), wn.Probe(1, 0.1, occupation=2.0)]
    network = wn.Network(H, baths)
    assert network.probes == (0, 2)
    assert network.free_probes == (0,)
    for name in ("bath_occupations", "diffusion"):
        with pytest.raises(UndefinedQuantityError, match="probe 0"):
            getattr(network, name)


def test_bath_labels_are_distinct_and_printable():
    baths = [wn.ThermalBath(0, 1, 1), wn.ThermalBath(0, 1, 2), wn.Probe(1, 1), wn.ThermalBath(1, 1, 1, name="hot")]
    labels = wn.Network(H, baths, labels=["left", "right"]).bath_labels
    assert labels == ("bath left #1", "bath left #2", "probe right", "hot")
    assert len(set(wn.Network(H, baths * 3).bath_labels)) == 12


def test_printing():
    assert repr(wn.Network([[1.0]], [])) == "Network(1 mode, 0 baths)"
    network = wn.Network(H, [*BATHS, wn.Probe(0, 1), wn.Probe(1, 1)], drive=[1, 0], pairing=0.1 * np.eye(2))
    assert repr(network) == "Network(2 modes, 4 baths: 2 thermal, 2 probes, pairing, drive)"
    assert repr(wn.Network(H, [wn.Probe(0, 1)])) == "Network(2 modes, 1 bath: 1 probe)"


def test_networks_compare_by_identity():
    """Arrays have no truth value; equality by value would raise or lie."""
    one, other = wn.Network(H, BATHS), wn.Network(H, BATHS)
    assert one != other
    assert len({one, other, one}) == 2


def test_huge_and_tiny_hamiltonians():
    """Symmetrizing must not overflow."""
    network = wn.Network([[1.7e308, 1e308], [1e308, 0]], [])
    assert np.isfinite(network.hamiltonian).all()
