"""How much rounding of a Hermitian matrix changes what its levels share among absorbing sites."""

from __future__ import annotations

import numpy as np

from .._typing import ComplexArray, IntArray, RealArray
from .levels import Levels

_ALL = 80.0  # logarithm of what makes any rounding all that there is


def chain_mixing(levels: Levels, eigenvalues: ComplexArray, rates: RealArray, rounding: float) -> float:
    """How much the responses to the sites of a chain change at most on a place, to first order, by a change of H.

    A level shares what it holds among the sites as its tails reach them. A change of H mixes levels that are next to
    each other: this turns vectors that overlap into each other, and the tails by as much as there is of them around a
    site, which may be far more than on it. Levels that the change can bring to coincide may be any mixture, however
    little they overlap.

    Parameters
    ----------
    levels : Levels
    eigenvalues : (L,) array
        E - i w/2; what parts levels at one energy may be their widths.
    rates : (m,) array
    rounding : float
        The norm of the change.

    Returns
    -------
    float
        At most one.
    """
    if len(eigenvalues) == 1:
        return 0.0
    log_widths = 2 * levels.logs + np.log(rates)
    total = np.logaddexp.reduce(log_widths, axis=1, keepdims=True)
    shares = np.exp(log_widths - total)
    apart = np.maximum(np.diff(levels.energies), np.abs(np.diff(eigenvalues)))
    with np.errstate(invalid="ignore"):  # logarithms of zeros
        # At one energy all tails fall off alike, so vectors apart differ on the sites as they do on each other's place.
        difference = np.nan_to_num(np.abs(np.diff(levels.logs, axis=0)), nan=0.0).max(axis=1)
    unlike = np.abs(np.diff(shares, axis=0)).max(axis=1)
    turn = np.minimum(rounding / np.maximum(apart, rounding), 1.0)
    most = np.maximum(np.append(turn, 0.0), np.append(0.0, turn))[:, None]
    own = np.sum(2 * shares * (1 - shares) * np.minimum(most * np.exp(np.minimum(levels.dips, _ALL)), 1.0), axis=1)
    higher = np.maximum(levels.heights[1:], levels.heights[:-1])
    turned = unlike * np.exp(-difference) * np.sqrt(levels.heights[1:] * levels.heights[:-1])
    each = np.where(apart > rounding, turn * turned, unlike * higher)
    return min(float(each.max()) + float((own * levels.heights).max()), 1.0)


def mixing(
    levels: Levels,
    vectors: ComplexArray,
    eigenvalues: ComplexArray,
    rates: RealArray,
    pairs: tuple[IntArray, IntArray],
    rounding: float,
) -> float:
    r"""How much the responses to the sites change at most, to first order, by a change of H of any shape.

    A change E of H turns the modes :math:`u_i` of :math:`H - iG/2` by
    :math:`t_{ij} = |y_j^\dagger E u_i|/|y_j^\dagger u_j| |\lambda_i - \lambda_j|` into each other. This changes what
    there is of a mode on a place, and its amplitudes on the sites, of which it shares what it holds. A mode that the
    sites hardly see takes over, beside one that they do see, far more of the other's amplitude than it has itself: its
    shares change by the turn times the ratio of the amplitudes.

    Parameters
    ----------
    levels : Levels
    vectors : (L, L) array
        Eigenvectors of H, one a column.
    eigenvalues : (L,) array
        E - i w/2 of H - iG/2, in the order of the levels.
    rates : (m,) array
        G on the sites.
    pairs : two (n,) arrays of int
        Places between which coherences are looked at, too.
    rounding : float
        The spectral norm of the change.

    Returns
    -------
    float
        At most one.

    Notes
    -----
    The modes follow from the levels and a small matrix for every one, O(L^2 m^2), exactly up to the errors of the
    eigenvalues; products of L x L matrices then find the place where all adds up to most.
    """
    if len(eigenvalues) == 1:
        return 0.0
    right, left, seen = _modes(levels, eigenvalues, rates)
    places = np.abs(right @ vectors.T)  # of the modes, one a row
    norms = np.linalg.norm(right, axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        condition = norms * np.linalg.norm(left, axis=1) / np.abs(np.sum(left * right, axis=1))
        places, seen = places / norms[:, None], np.abs(seen) / norms[:, None]
        apart = np.abs(eigenvalues[:, None] - eigenvalues)
        np.fill_diagonal(apart, np.inf)
        turned = np.nan_to_num(np.minimum(rounding * condition / apart, 1.0), nan=1.0)
        np.fill_diagonal(turned, 0.0)
        widths = np.sum(seen**2, axis=1, keepdims=True)
        moved = np.sqrt(turned**2 @ seen**2)
        shares = np.nan_to_num(seen**2 / widths)
        # Half the sum over the sites of the changes of the shares, which add up to zero.
        reshared = np.nansum(2 * (1 - shares) * seen * moved / widths, axis=1) + np.sum(moved**2, axis=1) / widths[:, 0]
    reshared = np.minimum(np.nan_to_num(reshared, nan=1.0), 1.0)
    turned *= sum(np.abs(share[:, None] - share) for share in shares.T) / 2  # nothing changes between alike ones
    changes = (turned + turned.T) @ places + reshared[:, None] * places
    on_places = np.sum(places * changes, axis=0).max()
    between = max((float(places[:, a] @ changes[:, b]) for a, b in zip(*pairs, strict=True)), default=0.0)
    return min(max(float(on_places), between), 1.0)


def _modes(
    levels: Levels, eigenvalues: ComplexArray, rates: RealArray
) -> tuple[ComplexArray, ComplexArray, ComplexArray]:
    """Right and left eigenvectors of H - iG/2 in the basis of the levels, one a row, and sqrt(G/2) times their sites.

    Each has one in the place of its own level. With the couplings c of the levels the others follow from the sites, s:
    a_j = -i c_j^H s / (lambda - E_j), and s solves (1 + i sum of c_j c_j^H / (lambda - E_j)) s = c, j over the others.
    """
    count, m = levels.amplitudes.shape
    couplings = levels.amplitudes * np.sqrt(rates / 2)
    distance = eigenvalues[:, None] - levels.energies
    np.fill_diagonal(distance, np.inf)
    inverse = np.divide(1.0, distance, out=np.zeros_like(distance), where=distance != 0)
    charges = (couplings[:, :, None] * couplings[:, None, :].conj()).reshape(count, m * m)
    matrix = np.eye(m) + 1j * (inverse @ charges).reshape(count, m, m)
    seen = np.linalg.solve(matrix, couplings[:, :, None])[:, :, 0]
    heard = np.linalg.solve(matrix.transpose(0, 2, 1), couplings.conj()[:, :, None])[:, :, 0]
    right, left = -1j * (seen @ couplings.conj().T) * inverse, -1j * (heard @ couplings.T) * inverse
    np.fill_diagonal(right, 1.0)
    np.fill_diagonal(left, 1.0)
    return right, left, np.asarray(seen, dtype=np.complex128)
