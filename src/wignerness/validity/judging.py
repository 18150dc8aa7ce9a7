"""The audit: whether the local master equation is right for a network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import _checks
from ..bath import JumpBath, ThermalBath
from ..dynamics.comparison import Comparison
from ..network import Network
from ..spectra import Flat
from ..theories import Exact, Global, LeadsAccount, Local, Redfield, Theory
from .agreement import agreement_checks, compare_all, errors_of, is_state
from .assumed import PhysicalNetwork, physical_network
from .record import Audit, Check, Errors, percent
from .scales import normal_frequencies, scale_checks

__all__ = ["audit"]

_LOCAL = Local()
_OTHERS: tuple[Theory, ...] = (Global(), Redfield())
# A flat spectrum is followed down to this part of the lowest normal frequency.
_INFRARED = 0.1
# Part of the tolerance to which a reference must know its occupations.
_SURE = 0.1
_LEAST_INFRARED, _LARGEST_INFRARED = 1e-4, 0.5


def audit(
    network: Network,
    *,
    tolerance: float = 0.05,
    frame: float = 0.0,
    theories: Sequence[Theory] = _OTHERS,
    reference: Theory | None = None,
    used: Local | Theory = _LOCAL,
) -> Audit:
    r"""Whether the local master equation is right for a network, and what to use in its place.

    Compares couplings, damping, memory of the baths and level spacings with each other, and the local steady state with
    the exact one: occupations, number and heat currents, the direction of heat, the second law.

    Parameters
    ----------
    network : Network
        Its frequencies those of the laboratory. Thermal baths that have no temperature get that which their occupation
        means at the frequency of their node.
    tolerance : float
        Largest relative error to be accepted: of currents relative to the largest of their kind, of occupations
        relative to n + 1/2.
    frame : float, optional
        Frequency of the rotating frame that the Hamiltonian is written in; it is added to the frequency of every node.
    theories : sequence of theories, optional
        What may be recommended in place of the local equation, by rising cost; default ``Global()``, ``Redfield()``.
    reference : Theory, optional
        What errors are measured by; default ``theories.Exact()``, for flat spectra without what lies below a tenth of
        the lowest normal frequency.
    used : theory object, optional
        What is used for this network, if not the local equation: it is compared as well, and judged in ``.of_used``; it
        is recommended only if it is among ``theories``.

    Returns
    -------
    Audit
        ``.trust``, ``.verdict``, ``.checks``, ``.errors``, ``.recommended``; prints itself, ``.to_html()``.

    Raises
    ------
    InvalidNetworkError
        If an argument is not what it must be.
    NoUniqueSteadyStateError, ConvergenceError, MemoryLimitError, UndefinedQuantityError
        If there is no local steady state to be audited, as :func:`~wignerness.steady_state`.

    Notes
    -----
    What cannot be decided is never trusted: white noise (a flat spectrum that is asked for, without a temperature),
    frequencies of a rotating frame, and baths for which there is no exact theory here (squeezed, of jump operators,
    dephasing) leave the verdict undecided. Probes are held at the occupations that the local equation gives them.

    Mesoscopic leads are not recommended by default: ``Exact()`` answers the same question, which they approach with the
    number of leads, at lower cost and with a bound. They are for what has no exact solution here, transients and
    trajectories; ``theories=[..., MesoscopicLeads()]`` lets the audit recommend them.

    Examples
    --------
    A detuned pair, its bath of the higher frequency hotter: by the local equation heat flows from cold to hot.

    >>> import wignerness as wn
    >>> baths = [wn.ThermalBath.at_temperature(0, 0.02, 1.0, 1.0), wn.ThermalBath.at_temperature(1, 0.02, 0.6, 0.4)]
    >>> found = wn.audit(wn.Network([[1.0, 0.01], [0.01, 0.4]], baths))
    >>> found.trust, found.recommended, [check.name for check in found.checks if check.verdict == "fail"]
    (False, Global(), ['number currents', 'heat currents', 'direction of heat', 'second law'])
    """
    if not isinstance(network, Network):
        _checks.fail("network", "be a Network", repr(network))
    tolerance = _checks.real("tolerance", tolerance, above=0.0)
    others = [_theory("theories", theory) for theory in _checks.sequence("theories", theories, "theories")]
    physical = physical_network(network, _checks.real("frame", frame))
    found = physical.network
    checks = [_baths(physical), *scale_checks(found)]
    measure = _reference(found) if reference is None else _theory("reference", reference)
    used = _LOCAL if isinstance(used, Local) else _theory("used", used)
    compared = [*others, *([] if used in (_LOCAL, measure, *others) else [used])]
    if physical.open_questions:
        checks += _unmeasured(measure.refusal(found) or "", tolerance)
        return _without_comparison(physical, tolerance, checks, used=used)
    comparison = compare_all(found, [_LOCAL, *compared, measure])
    why = _no_measure(comparison, measure, tolerance)
    if why:
        checks += _unmeasured(why, tolerance)
        return _without_comparison(physical, tolerance, checks, comparison, used=used)
    errors = errors_of(comparison, [_LOCAL, *compared], physical.held)
    checks += agreement_checks(comparison, errors[0], tolerance, physical.held)
    whole = _with_positions(found, measure)
    if whole is not None:
        checks += _counter_rotating(found, whole, tolerance)
    return Audit(
        network=found,
        tolerance=tolerance,
        checks=tuple(checks),
        errors=errors,
        reference=measure,
        recommended=_recommended(checks, errors[: 1 + len(others)], measure, whole, tolerance),
        comparison=comparison,
        used=used,
        assumptions=(*physical.assumptions, *_left_out(found, measure)),
    )


def _theory(name: str, theory: Any) -> Theory:
    if isinstance(theory, type) or not hasattr(theory, "solve"):
        _checks.fail(name, "be a theory object beside the local one, such as theories.Global()", repr(theory))
    return theory  # type: ignore[no-any-return]


def _baths(physical: PhysicalNetwork) -> Check:
    if physical.open_questions:
        return Check("physical baths", None, None, "undecided", " ".join(physical.open_questions))
    words = "Every thermal bath has a temperature and a spectrum, given or assumed as noted."
    return Check("physical baths", None, None, "pass", words)


def _unmeasured(why: str, tolerance: float) -> list[Check]:
    if not why:
        return []
    words = f"There is nothing to measure the local result by: {why}"
    return [Check("agreement", None, tolerance, "undecided", words)]


def _no_measure(comparison: Comparison, measure: Theory, tolerance: float) -> str:
    """Why the reference is none; empty if it is one."""
    if repr(measure) in comparison.refusals:
        return comparison.refusals[repr(measure)]
    account = comparison.accounts[-1]
    if not is_state(account):
        return f"the moments by {measure!r} are no state."
    known = account.difference if isinstance(account, LeadsAccount) else account.error_bound or 0.0
    error = known / (float(account.occupations.max(initial=0.0)) + 0.5)
    if error > _SURE * tolerance:
        return f"the occupations by {measure!r} are themselves known to {percent(error)} only."
    return ""


def _reference(network: Network) -> Exact:
    """The exact theory; of a flat spectrum, whose occupations diverge toward zero frequency, not all of it."""
    flat = [b for b in network.baths if isinstance(b, ThermalBath) and _diverges(b)]
    level = float(normal_frequencies(network)[0])
    if not flat or level <= 0.0:
        return Exact()
    part = _INFRARED * level / max(b.frequency for b in flat if b.frequency)
    return Exact(infrared=float(f"{min(max(part, _LEAST_INFRARED), _LARGEST_INFRARED):.2g}"))


def _diverges(bath: ThermalBath) -> bool:
    return bool(bath.bath_temperature) and (bath.spectrum is None or isinstance(bath.spectrum, Flat))


def _without_comparison(
    physical: PhysicalNetwork,
    tolerance: float,
    checks: Sequence[Check],
    comparison: Comparison | None = None,
    *,
    used: Local | Theory,
) -> Audit:
    return Audit(
        network=physical.network,
        tolerance=tolerance,
        checks=tuple(checks),
        errors=(),
        reference=None,
        recommended=None,
        comparison=comparison,
        used=used,
        assumptions=(*physical.assumptions, *_left_out(physical.network, None)),
    )


def _with_positions(network: Network, reference: Theory) -> Exact | None:
    """The exact theory with baths that couple to positions, where the reference is without and the spectra allow it."""
    if not isinstance(reference, Exact) or reference.counter_rotating:
        return None
    whole = Exact(counter_rotating=True, dressed_at=reference.dressed_at, tolerance=reference.tolerance)
    return None if whole.refusal(network) else whole


def _counter_rotating(network: Network, whole: Exact, tolerance: float) -> list[Check]:
    """How far the local result is off if the baths couple to positions."""
    comparison = compare_all(network, [_LOCAL, whole])
    if comparison.refusals:
        return []
    local = errors_of(comparison, [_LOCAL])[0]
    value = max(local.occupations, local.heat_currents)
    words = (
        f"If the baths couple to positions, a + a^+, occupations or heat currents are off by {percent(value)}: this "
        "includes what the rotating-wave form of the coupling drops."
    )
    return [Check("counter-rotating terms", value, tolerance, "pass" if value <= tolerance else "warn", words)]


def _recommended(
    checks: Sequence[Check], errors: Sequence[Errors], reference: Theory, whole: Exact | None, tolerance: float
) -> Local | Theory | None:
    """The cheapest theory within the tolerance; where the rotating-wave form is in doubt, one without it, if any."""
    failed = {check.name for check in checks if check.verdict == "fail"}
    if not failed:
        return errors[0].theory
    if "hopping / frequency" in failed or "positive frequencies" in failed:
        return None
    if "damping / frequency" in failed:
        return whole
    return next((e.theory for e in errors[1:] if e.is_within(tolerance)), reference)


def _left_out(network: Network, reference: Theory | None) -> list[str]:
    found = []
    if isinstance(reference, Exact) and reference.infrared != Exact().infrared:
        found.append(
            "A flat spectrum holds ever more thermal excitations toward zero frequency; the reference counts none below "
            f"{reference.infrared:.4g} of the largest frequency of a bath."
        )
    if _checks.has_nonzero(network.pairing):
        found.append("Checks of scales leave pairing out.")
    if network.dephasings or any(isinstance(b, JumpBath) for b in network.baths):
        found.append("Checks of scales count neither dephasing nor baths of jump operators as damping.")
    return found
