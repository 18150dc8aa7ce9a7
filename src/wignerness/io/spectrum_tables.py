"""Spectral densities as tables of plain values, for specs and files."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from ..errors import FileFormatError
from ..spectra import Flat, Lorentzian, Ohmic, Spectrum

__all__ = ["SPECTRA", "spectrum_from_table", "spectrum_to_table"]

SPECTRA: dict[str, Any] = {"flat": Flat, "ohmic": Ohmic, "lorentzian": Lorentzian}


def spectrum_to_table(spectrum: Spectrum) -> dict[str, Any]:
    """Return the kind of a spectrum and its parameters.

    Raises
    ------
    FileFormatError
        If it is a function: a file cannot hold one.

    Examples
    --------
    >>> spectrum_to_table(Ohmic(10.0))
    {'kind': 'ohmic', 'cutoff': 10.0, 'exponent': 1.0, 'sharp': False}
    """
    kind = next((word for word, form in SPECTRA.items() if type(spectrum) is form), None)
    if kind is None:
        raise FileFormatError(f"a file cannot hold the spectrum {spectrum!r}: only {', '.join(SPECTRA)}")
    return {"kind": kind} | {f.name: getattr(spectrum, f.name) for f in dataclasses.fields(spectrum)}  # type: ignore[arg-type]


def spectrum_from_table(table: Mapping[str, Any]) -> Spectrum:
    """Return the spectrum that `spectrum_to_table` wrote down.

    Raises
    ------
    FileFormatError
        If it is of no kind that there is, or has other parameters.

    Examples
    --------
    >>> spectrum_from_table({"kind": "lorentzian", "center": 1.0, "width": 0.1})
    Lorentzian(center=1.0, width=0.1)
    """
    form = SPECTRA.get(table.get("kind", ""))
    names = {field.name for field in dataclasses.fields(form)} if form else set()
    if form is None or not table.keys() <= names | {"kind"}:
        raise FileFormatError(f"there is no spectrum of the form {dict(table)!r}")
    spectrum: Spectrum = form(**{name: value for name, value in table.items() if name != "kind"})
    return spectrum
