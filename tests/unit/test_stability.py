"""Dark modes, growing modes, probes out of reach: found where they are, and nowhere else."""

from __future__ import annotations

import flint
import numpy as np
import oracle
import pytest

import wignerness as wn
from wignerness.errors import ConvergenceError, NoUniqueSteadyStateError, UnstableNetworkError


def star(leaves, frequencies, hoppings=0.5, rate=1.0, extra=()):
    """A hub (node 0) with a bath and leaves around it."""
    matrix = np.zeros((leaves + 1, leaves + 1), dtype=complex)
    matrix[0, 1:] = hoppings
    matrix = matrix + matrix.conj().T + np.diag(np.append(0.0, frequencies))
    return wn.Network(matrix, [wn.ThermalBath(0, rate, 2.0), *extra])


def dark(network):
    """The error, its modes checked: undamped, and eigenvectors of the Hamiltonian."""
    with pytest.raises(NoUniqueSteadyStateError) as caught:
        wn.steady_state(network)
    error = caught.value
    assert type(error) is NoUniqueSteadyStateError
    matrix = network.hamiltonian.toarray() if network.is_sparse else network.hamiltonian
    scale = np.abs(matrix).max()
    gram = error.modes.conj() @ error.modes.T
    assert np.allclose(gram, np.eye(len(gram)), atol=1e-10)
    for mode in error.modes:
        frequency = np.vdot(mode, matrix @ mode).real
        assert np.abs(matrix @ mode - frequency * mode).max() <= 1e-11 * scale
        assert np.abs(mode[network.mode_rates > 0]).max(initial=0.0) <= 1e-12
    assert error.eigenvalue.real == 0.0
    first = np.vdot(error.modes[0], matrix @ error.modes[0]).real
    assert error.eigenvalue.imag == pytest.approx(-first, abs=1e-12 * scale)
    assert set(error.nodes) == set(np.flatnonzero(np.abs(error.modes).max(axis=0) > 1e-3))
    for node in error.nodes[:8]:
        assert repr(network.labels[node]) in str(error)
    return error


# -- dark modes ------------------------------------------------------------------------------------------------


def test_star_with_two_equal_leaves():
    error = dark(star(2, [2.0, 2.0]))
    assert error.nodes == (1, 2)
    assert abs(np.vdot(error.modes[0], [0, 1, -1])) == pytest.approx(np.sqrt(2))
    assert error.eigenvalue == pytest.approx(-2j)


def test_degenerate_dark_modes_are_all_reported():
    """Five equal leaves: four dark modes of one frequency; two pairs: two of two frequencies."""
    assert len(dark(star(5, [1.0] * 5)).modes) == 4
    assert len(dark(star(4, [1.0, 1.0, 3.0, 3.0])).modes) == 2


def test_unequal_hoppings_hide_a_mode_all_the_same():
    error = dark(star(2, [1.0, 1.0], hoppings=[0.3, 0.7 * np.exp(0.4j)]))
    assert error.nodes == (1, 2)


def test_mirror_symmetric_chain_with_its_bath_in_the_middle():
    matrix = np.diag([0.5, 0.5, 0.5, 0.5], 1)
    error = dark(wn.Network(matrix + matrix.T, [wn.ThermalBath(2, 1.0, 1.0)]))
    assert len(error.modes) == 2  # the odd modes
    assert error.nodes == (0, 1, 3, 4)


def test_undamped_nodes_and_parts():
    assert dark(wn.Network(np.diag([1.0, 2.0, 3.0]), [wn.ThermalBath(1, 1.0, 1.0)])).nodes == (0, 2)
    two = np.zeros((4, 4))
    two[0, 1] = two[1, 0] = two[2, 3] = two[3, 2] = 0.5
    assert dark(wn.Network(two, [wn.ThermalBath(0, 1.0, 1.0)])).nodes == (2, 3)


def test_no_bath_at_all():
    error = dark(wn.Network([[1.0, 0.3], [0.3, 1.0]], []))
    assert "No bath is coupled" in str(error)
    assert len(error.modes) == 2
    dark(wn.Network([[1.0]], [wn.ThermalBath(0, 0.0, 1.0)]))


def test_labels_are_used_in_the_message():
    network = star(2, [1.0, 1.0]).replace(labels=["hub", "north", "south"])
    assert "'north', 'south'" in str(dark(network))


def test_many_nodes_are_shortened():
    assert "and 12 more" in str(dark(star(20, [1.0] * 20)))


def test_sparse():
    from scipy import sparse

    network = star(2, [2.0, 2.0])
    assert dark(network.replace(hamiltonian=sparse.csr_array(network.hamiltonian))).nodes == (1, 2)


