"""Closed forms against 60 to 200 digits, against the reference cases, and at their edges."""

from __future__ import annotations

import json
from pathlib import Path

import mpmath
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wignerness import exact
from wignerness._progress import progress_to
from wignerness.errors import InvalidNetworkError, NoUniqueSteadyStateError

CASES = json.loads((Path(__file__).parents[1] / "reference" / "cases.json").read_text())
CHAINS = [case for case in CASES["cases"] if case["kind"] == "chain"]
FIGURE_3 = {"hopping": 3e-7, "rate": 1e-6, "occupations": (1.0, 2.0), "probe_rate": 1e-7}


def relative(value, true):
    """|value/true - 1|; zero only equals zero."""
    if true == 0:
        return 0.0 if value == 0 else np.inf
    return float(abs(mpmath.mpf(float(value)) / true - 1))


def chain_at_many_digits(length, *, hopping, rate, occupations, probe_rate):
    """Eqs. (29)-(31) and (C2) exactly as printed; what they cancel, 200 digits pay for."""
    lam, gamma, big_gamma, n1, n_last = map(mpmath.mpf, (hopping, rate, probe_rate, *occupations))
    denominator = 4 * lam**2 + gamma**2 + gamma * big_gamma * (length - 1)
    filling = []
    for k in range(1, length + 1):
        shape = big_gamma * gamma * (length - 2 * k + 1) + gamma**2 * ((k == 1) - (k == length))
        filling.append((n1 + n_last) / 2 + (n1 - n_last) / 2 * shape / denominator)
    x = gamma * lam * (n_last - n1) / denominator
    diagonal = [value + mpmath.mpf(1) / 2 for value in filling]
    left, right = [mpmath.mpf(0)] * length, [mpmath.mpf(0)] * length
    for k in range(1, length):
        left[k] = x**2 / (diagonal[k - 1] - left[k - 1])
    for k in range(length - 2, -1, -1):
        right[k] = x**2 / (diagonal[k + 1] - right[k + 1])
    inverse = [1 / (d - low - high) for d, low, high in zip(diagonal, left, right, strict=True)]
    ends = []
    for k, n in ((0, n1), (-1, n_last)):
        width = n + mpmath.mpf(1) / 2
        ends.append(gamma / width * (filling[k] - n) - gamma + gamma * width * inverse[k])
    probes = [big_gamma * d * b - big_gamma for d, b in zip(diagonal, inverse, strict=True)]
    return {"occupations": filling, "coherence": x, "current": 2 * lam * x, "ends": ends, "probes": probes}


def worst_errors(solution, true):
    return {
        "occupations": max(map(relative, solution.occupations, true["occupations"])),
        "coherence": relative(solution.coherence, true["coherence"]),
        "current": relative(solution.current, true["current"]),
        "ends": max(map(relative, solution.entropy_production_ends, true["ends"])),
        "probes": max(map(relative, solution.entropy_production_each_probe, true["probes"])),
        "real total": relative(solution.entropy_production_real, sum(true["ends"])),
        "probe total": relative(solution.entropy_production_probes, sum(true["probes"])),
        "total": relative(solution.entropy_production, sum(true["ends"]) + sum(true["probes"])),
    }


