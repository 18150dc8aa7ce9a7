"""Files of every kind of result: the objects come back, and damaged or foreign files are refused with a reason."""

from __future__ import annotations

import contextlib
import csv
import json
import math
import os
import shutil
import signal
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from scipy import sparse

import wignerness as wn
from wignerness.errors import FileFormatError, InvalidNetworkError, MissingExtraError, UndefinedQuantityError
from wignerness.io import from_dataset, load_dataset, load_result, parse_spec, to_csv, write_netcdf, write_zarr
from wignerness.io.formats import CHECKSUM, KINDS, checksum

Write = Callable[..., None]

CHAIN = wn.models.chain(3, hopping=0.5, rate=1.0, occupations=(1, 2), probe_rate=0.3, frequency=1.0)
PLAIN = wn.models.chain(3, hopping=0.5, rate=1.0, occupations=(1, 2), frequency=1.0)
GENERAL = wn.Network(
    [[1.0, 0.3], [0.3, 1.2]],
    [wn.ThermalBath(0, 0.5, 1.0), wn.SqueezedBath.from_squeezing(1, 0.5, 0.5, 0.3, angle=1.0, name="sq")],
    pairing=[[0, 0.1j], [0.1j, 0]],
    drive=[0.3, 0.1j],
)
DEPHASED = wn.Network([[1.0, 0.3], [0.3, 1.2]], [wn.ThermalBath(0, 0.5, 1.0), wn.Dephasing(1, 0.2)])
COLORED = wn.Network(
    [[1.0, 0.3], [0.3, 1.2]],
    [wn.ThermalBath.at_temperature(k, 0.1, 0.5 + k, 1.0, spectrum=wn.spectra.Ohmic(5.0)) for k in (0, 1)],
)
TIMES = [0.0, 0.5, 2.0, 30.0]


def _spec(unit: str) -> wn.io.RunSpec:
    return parse_spec(
        f'title = "two"\nunit = "{unit}"\n[network]\nmodel = "chain"\nlength = 2\nhopping = 0.5\nrate = 1.0\n'
        "occupations = [1, 2]\n"
    )


def _sweep() -> xr.Dataset:
    return xr.Dataset(
        {
            "entropy_production": (("rate", "bath"), [[1.0, np.nan], [0.25, 0.5]], {"units": "MHz", "long_name": "Pi"}),
            "message": ("rate", np.array(["", "a mode grows"]), {"units": "1", "long_name": "why"}),
        },
        coords={"rate": [0.1, 0.2], "hopping": ("rate", [1.0, 2.0]), "bath": np.array(["hot", "cold"])},
        attrs={"format": "wignerness sweep 1", "points": 2, "failed": 1},
    )


RESULTS: dict[str, Callable[[], Any]] = {
    "steady state": lambda: wn.steady_state(CHAIN),
    "global": lambda: wn.steady_state(PLAIN, theory=wn.theories.Global()),
    "redfield": lambda: wn.steady_state(COLORED, theory=wn.theories.Redfield(lamb_shift=True)),
    "evolution": lambda: wn.evolve(CHAIN, wn.GaussianState.thermal([3.0, 0.0, 1.0]), TIMES),
    "following": lambda: wn.evolve(CHAIN, wn.GaussianState.thermal([3.0, 0.0, 1.0]), TIMES, follow=True),
    "squeezed evolution": lambda: wn.evolve(GENERAL, wn.GaussianState.squeezed([0.4, 0.1], 0.3), TIMES),
    "displaced evolution": lambda: wn.evolve(PLAIN, wn.GaussianState.coherent([1.0, 0.5j, 0.0]), TIMES),
    "dephased evolution": lambda: wn.evolve(DEPHASED, wn.GaussianState.thermal([3.0, 0.0]), TIMES),
    "unitary evolution": lambda: wn.evolve(
        wn.Network([[1.0, 0.3], [0.3, 1.2]], []), wn.GaussianState.thermal([3.0, 0.0]), [0.0, 1.0, 1.0]
    ),
    "relaxation": lambda: wn.relaxation(GENERAL),
    "trajectories": lambda: wn.sample_trajectories(
        PLAIN, wn.GaussianState.thermal([1.0, 1.0, 1.5]), [0.1, 0.2], 200, rng=1
    ),
    "exchange statistics": lambda: wn.exchange_statistics(CHAIN, 100.0),
    "sweep": _sweep,
}
WRITERS = {"netcdf": write_netcdf, "zarr": write_zarr}


