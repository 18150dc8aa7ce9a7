"""Steady states as labelled datasets (xarray), and as NetCDF files that appear whole or not at all."""

from __future__ import annotations

import dataclasses
import datetime
import importlib.util
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from .._files import appear, refuse_existing
from ..bath import KINDS, Bath
from ..dynamics.quantities import QUANTITIES, evaluate, unit_text
from ..dynamics.steady import SteadyState
from ..errors import FileFormatError, MissingExtraError, WignernessError
from ..network import Network
from ..solvers import Auto, Dense
from ..state import GaussianState
from .bath_json import bath_from_json, bath_to_json

if TYPE_CHECKING:
    import xarray

    from .spec import RunSpec

__all__ = ["from_dataset", "load_dataset", "to_dataset", "write_netcdf"]

FORMAT = "wignerness steady state 1"

_SOLVERS = {"Auto": Auto, "Dense": Dense}
_PAIR = ("node", "node_from")
_CONVENTIONS = (
    "hbar = k_B = 1; normal[k, l] = <a_l^+ a_k> - <a_l>^* <a_k>; currents[node, node_from] is positive into node; "
    "bath quantities are positive into the bath, entropy production is non-negative; entropies in nats; "
    "a complex array is stored as *_real and *_imag"
)


def to_dataset(result: SteadyState, *, spec: RunSpec | None = None) -> xarray.Dataset:
    """Return a steady state as a labelled dataset.

    Parameters
    ----------
    result : SteadyState
    spec : RunSpec, optional
        What it was computed from: gives the title, the unit, the choice of quantities, and its own text.

    Returns
    -------
    xarray.Dataset
        Dimensions ``node``, ``node_from`` and ``bath`` with labels as coordinates; every variable has the
        attributes ``units`` and ``long_name``. Network and state are always stored, so that `from_dataset`
        restores the result.

    Raises
    ------
    MissingExtraError
        If xarray is not installed.
    UndefinedQuantityError
        If the spec asks for a quantity that is undefined for this network.

    Examples
    --------
    >>> import wignerness as wn
    >>> ness = wn.steady_state(wn.models.chain(2, hopping=0.5, rate=1.0, occupations=(1, 2)))
    >>> dataset = wn.to_dataset(ness)
    >>> float(dataset.occupations.sel(node="0")), dataset.entropy_production.units
    (1.25, 'rate')
    """
    xr = _xarray()
    unit = "rate" if spec is None else spec.unit
    values, _ = evaluate(result, None if spec is None else spec.quantities)
    variables = _network_variables(result.network, unit) | _state_variables(result.state)
    if spec is not None:  # a variable, because an attribute of HDF5 holds no more than 64 kB
        variables["spec"] = ((), spec.text or spec.to_toml(), {"units": "1", "long_name": "spec, TOML text"})
    for name, value in values.items():
        quantity = QUANTITIES[name]
        attributes = {"units": unit_text(quantity.power, unit), "long_name": quantity.description}
        variables[name] = (quantity.dims, _dense(value), attributes)
    nodes = list(result.network.labels)
    labels = {"node": nodes, "node_from": nodes, "bath": list(result.network.bath_labels)}
    coordinates = {name: np.array(texts, dtype=str) for name, texts in labels.items()}
    return xr.Dataset(variables, coords=coordinates, attrs=_attributes(result, spec))  # type: ignore[no-any-return]


def from_dataset(dataset: xarray.Dataset) -> SteadyState:
    """Restore a steady state from its dataset, to the last bit.

    Raises
    ------
    FileFormatError
        If the dataset was not made by `to_dataset`.

    Examples
    --------
    >>> import wignerness as wn
    >>> ness = wn.steady_state(wn.models.chain(2, hopping=0.5, rate=1.0, occupations=(1, 2)))
    >>> bool((from_dataset(wn.to_dataset(ness)).currents == ness.currents).all())
    True
    """
    if dataset.attrs.get("format") != FORMAT:
        raise FileFormatError(f"The dataset is no steady state of wignerness: its `format` is not {FORMAT!r}.")
    try:
        return _restore(dataset)
    except (KeyError, AttributeError, TypeError, ValueError, WignernessError) as error:
        raise FileFormatError(f"The dataset of a steady state is damaged: {error}") from error


