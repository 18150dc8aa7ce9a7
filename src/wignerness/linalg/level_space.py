r"""Responses of a network to a few sites, as operators on the levels of its Hamiltonian, without their matrices.

In the basis of the levels the response to site b is :math:`X^b = Z_b Z_b^\dagger` with one column a node of the exact
rule, :math:`Z_b = \sqrt{2 w_i}\, c_l^T M_b(\omega_i)/(\omega_i - E_l)`. A product with a vector is two sums of charges
over distances.
"""

from __future__ import annotations

import numpy as np

from .._typing import Array, ComplexArray, RealArray
from .cauchy import cauchy_sums, levels_themselves
from .nodes import Nodes


class LevelSpace:
    """The operators :math:`X^b` on the levels; they add up to one.

    Parameters
    ----------
    energies : (L,) array
    couplings : (L, m) array
    nodes : Nodes
        The rule of these levels.
    """

    def __init__(self, energies: RealArray, couplings: RealArray, nodes: Nodes) -> None:
        self._energies, self._couplings, self._nodes = energies, couplings, nodes
        self._levels = levels_themselves(len(energies))
        self._roots = np.sqrt(nodes.weights)[:, None]

    def gather(self, x: ComplexArray) -> ComplexArray:
        """Z_b^H x for all b, shape (nodes, m)."""
        nodes = self._nodes
        near = self._sums(self._couplings * x[:, None], onto_levels=False)
        out = np.sqrt(2.0) * np.einsum("icb,ic->ib", nodes.inverse.conj(), near)
        out += nodes.own.conj() * x[nodes.points.level, None]
        return np.asarray(self._roots * out)

    def scatter(self, y: ComplexArray) -> ComplexArray:
        """Sum over b of Z_b y_b, shape (L,)."""
        nodes = self._nodes
        charges = self._roots * np.einsum("icb,ib->ic", nodes.inverse, y)
        far = -np.sqrt(2.0) * np.sum(self._couplings * self._sums(charges, onto_levels=True), axis=1)
        own = np.sum(self._roots * nodes.own * y, axis=1)
        np.add.at(far, nodes.points.level, own)
        return np.asarray(far)

    def applied(self, weights: RealArray, x: ComplexArray) -> ComplexArray:
        """Sum over b of weights_b X^b x."""
        return self.scatter(weights * self.gather(x))

    def site_column(self, site: int, rate: float, weights: RealArray) -> ComplexArray:
        """Sum over b of weights_b X^b e, where e is the unit vector of a site of this rate."""
        seen = self._nodes.sites[:, site, :]
        return self.scatter(weights * self._roots * seen.conj() / np.sqrt(rate))

    def diagonal(self, weights: RealArray) -> RealArray:
        """Diagonal of the sum over b of weights_b X^b."""
        nodes, m = self._nodes, self._couplings.shape[1]
        upper = np.triu_indices(m)
        form = np.einsum("iab,b,icb->iac", nodes.inverse, weights, nodes.inverse.conj()).real
        charges = 2 * self._roots**2 * form[:, upper[0], upper[1]] * np.where(upper[0] == upper[1], 1.0, 2.0)
        _, second = cauchy_sums(self._energies, self._levels, nodes.points, charges[:, :0], charges)
        pairs = self._couplings[:, upper[0]] * self._couplings[:, upper[1]]
        own = np.sum(weights * np.abs(self._roots * nodes.own) ** 2, axis=1)
        at_nodes = np.bincount(nodes.points.level, weights=own, minlength=len(pairs))
        return np.asarray(np.sum(pairs * second, axis=1) + at_nodes)

    def _sums(self, charges: ComplexArray, *, onto_levels: bool) -> Array:
        """Sums of complex charges, from the levels onto the nodes or back."""
        ends = (self._levels, self._nodes.points) if onto_levels else (self._nodes.points, self._levels)
        first, _ = cauchy_sums(self._energies, *ends, np.ascontiguousarray(charges).view(np.float64))
        return np.ascontiguousarray(first).view(np.complex128)


def inverse_form(space: LevelSpace, lowest: float, weights: RealArray, right: ComplexArray, most: int) -> float | None:
    """right^H V^-1 right for V = lowest + sum over b of weights_b X^b, weights >= 0, a sum of positive terms.

    By conjugate gradients with the diagonal of V; None where ``most`` steps are not enough.
    """
    root = 1.0 / np.sqrt(lowest + np.maximum(space.diagonal(weights), 0.0))
    left = root * right
    direction, square, total = left, float(np.vdot(left, left).real), 0.0
    for _ in range(most):
        if not square:
            return total
        image = root * (lowest * (root * direction) + space.applied(weights, root * direction))
        step = square / float(np.vdot(direction, image).real)
        total += step * square
        if step * square <= _SETTLED * total:
            return total
        left = left - step * image
        fresh = float(np.vdot(left, left).real)
        direction, square = left + fresh / square * direction, fresh
    return None


_SETTLED = 1e-14
