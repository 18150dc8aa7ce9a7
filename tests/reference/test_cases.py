"""The high-precision cases of cases.json: 30 digits of every quantity, and inputs that must be refused."""

from __future__ import annotations

import json
from pathlib import Path

import mpmath
import numpy as np
import pytest

import wignerness as wn
from wignerness import thermodynamics as thermo
from wignerness.errors import NoUniqueSteadyStateError, UndefinedQuantityError, UnstableNetworkError

CASES = json.loads((Path(__file__).parent / "cases.json").read_text())
MPF = mpmath.MPContext()
MPF.dps = 40


def with_id(cases):
    return [pytest.param(case, id=case["id"]) for case in cases]


STEADY = with_id(case for case in CASES["cases"] if case["kind"] == "ness")
DYNAMIC = with_id(case for case in CASES["cases"] if case["kind"] == "dynamic")
INVALID = with_id(CASES["invalid"])


# -- reading the file ---------------------------------------------------------------------------------------


def complex_of(record, name, default=None):
    """The array name_re + i name_im; strings such as "NaN" are numbers too."""
    if f"{name}_re" not in record:
        return default
    return np.array(record[f"{name}_re"], dtype=float) + 1j * np.array(record[f"{name}_im"], dtype=float)


def bath_of(record):
    if "m_re" in record:
        m = complex(record["m_re"], record["m_im"])
        return wn.SqueezedBath(record["site"], record["gamma"], record["n"], m)
    return wn.ThermalBath(record["site"], record["gamma"], record["n"])


def network_of(inputs):
    """The network of a case; channels in the order of the file: baths, jump groups, probes."""
    baths = [bath_of(record) for record in inputs["baths"]]
    baths += [
        wn.JumpBath(list(zip(complex_of(group, "u"), complex_of(group, "v"), strict=True)))
        for group in inputs.get("jump_groups", ())
    ]
    baths += [wn.Probe(k, rate) for k, rate in enumerate(inputs.get("probes", ())) if rate]
    matrix = complex_of(inputs, "H")
    return wn.Network(matrix, baths, pairing=complex_of(inputs, "pairing"), drive=complex_of(inputs, "drive"))


def state_of(record):
    size = len(record["C_re"])
    mean = complex_of(record, "mu", np.zeros(size))
    return wn.GaussianState(mean, complex_of(record, "C"), complex_of(record, "S"))


# -- comparing with decimals -------------------------------------------------------------------------------


def error(value, decimal):
    """|value - decimal|, beyond double precision."""
    return float(abs(MPF.mpf(float(value)) - MPF.mpf(decimal)))


def relative_error(value, decimal):
    """|value/decimal - 1|; what is exactly zero must be exactly zero."""
    if decimal == "0":
        return 0.0 if value == 0 else np.inf
    return error(value, decimal) / float(abs(MPF.mpf(decimal)))


def matrix_error(matrix, record, name):
    """Largest |element - decimal| of a complex matrix."""
    parts = ((matrix.real, record[f"{name}_re"]), (matrix.imag, record[f"{name}_im"]))
    return max(
        error(value, decimal)
        for part, rows in parts
        for row, decimals in zip(part, rows, strict=True)
        for value, decimal in zip(row, decimals, strict=True)
    )


# -- steady states ---------------------------------------------------------------------------------------


@pytest.fixture
def solved(request):
    case = request.param
    return wn.steady_state(network_of(case["input"])), case["output"]


steady = pytest.mark.parametrize("solved", STEADY, indirect=True)


@steady
def test_moments(solved):
    ness, expected = solved
    assert matrix_error(ness.state.normal, expected, "C") < 1e-14
    for occupation, decimal in zip(ness.occupations, expected["N"], strict=True):
        assert relative_error(occupation, decimal) < 1e-14
    if "S_re" in expected:
        assert matrix_error(ness.state.anomalous, expected, "S") < 1e-14
    if "mu_re" in expected:
        mean = {"mu_re": [expected["mu_re"]], "mu_im": [expected["mu_im"]]}
        assert matrix_error(ness.state.mean[None, :], mean, "mu") < 1e-14


@steady
def test_error_bound_covers_the_error(solved):
    ness, expected = solved
    errors = [matrix_error(ness.state.normal, expected, "C")]
    if "S_re" in expected:
        errors.append(matrix_error(ness.state.anomalous, expected, "S"))
    assert max(errors) <= ness.error_bound < 1e-13
    assert ness.converged


@steady
def test_every_flux_and_every_production(solved):
    ness, expected = solved
    for index, channel in enumerate(expected["channels"]):
        assert relative_error(ness.entropy_flux[index], channel["Phi"]) < 1e-12
        assert relative_error(ness.entropy_production[index], channel["Pi"]) < 1e-12
        if "J" in channel:
            assert relative_error(ness.bath_currents[index], channel["J"]) < 1e-12
        if channel["kind"] == "probe":
            assert relative_error(ness.network.baths[index].occupation, channel["n"]) < 1e-14
    # The fluxes may cancel in their sum, down to the production; doubles cannot do better than this.
    assert error(ness.entropy_flux.sum(), expected["Phi_total"]) <= 4e-16 * np.abs(ness.entropy_flux).sum()
    assert relative_error(ness.entropy_production.sum(), expected["Pi_total"]) < 1e-12


