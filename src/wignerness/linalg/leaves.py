"""Diagonal blocks of triangular matrices, diagonalized: what is left to solve between two of them is a division."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from .._typing import Array

BLOCK = 64  # rows of a block
_TRUSTED = 300.0  # condition number of the eigenvectors of a block


@dataclass(frozen=True)
class Leaf:
    """A diagonal block W diag(values) W^-1.

    Attributes
    ----------
    values : (n,) array
    turn, back : (n, n) arrays, optional
        W and W^-1; none where the block is diagonal as it stands.
    """

    values: Array
    turn: Array | None = None
    back: Array | None = None

    def solve(self, other: Leaf, y: Array, *, adjoint: bool) -> None:
        """T1 Y + Y T2^H = F (or T1^H Y + Y T2 = F) in place, T1 this block and T2 the other."""
        if self.turn is None or self.back is None or other.turn is None or other.back is None:
            y /= self._sums(self.values, other.values, adjoint)
            return
        into, out, other_into, other_out = self.back, self.turn, other.back.conj().T, other.turn.conj().T
        if adjoint:
            into, out, other_into, other_out = out.conj().T, into.conj().T, other.turn, other.back
        # All eigenvalues of a real block, too: of two close ones only the sum of what they give has all its digits.
        inner = into @ y @ other_into / self._sums(self.values, other.values, adjoint)
        y[...] = (out @ inner @ other_out).real

    @staticmethod
    def _sums(one: Array, other: Array, adjoint: bool) -> Array:
        return np.asarray(one.conj()[:, None] + other if adjoint else one[:, None] + other.conj())


def split_complex(t: Array, bounds: list[int], u: Array, v: Array) -> list[Leaf] | None:
    """Turn T, U and V = U^-1 to the eigenvectors of every diagonal block, in place; None, and nothing done, if one is bad."""
    blocks = [slice(start, stop) for start, stop in itertools.pairwise(bounds)]
    found = _eigenvectors(_stacked(t, blocks))
    if found is None:
        return None
    leaves = []
    for block, one, other in zip(blocks, *found, strict=True):
        size = block.stop - block.start
        turn, back = one[:size, :size], other[:size, :size]
        values = t[block, block].diagonal().copy()
        t[block] = back @ t[block]
        t[:, block] = t[:, block] @ turn
        t[block, block] = np.diag(values)
        u[:, block] = u[:, block] @ turn
        v[block] = back @ v[block]
        leaves.append(Leaf(values))
    return leaves


def split_real(t: Array, bounds: list[int]) -> list[Leaf] | None:
    """The complex eigenvectors of every diagonal block of a real T; None if those of one are bad."""
    blocks = [slice(start, stop) for start, stop in itertools.pairwise(bounds)]
    stack = _stacked(t, blocks).astype(np.result_type(t, np.complex64))
    rotation = np.zeros_like(stack)
    diagonal = np.arange(stack.shape[1])
    rotation[:, diagonal, diagonal] = 1.0
    # A block [[a, b], [c, a]] of a real Schur form has b c < 0 and the eigenvector (b, i sqrt(-b c)).
    where, rows = np.nonzero(np.diagonal(stack, -1, axis1=1, axis2=2))
    b, c = stack[where, rows, rows + 1].real, stack[where, rows + 1, rows].real
    swing = np.sqrt(np.abs(b) * np.abs(c))
    norm = np.hypot(b, swing)
    rotation[where, rows, rows] = rotation[where, rows + 1, rows + 1] = b / norm
    rotation[where, rows + 1, rows] = rotation[where, rows, rows + 1] = 1j * swing / norm
    inverse = rotation.conj().transpose(0, 2, 1)
    found = _eigenvectors(np.triu(inverse @ stack @ rotation))
    if found is None:
        return None
    leaves = []
    values = np.diagonal(inverse @ stack @ rotation, axis1=1, axis2=2)
    turns, backs = rotation @ found[0], found[1] @ inverse
    for k, block in enumerate(blocks):
        size = block.stop - block.start
        leaves.append(Leaf(values[k, :size], turns[k, :size, :size], backs[k, :size, :size]))
    return leaves


def _stacked(t: Array, blocks: list[slice]) -> Array:
    """The diagonal blocks, one above the other, each filled up to the largest."""
    largest = max(block.stop - block.start for block in blocks)
    stack = np.zeros((len(blocks), largest, largest), dtype=t.dtype)
    stack[:, np.arange(largest), np.arange(largest)] = 1.0 + np.arange(largest)  # beyond the end: distinct, and apart
    for inner, block in zip(stack, blocks, strict=True):
        size = block.stop - block.start
        inner[:size, :size] = t[block, block]
    return stack


def _eigenvectors(stack: Array) -> tuple[Array, Array] | None:
    """Eigenvectors R of upper triangular matrices, T R = R diag(T), and their inverses; None where ill-conditioned."""
    size = stack.shape[-1]
    values = np.diagonal(stack, axis1=1, axis2=2)
    vectors = np.zeros_like(stack)
    vectors[:, np.arange(size), np.arange(size)] = 1.0
    with np.errstate(all="ignore"):  # equal eigenvalues give infinities
        for i in range(size - 2, -1, -1):
            coupled = (stack[:, i : i + 1, i + 1 :] @ vectors[:, i + 1 :, i + 1 :])[:, 0]
            vectors[:, i, i + 1 :] = coupled / (values[:, i + 1 :] - values[:, i : i + 1])
    if not np.isfinite(vectors).all():
        return None
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    inverses = np.linalg.inv(vectors)
    condition = np.linalg.norm(vectors, 2, axis=(1, 2)) * np.linalg.norm(inverses, 2, axis=(1, 2))
    return (vectors, inverses) if (condition < _TRUSTED).all() else None
