"""Drawing: every function is given axes and results and computes nothing. Matplotlib loads on first use."""

from .balance import plot_balance, plot_currents
from .datasets import plot_dataset
from .profiles import plot_occupations
from .scaling import plot_exponents, plot_scaling
from .style import DOUBLE_COLUMN, SINGLE_COLUMN, journal, new_figure, save, screen

__all__ = [
    "DOUBLE_COLUMN",
    "SINGLE_COLUMN",
    "journal",
    "new_figure",
    "plot_balance",
    "plot_currents",
    "plot_dataset",
    "plot_exponents",
    "plot_occupations",
    "plot_scaling",
    "save",
    "screen",
]
