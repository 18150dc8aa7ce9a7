"""How long does a dense steady state take, beside SciPy's solver of the same Lyapunov equation, and control libraries?

    python benchmarks/dense.py [--tiny | --full] [--cases CASE ...] [--csv FILE] [--plot FILE]

Two kinds of network, a thermal bath on every node: ``generic``, whose drift is complex and full, and ``gauged``, a chain at
equal frequencies whose hoppings have powers of i at random as phases, so that a change of phases makes its drift real. "Dense" is the
default of the library for dense networks, with its error bound; "refined" goes beyond double precision at any size
(the default up to 512 modes). The rivals state no error. "SciPy, real" is handed the gauged drift with its phases
taken off; "SB03MD" is SLICOT's solver for real matrices, as slycot and python-control call it: a complex drift costs it
twice the size. "Schur form" is LAPACK's zgees (dgees where real) alone, the least that any of the rivals has to do. Every
measurement runs in a process of its own, on one thread; memory is counted above that of the imports. The residual is
||A C + C A^+ + D|| / (2 ||A|| ||C|| + ||D||), computed here from the moments, for all alike.
"""

from __future__ import annotations

import importlib.util

import side_by_side

METHODS = {
    "generic": ("Dense", "refined", "SciPy", "SB03MD", "python-control", "Schur form"),
    "gauged": ("Dense", "refined", "SciPy", "SciPy, real", "SB03MD", "python-control", "Schur form"),
}
NEEDS = {"SB03MD": "slycot", "python-control": "control"}
LENGTHS = {"tiny": [20], "default": [100, 200, 400], "full": side_by_side.lengths(100, 1000, per_decade=9)}
COLUMNS = {
    "case": "",
    "method": "",
    "length": "d",
    "cpu s": ".3g",
    "memory MiB": ".0f",
    "residual": ".1e",
    "bound": ".1e",
}


def build(case: str, length: int):
    """The network, and the phases that make its drift real; the same numbers for the same length."""
    import numpy as np

    import wignerness as wn

    rng = np.random.default_rng(length)
    baths = [wn.ThermalBath(k, *rng.uniform((0.5, 0.0), (1.5, 2.0))) for k in range(length)]
    phases = 1j ** rng.integers(4, size=length)
    if case == "gauged":
        chain = wn.models.chain(length, hopping=1.0, rate=1.0, occupations=(1, 2))
        return wn.Network(phases[:, None] * chain.hamiltonian * phases.conj(), baths), phases
    matrix = rng.normal(size=(2, length, length))
    matrix = (matrix[0] + 1j * matrix[1]) / np.sqrt(2 * length)
    return wn.Network(matrix + matrix.conj().T, baths), None


def moments(method: str, network, phases):
    """C, and the error bound where the method states one; no C for a Schur form alone."""
    import numpy as np

    import wignerness as wn

    if method in ("Dense", "refined"):
        solution = wn.solvers.Dense(extended=True if method == "refined" else None).solve(network)
        return solution.state.normal, solution.error_bound
    drift, source = np.asarray(network.drift), np.asarray(network.diffusion)
    if phases is not None and method != "SciPy":
        drift = (phases.conj()[:, None] * drift * phases).real.copy()
        source = source.real.copy()
        found = RIVALS[method](drift, source)
        return None if found is None else phases[:, None] * found * phases.conj(), None
    return RIVALS[method](drift, source), None


def by_scipy(drift, source):
    from scipy import linalg

    return linalg.solve_continuous_lyapunov(drift, -source)


def by_schur_form(drift, source):  # noqa: ARG001 - called as the others are
    from scipy import linalg

    linalg.schur(drift)


def by_slycot(drift, source):
    """SB03MD takes real matrices; a complex drift becomes a real one of twice the size."""
    import slycot

    def solve(a, d):
        _, _, found, scale, *_ = slycot.sb03md57(a.T.copy(), C=-d, dico="C")
        return found / scale

    return _doubled(solve, drift, source)


def by_control(drift, source):
    """python-control calls SB03MD; of a complex matrix it drops the imaginary part, so that it gets a real one here."""
    import control

    return _doubled(lambda a, d: control.lyap(a, d, method="slycot"), drift, source)


def _doubled(solve, drift, source):
    import numpy as np

    if not np.iscomplexobj(drift):
        return solve(drift, source)
    size = len(drift)
    found = solve(
        np.block([[drift.real, -drift.imag], [drift.imag, drift.real]]),
        np.block([[source.real, -source.imag], [source.imag, source.real]]),
    )
    return found[:size, :size] + 1j * found[size:, :size]


RIVALS = {
    "SciPy": by_scipy,
    "SciPy, real": by_scipy,
    "SB03MD": by_slycot,
    "python-control": by_control,
    "Schur form": by_schur_form,
}


def measure(case: str, method: str, length: str) -> side_by_side.Row:
    """One run, in this process."""
    import numpy as np

    network, phases = build(case, int(length))
    moments(method, *build(case, 4))  # imports and first calls
    before = side_by_side.peak()
    (normal, bound), seconds = side_by_side.clocked(lambda: moments(method, network, phases))
    row = {"case": case, "method": method, "length": int(length), "cpu s": seconds, "bound": bound}
    row["memory MiB"] = side_by_side.peak() - before
    if normal is not None:
        half = np.asarray(network.drift) @ normal
        left = half + half.conj().T + network.diffusion
        terms = 2 * np.linalg.norm(network.drift) * np.linalg.norm(normal) + np.linalg.norm(network.diffusion)
        row["residual"] = float(np.linalg.norm(left) / terms)
    return row


def main(arguments: list[str] | None = None) -> int:
    """Run and print."""
    methods = {
        case: tuple(name for name in names if name not in NEEDS or importlib.util.find_spec(NEEDS[name]))
        for case, names in METHODS.items()
    }
    lengths = {scale: dict.fromkeys(METHODS["gauged"], sizes) for scale, sizes in LENGTHS.items()}
    drawn = ("Dense", "SciPy", "SB03MD")
    study = side_by_side.Study(
        __file__, __doc__.splitlines()[0], measure, methods, lengths, COLUMNS, lambda row: row["method"] in drawn
    )
    return study.main(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
