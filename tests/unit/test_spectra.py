"""Spectral densities: shapes, Lamb shifts in closed form against other routes, baths that carry them."""

from __future__ import annotations

import math
import pickle

import mpmath
import numpy as np
import pytest

import wignerness as wn
from wignerness.bath import bose_einstein
from wignerness.errors import FileFormatError, InvalidNetworkError
from wignerness.io.bath_json import bath_from_json, bath_to_json
from wignerness.io.spec import RunSpec, parse_spec
from wignerness.spectra import Custom, Flat, Lorentzian, Ohmic, Spectrum, as_spectrum, principal_value


def _name(spectrum):
    return "Custom" if isinstance(spectrum, Custom) else repr(spectrum)


SPECTRA = [
    Flat(),
    Ohmic(3.0),
    Ohmic(3.0, exponent=0.5),
    Ohmic(3.0, exponent=1.5),
    Ohmic(3.0, sharp=True),
    Ohmic(3.0, exponent=3.0, sharp=True),
    Lorentzian(1.0, 0.2),
    Custom(lambda omega: omega**2 * np.exp(-omega)),
]


@pytest.mark.parametrize("spectrum", SPECTRA, ids=_name)
def test_every_spectrum_has_the_face_of_one(spectrum):
    assert isinstance(spectrum, Spectrum)
    low, high = spectrum.support
    assert low < high
    assert list(spectrum.breakpoints) == sorted(spectrum.breakpoints)
    shape = spectrum(np.array([[-1.0, 0.0, 0.5], [2.0, 5.0, 1e9]]))
    assert shape.shape == (2, 3)
    assert shape.dtype == np.float64
    assert (shape >= 0).all()
    if low == 0.0:
        assert not shape[0, :2].any()
    assert spectrum.lamb_shift([0.5, 2.0]).shape == (2,)
    assert isinstance(spectrum, Custom) or pickle.loads(pickle.dumps(spectrum)) == spectrum


def test_shapes():
    omega = np.array([0.3, 1.0, 4.0])
    np.testing.assert_allclose(Ohmic(2.0)(omega), (omega / 2) / (1 + omega**2 / 4), rtol=1e-15)
    np.testing.assert_allclose(Ohmic(2.0, exponent=1.5)(omega), (omega / 2) ** 1.5 / (1 + omega**2 / 4), rtol=1e-15)
    assert Ohmic(2.0, exponent=3.0, sharp=True)(omega).tolist() == [(0.15) ** 3, 0.125, 0.0]
    assert Lorentzian(1.0, 0.5)([0.75, 1.0, 1.25]).tolist() == [0.5, 1.0, 0.5]


def test_shapes_do_not_overflow():
    assert Ohmic(1.0)(1e200) == pytest.approx(1e-200, rel=1e-14)
    assert Ohmic(1e-200, exponent=0.5)(1e200) == 0.0
    assert Lorentzian(0.0, 1e-200)(1e200) == 0.0
    assert Lorentzian(0.0, 1.0).lamb_shift(1e200) == pytest.approx(0.25e-200, rel=1e-14)


