"""Baths of every kind as JSON texts, to the last bit."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import numpy as np

from ..bath import KINDS, Bath
from ..errors import FileFormatError

_CLASSES = {word: kind for kind, word in KINDS.items()}


def bath_to_json(bath: Bath) -> str:
    """Write a bath as JSON; a complex number becomes {"re": ..., "im": ...}.

    Examples
    --------
    >>> from wignerness import ThermalBath
    >>> bath_to_json(ThermalBath(0, rate=0.1, occupation=1.5))
    '{"kind": "thermal", "mode": 0, "rate": 0.1, "occupation": 1.5, "name": null}'
    """
    fields = {field.name: getattr(bath, field.name) for field in dataclasses.fields(bath)}
    return json.dumps({"kind": KINDS[type(bath)]} | {name: _plain(value) for name, value in fields.items()})


def bath_from_json(text: str) -> Bath:
    """Read a bath that `bath_to_json` wrote.

    Raises
    ------
    FileFormatError
        If it is of no kind that there is.
    """
    fields = json.loads(text, object_hook=_complex)
    kind = fields.pop("kind")
    if kind not in _CLASSES:
        raise FileFormatError(f"there is no bath of the kind {kind!r}")
    bath: Bath = _CLASSES[kind](**fields)
    return bath


def _plain(value: Any) -> Any:
    if isinstance(value, (tuple, list, np.ndarray)):
        return [_plain(item) for item in value]
    if isinstance(value, complex):  # NumPy's too
        return {"re": float(value.real), "im": float(value.imag)}
    return value


def _complex(found: dict[str, Any]) -> Any:
    return complex(found["re"], found["im"]) if found.keys() == {"re", "im"} else found