@pytest.fixture(params=WRITERS)
def write(request: pytest.FixtureRequest) -> Write:
    if request.param == "zarr":
        pytest.importorskip("zarr")
    return WRITERS[request.param]


@pytest.fixture(scope="module")
def dataset() -> xr.Dataset:
    return wn.to_dataset(wn.steady_state(CHAIN))


def same(found: Any, expected: Any) -> None:
    """Equal to the last bit, NaN included, whatever it is made of."""
    if hasattr(expected, "toarray"):
        assert sparse.issparse(found)
        found, expected = found.toarray(), expected.toarray()
    if isinstance(expected, np.ndarray) and expected.dtype.kind in "fciub":
        np.testing.assert_array_equal(found, expected, strict=True)
    elif isinstance(expected, float):
        np.testing.assert_array_equal(found, expected)
    else:
        assert repr(found) == repr(expected)


def parts_of(result: Any) -> dict[str, Any]:
    """Everything that a result answers, by name; what is undefined by its reason."""
    found: dict[str, Any] = {"type": type(result).__name__, "text": str(result)}
    if isinstance(result, xr.Dataset):
        return {}
    names = set(dir(result)) | set(getattr(result, "__dict__", {}))
    for name in names - {"states", "state", "initial", "network", "alpha"}:
        value = None if name.startswith("_") else _answer(result, name)
        if value is not None and not callable(value):
            found[name] = value
    for name in ("state", "initial"):
        if hasattr(result, name):
            found |= _of_state(name, getattr(result, name))
    for index, state in enumerate(getattr(result, "states", ())):
        found |= _of_state(f"state {index}", state)
    if hasattr(result, "network"):
        for name in ("hamiltonian", "pairing", "drive", "labels", "baths", "is_sparse"):
            found[f"network.{name}"] = getattr(result.network, name)
    return found


def _answer(result: Any, name: str) -> Any:
    try:
        return getattr(result, name)
    except (UndefinedQuantityError, wn.errors.NoUniqueSteadyStateError) as error:
        return str(error)


def _of_state(prefix: str, state: wn.GaussianState) -> dict[str, Any]:
    names = ("mean", "normal", "anomalous", "normal_tail", "anomalous_tail")
    return {f"{prefix}.{name}": getattr(state, name) for name in names}


# Computed anew from a network whose probes have been filled in; the rest is computed from what is stored.
REBUILT = {"entropy_rate", "relative_entropy_rate"}


@pytest.mark.parametrize("name", RESULTS)
def test_every_kind_of_result_comes_back_to_the_last_bit(name: str, write: Write, tmp_path: Path) -> None:
    result = RESULTS[name]()
    dataset = result if isinstance(result, xr.Dataset) else wn.to_dataset(result)
    assert checksum(dataset) == checksum(dataset.copy(deep=True))
    write(dataset, tmp_path / "file")
    stored = load_dataset(tmp_path / "file")
    assert stored.identical(dataset)
    found, expected = parts_of(load_result(tmp_path / "file")), parts_of(result)
    assert found.keys() == expected.keys()
    for part, value in expected.items():
        if part in REBUILT and name == "evolution" and not isinstance(value, str):
            np.testing.assert_allclose(found[part], value, rtol=1e-9, atol=1e-15)
        else:
            same(found[part], value)


def test_a_restored_run_answers_what_it_was_not_asked_before(tmp_path: Path) -> None:
    run = RESULTS["displaced evolution"]()
    write_netcdf(wn.to_dataset(run), tmp_path / "run.nc")
    found = load_result(tmp_path / "run.nc")
    assert isinstance(found, wn.Evolution)
    for method in ("integrated_occupations", "integrated_exchange", "integrated_heat", "integrated_flux"):
        same(getattr(found, method)(0.0, 1.5), getattr(run, method)(0.0, 1.5))
    assert found.integrated_production(0.3, 1.5) == run.integrated_production(0.3, 1.5)
    assert found.network_at(2).labels == run.network_at(2).labels


