"""What a family of results says: exponents of scaling laws."""

from .scaling import local_exponents

__all__ = ["local_exponents"]
