"""Eq. (29b): the coherence of the chain."""

from __future__ import annotations

import pytest

import wignerness as wn
from wignerness.paper.equations import EQUATIONS


def test_equation_29b():
    record = EQUATIONS["29b"]()
    assert record.number == "29b"
    assert record.passed, record


def test_coherence_from_the_balance_of_the_first_node():
    """gamma (N_1 - n_1) = 2 lambda x."""
    chain = wn.exact.chain(9, hopping=0.3, rate=0.8, occupations=(1, 2), probe_rate=0.4)
    assert 0.8 * (chain.occupations[0] - 1) == pytest.approx(2 * 0.3 * chain.coherence, rel=1e-14)


def test_coherence_turns_with_the_gradient_and_the_hopping():
    given = {"rate": 0.8, "probe_rate": 0.4}
    base = wn.exact.chain(9, hopping=0.3, occupations=(1, 2), **given).coherence
    assert wn.exact.chain(9, hopping=0.3, occupations=(2, 1), **given).coherence == -base
    assert wn.exact.chain(9, hopping=-0.3, occupations=(1, 2), **given).coherence == -base