def test_restored_trajectories_have_all_statistics_but_no_amplitudes(tmp_path: Path) -> None:
    sample = RESULTS["trajectories"]()
    write_netcdf(wn.to_dataset(sample), tmp_path / "sample.nc")
    found = load_result(tmp_path / "sample.nc")
    assert isinstance(found, wn.Trajectories)
    assert found.integral_fluctuation() == sample.integral_fluctuation()
    same(found.exchange_statistics().mean, sample.exchange_statistics().mean)
    same(found.exchanged, sample.exchanged)
    with pytest.raises(UndefinedQuantityError, match="not stored in files"):
        found.alpha  # noqa: B018


def test_statistics_that_warn_are_stored_without_a_word() -> None:
    far = wn.sample_trajectories(PLAIN, wn.GaussianState.thermal([90.0, 0.0, 9.0]), [5.0], 300, rng=1)
    with pytest.warns(wn.errors.AccuracyWarning):
        far.integral_fluctuation()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert float(wn.to_dataset(far).effective_samples) < 3


@pytest.mark.parametrize("unit", ["days", "seconds", "1/s", "hours since 2000-01-01"])
def test_no_unit_is_taken_for_a_date(unit: str, write: Write, tmp_path: Path) -> None:
    spec = _spec(unit)
    for position, result in enumerate([spec.solve(), wn.evolve(spec.network, wn.GaussianState.vacuum(2), [0.0, 1.0])]):
        dataset = wn.to_dataset(result, spec=spec)
        assert dataset.entropy_production.units == unit
        write(dataset, tmp_path / str(position))
        stored = load_dataset(tmp_path / str(position))
        assert stored.identical(dataset)
        assert stored.title == "two"


def test_large_sparse_results_are_stored_as_their_elements(write: Write, tmp_path: Path) -> None:
    size = 400
    diagonals = [np.full(size - 1, 0.4), np.linspace(0, 1, size), np.full(size - 1, 0.4)]
    hamiltonian = sparse.csr_array(sparse.diags_array(diagonals, offsets=[-1, 0, 1]))
    baths = [wn.ThermalBath(k, 1.0, 1.0 + k / size) for k in range(size)]
    ness = wn.steady_state(wn.Network(hamiltonian, baths), solver=wn.solvers.Banded())
    assert ness.state.is_partial
    chosen = ("occupations", "currents", "bath_currents", "heat_currents", "entropy_production", "entropy_flux")
    write(wn.to_dataset(ness, spec=wn.io.RunSpec(ness.network, quantities=chosen)), tmp_path / "ness")
    found = load_result(tmp_path / "ness")
    assert found.state.is_partial
    assert found.network.is_sparse
    for name in chosen:
        same(getattr(found, name), getattr(ness, name))
    assert found.solver == ness.solver
    assert load_dataset(tmp_path / "ness").nbytes < 40 * size * 100


def test_what_is_no_result_is_named() -> None:
    with pytest.raises(InvalidNetworkError, match="`result` must be a result"):
        wn.to_dataset(3)  # type: ignore[arg-type]


# --- what is refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "its `format` is not"),
        ("wignerness steady state", "its `format` is not"),
        ("wignerness steady state 2", "version 2 of the format"),
        ("wignerness cake 1", "its `format` is not"),
        (3, "its `format` is not"),
    ],
)
def test_foreign_and_later_formats_are_refused(dataset: xr.Dataset, tmp_path: Path, text: Any, message: str) -> None:
    foreign = dataset.assign_attrs(format=text) if text is not None else xr.Dataset({"x": ("t", [1.0])})
    with pytest.raises(FileFormatError, match=message):
        from_dataset(foreign)
    foreign.to_netcdf(tmp_path / "x.nc", engine="h5netcdf")
    with pytest.raises(FileFormatError, match=message):
        load_dataset(tmp_path / "x.nc")


@pytest.mark.parametrize("name", [name for name in RESULTS if name != "sweep"])
def test_a_dataset_without_one_of_its_parts_is_refused_or_whole(name: str) -> None:
    """Quantities that are computed from the rest may go; what is left out is never replaced in silence."""
    result = RESULTS[name]()
    dataset = wn.to_dataset(result)
    expected = parts_of(result)
    for part in [*dataset.data_vars, *dataset.coords]:
        with contextlib.suppress(FileFormatError):
            found = parts_of(from_dataset(dataset.drop_vars(part)))
            for key in expected.keys() - REBUILT - {"text"}:
                same(found[key], expected[key])


