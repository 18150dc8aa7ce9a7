"""Steady states by theories beside the local one as datasets, and back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .._typing import RealArray
from ..dynamics.quantities import QUANTITIES, evaluate, unit_text
from ..theories import NormalModeAccount, TheoryAccount, Undefined
from .formats import xarray_module
from .theory_tables import theory_from_table, theory_to_table
from .variables import (
    Variables,
    attributes,
    complex_array,
    complex_variables,
    label_coordinates,
    network_variables,
    real_variable,
    restore_network,
    restore_state,
    spec_variable,
    state_variables,
    stored,
)

if TYPE_CHECKING:
    import xarray

    from .spec import RunSpec

__all__ = ["from_account", "to_account"]

# What an account is made of, whatever the spec asks for.
_KEPT = ("bath_currents", "heat_currents", "entropy_flux", "entropy_production")


def from_account(result: TheoryAccount, spec: RunSpec | None) -> xarray.Dataset:
    """The dataset of a steady state by a theory."""
    unit = "rate" if spec is None else spec.unit
    values, _ = evaluate(result, None if spec is None else spec.quantities)
    defined = {name: value for name in _KEPT if not isinstance(value := result.quantities[name], Undefined)}
    variables = network_variables(result.network, unit) | state_variables(result.state) | spec_variable(spec)
    for name, value in (values | defined).items():
        quantity = QUANTITIES[name]
        variables |= real_variable(name, quantity.dims, value, unit_text(quantity.power, unit), quantity.description)
    if isinstance(result, NormalModeAccount):
        variables |= _mode_variables(result, unit)
    found = attributes("account", spec) | {
        "theory": json.dumps(theory_to_table(result.theory)),
        "in_normal_modes": int(isinstance(result, NormalModeAccount)),
        "reason": result.reason,
        "notes": json.dumps(result.notes),
        "is_positive": int(result.is_positive),
        "undefined": json.dumps({name: _reason(result, name) for name in _KEPT if name not in defined}),
    }
    if result.error_bound is not None:
        found["error_bound"] = result.error_bound
    return xarray_module().Dataset(variables, coords=label_coordinates(result.network), attrs=found)  # type: ignore[no-any-return]


def to_account(dataset: xarray.Dataset) -> TheoryAccount:
    """The steady state that `from_account` stored; what only some theories have beyond the common face is left out."""
    said = dataset.attrs
    undefined = {name: Undefined(reason) for name, reason in json.loads(said["undefined"]).items()}
    defined: dict[str, RealArray | Undefined] = {n: stored(dataset, n) for n in _KEPT if n not in undefined}
    common: dict[str, Any] = {
        "theory": theory_from_table(json.loads(said["theory"])),
        "network": restore_network(dataset),
        "state": restore_state(dataset, trusted=True),
        "reason": str(said["reason"]),
        "error_bound": float(said["error_bound"]) if "error_bound" in said else None,
        "quantities": {name: (undefined | defined)[name] for name in _KEPT},
        "notes": tuple(json.loads(said["notes"])),
        "is_positive": bool(said["is_positive"]),
    }
    if not said["in_normal_modes"]:
        return TheoryAccount(**common)
    return NormalModeAccount(
        **common,
        energies=stored(dataset, "normal_mode_frequencies"),
        modes=complex_array(dataset, "normal_modes"),
        mode_currents=stored(dataset, "normal_mode_currents"),
    )


def _mode_variables(result: NormalModeAccount, unit: str) -> Variables:
    frequencies = real_variable("normal_mode_frequencies", ("mode",), result.energies, unit, "normal frequencies E_k")
    modes = complex_variables("normal_modes", ("node", "mode"), result.modes, "1", "normal modes, one a column")
    about = "excitations per time into the bath from each normal mode"
    return (
        frequencies | modes | real_variable("normal_mode_currents", ("bath", "mode"), result.mode_currents, unit, about)
    )


def _reason(result: TheoryAccount, name: str) -> str:
    value = result.quantities[name]
    return value.reason if isinstance(value, Undefined) else ""
