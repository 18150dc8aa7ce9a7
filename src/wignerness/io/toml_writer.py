"""Writes a network as TOML text that `parse_spec` reads back to the last bit."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from scipy import sparse

from ..bath import KINDS, Bath, Probe, ThermalBath
from ..errors import SpecError
from ..network import Network


def write_toml(network: Network, top: Mapping[str, Any], sections: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the TOML text of a network, node by node.

    Parameters
    ----------
    network : Network
    top : mapping
        Keys that come before the first table; None leaves one out.
    sections : mapping
        Further tables, likewise.

    Raises
    ------
    SpecError
        If the network has a pairing, a drive, or other baths than thermal ones and probes: specs cannot say them.
    """
    if not network.is_passive or network.drive.any():
        raise SpecError("A spec cannot say a pairing or a drive.")
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
    blocks += [_block("[[baths]]", _bath_table(bath)) for bath in network.baths]
    blocks += [_block(f"[{name}]", table) for name, table in sections.items()]
    return "\n".join(block for block in blocks if block)


def _bath_table(bath: Bath) -> dict[str, Any]:
    if not isinstance(bath, (ThermalBath, Probe)):
        raise SpecError(f"A spec cannot say a bath of the kind {KINDS[type(bath)]!r}.")
    table = {"node": bath.mode, "kind": KINDS[type(bath)], "rate": bath.rate}
    return table | {"occupation": bath.occupation, "name": bath.name}


def _block(header: str, table: Mapping[str, Any]) -> str:
    lines = [f"{key} = {_value(value)}\n" for key, value in table.items() if value is not None]
    return (f"{header}\n" if header else "") + "".join(lines) if lines else ""


def _value(value: Any) -> str:
    if isinstance(value, str):
        # TOML's basic strings are JSON's, but for this one character.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, Sequence):
        return f"[{', '.join(_value(item) for item in value)}]"
    return str(value) if isinstance(value, int) else repr(float(value))
