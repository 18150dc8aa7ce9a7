"""Graphs of networkx, and covariance matrices in the conventions of QuTiP and The Walrus."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .. import _checks
from .._typing import RealArray
from ..bath import Bath, Probe, ThermalBath
from ..errors import InvalidStateError
from ..network import Network
from ..state import GaussianState
from .optional import optional_module

if TYPE_CHECKING:
    import networkx

__all__ = ["from_qutip_covariance", "from_thewalrus", "to_networkx", "to_qutip_covariance", "to_thewalrus"]

# Asymmetry of a covariance up to this part of its largest element is averaged out.
_TOLERANCE = 1e-9


# --- covariances ----------------------------------------------------------------------------------


def to_qutip_covariance(state: GaussianState) -> RealArray:
    """Return the covariance of ``qutip.covariance_matrix`` for the basis (x_1, p_1, x_2, ...), vacuum 1/2.

    x = (a + a^+)/sqrt 2 and p = (a - a^+)/(i sqrt 2), QuTiP's default ``g = sqrt(2)``.

    Examples
    --------
    >>> import wignerness as wn
    >>> to_qutip_covariance(wn.GaussianState.thermal([1.0]))
    array([[1.5, 0. ],
           [0. , 1.5]])
    """
    return np.asarray(state.covariance("xpxp"), dtype=np.float64)


def from_qutip_covariance(covariance: Any, mean: Any = None) -> GaussianState:
    """Return the Gaussian state with a covariance in the order (x_1, p_1, x_2, ...), vacuum 1/2.

    Parameters
    ----------
    covariance : (2L, 2L) array_like
        As ``qutip.covariance_matrix`` returns it for that basis.
    mean : (2L,) array_like, optional
        Means of the same quadratures; zero by default.

    Raises
    ------
    InvalidStateError
        If it is no covariance of a state.

    Examples
    --------
    >>> from_qutip_covariance([[1.5, 0.0], [0.0, 1.5]]).occupations
    array([1.])
    """
    matrix = _real_covariance(covariance)
    size = len(matrix) // 2
    order = np.arange(2 * size).reshape(size, 2).T.ravel()
    means = np.zeros(2 * size) if mean is None else _means(mean, size)
    return _from_xxpp(matrix[np.ix_(order, order)], means[order])


def to_thewalrus(state: GaussianState) -> tuple[RealArray, RealArray]:
    """Return means and covariance in The Walrus' convention: order (x_1, x_2, ..., p_1, ...), hbar = 2, vacuum 1.

    Returns
    -------
    means : (2L,) array
        Twice the real parts of <a>, then twice the imaginary parts.
    covariance : (2L, 2L) array

    Examples
    --------
    >>> import wignerness as wn
    >>> to_thewalrus(wn.GaussianState.coherent([1.0 - 0.5j]))
    (array([ 2., -1.]), array([[1., 0.],
           [0., 1.]]))
    """
    means = 2.0 * np.concatenate([state.mean.real, state.mean.imag])
    return means, 2.0 * np.asarray(state.covariance("xxpp"), dtype=np.float64)


def from_thewalrus(means: Any, covariance: Any) -> GaussianState:
    """Return the Gaussian state with these means and covariance, in the convention of :func:`to_thewalrus`.

    Raises
    ------
    InvalidStateError
        If they are not those of a state.

    Examples
    --------
    >>> from_thewalrus([2.0, -1.0], [[1.0, 0.0], [0.0, 1.0]]).mean
    array([1.-0.5j])
    """
    matrix = _real_covariance(covariance)
    return _from_xxpp(matrix / 2.0, _means(means, len(matrix) // 2) / np.sqrt(2.0))


# --- networkx -------------------------------------------------------------------------------------


def to_networkx(network: Network) -> networkx.Graph:
    """Return the graph of a network, which :func:`wignerness.models.from_graph` reads back.

    Nodes are the labels, with the attributes ``frequency``, ``drive`` and ``pairing`` where there is one, and ``rate`` and
    ``occupation`` of a thermal bath or ``probe_rate`` of a free probe. Edges have ``hopping`` (H[u, v] for u before v)
    and, where there is one, ``pairing``. Baths that these attributes cannot say (named, squeezed, several on a node,
    with a temperature or a spectrum, jump operators) are listed in ``graph.graph["baths"]``.

    Returns
    -------
    networkx.Graph

    Raises
    ------
    MissingExtraError
        If networkx is not installed.

    Examples
    --------
    >>> import wignerness as wn
    >>> graph = to_networkx(wn.Network([[1, 0.2], [0.2, 1]], [wn.ThermalBath(0, 0.1, 0.5)]))
    >>> graph.nodes["0"]
    {'frequency': 1.0, 'rate': 0.1, 'occupation': 0.5}
    >>> wn.models.from_graph(graph, graph.graph["baths"])
    Network(2 modes, 1 bath: 1 thermal)
    """
    nx = optional_module("networkx", "graph")
    graph = nx.Graph()
    frequencies = network.hamiltonian.diagonal().real
    for label, frequency, drive in zip(network.labels, frequencies, network.drive, strict=True):
        graph.add_node(label, frequency=float(frequency), **({"drive": complex(drive)} if drive else {}))
    links = network.hamiltonian.tocoo() if network.is_sparse else None
    pairs = zip(*(np.nonzero(network.hamiltonian) if links is None else (links.row, links.col)), strict=True)
    paired = np.argwhere(network.pairing) if _checks.has_nonzero(network.pairing) else ()
    for k, m in sorted({(int(i), int(j)) for i, j in [*pairs, *paired] if i < j}):
        hopping, pairing = complex(network.hamiltonian[k, m]), complex(network.pairing[k, m])
        extra = {"pairing": pairing} if pairing else {}
        graph.add_edge(network.labels[k], network.labels[m], hopping=hopping if hopping.imag else hopping.real, **extra)
    for node in sorted({int(i) for i, j in paired if i == j}):
        graph.nodes[network.labels[node]]["pairing"] = complex(network.pairing[node, node])
    graph.graph["baths"] = [bath for bath in network.baths if not _on_node(bath, graph, network)]
    return graph


def _on_node(bath: Bath, graph: networkx.Graph, network: Network) -> bool:
    """Write a bath into the attributes of its node; False where they cannot hold it."""
    if not isinstance(bath, (ThermalBath, Probe)) or bath.name is not None:
        return False
    if isinstance(bath, ThermalBath) and (bath.frequency is not None or bath.spectrum is not None):
        return False
    node = graph.nodes[network.labels[bath.mode]]
    if isinstance(bath, Probe):
        said = {"probe_rate": bath.rate} if bath.is_free else {}
    else:
        said = {"rate": bath.rate, "occupation": bath.occupation}
    if not said or said.keys() & node.keys():
        return False
    node.update(said)
    return True


def _real_covariance(covariance: Any) -> RealArray:
    matrix = _checks.real_array("covariance", covariance, (None, None), error=InvalidStateError)
    if matrix.shape[0] != matrix.shape[1] or matrix.shape[0] % 2 or matrix.size == 0:
        _checks.fail("covariance", "be square with two rows a mode", f"of shape {matrix.shape}", InvalidStateError)
    return matrix


def _means(means: Any, size: int) -> RealArray:
    return _checks.real_array("means", means, (2 * size,), error=InvalidStateError)


def _from_xxpp(covariance: RealArray, means: RealArray) -> GaussianState:
    """From the order (x_1, ..., p_1, ...) with vacuum 1/2."""
    size = len(covariance) // 2
    x, cross, p = covariance[:size, :size], covariance[:size, size:], covariance[size:, size:]
    difference = float(np.abs(covariance - covariance.T).max())
    if difference > _TOLERANCE * float(np.abs(covariance).max()):
        _checks.fail("covariance", "be symmetric", f"off by {difference:.3g}", InvalidStateError)
    # <a_i a_j^+> + <a_j^+ a_i> = x_ij + p_ij + i (cov(p_i, x_j) - cov(x_i, p_j))
    normal = (x + p) / 2 + 0.5j * (cross.T - cross) - np.eye(size) / 2
    anomalous = (x - p) / 2 + 0.5j * (cross.T + cross)
    mean = (means[:size] + 1j * means[size:]) / np.sqrt(2)
    return GaussianState(mean, normal, anomalous if anomalous.any() else None)
