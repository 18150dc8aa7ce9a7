"""Writes networks and documents as TOML text that is read back to the last bit."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy import sparse

from .._checks import has_nonzero
from .._typing import ComplexArray
from ..bath import KINDS, Bath, JumpBath, ThermalBath
from ..network import Network
from .spectrum_tables import spectrum_to_table

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def write_toml(network: Network, top: Mapping[str, Any], sections: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the TOML text of a network, node by node.

    Parameters
    ----------
    network : Network
    top : mapping
        Keys that come before the first table; None leaves one out.
    sections : mapping
        Further tables, likewise.

    """
    frequencies = network.hamiltonian.diagonal().real
    upper = sparse.triu(sparse.csr_array(network.hamiltonian), 1).tocoo()
    blocks = [_block("", top)]
    blocks += [
        _block("[[network.nodes]]", {"label": n, "frequency": f})
        for n, f in zip(network.labels, frequencies, strict=True)
    ]
    blocks += [
        _block("[[network.edges]]", {"between": [int(k), int(m)], "hopping": [value.real, value.imag]})
        for k, m, value in zip(*upper.coords, upper.data, strict=True)
        if value
    ]
    pairs = np.argwhere(np.triu(network.pairing)) if has_nonzero(network.pairing) else ()
    blocks += [
        _block("[[network.pairing]]", {"between": [int(k), int(m)], "value": network.pairing[k, m]}) for k, m in pairs
    ]
    driven = np.flatnonzero(network.drive) if has_nonzero(network.drive) else ()
    blocks += [_block("[[network.drive]]", {"node": int(k), "amplitude": network.drive[k]}) for k in driven]
    blocks += [_block("[[baths]]", _bath_table(bath, network.labels)) for bath in network.baths]
    blocks += [_block(f"[{name}]", table) for name, table in sections.items()]
    return "\n".join(block for block in blocks if block)


def write_document(document: Mapping[str, Any]) -> str:
    """Return the TOML text of what a TOML reader returned, such as a spec after some of its values were changed.

    Parameters
    ----------
    document : mapping
        Tables, arrays, texts, numbers and truth values.

    Returns
    -------
    str
        Without the comments that the original may have had.

    Examples
    --------
    >>> print(write_document({"title": "one", "network": {"nodes": [{"label": "a"}]}, "baths": [{"rate": 1.0}]}))
    title = "one"
    <BLANKLINE>
    [[network.nodes]]
    label = "a"
    <BLANKLINE>
    [[baths]]
    rate = 1.0
    <BLANKLINE>
    """
    tables = {key: value for key, value in document.items() if isinstance(value, Mapping) or _is_tables(value)}
    blocks = [_block("", {key: value for key, value in document.items() if key not in tables})]
    for name, content in tables.items():
        if isinstance(content, Mapping):
            inner = {key: value for key, value in content.items() if _is_tables(value)}
            plain = {key: value for key, value in content.items() if key not in inner}
            blocks.append(_block(f"[{_key(name)}]", plain) or ("" if inner else f"[{_key(name)}]\n"))
            blocks += [_block(f"[[{_key(name)}.{_key(key)}]]", row) for key, rows in inner.items() for row in rows]
        else:
            blocks += [_block(f"[[{_key(name)}]]", row) for row in content]
    return "\n".join(block for block in blocks if block)


def _is_tables(value: object) -> bool:
    """Whether it is an array of tables that can have headers of their own; an empty table is written inline."""
    return isinstance(value, list) and bool(value) and all(isinstance(item, Mapping) and item for item in value)


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _value(name)


def _bath_table(bath: Bath, labels: Sequence[str]) -> dict[str, Any]:
    kind = {"kind": KINDS[type(bath)], "name": bath.name}
    if isinstance(bath, JumpBath):
        jumps = [{"u": _amplitudes(u, labels), "v": _amplitudes(v, labels)} for u, v in bath.jumps]
        return kind | {"jumps": jumps}
    place = {"node": bath.mode, **kind, "rate": bath.rate}
    if isinstance(bath, ThermalBath):
        return place | _thermal_table(bath)
    return place | {key: getattr(bath, key) for key in ("occupation", "anomalous") if hasattr(bath, key)}


def _thermal_table(bath: ThermalBath) -> dict[str, Any]:
    """Keys of what the bath has; a temperature in place of the occupation, which follows from it."""
    spectrum = None if bath.spectrum is None else spectrum_to_table(bath.spectrum)
    said = {"occupation": bath.occupation} if bath.bath_temperature is None else {"temperature": bath.bath_temperature}
    # without either a reference frequency means nothing, and specs have no place for it
    needs_reference = bath.bath_temperature is not None or spectrum is not None
    return said | {"frequency": bath.frequency if needs_reference else None, "spectrum": spectrum}


def _amplitudes(values: ComplexArray, labels: Sequence[str]) -> dict[str, Any]:
    return {label: value for label, value in zip(labels, values.tolist(), strict=True) if value}


def _block(header: str, table: Mapping[str, Any]) -> str:
    lines = [f"{_key(key)} = {_value(value)}\n" for key, value in table.items() if value is not None]
    return (f"{header}\n" if header else "") + "".join(lines) if lines else ""


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, str):
        # TOML's basic strings are JSON's, but for this one character.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, Sequence):
        return f"[{', '.join(_value(item) for item in value)}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{_value(key)} = {_value(item)}' for key, item in value.items())}}}"
    if isinstance(value, complex):
        return _value([value.real, value.imag])
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else repr(float(value))
