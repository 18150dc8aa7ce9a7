"""Transients against 30 digits: the dynamic cases of cases.json, and hard networks against ball arithmetic."""

from __future__ import annotations

import json
from pathlib import Path

import moving_oracle
import mpmath
import numpy as np
import oracle
import pytest
from moving_oracle import state_of_any_kind

import wignerness as wn
from wignerness import thermodynamics as thermo
from wignerness.errors import UndefinedQuantityError

CASES = json.loads((Path(__file__).parent / "cases.json").read_text())["cases"]
DYNAMIC = [pytest.param(case, id=case["id"]) for case in CASES if case["kind"] == "dynamic"]

# -- the cases of the file -----------------------------------------------------------------------------------


def array(record, name):
    return np.array(record[f"{name}_re"], dtype=float) + 1j * np.array(record[f"{name}_im"], dtype=float)


def network_of(inputs):
    baths = [wn.ThermalBath(record["site"], record["gamma"], record["n"]) for record in inputs["baths"]]
    return wn.Network(array(inputs, "H"), baths)


def error(value, decimal):
    """|value - decimal|, beyond double precision."""
    with mpmath.workdps(40):
        return float(abs(mpmath.mpf(float(value)) - mpmath.mpf(decimal)))


def relative_error(value, decimal):
    """|value/decimal - 1|; what is exactly zero must be exactly zero."""
    if decimal == "0":
        return 0.0 if value == 0 else np.inf
    return error(value, decimal) / abs(float(decimal))


def array_error(found, record, name):
    """Largest |element - decimal| of a complex array."""
    parts = ((found.real, f"{name}_re"), (found.imag, f"{name}_im"))
    return max(
        error(value, decimal)
        for part, key in parts
        for value, decimal in zip(part.ravel(), np.ravel(record[key]), strict=True)
    )


@pytest.fixture(params=DYNAMIC)
def moving(request):
    case = request.param["input"]
    start = wn.GaussianState(*(array(case["initial"], name) for name in ("mu", "C", "S")))
    return wn.evolve(network_of(case), start, case["times"]), request.param["output"]


def test_moments(moving):
    run, outputs = moving
    for state, expected in zip(run.states, outputs, strict=True):
        assert array_error(state.normal, expected, "C") < 1e-14
        if "S_re" in expected:
            assert array_error(state.anomalous, expected, "S") < 1e-14
        assert array_error(state.mean, expected, "mu") < 1e-14
        for occupation, decimal in zip(state.occupations, expected["N"], strict=True):
            assert relative_error(occupation, decimal) < 1e-13


def test_fluxes_productions_and_currents(moving):
    run, outputs = moving
    for index, expected in enumerate(outputs):
        for bath, channel in enumerate(expected["channels"]):
            assert relative_error(run.bath_currents[index, bath], channel["J"]) < 1e-13
            assert relative_error(run.entropy_flux[index, bath], channel["Phi"]) < 1e-13
            assert relative_error(run.entropy_production[index, bath], channel["Pi"]) < 1e-13
        currents = thermo.excitation_currents(run.network_at(index), run.states[index])
        for found, decimals in zip(currents, expected["currents"], strict=True):
            for value, decimal in zip(found, decimals, strict=True):
                assert error(value, decimal) < 1e-14


def test_entropies_and_their_rates(moving):
    run, outputs = moving
    for index, expected in enumerate(outputs):
        assert relative_error(run.wigner_entropy[index], expected["wigner_entropy"]) < 1e-14
        assert error(run.entropy_rate[index], expected["dS_dt"]) < 1e-15 + 1e-13 * abs(run.entropy_rate[index])
        state = run.states[index]
        assert relative_error(thermo.von_neumann_entropy(run.network, state), expected["vn"]["S"]) < 1e-13


def test_relative_entropy_and_its_balance(moving):
    run, outputs = moving
    names = {
        "relative_entropy": "relative_entropy",
        "unitary_term": "unitary_production",
        "dD_dt": "relative_entropy_rate",
    }
    for name, quantity in names.items():
        if outputs[0][name] is None:
            with pytest.raises(UndefinedQuantityError):
                getattr(run, quantity)
            continue
        for value, expected in zip(getattr(run, quantity), outputs, strict=True):
            assert relative_error(value, expected[name]) < 1e-12


# -- hard networks ----------------------------------------------------------------------------------------------


def hermitian(rng, size):
    raw = rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size))
    return (raw + raw.conj().T) / 2


def thermal(rng, size, low=-1.0, high=0.5, occupation=None):
    """One bath on every node, with a rate of 10^low to 10^high."""
    levels = rng.uniform(0, 2, size) if occupation is None else np.full(size, occupation)
    return [wn.ThermalBath(k, 10.0 ** rng.uniform(low, high), levels[k]) for k in range(size)]


