"""A steady state as one plain document of strings, numbers, lists and dictionaries."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from ..bath import KINDS, JumpBath
from ..dynamics.quantities import QUANTITIES, evaluate, unit_text
from ..theories import TheoryAccount

if TYPE_CHECKING:
    from ..dynamics.steady import SteadyState
    from ..network import Network
    from .spec import RunSpec


def to_document(result: SteadyState | TheoryAccount, *, spec: RunSpec | None = None) -> dict[str, Any]:
    """Return everything that a table or a JSON file tells about a steady state.

    Parameters
    ----------
    result : SteadyState or TheoryAccount
    spec : RunSpec, optional
        What it was computed from: gives the title, the unit and the choice of quantities.

    Returns
    -------
    dict
        With the keys ``wignerness`` (version), ``title``, ``units``, ``theory``, ``solver``, ``nodes``,
        ``baths``, ``edges``, ``totals``, ``values`` and ``omitted``. Every number is finite, or None.

    Raises
    ------
    UndefinedQuantityError
        If the spec asks for a quantity that is undefined for this network.

    Examples
    --------
    >>> import wignerness as wn
    >>> chain = wn.models.chain(2, hopping=0.5, rate=1.0, occupations=(1, 2))
    >>> document = to_document(wn.steady_state(chain))
    >>> [node["occupations"] for node in document["nodes"]]
    [1.25, 1.75]
    """
    from .. import __version__

    values, omitted = evaluate(result, None if spec is None else spec.quantities)
    unit = "rate" if spec is None else spec.unit
    units = {name: unit_text(QUANTITIES[name].power, unit) for name in values}
    per_bath = _columns(values, ("bath",))
    document = {
        "wignerness": __version__,
        "title": None if spec is None else spec.title,
        "units": units | {"rate": unit, "frequency": unit},
        "theory": {"name": repr(result.theory), "notes": list(result.notes)},
        "solver": _solver(result),
        "nodes": _nodes(result.network, _columns(values, ("node",))),
        "baths": _baths(result.network, per_bath),
        "edges": _edges(result.network, _columns(values, ("node", "node_from"))),
        "totals": {name: math.fsum(column) for name, column in per_bath.items()},
        "values": _columns(values, ()),
        "omitted": omitted,
    }
    return _plain(document)  # type: ignore[no-any-return]


def _columns(values: dict[str, Any], dims: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if QUANTITIES[name].dims == dims}


def _solver(result: SteadyState | TheoryAccount) -> dict[str, Any]:
    if isinstance(result, TheoryAccount):
        known = {"reason": result.reason, "converged": True, "error_bound": result.error_bound}
        return {"name": repr(result.theory), "residual": None, "separation": None} | known
    names = ("reason", "converged", "residual", "error_bound", "separation")
    return {"name": str(result.solver)} | {name: getattr(result, name) for name in names}


def _nodes(network: Network, columns: dict[str, Any]) -> list[dict[str, Any]]:
    frequencies = network.hamiltonian.diagonal().real
    return [
        {"label": label, "frequency": frequencies[k]} | {name: column[k] for name, column in columns.items()}
        for k, label in enumerate(network.labels)
    ]


def _baths(network: Network, columns: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "label": label,
            "kind": KINDS[type(bath)],
            "nodes": [network.labels[node] for node in (bath.support if isinstance(bath, JumpBath) else [bath.mode])],
            "rate": getattr(bath, "rate", None),
            "occupation": getattr(bath, "occupation", None),
        }
        | {name: column[b] for name, column in columns.items()}
        for b, (label, bath) in enumerate(zip(network.bath_labels, network.baths, strict=True))
    ]


def _edges(network: Network, columns: dict[str, Any]) -> list[dict[str, Any]]:
    if not columns:
        return []
    rows, ends = sparse.triu(sparse.csr_array(network.hamiltonian), 1).nonzero()
    dense = {name: _dense(column) for name, column in columns.items()}
    return [
        {"into": network.labels[k], "from": network.labels[m]} | {name: column[k, m] for name, column in dense.items()}
        for k, m in zip(rows, ends, strict=True)
    ]


def _dense(matrix: Any) -> Any:
    return matrix.toarray() if hasattr(matrix, "toarray") else matrix


def _plain(value: Any) -> Any:
    """Turn NumPy numbers into Python's, and what is not finite into None."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else None
    return int(value) if isinstance(value, np.integer) else value
