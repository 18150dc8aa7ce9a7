"""The audit: what it finds, what it recommends, what it refuses to decide."""

from __future__ import annotations

import html.parser
import json
import re

import numpy as np
import pytest

import wignerness as wn
from wignerness import theories, validity
from wignerness.validity.scales import memory_time

OHMIC = wn.spectra.Ohmic(10.0)


def pair(frequencies=(1.0, 1.0), hopping=0.002, rate=0.02, temperatures=(0.5, 0.25), spectrum=None, names=(None, None)):
    baths = [
        wn.ThermalBath.at_temperature(k, rate, t, frequency=w, spectrum=spectrum, name=name)
        for k, (t, w, name) in enumerate(zip(temperatures, frequencies, names, strict=True))
    ]
    return wn.Network([[frequencies[0], hopping], [hopping, frequencies[1]]], baths)


DETUNED = {"frequencies": (1.0, 0.4), "temperatures": (1.0, 0.6), "hopping": 0.01}


def verdicts(audit):
    return {check.name: check.verdict for check in audit.checks}


def error_of(audit, theory):
    return next(errors for errors in audit.errors if errors.theory == theory)


# --- numbers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("hopping", "error"), [(0.002, 2.3e-5), (0.1, 2.19e-3)])
def test_resonant_oscillators_are_trusted_with_the_error_that_the_known_currents_have(hopping, error):
    audit = wn.audit(pair(hopping=hopping))
    assert audit.trust
    assert audit.recommended == theories.Local()
    assert audit.errors[0].heat_currents == pytest.approx(error, rel=0.02)
    assert "But do not trust small occupations" in audit.verdict


@pytest.mark.parametrize("hopping", [1e-6, 1e-8, 1e-10])
def test_heat_the_wrong_way_is_not_hidden_by_rounding_however_small_it_is(hopping):
    audit = wn.audit(pair(**{**DETUNED, "hopping": hopping}))
    assert not audit.trust
    assert verdicts(audit)["heat currents"] == ("fail" if hopping > 1e-7 else "undecided")


def test_a_weakly_damped_node_is_not_blurred_by_a_strongly_damped_one():
    """The local current is off by tens of percents, and is smaller than the rounding at the other bath would be."""
    baths = [
        wn.ThermalBath.at_temperature(0, 0.1, 100.0, frequency=1.0),
        wn.ThermalBath.at_temperature(1, 1e-6, 0.0, frequency=0.4),
    ]
    audit = wn.audit(wn.Network([[1.0, 1e-8], [1e-8, 0.4]], baths))
    local, exact = audit.comparison.accounts[0].heat_currents[1], audit.comparison.accounts[-1].heat_currents[1]
    assert abs(local - exact) > 0.1 * exact
    assert abs(local - exact) < 0.1 * 1e-13 * 100
    assert verdicts(audit)["heat currents"] == "fail"


@pytest.mark.parametrize("spectrum", [None, OHMIC])
def test_the_detuned_pair_that_breaks_the_second_law_is_caught(spectrum):
    audit = wn.audit(pair(**DETUNED, spectrum=spectrum))
    assert not audit.trust
    assert not audit.is_undecided
    found = verdicts(audit)
    failed = {name for name, verdict in found.items() if verdict == "fail"}
    assert failed == {"number currents", "heat currents", "direction of heat", "second law"}
    assert found["occupations"] == "pass"  # the state is right, and what flows is wrong
    assert audit.recommended == theories.Global()
    assert audit.errors[0].faults == ("breaks the second law", "heat flows the wrong way")
    assert error_of(audit, theories.Global()).faults == ()
    assert "second law" in audit.verdict
    assert "Use Global()" in audit.verdict


def test_errors_of_the_detuned_pair_are_those_of_the_known_currents():
    audit = wn.audit(pair(**DETUNED))
    local, exact = -5.2458e-6, 7.4678e-6
    assert audit.errors[0].bath_currents == pytest.approx((exact - local) / exact, rel=0.02)
    assert audit.errors[0].clausius == pytest.approx(3.67206e-6 * (1 / 1.0 - 1 / 0.6), rel=1e-5)
    assert error_of(audit, theories.Global()).bath_currents < 0.02


