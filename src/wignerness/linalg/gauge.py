"""Complex matrices that are real in disguise: A = P B P^H with real B and a diagonal P of powers of i.

Such a change of phases is exact in floating point, and real arithmetic costs a quarter of complex arithmetic.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from .._typing import Array, BoolArray, ComplexArray


def real_phases(a: ComplexArray) -> ComplexArray | None:
    """The diagonal of P, 1 or i for every row; None where there is none.

    An element between two rows of one phase must be real, and one between rows of different phases imaginary. That is
    decided by walking along the elements with two copies of every row, one a phase: there is a choice unless both
    copies of a row are met.

    Parameters
    ----------
    a : (n, n) array

    Examples
    --------
    >>> import numpy as np
    >>> real_phases(np.array([[-0.5, -0.3j], [-0.3j, -0.5]]))
    array([1.+0.j, 0.+1.j])
    >>> real_phases(np.array([[-0.5 - 1j, -0.3j], [-0.3j, -0.5]])) is None
    True
    """
    real, imaginary = a.real != 0, a.imag != 0
    if (real & imaginary).any() or imaginary.diagonal().any():
        return None
    n = len(a)
    first = _components(real, imaginary)
    if first is None:
        return None
    phases = np.ones(n, dtype=np.complex128)
    phases[first] = 1j
    return phases


def _components(same: BoolArray, different: BoolArray) -> BoolArray | None:
    """Two colors for the rows: equal along ``same``, opposite along ``different``; None where they contradict."""
    n = len(same)
    equal, opposite = (sparse.csr_array(pattern.astype(np.int8)) for pattern in (same, different))
    count, label = connected_components(sparse.block_array([[equal, opposite], [opposite, equal]]), directed=False)
    if (label[:n] == label[n:]).any():
        return None
    # Of the two copies of every connected part the one that holds its first row in the first color is taken.
    chosen: BoolArray = np.zeros(count, dtype=bool)
    decided = chosen.copy()
    for k in range(n):
        if not decided[label[k]]:
            chosen[label[k]] = decided[label[k]] = decided[label[n + k]] = True
    return np.asarray(~chosen[label[:n]])


def turned(matrix: Array, phases: ComplexArray) -> Array:
    """P^H M P, exactly."""
    return np.asarray(phases.conj()[:, None] * matrix * phases)
