"""Networks and covariances to and from QuTiP, networkx and The Walrus."""

from __future__ import annotations

import importlib
import sys

import numpy as np
import pytest
import qutip

import wignerness as wn
from wignerness import io
from wignerness.errors import InvalidNetworkError, InvalidStateError, MissingExtraError, UndefinedQuantityError
from wignerness.io.operators import jumps_of

GENERAL = wn.Network(
    [[1.0, 0.2 + 0.1j], [0.2 - 0.1j, 1.3]],
    [
        wn.ThermalBath(0, 0.3, 0.4),
        wn.SqueezedBath.from_squeezing(1, 0.2, 0.1, 0.4, angle=0.9),
        wn.JumpBath([([0.3, 0.1j], [0, 0.2]), ([0, 0], [0.1, 0.0])]),
        wn.Dephasing(0, 0.05),
    ],
    pairing=[[0.05j, 0.1], [0.1, -0.02]],
    drive=[0.3, 0.1j],
)


def random_state(rng, size=2):
    raw = rng.normal(size=(2 * size, 2 * size))
    xxpp = raw @ raw.T + np.eye(2 * size)
    return io.from_thewalrus(rng.normal(size=2 * size), 2 * xxpp)


def test_operators_are_those_of_the_definition():
    hamiltonian, c_ops = io.to_qutip(GENERAL, (3, 4))
    assert hamiltonian.dims == [[3, 4], [3, 4]]
    assert len(c_ops) == 2 + 2 + 2 + 1
    a = [qutip.tensor(qutip.destroy(3), qutip.qeye(4)), qutip.tensor(qutip.qeye(3), qutip.destroy(4))]
    raising = 0.025j * a[0].dag() ** 2 - 0.01 * a[1].dag() ** 2 + 0.1 * a[0].dag() * a[1].dag()
    raising += 0.3 * a[0].dag() + 0.1j * a[1].dag() + (0.2 + 0.1j) * a[0].dag() * a[1]
    expected = raising + raising.dag() + a[0].dag() * a[0] + 1.3 * a[1].dag() * a[1]
    assert (hamiltonian - expected).norm() < 1e-14
    assert (c_ops[0] - np.sqrt(0.3 * 1.4) * a[0]).norm() < 1e-14
    assert (c_ops[4] - 0.3 * a[0] - 0.1j * a[1] - 0.2 * a[1].dag()).norm() < 1e-14
    assert (c_ops[6] - np.sqrt(0.05) * a[0].dag() * a[0]).norm() < 1e-14


def test_squeezed_bath_as_jumps_is_the_same_channel(rng):
    for _ in range(5):
        thermal, r, angle = rng.uniform(0, 2), rng.uniform(0, 1.5), rng.uniform(0, 2 * np.pi)
        bath = wn.SqueezedBath.from_squeezing(1, 0.7, thermal, r, angle=angle)
        network = wn.Network(np.zeros((2, 2)), [bath])
        jumps = network.replace(baths=[wn.JumpBath(jumps_of(bath, 2))])
        assert jumps.drift == pytest.approx(network.drift, abs=1e-12)
        assert jumps.diffusion == pytest.approx(network.diffusion, abs=1e-11)


def test_quadratic_round_trip():
    """Everything comes back, but loose operators that are no clear pair of loss and gain are one bath each."""
    back = io.from_qutip(*io.to_qutip(GENERAL, (4, 5)))
    assert back.hamiltonian == pytest.approx(GENERAL.hamiltonian, abs=1e-13)
    assert back.pairing == pytest.approx(GENERAL.pairing, abs=1e-13)
    assert back.drive == pytest.approx(GENERAL.drive, abs=1e-13)
    assert repr(back) == "Network(2 modes, 7 baths: 1 thermal, 5 jump, 1 dephasing, pairing, drive)"
    without = [b for b in GENERAL.baths if not isinstance(b, wn.Dephasing)]
    gaussian = back.replace(baths=[b for b in back.baths if not isinstance(b, wn.Dephasing)])
    assert gaussian.drift == pytest.approx(GENERAL.replace(baths=without).drift, abs=1e-13)
    assert gaussian.diffusion == pytest.approx(GENERAL.replace(baths=without).diffusion, abs=1e-13)


