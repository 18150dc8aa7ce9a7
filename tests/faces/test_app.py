"""The explorer without a browser: what it answers, what it saves, whom it refuses."""

from __future__ import annotations

import base64
import io
import json
import re
import socket
import subprocess
import sys
import time
import tomllib
import zipfile
from pathlib import Path

import pytest
from app_tasks import dies, reports, slow

import wignerness as wn
from wignerness.app.answers import answer, expectation, outlook
from wignerness.app.controls import controls, elements
from wignerness.app.documents import composed, is_unfolded, read, unfolded
from wignerness.app.durations import _REFERENCE_NODES, _REFERENCE_SECONDS, _reference, expected_seconds
from wignerness.app.editing import EDITS, edited
from wignerness.app.exports import EXPORTS, exported
from wignerness.app.families import FAMILIES, family_spec
from wignerness.app.jobs import Jobs
from wignerness.app.panels import PANELS
from wignerness.app.resizing import resized
from wignerness.app.server import _look, _respond, _save, create, initial_text, listen
from wignerness.app.solving import of_view
from wignerness.app.view import STARTS, View, from_link, to_link
from wignerness.errors import MissingExtraError, ServerError, SpecError
from wignerness.io import parse_spec
from wignerness.io.theory_tables import THEORIES
from wignerness.io.toml_writer import write_document

ROOT = Path(__file__).resolve().parents[2]
SPECS = sorted((ROOT / "examples" / "specs").glob("*.toml"))
CHAIN = View(family_spec("chain"))


def _number(shown, name):
    return next(entry["value"] for entry in shown["numbers"] if entry["name"] == name)


def _with(view=CHAIN, **changes):
    return View(**{**view.to_json(), **changes})


def _places(groups):
    return [field["place"] for group in groups for field in group["fields"]]


# --- answers --------------------------------------------------------------------------------------


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("panel", PANELS)
def test_every_panel_of_every_model_is_plain_json(family, panel):
    shown = answer({"family": family, "view": CHAIN.to_json() | {"panel": panel}, "commit": True})
    assert "error" not in shown
    json.dumps(shown, allow_nan=False)
    undefined = {("against", "scaling"), ("detuned", "scaling"), ("clausius", "scaling"), ("squeezed", "currents")}
    assert ("message" in shown["panel"]) == ((family, panel) in undefined)


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_numbers_are_those_of_the_library(path):
    shown = answer({"load": initial_text(path), "commit": True})
    ness = wn.load_spec(path).solve()
    assert _number(shown, "Π") == pytest.approx(ness.entropy_production.sum(), rel=1e-12)
    assert _number(shown, "Φ") == pytest.approx(ness.entropy_flux.sum(), rel=1e-9)
    assert _number(shown, "J") == pytest.approx(abs(ness.bath_currents).max(), rel=1e-12)
    drawn = [element for element in shown["network"]["elements"] if element.get("classes") == "mode"]
    told = [float(element["data"]["tip"][1].removeprefix("occupation ")) for element in drawn]
    assert told == pytest.approx(ness.occupations.tolist(), rel=1e-7)


def test_settings_change_what_the_spec_says():
    view = _with(settings={"network.hopping": 0.5, "network.length": 7, "network.probe_rate": 0.02})
    ness = wn.steady_state(wn.models.chain(7, hopping=0.5, rate=1.0, occupations=(1, 2), probe_rate=0.02))
    shown = answer({"view": view.to_json()})
    assert _number(shown, "Π") == pytest.approx(ness.entropy_production.sum(), rel=1e-13)
    assert _number(shown, "Π_sc") == pytest.approx(
        wn.thermodynamics.production_split(ness.network, ness.state)[1], rel=1e-13
    )
    assert "view" not in shown  # only a finished change has a spec of its own
    settled = View.from_json(answer({"view": view.to_json(), "commit": True})["view"])
    assert settled.settings == {}
    assert tomllib.loads(settled.spec)["network"]["hopping"] == 0.5


def test_a_setting_of_one_element_unfolds_the_model():
    view = _with(settings={"network.length": 5, "~network.nodes[2].frequency": 0.4, "~baths[3].rate": 0.7})
    shown = answer({"view": view.to_json(), "commit": True})
    document = tomllib.loads(shown["view"]["spec"])
    assert is_unfolded(document)
    chain = wn.models.chain(5, hopping=0.3, rate=1.0, occupations=(1, 2), probe_rate=0.1, frequency=[0, 0, 0.4, 0, 0])
    baths = list(chain.baths)
    baths[3] = wn.Probe(baths[3].mode, 0.7)
    expected = wn.steady_state(chain.replace(baths=baths))
    assert _number(shown, "Π") == pytest.approx(expected.entropy_production.sum(), rel=1e-12)


