"""How long does the steady state of a chain between two baths take, however long the chain?

    python benchmarks/few_baths.py [--tiny | --full | --longest] [--cases CASE ...] [--csv FILE] [--plot FILE]

``ADI`` beside ``Dense``; beside SciPy's solver of the same Lyapunov equation; beside the naive ways: the equation as one
sparse linear system of L^2 unknowns ("Kronecker"), and QuTiP's steady state of the density matrix, six levels a mode.
Three chains with hopping 1 and rates 1: uniform; weakly disordered (frequencies 0.05 wide); localized (2 wide), in which
most resonances are narrower than any double. The error is that of the occupations, against the closed form where the chain is
uniform, else against ADI (for the rivals). Productions are those of each bath. Every measurement runs in a process of its
own, on one thread; its memory is counted above that of the imports.
"""

from __future__ import annotations

import side_by_side

DISORDER = {"uniform": 0.0, "weak disorder": 0.05, "localized": 2.0}
METHODS = ("ADI", "Dense", "SciPy", "Kronecker", "QuTiP")
LENGTHS = {
    "tiny": {"ADI": [20, 100], "Dense": [20], "SciPy": [20], "Kronecker": [10], "QuTiP": [2]},
    "default": {
        "ADI": side_by_side.lengths(100, 3160),
        "Dense": side_by_side.lengths(32, 316),
        "SciPy": side_by_side.lengths(32, 316),
        "Kronecker": side_by_side.lengths(6, 60),
        "QuTiP": [2, 3],
    },
    "full": {
        "ADI": side_by_side.lengths(100, 10_000),
        "Dense": side_by_side.lengths(100, 1000),
        "SciPy": side_by_side.lengths(100, 1000),
        "Kronecker": side_by_side.lengths(10, 100),
        "QuTiP": [2, 3],
    },
    "longest": {"ADI": [100_000], "Dense": [], "SciPy": [], "Kronecker": [], "QuTiP": []},
}
LEVELS = (1.0, 2.0)


def build(chain: str, length: int):
    """The network; the same numbers for the same length."""
    import wignerness as wn

    disorder = DISORDER[chain] or None
    return wn.models.chain(length, hopping=1.0, rate=1.0, occupations=LEVELS, disorder=disorder, rng=length)


def occupations(method: str, network):
    """Occupations, and the steady state where the method is ours."""
    import wignerness as wn

    if method in ("ADI", "Dense"):
        ness = wn.steady_state(network, solver=getattr(wn.solvers, method)(), strict=False)
        return ness.occupations, ness
    return {"SciPy": by_scipy, "Kronecker": by_kronecker, "QuTiP": by_qutip}[method](network), None


def by_scipy(network):
    import numpy as np
    from scipy import linalg

    return np.diag(linalg.solve_continuous_lyapunov(np.asarray(network.drift), -np.asarray(network.diffusion))).real


def by_kronecker(network):
    """(1 x A* + A x 1) vec(C) = -vec(D), by sparse LU."""
    import numpy as np
    from scipy import sparse
    from scipy.sparse.linalg import spsolve

    drift, one = sparse.csr_array(np.asarray(network.drift)), sparse.eye_array(network.n_modes)
    both = sparse.csc_array(sparse.kron(drift, one) + sparse.kron(one, drift.conj()))
    found = spsolve(both, -np.asarray(network.diffusion, dtype=complex).ravel())
    return found.reshape(network.n_modes, -1).diagonal().real


def by_qutip(network):
    """A density matrix: hot modes need more levels than it can have, so this is a time and no answer."""
    import qutip

    levels, size = 6, network.n_modes
    lower = [
        qutip.tensor([qutip.destroy(levels) if k == j else qutip.qeye(levels) for j in range(size)])
        for k in range(size)
    ]
    h = sum(
        complex(network.hamiltonian[k, j]) * lower[k].dag() * lower[j]
        for k in range(size)
        for j in range(size)
        if network.hamiltonian[k, j]
    )
    collapse = []
    for bath in network.baths:
        a = lower[bath.mode]
        collapse += [(bath.rate * (bath.occupation + 1)) ** 0.5 * a, (bath.rate * bath.occupation) ** 0.5 * a.dag()]
    state = qutip.steadystate(h, collapse)
    return [qutip.expect(a.dag() * a, state) for a in lower]


def measure(chain: str, method: str, length: str) -> side_by_side.Row:
    """One run, in this process; no numbers where the method declines."""
    import numpy as np

    import wignerness as wn

    network = build(chain, int(length))
    occupations(method, build(chain, 2))  # imports and first calls
    before = side_by_side.peak()
    row = {"case": chain, "method": method, "length": int(length)}
    try:
        (found, ness), row["cpu s"] = side_by_side.clocked(lambda: occupations(method, network))
    except wn.errors.NoUniqueSteadyStateError:  # a resonance that a dense equation cannot tell from an undamped mode
        return row
    if ness is not None:
        _, row["productions s"] = side_by_side.clocked(lambda: ness.entropy_production)
        row["bound"] = ness.error_bound
    row["memory MiB"] = side_by_side.peak() - before
    if (exact := reference(chain, method, network)) is not None:
        row["error"] = float(np.abs(np.asarray(found) - exact).max())
    return row


def reference(chain: str, method: str, network):
    """The closed form, or what ADI says; nothing where there is neither."""
    import wignerness as wn

    if chain == "uniform":
        return wn.exact.chain(network.n_modes, hopping=1.0, rate=1.0, occupations=LEVELS).occupations
    return None if method in ("ADI", "QuTiP") else occupations("ADI", network)[0]


STUDY = side_by_side.Study(
    __file__,
    __doc__.splitlines()[0],
    measure,
    {chain: METHODS if chain == "uniform" else METHODS[:3] for chain in DISORDER},
    LENGTHS,
    side_by_side.COLUMNS,
    lambda row: row["method"] == "ADI" or row["case"] == "uniform",
)

if __name__ == "__main__":
    raise SystemExit(STUDY.main())
