"""The explorer in a real browser: Debian's Chromium without a window, the server in a process of its own.

Without Chromium these tests are skipped, unless ``WIGNERNESS_REQUIRE_BROWSER`` is set; then they fail. Screenshots are kept in
the folder that ``WIGNERNESS_SCREENSHOTS`` names.
"""

from __future__ import annotations

import itertools
import os
import re
import shutil
import statistics
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest

import wignerness as wn
from wignerness.app.families import FAMILIES
from wignerness.app.panels import PANELS
from wignerness.app.view import from_link

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
COMMAND = "import sys; from wignerness.cli import main; sys.argv[0] = 'wignerness'; main()"
# Dash-cytoscape hands over a sensitivity of the wheel whatever it is, and Cytoscape remarks on that.
HARMLESS = ("custom wheel sensitivity",)

if os.environ.get("WIGNERNESS_REQUIRE_BROWSER") != "1":
    pytest.importorskip("playwright", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("Debian's chromium is not installed", allow_module_level=True)

from playwright.sync_api import expect, sync_playwright


@pytest.fixture(scope="module")
def address():
    running = subprocess.Popen(
        [sys.executable, "-c", COMMAND, "app", "--no-browser", "--port", "0"],
        stdout=subprocess.PIPE, text=True, encoding="utf-8",
    )  # fmt: skip
    found = re.search(r"http://127\.0\.0\.1:\d+/", running.stdout.readline())
    yield found.group()
    running.terminate()
    running.communicate(timeout=20)


@pytest.fixture(scope="module")
def browser():
    assert CHROMIUM is not None, "Debian's chromium is not installed: apt-get install chromium"
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        # One context: its tabs have one cache, which saves most of the time.
        yield made.new_context(viewport={"width": 1366, "height": 768}, color_scheme="light")
        made.close()


class Tab:
    """A tab of the explorer, and what a person does in it."""

    def __init__(self, page, address):
        self.page = page
        self.complaints, self.outside = [], []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self._see(request.url, address))
        page.set_default_timeout(15000)

    def _hear(self, message):
        if message.type in ("error", "warning") and not any(text in message.text for text in HARMLESS):
            self.complaints.append(message.text)

    def _see(self, url, address):
        if not url.startswith((address, "data:", "blob:")):
            self.outside.append(url)

    def open(self, address):
        self.page.goto(address)
        self.settle()
        return self

    def settle(self):
        """Wait until nothing is asked any more."""
        self.page.wait_for_selector("#numbers .number")
        self.page.wait_for_selector("body:not(.waiting)")

    def number(self, name):
        return float(self.page.get_attribute(f'.number[data-name="{name}"] data', "value"))

    def field(self, place):
        return self.page.locator(f'.field[data-place="{place}"]')

    def box(self, place):
        return self.field(place).locator("input[type=text]")

    def put(self, place, value):
        self.box(place).fill(str(value))
        self.box(place).press("Enter")
        self.settle()

    def choose(self, selector, value):
        self.page.select_option(selector, value)
        self.settle()

    def panel(self, name):
        self.page.click(f"#tab-{name}")
        self.settle()

    def view(self):
        return from_link(self.page.url.partition("#")[2])

    def network(self):
        return wn.load_spec(self.view().spec).network

    def keep(self, name):
        folder = os.environ.get("WIGNERNESS_SCREENSHOTS")
        if folder:
            self.page.wait_for_timeout(400)
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=Path(folder) / f"{name}.png")


@pytest.fixture
def tab(browser, address):
    made = Tab(browser.new_page(), address).open(address)
    yield made
    for page in browser.pages:
        page.close()
    assert made.complaints == []
    assert made.outside == []


def _production(network):
    return wn.steady_state(network).entropy_production.sum()


def _solved(network):
    ness = wn.steady_state(network)
    return ness.network, ness.state


