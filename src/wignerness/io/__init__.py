"""Specs in TOML, results as labelled datasets and plain documents."""

from .dataset import from_dataset, load_dataset, to_dataset, write_netcdf
from .document import to_document
from .spec import RunSpec, load_spec, parse_spec, spec_schema

__all__ = [
    "RunSpec",
    "from_dataset",
    "load_dataset",
    "load_spec",
    "parse_spec",
    "spec_schema",
    "to_dataset",
    "to_document",
    "write_netcdf",
]
