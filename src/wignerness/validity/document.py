"""An audit as one plain document of strings, numbers, lists and dictionaries."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .record import Audit, Errors


def audit_document(audit: Audit) -> dict[str, Any]:
    """Everything but the network; every number is finite, or None.

    Keys: ``wignerness`` (version), ``trust``, ``undecided``, ``verdict``, ``used``, ``tolerance``, ``recommended``,
    ``reference``, ``checks``, ``errors``, ``assumptions``.
    """
    from .. import __version__

    return {
        "wignerness": __version__,
        "trust": audit.trust,
        "undecided": audit.is_undecided,
        "verdict": audit.verdict,
        "used": {"theory": repr(audit.used), "trust": audit.of_used.trust, "verdict": audit.of_used.words},
        "tolerance": audit.tolerance,
        "recommended": None if audit.recommended is None else repr(audit.recommended),
        "reference": None if audit.reference is None else repr(audit.reference),
        "checks": [{k: _finite(v) for k, v in dataclasses.asdict(check).items()} for check in audit.checks],
        "errors": [_errors(errors) for errors in audit.errors],
        "assumptions": list(audit.assumptions),
    }


def _errors(errors: Errors) -> dict[str, Any]:
    numbers = ("occupations", "excitations", "bath_currents", "heat_currents", "clausius")
    return (
        {"theory": repr(errors.theory)}
        | {name: _finite(getattr(errors, name)) for name in numbers}
        | {"faults": list(errors.faults), "refusal": errors.refusal}
    )


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    return value