def test_every_view_loads_and_fits_a_laptop(tab):
    for name in PANELS:
        tab.panel(name)
        expect(tab.page.locator(f"#tab-{name}")).to_have_attribute("aria-selected", "true")
        if name in ("tables", "source"):
            expect(tab.page.locator("#tables section").first).to_be_visible()
        else:
            expect(tab.page.locator("#figure .main-svg").first).to_be_visible()
        expect(tab.page.locator("#instead")).to_be_hidden()
        tab.keep(f"panel-{name}")
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= 1366
    assert tab.page.evaluate("document.documentElement.scrollHeight") <= 768


def test_every_model_loads(tab):
    for family in FAMILIES:
        tab.choose("#family", family)
        assert tab.number("Π") == pytest.approx(_production(tab.network()), rel=1e-10)
        expect(tab.page.locator("#message")).to_be_hidden()
        tab.keep(f"model-{family}")
    tab.choose("#family", "random")
    tab.panel("currents")
    assert sum(wn.thermodynamics.link_terms(*_solved(tab.network())).is_against) == 3
    expect(tab.page.locator("#figure")).to_contain_text("3 against the affinity")
    tab.keep("currents")


def test_dragging_a_slider_changes_the_numbers_to_what_the_library_gives(tab):
    before = tab.number("Π")
    slider = tab.field("network.hopping").locator("input[type=range]")
    place = slider.bounding_box()
    middle = place["y"] + place["height"] / 2
    tab.page.mouse.move(place["x"] + 0.65 * place["width"], middle)
    tab.page.mouse.down()
    for step in range(12):
        tab.page.mouse.move(place["x"] + (0.65 + 0.02 * step) * place["width"], middle)
    tab.page.mouse.up()
    tab.settle()
    hopping = float(tab.box("network.hopping").input_value())
    assert hopping != 0.3
    chain = wn.models.chain(20, hopping=hopping, rate=1.0, occupations=(1, 2), probe_rate=0.1)
    assert tab.number("Π") == pytest.approx(_production(chain), rel=1e-12)
    assert tab.number("Π") != before
    tab.panel("tables")
    told = tab.page.locator('table[data-title="Nodes"] tbody tr td:last-child').all_inner_texts()
    assert [float(text) for text in told] == pytest.approx(wn.steady_state(chain).occupations.tolist(), rel=1e-7)


def test_keys_move_sliders_and_tabs(tab):
    slider = tab.field("network.length").locator("input[type=range]")
    slider.focus()
    slider.press("ArrowRight")
    slider.press("ArrowRight")
    tab.settle()
    assert tab.box("network.length").input_value() == "22"
    assert slider.evaluate("element => element === document.activeElement")
    tab.page.focus("#tab-profile")
    tab.page.keyboard.press("ArrowRight")
    tab.settle()
    expect(tab.page.locator("#tab-balance")).to_be_focused()
    assert tab.view().panel == "balance"
    unnamed = tab.page.evaluate(
        """() => [...document.querySelectorAll("button, select, input")].filter((e) => e.offsetParent && !(
            e.labels?.length || e.textContent.trim() || e.getAttribute("aria-label"))).map((e) => e.outerHTML)"""
    )
    assert unnamed == []


def test_an_invalid_value_shows_its_message_and_the_last_picture_stays(tab):
    before = tab.number("Π")
    tab.put("network.rate", -1)
    expect(tab.page.locator("#message")).to_have_text("network.rate: must be non-negative, but is -1")
    expect(tab.field("network.rate").locator(".fault")).to_be_visible()
    expect(tab.box("network.rate")).to_have_attribute("aria-invalid", "true")
    assert tab.number("Π") == before
    expect(tab.page.locator("#figure .main-svg").first).to_be_visible()
    tab.keep("invalid")
    tab.put("network.rate", 2)
    expect(tab.page.locator("#message")).to_be_hidden()
    expect(tab.field("network.rate").locator(".fault")).to_be_hidden()
    assert tab.number("Π") != before


