"""Maps of the phase space, links against their affinities, and vector graphics."""

from __future__ import annotations

import numpy as np
import pytest

import wignerness as wn
from wignerness import plotting
from wignerness.paper.counterexamples import current_against_affinity


@pytest.mark.parametrize(
    "state",
    [
        wn.GaussianState.squeezed([1.2], 0.7),
        wn.GaussianState.coherent([3 - 2j]),
        wn.GaussianState.thermal([40.0]),
    ],
    ids=["squeezed", "coherent", "thermal"],
)
def test_the_map_holds_the_whole_function_about_its_mean(state):
    found = plotting.wigner_map(state, points=161)
    step = np.diff(found.real)[0]
    assert found.values.sum() * step**2 == pytest.approx(1.0, abs=2e-3)
    center = found.values.shape[0] // 2
    assert found.values[center, center] == found.values.max()
    assert found.real[center] + 1j * found.imaginary[center] == pytest.approx(state.mean[0])


def test_rows_are_imaginary_parts():
    found = plotting.wigner_map(wn.GaussianState.squeezed([0.8]))  # narrow along Re alpha
    middle = found.values.shape[0] // 2
    assert found.values[middle].sum() < found.values[:, middle].sum()


def test_the_other_modes_are_integrated_out():
    ness = wn.steady_state(wn.models.chain(3, hopping=0.3, rate=1.0, occupations=(1, 2)))
    whole, alone = plotting.wigner_map(ness.state, 2), plotting.wigner_map(ness.state.reduced([2]))
    np.testing.assert_array_equal(whole.values, alone.values)
    with pytest.raises(wn.errors.InvalidStateError, match="from 0 to 2"):
        plotting.wigner_map(ness.state, 3)
    with pytest.raises(wn.errors.InvalidStateError, match="at least 2"):
        plotting.wigner_map(ness.state, 0, points=1)


def _drawn(draw, tmp_path, kind, name="figure"):
    path = tmp_path / f"{name}.{kind}"
    with plotting.screen():
        figure = plotting.new_figure(4, 3)
        draw(figure.subplots())
        plotting.save(figure, path, kind)
    return path.read_bytes()


def test_maps_and_links_are_drawn(tmp_path):
    ness = current_against_affinity()
    terms = wn.thermodynamics.link_terms(ness.network, ness.state)
    for name, draw in {
        "map": lambda axes: plotting.plot_wigner(axes, plotting.wigner_map(ness.state, 1)),
        "links": lambda axes: plotting.plot_affinities(axes, terms),
    }.items():
        assert _drawn(draw, tmp_path, "png", name).startswith(b"\x89PNG")


def test_equal_figures_are_equal_svg_files(tmp_path):
    def draw(axes):
        plotting.plot_occupations(axes, {"a": np.array([1.0, 2.0])})

    first, second = (_drawn(draw, tmp_path, "svg", name) for name in "ab")
    assert first == second
    assert b"<svg" in first[:500]
    assert b"dc:date" not in first