@pytest.mark.parametrize("case", CHAINS, ids=lambda case: case["id"])
def test_reference_chains(case):
    inputs, expected = case["input"], {k: v for k, v in case["output"].items() if isinstance(v, str)}
    solution = exact.chain(
        inputs["L"],
        hopping=inputs["lambda"],
        rate=inputs["gamma"],
        occupations=(inputs["n1"], inputs["nL"]),
        probe_rate=inputs["Gamma"],
    )
    found = {
        "Pi_real": solution.entropy_production_real,
        "Pi_real_site1": solution.entropy_production_ends[0],
        "Pi_real_siteL": solution.entropy_production_ends[1],
        "Pi_probe": solution.entropy_production_probes,
        "Pi_total": solution.entropy_production,
        "j_1_2": solution.current,
        "x": solution.coherence,
        "N_middle": solution.occupations[inputs["L"] // 2],
        "N_last": solution.occupations[-1],
    }
    assert set(found) == set(expected)
    for name, value in found.items():
        assert value == pytest.approx(float(expected[name]), rel=1e-14), name
    first = np.array([float(v) for v in case["output"]["N_first3"]])
    np.testing.assert_allclose(solution.occupations[:3], first, rtol=1e-14)


@pytest.mark.parametrize(
    ("length", "real", "probes"),
    [
        (2, 3.066375175634799e-8, 2.212960572419135e-9),
        (15, 8.858073755305117e-9, 8.53323059252097e-9),
        (16, 8.26791019796075e-9, 8.515306585256033e-9),
        (10**6, 7.398188376680309e-18, 4.799865538878272e-13),
    ],
)
def test_productions_up_to_a_million_nodes(length, real, probes):
    solution = exact.chain(length, **FIGURE_3)
    assert solution.entropy_production_real == pytest.approx(real, rel=1e-14)
    assert solution.entropy_production_probes == pytest.approx(probes, rel=1e-14)


def decades(low, high):
    return st.floats(low, high).map(lambda exponent: 10.0**exponent)


occupation = st.one_of(st.just(0.0), decades(-6, 6))


@example(2, 1.0, 1.0, 1.0, 0.0, 1.0)  # no probes, a cold bath
@example(50, 0.5, 1.0, 0.0, 1e-9, 0.0)  # 2 hopping = rate, nearly no probes
@example(40, 1e9, 1e-9, 1e-9, 3.0, 3e-9)
@example(40, 1e-9, 1e9, 1e9, 3.0, 3e-9)
@example(40, 0.3, 1.0, 0.1, 2.0, 2e-9)  # near equilibrium
@example(40, -0.3, 1.0, 0.1, 2.0, 0.0)  # at equilibrium
@given(st.integers(2, 60), decades(-9, 9), decades(-9, 9), decades(-9, 9) | st.just(0.0), occupation, occupation)
def test_all_digits_at_any_parameters(length, hopping, rate, probe_rate, base, gap):
    for occupations in ((base, base + gap), (base + gap, base)):
        chain = {"hopping": hopping, "rate": rate, "occupations": occupations, "probe_rate": probe_rate}
        solution = exact.chain(length, **chain)
        if occupations[0] == occupations[1]:
            assert solution.entropy_production_real == solution.entropy_production_probes == solution.current == 0
            assert (solution.occupations == base).all()
            continue
        with mpmath.workdps(200):
            errors = worst_errors(solution, chain_at_many_digits(length, **chain))
        assert max(errors.values()) < 1e-13, errors


def test_digits_survive_the_hardest_ratio_of_hopping_and_rate(rng):
    """The elimination forgets its start most slowly at 2 hopping = rate, with a hot and a cold end and weak probes."""
    for _ in range(10):
        rate, hot = 10.0 ** rng.uniform(-1, 1), 10.0 ** rng.uniform(6, 12)
        chain = {
            "hopping": rate / 2 * (1 + 10.0 ** rng.uniform(-15, -3)),
            "rate": rate,
            "occupations": (0.0, hot),
            "probe_rate": rate * 10.0 ** rng.uniform(-12, -6),
        }
        with mpmath.workdps(100):
            errors = worst_errors(exact.chain(300, **chain), chain_at_many_digits(300, **chain))
        assert max(errors.values()) < 1e-13, errors


@given(st.integers(2, 300), decades(-3, 3), decades(-3, 3), decades(-3, 3), occupation, occupation)
def test_laws_of_the_chain(length, hopping, rate, probe_rate, first, last):
    chain = {"hopping": hopping, "rate": rate, "probe_rate": probe_rate}
    solution = exact.chain(length, **chain, occupations=(first, last))
    parts = solution.entropy_production_real + solution.entropy_production_probes
    assert parts == pytest.approx(solution.entropy_production, rel=1e-13, abs=0)
    assert solution.entropy_flux_ends.sum() == pytest.approx(
        solution.entropy_production, rel=1e-12, abs=1e-13 * np.abs(solution.entropy_flux_ends).max()
    )
    assert (solution.entropy_production_ends >= 0).all()
    assert (solution.entropy_production_each_probe >= 0).all()
    mirrored = exact.chain(length, **chain, occupations=(last, first))
    assert (mirrored.occupations[::-1] == solution.occupations).all()
    assert mirrored.current == -solution.current
    assert (mirrored.entropy_production_ends[::-1] == solution.entropy_production_ends).all()
    turned = exact.chain(length, hopping=-hopping, rate=rate, probe_rate=probe_rate, occupations=(first, last))
    assert turned.coherence == -solution.coherence
    assert turned.entropy_production_real == solution.entropy_production_real
    faster = exact.chain(
        length, hopping=8 * hopping, rate=8 * rate, probe_rate=8 * probe_rate, occupations=(first, last)
    )
    assert faster.current == pytest.approx(8 * solution.current, rel=1e-14, abs=0)


def test_squares_of_extreme_rates_do_not_overflow():
    for factor in (1e-200, 1e200):
        chain = {name: value * factor for name, value in (("hopping", 0.3), ("rate", 1.0), ("probe_rate", 0.1))}
        near_one = exact.chain(7, hopping=0.3, rate=1.0, probe_rate=0.1, occupations=(1, 2))
        solution = exact.chain(7, **chain, occupations=(1, 2))
        assert solution.entropy_production_real == pytest.approx(near_one.entropy_production_real * factor, rel=1e-14)


def test_solution_is_read_only_and_prints_itself():
    solution = exact.chain(10, **FIGURE_3)
    with pytest.raises(ValueError, match="read-only"):
        solution.occupations[0] = 1
    assert "uniform chain of 10 nodes" in str(solution)
    assert "8.19281e-09" in str(solution)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"length": 1}, "`length` must be at least 2"),
        ({"length": 2.0}, "`length` must be an integer"),
        ({"length": True}, "`length` must be an integer"),
        ({"rate": -1.0}, "`rate` must be non-negative, but is -1.0"),
        ({"probe_rate": -0.1}, "`probe_rate` must be non-negative, but is -0.1"),
        ({"probe_rate": float("nan")}, "`probe_rate` must be finite"),
        ({"hopping": float("inf")}, "`hopping` must be finite"),
        ({"hopping": 1j}, "`hopping` must be a real number"),
        ({"occupations": (1.0, -2.0)}, r"`occupations\[1\]` must be non-negative, but is -2.0"),
        ({"occupations": (1.0, 2.0, 3.0)}, "`occupations` must have shape"),
        ({"occupations": 1.0}, "`occupations` must have shape"),
    ],
)
def test_bad_arguments_are_named(change, message):
    arguments = {"length": 5, **FIGURE_3, **change}
    length = arguments.pop("length")
    with pytest.raises(InvalidNetworkError, match=message):
        exact.chain(length, **arguments)


