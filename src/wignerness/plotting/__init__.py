"""Drawing: every function is given axes and results and computes nothing. Matplotlib loads on first use."""

from .balance import plot_affinities, plot_balance, plot_currents
from .datasets import plot_dataset
from .ensembles import plot_marginal, plot_phase_space, plot_production_histogram
from .layout import place_nodes
from .phase_space import WignerMap, plot_wigner, wigner_map
from .profiles import plot_occupations
from .results import plot_result
from .scaling import plot_exponents, plot_scaling
from .style import DOUBLE_COLUMN, SINGLE_COLUMN, journal, new_figure, save, screen
from .transients import plot_entropy_budget, plot_relaxation
from .validity import plot_bath_occupations, plot_theory_currents, plot_theory_errors, plot_validity_map

__all__ = [
    "DOUBLE_COLUMN",
    "SINGLE_COLUMN",
    "WignerMap",
    "journal",
    "new_figure",
    "place_nodes",
    "plot_affinities",
    "plot_balance",
    "plot_bath_occupations",
    "plot_currents",
    "plot_dataset",
    "plot_entropy_budget",
    "plot_exponents",
    "plot_marginal",
    "plot_occupations",
    "plot_phase_space",
    "plot_production_histogram",
    "plot_relaxation",
    "plot_result",
    "plot_scaling",
    "plot_theory_currents",
    "plot_theory_errors",
    "plot_validity_map",
    "plot_wigner",
    "save",
    "screen",
    "wigner_map",
]
