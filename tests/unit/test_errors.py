"""Every exception carries its data, and belongs to one family."""

from __future__ import annotations

import inspect
import pickle

import numpy as np
import pytest

from wignerness import errors

CLASSES = [c for _, c in inspect.getmembers(errors, inspect.isclass) if c.__module__ == "wignerness.errors"]


@pytest.mark.parametrize("kind", CLASSES)
def test_one_family(kind):
    assert issubclass(kind, errors.WignernessError | errors.WignernessWarning)
    assert kind.__doc__


@pytest.mark.parametrize(
    ("kind", "builtin"),
    [
        (errors.InvalidNetworkError, ValueError),
        (errors.InvalidStateError, ValueError),
        (errors.SpecError, ValueError),
        (errors.FileFormatError, ValueError),
        (errors.MemoryLimitError, MemoryError),
        (errors.MissingExtraError, ImportError),
        (errors.UnstableNetworkError, errors.NoUniqueSteadyStateError),
    ],
)
def test_builtin_relatives(kind, builtin):
    assert issubclass(kind, builtin)


def test_no_unique_steady_state_carries_modes_and_nodes():
    error = errors.NoUniqueSteadyStateError("why", eigenvalue=2j, modes=np.eye(2), nodes=[0, 1])
    assert (error.eigenvalue, error.nodes) == (2j, (0, 1))
    assert error.modes.shape == (2, 2)
    assert errors.NoUniqueSteadyStateError("why").modes is None


def test_growth_rate_is_the_real_part():
    assert errors.UnstableNetworkError("why", eigenvalue=0.5 + 2j).growth_rate == 0.5
    assert errors.UnstableNetworkError("why").growth_rate == 0.0


def test_the_others_carry_theirs():
    assert errors.ConvergenceError("why", last_iterate="x", error=0.1).last_iterate == "x"
    limit = errors.MemoryLimitError("why", needed=3, available=2)
    assert (limit.needed, limit.available) == (3, 2)
    assert errors.SpecError("why", faults=[("a.b", "wrong")]).faults == (("a.b", "wrong"),)
    missing = errors.MissingExtraError("networkx", "graph")
    assert missing.extra == "graph"
    assert 'pip install "wignerness[graph]"' in str(missing)


def test_messages_survive_pickling():
    """Process pools send exceptions about; what must survive is the message and the kind."""
    for error in (errors.InvalidNetworkError("why"), errors.UndefinedQuantityError("why")):
        again = pickle.loads(pickle.dumps(error))
        assert type(again) is type(error)
        assert str(again) == "why"