def test_chain_without_rate_or_hopping_is_not_determined():
    with pytest.raises(NoUniqueSteadyStateError, match="`rate` is zero") as caught:
        exact.chain(3, hopping=1.0, rate=0.0, occupations=(1, 2))
    assert caught.value.nodes == (0, 1, 2)
    with pytest.raises(NoUniqueSteadyStateError, match="`hopping` is zero") as caught:
        exact.chain(4, hopping=0.0, rate=1.0, occupations=(1, 2), probe_rate=1.0)
    assert caught.value.nodes == (1, 2)
    apart = exact.chain(2, hopping=0.0, rate=1.0, occupations=(1, 2))
    assert apart.occupations.tolist() == [1, 2]
    assert apart.entropy_production == 0


def test_scaling_agrees_with_single_chains_and_broadcasts():
    lengths = np.array([[2], [30], [400]])
    rates = np.array([1e-7, 1e-6, 1e-5, 0.0])
    curve = exact.chain_scaling(lengths, hopping=3e-7, rate=1e-6, occupations=(1, 2), probe_rate=rates)
    assert curve.entropy_production_real.shape == curve.lengths.shape == (3, 4)
    for i, length in enumerate(lengths[:, 0]):
        for j, probe_rate in enumerate(rates):
            one = exact.chain(int(length), hopping=3e-7, rate=1e-6, occupations=(1, 2), probe_rate=probe_rate)
            assert curve.current[i, j] == one.current
            assert curve.entropy_production[i, j] == one.entropy_production
            assert curve.entropy_production_real[i, j] == one.entropy_production_real
            assert curve.entropy_production_probes[i, j] == one.entropy_production_probes


