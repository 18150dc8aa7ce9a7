"""Theories of the steady state: what a network does between baths, to different orders in different couplings.

The local master equation is :class:`Local`. The others are given to the same verb,
``steady_state(network, theory=theories.Global())``, and answer with the same face (:class:`SteadyAccount`).
"""

from .account import SteadyAccount, Theory, TheoryAccount, Undefined
from .balance import NormalModeAccount
from .exact import Exact, ExactAccount
from .leads import LeadsAccount, MesoscopicLeads
from .local import Local
from .redfield import Redfield
from .secular import Global

__all__ = [
    "Exact",
    "ExactAccount",
    "Global",
    "LeadsAccount",
    "Local",
    "MesoscopicLeads",
    "NormalModeAccount",
    "Redfield",
    "SteadyAccount",
    "Theory",
    "TheoryAccount",
    "Undefined",
]
