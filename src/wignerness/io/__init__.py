"""Specs in TOML, results as labelled datasets and plain documents, and the conventions of other programs."""

from .csv_tables import to_csv
from .dataset import from_dataset, load_result, to_dataset
from .document import to_document
from .interchange import (
    from_qutip_covariance,
    from_thewalrus,
    to_networkx,
    to_qutip_covariance,
    to_thewalrus,
)
from .operators import from_qutip, to_qutip
from .spec import RunSpec, load_spec, parse_spec, spec_schema
from .storage import load_dataset, write_dataset, write_netcdf, write_zarr

__all__ = [
    "RunSpec",
    "from_dataset",
    "from_qutip",
    "from_qutip_covariance",
    "from_thewalrus",
    "load_dataset",
    "load_result",
    "load_spec",
    "parse_spec",
    "spec_schema",
    "to_csv",
    "to_dataset",
    "to_document",
    "to_networkx",
    "to_qutip",
    "to_qutip_covariance",
    "to_thewalrus",
    "write_dataset",
    "write_netcdf",
    "write_zarr",
]
