"""The spec of the view, and the Python lines that reproduce it."""

from __future__ import annotations

from ...io.toml_writer import write_document
from ..solving import Solved
from ..view import View
from .base import Panel, Shown


def show(state: Solved, view: View) -> Shown:
    """Return both texts."""
    from ..python_lines import python_lines

    return {
        "texts": [
            {"title": "Spec, for wignerness solve", "text": write_document(state.document)},
            {"title": "The same in Python", "text": python_lines(state, view)},
        ]
    }


def lines(state: Solved, view: View) -> list[str]:  # noqa: ARG001 - called like its siblings
    """Nothing beyond the steady state itself."""
    return []


SOURCE = Panel("source", "Spec", show, None, lines)
