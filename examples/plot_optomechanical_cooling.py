r"""
Optomechanical cooling and what it costs
========================================

A mechanical mode of 1 MHz at 20 mK, pushed by the light in a cavity of 200 kHz, while the laser is tuned across the
red side of the cavity at fixed power.

**What to see.** Top: the surroundings hold 416 phonons; on the red sideband a tenth of one is left. The theory for weak coupling
(dashed) follows, and no laser goes below the sideband limit (dotted). Bottom: the entropy production of the two baths and
the total flux, which the photons carry off. Where cooling is best, most of the production is at the mechanical bath, which
keeps heating a mode far colder than itself; away from there it is the cavity's. At small detuning the network comes close to
its instability, and the production diverges.
"""

import matplotlib.pyplot as plt
import numpy as np

import wignerness as wn

LABORATORY = {
    "mechanical_frequency": 1e6,  # Hz
    "mechanical_linewidth": 5.0,  # Hz
    "temperature": 0.02,  # K
    "cavity_frequency": 2.8e14,  # Hz
    "cavity_linewidth": 2e5,  # Hz
    "coupling": 60.0,  # Hz, of one photon
    "power": 2e-6,  # W
}
FREQUENCY, KAPPA = LABORATORY["mechanical_frequency"], LABORATORY["cavity_linewidth"] / 1e6
DETUNINGS = np.linspace(-2.0, -0.1, 96)  # in mechanical frequencies


def cooled(detuning):
    """The steady state at a detuning in mechanical frequencies; None where there is none."""
    network = wn.models.optomechanics(**LABORATORY, detuning=detuning * FREQUENCY)
    try:
        return wn.steady_state(network)
    except wn.errors.UnstableNetworkError:
        return None


def weak_coupling(detuning):
    """Phonon number by the balance of rates, and the sideband limit."""
    network = wn.models.optomechanics(**LABORATORY, detuning=detuning * FREQUENCY)
    coupling, bath = network.hamiltonian[0, 1].real, network.baths[1]
    damping = wn.models.optical_damping(detuning=detuning, coupling=coupling, cavity_rate=KAPPA)
    limit = wn.models.sideband_limit(detuning=detuning, cavity_rate=KAPPA)
    return (damping * limit + bath.rate * bath.occupation) / (damping + bath.rate), limit


results = [cooled(detuning) for detuning in DETUNINGS]
phonons = np.array([np.nan if ness is None else ness.occupations[1] for ness in results])
budget = np.array([[np.nan] * 4 if n is None else [*n.entropy_production, *n.entropy_flux] for n in results])
theory, limit = np.transpose([weak_coupling(detuning) for detuning in DETUNINGS])

plt.rcParams.update({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False})
figure, (top, bottom) = plt.subplots(2, 1, figsize=(5, 4.6), sharex=True, layout="constrained")
top.plot(DETUNINGS, phonons, color="#0072B2", label="steady state")
top.plot(DETUNINGS, theory, "k--", lw=1, label="weak coupling")
top.plot(DETUNINGS, limit, "k:", lw=1, label="sideband limit")
top.set(yscale="log", ylabel="phonons")
top.legend(frameon=False)

bottom.plot(DETUNINGS, budget[:, 0], color="#E69F00", label="production of the cavity bath")
bottom.plot(DETUNINGS, budget[:, 1], color="#0072B2", label="production of the mechanical bath")
bottom.plot(DETUNINGS, budget[:, 2:].sum(axis=1), "k--", lw=1, label="total flux")
bottom.set(xlabel=r"detuning $\Delta / \omega_m$", ylabel=r"entropy per time / $\omega_m$", xlim=(-2, -0.1))
bottom.set(yscale="log")
bottom.legend(frameon=False, fontsize=8)
plt.show()
