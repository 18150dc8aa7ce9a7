"""Writes a network as TOML text that `parse_spec` reads back to the last bit."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from scipy import sparse

from ..bath import Probe
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
        If the network has a pairing or a drive, which specs cannot say.
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
    for bath in network.baths:
        kind = "probe" if isinstance(bath, Probe) else "thermal"
        table = {"node": bath.mode, "kind": kind, "rate": bath.rate, "occupation": bath.occupation, "name": bath.name}
        blocks.append(_block("[[baths]]", table))
    blocks += [_block(f"[{name}]", table) for name, table in sections.items()]
    return "\n".join(block for block in blocks if block)


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
