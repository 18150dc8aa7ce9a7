"""The hook that long work reports to."""

from __future__ import annotations

import io
import sys
from types import SimpleNamespace

import pytest

from wignerness._progress import progress, progress_to, report, track


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


# --- how it looks ------------------------------------------------------------------------------------------------------


class Clock:
    def __init__(self, monkeypatch):
        self.now = 100.0
        monkeypatch.setattr("wignerness._progress.time.monotonic", lambda: self.now)


def sweep_told(clock):
    """A sweep of 100 points, 10 of them stored before; a point takes a second."""
    report("points", 10, 100)
    for done in range(11, 101):
        clock.now += 1.0
        if done == 50:
            report("failed points", 2, 100)
        report("points", done, 100)


def test_a_log_gets_a_line_now_and_then(monkeypatch):
    stream = io.StringIO()
    clock = Clock(monkeypatch)
    with progress(stream):
        sweep_told(clock)
    lines = stream.getvalue().splitlines()
    assert lines[0] == "10 of 100 points"
    assert lines[1] == "20 of 100 points, 1/s, 1 min 20 s left"
    assert lines[5] == "60 of 100 points, 1/s, 40 s left, 2 failed points"
    assert lines[-1] == "100 of 100 points, 1/s, 2 failed points"
    assert len(lines) == 10


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_terminal_gets_one_line_that_changes(monkeypatch):
    stream = Terminal()
    clock = Clock(monkeypatch)
    with progress(stream):
        sweep_told(clock)
    pictures = stream.getvalue().split("\r\x1b[2K")
    assert pictures[1].startswith("[##......................] 10 of 100 points")
    assert pictures[-1] == f"[{'#' * 24}] 100 of 100 points, 1/s, 2 failed points\n"
    assert "\n" not in "".join(pictures[:-1])


def test_a_notebook_gets_a_bar_in_the_cell(monkeypatch):
    shown = []

    class Handle:
        def update(self, picture):
            shown.append(picture)

    def display(picture, display_id):
        assert display_id
        shown.append(picture)
        return Handle()

    shell = SimpleNamespace(kernel=object())
    fake = SimpleNamespace(get_ipython=lambda: shell, display=SimpleNamespace(HTML=str, display=display))
    monkeypatch.setitem(sys.modules, "IPython", fake)
    monkeypatch.setitem(sys.modules, "IPython.display", fake.display)
    clock = Clock(monkeypatch)
    with progress():
        report("<b>", 0, 4)
        clock.now += 2.0
        report("<b>", 1, 4)
    assert shown[0] == '<progress value="0.0000" max="1"></progress> 0 of 4 &lt;b&gt;'
    assert shown[-1] == '<progress value="0.2500" max="1"></progress> 1 of 4 &lt;b&gt;, 0.5/s, 6 s left'


def test_without_a_notebook_it_goes_to_standard_error(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: None))
    with progress():
        report("points", 0, 3)
    assert capsys.readouterr().err == "0 of 3 points\n"


def test_work_of_the_same_name_begins_anew(monkeypatch):
    stream = io.StringIO()
    clock = Clock(monkeypatch)
    with progress(stream):
        for _ in range(2):
            report("points", 0, 2)
            clock.now += 1.0
            report("failed points", 1, 2)
            report("points", 2, 2)
        report("nothing", 0, 0)
    assert stream.getvalue().splitlines() == ["0 of 2 points", "2 of 2 points, 2/s, 1 failed points"] * 2


def test_nothing_is_shown_of_nothing():
    stream = Terminal()
    with progress(stream):
        pass
    assert stream.getvalue() == ""
