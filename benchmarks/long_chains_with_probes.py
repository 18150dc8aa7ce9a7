"""How long does a steady state take when every node has a probe, against the length of the chain?

    python benchmarks/long_chains_with_probes.py [--tiny | --full | --longest] [--cases CASE ...] [--csv FILE]
        [--plot FILE]

``Banded`` on chains, ladders, strips and next-nearest couplings, beside ``Dense`` and the naive ways: SciPy's dense
Lyapunov solver with the occupations of all probes given to it, so that it has less to do ("SciPy, given"); SciPy with the
probes found by fixed-point iteration, one solve a step, to 1e-6 ("SciPy, iterated"); the equation and its feedback as one
sparse linear system of L^2 unknowns ("Kronecker"). Hopping 1, rates 1 at the ends; "disordered" is 1 wide. Every
measurement runs in a process of its own, on one thread; its memory is counted above that of the imports. The error is that of
the occupations, against the closed form or, where that is quick, against Dense.
"""

from __future__ import annotations

import side_by_side

CASES = ("clean", "disordered", "weak probes", "next nearest", "ladder", "strip")
RIVALS = ("Dense", "SciPy, given", "SciPy, iterated", "Kronecker")
LENGTHS = {
    "tiny": {"Banded": [24, 60], "Dense": [24], "SciPy, given": [24], "SciPy, iterated": [8], "Kronecker": [8]},
    "default": {
        "Banded": side_by_side.lengths(100, 10_000),
        "Dense": side_by_side.lengths(20, 200),
        "SciPy, given": side_by_side.lengths(20, 200),
        "SciPy, iterated": [10, 20],
        "Kronecker": side_by_side.lengths(6, 60),
    },
    "full": {
        "Banded": side_by_side.lengths(1000, 100_000),
        "Dense": side_by_side.lengths(63, 630),
        "SciPy, given": side_by_side.lengths(63, 630),
        "SciPy, iterated": [10, 20, 40],
        "Kronecker": side_by_side.lengths(10, 100),
    },
    "longest": {"Banded": [1_000_000], **{rival: [] for rival in RIVALS}},
}
COLUMNS = side_by_side.COLUMNS | {"band": "d"}
ENDS = {"hopping": 1.0, "rate": 1.0, "occupations": (1, 2)}


def network(case: str, length: int):
    """The same numbers for the same length."""
    import numpy as np
    from scipy import sparse

    import wignerness as wn

    if case in ("clean", "disordered", "weak probes"):
        disorder = None if case == "clean" else 1.0
        return wn.models.chain(
            length, **ENDS, probe_rate=1 / 3 if case == "weak probes" else 1.0, disorder=disorder, rng=0
        )
    legs = {"ladder": 2, "strip": 4}.get(case, 1)
    length -= length % legs
    ends = [wn.ThermalBath(0, 1.0, 1.0), wn.ThermalBath(length - 1, 1.0, 2.0)]
    baths = ends + [wn.Probe(k, 1.0) for k in range(length)]
    if legs > 1:
        return wn.models.lattice((length // legs, legs), hopping=1.0, disorder=1.0, rng=0, baths=baths)
    offsets = np.random.default_rng(0).random(length) - 0.5
    links = [np.full(length - d, 1.0 / d) for d in (1, 2)]
    matrix = sparse.diags_array([offsets, *links, *links], offsets=[0, 1, 2, -1, -2]).tocsr()
    return wn.Network(matrix, baths)


def dense_matrices(built):
    """Drift and diffusion, probes without occupations as if at zero, and the rates of the probes."""
    import numpy as np
    from scipy import sparse

    import wignerness as wn

    filled = built.replace(
        baths=[wn.Probe(b.mode, b.rate, occupation=0.0) if isinstance(b, wn.Probe) else b for b in built.baths]
    )
    matrices = [np.asarray(m.toarray() if sparse.issparse(m) else m) for m in (filled.drift, filled.diffusion)]
    probed = np.zeros(built.n_modes)
    for bath in built.baths:
        probed[bath.mode] += bath.rate * isinstance(bath, wn.Probe)
    return *matrices, probed


def by_scipy(built):
    """One solve; which occupations the probes have does not change its time."""
    import numpy as np
    from scipy import linalg

    drift, source, _ = dense_matrices(built)
    linalg.solve_continuous_lyapunov(drift, -source.astype(complex))
    return np.zeros(0)


def by_iteration(built):
    """Every probe takes the occupation that its node had."""
    import numpy as np
    from scipy import linalg

    drift, source, probed = dense_matrices(built)
    found, change = np.ones(len(drift)), 1.0
    while change > 1e-6 * found.max():
        total = source + np.diag(probed * found)
        new = np.diag(linalg.solve_continuous_lyapunov(drift, -total)).real
        found, change = new, np.abs(new - found).max()
    return found


def by_kronecker(built):
    """(1 x A* + A x 1 + feedback) vec(C) = -vec(D), by sparse LU."""
    import numpy as np
    from scipy import sparse
    from scipy.sparse.linalg import spsolve

    drift, source, probed = dense_matrices(built)
    size, a, one = len(drift), sparse.csr_array(drift), sparse.eye_array(len(drift))
    on_diagonal = np.zeros(size * size)
    on_diagonal[:: size + 1] = probed
    both = sparse.kron(a, one) + sparse.kron(one, a.conj()) + sparse.diags_array(on_diagonal)
    return spsolve(sparse.csc_array(both), -source.astype(complex).ravel())[:: size + 1].real


def occupations(solver: str, built):
    """Occupations, and the steady state where the method is ours."""
    import wignerness as wn

    if solver in ("Banded", "Dense"):
        ness = wn.steady_state(built, solver=getattr(wn.solvers, solver)(), strict=False)
        return ness.occupations, ness
    ways = {"SciPy, given": by_scipy, "SciPy, iterated": by_iteration, "Kronecker": by_kronecker}
    return ways[solver](built), None


def measure(case: str, solver: str, length: str) -> side_by_side.Row:
    """One run, in this process."""
    import numpy as np

    built = network(case, int(length))
    occupations(solver, network(case, 8))[0].sum()  # imports and first calls
    before = side_by_side.peak()
    (found, ness), seconds = side_by_side.clocked(lambda: occupations(solver, built))
    row = {"case": case, "method": solver, "length": built.n_modes, "cpu s": seconds}
    if ness is not None:
        _, row["productions s"] = side_by_side.clocked(lambda: ness.entropy_production)
        row["bound"] = ness.error_bound
        row["band"] = len(ness.state.normal.offsets) if solver == "Banded" else None
    row["memory MiB"] = side_by_side.peak() - before
    if len(found) and (exact := reference(case, solver, built)) is not None:
        row["error"] = float(np.abs(found - exact).max())
    return row


def reference(case: str, solver: str, built):
    """The closed form, or what Dense says where that is quick."""
    import wignerness as wn

    if case == "clean":
        return wn.exact.chain(built.n_modes, **ENDS, probe_rate=1.0).occupations
    if solver == "Dense" or built.n_modes > 200:
        return None
    return wn.steady_state(built, solver=wn.solvers.Dense(extended=True)).occupations


STUDY = side_by_side.Study(
    __file__,
    __doc__.splitlines()[0],
    measure,
    {case: ("Banded", *RIVALS) if case == "disordered" else ("Banded", "Dense") for case in CASES},
    LENGTHS,
    COLUMNS,
    lambda row: row["method"] == "Banded" or row["case"] == "disordered",
)

if __name__ == "__main__":
    raise SystemExit(STUDY.main())
