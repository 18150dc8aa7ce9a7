"""What makes a function another one: its code, and everything that it refers to."""

import dataclasses
import functools
import os
import subprocess
import sys
import threading
import types
from pathlib import Path

import numpy as np
import pytest
from sweep_tasks import chain

import wignerness as wn
from wignerness.analysis.fingerprint import Fingerprint
from wignerness.errors import SweepError

TABLE = {"rate": 1.0}


class Builder:
    def __init__(self, rate):
        self.rate = rate

    @functools.cached_property
    def double(self):
        return 2 * self.rate

    def __call__(self, hopping):
        return wn.models.chain(2, hopping=hopping, rate=self.rate, occupations=(1, 2))

    def method(self, hopping):
        return self(hopping)


@dataclasses.dataclass(frozen=True)
class Frozen:
    rate: float

    def __call__(self, hopping):
        return Builder(self.rate)(hopping)


def of_array(hopping, rates):
    return Builder(rates[500])(hopping)


def enclosing(value):
    def build(hopping):
        return Builder(value)(hopping)

    return build


def nested(value):
    return enclosing(lambda: enclosing(value))


def replacing(rate):
    return enclosing(wn.models.chain(2, hopping=0.1, rate=rate, occupations=(1, 2)))


def of_table(hopping):
    return next(Builder(TABLE["rate"])(hopping) for _ in range(1))


@functools.cache
def cached(hopping):
    return of_table(hopping)


def rates(value):
    return np.where(np.arange(1000) == 500, value, 1.0)


@pytest.mark.parametrize(
    "make",
    [
        Builder,
        Frozen,
        lambda rate: Builder(rate).method,
        lambda rate: functools.partial(of_array, rates=rates(rate)),
        lambda rate: functools.partial(of_array, rates(rate)),
        lambda rate: enclosing({"rate": [rate, {"a"}]}),
        lambda rate: enclosing(Builder(rate)),
        lambda rate: enclosing(rates(rate)),
        nested,
        replacing,
    ],
    ids=[
        "object",
        "dataclass",
        "method",
        "keyword",
        "argument",
        "table",
        "held object",
        "array",
        "function",
        "network",
    ],
)
def test_what_a_function_refers_to_makes_it_another(make):
    one, again, other = Fingerprint(make(1.0)), Fingerprint(make(1.0)), Fingerprint(make(2.0))
    assert (one.source, one.surroundings, str(one)) == (again.source, again.surroundings, str(again))
    assert one.surroundings != other.surroundings
    assert str(one) != str(other)


def test_its_own_code_makes_it_another():
    pair = (lambda hopping: chain(hopping), lambda hopping: chain(2 * hopping))  # on one line of source
    assert Fingerprint(pair[0]).source != Fingerprint(pair[1]).source
    assert Fingerprint(chain).source != Fingerprint(of_table).source
    without = [types.FunctionType(compile(text, "?", "eval"), {}) for text in ("1 + 2j", "1 + 3j")]
    assert Fingerprint(without[0]).source != Fingerprint(without[1]).source


@pytest.mark.parametrize("function", [of_table, cached], ids=["itself", "through another"])
def test_what_it_calls_counts_where_it_is_ones_own(monkeypatch, function):
    before = str(Fingerprint(function))
    monkeypatch.setitem(TABLE, "rate", 2.0)
    changed = str(Fingerprint(function))
    monkeypatch.setattr(Builder, "method", lambda self, hopping: None)
    assert len({before, changed, str(Fingerprint(function))}) == 3


def test_what_is_taken_from_a_module_of_ones_own_counts(monkeypatch, tmp_path):
    (tmp_path / "settings_of_a_sweep.py").write_text("rate, unused = 1.0, 2.0\n")
    monkeypatch.syspath_prepend(tmp_path)
    import settings_of_a_sweep as settings

    source = "def build(hopping):\n    return settings.rate * hopping\n"
    names = {"settings": settings, "np": np}
    exec(source, names)
    assert Fingerprint(names["build"]).surroundings == {"settings.rate": "1.0"}
    monkeypatch.delitem(sys.modules, "settings_of_a_sweep")


def test_what_an_object_keeps_to_be_faster_does_not_count():
    held, network = Builder(1.0), wn.models.chain(3, hopping=0.1, rate=1.0, occupations=(1, 2))
    before = [str(Fingerprint(enclosing(value))) for value in (held, network)]
    assert held.double == 2.0
    wn.steady_state(network)
    assert [str(Fingerprint(enclosing(value))) for value in (held, network)] == before


def test_anything_can_be_referred_to():
    ring, deep = [1.0], []
    ring.append(ring)
    for _ in range(5000):
        deep = [deep]
    things = [ring, deep, threading.Lock(), np.random.default_rng(1), np.sin, Path("a"), Builder, wn, iter([1])]
    texts = [Fingerprint(enclosing(thing)).surroundings for thing in things]
    assert all(set(text) <= {"value", "Builder"} for text in texts)


STABLE = """
from test_fingerprint import *
things = [{"a", "b", "c"}, Builder(1.0), frozenset({"x", "y"}), np.random.default_rng(1), chain, cached]
print([str(Fingerprint(enclosing(thing))) for thing in things], Fingerprint(Builder(2.0)).surroundings)
"""


def test_it_is_the_same_in_every_process():
    folders = [Path(__file__).parent, Path(__file__).parents[1], Path(wn.__file__).parents[1]]
    base = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, folders))}
    said = {
        subprocess.run(
            [sys.executable, "-c", STABLE],
            env=base | {"PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1


def test_the_store_of_another_object_is_refused_with_the_difference(tmp_path):
    grid, store = {"hopping": [0.1, 0.2]}, tmp_path / "a.nc"
    first = wn.sweep(Frozen(1.0), grid, ["bath_currents"], store=store)
    assert wn.sweep(Frozen(1.0), grid, ["bath_currents"], store=store).identical(first)
    with pytest.raises(SweepError, match=r"build, refers to: stored self = \S+Frozen .*, now self = \S+Frozen"):
        wn.sweep(Frozen(2.0), grid, ["bath_currents"], store=store)
    wn.sweep(functools.partial(chain, length=2), grid, store=tmp_path / "b.nc")
    with pytest.raises(SweepError, match=r"stored  length = 2\n.* now     length = 3"):
        wn.sweep(functools.partial(chain, length=3), grid, store=tmp_path / "b.nc")