def test_hoppings_of_an_edge_are_set_as_strength_and_phase():
    view = _with(settings={"~network.edges[1].phase": 0.25})
    edge = composed(view)["network"]["edges"][1]
    assert edge["hopping"] == pytest.approx(0.3)
    assert edge["phase"] == 0.25
    network = parse_spec(answer({"view": view.to_json(), "commit": True})["view"]["spec"]).network
    assert network.hamiltonian[1, 2] == pytest.approx(0.3 * (0.96891242 + 0.24740396j))


@pytest.mark.parametrize(
    ("settings", "place", "words"),
    [
        ({"network.rate": -1.0}, "network.rate", "must be non-negative, but is -1"),
        ({"network.hopping": "three"}, "network.hopping", "three"),
        ({"network.length": 0}, "network.length", "must be at least 1, but is 0"),
        ({"network.length": 2.5}, "network.length", "must be an integer"),
        ({"~baths[0].occupation": -2}, "baths[0].occupation", "must be non-negative, but is -2"),
        ({"network.nodes[0].frequency": 1.0}, "network.nodes[0].frequency", "leads nowhere"),
        ({"baths[7].rate": 1.0}, "baths[7].rate", "leads nowhere"),
    ],
)
def test_wrong_values_have_the_message_of_the_library_at_their_place(settings, place, words):
    error = answer({"view": _with(settings=settings).to_json(), "commit": True})["error"]
    assert words in error["places"][place]
    assert words in error["message"]


def test_a_valid_network_without_a_steady_state_is_kept_with_the_reason():
    shown = answer({"view": _with(settings={"network.rate": 0.0, "network.probe_rate": 0.0}).to_json(), "commit": True})
    assert shown["error"]["kind"] == "NoUniqueSteadyStateError"
    assert "network" not in shown
    assert tomllib.loads(shown["view"]["spec"])["network"]["rate"] == 0


@pytest.mark.parametrize(
    "view",
    [None, 3, [], {}, {"spec": 1}, {"spec": "", "mode": True}, {"spec": "", "settings": [1]}, {"spec": "", "theme": 2}],
)
def test_views_of_the_wrong_form_are_refused(view):
    with pytest.raises(SpecError, match="view"):
        View.from_json(view)


def test_too_many_settings_are_refused():
    with pytest.raises(SpecError, match="more than 100"):
        View.from_json({"spec": "", "settings": {f"a{k}": 1 for k in range(101)}})


@pytest.mark.parametrize("text", ["", "[", "x = 1", "[network]", "\0", "a" * 2**20 + "b"])
def test_any_text_is_answered(text):
    shown = answer({"load": text, "commit": True})
    assert shown["error"]["kind"] == "SpecError"
    assert "network" not in shown


def test_a_page_reads_no_files(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT / "examples" / "specs")
    for name in ("honeycomb", "quasiperiodic"):
        text = Path(f"{name}.toml").read_text(encoding="utf-8")
        assert "reads no files" in answer({"load": text})["error"]["message"]
        assert "reads no files" in answer({"view": View(text).to_json()})["error"]["message"]
        assert parse_spec(initial_text(Path(f"{name}.toml"))).network.n_modes > 30  # but the command line does


def test_panels_say_why_there_is_nothing_to_show():
    view = _with(settings={"network.probe_rate": 0.0}, panel="currents")
    assert "no bath" in answer({"view": view.to_json()})["panel"]["message"]
    assert "no panel" in answer({"view": _with(panel="nothing").to_json()})["panel"]["message"]
    assert "no node 50" in answer({"view": _with(panel="wigner", mode=50).to_json()})["panel"]["message"]


def test_a_chosen_node_beyond_the_end_moves_to_the_last():
    shown = answer({"view": _with(mode=19, settings={"network.length": 4}).to_json(), "commit": True})
    assert shown["view"]["mode"] == 3


def test_slow_panels_wait_until_the_slider_is_let_go():
    ring = View(family_spec("ring"), panel="scaling")
    assert answer({"view": ring.to_json()})["panel"] == {"waits": True}
    assert "figure" in answer({"view": ring.to_json(), "commit": True})["panel"]


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("follow", [False, True])
def test_relaxation_ends_in_the_steady_state(start, follow):
    view = _with(panel="relaxation", start=start, strength=0.4, follow=follow, settings={"network.length": 4})
    if start == "spec":
        evolve = '\n[evolve]\nstart = { kind = "thermal", occupations = 0.5 }\ntimes = [0.0, 1.0, 1e5]\n'
        view = _with(view, spec=CHAIN.spec + evolve)
    shown = answer({"view": view.to_json(), "commit": True})
    last = [trace["y"][-1] for trace in shown["panel"]["figure"]["data"] if trace["name"].startswith("node")]
    assert last == pytest.approx(of_view(view).ness.occupations.tolist(), rel=1e-5)


