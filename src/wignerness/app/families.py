"""The specs that the model chooser offers."""

from __future__ import annotations

from typing import Any

from ..io.toml_writer import write_document

__all__ = ["FAMILIES", "family_spec"]

_CHAIN = {
    "model": "chain", "length": 20, "hopping": 0.3, "rate": 1.0, "occupations": [1.0, 2.0], "probe_rate": 0.1,
    "disorder": 0.0, "rng": 1,
}  # fmt: skip


def _between(cold: Any, hot: Any) -> list[dict[str, Any]]:
    """A cold bath, a hot one and a probe on every node."""
    return [
        {"name": "cold", **cold, "rate": 1.0, "occupation": 1.0},
        {"name": "hot", **hot, "rate": 1.0, "occupation": 2.0},
        {"kind": "probe", "nodes": "all", "rate": 0.1},
    ]


def _edge(column: int) -> dict[str, Any]:
    return {"nodes": [f"{row},{column}" for row in range(4)]}


FAMILIES: dict[str, tuple[str, dict[str, Any]]] = {
    "chain": ("Chain", {"network": _CHAIN}),
    "ring": (
        "Ring with a flux",
        {
            "network": {"model": "ring", "length": 12, "hopping": 0.3, "flux": 1.0, "disorder": 0.0, "rng": 1},
            "baths": _between({"node": 0}, {"node": 4}),
        },
    ),
    "lattice": (
        "Lattice",
        {
            "network": {"model": "lattice", "shape": [4, 7], "hopping": 0.3, "disorder": 0.0, "rng": 1},
            "baths": _between(_edge(0), _edge(6)),
        },
    ),
    "tree": (
        "Tree",
        {
            "network": {"model": "tree", "branching": 2, "depth": 3, "hopping": 0.3, "disorder": 0.0, "rng": 1},
            "baths": _between({"node": 14}, {"node": 0}),
        },
    ),
    "star": (
        "Star",
        {
            "network": {"model": "tree", "branching": 6, "depth": 1, "hopping": 0.3, "disorder": 0.0, "rng": 1},
            "baths": _between({"node": 1}, {"node": 4}),
        },
    ),
    "random": (
        "Random network",
        {
            "network": {
                "model": "random_network", "n_modes": 14, "rng": 2, "connectivity": 0.08, "hopping": 0.4,
                "frequency_spread": 0.5, "rates": [0.5, 1.0], "occupations": [0.5, 3.0], "bath_density": 0.2,
                "probe_density": 0.0,
            },
            "baths": [{"kind": "probe", "nodes": "all", "rate": 0.1}],
        },
    ),
    "against": (
        "A current against its affinity",
        {
            "network": {
                "nodes": [{"label": label, "frequency": 0.0} for label in "abc"],
                "edges": [
                    {"between": [0, 1], "hopping": 0.5, "phase": 0.0},
                    {"between": [1, 2], "hopping": 0.5, "phase": 0.0},
                ],
            },
            "baths": [
                {"node": 0, "rate": 1.0, "occupation": 2.0, "name": "warm"},
                {"node": 1, "rate": 0.01, "occupation": 5.0, "name": "hot, weak"},
                {"node": 2, "rate": 1.0, "occupation": 0.0, "name": "vacuum"},
            ],
        },
    ),
    "detuned": (
        "Probes that raise the production",
        {
            "network": {
                "nodes": [{"label": label, "frequency": omega} for label, omega in (("a", 0.0), ("b", 3.0), ("c", 0.0))],
                "edges": [
                    {"between": [0, 1], "hopping": 0.3, "phase": 0.0},
                    {"between": [1, 2], "hopping": 0.3, "phase": 0.0},
                ],
            },
            "baths": [
                {"node": 0, "rate": 0.5, "occupation": 0.0, "name": "vacuum"},
                {"node": 2, "rate": 0.5, "occupation": 2.0, "name": "hot"},
                {"kind": "probe", "nodes": "all", "rate": 0.1},
            ],
        },
    ),
    "clausius": (
        "A local equation against the second law",
        {
            "network": {
                "nodes": [{"label": "high", "frequency": 1.0}, {"label": "low", "frequency": 0.4}],
                "edges": [{"between": [0, 1], "hopping": 0.01, "phase": 0.0}],
            },
            "baths": [
                {"name": "hot", "node": 0, "rate": 0.02, "temperature": 1.0},
                {"name": "cold", "node": 1, "rate": 0.02, "temperature": 0.6},
            ],
        },
    ),
    "squeezed": (
        "A squeezed bath",
        {
            "network": {"model": "chain", "length": 6, "hopping": 0.3, "rate": 1.0, "occupations": [0.0, 0.0]},
            "baths": [
                {
                    "kind": "squeezed", "node": 0, "rate": 1.0, "thermal_occupation": 0.5, "r": 0.6, "angle": 0.0,
                    "name": "squeezed",
                },
                {"kind": "probe", "nodes": "all", "rate": 0.1},
            ],
        },
    ),
}  # fmt: skip

_UNIT, _OWN_UNITS = "γ", {"clausius": "ω₀"}


def family_spec(name: str) -> str:
    """Return the TOML text that a choice begins with.

    Examples
    --------
    >>> print(family_spec("chain").splitlines()[0])
    title = "Chain"
    """
    title, document = FAMILIES[name]
    return write_document({"title": title, "unit": _OWN_UNITS.get(name, _UNIT)} | document)
