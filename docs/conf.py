"""Build of the documentation: every example in it is executed, and nothing is fetched from outside."""

from __future__ import annotations

import os
import re
from pathlib import Path

# One BLAS thread, here and in the kernels that run the pages.
for _variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")
os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")

import wignerness

project = "wignerness"
author = "The wignerness developers"
project_copyright = f"2026, {author}"
release = version = wignerness.__version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.mathjax",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx_gallery.gen_gallery",
]
exclude_patterns = ["_build", "gallery/*.ipynb", "gallery/*.py", "gallery/*.py.md5", "reliability/ledger.md"]
templates_path: list[str] = []
default_role = "literal"
nitpicky = False

# Pages and their cells
myst_enable_extensions = ["amsmath", "colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 120
nb_merge_streams = True

# Reference: the docstrings carry shapes, units and signs, which annotations cannot.
autodoc_typehints = "none"
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True}
autodoc_preserve_defaults = True
napoleon_google_docstring = False
napoleon_custom_sections = [("Attributes", "params_style")]
napoleon_use_rtype = False
add_module_names = False
python_use_unqualified_type_names = True
toc_object_entries_show_parents = "hide"

# Gallery: one page a script of examples/
sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "gallery",
    "filename_pattern": r"plot_",
    "ignore_pattern": r"__init__\.py|specs",
    "download_all_examples": False,
    "remove_config_comments": True,
    "show_memory": False,
    "show_signature": False,
    "min_reported_time": 1e9,
    "abort_on_example_error": True,
    "write_computation_times": False,
}
suppress_warnings = ["config.cache"]

# Mathematics: a copy of MathJax lies in _static, so that the pages need no network.
mathjax_path = "mathjax/tex-svg-full.js"
mathjax3_config = {
    "tex": {
        "macros": {
            "mean": [r"\langle #1 \rangle", 1],
            "tr": r"\operatorname{Tr}",
            "im": r"\operatorname{Im}",
            "re": r"\operatorname{Re}",
            "diag": r"\operatorname{diag}",
            "dif": r"\mathrm{d}",
        },
    },
    "options": {"enableMenu": False},
}

html_theme = "furo"
html_title = f"wignerness {release}"
html_static_path = ["_static"]
html_css_files = ["wide.css"]
html_show_sourcelink = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#1b4f72", "color-brand-content": "#1b4f72"},
    "dark_css_variables": {"color-brand-primary": "#7fb3d5", "color-brand-content": "#7fb3d5"},
}

_IN_ROLE_OR_LITERAL = re.compile(r"(:[a-z:]+:)?(``?)[^`]+\2(?!`)")
_BARS = re.compile(r"\|(?=\S)")


def _escape_bars(app, what, name, obj, options, lines):  # type: ignore[no-untyped-def]
    """Keep |alpha| in a docstring from being read as a substitution."""
    for number, line in enumerate(lines):
        if "|" not in line or ".. math::" in line or line.lstrip().startswith((">>>", "...")):
            continue
        pieces, last = [], 0
        for match in _IN_ROLE_OR_LITERAL.finditer(line):
            pieces += [_BARS.sub(r"\\|", line[last : match.start()]), match.group()]
            last = match.end()
        lines[number] = "".join(pieces) + _BARS.sub(r"\\|", line[last:])


def _keep_first_line(app, what, name, obj, options, lines):  # type: ignore[no-untyped-def]
    """Keep the first line of an attribute from being split at its colon into a type and a text."""
    if what in {"attribute", "data", "property"} and lines:
        lines[:0] = ["..", ""]  # an empty comment takes the place of the first line


# Pages whose text lies elsewhere in the repository, and what their links become here.
_BORROWED = {
    "reliability/index": ("docs/reliability/ledger.md", {}),
    "changelog": ("CHANGELOG.md", {}),
    "developers/tests": ("tests/README.md", {}),
    "developers/contributing": (
        "CONTRIBUTING.md",
        {
            "(docs/developers/architecture.md)": "(architecture.md)",
            "(tests/README.md)": "(tests.md)",
            "(CHANGELOG.md)": "(../changelog.md)",
        },
    ),
}


def _borrow(app, docname, source):  # type: ignore[no-untyped-def]
    """Put the text of a file from elsewhere in the place of the line ``% BORROWED``."""
    if docname not in _BORROWED:
        return
    name, links = _BORROWED[docname]
    path = Path(app.srcdir).parent / name
    app.env.note_dependency(str(path))
    text = path.read_text(encoding="utf-8") if path.is_file() else "Nothing has been generated yet."
    if "% BORROWED" in source[0].strip().partition("\n")[2]:
        text = re.sub(r"^# .*\n", "", text)  # the page has a title of its own
    for old, new in links.items():
        text = text.replace(old, new)
    source[0] = source[0].replace("% BORROWED", text)


def setup(app):  # type: ignore[no-untyped-def]
    """Connect the small hooks above."""
    app.connect("autodoc-process-docstring", _keep_first_line, priority=100)
    app.connect("autodoc-process-docstring", _escape_bars, priority=999)
    app.connect("source-read", _borrow)
