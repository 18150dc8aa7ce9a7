"""Specs with squeezed baths, jump operators, dephasing, pairing, drive and the optomechanical cavity."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import wignerness as wn
from wignerness.errors import SpecError
from wignerness.io import RunSpec, from_dataset, load_spec, parse_spec, spec_schema, to_dataset, to_document

SPECS = Path(__file__).parents[2] / "examples" / "specs"
PAIR = '[network]\nnodes = [{ label = "left" }, { label = "right" }]\nedges = [{ between = [0, 1], hopping = 0.3 }]\n'
BATH = '[[baths]]\nnode = "right"\nrate = 1.0\noccupation = 0.5\n'

GENERAL = wn.Network(
    [[0.1, 0.2 + 0.1j, 0], [0.2 - 0.1j, 0.3, 0.05], [0, 0.05, 0.7]],
    [
        wn.ThermalBath(0, 1.0, 1 / 3, name="hot"),
        wn.SqueezedBath.from_squeezing(1, 0.7, 0.1, 0.4, angle=1 / 7),
        wn.JumpBath([([0.3, 0.1j, 0], [0, 0, 1 / 9]), ([0, 0, 0.7], [0, 0, 0])], name="common"),
        wn.ThermalBath(2, 0.3, 0.0),
    ],
    pairing=[[0.05j, 1 / 30, 0], [1 / 30, 0, 0], [0, 0, -0.01]],
    drive=[0.3, 0, 0.1j],
    labels=["a b", "ü", "c.d"],
)


def same(one, other):
    """Two networks, to the last bit."""
    assert np.array_equal(one.hamiltonian, other.hamiltonian)
    assert np.array_equal(one.pairing, other.pairing)
    assert np.array_equal(one.drive, other.drive)
    assert one.labels == other.labels
    assert len(one.baths) == len(other.baths)
    for first, second in zip(one.baths, other.baths, strict=True):
        assert type(first) is type(second)
        assert first.name == second.name
        if isinstance(first, wn.JumpBath):
            assert np.array_equal(first.absorbing, second.absorbing)
            assert np.array_equal(first.emitting, second.emitting)
        else:
            assert first == second


def test_round_trip_to_the_last_bit():
    same(parse_spec(RunSpec(GENERAL, title="everything").to_toml()).network, GENERAL)
    dephased = wn.Network([[0, 0.3], [0.3, 0]], [wn.ThermalBath(0, 1.0, 1.0), wn.Dephasing(1, 0.2, name="noise")])
    same(parse_spec(RunSpec(dephased).to_toml()).network, dephased)


@pytest.mark.parametrize("name", ["squeezed_network", "optomechanics"])
def test_shipped_specs(name):
    run = load_spec(SPECS / f"{name}.toml")
    ness = run.solve()
    assert ness.entropy_flux.sum() == pytest.approx(ness.entropy_production.sum(), rel=1e-12)
    same(parse_spec(run.to_toml()).network, run.network)
    pytest.importorskip("xarray")
    same(from_dataset(to_dataset(ness, spec=run)).network, ness.network)
    assert to_document(ness)


def test_the_numbers_that_the_shipped_specs_promise():
    cavity = load_spec(SPECS / "optomechanics.toml")
    assert cavity.network.baths[1].occupation == pytest.approx(416, abs=0.5)
    assert cavity.solve().occupations[1] == pytest.approx(0.1, abs=0.01)
    squeezed = load_spec(SPECS / "squeezed_network.toml")
    assert repr(squeezed.network) == "Network(4 modes, 3 baths: 1 squeezed, 1 jump, 1 thermal, pairing, drive)"


@pytest.mark.parametrize(
    ("table", "bath"),
    [
        ('kind = "squeezed"\nnode = 0\nrate = 0.1\noccupation = 0.5\nanomalous = [0.3, -0.2]',
         wn.SqueezedBath(0, 0.1, 0.5, 0.3 - 0.2j)),
        ('kind = "squeezed"\nnode = "left"\nrate = 0.1\noccupation = 0.5\nanomalous = 0.3\nname = "s"',
         wn.SqueezedBath(0, 0.1, 0.5, 0.3, name="s")),
        ('kind = "squeezed"\nnode = 1\nrate = 0.1\nthermal_occupation = 0.5\nr = 0.3',
         wn.SqueezedBath.from_squeezing(1, 0.1, 0.5, 0.3)),
        ('kind = "squeezed"\nnode = 1\nrate = 0.1\nthermal_occupation = 0.5\nr = 0.3\nangle = -1.0',
         wn.SqueezedBath.from_squeezing(1, 0.1, 0.5, 0.3, angle=-1.0)),
        ('kind = "dephasing"\nnode = "right"\nrate = 0.1', wn.Dephasing(1, 0.1)),
    ],
)  # fmt: skip
def test_baths(table, bath):
    assert parse_spec(f"{PAIR}{BATH}[[baths]]\n{table}\n").network.baths[1] == bath


def test_baths_on_many_nodes():
    baths = parse_spec(
        f'{PAIR}[[baths]]\nkind = "dephasing"\nnodes = "all"\nrate = 0.1\nname = "noise"\n'
    ).network.baths
    assert baths == (wn.Dephasing(0, 0.1, name="noise left"), wn.Dephasing(1, 0.1, name="noise right"))


def test_pairing_and_drive_of_every_form(tmp_path):
    extras = 'pairing = [{ between = [0, 0], value = 0.1 }]\ndrive = [{ node = "1", amplitude = [0, 0.2] }]\n'
    np.save(tmp_path / "h.npy", np.array([[0, 0.3], [0.3, 0]]))
    (tmp_path / "g.edges").write_text("0 1 0.3\n")
    chain = 'model = "chain"\nlength = 2\nhopping = 0.3\nrate = 1.0\noccupations = [0, 1]\n'
    for form in ('matrix = "h.npy"\n', chain):
        network = parse_spec(f"[network]\n{form}{extras}", base=tmp_path).network
        assert network.pairing.tolist() == [[0.1, 0], [0, 0]]
        assert network.drive.tolist() == [0, 0.2j]


def test_pairing_of_a_model_adds_to_its_own():
    text = (SPECS / "optomechanics.toml").read_text()
    network = parse_spec(text + '[[network.pairing]]\nbetween = ["mechanics", "mechanics"]\nvalue = 0.01\n').network
    own = load_spec(SPECS / "optomechanics.toml").network
    assert network.pairing[1, 1] == 0.01
    assert network.pairing[0, 1] == own.pairing[0, 1] > 0


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('[[baths]]\nkind = "squeezed"\nnode = 0\nrate = 1.0\noccupation = 0.5\n',
         r"baths\[0\]: must have either `occupation` and `anomalous`, or `thermal_occupation` and `r`"),
        ('[[baths]]\nkind = "squeezed"\nnode = 0\nrate = 1.0\noccupation = 0.5\nr = 0.5\n', r"must have either"),
        ('[[baths]]\nkind = "squeezed"\nnode = 0\nrate = 1.0\noccupation = 0.1\nanomalous = 0.9\n', r"baths\[0\].*`anomalous` must obey"),
        ('[[baths]]\nkind = "squeezed"\nnode = 0\nrate = 1.0\noccupation = 0.1\nanomalous = "much"\n', r"baths\[0\].anomalous"),
        ('[[baths]]\nkind = "squeezed"\nnode = 0\nthermal_occupation = 0.1\nr = 0.1\n', r"baths\[0\].rate.*is missing"),
        ('[[baths]]\nnode = 0\nrate = 1.0\noccupation = 0.1\nr = 0.1\n', r"baths\[0\].r: does not belong to a bath of the kind `thermal`"),
        ('[[baths]]\nkind = "dephasing"\nnode = 0\nrate = 1.0\noccupation = 0.1\n', r"baths\[0\].occupation: .*of the kind `dephasing`"),
        ('[[baths]]\nkind = "jump"\nnode = 0\njumps = [{ u = { left = 1 } }]\n', r"baths\[0\].node: .*of the kind `jump`"),
        ('[[baths]]\nkind = "jump"\n', r"baths\[0\].jumps.*is missing"),
        ('[[baths]]\nkind = "jump"\njumps = []\n', r"baths\[0\].jumps.*at least 1"),
        ('[[baths]]\nkind = "jump"\njumps = [{ u = { lefft = 1 } }]\n', r"baths\[0\].jumps\[0\].u.lefft.*nearest valid one is `left`"),
        ('[[baths]]\nkind = "jump"\njumps = [{ w = { left = 1 } }]\n', r"baths\[0\].jumps\[0\].w.*unknown key|no key"),
        ('[[baths]]\nkind = "jump"\njumps = [{ u = { left = "x" } }]\n', r"baths\[0\].jumps\[0\].u.left"),
        ('[[baths]]\nkind = "jump"\njumps = 3\n', r"baths\[0\].jumps"),
        ('[[baths]]\nkind = ["jump"]\nnode = 0\nrate = 1\noccupation = 1\n', r"baths\[0\].kind"),
        ('[[network.pairing]]\nbetween = ["left", "up"]\nvalue = 0.1\n', r"network.pairing\[0\].between\[1\].*`up`"),
        ('[[network.pairing]]\nbetween = ["left"]\nvalue = 0.1\n', r"network.pairing\[0\].between"),
        ('[[network.pairing]]\nbetween = [0, 1]\nvalue = 0.1\n[[network.pairing]]\nbetween = [1, 0]\nvalue = 0.1\n',
         r"network.pairing\[1\].between.*given twice"),
        ('[[network.drive]]\nnode = 5\namplitude = 0.1\n', r"network.drive\[0\].node.*from 0 to 1"),
        ('[[network.drive]]\nnode = 0\namplitude = 0.1\n[[network.drive]]\nnode = "left"\namplitude = 0.1\n', r"driven twice"),
        ('[[network.drive]]\nnode = 0\namplitude = nan\n', r"network.drive\[0\].amplitude"),
    ],
)  # fmt: skip
def test_faults(text, fault):
    with pytest.raises(SpecError, match=fault):
        parse_spec(PAIR + text)


def test_faults_of_the_cavity_name_their_parameter():
    text = (SPECS / "optomechanics.toml").read_text()
    with pytest.raises(SpecError, match=r"network.mechanical_frequency.*must be positive, but is -1000000"):
        parse_spec(text.replace("mechanical_frequency = 1e6", "mechanical_frequency = -1e6"))
    with pytest.raises(SpecError, match=r"network.power.*is missing"):
        parse_spec(text.replace("power = 2e-6\n", ""))


def test_the_schema_knows_them():
    schema = spec_schema()
    assert "OptomechanicsTable" in schema["$defs"]
    assert {"u", "v"} == set(schema["$defs"]["JumpTable"]["properties"])
    assert set(schema["$defs"]["BathTable"]["properties"]["kind"]["enum"]) >= {"squeezed", "jump", "dephasing"}
    assert "pairing" in schema["$defs"]["MatrixTable"]["properties"]
