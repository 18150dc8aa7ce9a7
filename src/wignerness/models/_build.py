"""From a list of links to a Hamiltonian matrix, dense or sparse by size."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

from .. import _checks
from .._memory import refuse_beyond
from .._typing import ComplexArray, IntArray, RealArray

# Up to this many modes a matrix costs next to nothing dense, and dense arrays are what users expect.
DENSE_UP_TO = 1024


def hamiltonian(frequencies: RealArray, rows: IntArray, columns: IntArray, hoppings: ComplexArray) -> Any:
    """Hermitian matrix with H[rows, columns] = hoppings; a dense array up to 1024 modes, CSR beyond."""
    size = len(frequencies)
    if size <= DENSE_UP_TO:
        matrix = np.zeros((size, size), dtype=np.complex128)
        np.add.at(matrix, (rows, columns), hoppings)  # links that are given twice add up
        np.add.at(matrix, (columns, rows), hoppings.conj())
        matrix.flat[:: size + 1] += frequencies
        return matrix
    diagonal = np.arange(size)
    return sparse.coo_array(
        (
            np.concatenate([frequencies, hoppings, hoppings.conj()]),
            (np.concatenate([diagonal, rows, columns]), np.concatenate([diagonal, columns, rows])),
        ),
        shape=(size, size),
    ).tocsr()


def refuse_size(size: int) -> None:
    """Raise MemoryLimitError if not even the sites of a network would fit into memory."""
    if size > DENSE_UP_TO:  # less is not worth a look at the memory, of thousands of networks in a sweep
        refuse_beyond(256 * size, f"A network of {size:.3g} modes", "Use fewer modes.")


def per_item(name: str, value: Any, count: int, *, real: bool = False, minimum: float = -np.inf) -> Any:
    """A number, or one number for each of ``count`` items, as an array of that length."""
    if np.ndim(value) == 0:
        value = np.full(count, value)
    if real:
        return _checks.real_array(name, value, (count,), minimum=minimum)
    return _checks.complex_array(name, value, (count,))


def site_frequencies(frequency: Any, disorder: Any, rng: Any, count: int) -> RealArray:
    """Frequencies plus disorder: offsets given one by one, or drawn uniformly from a window of given width."""
    frequencies: RealArray = per_item("frequency", frequency, count, real=True)
    if disorder is None:
        return frequencies
    if np.ndim(disorder) == 0:
        width = _checks.real("disorder", disorder, minimum=0.0)
        if rng is None:
            _checks.fail("rng", "be given (a seed or a Generator) to draw disorder of a given width", None)
        return frequencies + width * (_checks.generator("rng", rng).random(count) - 0.5)
    offsets = _checks.real_array("disorder", disorder, (count,))
    return frequencies + offsets
