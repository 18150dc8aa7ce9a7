"""The section [sweep] of a spec: its axes, its points, its faults."""

from __future__ import annotations

import numpy as np
import pytest

import wignerness as wn
from wignerness.analysis.specs import grid_of
from wignerness.errors import SpecError
from wignerness.io import parse_spec

BASE = """
[network]
model = "chain"
length = 3
hopping = 0.5
rate = 1.0
occupations = [1, 2]
[[baths]]
node = 0
rate = 0.1
occupation = 0.5
"""


def plan(text, base=BASE, **options):
    return parse_spec(base + text, **options).sweep


def axis(text):
    return plan(f"[[sweep.axes]]\n{text}").axes[0]


def test_a_spec_without_the_section_has_no_plan():
    assert plan("") is None


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ('parameter = "network.length"\nvalues = [2, 4]', (2, 4)),
        ('parameter = "network.length"\nstart = 2\nstop = 5\npoints = 4', (2, 3, 4, 5)),
        ('parameter = "network.length"\nstart = 2\nstop = 4\npoints = 9', (2, 3, 4)),
        (
            'parameter = "network.length"\nstart = 1\nstop = 1000\npoints = 4\nspacing = "logarithmic"',
            (1, 10, 100, 1000),
        ),
        (
            'parameter = "network.rate"\nstart = 1e-8\nstop = 1e-5\npoints = 4\nspacing = "logarithmic"',
            (1e-8, 1e-7, 1e-6, 1e-5),
        ),
        ('parameter = "network.rate"\nstart = 0.0\nstop = 1\npoints = 3', (0.0, 0.5, 1)),
        (
            'parameter = "network.hopping"\nstart = -1.0\nstop = -4.0\npoints = 3\nspacing = "logarithmic"',
            (-1.0, -2.0, -4.0),
        ),
        ('parameter = "network.occupations"\nvalues = [[1, 2], [2, 3]]', ((1, 2), (2, 3))),
    ],
)
def test_values_of_an_axis(text, values):
    assert axis(text).values == pytest.approx(values) if values[0] == -1.0 else axis(text).values == values


def test_names_and_places():
    assert axis('parameter = "baths[0].rate"\nvalues = [1]').name == "rate"
    assert axis('parameter = "network.occupations[1]"\nvalues = [1]').name == "occupations"
    assert axis('parameter = ["network.rate", "baths[0].rate"]\nname = "g"\nvalues = [1]').places == (
        "network.rate",
        "baths[0].rate",
    )


def test_points_are_networks_and_the_spec_stays_as_it_is():
    found = plan("""
[[sweep.axes]]
parameter = ["network.rate", "baths[0].rate"]
name = "both"
values = [0.2, 0.3]
[[sweep.axes]]
parameter = "network.occupations[1]"
name = "hot"
values = [5, 6]
along = "both"
""")
    network = found(both=0.3, hot=6)
    assert [bath.rate for bath in network.baths] == [0.3, 0.3, 0.3]
    assert network.baths[1].occupation == 6
    assert found.document["network"]["occupations"] == [1, 2]
    grid = grid_of(found)
    assert (grid.shape, grid.point(1)) == ((2,), {"both": 0.3, "hot": 6})


def test_a_seed_draws_the_disorder_of_every_point():
    found = plan("""disorder = 1.0
rng = 0
[sweep]
seed = 3
[[sweep.axes]]
parameter = "network.length"
values = [3, 4]
""", BASE.split("[[baths]]")[0])  # fmt: skip
    one, same, other = (found(length=3, rng=np.random.default_rng(k)).hamiltonian for k in (1, 1, 2))
    assert (one == same).all()
    assert (one != other).any()


