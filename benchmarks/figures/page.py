"""The ledger as a part of a page."""

from __future__ import annotations


def as_markdown(ledger: dict) -> str:
    """All figures, with where the numbers come from."""
    m, f = ledger["machine"], ledger["figures"]
    option = {"full": " --full", "tiny": " --tiny"}.get(ledger["scale"], "")
    origin = (
        f"Generated on {ledger['date']} with the {ledger['scale']} counts (seed {ledger['seed']}) by\n\n"
        f"```\npython benchmarks/reliability.py{option}\n```\n\n"
        f"on {m['processor']}, {m['cores']} cores, one BLAS thread, in {_duration(ledger['processor_seconds'])} of "
        f"processor time; wignerness {m['wignerness']}, Python {m['python']}, NumPy {m['numpy']}, SciPy {m['scipy']}, "
        f"{m['blas']}."
    )
    parts = [
        origin,
        _backward(f["1_backward_error"]),
        _bound(f["2_error_bound"]),
        _silent(f["3_silent_errors"]),
        _laws(f["4_laws"]),
        _routes(f["5_independent_routes"]),
        _paper(f["6_paper_numbers"]),
        *map(_apart, ledger["measured_apart"]),
    ]
    return "\n\n".join(parts) + "\n"


def _duration(seconds: int) -> str:
    return f"{seconds} s" if seconds < 100 else f"{seconds / 60:.0f} min"


def _apart(figure: dict) -> str:
    """A figure that other means measured."""
    return (
        f"### {figure['number']}. {figure['title']}\n\n"
        + _table(figure["header"], figure["rows"])
        + f"\n\nMeasured on {figure['date']}. {figure['method']}"
        + (f"\n\n{figure['note']}" if figure.get("note") else "")
    )


def _table(header, rows) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines)


def _backward(figure: dict) -> str:
    sizes = ", ".join(f"{count} of {name}" for name, count in figure["sizes"].items() if count)
    worst = figure["worst_case"]
    return (
        "### 1. Backward error\n\n"
        + _table(
            ("networks", "worst", "median", "declined"),
            [
                (
                    figure["networks"],
                    f"{figure['worst_eps']:.2f} eps",
                    f"{figure['median_eps']:.3f} eps",
                    sum(figure["declined"].values()),
                )
            ],
        )
        + f"\n\nThe worst was of the family `{worst['family']}` with {worst['modes']} modes. Numbers of modes: {sizes}. "
        "Families in equal parts: " + ", ".join(f"`{name}`" for name in figure["families"]) + ". "
        "The error is $|A C + C A^\\dagger + f| / (2 |A| |C| + |f|)$ in Frobenius norms, recomputed from the delivered $C$ "
        "with residuals of twice the precision; eps is $2^{-52}$. LAPACK's own tests accept 30. Declined are answers "
        "that the solver itself refuses to give."
    )


def _bound(figure: dict) -> str:
    return (
        "### 2. The error bound, against certified truth\n\n"
        + _table(
            ("networks", "covered", "median bound / error", "worst error of C", "worst flux", "worst production"),
            [
                (
                    figure["networks"],
                    f"{figure['covered']} ({100 * figure['covered'] / figure['networks']:.4g} %)",
                    f"{figure['median_bound_over_error']:.2g}",
                    f"{figure['worst_C_relative']:.1e}",
                    f"{figure['worst_flux_relative']:.1e}",
                    f"{figure['worst_production_relative']:.1e}",
                )
            ],
        )
        + f"\n\nTruth in ball arithmetic (python-flint), up to 6 modes, {figure['declined']} more declined. The error of $C$ is "
        "relative to its largest element; every flux and every production is relative to itself, however small."
    )


def _silent(figure: dict) -> str:
    kinds = ("right", "refused", "wrong state", "wrong production")
    rows = [(name, *(found.get(kind, 0) for kind in kinds)) for name, found in figure["outcomes"].items()]
    worst = figure["silently_wrong_by_family"]
    families = [
        (f"`{name}`", what.rstrip("."), *(worst[way].get(name, 0) for way in figure["outcomes"]))
        for name, what in figure["families"].items()
    ]
    return (
        "### 3. Silently wrong answers\n\n"
        + _table(("way", "right", "refused", "silently wrong: state", "silently wrong: a production alone"), rows)
        + f"\n\n{figure['inputs']} inputs made to mislead, {figure['without_steady_state']} of them without a unique steady state. "
        "An answer is wrong if it is given where there is none, or if an element of $C$ is off by more than $10^{-6}$ of the "
        "largest, or a production by more than $10^{-6}$ of itself. Refused is any exception, warning or number that is "
        "none. SciPy stands for `solve_continuous_lyapunov`, eigenvectors for diagonalizing the drift; both with probes "
        "closed by the kernel that they give, and productions by Eq. (C2).\n\n"
        + _table(("family", "input", *(f"wrong: {way}" for way in figure["outcomes"])), families)
    )


def _laws(figure: dict) -> str:
    return (
        "### 4. Laws\n\n"
        + _table(
            ("laws", "generated examples", "violations"),
            [(len(figure["laws"]), figure["examples"], figure["violations"])],
        )
        + "\n\nThe property tests of `tests/laws`: "
        + "; ".join(figure["laws"])
        + "."
    )


def _routes(figure: dict) -> str:
    rows = [
        (name, e["compared"], e["systems"], f"{e['largest_difference']:.1e}", f"{e['largest_over_allowed']:.2g}")
        for name, e in figure["routes"].items()
    ]
    return "### 5. Independent routes\n\n" + _table(
        ("route", "compared", "systems", "largest difference", "of what is allowed"), rows
    )


def _paper(figure: dict) -> str:
    rows = [
        (row["quantity"], row["route"], f"{row['value']:.10g}", row["expected"], f"{row['deviation']:.1e}")
        for row in figure["rows"]
    ]
    return (
        "### 6. The paper's numbers\n\n"
        f"Worst deviation: {figure['worst_deviation']:.1e}, relative. Fig. 2 with occupations 1 and 2, which its caption does "
        "not state.\n\n" + _table(("quantity", "route", "value", "expected", "deviation"), rows)
    )