def ordinary(rng):
    return wn.Network(hermitian(rng, 3), thermal(rng, 3)), [1e-6, 0.3, 3.0, 30.0, 3000.0]


def at_one_temperature(rng):
    return wn.Network(hermitian(rng, 2), thermal(rng, 2, occupation=0.7)), [0.3, 10.0, 50.0]


def twelve_decades(rng):
    return wn.Network(hermitian(rng, 3), thermal(rng, 3, -6, 6)), [1e-7, 1e-2, 1.0, 1e3]


def optical_frequency(rng):
    return wn.Network(hermitian(rng, 2) + 1e12 * np.eye(2), thermal(rng, 2)), [1.0, 30.0]


def driven(rng):
    return wn.Network(hermitian(rng, 2), thermal(rng, 2), drive=rng.normal(size=2)), [0.3, 3.0, 300.0]


def below_threshold(rng):
    pairing = rng.normal(size=(2, 2)) * 0.1
    baths = [wn.ThermalBath(k, 2.0, rng.uniform(0, 2)) for k in range(2)]
    network = wn.Network(hermitian(rng, 2), baths, pairing=pairing + pairing.T, drive=[0.3, 0.2j])
    return network, [0.3, 3.0, 300.0]


def above_threshold(rng):
    """No steady state: two modes grow."""
    return wn.Network(np.zeros((2, 2)), thermal(rng, 2), pairing=[[0.0, 2.5], [2.5, 0.0]], drive=[0.1, 0.2]), [
        0.01,
        0.3,
        1.0,
    ]


def at_threshold(rng):
    return wn.Network([[0.0]], [wn.ThermalBath(0, 0.5, rng.uniform())], pairing=[[0.25]]), [0.01, 1.0, 100.0]


def exceptional_point(rng):
    """Hopping at a quarter of the difference of the rates: the eigenvectors coincide."""
    return wn.Network([[3.0, 0.25], [0.25, 3.0]], [wn.ThermalBath(1, 1.0, rng.uniform())]), [0.01, 1.0, 30.0]


def squeezed_bath(rng):
    baths = [wn.SqueezedBath.from_squeezing(0, 1.0, 0.3, 0.5, angle=0.3), wn.ThermalBath(1, 0.4, rng.uniform())]
    return wn.Network(hermitian(rng, 2), baths), [0.3, 3.0, 300.0]


def gain_and_loss(rng):
    gain = wn.JumpBath([([0.9, 0], [0, 0]), ([0, 0], [0.5, 0])])
    return wn.Network(hermitian(rng, 2), [gain, wn.ThermalBath(1, 0.4, rng.uniform())]), [0.3, 3.0, 30.0]


def net_gain(rng):
    gain = wn.JumpBath([([0.5, 0], [0, 0]), ([0, 0], [0.9, 0])])
    return wn.Network(hermitian(rng, 2), [gain, wn.ThermalBath(1, 0.1, rng.uniform())]), [0.3, 3.0, 10.0]


FAMILIES = [
    ordinary, at_one_temperature, twelve_decades, optical_frequency, driven, below_threshold, above_threshold,
    at_threshold, exceptional_point, squeezed_bath, gain_and_loss, net_gain,
]  # fmt: skip


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__)
def test_against_ball_arithmetic(family, rng):
    network, times = family(rng)
    start = state_of_any_kind(rng, network.n_modes)
    run = wn.evolve(network, start, times)
    for index, time in enumerate(times):
        exact = moving_oracle.moments(network, start, time)
        check_state(run.states[index], exact, tolerance=1e-13)
        for bath in range(network.n_baths):
            flux, production = exact.flux_and_production(bath)
            assert oracle.relative_error(run.entropy_flux[index, bath], flux) < 1e-9
            assert oracle.relative_error(run.entropy_production[index, bath], production) < 1e-9
        condition = np.linalg.cond(run.states[index].covariance())
        assert oracle.error(run.wigner_entropy[index], exact.wigner_entropy()) < 1e-14 * max(10.0, condition)
        rate = exact.entropy_rate()
        scale = np.abs(run.entropy_flux[index]).sum() + run.entropy_production[index].sum()
        assert oracle.error(run.entropy_rate[index], rate) < 1e-14 * scale * max(10.0, condition)


def check_state(state, exact, *, tolerance):
    """C, S and the means, in units of the largest moment."""
    nodes = range(state.n_modes)
    unit = max(1.0, np.abs(state.normal).max())
    for i in nodes:
        assert oracle.complex_error(state.mean[i], exact.mean[2 * i, 0]) < tolerance * max(
            1.0, np.abs(state.mean).max()
        )
        for j in nodes:
            assert oracle.complex_error(state.normal[i, j], exact.normal(i, j)) < tolerance * unit
            assert oracle.complex_error(state.anomalous[i, j], exact.anomalous(i, j)) < tolerance * unit


