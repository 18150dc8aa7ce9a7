"""The tables ``[[baths]]`` of a spec: their nodes are looked up, and the baths coupled to the network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .._checks import has_nonzero
from ..bath import Bath, Dephasing, JumpBath, Probe, SqueezedBath, ThermalBath
from ..errors import WignernessError
from ..network import Network
from .faults import Faults, Path
from .outline import Outline, resolve
from .spectrum_tables import spectrum_from_table

if TYPE_CHECKING:
    from types import ModuleType

    from .tables import BathTable


# Which keys a bath of some kind has beyond `kind` and `name`.
_PLACE = {"node", "nodes", "rate"}
_SQUEEZING = {"occupation", "anomalous", "thermal_occupation", "r", "angle"}
_KEYS = {
    "thermal": _PLACE | {"occupation", "temperature", "frequency", "spectrum"},
    "probe": _PLACE | {"occupation"},
    "squeezed": _PLACE | _SQUEEZING,
    "dephasing": _PLACE,
    "jump": {"jumps"},
}
_OF_SOME_KINDS = set().union(*_KEYS.values())
# What a spectrum of some kind needs, and what it may have, beyond `kind`.
_OF_SPECTRA: dict[str, tuple[set[str], set[str]]] = {
    "flat": (set(), set()),
    "ohmic": ({"cutoff"}, {"cutoff", "exponent", "sharp"}),
    "lorentzian": ({"center", "width"}, {"center", "width"}),
}
_OF_SOME_SPECTRA: set[str] = set().union(*(allowed for _, allowed in _OF_SPECTRA.values()))
_WAYS_TO_SQUEEZE = ({"occupation", "anomalous"}, {"thermal_occupation", "r"}, {"thermal_occupation", "r", "angle"})


def check_baths(tables: ModuleType, raw: Sequence[object], outline: Outline | None, faults: Faults) -> None:
    """Note what is wrong with the tables ``[[baths]]`` beyond the type of their values."""
    for b, bath in enumerate(raw):
        if isinstance(bath, dict):
            _check_keys(bath, faults, ("baths", b))
            if outline is not None:
                _check_nodes(bath, outline, faults, ("baths", b))
            _try(tables, bath, outline, faults, ("baths", b))


def _try(tables: ModuleType, bath: Mapping[str, Any], outline: Outline | None, faults: Faults, at: Path) -> None:
    """Make the bath, whatever its node: its numbers may not go together."""
    table = None if faults.has(*at) else tables.accepted(tables.BathTable, bath)
    if table is None or (table.kind == "jump" and outline is None):
        return
    try:
        if table.kind == "jump" and outline is not None:
            _jump_bath(table, outline.index, outline.size)
        else:
            _bath(table, 0, table.name, 1.0)
    except WignernessError as error:
        faults.add(at, str(error))


def _check_keys(bath: Mapping[str, Any], faults: Faults, at: Path) -> None:
    named = bath.get("kind", "thermal")
    kind = named if isinstance(named, str) and named in _KEYS else "thermal"  # another is noted with the whole document
    if kind == named:
        _check_strays(bath, kind, faults, at)
    if kind == "jump":
        if "jumps" not in bath:
            faults.add((*at, "jumps"), "is missing")
        return
    if ("node" in bath) == ("nodes" in bath):
        faults.add(at, "must have exactly one of `node` and `nodes`")
    if "rate" not in bath:
        faults.add((*at, "rate"), "is missing")
    if kind == "thermal":
        _check_occupation(bath, faults, at)
    if kind == "squeezed" and bath.keys() & _SQUEEZING not in _WAYS_TO_SQUEEZE:
        faults.add(at, "must have either `occupation` and `anomalous`, or `thermal_occupation` and `r`")


def _check_strays(bath: Mapping[str, Any], kind: str, faults: Faults, at: Path) -> None:
    for key in sorted(bath.keys() & _OF_SOME_KINDS - _KEYS[kind]):
        if (kind, key) == ("probe", "temperature"):
            faults.add((*at, key), "belongs to a thermal bath: a probe finds its own, or has an `occupation`")
        elif (kind, key) == ("probe", "frequency"):
            faults.add((*at, key), "belongs to a `temperature`, and there is none")
        else:
            faults.add((*at, key), f"does not belong to a bath of the kind `{kind}`")


def _check_occupation(bath: Mapping[str, Any], faults: Faults, at: Path) -> None:
    if ("occupation" in bath) == ("temperature" in bath):
        faults.add(at, "must have exactly one of `occupation` and `temperature`")
    if "frequency" in bath and "temperature" not in bath and "spectrum" not in bath:
        faults.add((*at, "frequency"), "belongs to a `temperature`, and there is none")
    if isinstance(spectrum := bath.get("spectrum"), dict):
        _check_spectrum(spectrum, faults, (*at, "spectrum"))


def _check_spectrum(spectrum: Mapping[str, Any], faults: Faults, at: Path) -> None:
    kind = spectrum.get("kind")
    if not isinstance(kind, str) or kind not in _OF_SPECTRA:
        return  # noted with the whole document
    needed, allowed = _OF_SPECTRA[kind]
    for key in sorted(needed - spectrum.keys()):
        faults.add((*at, key), "is missing")
    for key in sorted(spectrum.keys() & _OF_SOME_SPECTRA - allowed):
        faults.add((*at, key), f"does not belong to a spectrum of the kind `{kind}`")


def _check_nodes(bath: Mapping[str, Any], outline: Outline, faults: Faults, at: Path) -> None:
    listed = bath.get("nodes")
    places: list[tuple[Path, object]] = [((*at, "node"), bath["node"])] if "node" in bath else []
    if isinstance(listed, list):
        places += [((*at, "nodes", m), reference) for m, reference in enumerate(listed)]
    nodes = [resolve(reference, outline.index, outline.size, faults, path) for path, reference in places]
    for path, label in _jumping(bath.get("jumps"), at):
        if label not in outline.index:
            faults.add_unknown(path, "node", label, outline.index)
    frequencies = outline.frequencies
    if frequencies is None:
        return
    every = range(outline.size) if listed == "all" else nodes
    still = next((k for k in every if k is not None and not frequencies[k] > 0), None)
    key = next((key for key in ("temperature", "spectrum") if key in bath), None)
    if key is not None and "frequency" not in bath and still is not None:
        remedy = "an `occupation` in place of the temperature" if key == "temperature" else "leave the spectrum out"
        faults.add(
            (*at, key),
            f"needs a positive frequency, but that of the node is {frequencies[still]:g}; "
            f"give the bath a `frequency`, or {remedy}",
        )


def _jumping(jumps: object, at: Path) -> Iterator[tuple[Path, str]]:
    """The nodes that jump operators name."""
    for j, jump in enumerate(jumps if isinstance(jumps, list) else ()):
        for part in ("u", "v"):
            amplitudes = jump.get(part) if isinstance(jump, dict) else None
            for label in amplitudes if isinstance(amplitudes, dict) else ():
                yield (*at, "jumps", j, part, label), label


def with_baths(network: Network, tables: Sequence[BathTable], faults: Faults) -> Network | None:
    """Return the network with the spec's baths after those of its model."""
    index = {label: k for k, label in enumerate(network.labels)}
    frequencies = network.hamiltonian.diagonal().real
    baths = list(network.baths)
    for b, table in enumerate(tables):
        listed = [table.node] if table.nodes is None else table.nodes
        try:
            if table.kind == "jump":
                baths.append(_jump_bath(table, index, network.n_modes))
                continue
            nodes = range(network.n_modes) if listed == "all" else [_index(reference, index) for reference in listed]
            baths += [_bath(table, node, _name(table, network.labels[node]), frequencies[node]) for node in nodes]
        except WignernessError as error:
            faults.add(("baths", b), str(error))
    if faults.found:
        return None
    extras = {name: array for name in ("pairing", "drive") if has_nonzero(array := getattr(network, name))}
    return Network(network.hamiltonian, baths, labels=network.labels, **extras)


