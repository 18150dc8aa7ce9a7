"""``wignerness schema``: the JSON schema of specs."""

from __future__ import annotations

import json

import typer

from .failures import reported


def schema() -> None:
    """Print the JSON schema of specs, with which editors check and complete TOML files.

    Example: wignerness schema > wignerness.schema.json
    """
    with reported():
        from ..io.spec import spec_schema

        typer.echo(json.dumps(spec_schema(), indent=2))
