#!/usr/bin/env -S uv run --script
# /// script
# dependencies = ["nox>=2025.10.14"]
# ///
"""The checks one by one, each in an environment of its own; ``.ci/run`` runs them all in one."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import nox

nox.needs_version = ">=2025.10.14"
nox.options.default_venv_backend = "uv|virtualenv"

PINNED = ("-c", "constraints.txt")
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


@nox.session(python=["3.11", "3.12", "3.13"], default=True)
def test(session: nox.Session) -> None:
    """Run the tests on every supported Python."""
    session.install(*PINNED, ".[all,test]")
    session.run("pytest", *session.posargs, env=ONE_THREAD)


@nox.session(default=True)
def lint(session: nox.Session) -> None:
    """Style, spelling, floors of the house, repository review, hygiene."""
    session.install(*PINNED, ".[all,dev]")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("codespell")
    session.run("lint-imports", "--no-cache", "--no-logo")
    session.run("sp-repo-review", ".")
    session.run("bash", ".ci/hygiene", external=True)


@nox.session(default=True)
def types(session: nox.Session) -> None:
    """Strict types."""
    session.install(*PINNED, ".[all,dev]")
    session.run("mypy", *session.posargs)


@nox.session(default=True)
def docs(session: nox.Session) -> None:
    """Build the documentation; every example in it runs."""
    session.install(*PINNED, ".[all,docs]")
    session.run("sphinx-build", "-W", "--keep-going", "-b", "html", "docs", "docs/_build/html", env=ONE_THREAD)


@nox.session(python="3.11", default=False)
def floors(session: nox.Session) -> None:
    """Run the tests on the oldest NumPy and SciPy that the package promises to work with."""
    session.install(".[all,test]", "numpy==2.2.*", "scipy==1.15.*")
    session.run("pytest", *session.posargs, env=ONE_THREAD)


@nox.session(default=False)
def coverage(session: nox.Session) -> None:
    """Branch coverage of the tests."""
    session.install(*PINNED, ".[all,test]")
    session.run("pytest", "--cov", "--cov-report=term", *session.posargs, env=ONE_THREAD)


@nox.session(python="3.11", venv_backend="virtualenv", default=False)
def constraints(session: nox.Session) -> None:
    """Write constraints.txt anew from what resolves today."""
    session.install(".[all,test,docs,dev,fuzz]")
    with tempfile.TemporaryFile("w+") as listing:
        session.run("pip", "freeze", stdout=listing)
        listing.seek(0)
        pins = [line for line in listing.read().splitlines() if re.fullmatch(r"[\w.-]+==[\w.+!-]+", line)]
    path = Path("constraints.txt")
    head = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    path.write_text("\n".join([*head, *pins]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    nox.main()
