"""Eq. (26): the Onsager form."""

from __future__ import annotations

import numpy as np
import pytest

from wignerness import thermodynamics
from wignerness.paper.counterexamples import CLAIMS, current_against_affinity, detuned_chain, flux_ring
from wignerness.paper.equations import EQUATIONS
from wignerness.paper.systems import five_nodes_with_probes


def test_equation_26():
    record = EQUATIONS["26"]()
    assert record.number == "26"
    assert record.passed, record


def test_with_probes_the_sum_runs_over_all_neighbors_of_real_nodes():
    ness = five_nodes_with_probes()
    real = [0, 3]
    inverse = 1 / (ness.network.bath_occupations[:2] + 0.5)
    total = ness.entropy_production.sum()
    assert inverse @ ness.currents[real].sum(axis=1) == pytest.approx(total, rel=1e-11)
    among_real_only = inverse @ ness.currents[np.ix_(real, real)].sum(axis=1)
    assert abs(among_real_only / total - 1) > 5e-3
    assert thermodynamics.onsager_production(ness.network, ness.state) == pytest.approx(total, rel=1e-11)


def test_a_current_may_run_against_its_affinity():
    row = current_against_affinity()
    assert row.currents[0, 1] == pytest.approx(-0.4778089749, rel=1e-9)
    assert thermodynamics.affinities(row.network)[0, 1] == pytest.approx(0.218, abs=5e-4)
    assert row.entropy_production.sum() > 0


def test_a_flux_drives_a_current_without_affinity():
    loop = flux_ring()
    assert thermodynamics.affinities(loop.network)[0, 1] == 0
    assert abs(loop.currents[0, 1]) > 0.1


def test_the_claims_are_contradicted():
    for name in ("affinity", "lower", "dephasing", "von Neumann"):
        assert CLAIMS[name]().shown, name


def test_probes_can_raise_the_production():
    assert detuned_chain(0.0).entropy_production.sum() == pytest.approx(0.0187, abs=5e-5)
    assert detuned_chain(5.0).entropy_production.sum() == pytest.approx(0.0394, abs=5e-5)
