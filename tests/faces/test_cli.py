"""The command line through its public entry: what it prints, what it writes, how it ends."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console
from typer.main import get_command

import wignerness as wn
from wignerness import cli, paper
from wignerness._progress import track
from wignerness.cli.app import app
from wignerness.cli.progress import bars
from wignerness.cli.reproduce import Target
from wignerness.cli.tables import print_document
from wignerness.io import from_dataset, load_dataset, load_spec, to_document

ROOT = Path(__file__).parents[2]
SPECS = ROOT / "examples" / "specs"
COLD = str(SPECS / "cold_hot_cold.toml")
COMMANDS = sorted(get_command(app).commands)  # type: ignore[attr-defined]

DARK = '[network]\nnodes = [{label = "a"}, {label = "b"}]\n[[baths]]\nnode = "a"\nrate = 1\noccupation = 1\n'
WRONG = '[network]\nmodel = "chain"\nlenght = 3\nrate = -1.0\n'


@dataclass
class Ran:
    code: int
    out: str
    err: str


def run(*arguments: str | Path) -> Ran:
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", "100")
        for variable in ("FORCE_COLOR", "TTY_COMPATIBLE"):
            patch.delenv(variable, raising=False)
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), pytest.raises(SystemExit) as ended:
            app([str(argument) for argument in arguments], prog_name="wignerness")
    plain = (re.sub(r"\x1b\[[0-9;]*m", "", stream.getvalue()) for stream in (out, err))
    return Ran(int(ended.value.code or 0), *plain)


def python(code: str, *arguments: str, **environment: str) -> Ran:
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(Path(wn.__file__).parents[1])} | environment,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


MAIN = "import sys; from wignerness.cli import main; sys.argv[0] = 'wignerness'; main()"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, text: str) -> Path:
    (folder / "spec.toml").write_text(text)
    return folder / "spec.toml"


# --- help ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command: str) -> None:
    ran = run(command, "--help")
    assert ran.code == 0
    assert f"Example: wignerness {command}" in " ".join(ran.out.split())
    for option in get_command(app).commands[command].params:  # type: ignore[attr-defined]
        assert option.help, f"{command} {option.name} has no help"  # type: ignore[attr-defined]


@pytest.mark.parametrize(("command", "section"), [("solve", "evolve"), ("solve", "trajectories"), ("sweep", "sweep")])
def test_help_names_sections_of_specs(command: str, section: str) -> None:
    assert f"[{section}]" in run(command, "--help").out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_documented(command: str) -> None:
    assert f"## `wignerness {command}`" in (ROOT / "docs" / "reference" / "cli.md").read_text()


def test_the_root_lists_the_commands_and_the_exit_codes() -> None:
    ran = run("--help")
    assert ran.code == 0
    assert all(command in ran.out for command in COMMANDS)
    assert "Exit codes" in ran.out


def test_version() -> None:
    assert run("--version").out == f"wignerness {wn.__version__}\n"


@pytest.mark.parametrize("arguments", [["sove"], ["solve"], ["solve", "--jsn", COLD], ["reproduce", "fig9"]])
def test_a_wrong_command_line_ends_with_2(arguments: list[str]) -> None:
    ran = run(*arguments)
    assert ran.code == 2
    assert ran.out == ""
    assert "Usage" in ran.err


def test_an_unknown_target_is_told_in_plain_words() -> None:
    assert "'fig9' is none of fig2, fig3, equations." in run("reproduce", "fig9").err
    assert "Value error" not in run("reproduce", "fig9").err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("command", [["solve", COLD], ["solve", COLD, "--json"], ["schema"], ["--version"]])
def test_output_that_cannot_be_written_ends_with_1_and_the_reason(command: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", MAIN, *command],
            check=False,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": str(Path(wn.__file__).parents[1])},
        )
    assert done.returncode == 1
    assert done.stderr == "Error: the output cannot be written: No space left on device.\n"


def test_a_pipe_that_is_closed_early_is_no_failure_to_tell() -> None:
    read, written = os.pipe()
    os.close(read)
    with os.fdopen(written, "w") as pipe:
        done = subprocess.run(
            [sys.executable, "-c", MAIN, "schema"],
            check=False,
            stdout=pipe,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": str(Path(wn.__file__).parents[1])},
        )
    assert (done.returncode, done.stderr) == (1, "")


HEAVY = ("matplotlib", "networkx", "pydantic", "scipy", "xarray", "h5netcdf", "numpy")


@pytest.mark.parametrize(
    ("code", "allowed"),
    [
        ("import wignerness", set()),
        ("import sys; sys.argv = ['wignerness', '--help']; from wignerness.cli import main\ntry: main()\nexcept SystemExit: pass", set()),
        (f"import sys; sys.argv = ['wignerness', 'solve', {COLD!r}]; from wignerness.cli import main\ntry: main()\nexcept SystemExit: pass", {"numpy", "scipy", "pydantic"}),
    ],
    ids=["import", "help", "solve"],
)  # fmt: skip
def test_nothing_heavy_is_imported_before_it_is_needed(code: str, allowed: set[str]) -> None:
    ran = python(code + f"\nimport sys; print('LOADED', [m for m in {HEAVY!r} if m in sys.modules])")
    assert ran.code == 0, ran.err
    loaded = set(re.findall(r"'(\w+)'", ran.out.rpartition("LOADED")[2]))
    assert loaded <= allowed


@pytest.mark.parametrize("missing", ["typer", "rich"])
def test_without_the_extra_the_command_says_which_to_install(missing: str) -> None:
    ran = python(f"import sys; sys.modules[{missing!r}] = None\n{MAIN}", "solve", COLD)
    assert ran.code == 1
    assert 'pip install "wignerness[cli]"' in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(("missing", "extra", "arguments"), [
    ("pydantic", "spec|cli", []),
    ("xarray", "data", ["-o", "x.nc"]),
    ("h5netcdf", "data", ["-o", "x.nc"]),
])  # fmt: skip
def test_without_an_extra_that_a_task_needs_it_is_named(
    folder: Path, missing: str, extra: str, arguments: list[str]
) -> None:
    ran = python(f"import sys; sys.modules[{missing!r}] = None\n{MAIN}", "solve", COLD, *arguments)
    assert ran.code == 1
    assert re.search(rf'pip install "wignerness\[({extra})\]"', ran.err)
    assert "Traceback" not in ran.err
    assert list(folder.iterdir()) == []


# --- solve: what it prints -----------------------------------------------------------------------------


@pytest.mark.parametrize("spec", sorted(SPECS.glob("*.toml")), ids=lambda path: path.stem)
def test_shipped_specs_print_their_balance(spec: Path) -> None:
    ran = run("solve", spec)
    assert (ran.code, ran.err) == (0, "")
    ness = load_spec(spec).solve()
    assert ness.reason in ran.out
    assert f"{ness.residual:.1e}" in ran.out
    for label in (ness.network.labels[0], ness.network.labels[-1], ness.network.bath_labels[0]):
        assert label in ran.out
    for number in (ness.occupations[0], ness.entropy_flux[0], ness.entropy_production[0], ness.heat_currents[0]):
        assert f"{number:.6g}" in ran.out
    totals = next(line for line in ran.out.splitlines() if line.lstrip().startswith("total"))
    assert totals.split()[-1] == f"{ness.entropy_production.sum():.6g}"
    assert all(line == line.rstrip() for line in ran.out.splitlines())


def test_long_tables_are_shortened_unless_told() -> None:
    short, full = (run("solve", SPECS / "diffusive_chain.toml", *options).out for options in ([], ["--full"]))
    assert "probe 25" not in short
    assert "--full prints every row" in short
    assert "probe 25" in full
    assert "relative entropy is undefined: " in full
    assert len(full.splitlines()) > 150


def test_labels_are_printed_as_they_are(folder: Path) -> None:
    spec = write(folder, '[network]\nnodes = [{label = "[red]x[/]"}]\n[[baths]]\nnode = 0\nrate = 1\noccupation = 1\n')
    assert "[red]x[/]" in run("solve", spec).out


def test_a_terminal_of_80_columns_loses_no_digit() -> None:
    document = to_document(load_spec(COLD).solve(), spec=load_spec(COLD))
    screen = io.StringIO()
    console = Console(width=80, force_terminal=True, color_system=None, highlight=False, file=screen)
    print_document(document, console=console)
    text = screen.getvalue()
    assert max(map(len, text.splitlines())) <= 80
    for bath in document["baths"]:
        assert f"{bath['entropy_production']:.6g}" in text
    assert "…" not in text


def test_a_plain_terminal_gets_plain_letters() -> None:
    ran = python(MAIN, "solve", COLD, PYTHONIOENCODING="ascii")
    assert ran.code == 0
    assert "production ?" in ran.out


def test_json_holds_every_digit() -> None:
    ran = run("solve", COLD, "--json")
    assert (ran.code, ran.err) == (0, "")
    document = json.loads(ran.out, parse_constant=lambda name: pytest.fail(f"{name} in JSON"))
    ness = load_spec(COLD).solve()
    assert [bath["entropy_production"] for bath in document["baths"]] == ness.entropy_production.tolist()
    assert [node["occupations"] for node in document["nodes"]] == ness.occupations.tolist()
    assert document["wignerness"] == wn.__version__
    assert document["title"] == "Cold - hot - cold: three microwave resonators"
    assert document["units"]["heat_currents"] == "GHz^2"
    assert document["solver"]["residual"] == ness.residual
    assert set(document) == {
        "wignerness", "title", "units", "theory", "solver", "nodes", "baths", "edges", "totals", "values", "omitted"
    }  # fmt: skip


def test_long_labels_and_line_breaks_keep_the_table_in_shape(folder: Path) -> None:
    spec = (
        '[network]\nnodes = [{{label = "{0}"}}, {{label = "b"}}]\nedges = [{{between = [0, 1], hopping = 1}}]\n'
        '[[baths]]\nnode = 0\nrate = 1\noccupation = 1\nname = "{0}"\n'
    ).format("x" * 3000)
    ran = run("solve", write(folder, spec))
    assert ran.code == 0
    assert max(map(len, ran.out.splitlines())) <= 160
    assert "x" * 30 + "..." in ran.out
    assert "x" * 60 not in ran.out
    assert "2 nodes, 1 bath;" in ran.out
    document = to_document(wn.steady_state(wn.Network([[0.0]], [wn.ThermalBath(0, 1.0, 1.0)])))
    document["title"] = document["nodes"][0]["label"] = "two\nlines"
    console = Console(file=io.StringIO(), width=200)
    print_document(document, console=console)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert text.count("two\\nlines") == 2
    assert "two\n" not in text
    assert "1 node, 1 bath;" in text


# --- solve: how it fails ---------------------------------------------------------------------------------


def test_a_wrong_spec_lists_all_faults_and_ends_with_2(folder: Path) -> None:
    ran = run("solve", write(folder, WRONG))
    assert ran.code == 2
    assert ran.out == ""
    assert "unknown key `lenght`, the nearest valid one is `length` (line 3)" in ran.err
    assert "network.rate: must be non-negative, but is -1.0 (line 4)" in ran.err
    assert "network.hopping: is missing" in ran.err


def test_faults_for_machines(folder: Path) -> None:
    ran = run("solve", write(folder, WRONG), "--json")
    assert ran.code == 2
    error = json.loads(ran.out)["error"]
    assert error["type"] == "SpecError"
    assert {fault["path"] for fault in error["faults"]} >= {"network.lenght", "network.rate", "network.hopping"}


@pytest.mark.parametrize("name", ["absent.toml", "."])
def test_a_spec_that_cannot_be_read_ends_with_2(folder: Path, name: str) -> None:
    ran = run("solve", folder / name)
    assert ran.code == 2
    assert "cannot be read" in ran.err


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_physics_that_fails_ends_with_1_and_the_reason(folder: Path, options: list[str]) -> None:
    ran = run("solve", write(folder, DARK), "-o", folder / "x.nc", *options)
    assert ran.code == 1
    assert "no unique steady state" in ran.err
    assert "'b'" in ran.err
    assert not (folder / "x.nc").exists()
    if options:
        assert json.loads(ran.out)["error"]["type"] == "NoUniqueSteadyStateError"


def test_a_quantity_that_is_undefined_ends_with_1(folder: Path) -> None:
    chain = '[network]\nmodel = "chain"\nlength = 3\nhopping = 1\nrate = 1.0\noccupations = [1, 2]\n'
    ran = run("solve", write(folder, chain + '[compute]\nquantities = ["relative_entropy"]\n'))
    assert ran.code == 1
    assert "exactly one bath" in ran.err


def test_a_network_too_large_for_memory_is_refused_before_it_is_built(folder: Path) -> None:
    ran = run(
        "solve",
        write(
            folder, f'[network]\nmodel = "chain"\nlength = {10**12}\nhopping = 1\nrate = 1.0\noccupations = [1, 2]\n'
        ),
    )
    assert ran.code == 1
    assert "GiB" in ran.err


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_too_little_memory_is_no_mistake_in_the_spec(
    folder: Path, monkeypatch: pytest.MonkeyPatch, options: list[str]
) -> None:
    chain = '[network]\nmodel = "chain"\nlength = {}\nhopping = 1\nrate = 1.0\noccupations = [1, 2]\n'
    monkeypatch.setattr("wignerness._memory.available_memory", lambda: 2**20)
    for length, extra in ((10**8, ""), (300, "")):  # too large to build, too large to solve
        ran = run("solve", write(folder, chain.format(length) + extra), *options)
        assert ran.code == 1
        assert "are available" in ran.err
        if options:
            assert json.loads(ran.out)["error"]["type"] == "MemoryLimitError"
    ran = run("solve", write(folder, chain.format(10**8) + "[solver]\nkind = 3\n"), *options)
    assert ran.code == 2
    assert "network.model: The model `chain` needs about" in ran.err
    assert "solver.kind" in ran.err


def test_memory_that_runs_out_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **options: object) -> None:
        raise MemoryError

    monkeypatch.setattr("wignerness.io.spec.steady_state", fail)
    ran = run("solve", COLD)
    assert (ran.code, ran.err) == (1, "Error: there is not enough memory.\n")


# --- solve: what it writes ---------------------------------------------------------------------------------


def test_the_file_holds_the_result(folder: Path) -> None:
    ran = run("solve", COLD, "-o", "ness.nc")
    assert ran.code == 0
    assert "Written: ness.nc" in ran.out
    dataset = load_dataset(folder / "ness.nc")
    expected = load_spec(COLD).solve()
    assert (dataset.entropy_production.values == expected.entropy_production).all()
    assert dataset.entropy_production.units == "GHz"
    assert dataset.spec.item() == Path(COLD).read_text()
    assert dataset.attrs["wignerness_version"] == wn.__version__
    assert np.array_equal(from_dataset(dataset).state.normal, expected.state.normal)


def test_json_and_a_file_at_once(folder: Path) -> None:
    ran = run("solve", COLD, "-o", "ness.nc", "--json")
    assert json.loads(ran.out)["baths"]
    assert (folder / "ness.nc").exists()


def test_nothing_is_overwritten_without_force(folder: Path) -> None:
    (folder / "ness.nc").write_text("precious")
    ran = run("solve", COLD, "-o", "ness.nc")
    assert ran.code == 1
    assert "--force" in ran.err
    assert ran.out == ""
    assert (folder / "ness.nc").read_text() == "precious"
    assert run("solve", COLD, "-o", "ness.nc", "--force").code == 0
    assert load_dataset(folder / "ness.nc").title == "Cold - hot - cold: three microwave resonators"


def test_the_target_is_checked_before_the_work(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wignerness.io.spec.steady_state", lambda *args, **options: pytest.fail("solved in vain"))
    assert run("solve", COLD, "-o", "absent/ness.nc").code == 1
    assert run("solve", COLD, "-o", folder).code == 1


CHAIN = '[network]\nmodel = "chain"\nlength = 3\nhopping = 1\nrate = 1.0\noccupations = [1, 2]\n'
SWEEP = '[[sweep.axes]]\nparameter = "{0}"\nvalues = [{1}]\n'
BATH = "[[baths]]\nnode = 0\nrate = 1\noccupation = 1\n"


@pytest.mark.parametrize("options", [[], ["--force"]])
def test_what_the_network_is_read_from_is_never_overwritten(folder: Path, options: list[str]) -> None:
    for name in ("g.edges", "h.edges"):
        (folder / name).write_text("a b 0.5\n")
    np.save(folder / "h.npy", np.eye(2))
    graph = '[network]\ngraph = "g.edges"\n' + BATH
    for text, outputs in (
        (CHAIN, ["spec.toml", "./spec.toml", folder / "spec.toml"]),
        (graph, ["spec.toml", "g.edges"]),
        ('[network]\nmatrix = "h.npy"\n' + BATH, ["h.npy"]),
        (CHAIN + SWEEP.format("network.length", "2, 3"), ["spec.toml"]),
        (graph + SWEEP.format("network.graph", '"g.edges", "h.edges"'), ["h.edges"]),
    ):
        spec = write(folder, text)
        before = {path: path.read_bytes() for path in folder.iterdir()}
        for output in outputs:
            for command in ("solve", "sweep") if "sweep" in text else ("solve",):
                for more in ([], ["--resume"]) if command == "sweep" else ([],):
                    ran = run(command, spec, "-o", output, *options, *more)
                    assert ran.code == 1
                    assert f"{Path(output)} is what the work is read from" in ran.err.replace("\n", " ")
        assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_a_figure_does_not_replace_its_data(folder: Path) -> None:
    assert run("solve", COLD, "-o", "ness.nc").code == 0
    (folder / "ness.nc").rename(folder / "ness.png")
    data = (folder / "ness.png").read_bytes()
    assert run("plot", "ness.png", "--force").code == 1
    assert (folder / "ness.png").read_bytes() == data


def test_a_failure_while_writing_leaves_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("wignerness._files.publish", fail)
    ran = run("solve", COLD, "-o", "ness.nc")
    assert ran.code == 1
    assert "No space left on device" in ran.err
    assert list(folder.iterdir()) == []


def test_the_command_as_a_process(folder: Path) -> None:
    ran = python(MAIN, "solve", COLD, "-o", "ness.nc")
    assert (ran.code, ran.err) == (0, "")
    assert "Written: ness.nc" in ran.out
    again = python(MAIN, "solve", COLD, "-o", "ness.nc")
    assert again.code == 1
    assert "Traceback" not in again.err


# --- schema ------------------------------------------------------------------------------------------------


def test_schema_is_json() -> None:
    schema = json.loads(run("schema").out)
    assert schema["$schema"].startswith("https://json-schema.org/")
    assert "network" in schema["required"]


# --- reproduce ---------------------------------------------------------------------------------------------


def test_the_targets_are_those_of_the_library() -> None:
    assert tuple(Target) == paper.TARGETS


GOOD = paper.EquationRecord("25b", "currents with traces", "density matrix", 1e-12, 1e-9, "sign", 0.1)
BAD = paper.EquationRecord("17", "productions", "integral", 1e-3, 1e-9)
CLAIM = paper.ClaimRecord("a claim", "a system", {"x": 1.0}, shown=True)


@pytest.mark.parametrize(("record", "code"), [(GOOD, 0), (BAD, 1)])
def test_reproduce_calls_the_library_and_tells_how_it_went(
    folder: Path, monkeypatch: pytest.MonkeyPatch, record: paper.EquationRecord, code: int
) -> None:
    calls: list[object] = []

    def fake(targets: list[str], directory: Path, force: bool) -> paper.ReproductionReport:
        calls.append((targets, directory, force))
        list(track([1, 2], "work"))
        return paper.ReproductionReport((directory / "x.md",), (record,), (CLAIM,))

    monkeypatch.setattr(paper, "reproduce", fake)
    ran = run("reproduce", "equations", "-o", "there", "--force")
    assert calls == [(["equations"], Path("there"), True)]
    assert ran.code == code
    assert f"({record.number})" in ran.out
    assert ("FAIL" in ran.out) == bool(code)
    assert "Written: there/x.md" in ran.out
    assert ("a check failed" in ran.err) == bool(code)
    run("reproduce")
    assert calls[1] == (["fig2", "fig3", "equations"], Path("reproduction"), False)


def test_reproduce_writes_a_figure_and_overwrites_nothing(folder: Path) -> None:
    assert run("reproduce", "fig2", "-o", "paper").code == 0
    names = {path.name for path in (folder / "paper").iterdir()}
    assert {"fig2.png", "fig2.pdf", "fig2.nc", "fig2.csv"} == names
    ran = run("reproduce", "fig2", "-o", "paper")
    assert ran.code == 1
    assert "--force" in ran.err


def test_progress_is_shown_on_a_terminal_only(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    with bars():
        assert list(track([1, 2, 3], "work")) == [1, 2, 3]
    assert capsys.readouterr().err == ""
    monkeypatch.setenv("FORCE_COLOR", "1")
    with bars():
        list(track([1, 2, 3], "work"))
    assert "work" in capsys.readouterr().err


def test_main_is_the_entry() -> None:
    assert cli.main.__module__ == "wignerness.cli"