# --- Lamb shifts -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "spectrum",
    [
        Ohmic(3.0),
        Ohmic(3.0, exponent=1 + 1e-7),
        Ohmic(3.0, exponent=0.5),
        Ohmic(3.0, exponent=1.5),
        Ohmic(3.0, sharp=True),
        Lorentzian(1.0, 0.2),
    ],
    ids=repr,
)
def test_closed_lamb_shifts_are_principal_values(spectrum):
    omega = np.array([-7.0, -0.5, 0.3, 1.0, 2.9, 3.1, 50.0])
    np.testing.assert_allclose(spectrum.lamb_shift(omega), principal_value(spectrum, omega), rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize("exponent", [0.05, 0.7, 1.0, 1.3, 1.9])
@pytest.mark.parametrize("x", ["-2.5", "0.4", "3"])
def test_drude_shift_against_mpmath(exponent, x):
    """With the singular part taken off, P int dt / ((w - t)(1 + t^2)) = (ln w + w pi/2)/(1 + w^2), and t = e^u."""
    s, w = mpmath.mpf(exponent), mpmath.mpf(x)
    known = w**s * (mpmath.log(w) + w * mpmath.pi / 2) / (1 + w**2) if w > 0 else 0
    off = w**s if w > 0 else 0

    def integrand(u):
        t = mpmath.exp(u)
        return t * (t**s - off) / (w - t) / (1 + t**2)

    near = mpmath.log(abs(w))
    regular = mpmath.quad(integrand, [-800, -100, -20, near - 1, near, near + 1, 20, 100, 600])
    assert Ohmic(1.0, exponent=exponent).lamb_shift(float(x)) == pytest.approx(
        float((regular + known) / (2 * mpmath.pi)), rel=1e-9
    )


def test_drude_shift_is_smooth_at_the_ohmic_exponent():
    omega = np.array([-2.0, 0.0, 0.3, 5.0])
    ohmic = Ohmic(1.0).lamb_shift(omega)
    for step in (1e-15, -1e-12, 1e-9):
        np.testing.assert_allclose(
            Ohmic(1.0, exponent=1.0 + step).lamb_shift(omega), ohmic, rtol=20 * abs(step) + 1e-13
        )


def test_a_lorentzian_is_the_bath_of_a_damped_mode():
    """J/2 and the shift are the parts of g^2/(omega - omega_c + i w/2)."""
    resonance, coupling = Lorentzian(1.0, 0.3), 0.05
    omega = np.linspace(-3, 3, 13)
    self_energy = coupling**2 / (omega - 1.0 + 0.15j)
    scale = 4 * coupling**2 / 0.3
    np.testing.assert_allclose(scale * resonance.lamb_shift(omega), self_energy.real, rtol=1e-14, atol=1e-18)
    np.testing.assert_allclose(-scale * resonance(omega) / 2, self_energy.imag, rtol=1e-14)


@pytest.mark.parametrize("cutoff", [1.0, 3.0])
def test_exponential_cutoffs_have_a_shift(cutoff):
    """Structure at every scale in 1/omega, and no weight there: as quick as any other."""
    spectrum = Custom(lambda w: w * np.exp(-w / cutoff))
    x = mpmath.mpf("0.7")
    with mpmath.workdps(20):
        # t/(x - t) = -1 + x/(x - t), and P int exp(-t)/(x - t) dt = exp(-x) Ei(x)
        exact = -1 + x * mpmath.exp(-x) * mpmath.ei(x)
    shift = spectrum.lamb_shift(0.7 * cutoff)
    assert shift == pytest.approx(float(cutoff * exact / (2 * mpmath.pi)), rel=1e-9)


def test_lamb_shifts_that_do_not_exist_are_refused():
    with pytest.raises(InvalidNetworkError, match="sharp cutoff"):
        Ohmic(1.0, sharp=True).lamb_shift(1.0)
    with pytest.raises(InvalidNetworkError, match="be continuous where its Lamb shift is asked"):
        Ohmic(1.0, exponent=2.0, sharp=True).lamb_shift(1.0)
    with pytest.raises(InvalidNetworkError, match="have a finite Lamb shift"):
        Custom(lambda omega: np.ones_like(omega)).lamb_shift(1.0)
    with pytest.raises(InvalidNetworkError, match="structure everywhere"):
        Custom(lambda omega: np.sin(1 / omega) ** 2, support=(0, 3)).lamb_shift(1.0)


def test_principal_value_at_a_kink_and_on_a_peak():
    tent = Custom(lambda omega: np.maximum(1 - abs(omega - 1), 0), breakpoints=[0, 1, 2], support=(0, 2))
    # antisymmetric about the peak
    assert tent.lamb_shift(1.0) == pytest.approx(0.0, abs=1e-12)
    assert Lorentzian(1.0, 0.2).lamb_shift(1.0) == 0.0
    assert principal_value(Lorentzian(1.0, 0.2), 1.0) == pytest.approx(0.0, abs=1e-9)


# --- what is refused ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Ohmic(0.0), "`cutoff` must be positive, but is 0.0"),
        (lambda: Ohmic(1.0, exponent=-1.0), "`exponent` must be positive, but is -1.0"),
        (lambda: Ohmic(1.0, exponent=2.0), "`exponent` must be below 2 for the Drude form"),
        (lambda: Ohmic(1.0, sharp="yes"), "`sharp` must be True or False, but is 'yes'"),
        (lambda: Lorentzian(math.nan, 1.0), "`center` must be finite"),
        (lambda: Lorentzian(1.0, 0.0), "`width` must be positive"),
        (lambda: Custom(3.0), "`function` must be callable, but is 3.0"),
        (lambda: Custom(np.abs, support=(1.0, 0.0)), "`support` must be a pair (lowest, highest)"),
        (lambda: Custom(np.abs, breakpoints=[math.inf]), "`breakpoints` must be finite"),
        (lambda: Custom(math.sqrt)([1.0, 2.0]), "take an array of frequencies"),
        (lambda: Custom(lambda w: -w)([1.0, 2.0]), "be finite and non-negative, but is -1 at 1"),
        (lambda: Custom(lambda w: w[:1])([1.0, 2.0]), "return one number a frequency"),
        (lambda: as_spectrum("ohmic"), "`spectrum` must be a spectrum such as spectra.Ohmic(10.0)"),
        (lambda: as_spectrum(Ohmic), "`spectrum` must be a spectrum such as spectra.Ohmic(10.0)"),
    ],
)
def test_refusals(make, message):
    with pytest.raises(InvalidNetworkError) as caught:
        make()
    assert message in str(caught.value)