def test_wrong_sign_links_are_marked_in_the_drawing_and_in_the_panel():
    shown = answer({"family": "against", "view": _with(panel="currents").to_json(), "commit": True})
    marked = [e["data"]["id"] for e in shown["network"]["elements"] if "against" in e.get("classes", "")]
    assert marked == ["e0"]
    wrong = next(t for t in shown["panel"]["figure"]["data"] if t["name"] == "against its affinity")
    assert wrong["y"] == pytest.approx([-0.478], abs=5e-4)
    assert wrong["x"] == pytest.approx([0.218], abs=5e-4)


@pytest.mark.parametrize("kind", ["global", "redfield", "exact"])
@pytest.mark.parametrize("panel", ["profile", "balance", "scaling", "relaxation", "tables"])
def test_other_theories_are_a_choice(kind, panel):
    view = _with(panel=panel, settings={"network.length": 5, "theory.kind": kind})
    shown = answer({"view": view.to_json(), "commit": True})
    chain = wn.models.chain(5, hopping=0.3, rate=1.0, occupations=(1, 2), probe_rate=0.1)
    other = wn.steady_state(chain, theory=getattr(wn.theories, kind.title())())
    assert _number(shown, "Π") == pytest.approx(other.entropy_production.sum(), rel=1e-9)
    assert tomllib.loads(shown["view"]["spec"])["theory"] == {"kind": kind}
    assert "message" not in shown["panel"]
    assert "closed form" not in json.dumps(shown["panel"])
    back = _with(View.from_json(shown["view"]), settings={"theory.kind": "local"})
    local = answer({"view": back.to_json()})
    assert _number(local, "Π") == pytest.approx(wn.steady_state(chain).entropy_production.sum(), rel=1e-12)


@pytest.mark.parametrize(("kind", "sign"), [("local", -1), ("global", 1), ("redfield", 1), ("exact", 1)])
def test_only_the_local_equation_breaks_the_second_law(kind, sign):
    shown = answer({"view": _with(spec=family_spec("clausius"), settings={"theory.kind": kind}).to_json()})
    assert sign * _number(shown, "ΣQ̇/T") > 0
    assert (_number(shown, "Π") is None) == (kind == "exact")  # there is no state of colored baths alone


@pytest.mark.parametrize("family", ["clausius", "ring", "against"])
def test_the_hottest_and_the_coldest_bath_are_told(family):
    shown = answer({"family": family, "commit": True})
    kinds = {e["data"]["label"]: e["classes"] for e in shown["network"]["elements"] if "bath" in e.get("classes", "")}
    names = {"clausius": ("hot", "cold"), "ring": ("hot", "cold"), "against": ("hot, weak", "vacuum")}[family]
    assert [kinds[name].split()[-1] for name in names] == ["hot", "cold"]


def test_a_theory_that_there_is_not():
    places = answer({"view": _with(settings={"theory.kind": "flat"}).to_json()})["error"]["places"]
    assert "theory.kind" in places


def test_the_closed_form_lies_over_the_profile_where_there_is_one():
    names = [trace["name"] for trace in answer({"view": CHAIN.to_json()})["panel"]["figure"]["data"]]
    assert "closed form, Eq. (29a)" in names
    disordered = _with(settings={"network.disorder": 0.1})
    assert "closed form, Eq. (29a)" not in [
        trace["name"] for trace in answer({"view": disordered.to_json()})["panel"]["figure"]["data"]
    ]


def test_exponents_of_long_chains_are_those_of_the_paper():
    curves = {t["name"]: t for t in answer({"view": _with(panel="scaling").to_json()})["panel"]["figure"]["data"]}
    exponents = [
        t for t in answer({"view": _with(panel="scaling").to_json()})["panel"]["figure"]["data"] if "xaxis" in t
    ]
    ends = {t["name"]: t["y"][-1] for t in exponents}
    assert ends["Π<sub>r</sub>, real baths"] == pytest.approx(-2, abs=0.03)
    assert ends["Π<sub>sc</sub>, probes"] == pytest.approx(-1, abs=0.03)
    assert curves["Π<sub>r</sub>, real baths"]["x"][-1] == 2000


