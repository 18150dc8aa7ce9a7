"""The Python lines that reproduce what a page shows."""

from __future__ import annotations

from ..io.toml_writer import write_document
from .solving import Solved
from .view import View

__all__ = ["python_lines"]


def python_lines(state: Solved, view: View) -> str:
    """Return a script: the spec, its steady state, and what the panel shows."""
    from .panels import PANELS

    spec = write_document(state.document)
    quoted = f'"""\n{spec}"""' if '"""' not in spec and "\\" not in spec else repr(spec)
    panel = PANELS.get(view.panel)
    shown = [] if panel is None else panel.lines(state, view)
    return "\n".join(
        [
            "import wignerness as wn",
            "",
            f"run = wn.load_spec({quoted})",
            "ness = run.solve()",
            "print(ness)",
            *shown,
            "",
        ]
    )
