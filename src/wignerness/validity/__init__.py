"""Whether a theory is right for a network: the audit of one, and maps of the error over parameters."""

from .judging import audit
from .maps import validity_map
from .record import Audit, Check, Errors
from .used import Judgment

__all__ = ["Audit", "Check", "Errors", "Judgment", "audit", "validity_map"]
