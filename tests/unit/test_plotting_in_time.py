"""Drawings of transients and of ensembles: what they put on the axes."""

from __future__ import annotations

import numpy as np
import pytest

import wignerness as wn
from wignerness import plotting

PAIR = wn.models.chain(2, hopping=0.5, rate=1.0, occupations=(1, 3))
START = wn.GaussianState([1.0, 0.5j], np.diag([1.0, 2.0]), np.diag([0.5, 0.2j]))
TIMES = [0.1, 0.5, 1.0]


@pytest.fixture(params=[plotting.journal, plotting.screen], ids=["journal", "screen"])
def axes(request):
    with request.param():
        figure = plotting.new_figure(4, 3)
        yield figure.subplots()
        figure.canvas.draw()  # warnings are errors: nothing is missing from the fonts


@pytest.fixture(scope="module")
def run():
    return wn.evolve(PAIR, START, TIMES)


@pytest.fixture(scope="module")
def sample():
    return wn.sample_trajectories(PAIR, START, TIMES, 5000, rng=1)


def test_relaxation(axes, run):
    plotting.plot_relaxation(axes, run)
    for mode, line in enumerate(axes.lines):
        np.testing.assert_array_equal(line.get_ydata(), run.occupations[:, mode])
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["0", "1"]


def test_relaxation_of_some_nodes(axes, run):
    plotting.plot_relaxation(axes, run, modes=[1])
    assert len(axes.lines) == 1
    np.testing.assert_array_equal(axes.lines[0].get_ydata(), run.occupations[:, 1])


def test_entropy_budget(axes, run):
    plotting.plot_entropy_budget(axes, run)
    total = run.entropy_production.sum(axis=1)
    first, second, kept = axes.collections
    assert first.get_paths()[0].vertices[:, 1].max() == pytest.approx(run.entropy_production[:, 0].max())
    assert second.get_paths()[0].vertices[:, 1].max() == pytest.approx(total.max())
    np.testing.assert_array_equal(axes.lines[0].get_ydata(), run.entropy_flux.sum(axis=1))
    heights = kept.get_paths()[0].vertices[:, 1]
    assert heights.max() == pytest.approx(max(total.max(), run.entropy_flux.sum(axis=1).max()))


def test_histograms_have_area_one(axes, sample):
    plotting.plot_production_histogram(axes, sample)
    for patch in axes.patches:
        values, edges, _ = patch.get_data()
        # The rare trajectories beyond the ends carry some of the weight.
        assert np.sum(values * np.diff(edges)) == pytest.approx(1.0, abs=0.1)
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert labels[0].startswith(r"$P(\Sigma)$, mean $")
    assert "area" in labels[1]


def test_phase_space(axes, sample, run):
    plotting.plot_phase_space(axes, sample.alpha[:, -1], run.states[-1], mode=1, shown=100)
    points, *rings = axes.lines
    np.testing.assert_array_equal(points.get_xdata(), sample.alpha[:100, -1, 1].real)
    alone = run.states[-1].reduced([1])
    density = [alone.wigner((ring.get_xdata() + 1j * ring.get_ydata())[:, None]) for ring in rings]
    top = alone.wigner(alone.mean[None, :])[0]
    for deviations, values in enumerate(density, start=1):
        np.testing.assert_allclose(values, top * np.exp(-(deviations**2) / 2), rtol=1e-12)
    assert axes.get_xlabel() == r"$\mathrm{Re}\,\alpha_{2}$"


@pytest.mark.parametrize("upright", [False, True])
@pytest.mark.parametrize("angle", [0.0, 0.7, np.pi / 2])
def test_marginals(axes, sample, run, angle, upright):
    state = run.states[-1]
    plotting.plot_marginal(axes, sample.alpha[:, -1], state, mode=0, angle=angle, upright=upright)
    values, density = axes.lines[0].get_data()[:: -1 if upright else 1]
    counts, edges, _ = axes.patches[0].get_data()
    assert np.trapezoid(density, values) == pytest.approx(1.0, abs=1e-3)
    assert np.sum(counts * np.diff(edges)) == pytest.approx(1.0)
    drawn = (np.exp(-1j * angle) * sample.alpha[:, -1, 0]).real
    mean = np.trapezoid(values * density, values)
    variance = np.trapezoid((values - mean) ** 2 * density, values)
    assert abs(drawn.mean() - mean) < 4 * drawn.std() / len(drawn) ** 0.5
    assert drawn.var() == pytest.approx(variance, rel=0.1)


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (0.98765, 0.0083, "0.988(8)"),
        (1.0, 0.02, "1.00(2)"),
        (123.4, 5.0, "123(5)"),
        (0.5, 0.0, "0.5"),
        (1, np.inf, "1"),
    ],
)
def test_numbers_with_their_errors(value, error, text):
    from wignerness.plotting.ensembles import _with_error

    assert _with_error(value, error) == text
