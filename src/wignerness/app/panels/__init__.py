"""The panels of the page. Each shows one thing about a steady state, draws it for a file, and says it in Python."""

from .balance import BALANCE
from .base import Panel, Shown
from .currents import CURRENTS
from .profile import PROFILE
from .relaxation import RELAXATION
from .scaling import SCALING
from .source import SOURCE
from .tables import TABLES
from .wigner import WIGNER

__all__ = ["PANELS", "Panel", "Shown"]

PANELS: dict[str, Panel] = {
    panel.name: panel for panel in (PROFILE, BALANCE, CURRENTS, WIGNER, SCALING, RELAXATION, TABLES, SOURCE)
}