def test_labels_from_outside_are_no_markup():
    spec = (
        '[network]\nnodes = [{ label = "<b>x</b>" }, { label = "y" }]\nedges = [{ between = [0, 1], hopping = 1.0 }]\n'
    )
    spec += '[[baths]]\nnodes = "all"\nrate = 1.0\noccupation = 1.0\nname = "<a href=x>"\n'
    spec = 'unit = "<a href=y>"\n' + spec
    for panel in ("profile", "balance", "currents", "wigner", "relaxation"):
        figure = answer({"load": spec, "view": _with(panel=panel).to_json(), "commit": True})["panel"]["figure"]
        assert "<b>" not in json.dumps(figure)
        assert "<a " not in json.dumps(figure)


# --- links, sizes, edits --------------------------------------------------------------------------


def test_links_restore_the_whole_view():
    view = _with(panel="wigner", mode=3, selected="n3", theme="dark", settings={"network.hopping": 0.4}, follow=True)
    assert from_link(to_link(view)) == view
    shown = answer({"link": to_link(view), "commit": True})
    assert View.from_json(shown["view"]).panel == "wigner"
    assert from_link(shown["link"]) == View.from_json(shown["view"])


@pytest.mark.parametrize(
    "link", ["", "x", "äöü", "eJwDAAAAAAE", to_link(CHAIN)[:-9], to_link(CHAIN)[:40] + "AAAA", "====="]
)
def test_damaged_links_are_refused(link):
    assert "link" in answer({"link": link})["error"]["message"] or "view" in answer({"link": link})["error"]["message"]


def test_a_link_that_would_unpack_to_too_much_is_refused():
    bomb = to_link(View("#" * 3 * 2**20))
    assert len(bomb) < 10000
    assert "more than a spec can have" in answer({"link": bomb})["error"]["message"]


@pytest.mark.parametrize(
    ("family", "place", "size", "nodes"),
    [
        ("ring", "network.length", 24, [0, 8, "all"]),
        ("tree", "network.depth", 2, [6, 0, "all"]),
        ("star", "network.branching", 3, [1, 2, "all"]),
        ("lattice", "network.shape[1]", 3, [[f"{k},0" for k in range(4)], [f"{k},2" for k in range(4)], "all"]),
        ("lattice", "network.shape[0]", 6, [[f"{k},0" for k in range(6)], [f"{k},6" for k in range(6)], "all"]),
    ],
)
def test_baths_keep_their_relative_place(family, place, size, nodes):
    changed = resized(tomllib.loads(family_spec(family)), place, size)
    assert [bath.get("nodes", bath.get("node")) for bath in changed["baths"]] == nodes
    assert answer({"view": _with(spec=family_spec(family), settings={place: size}).to_json()}).get("error") is None


@pytest.mark.parametrize("size", ["x", None, -1, 0, 2.5, True, 10**400])
def test_sizes_that_are_none_are_left_to_the_model(size):
    for family, place in (("ring", "network.length"), ("lattice", "network.shape[0]"), ("tree", "network.depth")):
        shown = answer({"view": _with(spec=family_spec(family), settings={place: size}).to_json()})
        assert ("error" in shown) or (family, size) in {("tree", 0), ("tree", True)}


def _network(document):
    from wignerness.app.documents import read

    return read(document).network


def test_a_removed_node_goes_with_its_links_and_baths():
    document = edited(tomllib.loads(family_spec("star")), {"action": "remove node", "node": 1})
    network = _network(document)
    assert network.labels == ("0", "2", "3", "4", "5", "6")
    assert [abs(network.hamiltonian[0, k]) for k in range(1, 6)] == [0.3] * 5
    hot = [bath for bath in network.baths if bath.name == "hot"]
    assert [bath.mode for bath in hot] == [3]
    assert not [bath for bath in network.baths if bath.name == "cold"]


def test_removing_a_node_of_everything_there_is():
    document = tomllib.loads((ROOT / "examples" / "specs" / "squeezed_network.toml").read_text(encoding="utf-8"))
    network = _network(edited(document, {"action": "remove node", "node": 2}))
    assert network.labels == ("a", "b", "d")
    assert not network.pairing.any()
    assert network.drive[0] != 0
    jump = next(bath for bath in network.baths if bath.name == "common reservoir")
    assert jump.support == (2,)
    last = _network(
        edited(edited(document, {"action": "remove node", "node": 3}), {"action": "remove node", "node": 2})
    )
    assert [bath.name for bath in last.baths] == ["squeezed"]