# --- baths that carry them -----------------------------------------------------------------------------


@pytest.mark.parametrize("spectrum", SPECTRA, ids=_name)
def test_the_rate_holds_at_the_reference_frequency(spectrum):
    bath = wn.ThermalBath.at_temperature(0, 0.1, 0.7, 1.3, spectrum=spectrum)
    assert bath.damping(1.3) == pytest.approx(0.1, rel=1e-15)
    assert bath.occupation_at(1.3) == pytest.approx(bath.occupation, rel=1e-15)
    omega = np.array([0.4, 2.0])
    np.testing.assert_allclose(bath.damping(omega), 0.1 * spectrum(omega) / spectrum(1.3), rtol=1e-15)
    np.testing.assert_allclose(bath.lamb_shift(omega), 0.1 * spectrum.lamb_shift(omega) / spectrum(1.3), rtol=1e-15)


def test_occupations_at_other_frequencies():
    omega = np.array([1e-12, 0.1, 1.0, 699.0, 701.0, 1e9])
    found = wn.ThermalBath.at_temperature(0, 0.1, 1.0, 1.0).occupation_at(omega)
    np.testing.assert_allclose(found, [bose_einstein(1.0, w) for w in omega], rtol=5e-16)
    assert wn.ThermalBath(0, 0.1, 1.5).occupation_at([-1.0, 0.0, 1.0]).tolist() == [1.5] * 3
    assert wn.ThermalBath.at_temperature(0, 0.1, 0.0, 1.0).occupation_at([-1.0, 1.0]).tolist() == [0.0, 0.0]
    with pytest.raises(InvalidNetworkError, match="`omega` must be positive where a bath has a temperature"):
        wn.ThermalBath.at_temperature(0, 0.1, 1.0, 1.0).occupation_at([1.0, -0.5])