def write_netcdf(dataset: xarray.Dataset, path: str | os.PathLike[str], *, force: bool = False) -> None:
    """Write a dataset as a NetCDF file that appears whole or not at all.

    Parameters
    ----------
    dataset : xarray.Dataset
    path : path
    force : bool
        Whether an existing file is replaced.

    Raises
    ------
    FileFormatError
        If the file exists and ``force`` is False, or the folder cannot be written to.
    MissingExtraError
        If h5netcdf is not installed.

    Notes
    -----
    The content goes to a temporary file beside ``path``, is flushed to the disk, and is then given its name
    in one step. Whoever is killed on the way leaves no file of that name.
    """
    target = Path(path)
    check_target(target, force=force)
    appear(target, lambda part: dataset.to_netcdf(part, engine="h5netcdf"), force=force)


def load_dataset(path: str | os.PathLike[str]) -> xarray.Dataset:
    """Read a NetCDF file of `write_netcdf` into memory.

    Raises
    ------
    FileFormatError
        If there is no such file, or it is damaged or foreign.
    MissingExtraError
        If xarray or h5netcdf is not installed.
    """
    xr = _xarray()
    if importlib.util.find_spec("h5netcdf") is None:
        raise MissingExtraError("h5netcdf", "data")
    if not Path(path).is_file():
        raise FileFormatError(f"There is no file {path}.")
    try:
        dataset = xr.load_dataset(path, engine="h5netcdf")
    # HDF5 and its readers raise many kinds of error on bytes that they did not write.
    except Exception as error:
        raise FileFormatError(f"{path} is damaged or not a NetCDF file: {error}") from error
    if dataset.attrs.get("format") != FORMAT:
        raise FileFormatError(f"{path} is a NetCDF file, but its `format` is not {FORMAT!r}.")
    return dataset  # type: ignore[no-any-return]


def check_target(path: str | os.PathLike[str], *, force: bool = False) -> None:
    """Raise what `write_netcdf` would raise before it writes: worth asking before a long computation.

    Raises
    ------
    FileFormatError
        If the file exists and ``force`` is False, or there is no folder for it.
    MissingExtraError
        If xarray or h5netcdf is not installed.
    """
    for module in ("xarray", "h5netcdf"):
        if importlib.util.find_spec(module) is None:
            raise MissingExtraError(module, "data")
    target = Path(path)
    if target.is_dir():
        raise FileFormatError(f"{target} is a folder.")
    if not target.parent.is_dir():
        raise FileFormatError(f"{target} cannot be written: there is no folder {target.parent}.")
    if not force:
        refuse_existing([target])


# --- network and state as variables, and back -------------------------------------------------------


def _network_variables(network: Network, unit: str) -> dict[str, Any]:
    variables = _complex_pair("hamiltonian", _PAIR, _dense(network.hamiltonian), unit, "Hamiltonian matrix H_kl")
    if not network.is_passive:
        variables |= _complex_pair("pairing", _PAIR, network.pairing, unit, "pairing matrix Delta_kl")
    if network.drive.any():
        variables |= _complex_pair("drive", ("node",), network.drive, unit, "coherent drive epsilon_k")
    columns = [
        ("kind", [KINDS[type(bath)] for bath in network.baths], str, "1", "kind of bath"),
        ("rate", [getattr(bath, "rate", np.nan) for bath in network.baths], float, unit, "damping rate of the bath"),
        ("occupation", [_occupation(bath) for bath in network.baths], float, "1", "occupation of the bath"),
        ("definition", [bath_to_json(bath) for bath in network.baths], str, "1", "all of the bath, as JSON"),
    ]
    for name, values, kind, units, description in columns:
        variables[f"bath_{name}"] = ("bath", np.array(values, dtype=kind), {"units": units, "long_name": description})
    return variables