def test_numbers_that_were_changed_do_not_fit_the_checksum(dataset: xr.Dataset, write: Write, tmp_path: Path) -> None:
    changed = dataset.assign_attrs({CHECKSUM: checksum(dataset)})
    changed["occupations"] = changed.occupations * (1 + 1e-15)
    if write is write_netcdf:
        changed.to_netcdf(tmp_path / "x", engine="h5netcdf")
    else:
        changed.to_zarr(tmp_path / "x", zarr_format=2, consolidated=False)
    with pytest.raises(FileFormatError, match="does not fit its checksum"):
        load_dataset(tmp_path / "x")
    dataset.drop_vars("occupations").to_netcdf(tmp_path / "y.nc", engine="h5netcdf")
    assert CHECKSUM not in load_dataset(tmp_path / "y.nc").attrs


READ_ALL = """
import json, sys
from wignerness.errors import FileFormatError
from wignerness.io import load_result
counts = {}
for path in json.load(sys.stdin):
    try:
        load_result(path)
        said = "read"
    except FileFormatError:
        said = "refused"
    except BaseException as error:
        said = repr(error)
    counts[said] = counts.get(said, 0) + 1
print(json.dumps(counts))
"""


def read_all(paths: list[Path]) -> dict[str, int]:
    """Read files in a process of their own: a damaged one may take down the reader's library."""
    environment = {"PYTHONPATH": str(Path(wn.__file__).parents[1]), "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", READ_ALL],
        check=False,
        capture_output=True,
        text=True,
        input=json.dumps(list(map(str, paths))),
        env=environment,
    )
    assert done.returncode == 0, f"{signal.Signals(-done.returncode) if done.returncode < 0 else ''} {done.stderr}"
    return json.loads(done.stdout)


@pytest.mark.slow
def test_netcdf_files_cut_anywhere_are_refused(dataset: xr.Dataset, tmp_path: Path, rng: np.random.Generator) -> None:
    write_netcdf(dataset, tmp_path / "whole.nc")
    content = (tmp_path / "whole.nc").read_bytes()
    cuts = sorted({0, 1, 8, 100, len(content) - 1, *rng.integers(0, len(content), 150).tolist()})
    for cut in cuts:
        (tmp_path / f"{cut}.nc").write_bytes(content[:cut])
    assert read_all([tmp_path / f"{cut}.nc" for cut in cuts]) == {"refused": len(cuts)}


@pytest.mark.slow
def test_netcdf_files_with_changed_bytes_are_refused_or_right(
    dataset: xr.Dataset, tmp_path: Path, rng: np.random.Generator
) -> None:
    write_netcdf(dataset, tmp_path / "whole.nc")
    content = bytearray((tmp_path / "whole.nc").read_bytes())
    paths = []
    for trial in range(60):
        damaged = content.copy()
        start = int(rng.integers(len(content)))
        span = int(rng.integers(1, 64))
        damaged[start : start + span] = rng.bytes(len(damaged[start : start + span]))
        paths.append(tmp_path / f"{trial}.nc")
        paths[-1].write_bytes(damaged)
    said = read_all(paths)
    assert set(said) <= {"read", "refused"}
    assert said.get("refused", 0) > 0
    for path in paths[:15]:
        with contextlib.suppress(FileFormatError):
            found = load_dataset(path)
            # Read although changed: the change is in padding, or has taken away the name of the checksum itself.
            assert found.identical(dataset) or found.attrs.keys() - dataset.attrs.keys()


def test_random_bytes_are_refused(tmp_path: Path, rng: np.random.Generator) -> None:
    heads = [b"", b"\x89HDF\r\n\x1a\n", b"CDF\x01", b"CDF\x05", b"PK\x03\x04", b"\x80\x04\x95"]
    for trial, head in enumerate(heads * 5):
        (tmp_path / f"{trial}.nc").write_bytes(head + rng.bytes(int(rng.integers(0, 2000))))
    assert read_all(sorted(tmp_path.iterdir())) == {"refused": 5 * len(heads)}