def test_grouped_operators_are_one_bath():
    hamiltonian, c_ops = io.to_qutip(GENERAL, 4)
    grouped = io.from_qutip(hamiltonian, [c_ops[:2], c_ops[2:4], tuple(c_ops[4:6]), c_ops[6]])
    assert [type(bath).__name__ for bath in grouped.baths] == ["ThermalBath", "JumpBath", "JumpBath", "Dephasing"]
    assert grouped.baths[0].rate == pytest.approx(0.3)
    assert grouped.baths[0].occupation == pytest.approx(0.4)
    assert grouped.baths[3].rate == pytest.approx(0.05)
    state = random_state(np.random.default_rng(1))
    gaussian = [network.replace(baths=network.baths[:3]) for network in (GENERAL, grouped)]
    expected, found = (wn.thermodynamics.entropy_production(network, state) for network in gaussian)
    assert found == pytest.approx(expected, rel=1e-10)


def test_thermal_baths_come_back_as_such():
    baths = [wn.ThermalBath(0, 0.2, 0.0), wn.ThermalBath(1, 0.3, 1.5), wn.ThermalBath(2, 0.1, 0.4)]
    network = wn.Network(np.diag([1.0, 2.0, 3.0]) + 0.1 * (np.eye(3, k=1) + np.eye(3, k=-1)), baths)
    back = io.from_qutip(*io.to_qutip(network, 3))
    for found, bath in zip(back.baths, baths, strict=True):
        assert (found.mode, found.rate, found.occupation) == pytest.approx((bath.mode, bath.rate, bath.occupation))
    gain = io.from_qutip(qutip.num(4), [0.3 * qutip.create(4), 0.1 * qutip.destroy(4)])
    assert [type(bath).__name__ for bath in gain.baths] == ["JumpBath", "ThermalBath"]


def test_a_constant_in_a_jump_is_a_drive():
    """D[sqrt(k) a + c] is D[sqrt(k) a] with a drive: the same steady mean as QuTiP finds."""
    a = qutip.destroy(12)
    hamiltonian, jump = 0.4 * a.dag() * a, a + (0.3 - 0.2j)
    network = io.from_qutip(hamiltonian, [jump])
    rho = qutip.steadystate(hamiltonian, [jump])
    assert wn.steady_state(network).state.mean[0] == pytest.approx(qutip.expect(a, rho), abs=1e-8)


def test_products_beyond_the_cutoff_do_not_matter():
    """(a + a^+)^2 is wrong in the topmost level of a truncated space, and quadratic all the same."""
    a = qutip.destroy(5)
    network = io.from_qutip(a.dag() * a + 0.1 * (a + a.dag()) ** 2)
    assert network.hamiltonian[0, 0] == pytest.approx(1.2)
    assert network.pairing[0, 0] == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("hamiltonian", "c_ops", "message"),
    [
        (qutip.num(6) ** 2, [], "`hamiltonian` must be at most quadratic"),
        (1j * qutip.num(6), [], "`hamiltonian` must be Hermitian"),
        (qutip.num(6), [qutip.destroy(6) ** 2], r"`c_ops\[0\]` must be linear"),
        (qutip.num(6), [qutip.destroy(6), qutip.num(6) ** 2], r"`c_ops\[1\]` must be linear"),
        (qutip.num(6), [qutip.destroy(5)], r"`c_ops\[0\]` must have the dims \[6\]"),
        (qutip.num(2), [], "at least 3 levels"),
        (qutip.basis(3, 0), [], "be a QuTiP operator, but is Qobj"),
        (np.eye(3), [], "be a QuTiP operator, but is ndarray"),
    ],
)
def test_other_operators_are_refused(hamiltonian, c_ops, message):
    with pytest.raises(InvalidNetworkError, match=message):
        io.from_qutip(hamiltonian, c_ops)