def test_nodes_links_and_baths_are_added_and_removed():
    document = tomllib.loads(family_spec("against"))
    document = edited(document, {"action": "add node", "node": 2})
    document = edited(document, {"action": "add edge", "node": 3, "to": 0})
    document = edited(document, {"action": "add bath", "node": 3, "kind": "squeezed"})
    network = _network(document)
    assert network.n_modes == 4
    assert network.hamiltonian[2, 3] == network.hamiltonian[0, 3] == 0.5
    assert isinstance(network.baths[-1], wn.SqueezedBath)
    for action in ({"action": "remove edge", "edge": 0}, {"action": "remove bath", "bath": 1}):
        document = edited(document, action)
    assert [bath.name for bath in _network(document).baths] == ["warm", "vacuum", None]
    assert _network(document).hamiltonian[0, 1] == 0


@pytest.mark.parametrize("kind", ["thermal", "squeezed", "probe", "dephasing"])
def test_the_kind_of_a_bath_changes_in_place(kind):
    document = edited(tomllib.loads(family_spec("against")), {"action": "set kind", "bath": 1, "kind": kind})
    bath = _network(document).baths[1]
    assert (bath.mode, bath.rate, bath.name) == (1, 0.01, "hot, weak")
    assert kind in type(bath).__name__.lower()


@pytest.mark.parametrize(
    "edit",
    [
        {"action": "explode"},
        {},
        {"action": "remove node", "node": 9},
        {"action": "remove node"},
        {"action": "remove node", "node": "x"},
        {"action": "add edge", "node": 0, "to": 0},
        {"action": "add edge", "node": 0, "to": 1},
        {"action": "add edge", "node": 0, "to": 8},
        {"action": "add bath", "node": 0, "kind": "volcanic"},
        {"action": "remove bath", "bath": 9},
    ],
)
def test_changes_that_cannot_be_made_are_refused(edit):
    with pytest.raises(SpecError):
        edited(tomllib.loads(family_spec("against")), edit)


def test_the_last_node_stays():
    one = tomllib.loads('[network]\nnodes = [{ label = "a" }]\n[[baths]]\nnode = 0\nrate = 1.0\noccupation = 1.0\n')
    with pytest.raises(SpecError, match="last node"):
        edited(one, {"action": "remove node", "node": 0})


def test_every_button_asks_for_a_change_that_there_is():
    document, network = tomllib.loads(family_spec("squeezed")), parse_spec(family_spec("squeezed")).network
    asked = set()
    for name, _ in elements(network):
        for group in controls(document, network, name):
            for part in [*group.get("buttons", []), *group.get("choices", [])]:
                if "edit" not in part:
                    continue
                asked.add(part["edit"]["action"])
                given = {part["name"]: part["options"][-1][0]} if "options" in part else {}
                given = {key: int(value) if part.get("integer") else value for key, value in given.items()}
                if part["edit"]["action"] != "add edge":
                    edited(document, {**part["edit"], **given})
    assert asked == set(EDITS)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_field_can_be_set(family):
    document, network = tomllib.loads(family_spec(family)), parse_spec(family_spec(family)).network
    for name in ("", "n0", "e1", "b0"):
        for group in controls(document, network, name):
            for field in group["fields"]:
                view = _with(spec=family_spec(family), settings={field["place"]: field["value"]})
                same = _network(composed(view))
                assert abs(same.hamiltonian - network.hamiltonian).max() < 1e-15
                assert same.bath_labels == network.bath_labels


def test_fields_of_a_chosen_element_come_first():
    document, network = tomllib.loads(CHAIN.spec), parse_spec(CHAIN.spec).network
    assert _places(controls(document, network, "n3"))[:2] == ["~network.nodes[3].frequency", "~baths[5].rate"]
    assert _places(controls(document, network, "e2"))[:2] == ["~network.edges[2].hopping", "~network.edges[2].phase"]
    whole = unfolded(document)
    assert _places(controls(whole, network, "e2")) == [
        *("network.edges[2].hopping", "network.edges[2].phase"),  # the chosen link, and the two real baths
        *(f"baths[{number}].{key}" for number in (0, 1) for key in ("rate", "occupation")),
    ]
    for nothing in ("", "n99", "x1", "n", "e-1", "b99"):
        assert _places(controls(document, network, nothing))[0] == "network.length"


# --- what is saved --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", EXPORTS)
def test_files_are_what_they_say(kind):
    name, content = exported(_with(panel="currents", settings={"network.length": 5}), kind)
    begins = {
        "png": b"\x89PNG",
        "pdf": b"%PDF",
        "svg": b"<?xml",
        "nc": b"\x89HDF",
        "zip": b"PK",
        "py": b"import",
        "toml": b"title",
    }
    assert name.startswith("chain")
    assert content.startswith(begins[name.rpartition(".")[2]])


