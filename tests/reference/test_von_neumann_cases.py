"""The von Neumann fluxes and productions of cases.json, 30 digits each."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import wignerness as wn
from wignerness import thermodynamics as th

CASES = json.loads((Path(__file__).parent / "cases.json").read_text())["cases"]
STEADY = [pytest.param(c, id=c["id"]) for c in CASES if c["kind"] == "ness" and "vn" in c["output"]]
GIVEN = [pytest.param(c, id=c["id"]) for c in CASES if c["kind"] == "dynamic"]


def array(record, name):
    if f"{name}_re" not in record:
        return None
    return np.array(record[f"{name}_re"], dtype=float) + 1j * np.array(record[f"{name}_im"], dtype=float)


def network_of(inputs):
    baths = [wn.ThermalBath(b["site"], b["gamma"], b["n"]) for b in inputs["baths"]]
    baths += [wn.Probe(k, rate) for k, rate in enumerate(inputs.get("probes", ())) if rate]
    return wn.Network(array(inputs, "H"), baths, pairing=array(inputs, "pairing"), drive=array(inputs, "drive"))


def check(found, expected, rates, accuracy):
    """Relative agreement; what is zero or infinite is so exactly, but for the rounding of a probe's occupation."""
    for value, decimal, rate in zip(found, expected, rates, strict=True):
        if decimal == "0":
            assert abs(value) <= 1e-15 * rate
        else:
            assert value == pytest.approx(float(decimal), rel=accuracy, abs=0)


@pytest.mark.parametrize("case", STEADY)
def test_steady_states(case):
    ness = wn.steady_state(network_of(case["input"]))
    expected, rates = case["output"]["vn"], [bath.rate for bath in ness.network.baths]
    production = th.von_neumann_entropy_production(ness.network, ness.state)
    flux = th.von_neumann_entropy_flux(ness.network, ness.state)
    if expected["Pi"] is None:  # baths at zero temperature: nothing where nothing flows, else infinite
        for bath, current, values in zip(
            ness.network.baths, ness.bath_currents, zip(production, flux, strict=True), strict=True
        ):
            if bath.occupation == 0:
                assert values == ((0.0, 0.0) if current == 0 else (np.inf, np.inf))
        return
    check(production, expected["Pi"], rates, 1e-12)
    check(flux, expected["Phi"], rates, 1e-12)


@pytest.mark.parametrize("case", GIVEN)
def test_given_states(case):
    """Displaced, squeezed, far from steady; moments rounded to doubles."""
    network = network_of(case["input"])
    for expected in case["output"]:
        if expected["vn"].get("Pi") is None:
            continue
        size = len(expected["C_re"])
        mean = array(expected, "mu")
        state = wn.GaussianState(np.zeros(size) if mean is None else mean, array(expected, "C"), array(expected, "S"))
        found = th.von_neumann_entropy_production(network, state)
        assert found == pytest.approx([float(x) for x in expected["vn"]["Pi"]], rel=1e-11, abs=1e-13)
        found = th.von_neumann_entropy_flux(network, state)
        assert found == pytest.approx([float(x) for x in expected["vn"]["Phi"]], rel=1e-11, abs=1e-13)
