"""Drawing functions: what they put on the axes, their styles, and what is missing without matplotlib."""

from __future__ import annotations

import sys

import numpy as np
import pytest

import wignerness as wn
from wignerness import plotting
from wignerness.errors import MissingExtraError


@pytest.fixture(params=[plotting.journal, plotting.screen], ids=["journal", "screen"])
def axes(request):
    with request.param():
        figure = plotting.new_figure(4, 3)
        yield figure.subplots()
        figure.canvas.draw()  # warnings are errors: nothing is missing from the fonts


def test_profiles_are_drawn_against_nodes_from_one(axes):
    values = np.array([1.0, 1.5, 2.0])
    plotting.plot_occupations(axes, {"a": values, "b": values[:2]}, guides={"a": values + 1})
    marks, line = axes.lines[:2]
    assert marks.get_xdata().tolist() == [1, 2, 3]
    np.testing.assert_array_equal(line.get_ydata(), values + 1)
    np.testing.assert_array_equal(axes.lines[3].get_ydata(), values[:2])
    assert marks.get_label() == "a"


def test_scaling_and_exponents(axes):
    lengths = np.array([2, 20, 200, 2000])
    plotting.plot_scaling(axes, lengths, {"j": 5.0 / lengths}, guides={"1/L": (5.0, -1.0)})
    assert axes.get_yscale() == "log"
    np.testing.assert_allclose(axes.lines[1].get_ydata(), 15.0 / lengths[2:])


def test_exponents(axes):
    plotting.plot_exponents(axes, np.array([2, 20]), {"j": np.array([-0.9, -1.0])}, limits=[-1])
    assert axes.lines[0].get_ydata()[0] == -1


def test_balance_of_a_steady_state(axes):
    ness = wn.steady_state(wn.models.chain(3, hopping=0.3, rate=1.0, occupations=(1, 2), probe_rate=0.1))
    plotting.plot_balance(axes, ness.network.bath_labels, ness.entropy_production, ness.entropy_flux)
    heights = [bar.get_height() for bar in axes.patches]
    np.testing.assert_array_equal(heights, [*ness.entropy_production, *ness.entropy_flux])
    assert [label.get_text() for label in axes.get_xticklabels()] == list(ness.network.bath_labels)


def test_arrows_point_along_the_currents(axes):
    currents = np.array([[0.0, 0.3, 0.0], [-0.3, 0.0, -0.1], [0.0, 0.1, 0.0]])
    plotting.plot_currents(axes, [[0, 0], [1, 0], [2, 0]], np.array([1.0, 1.5, 2.0]), currents)
    arrows = [(text.xyann, text.xy) for text in axes.texts if getattr(text, "arrow_patch", None) is not None]
    assert arrows == [((1, 0), (0, 0)), ((1, 0), (2, 0))]  # into node 0 from 1, and into node 2 from 1


def test_nodes_at_rest_have_no_arrows(axes):
    plotting.plot_currents(axes, [[0, 0], [1, 0]], np.array([1.0, 1.0]), np.zeros((2, 2)))
    assert [text.get_text() for text in axes.texts] == ["1", "1"]


def test_style_ends_with_its_block():
    import matplotlib as mpl

    before = mpl.rcParams["font.size"]
    with plotting.journal():
        assert mpl.rcParams["font.size"] == 8.5
    assert mpl.rcParams["font.size"] == before


def test_every_color_has_a_marker_of_its_own():
    """Okabe and Ito's colors, without their yellow, which vanishes on white."""
    import matplotlib as mpl

    for style in (plotting.journal, plotting.screen):
        with style():
            cycle = mpl.rcParams["axes.prop_cycle"].by_key()
        assert len(set(cycle["color"])) == len(set(cycle["marker"])) == 6
        assert "#F0E442" not in cycle["color"]


@pytest.mark.parametrize("kind", ["png", "pdf"])
def test_equal_figures_are_equal_files(tmp_path, kind):
    for name in ("first", "second"):
        with plotting.journal():
            figure = plotting.new_figure(plotting.SINGLE_COLUMN, 2)
            plotting.plot_exponents(figure.subplots(), np.array([1, 10]), {"$x$": np.array([0, 1])}, limits=[0])
            plotting.save(figure, tmp_path / name, kind)
    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()


def test_without_matplotlib_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingExtraError, match=r"wignerness\[plot\]"):
        plotting.new_figure(3, 2)
    with pytest.raises(MissingExtraError, match=r"wignerness\[plot\]"), plotting.journal():
        pass