def test_no_other_file_is_read_and_no_more_than_there_is(dataset: xr.Dataset, tmp_path: Path) -> None:
    import h5py

    (tmp_path / "secret").write_bytes(bytes(80))
    tricks: dict[str, Callable[[Any], Any]] = {
        "refers to another file": lambda f: f.__setitem__("x", h5py.ExternalLink("secret.nc", "/")),
        "lies in another file": lambda f: f.create_dataset(
            "x", (10,), dtype="f8", external=[(str(tmp_path / "secret"), 0, 80)]
        ),
        "claims": lambda f: f.create_dataset("x", (10**12,), dtype="f8"),
    }
    for message, trick in tricks.items():
        write_netcdf(dataset, tmp_path / "x.nc", force=True)
        with h5py.File(tmp_path / "x.nc", "r+") as file:
            trick(file)
        with pytest.raises(FileFormatError, match=message):
            load_result(tmp_path / "x.nc")


def test_nothing_in_a_file_is_unpickled(tmp_path: Path) -> None:
    import pickle

    class Trap:
        def __reduce__(self) -> tuple[Any, ...]:
            return (Path.touch, (tmp_path / "sprung",))

    (tmp_path / "x.nc").write_bytes(pickle.dumps(Trap()))
    with pytest.raises(FileFormatError):
        load_result(tmp_path / "x.nc")
    zarr = pytest.importorskip("zarr")
    numcodecs = pytest.importorskip("numcodecs")
    group = zarr.open_group(tmp_path / "x.zarr", mode="w", zarr_format=2)
    group.attrs["format"] = "wignerness steady state 1"
    (tmp_path / "x.zarr" / "trap").mkdir()
    about = {"shape": [1], "chunks": [1], "dtype": "|O", "fill_value": None, "order": "C", "compressor": None}
    about |= {"filters": [{"id": "pickle", "protocol": 5}], "zarr_format": 2}
    (tmp_path / "x.zarr" / "trap" / ".zarray").write_text(json.dumps(about))
    (tmp_path / "x.zarr" / "trap" / ".zattrs").write_text('{"_ARRAY_DIMENSIONS": ["t"]}')
    trap = np.empty(1, dtype=object)
    trap[0] = Trap()
    (tmp_path / "x.zarr" / "trap" / "0").write_bytes(numcodecs.Pickle().encode(trap))
    with pytest.raises(FileFormatError, match="objects of Python"):
        load_result(tmp_path / "x.zarr")
    about["dtype"] = "<f8"
    (tmp_path / "x.zarr" / "trap" / ".zarray").write_text(json.dumps(about))
    with pytest.raises(FileFormatError, match="packed with 'pickle'"):
        load_result(tmp_path / "x.zarr")
    assert not (tmp_path / "sprung").exists()


# --- Zarr folders ---------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(dataset: xr.Dataset, tmp_path: Path) -> Path:
    pytest.importorskip("zarr")
    write_zarr(dataset, tmp_path / "x.zarr")
    return tmp_path / "x.zarr"


def test_a_zarr_folder_is_replaced_only_on_request(dataset: xr.Dataset, folder: Path) -> None:
    other = wn.to_dataset(wn.steady_state(PLAIN))
    with pytest.raises(FileFormatError, match="--force"):
        write_zarr(other, folder)
    assert load_dataset(folder).identical(dataset)
    write_zarr(other, folder, force=True)
    assert load_dataset(folder).identical(other)
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_only_zarr_folders_are_replaced(dataset: xr.Dataset, folder: Path) -> None:
    precious = folder.parent / "precious"
    precious.mkdir()
    (precious / "thesis.tex").touch()
    for name in (precious, precious / "thesis.tex"):
        with pytest.raises(FileFormatError, match="left as it is"):
            write_zarr(dataset, name, force=True)
    assert [path.name for path in precious.iterdir()] == ["thesis.tex"]
    with pytest.raises(FileFormatError, match="there is no folder"):
        write_zarr(dataset, precious / "a" / "b")


