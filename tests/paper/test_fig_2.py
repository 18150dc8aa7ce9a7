"""Fig. 2: occupations of the chain, the general solver against the closed form."""

from __future__ import annotations

import numpy as np
import pytest

from wignerness.paper.figures import draw_figure_2, figure_2
from wignerness.plotting import journal


@pytest.fixture(scope="module")
def data():
    return figure_2()


def profile(data, panel, **wanted):
    for curve in range(data.sizes["curve"]):
        one = data.isel(curve=curve)
        if str(one.panel.values) == panel and all(float(one[name]) == value for name, value in wanted.items()):
            return one.occupation.values[: int(one.length)]
    raise LookupError(wanted)


def test_solver_agrees_with_the_closed_form(data):
    np.testing.assert_allclose(data.occupation, data.closed_form, rtol=1e-13)
    assert (data.occupation.notnull().sum("node") == data.length).all()


def test_ballistic_profile_is_flat_inside(data):
    for curve in np.flatnonzero(data.panel == "a"):
        occupations = data.occupation.values[curve, :10]
        np.testing.assert_allclose(occupations[1:-1], 1.5, rtol=1e-13)
    np.testing.assert_allclose(profile(data, "a", hopping=1e-5)[[0, -1]], [1.4, 1.6], rtol=1e-13)


def test_diffusive_profile(data):
    occupations = profile(data, "b", hopping=1e-5)
    np.testing.assert_allclose(occupations[[0, 1, 2, -1]], [1.338983, 1.440678, 1.457627, 1.661017], atol=5e-7)


def test_gradient_grows_with_the_probes_and_with_the_length(data):
    gradients = [np.ptp(profile(data, "c", probe_rate=rate)) for rate in (0.0, 1e-6, 1e-5, 1e-4)]
    assert (np.diff(gradients) > 0).all()
    spans = [np.ptp(profile(data, "d", length=length)) for length in (5, 10, 20, 40)]
    assert (np.diff(spans) > 0).all()
    assert max(*gradients, *spans) < 1  # the difference between the baths


def test_parameters_and_the_assumption_are_stated(data):
    assert data.attrs["rate"] == 1e-5
    assert tuple(data.attrs["occupations_of_the_baths"]) == (1.0, 2.0)
    assert "does not print" in data.attrs["assumption"]
    assert data.attrs["wignerness_version"]


def test_drawing_has_four_panels_with_four_curves(data):
    with journal():
        figure = draw_figure_2(data)
    assert len(figure.axes) == 4
    for axes in figure.axes:
        assert len(axes.get_legend().get_texts()) == 4
        assert len(axes.lines) == 8
