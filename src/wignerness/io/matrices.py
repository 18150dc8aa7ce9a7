"""Hamiltonian matrices in NumPy files: ``.npy`` (dense) and ``.npz`` (sparse)."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from .._text import shorten
from ..errors import FileFormatError

ENDINGS = (".npy", ".npz")

# A file may describe far more than it holds: nothing larger than this is unpacked.
LARGEST_MATRIX = 4 * 2**30


def read_matrix(path: Path) -> np.ndarray | sparse.csr_array:
    """Read a square matrix of numbers from a file, without ever unpickling anything.

    Parameters
    ----------
    path : Path
        A file that ``numpy.save`` (``.npy``) or ``scipy.sparse.save_npz`` (``.npz``) wrote.

    Returns
    -------
    (L, L) array or scipy.sparse.csr_array

    Raises
    ------
    FileFormatError
        The file is damaged, foreign, too large, or does not hold a square matrix of numbers.
    """
    try:
        matrix = _read_sparse(path) if path.suffix == ".npz" else _read_dense(path)
    except FileFormatError:
        raise
    # Readers of foreign bytes fail in more ways than they document.
    except Exception as error:
        raise FileFormatError(f"is not a {path.suffix} file of a matrix: {shorten(str(error), 200)}") from error
    if matrix.dtype.kind not in "iufc":
        raise FileFormatError(f"must hold numbers, but holds elements of type {matrix.dtype}")
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not matrix.shape[0]:
        raise FileFormatError(f"must hold a square matrix, but holds an array of shape {matrix.shape}")
    return matrix


def _read_dense(path: Path) -> np.ndarray:
    if path.stat().st_size > LARGEST_MATRIX:
        raise FileFormatError(f"has {path.stat().st_size} bytes, more than {LARGEST_MATRIX}")
    # Mapping the file compares its length with the shape that its header claims, before memory is taken.
    mapped = np.load(path, mmap_mode="r", allow_pickle=False)
    return np.array(mapped) if mapped.dtype.kind in "iufc" else mapped


def _read_sparse(path: Path) -> sparse.csr_array:
    with zipfile.ZipFile(path) as archive:
        total = sum(entry.file_size for entry in archive.infolist())
    if total > LARGEST_MATRIX:
        raise FileFormatError(f"unpacks to {total} bytes, more than {LARGEST_MATRIX}")
    matrix: Any = sparse.load_npz(path)
    if matrix.format not in ("csr", "csc", "coo"):
        raise FileFormatError(f"must be in csr, csc or coo format, but is in {matrix.format}")
    if matrix.format != "coo":
        matrix.check_format(full_check=True)  # indices out of range would be read from alien memory
    return sparse.csr_array(matrix)