def test_a_saved_spec_is_what_solve_reads():
    view = _with(settings={"network.hopping": 0.2, "~baths[0].occupation": 0.5})
    text = exported(view, "toml")[1].decode()
    assert wn.load_spec(text).solve().entropy_production.sum() == of_view(view).ness.entropy_production.sum()
    shown = answer({"load": text, "commit": True})
    assert shown["view"]["spec"] == text


def test_data_hold_what_is_shown(tmp_path):
    view = _with(settings={"network.length": 4})
    for panel, shape in (("profile", (4,)), ("relaxation", (49, 4))):
        path = tmp_path / f"{panel}.nc"
        path.write_bytes(exported(_with(view, panel=panel), "netcdf")[1])
        assert wn.io.load_result(path).occupations.shape == shape
    archive = zipfile.ZipFile(io.BytesIO(exported(view, "csv")[1]))
    rows = archive.read("node.csv").decode().splitlines()
    column = rows[0].split(",").index("occupations")
    assert [float(row.split(",")[column]) for row in rows[1:]] == of_view(view).ness.occupations.tolist()


@pytest.mark.parametrize("panel", PANELS)
def test_the_python_lines_give_the_same_numbers(panel, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    view = _with(panel=panel, start="coherent", strength=0.7, mode=2, settings={"network.length": 6})
    scope: dict = {}
    exec(exported(view, "python")[1].decode(), scope)
    state = of_view(view)
    assert (scope["ness"].entropy_production == state.ness.entropy_production).all()
    figure = PANELS[panel].show(state, view).get("figure")
    data = {trace["name"]: trace for trace in figure["data"] if "name" in trace} if figure else {}
    if panel == "relaxation":
        assert data["production Π"]["y"] == scope["evolution"].entropy_production.sum(axis=1).tolist()
    if panel == "wigner":
        assert figure["data"][0]["z"] == scope["wigner"].values.tolist()
    if panel == "scaling":
        assert data["Π<sub>sc</sub>, probes"]["x"] == scope["lengths"]
    assert (tmp_path / "figure.png").exists() == (PANELS[panel].draw is not None)


def test_specs_with_quotes_survive_in_python():
    text = CHAIN.spec.replace('"Chain"', r'"a \"\"\" b \\ c"')
    lines = exported(_with(spec=text, settings={"network.length": 3}), "python")[1].decode()
    scope: dict = {}
    exec(lines, scope)
    assert scope["run"].title == 'a """ b \\ c'


def test_what_cannot_be_saved_says_why():
    assert "no figure" in _save(None, {"view": _with(panel="tables").to_json(), "kind": "png"})[1]["error"]["message"]
    assert "toml" in _save(None, {"view": CHAIN.to_json(), "kind": "exe"})[1]["error"]["message"]
    assert "view" in _save(None, {"view": None, "kind": "png"})[1]["error"]["message"]
    download, said = _save(None, {"view": CHAIN.to_json(), "kind": "toml"})
    assert download["filename"] == "chain.toml"
    assert said["said"] == "Saved: chain.toml"


def test_names_of_files_are_plain():
    view = _with(spec=CHAIN.spec.replace('"Chain"', '"../Größe / 7"'))
    assert exported(view, "toml")[0] == "grosse-7.toml"


# --- long work ------------------------------------------------------------------------------------


def _until(jobs, name, wanted, patience=30.0):
    start = time.monotonic()
    while time.monotonic() - start < patience:
        told = jobs.ask(name)
        if wanted in told:
            return told
        time.sleep(0.05)
    raise AssertionError(f"no {wanted} in {told}")


@pytest.fixture
def jobs():
    made = Jobs(most=1)
    yield made
    made.close()


def test_long_work_is_done_elsewhere_and_asked_for(jobs):
    first = jobs.start(reports, None)
    assert _until(jobs, first, "label")["label"] == "steps"
    assert _until(jobs, first, "result")["result"] == {}
    assert jobs.ask(first)["result"] == {}  # told again: a browser may have dropped the first answer
    jobs.stop(first)
    assert "stopped" in jobs.ask(first)["failed"]
    dead = jobs.start(dies, None)
    assert "has ended" in _until(jobs, dead, "failed")["failed"]


def test_newer_work_takes_the_place_of_older(jobs):
    first = jobs.start(slow, 60)
    second = jobs.start(slow, 0)
    assert "newer work" in jobs.ask(first)["failed"]
    assert _until(jobs, second, "result")["result"] == {"slept": 0}
    third = jobs.start(slow, 60)
    jobs.stop(third)
    assert "failed" in jobs.ask(third)


def test_large_networks_are_solved_in_another_process(jobs):
    request = {"id": 5, "view": _with(settings={"network.length": 70}).to_json(), "commit": True}
    begun = _respond(CHAIN, jobs, request)
    assert (begun["id"], begun["nodes"]) == (5, 70)
    deadline = time.monotonic() + 60
    while "network" not in (told := _look(jobs, 1, {"id": 5, "name": begun["job"], "nodes": 70})):
        assert told["id"] == 5
        assert time.monotonic() < deadline
        time.sleep(0.1)
    expected = wn.steady_state(wn.models.chain(70, hopping=0.3, rate=1.0, occupations=(1, 2), probe_rate=0.1))
    assert _number(told, "Π") == pytest.approx(expected.entropy_production.sum(), rel=1e-10)
    assert _look(jobs, 2, {"id": 5, "name": begun["job"]}) == told
    jobs.stop(begun["job"])
    assert "stopped" in _look(jobs, 1, {"id": 5, "name": begun["job"]})["error"]["message"]


@pytest.mark.parametrize("kind", THEORIES)
def test_nodes_are_counted_once_by_every_theory_and_each_has_a_cost(kind):
    settings = {"network.length": 40, "theory.kind": kind}
    assert outlook({"view": _with(settings=settings).to_json()}) == (40, False)
    long = _with(settings=settings | {"network.length": 65})
    assert outlook({"view": long.to_json()}) == (65, True)
    assert expectation({"view": long.to_json()}).startswith("about ")


def test_few_nodes_between_many_leads_take_long_as_well():
    chain = family_spec("chain").replace("probe_rate = 0.1\n", "")
    baths = "".join(
        f"[[baths]]\nnode = {k}\nrate = 0.1\ntemperature = {1 + 0.1 * k}\nfrequency = 1.0\n" for k in range(8)
    )
    spec = f'{chain}\n{baths}[theory]\nkind = "mesoscopic_leads"\n'
    assert outlook({"load": spec}) == (20, True)


@pytest.mark.parametrize(
    ("length", "theory"), [(150, "local"), (300, "local"), (80, "global"), (40, "redfield"), (80, "exact")]
)
def test_what_is_expected_is_about_what_it_takes(length, theory):
    run = read(composed(_with(settings={"network.length": length, "theory.kind": theory})))
    _processor_seconds(lambda: _reference(8))
    speed = min(_processor_seconds(lambda: _reference(_REFERENCE_NODES)) for _ in range(2)) / _REFERENCE_SECONDS
    took = min(_processor_seconds(run.solve) for _ in range(2))
    assert 1 / 6 < took / (speed * expected_seconds(run)) < 6  # about three, and other work beside it


def _processor_seconds(work):
    start = time.process_time()
    work()
    return time.process_time() - start


def test_long_work_tells_beforehand_how_long_it_takes(jobs):
    view = _with(spec=family_spec("random"), settings={"network.n_modes": 1300})  # takes many seconds
    begun = _respond(CHAIN, jobs, {"id": 5, "view": view.to_json()})
    assert _until(jobs, begun["job"], "expected", patience=60.0)["expected"].startswith("about ")
    told = _look(jobs, 1, {"id": 5, "name": begun["job"], "nodes": 1300})
    assert told["progress"]["expected"].startswith("about ")


@pytest.mark.parametrize(
    ("family", "settings", "nodes"),
    [
        ("chain", {"network.length": 3_000_000}, 3_000_000),
        ("lattice", {"network.shape[0]": 9000, "network.shape[1]": 9000}, 81_000_000),
        ("tree", {"network.branching": 9, "network.depth": 10**9}, 9**20),
    ],
)
def test_huge_networks_are_not_made_by_the_server_itself(family, settings, nodes, monkeypatch):
    monkeypatch.setattr("wignerness.app.answers.read", None)  # would be called to make one
    monkeypatch.setattr("wignerness.app.answers.parse_spec", None)
    view = _with(spec=family_spec(family), settings=settings)
    assert outlook({"view": view.to_json(), "commit": True}) == (nodes, True)
    assert outlook({"load": write_document(composed(view)), "commit": True}) == (nodes, True)


def test_of_finished_and_running_work_the_finished_goes_first():
    jobs = Jobs(2)
    first, second = jobs.start(slow, 60), jobs.start(slow, 0)
    assert _until(jobs, second, "result")["result"] == {"slept": 0}
    third = jobs.start(slow, 60)
    assert "seconds" in jobs.ask(first)
    assert "failed" in jobs.ask(second)
    assert "seconds" in jobs.ask(third)
    jobs.close()


def test_files_of_large_networks_are_made_in_another_process(jobs):
    wish = {"view": _with(settings={"network.length": 80}).to_json(), "kind": "toml"}
    download, said = _save(jobs, wish)
    assert said["said"] == "Saved: chain.toml"
    assert "length = 80" in base64.b64decode(download["content"]).decode()


def test_failures_of_the_program_are_answered_too(monkeypatch, caplog):
    monkeypatch.setattr("wignerness.app.answers.solved", lambda _: 1 / 0)
    error = answer({"view": CHAIN.to_json()})["error"]
    assert error["message"].startswith("The explorer failed at this: ZeroDivisionError")
    assert "ZeroDivisionError" in caplog.text


def test_requests_that_say_stop_end_the_work(jobs):
    name = jobs.start(slow, 60)
    assert _respond(CHAIN, jobs, {"id": 1, "cancel": name, "stop": True}) == {"id": 1, "stopped": True}
    assert "failed" in jobs.ask(name)
    assert outlook({"view": _with(spec="nonsense").to_json()}) == (0, False)
    assert expectation({"view": _with(spec="nonsense").to_json()}) == ""


def test_very_large_networks_are_not_drawn():
    shown = answer({"view": _with(settings={"network.length": 1100}).to_json()})
    assert shown["network"]["elements"] == []
    assert "1100 nodes are not drawn" in shown["network"]["text"]


# --- the server -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def client():
    return create().server.test_client()


@pytest.mark.parametrize("host", ["127.0.0.1:8050", "localhost:8050", "[::1]:8050", "LOCALHOST"])
def test_its_own_names_are_served(client, host):
    assert client.get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:8050", "10.0.0.1:8050"])
def test_other_names_are_refused(client, host):
    refused = client.get("/", headers={"Host": host})
    assert refused.status_code == 403
    assert "not served under the name" in refused.text


def test_other_pages_are_refused(client):
    headers = {"Host": "127.0.0.1:8050", "Origin": "http://evil.example"}
    assert client.post("/_dash-update-component", json={}, headers=headers).status_code == 403


def test_everything_comes_from_this_server(client):
    page = client.get("/", headers={"Host": "localhost"})
    sources = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert sources
    assert all(source.startswith("/") and not source.startswith("//") for source in sources)
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-eval" not in policy
    assert "http" not in policy
    for source in sources:
        with client.get(source, headers={"Host": "localhost"}) as response:
            assert response.status_code == 200


def test_too_large_requests_are_refused(client):
    headers = {"Host": "localhost", "Content-Type": "application/json"}
    refused = client.post("/_dash-update-component", data=b"[" + b"1," * 2**22 + b"1]", headers=headers)
    assert refused.status_code == 413


def test_a_port_that_is_taken_says_so():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ServerError, match=rf"port {port} cannot be listened on.*--port 0"):
            listen(create(), "127.0.0.1", port)
    with pytest.raises(ServerError, match=re.escape("192.0.2.1")):
        listen(create(), "192.0.2.1", 0)


