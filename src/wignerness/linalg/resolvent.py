r"""Integrals over products of resolvents of a block-tridiagonal matrix, close to the diagonal.

For :math:`A = -i H - R/2` with a Hermitian block-tridiagonal H and a positive diagonal R,

.. math:: X = \int_0^\infty e^{At} F e^{A^\dagger t} dt = \int \frac{d\omega}{2\pi} G(\omega) F G(\omega)^\dagger,
          \qquad G(\omega) = (\omega - H + i R/2)^{-1} .

At each frequency the blocks of G follow from recursions along the diagonal, and the integral is done by a rational
rule that converges geometrically: the cost is (blocks) x (bandwidth) x (frequencies).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .._typing import Array, ComplexArray, RealArray

_TOO_MANY = "The singularities are too close to the real axis for a rule of moderate size."
_PER_WIDTH = 6.0  # candidates for poles, per distance from the real axis


def rational_rule(
    low: float, high: float, narrow: float, wide: float, tolerance: float, *, most: int = 20_000
) -> tuple[RealArray, RealArray]:
    r"""Nodes and weights of :math:`\int d\omega/2\pi` for products of functions analytic off a rectangle.

    The rule is exact for rational functions with the poles x_i -+ i a_i; these are placed one after the other where
    the rule is worst (Leja-Bagby points), until it is good to ``tolerance`` all over the rectangle.

    Parameters
    ----------
    low, high : float
        Real parts of the singularities.
    narrow, wide : float
        Their distances from the real axis; all lie between.
    tolerance : float
        Of the integral of a product of two simple poles.
    most : int
        Number of nodes from which on there is none: finding N nodes takes O(N^2) steps.

    Returns
    -------
    nodes, weights : (N,) arrays
        Weights are positive. N is about ln(1/tolerance) (high - low)/(10 narrow) + ln(1/tolerance).

    Raises
    ------
    ValueError
        If more than ``most`` nodes are needed.

    Examples
    --------
    >>> import numpy as np
    >>> x, w = rational_rule(-1.0, 1.0, 0.5, 0.5, 1e-14)
    >>> bool(abs(w @ (1 / abs(x - 0.3 + 0.5j) ** 2) - 1) < 1e-13)
    True
    """
    target = np.log(tolerance)
    if -target * (high - low) / (10 * narrow) > 2 * most:
        raise ValueError(_TOO_MANY)
    candidates = _rectangle(low, high, narrow, wide)
    level = np.zeros(len(candidates))
    poles: list[complex] = []
    while level.max() > target:
        if len(poles) >= most:
            raise ValueError(_TOO_MANY)
        pole = complex(candidates[np.argmax(level)])
        poles.append(pole)
        with np.errstate(divide="ignore"):
            level += np.log(np.abs((candidates - pole) / (candidates - pole.conjugate())))
    return _rule_of(np.array(poles))


def _rectangle(low: float, high: float, narrow: float, wide: float) -> ComplexArray:
    """Points on its boundary, as dense as the distance from the real axis asks for."""
    depths = np.geomspace(narrow, wide, max(2, int(8 * np.log2(wide / narrow)) + 2))
    sides = [edge - 1j * depths for edge in (low, high)]
    floors = []
    for depth in (narrow, wide):
        count = int(np.ceil(_PER_WIDTH * (high - low) / depth)) + 2
        # denser toward the corners, where the rule is worst
        floors.append((low + high) / 2 - (high - low) / 2 * np.cos(np.linspace(0, np.pi, 2 * count)) - 1j * depth)
    return np.concatenate([*sides, *floors])


def _rule_of(poles: ComplexArray) -> tuple[RealArray, RealArray]:
    """Nodes where the phases sum (arctan) of all poles have the right sum; weights are one over its slope."""
    x, a, count = poles.real, -poles.imag, len(poles)
    scale, middle = np.ptp(x) / 2 + a.max(), (x.max() + x.min()) / 2
    angle = np.linspace(-np.pi, np.pi, 16 * count + 3)[1:-1]
    grid = middle + scale * np.tan(angle / 2)
    targets = (2 * np.arange(count) + 1 - count) * np.pi
    nodes = middle + scale * np.tan(np.interp(targets, _phase(grid, x, a), angle) / 2)
    for _ in range(8):
        nodes = nodes - (_phase(nodes, x, a) - targets) / _slope(nodes, x, a)
    return nodes, 1.0 / _slope(nodes, x, a)


def _phase(w: RealArray, x: RealArray, a: RealArray) -> RealArray:
    total = np.zeros(len(w))
    for center, width in zip(x, a, strict=True):
        total += 2 * np.arctan((w - center) / width)
    return total


def _slope(w: RealArray, x: RealArray, a: RealArray) -> RealArray:
    total = np.zeros(len(w))
    for center, width in zip(x, a, strict=True):
        total += 2 * width / ((w - center) ** 2 + width**2)
    return total


class Resolvent:
    """G at all nodes of a rule, window by window along the diagonal.

    Arrays of blocks have the shape (blocks, p, p, N): frequencies come last.

    Parameters
    ----------
    diagonal : (n, p, p) array
        Diagonal blocks of H.
    upper : (n - 1, p, p) array
        Blocks H_k,k+1.
    rates : (n, p) array
        The diagonal R.
    nodes, weights : (N,) arrays
        A rule for the integral.
    stride : int
        Windows begin and end at multiples of this number of blocks.
    """

    def __init__(
        self,
        diagonal: ComplexArray,
        upper: ComplexArray,
        rates: RealArray,
        nodes: RealArray,
        weights: RealArray,
        stride: int,
    ) -> None:
        self.count, self.size = len(diagonal), diagonal.shape[1]
        self.weights, self.stride = weights, stride
        self._nodes = nodes
        self._local = diagonal - 0.5j * rates[:, :, None] * np.eye(self.size)
        self._upper, self._lower = upper, upper.conj().transpose(0, 2, 1)
        self._unit = np.eye(self.size, dtype=np.complex128)[:, :, None]
        self._strength = np.abs(upper[:, 0, 0]) ** 2 if self.size == 1 else None
        self._from_left = dict(self._sweep_left(0, self.count, None, keep=stride))
        self._from_right = dict(self._sweep_right(self.count, 0, None, keep=stride))

    def window(self, start: int, stop: int) -> Window:
        """G for the blocks start <= k < stop, exact whatever lies outside; both multiples of the stride (or the end)."""
        shape = (stop - start, self.size, self.size, len(self._nodes))
        left, right = np.empty(shape, dtype=np.complex128), np.empty(shape, dtype=np.complex128)
        for k, g in self._sweep_left(start, stop, self._from_left.get(start - 1)):
            left[k - start] = g
        after = self._from_right.get(stop)
        for k, g in self._sweep_right(stop, start, after):
            right[k - start] = g
        sigma, rho = np.zeros(shape, dtype=np.complex128), np.zeros(shape, dtype=np.complex128)
        h, back = self._upper[start : stop - 1, :, :, None], self._lower[start : stop - 1, :, :, None]
        sigma[:-1], rho[1:] = times(left[:-1], h), times(right[1:], back)
        # 1/G_kk = 1/left_k - h_k right_k+1 h_k^+, so G_kk = (1 - sigma_k rho_k+1)^-1 left_k.
        whole = np.empty(shape, dtype=np.complex128)
        whole[:-1] = times(inverse(self._unit - times(sigma[:-1], rho[1:])), left[:-1])
        before = left[-2] if stop - start > 1 else self._from_left.get(start - 1)
        whole[-1] = self._at(stop - 1, before, after)
        return Window(self.weights, start, sigma, rho, whole)

    def _at(self, k: int, before: ComplexArray | None, after: ComplexArray | None) -> ComplexArray:
        """The inverse of omega - H_kk + iR/2 less what the neighbors' resolvents add."""
        if self._strength is not None:
            total = self._nodes - self._local[k, 0, 0]
            if before is not None and k > 0:
                total -= before[0, 0] * self._strength[k - 1]
            if after is not None and k + 1 < self.count:
                total -= after[0, 0] * self._strength[k]
            return np.asarray(np.reciprocal(total)[None, None])
        m = self._unit * self._nodes - self._local[k][:, :, None]
        if before is not None and k > 0:
            m -= self._through(before, self._lower[k - 1], self._upper[k - 1])
        if after is not None and k + 1 < self.count:
            m -= self._through(after, self._upper[k], self._lower[k])
        return inverse(m)

    def _through(self, g: ComplexArray, there: ComplexArray, back: ComplexArray) -> ComplexArray:
        p = self.size
        return np.asarray(back.T @ (there @ g.reshape(p, -1)).reshape(p, p, -1))

    def _sweep_left(
        self, start: int, stop: int, g: ComplexArray | None, keep: int = 1
    ) -> Iterator[tuple[int, ComplexArray]]:
        for k in range(start, stop):
            g = self._at(k, g, None)
            if (k + 1) % keep == 0:
                yield k, g

    def _sweep_right(
        self, stop: int, start: int, g: ComplexArray | None, keep: int = 1
    ) -> Iterator[tuple[int, ComplexArray]]:
        for k in range(stop - 1, start - 1, -1):
            g = self._at(k, None, g)
            if k % keep == 0:
                yield k, g


