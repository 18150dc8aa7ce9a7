"""The verb and its result: what it prints, carries and refuses."""

from __future__ import annotations

import dataclasses
import warnings

import numpy as np
import pytest

import wignerness as wn
from wignerness.errors import ConvergenceError, InvalidNetworkError, UndefinedQuantityError

CHAIN = wn.models.chain(4, hopping=0.5, rate=1.0, occupations=(1, 2), probe_rate=0.1)


def test_three_oscillators():
    """Occupations 13/9, 3/2, 14/9; current 2/45; production 8/675, shared as 0.00701891, 0.00062160, 0.00421134."""
    matrix = np.diag([0.2, 0.2], 1)
    baths = [wn.ThermalBath(k, 0.1, n) for k, n in enumerate((1.0, 1.5, 2.0))]
    ness = wn.steady_state(wn.Network(matrix + matrix.T, baths))
    assert ness.occupations == pytest.approx([13 / 9, 3 / 2, 14 / 9], rel=1e-15)
    assert ness.currents[0, 1] == pytest.approx(2 / 45, rel=1e-14)
    assert ness.entropy_production == pytest.approx([0.00701891, 0.00062160, 0.00421134], abs=5e-9)
    assert ness.entropy_production.sum() == pytest.approx(8 / 675, rel=1e-14)
    assert ness.wigner_entropy == pytest.approx(8.5066625, abs=5e-8)
    assert wn.thermodynamics.von_neumann_entropy(ness.network, ness.state) == pytest.approx(5.0401500, abs=5e-8)


def test_it_carries_its_accuracy_and_reason():
    ness = wn.steady_state(CHAIN)
    assert ness.converged
    assert ness.residual < 1e-15
    assert 0 < ness.error_bound < 1e-14
    assert ness.separation > 0
    assert "4 free probes" in ness.reason
    assert ness.self_consistent == (2, 3, 4, 5)


def test_frozen_and_read_only():
    ness = wn.steady_state(CHAIN)
    with pytest.raises(dataclasses.FrozenInstanceError):
        ness.residual = 0
    names = ("occupations", "currents", "energy_currents", "bath_currents", "heat_currents")
    for name in (*names, "entropy_production", "entropy_flux"):
        array = getattr(ness, name)
        assert not array.flags.writeable, name
        assert getattr(ness, name) is array  # computed once


def test_probes_are_filled_in_and_flux_free():
    ness = wn.steady_state(CHAIN)
    assert not ness.network.free_probes
    assert CHAIN.free_probes  # the one given is left alone
    for index in ness.self_consistent:
        assert ness.network.baths[index].occupation == ness.occupations[ness.network.baths[index].mode]
    assert (ness.entropy_flux[2:] == 0).all()
    assert (ness.bath_currents[2:] == 0).all()
    assert (ness.entropy_production[2:] > 0).all()


def test_a_fixed_probe_may_exchange():
    network = CHAIN.replace(baths=[*CHAIN.baths[:2], wn.Probe(1, 0.5, occupation=9.0)])
    ness = wn.steady_state(network)
    assert ness.self_consistent == ()
    assert ness.bath_currents[2] < 0
    assert ness.bath_currents.sum() == pytest.approx(0, abs=1e-14)


def test_solving_again_changes_nothing():
    """The steady state of the network with its probes filled in is the same one."""
    one = wn.steady_state(CHAIN)
    other = wn.steady_state(one.network)
    assert np.abs(one.state.normal - other.state.normal).max() <= 2e-16 * one.occupations.max() + one.error_bound


def test_driven_probes_exchange_the_coherent_part():
    """A probe closes on C_kk: what the drive brings coherently flows into it."""
    network = wn.Network([[1.0]], [wn.ThermalBath(0, 1.0, 1.0), wn.Probe(0, 0.5)], drive=[0.3])
    ness = wn.steady_state(network)
    mean = 0.3 / abs(1.0 - 0.75j)
    assert ness.occupations[0] == pytest.approx(1.0 + mean**2, rel=1e-14)
    assert ness.network.baths[1].occupation == pytest.approx(1.0, rel=1e-15)
    assert ness.bath_currents[1] == pytest.approx(0.5 * mean**2, rel=1e-13)


def test_printing():
    ness = wn.steady_state(CHAIN)
    text = str(ness)
    for word in ("Dense()", ness.reason, "residual", "node", "occupation", "probe 2", "left", "total", "Phi", "Pi"):
        assert word in text
    assert f"{ness.occupations[1]:.8g}" in text
    assert "Network(4 modes" in repr(ness)
    long = str(wn.steady_state(wn.models.chain(40, hopping=0.5, rate=1.0, occupations=(1, 2), probe_rate=0.1)))
    assert "... 28 more" in long
    assert len(long.splitlines()) < 40
    assert all(len(line) < 120 for line in long.splitlines())


def test_no_baths_prints_too():
    quiet = wn.steady_state(wn.Network([[0.0]], [wn.ThermalBath(0, 1.0, 0.0)]))
    assert "total" in str(quiet)
    assert quiet.error_bound == 0.0


def test_undefined_quantities_of_the_result():
    network = wn.models.chain(3, hopping=0.5, rate=1.0, occupations=(1, 2))
    ness = wn.steady_state(network)
    with pytest.raises(UndefinedQuantityError):
        wn.thermodynamics.relative_entropy(ness.network, ness.state)


def test_strict_and_not():
    matrix = np.array([[0, 0.5, 0.5], [0.5, 1.0, 0], [0.5, 0, 1.0 + 1e-9]])
    network = wn.Network(matrix, [wn.ThermalBath(0, 1.0, 2.0), wn.ThermalBath(1, 1e-19, 0.5)])
    with pytest.raises(ConvergenceError):
        wn.steady_state(network)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", wn.errors.AccuracyWarning)
        assert wn.steady_state(network, strict=False).occupations.shape == (3,)


def test_no_solver_by_name():
    with pytest.raises(InvalidNetworkError, match="`solver` must be a solver object"):
        wn.steady_state(CHAIN, solver="dense")


def test_labels_of_any_length_keep_the_columns_of_the_table():
    baths = [wn.ThermalBath(0, 1.0, 1.0, name="the bath of the first of two nodes"), wn.ThermalBath(1, 1.0, 2.0)]
    text = str(wn.steady_state(wn.Network(np.diag([1.0, 1.0]), baths, labels=["a" * 500, "b"])))
    nodes, table = text.split("\n\n")[1:]
    for part in (nodes, table):
        assert len({len(line) for line in part.splitlines()}) == 1
    assert max(map(len, text.splitlines())) < 150
