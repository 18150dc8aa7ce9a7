"""Is every vector seen by some output after some time? Decided exactly, for the very doubles of the input.

A pair (A, B) is observable if B, B A, B A^2, ... have full rank together: no eigenvector of A is annihilated by B. In
floating point that question has no answer where a rank hangs on the last digits. Doubles are integers times powers of
two, so it can be asked modulo a prime, where arithmetic is exact. A rank modulo a prime is never too large: full is a
proof.
"""

from __future__ import annotations

import numpy as np

from .._typing import Array, ComplexArray, IntArray

# The largest prime below 2^26 that has a square root of -1: sums of 2000 products of residues fit into 64 bits.
_PRIME = 67108837
_IMAGINARY_UNIT = 55262216  # its square is -1 modulo the prime
_UP_TO = 2000


def is_observable(matrix: ComplexArray, outputs: Array) -> bool:
    """Whether B, B A, B A^2, ... certainly have full rank together.

    Parameters
    ----------
    matrix : (n, n) array
        A, taken exactly.
    outputs : (m, n) array
        B, taken exactly.

    Returns
    -------
    bool
        True is proved; False is either true, or a matter of chance with odds of about n in 67 million, or n > 2000.

    Examples
    --------
    >>> import numpy as np
    >>> chain = np.array([[0, 1e-300, 0], [1e-300, 0, 1], [0, 1, 1e300]])
    >>> is_observable(chain, np.array([[1.0, 0, 0]])), is_observable(chain, np.zeros((1, 3)))
    (True, False)
    """
    n = len(matrix)
    if n > _UP_TO:
        return False
    step, waiting = _residues(matrix), list(_residues(outputs))
    basis, pivots = np.zeros((0, n), dtype=np.int64), np.zeros(0, dtype=np.intp)
    while waiting and len(basis) < n:
        row = waiting.pop()
        row = (row - row[pivots] @ basis) % _PRIME
        places = np.flatnonzero(row)
        if len(places) == 0:
            continue
        row = row * pow(int(row[places[0]]), -1, _PRIME) % _PRIME
        # Kept reduced, so that the next row is reduced by one product.
        basis = np.vstack([(basis - np.outer(basis[:, places[0]], row)) % _PRIME, row])
        pivots = np.append(pivots, places[0])
        waiting.append(row @ step % _PRIME)
    return len(basis) == n


def _residues(array: Array) -> IntArray:
    """Complex doubles modulo the prime."""
    parts = np.asarray(array, dtype=np.complex128)
    return np.asarray((_real_residues(parts.real) + _IMAGINARY_UNIT * _real_residues(parts.imag)) % _PRIME)


def _real_residues(array: Array) -> IntArray:
    mantissa, exponent = np.frexp(array)
    digits = np.ldexp(mantissa, 53).astype(np.int64) % _PRIME
    powers, place = np.unique(exponent, return_inverse=True)
    scales = np.array([pow(2, int(power) - 53, _PRIME) for power in powers], dtype=np.int64)
    return np.asarray(digits * scales[place].reshape(np.shape(array)) % _PRIME)