def test_the_local_equation_breaks_the_second_law_where_levy_and_kosloff_say():
    # heat flows from cold to hot if the hot node has the larger ratio of frequency and temperature
    for cold, expected in ((0.59, True), (0.61, False)):
        audit = wn.audit(pair(frequencies=(1.0, cold), temperatures=(1.0, 0.6), hopping=0.01))
        assert (verdicts(audit)["second law"] == "fail") == expected


def test_heat_between_baths_of_one_temperature_is_caught_although_the_second_law_holds():
    audit = wn.audit(pair(frequencies=(1.0, 0.4), temperatures=(0.6, 0.6), hopping=0.01))
    found = verdicts(audit)
    assert (found["second law"], found["direction of heat"], found["heat currents"]) == ("pass", "fail", "fail")
    assert np.isinf(audit.errors[0].heat_currents)
    assert error_of(audit, theories.Global()).heat_currents == 0.0
    assert audit.recommended == theories.Global()


def test_equilibrium_on_resonance_is_trusted_to_rounding():
    audit = wn.audit(pair(temperatures=(0.6, 0.6), hopping=0.01))
    assert audit.trust
    assert audit.errors[0].bath_currents == 0.0


def test_strong_hopping_is_not_trusted_and_the_tolerance_decides():
    network = pair(hopping=0.3)
    strict, lenient = wn.audit(network), wn.audit(network, tolerance=0.25)
    assert (strict.trust, strict.recommended) == (False, theories.Global())
    assert (lenient.trust, lenient.recommended) == (True, theories.Local())
    exact = wn.audit(network, tolerance=1e-6)
    assert isinstance(exact.recommended, theories.Exact)
    assert "no cheaper theory" in exact.verdict


def test_a_fully_secular_global_equation_is_not_recommended_for_weak_hopping():
    secular = theories.Global(secular_width=0.0)
    audit = wn.audit(pair(), theories=[secular])
    assert verdicts(audit)["damping / level spacing"] == "warn"
    assert error_of(audit, secular).heat_currents == pytest.approx(1.37860e-3 / 5.30244e-5 - 1, rel=1e-3)


# --- what is compared with what -----------------------------------------------------------------------------


def test_scales_are_what_they_are_called():
    audit = wn.audit(pair(frequencies=(1.0, 0.8), hopping=0.05, rate=0.02, temperatures=(1.0, 0.5)))
    found = {check.name: check.value for check in audit.checks}
    levels = np.linalg.eigvalsh([[1.0, 0.05], [0.05, 0.8]])
    occupation = 1 / np.expm1(levels[1] / 0.5), 1 / np.expm1(0.8 / 0.5)
    assert found["positive frequencies"] == pytest.approx(levels[0])
    assert found["damping / frequency"] == pytest.approx(0.02 / 0.8)
    assert found["hopping / frequency"] == pytest.approx(0.05 / 0.8)
    assert found["hopping / detuning, damping"] == pytest.approx(0.05 / 0.2)
    assert found["damping / level spacing"] == pytest.approx(0.02 / (levels[1] - levels[0]))
    assert found["memory / damping time"] == pytest.approx(0.02 / (2 * np.pi * 0.5))
    assert found["occupation across the levels"] == pytest.approx(1 - occupation[0] / occupation[1])
    assert found["damping across the levels"] == 0.0


@pytest.mark.parametrize(
    ("spectrum", "expected"),
    [(wn.spectra.Ohmic(0.5), 2.0), (wn.spectra.Lorentzian(1.0, 0.1), 20.0), (wn.spectra.Flat(), 1 / (4 * np.pi))],
)
def test_memory_of_a_bath_is_the_longer_of_its_times(spectrum, expected):
    bath = wn.ThermalBath.at_temperature(0, 0.1, 2.0, 1.0, spectrum=spectrum)
    assert memory_time(bath) == pytest.approx(expected)