def _index(reference: Any, index: Mapping[str, int]) -> int:
    return index[reference] if isinstance(reference, str) else int(reference)


def _name(table: BathTable, label: str) -> str | None:
    """Return the name of a bath; where one table makes several, each is told apart by its node."""
    return table.name if table.name is None or table.nodes is None else f"{table.name} {label}"


def _bath(table: BathTable, node: int, name: str | None, frequency: float) -> Bath:
    rate = table.rate or 0.0
    if table.kind == "probe":
        return Probe(node, rate, occupation=table.occupation, name=name)
    if table.kind == "dephasing":
        return Dephasing(node, rate, name=name)
    if table.kind == "squeezed" and table.occupation is not None:
        return SqueezedBath(node, rate, table.occupation, table.anomalous or 0j, name=name)
    if table.kind == "squeezed":
        thermal, r, angle = table.thermal_occupation or 0.0, table.r or 0.0, table.angle or 0.0
        return SqueezedBath.from_squeezing(node, rate, thermal, r, angle=angle, name=name)
    reference = frequency if table.frequency is None else table.frequency
    spectrum = None if table.spectrum is None else spectrum_from_table(table.spectrum.model_dump(exclude_none=True))
    if table.occupation is None:
        temperature = table.temperature or 0.0
        return ThermalBath.at_temperature(node, rate, temperature, reference, spectrum=spectrum, name=name)
    if spectrum is None:
        return ThermalBath(node, rate, table.occupation, name=name)
    return ThermalBath(node, rate, table.occupation, frequency=reference, spectrum=spectrum, name=name)


def _jump_bath(table: BathTable, index: Mapping[str, int], size: int) -> JumpBath:
    """Make the bath; nodes without a proper label are counted in the size, and missing in the index."""
    jumps = []
    for jump in table.jumps or ():
        u, v = (np.zeros(size, dtype=np.complex128) for _ in range(2))
        for array, amplitudes in ((u, jump.u), (v, jump.v)):
            for label, value in amplitudes.items():
                array[index[label]] = value
        jumps.append((u, v))
    return JumpBath(jumps, name=table.name)
