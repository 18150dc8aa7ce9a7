"""Every numbered equation of the paper, checked by a route of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from ..records import EquationRecord
from . import diffusive_chain, dynamics_in_phase_space, entropy_balance, moments, steady_states

__all__ = ["EQUATIONS"]

# One function a number, in the order of the paper.
EQUATIONS: Mapping[str, Callable[[], EquationRecord]] = MappingProxyType(
    {
        "1": entropy_balance.equation_1,
        "2": dynamics_in_phase_space.equation_2,
        "3": dynamics_in_phase_space.equation_3,
        "4": dynamics_in_phase_space.equation_4,
        "5": dynamics_in_phase_space.equation_5,
        "6": dynamics_in_phase_space.equation_6,
        "7": dynamics_in_phase_space.equation_7,
        "8": dynamics_in_phase_space.equation_8,
        "9": dynamics_in_phase_space.equation_9,
        "10": dynamics_in_phase_space.equation_10,
        "11": dynamics_in_phase_space.equation_11,
        "12": entropy_balance.equation_12,
        "13": entropy_balance.equation_13,
        "14": entropy_balance.equation_14,
        "15": entropy_balance.equation_15,
        "16": entropy_balance.equation_16,
        "17": entropy_balance.equation_17,
        "18": entropy_balance.equation_18,
        "19": entropy_balance.equation_19,
        "20": entropy_balance.equation_20,
        "21": steady_states.equation_21,
        "22": steady_states.equation_22,
        "23": steady_states.equation_23,
        "24": steady_states.equation_24,
        "25a": steady_states.equation_25a,
        "25b": steady_states.equation_25b,
        "26": steady_states.equation_26,
        "27": diffusive_chain.equation_27,
        "28": diffusive_chain.equation_28,
        "29a": diffusive_chain.equation_29a,
        "29b": diffusive_chain.equation_29b,
        "30": diffusive_chain.equation_30,
        "31": diffusive_chain.equation_31,
        "32": diffusive_chain.equation_32,
        "33a": diffusive_chain.equation_33a,
        "33b": diffusive_chain.equation_33b,
        "A1": moments.equation_a1,
        "A2": moments.equation_a2,
        "A3a": moments.equation_a3a,
        "A3b": moments.equation_a3b,
        "A4": moments.equation_a4,
        "A5": moments.equation_a5,
        "A6": moments.equation_a6,
        "B1": moments.equation_b1,
        "B2": moments.equation_b2,
        "B3": moments.equation_b3,
        "B4a": moments.equation_b4a,
        "B4b": moments.equation_b4b,
        "B5": moments.equation_b5,
        "C1": moments.equation_c1,
        "C2": moments.equation_c2,
        "D1": diffusive_chain.equation_d1,
        "D2": diffusive_chain.equation_d2,
        "D3": diffusive_chain.equation_d3,
        "D4": diffusive_chain.equation_d4,
        "E1": diffusive_chain.equation_e1,
        "E2": diffusive_chain.equation_e2,
    }
)