IN_REACH = """(selector) => {
  const element = document.querySelector(selector);
  const box = element.getBoundingClientRect();
  const at = (x, y) => element.contains(document.elementFromPoint(box.left + x * box.width, box.top + y * box.height));
  return at(0.5, 0.5) && at(0.1, 0.1) && at(0.9, 0.1) && at(0.1, 0.9) && at(0.9, 0.9);
}"""


@pytest.mark.parametrize("family", ["chain", "random"])  # the panel below the drawing, and beside it
def test_messages_cover_no_button(tab, family):
    tab.page.set_viewport_size({"width": 1280, "height": 800})
    tab.choose("#family", family)
    tab.put("network.hopping", "x")
    expect(tab.page.locator("#message")).to_be_visible()
    for selector in ("#fit", "#tab-profile", "#tab-source", "#undo"):
        assert tab.page.evaluate(IN_REACH, selector), selector
    tab.keep(f"message-{family}")
    tab.page.set_viewport_size({"width": 1366, "height": 768})


# Top and bottom of every field of the chart.
FIELDS = """() => Object.entries(document.querySelector("#figure .js-plotly-plot")._fullLayout)
  .filter(([name]) => /^yaxis[0-9]*$/.test(name)).map(([, axis]) => [axis._offset, axis._offset + axis._length])"""


def test_a_phone_shows_everything_in_one_column(tab):
    tab.page.set_viewport_size({"width": 390, "height": 844})
    try:
        for panel, count in (("profile", 1), ("balance", 3), ("scaling", 2)):
            tab.panel(panel)
            tab.settle()
            assert tab.page.evaluate("document.documentElement.scrollWidth") <= 390
            fields = sorted(map(tuple, tab.page.evaluate(FIELDS)))
            assert len(fields) == count
            assert all(above[1] < below[0] for above, below in itertools.pairwise(fields)), panel
            tab.keep(f"phone-{panel}")
    finally:
        tab.page.set_viewport_size({"width": 1366, "height": 768})


def test_a_network_without_a_steady_state_says_so(tab):
    before = tab.number("Π")
    tab.put("network.probe_rate", 0)
    middle = tab.number("Π")
    tab.put("network.rate", 0)
    expect(tab.page.locator("#message")).to_contain_text("no unique steady state")
    assert tab.number("Π") == middle != before


def test_undo_and_redo(tab):
    first = tab.number("Π")
    tab.put("network.length", 8)
    second = tab.number("Π")
    tab.choose("#family", "star")
    assert tab.number("Π") not in (first, second)
    tab.page.click("#undo")
    tab.settle()
    assert tab.number("Π") == second
    tab.page.locator("#tab-profile").focus()
    tab.page.keyboard.press("Control+z")
    tab.settle()
    assert tab.number("Π") == first
    assert tab.box("network.length").input_value() == "20"
    expect(tab.page.locator("#undo")).to_be_disabled()
    tab.page.click("#redo")
    tab.settle()
    assert tab.number("Π") == second


def test_a_saved_spec_loads_back(tab, tmp_path):
    tab.put("network.hopping", 0.45)
    shown = tab.number("Π")
    tab.page.click("#save summary")
    with tab.page.expect_download() as download:
        tab.page.click('[data-save="toml"]')
    path = tmp_path / "saved.toml"
    download.value.save_as(path)
    assert wn.load_spec(path).solve().entropy_production.sum() == pytest.approx(shown, rel=1e-12)
    tab.choose("#family", "ring")
    _load(tab, path)
    assert tab.number("Π") == shown
    assert tab.box("network.hopping").input_value() == "0.45"


def _load(tab, path):
    with tab.page.expect_file_chooser() as chooser:
        tab.page.click("#load")
    chooser.value.set_files(path)
    tab.page.wait_for_timeout(150)
    tab.settle()


def test_what_cannot_be_loaded_says_why(tab, tmp_path):
    shown = tab.number("Π")
    files = {
        "long.toml": (b"#" * (2**20 + 1), "1048577 bytes, more than the 1048576"),
        "latin.toml": (b"title = '\xe9'\n", "is not UTF-8 text"),
        "wrong.toml": (b"[network]\nmodel = 'chain'\nlenght = 3\n", "`length`"),
        "files.toml": (b"[network]\nmatrix = 'secret.npy'\n", "a page reads no files"),
    }
    for name, (content, words) in files.items():
        (tmp_path / name).write_bytes(content)
        _load(tab, tmp_path / name)
        expect(tab.page.locator("#message")).to_contain_text(words)
        assert tab.number("Π") == shown