def test_a_bath_with_structure_strains_the_assumptions():
    audit = wn.audit(pair(hopping=0.05, rate=0.01, spectrum=wn.spectra.Lorentzian(1.0, 0.05)))
    found = verdicts(audit)
    assert (found["memory / damping time"], found["damping across the levels"]) == ("warn", "warn")
    assert not audit.trust


def test_strong_damping_is_beyond_the_rotating_wave_form():
    flat, ohmic = (wn.audit(pair(rate=0.5, hopping=0.02, spectrum=spectrum)) for spectrum in (None, OHMIC))
    assert not flat.trust
    assert flat.recommended is None
    assert not ohmic.trust
    assert ohmic.recommended == theories.Exact(counter_rotating=True)
    assert "counter_rotating" in ohmic.verdict


def test_what_the_rotating_wave_form_drops_is_part_of_the_verdict():
    audit = wn.audit(pair(rate=0.1, spectrum=OHMIC))
    check = next(check for check in audit.checks if check.name == "counter-rotating terms")
    assert (audit.trust, check.verdict) == (True, "warn")
    assert check.explanation in audit.verdict


def test_a_network_without_a_ground_state_is_not_trusted():
    audit = wn.audit(pair(hopping=1.2))
    assert (audit.trust, audit.is_undecided, audit.recommended) == (False, False, None)
    assert "-0.2" in audit.verdict


# --- which baths are meant ----------------------------------------------------------------------------------


def test_occupations_mean_temperatures_at_the_frequencies_of_the_nodes():
    given = pair(**DETUNED)
    plain = given.replace(baths=[wn.ThermalBath(b.mode, b.rate, b.occupation) for b in given.baths])
    audit = wn.audit(plain)
    assert [b.bath_temperature for b in audit.network.baths] == pytest.approx([1.0, 0.6])
    assert verdicts(audit) == verdicts(wn.audit(given))
    assert any("Baths given by an occupation" in text for text in audit.assumptions)
    assert not wn.audit(given).assumptions[:-1]


def test_the_frequency_of_the_rotating_frame_makes_the_papers_chain_decidable():
    chain = wn.models.chain(6, hopping=3e-7, rate=1e-6, occupations=(1, 2), probe_rate=1e-7)
    without, within = wn.audit(chain), wn.audit(chain, frame=1.0)
    assert (without.trust, without.is_undecided, without.errors) == (False, True, ())
    assert "frame=" in without.verdict
    assert within.trust
    assert within.errors[0].largest < 1e-6
    assert any("Probes" in text for text in within.assumptions)


def test_what_held_probes_exchange_by_other_theories_has_no_direction():
    chain = wn.models.chain(12, hopping=0.15, rate=0.05, occupations=(0.1, 2), probe_rate=0.01, frequency=1.0)
    audit = wn.audit(chain)
    heat = np.array([account.heat_currents for account in audit.comparison.accounts])
    assert (np.sign(heat[1:3]) != np.sign(heat[-1])).any()  # some probes are on the other side of zero
    assert verdicts(audit)["direction of heat"] == "pass"
    assert all(not errors.faults for errors in audit.errors)


def test_a_sparse_network_is_audited_like_a_dense_one():
    from scipy import sparse

    dense = pair(**DETUNED)
    same = dense.replace(hamiltonian=sparse.csr_array(dense.hamiltonian))
    assert wn.audit(same).to_document() == wn.audit(dense).to_document()
    shifted = same.replace(hamiltonian=same.hamiltonian - 0.3 * sparse.eye_array(2))
    assert wn.audit(shifted, frame=0.3).verdict == wn.audit(dense).verdict