def test_a_zarr_folder_that_lacks_a_file_or_has_a_damaged_one_is_refused(
    folder: Path, rng: np.random.Generator
) -> None:
    files, whole = sorted(path for path in folder.rglob("*") if path.is_file()), load_dataset(folder)
    copy = folder.with_name("copy")
    for path in [files[k] for k in rng.choice(len(files), 12, replace=False)]:
        for damage in ("gone", "cut", "noise", "empty"):
            shutil.copytree(folder, copy)
            victim = copy / path.relative_to(folder)
            content = victim.read_bytes()
            if damage == "gone":
                victim.unlink()
            else:
                cut, noise = content[: len(content) // 2], rng.bytes(len(content))
                victim.write_bytes({"cut": cut, "noise": noise, "empty": b""}[damage])
            with contextlib.suppress(FileFormatError):
                assert load_dataset(copy).identical(whole)
            shutil.rmtree(copy)


def test_folders_that_are_no_zarr_are_refused(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileFormatError, match="not a Zarr folder"):
        load_dataset(tmp_path / "empty")
    (folder / "zarr.json").write_text("{}")
    with pytest.raises(FileFormatError, match=r"zarr\.json"):
        load_dataset(folder)
    (folder / "zarr.json").unlink()
    (folder / "link").symlink_to(tmp_path)
    with pytest.raises(FileFormatError, match="link"):
        load_dataset(folder)
    (folder / "link").unlink()
    os.mkfifo(folder / "pipe")  # whoever reads it waits for ever
    with pytest.raises(FileFormatError, match="pipe"):
        load_dataset(folder)


def test_without_zarr_the_extra_is_named(dataset: xr.Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "zarr", None)
    (tmp_path / "x.zarr").mkdir()
    for act in (lambda: write_zarr(dataset, tmp_path / "y.zarr"), lambda: load_dataset(tmp_path / "x.zarr")):
        with pytest.raises(MissingExtraError, match="wignerness\\[zarr\\]"):
            act()


# --- CSV ------------------------------------------------------------------------------------------------------------


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_csv_tables_hold_every_number_to_the_last_bit(tmp_path: Path) -> None:
    run = RESULTS["evolution"]()
    dataset = wn.to_dataset(run)
    paths = to_csv(dataset, tmp_path / "tables")
    assert {path.name for path in paths} == {path.name for path in (tmp_path / "tables").iterdir()}
    rows = read_csv(tmp_path / "tables" / "time-bath.csv")
    assert [float(row["entropy_production"]) for row in rows] == run.entropy_production.ravel().tolist()
    assert {(row["time"], row["bath"]) for row in rows} == {
        (repr(time), label) for time in TIMES for label in run.network.bath_labels
    }
    columns = {(row["table"], row["column"]): row for row in read_csv(tmp_path / "tables" / "columns.csv")}
    assert columns["time-bath", "heat_currents"]["units"] == "rate^2"
    assert columns["time", "time"]["units"] == "1/rate"
    listed = {name for _, name in columns}
    assert listed >= set(map(str, dataset.data_vars))


def test_csv_of_a_sweep_has_all_its_axes(tmp_path: Path) -> None:
    to_csv(_sweep(), tmp_path)
    rows = read_csv(tmp_path / "rate-bath.csv")
    assert list(rows[0]) == ["rate", "hopping", "bath", "entropy_production"]
    assert (rows[2]["rate"], rows[2]["hopping"], rows[2]["bath"]) == ("0.2", "2.0", "hot")
    assert math.isnan(float(rows[1]["entropy_production"]))


@pytest.mark.parametrize("name", RESULTS)
def test_every_result_has_tables(name: str, tmp_path: Path) -> None:
    result = RESULTS[name]()
    paths = to_csv(result if isinstance(result, xr.Dataset) else wn.to_dataset(result), tmp_path)
    assert len(paths) > 1
    assert read_csv(paths[0]) or name == "unitary evolution"


def test_csv_files_are_replaced_only_on_request(dataset: xr.Dataset, tmp_path: Path) -> None:
    (tmp_path / "bath.csv").write_text("precious")
    with pytest.raises(FileFormatError, match="--force"):
        to_csv(dataset, tmp_path)
    assert [path.read_text() for path in tmp_path.iterdir()] == ["precious"]
    to_csv(dataset, tmp_path, force=True)
    assert len(read_csv(tmp_path / "bath.csv")) == CHAIN.n_baths
    with pytest.raises(FileFormatError, match="cannot be made"):
        to_csv(dataset, tmp_path / "bath.csv")


def test_the_kinds_are_documented() -> None:
    text = (Path(__file__).parents[2] / "docs" / "reference" / "files.md").read_text(encoding="utf-8")
    for kind, version in KINDS.items():
        assert f"`wignerness {kind} {version}`" in text