def test_a_bath_of_a_temperature_has_it_at_every_frequency():
    bath = wn.ThermalBath.at_temperature(0, 0.1, 0.7, 1.3)
    assert (bath.bath_temperature, bath.frequency, bath.spectrum) == (0.7, 1.3, None)
    assert bath.temperature(1.3) == bath.temperature(2.6) == 0.7


def test_white_baths():
    assert wn.ThermalBath(0, 0.1, 1.0).is_white
    assert wn.ThermalBath(0, 0.1, 1.0, spectrum=Flat()).is_white
    assert not wn.ThermalBath.at_temperature(0, 0.1, 1.0, 1.0).is_white
    assert not wn.ThermalBath(0, 0.1, 1.0, frequency=1.0, spectrum=Ohmic(1.0)).is_white


def test_printing_gives_the_bath_back():
    names = {"ThermalBath": wn.ThermalBath, "Ohmic": Ohmic, "Flat": Flat, "Lorentzian": Lorentzian}
    for bath in (
        wn.ThermalBath(0, 0.1, 1.5, frequency=2.0),
        wn.ThermalBath(0, 0.1, 1.5, frequency=2.0, spectrum=Lorentzian(1.0, 0.1)),
        wn.ThermalBath.at_temperature(0, 0.1, 0.7, 1.3, spectrum=Ohmic(5.0, exponent=0.5), name="hot"),
    ):
        assert eval(repr(bath), names) == bath
        assert hash(eval(repr(bath), names)) == hash(bath)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"bath_temperature": 1.0}, "`frequency` must be given with a temperature"),
        ({"bath_temperature": 1.0, "frequency": 1.0}, "`occupation` must be that of the temperature"),
        ({"bath_temperature": -1.0, "frequency": 1.0}, "`bath_temperature` must be non-negative"),
        ({"frequency": 0.0}, "`frequency` must be positive"),
        ({"spectrum": Ohmic(1.0)}, "`frequency` must be given with a spectrum"),
        ({"spectrum": Ohmic(1.0, sharp=True), "frequency": 2.0}, "positive at the reference frequency 2, but is 0.0"),
        ({"spectrum": 3.0, "frequency": 2.0}, "`spectrum` must be a spectrum"),
    ],
)
def test_baths_that_cannot_be(fields, message):
    with pytest.raises(InvalidNetworkError) as caught:
        wn.ThermalBath(0, 0.1, 0.25, **fields)
    assert message in str(caught.value)


def test_the_local_equation_does_not_ask_for_a_spectrum():
    """To the last bit."""
    hamiltonian = [[1.0, 0.2, 0.0], [0.2, 1.1, 0.3j], [0.0, -0.3j, 0.9]]
    numbers = [(0, 0.1, 0.7, 1.0), (2, 0.3, 0.2, 0.9)]
    plain = [wn.ThermalBath(k, rate, bose_einstein(t, w)) for k, rate, t, w in numbers]
    expected = wn.steady_state(wn.Network(hamiltonian, plain))
    for spectrum in (None, Flat(), Ohmic(3.0), lambda omega: 1 + omega):
        baths = [wn.ThermalBath.at_temperature(k, rate, t, w, spectrum=spectrum) for k, rate, t, w in numbers]
        found = wn.steady_state(wn.Network(hamiltonian, baths))
        for name in ("occupations", "currents", "entropy_production", "entropy_flux", "heat_currents"):
            assert (getattr(found, name) == getattr(expected, name)).all()


# --- in files ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "bath",
    [
        wn.ThermalBath.at_temperature(0, 0.1, 0.7, 1.3),
        wn.ThermalBath.at_temperature(0, 0.1, 0.7, 1.3, spectrum=Ohmic(5.0, exponent=0.5), name="hot"),
        wn.ThermalBath(0, 0.1, 1.5, frequency=2.0, spectrum=Lorentzian(1.0, 0.1)),
        wn.ThermalBath.at_temperature(0, 0.1, 0.0, 2.0, spectrum=Ohmic(3.0, exponent=3.0, sharp=True)),
        wn.ThermalBath.at_temperature(0, 0.1, 0.1, 2.0, spectrum=Flat()),
    ],
    ids=repr,
)
def test_baths_survive_files(bath):
    assert bath_from_json(bath_to_json(bath)) == bath
    network = wn.Network([[1.0]], [bath])
    assert parse_spec(RunSpec(network).to_toml()).network.baths == (bath,)