def test_files_of_every_kind_are_saved(tab):
    for kind in ("python", "netcdf", "csv", "png", "svg", "pdf", "network-svg"):
        tab.page.click("#save summary")
        with tab.page.expect_download() as download:
            tab.page.click(f'[data-save="{kind}"]')
        assert Path(download.value.path()).stat().st_size > 100
        expect(tab.page.locator("#said")).to_contain_text(download.value.suggested_filename)


def test_a_link_restores_the_view_and_tabs_share_nothing(tab, address):
    tab.put("network.length", 9)
    tab.panel("wigner")
    tab.choose("#mode", "4")
    tab.page.click("#theme")
    tab.settle()
    other = Tab(tab.page.context.new_page(), address).open(tab.page.url)
    assert other.number("Π") == tab.number("Π")
    assert (other.view().panel, other.view().mode, other.view().theme) == ("wigner", 4, "dark")
    other.keep("dark")
    shown = tab.number("Π")
    other.put("network.hopping", 0.7)
    assert other.number("Π") != shown
    assert tab.number("Π") == shown
    assert tab.box("network.hopping").input_value() == "0.3"
    fresh = Tab(tab.page.context.new_page(), address).open(address)
    assert fresh.box("network.length").input_value() == "20"
    for opened in (other, fresh):
        assert opened.complaints == opened.outside == []


def test_a_click_chooses_a_node_whose_numbers_then_change(tab):
    tab.page.wait_for_timeout(300)
    place = tab.page.evaluate(
        """() => { const at = explorer.drawn().getElementById("n3").renderedPosition();
                   const box = document.getElementById("drawing").getBoundingClientRect();
                   return { x: at.x + box.x, y: at.y + box.y }; }"""
    )
    tab.page.mouse.move(place["x"], place["y"])
    expect(tab.page.locator("#tip")).to_contain_text("occupation 1.3006")
    tab.keep("hover")
    tab.page.mouse.click(place["x"], place["y"])
    tab.settle()
    expect(tab.page.locator("#element")).to_have_value("n3")
    tab.put("~network.nodes[3].frequency", 0.5)
    frequencies = [0.5 if node == 3 else 0.0 for node in range(20)]
    chain = wn.models.chain(20, hopping=0.3, rate=1.0, occupations=(1, 2), probe_rate=0.1, frequency=frequencies)
    assert tab.number("Π") == pytest.approx(_production(chain), rel=1e-12)
    expect(tab.page.locator("#tip")).to_contain_text(f"occupation {wn.steady_state(chain).occupations[3]:.8g}")
    tab.page.mouse.move(5, 5)
    expect(tab.page.locator("#tip")).to_be_hidden()
    tab.put("network.nodes[3].frequency", 0.25)  # and what has changed while the pointer was elsewhere
    expect(tab.page.locator("#tip")).to_be_hidden()
    tab.page.mouse.move(place["x"], place["y"])
    told = wn.steady_state(tab.network()).occupations[3]
    expect(tab.page.locator("#tip")).to_contain_text(f"occupation {told:.8g}")
    tab.put("network.nodes[3].frequency", 0.5)
    tab.keep("element")


