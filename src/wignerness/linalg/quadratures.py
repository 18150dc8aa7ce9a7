"""Quadratic forms in positions and momenta, rewritten in a = (x + i p)/sqrt 2 and its adjoint."""

from __future__ import annotations

import numpy as np

from .._typing import ComplexArray, RealArray


def form_in_ladder(matrix: RealArray) -> tuple[ComplexArray, ComplexArray]:
    """h and Delta with r^T M r / 2 = a^+ h a + (a^+ Delta a^+T + h.c.)/2 up to a constant, r = (x, p).

    Parameters
    ----------
    matrix : (2L, 2L) array
        M = [[A, B], [B^T, D]], symmetric, in xxpp order.

    Returns
    -------
    normal, pairing : (L, L) arrays
        h = (A + D)/2 - i (B - B^T)/2, Hermitian; Delta = (A - D)/2 + i (B + B^T)/2, symmetric.

    Examples
    --------
    >>> import numpy as np
    >>> form_in_ladder(np.diag([4.0, 1.0]))  # 2 x^2 + p^2/2
    (array([[2.5+0.j]]), array([[1.5+0.j]]))
    """
    size = len(matrix) // 2
    a, b, d = matrix[:size, :size], matrix[:size, size:], matrix[size:, size:]
    return (a + d) / 2 - 0.5j * (b - b.T), (a - d) / 2 + 0.5j * (b + b.T)


def springs_in_ladder(masses: RealArray, stiffness: RealArray) -> tuple[RealArray, RealArray]:
    """h and Delta of sum p_k^2/(2 m_k) + x^T K x/2, with a_k the operator of the local oscillator k.

    Its frequency is omega_k = sqrt(K_kk/m_k); links give h_kl = Delta_kl = K_kl / (2 sqrt(m_k omega_k m_l omega_l)).

    Parameters
    ----------
    masses : (L,) array
    stiffness : (L, L) array
        K, symmetric with a positive diagonal.
    """
    frequencies = np.sqrt(np.diag(stiffness) / masses)
    roots = np.sqrt(masses * frequencies)
    links = stiffness / (2.0 * np.outer(roots, roots))
    np.fill_diagonal(links, 0.0)
    return links + np.diag(frequencies), links
