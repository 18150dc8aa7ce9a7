"""Mistakes in what is asked of a sweep are told before the first point."""

from __future__ import annotations

import numpy as np
import pytest
from sweep_tasks import chain

import wignerness as wn
from wignerness.analysis import Processes, Zipped
from wignerness.dynamics.quantities import QUANTITIES, Quantity
from wignerness.errors import SweepError

GRID = {"hopping": [0.5]}
NUMBER = Quantity((), 0, "a number", lambda ness: 1.0)


def never(**parameters):
    pytest.fail(f"asked for {parameters}")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"build": None}, "`build` must be a function"),
        ({"grid": [0.1, 0.2]}, "`grid` must be a mapping"),
        ({"grid": {"occupations": [(1, 2)]}}, "'occupations' has the name of a quantity"),
        ({"grid": {"node": [1]}}, "can have the name 'node'"),
        ({"grid": Zipped({"hopping": [1]}, along="bath")}, "can have the name 'bath'"),
        ({"grid": {"hopping": {1, 2}}}, "sequence of values"),
        ({"grid": {"rng": [1]}, "seed": 1}, "'rng' cannot go with a seed"),
        ({"observables": {"occupations": None}}, r"observables\['occupations'\]. must be a Quantity"),
        ({"observables": {"a/b": NUMBER}}, "must be a text without /"),
        ({"observables": {"message": NUMBER}}, "that no other part has"),
        ({"observables": {"mine": Quantity(("bird",), 0, "", len)}}, "distinct dimensions out of node"),
        ({"observables": {"mine": Quantity(("node", "node"), 0, "", len)}}, "distinct dimensions"),
        ({"observables": [1]}, "observables"),
        ({"solver": wn.solvers.Dense}, "`solver` must be an object such as solvers.Dense()"),
        ({"executor": Processes}, "`executor` must be an object such as Processes"),
        ({"unit": 1}, "`unit` must be a string"),
        ({"store": ""}, "`store` must be the name of a file"),
    ],
)
def test_what_cannot_be_is_refused_before_the_first_point(changed, words):
    with pytest.raises(SweepError, match=words):
        wn.sweep(**({"build": never, "grid": GRID} | changed))


def test_a_quantity_of_the_wrong_shape_fails_its_points():
    wrong = Quantity(("bath",), 0, "", lambda ness: ness.occupations)
    data = wn.sweep(chain, {"hopping": [0.5], "length": [2, 3]}, {"wrong": wrong})
    assert data.message.values[0, 0] == (
        "SweepError: Quantity 'wrong' must have shape (4,) for its dimensions, but has (2,)."
    )


class Speechless(Exception):
    def __str__(self):
        raise ValueError


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (SystemExit(3), "SystemExit: 3"),
        (BaseException("of its own kind"), "BaseException: of its own kind"),
        (Speechless(), "Speechless: (no text)"),
        (ValueError(), "ValueError: "),
        (ValueError("a\x00\udc80"), r"ValueError: a\x00\udc80"),
    ],
    ids=["exit", "base", "speechless", "empty", "unprintable"],
)
def test_whatever_a_function_raises_is_the_result_of_its_point(error, message, tmp_path):
    def build(x):
        if x:
            raise error
        return chain(0.5)

    data = wn.sweep(build, {"x": [0, 1]}, ["occupations"], store=tmp_path / "a.nc")
    assert data.message.values.tolist() == ["", message]


def test_texts_that_no_file_holds_are_written_out(tmp_path):
    def build(name):
        return wn.Network([[1.0]], [wn.ThermalBath(0, 0.1, 1.0, name=name)], labels=["a\x00b"])

    data = wn.sweep(build, {"name": ["x\udc80"]}, ["occupations", "entropy_flux"], store=tmp_path / "a.nc")
    assert (data.name.item(), data.node.item(), data.bath.item()) == (r"x\udc80", r"a\x00b", r"x\udc80")


def test_own_quantities_may_be_infinite_or_no_number():
    mine = Quantity((), 0, "", lambda ness: np.inf if ness.network.n_modes == 2 else np.nan)
    data = wn.sweep(
        chain, {"hopping": [0.5], "length": [2, 3]}, {"mine": mine, "occupations": QUANTITIES["occupations"]}
    )
    assert data.attrs["failed"] == 0
    assert data.mine.values[0, 0] == np.inf