def _occupation(bath: Bath) -> float:
    occupation = getattr(bath, "occupation", None)
    return np.nan if occupation is None else occupation


def _state_variables(state: GaussianState) -> dict[str, Any]:
    variables = _complex_pair("mean", ("node",), state.mean, "1", "mean amplitude <a_k>")
    variables |= _complex_pair("normal", _PAIR, state.normal, "1", "normal moments <a_l^+ a_k> - <a_l>^* <a_k>")
    tail = {"units": "1", "long_name": "what rounding dropped of normal[k, k]"}
    variables["normal_tail"] = ("node", state.normal_tail, tail)
    if not state.is_phase_insensitive:
        rest = "what rounding dropped of anomalous[k, k]"
        variables |= _complex_pair(
            "anomalous", _PAIR, state.anomalous, "1", "anomalous moments <a_k a_l> - <a_k> <a_l>"
        )
        variables |= _complex_pair("anomalous_tail", ("node",), state.anomalous_tail, "1", rest)
    return variables


def _complex_pair(name: str, dims: tuple[str, ...], value: Any, units: str, description: str) -> dict[str, Any]:
    return {
        f"{name}_{part}": (
            dims,
            np.ascontiguousarray(half),
            {"units": units, "long_name": f"{description}, {part} part"},
        )
        for part, half in (("real", value.real), ("imag", value.imag))
    }


def _attributes(result: SteadyState, spec: RunSpec | None) -> dict[str, Any]:
    from .. import __version__

    attributes = {
        "format": FORMAT,
        "wignerness_version": __version__,
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "conventions": _CONVENTIONS,
        "solver": type(result.solver).__name__,
        "solver_options": json.dumps(dataclasses.asdict(cast("Any", result.solver))),
        "reason": result.reason,
        "residual": result.residual,
        "error_bound": result.error_bound,
        "separation": result.separation,
        "converged": int(result.converged),
        "self_consistent": json.dumps(list(result.self_consistent)),
    }
    if spec is not None:
        attributes["title"] = spec.title
    return {name: value for name, value in attributes.items() if value is not None}


def _restore(dataset: xarray.Dataset) -> SteadyState:
    attributes = dataset.attrs
    values = {name: np.asarray(variable.values) for name, variable in dataset.data_vars.items()}
    labels = [str(label) for label in dataset["node"].values]
    baths = [bath_from_json(str(text)) for text in values["bath_definition"]]
    network = Network(
        _complex("hamiltonian", values),
        baths,
        pairing=_complex("pairing", values, optional=True),
        drive=_complex("drive", values, optional=True),
        labels=labels,
    )
    state = GaussianState(
        _complex("mean", values),
        _complex("normal", values),
        _complex("anomalous", values, optional=True),
        normal_tail=values["normal_tail"],
        anomalous_tail=_complex("anomalous_tail", values, optional=True),
    )
    return SteadyState(
        network=network,
        state=state,
        solver=_SOLVERS[attributes["solver"]](**json.loads(attributes["solver_options"])),
        reason=str(attributes["reason"]),
        residual=float(attributes["residual"]),
        error_bound=float(attributes["error_bound"]) if "error_bound" in attributes else None,
        separation=float(attributes["separation"]) if "separation" in attributes else None,
        converged=bool(attributes["converged"]),
        self_consistent=tuple(json.loads(attributes["self_consistent"])),
    )


def _complex(name: str, values: dict[Any, np.ndarray], *, optional: bool = False) -> np.ndarray | None:
    if optional and f"{name}_real" not in values:
        return None
    whole = np.empty(values[f"{name}_real"].shape, dtype=np.complex128)
    whole.real, whole.imag = values[f"{name}_real"], values[f"{name}_imag"]
    return whole


def _dense(matrix: Any) -> Any:
    return matrix.toarray() if hasattr(matrix, "toarray") else matrix


def _xarray() -> Any:
    try:
        import xarray
    except ModuleNotFoundError as error:
        raise MissingExtraError("xarray", "data") from error
    return xarray
