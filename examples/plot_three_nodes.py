r"""
A budget of entropy
===================

Three resonant modes in a line, the first in a cold bath, the last in a hot one, the middle one in a bath of varying
strength: an ordinary one of intermediate occupation, or a self-consistent probe.

**What to see.** The production of each bath, stacked, and the flux that carries it away, whose sum is the dashed line. As
the middle bath grows stronger, it takes a growing share of the production. The probe never exchanges a net excitation, and still
produces entropy, by destroying the correlations of its node with the others.
"""

import matplotlib.pyplot as plt
import numpy as np

import wignerness as wn

HAMILTONIAN = np.diag([0.2, 0.2], 1) + np.diag([0.2, 0.2], -1)
COLD, HOT = wn.ThermalBath(0, rate=0.1, occupation=0.2), wn.ThermalBath(2, rate=0.1, occupation=2.0)
RATES = np.geomspace(1e-3, 3.0, 60)


def budget(middle):
    """Production of every bath and the total flux, for all rates of the middle bath."""
    results = [wn.steady_state(wn.Network(HAMILTONIAN, [COLD, middle(rate), HOT])) for rate in RATES]
    production = np.array([result.entropy_production for result in results])
    return production, np.array([result.entropy_flux.sum() for result in results])


CASES = {
    "thermal bath, n = 0.8": lambda rate: wn.ThermalBath(1, rate, 0.8),
    "probe": lambda rate: wn.Probe(1, rate),
}
COLORS = ["#0072B2", "#999999", "#D55E00"]
LABELS = ["cold bath", "middle", "hot bath"]

plt.rcParams.update({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False})
figure, axes = plt.subplots(1, 2, figsize=(7, 2.8), sharey=True, layout="constrained")
for panel, (title, middle) in zip(axes, CASES.items(), strict=True):
    production, flux = budget(middle)
    panel.stackplot(RATES, production.T, colors=COLORS, labels=LABELS, alpha=0.85)
    panel.plot(RATES, flux, "k--", lw=1, label="total flux")
    panel.set(xscale="log", xlim=(RATES[0], RATES[-1]))
    panel.set(xlabel="rate of the middle bath (1/time)", title=f"middle: {title}")
axes[0].set_ylabel(r"entropy production $\Pi$ (nats/time)")
axes[0].legend(frameon=False)
plt.show()
