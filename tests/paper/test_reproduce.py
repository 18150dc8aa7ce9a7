"""The whole run: its files, their bytes, its refusals."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import numpy as np
import pytest
import xarray

from wignerness import paper
from wignerness._progress import progress_to
from wignerness.errors import FileFormatError, InvalidNetworkError, MissingExtraError
from wignerness.paper import run


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    folder = tmp_path_factory.mktemp("paper")
    seen = []
    with progress_to(lambda label, done, total: seen.append((label, done, total))):
        report = paper.reproduce(["fig2", "fig3", "equations"], folder / "new", False)
    return report, folder / "new", seen


def test_everything_passes_and_is_written(done):
    report, folder, _ = done
    assert report.passed
    assert len(report.records) == 57
    assert len(report.claims) == 4
    assert {r.number for r in report.records if r.correction} == {"25b", "A6", "B2", "B4a", "B4b", "B5", "D1", "D3"}
    expected = {f"{name}.{kind}" for name in ("fig2", "fig3") for kind in ("png", "pdf", "nc", "csv")}
    expected |= {"equations.md", "equations.csv"}
    assert {path.name for path in report.files} == expected
    assert {path.name for path in folder.iterdir()} == expected  # and nothing else: no temporary file is left


def test_progress_is_shown(done):
    labels = {label for label, _, _ in done[2]}
    assert {"Fig. 2: profiles", "Fig. 3: general solver", "uniform chains", "equations", "counterexamples"} <= labels


def test_files_say_what_they_are(done):
    _, folder, _ = done
    assert (folder / "fig2.png").read_bytes().startswith(b"\x89PNG")
    assert (folder / "fig3.pdf").read_bytes().startswith(b"%PDF")
    assert "57 of 57 hold" in (folder / "equations.md").read_text(encoding="utf-8")
    with xarray.open_dataset(folder / "fig3.nc", engine="h5netcdf") as data:
        assert data.length.values[-1] == 10**6
        assert data.production_real.attrs["units"] == "nats x frequency"
        table = np.genfromtxt(folder / "fig3.csv", delimiter=",", names=True)
        np.testing.assert_array_equal(table["production_real"], data.production_real)


def test_equal_data_give_equal_bytes(done, tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    _, folder, _ = done
    paper.reproduce(["fig2"], tmp_path, False)
    for kind in ("pdf", "png", "csv"):
        assert (tmp_path / f"fig2.{kind}").read_bytes() == (folder / f"fig2.{kind}").read_bytes(), kind


def test_existing_files_are_kept_unless_forced(tmp_path):
    target = tmp_path / "fig2.csv"
    target.write_text("mine", encoding="utf-8")
    with pytest.raises(FileFormatError, match=r"fig2\.csv exists"):
        paper.reproduce(["fig2"], tmp_path, False)
    assert target.read_text(encoding="utf-8") == "mine"
    assert list(tmp_path.iterdir()) == [target]
    paper.reproduce(["fig2", "fig2"], tmp_path, True)
    assert target.read_text(encoding="utf-8").startswith("curve,node")


def test_unknown_targets_are_named(tmp_path):
    with pytest.raises(
        InvalidNetworkError, match="`targets` must hold names from fig2, fig3, equations, but is 'fig4'"
    ):
        paper.reproduce(["fig4"], tmp_path, False)


def test_a_folder_that_cannot_be_is_an_error(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(FileFormatError, match="cannot be made"):
        paper.reproduce(["equations"], tmp_path / "file" / "folder", False)


def test_a_broken_off_write_leaves_no_file(tmp_path, monkeypatch):
    def broken(*arguments: object, **options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", broken)
    monkeypatch.setattr(Path, "replace", broken)
    monkeypatch.setattr(Path, "hardlink_to", broken)
    with pytest.raises(FileFormatError, match="No space left"):
        run.appear(tmp_path / "file", lambda path: path.write_text("half", encoding="utf-8"), force=False)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("module", "extra"), [("matplotlib", "plot"), ("xarray", "data"), ("h5netcdf", "data")])
def test_missing_extras_are_told_before_the_work(tmp_path, monkeypatch, module, extra):
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == module else found(name))
    with pytest.raises(MissingExtraError, match=rf"wignerness\[{extra}\]"):
        paper.reproduce(["fig2"], tmp_path, False)
    assert not list(tmp_path.iterdir())