def test_functions_do_not_go_into_files():
    bath = wn.ThermalBath(0, 0.1, 1.5, frequency=2.0, spectrum=np.sqrt)
    with pytest.raises(FileFormatError, match="a file cannot hold the spectrum"):
        bath_to_json(bath)
    with pytest.raises(FileFormatError, match="there is no spectrum of the form"):
        bath_from_json('{"kind": "thermal", "mode": 0, "rate": 1, "occupation": 1, "spectrum": {"kind": "pink"}}')


SPEC = """
[[network.nodes]]
label = "a"
frequency = 1.0

[[baths]]
node = "a"
rate = 0.1
"""


def test_spectra_in_specs():
    (bath,) = parse_spec(SPEC + 'temperature = 0.5\nspectrum = {kind = "ohmic", cutoff = 10.0}\n').network.baths
    assert bath == wn.ThermalBath.at_temperature(0, 0.1, 0.5, 1.0, spectrum=Ohmic(10.0))
    text = 'occupation = 2.0\nfrequency = 1.5\nspectrum = {kind = "lorentzian", center = 1.0, width = 0.5}\n'
    (bath,) = parse_spec(SPEC + text).network.baths
    assert bath == wn.ThermalBath(0, 0.1, 2.0, frequency=1.5, spectrum=Lorentzian(1.0, 0.5))
    assert parse_spec(SPEC + "occupation = 2.0\n").network.baths == (wn.ThermalBath(0, 0.1, 2.0),)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ('temperature = 0.5\nspectrum = {kind = "ohmic"}', "baths[0].spectrum.cutoff: is missing"),
        (
            'temperature = 0.5\nspectrum = {kind = "flat", width = 1.0}',
            "does not belong to a spectrum of the kind `flat`",
        ),
        ('temperature = 0.5\nspectrum = {kind = "pink"}', "baths[0].spectrum.kind"),
        ("occupation = 0.5\nfrequency = 2.0", "belongs to a `temperature`, and there is none"),
        ('temperature = 0.5\nspectrum = {kind = "ohmic", cutoff = 0.5, sharp = true}', "reference frequency"),
        ('kind = "probe"\nspectrum = {kind = "flat"}', "does not belong to a bath of the kind `probe`"),
    ],
)
def test_faulty_spectra_in_specs(lines, message):
    with pytest.raises(wn.errors.SpecError) as caught:
        parse_spec(SPEC + lines + "\n")
    assert message in str(caught.value)


@pytest.mark.parametrize("exponent", [0.05, 0.5, 0.7, 2.0, 3.3])
def test_lamb_shift_of_powers_at_zero_frequency(exponent):
    """Where a power begins is no edge: the integral is that of t^(s - 1)."""
    found = Ohmic(15.0, exponent=exponent, sharp=True).lamb_shift([0.0, 1.0])
    assert found[0] == pytest.approx(-1 / (2 * np.pi * exponent), rel=1e-14)
    assert found[1] == Ohmic(15.0, exponent=exponent, sharp=True).lamb_shift(1.0)


def test_lamb_shift_at_an_edge_exists_where_the_spectrum_is_continuous():
    assert Custom(lambda w: w * np.exp(-w)).lamb_shift(0.0) == pytest.approx(-1 / (2 * np.pi), rel=1e-13)
    with pytest.raises(InvalidNetworkError, match=r"continuous .* edge at 0\.5"):
        Custom(lambda w: np.where(w > 0.5, np.exp(-w), 0.0), breakpoints=[0.5]).lamb_shift(0.5)