WHITE = wn.ThermalBath(0, 0.1, 1.0, spectrum=wn.spectra.Flat())
LINKED = [[1.0, 0.1], [0.1, 1.0]]
UNDECIDED = {
    "white noise by declaration": (LINKED, [WHITE, wn.ThermalBath(1, 0.1, 2.0)], {}, "White noise"),
    "no frequencies": (np.zeros((2, 2)), [wn.ThermalBath(k, 0.1, 1.0) for k in (0, 1)], {}, "frame="),
    "a squeezed bath": (LINKED, [wn.SqueezedBath(0, 0.1, 1.0, 0.5), wn.ThermalBath(1, 0.1, 1.0)], {}, "SqueezedBath"),
    "jumps": (LINKED, [wn.JumpBath([([0.3, 0], [0, 0])]), wn.ThermalBath(1, 0.1, 1.0)], {}, "JumpBath"),
    "dephasing": (LINKED, [wn.Dephasing(0, 0.1), wn.ThermalBath(1, 0.1, 1.0)], {}, "Dephasing"),
    "a drive": (LINKED, [wn.ThermalBath(k, 0.02, 1.0 + k) for k in (0, 1)], {"drive": [0.1, 0.0]}, "drive"),
    "a pump": (LINKED, [wn.ThermalBath(k, 0.1, 1.0) for k in (0, 1)], {"pairing": [[0, 0.01], [0.01, 0]]}, "detunings"),
}  # fmt: skip


@pytest.mark.parametrize("name", UNDECIDED)
def test_what_cannot_be_decided_is_never_trusted(name):
    hamiltonian, baths, extra, word = UNDECIDED[name]
    audit = wn.audit(wn.Network(hamiltonian, baths, **extra))
    assert not audit.trust
    assert audit.is_undecided
    assert audit.recommended is None
    assert word in audit.verdict
    assert "Undecided" in str(audit)
    assert "Undecided" in audit.to_html()


def test_pairing_is_compared_where_the_exact_theory_takes_it():
    baths = [wn.ThermalBath.at_temperature(k, 0.02, 1.0 + k, 1.0, spectrum=OHMIC) for k in (0, 1)]
    audit = wn.audit(wn.Network(LINKED, baths, pairing=[[0.0, 0.02], [0.02, 0.0]]))
    assert audit.errors[0].occupations < 0.05
    assert "pairing" in error_of(audit, theories.Global()).refusal
    assert any("pairing" in text for text in audit.assumptions)


@pytest.mark.parametrize("temperatures", [(0.0, 0.5), (0.0, 0.0)])
def test_baths_at_zero_temperature_are_audited(temperatures):
    audit = wn.audit(pair(temperatures=temperatures))
    assert audit.trust
    assert "second law" in verdicts(audit)


def test_one_mode_and_networks_without_links_are_audited():
    assert wn.audit(wn.Network([[1.0]], [wn.ThermalBath(0, 0.02, 0.5)])).trust
    assert wn.audit(pair(hopping=0.0)).trust


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"tolerance": 0.0}, "tolerance"),
        ({"frame": "lab"}, "frame"),
        ({"theories": [theories.Global]}, "theories"),
        ({"reference": theories.Local()}, "reference"),
    ],
)
def test_wrong_arguments_are_named(arguments, word):
    with pytest.raises(wn.errors.InvalidNetworkError, match=f"`{word}`"):
        wn.audit(pair(), **arguments)


def test_no_network_and_a_frame_with_pairing_are_refused():
    with pytest.raises(wn.errors.InvalidNetworkError, match="`network`"):
        wn.audit([[1.0]])
    with pytest.raises(wn.errors.InvalidNetworkError, match="`frame`"):
        wn.audit(pair().replace(pairing=[[0.0, 0.1], [0.1, 0.0]]), frame=1.0)


def test_a_network_without_a_steady_state_raises_like_the_steady_state_does():
    with pytest.raises(wn.errors.NoUniqueSteadyStateError):
        wn.audit(wn.Network(np.eye(2), [wn.ThermalBath(0, 0.1, 1.0)]))


# --- how it is told -----------------------------------------------------------------------------------------


def test_the_text_has_every_check_every_theory_and_the_verdict():
    audit = wn.audit(pair(**DETUNED))
    text = str(audit)
    assert max(map(len, text.splitlines())) <= 125
    for part in (*(check.name for check in audit.checks), "Local()", "Global()", "Redfield()", audit.headline):
        assert part in text
    assert repr(audit) == "Audit(Network(2 modes, 2 baths: 2 thermal), do not trust)"