class Window:
    """Blocks of G on a stretch of the diagonal.

    Attributes
    ----------
    sigma, rho : (n, p, p, N) arrays
        G_kj = sigma_k G_k+1,j for j > k and G_kj = rho_k G_k-1,j for j < k.
    whole : (n, p, p, N) array
        G_kk.
    """

    def __init__(
        self, weights: RealArray, start: int, sigma: ComplexArray, rho: ComplexArray, whole: ComplexArray
    ) -> None:
        self.weights, self.start = weights, start
        self.sigma, self.rho, self.whole = sigma, rho, whole

    def total(self, first: int) -> RealArray:
        """Sum over j of T_kj R_j by the spectral identity, -2 Im G_kk integrated: one, if the rule is right."""
        diagonal = np.einsum("kiin->kin", self.whole[first - self.start :]).imag
        return np.asarray(-2 * diagonal @ self.weights)

    def kernel(self, first: int, reach: int) -> Iterator[tuple[int, int, RealArray]]:
        """T_k-m,k = the integral of |G_k-m,k|^2, elementwise, for blocks k >= first and m = 0, ..., reach.

        Yields m, the first k and the (blocks, p, p) array.
        """
        k = first
        g = self.whole[k - self.start :]
        if g.shape[1] == 1:
            yield from self._scalar_kernel(first, reach)
            return
        for m in range(reach + 1):
            if m:
                new = max(k, m)
                g, k = g[new - k :], new
                if not len(g):
                    return
                at = k - m - self.start
                g = times(self.sigma[at : at + len(g)], g)
            yield m, k, (g.real**2 + g.imag**2) @ self.weights

    def _scalar_kernel(self, first: int, reach: int) -> Iterator[tuple[int, int, RealArray]]:
        step = self.sigma[:, 0, 0].real ** 2 + self.sigma[:, 0, 0].imag ** 2
        g = self.whole[first - self.start :, 0, 0]
        square, k = g.real**2 + g.imag**2, first
        for m in range(reach + 1):
            if m:
                new = max(k, m)
                square, k = square[new - k :], new
                if not len(square):
                    return
                at = k - m - self.start
                square = square * step[at : at + len(square)]
            yield m, k, (square @ self.weights)[:, None, None]

    def moments(self, first: int, stop: int, reach: int, source: RealArray) -> Iterator[tuple[int, int, Array]]:
        """X_k-m,k for blocks first <= k < stop and the (n, p) diagonal F ``source`` of the window.

        What lies outside the window counts as zero. Yields m, the first k and the (blocks, p, p) array.
        """
        w = times(self.whole * source[:, None, :, None], adjoint(self.whole))
        left, right = np.zeros_like(w), np.zeros_like(w)
        rho_adjoint = adjoint(self.rho)
        for k in range(1, len(w)):
            left[k] = times(times(self.rho[k], left[k - 1] + w[k - 1]), rho_adjoint[k])
        for k in range(len(w) - 2, first - self.start - 1, -1):
            right[k] = times(times(self.sigma[k], right[k + 1] + w[k + 1]), adjoint(self.sigma[k]))
        k, core = first, slice(first - self.start, stop - self.start)
        y = right[core] + w[core]
        yield 0, k, np.asarray((y + left[core]) @ self.weights)
        back = np.broadcast_to(np.eye(w.shape[1], dtype=np.complex128)[:, :, None], y.shape)
        for m in range(1, reach + 1):
            new = max(k, m)
            y, back, k = y[new - k :], back[new - k :], new
            if not len(y):
                return
            at = k - m - self.start
            here = slice(at, at + len(y))
            back = times(rho_adjoint[at + 1 : at + 1 + len(y)], back)
            y = times(self.sigma[here], y) + times(w[here], back)
            yield m, k, np.asarray((y + times(left[here], back)) @ self.weights)


