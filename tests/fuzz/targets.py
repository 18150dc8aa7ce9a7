"""What is fuzzed: every function takes any bytes and fails only if the library breaks a promise about them."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np

from wignerness.errors import SpecError
from wignerness.io.bath_json import bath_to_json
from wignerness.io.spec import RunSpec, parse_spec

CORPUS = Path(__file__).parent / "corpus"
# What a loader may take to be free: a spec of a few bytes may describe a million nodes, which is right but slow.
MEMORY = 4 * 2**20
_MODES_COMPARED = 32

_BY_FILE = {
    "graphml": ("fuzzed.graphml", '[network]\ngraph = "fuzzed.graphml"\nhopping = 0.5'),
    "edges": ("fuzzed.edges", '[network]\ngraph = "fuzzed.edges"\nhopping = 0.5'),
    "matrix": ("fuzzed.npy", '[network]\nmatrix = "fuzzed.npy"'),
    "sparse": ("fuzzed.npz", '[network]\nmatrix = "fuzzed.npz"'),
}


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    """A folder for the files that specs refer to; it goes when the program ends."""
    return tempfile.TemporaryDirectory(prefix="wignerness-fuzz-")


def spec(data: bytes) -> None:
    """Whatever the bytes, reading a spec gives a network or SpecError; what it gives survives being written."""
    try:
        found = parse_spec(data, base=_folder().name)
    except SpecError as error:
        _check_message(error)
        return
    _check_round_trip(found)


def _by_file(kind: str) -> Callable[[bytes], None]:
    name, text = _BY_FILE[kind]

    def target(data: bytes) -> None:
        """Whatever the file that a spec refers to holds, reading the spec gives a network or SpecError."""
        path = Path(_folder().name) / name
        path.write_bytes(data)
        try:
            found = parse_spec(text, base=path.parent)
        except SpecError as error:
            _check_message(error)
            return
        _check_round_trip(found)

    return target


def _check_message(error: SpecError) -> None:
    text = str(error)
    if not text or not error.faults or len(text) > 10_000 + 500 * len(error.faults):
        raise AssertionError(f"a SpecError of {len(text)} characters and {len(error.faults)} faults")


def _check_round_trip(found: RunSpec) -> None:
    if found.sweep is not None:
        with contextlib.suppress(SpecError):
            found.sweep(**{axis.name: axis.values[-1] for axis in found.sweep.axes})
    elif found.network.n_modes <= _MODES_COMPARED:
        again = parse_spec(found.to_toml())
        before, after = _plain(found), _plain(again)
        if before != after or not all(map(np.array_equal, _matrices(found), _matrices(again))):
            raise AssertionError(f"written and read again, {before} is {after}")


def _plain(found: RunSpec) -> tuple[object, ...]:
    baths = [re.sub(r"-0\.0(?!\d)", "0.0", bath_to_json(bath)) for bath in found.network.baths]  # zero has no sign
    return (found.network.labels, baths, found.title, found.unit, found.solver, found.quantities)


def _matrices(found: RunSpec) -> list[np.ndarray]:
    matrix = found.network.hamiltonian
    dense = matrix if isinstance(matrix, np.ndarray) else matrix.toarray()
    return [dense, found.network.pairing, found.network.drive]


TARGETS: dict[str, Callable[[bytes], None]] = {"spec": spec} | {kind: _by_file(kind) for kind in _BY_FILE}


def seeds(target: str) -> list[bytes]:
    """The seed corpus of a target."""
    return [path.read_bytes() for path in sorted((CORPUS / target).iterdir())]


if os.environ.get("WIGNERNESS_FUZZ_BROKEN"):  # a yardstick for the harness itself: an error that it must find

    def _broken(data: bytes) -> None:
        spec(data)
        if b"length = 3" in data:
            raise KeyError("planted")

    TARGETS["spec"] = _broken