def test_the_document_is_json_without_infinities():
    audit = wn.audit(pair(frequencies=(1.0, 0.4), temperatures=(0.6, 0.6), hopping=0.01))
    document = json.loads(json.dumps(audit.to_document(), allow_nan=False))
    assert document["errors"][0]["heat_currents"] is None
    assert document["recommended"] == "Global()"
    assert [check["name"] for check in document["checks"]] == [check.name for check in audit.checks]


class _Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.links, self.text = [], [], []

    def handle_starttag(self, tag, attributes):
        if tag not in ("meta", "img"):
            self.open.append(tag)
        self.links += [value for name, value in attributes if name in ("src", "href")]
        assert tag not in ("script", "link", "iframe")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def test_the_report_is_one_sound_page_that_fetches_nothing_and_escapes_names():
    names = ("<script>alert('hot')</script>", 'cold & "low"')
    page = wn.audit(pair(**DETUNED, names=names)).to_html()
    parsed = _Page()
    parsed.feed(page)
    parsed.close()
    assert parsed.open == []
    assert len(parsed.links) == 3
    assert all(link.startswith("data:image/svg+xml;base64,") for link in parsed.links)
    assert not re.search(r"https?://", page)
    text = "".join(parsed.text)
    assert names[0][:20] in text
    assert "Do not trust" in text


def test_long_tables_of_the_report_are_shortened():
    chain = wn.models.chain(60, hopping=0.02, rate=0.02, occupations=(1, 2), frequency=1.0)
    page = wn.audit(chain, theories=[]).to_html()
    assert "20 more" in page
    assert page.count("<tr>") < 90


def test_the_record_is_exported():
    assert isinstance(wn.audit(pair()), wn.Audit)
    assert wn.audit is validity.audit


KINDS = ("thermal", "occupied", "probe", "squeezed", "jump", "dephasing", "white")


def _any_bath(kind, node, size, rng):
    rate, occupation = 10 ** rng.uniform(-4, 0), rng.exponential()
    match kind:
        case "thermal":
            spectra = (
                None,
                wn.spectra.Ohmic(10 ** rng.uniform(-1, 2)),
                wn.spectra.Lorentzian(1.0, 10 ** rng.uniform(-1, 1)),
            )
            temperature = rng.exponential() * (rng.random() > 0.2)
            return wn.ThermalBath.at_temperature(node, rate, temperature, 1.0, spectrum=spectra[rng.integers(3)])
        case "occupied":
            return wn.ThermalBath(node, rate, occupation)
        case "probe":
            return wn.Probe(node, rate)
        case "squeezed":
            return wn.SqueezedBath.from_squeezing(node, rate, occupation, 0.2)
        case "jump":
            return wn.JumpBath([(0.3 * np.eye(size)[node], np.zeros(size))])
        case "dephasing":
            return wn.Dephasing(node, rate)
    return wn.ThermalBath(node, rate, occupation, spectrum=wn.spectra.Flat())


@pytest.mark.parametrize("kind", KINDS)
def test_networks_of_any_kind_get_a_verdict_that_can_be_told(kind, rng):
    for size in (1, 2, 4):
        links = rng.normal(size=(size, size)) * 10 ** rng.uniform(-3, 0)
        hamiltonian = links + links.T + np.diag(rng.uniform(0.3, 2.0, size) - np.diag(links + links.T))
        baths = [_any_bath("thermal", node, size, rng) for node in range(size)]
        audit = wn.audit(wn.Network(hamiltonian, [*baths, _any_bath(kind, size - 1, size, rng)]))
        assert audit.trust + audit.is_undecided + ("Do not trust" in audit.verdict) == 1
        assert audit.headline in str(audit)
        json.dumps(audit.to_document(), allow_nan=False)
        if kind in ("squeezed", "jump", "dephasing", "white"):
            assert not audit.trust
