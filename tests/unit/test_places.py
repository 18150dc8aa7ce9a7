"""Places in a spec, and documents back as TOML."""

from __future__ import annotations

import datetime
import tomllib
from pathlib import Path

import pytest

from wignerness.io.places import look_up, put, steps
from wignerness.io.toml_writer import write_document

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.mark.parametrize("place", ["", "[", "baths[", "baths[-1]", "a..b", "a b", "baths[0]rate.", "1a"])
def test_what_is_no_place(place):
    assert steps(place) == []
    assert look_up({"a": 1}, place) is None


def test_values_are_looked_up_and_put():
    document = {"network": {"shape": [3, 4]}, "baths": [{"rate": 1.0}]}
    put(document, "network.shape[1]", 5)
    put(document, "baths[0].name", "hot")
    assert document == {"network": {"shape": [3, 5]}, "baths": [{"rate": 1.0, "name": "hot"}]}
    assert look_up(document, "network.shape[1]") == 5
    assert [look_up(document, p) for p in ("network.shape[2]", "baths.rate", "network[0]", "lattice")] == [None] * 4


@pytest.mark.parametrize("path", sorted(EXAMPLES.rglob("*.toml")), ids=lambda path: path.name)
def test_documents_of_specs_survive_the_way_there_and_back(path):
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    assert tomllib.loads(write_document(document)) == document


@pytest.mark.parametrize(
    "document",
    [
        {"a": True, "b": [1, -2.5e-300, 'quote " and \n and \x7f'], "c": {}},
        {"c": {"f": {"g": [{"h": 1}]}}, "q r": {"ä": [{"x": 1}, {}]}, "big": 2**70},
        {"a": [], "t": [{"inner": [{"x": [False, "y"]}]}], "u": {"only": [{"x": 1}], "plain": 2}},
        {"when": datetime.date(2026, 1, 2), "x": float("inf")},
    ],
)
def test_documents_of_any_shape_survive_too(document):
    assert tomllib.loads(write_document(document)) == document
