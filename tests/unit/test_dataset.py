"""Datasets and NetCDF files: nothing is lost, nothing is overwritten, nothing is half written."""

from __future__ import annotations

import json
import math
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

import wignerness as wn
from wignerness.dynamics.quantities import QUANTITIES, evaluate
from wignerness.errors import FileFormatError, MissingExtraError, UndefinedQuantityError
from wignerness.io import from_dataset, load_dataset, load_result, parse_spec, to_document, write_netcdf
from wignerness.io import storage as module
from wignerness.io.bath_json import bath_to_json

SPEC = """
title = "a ring"
unit = "MHz"
[network]
nodes = [{label = "a", frequency = 1.0}, {label = "b", frequency = 1.5}, {label = "c"}]
edges = [{between = ["a", "b"], hopping = [0.1, 0.2]}, {between = ["b", "c"], hopping = 0.3}]
[[baths]]
nodes = "all"
rate = 0.1
occupation = 1.0
[[baths]]
node = "a"
name = "hot"
rate = 0.2
occupation = 2.0
[[baths]]
node = "c"
kind = "probe"
rate = 0.3
"""


@pytest.fixture(scope="module")
def ness() -> wn.SteadyState:
    return parse_spec(SPEC).solve()


@pytest.fixture
def dataset(ness: wn.SteadyState) -> xr.Dataset:
    return wn.to_dataset(ness, spec=parse_spec(SPEC))


def assert_same(found: wn.SteadyState, expected: wn.SteadyState) -> None:
    for name in ("mean", "normal", "anomalous", "normal_tail", "anomalous_tail"):
        assert (getattr(found.state, name) == getattr(expected.state, name)).all()
    for name in ("hamiltonian", "pairing", "drive"):
        assert (getattr(found.network, name) == getattr(expected.network, name)).all()
    assert list(map(bath_to_json, found.network.baths)) == list(map(bath_to_json, expected.network.baths))
    assert found.network.labels == expected.network.labels
    for name in ("solver", "reason", "residual", "error_bound", "separation", "converged", "self_consistent"):
        assert getattr(found, name) == getattr(expected, name)
    for name in ("entropy_production", "entropy_flux", "currents", "heat_currents", "wigner_entropy"):
        assert np.all(getattr(found, name) == getattr(expected, name))


# --- what a dataset says --------------------------------------------------------------------------------


def test_every_variable_has_a_unit_and_a_name(dataset: xr.Dataset) -> None:
    for variable in dataset.data_vars.values():
        assert variable.attrs["units"]
        assert variable.attrs["long_name"]
    units = {name: dataset[name].units for name in ("occupations", "entropy_production", "heat_currents", "bath_rate")}
    assert units == {"occupations": "1", "entropy_production": "MHz", "heat_currents": "MHz^2", "bath_rate": "MHz"}


def test_values_are_those_of_the_result(ness: wn.SteadyState, dataset: xr.Dataset) -> None:
    assert dataset.occupations.dims == ("node",)
    assert (dataset.occupations.values == ness.occupations).all()
    assert float(dataset.currents.sel(node="a", node_from="b")) == ness.currents[0, 1]
    assert float(dataset.entropy_production.sel(bath="hot")) == ness.entropy_production[3]
    assert float(dataset.wigner_entropy) == ness.wigner_entropy
    assert dataset.bath_kind.values.tolist() == ["thermal"] * 4 + ["probe"]
    assert (dataset.hamiltonian_real + 1j * dataset.hamiltonian_imag).sel(node="a", node_from="b") == 0.1 + 0.2j


def test_the_spec_and_the_version_travel_along(ness: wn.SteadyState, dataset: xr.Dataset) -> None:
    assert dataset.spec.item() == SPEC
    assert dataset.attrs["title"] == "a ring"
    assert dataset.attrs["wignerness_version"] == wn.__version__
    assert dataset.attrs["reason"] == ness.reason
    assert dataset.attrs["residual"] == ness.residual
    assert "hbar = k_B = 1" in dataset.attrs["conventions"]
    assert dataset.attrs["date"].endswith("+00:00")
    assert parse_spec(dataset.spec.item()).solve().wigner_entropy == ness.wigner_entropy