def test_nodes_links_and_baths_are_added_and_removed(tab):
    tab.choose("#family", "against")
    tab.choose("#element", "n2")
    tab.page.get_by_text("Add a linked node").click()
    tab.settle()
    tab.choose("#element", "n3")
    tab.page.get_by_label("Add a bath").select_option("squeezed")
    tab.settle()
    assert isinstance(tab.network().baths[-1], wn.SqueezedBath)
    tab.page.get_by_label("Link to").select_option("0")
    tab.settle()
    assert tab.network().hamiltonian[0, 3] == 0.5
    tab.page.get_by_label("Kind").select_option("probe")
    tab.settle()
    assert tab.network().probes == (3,)
    assert tab.number("Π") == pytest.approx(_production(tab.network()), rel=1e-10)
    tab.choose("#element", "n0")
    tab.page.get_by_text("Remove the node").click()
    tab.settle()
    assert tab.network().labels == ("b", "c", "3")
    assert tab.number("Π") == pytest.approx(_production(tab.network()), rel=1e-10)


def test_relaxation_starts_where_it_is_told(tab):
    tab.choose("#family", "star")
    tab.panel("relaxation")
    tab.choose("#start", "thermal")
    tab.page.fill("#strength", "2.5")
    tab.page.press("#strength", "Enter")
    tab.settle()
    assert (tab.view().start, tab.view().strength) == ("thermal", 2.5)
    first = tab.page.evaluate('document.querySelector("#figure .js-plotly-plot").data[0].y[0]')
    assert first == pytest.approx(2.5, abs=0.1)
    tab.page.click("#theme")
    tab.choose("#start", "vacuum")
    tab.keep("relaxation")


def test_large_networks_show_progress_and_can_be_stopped(tab):
    tab.choose("#family", "random")
    shown = tab.number("Π")
    tab.box("network.n_modes").fill("1300")
    tab.box("network.n_modes").press("Enter")
    expect(tab.page.locator("#message progress")).to_be_visible()
    expect(tab.page.locator("#message")).to_contain_text(re.compile("1300 nodes, about .*: working for"), timeout=30000)
    tab.page.click("#tab-source")  # the page does not freeze
    expect(tab.page.locator("#tab-source")).to_have_attribute("aria-selected", "true")
    tab.keep("progress")
    tab.page.click("#message button")
    expect(tab.page.locator("#message")).to_contain_text("Stopped")
    assert tab.number("Π") == shown
    tab.choose("#family", "chain")
    tab.put("network.length", 70)
    expect(tab.page.locator("#message")).to_be_hidden(timeout=30000)
    chain = wn.models.chain(70, hopping=0.3, rate=1.0, occupations=(1, 2), probe_rate=0.1)
    assert tab.number("Π") == pytest.approx(_production(chain), rel=1e-10)


STEPS = """async (count) => {
  const slider = document.querySelector('.field[data-place="network.hopping"] input[type=range]');
  const chart = document.querySelector("#figure .js-plotly-plot");
  const times = [];
  for (let k = 0; k < count; k += 1) {
    const begin = performance.now();
    const drawn = new Promise((done) => chart.once("plotly_afterplot", () => requestAnimationFrame(() => requestAnimationFrame(done))));
    slider.value = Number(slider.value) + (k % 2 ? 3 : -2);
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    await drawn;
    times.push(performance.now() - begin);
    await new Promise((rest) => setTimeout(rest, 20));
  }
  return times;
}"""


def _slowdown():
    """How much longer than its own time a piece of work takes: other work on the machine slows the page down as well."""
    wall, own = time.perf_counter(), time.process_time()
    while time.process_time() - own < 0.3:
        pass
    return (time.perf_counter() - wall) / (time.process_time() - own)


def test_a_step_of_a_slider_is_on_the_screen_soon(tab):
    tab.put("network.length", 50)
    tab.page.wait_for_timeout(500)
    before = _slowdown()
    times = tab.page.evaluate(STEPS, 25)
    slowdown = max(before, _slowdown())
    median, worst = statistics.median(times), max(times)
    print(
        f"a slider step at L = 50: median {median:.0f} ms, worst {worst:.0f} ms; the machine is {slowdown:.1f} times busy"
    )

    assert median < 150 * slowdown


def test_the_saved_spec_is_shown_as_it_is(tab):
    tab.panel("source")
    text = tab.page.locator('pre[data-title="Spec, for wignerness solve"]').inner_text()
    assert tomllib.loads(text)["network"]["model"] == "chain"