def test_cutoffs_and_probes_are_checked():
    with pytest.raises(InvalidNetworkError, match="`cutoff` must hold one number for each of the 2 modes"):
        io.to_qutip(GENERAL, [3])
    with pytest.raises(InvalidNetworkError, match="`cutoff` must be at least 2"):
        io.to_qutip(GENERAL, 1)
    with pytest.raises(UndefinedQuantityError, match="not known yet"):
        io.to_qutip(wn.Network([[0.0]], [wn.Probe(0, 0.1)]), 3)


def test_qutip_covariance_is_that_of_the_density_matrix():
    """Two entangled modes by a squeezer, a phase, a beam splitter and a displacement in Fock space."""
    cutoff = 24
    a = [
        qutip.tensor(qutip.destroy(cutoff), qutip.qeye(cutoff)),
        qutip.tensor(qutip.qeye(cutoff), qutip.destroy(cutoff)),
    ]
    rho = qutip.tensor(qutip.thermal_dm(cutoff, 0.1), qutip.thermal_dm(cutoff, 0.2))
    generator = 0.2 * a[0] ** 2 - 0.1j * a[1] ** 2 + 0.3 * a[0] * a[1].dag() + 0.1 * a[0]
    turn = (generator - generator.dag()).expm()
    rho = turn * rho * turn.dag()
    basis = [q for b in a for q in ((b + b.dag()) / np.sqrt(2), (b - b.dag()) / (1j * np.sqrt(2)))]
    covariance = np.real(qutip.covariance_matrix(basis, rho))
    state = io.from_qutip_covariance(covariance, [qutip.expect(q, rho).real for q in basis])
    for i in range(2):
        assert state.mean[i] == pytest.approx(qutip.expect(a[i], rho), abs=1e-9)
        for j in range(2):
            normal = qutip.expect(a[j].dag() * a[i], rho) - np.conj(state.mean[j]) * state.mean[i]
            assert state.normal[i, j] == pytest.approx(normal, abs=1e-7)
            anomalous = qutip.expect(a[i] * a[j], rho) - state.mean[i] * state.mean[j]
            assert state.anomalous[i, j] == pytest.approx(anomalous, abs=1e-7)
    assert io.to_qutip_covariance(state) == pytest.approx(covariance, abs=1e-12)
    ours = wn.thermodynamics.logarithmic_negativity(state, [0], [1])
    assert ours == pytest.approx(qutip.continuous_variables.logarithmic_negativity(covariance), abs=1e-9)
    assert wn.thermodynamics.purity(state) == pytest.approx((rho * rho).tr().real, abs=1e-7)


def test_covariances_come_back(rng):
    state = random_state(rng, 3)
    for back in (
        io.from_thewalrus(*io.to_thewalrus(state)),
        io.from_qutip_covariance(
            io.to_qutip_covariance(state),
            np.sqrt(2) * np.column_stack([state.mean.real, state.mean.imag]).ravel(),
        ),
    ):
        assert back.mean == pytest.approx(state.mean, abs=1e-14)
        assert back.normal == pytest.approx(state.normal, abs=1e-13)
        assert back.anomalous == pytest.approx(state.anomalous, abs=1e-13)


# What `walrus_numbers` returned with The Walrus 0.22.
RECORDED = (
    [0.49520136894580696, 0.3875122914743951, -0.33013424596387136, 0.12498483024882798],
    [
        [0.6576406342058541, -0.23064713891868152, 0.0, -0.29065188746285125],
        [-0.23064713891868152, 2.805072095198932, -3.1781110880121517, -1.4751478564565383],
        [0.0, -3.1781110880121513, 7.13038747886308, 2.5219937018624377],
        [-0.2906518874628512, -1.4751478564565386, 2.521993701862438, 2.1167576765116767],
    ],
    [1.535560282308217, 0.7719041888866682],
    0.3205112422165866,
    1.2898709595263809,
)


@pytest.mark.parametrize("numbers", ["recorded", "computed"])
def test_the_walrus_agrees(numbers):
    """Against numbers of The Walrus as recorded here, and as computed where it is installed."""
    if numbers == "recorded":
        means, covariance, photons, negativity, entropy = (np.array(value) for value in RECORDED)
    else:
        means, covariance, photons, negativity, entropy = walrus_numbers()
    state = io.from_thewalrus(means, covariance)
    assert state.occupations == pytest.approx(photons, rel=1e-12)
    assert wn.thermodynamics.logarithmic_negativity(state, [0], [1]) == pytest.approx(float(negativity), rel=1e-9)
    assert wn.thermodynamics.reduced_entropy(state) == pytest.approx(float(entropy), rel=1e-9)
    back = io.to_thewalrus(state)
    assert back[0] == pytest.approx(means, abs=1e-14)
    assert back[1] == pytest.approx(covariance, abs=1e-13)


