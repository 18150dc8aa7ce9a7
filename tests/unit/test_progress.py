"""The hook that long work reports to."""

from __future__ import annotations

import pytest

from wignerness._progress import progress_to, track


def test_without_a_hook_items_pass_through():
    assert list(track([1, 2, 3], "work")) == [1, 2, 3]


def test_each_finished_item_is_reported():
    calls = []
    with progress_to(lambda *call: calls.append(call)):
        items = iter(track("ab", "letters"))
        assert next(items) == "a"
        assert calls == [("letters", 0, 2)]
        assert list(items) == ["b"]
    assert calls == [("letters", 0, 2), ("letters", 1, 2), ("letters", 2, 2)]


def test_hook_is_forgotten_even_after_a_failure():
    calls = []

    def fail():
        with progress_to(lambda *call: calls.append(call)):
            raise ValueError("inside")

    with pytest.raises(ValueError, match="inside"):
        fail()
    assert list(track([1], "work")) == [1]
    assert calls == []


def test_hooks_nest():
    outer, inner = [], []
    with progress_to(lambda *call: outer.append(call)):
        with progress_to(lambda *call: inner.append(call)):
            list(track([1], "in"))
        list(track([1], "out"))
    assert {call[0] for call in inner} == {"in"}
    assert {call[0] for call in outer} == {"out"}
