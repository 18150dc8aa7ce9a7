"""How much memory there is, and the refusal to need more."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

import wignerness as wn
from wignerness import _memory
from wignerness.errors import MemoryLimitError


def test_available_memory_is_plausible():
    found = _memory.available_memory()
    assert found is None or 2**20 < found < 2**60


def test_reads_the_smaller_of_machine_and_container(tmp_path, monkeypatch):
    files = {
        "_MEMINFO": "MemTotal: 4000 kB\nMemAvailable:   3000 kB\n",
        "_CGROUP_LIMIT": "2000000",
        "_CGROUP_USED": "1",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
        monkeypatch.setattr(_memory, name, tmp_path / name)
    assert _memory.available_memory() == 2000000 - 1
    (tmp_path / "_CGROUP_LIMIT").write_text("max\n")
    assert _memory.available_memory() == 3000 * 1024


def test_falls_back_on_the_operating_system(tmp_path, monkeypatch):
    for name in ("_MEMINFO", "_CGROUP_LIMIT", "_CGROUP_USED"):
        monkeypatch.setattr(_memory, name, tmp_path / "absent")
    monkeypatch.setattr(_memory, "os", SimpleNamespace(sysconf=lambda _: 1000))
    assert _memory.available_memory() == 1000**2
    monkeypatch.setattr(_memory, "os", SimpleNamespace())
    assert _memory.available_memory() is None
    _memory.refuse_beyond(2**70, "Anything", "Nothing.")  # what is not known is not refused


def test_refusal_carries_both_numbers(monkeypatch):
    monkeypatch.setattr(_memory, "available_memory", lambda: 2**30)
    _memory.refuse_beyond(2**30, "This", "Do that.")
    with pytest.raises(MemoryLimitError) as caught:
        _memory.refuse_beyond(3 * 2**30, "This", "Do that.")
    assert str(caught.value) == "This needs about 3 GiB, but 1 GiB are available. Do that."
    assert (caught.value.needed, caught.value.available) == (3 * 2**30, 2**30)


def test_a_steady_state_is_refused_before_anything_is_allocated(monkeypatch):
    monkeypatch.setattr(_memory, "available_memory", lambda: 10_000)
    network = wn.models.chain(30, hopping=0.5, rate=1.0, occupations=(1, 2))
    with pytest.raises(MemoryLimitError, match="dense steady state of 30 modes") as caught:
        wn.steady_state(network)
    # At least three matrices of the result and a dozen of the solver.
    assert caught.value.needed > 12 * 16 * 30**2


def test_parts_need_less_than_the_whole(monkeypatch):
    """A network that falls apart is solved in parts."""
    monkeypatch.setattr(_memory, "available_memory", lambda: 20 * 16 * 60**2)
    baths = [wn.ThermalBath(k, 1.0, 1.0) for k in range(60)]
    whole = wn.models.chain(60, hopping=0.5, rate=1.0, occupations=(1, 2)).hamiltonian
    with pytest.raises(MemoryLimitError):
        wn.steady_state(wn.Network(whole, baths))
    apart = wn.Network(whole * 0, baths)
    assert (wn.steady_state(apart).occupations == 1).all()