def test_drive_makes_no_difference():
    assert dark(star(2, [0.0, 0.0]).replace(drive=[0, 1, 0])).nodes == (1, 2)


@pytest.mark.parametrize("unit", [2.0**-1000, 1e-30, 1.0, 1e30, 2.0**1000])
def test_in_any_unit(unit):
    network = star(3, [1.0, 1.0, 2.0])
    scaled = wn.Network(network.hamiltonian * unit, [wn.ThermalBath(0, unit, 2.0)])
    assert dark(scaled).nodes == (1, 2)


def test_a_common_frequency_makes_no_difference():
    assert dark(star(2, [1e9 + 2.0, 1e9 + 2.0])).nodes == (1, 2)


def exact_count(matrix, damped):
    """Undamped modes of an integer matrix: L less the rank of [P; P H; P H^2; ...], in integers."""
    size = len(matrix)
    h = flint.fmpz_mat([[int(v) for v in row] for row in matrix])
    block = flint.fmpz_mat([[int(j == k) for j in range(size)] for k in damped])
    rows = []
    for _ in range(size):
        rows += block.tolist()
        block = block * h
    return size - flint.fmpz_mat(rows).rank()


def test_count_is_that_of_exact_arithmetic(rng):
    """Random integer graphs, rates over nine decades, any unit, any phases: as many as there are, no more, no less."""
    with_dark = 0
    for _ in range(250):
        size = int(rng.integers(2, 14))
        links = np.triu(rng.random((size, size)) < rng.uniform(0.1, 0.9), 1) * rng.integers(1, 3, (size, size))
        matrix = links + links.T + np.diag(rng.integers(0, 2, size))
        damped = rng.choice(size, int(rng.integers(1, max(2, size // 2 + 1))), replace=False)
        unit = 2.0 ** int(rng.integers(-20, 20))
        turns = rng.choice([1, 1j, -1, -1j], size)  # phases that round nothing
        baths = [wn.ThermalBath(int(k), unit * 10.0 ** rng.uniform(-6, 3), rng.random()) for k in damped]
        network = wn.Network(unit * matrix * np.outer(turns, turns.conj()), baths)
        count = exact_count(matrix, damped)
        if count:
            assert len(dark(network).modes) == count
            with_dark += 1
        else:
            wn.steady_state(network)
    assert with_dark > 30


# -- what is damped, however weakly ----------------------------------------------------------------------------


@pytest.mark.parametrize("weak", [1e-6, 1e-10, 1e-14])
def test_a_weak_bath_on_a_dark_mode_makes_it_bright(weak):
    """Damped at 1e-14 of the hopping: slow, and unique. The leaves share the antisymmetric mode at the weak bath's n."""
    network = star(2, [2.0, 2.0], extra=[wn.ThermalBath(1, weak, 0.5)])
    ness = wn.steady_state(network)
    # To lowest order in the weak rate the antisymmetric mode is its bath's, the symmetric one the hub's.
    assert ness.occupations == pytest.approx([2.0, 1.25, 1.25], rel=1e-5)
    assert ness.state.normal[1, 2] == pytest.approx(0.75, rel=1e-5)


@pytest.mark.parametrize("split", [1e-3, 1e-5, 1e-7])
def test_a_detuning_makes_a_dark_mode_bright(split):
    """Damped at the square of the detuning, down to 1e-14 of the hopping; not the same as dark."""
    ness = wn.steady_state(star(2, [2.0, 2.0 + split]))
    assert (ness.occupations == 2.0).all()


def test_in_between_it_is_declined_and_not_called_dark():
    """Damped at 1e-26: no double knows the answer, but the mode is not undamped either."""
    with pytest.raises(ConvergenceError):
        wn.steady_state(star(2, [0.0, 1e-13], extra=[wn.ThermalBath(0, 0.5, 1.0)]))


def test_a_strong_bath_does_not_make_weakly_damped_nodes_dark():
    """Rates of 1 and 1e300: whatever comes of it, node 0 has a bath and is not undamped."""
    network = wn.Network([[0, 1], [1, 0]], [wn.ThermalBath(0, 1.0, 1.0), wn.ThermalBath(1, 1e300, 2.0)])
    with pytest.raises(ConvergenceError):
        wn.steady_state(network)


# -- probes ----------------------------------------------------------------------------------------------------------


def lost_probes(network):
    with pytest.raises(NoUniqueSteadyStateError, match="probe") as caught:
        wn.steady_state(network)
    assert type(caught.value) is NoUniqueSteadyStateError
    return caught.value


def diamond(upper, lower, extra=(), detuning=0.0):
    """Node 0 (real bath) to node 3 (probe) by two arms, through nodes 1 and 2."""
    matrix = np.zeros((4, 4), dtype=complex)
    matrix[0, 1], matrix[1, 3] = upper
    matrix[0, 2], matrix[2, 3] = lower
    matrix = matrix + matrix.conj().T
    matrix[1, 1] = detuning
    return wn.Network(matrix, [wn.ThermalBath(0, 1.0, 2.0), wn.Probe(3, 1.0), *extra])


def test_probes_without_a_real_bath():
    error = lost_probes(wn.Network([[1.0, 0.3], [0.3, 1.0]], [wn.Probe(0, 0.1), wn.Probe(1, 0.1)]))
    assert error.nodes == (0, 1)
    assert "there is no real bath" in str(error)


def test_a_probe_on_a_part_of_its_own():
    network = wn.Network(np.zeros((2, 2)), [wn.ThermalBath(0, 1.0, 1.0), wn.Probe(1, 1.0)])
    assert lost_probes(network).nodes == (1,)


def test_a_bath_of_rate_zero_fixes_nothing():
    assert lost_probes(wn.Network([[0.0]], [wn.ThermalBath(0, 0.0, 1.0), wn.Probe(0, 1.0)])).nodes == (0,)


PHASE = np.exp(1j * np.pi / 3)


@pytest.mark.parametrize(
    ("upper", "lower"),
    [
        ((1, 1), (1, -1)),
        ((0.5j, 0.5), (0.5, -0.5j)),
        ((0.3, 0.7 * PHASE), (0.7, -0.3 * PHASE)),
        ((1e-6, 1), (1, -1e-6)),
    ],
)
def test_interference_cuts_a_probe_off(upper, lower):
    error = lost_probes(diamond(upper, lower))
    assert error.nodes == (3,)
    assert "interference" in str(error)


def test_detuning_an_arm_lets_it_through():
    for detuning in (1.0, 1e-3, 1e-6):
        ness = wn.steady_state(diamond((1, 1), (1, -1), detuning=detuning))
        assert (ness.occupations == 2.0).all()


def test_a_probe_on_the_way_passes_it_on():
    """Probes on both arms are reached, and from each of them alone nothing interferes."""
    arms = [wn.Probe(1, 0.3), wn.Probe(2, 0.3)]
    ness = wn.steady_state(diamond((1, 1), (1, -1), extra=arms))
    assert (ness.occupations == 2.0).all()


@pytest.mark.parametrize("weak", [1e-3, 1e-5, 1e-6, 1e-7])
def test_weak_links_are_links(weak):
    """Two links of 1e-7 in a row, amplitude 1e-14: weak is not the same as cut off."""
    matrix = np.zeros((4, 4))
    matrix[0, 1] = matrix[1, 2] = matrix[1, 3] = weak
    baths = [wn.ThermalBath(0, 1.0, 2.0), wn.ThermalBath(3, 1.0, 0.5), wn.Probe(2, 1.0)]
    ness = wn.steady_state(wn.Network(matrix + matrix.T, baths))
    # The bare node in the middle is between equals.
    assert ness.occupations[1:3] == pytest.approx([1.25, 1.25], rel=1e-12)


def test_a_far_end_behind_a_detuned_node():
    """A probe detuned by 1e3 amid 100 nodes: at the far end powers of the drift are 1e-237 of the largest."""
    matrix = np.diag(np.ones(99), 1)
    matrix = matrix + matrix.T
    matrix[20, 20] = 1e3
    ends = [wn.ThermalBath(0, 1.0, 1.0), wn.Probe(20, 1.0), wn.Probe(99, 1.0)]
    ness = wn.steady_state(wn.Network(matrix, ends))
    assert (ness.occupations == 1.0).all()


def _weakly_fed(weak):
    matrix = np.array([[0, 0.5, 0], [0.5, 0, weak], [0, weak, 0]])
    baths = [wn.ThermalBath(0, 1.0, 2.0), wn.ThermalBath(1, 1.0, 0.5), wn.Probe(2, 1.0)]
    return wn.Network(matrix, baths)


@pytest.mark.parametrize("weak", [1e-8, 1e-10, 1e-13, 1e-16])
def test_a_probe_fed_weakly_is_right_or_declined(weak):
    """What a probe receives is the square of its link; where that drowns in rounding, silence would be wrong."""
    matrix = np.array([[0, 0.5, 0], [0.5, 0, weak], [0, weak, 0]])
    baths = [wn.ThermalBath(0, 1.0, 2.0), wn.ThermalBath(1, 1.0, 0.5), wn.Probe(2, 1.0)]
    network = wn.Network(matrix, baths)
    try:
        ness = wn.steady_state(network)
    except ConvergenceError:
        assert weak < 1e-7
        return
    true = oracle.truth(network)
    assert oracle.error(ness.occupations[2], true.occupations[2]) <= ness.error_bound
    assert oracle.relative_error(ness.entropy_production[2], true.production[2]) < 1e-9


# -- instability -------------------------------------------------------------------------------------------------------


def test_parametric_instability():
    network = wn.Network([[0.0]], [wn.ThermalBath(0, 0.5, 0.1)], pairing=[[0.3]])
    with pytest.raises(UnstableNetworkError) as caught:
        wn.steady_state(network)
    error = caught.value
    assert error.growth_rate == pytest.approx(0.3 - 0.25, rel=1e-12)
    assert error.eigenvalue.real == error.growth_rate
    assert error.nodes == (0,)
    assert error.modes.shape[0] == 1
    assert "0.05" in str(error)


def test_exactly_at_threshold():
    network = wn.Network([[0.0]], [wn.ThermalBath(0, 0.5, 0.1)], pairing=[[0.25]])
    with pytest.raises(NoUniqueSteadyStateError) as caught:
        wn.steady_state(network)
    assert type(caught.value) is NoUniqueSteadyStateError


def test_below_threshold_the_answer_is_known():
    """d<a^+a>/dt and d<aa>/dt of one mode: C + 1/2 = (n + 1/2) gamma^2 / (gamma^2 - 4 D^2)."""
    gamma, pairing, n = 0.5, 0.2, 0.1
    ness = wn.steady_state(wn.Network([[0.0]], [wn.ThermalBath(0, gamma, n)], pairing=[[pairing]]))
    width = (n + 0.5) * gamma**2 / (gamma**2 - 4 * pairing**2)
    assert ness.occupations[0] == pytest.approx(width - 0.5, rel=1e-13)


def test_the_unstable_part_is_named():
    matrix, pairing = np.diag([1.0, 0.0, 5.0]), np.zeros((3, 3))
    pairing[1, 1] = 0.4
    network = wn.Network(matrix, [wn.ThermalBath(k, 0.5, 0.0) for k in range(3)], pairing=pairing)
    with pytest.raises(UnstableNetworkError) as caught:
        wn.steady_state(network)
    assert caught.value.nodes == (1,)
    assert "'1'" in str(caught.value)


def test_probes_that_are_fed_back_more_than_they_give():
    """Pairing amplifies what a probe feeds in; beyond one for one there is no self-consistent occupation.

    The closed equation then still has a solution, with negative occupations: it must not be returned.
    """
    network = wn.Network([[0.0]], [wn.ThermalBath(0, 0.5, 0.1), wn.Probe(0, 1.0)], pairing=[[0.2]])
    # C + 1/2 = (n + 1/2) g^2 / (g^2 - 4 D^2) with g = 1.5, and the probe's share of n at C: a gain of 1.0 at D = 0.433.
    assert wn.steady_state(network).state.is_physical()
    with pytest.raises(UnstableNetworkError, match="excitations for every one that they feed in") as caught:
        wn.steady_state(network.replace(pairing=[[0.5]]))
    assert caught.value.nodes == (0,)


def test_feedback_is_judged_as_the_closed_equation_is(rng):
    """Random pairing, baths and probes: stable where the closed equation for the moments is, and nowhere else."""
    kinds = set()
    for _ in range(120):
        size = int(rng.integers(1, 4))
        raw = rng.normal(size=(2, size, size)) + 1j * rng.normal(size=(2, size, size))
        baths = [wn.ThermalBath(int(rng.integers(size)), rng.uniform(0.1, 2), rng.uniform(0, 2)) for _ in range(size)]
        baths += [wn.Probe(int(rng.integers(size)), rng.uniform(0.1, 3)) for _ in range(int(rng.integers(1, size + 1)))]
        pairing = rng.uniform(0, 0.4) * (raw[1] + raw[1].T)
        network = wn.Network((raw[0] + raw[0].conj().T) / 2, baths, pairing=pairing)
        drift, one = np.asarray(network.drift), np.eye(2 * size)
        operator = np.kron(drift, one) + np.kron(one, drift.conj())
        for bath in baths[size:]:
            for row in (2 * bath.mode, 2 * bath.mode + 1):
                operator[row * (2 * size + 1), row * (2 * size + 1)] += bath.rate
        growth = np.linalg.eigvals(operator).real.max(), np.linalg.eigvals(drift).real.max()
        if abs(growth[0]) < 1e-6:
            continue
        if growth[0] < 0:
            assert wn.steady_state(network).state.is_physical()
            kinds.add("stable")
        else:
            with pytest.raises(UnstableNetworkError):
                wn.steady_state(network)
            kinds.add("drift" if growth[1] > 0 else "feedback")
    assert kinds == {"stable", "drift", "feedback"}