def test_what_the_networks_depend_on_is_told(tmp_path):
    np.save(tmp_path / "a.npy", np.eye(2))
    text = (
        '[network]\nmatrix = "a.npy"\n[[baths]]\nnodes = "all"\nrate = 1\noccupation = 1\n'
        '[[sweep.axes]]\nparameter = "baths[0].rate"\nvalues = [1, 2]\n'
    )
    before = parse_spec(text, base=tmp_path).sweep.identity
    assert parse_spec('title = "other words"\n' + text, base=tmp_path).sweep.identity == before
    assert parse_spec(text.replace("rate = 1\n", "rate = 2\n"), base=tmp_path).sweep.identity != before
    np.save(tmp_path / "a.npy", 2 * np.eye(2))
    after = parse_spec(text, base=tmp_path).sweep.identity
    assert {name for name in after if after[name] != before[name]} == {"file a.npy"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "`axes`|axes: is missing"),
        ("axes = []", "at least 1"),
        ("axes = 3", "array"),
        ('[[sweep.axes]]\nvalues = [1]', "parameter: is missing"),
        ('[[sweep.axes]]\nparameter = "network.length"', "either `values`"),
        ('[[sweep.axes]]\nparameter = "network.length"\nvalues = [1]\nstart = 0', "either `values`"),
        ('[[sweep.axes]]\nparameter = "network.length"\nstart = 1\nstop = 2', "either `values`"),
        ('[[sweep.axes]]\nparameter = "network.rate"\nstart = 0\nstop = 2\npoints = 3\nspacing = "logarithmic"', "sign"),
        ('[[sweep.axes]]\nparameter = "network.rate"\nstart = 1\nstop = 2\npoints = 1', "points"),
        (f'[[sweep.axes]]\nparameter = "network.rate"\nstart = 1\nstop = 1{"0" * 400}\npoints = 3', "finite"),
        ('[[sweep.axes]]\nparameter = "network.rate"\nvalues = [nan]', "finite"),
        ('[[sweep.axes]]\nparameter = "network.rate"\nvalues = [1979-05-27]', "finite number, text"),
        ('[[sweep.axes]]\nparameter = "network.lenght"\nvalues = [4]', "nearest valid one is `length`"),
        ('[[sweep.axes]]\nparameter = "network.length"\nvalues = [1.5]', "must be an integer"),
        ('[[sweep.axes]]\nparameter = "solver.kind"\nvalues = ["dense"]', "must be like"),
        ('[[sweep.axes]]\nparameter = "network"\nvalues = [1]', "must be like"),
        ('[[sweep.axes]]\nparameter = "network..length"\nvalues = [1]', "must be like"),
        ('[[sweep.axes]]\nparameter = "baths[1].rate"\nvalues = [1]', "leads nowhere"),
        ('[[sweep.axes]]\nparameter = "network.length.x"\nvalues = [1]', "leads nowhere"),
        ('[[sweep.axes]]\nparameter = "network.occupations[2]"\nvalues = [1]', "leads nowhere"),
        ('[[sweep.axes]]\nparameter = "network.rate"\nname = "a b"\nvalues = [1]', "letters and digits"),
        ('[[sweep.axes]]\nparameter = "network.rate"\nvalues = [1]\n[[sweep.axes]]\nparameter = "baths[0].rate"\nvalues = [1]', "another axis"),
        ('[[sweep.axes]]\nparameter = "network.rate"\nvalues = [1]\n[[sweep.axes]]\nparameter = "network.length"\nvalues = [1, 2]\nalong = "rate"', "2 values"),
        ('[[sweep.axes]]\nparameter = "network.rate"\nvalues = [1]\nalong = "length"\n[[sweep.axes]]\nparameter = "network.length"\nvalues = [1]\nalong = "x"', "along another"),
        ("\n".join(f'[[sweep.axes]]\nname = "x{k}"\nparameter = "network.rate"\nstart = 1.0\nstop = 2.0\npoints = 1000' for k in range(3)), "1000000000 points"),
    ],
)  # fmt: skip
def test_faults_have_a_place_and_a_reason(text, words):
    with pytest.raises(SpecError, match=words) as caught:
        plan("[sweep]\n" + text)
    assert all(path.startswith("sweep") for path, _ in caught.value.faults)


def test_a_sweep_cannot_be_said_node_by_node():
    run = parse_spec(BASE + '[[sweep.axes]]\nparameter = "network.length"\nvalues = [2, 4]')
    with pytest.raises(SpecError, match="node by node"):
        run.to_toml()
    assert run.solve().network.n_modes == 3


def test_the_plan_is_what_a_sweep_builds_from():
    run = parse_spec(BASE + '[[sweep.axes]]\nparameter = "network.length"\nvalues = [2, 4]')
    data = wn.sweep(run.sweep, grid_of(run.sweep), ["occupations"])
    assert data.occupations.isnull().sum() == 2
    with pytest.raises(SpecError, match="at this point"):
        run.sweep(length=0)