def times(a: Array, b: Array) -> Array:
    """Products of small matrices, (..., p, q, N) times (..., q, r, N)."""
    out: Array = a[..., :, 0, None, :] * b[..., None, 0, :, :]
    for k in range(1, a.shape[-2]):
        out += a[..., :, k, None, :] * b[..., None, k, :, :]
    return out


def adjoint(a: ComplexArray) -> ComplexArray:
    """Conjugate transposes of small matrices, (..., p, p, N)."""
    return np.asarray(a.conj().swapaxes(-3, -2))


def inverse(m: ComplexArray) -> ComplexArray:
    """Inverses of small matrices (..., p, p, N) with definite imaginary part, by blocks; no pivoting is needed."""
    p = m.shape[-3]
    if p == 1:
        return np.asarray(1.0 / m)
    h = p // 2
    a, b, c, d = m[..., :h, :h, :], m[..., :h, h:, :], m[..., h:, :h, :], m[..., h:, h:, :]
    top = inverse(a)
    over = times(top, b)
    under = times(c, top)
    rest = inverse(d - times(c, over))
    out = np.empty_like(m)
    out[..., h:, h:, :] = rest
    out[..., :h, h:, :] = -times(over, rest)
    out[..., h:, :h, :] = -times(rest, under)
    out[..., :h, :h, :] = top - times(out[..., :h, h:, :], under)
    return out
