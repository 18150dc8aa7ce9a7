"""Networks, states and matrices as variables of a dataset, and back.

A complex array is two variables, ``NAME_real`` and ``NAME_imag``. A sparse matrix is a list of its elements: their
values along the dimension ``NAME_element``, beside ``NAME_row`` and ``NAME_column``.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from scipy import sparse

from ..bath import KINDS, Bath
from ..network import Network
from ..state import GaussianState
from .bath_json import bath_from_json, bath_to_json
from .formats import format_text

if TYPE_CHECKING:
    import xarray

    from .spec import RunSpec

Variables: TypeAlias = dict[str, Any]

PAIR = ("node", "node_from")
CONVENTIONS = (
    "hbar = k_B = 1; normal[k, l] = <a_l^+ a_k> - <a_l>^* <a_k>; currents[node, node_from] is positive into node; "
    "bath quantities are positive into the bath, entropy production is non-negative; entropies in nats; "
    "a complex array is stored as *_real and *_imag, a sparse matrix as its elements with *_row and *_column"
)


# --- arrays ---------------------------------------------------------------------------------------------------------


def real_variable(name: str, dims: tuple[str, ...], value: Any, units: str, description: str) -> Variables:
    """A real array or sparse matrix as variables."""
    about = {"units": units, "long_name": description}
    if not sparse.issparse(value):
        return {name: (dims, np.asarray(value), about)}
    elements, places = _elements(name, value)
    return {name: ((f"{name}_element",), elements.real, about)} | places


def complex_variables(name: str, dims: tuple[str, ...], value: Any, units: str, description: str) -> Variables:
    """A complex array or sparse matrix as variables."""
    places: Variables = {}
    if sparse.issparse(value):
        value, places = _elements(name, value)
        dims = (f"{name}_element",)
    parts = {"real": value.real, "imag": value.imag}
    return places | {
        f"{name}_{part}": (
            dims,
            np.ascontiguousarray(half),
            {"units": units, "long_name": f"{description}, {part} part"},
        )
        for part, half in parts.items()
    }


def _elements(name: str, matrix: Any) -> tuple[np.ndarray, Variables]:
    listed = sparse.coo_array(matrix)
    about = {"storage": matrix.format, "units": "1"}
    places = {
        f"{name}_{axis}": (
            (f"{name}_element",),
            indices.astype(np.int64),
            about | {"long_name": f"{axis} of the element"},
        )
        for axis, indices in (("row", listed.row), ("column", listed.col))
    }
    return listed.data, places


def stored(dataset: xarray.Dataset, name: str) -> np.ndarray:
    """The values of a variable or a coordinate that must be there: xarray would make up a missing coordinate."""
    return np.array(dataset.variables[name].values)


def complex_array(dataset: xarray.Dataset, name: str, *, optional: bool = False) -> Any:
    """Restore what `complex_variables` stored; None if it is optional and not there."""
    if optional and not {f"{name}_real", f"{name}_imag"} & dataset.variables.keys():
        return None
    real, imag = (stored(dataset, f"{name}_{part}") for part in ("real", "imag"))
    whole = np.empty(real.shape, dtype=np.complex128)
    whole.real, whole.imag = real, imag
    return _placed(dataset, name, whole)


def _placed(dataset: xarray.Dataset, name: str, values: np.ndarray) -> Any:
    if f"{name}_row" not in dataset:
        return values
    rows, columns, size = stored(dataset, f"{name}_row"), stored(dataset, f"{name}_column"), dataset.sizes["node"]
    matrix = sparse.coo_array((values, (rows, columns)), shape=(size, size))  # checks the places
    if dataset[f"{name}_row"].attrs["storage"] != "dia":
        return sparse.csr_array(matrix)
    # By hand: the conversion of SciPy warns of many diagonals.
    offsets, diagonal = np.unique(columns - rows, return_inverse=True)
    band = np.zeros((len(offsets), size), dtype=values.dtype)
    band[diagonal, columns] = values
    return sparse.dia_array((band, offsets), shape=(size, size))


# --- networks -------------------------------------------------------------------------------------------------------


def network_variables(network: Network, unit: str) -> Variables:
    """A network as variables over nodes and baths."""
    variables = complex_variables("hamiltonian", PAIR, network.hamiltonian, unit, "Hamiltonian matrix H_kl")
    if not network.is_passive:
        variables |= complex_variables("pairing", PAIR, network.pairing, unit, "pairing matrix Delta_kl")
    if network.drive.any():
        variables |= complex_variables("drive", ("node",), network.drive, unit, "coherent drive epsilon_k")
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


def label_coordinates(network: Network) -> dict[str, np.ndarray]:
    """The labels of nodes and baths as coordinates."""
    nodes = list(network.labels)
    labels = {"node": nodes, "node_from": nodes, "bath": list(network.bath_labels)}
    return {name: np.array(texts, dtype=str) for name, texts in labels.items()}


def restore_network(dataset: xarray.Dataset) -> Network:
    """The network that `network_variables` and `label_coordinates` stored."""
    return Network(
        complex_array(dataset, "hamiltonian"),
        [bath_from_json(str(text)) for text in dataset["bath_definition"].values],
        pairing=complex_array(dataset, "pairing", optional=True),
        drive=complex_array(dataset, "drive", optional=True),
        labels=[str(label) for label in stored(dataset, "node")],
    )


# --- states ---------------------------------------------------------------------------------------------------------


def state_variables(state: GaussianState, *, prefix: str = "") -> Variables:
    """A state as variables over nodes."""
    about = "what rounding dropped of"
    mean = complex_variables(f"{prefix}mean", ("node",), state.mean, "1", "mean amplitude <a_k>")
    normal = complex_variables(f"{prefix}normal", PAIR, state.normal, "1", "normal moments <a_l^+ a_k> - <a_l>^* <a_k>")
    tail = {"units": "1", "long_name": f"{about} normal[k, k]"}
    variables = mean | normal | {f"{prefix}normal_tail": ("node", state.normal_tail, tail)}
    if not state.is_phase_insensitive:
        cross, rest = "anomalous moments <a_k a_l> - <a_k> <a_l>", f"{about} anomalous[k, k]"
        variables |= complex_variables(f"{prefix}anomalous", PAIR, state.anomalous, "1", cross)
        variables |= complex_variables(f"{prefix}anomalous_tail", ("node",), state.anomalous_tail, "1", rest)
    return variables


def restore_state(dataset: xarray.Dataset, *, prefix: str = "", trusted: bool = False) -> GaussianState:
    """The state that `state_variables` stored."""
    return GaussianState(
        complex_array(dataset, f"{prefix}mean"),
        complex_array(dataset, f"{prefix}normal"),
        complex_array(dataset, f"{prefix}anomalous", optional=True),
        normal_tail=stored(dataset, f"{prefix}normal_tail"),
        anomalous_tail=complex_array(dataset, f"{prefix}anomalous_tail", optional=True),
        trusted=trusted,
    )


# --- attributes -----------------------------------------------------------------------------------------------------


def attributes(kind: str, spec: RunSpec | None) -> dict[str, Any]:
    """What every dataset says of itself."""
    from .. import __version__

    found = {
        "format": format_text(kind),
        "wignerness_version": __version__,
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "conventions": CONVENTIONS,
    }
    return found if spec is None or spec.title is None else found | {"title": spec.title}


def spec_variable(spec: RunSpec | None) -> Variables:
    """The text of a spec: a variable, because an attribute of HDF5 holds no more than 64 kB."""
    if spec is None:
        return {}
    return {"spec": ((), spec.text or spec.to_toml(), {"units": "1", "long_name": "spec, TOML text"})}
