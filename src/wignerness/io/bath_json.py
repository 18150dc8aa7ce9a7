"""Baths of every kind as JSON texts, to the last bit."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import numpy as np

from ..bath import KINDS, Bath
from ..errors import FileFormatError
from ..spectra import Spectrum
from .spectrum_tables import spectrum_from_table, spectrum_to_table

# What only some thermal baths have.
_LEFT_OUT = ("bath_temperature", "frequency", "spectrum")
_CLASSES = {word: kind for kind, word in KINDS.items()}


def bath_to_json(bath: Bath) -> str:
    """Write a bath as JSON; a complex number becomes {"re": ..., "im": ...}, a spectrum its kind and its parameters.

    Raises
    ------
    FileFormatError
        If its spectrum is a function: a file cannot hold one.

    Examples
    --------
    >>> from wignerness import ThermalBath
    >>> bath_to_json(ThermalBath(0, rate=0.1, occupation=1.5))
    '{"kind": "thermal", "mode": 0, "rate": 0.1, "occupation": 1.5, "name": null}'
    """
    fields = {field.name: getattr(bath, field.name) for field in dataclasses.fields(bath)}
    plain = {n: _plain(value) for n, value in fields.items() if value is not None or n not in _LEFT_OUT}
    return json.dumps({"kind": KINDS[type(bath)]} | plain)


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
    if fields.get("spectrum") is not None:
        fields["spectrum"] = spectrum_from_table(fields["spectrum"])
    bath: Bath = _CLASSES[kind](**fields)
    return bath


def _plain(value: Any) -> Any:
    if isinstance(value, (tuple, list, np.ndarray)):
        return [_plain(item) for item in value]
    if isinstance(value, complex):  # NumPy's too
        return {"re": float(value.real), "im": float(value.imag)}
    return spectrum_to_table(value) if isinstance(value, Spectrum) else value


def _complex(found: dict[str, Any]) -> Any:
    return complex(found["re"], found["im"]) if found.keys() == {"re", "im"} else found
