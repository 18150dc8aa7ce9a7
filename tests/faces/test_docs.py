"""What is written is true: docstring examples run, commands and modules are documented, links lead somewhere."""

from __future__ import annotations

import doctest
import importlib
import importlib.util
import inspect
import pkgutil
import re
import subprocess
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import typer
from typer.main import get_command

import wignerness
from wignerness.cli.app import app

ROOT = Path(__file__).resolve().parents[2]
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
MODULES = ["wignerness", *sorted(m.name for m in pkgutil.walk_packages(wignerness.__path__, "wignerness."))]
PUBLIC = [name for name in MODULES if not any(part.startswith("_") for part in name.split("."))]


def _tracked(ending: str) -> list[Path]:
    """Files of the repository; of the folder, where there is no git (an unpacked source distribution)."""
    listed = subprocess.run(["git", "ls-files", "-z", f"*{ending}"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode == 0 and listed.stdout:
        return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).exists()]
    return [p for p in ROOT.rglob(f"*{ending}") if not {".venv", ".nox", "_build"} & set(p.relative_to(ROOT).parts)]


MARKDOWN = _tracked(".md")


class Finder(doctest.DocTestFinder):
    """Finds the examples of decorated functions too, which the original takes for those of the decorator's module."""

    def _from_module(self, module, found):
        return super()._from_module(module, inspect.unwrap(found) if callable(found) else found)


@pytest.mark.parametrize("name", MODULES)
def test_docstring_examples_run(name):
    runner = doctest.DocTestRunner(optionflags=FLAGS)
    for test in Finder(exclude_empty=True).find(importlib.import_module(name)):
        runner.run(test)
    outcome = runner.summarize()
    assert outcome.failed == 0, f"{outcome.failed} of {outcome.attempted} examples of {name} fail; see the output above"


def test_there_are_examples_to_run():
    found = [test for name in MODULES for test in Finder(exclude_empty=True).find(importlib.import_module(name))]
    assert sum(len(test.examples) for test in found) > 50
    assert "wignerness.thermodynamics.entropy.entropy_flux" in {test.name for test in found}


@pytest.mark.parametrize("name", PUBLIC)
def test_public_functions_and_classes_have_docstrings(name):
    module = importlib.import_module(name)
    assert inspect.getdoc(module), f"{name} has no docstring"
    own = [
        (attribute, value)
        for attribute, value in vars(module).items()
        if not attribute.startswith("_")
        and (inspect.isfunction(value) or inspect.isclass(value))
        and value.__module__ == name
    ]
    missing = [attribute for attribute, value in own if not value.__doc__]
    assert not missing, f"{name}: {missing} have no docstring"


def test_every_public_name_is_in_the_reference():
    pages = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "docs" / "reference").glob("*.md"))
    for name in wignerness.__all__:
        assert name.startswith("__") or re.search(rf"\b{name}\b", pages), f"{name} is not in docs/reference"
    for package in (m.name for m in pkgutil.iter_modules(wignerness.__path__)):
        if not package.startswith("_") and package not in {"cli", "app", "dynamics", "bath", "network", "state"}:
            assert re.search(rf"\bwignerness\.{package}\b", pages), f"wignerness.{package} is not in docs/reference"


def _commands() -> list[str]:
    root = get_command(app)
    return sorted(root.list_commands(typer.Context(root)))


@pytest.mark.parametrize("command", _commands())
def test_every_command_is_documented(command):
    page = (ROOT / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
    assert f"## `wignerness {command}`" in page
    assert f'show("{command}", "--help")' in page


LINK = re.compile(r"(?<!\!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")


@pytest.mark.parametrize("path", MARKDOWN, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_relative_links_resolve(path):
    text = re.sub(r"^(```+|~~~+).*?^\1", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"`[^`\n]*`", "", text)
    for match in LINK.finditer(text):
        target = (match.group(1) or match.group(2)).split("#")[0]
        if not target or re.match(r"[a-z]+:", target):
            continue
        # The gallery is built with the documentation.
        if "gallery/" in target:
            continue
        assert (path.parent / target).exists(), f"{path.name} links to {target}, which is not there"


def test_every_page_is_in_a_table_of_contents():
    docs = ROOT / "docs"
    listed = {"index"}
    for page in docs.rglob("*.md"):
        for block in re.findall(r"```\{toctree\}\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
            entries = [line.strip() for line in block.splitlines() if line.strip() and not line.startswith(":")]
            listed |= {(page.parent / entry).relative_to(docs).as_posix() for entry in entries}
    pages = {
        page.relative_to(docs).with_suffix("").as_posix()
        for page in MARKDOWN
        if page.is_relative_to(docs) and "_static" not in page.parts
    }
    assert pages - listed <= {"reliability/ledger"}


# --- numbers in the text --------------------------------------------------------------------------


def test_the_fits_of_the_uniform_chain_are_as_stated():
    page = (ROOT / "docs" / "theory" / "uniform-chain.md").read_text(encoding="utf-8")
    chains = {
        length: wignerness.exact.chain(length, hopping=3e-7, rate=1e-6, occupations=(1, 2), probe_rate=1e-7)
        for length in range(2, 1001)
    }
    spaced = [sorted({int(x) for x in np.geomspace(first, 1000, 60).round()}) for first in (2, 10)]
    for lengths in (range(2, 1001), *spaced):
        slopes = [
            np.polyfit(np.log(lengths), np.log([getattr(chains[n], f"entropy_production_{part}") for n in lengths]), 1)
            for part in ("probes", "real")
        ]
        assert f"| ${slopes[0][0]:.3f}$ | ${slopes[1][0]:.3f}$ |" in page


def test_the_bound_that_strict_demands_is_as_stated():
    page = (ROOT / "docs" / "how-to" / "accuracy-statement.md").read_text(encoding="utf-8")
    demanded = importlib.import_module("wignerness.solvers.base")._STRICT
    assert f"bound exceeds $10^{{{np.log10(demanded):.0f}}}$ of the largest occupation" in page
    assert f"`ADI`: $10^{{{np.log10(wignerness.solvers.ADI().tolerance):.0f}}}$" in page


def test_parts_that_are_not_connected_have_a_steady_state_if_each_has_a_bath():
    baths = [wignerness.ThermalBath(0, 1.0, 1.0), wignerness.ThermalBath(1, 1.0, 2.0)]
    assert wignerness.steady_state(wignerness.Network(np.zeros((2, 2)), baths)).occupations.tolist() == [1.0, 2.0]
    with pytest.raises(wignerness.errors.NoUniqueSteadyStateError):
        wignerness.steady_state(wignerness.Network(np.zeros((2, 2)), baths[:1]))


def test_the_reliability_page_shows_the_ledger():
    specification = importlib.util.spec_from_file_location("conf", ROOT / "docs" / "conf.py")
    conf = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(conf)
    app = SimpleNamespace(srcdir=ROOT / "docs", env=SimpleNamespace(note_dependency=lambda path: None))
    source = [(ROOT / "docs" / "reliability" / "index.md").read_text(encoding="utf-8")]
    conf._borrow(app, "reliability/index", source)
    assert "### 1. Backward error" in source[0]
    assert "BORROWED" not in source[0]
