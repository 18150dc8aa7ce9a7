"""Loaders under any bytes, for a short while; ``fuzz.py`` runs for as long as one likes."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import wignerness as wn

sys.path.insert(0, str(Path(__file__).parent))
from targets import MEMORY, TARGETS, seeds

HERE = Path(__file__).parent
WORDS = (
    b'"',
    b"[",
    b"]",
    b"{",
    b"}",
    b"=",
    b".",
    b",",
    b"\n",
    b"'''",
    b"nan",
    b"-1",
    b"1e999",
    b"\x00",
    b"\xff",
    b"[[",
)
MUTANTS = {"spec": 3000}


@pytest.fixture(autouse=True)
def little_memory(monkeypatch):
    monkeypatch.setattr("wignerness._memory.available_memory", lambda: MEMORY)


@pytest.mark.parametrize("target", TARGETS)
def test_seeds_break_no_promise(target: str) -> None:
    found = seeds(target)
    assert found
    for data in found:
        TARGETS[target](data)


@pytest.mark.parametrize("target", TARGETS)
def test_mutated_seeds_break_no_promise(target: str, rng: np.random.Generator) -> None:
    corpus = seeds(target)
    for _ in range(MUTANTS.get(target, 500)):
        data = corpus[rng.integers(len(corpus))]
        for _ in range(rng.integers(1, 5)):
            data = _mutated(data, corpus, rng)
        TARGETS[target](data)


def _mutated(data: bytes, corpus: list[bytes], rng: np.random.Generator) -> bytes:
    """One change: a byte, a word put in, a stretch left out, doubled or taken from another seed."""
    start, stop = sorted(int(place) for place in rng.integers(0, len(data) + 1, 2))
    other = corpus[rng.integers(len(corpus))]
    there = sorted(int(place) for place in rng.integers(0, len(other) + 1, 2))
    replacements = (
        rng.bytes(1) + data[start + 1 : stop],
        WORDS[rng.integers(len(WORDS))] + data[start:stop],
        b"",
        data[start:stop] * 2,
        other[slice(*there)],
    )
    return data[:start] + replacements[rng.integers(len(replacements))] + data[stop:]


def _fuzz(target: str, folder: Path, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
    paths = [str(Path(wn.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))} | variables
    command = [sys.executable, str(HERE / "fuzz.py"), target, *options, f"-artifact_prefix={folder}{os.sep}"]
    return subprocess.run(command, check=False, capture_output=True, text=True, env=environment, cwd=folder)


needs_atheris = pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="the extra `fuzz` is not there")


@needs_atheris
@pytest.mark.slow
@pytest.mark.parametrize(("target", "runs"), [("spec", 20_000), ("graphml", 1500), ("matrix", 1500)])
def test_guided_fuzzing_breaks_no_promise(target: str, runs: int, tmp_path: Path, seed: int) -> None:
    done = _fuzz(target, tmp_path, f"-runs={runs}", f"-seed={seed % 2**31 + 1}")
    assert done.returncode == 0, done.stderr[-4000:]
    assert "Done " in done.stderr


@needs_atheris
@pytest.mark.slow
def test_guided_fuzzing_finds_a_planted_error(tmp_path: Path) -> None:
    done = _fuzz("spec", tmp_path, "-runs=100000", "-seed=1", WIGNERNESS_FUZZ_BROKEN="1")
    assert done.returncode != 0
    assert "KeyError: 'planted'" in done.stdout + done.stderr
    assert b"length = 3" in next(tmp_path.glob("crash-*")).read_bytes()