def test_without_a_spec_rates_are_in_units_of_rate(ness: wn.SteadyState) -> None:
    plain = wn.to_dataset(ness)
    assert plain.entropy_flux.units == "rate"
    assert "spec" not in plain


def test_what_is_undefined_is_left_out_unless_it_is_asked_for(ness: wn.SteadyState) -> None:
    values, omitted = evaluate(ness)
    assert set(values) | set(omitted) == set(QUANTITIES)
    assert "exactly one bath" in omitted["relative_entropy"]
    asked = parse_spec(SPEC + '[compute]\nquantities = ["occupations", "relative_entropy"]\n')
    for make in (wn.to_dataset, to_document):
        with pytest.raises(UndefinedQuantityError, match="exactly one bath"):
            make(ness, spec=asked)


def test_the_choice_of_quantities(ness: wn.SteadyState) -> None:
    spec = parse_spec(SPEC + '[compute]\nquantities = ["wigner_entropy"]\n')
    assert set(wn.to_dataset(ness, spec=spec).data_vars) & set(QUANTITIES) == {"wigner_entropy"}
    document = to_document(ness, spec=spec)
    assert set(document["values"]) == {"wigner_entropy"}
    assert (document["edges"], document["omitted"]) == ([], {})


# --- documents --------------------------------------------------------------------------------------------


def test_a_document_is_plain_and_finite(ness: wn.SteadyState) -> None:
    document = to_document(ness, spec=parse_spec(SPEC))
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert [node["label"] for node in document["nodes"]] == ["a", "b", "c"]
    assert [node["occupations"] for node in document["nodes"]] == ness.occupations.tolist()
    assert [bath["entropy_flux"] for bath in document["baths"]] == ness.entropy_flux.tolist()
    assert document["baths"][4]["kind"] == "probe"
    assert document["baths"][4]["occupation"] == ness.network.baths[4].occupation
    assert document["totals"]["entropy_production"] == math.fsum(ness.entropy_production)
    edges = {(edge["into"], edge["from"]): edge["currents"] for edge in document["edges"]}
    assert edges == {("a", "b"): ness.currents[0, 1], ("b", "c"): ness.currents[1, 2]}
    assert document["units"]["heat_currents"] == "MHz^2"


def test_what_is_not_finite_becomes_null() -> None:
    one = wn.Network([[1.0]], [wn.ThermalBath(0, 1.0, 0.5)])
    ness = wn.steady_state(one, solver=wn.solvers.Dense(estimate=False))
    assert to_document(ness)["solver"]["separation"] is None


# --- there and back ----------------------------------------------------------------------------------------


@given(size=st.integers(1, 5), seed=st.integers(0, 2**32 - 1))
def test_a_dataset_restores_the_result_to_the_last_bit(size: int, seed: int) -> None:
    network = wn.models.random_network(size, rng=seed, probe_density=0.5)
    network = network.replace(baths=[*network.baths, wn.ThermalBath(0, 0.1, 1.0, name="näme")])
    ness = wn.steady_state(network)
    assert_same(from_dataset(wn.to_dataset(ness)), ness)


@pytest.mark.parametrize("solver", [wn.solvers.Auto(), wn.solvers.Dense(extended=False, estimate=False)])
def test_a_file_restores_the_result_to_the_last_bit(ness: wn.SteadyState, tmp_path: Path, solver: object) -> None:
    result = wn.steady_state(ness.network, solver=solver)  # type: ignore[arg-type]
    dataset = wn.to_dataset(result, spec=parse_spec(SPEC))
    write_netcdf(dataset, tmp_path / "ness.nc")
    assert load_dataset(tmp_path / "ness.nc").identical(dataset)
    assert_same(from_dataset(load_dataset(tmp_path / "ness.nc")), result)


