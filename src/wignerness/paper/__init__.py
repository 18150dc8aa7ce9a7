"""The source paper, regenerated: its figures, and a check of every numbered equation.

`reproduce` writes files; `check_equations` and the functions of `figures` give the same as objects.
"""

from .records import ClaimRecord, EquationRecord
from .run import TARGETS, ReproductionReport, check_equations, reproduce

__all__ = ["TARGETS", "ClaimRecord", "EquationRecord", "ReproductionReport", "check_equations", "reproduce"]