def walrus_numbers():
    """Two modes with thermal 0.5 and 0.1, the first squeezed by 0.8, mixed by a beam splitter."""
    pytest.importorskip("thewalrus", reason="The Walrus is not installed: its sympy and mpmath pins conflict with ours")
    from thewalrus import quantum, symplectic

    squeezer = symplectic.expand(symplectic.squeezing(0.8), [0], 2)
    splitter = symplectic.beam_splitter(0.6, 0.9)
    covariance = splitter @ squeezer @ np.diag([2.0, 1.2, 2.0, 1.2]) @ squeezer.T @ splitter.T
    means = splitter @ np.array([0.6, 0.0, -0.4, 0.0])
    photons = quantum.photon_number_mean_vector(means, covariance)
    return means, covariance, photons, quantum.log_negativity(covariance, [1]), quantum.vonneumann_entropy(covariance)


def test_networkx_round_trip():
    pytest.importorskip("networkx")
    baths = [wn.ThermalBath(0, 0.1, 0.5), wn.Probe(1, 0.05), wn.ThermalBath(2, 0.2, 1.0)]
    further = [wn.ThermalBath(2, 0.3, 0.1), wn.Probe(0, 0.1, occupation=0.2), wn.ThermalBath(1, 0.1, 0.1, name="named")]
    hamiltonian = np.array([[1, 0.2, 0.1j], [0.2, 2, 0], [-0.1j, 0, 3]])
    network = wn.Network(hamiltonian, [*baths, *further], labels=["a", "b", "c"])
    graph = io.to_networkx(network)
    assert graph.nodes["b"] == {"frequency": 2.0, "probe_rate": 0.05}
    assert graph.edges["a", "b"] == {"hopping": 0.2}
    assert graph.edges["a", "c"] == {"hopping": 0.1j}
    assert graph.graph["baths"] == further
    back = wn.Network.from_graph(graph, graph.graph["baths"])
    assert back.labels == network.labels
    assert back.hamiltonian == pytest.approx(network.hamiltonian, abs=1e-15)
    assert list(back.baths) == [*baths, *further]


def test_networkx_holds_pairing_and_drive_and_large_networks():
    pytest.importorskip("networkx")
    graph = io.to_networkx(GENERAL)
    assert graph.edges["0", "1"] == {"hopping": 0.2 + 0.1j, "pairing": 0.1 + 0j}
    assert graph.nodes["0"]["drive"] == 0.3
    assert graph.nodes["1"]["pairing"] == -0.02
    assert len(graph.graph["baths"]) == 3
    chain = wn.models.chain(1500, hopping=0.5, rate=1.0, occupations=(1, 2))
    assert chain.is_sparse
    large = io.to_networkx(chain)
    assert (large.number_of_nodes(), large.number_of_edges()) == (1500, 1499)


@pytest.mark.parametrize(
    ("covariance", "message"),
    [
        (np.eye(3), "square with two rows a mode"),
        ([[1.0, 0.2], [0.0, 1.0]], "be symmetric"),
        (0.4 * np.eye(2), "uncertainty relation"),
        ([[np.nan, 0], [0, 1]], "finite"),
    ],
)
def test_covariances_are_checked(covariance, message):
    with pytest.raises(InvalidStateError, match=message):
        io.from_thewalrus([0.0, 0.0], covariance)


@pytest.mark.parametrize(
    ("module", "call"), [("qutip", lambda: io.to_qutip(GENERAL, 3)), ("networkx", lambda: io.to_networkx(GENERAL))]
)
def test_missing_libraries_name_their_extra(module, call, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    real = importlib.import_module

    def missing(name, *rest):
        if name == module:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return real(name, *rest)

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(MissingExtraError, match=module):
        call()