def test_scaling_takes_scalars_arrays_of_occupations_and_nothing_at_all():
    single = exact.chain_scaling(10, **FIGURE_3)
    assert single.current.shape == ()
    turned = exact.chain_scaling(10, hopping=3e-7, rate=1e-6, occupations=([1, 2], [2, 1]), probe_rate=1e-7)
    assert turned.current[0] == -turned.current[1] == single.current
    assert exact.chain_scaling(np.array([], dtype=int), **FIGURE_3).current.shape == (0,)


def test_scaling_reports_progress():
    seen = []
    with progress_to(lambda label, done, total: seen.append((label, done, total))):
        exact.chain_scaling([2, 3], **FIGURE_3)
    assert [step[1:] for step in seen] == [(0, 2), (1, 2), (2, 2)]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"lengths": [2, 1]}, r"`lengths\[1\]` must be at least 2"),
        ({"lengths": [2.5]}, "`lengths` must hold integers"),
        ({"rate": [1.0, -1.0]}, r"`rate\[1\]` must be non-negative"),
        ({"occupations": 1.0}, "`occupations` must be a pair"),
        ({"occupations": (1.0, 2.0, 3.0)}, "`occupations` must be a pair"),
        ({"rate": [1.0, 1.0, 1.0]}, "do not broadcast"),
    ],
)
def test_bad_arguments_of_scaling_are_named(change, message):
    arguments = {"lengths": [2, 3], **FIGURE_3, **change}
    lengths = arguments.pop("lengths")
    with pytest.raises(InvalidNetworkError, match=message):
        exact.chain_scaling(lengths, **arguments)


def two_modes_at_many_digits(h, rates, occupations, delta):
    """The moment equations of two modes, solved as a linear system, and (C2)."""
    g1, g2, n1, n2, delta = map(mpmath.mpf, (*rates, *occupations, delta))
    re, im = mpmath.mpf(h.real), mpmath.mpf(h.imag)
    mean = (g1 + g2) / 2
    # unknowns N_1, N_2, Re y, Im y with y = <a_1^+ a_2>; 2 Im(h y) = 2 (re Im y + im Re y)
    system = mpmath.matrix(
        [
            [-g1, 0, 2 * im, 2 * re],
            [0, -g2, -2 * im, -2 * re],
            [-im, im, -mean, -delta],
            [-re, re, delta, -mean],
        ]
    )
    big1, big2, y_re, y_im = mpmath.lu_solve(system, mpmath.matrix([-g1 * n1, -g2 * n2, 0, 0]))
    half = mpmath.mpf(1) / 2
    determinant = (big1 + half) * (big2 + half) - y_re**2 - y_im**2
    productions = []
    for g, n, own, other in ((g1, n1, big1, big2), (g2, n2, big2, big1)):
        productions.append(g / (n + half) * (own - n) - g + g * (n + half) * (other + half) / determinant)
    current = g1 * (big1 - n1) if g1 > 0 else 2 * (re * y_im + im * y_re)
    return (big1, big2), (y_re, y_im), current, productions


@example(0.3j, 1e9, 1e-9, 0.0, 5.0, 0.0)
@example(0.3 + 0j, 1.0, 0.0, 1.0, 5.0, 0.0)
@example(0.3 + 0.1j, 1.0, 2.0, 1.0, 1e-9, -0.7)
@given(
    st.complex_numbers(min_magnitude=1e-6, max_magnitude=1e6),
    decades(-6, 6),
    decades(-6, 6),
    occupation,
    occupation,
    st.floats(-1e3, 1e3),
)
def test_two_modes_have_all_digits(h, g1, g2, base, gap, delta):
    for occupations in ((base, base + gap), (base + gap, base)):
        pair = exact.two_modes(hopping=h, rates=(g1, g2), occupations=occupations, detuning=delta)
        if occupations[0] == occupations[1]:
            assert not pair.entropy_production.any()
            continue
        with mpmath.workdps(200):
            big, y, current, productions = two_modes_at_many_digits(h, (g1, g2), occupations, delta)
            assert max(map(relative, pair.occupations, big)) < 1e-14
            assert abs(mpmath.mpc(pair.coherence) - mpmath.mpc(*y)) <= 1e-14 * abs(mpmath.mpc(*y))
            assert relative(pair.current, current) < 1e-14
            for found, true in zip(pair.entropy_production, productions, strict=True):
                assert relative(found, true) < 1e-13 or abs(true) < 1e-150
        fluxes = pair.entropy_flux
        assert fluxes.sum() == pytest.approx(pair.entropy_production.sum(), rel=1e-9, abs=1e-13 * np.abs(fluxes).max())