GENERAL = {
    "squeezed": ([wn.ThermalBath(0, 0.5, 1.0), wn.SqueezedBath.from_squeezing(1, 0.5, 0.5, 0.3, angle=1.0)], {}),
    "pairing and drive": ([wn.ThermalBath(0, 0.5, 1.0)], {"pairing": [[0, 0.1j], [0.1j, 0]], "drive": [0.3, 0.1j]}),
    "jumps": ([wn.ThermalBath(0, 0.5, 1.0), wn.JumpBath([([0, 0.3j], [0, 0.1]), ([0.2, 0.1], [0, 0])], name="j")], {}),
    "dephasing": ([wn.ThermalBath(0, 0.5, 1.0), wn.Dephasing(1, 0.2)], {}),
}


@pytest.mark.parametrize("kind", GENERAL)
def test_networks_of_every_kind_are_restored(tmp_path: Path, kind: str) -> None:
    baths, terms = GENERAL[kind]
    result = wn.steady_state(wn.Network([[1.0, 0.3], [0.3, 1.0]], baths, **terms))
    write_netcdf(wn.to_dataset(result), tmp_path / "x.nc")
    found = from_dataset(load_dataset(tmp_path / "x.nc"))
    assert [repr(bath) for bath in found.network.baths] == [repr(bath) for bath in result.network.baths]
    assert (found.state.covariance() == result.state.covariance()).all()
    if kind != "dephasing":
        assert_same(found, result)
    json.dumps(to_document(result), allow_nan=False)


def test_a_long_spec_fits_into_a_file(ness: wn.SteadyState, tmp_path: Path) -> None:
    spec = parse_spec(SPEC + "#" * 500_000)
    write_netcdf(wn.to_dataset(ness, spec=spec), tmp_path / "x.nc")
    assert load_dataset(tmp_path / "x.nc").spec.item() == spec.text


def test_a_sparse_hamiltonian_is_stored_too() -> None:
    from scipy import sparse

    chain = wn.models.chain(3, hopping=0.5, rate=1.0, occupations=(1, 2))
    ness = wn.steady_state(chain.replace(hamiltonian=sparse.csr_array(chain.hamiltonian)))
    assert (from_dataset(wn.to_dataset(ness)).network.hamiltonian == chain.hamiltonian).all()
    assert len(to_document(ness)["edges"]) == 2


# --- files -------------------------------------------------------------------------------------------------


def test_nothing_is_overwritten_without_force(dataset: xr.Dataset, tmp_path: Path) -> None:
    path = tmp_path / "ness.nc"
    path.write_text("precious")
    with pytest.raises(FileFormatError, match="--force"):
        write_netcdf(dataset, path)
    assert path.read_text() == "precious"
    write_netcdf(dataset, path, force=True)
    assert load_dataset(path).identical(dataset)
    assert [path.name for path in tmp_path.iterdir()] == ["ness.nc"]


def test_a_dangling_link_is_not_overwritten_either(dataset: xr.Dataset, tmp_path: Path) -> None:
    (tmp_path / "ness.nc").symlink_to(tmp_path / "nowhere")
    with pytest.raises(FileFormatError, match="--force"):
        write_netcdf(dataset, tmp_path / "ness.nc")