@steady
def test_entropies(solved):
    ness, expected = solved
    network, state = ness.network, ness.state
    assert relative_error(ness.wigner_entropy, expected["wigner_entropy"]) < 1e-13
    for name, function in (
        ("relative_entropy", thermo.relative_entropy),
        ("unitary_term", thermo.unitary_production),
        ("dD_dt", thermo.relative_entropy_rate),
    ):
        if expected[name] is None:
            with pytest.raises(UndefinedQuantityError):
                function(network, state)
        elif name == "dD_dt":  # a difference of equals
            assert abs(function(network, state)) < 1e-13 * max(1.0, ness.entropy_production.sum())
        else:
            assert relative_error(function(network, state), expected[name]) < 1e-12
    if "vn" in expected:
        assert relative_error(thermo.von_neumann_entropy(network, state), expected["vn"]["S"]) < 1e-12


@steady
def test_currents(solved):
    ness, expected = solved
    largest = max(abs(float(value)) for row in expected["currents"] for value in row)
    for found, decimals in zip(ness.currents, expected["currents"], strict=True):
        for value, decimal in zip(found, decimals, strict=True):
            assert error(value, decimal) <= 1e-13 * largest
    for value, decimal in zip(thermo.excitation_gain(ness.network, ness.state), expected.get("gain", ()), strict=False):
        assert relative_error(value, decimal) < 1e-13


@steady
def test_split_between_baths_and_probes(solved):
    ness, expected = solved
    if "Pi_real" not in expected:
        return
    real, probes = thermo.production_split(ness.network, ness.state)
    assert relative_error(real, expected["Pi_real"]) < 1e-12
    assert relative_error(probes, expected["Pi_probe"]) < 1e-12


# -- given states ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", DYNAMIC)
def test_quantities_of_given_states(case):
    """The states along a relaxation, rounded to doubles: displaced, squeezed, far from steady."""
    network = network_of(case["input"])
    for expected in case["output"]:
        state = state_of(expected)
        flux, production = thermo.entropy_flux(network, state), thermo.entropy_production(network, state)
        for index, channel in enumerate(expected["channels"]):
            assert error(flux[index], channel["Phi"]) < 1e-13
            assert error(production[index], channel["Pi"]) < 1e-13
        assert error(thermo.entropy_rate(network, state), expected["dS_dt"]) < 1e-13
        assert error(thermo.wigner_entropy(network, state), expected["wigner_entropy"]) < 1e-13
        assert error(thermo.von_neumann_entropy(network, state), expected["vn"]["S"]) < 1e-12
        for name, function in (
            ("relative_entropy", thermo.relative_entropy),
            ("unitary_term", thermo.unitary_production),
            ("dD_dt", thermo.relative_entropy_rate),
        ):
            if expected[name] is None:
                with pytest.raises(UndefinedQuantityError):
                    function(network, state)
            else:
                assert error(function(network, state), expected[name]) < 1e-13


# -- inputs that must be refused -----------------------------------------------------------------------------


def ask(case):
    inputs = case["input"]
    if case["ask"] == "chain":
        names = {"hopping": "lambda", "rate": "gamma", "probe_rate": "Gamma"}
        ends = (inputs["n1"], inputs["nL"])
        return wn.exact.chain(inputs["L"], occupations=ends, **{name: inputs[key] for name, key in names.items()})
    network = network_of(inputs)
    if case["ask"] == "dynamic":
        return state_of(inputs["initial"])
    if case["ask"] == "relative_entropy":
        return thermo.relative_entropy(network, wn.steady_state(network).state)
    return wn.steady_state(network)


@pytest.mark.parametrize("case", INVALID)
def test_refused_inputs(case):
    kinds = {
        "invalid_input": (ValueError, TypeError),
        "no_unique_steady_state": NoUniqueSteadyStateError,
        "unstable": UnstableNetworkError,
        "undefined_quantity": UndefinedQuantityError,
    }
    with pytest.raises(kinds[case["expected"]]) as caught:
        ask(case)
    if case["expected"] == "invalid_input":
        with pytest.raises((ValueError, TypeError)):  # at construction, before anything is solved
            ask(case | {"ask": case["ask"] if case["ask"] in ("chain", "dynamic") else "construct"})
    if case["expected"] == "no_unique_steady_state":
        assert type(caught.value) is NoUniqueSteadyStateError
        assert caught.value.nodes
        if case["id"] != "probes_only":  # there every mode is damped, by the probes
            assert caught.value.eigenvalue.real == 0.0
            assert caught.value.modes.shape[1] == len(case["input"]["H_re"])
    if case["expected"] == "unstable":
        assert caught.value.growth_rate > 0
        assert caught.value.modes is not None
