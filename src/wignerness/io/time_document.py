"""Runs in time and samples of trajectories as plain documents of strings, numbers, lists and dictionaries."""

from __future__ import annotations

import math
import warnings
from typing import Any

from ..dynamics.evolution import Evolution, evolve
from ..dynamics.trajectories import Trajectories
from ..errors import AccuracyWarning, UndefinedQuantityError

_ROWS = ("bath_currents", "heat_currents", "entropy_flux", "entropy_production", "wigner_entropy", "entropy_rate")


def evolution_document(run: Evolution) -> dict[str, Any]:
    """Times, occupations (one list a time), what is defined per bath and in total, and the integrals over the run.

    Examples
    --------
    >>> import wignerness as wn
    >>> one = wn.Network([[1.0]], [wn.ThermalBath(0, 1.0, 1.0)])
    >>> document = evolution_document(wn.evolve(one, wn.GaussianState.thermal([3.0]), [0.0, 1.0]))
    >>> document["times"], round(document["integrated_production"], 10)
    ([0.0, 1.0], 0.3946451584)
    """
    document: dict[str, Any] = {
        "times": run.times.tolist(),
        "nodes": list(run.network.labels),
        "baths": list(run.network.bath_labels),
        "occupations": run.occupations.tolist(),
    }
    for name in _ROWS:
        try:
            document[name] = getattr(run, name).tolist()
        except UndefinedQuantityError:
            document[name] = None
    first, last = float(run.times.min()), float(run.times.max())
    try:
        document["integrated_production"] = run.integrated_production(first, last)
        document["integrated_flux"] = run.integrated_flux(first, last).tolist()
    except UndefinedQuantityError:
        document["integrated_production"] = document["integrated_flux"] = None
    return document


def trajectories_document(sample: Trajectories) -> dict[str, Any]:
    """Sigma and the fluctuation theorem, with standard errors, and what each bath was handed.

    ``reliable`` is False where a few trajectories carry the average of exp(-Sigma). Every number is finite, or None.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", AccuracyWarning)
        average = sample.integral_fluctuation()
    sigma = sample.entropy_production
    try:
        exchange = sample.exchange_statistics()
        amounts, variances = exchange.mean.tolist(), exchange.variance.tolist()
    except UndefinedQuantityError:  # of squeezed and jump baths only the entropy that they are handed is drawn
        amounts = variances = [None] * sample.network.n_baths
    last = float(sample.times[-1])
    # With the probes of the trajectories, which are frozen also where those of the run follow.
    expected = evolve(sample.network, sample.initial, last).integrated_production(0.0, last)
    document = {
        "number": sample.n,
        "mean_production": float(sigma.mean()),
        "mean_production_error": float(sigma.std() / math.sqrt(sample.n)),
        "integrated_production": expected,
        "fluctuation_average": average.mean,
        "fluctuation_average_error": average.standard_error,
        "effective_samples": average.effective_samples,
        "reliable": not caught,
        "baths": list(sample.network.bath_labels),
        "exchange_mean": amounts,
        "exchange_variance": variances,
    }
    return {key: _finite(value) for key, value in document.items()}


def _finite(value: Any) -> Any:
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