@pytest.mark.parametrize("links", [True, False])
def test_who_comes_second_loses_even_in_a_race(
    dataset: xr.Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    path = tmp_path / "ness.nc"
    if not links:
        monkeypatch.setattr(Path, "hardlink_to", _no_links)
    monkeypatch.setattr(module, "check_target", lambda path, *, force: Path(path).write_text("first"))
    with pytest.raises(FileFormatError, match="--force"):
        write_netcdf(dataset, path)
    assert path.read_text() == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["ness.nc"]


def _no_links(self: Path, target: Path) -> None:
    raise OSError(1, "Operation not permitted")


def test_a_file_system_without_links_will_do(
    dataset: xr.Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "hardlink_to", _no_links)
    write_netcdf(dataset, tmp_path / "ness.nc")
    assert load_dataset(tmp_path / "ness.nc").identical(dataset)
    assert [path.name for path in tmp_path.iterdir()] == ["ness.nc"]


@pytest.mark.parametrize("force", [True, False])
def test_an_error_while_writing_leaves_nothing(
    dataset: xr.Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, force: bool
) -> None:
    def fail(path: Path, content: bytes) -> None:
        path.write_text("half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", fail)
    with pytest.raises(FileFormatError, match="No space left on device"):
        write_netcdf(dataset, tmp_path / "ness.nc", force=force)
    assert [path.name for path in tmp_path.iterdir()] == []


FULL = """
import resource, signal, sys
import numpy as np
import wignerness as wn
from wignerness.io import write_dataset
dataset = wn.to_dataset(wn.steady_state(wn.models.chain(30, hopping=0.5, rate=1.0, occupations=(1, 2))))
wn.io.write_dataset(dataset, sys.argv[1], force=True)  # everything is imported before nothing can be written
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY))
for attempt in range(2):
    try:
        write_dataset(dataset, sys.argv[1], force=True)
    except wn.errors.FileFormatError as error:
        print(error)
"""


@pytest.mark.parametrize("name", ["a.nc", "a.zarr"])
def test_on_a_full_disk_the_process_lives_on_and_the_old_file_stays(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    environment = os.environ | {"PYTHONPATH": str(Path(wn.__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(path)], check=False, capture_output=True, text=True, env=environment
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == 2 * f"{path} cannot be written: File too large\n"
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert isinstance(load_result(path), wn.SteadyState)


KILLED = """
import os, signal, sys
import wignerness as wn
from wignerness import _files
from wignerness.io import dataset
_files.publish = lambda *args, **options: os.kill(os.getpid(), signal.SIGKILL)
ness = wn.steady_state(wn.models.chain(2, hopping=0.5, rate=1.0, occupations=(1, 2)))
dataset.write_netcdf(wn.to_dataset(ness), sys.argv[1], force=True)
"""


def test_a_kill_while_writing_leaves_the_old_file(dataset: xr.Dataset, tmp_path: Path) -> None:
    path = tmp_path / "ness.nc"
    write_netcdf(dataset, path)
    before = path.read_bytes()
    environment = os.environ | {"PYTHONPATH": str(Path(wn.__file__).parents[1])}
    done = subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False, capture_output=True, env=environment)
    assert done.returncode == -signal.SIGKILL
    assert path.read_bytes() == before


def test_the_file_is_as_open_as_any_new_file(dataset: xr.Dataset, tmp_path: Path) -> None:
    write_netcdf(dataset, tmp_path / "ness.nc")
    (tmp_path / "other").touch()
    modes = {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("ness.nc", "other")}
    assert len(modes) == 1


def test_targets_that_cannot_be(dataset: xr.Dataset, tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match="is a folder"):
        write_netcdf(dataset, tmp_path, force=True)
    with pytest.raises(FileFormatError, match="there is no folder"):
        write_netcdf(dataset, tmp_path / "absent" / "ness.nc")


@pytest.mark.parametrize(
    "content", [b"", b"not a file of numbers", b"\x89HDF\r\n\x1a\n" + bytes(100), b"CDF\x01" + bytes(50)]
)
def test_foreign_files_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.nc").write_bytes(content)
    with pytest.raises(FileFormatError, match="damaged or not a NetCDF file"):
        load_dataset(tmp_path / "x.nc")


def test_a_missing_file_and_a_foreign_dataset(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match="There is no file"):
        load_dataset(tmp_path / "absent.nc")
    foreign = xr.Dataset({"x": ("t", [1.0])})
    foreign.to_netcdf(tmp_path / "foreign.nc", engine="h5netcdf")
    with pytest.raises(FileFormatError, match="its `format` is not"):
        load_dataset(tmp_path / "foreign.nc")
    with pytest.raises(FileFormatError, match="its `format` is not"):
        from_dataset(foreign)


@pytest.mark.parametrize("name", ["hamiltonian_real", "normal_imag", "bath_definition", "normal_tail"])
def test_a_dataset_that_lacks_a_part_is_refused(dataset: xr.Dataset, name: str) -> None:
    with pytest.raises(FileFormatError, match="damaged"):
        from_dataset(dataset.drop_vars(name))


@pytest.mark.parametrize("text", ['{"kind": "magic"}', "{}", "[", '{"kind": "thermal", "mode": -1}', "3"])
def test_a_dataset_with_an_impossible_bath_is_refused(dataset: xr.Dataset, text: str) -> None:
    damaged = dataset.copy(deep=True)
    damaged.bath_definition.values[0] = text
    with pytest.raises(FileFormatError, match="damaged"):
        from_dataset(damaged)


def test_a_dataset_with_an_impossible_state_is_refused(dataset: xr.Dataset) -> None:
    with pytest.raises(FileFormatError, match="uncertainty"):
        from_dataset(dataset.assign(normal_real=-dataset.normal_real))


@settings(max_examples=25)
@given(st.floats(0, 1))
def test_a_truncated_file_is_refused(tmp_path_factory: pytest.TempPathFactory, part: float) -> None:
    folder = tmp_path_factory.mktemp("netcdf")
    chain = wn.models.chain(2, hopping=0.5, rate=1.0, occupations=(1, 2))
    write_netcdf(wn.to_dataset(wn.steady_state(chain)), folder / "x.nc")
    content = (folder / "x.nc").read_bytes()
    (folder / "x.nc").write_bytes(content[: int(part * (len(content) - 1))])
    with pytest.raises(FileFormatError):
        from_dataset(load_dataset(folder / "x.nc"))


@pytest.mark.parametrize("missing", ["xarray", "h5netcdf"])
def test_without_the_extra_it_is_named(
    dataset: xr.Dataset, ness: wn.SteadyState, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(MissingExtraError, match="wignerness\\[data\\]"):
        write_netcdf(dataset, tmp_path / "x.nc")
    (tmp_path / "y.nc").touch()
    with pytest.raises(MissingExtraError, match=missing):
        load_dataset(tmp_path / "y.nc")
    if missing == "xarray":
        with pytest.raises(MissingExtraError, match=missing):
            wn.to_dataset(ness)


@pytest.mark.parametrize("kind", ["band", "elements"])
def test_partial_states_come_back_from_files(tmp_path: Path, kind: str) -> None:
    chain = {"hopping": 1.0, "rate": 1.0, "occupations": (1, 2), "disorder": 0.5, "rng": 0}
    if kind == "band":
        ness = wn.steady_state(wn.models.chain(150, **chain, probe_rate=1.0), solver=wn.solvers.Banded())
    else:
        ness = wn.steady_state(wn.models.chain(60, **chain), solver=wn.solvers.ADI())
    assert ness.state.is_partial
    write_netcdf(wn.to_dataset(ness), tmp_path / "ness.nc")
    found = from_dataset(load_dataset(tmp_path / "ness.nc"))
    assert found.state.normal.format == ness.state.normal.format
    assert (found.state.normal.toarray() == ness.state.normal.toarray()).all()
    for name in ("occupations", "bath_currents", "heat_currents", "entropy_production", "entropy_flux"):
        np.testing.assert_array_equal(getattr(found, name), getattr(ness, name))
    assert (found.currents.toarray() == ness.currents.toarray()).all()
    assert found.solver == ness.solver
    _, omitted = evaluate(ness)
    assert "needs all elements of C" in omitted["von_neumann_entropy"]
