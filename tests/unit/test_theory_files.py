"""Theories in specs, documents, files and sweeps."""

from __future__ import annotations

import contextlib
import io
import json
from dataclasses import dataclass

import jsonschema
import numpy as np
import pytest

import wignerness as wn
from wignerness.cli.app import app
from wignerness.errors import FileFormatError, InvalidNetworkError, SpecError, UndefinedQuantityError
from wignerness.io import RunSpec, from_dataset, parse_spec, spec_schema, to_document
from wignerness.io.theory_tables import THEORIES, options_of, theory_from_table, theory_to_table
from wignerness.theories import Exact, Global, Local, Redfield, TheoryAccount

PAIR = """
[network]
nodes = [{ label = "a", frequency = 1.0 }, { label = "b", frequency = 0.4 }]
edges = [{ between = ["a", "b"], hopping = 0.01 }]

[[baths]]
node = "a"
rate = 0.02
temperature = 1.0
spectrum = { kind = "ohmic", cutoff = 5.0 }

[[baths]]
node = "b"
rate = 0.02
temperature = 0.6
spectrum = { kind = "ohmic", cutoff = 5.0 }
"""


# --- specs -----------------------------------------------------------------------------------------


def test_the_theories_of_specs_are_those_of_the_library():
    assert THEORIES["local"] is Local
    assert THEORIES["global"] is Global
    assert {type(theory_from_table({"kind": kind})) for kind in THEORIES} == set(THEORIES.values())
    assert options_of("redfield") == {"lamb_shift": bool}


@pytest.mark.parametrize(
    ("lines", "theory"),
    [
        ("", Local()),
        ('[theory]\nkind = "local"', Local()),
        ('[theory]\nkind = "global"', Global()),
        ('[theory]\nkind = "global"\nsecular_width = 0.5', Global(0.5)),
        ('[theory]\nkind = "global"\nsecular_width = inf', Global(np.inf)),
        ('[theory]\nkind = "redfield"\nlamb_shift = true\n[solver]\nkind = "auto"', Redfield(lamb_shift=True)),
        ('[theory]\nkind = "exact"\ntolerance = 1e-6', Exact(tolerance=1e-6)),
    ],
)
def test_theories_in_specs(lines, theory):
    run = parse_spec(PAIR + lines + "\n")
    assert run.theory == theory
    again = parse_spec(run.to_toml())
    assert again.theory == theory
    assert again.network.baths == run.network.baths
    assert run.solve().theory == theory
    assert ("[theory]" in run.to_toml()) == (theory != Local())


@pytest.mark.parametrize(
    ("lines", "place", "message"),
    [
        ('[theory]\nkind = "globl"', "theory.kind", "the nearest valid one is `global`"),
        ("[theory]\nsecular_width = 1.0", "theory.kind", "is missing"),
        ('[theory]\nkind = "global"\nlamb_shift = true', "theory.lamb_shift", "does not belong to a theory"),
        ('[theory]\nkind = "global"\nsecular_widht = 1.0', "theory.secular_widht", "unknown key"),
        ('[theory]\nkind = "global"\nsecular_width = -1.0', "theory", "must be non-negative, but is -1"),
        ('[theory]\nkind = "redfield"\nlamb_shift = 1', "theory.lamb_shift", "must be true or false, but is 1"),
        ('[theory]\nkind = "global"\nsecular_width = nan', "theory", "must be finite"),
        ('[theory]\nkind = "global"\n[solver]\nkind = "dense"', "solver.kind", "leave one of the two out"),
        (
            '[theory]\nkind = "global"\n[evolve]\ntimes = [1.0]\nstart = { kind = "vacuum" }',
            "evolve",
            "`theory.kind` is `global`: leave one of the two out; in Python, theories.Global().equivalent(network) runs",
        ),
    ],
)
def test_faulty_theories_in_specs(lines, place, message):
    with pytest.raises(SpecError) as caught:
        parse_spec(PAIR + lines + "\n")
    assert [path for path, _ in caught.value.faults] == [place]
    assert message in str(caught.value)


def test_a_theory_that_is_no_table():
    with pytest.raises(SpecError, match="theory: must be a table"):
        parse_spec("theory = 3\n" + PAIR)


