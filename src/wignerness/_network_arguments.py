"""What a network may be given: its matrices, baths and labels, checked and turned into read-only arrays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy import sparse

from . import _checks
from ._typing import ComplexArray, RealArray
from .bath import Bath, JumpBath
from .errors import InvalidNetworkError

# Asymmetry up to this size, relative to the largest element, is taken for rounding and averaged out.
_HERMITIAN_TOLERANCE = 1e-13


def frozen(array: Any) -> Any:
    if isinstance(array, (sparse.csr_array, sparse.dia_array)):
        for name in ("data", "indices", "indptr", "offsets"):
            if hasattr(array, name):
                _checks.read_only(getattr(array, name))
        return array
    return _checks.read_only(array)


def hermitian(value: Any) -> Any:
    """A fresh complex Hermitian matrix, dense or CSR."""
    matrix: Any
    is_sparse: bool = sparse.issparse(value)  # a plain bool: as a type guard the stubs lose all methods here
    if is_sparse:
        if value.ndim != 2:
            _checks.fail("hamiltonian", "be square", f"of shape {value.shape}")
        _checks.complex_array("hamiltonian.data", sparse.coo_array(value).data)
        matrix = sparse.csr_array(value, dtype=np.complex128, copy=True)
        matrix.sum_duplicates()
        if matrix.shape[0] != matrix.shape[1]:
            _checks.fail("hamiltonian", "be square", f"of shape {matrix.shape}")
        difference = abs(matrix - matrix.conj().T).tocoo()
        largest = float(abs(matrix.data).max(initial=0.0))
        worst = int(np.argmax(difference.data)) if difference.nnz else -1
        if worst >= 0:
            row, column = int(difference.row[worst]), int(difference.col[worst])
            _check_asymmetry(
                float(difference.data[worst]), largest, row, column, matrix[row, column], matrix[column, row]
            )
        matrix = sparse.csr_array(matrix / 2 + matrix.conj().T / 2)
    else:
        matrix = _checks.complex_array("hamiltonian", value, (None, None))
        if matrix.shape[0] != matrix.shape[1]:
            _checks.fail("hamiltonian", "be square", f"of shape {matrix.shape}")
        if matrix.size:
            difference = np.abs(matrix - matrix.conj().T)
            row, column = map(int, np.unravel_index(np.argmax(difference), difference.shape))
            largest = float(np.abs(matrix).max())
            _check_asymmetry(difference[row, column], largest, row, column, matrix[row, column], matrix[column, row])
        matrix = matrix / 2 + matrix.conj().T / 2
    if matrix.shape[0] == 0:
        _checks.fail("hamiltonian", "have at least one mode", "empty")
    return frozen(matrix)


def _check_asymmetry(size: float, largest: float, row: int, column: int, one: complex, other: complex) -> None:
    if size > _HERMITIAN_TOLERANCE * largest:
        raise InvalidNetworkError(
            f"Argument `hamiltonian` must be Hermitian, but hamiltonian[{row}, {column}] is {one:.6g} and "
            f"hamiltonian[{column}, {row}] is {other:.6g}; set one to the complex conjugate of the other."
        )


def symmetric_real(name: str, value: Any, size: int | None) -> RealArray:
    """A fresh real symmetric matrix."""
    matrix = _checks.real_array(name, value, (size, size))
    if matrix.shape[0] != matrix.shape[1]:
        _checks.fail(name, "be square", f"of shape {matrix.shape}")
    difference = np.abs(matrix - matrix.T)
    if difference.max(initial=0.0) > _HERMITIAN_TOLERANCE * np.abs(matrix).max(initial=0.0):
        row, column = map(int, np.unravel_index(np.argmax(difference), difference.shape))
        pair = f"{matrix[row, column]:.6g} at [{row}, {column}] and {matrix[column, row]:.6g} at [{column}, {row}]"
        _checks.fail(name, "be symmetric", pair)
    return matrix / 2 + matrix.T / 2


def symmetric(value: Any, size: int) -> ComplexArray:
    given = isinstance(value, np.ndarray) and value.shape == (size, size)
    if value is None or (given and not _checks.has_nonzero(value)):
        return np.broadcast_to(np.complex128(0), (size, size))
    raw: Any = value
    matrix = _checks.complex_array("pairing", raw.toarray() if sparse.issparse(value) else raw, (size, size))
    difference = np.abs(matrix - matrix.T)
    row, column = np.unravel_index(np.argmax(difference), difference.shape)
    if difference[row, column] > _HERMITIAN_TOLERANCE * np.abs(matrix).max():
        raise InvalidNetworkError(
            f"Argument `pairing` must be symmetric, but pairing[{row}, {column}] is {matrix[row, column]:.6g} and "
            f"pairing[{column}, {row}] is {matrix[column, row]:.6g}."
        )
    return frozen(matrix / 2 + matrix.T / 2)  # type: ignore[no-any-return]


def drive_vector(value: Any, size: int) -> ComplexArray:
    if value is None:
        return np.broadcast_to(np.complex128(0), (size,))
    return _checks.read_only(_checks.complex_array("drive", value, (size,)))


def bath_tuple(baths: Any, size: int) -> tuple[Bath, ...]:
    if isinstance(baths, (Bath, str, Mapping)):
        _checks.fail("baths", "be a sequence of baths", repr(baths))
    checked = _checks.sequence("baths", baths, "baths")
    for index, bath in enumerate(checked):
        if not isinstance(bath, Bath):
            _checks.fail(f"baths[{index}]", "be a bath such as ThermalBath or Probe", repr(bath))
        if isinstance(bath, JumpBath):
            if bath.n_modes != size:
                _checks.fail(f"baths[{index}].jumps", f"give amplitudes for {size} modes", f"for {bath.n_modes}")
        elif bath.mode >= size:
            _checks.fail(f"baths[{index}].mode", f"be a node of the network (0 to {size - 1})", bath.mode)
    return checked


def label_tuple(labels: Any, size: int) -> tuple[str, ...]:
    if labels is None:
        return tuple(str(k) for k in range(size))
    checked = _checks.sequence("labels", labels, "strings")
    if len(checked) != size:
        _checks.fail("labels", f"hold one label for each of the {size} modes", f"of length {len(checked)}")
    for index, label in enumerate(checked):
        if not isinstance(label, str):
            _checks.fail(f"labels[{index}]", "be a string", repr(label))
    if len(set(checked)) != size:
        twice = Counter(checked).most_common(1)[0][0]
        _checks.fail("labels", "be distinct", f"{twice!r} twice")
    return checked