def test_it_listens_on_this_machine_only():
    server = listen(create(), "127.0.0.1", 0)
    try:
        assert server.socket.getsockname()[0] == "127.0.0.1"
        assert server.port > 0
    finally:
        server.server_close()


def test_a_missing_extra_is_named(monkeypatch):
    from wignerness import app

    monkeypatch.delitem(sys.modules, "wignerness.app.server")
    monkeypatch.setitem(sys.modules, "dash", None)
    with pytest.raises(MissingExtraError, match=r"wignerness\[app\]"):
        app.serve()


COMMAND = "import sys; from wignerness.cli import main; sys.argv[0] = 'wignerness'; main()"


def _command(*arguments, **more):
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND, "app", "--no-browser", *map(str, arguments)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8", **more,
    )  # fmt: skip


def test_the_command_tells_its_address_and_ends_on_interrupt():
    import signal
    import urllib.request

    running = _command(ROOT / "examples" / "specs" / "flux_ring.toml", "--port", "0")
    address = re.search(r"http://127\.0\.0\.1:\d+/", running.stdout.readline()).group()
    with urllib.request.urlopen(address) as page:
        assert page.status == 200
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=20)
    assert running.returncode == 0
    assert said.strip() == "Stopped."


def test_other_addresses_are_warned_of():
    running = _command("--host", "192.0.2.1", "--port", "0")
    _, said = running.communicate(timeout=30)
    assert running.returncode == 1
    assert "Warning: whoever reaches 192.0.2.1" in said
    assert "cannot be listened on" in said


def test_a_wrong_spec_ends_the_command_before_it_listens(tmp_path):
    spec = tmp_path / "wrong.toml"
    spec.write_text("[network]\n", encoding="utf-8")
    running = _command(spec)
    _, said = running.communicate(timeout=30)
    assert running.returncode == 2
    assert "must have exactly one of" in said