def test_two_modes_are_the_shortest_chain():
    chain = exact.chain(2, hopping=0.4, rate=0.7, occupations=(1, 3))
    pair = exact.two_modes(hopping=0.4j, rates=(0.7, 0.7), occupations=(1, 3))
    np.testing.assert_allclose(pair.occupations, chain.occupations, rtol=1e-15)
    np.testing.assert_allclose(pair.entropy_production, chain.entropy_production_ends, rtol=1e-14)
    assert pair.coherence == pytest.approx(chain.coherence, rel=1e-15)
    assert pair.current == pytest.approx(chain.current, rel=1e-15)


@pytest.mark.parametrize(
    "arguments",
    [
        {"hopping": 0.3, "rates": (0.0, 0.0)},
        {"hopping": 0.0, "rates": (1.0, 0.0)},
        {"hopping": 0.0, "rates": (0.0, 0.0)},
    ],
)
def test_two_modes_must_be_damped(arguments):
    with pytest.raises(NoUniqueSteadyStateError):
        exact.two_modes(**arguments, occupations=(1, 2))


def test_two_modes_refuse_bad_numbers():
    with pytest.raises(InvalidNetworkError, match=r"`rates\[0\]`"):
        exact.two_modes(hopping=1.0, rates=(-1.0, 1.0), occupations=(1, 2))
    with pytest.raises(InvalidNetworkError, match=r"`hopping\.imag`"):
        exact.two_modes(hopping=complex(0, np.nan), rates=(1.0, 1.0), occupations=(1, 2))
    with pytest.raises(InvalidNetworkError, match="`hopping"):
        exact.two_modes(hopping="weak", rates=(1.0, 1.0), occupations=(1, 2))


@given(st.lists(st.tuples(decades(-6, 6), occupation), min_size=1, max_size=6))
def test_single_mode_has_all_digits(baths):
    rates, occupations = (np.array(column) for column in zip(*baths, strict=True))
    mode = exact.single_mode(rates=rates, occupations=occupations)
    with mpmath.workdps(80):
        total = mpmath.fsum(map(mpmath.mpf, rates))
        filling = mpmath.fsum(mpmath.mpf(g) * mpmath.mpf(n) for g, n in baths) / total
        assert relative(mode.occupation, filling) < 1e-15 * (2 + len(baths))
        for k, (g, n) in enumerate(baths):
            width = mpmath.mpf(n) + mpmath.mpf(1) / 2
            scale = g / width * sum(abs(mpmath.mpf(m) - n) * mpmath.mpf(f) for f, m in baths) / total
            flux = g / width * (filling - n)
            assert abs(mode.entropy_flux[k] - flux) <= 1e-15 * (4 + len(baths)) * scale
            production = flux - g + g * width / (filling + mpmath.mpf(1) / 2)
            assert abs(mode.entropy_production[k] - production) <= 1e-14 * scale**2 * width / g / (filling + 0.5)
            assert mode.entropy_production[k] >= 0
    np.testing.assert_allclose(mode.bath_currents.sum(), 0, atol=1e-14 * np.abs(mode.bath_currents).max())


def test_single_mode_with_equal_baths_is_at_rest():
    mode = exact.single_mode(rates=[0.3, 0.7, 1.9], occupations=[0.1, 0.1, 0.1])
    assert not mode.entropy_production.any()
    assert not mode.bath_currents.any()


def test_single_mode_refuses_bad_baths():
    with pytest.raises(NoUniqueSteadyStateError):
        exact.single_mode(rates=[0.0, 0.0], occupations=[1, 2])
    with pytest.raises(InvalidNetworkError, match="`occupations`"):
        exact.single_mode(rates=[1.0, 1.0], occupations=[1])