UNDAMPED = {
    "one mode without a bath": wn.Network(np.diag([1.0, 1.4]), [wn.ThermalBath(0, 1.0, 1.0)]),
    "dark mode": wn.Network(
        [[1.0, 0.5, 0.5], [0.5, 2.0, 0.0], [0.5, 0.0, 2.0]],
        [wn.ThermalBath(0, 1.0, 1.0), wn.ThermalBath(0, 0.3, 2.0)],
    ),
    "no bath": wn.Network([[1.0, 0.3], [0.3, -0.5]], []),
    "no bath, driven": wn.Network([[1.0, 0.3], [0.3, -0.5]], [], drive=[0.3, 0.2j]),
}  # fmt: skip


@pytest.mark.parametrize("name", UNDAMPED)
@pytest.mark.parametrize("time", [1.0, 1e3, 1e9])
def test_undamped_modes_keep_their_phase_for_a_billion_periods(name, time, rng):
    network = UNDAMPED[name]
    start = state_of_any_kind(rng, network.n_modes)
    state = wn.evolve(network, start, [time]).states[0]
    check_state(state, moving_oracle.moments(network, start, time), tolerance=1e-14)


def test_a_resonantly_driven_mode_grows_linearly():
    run = wn.evolve(wn.Network([[0.0]], [], drive=[0.25]), wn.GaussianState.vacuum(1), [0.0, 1.0, 1e9])
    assert np.abs(run.states[2].mean[0] + 0.25e9j) < 1e-6
    assert (run.wigner_entropy == run.wigner_entropy[0]).all()


# -- probes that follow, dephasing ----------------------------------------------------------------------------------


@pytest.mark.parametrize("time", [1e-3, 0.3, 3.0, 300.0])
def test_following_probes_against_ball_arithmetic(time, rng):
    baths = [wn.ThermalBath(0, 1.0, 1.0), wn.ThermalBath(2, 0.3, 2.0), wn.Probe(1, 0.4), wn.Probe(2, 0.1)]
    network = wn.Network(hermitian(rng, 3), baths)
    start = wn.GaussianState.thermal(rng.uniform(0, 3, 3))
    run = wn.evolve(network, start, [time], follow=True)
    exact = moving_oracle.moments(network, start, time, follow=True)
    check_state(run.states[0], exact, tolerance=1e-14)
    for index, bath in enumerate(baths):
        occupation = exact.normal(bath.mode, bath.mode).real if isinstance(bath, wn.Probe) else None
        _, flux, production = exact.thermal(bath, occupation)
        assert oracle.relative_error(run.entropy_production[0, index], production) < 1e-9
        assert oracle.error(run.entropy_flux[0, index], flux) < 1e-14
    assert oracle.error(run.entropy_rate[0], exact.entropy_rate()) < 1e-13


@pytest.mark.parametrize(
    "baths", [[], [wn.ThermalBath(0, 1.0, 0.7)], [wn.ThermalBath(0, 1.0, 0.7), wn.ThermalBath(1, 0.1, 0.0)]]
)
@pytest.mark.parametrize("time", [0.3, 3.0, 30.0])
def test_dephasing_of_displaced_squeezed_states_against_ball_arithmetic(baths, time, rng):
    network = wn.Network(hermitian(rng, 2), [*baths, wn.Dephasing(1, 0.7), wn.Dephasing(0, 0.2)])
    start = state_of_any_kind(rng, 2)
    run = wn.evolve(network, start, [time])
    check_state(run.states[0], moving_oracle.moments(network, start, time), tolerance=1e-14)
    with pytest.raises(UndefinedQuantityError, match="non-Gaussian"):
        _ = run.entropy_production


@pytest.mark.parametrize("time", [1e-9, 1e-6, 1e-3, 1.0, 30.0])
def test_a_cold_start_towards_very_hot_baths(time, rng):
    """At early times C is a small part of the steady one: relative to what there is, nothing may be lost."""
    network = wn.Network(hermitian(rng, 2), [wn.ThermalBath(0, 1.0, 1e8), wn.ThermalBath(1, 0.3, 3e7)])
    start = wn.GaussianState.coherent(rng.normal(size=2))
    run = wn.evolve(network, start, [time])
    exact = moving_oracle.moments(network, start, time)
    for k in range(2):
        assert oracle.relative_error(run.states[0].normal[k, k].real, exact.normal(k, k).real) < 1e-11
        flux, production = exact.flux_and_production(k)
        assert oracle.relative_error(run.entropy_flux[0, k], flux) < 1e-11
        assert oracle.relative_error(run.entropy_production[0, k], production) < 1e-9
    assert oracle.error(run.wigner_entropy[0], exact.wigner_entropy()) < 1e-11
