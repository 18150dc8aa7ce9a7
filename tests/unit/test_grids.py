"""Grids: which points, in which order; and what is no grid."""

from __future__ import annotations

import itertools
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wignerness.analysis import Axis, Points, Product, Zipped
from wignerness.errors import SweepError

values = st.lists(st.one_of(st.integers(-9, 9), st.booleans(), st.text(max_size=2)), min_size=1, max_size=4)


@given(st.dictionaries(st.sampled_from("abcd"), values, min_size=1))
def test_a_product_visits_all_combinations_the_last_axis_fastest(axes):
    grid = Product(axes)
    assert len(grid) == np.prod(grid.shape)
    visited = [tuple(grid.point(index).values()) for index in range(len(grid))]
    assert visited == list(itertools.product(*axes.values()))
    assert all(list(grid.point(index)) == list(axes) for index in range(len(grid)))


def test_zipped_axes_and_points_are_one_dimension():
    zipped = Zipped({"a": [1, 2], "b": [3, 4]}, along="both")
    grid = Product({"c": [5, 6, 7]}, zipped, Points([{"d": 8, "e": "x"}]))
    assert grid.shape == (3, 2, 1)
    assert [dim.along for dim in grid.dimensions] == ["c", "both", "point"]
    assert grid.point(3) == {"c": 6, "a": 2, "b": 4, "d": 8, "e": "x"}
    assert Product(grid).point(3) == grid.point(3)


def test_values_become_plain_numbers():
    axis = Axis(np.array([1, 2]))
    assert [type(value) for value in axis.values] == [int, int]
    assert Axis([np.float64(0.5), [1, np.int64(2)], "x"]).values == (0.5, (1, 2), "x")


def test_grids_go_to_other_processes():
    grid = Product({"c": Axis([1.0], unit="MHz")}, Points([{"d": 8}, {"d": 9}]))
    again = pickle.loads(pickle.dumps(grid))
    assert [again.point(k) for k in range(2)] == [grid.point(k) for k in range(2)]
    assert again.axes["c"].unit == "MHz"


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Product({}), "at least one"),
        (lambda: Product({"a": []}), "Axis 'a': .* is empty"),
        (lambda: Product({"a": [np.nan]}), "finite real numbers"),
        (lambda: Product({"a": [1j]}), "finite real numbers"),
        (lambda: Product({"a": "text"}), "sequence of values"),
        (lambda: Product({"a": 1}), "sequence of values"),
        (lambda: Product({"a b": [1]}), "that a parameter of a function can have, but is 'a b'"),
        (lambda: Product({"lambda": [1]}), "that a parameter of a function can have"),
        (lambda: Product({3: [1]}), "that a parameter of a function can have"),
        (lambda: Product({"a": {1, 2}}), "sequence of values"),
        (lambda: Product({"a": {1: 2}}), "sequence of values"),
        (lambda: Zipped({"a": [1]}, along=3), "name of a dimension"),
        (lambda: Zipped({"\N{MICRO SIGN}": [1], "\N{GREEK SMALL LETTER MU}": [2]}), "distinct names"),
        (lambda: Product({"a": [1]}, Zipped({"a": [1]})), r"\['a'\] twice"),
        (lambda: Product({"a": [1]}, Zipped({"b": [1]}, along="a")), r"\['a'\] twice"),
        (lambda: Zipped({"a": [1], "b": [1, 2]}), "one length"),
        (lambda: Points([]), "empty"),
        (lambda: Points([{"a": 1}, {"b": 1}]), r"points\[1\]"),
    ],
)
def test_what_is_no_grid_says_why(make, words):
    with pytest.raises(SweepError, match=words):
        make()


def test_two_axes_of_different_values_look_different():
    assert str(Axis(range(100))) != str(Axis([*range(50), 51, *range(51, 100)]))
    assert str(Axis([1])) != str(Axis([1.0]))