def test_the_schema_knows_theories_and_spectra():
    schema = spec_schema()
    document = {
        "network": {"model": "chain", "length": 2, "hopping": 1.0, "rate": 1.0, "occupations": [1.0, 2.0]},
        "baths": [{"node": 0, "rate": 1.0, "temperature": 1.0, "spectrum": {"kind": "ohmic", "cutoff": 1.0}}],
        "theory": {"kind": "global", "secular_width": 0.1},
    }
    jsonschema.validate(document, schema)
    for wrong in ({"theory": {"kind": "globl"}}, {"theory": {"kind": "global", "width": 1.0}}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(document | wrong, schema)


# --- documents and the command line -------------------------------------------------------------------


def test_documents_say_the_theory():
    local, secular = (to_document(wn.steady_state(parse_spec(PAIR).network, theory=t)) for t in (Local(), Global()))
    assert local["theory"] == {"name": "Local()", "notes": []}
    assert secular["theory"]["name"] == secular["solver"]["name"] == "Global()"
    assert secular["solver"]["residual"] is None
    assert local["totals"]["heat_currents"] == pytest.approx(0.0, abs=1e-15)
    assert "local master equation" in secular["omitted"]["relative_entropy"]
    assert "relative_entropy" not in local["omitted"]


def test_quantities_of_moments_that_are_no_state_are_left_out():
    cubic = wn.spectra.Ohmic(20.0, exponent=3.0, sharp=True)
    baths = [wn.ThermalBath.at_temperature(0, 0.09, 0.12, 1.0, spectrum=cubic)]
    baths += [wn.ThermalBath.at_temperature(1, 0.43, 4.5, 1.0, spectrum=cubic)]
    document = to_document(wn.steady_state(wn.Network([[1.14, 0.64], [0.64, 1.89]], baths), theory=Redfield()))
    assert {"wigner_entropy", "von_neumann_entropy", "entropy_production"} <= document["omitted"].keys()
    assert "entropy_flux" in document["totals"]


@dataclass
class Ran:
    code: int
    out: str


def _run(*arguments) -> Ran:
    out = io.StringIO()
    with contextlib.redirect_stdout(out), pytest.raises(SystemExit) as ended:
        app([str(argument) for argument in arguments], prog_name="wignerness")
    return Ran(int(ended.value.code or 0), out.getvalue())


def test_solving_by_another_theory(tmp_path):
    spec, target = tmp_path / "pair.toml", tmp_path / "pair.nc"
    spec.write_text(PAIR + '[theory]\nkind = "redfield"\n')
    ran = _run("solve", spec, "-o", target)
    assert ran.code == 0
    assert "theory    Redfield(): second order in the damping" in ran.out
    assert "residual" not in ran.out
    found = wn.io.load_result(target)
    assert (found.heat_currents == parse_spec(spec.read_text()).solve().heat_currents).all()
    assert "A steady state by another theory, made by" in _run("show", target).out
    document = json.loads(_run("solve", spec, "--json").out)
    assert document["theory"]["name"] == "Redfield()"


# --- datasets ----------------------------------------------------------------------------------------------


def test_an_account_with_undefined_quantities_comes_back():
    result = wn.steady_state(parse_spec(PAIR).network, theory=Exact(tolerance=1e-6))
    again = from_dataset(wn.to_dataset(result))
    assert isinstance(again, TheoryAccount)
    assert (again.theory, again.notes, again.error_bound) == (result.theory, result.notes, result.error_bound)
    assert (again.bath_currents == result.bath_currents).all()
    with pytest.raises(UndefinedQuantityError) as first:
        _ = result.entropy_production
    with pytest.raises(UndefinedQuantityError) as second:
        _ = again.entropy_production
    assert str(first.value) == str(second.value)


def test_unphysical_moments_come_back():
    cubic = wn.spectra.Ohmic(20.0, exponent=3.0, sharp=True)
    baths = [
        wn.ThermalBath.at_temperature(k, r, t, 1.0, spectrum=cubic) for k, r, t in ((0, 0.09, 0.12), (1, 0.43, 4.5))
    ]
    result = wn.steady_state(wn.Network([[1.14, 0.64], [0.64, 1.89]], baths), theory=Redfield())
    again = from_dataset(wn.to_dataset(result))
    assert (again.state.normal == result.state.normal).all()
    assert not again.is_positive


def test_damaged_theories_are_refused():
    for table in ({"kind": "pink"}, {"kind": "global", "lamb_shift": True}, {}):
        with pytest.raises(FileFormatError, match="there is no theory of the form"):
            theory_from_table(table)
    with pytest.raises(FileFormatError, match="a file cannot hold the theory"):
        theory_to_table(object())


# --- sweeps --------------------------------------------------------------------------------------------------


def _pair(hopping):
    baths = [wn.ThermalBath.at_temperature(k, 0.02, t, 1.0) for k, t in enumerate((0.5, 0.25))]
    return wn.Network([[1.0, hopping], [hopping, 1.0]], baths)


def test_sweeps_by_another_theory(tmp_path):
    grid = {"hopping": [0.002, 0.1]}
    local = wn.sweep(_pair, grid, ["heat_currents"])
    secular = wn.sweep(_pair, grid, ["heat_currents"], theory=Global(0))
    assert local.heat_currents.values[:, 1] == pytest.approx([5.30232e-5, 1.3649533e-3], rel=1e-5)
    assert secular.heat_currents.values[:, 1] == pytest.approx([1.37860e-3, 1.3817330e-3], rel=1e-5)
    assert secular.solver.values.tolist() == ["Global(secular_width=0.0)"] * 2
    assert np.isnan(secular.residual.values).all()
    assert (secular.error_bound.values < 1e-12).all()
    store = tmp_path / "s.nc"
    wn.sweep(_pair, grid, ["heat_currents"], theory=Global(0), store=store)
    with pytest.raises(wn.errors.SweepError, match="theory"):
        wn.sweep(_pair, grid, ["heat_currents"], theory=Global(), store=store)


def test_quantities_of_the_local_equation_fail_by_another_theory():
    data = wn.sweep(_pair, {"hopping": [0.1]}, ["relative_entropy"], theory=Redfield())
    assert data.attrs["failed"] == 1
    assert "local master equation" in str(data.message.values[0])


def test_swept_specs_take_the_theory(tmp_path):
    spec, target = tmp_path / "pair.toml", tmp_path / "pair.nc"
    axes = '[[sweep.axes]]\nparameter = "network.edges[0].hopping"\nvalues = [0.002, 0.01]\n'
    spec.write_text(PAIR + '[theory]\nkind = "global"\n' + axes)
    assert _run("sweep", spec, "-o", target).code == 0
    data = wn.io.load_result(target)
    assert set(data.solver.values.tolist()) == {"Global()"}


def test_a_spec_of_an_unknown_theory_cannot_be_written():
    @dataclass(frozen=True)
    class Mine:
        pass

    with pytest.raises(FileFormatError, match="a file cannot hold the theory"):
        RunSpec(_pair(0.1), theory=Mine()).to_toml()
    with pytest.raises(InvalidNetworkError):
        RunSpec(_pair(0.1), theory=Mine()).solve()
