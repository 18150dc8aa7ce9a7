"""Fig. 3: productions of the real baths and of the probes, and how slowly they reach their power laws."""

from __future__ import annotations

import numpy as np
import pytest

from wignerness import exact
from wignerness.paper.figures import FIGURE_3, OCCUPATIONS, draw_figure_3, figure_3
from wignerness.plotting import journal


@pytest.fixture(scope="module")
def data():
    return figure_3()


@pytest.mark.parametrize(
    ("length", "real", "probes"),
    [
        (2, 3.066375175634799e-8, 2.212960572419135e-9),
        (10, 1.304612619927383e-8, 8.192811853823511e-9),
        (15, 8.858073755305117e-9, 8.53323059252097e-9),
        (16, 8.26791019796075e-9, 8.515306585256033e-9),
        (100, 5.672858901393433e-10, 3.695591552134191e-9),
        (1000, 7.191389779589641e-12, 4.66835866787663e-10),
        (10_000, 7.377284224583007e-14, 4.786582326665695e-11),
        (1_000_000, 7.398188376680309e-18, 4.799865538878272e-13),
    ],
)
def test_numbers(length, real, probes):
    solution = exact.chain(length, occupations=OCCUPATIONS, **FIGURE_3)
    assert solution.entropy_production_real == pytest.approx(real, rel=1e-14)
    assert solution.entropy_production_probes == pytest.approx(probes, rel=1e-14)


def test_probes_peak_at_15_and_overtake_at_16():
    curve = exact.chain_scaling(np.arange(2, 60), occupations=OCCUPATIONS, **FIGURE_3)
    assert curve.lengths[np.argmax(curve.entropy_production_probes)] == 15
    assert curve.lengths[np.argmax(curve.entropy_production_probes > curve.entropy_production_real)] == 16


def test_range_and_solver(data):
    lengths = data.length.values
    assert lengths[0] == 2
    assert lengths[-1] == 10**6
    known = data.solved_real.notnull().values
    assert known.sum() >= 10
    for name in ("real", "probes"):
        np.testing.assert_allclose(
            data[f"solved_{name}"].values[known], data[f"production_{name}"].values[known], rtol=1e-11
        )
    np.testing.assert_allclose(data.production_real + data.production_probes, data.production, rtol=1e-13)


@pytest.mark.parametrize(
    ("length", "probes", "real"), [(100, -0.755, -1.753), (1000, -0.972, -1.972), (1e5, -0.9997, -1.9997)]
)
def test_local_exponents(data, length, probes, real):
    exponents = [
        np.interp(np.log(length), np.log(data.length), data[f"exponent_{name}"]) for name in ("probes", "real")
    ]
    assert exponents == pytest.approx([probes, real], abs=4e-3 if length < 1e5 else 1e-4)


def test_a_straight_fit_misses_the_exponents():
    """Over all lengths from 2 to 1000; with fewer long chains it misses them by more."""
    curve = exact.chain_scaling(np.arange(2, 1001), occupations=OCCUPATIONS, **FIGURE_3)
    for values, slope in ((curve.entropy_production_probes, -0.743), (curve.entropy_production_real, -1.750)):
        assert np.polyfit(np.log(curve.lengths), np.log(values), 1)[0] == pytest.approx(slope, abs=5e-4)


def test_drawing_has_the_exponents_as_second_panel(data):
    with journal():
        figure = draw_figure_3(data)
    top, bottom = figure.axes
    assert top.get_yscale() == top.get_xscale() == bottom.get_xscale() == "log"
    assert len(top.lines) == 4  # two curves, two guides
    assert [line.get_ydata()[0] for line in bottom.lines[:2]] == [-1, -2]
