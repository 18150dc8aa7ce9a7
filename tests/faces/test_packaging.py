"""The files around the code agree with each other and with the code."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import yaml

import wignerness

ROOT = Path(__file__).resolve().parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = PYPROJECT["project"]["optional-dependencies"]
GROUPS = PYPROJECT["dependency-groups"]


def _readme_command(number: int) -> str:
    script = [sys.executable, str(ROOT / ".ci" / "readme_command"), str(number)]
    return subprocess.run(script, capture_output=True, text=True, check=True).stdout.strip()


def _name(requirement: str) -> str:
    return re.match(r"[\w.-]+", requirement).group().lower().replace("_", "-")


@pytest.mark.parametrize("extra", ["test", "docs", "dev"])
def test_dependency_groups_mirror_the_extras(extra):
    assert GROUPS["lint" if extra == "dev" else extra] == EXTRAS[extra]


def test_all_holds_every_extra_that_users_need():
    named = re.search(r"\[(.*)\]", EXTRAS["all"][0]).group(1).split(",")
    assert set(named) == set(EXTRAS) - {"all", "test", "docs", "dev", "fuzz"}


def test_every_dependency_is_pinned_in_the_constraints():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[\w.-]+==[\w.+!-]+", pin) for pin in pins), "exact versions only, no addresses, no hashes"
    wanted = {_name(r) for group in EXTRAS.values() for r in group} | {
        _name(r) for r in PYPROJECT["project"]["dependencies"]
    }
    assert wanted - {_name(pin) for pin in pins} == {"wignerness"}


def test_one_version():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert str(citation["version"]) == wignerness.__version__
    assert f"## {wignerness.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "version" in PYPROJECT["project"]["dynamic"]


def test_installed_package_carries_its_types_and_its_command():
    try:
        distribution = metadata.distribution("wignerness")
    except metadata.PackageNotFoundError:
        pytest.skip("runs from the source tree, without being installed")
    assert (Path(wignerness.__file__).parent / "py.typed").is_file()
    assert {e.value for e in distribution.entry_points if e.name == "wignerness"} == {"wignerness.cli:main"}
    assert distribution.version == wignerness.__version__


def test_readme_commands_set_up_and_run():
    first, second = _readme_command(1), _readme_command(2)
    for command in (first, second):
        assert command.startswith("python3 -m venv .venv && .venv/bin/pip install -c constraints.txt ")
    assert "wignerness reproduce" in first
    assert second.endswith(".venv/bin/python -m pytest")


SLIM_IMPORT = """
import sys
import numpy
before = set(sys.modules)
import wignerness
loaded = {name.partition(".")[0] for name in set(sys.modules) - before}
print(*sorted(loaded & {"matplotlib", "xarray", "pandas", "networkx", "pydantic", "typer", "rich", "scipy", "h5py"}))
"""


def test_importing_loads_nothing_heavy():
    output = subprocess.run([sys.executable, "-c", SLIM_IMPORT], capture_output=True, text=True, check=True).stdout
    assert output.strip() == ""
