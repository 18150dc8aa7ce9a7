r"""
Where a master equation is right
================================

Two oscillators, each with a bath of its own: the simplest network on which local and global master equations differ. Their
heat current is compared with the exact one over hopping :math:`\lambda` and detuning, for baths at :math:`T = 1` and 0.6 and
the damping :math:`\gamma = 0.02`, in units of the frequency of the hot oscillator.

**What to see.** Dark is good; the white line is an error of five percent. Left: the local equation is right on resonance, and
wrong with detuning, however weak the hopping. In the hatched region heat flows from cold to
hot: where the cold oscillator has the smaller ratio of frequency and temperature, as Levy and Kosloff found. Middle: the secular
global equation is right where the levels are further apart than the damping is wide. Right: on resonance (baths at 0.5 and 0.25)
the errors cross, and two short formulas say where.

The local equation takes a bath at one frequency, and the exact current samples it over the width of the transmission, whose
variance on resonance is :math:`\lambda^2 + \gamma^2/4`. So the error is, for the heat :math:`h = \omega (n_1 - n_2)`,

.. math:: \epsilon_{\text{local}} = \frac{|h''(\omega)|}{2 |h(\omega)|} \Bigl(\lambda^2 + \frac{\gamma^2}{4}\Bigr),
          \qquad \epsilon_{\text{secular}} = \frac{\gamma^2}{4 \lambda^2} .

The secular equation fails at :math:`\lambda \approx \gamma`; but where the two are equally good is at the geometric mean of the
damping and of the frequency over which the baths bend, :math:`\lambda^2 = \gamma \sqrt{|h|/2|h''|}`: 0.144 here, far above the
damping. In between both are right, and partially secular equations and Redfield's are so throughout.

A. Levy and R. Kosloff, EPL 107, 20004 (2014); J. O. González et al., *Testing the validity of the local and global GKLS
master equations on an exactly solvable model*, arXiv:1707.09228, found the failure of the one and of the other, for two
oscillators, at weak and at strong hopping.
"""

import matplotlib.pyplot as plt
import numpy as np

import wignerness as wn
from wignerness import plotting, validity
from wignerness.analysis import crossover
from wignerness.theories import Global, Local, Redfield

RATE = 0.02  # gamma


def pair(hopping, detuning=0.0, hot=1.0, cold=0.6):
    """Two oscillators; the cold one has the lower frequency."""
    frequencies = (1.0, 1.0 - detuning)
    baths = [
        wn.ThermalBath.at_temperature(node, RATE, temperature, frequency=frequency)
        for node, (temperature, frequency) in enumerate(zip((hot, cold), frequencies, strict=True))
    ]
    return wn.Network([[frequencies[0], hopping], [hopping, frequencies[1]]], baths)


def resonant(hopping):
    """The same on resonance, between colder baths."""
    return pair(hopping, hot=0.5, cold=0.25)


# %%
# One call solves all points by all theories and exactly; with ``store`` it would survive being killed, and with
# ``executor=Processes()`` use every core.

secular = Global(secular_width=0.0)
hoppings = np.geomspace(1e-3, 0.3, 22)
plane = validity.validity_map(
    pair, {"hopping": hoppings, "detuning": np.linspace(0.0, 0.65, 20)}, theories=[Local(), secular]
)
line = validity.validity_map(resonant, {"hopping": hoppings}, theories=[Local(), secular, Global(), Redfield()])

# %%
# The two formulas, and the hopping at which they meet beside the one where the errors do.

omega = np.array([1 - 1e-3, 1.0, 1 + 1e-3])
heat = omega / np.expm1(omega / 0.5) - omega / np.expm1(omega / 0.25)
bend = abs(heat[0] - 2 * heat[1] + heat[2]) / 1e-6 / heat[1]
local_law = bend / 2 * (hoppings**2 + RATE**2 / 4)
secular_law = RATE**2 / (4 * hoppings**2)
errors = line.error.sel(quantity="heat_currents")
(found,) = crossover(hoppings, errors.sel(theory="Local()").values, errors.sel(theory=repr(secular)).values)
print(f"errors cross at a hopping of {found:.4f}; the formulas at {(RATE**2 / 2 / bend) ** 0.25:.4f}")

with plotting.screen():
    figure, (left, middle, right) = plt.subplots(
        1, 3, figsize=(12.5, 4.0), layout="constrained", width_ratios=(1, 1, 1.1)
    )
    for axes, theory, title in ((left, Local(), "local"), (middle, secular, "global, secular")):
        mesh = plotting.plot_validity_map(axes, plane, repr(theory))
        axes.set(xscale="log", title=title, xlabel=r"hopping $\lambda/\omega$", ylabel=r"detuning$/\omega$")
        axes.grid(visible=False)
    figure.colorbar(mesh, ax=middle, label=r"$\log_{10}$ of the error of the heat current", extend="both")
    for theory, label in ((Local(), "local"), (secular, "secular"), (Global(), "Global()"), (Redfield(), "Redfield()")):
        right.plot(hoppings, errors.sel(theory=repr(theory)).values, linestyle="none", label=label, markersize=5)
    for law in (local_law, secular_law):
        right.plot(hoppings, law, color="0.4", marker="none", linewidth=1, zorder=0)
    right.axvline(RATE, color="0.6", linestyle=":", marker="none")
    right.text(RATE, 2e1, r" $\lambda = \gamma$", color="0.4")
    right.set(
        xscale="log",
        yscale="log",
        ylim=(1e-5, 2e2),
        xlabel=r"hopping $\lambda/\omega$",
        ylabel="error of the heat current",
        title="resonance",
    )
    right.legend(loc="upper right")
    plt.show()

# %%
# The border of the hatched region on weak hopping is that of Levy and Kosloff, a detuning of 1 - 0.6/1.0 = 0.4:

weakest = plane.breaks_second_law.sel(theory="Local()").isel(hopping=0)
print("the second law is broken from a detuning of", plane.detuning.values[weakest.values > 0].min().round(3))
